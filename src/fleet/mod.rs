//! What is owned: registers as other systems export them, read into canonical assets.
//!
//! In: bytes of CSV files in any dialect, language and date style ([`table`], [`columns`], [`dates`],
//! [`amounts`], [`words`]). Out: a [`Fleet`]: assets with the rows they came from, rejected rows with the reason and the
//! remedy, rows merged into others, and findings about the data. Always
//! `rows in = assets + rejects + rows merged`.

mod amounts;
mod asset;
mod columns;
mod dates;
mod findings;
mod identity;
mod notes;
mod read;
mod record;
mod source;
mod table;
mod words;

pub use asset::{Asset, Conflict, Field, Grade, Ownership, RegisterDate, RowReference, Status};
pub use findings::{Finding, Severity};
pub use identity::ReviewPair;
pub use read::{FileSummary, Fleet, ReadError, ReadOptions, Reject, read, read_text};
pub use source::SourceKind;
pub use table::FileError;
