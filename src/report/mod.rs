//! Everything a person looks at.
mod events;
mod groups;
mod html;
mod plot;
mod words;
mod write;
pub use html::report_html;
pub use plot::{calendar, forecast_fan, recovery_by_quarter, waterfall};
pub use write::{WriteError, write_directory, write_file};

#[cfg(test)]
mod tests;
