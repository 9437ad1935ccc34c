//! What can go wrong with a ledger, and what to do about it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::ErrorCode;

use super::rows::StrangeWord;
use crate::units::Cancelled;

/// A ledger that cannot be opened, read or written. Whatever was not acknowledged was not filed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is nothing at its place.
    #[error(
        "{path}: there is no ledger here; name the one that was written, or begin one with `residua plan REGISTER \
         --ledger {path}`"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Some other file or database.
    #[error("{path} is not a ledger of residua: name another file, or one that does not exist yet")]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// Its pages contradict each other.
    #[error(
        "{path} is damaged ({message}): restore a copy, or save what is left with `sqlite3 {path} .recover`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's word.
        message: String,
    },
    /// A later program wrote it.
    #[error(
        "{path} has version {found}, this program knows version {known}: use the program that wrote it, or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The last version this program knows.
        known: u32,
    },
    /// Another process kept it for too long.
    #[error(
        "{path} is busy: another process has been writing to it for {waited_s} seconds; run this again when it is done"
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// Seconds waited.
        waited_s: u64,
    },
    /// No room is left.
    #[error("{path}: the disk is full; nothing of this was filed; make room and run it again")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let it be written.
    #[error("{path} cannot be written ({message}): check the rights on the file and its directory")]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// The system's word.
        message: String,
    },
    /// What was to be filed contradicts what stands there, or itself.
    #[error("{path}: {what}; nothing of this was filed; {remedy}")]
    Contradicts {
        /// The file.
        path: PathBuf,
        /// What contradicts what.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A stored value that this program cannot read.
    #[error(
        "{path}, column {column}: `{text}` means nothing here; the ledger was changed by something else: restore a copy"
    )]
    Garbled {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// What stands there.
        text: String,
    },
    /// Anything else SQLite says.
    #[error("{path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's word.
        source: rusqlite::Error,
    },
    /// Nobody wants it any more; nothing of it was filed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// How long a write waits for another process.
pub(super) const WAIT: Duration = Duration::from_secs(30);

impl LedgerError {
    /// What SQLite says, in the words of a person who can do something about it.
    pub(super) fn of(path: &Path, source: rusqlite::Error) -> LedgerError {
        let path = path.to_owned();
        if let rusqlite::Error::FromSqlConversionFailure(_, _, cause) = &source
            && let Some(strange) = cause.downcast_ref::<StrangeWord>()
        {
            return LedgerError::Garbled { path, column: strange.column.clone(), text: strange.text.clone() };
        }
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => LedgerError::NotALedger { path },
            Some(ErrorCode::DatabaseCorrupt) => LedgerError::Damaged { path, message: source.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                LedgerError::Busy { path, waited_s: WAIT.as_secs() }
            }
            Some(ErrorCode::DiskFull) => LedgerError::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                LedgerError::ReadOnly { path, message: source.to_string() }
            }
            Some(ErrorCode::ConstraintViolation) => LedgerError::Contradicts {
                path,
                what: source.to_string(),
                remedy: "quantities are whole and positive, amounts are finite numbers, and what is settled was handed \
                         over before",
            },
            _ => LedgerError::Database { path, source },
        }
    }
}
