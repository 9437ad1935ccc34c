//! `residua lot`: what to bid for a lot, and what one could lose.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::common::{CommonArguments, amount, page, print, print_text, share, tell_unknown_columns};
use super::plan::Format;
use crate::decide::FeesOrder;
use crate::lot::{self, Asked, LotInput, manifest};
use crate::report;

/// Arguments of `residua lot`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua lot data/samples/lot.txt\n  residua lot manifest.csv --scheme rec --margin 0.2 --max-loss 0.05 -o bid\n  residua lot lot.txt --bid 12000\n  residua lot lot.txt --share 0.65 --fees before\n\nA bare list has one line a kind: `12 x Latitude 5420 i5/16/256, grade B, bought 2021-06`. A line may state `scheme`, `cost`, `price` (what one sells for), memory, storage, processor, `locked` or `unlocked`. Costs, channels, risks and grade schemes stand in the policy under [lot] (`residua init` writes it)."
)]
pub(super) struct LotArguments {
    /// Manifest: a register of any system, or a bare list; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Grade scheme of rows that name none; needed where codes mean different things in different schemes
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
    /// Profit wanted as a share of expected sales; default: that of the policy
    #[arg(long, value_name = "SHARE", value_parser = share)]
    margin: Option<f64>,
    /// Chance of a loss borne at most; default: that of the policy
    #[arg(long, value_name = "SHARE", value_parser = share)]
    max_loss: Option<f64>,
    /// Say what this price would mean: margin, chance of loss, profit
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    bid: Option<f64>,
    /// Compare with a deal that gives the owner this share of the proceeds
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "fees")]
    share: Option<f64>,
    /// Whether the fees of that deal come off before or after the split
    #[arg(long, value_enum, requires = "share")]
    fees: Option<Fees>,
    /// Directory for lot.csv, sell_through.csv, findings.csv, rejects.csv and manifest.json
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// What to print: an answer to read, or the lines with their prices as CSV or JSON
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    common: CommonArguments,
}

/// When the fees come off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fees {
    /// Off the proceeds, before they are split
    Before,
    /// Off the owner's part
    After,
}

pub(super) fn run(arguments: LotArguments) -> anyhow::Result<()> {
    let setting = arguments.common.setting()?;
    let bars = arguments.common.bars();
    let manifest = manifest::read(&arguments.file, &setting.read_options())?;
    tell_unknown_columns(&arguments.common, &manifest.fleet);
    let taken = arguments.fees.map(|fees| match fees {
        Fees::Before => FeesOrder::BeforeSplit,
        Fees::After => FeesOrder::AfterSplit,
    });
    let input = LotInput {
        plan: setting.plan_input(&manifest.fleet),
        manifest: &manifest,
        scheme: arguments.scheme.as_deref(),
        asked: Asked {
            margin: arguments.margin,
            max_loss: arguments.max_loss,
            bid: arguments.bid,
            share: arguments.share.zip(taken),
            draws: None,
        },
    };
    let found = lot::lot_watched(&input, bars.work())?;
    if let Some(directory) = &arguments.output {
        let files = report::lot_files(&setting, &manifest, &found);
        report::write_directory(directory, &files)?;
        arguments.common.say_wrote(files.len(), directory);
    }
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &report::lot_text(&found, &manifest, &setting.catalog, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&report::lot_table(&found, &manifest).to_csv())),
        Format::Json => print(&report::lot_json(&found, &manifest)),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::common::print_parquet(&report::lot_table(&found, &manifest)),
    }
}
