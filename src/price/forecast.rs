//! The price of one unit, month by month.
//!
//! In: what is known of a unit ([`Subject`]) and the fitted models. Out: a [`Forecast`]: for every month the mean
//! of the log price in dollars, cut by driver, and its variance, cut by cause; or `None` when nothing speaks of
//! it (no product, no cost, a class without a model).
//!
//! - A class with a state-space model: `ln price = ln list + age + market + generation + configuration + grade`.
//! - A class with a regression on facts: that, and where the purchase cost is known the published curve on it as a
//!   second opinion. Both are mixed by their precision; the variance is that of the mixture,
//!   `w₁v₁ + w₂v₂ + w₁w₂(μ₁ − μ₂)²`, so disagreement widens the interval.
//! - Any other class: the published curve on the purchase cost.
//! - A node full of accelerators: the sum of its cards, at the card model's price less 10 % for taking them out,
//!   mixed in the same way with the published curve on the node's cost.

use super::card::ModelCard;
use super::features;
use super::grade;
use super::hedonic::HedonicModel;
use super::model::{ClassModel, Fitted, Market, Models};
use super::published::PublishedCurve;
use super::state_space::compact::{CompactModel, CompactSeries};
use super::state_space::design::Covariates;
use super::state_space::forecast::Query;
use super::train::{SEGMENTS, SOLD_IN_DOLLARS, series_name_product};
use crate::catalog::{AssetClass, Product};
use crate::fleet::Grade;
use crate::units::{LogNormal, Month};

/// Spread of list prices in a class where not even the purchase cost is known, in log price.
const UNKNOWN_PRICE_SD: f64 = 0.8;

/// Spread between product lines, added when the product is not known.
const UNKNOWN_LINE_SD: f64 = 0.4;

/// Yearly standard deviation of a market that was never followed by the month, and the years over which it
/// accumulates. The GPU market's index, the only one fitted, moves by about as much in a calm year.
const UNFOLLOWED_MARKET_SD: f64 = 0.15;
const UNFOLLOWED_MARKET_YEARS: f64 = 4.0;

/// Years ahead of a product's last price for which forecasts were scored; beyond them the interval grows by
/// [`UNFOLLOWED_MARKET_SD`] a year.
const SCORED_YEARS: f64 = 2.0;

/// Log by which asks stand above sales where only asks are known, and its standard deviation: the prior of the
/// regression on facts.
const ASKED_ABOVE_SOLD: f64 = 0.10;

/// Share of the cards' price that is left after taking them out of a node and testing them.
const KEPT_ON_TEARDOWN: f64 = 0.90;

/// Months between a product's launch and its purchase where only the purchase is known.
const USUAL_MONTHS_FROM_LAUNCH: i32 = 9;

/// What is known of a unit.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Kind of hardware.
    pub class: AssetClass,
    /// The catalogued product, if identified.
    pub product: Option<&'a Product>,
    /// When its successor came or comes to market.
    pub successor_launch: Option<Month>,
    /// What one unit cost new, dollars.
    pub cost_usd: Option<f64>,
    /// When this owner got it.
    pub acquired: Option<Month>,
    /// Its condition.
    pub grade: Option<Grade>,
    /// Accelerators it carries: the card and how many.
    pub accelerators: Option<(&'a Product, u32)>,
}

/// What a forecast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Prices of this very product; how many listings or monthly means.
    Sales(usize),
    /// Its own facts and the prices of its relatives.
    Family,
    /// The curve of its class.
    Class,
    /// Published curves only.
    Published,
}

impl Basis {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Sales(_) => "sales",
            Basis::Family => "family",
            Basis::Class => "class",
            Basis::Published => "published",
        }
    }
}

/// What price the forecast starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceKind {
    /// The maker's list price.
    ListPrice,
    /// What this owner paid.
    PurchaseCost,
    /// What a new one of its kind usually costs.
    Typical,
}

impl ReferenceKind {
    /// How reports call it.
    pub const fn name(self) -> &'static str {
        match self {
            ReferenceKind::ListPrice => "list price",
            ReferenceKind::PurchaseCost => "purchase cost",
            ReferenceKind::Typical => "typical price new",
        }
    }
}

/// The price a forecast starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference {
    /// Dollars.
    pub price_usd: f64,
    /// Where it comes from.
    pub kind: ReferenceKind,
}

/// What moves the log price away from the reference price. The sum with the log reference is the mean.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Drivers {
    /// Age since launch or purchase.
    pub age: f64,
    /// Level of the market in that month.
    pub market: f64,
    /// A successor on the market.
    pub generation: f64,
    /// The product itself: line, memory, maker, its own sales.
    pub configuration: f64,
    /// Condition.
    pub grade: f64,
}

impl Drivers {
    /// All of them together.
    pub fn total(&self) -> f64 {
        self.age + self.market + self.generation + self.configuration + self.grade
    }
}

/// Variance of the log price by cause; the sum is the variance of one unit's price.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Variance {
    /// Moves of the market, common to all units of the class.
    pub market: f64,
    /// The class curve, common to all units of the class.
    pub curve: f64,
    /// What is not known of the product, common to its units.
    pub product: f64,
    /// The single unit: condition, configuration, luck of the sale.
    pub unit: f64,
}

impl Variance {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.market + self.curve + self.product + self.unit
    }

    fn scaled(self, factor: f64) -> Variance {
        Variance {
            market: self.market * factor,
            curve: self.curve * factor,
            product: self.product * factor,
            unit: self.unit * factor,
        }
    }
}

/// One month of a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Why the mean is what it is.
    pub drivers: Drivers,
    /// How unsure it is, and why.
    pub variance: Variance,
}

/// A price path of one unit, dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// What it rests on.
    pub basis: Basis,
    /// The price it starts from.
    pub reference: Reference,
    /// Month of the first point.
    pub start: Month,
    /// One point a month.
    pub points: Vec<Point>,
}

impl Forecast {
    /// Price of one unit `ahead` months after the start, in dollars. Beyond the last point the last one holds.
    pub fn value(&self, ahead: usize) -> LogNormal {
        let point = &self.points[ahead.min(self.points.len() - 1)];
        LogNormal {
            mean_log: self.reference.price_usd.ln() + point.drivers.total(),
            variance_log: point.variance.total(),
        }
    }
}

/// Forecasts `months` months from `start` on.
pub fn forecast(models: &Models, subject: &Subject<'_>, start: Month, months: usize) -> Option<Forecast> {
    let all = |one: &dyn Fn(Month) -> Point| (0..months as i32).map(|ahead| one(start.plus(ahead))).collect();
    let condition = grade::effect(subject.grade);
    let with_grade = |mut point: Point| {
        point.drivers.grade = condition.shift_log;
        point.variance.unit += condition.variance_log;
        point
    };
    if subject.class == AssetClass::Server
        && let Some(node) = NodeView::of(models, subject, start, months)
    {
        return Some(Forecast {
            basis: node.cards.basis,
            reference: node.reference,
            start,
            points: all(&|month| with_grade(node.point(month))),
        });
    }
    match models.get(subject.class) {
        Some(ClassModel { fitted: Fitted::StateSpace { markets }, .. }) => {
            let view = SeriesView::of(markets, subject)?;
            Some(Forecast {
                basis: view.basis,
                reference: view.reference,
                start,
                points: all(&|month| with_grade(view.point(month))),
            })
        }
        Some(ClassModel { fitted: Fitted::Hedonic { model }, card, .. }) => {
            let view = FactsView::of(model, card, subject);
            Some(Forecast {
                basis: view.basis,
                reference: view.reference,
                start,
                points: all(&|month| with_grade(view.point(month))),
            })
        }
        None => {
            let (price_usd, kind) = known_price(subject)?;
            let curve = PublishedCurve::of_class(subject.class);
            let bought = acquired(subject)?;
            Some(Forecast {
                basis: Basis::Published,
                reference: Reference { price_usd, kind },
                start,
                points: all(&|month| with_grade(published_point(&curve, bought, month))),
            })
        }
    }
}

/// List price, else purchase cost.
fn known_price(subject: &Subject<'_>) -> Option<(f64, ReferenceKind)> {
    let list = subject.product.and_then(Product::list_price_usd);
    list.map(|price| (price, ReferenceKind::ListPrice))
        .or_else(|| subject.cost_usd.map(|cost| (cost, ReferenceKind::PurchaseCost)))
}

/// When this owner got it, else the product's launch.
fn acquired(subject: &Subject<'_>) -> Option<Month> {
    subject.acquired.or_else(|| subject.product.and_then(|product| product.launch).map(|launch| launch.month))
}

/// When the product came to market, or a guess from the purchase.
fn launched(subject: &Subject<'_>) -> Option<Month> {
    let stated = subject.product.and_then(|product| product.launch).map(|launch| launch.month);
    stated.or_else(|| subject.acquired.map(|bought| bought.plus(-USUAL_MONTHS_FROM_LAUNCH)))
}

fn published_point(curve: &PublishedCurve, bought: Month, month: Month) -> Point {
    let share = curve.at(f64::from(month.months_since(bought)) / 12.0);
    Point {
        drivers: Drivers { age: share.mean_log, ..Drivers::default() },
        variance: Variance { curve: share.variance_log, ..Variance::default() },
    }
}

/// A node full of accelerators, as the sum of its cards.
struct NodeView {
    cards: Forecast,
    count: f64,
    bought: Option<(f64, Month)>,
    curve: PublishedCurve,
    reference: Reference,
}

impl NodeView {
    fn of(models: &Models, subject: &Subject<'_>, start: Month, months: usize) -> Option<NodeView> {
        let (card, count) = subject.accelerators?;
        let of_card = Subject {
            class: card.class,
            product: Some(card),
            successor_launch: None,
            cost_usd: None,
            acquired: subject.acquired,
            grade: None,
            accelerators: None,
        };
        let cards = forecast(models, &of_card, start, months)?;
        let count = f64::from(count);
        let (price_usd, kind) = match subject.cost_usd {
            Some(cost) => (cost, ReferenceKind::PurchaseCost),
            None => {
                known_price(subject).unwrap_or((cards.reference.price_usd * count, ReferenceKind::Typical))
            }
        };
        Some(NodeView {
            cards,
            count,
            bought: subject.cost_usd.zip(acquired(subject)),
            curve: PublishedCurve::of_class(subject.class),
            reference: Reference { price_usd, kind },
        })
    }

    fn point(&self, month: Month) -> Point {
        let ahead = month.months_since(self.cards.start).max(0) as usize;
        let card = self.cards.points[ahead.min(self.cards.points.len() - 1)];
        let whole = (self.cards.reference.price_usd * self.count * KEPT_ON_TEARDOWN).ln();
        let mut by_cards = card;
        by_cards.drivers.configuration += whole - self.reference.price_usd.ln();
        match self.bought {
            None => by_cards,
            Some((cost, bought)) => {
                let mut by_cost = published_point(&self.curve, bought, month);
                by_cost.drivers.configuration += (cost / self.reference.price_usd).ln();
                mix(by_cards, by_cost)
            }
        }
    }
}

/// A subject as a state-space model sees it.
struct SeriesView<'a> {
    model: &'a CompactModel,
    market: &'a Market,
    series: Option<&'a CompactSeries>,
    covariates: Covariates,
    reference: Reference,
    basis: Basis,
    /// Variance of a reference price that had to be guessed.
    guess_variance: f64,
}

impl<'a> SeriesView<'a> {
    fn of(markets: &'a [Market], subject: &Subject<'_>) -> Option<SeriesView<'a>> {
        let launch = launched(subject)?;
        let name = match subject.product {
            Some(product) if product.is_datacentre_gpu() => SEGMENTS[1],
            _ => SEGMENTS[0],
        };
        let market = markets.iter().find(|market| market.name == name)?;
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
                datacentre: product.is_some_and(Product::is_datacentre_gpu),
                ln_memory: product.and_then(|product| product.memory_gb).map(f64::ln),
                source: SOLD_IN_DOLLARS.to_owned(),
            },
            reference: Reference { price_usd, kind },
            basis,
            guess_variance,
        })
    }

    /// A month before the model's data end is seen with the market of its first month after them.
    fn point(&self, month: Month) -> Point {
        let month = month.index().max(self.model.last_month() + 1);
        let query =
            Query { covariates: &self.covariates, segment: 0, series: self.series, month, sales: Some(1.0) };
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
        let seen = self.series.map_or(self.model.last_month(), |series| series.last_month);
        let distance = f64::from(month - seen);
        let scale = self.market.interval_scale(distance).powi(2);
        let mut variance = parts.scaled(scale * exact / parts.total().max(f64::MIN_POSITIVE));
        let unscored_years = (distance / 12.0 - SCORED_YEARS).max(0.0);
        variance.product += self.guess_variance + UNFOLLOWED_MARKET_SD.powi(2) * unscored_years;
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

/// The series of a product that reaches furthest, then the longest.
fn best_series<'a>(model: &'a CompactModel, product: &str) -> Option<&'a CompactSeries> {
    model
        .all_series()
        .iter()
        .filter(|series| series_name_product(&series.name) == product)
        .max_by_key(|series| (series.last_month, series.rows))
}

/// A subject as a regression on facts sees it, with the published curve as second opinion.
struct FactsView<'a> {
    model: &'a HedonicModel,
    card: &'a ModelCard,
    product: Option<&'a Product>,
    launch: Option<Month>,
    bought: Option<(f64, Month)>,
    curve: PublishedCurve,
    reference: Reference,
    basis: Basis,
}

impl<'a> FactsView<'a> {
    fn of(model: &'a HedonicModel, card: &'a ModelCard, subject: &Subject<'a>) -> FactsView<'a> {
        let known_line = subject.product.is_some_and(|product| model.knows(&features::line_column(product)));
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
        let new_price = features::of_product(subject.product, 0.0)
            .iter()
            .map(|(name, value)| value * model.coefficient(name))
            .sum::<f64>()
            .exp();
        let (price_usd, kind) = match (subject.cost_usd, known_price(subject)) {
            (Some(cost), _) => (cost, ReferenceKind::PurchaseCost),
            (None, Some(known)) => known,
            (None, None) => (new_price, ReferenceKind::Typical),
        };
        FactsView {
            model,
            card,
            product: subject.product,
            launch: launched(subject),
            bought: subject.cost_usd.zip(acquired(subject)),
            curve: PublishedCurve::of_class(subject.class),
            reference: Reference { price_usd, kind },
            basis,
        }
    }

    fn point(&self, month: Month) -> Point {
        let from_facts = self.by_facts(month);
        match self.bought {
            None => from_facts,
            Some((cost, bought)) => {
                let mut by_cost = published_point(&self.curve, bought, month);
                by_cost.drivers.configuration += (cost / self.reference.price_usd).ln();
                mix(from_facts, by_cost)
            }
        }
    }

    fn by_facts(&self, month: Month) -> Point {
        let age_years = self.launch.map_or(USUAL_MONTHS_FROM_LAUNCH as f64 / 12.0, |launch| {
            f64::from(month.months_since(launch)) / 12.0
        });
        let row = features::of_product(self.product, age_years);
        let answer = self.model.predict(self.product.map(|product| product.name.as_str()), &row);
        let age: f64 = row
            .iter()
            .filter(|(name, _)| name.starts_with("age"))
            .map(|(name, value)| value * self.model.coefficient(name))
            .sum();
        let known_line =
            self.product.is_some_and(|product| self.model.knows(&features::line_column(product)));
        let line_variance = if known_line { 0.0 } else { UNKNOWN_LINE_SD.powi(2) };
        let slope = self.model.coefficient("age") + self.model.coefficient("age beyond 3");
        let launch_sd_years =
            self.product.and_then(|product| product.launch).map_or(0.5, |launch| launch.sd_months() / 12.0);
        let years = self
            .card
            .last_month
            .map_or(0.0, |last| f64::from(month.months_since(last)).max(0.0) / 12.0)
            .min(UNFOLLOWED_MARKET_YEARS);
        Point {
            drivers: Drivers {
                age,
                configuration: answer.regression + answer.product - age - self.reference.price_usd.ln(),
                ..Drivers::default()
            },
            variance: Variance {
                market: UNFOLLOWED_MARKET_SD.powi(2) * years,
                curve: answer.curve_variance,
                product: answer.product_variance + line_variance + (slope * launch_sd_years).powi(2),
                unit: self.model.listing_sd.powi(2),
            },
        }
    }
}

/// Two opinions of one price, weighted by precision; what they disagree on is not known of the product.
fn mix(first: Point, second: Point) -> Point {
    let weight = second.variance.total() / (first.variance.total() + second.variance.total());
    let between = |one: f64, other: f64| weight * one + (1.0 - weight) * other;
    let gap = first.drivers.total() - second.drivers.total();
    let (a, b) = (&first.drivers, &second.drivers);
    let (v, w) = (&first.variance, &second.variance);
    Point {
        drivers: Drivers {
            age: between(a.age, b.age),
            market: between(a.market, b.market),
            generation: between(a.generation, b.generation),
            configuration: between(a.configuration, b.configuration),
            grade: 0.0,
        },
        variance: Variance {
            market: between(v.market, w.market),
            curve: between(v.curve, w.curve),
            product: between(v.product, w.product) + weight * (1.0 - weight) * gap * gap,
            unit: between(v.unit, w.unit),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_class_without_a_model_is_valued_by_the_published_curve_on_its_cost() {
        let subject = Subject {
            class: AssetClass::Monitor,
            product: None,
            successor_launch: None,
            cost_usd: Some(300.0),
            acquired: Some(month("2023-11")),
            grade: None,
            accelerators: None,
        };
        let found = forecast(&Models::default(), &subject, month("2026-11"), 24).unwrap();
        assert_eq!(found.basis, Basis::Published);
        let now = found.value(0).quantiles();
        assert!((40.0..150.0).contains(&now.p50), "{now:?}");
        assert!(now.p90 / now.p10 > 2.5, "published figures deserve a wide interval: {now:?}");
    }

    #[test]
    fn nothing_known_is_no_forecast() {
        let subject = Subject {
            class: AssetClass::Printer,
            product: None,
            successor_launch: None,
            cost_usd: None,
            acquired: None,
            grade: None,
            accelerators: None,
        };
        assert_eq!(forecast(&Models::default(), &subject, month("2026-11"), 24), None);
    }

    #[test]
    fn opinions_that_disagree_are_wider_than_either() {
        let at = |age: f64| Point {
            drivers: Drivers { age, ..Drivers::default() },
            variance: Variance { unit: 0.1, ..Variance::default() },
        };
        let mixed = mix(at(-1.0), at(-2.0));
        assert!((mixed.drivers.total() + 1.5).abs() < 1e-12);
        assert!((mixed.variance.total() - 0.35).abs() < 1e-12);
    }
}
