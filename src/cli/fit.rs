//! `residua fit`: price models from market observations.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;

use super::common::full_catalog;
use crate::catalog::{AssetClass, Catalog, Matcher, ProductId};
use crate::market::{Observation, read_observations};
use crate::price::train_class;
use crate::units::ExchangeRates;

/// Classes whose models `fit` writes.
const CLASSES: [AssetClass; 4] = [AssetClass::Gpu, AssetClass::Server, AssetClass::Laptop, AssetClass::Phone];

/// Rejected observations that are told one by one.
const REJECTS_TOLD: usize = 5;

/// Arguments of `residua fit`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  residua fit market/*.csv --catalog my_products.csv -o models/")]
pub(super) struct FitArguments {
    /// Observation files (CSV: date, product, price; class, currency, basis, grade, quantity, config, source)
    #[arg(required = true, value_name = "MARKET")]
    market: Vec<PathBuf>,
    /// Catalog file laid over the built-in catalog
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Directory for CLASS.json
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Say nothing but errors on standard error
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(arguments: FitArguments) -> anyhow::Result<()> {
    let catalog = full_catalog(arguments.catalog.as_ref())?;
    let observations = read_observations(&arguments.market, &CLASSES)?;
    let identified = identify(&catalog, &observations.rows);
    let rates = ExchangeRates::built_in();
    let mut files = BTreeMap::new();
    let say = |line: String| {
        if !arguments.quiet {
            eprintln!("{line}");
        }
    };
    say(format!(
        "{} observations read, {} rejected, {} of products in the catalog",
        observations.rows.len() + observations.rejects.len(),
        observations.rejects.len(),
        identified.len()
    ));
    for reject in observations.rejects.iter().take(REJECTS_TOLD) {
        say(format!("  rejected {}:{}  {}", reject.file.display(), reject.line, reject.reason));
    }
    for class in CLASSES {
        let rows: Vec<(ProductId, &Observation)> =
            identified.iter().filter(|(id, _)| catalog.get(*id).class == class).copied().collect();
        if rows.is_empty() {
            say(format!("{class}: no observations, no model"));
            continue;
        }
        let (model, report) = match train_class(class, &rows, &catalog, &rates) {
            Ok(trained) => trained,
            Err(error) => {
                say(format!("{error}: no model of this class was written"));
                continue;
            }
        };
        say(format!(
            "{class}: {} used, {} without launch date or rate; {} products, {} to {}; {}",
            report.used,
            report.without_facts,
            model.card.products,
            model.card.first_month.map_or(String::new(), |month| month.to_string()),
            model.card.last_month.map_or(String::new(), |month| month.to_string()),
            model.card.interval_note
        ));
        for note in &report.notes {
            say(format!("  {note}"));
        }
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
        files.insert(format!("{class}.json"), model.to_json()?);
    }
    if files.is_empty() {
        bail!("no class has enough observations of catalogued products: nothing was written");
    }
    std::fs::create_dir_all(&arguments.output)
        .with_context(|| format!("cannot make the directory {}", arguments.output.display()))?;
    for (name, text) in files {
        crate::report::write_file(&arguments.output.join(&name), text.as_bytes())?;
        say(format!("wrote {}", arguments.output.join(name).display()));
    }
    Ok(())
}

/// Ties every observation to a product, looking each different text up once.
fn identify<'a>(catalog: &Catalog, rows: &'a [Observation]) -> Vec<(ProductId, &'a Observation)> {
    let matcher = Matcher::new(catalog);
    let mut known: HashMap<(&str, Option<AssetClass>), Option<ProductId>> = HashMap::new();
    rows.iter()
        .filter_map(|row| {
            let product = *known
                .entry((&row.product, row.class))
                .or_insert_with(|| matcher.identify(&row.product, row.class).product);
            // A laptop listing that names its graphics chip is no sale of a graphics card.
            let fits = |id: &ProductId| row.class.is_none_or(|class| class == catalog.get(*id).class);
            product.filter(fits).map(|product| (product, row))
        })
        .collect()
}
