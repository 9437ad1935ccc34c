//! Everything a person looks at, and every file that leaves.
//!
//! In: a plan. Out: the terminal summary ([`summary`](mod@summary)), why of one asset ([`explanation`](mod@explanation)), tables as CSV or JSON ([`tables`]), plots as SVG
//! ([`plot`]), the report as one HTML file ([`html`]), the manifest, and files written whole or not at all
//! ([`write`](mod@write)). The only module that knows SVG and HTML. Plots are drawn by a small canvas of
//! our own: tenths of a pixel, titles for screen readers and colours that follow a dark page, which the charting
//! libraries at hand do not write.

mod backtest;
mod books;
mod cards;
mod check;
mod claims;
#[cfg(feature = "parquet")]
mod columns;
mod decisions;
pub(crate) mod desk;
mod document;
mod events;
mod explanation;
mod files;
mod groups;
mod guarantee;
mod handoff;
mod html;
mod ledger;
mod ledger_tables;
mod lot;
mod lot_tables;
mod manifest;
mod page;
mod percent;
mod plot;
mod replace;
mod replace_tables;
mod schedule;
mod settle;
mod settle_tables;
mod summary;
mod sustainability;
mod table;
mod tables;
mod triggers;
mod what_if;
mod what_if_departures;
mod what_if_tables;
mod what_if_workbook;
mod why;
mod words;
mod workbook;
mod write;

pub use backtest::{
    backtest_text, cells_table, cold_start_text, drill_text, predictions_table, scores_table,
};
pub use books::books_table;
pub use cards::model_cards;
pub use check::{
    calendar_table, check_summary, conflicts_table, data_lines, findings_table, fixes_table, joins_table,
    priced_findings_table, review_table,
};
pub use claims::claims_page;
#[cfg(feature = "parquet")]
pub use columns::to_parquet;
pub use decisions::{MarketDecisions, decisions_table, decisions_text};
pub use explanation::explanation;
pub use files::{Files, FilesError, STREAM_FILES, lot_files, plan_files, stream_files, what_if_files};
pub use guarantee::{GuaranteeReport, guarantee_table};
pub use handoff::{folder_names, handoff_files, handoff_text, planned_assets_table, request_table};
pub use html::{replace_html, report_html, what_if_html};
pub use ledger::{grades_text, ledger_text, recalibration_text};
pub use ledger_tables::{
    calibrations_table, filed_outcomes_table, forecasts_table, grades_table, hand_overs_table,
    overrides_table,
};
pub use lot::lot_text;
pub use lot_tables::{lot_findings_table, lot_json, lot_manifest, lot_table, sell_through_table};
pub use manifest::manifest;
pub use page::{LEAST_COLUMNS, MOST_COLUMNS, Page};
pub use plot::{calendar, forecast_fan, recovery_by_quarter, waterfall};
pub use replace::replace_text;
pub use replace_tables::{replace_json, replace_manifest, replace_table, replace_tasks_table};
pub(crate) use schedule::month_or_stay;
pub use schedule::schedule_table;
pub use schedule::write_months;
pub use settle::settlement_summary;
pub use settle_tables::{
    disputes_table, forecast_against_actual_table, outcomes_table, settlement_json, settlement_rejects_table,
};
pub use summary::summary;
pub use sustainability::sustainability_lines;
pub use table::{Cell, Table};
pub(crate) use table::{csv_lines, write_csv_text};
pub(crate) use tables::{PlanColumns, REJECTS, VALUE, reject_row, value_rows};
pub use tables::{cohort_table, plan_table, rejects_table, value_table};
pub use triggers::{triggers_table, triggers_text};
pub use what_if::what_if_text;
pub use what_if_tables::{
    what_if_beats, what_if_break_evens, what_if_departures, what_if_json, what_if_manifest, what_if_months,
    what_if_quarters, what_if_summary, what_if_tornado,
};
pub use what_if_workbook::what_if_workbook;
pub(crate) use words::{intake, shortened};
pub use workbook::WorkbookError;
pub use write::{WriteError, change_file, make_directory, write_directory, write_file, write_new_directory};

#[cfg(test)]
mod tests;
