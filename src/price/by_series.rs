//! The price of a unit by the state-space model of its market.
//!
//! In: the markets of a class and a subject. Out: a point a month, the model's own parts kept apart: age, market,
//! generation and configuration in the mean; market, curve, product and unit in the variance. Intervals are widened
//! by the factors measured at their distance, and beyond the distance that was scored by 15 % times the root of the years.

use super::forecast::{Basis, Drivers, Point, Reference, ReferenceKind, UNFOLLOWED_MARKET_SD, Variance};
use super::model::Market;
use super::state_space::compact::{CompactModel, CompactSeries, MOST_MONTHS_AHEAD};
use super::state_space::design::Covariates;
use super::state_space::forecast::Query;
use super::subject::{Subject, known_price, launched};
use super::train::{SEGMENTS, SOLD_IN_DOLLARS, series_name_product};
use crate::units::Month;

/// Spread of list prices in a class where not even the purchase cost is known, in log price.
const UNKNOWN_PRICE_SD: f64 = 0.8;

/// Years ahead of a product's last price for which forecasts were scored; beyond them the interval grows by
/// [`UNFOLLOWED_MARKET_SD`] a year.
const SCORED_YEARS: f64 = 2.0;

/// Years beyond them after which the interval grows no more: prices are bounded by scrap and by the price new.
const UNSCORED_YEARS_COUNTED: f64 = 4.0;

/// Log by which asks stand above sales where only asks are known, and its standard deviation: the prior of the
/// regression on facts.
const ASKED_ABOVE_SOLD: f64 = 0.10;

/// A subject as a state-space model sees it.
pub(super) struct SeriesView<'a> {
    model: &'a CompactModel,
    market: &'a Market,
    series: Option<&'a CompactSeries>,
    covariates: Covariates,
    pub(super) reference: Reference,
    pub(super) basis: Basis,
    /// Variance of a reference price that had to be guessed.
    guess_variance: f64,
}

impl<'a> SeriesView<'a> {
    pub(super) fn of(markets: &'a [Market], subject: &Subject<'_>) -> Option<SeriesView<'a>> {
        let launch = launched(subject)?;
        let market = match subject.product {
            Some(product) => {
                let name = SEGMENTS[usize::from(product.is_datacentre_gpu())];
                markets.iter().find(|market| market.name == name)?
            }
            None => market_by_price(markets, known_price(subject).map(|(price_usd, _)| price_usd))?,
        };
        let model = &market.model;
        let series = subject.product.and_then(|product| best_series(model, &product.name));
        let typical = model.basis().mean_ln_list_price;
        let (price_usd, kind) = known_price(subject).unwrap_or((typical.exp(), ReferenceKind::Typical));
        // A series keeps the list price it was fitted with, stated or implied.
        let ln_list_price = series.map_or(price_usd.ln(), |series| series.covariates.ln_list_price);
        let guessed = series.is_none() && kind == ReferenceKind::Typical;
        let guess_variance = if guessed { UNKNOWN_PRICE_SD.powi(2) } else { 0.0 };
        let basis = match (series, subject.product) {
            (Some(series), _) => Basis::Sales(series.rows),
            (None, Some(_)) if guess_variance == 0.0 => Basis::Family,
            _ => Basis::Class,
        };
        let product = subject.product;
        Some(SeriesView {
            model,
            market,
            series,
            covariates: Covariates {
                launch_month: launch.index(),
                successor_launch_month: subject.successor_launch.map(Month::index),
                ln_list_price,
                amd: product.is_some_and(|product| product.vendor == "AMD"),
                datacentre: market.name == SEGMENTS[1],
                ln_memory: product.and_then(|product| product.memory_gb).map(f64::ln),
                source: SOLD_IN_DOLLARS.to_owned(),
            },
            reference: Reference { price_usd, kind },
            basis,
            guess_variance,
        })
    }

    /// Name of the market it moves with.
    pub(super) fn market_name(&self) -> &str {
        &self.market.name
    }

    /// A month before the model's data end is seen with the market of its first month after them, one beyond its
    /// reach with the last market it can tell, which has long settled on the curve.
    pub(super) fn point(&self, month: Month) -> Point {
        let month = month.index();
        let last = self.model.last_month();
        let query = Query {
            covariates: &self.covariates,
            segment: 0,
            series: self.series,
            month,
            market_month: month.clamp(last + 1, last + MOST_MONTHS_AHEAD as i32),
            sales: Some(1.0),
        };
        let Ok(answer) = self.model.forecast(&query) else {
            return Point {
                drivers: Drivers::default(),
                variance: Variance { product: UNKNOWN_PRICE_SD.powi(2), ..Variance::default() },
            };
        };
        let shares = answer.variance.allocated();
        let parts = Variance {
            market: shares.market.max(0.0),
            curve: shares.curve.max(0.0),
            product: shares.product.max(0.0),
            unit: shares.sale_noise,
        };
        let exact = answer.variance.total().max(0.0);
        let seen = self.series.map_or(last, |series| series.last_month);
        let distance = f64::from((month - seen).max(0));
        let scale = self.market.interval_scale(distance).powi(2);
        let mut variance = parts.scaled(scale * exact / parts.total().max(f64::MIN_POSITIVE));
        let unscored_years = (distance / 12.0 - SCORED_YEARS).max(0.0);
        variance.product += self.guess_variance;
        variance.market += UNFOLLOWED_MARKET_SD.powi(2) * unscored_years.min(UNSCORED_YEARS_COUNTED);
        let gap = if self.market.has_sold_prices { 0.0 } else { ASKED_ABOVE_SOLD };
        if !self.market.has_sold_prices {
            variance.curve += ASKED_ABOVE_SOLD.powi(2);
        }
        let why = answer.contributions;
        Point {
            drivers: Drivers {
                age: why.age,
                market: why.market,
                generation: why.generation,
                configuration: why.configuration + why.product + self.covariates.ln_list_price
                    - self.reference.price_usd.ln()
                    - gap,
                grade: 0.0,
            },
            variance,
        }
    }
}

/// The market of a unit without a product: the one whose usual list price is nearest to what it cost, by the ratio of the two;
/// that of consumer cards where nothing is known. A card of ten thousand dollars moves with those of data centres.
fn market_by_price(markets: &[Market], price_usd: Option<f64>) -> Option<&Market> {
    let Some(price_usd) = price_usd else {
        return markets.iter().find(|market| market.name == SEGMENTS[0]);
    };
    let distance = |market: &Market| (market.model.basis().mean_ln_list_price - price_usd.ln()).abs();
    markets.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

/// The series of a product that reaches furthest, then the longest.
fn best_series<'a>(model: &'a CompactModel, product: &str) -> Option<&'a CompactSeries> {
    model
        .all_series()
        .iter()
        .filter(|series| series_name_product(&series.name) == product)
        .max_by_key(|series| (series.last_month, series.rows))
}

#[cfg(test)]
mod tests {
    use crate::catalog::AssetClass;
    use crate::price::parts::Configuration;
    use crate::price::{Models, Subject, forecast};

    #[test]
    fn a_card_that_no_catalog_knows_moves_with_those_that_cost_what_it_did() {
        let models = Models::built_in().unwrap();
        let market_of = |cost_usd: Option<f64>| {
            let subject = Subject {
                class: AssetClass::Gpu,
                product: None,
                successor_launch: None,
                cost_usd,
                cost_from_siblings: false,
                acquired: Some("2025-11".parse().unwrap()),
                grade: None,
                accelerators: None,
                configuration: Configuration::default(),
            };
            forecast(&models, &subject, "2026-11".parse().unwrap(), 1).unwrap().market
        };
        assert_eq!(market_of(Some(600.0)), market_of(None));
        assert_ne!(market_of(Some(10_000.0)), market_of(Some(600.0)));
        assert!(market_of(Some(10_000.0)).contains("datacentre"), "{}", market_of(Some(10_000.0)));
    }
}
