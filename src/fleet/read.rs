//! Reads registers into a fleet.
//!
//! In: paths (or texts) of registers. Out: a [`Fleet`] in which every row is accounted for, or a
//! [`ReadError`] before anything else happens. Order of the result is the order of files and rows.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::columns::Columns;
use super::findings::{self, Finding};
use super::profile::Profiles;
use super::record;
use super::styles::FileContext;
use super::table::{self, FileError};
use super::{Asset, Field, RowReference, SourceKind, join};
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
    /// How each system writes its exports.
    pub profiles: Profiles,
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
    /// The profile it was read by; `generic` when none fits.
    pub profile: String,
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
            let columns = Columns::of_table(&path, &table, &options.profiles)?;
            let context = FileContext::new(fleet.files.len(), &table, &columns, options);
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
            fleet.findings.extend(context.findings(&path, &table));
            let (columns_used, columns_unused) = columns.describe();
            fleet.files.push(FileSummary {
                path: path.clone(),
                table: table.origin.clone(),
                profile: columns.profile().name.clone(),
                kind: columns.profile().kind,
                sha256: sha256.clone(),
                bytes: size,
                rows: table.len(),
                columns_used,
                columns_unused,
            });
        }
    }
    let joined = join::join(rows);
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
