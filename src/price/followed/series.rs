//! A followed market as histories with facts.
//!
//! In: a market and the catalog. Out: a [`PricedSeries`] for each series: its history of ln prices in the market's
//! currency, and what the catalog knows of the product.

use crate::catalog::{Catalog, Product};
use crate::market::{FollowedMarket, FollowedSeries};
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::history::History;
use crate::units::{ExchangeRates, Month};

/// Facts of a product that its price is forecast from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Launch.
    pub launch: Option<Month>,
    /// Launch of the successor.
    pub successor_launch: Option<Month>,
    /// Ln list price in the market's currency.
    pub ln_list_price: Option<f64>,
    /// Memory of a GPU, GB.
    pub memory_gb: Option<f64>,
    /// Maker; empty when unknown.
    pub vendor: String,
    /// Product line; empty when unknown.
    pub family: String,
    /// Architecture or generation; empty when unknown.
    pub generation: String,
    /// Whether it is made for the data centre.
    pub datacentre: bool,
}

/// One series with its facts.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedSeries {
    /// Product as the source writes it.
    pub product: String,
    /// Brand or configuration.
    pub variant: String,
    /// Condition.
    pub grade: String,
    /// Facts of the catalog, where it knows the product.
    pub facts: Facts,
    /// Ln prices by month index.
    pub history: History,
    /// Sales behind each, as far as told.
    pub quantities: Vec<Option<f64>>,
}

impl PricedSeries {
    /// Name of the series: product, variant and grade, those that are not empty.
    pub fn name(&self) -> String {
        let parts = [&self.product, &self.variant, &self.grade];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" / ")
    }
}

/// The series of a market.
///
/// # Errors
/// When months of a series do not ascend, which a followed market rules out.
pub fn priced_series(
    market: &FollowedMarket,
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Result<Vec<PricedSeries>, PriceModelError> {
    let ln_rate = rates.dollars_per(market.currency).ok().map(f64::ln);
    market.series.iter().map(|series| one_series(series, catalog, ln_rate)).collect()
}

fn one_series(
    series: &FollowedSeries,
    catalog: &Catalog,
    ln_dollars: Option<f64>,
) -> Result<PricedSeries, PriceModelError> {
    let product: Option<&Product> = series.known_as.map(|id| catalog.get(id));
    let list = product.and_then(Product::list_price_usd).filter(|price| *price > 0.0);
    let text = |field: &dyn Fn(&Product) -> String| product.map(field).unwrap_or_default();
    Ok(PricedSeries {
        product: series.product.clone(),
        variant: series.variant.clone(),
        grade: series.grade.clone(),
        facts: Facts {
            launch: product.and_then(|one| one.launch).map(|date| date.month),
            successor_launch: product.and_then(|one| catalog.successor_launch(one)).map(|date| date.month),
            ln_list_price: list.zip(ln_dollars).map(|(price, rate)| price.ln() - rate),
            memory_gb: product.and_then(|one| one.memory_gb),
            vendor: text(&|one| one.vendor.clone()),
            family: text(&|one| one.family.clone()),
            generation: text(&|one| one.generation.clone()),
            datacentre: product.is_some_and(Product::is_datacentre_gpu),
        },
        history: History::new(
            series.months.iter().map(|one| one.month.index()).collect(),
            series.months.iter().map(|one| one.ln_price).collect(),
        )?,
        quantities: series.months.iter().map(|one| one.quantity).collect(),
    })
}
