//! `residua plan`: when each asset should go, by which route, and what it brings in.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, Setting, page, print, print_text, read_fleet, tell_unknown_columns};
use super::handoff;
use super::kept::KeptArguments;
use super::streams::{stopped_or, the_register};
use crate::decide::{self, CarbonFactors, Plan};
use crate::fleet::{Field, Fleet};
use crate::outcome::ledger::GivenBy;
use crate::report;
use crate::stream::{self, PlanForm};

/// Columns of the lines on mass and carbon where there is no terminal: those of the summary.
const WIDTH: usize = 100;

/// Arguments of `residua plan`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua plan register.csv -o out\n  residua plan itam.csv dcim.csv --as-of 2026-11 --format csv > plan.csv\n  residua plan register.csv --triggers -o due\n  residua plan millions.csv.gz --stream -o streamed\n\nLimits of the policy (capacity, freeze, budget, delivery, lease, depth) decide what leaves when. Limits that contradict each other are named on standard error with the least relief; the plan then keeps none of capacity, freeze, budget and delivery, says so, and the exit code stays 0."
)]
pub(super) struct PlanArguments {
    /// Asset registers: CSV in any dialect, XLSX, JSON, zip; `-` is standard input
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
    /// Read one register of any size (CSV, gzip or zstd of it; Parquet where this program was built with it) row by row, in memory that does not grow with it: rows are taken as
    /// they stand and joined with none; plan.csv and rejects.csv are written row by row, plan.csv with the columns that matter
    /// and the number of the cohort in cohorts.csv
    #[arg(long, requires = "output", conflicts_with_all = ["triggers", "ledger"])]
    stream: bool,
    /// What to print: a summary to read, or the assets, one by one; with --stream parquet writes plan.parquet in place of plan.csv
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
    /// Lines to compute with, CSV
    Csv,
    /// The same to read by program, JSON
    Json,
    /// The same as columns, Parquet
    #[cfg(feature = "parquet")]
    Parquet,
}

pub(super) fn run(arguments: PlanArguments) -> anyhow::Result<()> {
    let mut setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    arguments.kept.calibrate(&mut setting, &arguments.common)?;
    if let (true, Some(directory)) = (arguments.stream, &arguments.output) {
        return run_stream(&arguments, &setting, directory);
    }
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    tell_columns(&arguments.common, &fleet);
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let prices = || decide::price_gaps_watched(&setting.plan_input(&fleet), &plan, bars.work());
    tell_schedule(&arguments.common, &plan);
    if arguments.triggers {
        return run_triggers(&arguments, &setting, &fleet, &plan);
    }
    arguments.kept.keep(GivenBy::Plan, &plan, &fleet, &setting, &arguments.common)?;
    if let Some(directory) = &arguments.output {
        let files = report::plan_files(&setting, &fleet, &plan, &prices()?)?;
        report::write_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    match arguments.format {
        Format::Table => {
            let factors = CarbonFactors::built_in();
            let done = decide::of_plan(&factors, &plan, &setting.catalog);
            let page = page();
            let data = report::data_lines(&plan, &prices()?, page);
            let carbon = report::sustainability_lines(&done, factors.source(), page.width(WIDTH));
            print_text(page, &(report::summary(&plan, &fleet, page) + &data + &carbon))
        }
        Format::Csv => {
            print(&String::from_utf8_lossy(&report::plan_table(&plan, &fleet, &setting.catalog).to_csv()))
        }
        Format::Json => print(&report::plan_table(&plan, &fleet, &setting.catalog).to_json()),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&report::plan_table(&plan, &fleet, &setting.catalog)),
    }
}

fn run_stream(arguments: &PlanArguments, setting: &Setting, directory: &Path) -> anyhow::Result<()> {
    let register = the_register(&arguments.files)?;
    let form = match arguments.format {
        Format::Table => PlanForm::Csv,
        #[cfg(feature = "parquet")]
        Format::Parquet => PlanForm::Parquet,
        Format::Csv | Format::Json => {
            anyhow::bail!(
                "a stream prints a summary; the assets, one by one, are in plan.csv of the directory"
            )
        }
    };
    let streamed = stopped_or(&arguments.common, directory, |work| {
        stream::plan(setting, register, form, directory, work)
    })?;
    tell_columns(&arguments.common, &streamed.fleet);
    tell_unknown_columns(&arguments.common, &streamed.fleet);
    tell_schedule(&arguments.common, &streamed.plan);
    arguments.common.say_wrote(streamed.files, directory);
    let page = page();
    print_text(page, &report::summary(&streamed.plan, &streamed.fleet, page))
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
        Format::Table => {
            let page = page();
            print_text(page, &report::triggers_text(&triggered, plan, fleet, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&table().to_csv())),
        Format::Json => print(&table().to_json()),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&table()),
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
        if !missing.is_empty() {
            common.say(&format!("{path}: no column was understood as {}", missing.join(", ")));
        }
        let left: Vec<&str> = file
            .columns_unused
            .iter()
            .filter(|header| !file.columns_unknown.contains(header))
            .map(String::as_str)
            .collect();
        if common.verbose && !left.is_empty() {
            eprintln!("{path}: left aside: {}", left.join(", "));
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
