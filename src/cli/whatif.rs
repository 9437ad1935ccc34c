//! `residua whatif`: what happens to money if something changes.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::common::{CommonArguments, page, print, print_text, read_fleet};
use super::hint::hinted;
use crate::report;
use crate::scenario::{self, Depth, EXAMPLE_SCENARIOS, ScenarioFile, WhatIfInput};
use crate::units;

/// Arguments of `residua whatif`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua whatif --example > scenarios.toml\n  residua whatif register.csv --scenarios scenarios.toml -o compared\n  residua whatif register.csv --scenarios scenarios.toml --only \"36 months\" --only \"48 months\" --quick\n\nA scenario is an overlay on policy, markets, launches and fleet; what it does not name stays. All scenarios look ahead as many months as the policy (horizon_months) and count the value of what is left then. They share their draws, so that a difference is no noise."
)]
pub(super) struct WhatIfArguments {
    /// Asset registers: CSV in any dialect, XLSX, JSON, zip; `-` is standard input
    #[arg(required_unless_present = "example", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Scenarios (TOML); `residua whatif --example` prints one of each kind
    #[arg(long, value_name = "FILE", required_unless_present = "example")]
    scenarios: Option<PathBuf>,
    /// Print commented scenarios, one of each kind, and stop
    #[arg(long)]
    example: bool,
    /// Take only the scenario of this name; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Months looked ahead by base and scenarios alike; default: those of the policy
    #[arg(long, value_name = "MONTHS", value_parser = clap::value_parser!(u32).range(12..=120))]
    horizon: Option<u32>,
    /// Leave out the drivers and break-evens, which plan anew some hundred times
    #[arg(long)]
    quick: bool,
    /// Directory for whatif.html, whatif.xlsx, summary.csv, quarters.csv, months.csv, departures.csv, tornado.csv,
    /// break_evens.csv, beats.csv and manifest.json
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    common: CommonArguments,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An answer to read
    Table,
    /// One line a scenario and measure, CSV
    Csv,
    /// Everything, JSON
    Json,
}

pub(super) fn run(arguments: WhatIfArguments) -> anyhow::Result<()> {
    if arguments.example {
        return print(EXAMPLE_SCENARIOS);
    }
    let mut setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    if let Some(months) = arguments.horizon {
        setting.policy.horizon_months = months;
        setting.written.horizon_months = months;
    }
    let file = scenarios(&arguments)?;
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    let input = WhatIfInput { plan: setting.plan_input(&fleet), written: &setting.written };
    let depth = if arguments.quick { Depth::Scenarios } else { Depth::Drivers };
    let found = scenario::what_if_watched(&input, &file, depth, bars.work())?;
    if let Some(directory) = &arguments.output {
        let files = report::what_if_files(&setting, &fleet, &found, &file.text)?;
        report::write_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::what_if_text(&found, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::what_if_summary(&found).to_csv())),
        Format::Json => print(&report::what_if_json(&found)),
    }
}

/// The scenarios that are asked for.
fn scenarios(arguments: &WhatIfArguments) -> anyhow::Result<ScenarioFile> {
    let Some(path) = &arguments.scenarios else { bail!("name a file of scenarios with --scenarios") };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the scenarios {}", path.display()))?;
    let mut file = ScenarioFile::from_toml(&path.display().to_string(), &text)?;
    for name in &arguments.only {
        if !file.scenarios.iter().any(|scenario| scenario.title() == name) {
            let known: Vec<&str> = file.scenarios.iter().map(|scenario| scenario.title()).collect();
            let near = units::hint(name, known.iter().copied());
            let known = known.join(", ");
            return Err(hinted(
                format!("{} has no scenario `{name}`, only {known}{near}", path.display()),
                "--only takes the name of a scenario as the file has it",
            ));
        }
    }
    if !arguments.only.is_empty() {
        file.scenarios.retain(|scenario| arguments.only.iter().any(|name| name == scenario.title()));
    }
    Ok(file)
}
