//! What is owned: registers as other systems export them, read into canonical assets.
//!
//! In: bytes of CSV files in any dialect, language and date style ([`table`], [`columns`], [`dates`],
//! [`amounts`], [`words`]) and of any system ([`profile`]). Out: a [`Fleet`]: assets with the rows they came from, rejected rows with the reason and the
//! remedy, rows merged into others, and findings about the data. Always
//! `rows in = assets + rejects + rows merged`.

pub mod age;
pub(crate) mod alike;

pub(crate) mod amounts;
mod asset;
mod canonical;
mod columns;
mod dates;
mod explanation;
mod findings;
pub(crate) mod headers;
pub(crate) mod holds;
mod identity;
mod measures;
pub(crate) mod notes;
mod profile;
mod read;
mod record;
mod record_dates;
mod record_money;
mod shapes;
mod source;
mod styles;
mod table;
pub(crate) mod tabular;
pub(crate) mod words;
mod wrapped;

pub use age::{AcquiredMonths, AgeBasis};
pub use alike::{AlikeError, KindColumns};
pub use asset::{Asset, Conflict, Field, Grade, Ownership, RegisterDate, RowReference, StatedGrade, Status};
pub use canonical::canonical_register;
pub use columns::{Because, ColumnRole};
pub use explanation::{ColumnReading, FileReading, explain};
pub use findings::{CHECKS, Finding, Severity, check_title, is_stale};
pub use headers::column_meant;
pub use identity::ReviewPair;
pub use profile::{ProfileError, Profiles};
pub use read::{
    Alike, FileSummary, Fleet, ReadError, ReadOptions, Reject, read, read_bytes, read_text,
    read_text_watched, read_watched,
};
pub use source::SourceKind;
pub use table::FileError;
pub(crate) use table::load;
