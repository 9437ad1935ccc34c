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
    /// It is some known format that is not a register.
    #[error(
        "{path} is {format}, not a table that is read: save or export it as CSV or XLSX and give that file"
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        format: &'static str,
    },
    /// It is Parquet, and this program was built without.
    #[cfg(not(feature = "parquet"))]
    #[error(
        "{path} is Parquet, which this program was built without: build it with `cargo install --path . --features parquet`, \
         or save the register as CSV"
    )]
    NoParquet {
        /// The file.
        path: PathBuf,
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
    /// It holds tables, and none is a register.
    #[error(
        "{path} holds no register: {found}; a register needs a header with at least one of: asset_id, serial, model, name"
    )]
    NoRegister {
        /// The file.
        path: PathBuf,
        /// Its parts and why each is none.
        found: String,
    },
    /// Its bytes do not keep to its format.
    #[error("{path} is a damaged {format} ({detail}): export or download it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should be.
        format: &'static str,
        /// What the reader of that format says.
        detail: String,
    },
    /// It asks for a password.
    #[error("{path} is encrypted: remove the password (save a copy without one) and give that file")]
    Encrypted {
        /// The file.
        path: PathBuf,
    },
    /// Hardly a row of it stands under its header.
    #[error(
        "{path} is no table: {misfits} of its first {rows} rows (to line {line}) have not the {wanted} cells of the header; \
         a quote may never be closed: quote cells that hold the delimiter or a line break, and export again"
    )]
    NoTable {
        /// The file.
        path: PathBuf,
        /// Rows with more or fewer cells than the header.
        misfits: usize,
        /// Rows read so far.
        rows: usize,
        /// Cells of the header.
        wanted: usize,
        /// The line at which reading stopped.
        line: u64,
    },
    /// It holds more than a register does.
    #[error("{path} is too large: {what}; export fewer columns or rows, or split it")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Which limit it breaks.
        what: String,
    },
    /// An archive inside an archive.
    #[error("{path}: `{member}` is an archive inside an archive: unpack it and give the register inside")]
    NestedArchive {
        /// The file.
        path: PathBuf,
        /// The inner archive.
        member: String,
    },
}

impl FileError {
    /// Whether the file is another thing than a register, sound though it may be.
    pub(super) fn is_about_the_format(&self) -> bool {
        matches!(
            self,
            FileError::Empty { .. }
                | FileError::OtherFormat { .. }
                | FileError::Binary { .. }
                | FileError::HeaderOnly { .. }
                | FileError::NoKnownColumn { .. }
                | FileError::NoRegister { .. }
        )
    }

    /// The same in a few words, for a list.
    pub(super) fn in_short(&self) -> &'static str {
        match self {
            FileError::Empty { .. } => "empty",
            FileError::OtherFormat { format, .. } => format,
            FileError::Binary { .. } => "binary",
            FileError::HeaderOnly { .. } => "no rows",
            _ => "no known column",
        }
    }
}
