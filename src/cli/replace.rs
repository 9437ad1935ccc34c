//! `residua replace`: what a purchase displaces, and the plan of its disposition.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, Setting, amount, page, print, print_text, read_fleet};
use crate::fleet::Fleet;
use crate::report;
use crate::scenario::{self, Order, Replacement};
use crate::units::Month;

/// Arguments of `residua replace`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua replace register.csv --with \"H100 SXM5 80GB\" --quantity 200 --arrives 2027-03\n  residua replace register.csv --with \"ThinkPad T14 Gen 5\" --quantity 40 --site Berlin -o displaced\n\nWork is compared as in `plan`: cards by FP32 throughput, servers by generations, both at their load; other devices one for one. Units leave by what letting one go a quarter sooner saves for the work of one that arrives. Capacity and freezes of the policy say when each site can hand over."
)]
pub(super) struct ReplaceArguments {
    /// Asset registers: CSV in any dialect, XLSX, JSON, zip; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Product that arrives, as people write it
    #[arg(long, value_name = "PRODUCT")]
    with: String,
    /// How many arrive
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    quantity: u32,
    /// Month in which they arrive; default: the month from which everything is seen
    #[arg(long, value_name = "YYYY-MM")]
    arrives: Option<Month>,
    /// Price of one, in the currency of the answer; default: the list price of the catalog
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true, value_parser = amount)]
    price: Option<f64>,
    /// Let only units of this site leave; again for another
    #[arg(long = "site", value_name = "SITE")]
    sites: Vec<String>,
    /// Directory for replace.csv, tasks.csv, replace.html and manifest.json
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
    /// A disposition plan to read
    Table,
    /// One line for units that leave together, CSV
    Csv,
    /// Everything, JSON
    Json,
}

pub(super) fn run(arguments: ReplaceArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    let fleet = read_fleet(&arguments.common, &setting, &arguments.files, &bars)?;
    let order = Order {
        product: arguments.with,
        quantity: arguments.quantity,
        arrives: arguments.arrives,
        price: arguments.price,
        sites: arguments.sites,
    };
    let found = scenario::replace_watched(&setting.plan_input(&fleet), &order, bars.work())?;
    if let Some(directory) = &arguments.output {
        let files = output_files(&setting, &fleet, &found);
        report::write_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::replace_text(&found, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::replace_table(&found, &fleet).to_csv())),
        Format::Json => print(&report::replace_json(&found, &fleet)),
    }
}

fn output_files(setting: &Setting, fleet: &Fleet, found: &Replacement) -> BTreeMap<String, Vec<u8>> {
    let manifest = report::replace_manifest(found, fleet, &setting.models, &setting.policy);
    BTreeMap::from([
        ("replace.csv".to_owned(), report::replace_table(found, fleet).to_csv()),
        ("tasks.csv".to_owned(), report::replace_tasks_table(found).to_csv()),
        ("replace.html".to_owned(), report::replace_html(found).into_bytes()),
        ("manifest.json".to_owned(), manifest.into_bytes()),
    ])
}
