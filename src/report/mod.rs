//! Everything a person looks at, and every file that leaves.
//!
//! In: a plan. Out: the terminal summary ([`summary`]), tables as CSV or JSON ([`tables`]), the manifest, and
//! files written whole or not at all ([`write`]). The only module that knows plotters and HTML.

mod manifest;
mod summary;
mod table;
mod tables;
mod write;

pub use manifest::manifest;
pub use summary::summary;
pub use table::{Cell, Table};
pub use tables::{cohort_table, findings_table, plan_table, rejects_table, schedule_table, value_table};
pub use write::{WriteError, write_directory, write_file};
