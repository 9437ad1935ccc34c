//! Why a register cannot be read row by row.
//!
//! In: what was found. Out: an [`AlikeError`] that says where and what to do instead.

use std::path::PathBuf;

use super::super::table::FileError;
use crate::units::Cancelled;

/// A register that cannot be read row by row.
#[derive(Debug, thiserror::Error)]
pub enum AlikeError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard input comes once.
    #[error(
        "a stream looks at the first rows of its register before it reads it, and standard input comes only once: name a file"
    )]
    StandardInput,
    /// A workbook, an archive, a list.
    #[error(
        "{path}: only text (CSV), gzip or zstd of it, and Parquet can be streamed: `residua convert {path}` writes it as CSV"
    )]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{path}, line {line}: not UTF-8; a stream cannot tell in which encoding the rest is: convert it to UTF-8"
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The first line of the block.
        line: u64,
    },
    /// A record that goes on and on.
    #[error(
        "{path}: the record that begins at line {line} is longer than a megabyte: look for a quote that is never closed"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its first line.
        line: u64,
    },
    /// A record that is several rows.
    #[error(
        "{path}, line {line}: a quote is never closed: mend it, or plan without --stream, which reads round it"
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Its first line.
        line: u64,
    },
    /// The first rows do not show how the others are written.
    #[error(
        "{path}: the column `{header}` is another thing in the first rows than in the others: plan without --stream"
    )]
    Unlike {
        /// The file.
        path: PathBuf,
        /// Its header.
        header: String,
    },
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
