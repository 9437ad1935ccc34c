//! Reads registers into a fleet.
//!
//! In: paths (or texts) of registers. Out: a [`Fleet`] in which every row is accounted for, or a
//! [`ReadError`] before anything else happens. Order of the result is the order of files and rows.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::amounts::AmountStyle;
use super::columns::Columns;
use super::dates::{DateStyle, DateVotes};
use super::findings::{self, Finding, Severity};
use super::record::{self, AMOUNT_FIELDS, DATE_FIELDS, FileContext};
use super::table::{self, FileError, Table};
use super::{Asset, Field, RowReference, SourceKind, identity};
use crate::units::{Currency, ExchangeRates, Month};

/// What a reader must know that no register says.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Currency of amounts without sign or code.
    pub default_currency: Currency,
    /// Rates for every currency that may occur.
    pub rates: ExchangeRates,
    /// Month from which ages and sightings are judged.
    pub as_of: Month,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reject {
    /// Where it stands.
    pub row: RowReference,
    /// Header of the offending column; empty when it is the row as a whole.
    pub column: String,
    /// The offending text.
    pub text: String,
    /// What is wrong.
    pub reason: String,
    /// What would make it right.
    pub remedy: String,
}

/// One register as it was read: a file, or one table of a file that holds several.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSummary {
    /// The file as named by the user.
    pub path: PathBuf,
    /// Which table of the file: a sheet or an archive's member; empty when the file is one table.
    pub table: String,
    /// What kind of system wrote it.
    pub kind: SourceKind,
    /// SHA-256 of the file's bytes, hexadecimal.
    pub sha256: String,
    /// Size of the file, bytes.
    pub bytes: usize,
    /// Records under the header.
    pub rows: usize,
    /// Header → field for the columns used.
    pub columns_used: Vec<(String, Field)>,
    /// Headers that mean nothing to residua and were left aside.
    pub columns_unused: Vec<String>,
}

/// Everything read from the registers.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// One entry a unit (or a record of several units).
    pub assets: Vec<Asset>,
    /// Rows that are not assets.
    pub rejects: Vec<Reject>,
    /// Rows that told of a unit another row had already told of.
    pub rows_merged: usize,
    /// Records under the headers of all files.
    pub rows_in: usize,
    /// What is wrong with the data.
    pub findings: Vec<Finding>,
    /// The registers.
    pub files: Vec<FileSummary>,
    /// Pairs of rows of which it is not certain whether they are one unit.
    pub review: Vec<identity::ReviewPair>,
}

/// A register that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// Rows there are, but none is usable.
    #[error("none of the {rows} rows can be used; the first: {first}")]
    NothingUsable {
        /// Rows read.
        rows: usize,
        /// Place, reason and remedy of the first reject.
        first: String,
    },
}

/// Reads files into one fleet.
pub fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Fleet, ReadError> {
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        inputs.push((path.clone(), table::load(path)?));
    }
    read_inputs(inputs, options)
}

/// Reads one register that is already in memory.
pub fn read_text(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Fleet, ReadError> {
    read_inputs(vec![(PathBuf::from(name), bytes.to_vec())], options)
}

fn read_inputs(inputs: Vec<(PathBuf, Vec<u8>)>, options: &ReadOptions) -> Result<Fleet, ReadError> {
    let mut fleet = Fleet::default();
    let mut rows: Vec<Asset> = Vec::new();
    let mut row_findings: Vec<(usize, Vec<Finding>)> = Vec::new();
    for (path, bytes) in inputs {
        let sha256 = hexadecimal(&Sha256::digest(&bytes));
        let size = bytes.len();
        let tables = table::tables(&path, &bytes)?;
        drop(bytes);
        for table in tables {
            let columns = Columns::from_headers(&path, &table.headers)?;
            let context = context(fleet.files.len(), &table, &columns, options);
            for row in table.rows() {
                match record::asset(&context, row) {
                    Ok((asset, findings)) => {
                        if !findings.is_empty() {
                            row_findings.push((rows.len(), findings));
                        }
                        rows.push(asset);
                    }
                    Err(fault) => fleet.rejects.push(Reject {
                        row: RowReference { file: context.file, line: row.line },
                        column: fault.column,
                        text: fault.text,
                        reason: fault.reason,
                        remedy: fault.remedy,
                    }),
                }
            }
            fleet.rows_in += table.len();
            fleet.findings.extend(file_findings(&path, &table, &columns, options));
            let (columns_used, columns_unused) = columns.describe();
            fleet.files.push(FileSummary {
                path: path.clone(),
                table: table.origin.clone(),
                kind: SourceKind::Unknown,
                sha256: sha256.clone(),
                bytes: size,
                rows: table.len(),
                columns_used,
                columns_unused,
            });
        }
    }
    let kinds: Vec<SourceKind> = fleet.files.iter().map(|file| file.kind).collect();
    let joined = identity::join(rows, &kinds);
    fleet.review = joined.review;
    fleet.rows_merged = joined.merged;
    for (row, findings) in row_findings {
        let asset = &joined.assets[joined.became[row]];
        fleet.findings.extend(
            findings.into_iter().map(|finding| Finding { asset_id: Some(asset.id.clone()), ..finding }),
        );
    }
    fleet.findings.extend(joined.findings);
    fleet.findings.extend(findings::check(&joined.assets, options.as_of));
    fleet.assets = joined.assets;
    if fleet.assets.is_empty() {
        return Err(nothing_usable(&fleet));
    }
    Ok(fleet)
}

/// Reads the style of every date and amount column.
fn context<'a>(
    file: usize,
    table: &Table,
    columns: &'a Columns,
    options: &'a ReadOptions,
) -> FileContext<'a> {
    let cells = |position: usize| table.column(position);
    let positions = |fields: &[Field]| -> Vec<usize> {
        fields.iter().flat_map(|field| columns.of(*field).iter().copied()).collect()
    };
    let date_positions = positions(&DATE_FIELDS);
    let amount_positions = positions(&AMOUNT_FIELDS);
    let votes: Vec<DateVotes> =
        date_positions.iter().map(|position| DateVotes::of_column(cells(*position))).collect();
    let all_votes = votes.iter().fold(DateVotes::default(), |sum, votes| sum.plus(*votes));
    let amounts: Vec<AmountStyle> =
        amount_positions.iter().map(|position| AmountStyle::of_column(cells(*position))).collect();
    let comma_locale =
        table.delimiter == ';' || amounts.iter().any(|style| style.decided && style.comma_decimal);
    let dollars = amount_positions.iter().any(|position| cells(*position).any(|cell| cell.starts_with('$')));
    let file_style = amounts.iter().copied().find(|style| style.decided).unwrap_or_default();
    FileContext {
        file,
        columns,
        dates: date_positions
            .into_iter()
            .zip(votes)
            .map(|(position, votes)| (position, DateStyle::decide(votes, all_votes, comma_locale, dollars)))
            .collect(),
        amounts: amount_positions
            .into_iter()
            .zip(amounts)
            .map(|(position, style)| (position, if style.decided { style } else { file_style }))
            .collect(),
        load_in_percent: columns
            .of(Field::Utilization)
            .iter()
            .copied()
            .filter(|position| {
                cells(*position)
                    .any(|cell| cell.replace(',', ".").parse::<f64>().is_ok_and(|load| load > 1.0))
            })
            .collect(),
        default_currency: options.default_currency,
        rates: &options.rates,
    }
}

/// What is wrong with a file as a whole.
fn file_findings(path: &Path, table: &Table, columns: &Columns, options: &ReadOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    if table.len() == 10_000 {
        findings.push(Finding::about_many(
            "DQ-27",
            Severity::Warns,
            table.len(),
            format!("{} has exactly 10,000 rows, a common export limit: it may be cut off", path.display()),
            "raise the export limit and export again",
        ));
    }
    let signed = |cell: &str| cell.contains(['$', '€', '£']);
    let costs = columns.of(Field::PurchaseCost);
    let unsigned = table
        .rows()
        .filter(|row| {
            let cost = costs
                .iter()
                .filter_map(|position| Some((*position, row.get(*position)?)))
                .find(|(_, cell)| !cell.is_empty());
            cost.is_some_and(|(position, cell)| !signed(cell) && columns.currency(position).is_none())
        })
        .count();
    if unsigned > 0 && !columns.has(Field::Currency) {
        findings.push(Finding::about_many(
            "DQ-26",
            Severity::Warns,
            unsigned,
            format!(
                "{}: {unsigned} costs name no currency; read as {}",
                path.display(),
                options.default_currency
            ),
            "add a currency column, or set `currency` in the policy",
        ));
    }
    findings
}

fn nothing_usable(fleet: &Fleet) -> ReadError {
    let first = fleet.rejects.first().map_or_else(String::new, |reject| {
        let path = fleet.files[reject.row.file].path.display();
        let column =
            if reject.column.is_empty() { String::new() } else { format!(", column {}", reject.column) };
        format!(
            "{path}, line {}{column}: `{}`: {} ({})",
            reject.row.line, reject.text, reject.reason, reject.remedy
        )
    });
    ReadError::NothingUsable { rows: fleet.rows_in, first }
}

/// Bytes as hexadecimal digits.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
