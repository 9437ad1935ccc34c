//! `residua fit`: price models from market observations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use rayon::prelude::*;

use super::common::{full_catalog, identify, told_rejects};
use super::progress::Bars;
use crate::catalog::{AssetClass, Catalog, Matcher, ProductId};
use crate::market::{
    ClassedRow, FollowedMarket, Observation, Observations, followed_markets, newer_months, read_observations,
};
use crate::outcome::ledger::{Ledger, SettlementRecord};
use crate::price::backtest::score::{ScoreCard, naive_from};
use crate::price::backtest::{Settings, card, fit_and_backtest};
use crate::price::followed::FollowedPrices;
use crate::price::parts::PartModels;
use crate::price::{
    ClassModel, Fitted, Models, TrainError, TrainReport, calibrate_wholes, train_class, train_drives,
};
use crate::units::{ExchangeRates, Work, sha256};

/// Classes that have statistics beside their followed prices.
const CLASSES_WITH_FACTS: [AssetClass; 6] = [
    AssetClass::Gpu,
    AssetClass::Server,
    AssetClass::Laptop,
    AssetClass::Phone,
    AssetClass::Cpu,
    AssetClass::Memory,
];

/// Months a series must have for its class to be worth a model of followed prices.
const LEAST_MONTHS: usize = 3;

/// Arguments of `residua fit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  residua fit market/*.csv --catalog my_products.csv -o models/\n  residua fit new_month.csv \
                  --update models/ -o models/\n  residua fit --ledger residua.db -o models/"
)]
pub(super) struct FitArguments {
    /// Observation files (CSV: date, product, price; class, currency, basis, grade, quantity, config, brand, source)
    #[arg(required_unless_present = "ledger", value_name = "MARKET")]
    market: Vec<PathBuf>,
    /// Ledger: its settled sales and the market files it keeps are used too, and the files named here are filed in it
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Catalog file laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Directory for CLASS.json
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Take newer months into the models of this directory without a refit
    #[arg(long, value_name = "DIR", conflicts_with = "without_prices")]
    update: Option<PathBuf>,
    /// Leave the products' last prices out, for models that are passed on
    #[arg(long)]
    without_prices: bool,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// Observations with their class and product.
type Rows<'a> = Vec<ClassedRow<'a>>;

pub(super) fn run(arguments: FitArguments) -> anyhow::Result<()> {
    let catalog = full_catalog(arguments.catalog.as_ref())?;
    let bars = Bars::new(arguments.quiet);
    let say = |line: String| {
        if !arguments.quiet {
            bars.say(&line);
        }
    };
    let observations = match &arguments.ledger {
        Some(path) => with_ledger(path, &arguments.market, &say)?,
        None => read_observations(&arguments.market, &[])?,
    };
    let products = identify(&catalog, &observations.rows);
    let known = products.iter().flatten().count();
    let rows: Rows<'_> = observations
        .rows
        .iter()
        .zip(products)
        .filter_map(|(row, product)| {
            Some((row.class.or(product.map(|id| catalog.get(id).class))?, product, row))
        })
        .collect();
    say(format!(
        "{} observations read, {} rejected, {known} of products in the catalog, {} without a class",
        observations.rows.len() + observations.rejects.len(),
        observations.rejects.len(),
        observations.rows.len() - rows.len(),
    ));
    told_rejects(&observations).for_each(&say);
    let files = match &arguments.update {
        Some(models) => updated(models, &rows, &catalog, &say)?,
        None => fitted(&rows, &catalog, !arguments.without_prices, &say, bars.work())?,
    };
    std::fs::create_dir_all(&arguments.output)
        .with_context(|| format!("cannot make the directory {}", arguments.output.display()))?;
    for (name, text) in files {
        crate::report::write_file(&arguments.output.join(&name), text.as_bytes())?;
        say(format!("wrote {}", arguments.output.join(name).display()));
    }
    Ok(())
}

/// The prices of all market files that a ledger keeps, those named here among them from now on, and its settled sales.
fn with_ledger(path: &Path, market: &[PathBuf], say: &dyn Fn(String)) -> anyhow::Result<Observations> {
    let mut ledger = if market.is_empty() { Ledger::open_existing(path)? } else { Ledger::open(path)? };
    let mut all = Observations::default();
    for file in market {
        let read = read_observations(std::slice::from_ref(file), &[])?;
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let record = SettlementRecord {
            fingerprint: sha256(&bytes),
            file: file.display().to_string(),
            day: jiff::Zoned::now().date(),
        };
        ledger.file_observations(&record, &read.rows)?;
        all.rejects.extend(read.rejects);
    }
    let sales = ledger.sales()?;
    let kept = ledger.observations()?;
    say(format!("{}: {} prices of market files, {} settled sales", path.display(), kept.len(), sales.len()));
    all.rows = kept.into_iter().chain(sales).collect();
    Ok(all)
}

/// Model files by name, fitted anew.
fn fitted(
    rows: &Rows<'_>,
    catalog: &Catalog,
    with_prices: bool,
    say: &dyn Fn(String),
    work: Work<'_>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let rates = ExchangeRates::built_in();
    let mut fitted: BTreeMap<AssetClass, ClassModel> = BTreeMap::new();
    let seen: BTreeSet<AssetClass> = rows.iter().map(|row| row.0).collect();
    let stage = work.stage("fitting classes", seen.len());
    for class in AssetClass::ALL {
        let own: Rows<'_> = rows.iter().filter(|row| row.0 == class).copied().collect();
        if own.is_empty() {
            if CLASSES_WITH_FACTS.contains(&class) {
                say(format!("{class}: no observations, no model"));
            }
            continue;
        }
        let (trained, followed) = rayon::join(
            || trained(class, &own, catalog, &rates),
            || if with_prices { followed(&own, catalog, &rates) } else { Ok(Vec::new()) },
        );
        let model = match trained {
            Some(trained) => told(class, trained, say),
            None => {
                if CLASSES_WITH_FACTS.contains(&class) {
                    say(format!("{class}: no observations of products in the catalog"));
                }
                None
            }
        };
        let model = with_followed(class, followed?, model, say);
        match model {
            Some(model) => {
                tell_scores(&model, say);
                fitted.insert(class, model);
            }
            None => say(format!("{class}: no model of this class was written")),
        }
        stage.step()?;
    }
    drop(stage);
    if let Some(servers) = fitted.remove(&AssetClass::Server) {
        fitted.insert(AssetClass::Server, with_parts(servers, &fitted, rows, catalog, &rates, say)?);
    }
    if fitted.is_empty() {
        bail!(
            "no class has enough observations: nothing was written; give series of {LEAST_MONTHS} months or more"
        );
    }
    fitted.into_iter().map(|(class, model)| Ok((format!("{class}.json"), model.to_json()?))).collect()
}

/// The drive model, from all observations of the class: no catalog names drives.
fn drives(rows: &Rows<'_>, rates: &ExchangeRates) -> Result<(ClassModel, TrainReport), TrainError> {
    let all: Vec<&Observation> = rows.iter().map(|row| row.2).collect();
    train_drives(&all, rates)
}

/// The server model with whole servers calibrated on the models of parts fitted in this run, else on those in use.
fn with_parts(
    mut servers: ClassModel,
    fitted: &BTreeMap<AssetClass, ClassModel>,
    rows: &Rows<'_>,
    catalog: &Catalog,
    rates: &ExchangeRates,
    say: &dyn Fn(String),
) -> anyhow::Result<ClassModel> {
    let mut models = Models::built_in()?;
    fitted.values().cloned().for_each(|model| models.replace(model));
    let Some(parts) = PartModels::of(&models) else { return Ok(servers) };
    let known: Vec<(ProductId, &Observation)> = rows
        .iter()
        .filter(|row| row.0 == AssetClass::Server)
        .filter_map(|row| Some((row.1?, row.2)))
        .collect();
    let matcher = Matcher::new(catalog);
    match calibrate_wholes(&mut servers, &known, catalog, &matcher, rates, &parts) {
        0 => say("server: too few listings tell what the machine holds: no sum of parts".to_owned()),
        used => {
            say(format!("server: {used} wholes calibrated on their parts; {}", servers.card.interval_note));
        }
    }
    Ok(servers)
}

/// The model of a class by the facts of its products; `None` for a class that has none and without a known product.
fn trained(
    class: AssetClass,
    rows: &Rows<'_>,
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Option<Result<(ClassModel, TrainReport), TrainError>> {
    if class == AssetClass::Storage {
        return Some(drives(rows, rates));
    }
    if !CLASSES_WITH_FACTS.contains(&class) {
        return None;
    }
    let known: Vec<(ProductId, &Observation)> = rows.iter().filter_map(|row| Some((row.1?, row.2))).collect();
    (!known.is_empty()).then(|| train_class(class, &known, catalog, rates))
}

/// The fitted model, with what became of it told.
fn told(
    class: AssetClass,
    trained: Result<(ClassModel, TrainReport), TrainError>,
    say: &dyn Fn(String),
) -> Option<ClassModel> {
    match trained {
        Ok((model, report)) => {
            say(format!(
                "{class}: {} used, {} without launch date or rate; {} products, {} to {}; {}",
                report.used,
                report.without_facts,
                model.card.products,
                model.card.first_month.map_or(String::new(), |month| month.to_string()),
                model.card.last_month.map_or(String::new(), |month| month.to_string()),
                model.card.interval_note
            ));
            if report.asked_by_one > 0 {
                say(format!("  {} asks of one dealer or of an unknown number left out", report.asked_by_one));
            }
            for note in &report.notes {
                say(format!("  {note}"));
            }
            Some(model)
        }
        Err(error) => {
            say(error.to_string());
            None
        }
    }
}

/// A market with its followed prices and how well they forecast its past, where there are any.
type Followed = (FollowedMarket, Option<FollowedPrices>, Option<ScoreCard>);

/// The markets of a class that were followed long enough.
fn followed(rows: &Rows<'_>, catalog: &Catalog, rates: &ExchangeRates) -> anyhow::Result<Vec<Followed>> {
    let long_enough =
        |market: &FollowedMarket| market.series.iter().any(|one| one.months.len() >= LEAST_MONTHS);
    let markets: Vec<FollowedMarket> = followed_markets(rows).into_iter().filter(long_enough).collect();
    markets
        .into_par_iter()
        .map(|market| {
            let (prices, test) = fit_and_backtest(&market, catalog, rates, &Settings::default())?;
            let scores = ScoreCard::of(&test)?;
            Ok((market, prices, scores))
        })
        .collect()
}

/// The model with the followed prices of the class, or one of these alone.
fn with_followed(
    class: AssetClass,
    followed: Vec<Followed>,
    model: Option<ClassModel>,
    say: &dyn Fn(String),
) -> Option<ClassModel> {
    if followed.is_empty() {
        return model;
    }
    let mut model = model.unwrap_or_else(|| {
        let markets: Vec<FollowedMarket> = followed.iter().map(|one| one.0.clone()).collect();
        ClassModel::new(class, card::card_of(&markets), Fitted::Followed)
    });
    for (market, prices, scores) in followed {
        match prices {
            Some(mut prices) => {
                prices.naive_from = scores.as_ref().and_then(naive_from);
                model.card.knows_nothing_about.extend(card::naive_note(&market, prices.naive_from));
                say(format!(
                    "{class}: {} followed, {} series to {}",
                    card::market_name(&market),
                    prices.products.len(),
                    prices.last_month()
                ));
                model.card.scores.extend(scores.iter().flat_map(|one| card::horizon_scores(&market, one)));
                model.followed.push(prices);
            }
            None => say(format!("{class}: {} left out: no exchange rate", card::market_name(&market))),
        }
    }
    Some(model)
}

fn tell_scores(model: &ClassModel, say: &dyn Fn(String)) {
    for score in &model.card.scores {
        say(format!(
            "  {:<10} {:>2} months ahead: {:>4} forecasts, median error {:.1} %, coverage {:.0} %, pinball {:.2} (no change \
             {:.2}, -3.5 % a month {:.2})",
            score.market,
            score.horizon_months,
            score.forecasts,
            score.median_error_percent,
            score.coverage_percent,
            score.pinball,
            score.pinball_no_change,
            score.pinball_published_rate
        ));
    }
}

/// Model files of a directory with newer months taken in.
fn updated(
    directory: &Path,
    rows: &Rows<'_>,
    catalog: &Catalog,
    say: &dyn Fn(String),
) -> anyhow::Result<BTreeMap<String, String>> {
    let models = Models::from_directory(directory)?;
    let markets = newer_months(rows, &|class, row| {
        let follows = |prices: &FollowedPrices| prices.follows_source(row.basis, &row.source, row.currency);
        models.iter().any(|(model, _)| model.class == class && model.followed.iter().any(follows))
    });
    let mut taken_in = vec![false; markets.len()];
    let mut files = BTreeMap::new();
    for (model, _) in models.iter() {
        let grows = |market: &FollowedMarket| {
            market.class == model.class && model.followed.iter().any(|prices| prices.follows(market))
        };
        if !markets.iter().any(grows) {
            continue;
        }
        let mut model = model.clone();
        let mut taken = 0;
        for prices in &mut model.followed {
            for (position, market) in markets.iter().enumerate() {
                if market.class == model.class && prices.follows(market) {
                    taken += prices.assimilate(market, catalog);
                    taken_in[position] = true;
                }
            }
        }
        if taken > 0 {
            let last = model.followed.iter().map(FollowedPrices::last_month).max();
            model.card.last_month = model.card.last_month.max(last);
            model.card.observations += taken;
            say(format!("{}: {taken} newer monthly prices taken in", model.class));
            files.insert(format!("{}.json", model.class), model.to_json()?);
        }
    }
    for (market, _) in markets.iter().zip(&taken_in).filter(|(_, taken)| !**taken) {
        say(format!(
            "{}: {} of `{}` was not followed by these models: fit anew to add it",
            market.class,
            card::market_name(market),
            market.source
        ));
    }
    if files.is_empty() {
        bail!(
            "no observation is later than what {} has seen of the same class, source, kind and currency: nothing was \
             written",
            directory.display()
        );
    }
    Ok(files)
}
