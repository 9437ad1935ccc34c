//! `residua plan`: when each asset should go, by which route, and what it brings in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::common::{CommonArguments, Setting, print};
use super::handoff;
use super::kept::KeptArguments;
use crate::decide::{self, CarbonFactors, FleetBooks, GapPrices, Plan};
use crate::fleet::{self, Field, Fleet};
use crate::outcome::ledger::GivenBy;
use crate::report::{self, Table};

/// Columns of the lines on mass and carbon: those of the summary.
const WIDTH: usize = 100;

/// Arguments of `residua plan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua plan register.csv -o out\n  residua plan itam.csv dcim.csv --as-of 2026-11 --format csv > plan.csv\n  residua plan register.csv --triggers -o due\n\nLimits of the policy (capacity, freeze, budget, delivery, lease, depth) decide what leaves when. Limits that contradict each other are named on standard error with the least relief; the plan then keeps none of capacity, freeze, budget and delivery, says so, and the exit code stays 0."
)]
pub(super) struct PlanArguments {
    /// Asset registers (CSV in any dialect)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Directory for plan.csv, cohorts.csv, schedule.csv, books.csv, findings.csv, rejects.csv, report.html, plots and
    /// manifest.json
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// List what should be handed over now and why, instead; with -o write triggers.csv and a package for every site under
    /// handoff, made on the first day of --as-of if that is given, else by the clock
    #[arg(long)]
    triggers: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: KeptArguments,
    #[command(flatten)]
    common: CommonArguments,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A summary to read
    Table,
    /// One line an asset, CSV
    Csv,
    /// One object an asset, JSON
    Json,
}

pub(super) fn run(arguments: PlanArguments) -> anyhow::Result<()> {
    let mut setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    arguments.kept.calibrate(&mut setting, &arguments.common)?;
    let fleet = fleet::read_watched(&arguments.files, &setting.read_options(), bars.work())?;
    tell_columns(&arguments.common, &fleet);
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let prices = || decide::price_gaps_watched(&setting.plan_input(&fleet), &plan, bars.work());
    tell_schedule(&arguments.common, &plan);
    if arguments.triggers {
        return run_triggers(&arguments, &setting, &fleet, &plan);
    }
    arguments.kept.keep(GivenBy::Plan, &plan, &fleet, &setting, &arguments.common)?;
    if let Some(directory) = &arguments.output {
        let files = output_files(&setting, &fleet, &plan, &prices()?)?;
        report::write_directory(directory, &files)?;
        arguments.common.say(&format!("wrote {} files to {}", files.len(), directory.display()));
    }
    match arguments.format {
        Format::Table => {
            let factors = CarbonFactors::built_in();
            let done = decide::of_plan(&factors, &plan, &setting.catalog);
            let data = report::data_lines(&plan, &prices()?);
            let carbon = report::sustainability_lines(&done, factors.source(), WIDTH);
            print(&(report::summary(&plan, &fleet) + &data + &carbon))
        }
        Format::Csv => {
            print(&String::from_utf8_lossy(&report::plan_table(&plan, &fleet, &setting.catalog).to_csv()))
        }
        Format::Json => print(&report::plan_table(&plan, &fleet, &setting.catalog).to_json()),
    }
}

fn run_triggers(
    arguments: &PlanArguments,
    setting: &Setting,
    fleet: &Fleet,
    plan: &Plan,
) -> anyhow::Result<()> {
    let triggered = handoff::triggers(setting, fleet, plan, &arguments.common, arguments.output.as_ref())?;
    let table = || report::triggers_table(&triggered, plan, fleet);
    match arguments.format {
        Format::Table => print(&report::triggers_text(&triggered, plan, fleet)),
        Format::Csv => print(&String::from_utf8_lossy(&table().to_csv())),
        Format::Json => print(&table().to_json()),
    }
}

/// Says which columns were understood (with -v), and always what a plan misses for want of a column.
fn tell_columns(common: &CommonArguments, fleet: &Fleet) {
    let wanted = [
        (Field::Model, "model"),
        (Field::PurchaseDate, "purchase date"),
        (Field::PurchaseCost, "purchase cost"),
    ];
    for file in &fleet.files {
        let path = file.label();
        if common.verbose {
            for (header, field) in &file.columns_used {
                eprintln!("{path}: column `{header}` is {field:?}");
            }
        }
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|(field, _)| file.columns_used.iter().all(|(_, used)| used != field))
            .map(|(_, name)| *name)
            .collect();
        let unused = file.columns_unused.join(", ");
        if !missing.is_empty() {
            common.say(&format!(
                "{path}: no column was understood as {}; not used: {unused}",
                missing.join(", ")
            ));
        } else if common.verbose && !unused.is_empty() {
            eprintln!("{path}: not used: {unused}");
        }
    }
}

/// Says which limits contradict each other, and which name nothing that is there.
fn tell_schedule(common: &CommonArguments, plan: &Plan) {
    for warning in &plan.schedule.warnings {
        common.say(&format!("warning: {warning}"));
    }
    if !plan.schedule.conflicts.is_empty() {
        common.say("warning: the limits contradict each other; the plan keeps no capacity, freeze, budget or delivery");
    }
    for conflict in &plan.schedule.conflicts {
        common.say(&format!("warning: {}", conflict.message));
    }
}

fn output_files(
    setting: &Setting,
    fleet: &Fleet,
    plan: &Plan,
    prices: &GapPrices,
) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let tables = [
        ("plan.csv", report::plan_table(plan, fleet, &setting.catalog)),
        ("cohorts.csv", report::cohort_table(plan, fleet)),
        ("schedule.csv", report::schedule_table(plan, fleet)),
        ("books.csv", books(setting, fleet, plan)?),
        ("findings.csv", report::findings_table(plan, fleet, prices)),
        ("rejects.csv", report::rejects_table(fleet)),
    ];
    let mut files: BTreeMap<String, Vec<u8>> =
        tables.into_iter().map(|(name, table)| (name.to_owned(), table.to_csv())).collect();
    let manifest = report::manifest(plan, fleet, &setting.models, &setting.policy);
    files.insert("manifest.json".into(), manifest.into_bytes());
    let html = report::report_html(plan, fleet, &setting.catalog, &setting.policy, &setting.models);
    files.insert("report.html".into(), html.into_bytes());
    files.extend(plots(setting, fleet, plan));
    Ok(files)
}

fn books(setting: &Setting, fleet: &Fleet, plan: &Plan) -> anyhow::Result<Table> {
    let input = setting.plan_input(fleet);
    let policies = decide::policies_of(&input, plan)?;
    let kept = policies.books();
    let books = FleetBooks::new(&input, &kept, &plan.cohorts);
    Ok(report::books_table(plan, &input, &books)?)
}

/// The plots of the report as files of their own, drawn in parallel.
fn plots(setting: &Setting, fleet: &Fleet, plan: &Plan) -> BTreeMap<String, Vec<u8>> {
    let currency = setting.policy.currency;
    let mut files = BTreeMap::from([
        ("plots/calendar.svg".to_owned(), report::calendar(plan, fleet, currency).into_bytes()),
        ("plots/recovery_by_quarter.svg".to_owned(), report::recovery_by_quarter(&plan.totals).into_bytes()),
    ]);
    let of_cohorts: Vec<(String, Vec<u8>)> = plan
        .cohorts
        .par_iter()
        .enumerate()
        .filter_map(|(position, planned)| {
            let number = position + 1;
            let fan = report::forecast_fan(planned, plan, fleet, &setting.catalog, currency)?;
            let why = report::waterfall(&planned.decision.waterfall);
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
