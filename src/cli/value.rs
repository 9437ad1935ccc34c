//! `residua value`: what every asset is worth, month by month.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, print};
use crate::decide;
use crate::fleet;
use crate::report;

/// Arguments of `residua value`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua value register.csv --horizon 12 > values.csv")]
pub(super) struct ValueArguments {
    /// Asset registers (CSV in any dialect)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Months ahead, 0 to 120
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=120))]
    horizon: u32,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    #[command(flatten)]
    common: CommonArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line an asset and month, CSV
    Csv,
    /// One object an asset and month, JSON
    Json,
}

pub(super) fn run(arguments: ValueArguments) -> anyhow::Result<()> {
    let mut setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    setting.policy.horizon_months = setting.policy.horizon_months.max(arguments.horizon);
    let fleet = fleet::read_watched(&arguments.files, &setting.read_options(), bars.work())?;
    for reject in &fleet.rejects {
        let path = fleet.files[reject.row.file].label();
        arguments
            .common
            .say(&format!("{path}, line {}: {} ({})", reject.row.line, reject.reason, reject.remedy));
    }
    let plan = decide::plan_watched(&setting.plan_input(&fleet), bars.work())?;
    let table = report::value_table(&plan, &fleet, &setting.catalog, arguments.horizon as usize);
    match arguments.format {
        Format::Csv => print(&String::from_utf8_lossy(&table.to_csv())),
        Format::Json => print(&table.to_json()),
    }
}
