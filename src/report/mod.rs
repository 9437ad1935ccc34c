//! Everything a person looks at.
mod write;
pub use write::{WriteError, write_directory, write_file};
