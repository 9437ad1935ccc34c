//! `residua check`: what is wrong with the data, what it costs, and which fix clears most money.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::common::{CommonArguments, page, print, print_text, read_fleet};
use super::plan::Format;
use crate::decide::{self, GapPrices};
use crate::fleet;
use crate::report;

/// Arguments of `residua check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua check itam.csv intune.csv ledger.csv\n  residua check register.csv -o checked --as-of 2026-11\n\nMoney is told as a span, because nobody knows how many ghosts or locks there are: the beliefs stand in the policy under [gaps] (`residua init` writes it). What every code means: docs/data-quality.md."
)]
pub(super) struct CheckArguments {
    /// Exports of one fleet from several systems
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Directory for register.csv (joined), joins.csv, conflicts.csv, review.csv, findings.csv, fixes.csv, calendar.csv and
    /// rejects.csv
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What to print: a summary to read, or the fixes as CSV or JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    common: CommonArguments,
}

pub(super) fn run(arguments: CheckArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    let input = setting.plan_input(&fleet);
    let plan = decide::plan_watched(&input, bars.work())?;
    let prices: GapPrices = decide::price_gaps_watched(&input, &plan, bars.work())?;
    let events = decide::calendar(&input, &plan)?;
    if let Some(directory) = &arguments.output {
        let tables = [
            ("conflicts.csv", report::conflicts_table(&fleet)),
            ("joins.csv", report::joins_table(&fleet)),
            ("review.csv", report::review_table(&fleet)),
            ("findings.csv", report::priced_findings_table(&plan, &fleet, &prices)),
            ("fixes.csv", report::fixes_table(&prices)),
            ("calendar.csv", report::calendar_table(&plan, &fleet, &events)),
            ("rejects.csv", report::rejects_table(&fleet)),
        ];
        let mut files: BTreeMap<String, Vec<u8>> =
            tables.into_iter().map(|(name, table)| (name.to_owned(), table.to_csv())).collect();
        files.insert("register.csv".to_owned(), fleet::canonical_register(&fleet.assets));
        report::write_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::check_summary(&plan, &fleet, &prices, &events, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::fixes_table(&prices).to_csv())),
        Format::Json => print(&report::fixes_table(&prices).to_json()),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&report::fixes_table(&prices)),
    }
}
