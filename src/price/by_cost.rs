//! What the owner paid, as a second opinion of a price.
//!
//! In: the published curve of the class on the purchase cost of one unit, and the first opinion (its facts, its parts,
//! its cards). Out: the mixture. With `μ₁, v₁` of the first opinion, `μ₂(a), v₂(a)` of the curve at the unit's age `a`, and `A` the age
//! of its product (three years where its launch is not known),
//!
//! `w = v₂(A) / (v₁ + v₂(A))`, mean `w μ₁ + (1 − w) μ₂(a)`, variance `w v₁ + (1 − w) v₂(a) + w (1 − w) (μ₁ − μ₂)²`,
//!
//! so disagreement widens the interval (up to a limit beyond which one opinion must be wrong). The weight goes by the age of the
//! product and not by that of the unit: the curve is less sure of what is older, and a weight that followed it would let the
//! older of two units lean more on what others of its product fetch, and make it the dearer one.

use super::forecast::{Drivers, Point, Variance};
use super::published::{PublishedCurve, UNIT_SPREAD};
use super::subject::{Subject, acquired};
use crate::units::Month;

/// Variance that two opinions can add by disagreeing. Beyond it one of them is wrong (a slip in the cost, say), which
/// no wider lognormal describes: its mean would run away.
const MOST_DISAGREEMENT: f64 = 0.5;

/// Age at which a product of unknown launch is weighed, years: that at which most gear is replaced.
const USUAL_AGE_YEARS: f64 = 3.0;

/// The published curve on what one unit cost.
pub(super) struct CostView {
    curve: PublishedCurve,
    cost_usd: f64,
    bought: Month,
    launch: Option<Month>,
    /// Log of the factor that a scenario puts on the class.
    log_factor: f64,
}

impl CostView {
    /// `None` where the cost is not known, or no month to count from.
    pub(super) fn of(subject: &Subject<'_>, log_factor: f64) -> Option<CostView> {
        Some(CostView {
            curve: PublishedCurve::of_class(subject.class),
            cost_usd: subject.cost_usd?,
            bought: acquired(subject)?,
            launch: subject.product.and_then(|product| product.launch).map(|launch| launch.month),
            log_factor,
        })
    }

    /// The curve's opinion of a month, from a reference price.
    fn point(&self, month: Month, reference_usd: f64) -> Point {
        let mut by_cost = published_point(&self.curve, self.bought, month);
        by_cost.drivers.market += self.log_factor;
        by_cost.drivers.configuration += (self.cost_usd / reference_usd).ln();
        by_cost
    }

    /// The first opinion mixed with this one, and the weight of the first, 0 to 1.
    pub(super) fn mixed_into(&self, first: Point, month: Month, reference_usd: f64) -> (Point, f64) {
        let age_years =
            self.launch.map_or(USUAL_AGE_YEARS, |launch| f64::from(month.months_since(launch)) / 12.0);
        let of_product = self.curve.at(age_years).variance_log;
        let weight = of_product / (first.variance.total() + of_product);
        (mix(first, self.point(month, reference_usd), weight), weight)
    }
}

/// A month on the published curve; what differs between units of one product is the unit's own.
pub(super) fn published_point(curve: &PublishedCurve, bought: Month, month: Month) -> Point {
    let share = curve.at(f64::from(month.months_since(bought)) / 12.0);
    Point {
        drivers: Drivers { age: share.mean_log, ..Drivers::default() },
        variance: Variance {
            curve: share.variance_log - UNIT_SPREAD.powi(2),
            unit: UNIT_SPREAD.powi(2),
            ..Variance::default()
        },
    }
}

/// Two opinions of one price, the first with this weight; what they disagree on is not known of the product.
fn mix(first: Point, second: Point, weight: f64) -> Point {
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
            product: between(v.product, w.product)
                + (weight * (1.0 - weight) * gap * gap).min(MOST_DISAGREEMENT),
            unit: between(v.unit, w.unit),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::AssetClass;

    #[test]
    fn opinions_that_disagree_are_wider_than_either() {
        let at = |age: f64| Point {
            drivers: Drivers { age, ..Drivers::default() },
            variance: Variance { unit: 0.1, ..Variance::default() },
        };
        let mixed = mix(at(-1.0), at(-2.0), 0.5);
        assert!((mixed.drivers.total() + 1.5).abs() < 1e-12);
        assert!((mixed.variance.total() - 0.35).abs() < 1e-12);
    }

    #[test]
    fn of_two_units_on_one_date_both_lean_on_their_product_as_much_and_the_older_is_cheaper() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let bought = |bought: &str| CostView {
            curve: PublishedCurve::of_class(AssetClass::Server),
            cost_usd: 8_000.0,
            bought: month(bought),
            launch: Some(month("2023-01")),
            log_factor: 0.0,
        };
        // The product fetches far more than the curve makes of the cost.
        let of_product = Point {
            drivers: Drivers { age: 0.3, ..Drivers::default() },
            variance: Variance { product: 0.3, ..Variance::default() },
        };
        let mixed = |unit: CostView| unit.mixed_into(of_product, month("2026-11"), 8_000.0);
        let ((younger, one), (older, other)) = (mixed(bought("2024-10")), mixed(bought("2024-04")));
        assert_eq!(one, other);
        assert!(older.drivers.total() < younger.drivers.total());
    }
}
