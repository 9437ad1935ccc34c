//! Failures: how often, and what one costs.
//!
//! A unit that is mended each time fails `(t / scale)^shape` times until age t (a Weibull hazard; Rigdon and Basu 2000 call
//! it the power-law process). A failure costs the service lost, and the repair when nobody else bears it.

use super::{Holding, support};
use crate::catalog::AssetClass;
use crate::decide::policy::{ByClass, Policy};
use crate::units::Month;

/// Failures expected between two ages in years.
pub fn expected_failures(shape: f64, scale_years: f64, from_years: f64, to_years: f64) -> f64 {
    (to_years / scale_years).powf(shape) - (from_years / scale_years).powf(shape)
}

/// Failures expected in the month that ends at an age; none where the policy knows none of a class.
pub(super) fn in_month(policy: &Policy, class: AssetClass, age_years: f64) -> f64 {
    let terms = &policy.failure;
    match (terms.shape.of(class), terms.scale_years.of(class)) {
        (Some(shape), Some(scale)) => {
            expected_failures(shape, scale, (age_years - 1.0 / 12.0).max(0.0), age_years)
        }
        _ => 0.0,
    }
}

/// Cost of so many failures in a month in use.
pub(super) fn monthly(unit: &Holding, policy: &Policy, month: Month, failures: f64) -> f64 {
    let terms = &policy.failure;
    let of = |values: &ByClass<f64>| values.of(unit.class).unwrap_or(0.0);
    let repair =
        if support::covered(unit, policy, month) { 0.0 } else { of(&terms.repair_share) * unit.price_new };
    failures * (of(&terms.lost_service) + repair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laptops_of_the_default_policy_fail_as_often_as_the_published_study_says() {
        let terms = Policy::built_in().failure;
        let shape = terms.shape.of(AssetClass::Laptop).unwrap();
        let scale = terms.scale_years.of(AssetClass::Laptop).unwrap();
        let failed = |years: f64| 1.0 - (-expected_failures(shape, scale, 0.0, years)).exp();
        for (years, published) in [(1.0, 0.05), (2.0, 0.13), (3.0, 0.204)] {
            assert!((failed(years) - published).abs() < 0.011, "{years}: {}", failed(years));
        }
    }

    #[test]
    fn servers_and_cards_fail_at_the_published_yearly_rates() {
        let terms = Policy::built_in().failure;
        let yearly = |class, from: f64| {
            expected_failures(
                terms.shape.of(class).unwrap(),
                terms.scale_years.of(class).unwrap(),
                from,
                from + 1.0,
            )
        };
        for (year, published) in [(1, 0.05), (2, 0.06), (3, 0.08), (4, 0.11), (5, 0.13), (6, 0.15), (7, 0.18)]
        {
            let expected = yearly(AssetClass::Server, f64::from(year - 1));
            assert!((expected - published).abs() < 0.025, "{year}: {expected}");
        }
        let published = 220.0 / 16_384.0 * 365.0 / 54.0;
        assert!((yearly(AssetClass::Gpu, 4.0) - published).abs() < 0.001);
    }
}
