//! `residua value`: what every asset is worth, month by month.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, Setting, print, read_fleet, tell_unknown_columns};
use super::streams::{stopped_or, the_register};
use crate::decide;
use crate::report;
use crate::stream;

/// Arguments of `residua value`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua value register.csv --horizon 12 > values.csv\n  residua value millions.csv.gz --horizon 12 --stream -o values"
)]
pub(super) struct ValueArguments {
    /// Asset registers: CSV in any dialect, XLSX, JSON, zip; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Months ahead, 0 to 120
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=120))]
    horizon: u32,
    /// Directory for value.csv and rejects.csv, with --stream
    #[arg(short, long, value_name = "DIR", requires = "stream")]
    output: Option<PathBuf>,
    /// Read one register of any size (CSV, gzip or zstd of it; Parquet where this program was built with it) row by row, in
    /// memory that does not grow with it: rows are taken as they stand and joined with none
    #[arg(long, requires = "output", conflicts_with = "format")]
    stream: bool,
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
    if let (true, Some(directory)) = (arguments.stream, &arguments.output) {
        return run_stream(&arguments, &setting, directory);
    }
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
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

fn run_stream(arguments: &ValueArguments, setting: &Setting, directory: &Path) -> anyhow::Result<()> {
    let register = the_register(&arguments.files)?;
    let streamed = stopped_or(&arguments.common, directory, |work| {
        stream::value(setting, register, arguments.horizon as usize, directory, work)
    })?;
    tell_unknown_columns(&arguments.common, &streamed.fleet);
    arguments.common.say_wrote(streamed.files, directory);
    Ok(())
}
