//! The files that commands write and the server hands out: the same bytes from either.
//!
//! In: an answer with what it was made from. Out: files by name, none of them written yet.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::table::Table;
use super::workbook::WorkbookError;
use super::{
    books_table, calendar, cohort_table, findings_table, forecast_fan, lot_findings_table, lot_manifest,
    lot_table, manifest, plan_table, recovery_by_quarter, rejects_table, report_html, schedule_table,
    sell_through_table, waterfall, what_if_beats, what_if_break_evens, what_if_departures, what_if_html,
    what_if_manifest, what_if_months, what_if_quarters, what_if_summary, what_if_tornado, what_if_workbook,
};
use crate::decide::{self, FleetBooks, GapPrices, Plan, PolicyError, Setting};
use crate::fleet::Fleet;
use crate::lot::{Lot, Manifest};
use crate::scenario::WhatIf;
use crate::units::MoneyError;

/// Files by their names, with folders.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Files that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// Overrides that do not go together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An amount beyond all measure.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A workbook that cannot be made.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
}

fn csv<const N: usize>(tables: [(&str, Table); N]) -> Files {
    tables.into_iter().map(|(name, table)| (name.to_owned(), table.to_csv())).collect()
}

/// Files of `residua plan`. `plan` was made of this fleet under this setting, `prices` are those of its gaps.
pub fn plan_files(
    setting: &Setting,
    fleet: &Fleet,
    plan: &Plan,
    prices: &GapPrices,
) -> Result<Files, FilesError> {
    let mut files = csv([
        ("plan.csv", plan_table(plan, fleet, &setting.catalog)),
        ("cohorts.csv", cohort_table(plan, fleet)),
        ("schedule.csv", schedule_table(plan, fleet)),
        ("books.csv", books(setting, fleet, plan)?),
        ("findings.csv", findings_table(plan, fleet, prices)),
        ("rejects.csv", rejects_table(fleet)),
    ]);
    let manifest = manifest(plan, fleet, &setting.models, &setting.policy);
    files.insert("manifest.json".into(), manifest.into_bytes());
    let html = report_html(plan, fleet, &setting.catalog, &setting.policy, &setting.models, prices);
    files.insert("report.html".into(), html.into_bytes());
    files.extend(plots(setting, fleet, plan));
    Ok(files)
}

/// Names of the files of [`stream_files`].
pub const STREAM_FILES: [&str; 5] =
    ["cohorts.csv", "schedule.csv", "manifest.json", "plots/calendar.svg", "plots/recovery_by_quarter.svg"];

/// Files of `residua plan --stream` that speak of the whole fleet; of each kind of rows it has one asset.
pub fn stream_files(setting: &Setting, fleet: &Fleet, plan: &Plan) -> Files {
    let mut files =
        csv([("cohorts.csv", cohort_table(plan, fleet)), ("schedule.csv", schedule_table(plan, fleet))]);
    let manifest = manifest(plan, fleet, &setting.models, &setting.policy);
    files.insert("manifest.json".into(), manifest.into_bytes());
    files.extend(fleet_plots(setting, fleet, plan));
    files
}

fn books(setting: &Setting, fleet: &Fleet, plan: &Plan) -> Result<Table, FilesError> {
    let input = setting.plan_input(fleet);
    let policies = decide::policies_of(&input, plan)?;
    let kept = policies.books();
    let books = FleetBooks::new(&input, &kept, &plan.cohorts);
    Ok(books_table(plan, &input, &books)?)
}

/// The plots of the whole fleet.
fn fleet_plots(setting: &Setting, fleet: &Fleet, plan: &Plan) -> Files {
    BTreeMap::from([
        ("plots/calendar.svg".to_owned(), calendar(plan, fleet, setting.policy.currency).into_bytes()),
        ("plots/recovery_by_quarter.svg".to_owned(), recovery_by_quarter(&plan.totals).into_bytes()),
    ])
}

/// The plots of the report as files of their own, drawn in parallel.
fn plots(setting: &Setting, fleet: &Fleet, plan: &Plan) -> Files {
    let mut files = fleet_plots(setting, fleet, plan);
    let of_cohorts: Vec<(String, Vec<u8>)> = plan
        .cohorts
        .par_iter()
        .enumerate()
        .filter_map(|(position, planned)| {
            let number = position + 1;
            let fan = forecast_fan(planned, plan, fleet, &setting.catalog, &setting.policy)?;
            let why = waterfall(&planned.decision.waterfall);
            Some([
                (format!("plots/cohort_{number:03}_forecast.svg"), fan.into_bytes()),
                (format!("plots/cohort_{number:03}_waterfall.svg"), why.into_bytes()),
            ])
        })
        .flatten_iter()
        .collect();
    files.extend(of_cohorts);
    files
}

/// Files of `residua whatif`; `scenarios` is the text of the file of scenarios.
pub fn what_if_files(
    setting: &Setting,
    fleet: &Fleet,
    found: &WhatIf,
    scenarios: &str,
) -> Result<Files, FilesError> {
    let mut files = csv([
        ("summary.csv", what_if_summary(found)),
        ("quarters.csv", what_if_quarters(found)),
        ("months.csv", what_if_months(found)),
        ("departures.csv", what_if_departures(found)),
        ("tornado.csv", what_if_tornado(found)),
        ("break_evens.csv", what_if_break_evens(found)),
        ("beats.csv", what_if_beats(found)),
    ]);
    let manifest = what_if_manifest(found, fleet, &setting.models, &setting.policy, scenarios);
    files.insert("manifest.json".to_owned(), manifest.into_bytes());
    files.insert("whatif.html".to_owned(), what_if_html(found).into_bytes());
    files.insert("whatif.xlsx".to_owned(), what_if_workbook(found, &setting.policy)?);
    Ok(files)
}

/// Files of `residua lot`.
pub fn lot_files(setting: &Setting, manifest: &Manifest, found: &Lot) -> Files {
    let mut files = csv([
        ("lot.csv", lot_table(found, manifest)),
        ("sell_through.csv", sell_through_table(found)),
        ("findings.csv", lot_findings_table(found, manifest)),
        ("rejects.csv", rejects_table(&manifest.fleet)),
    ]);
    let made = lot_manifest(found, manifest, &setting.models, &setting.policy);
    files.insert("manifest.json".to_owned(), made.into_bytes());
    files
}
