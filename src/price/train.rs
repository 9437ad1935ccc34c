//! From observations to a fitted class model with its card.
//!
//! In: observations already tied to catalog products. Out: a [`ClassModel`] and what was left out. GPUs, whose
//! prices were followed by the month, get a state-space model for consumer and workstation cards and another for
//! data-centre cards, whose prices hardly move together; other classes get the regression on facts. Series of fewer than three prices stay out of
//! the shipped model, and a list price that no source states is a rounded average over the series, so that no
//! single price can be read back.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::card::ModelCard;
use super::features;
use super::hedonic::{HedonicError, HedonicModel, LeftOut, Listing};
use super::market_moves;
use super::model::{ClassModel, Fitted, Market};
use super::state_space::design::{Column, Covariates, DesignBasis};
use super::state_space::error::PriceModelError;
use super::state_space::fit::{FitSettings, FittedPanel};
use super::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use super::state_space::panel::{Panel, PanelSettings, Row, Series};
use super::state_space::score::Scores;
use super::state_space::{design, score};
use super::train_phones::train_cold_start;
use crate::catalog::{AssetClass, Catalog, Product, ProductId};
use crate::market::{Basis, CellSeries, Observation, monthly_series};
use crate::units::{Currency, ExchangeRates, Month, counted};

/// Names of the GPU markets: consumer and workstation cards, and data-centre cards.
pub(super) const SEGMENTS: [&str; 2] = ["consumer", "datacentre"];

/// Label of the reference market: the largest source of sold prices in dollars.
pub(super) const SOLD_IN_DOLLARS: &str = "sold USD";

/// Prices a series must have to be shipped.
const LEAST_PRICES: usize = 3;

/// Fewest series for the state-space model.
const LEAST_SERIES: usize = 3;

/// What the fit used and left out, for the terminal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainReport {
    /// Observations used.
    pub used: usize,
    /// Observations of products without a launch date or usable facts.
    pub without_facts: usize,
    /// Asks of a single dealer, or of nobody knows how many, where others tell.
    pub asked_by_one: usize,
    /// Lines worth telling.
    pub notes: Vec<String>,
}

/// A class that cannot be fitted.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Not enough data.
    #[error("{class}: {reason}; give more observations, or a catalog with launch dates")]
    TooLittle {
        /// The class.
        class: AssetClass,
        /// What is missing.
        reason: String,
    },
    /// The state-space fit failed.
    #[error("{class}: {source}")]
    StateSpace {
        /// The class.
        class: AssetClass,
        /// Why.
        source: PriceModelError,
    },
    /// The regression failed.
    #[error("{class}: {source}")]
    Hedonic {
        /// The class.
        class: AssetClass,
        /// Why.
        source: HedonicError,
    },
}

/// Fits one class. `rows` are observations with the product each was identified as.
pub fn train_class(
    class: AssetClass,
    rows: &[(ProductId, &Observation)],
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Result<(ClassModel, TrainReport), TrainError> {
    match class {
        AssetClass::Gpu => train_state_space(class, rows, catalog, rates),
        AssetClass::Phone => train_cold_start(class, rows, catalog, rates),
        _ => train_hedonic(class, rows, catalog, rates),
    }
}

/// The product part of a series name.
pub(super) fn series_name_product(name: &str) -> &str {
    name.split_once(" / ").map_or(name, |(product, _)| product)
}

fn train_state_space(
    class: AssetClass,
    rows: &[(ProductId, &Observation)],
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Result<(ClassModel, TrainReport), TrainError> {
    let failed = |source| TrainError::StateSpace { class, source };
    let used: Vec<(ProductId, &Observation)> =
        rows.iter().copied().filter(|(_, row)| !row.grade.eq_ignore_ascii_case("new")).collect();
    let cells = monthly_series(&used);
    let labels = source_labels(&cells);
    let mut report = TrainReport::default();
    let mut series = Vec::new();
    for cell_series in &cells {
        match to_series(cell_series, catalog, rates, &labels) {
            Some(one) => {
                report.used += one.rows.len();
                series.push(one);
            }
            None => report.without_facts += cell_series.cells.len(),
        }
    }
    if series.len() < LEAST_SERIES {
        return Err(TrainError::TooLittle { class, reason: format!("{} usable series", series.len()) });
    }
    let told: BTreeMap<String, usize> =
        cells.iter().map(|one| (series_name(one, catalog, &labels), prices(one))).collect();
    let mut markets = Vec::new();
    let mut scores = Vec::new();
    let by_market = SEGMENTS.map(|name| {
        let own: Vec<Series> = series.iter().filter(|one| one.segment == name).cloned().collect();
        (name, own)
    });
    let fits: Vec<_> = by_market.par_iter().map(|(name, own)| fit_and_score(name, own)).collect();
    for ((name, own), fit) in by_market.iter().zip(fits) {
        let Some(fit) = fit else {
            report.notes.push(format!("{name}: {} series are too few for a market", own.len()));
            continue;
        };
        let (fitted, scored) = fit.map_err(failed)?;
        scores.extend(scored.by_horizon);
        report.notes.push(format!(
            "{name}: {} series, {} unknowns, objective {:.2}",
            own.len(),
            fitted.panel().unknowns(),
            fitted.objective()
        ));
        markets.push(Market {
            name: (*name).to_owned(),
            has_sold_prices: own.iter().any(|one| one.covariates.source == SOLD_IN_DOLLARS),
            interval_scales: scored.interval_scales,
            model: fitted
                .compact()
                .map_err(failed)?
                .with_series_where(|one| told.get(&one.name).is_some_and(|prices| *prices >= LEAST_PRICES)),
        });
    }
    if markets.is_empty() {
        return Err(TrainError::TooLittle { class, reason: report.notes.join("; ") });
    }
    let products: std::collections::BTreeSet<&str> = markets
        .iter()
        .flat_map(|market| market.model.all_series())
        .map(|one| series_name_product(&one.name))
        .collect();
    let card = ModelCard {
        method: "State-space price model: log retention by age, successor, list price, maker and memory, a market \
                 index that returns to the curve with momentum, and each product's own deviation."
            .into(),
        basis: "sales".into(),
        observations: report.used,
        sales: used.iter().map(|(_, row)| row.quantity.unwrap_or(1.0)).sum::<f64>().round() as u64,
        products: products.len(),
        first_month: cells.iter().filter_map(|one| one.cells.first()).map(|cell| cell.month).min(),
        last_month: Some(Month::from_index(last_month(&series))),
        fitted_on: describe_sources(&cells, &labels, catalog),
        scores,
        interval_note: markets
            .iter()
            .map(|market| {
                let factors: Vec<String> = market
                    .interval_scales
                    .iter()
                    .map(|(months, factor)| format!("{factor:.2} at {}", counted(u64::from(*months), "month")))
                    .collect();
                format!("{}: standard deviations × {}.", market.name, factors.join(", "))
            })
            .collect::<Vec<_>>()
            .join(" "),
        knows_nothing_about: unknown_to_markets(&markets),
    };
    Ok((ClassModel::new(class, card, Fitted::StateSpace { markets }), report))
}

/// The fit of a market and how well fits like it forecast its past; `None` with too few series.
fn fit_and_score(name: &str, own: &[Series]) -> Option<Result<(FittedPanel, Scores), PriceModelError>> {
    if own.len() < LEAST_SERIES {
        return None;
    }
    let (fitted, scored) =
        rayon::join(|| fit_panel(own, last_month(own), None), || score::rolling_origin(name, own, fit_panel));
    Some(fitted.and_then(|fitted| Ok((fitted, scored?))))
}

/// What nobody should conclude from followed markets.
fn unknown_to_markets(markets: &[Market]) -> Vec<String> {
    let mut spots: Vec<String> = vec![
        "Prices after the last month of each source; some sources end long before others.".into(),
        "Condition: the sources mix conditions; grades act by a published ladder.".into(),
        "Export controls, bulk sales of a whole cluster, and cards without working drivers.".into(),
    ];
    for market in markets.iter().filter(|market| !market.has_sold_prices) {
        spots.push(format!(
            "Sold prices of the {} market: it rests on asks, taken 10 % above sales, give or take 10 %.",
            market.name
        ));
    }
    spots.push(
        "More than two years ahead: not scored; the interval widens by 15 % times the root of the years from there."
            .into(),
    );
    spots
}

/// Fits the panel of everything known up to a month.
fn fit_panel(
    series: &[Series],
    last_month: i32,
    start: Option<&Hyperparameters>,
) -> Result<FittedPanel, PriceModelError> {
    let products = series.iter().map(|one| (&one.covariates, one.rows.len()));
    let basis = DesignBasis::from_training(Column::full(), products, last_month);
    let panel = Panel::new(series, basis, PanelSettings::ending(last_month))?;
    panel.fit(&HyperparameterPrior::default(), start, FitSettings::default())
}

fn last_month(series: &[Series]) -> i32 {
    series.iter().flat_map(|one| &one.rows).map(|row| row.month).max().unwrap_or(0)
}

/// A neutral label for every source: what kind of price in which currency, the largest first.
fn source_labels(cells: &[CellSeries]) -> BTreeMap<(String, Basis, Currency), String> {
    let mut sizes: BTreeMap<(String, Basis, Currency), usize> = BTreeMap::new();
    for one in cells {
        *sizes.entry((one.source.clone(), one.basis, one.currency)).or_default() += one.cells.len();
    }
    let mut ordered: Vec<_> = sizes.into_iter().collect();
    ordered.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    ordered
        .into_iter()
        .map(|(key, _)| {
            let plain = format!("{} {}", key.1.name(), key.2);
            let count = taken.entry(plain.clone()).or_insert(0);
            *count += 1;
            let label = if *count == 1 { plain } else { format!("{plain} {count}") };
            (key, label)
        })
        .collect()
}

fn series_name(
    cells: &CellSeries,
    catalog: &Catalog,
    labels: &BTreeMap<(String, Basis, Currency), String>,
) -> String {
    let label = &labels[&(cells.source.clone(), cells.basis, cells.currency)];
    format!("{} / {label}", catalog.get(cells.product).name)
}

/// Single prices behind a series. A monthly mean counts as one.
fn prices(cells: &CellSeries) -> usize {
    cells.cells.iter().map(|cell| cell.observations).sum()
}

/// Ties a monthly series to its product's facts. `None` without a launch date or an exchange rate.
fn to_series(
    cells: &CellSeries,
    catalog: &Catalog,
    rates: &ExchangeRates,
    labels: &BTreeMap<(String, Basis, Currency), String>,
) -> Option<Series> {
    let product = catalog.get(cells.product);
    let launch = product.launch?.month;
    let log_rate = rates.dollars_per(cells.currency).ok()?.ln();
    let label = &labels[&(cells.source.clone(), cells.basis, cells.currency)];
    let log_prices: Vec<(Month, f64)> =
        cells.cells.iter().map(|cell| (cell.month, cell.log_price + log_rate)).collect();
    let ln_list_price = match product.list_price_usd() {
        Some(price) => price.ln(),
        None if prices(cells) >= LEAST_PRICES => implied_log_list(&log_prices, launch),
        None => return None,
    };
    let segment = if product.is_datacentre_gpu() { SEGMENTS[1] } else { SEGMENTS[0] };
    Some(Series {
        name: series_name(cells, catalog, labels),
        segment: segment.to_owned(),
        covariates: Covariates {
            launch_month: launch.index(),
            successor_launch_month: catalog.successor_launch(product).map(|date| date.month.index()),
            ln_list_price,
            amd: product.vendor == "AMD",
            datacentre: product.is_datacentre_gpu(),
            ln_memory: product.memory_gb.map(f64::ln),
            source: label.clone(),
        },
        rows: cells
            .cells
            .iter()
            .zip(log_prices)
            .map(|(cell, (month, log_price))| Row {
                month: month.index(),
                ln_retention: log_price - ln_list_price,
                sales: Some(cell.sales),
                weight: 1.0,
            })
            .collect(),
    })
}

/// The list price that the prior curve implies, averaged over a series and rounded to two digits.
fn implied_log_list(log_prices: &[(Month, f64)], launch: Month) -> f64 {
    let implied = |(month, log_price): &(Month, f64)| {
        let age = f64::from(month.months_since(launch).max(0)) / 12.0;
        design::implied_list_price(log_price.exp(), age).ln()
    };
    let mean = log_prices.iter().map(implied).sum::<f64>() / log_prices.len() as f64;
    let price = mean.exp();
    let unit = 10_f64.powf(price.log10().floor() - 1.0);
    ((price / unit).round() * unit).ln()
}

/// One sentence a source: kind of price, currency, products, months, span.
fn describe_sources(
    cells: &[CellSeries],
    labels: &BTreeMap<(String, Basis, Currency), String>,
    catalog: &Catalog,
) -> Vec<String> {
    let mut lines: BTreeMap<&str, (usize, usize, Month, Month)> = BTreeMap::new();
    for one in cells {
        if catalog.get(one.product).launch.is_none() {
            continue;
        }
        let (Some(first), Some(last)) = (one.cells.first(), one.cells.last()) else { continue };
        let label = &labels[&(one.source.clone(), one.basis, one.currency)];
        let line = lines.entry(label).or_insert((0, 0, first.month, last.month));
        line.0 += 1;
        line.1 += one.cells.len();
        line.2 = line.2.min(first.month);
        line.3 = line.3.max(last.month);
    }
    lines
        .into_iter()
        .map(|(label, (products, months, first, last))| {
            format!("{label}: {months} monthly means of {products} products, {first} to {last}")
        })
        .collect()
}

fn train_hedonic(
    class: AssetClass,
    rows: &[(ProductId, &Observation)],
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Result<(ClassModel, TrainReport), TrainError> {
    let mut report = TrainReport::default();
    let mut listings = Vec::new();
    let mut months = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let told_sellers = class == AssetClass::Cpu && rows.iter().any(|(_, row)| asked_by_several(row));
    for (id, row) in rows {
        let product = catalog.get(*id);
        if told_sellers && row.basis == Basis::Asked && !asked_by_several(row) {
            report.asked_by_one += 1;
            continue;
        }
        // Memory is priced by the calendar: it needs no launch.
        let dated =
            product.launch.map(|date| date.month).or((class == AssetClass::Memory).then_some(row.month));
        let usable = dated.filter(|_| row.basis != Basis::New && !carries_gpus(product));
        let (Some(launch), Ok(rate)) = (usable, rates.dollars_per(row.currency)) else {
            report.without_facts += 1;
            continue;
        };
        let kind = if row.basis == Basis::Asked { "asked" } else { "sold" };
        *lines.entry(format!("{kind} {}", row.currency)).or_default() += 1;
        months.push(row.month);
        listings.push(Listing {
            product: product.name.clone(),
            features: features::of_listing(product, launch, row),
            log_price: (row.price * rate).ln(),
        });
    }
    report.used = listings.len();
    let model = regression_on_facts(class, &listings, &months, &lines)?;
    Ok((model, report))
}

/// Whether several sellers ask the price. What a single dealer asks for a rare server processor stood at up to ten
/// times the price at which several offered it later.
fn asked_by_several(row: &Observation) -> bool {
    row.quantity.is_some_and(|sellers| sellers >= 2.0)
}

/// The regression on facts of a class with its card. `lines` counts listings by kind and currency.
pub(super) fn regression_on_facts(
    class: AssetClass,
    listings: &[Listing],
    months: &[Month],
    lines: &BTreeMap<String, usize>,
) -> Result<ClassModel, TrainError> {
    let model = HedonicModel::fit(listings, |column| features::prior(class, column))
        .map_err(|source| TrainError::Hedonic { class, source })?;
    let products: std::collections::BTreeSet<&str> =
        listings.iter().map(|listing| listing.product.as_str()).collect();
    let published = class == AssetClass::Server;
    let card = ModelCard {
        method: "Regression of log price on age, product line, market and condition, with each product's own shrunk \
                 effect; mixed by precision with the published curves on the purchase cost where that is known."
            .into(),
        basis: if published { "published" } else { "listings" }.into(),
        observations: listings.len(),
        sales: lines.iter().filter(|(kind, _)| kind.starts_with("sold")).map(|(_, count)| *count as u64).sum(),
        products: products.len(),
        first_month: months.iter().min().copied(),
        last_month: months.iter().max().copied(),
        fitted_on: lines.iter().map(|(kind, count)| format!("{kind}: {count} listings")).collect(),
        scores: Vec::new(),
        interval_note: left_out_note("Listings", &model.left_out),
        knows_nothing_about: blind_spots(class, lines),
    };
    Ok(ClassModel::new(class, card, Fitted::Hedonic { model, whole: None }))
}

/// How prices of products left out of the fit were met, as a sentence.
pub(super) fn left_out_note(what: &str, left_out: &LeftOut) -> String {
    format!(
        "{what} of products left out of the fit: median error {:.0} %, and {:.0} % inside the 80 % interval.",
        left_out.median_error_percent, left_out.coverage_percent
    )
}

/// A node full of accelerators is priced by them, not by its chassis.
fn carries_gpus(product: &Product) -> bool {
    product.class == AssetClass::Server && product.gpu.is_some()
}

/// What nobody should conclude, by the class and by the listings that there were (kind and currency, count).
fn blind_spots(class: AssetClass, listings: &BTreeMap<String, usize>) -> Vec<String> {
    let mut spots = vec![
        "The market by the month: no series was followed, so the course of the market is unknown and widens the \
         interval by 15 % times the root of the years."
            .to_owned(),
        "Prices after the last listing.".to_owned(),
    ];
    let sold_in_dollars = listings.get(SOLD_IN_DOLLARS).copied().unwrap_or(0);
    let all: usize = listings.values().sum();
    spots.push(format!("Sold prices in dollars: {sold_in_dollars} of {all} listings are that."));
    match class {
        AssetClass::Server => spots.extend([
            "Configuration: memory, drives and processors decide what a server fetches, and the regression does not see \
             them; the purchase cost stands in for them."
                .to_owned(),
            "Treat every figure as published literature with a wide interval.".to_owned(),
        ]),
        AssetClass::Memory => {
            spots.extend(market_moves::sources(class).map(|source| format!("Moves after it, published: {source}.")));
        }
        AssetClass::Laptop => spots.push("Locked (MDM, BIOS, activation) units, which sell for parts.".to_owned()),
        _ => {}
    }
    spots
}
