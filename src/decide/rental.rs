//! What a unit would earn by the hour.
//!
//! In: the hourly price of its product in the policy, its load, what holding it costs. Out: the value of staying by
//! income, `hourly × owner's share × (1 − decline)^t × factor(t) × load × 730 − c(t)` a month, and until when renting it out beats
//! selling it.

use super::cohort::Cohort;
use super::cost::HOURS_A_MONTH;
use super::policy::Policy;
use crate::catalog::Catalog;
use crate::price::shock::ShockPath;
use crate::units::Month;

/// Renting against selling. Amounts in the currency of the plan, one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RentalView {
    /// Price of an hour now, of the whole unit.
    pub hourly: f64,
    /// Income of the first month, before its cost.
    pub income: f64,
    /// Cost of holding it in that month.
    pub cost: f64,
    /// Month until which renting beats selling; the month one looks from when it does not at all.
    pub until: Month,
    /// What renting until then brings more than selling now, present value.
    pub gain: f64,
    /// Whether the decision was made by it.
    pub decides: bool,
}

/// Price of an hour of a unit, where the policy knows one of its product or of the cards in it.
pub(super) fn hourly(policy: &Policy, catalog: &Catalog, cohort: &Cohort) -> Option<f64> {
    let price = |name: &str| policy.rental.hourly.get(name).copied();
    let own = cohort.identification.product.and_then(|id| price(&catalog.get(id).name));
    own.or_else(|| {
        let (card, count) = cohort.accelerators?;
        price(&catalog.get(card).name).map(|price| price * f64::from(count))
    })
}

/// Income of each month ahead at an hourly price, seen from a month.
pub(super) fn incomes(
    policy: &Policy,
    hourly: f64,
    load: Option<f64>,
    as_of: Month,
    months: usize,
) -> Vec<f64> {
    let terms = &policy.rental;
    let load = load.filter(|load| *load > 0.0).unwrap_or(terms.occupancy);
    let first = hourly * terms.owner_share * load * HOURS_A_MONTH;
    let monthly = (1.0 - terms.decline_yearly).powf(1.0 / 12.0);
    // Nothing lets a price fall to nothing in the logarithm, so the least factor is a millionth.
    let log = |factor: &f64| factor.max(1e-6).ln();
    let path = ShockPath::Path(terms.factors.iter().map(|(month, factor)| (*month, log(factor))).collect());
    let factor = |month: i32| path.log_at(as_of.plus(month)).exp();
    (0..months as i32).map(|month| first * monthly.powi(month) * factor(month)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn income_is_price_times_load_times_hours_and_falls_with_the_price() {
        let policy = Policy::built_in();
        let incomes = incomes(&policy, 2.0, Some(0.5), "2026-11".parse().unwrap(), 13);
        assert!((incomes[0] - 2.0 * 0.75 * 0.5 * 730.0).abs() < 1e-9);
        assert!((incomes[12] / incomes[0] - 0.75).abs() < 1e-12);
    }
}
