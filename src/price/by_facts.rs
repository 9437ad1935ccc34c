//! The price of a unit by the regression on facts.
//!
//! In: the regression, its card, and a subject. Out: a point a month. Where the purchase cost is known the published
//! curve on it is a second opinion, mixed by precision. A market that nobody followed by the month widens the
//! interval with the time since the last listing; a published move of it shifts the mean.

use super::by_cost::CostView;
use super::card::ModelCard;
use super::features;
use super::forecast::{Basis, Drivers, Point, Reference, ReferenceKind, UNFOLLOWED_MARKET_SD, Variance};
use super::hedonic::HedonicModel;
use super::market_moves::{MarketMove, move_in};
use super::parts::drive::Drive;
use super::subject::{Subject, known_price, launched};
use crate::catalog::{AssetClass, Product};
use crate::units::Month;

/// Spread between product lines, added when the product is not known.
const UNKNOWN_LINE_SD: f64 = 0.4;

/// Where neither its launch nor its purchase is known: how long ago a unit's product came to market, and the standard deviation
/// of that. An assumption: gear is replaced after three to five years, and what nobody dated can be of any age up to eight.
const UNKNOWN_AGE_MONTHS: i32 = 48;
const UNKNOWN_AGE_SD_YEARS: f64 = 2.0;

/// Where only its purchase is known: the standard deviation of how long its product had been on the market.
const UNKNOWN_LAUNCH_SD_YEARS: f64 = 0.5;

/// Years over which an unfollowed market's moves accumulate.
const UNFOLLOWED_MARKET_YEARS: f64 = 4.0;

/// The drive that a subject of the class storage is, where it is one.
pub(super) fn drive_of(subject: &Subject<'_>) -> Option<Drive> {
    let drives = subject.configuration.drives.filter(|_| subject.class == AssetClass::Storage)?;
    Some(Drive { kind: drives.kind?, terabytes: drives.terabytes_each })
}

fn features_of(
    product: Option<&Product>,
    drive: Option<Drive>,
    age_years: f64,
    month: Month,
) -> Vec<(String, f64)> {
    drive.map_or_else(|| features::of_product(product, age_years, month), |drive| drive.facts(month))
}

/// A subject as a regression on facts sees it, with the published curve as second opinion.
pub(super) struct FactsView<'a> {
    model: &'a HedonicModel,
    card: &'a ModelCard,
    class: AssetClass,
    product: Option<&'a Product>,
    drive: Option<Drive>,
    launch: Month,
    launch_sd_years: f64,
    by_cost: Option<CostView>,
    pub(super) reference: Reference,
    pub(super) basis: Basis,
}

impl<'a> FactsView<'a> {
    pub(super) fn of(
        model: &'a HedonicModel,
        card: &'a ModelCard,
        subject: &Subject<'a>,
        start: Month,
    ) -> FactsView<'a> {
        let drive = drive_of(subject);
        let known_line = drive.is_some()
            || subject.product.is_some_and(|product| model.knows(&features::line_column(product)));
        let listings = subject
            .product
            .and_then(|product| model.products.get(&product.name))
            .map_or(0, |effect| effect.listings);
        let basis = match (listings, card.basis.as_str()) {
            (1.., _) => Basis::Sales(listings),
            (_, "published") => Basis::Published,
            _ if known_line => Basis::Family,
            _ => Basis::Class,
        };
        let new_in = launched(subject).unwrap_or(start);
        let new_price = features_of(subject.product, drive, 0.0, new_in)
            .iter()
            .map(|(name, value)| value * model.coefficient(name))
            .sum::<f64>()
            .exp();
        let (price_usd, kind) = match (subject.cost_usd, known_price(subject)) {
            (Some(cost), _) => (cost, subject.cost_kind()),
            (None, Some(known)) => known,
            (None, None) => (new_price, ReferenceKind::Typical),
        };
        FactsView {
            model,
            card,
            class: subject.class,
            product: subject.product,
            drive,
            launch: launched(subject).unwrap_or_else(|| start.plus(-UNKNOWN_AGE_MONTHS)),
            launch_sd_years: match (subject.product.and_then(|product| product.launch), subject.acquired) {
                (Some(launch), _) => launch.sd_months() / 12.0,
                (None, Some(_)) => UNKNOWN_LAUNCH_SD_YEARS,
                (None, None) => UNKNOWN_AGE_SD_YEARS,
            },
            by_cost: CostView::of(subject, 0.0),
            reference: Reference { price_usd, kind },
            basis,
        }
    }

    pub(super) fn point(&self, month: Month) -> Point {
        let from_facts = self.by_facts(month);
        match &self.by_cost {
            None => from_facts,
            Some(by_cost) => by_cost.mixed_into(from_facts, month, self.reference.price_usd).0,
        }
    }

    fn by_facts(&self, month: Month) -> Point {
        let age_years = f64::from(month.months_since(self.launch)) / 12.0;
        let row = features_of(self.product, self.drive, age_years, month);
        let answer = self.model.predict(self.product.map(|product| product.name.as_str()), &row);
        let age: f64 = row
            .iter()
            .filter(|(name, _)| name.starts_with("age") || name.starts_with("year"))
            .map(|(name, value)| value * self.model.coefficient(name))
            .sum();
        // The kinds of drives are what lines are of machines.
        let known_line = self.drive.is_some()
            || self.product.is_some_and(|product| self.model.knows(&features::line_column(product)));
        let line_variance = if known_line { 0.0 } else { UNKNOWN_LINE_SD.powi(2) };
        let slope = self.model.coefficient("age") + self.model.coefficient("age beyond 3");
        let years = self
            .card
            .last_month
            .map_or(0.0, |last| f64::from(month.months_since(last)).max(0.0) / 12.0)
            .min(UNFOLLOWED_MARKET_YEARS);
        let published = move_in(self.class, month).unwrap_or(MarketMove { log: 0.0, sd_log: 0.0 });
        Point {
            drivers: Drivers {
                age,
                market: published.log,
                configuration: answer.regression + answer.product - age - self.reference.price_usd.ln(),
                ..Drivers::default()
            },
            variance: Variance {
                market: UNFOLLOWED_MARKET_SD.powi(2) * years + published.sd_log.powi(2),
                curve: answer.curve_variance,
                product: answer.product_variance + line_variance + (slope * self.launch_sd_years).powi(2),
                unit: self.model.listing_sd.powi(2),
            },
        }
    }
}
