//! The price of one unit, month by month.
//!
//! In: what is known of a unit ([`Subject`]) and the fitted models. Out: a [`Forecast`]: for every month the mean
//! of the log price in dollars, cut by driver, and its variance, cut by cause; or `None` when nothing speaks of
//! it (no product, no cost, a class without a model).
//!
//! - A product whose prices the model followed month by month: the trend of its market from its own last price.
//! - A class with a state-space model: `ln price = ln list + age + market + generation + configuration + grade`.
//! - A class with a regression on facts: that, and where the purchase cost is known the published curve on it as a
//!   second opinion, mixed by precision ([`by_cost`](super::by_cost)).
//! - A server whose configuration is told: its parts and its chassis, and the published curve on its cost as above.
//! - A class with a cold start: facts and condition in one regression; the grade needs no ladder.
//! - Any other class: the published curve on the purchase cost.
//! - A node full of accelerators: the sum of its cards, at the card model's price less 10 % for taking them out,
//!   mixed in the same way with the published curve on the node's cost.

use super::by_cards::NodeView;
use super::by_cold_start::ColdStartView;
use super::by_cost::published_point;
use super::by_facts::{FactsView, drive_of};
use super::by_parts::PartsView;
use super::by_series::SeriesView;
use super::followed::FollowedView;
use super::grade;
use super::model::{ClassModel, Fitted, Models};
use super::published::PublishedCurve;
use super::subject::{Subject, acquired, known_price};
use crate::catalog::AssetClass;
use crate::fleet::Grade;
use crate::units::{LogNormal, Month};

/// Yearly standard deviation of a market that was not followed by the month: a round figure between those of the two
/// fitted GPU markets, 0.12 (data centre) and 0.26 (consumer, with a crash in it).
pub(crate) const UNFOLLOWED_MARKET_SD: f64 = 0.15;

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
    /// What this owner paid for others of the product, where the register does not say for this one.
    SiblingCost,
    /// What a new one of its kind usually costs.
    Typical,
    /// The last price seen of the product.
    LastPrice,
}

impl ReferenceKind {
    /// How reports call it.
    pub const fn name(self) -> &'static str {
        match self {
            ReferenceKind::ListPrice => "list price",
            ReferenceKind::PurchaseCost => "purchase cost",
            ReferenceKind::SiblingCost => "usual cost here",
            ReferenceKind::Typical => "typical price new",
            ReferenceKind::LastPrice => "last price seen",
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

    pub(super) fn scaled(self, factor: f64) -> Variance {
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
    /// Name of the market it moves with; forecasts of one market share its moves.
    pub market: String,
    /// Name of the product whose price it is; forecasts of one product share what is not known of it.
    pub product: String,
    /// Month of the first point.
    pub start: Month,
    /// One point a month.
    pub points: Vec<Point>,
    /// Of a server whose configuration is told: its parts.
    pub parts: Option<PartPrices>,
    /// Share of its value that is in accelerators it carries: what moves them moves as much of it.
    pub cards_share: f64,
}

/// What the parts of a machine fetch when they are sold one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct PartPrices {
    /// How many parts can be taken out.
    pub count: f64,
    /// Price of all of them together, dollars, before the work of taking them out; one entry a month.
    pub prices: Vec<LogNormal>,
}

impl Forecast {
    /// The same with all prices moved by a factor.
    fn moved(mut self, log_factor: f64) -> Forecast {
        for point in &mut self.points {
            point.drivers.market += log_factor;
        }
        self
    }

    /// Price of one unit `ahead` months after the start, in dollars. Beyond the last point the last one holds.
    pub fn value(&self, ahead: usize) -> LogNormal {
        let point = &self.points[ahead.min(self.points.len() - 1)];
        LogNormal {
            mean_log: self.reference.price_usd.ln() + point.drivers.total(),
            variance_log: point.variance.total(),
        }
    }
}

/// Forecasts `months` months from `start` on. A factor that the policy puts on the class acts on every month; on a
/// machine whose parts are known it acts through them. What a scenario does to the unit's own market acts on the whole.
pub fn forecast(models: &Models, subject: &Subject<'_>, start: Month, months: usize) -> Option<Forecast> {
    let mut found = unmoved(models, subject, start, months)?;
    if let Some(calibration) = models.calibration() {
        calibration.lay_over(&mut found, subject.class, subject.grade);
    }
    Some(moved(models, subject, found))
}

/// The forecast of a subject, made without the moves of a scenario, with what they do to the whole of it.
pub fn moved(models: &Models, subject: &Subject<'_>, mut found: Forecast) -> Forecast {
    if models.is_shocked() {
        let (start, cards_share) = (found.start.index(), found.cards_share);
        for (month, point) in (start..).map(Month::from_index).zip(&mut found.points) {
            point.drivers.market += models.shock(subject.class, subject.product, month);
            if let Some((card, _)) = subject.accelerators {
                let moved = models.shock_of_part(card.class, Some(card), month).exp_m1();
                point.drivers.market += (cards_share * moved).ln_1p();
            }
        }
        let parts = found.parts.iter_mut().flat_map(|parts| &mut parts.prices);
        for (month, price) in (start..).map(Month::from_index).zip(parts) {
            price.mean_log += models.shock_of_all(month);
        }
    }
    found
}

/// The forecast without what a scenario does to the unit's own market.
fn unmoved(models: &Models, subject: &Subject<'_>, start: Month, months: usize) -> Option<Forecast> {
    if let Some(ClassModel { fitted: Fitted::ColdStart { model, products }, .. }) = models.get(subject.class)
        && let Some(view) = ColdStartView::of(model, products, subject)
    {
        return Some(
            Forecast {
                basis: view.basis,
                reference: view.reference,
                market: subject.class.name().to_owned(),
                product: subject.product.map_or_else(String::new, |product| product.name.clone()),
                start,
                points: (0..months as i32).map(|ahead| view.point(start.plus(ahead))).collect(),
                parts: None,
                cards_share: 0.0,
            }
            .moved(models.log_factor(subject.class)),
        );
    }
    let (mut found, condition) = match followed(models, subject, start, months) {
        // What was followed and scored is the price in the condition of the series; only another one moves it.
        Some((found, stated)) if subject.grade.is_none() || subject.grade == stated => return Some(found),
        Some((found, _)) => (found, grade::effect(subject.grade)),
        None => (without_grade(models, subject, start, months)?, grade::effect(subject.grade)),
    };
    for point in &mut found.points {
        point.drivers.grade = condition.shift_log;
        point.variance.unit += condition.variance_log;
    }
    Some(found)
}

/// The forecast of a product whose prices were followed, with the condition they were followed in, where it is told.
fn followed(
    models: &Models,
    subject: &Subject<'_>,
    start: Month,
    months: usize,
) -> Option<(Forecast, Option<Grade>)> {
    let view = FollowedView::of(&models.get(subject.class)?.followed, subject, start)?;
    let found = Forecast {
        basis: Basis::Sales(view.months()),
        reference: view.reference,
        market: format!("{} {}", subject.class, view.market_name()),
        product: subject.product.map_or_else(String::new, |product| product.name.clone()),
        start,
        points: (0..months as i32).map(|ahead| view.point(start.plus(ahead))).collect(),
        parts: None,
        cards_share: 0.0,
    };
    Some((found.moved(models.log_factor(subject.class)), view.condition()))
}

/// The forecast of a unit in the market's usual mixture of conditions.
pub(super) fn without_grade(
    models: &Models,
    subject: &Subject<'_>,
    start: Month,
    months: usize,
) -> Option<Forecast> {
    let all = |one: &dyn Fn(Month) -> Point| (0..months as i32).map(|ahead| one(start.plus(ahead))).collect();
    let class_market = subject.class.name().to_owned();
    let product =
        subject.product.map_or_else(|| format!("unknown {}", subject.class), |product| product.name.clone());
    if let Some((found, _)) = followed(models, subject, start, months) {
        return Some(found);
    }
    if subject.class == AssetClass::Server
        && let Some(node) = NodeView::of(models, subject, start, months)
    {
        let leading = node.leading();
        return Some(Forecast {
            basis: leading.basis,
            reference: node.reference,
            market: leading.market.clone(),
            product: leading.product.clone(),
            start,
            points: all(&|month| node.point(month)),
            parts: None,
            cards_share: node.cards_share(),
        });
    }
    if let Some(view) = PartsView::of(models, subject) {
        let (points, prices) = (0..months as i32).map(|ahead| view.point(start.plus(ahead))).unzip();
        return Some(Forecast {
            basis: Basis::Family,
            reference: view.reference,
            market: class_market,
            product,
            start,
            points,
            parts: Some(PartPrices { count: view.part_count(), prices }),
            cards_share: 0.0,
        });
    }
    let by_series = match models.statistics(subject.class) {
        Some(ClassModel { fitted: Fitted::StateSpace { markets }, .. }) => SeriesView::of(markets, subject),
        _ => None,
    };
    let found = match (models.statistics(subject.class), by_series) {
        (_, Some(view)) => Some(Forecast {
            basis: view.basis,
            reference: view.reference,
            market: format!("{class_market} {}", view.market_name()),
            product,
            start,
            points: all(&|month| view.point(month)),
            parts: None,
            cards_share: 0.0,
        }),
        (Some(ClassModel { fitted: Fitted::Hedonic { model, .. }, card, .. }), None)
            if regression_speaks_of(subject) =>
        {
            let view = FactsView::of(model, card, subject, start);
            Some(Forecast {
                basis: view.basis,
                reference: view.reference,
                market: class_market,
                product,
                start,
                points: all(&|month| view.point(month)),
                parts: None,
                cards_share: 0.0,
            })
        }
        _ => {
            let (price_usd, kind) = known_price(subject)?;
            let curve = PublishedCurve::of_class(subject.class);
            let bought = acquired(subject)?;
            Some(Forecast {
                basis: Basis::Published,
                reference: Reference { price_usd, kind },
                market: class_market,
                product,
                start,
                points: all(&|month| published_point(&curve, bought, month)),
                parts: None,
                cards_share: 0.0,
            })
        }
    };
    found.map(|found| found.moved(models.log_factor(subject.class)))
}

/// Whether the regression of the class speaks of the subject. The model of drives speaks of drives: what else a register
/// calls storage is a filer or an array. An unknown processor or module has no facts.
fn regression_speaks_of(subject: &Subject<'_>) -> bool {
    match subject.class {
        AssetClass::Storage => drive_of(subject).is_some(),
        AssetClass::Cpu | AssetClass::Memory => subject.product.is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::parts::Configuration;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    /// A unit of no known product.
    fn unknown(class: AssetClass, cost_usd: Option<f64>, acquired: Option<Month>) -> Subject<'static> {
        Subject {
            class,
            product: None,
            successor_launch: None,
            cost_usd,
            cost_from_siblings: false,
            acquired,
            grade: None,
            accelerators: None,
            configuration: Configuration::default(),
        }
    }

    #[test]
    fn a_class_without_a_model_is_valued_by_the_published_curve_on_its_cost() {
        let subject = unknown(AssetClass::Monitor, Some(300.0), Some(month("2023-11")));
        let found = forecast(&Models::default(), &subject, month("2026-11"), 24).unwrap();
        assert_eq!(found.basis, Basis::Published);
        let now = found.value(0).quantiles();
        assert!((40.0..150.0).contains(&now.p50), "{now:?}");
        assert!(now.p90 / now.p10 > 2.5, "published figures deserve a wide interval: {now:?}");
    }

    #[test]
    fn an_array_is_not_taken_for_a_drive_nor_an_unknown_part_for_a_usual_one() {
        let models = Models::built_in().unwrap();
        for class in [AssetClass::Storage, AssetClass::Memory, AssetClass::Cpu] {
            let subject = unknown(class, Some(40_000.0), Some(month("2024-11")));
            let found = forecast(&models, &subject, month("2026-11"), 2).unwrap();
            assert_eq!(found.basis, Basis::Published, "{class}");
            assert!(found.value(0).quantiles().p50 > 4_000.0, "{class}");
        }
    }

    #[test]
    fn a_unit_that_nobody_dated_is_no_new_one_and_ages_on() {
        let models = Models::built_in().unwrap();
        let subject = unknown(AssetClass::Laptop, None, None);
        let found = forecast(&models, &subject, month("2026-11"), 37).unwrap();
        let dated = Subject { acquired: Some(month("2026-10")), ..subject };
        let young = forecast(&models, &dated, month("2026-11"), 1).unwrap();
        assert!(found.value(0).mean() < 0.6 * young.value(0).mean());
        assert!(found.value(36).mean_log < found.value(0).mean_log - 0.2);
        assert!(found.value(0).variance_log > young.value(0).variance_log);
    }

    #[test]
    fn nothing_known_is_no_forecast() {
        let subject = unknown(AssetClass::Printer, None, None);
        assert_eq!(forecast(&Models::default(), &subject, month("2026-11"), 24), None);
    }
}
