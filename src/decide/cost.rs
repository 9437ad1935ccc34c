//! What holding a unit costs, month by month.
//!
//! In: the unit's draw, load, age, price new, warranty and contract, and the policy. Out: cost of each month ahead
//! in the currency of the plan.
//!
//! - energy: `watts × (idle share + (1 − idle share) × load) / 1000 × 730 h × PUE × tariff`;
//! - upkeep: `share × price new × (1 + growth)^age / 12`, growing for as many years as the policy says, a part of it while the warranty lasts;
//! - the support contract, until it ends;
//! - for an idle unit only its storage (its shrinkage acts on the recovery).

use super::policy::Policy;
use crate::catalog::AssetClass;
use crate::units::Month;

/// Hours in a month, 8,760 / 12.
const HOURS_A_MONTH: f64 = 730.0;

/// A unit as its costs see it. Amounts in the currency of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Rated draw, watts.
    pub power_w: f64,
    /// Load, 0 to 1; `None` takes the policy's usual load.
    pub utilization: Option<f64>,
    /// Not in use at all.
    pub idle: bool,
    /// When it was new.
    pub new_in: Month,
    /// What one unit cost new.
    pub price_new: f64,
    /// End of the maker's warranty, if stated.
    pub warranty_end: Option<Month>,
    /// Support contract: last month and monthly cost.
    pub contract: Option<(Month, f64)>,
}

impl Holding {
    /// Cost of the month `month`.
    pub fn cost(&self, policy: &Policy, month: Month) -> f64 {
        let contract = match self.contract {
            Some((end, monthly)) if month <= end => monthly,
            _ => 0.0,
        };
        if self.idle {
            return policy.idle.storage_monthly + contract;
        }
        self.energy(policy) + self.upkeep(policy, month) + contract
    }

    /// Energy of one month in use.
    pub fn energy(&self, policy: &Policy) -> f64 {
        let load = self.utilization.unwrap_or(policy.energy.usual_utilization);
        let idle = policy.energy.idle_share;
        let pue = match self.class {
            AssetClass::Server | AssetClass::Gpu | AssetClass::Storage | AssetClass::Network => {
                policy.energy.pue
            }
            _ => 1.0,
        };
        let kilowatts = self.power_w * (idle + (1.0 - idle) * load) / 1000.0;
        kilowatts * HOURS_A_MONTH * pue * policy.energy.price_per_kwh
    }

    fn upkeep(&self, policy: &Policy, month: Month) -> f64 {
        let terms = &policy.maintenance;
        let age_years = f64::from(month.months_since(self.new_in).max(0)) / 12.0;
        let growing_years = age_years.min(terms.growing_years);
        let warranty_end =
            self.warranty_end.unwrap_or_else(|| self.new_in.plus(terms.warranty_months as i32));
        let factor = if month <= warranty_end { terms.share_in_warranty } else { 1.0 };
        let share = terms.yearly_share.of(self.class).unwrap_or(0.0);
        share * self.price_new * (1.0 + terms.yearly_growth).powf(growing_years) / 12.0 * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Holding {
        Holding {
            class: AssetClass::Server,
            power_w: 400.0,
            utilization: Some(0.5),
            idle: false,
            new_in: "2022-01".parse().unwrap(),
            price_new: 12_000.0,
            warranty_end: Some("2025-01".parse().unwrap()),
            contract: None,
        }
    }

    #[test]
    fn energy_is_watts_times_hours_times_pue_times_tariff() {
        let policy = Policy::built_in();
        let expected = 0.4 * 0.75 * 730.0 * 1.56 * 0.13;
        assert!((server().energy(&policy) - expected).abs() < 1e-9);
    }

    #[test]
    fn upkeep_steps_up_when_the_warranty_ends() {
        let policy = Policy::built_in();
        let energy = server().energy(&policy);
        let upkeep = |month: &str| server().cost(&policy, month.parse().unwrap()) - energy;
        let month_of_growth = 1.17_f64.powf(1.0 / 12.0);
        let step = upkeep("2025-02") / upkeep("2025-01");
        assert!((step - month_of_growth / policy.maintenance.share_in_warranty).abs() < 1e-9, "{step}");
    }

    #[test]
    fn upkeep_stops_growing_after_the_years_of_the_policy() {
        let policy = Policy::built_in();
        let cost = |month: &str| server().cost(&policy, month.parse().unwrap());
        assert!(cost("2029-12") < cost("2030-01"));
        assert_eq!(cost("2030-02"), cost("2033-02"));
    }

    #[test]
    fn an_idle_unit_costs_its_shelf_and_its_contract() {
        let policy = Policy::built_in();
        let idle = Holding { idle: true, contract: Some(("2026-03".parse().unwrap(), 25.0)), ..server() };
        assert_eq!(idle.cost(&policy, "2026-03".parse().unwrap()), 27.0);
        assert_eq!(idle.cost(&policy, "2026-04".parse().unwrap()), 2.0);
    }
}
