//! One row of each kind as a fleet, and what its plan answers every row of the kind.
//!
//! In: how many rows of each kind there are. Out: a [`Fleet`] of one asset a kind with the quantity of all; and, by its plan, a
//! table with one row a kind, which the cluster joins with its rows.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::errors::ParquetError;
use rayon::prelude::*;
use residua::decide::{Plan, Setting};
use residua::fleet::{Alike, Asset, FileError, FileSummary, Fleet, ReadError, RowReference};
use residua::report::{self, Cell, Table};

use crate::places;
use crate::score::{ScoreError, Scorer, hundredths_of, money};
use crate::setting::SettingError;

/// Columns of `plan.csv` that rows of a kind share, behind the number of their cohort.
pub const PLACED: [&str; 21] = [
    "cohort",
    "class",
    "product",
    "site",
    "status",
    "quantity",
    "basis",
    "action",
    "route",
    "month",
    "window_start",
    "window_end",
    "currency",
    "value_now_mean",
    "value_now_p10",
    "value_now_p50",
    "value_now_p90",
    "recovery_mean",
    "recovery_p10",
    "recovery_p50",
    "recovery_p90",
];

/// Kinds that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// The setting.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The columns.
    #[error(transparent)]
    Columns(#[from] ScoreError),
    /// A kind that cannot be read at all.
    #[error("the row `{kind}` cannot be read: {source}")]
    Read {
        /// The row.
        kind: String,
        /// Why.
        source: ReadError,
    },
    /// No row is an asset.
    #[error("none of the {rows} rows can be used; the first: {first}")]
    NothingUsable {
        /// Rows.
        rows: u64,
        /// Why the first cannot.
        first: String,
    },
    /// More units than can be counted.
    #[error("more units like {name} than can be counted")]
    TooManyUnits {
        /// The first of them.
        name: String,
    },
    /// The table of answers.
    #[error(transparent)]
    Arrow(#[from] ArrowError),
    /// The file of answers.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// The file of answers.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Rows of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The kind.
    pub kind: String,
    /// The first name among them.
    pub first: String,
    /// How many there are.
    pub rows: u64,
}

/// What becomes of the rows of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// They are assets, of which this is the first: its position in the fleet, and the quantity of each row.
    Asset {
        /// Position in the fleet.
        position: usize,
        /// Units of one row.
        quantity: u32,
    },
    /// They are refused, for this reason.
    Reject(String),
    /// They are blank.
    Nothing,
}

/// What reading a kind brought.
enum Read {
    Asset(Box<Asset>, FileSummary),
    Reject(String),
    Nothing,
}

/// One asset of each kind with the quantity of all, in the order of the kinds, and what becomes of each.
///
/// # Errors
/// When none of them is an asset, or one cannot be read at all.
pub fn fleet(
    scorer: &Scorer,
    header: &str,
    counted: &[Counted],
    location: &str,
) -> Result<(Fleet, Vec<Outcome>), AnswersError> {
    let read: Vec<Read> =
        counted.par_iter().map(|kind| read(scorer, header, &kind.kind)).collect::<Result<_, _>>()?;
    let (mut fleet, mut beyond) = (Fleet::default(), Alike::default());
    let mut outcomes = Vec::with_capacity(counted.len());
    for (number, (read, rows)) in read.into_iter().zip(counted).enumerate() {
        let alike = rows.rows as usize - 1;
        outcomes.push(match read {
            Read::Asset(mut asset, file) => {
                let quantity = asset.quantity;
                let all = u32::try_from(rows.rows).ok().and_then(|rows| quantity.checked_mul(rows));
                let too_many = || AnswersError::TooManyUnits { name: rows.first.clone() };
                asset.quantity = all.ok_or_else(too_many)?;
                asset.id =
                    if rows.first.is_empty() { format!("kind {}", number + 1) } else { rows.first.clone() };
                asset.rows = vec![RowReference { file: 0, line: number as u64 + 2 }];
                if fleet.files.is_empty() {
                    fleet.files.push(file);
                }
                fleet.assets.push(*asset);
                fleet.rows_in += rows.rows as usize;
                beyond.assets += alike;
                Outcome::Asset { position: fleet.assets.len() - 1, quantity }
            }
            Read::Reject(reason) => {
                fleet.rows_in += rows.rows as usize;
                beyond.rejects += alike + 1;
                Outcome::Reject(reason)
            }
            Read::Nothing => Outcome::Nothing,
        });
    }
    let Some(file) = fleet.files.first_mut() else { return Err(nothing_usable(counted, &outcomes)) };
    file.path = PathBuf::from(location);
    file.rows = fleet.rows_in;
    // The file that was read for it was a row of one kind.
    (file.sha256, file.bytes) = (String::new(), 0);
    fleet.alike = Some(beyond);
    Ok((fleet, outcomes))
}

fn read(scorer: &Scorer, header: &str, kind: &str) -> Result<Read, AnswersError> {
    match scorer.fleet_of_kind(header, kind) {
        Ok(mut fleet) => Ok(Read::Asset(Box::new(fleet.assets.swap_remove(0)), fleet.files.swap_remove(0))),
        Err(ReadError::NothingUsable { first, .. }) => {
            Ok(Read::Reject(first.strip_prefix("row, line 2, ").unwrap_or(&first).to_owned()))
        }
        Err(ReadError::File(FileError::HeaderOnly { .. })) => Ok(Read::Nothing),
        Err(source) => Err(AnswersError::Read { kind: kind.to_owned(), source }),
    }
}

fn nothing_usable(counted: &[Counted], outcomes: &[Outcome]) -> AnswersError {
    let reason = |outcome: &Outcome| match outcome {
        Outcome::Reject(reason) => Some(reason.clone()),
        Outcome::Asset { .. } | Outcome::Nothing => None,
    };
    AnswersError::NothingUsable {
        rows: counted.iter().map(|kind| kind.rows).sum(),
        first: outcomes.iter().find_map(reason).unwrap_or_default(),
    }
}

/// What every kind is answered: one row a kind, with the columns [`PLACED`], where its cohort leaves in several months the
/// `places` of its units, else the `whole_month`, and for those that are refused the `reason`.
///
/// # Errors
/// When the columns do not fit together.
pub fn table(
    plan: &Plan,
    fleet: &Fleet,
    setting: &Setting,
    counted: &[Counted],
    outcomes: &[Outcome],
) -> Result<RecordBatch, AnswersError> {
    let cells = report::plan_table(plan, fleet, &setting.catalog);
    let position = |outcome: &Outcome| match outcome {
        Outcome::Asset { position, .. } => Some(*position),
        Outcome::Reject(_) | Outcome::Nothing => None,
    };
    let positions: Vec<Option<usize>> = outcomes.iter().map(position).collect();
    let kinds: StringArray = counted.iter().map(|kind| Some(kind.kind.as_str())).collect();
    let rows: Int64Array = counted.iter().map(|kind| Some(kind.rows as i64)).collect();
    let reasons = outcomes.iter().map(|outcome| match outcome {
        Outcome::Reject(reason) => Some(reason.as_str()),
        Outcome::Asset { .. } | Outcome::Nothing => None,
    });
    let placements = |position: &Option<usize>| {
        let placements = plan.schedule.of_cohort(plan.cohort_of[(*position)?]);
        Some((places::written(placements), placements.len()))
    };
    let placed: Vec<Option<(String, usize)>> = positions.iter().map(placements).collect();
    let several = placed.iter().map(|placed| placed.as_ref().filter(|(_, months)| *months > 1));
    let places: StringArray = several.map(|placed| placed.map(|(places, _)| places.as_str())).collect();
    let single = placed.iter().map(|placed| placed.as_ref().filter(|(_, months)| *months == 1));
    let months: StringArray = single
        .map(|placed| placed.and_then(|(places, _)| places.split_once(' ')).map(|(_, month)| month))
        .collect();
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("kind", Arc::new(kinds)),
        ("rows", Arc::new(rows)),
        ("reason", Arc::new(reasons.collect::<StringArray>())),
        ("places", Arc::new(places)),
        ("whole_month", Arc::new(months)),
    ];
    for name in PLACED {
        columns.push((name, placed_column(name, plan, &cells, &positions, outcomes)?));
    }
    Ok(RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )?)
}

fn placed_column(
    name: &str,
    plan: &Plan,
    cells: &Table,
    positions: &[Option<usize>],
    outcomes: &[Outcome],
) -> Result<ArrayRef, ArrowError> {
    let column = cells.columns.iter().position(|own| own == name);
    let text = |position: &Option<usize>| match &cells.rows[(*position)?][column?] {
        Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) => Some(text.as_str()),
    };
    Ok(match name {
        "cohort" => {
            let cohort = |position: &Option<usize>| Some(plan.cohort_of[(*position)?] as i64 + 1);
            Arc::new(positions.iter().map(cohort).collect::<Int64Array>())
        }
        "quantity" => {
            let quantity = |outcome: &Outcome| match outcome {
                Outcome::Asset { quantity, .. } => Some(i64::from(*quantity)),
                Outcome::Reject(_) | Outcome::Nothing => None,
            };
            Arc::new(outcomes.iter().map(quantity).collect::<Int64Array>())
        }
        name if name.starts_with("value_now") || name.starts_with("recovery") => {
            money(positions.iter().map(|position| text(position).and_then(hundredths_of)))?
        }
        _ => Arc::new(positions.iter().map(text).collect::<StringArray>()),
    })
}

/// Writes a table as one Parquet file.
///
/// # Errors
/// When it cannot be written.
pub fn write_parquet(table: &RecordBatch, path: &Path) -> Result<(), AnswersError> {
    let unwritable = |source| AnswersError::Unwritable { path: path.to_owned(), source };
    let file = File::create(path).map_err(unwritable)?;
    let mut writer = ArrowWriter::try_new(file, table.schema(), None)?;
    writer.write(table)?;
    writer.close()?;
    Ok(())
}
