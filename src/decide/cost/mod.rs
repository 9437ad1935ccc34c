//! What holding a unit costs, month by month and over its age.
//!
//! In: the unit's draw, load, age, price new, warranty and contract, and the policy. Out: the cost of a month in the
//! currency of the plan, cut by cause ([`HoldingCost`]): [`energy`], floor space (rack units × their price), routine
//! upkeep and contract ([`support`]), failures ([`failure`]), software bound to the unit; for an idle unit only its
//! storage and a contract that could move ([`idle`]).

mod energy;
mod failure;
mod idle;
mod support;
mod wear;

pub(super) use energy::HOURS_A_MONTH;
pub use failure::expected_failures;
pub(crate) use idle::kept;
pub(crate) use wear::Wear;

use wear::Powers;

use super::policy::Policy;
use crate::catalog::AssetClass;
use crate::units::Month;

/// A support contract. Amounts in the currency of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contract {
    /// Last month that is agreed.
    pub end: Month,
    /// What it costs a month.
    pub monthly: f64,
    /// Whether it can move to another unit, so that it is saved when this one leaves.
    pub transferable: bool,
}

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
    /// Energy tariff per kWh.
    pub price_per_kwh: f64,
    /// End of the maker's warranty, if stated.
    pub warranty_end: Option<Month>,
    /// Support contract, if the register names one.
    pub contract: Option<Contract>,
}

/// What a month, or a sum of months, costs by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HoldingCost {
    /// Energy.
    pub energy: f64,
    /// Floor space.
    pub space: f64,
    /// Routine upkeep.
    pub upkeep: f64,
    /// Support contract.
    pub contract: f64,
    /// Repairs and lost service.
    pub failures: f64,
    /// Software bound to the unit.
    pub software: f64,
    /// Storage of an unused unit.
    pub storage: f64,
}

impl HoldingCost {
    /// Causes and amounts.
    pub fn parts(&self) -> [(&'static str, f64); 7] {
        [
            ("energy", self.energy),
            ("space", self.space),
            ("upkeep", self.upkeep),
            ("contract", self.contract),
            ("failures", self.failures),
            ("software", self.software),
            ("storage", self.storage),
        ]
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.parts().iter().map(|(_, amount)| amount).sum()
    }

    /// The sum of two, cause by cause.
    pub(crate) fn plus(self, other: HoldingCost) -> HoldingCost {
        let (one, other) = (self.amounts(), other.amounts());
        HoldingCost::of(std::array::from_fn(|cause| one[cause] + other[cause]))
    }

    /// Every cause times a factor.
    pub(crate) fn times(self, factor: f64) -> HoldingCost {
        HoldingCost::of(self.amounts().map(|amount| factor * amount))
    }

    fn amounts(&self) -> [f64; 7] {
        self.parts().map(|(_, amount)| amount)
    }

    /// From amounts in the order of [`HoldingCost::parts`].
    const fn of([energy, space, upkeep, contract, failures, software, storage]: [f64; 7]) -> HoldingCost {
        HoldingCost { energy, space, upkeep, contract, failures, software, storage }
    }
}

impl Holding {
    /// Cost of the month `month`.
    pub fn cost(&self, policy: &Policy, month: Month) -> f64 {
        self.costs(policy, month).total()
    }

    /// Cost of the month `month` by cause.
    pub fn costs(&self, policy: &Policy, month: Month) -> HoldingCost {
        self.at_powers(policy, month, || Powers::of(policy, self.class, self.age_months(month)))
    }

    /// The same with powers that are made once for a policy.
    pub(crate) fn costs_with(&self, policy: &Policy, wear: &Wear, month: Month) -> HoldingCost {
        self.at_powers(policy, month, || wear.powers(policy, self.class, self.age_months(month)))
    }

    fn at_powers(&self, policy: &Policy, month: Month, powers: impl FnOnce() -> Powers) -> HoldingCost {
        let contract = support::contract(self, policy, month);
        if self.idle {
            return HoldingCost { contract, storage: policy.idle.storage_monthly, ..HoldingCost::default() };
        }
        let powers = powers();
        HoldingCost {
            energy: self.kwh_monthly(policy) * self.price_per_kwh,
            space: policy.space.units.of(self.class).unwrap_or(0.0) * policy.space.price_per_unit_monthly,
            upkeep: support::upkeep(self, policy, month, powers.growth),
            contract,
            failures: failure::monthly(self, policy, month, powers.failures),
            software: policy.software.yearly.of(self.class).unwrap_or(0.0) / 12.0,
            storage: 0.0,
        }
    }

    /// Cost of the twelve months after `month`.
    pub fn year_after(&self, policy: &Policy, month: Month) -> HoldingCost {
        (1..=12).fold(HoldingCost::default(), |sum, ahead| sum.plus(self.costs(policy, month.plus(ahead))))
    }

    /// Energy of a month, kWh.
    pub(super) fn kwh_monthly(&self, policy: &Policy) -> f64 {
        if self.idle { 0.0 } else { energy::kwh_monthly(self, policy) }
    }

    /// Age at a month, years.
    fn age_months(&self, month: Month) -> u32 {
        month.months_since(self.new_in).max(0).unsigned_abs()
    }

    /// The last month of the warranty, stated or assumed.
    fn warranty_ends(&self, policy: &Policy) -> Month {
        self.warranty_end.unwrap_or_else(|| self.new_in.plus(policy.maintenance.warranty_months as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn sums_and_multiples_go_cause_by_cause() {
        let one = HoldingCost::of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let other = HoldingCost::of([10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]);
        assert_eq!(one.plus(other), HoldingCost::of([11.0, 22.0, 33.0, 44.0, 55.0, 66.0, 77.0]));
        assert_eq!(one.times(3.0), HoldingCost::of([3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 21.0]));
        assert_eq!((one.energy, one.contract, one.storage, one.total()), (1.0, 4.0, 7.0, 28.0));
    }

    fn server() -> Holding {
        Holding {
            class: AssetClass::Server,
            power_w: 400.0,
            utilization: Some(0.5),
            idle: false,
            new_in: month("2022-01"),
            price_new: 12_000.0,
            price_per_kwh: 0.13,
            warranty_end: Some(month("2025-01")),
            contract: None,
        }
    }

    fn laptop() -> Holding {
        Holding {
            class: AssetClass::Laptop,
            power_w: 15.0,
            price_new: 1_300.0,
            warranty_end: None,
            ..server()
        }
    }

    /// Upkeep and failures of a year of life, counted from 1.
    fn of_year(unit: &Holding, year: i32) -> f64 {
        let costs = unit.year_after(&Policy::built_in(), unit.new_in.plus(12 * (year - 1)));
        costs.upkeep + costs.failures
    }

    #[test]
    fn energy_is_watts_times_hours_times_pue_times_tariff() {
        let expected = 0.4 * 0.75 * 730.0 * 1.56 * 0.13;
        let costs = server().costs(&Policy::built_in(), month("2026-11"));
        assert!((costs.energy - expected).abs() < 1e-9);
        assert_eq!(costs.space, 24.0);
    }

    #[test]
    fn upkeep_and_failures_of_a_laptop_stay_near_the_published_totals() {
        let mean = |years: std::ops::RangeInclusive<i32>| {
            let count = f64::from(years.end() - years.start() + 1);
            years.map(|year| of_year(&laptop(), year)).sum::<f64>() / count
        };
        assert!((mean(4..=7) - 500.0).abs() < 30.0, "Techaisle, from three years on: 500: {}", mean(4..=7));
        assert!((mean(1..=3) - 125.0).abs() < 45.0, "Techaisle, before: 125: {}", mean(1..=3));
        let bare = Holding { warranty_end: Some(month("2021-01")), ..laptop() };
        let growth = of_year(&bare, 4) / of_year(&bare, 1);
        assert!((growth - 1.59).abs() < 0.03, "Wipro: +59 %: {growth}");
    }

    #[test]
    fn by_equal_annual_cost_a_laptop_is_cheaper_on_three_years_than_on_five() {
        // Resale by the 3.5 % a month of a large asset manager; Wipro: 1,266 a year on three years, 1,430 on five.
        let unit = laptop();
        let policy = Policy::built_in();
        let values: Vec<f64> = (1..=60).map(|life| unit.price_new * 0.965_f64.powi(life)).collect();
        let costs: Vec<f64> = (1..=60).map(|age| unit.cost(&policy, unit.new_in.plus(age))).collect();
        let interest = 1.08_f64.powf(1.0 / 12.0) - 1.0;
        let yearly = crate::decide::equal_costs(unit.price_new, &values, &costs, interest);
        assert!(yearly[35] < yearly[59], "{} {}", 12.0 * yearly[35], 12.0 * yearly[59]);
    }

    #[test]
    fn upkeep_and_failures_of_a_server_stay_near_what_they_were_before_they_were_told_apart() {
        // 6 % of the price new a year, growing by 17 %, half of it under warranty.
        for (year, before) in [(1, 390.0), (3, 533.0), (5, 1_459.0), (7, 1_998.0)] {
            let now = of_year(&Holding { warranty_end: None, ..server() }, year);
            assert!((now / before - 1.0_f64).abs() < 0.12, "{year}: {now}");
        }
    }

    #[test]
    fn repairs_begin_to_cost_when_the_warranty_ends_and_upkeep_steps_up() {
        let costs = |when: &str| server().costs(&Policy::built_in(), month(when));
        let (last, first) = (costs("2025-01"), costs("2025-02"));
        assert!(first.failures / last.failures > 1.5 && costs("2025-03").failures / first.failures < 1.05);
        let month_of_growth = 1.135_f64.powf(1.0 / 12.0);
        assert!((first.upkeep / last.upkeep - month_of_growth / 0.5).abs() < 1e-9);
    }

    #[test]
    fn upkeep_stops_growing_after_the_years_of_the_policy() {
        let upkeep = |when: &str| server().costs(&Policy::built_in(), month(when)).upkeep;
        assert!(upkeep("2029-12") < upkeep("2030-01"));
        assert_eq!(upkeep("2030-02"), upkeep("2033-02"));
    }

    #[test]
    fn a_contract_is_sunk_until_its_end_and_then_renewed_by_the_year_at_a_step() {
        let agreed = Contract { end: month("2026-12"), monthly: 100.0, transferable: false };
        let unit = Holding { contract: Some(agreed), ..server() };
        let policy = Policy::built_in();
        let contract = |unit: &Holding, when: &str| unit.costs(&policy, month(when)).contract;
        assert_eq!(contract(&unit, "2026-12"), 0.0);
        assert!((contract(&unit, "2027-01") - 110.0).abs() < 1e-9);
        assert!((contract(&unit, "2027-12") - 110.0).abs() < 1e-9);
        assert!((contract(&unit, "2028-01") - 121.0).abs() < 1e-9);
        let movable = Holding { contract: Some(Contract { transferable: true, ..agreed }), ..unit };
        assert_eq!(contract(&movable, "2026-12"), 100.0);
    }

    #[test]
    fn a_contract_bought_at_the_end_of_the_warranty_covers_the_repairs() {
        let bought =
            Policy::from_toml("mine.toml", "[maintenance]\ncontract_yearly_share = { server = 0.1 }\n");
        let (with, without) = (bought.unwrap(), Policy::built_in());
        let after = month("2025-02");
        assert_eq!(server().costs(&with, month("2025-01")).contract, 0.0);
        assert_eq!(server().costs(&with, after).contract, 100.0);
        assert!((server().costs(&with, month("2026-02")).contract - 110.0).abs() < 1e-9);
        assert!(server().costs(&with, after).failures < server().costs(&without, after).failures);
    }

    #[test]
    fn an_idle_unit_costs_its_shelf_and_a_contract_that_could_move() {
        let policy = Policy::built_in();
        let agreed = Contract { end: month("2026-03"), monthly: 25.0, transferable: true };
        let idle = Holding { idle: true, contract: Some(agreed), ..server() };
        assert_eq!(idle.cost(&policy, month("2026-03")), 27.0);
        assert_eq!(idle.cost(&policy, month("2026-04")), 2.0);
    }
}
