//! Why a file cannot be read as a register at all.

use std::path::PathBuf;

/// A file that cannot be read as a register at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system would not give its bytes.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A folder was named.
    #[error("{path} is a directory: name the register file inside it")]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing in it.
    #[error("{path} is empty: export the register again, with a header line and one line an asset")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is some known format that is not a text table.
    #[error("{path} is {format}, not a text table: save or export it as CSV and give that file")]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        format: &'static str,
    },
    /// It has zero bytes where text has none.
    #[error(
        "{path} is binary (a zero byte at offset {offset}): export the register as CSV and give that file"
    )]
    Binary {
        /// The file.
        path: PathBuf,
        /// Where the first zero byte is.
        offset: usize,
    },
    /// A header and nothing under it.
    #[error("{path} has a header and no rows: the export is empty; check its filter and export again")]
    HeaderOnly {
        /// The file.
        path: PathBuf,
    },
    /// No header names a column that is known.
    #[error(
        "{path}, line 1: none of the columns is known ({found}); a register needs at least one of: {wanted}"
    )]
    NoKnownColumn {
        /// The file.
        path: PathBuf,
        /// The headers found.
        found: String,
        /// What would do.
        wanted: &'static str,
    },
    /// The table reader gave up.
    #[error("{path}: {source}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: csv::Error,
    },
}
