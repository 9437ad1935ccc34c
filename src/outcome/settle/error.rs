//! Why a settlement cannot be settled at all.

use std::path::PathBuf;

use crate::fleet::FileError;

/// A run that fails before anything is written.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its columns are not those of a settlement.
    #[error(
        "{path}: no settlement: its columns are {found}; wanted are a price or net (Gross Sale Price, Net To Client) and a serial \
         number, tag, model or line; --profile adds names of columns (data/profiles/settlement-lines.toml shows the form)"
    )]
    NoSettlement {
        /// The file.
        path: PathBuf,
        /// The headers found.
        found: String,
    },
    /// No row of it can be used.
    #[error("{path}: none of the {rows} rows can be used; the first: {first}")]
    NothingUsable {
        /// The file.
        path: PathBuf,
        /// Rows read.
        rows: usize,
        /// Place, reason and remedy of the first reject.
        first: String,
    },
    /// Its columns are not those of an erasure report.
    #[error(
        "{path}: no erasure report: its columns are {found}; wanted are the system's serial number and the state of the drive \
         (System Serial, State)"
    )]
    NoErasureReport {
        /// The file.
        path: PathBuf,
        /// The headers found.
        found: String,
    },
    /// A list of column names that cannot be used.
    #[error("profile {path}: {reason}")]
    Profile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Nothing was handed over.
    #[error("{path} lists nothing that was handed over: nothing can be matched")]
    NothingHandedOver {
        /// The request or the ledger.
        path: PathBuf,
    },
    /// The list of what was handed over cannot be read.
    #[error("{path}: {reason}: give the JSON list of what was handed over, as `residua handoff` writes it")]
    NoRequest {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// Terms that make none.
    #[error(
        "terms `{text}`: {reason}: write for example `65% before` or `0.65 after`, by where the fees come off"
    )]
    Terms {
        /// As written.
        text: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// An agreed fee that is none.
    #[error("fee `{0}`: write its name and its most for one unit, for example `wipe=4.00`")]
    Fee(String),
}
