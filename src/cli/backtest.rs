//! `residua backtest`: how good the forecasts would have been.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::common::{full_catalog, identify, page, print, print_text, told_rejects, use_threads};
use super::hint::hinted;
use super::progress::Bars;
use crate::catalog::{AssetClass, Catalog, ProductId};
use crate::decide::Policy;
use crate::decide::replay::{LONGEST_WINDOW, Starts, replay, scores};
use crate::market::{FollowedMarket, Observation, followed_markets, read_observations};
use crate::price::backtest::cold_start::{LeaveOut, leave_out};
use crate::price::backtest::drill::drills;
use crate::price::backtest::paths::paths;
use crate::price::backtest::score::ScoreCard;
use crate::price::backtest::{MarketTest, Settings, backtest_watched};
use crate::price::followed::series::priced_series;
use crate::report::{
    self, MarketDecisions, Table, backtest_text, cells_table, cold_start_text, decisions_table,
    decisions_text, drill_text, predictions_table, scores_table,
};
use crate::units::{ExchangeRates, Month};

/// Arguments of `residua backtest`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  residua backtest market/*.csv --catalog my_products.csv --predictions forecasts.csv"
)]
pub(super) struct BacktestArguments {
    /// Observation files (CSV: date, product, price; class, currency, basis, grade, quantity, config, brand, source)
    #[arg(required = true, value_name = "MARKET")]
    market: Vec<PathBuf>,
    /// Catalog file laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Write every forecast made to this file
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Write the monthly prices behind them to this file, for other forecasters
    #[arg(long, value_name = "FILE")]
    cells: Option<PathBuf>,
    /// First month to forecast from; default: six months after a market's first price
    #[arg(long, value_name = "YYYY-MM")]
    from: Option<Month>,
    /// Last month to forecast from
    #[arg(long, value_name = "YYYY-MM")]
    to: Option<Month>,
    /// Months between the months forecast from
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=120))]
    every: u32,
    /// Only series with this many months in all (looks ahead: for comparison with published tables)
    #[arg(long, default_value_t = 1, value_name = "N")]
    least_months: usize,
    /// Lay breaks over the prices (-50 % in six months, +100 % in a quarter, -25 % at a successor) and report coverage
    #[arg(long)]
    drill: bool,
    /// Forecast every product, or every family, from the others alone, and score that in place of the rolling origin
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with = "drill")]
    leave_out: Option<Leave>,
    /// Replay decisions to sell or hold in the past, and score their regret against fixed cycles in place of the forecasts
    #[arg(long, conflicts_with_all = ["drill", "leave_out", "predictions", "cells", "least_months"])]
    decisions: bool,
    /// Only observations whose source has this in its name
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Threads to use; default: all cores
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Leave {
    /// One product at a time
    Product,
    /// One generation of a vendor's product line at a time
    Family,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A score card to read
    Table,
    /// One line a market, forecaster and horizon, CSV
    Csv,
    /// The same as JSON
    Json,
}

pub(super) fn run(arguments: BacktestArguments) -> anyhow::Result<()> {
    use_threads(arguments.threads);
    let say = |line: String| {
        if !arguments.quiet {
            eprintln!("{line}");
        }
    };
    let catalog = full_catalog(arguments.catalog.as_ref())?;
    let mut observations = read_observations(&arguments.market, &[])?;
    if let Some(text) = &arguments.source {
        observations.rows.retain(|row| row.source.contains(text.as_str()));
    }
    let identified = identify(&catalog, &observations.rows);
    let mut rows: Vec<(AssetClass, Option<ProductId>, &Observation)> = Vec::new();
    let mut without_class = 0;
    for (row, product) in observations.rows.iter().zip(identified) {
        match row.class.or(product.map(|id| catalog.get(id).class)) {
            Some(class) => rows.push((class, product, row)),
            None => without_class += 1,
        }
    }
    say(format!(
        "{} observations read, {} rejected, {without_class} without a class and of no product in the catalog",
        observations.rows.len() + observations.rejects.len(),
        observations.rejects.len(),
    ));
    told_rejects(&observations).for_each(&say);
    let markets = followed_markets(&rows);
    if markets.is_empty() {
        return Err(hinted(
            "no usable observation: give rows with a date, a product, a class and a positive price",
            "`residua backtest --help` names the columns of an observation file",
        ));
    }
    if arguments.decisions {
        return print_decisions(&arguments, &markets, &catalog);
    }
    let settings = Settings {
        first_origin: arguments.from,
        last_origin: arguments.to,
        step_months: arguments.every,
        least_months: arguments.least_months,
    };
    let rates = ExchangeRates::built_in();
    let bars = Bars::new(arguments.quiet);
    let stage = bars.work().stage("forecasting origins", 0);
    let tests = markets
        .par_iter()
        .map(|market| {
            let test = backtest_watched(market, &catalog, &rates, &settings, &stage)?;
            let card = ScoreCard::of(&test)?;
            Ok((test, card))
        })
        .collect::<anyhow::Result<Vec<(MarketTest, Option<ScoreCard>)>>>()?;
    drop(stage);
    let write = |path: &Option<PathBuf>, table: &dyn Fn() -> Table| -> anyhow::Result<()> {
        if let Some(path) = path {
            report::write_file(path, &table().to_csv())?;
            say(format!("wrote {}", path.display()));
        }
        Ok(())
    };
    write(&arguments.predictions, &|| predictions_table(&tests))?;
    write(&arguments.cells, &|| cells_table(&tests))?;
    if let Some(leave) = arguments.leave_out {
        let by = match leave {
            Leave::Product => LeaveOut::Product,
            Leave::Family => LeaveOut::Family,
        };
        let stage = bars.work().stage("leaving products out", tests.len());
        let scored = tests
            .iter()
            .map(|(test, _)| {
                let scores = leave_out(test.market.class, &test.series, by)?;
                stage.step()?;
                Ok((test, scores))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let page = page();
        return print_text(page, &cold_start_text(&scored, page));
    }
    if arguments.drill {
        let stage = bars.work().stage("drilling breaks", 0);
        let drilled = tests
            .par_iter()
            .map(|(test, _)| Ok((test, drills(&test.market, &test.series, &settings, &stage)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let page = page();
        return print_text(page, &drill_text(&drilled, page));
    }
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &backtest_text(&tests, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&scores_table(&tests).to_csv())),
        Format::Json => print(&scores_table(&tests).to_json()),
    }
}

/// Replays the decisions of each market and prints their regret.
fn print_decisions(
    arguments: &BacktestArguments,
    markets: &[FollowedMarket],
    catalog: &Catalog,
) -> anyhow::Result<()> {
    let starts = Starts { first: arguments.from, last: arguments.to, step_months: arguments.every };
    let policy = Policy::built_in();
    let rates = ExchangeRates::built_in();
    let bars = Bars::new(arguments.quiet);
    let stage = bars.work().stage("replaying markets", markets.len());
    let decided = markets
        .par_iter()
        .map(|market| {
            let series = priced_series(market, catalog, &rates)?;
            let known = paths(market.basis, &series, &Settings::default(), LONGEST_WINDOW)?;
            let replayed = replay(market.class, &series, &known, &starts, &policy);
            stage.step()?;
            Ok((market.clone(), scores(&series, &replayed)))
        })
        .collect::<anyhow::Result<Vec<MarketDecisions>>>()?;
    match arguments.format {
        Format::Table => {
            let page = page();
            print_text(page, &decisions_text(&decided, page))
        }
        Format::Csv => print(&String::from_utf8_lossy(&decisions_table(&decided).to_csv())),
        Format::Json => print(&decisions_table(&decided).to_json()),
    }
}
