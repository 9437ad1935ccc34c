//! `residua simulate`: an invented market with known truth, and an oracle's forecasts of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use crate::catalog::AssetClass;
use crate::price::oracle::{ScoredForecast, oracle_forecasts};
use crate::price::simulate::{Coefficient, IndexPoint, SimulatedMarket, SimulationSettings, simulate};
use crate::price::state_space::hyperparameters::Hyperparameters;
use crate::report::write_directory;
use crate::units::Month;

/// Classes that `fit` makes a model of.
const CLASSES: [AssetClass; 3] = [AssetClass::Gpu, AssetClass::Server, AssetClass::Laptop];

/// Months between the origins that are taken when none is given.
const ORIGIN_STEP: usize = 3;

/// What every invented row says of where it comes from.
const SOURCE: &str = "residua simulate";

/// Arguments of `residua simulate`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua simulate -o invented --seed 7\n  \
                        residua fit invented/market.csv --catalog invented/catalog.csv -o models/")]
pub(super) struct SimulateArguments {
    /// Directory for market.csv, catalog.csv, truth.json and oracle.csv
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Class of the products: gpu, server or laptop
    #[arg(long, default_value = "gpu", value_parser = class)]
    class: AssetClass,
    /// Number of products, 3 to 5000
    #[arg(long, default_value_t = SimulationSettings::default().products)]
    products: usize,
    /// Number of months, 6 to 240
    #[arg(long, default_value_t = SimulationSettings::default().months)]
    months: usize,
    /// Seed of all draws: the same seed gives the same bytes
    #[arg(long, default_value_t = SimulationSettings::default().seed)]
    seed: u64,
    /// Loss by physical wear, in ln price a year of age
    #[arg(long, value_name = "A", default_value_t = SimulationSettings::default().wear)]
    wear: f64,
    /// Loss by better products coming, in ln price a year of age
    #[arg(long, value_name = "B", default_value_t = SimulationSettings::default().obsolescence)]
    obsolescence: f64,
    /// Months known to the oracle when it forecasts; may be repeated; default: half of all and every third after
    #[arg(long = "origin", value_name = "K")]
    origins: Vec<usize>,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

fn class(text: &str) -> Result<AssetClass, String> {
    AssetClass::from_name(text)
        .filter(|class| CLASSES.contains(class))
        .ok_or_else(|| format!("`{text}` has no fitted model: gpu, server or laptop"))
}

pub(super) fn run(arguments: SimulateArguments) -> anyhow::Result<()> {
    let settings = SimulationSettings {
        class: arguments.class,
        products: arguments.products,
        months: arguments.months,
        seed: arguments.seed,
        wear: arguments.wear,
        obsolescence: arguments.obsolescence,
    };
    let market = simulate(&settings)?;
    let origins = origins(&market, arguments.origins)?;
    let forecasts = oracle_forecasts(&market, &origins)?;
    let files = BTreeMap::from([
        ("market.csv".to_owned(), market_file(&market)?),
        ("catalog.csv".to_owned(), catalog_file(&market)?),
        ("truth.json".to_owned(), truth_file(&market)?),
        ("oracle.csv".to_owned(), oracle_file(&market, &forecasts)?),
    ]);
    write_directory(&arguments.output, &files)?;
    if !arguments.quiet {
        eprintln!(
            "wrote {}: {} prices of {} products, {} to {}; {} oracle forecasts from {} origins",
            arguments.output.display(),
            market.products.iter().map(|one| one.sales.len()).sum::<usize>(),
            market.products.len(),
            Month::from_index(market.first_month()),
            Month::from_index(market.last_month()),
            forecasts.len(),
            origins.len()
        );
    }
    Ok(())
}

/// Last known months, as indices, in order and each once.
fn origins(market: &SimulatedMarket, mut known: Vec<usize>) -> anyhow::Result<Vec<i32>> {
    let months = market.settings.months;
    if known.is_empty() {
        known = (months.div_ceil(2)..months).step_by(ORIGIN_STEP).collect();
    }
    known.sort_unstable();
    known.dedup();
    if let Some(bad) = known.iter().find(|count| !(1..months).contains(count)) {
        bail!(
            "--origin {bad}: of {months} months 1 to {} can be known with one left to forecast",
            months - 1
        );
    }
    (known.into_iter())
        .map(|count| Ok(market.first_month() + i32::try_from(count)? - 1))
        .collect::<anyhow::Result<_>>()
}

const MARKET_HEADER: [&str; 9] =
    ["date", "class", "product", "price", "currency", "basis", "grade", "quantity", "source"];

#[derive(Serialize)]
struct MarketRow<'a> {
    date: Month,
    class: AssetClass,
    product: &'a str,
    price: String,
    currency: &'static str,
    basis: &'static str,
    grade: &'static str,
    quantity: u32,
    source: &'static str,
}

fn market_file(market: &SimulatedMarket) -> anyhow::Result<Vec<u8>> {
    let rows = market.products.iter().flat_map(|product| {
        product.sales.iter().map(|one| MarketRow {
            date: Month::from_index(one.month),
            class: market.settings.class,
            product: &product.name,
            price: format!("{:.2}", one.price),
            currency: "USD",
            basis: "sold",
            grade: "used",
            quantity: one.quantity,
            source: SOURCE,
        })
    });
    csv_of(&MARKET_HEADER, rows)
}

const CATALOG_HEADER: [&str; 10] = [
    "product",
    "class",
    "vendor",
    "family",
    "launch_date",
    "list_price",
    "currency",
    "memory_gb",
    "successor_launch_date",
    "source",
];

#[derive(Serialize)]
struct CatalogRow<'a> {
    product: &'a str,
    class: AssetClass,
    vendor: &'a str,
    family: &'static str,
    launch_date: Month,
    list_price: String,
    currency: &'static str,
    memory_gb: Option<f64>,
    successor_launch_date: Option<Month>,
    source: &'static str,
}

fn catalog_file(market: &SimulatedMarket) -> anyhow::Result<Vec<u8>> {
    csv_of(
        &CATALOG_HEADER,
        market.products.iter().map(|product| CatalogRow {
            product: &product.name,
            class: market.settings.class,
            vendor: product.vendor,
            family: "Invented",
            launch_date: Month::from_index(product.covariates.launch_month),
            list_price: format!("{:.0}", product.list_price),
            currency: "USD",
            memory_gb: product.memory_gb,
            successor_launch_date: product.covariates.successor_launch_month.map(Month::from_index),
            source: SOURCE,
        }),
    )
}

const ORACLE_HEADER: [&str; 9] =
    ["origin", "product", "month", "horizon", "mean", "p10", "p50", "p90", "actual"];

#[derive(Serialize)]
struct OracleRow<'a> {
    origin: Month,
    product: &'a str,
    month: Month,
    horizon: i32,
    mean: String,
    p10: String,
    p50: String,
    p90: String,
    actual: String,
}

fn oracle_file(market: &SimulatedMarket, forecasts: &[ScoredForecast]) -> anyhow::Result<Vec<u8>> {
    csv_of(
        &ORACLE_HEADER,
        forecasts.iter().map(|one| {
            let product = &market.products[one.product];
            let dollars = |retention: f64| format!("{:.2}", product.list_price * retention);
            let quantiles = one.quantiles();
            OracleRow {
                origin: Month::from_index(one.origin),
                product: &product.name,
                month: Month::from_index(one.origin + one.horizon),
                horizon: one.horizon,
                mean: dollars(one.mean_retention()),
                p10: dollars(quantiles.lower.exp()),
                p50: dollars(quantiles.median.exp()),
                p90: dollars(quantiles.upper.exp()),
                actual: dollars(one.actual.exp()),
            }
        }),
    )
}

/// A table; its header is written apart, for a table without rows has one too.
fn csv_of(header: &[&str], rows: impl Iterator<Item = impl Serialize>) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.serialize(row)?;
    }
    writer.into_inner().context("cannot finish a table")
}

/// Everything the prices were made from. Logarithms are natural, of dollars or of price over list price.
#[derive(Serialize)]
struct Truth<'a> {
    settings: &'a SimulationSettings,
    coefficients: BTreeMap<&'a str, f64>,
    centres: Centres,
    hyperparameters: &'a Hyperparameters,
    index: &'a [IndexPoint],
    products: Vec<ProductTruth<'a>>,
}

/// The constants that the design's columns are measured from.
#[derive(Serialize)]
struct Centres {
    mean_ln_list_price: f64,
    mean_ln_memory_gb: f64,
    cohort_origin: Month,
}

#[derive(Serialize)]
struct ProductTruth<'a> {
    product: &'a str,
    launch: Month,
    list_price: f64,
    sales_a_month: f64,
    sales: u32,
    effect: f64,
    wander: &'a [f64],
}

fn truth_file(market: &SimulatedMarket) -> anyhow::Result<Vec<u8>> {
    let truth = Truth {
        settings: &market.settings,
        coefficients: market
            .coefficients
            .iter()
            .map(|Coefficient { name, value }| (name.as_str(), *value))
            .collect(),
        centres: Centres {
            mean_ln_list_price: market.basis.mean_ln_list_price,
            mean_ln_memory_gb: market.basis.mean_ln_memory,
            cohort_origin: Month::from_index(market.basis.cohort_origin),
        },
        hyperparameters: &market.hyperparameters,
        index: &market.index,
        products: market
            .products
            .iter()
            .map(|one| ProductTruth {
                product: &one.name,
                launch: Month::from_index(one.covariates.launch_month),
                list_price: one.list_price,
                sales_a_month: one.sales_rate,
                sales: one.sales_until(market.last_month()),
                effect: one.effect,
                wander: &one.wander,
            })
            .collect(),
    };
    let mut text = serde_json::to_vec_pretty(&truth)?;
    text.push(b'\n');
    Ok(text)
}
