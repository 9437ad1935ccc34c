//! Reads registers into a fleet.
//!
//! In: paths (or texts) of registers. Out: a [`Fleet`] in which every row is accounted for, or a
//! [`ReadError`] before anything else happens. Order of the result is the order of files and rows.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::columns::Columns;
use super::findings::{self, Finding};
use super::profile::Profiles;
use super::record;
use super::styles::FileContext;
use super::table::{self, FileError, Table};
use super::{Asset, Field, RowReference, SourceKind, identity};
use crate::units::{Cancelled, Currency, ExchangeRates, Month, Stage, Work, sha256};

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
    /// Headers of columns that are not read: of persons, left aside by a profile, or unknown.
    pub columns_unused: Vec<String>,
    /// Those among them that nothing knows.
    pub columns_unknown: Vec<String>,
    /// What was left aside or read with a doubt: lines above the header, sheets and members without a register.
    pub notes: Vec<String>,
}

impl FileSummary {
    /// The file's name, and the table's where the file holds several.
    pub fn label(&self) -> String {
        if self.table.is_empty() {
            self.path.display().to_string()
        } else {
            format!("{} [{}]", self.path.display(), self.table)
        }
    }
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
    /// Rows that are each like one of the assets, or of the rejects, which stands for them: a stream keeps one of a kind, with the
    /// quantity of all. None where every row was taken by itself, and joined.
    pub alike: Option<Alike>,
    /// Records under the headers of all files.
    pub rows_in: usize,
    /// What is wrong with the data.
    pub findings: Vec<Finding>,
    /// The registers.
    pub files: Vec<FileSummary>,
    /// Pairs of rows of which it is not certain whether they are one unit.
    pub review: Vec<identity::ReviewPair>,
}

/// Rows that others stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alike {
    /// Those that are assets.
    pub assets: usize,
    /// Those that are rejected.
    pub rejects: usize,
}

impl Fleet {
    /// Rows that became assets of their own.
    pub fn assets_in(&self) -> usize {
        self.assets.len() + self.alike.map_or(0, |alike| alike.assets)
    }

    /// Rows that are no assets.
    pub fn rejects_in(&self) -> usize {
        self.rejects.len() + self.alike.map_or(0, |alike| alike.rejects)
    }
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
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Reads files into one fleet.
pub fn read(paths: &[PathBuf], options: &ReadOptions) -> Result<Fleet, ReadError> {
    read_watched(paths, options, Work::unwatched())
}

/// Reads files into one fleet while somebody looks on.
///
/// # Errors
/// As [`read`], and [`ReadError::Cancelled`] when it is no longer wanted.
pub fn read_watched(paths: &[PathBuf], options: &ReadOptions, work: Work<'_>) -> Result<Fleet, ReadError> {
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        inputs.push((path.clone(), table::load(path)?));
    }
    read_inputs(inputs, options, work)
}

/// Reads one register that is already in memory.
pub fn read_text(name: &str, bytes: &[u8], options: &ReadOptions) -> Result<Fleet, ReadError> {
    read_text_watched(name, bytes, options, Work::unwatched())
}

/// Reads registers that are already in memory, each with its name, into one fleet.
pub fn read_bytes(files: Vec<(String, Vec<u8>)>, options: &ReadOptions) -> Result<Fleet, ReadError> {
    let inputs = files.into_iter().map(|(name, bytes)| (PathBuf::from(name), bytes)).collect();
    read_inputs(inputs, options, Work::unwatched())
}

/// Reads one register that is already in memory while somebody looks on.
///
/// # Errors
/// As [`read_text`], and [`ReadError::Cancelled`] when it is no longer wanted.
pub fn read_text_watched(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    work: Work<'_>,
) -> Result<Fleet, ReadError> {
    read_inputs(vec![(PathBuf::from(name), bytes.to_vec())], options, work)
}

fn read_inputs(
    inputs: Vec<(PathBuf, Vec<u8>)>,
    options: &ReadOptions,
    work: Work<'_>,
) -> Result<Fleet, ReadError> {
    let mut fleet = Fleet::default();
    let mut rows: Vec<Asset> = Vec::new();
    let mut row_findings: Vec<(usize, Vec<Finding>)> = Vec::new();
    for (path, bytes) in inputs {
        let size = bytes.len();
        let sha256 = sha256(&bytes);
        let mut contents =
            table::tables(&path, bytes, &|cells| header_score(&path, cells, &options.profiles))?;
        for table in std::mem::take(&mut contents.tables) {
            let columns = Columns::of_table(&path, &table, &options.profiles)?;
            let context = FileContext::new(fleet.files.len(), &table, &columns, options);
            let first_reject = fleet.rejects.len();
            rows.reserve(table.len());
            let stage = work.stage("reading rows", table.len());
            read_rows(&context, &table, &stage, |row, read| match read {
                Ok((asset, findings)) => {
                    if !findings.is_empty() {
                        row_findings.push((rows.len(), findings));
                    }
                    rows.push(asset);
                }
                Err(fault) => fleet.rejects.push(fault.at(row)),
            })?;
            drop(stage);
            let place = |line| RowReference { file: context.file, line };
            fleet.rejects.extend(table.irregular.iter().map(|irregular| irregular.at(place(irregular.line))));
            fleet.rejects[first_reject..].sort_by_key(|reject| reject.row.line);
            let rows_in = table.len() + table.irregular.len();
            fleet.rows_in += rows_in;
            fleet.findings.extend(context.findings(&path, &table));
            let (columns_used, columns_unused) = columns.describe();
            let mut notes = table.notes;
            notes.extend(contents.aside.drain(..).map(|part| format!("left aside: {part}")));
            fleet.files.push(FileSummary {
                path: path.clone(),
                table: table.origin,
                profile: columns.profile().name.clone(),
                kind: columns.profile().kind,
                sha256: sha256.clone(),
                bytes: size,
                rows: rows_in,
                columns_used,
                columns_unused,
                columns_unknown: columns.unknown(),
                notes,
            });
        }
    }
    let kinds: Vec<SourceKind> = fleet.files.iter().map(|file| file.kind).collect();
    let joined = identity::join(rows, &kinds, work)?;
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

/// How many of a record's cells name a known column, when it can be a header at all.
pub(super) fn header_score(path: &Path, cells: &[String], profiles: &Profiles) -> usize {
    Columns::from_headers(path, cells, profiles).map_or(0, |columns| columns.describe().0.len())
}

/// Rows of a table that one thread converts at a time.
const ROWS_AT_A_TIME: usize = 1024;

/// Rows that are converted before they are handed over: as many as keep the threads busy, and little memory.
const ROWS_BETWEEN: usize = 64 * ROWS_AT_A_TIME;

/// What a row became: an asset with its findings, or why it is none.
pub(super) type ReadRow = Result<(Asset, Vec<Finding>), record::Fault>;

/// Converts the rows of a table on all threads and hands them over in their order, whatever the number of threads.
pub(super) fn read_rows(
    context: &FileContext<'_>,
    table: &Table,
    stage: &Stage<'_>,
    mut take: impl FnMut(RowReference, ReadRow),
) -> Result<(), Cancelled> {
    for begin in (0..table.len()).step_by(ROWS_BETWEEN) {
        let end = table.len().min(begin + ROWS_BETWEEN);
        let starts: Vec<usize> = (begin..end).step_by(ROWS_AT_A_TIME).collect();
        let pieces: Vec<Vec<(RowReference, ReadRow)>> = starts
            .into_par_iter()
            .map(|start| {
                let last = end.min(start + ROWS_AT_A_TIME);
                stage.steps(last - start)?;
                Ok((start..last)
                    .map(|position| {
                        let row = table.row(position);
                        let reference = RowReference { file: context.file, line: row.line };
                        (reference, record::asset(context, row))
                    })
                    .collect())
            })
            .collect::<Result<_, Cancelled>>()?;
        for (reference, read) in pieces.into_iter().flatten() {
            take(reference, read);
        }
    }
    Ok(())
}

fn nothing_usable(fleet: &Fleet) -> ReadError {
    let first = fleet.rejects.first().map_or_else(String::new, |reject| {
        let path = fleet.files[reject.row.file].label();
        let column =
            if reject.column.is_empty() { String::new() } else { format!(", column {}", reject.column) };
        format!(
            "{path}, line {}{column}: `{}`: {} ({})",
            reject.row.line, reject.text, reject.reason, reject.remedy
        )
    });
    ReadError::NothingUsable { rows: fleet.rows_in, first }
}
