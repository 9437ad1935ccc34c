//! Who owns a unit, and what a month of holding it brings or costs them.
//!
//! In: the unit at the start, the class's published curve and the policy. Out: the monthly discount factor and the net
//! flow of each month ahead.
//!
//! - unused stock: the policy's cost of capital and shrinkage, and [`STORAGE_SHARE`] of the price at the start a month;
//! - in use on a cycle of T months: the unit gives a service worth what a month of use costs on the published curve P,
//!   more while it is younger than T and less after, by the policy's growth g of upkeep:
//!   `f(a) = V (P(a) − δ P(a+1)) (1 + g)^(−(a − T)/12)`, so that on the published curve it is best to sell at age T exactly.
//!
//! V is the list price where the catalog knows it, and else the price at the start over P. Nothing is calibrated on the
//! prices that the replay runs on.

use super::LONGEST_WINDOW;
use crate::decide::policy::Policy;
use crate::price::backtest::paths::Path;
use crate::price::followed::series::PricedSeries;
use crate::price::published::PublishedCurve;
use crate::units::{Month, monthly_discount_factor};

/// Cost of a shelf a month, as a share of the price at the start: the policy's 2 dollars on a unit of 400. Assumption.
const STORAGE_SHARE: f64 = 0.005;

/// An owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Has it on a shelf.
    Stock,
    /// Works with it, on a cycle of so many months.
    InUse(u8),
}

impl Owner {
    /// All of them, in the order of the tables.
    pub const ALL: [Owner; 4] = [Owner::Stock, Owner::InUse(36), Owner::InUse(48), Owner::InUse(60)];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Owner::Stock => "unused",
            Owner::InUse(0..=36) => "in use, 36",
            Owner::InUse(37..=48) => "in use, 48",
            Owner::InUse(_) => "in use, 60",
        }
    }
}

/// A unit at its start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    /// Months since launch, or since the first price where the launch is not known.
    pub age_months: i32,
    /// Price at the start.
    pub price: f64,
    /// Price when new.
    pub price_new: f64,
}

impl Unit {
    /// The unit of a series that is owned from the month of `path` on.
    pub(super) fn of(series: &PricedSeries, path: &Path, curve: &PublishedCurve) -> Unit {
        let launch = series.facts.launch.map(Month::index);
        let born = launch.or_else(|| series.history.months().first().copied()).unwrap_or(path.month);
        let age_months = (path.month - born).max(0);
        let price = path.ln_price.exp();
        let list = series.facts.ln_list_price.filter(|_| launch.is_some());
        let price_new = list.map_or_else(|| price / share(curve, age_months), f64::exp);
        Unit { age_months, price, price_new }
    }
}

/// What holding means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    /// Monthly factor on what comes a month later: discount, and for stock what is not lost.
    pub discount: f64,
    /// Net flow at the end of each month from the start on.
    pub flows: Vec<f64>,
}

impl Terms {
    pub(super) fn of(owner: Owner, unit: &Unit, curve: &PublishedCurve, policy: &Policy) -> Terms {
        let discount = monthly_discount_factor(policy.discount_rate_yearly);
        match owner {
            Owner::Stock => Terms {
                discount: discount * (1.0 - policy.idle.shrinkage_monthly),
                flows: (0..LONGEST_WINDOW).map(|_| -STORAGE_SHARE * unit.price).collect(),
            },
            Owner::InUse(cycle) => {
                let growth = 1.0 + policy.maintenance.yearly_growth;
                let flow = |ahead: i32| {
                    let age = unit.age_months + ahead;
                    let use_cost = share(curve, age) - discount * share(curve, age + 1);
                    let tilt = growth.powf(f64::from(i32::from(cycle) - age) / 12.0);
                    unit.price_new * use_cost * tilt
                };
                Terms { discount, flows: (0..LONGEST_WINDOW).map(flow).collect() }
            }
        }
    }
}

/// Share of the new price that the published curve leaves at an age, at its median.
fn share(curve: &PublishedCurve, age_months: i32) -> f64 {
    curve.at(f64::from(age_months) / 12.0).mean_log.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::AssetClass;

    #[test]
    fn on_the_published_curve_the_owners_own_cycle_is_the_best_month() {
        let policy = Policy::built_in();
        let curve = PublishedCurve::of_class(AssetClass::Gpu);
        let unit = Unit { age_months: 30, price: 1_000.0 * share(&curve, 30), price_new: 1_000.0 };
        for cycle in [36, 48, 60] {
            let terms = Terms::of(Owner::InUse(cycle), &unit, &curve, &policy);
            let mut spent = 0.0;
            let mut discount = 1.0;
            let mut best = (f64::NEG_INFINITY, 0);
            for ahead in 0..=LONGEST_WINDOW {
                let value = spent + discount * 1_000.0 * share(&curve, 30 + ahead);
                if value > best.0 + 1e-9 {
                    best = (value, 30 + ahead);
                }
                if let Some(flow) = usize::try_from(ahead).ok().and_then(|at| terms.flows.get(at)) {
                    discount *= terms.discount;
                    spent += discount * flow;
                }
            }
            // A month of use at age T is worth exactly its cost: T and T + 1 are equally good.
            assert_eq!(best.1, i32::from(cycle));
        }
    }

    #[test]
    fn stock_costs_capital_shrinkage_and_a_shelf() {
        let policy = Policy::built_in();
        let curve = PublishedCurve::of_class(AssetClass::Gpu);
        let unit = Unit { age_months: 0, price: 400.0, price_new: 400.0 };
        let terms = Terms::of(Owner::Stock, &unit, &curve, &policy);
        assert!((terms.discount - 1.08_f64.powf(-1.0 / 12.0) * 0.995).abs() < 1e-12);
        assert!(terms.flows.iter().all(|flow| (flow + 2.0).abs() < 1e-12));
    }
}
