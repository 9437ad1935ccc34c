//! A plan of a register of any size, in memory that does not grow with it.
//!
//! In: one register as CSV, plain or packed, or Parquet; how it is planned; a directory. Out: files of a plan: `plan.csv` (or
//! `plan.parquet`) in fewer columns and `rejects.csv`, written row by row, and what speaks of the whole fleet. First the rows are
//! counted by kind ([`count`]; `fleet::alike` says what a kind is), and kind, line and name of each are entered in a [`roll`].
//! One row of each kind, with the quantity of all, is a fleet like any other, and is planned as one: cohorts, the depth of
//! markets, the capacity of sites and the schedule see every unit. Then each row of the roll is given what its cohort does
//! ([`answers`]), those of a cohort that leaves in several months one after the other in the order of the register, as in any
//! plan; and written in order ([`write`](mod@write)).
//!
//! What every row is worth, without what to do, is said in the same way by [`value`](mod@value).
//!
//! Rows are taken as they stand: none is joined with another, no name is looked for twice, and nothing says what is wrong with
//! the data but the rejects.

mod answers;
#[cfg(feature = "parquet")]
mod columns;
mod count;
mod roll;
mod value;
mod waves;
mod write;

pub use value::value;

use std::path::{Path, PathBuf};

use crate::decide::{self, Plan, PlanError, Setting};
use crate::fleet::alike::{Kind, Kinds, Register};
use crate::fleet::{Alike, AlikeError, Fleet, Reject, RowReference};
use crate::report::{self, WriteError};
use crate::units::{Cancelled, Work};
use answers::Answers;
use count::Counted;
use roll::Roll;

/// Files that are written row by row; one of the first two.
const BY_ROW: [&str; 3] = ["plan.csv", "plan.parquet", "rejects.csv"];

/// What the plan of the rows is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanForm {
    /// `plan.csv`.
    Csv,
    /// `plan.parquet`.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// A register that could not be planned as a stream. Nothing is left at the output's place.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The register.
    #[error(transparent)]
    Register(#[from] AlikeError),
    /// No row is an asset.
    #[error("none of the {rows} rows can be used; the first: {first}")]
    NothingUsable {
        /// Rows read.
        rows: usize,
        /// Reason and remedy of the first reject.
        first: String,
    },
    /// Rows differ so much that there is nothing to share.
    #[error(
        "{path}: more than {most} kinds of rows, which a stream would have to hold: leave out columns that differ from \
         row to row and say nothing of the worth, or plan it in parts"
    )]
    TooManyKinds {
        /// The file.
        path: PathBuf,
        /// How many there may be.
        most: usize,
    },
    /// More units than can be counted.
    #[error("{path}, line {line}: more units of one kind than can be counted")]
    TooManyUnits {
        /// The file.
        path: PathBuf,
        /// A row of the kind.
        line: u64,
    },
    /// The plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Writing them.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What was made of a stream.
#[derive(Debug)]
pub struct Streamed {
    /// One asset of each kind, with the quantity of all.
    pub fleet: Fleet,
    /// What is to be done.
    pub plan: Plan,
    /// Files that were written.
    pub files: usize,
}

/// Plans a register and writes the files of the plan into a directory.
pub fn plan(
    setting: &Setting,
    register: &Path,
    form: PlanForm,
    directory: &Path,
    work: Work<'_>,
) -> Result<Streamed, StreamError> {
    let register = Register::open(register, setting.read_options())?;
    let names = report::STREAM_FILES.iter().chain(&BY_ROW).copied();
    report::make_directory(directory, names, |into| {
        let mut roll = Roll::create(into)?;
        let (fleet, outcomes) = fleet_of(&register, &mut roll, work)?;
        let mut plan = decide::plan_watched(&setting.plan_input(&fleet), work)?;
        // They would count one row of each kind.
        plan.findings.clear();
        let answers = Answers::of(&plan, &fleet, &setting.catalog, outcomes, form);
        write::rows(&register.path().display().to_string(), &roll, &answers, form, into, work)?;
        roll.remove()?;
        let files = report::stream_files(setting, &fleet, &plan);
        let count = files.len() + 2;
        Ok((files, Streamed { fleet, plan, files: count }))
    })
}

/// What becomes of the rows of a kind.
#[derive(Debug)]
enum Outcome {
    /// They are assets, of which this is the first: its position in the fleet, and the quantity of each row.
    Asset { position: usize, quantity: u32 },
    /// They are refused; the place is that of the first.
    Reject(Reject),
    /// They are blank.
    Nothing,
}

/// Enters the rows of a register in the roll. Out: one asset of each kind with the quantity of all, and what becomes of each kind.
fn fleet_of(
    register: &Register,
    roll: &mut Roll,
    work: Work<'_>,
) -> Result<(Fleet, Vec<Outcome>), StreamError> {
    let counted = count::count(register, roll, work)?;
    let kinds = register.kinds(counted.kinds.iter().map(|kind| &*kind.record), work)?;
    fleet(register, &counted, kinds)
}

fn fleet(register: &Register, counted: &Counted, kinds: Kinds) -> Result<(Fleet, Vec<Outcome>), StreamError> {
    let mut fleet = Fleet::default();
    let mut beyond = Alike::default();
    let mut outcomes = Vec::with_capacity(kinds.kinds.len());
    for (kind, rows) in kinds.kinds.into_iter().zip(&counted.kinds) {
        let row = RowReference { file: 0, line: rows.line };
        let alike = rows.rows as usize - 1;
        if kind != Kind::Nothing {
            fleet.rows_in += rows.rows as usize;
        }
        outcomes.push(match kind {
            Kind::Asset(mut asset) => {
                let too_many =
                    || StreamError::TooManyUnits { path: register.path().to_owned(), line: rows.line };
                let quantity = asset.quantity;
                let all = u32::try_from(rows.rows).ok().and_then(|rows| quantity.checked_mul(rows));
                asset.quantity = all.ok_or_else(too_many)?;
                asset.id.clone_from(&rows.name);
                asset.rows = vec![row];
                fleet.assets.push(*asset);
                beyond.assets += alike;
                Outcome::Asset { position: fleet.assets.len() - 1, quantity }
            }
            Kind::Reject(reject) => {
                let reject = Reject { row, ..reject };
                fleet.rejects.push(reject.clone());
                beyond.rejects += alike;
                Outcome::Reject(reject)
            }
            Kind::Nothing => Outcome::Nothing,
        });
    }
    if fleet.assets.is_empty() {
        let told =
            |reject: &Reject| format!("line {}: {} ({})", reject.row.line, reject.reason, reject.remedy);
        let first = fleet.rejects.first().map_or_else(String::new, told);
        return Err(StreamError::NothingUsable { rows: fleet.rows_in, first });
    }
    fleet.alike = Some(beyond);
    let mut file = kinds.file;
    file.rows = fleet.rows_in;
    file.bytes = counted.bytes as usize;
    file.sha256.clone_from(&counted.sha256);
    fleet.files = vec![file];
    Ok((fleet, outcomes))
}
