//! Routine upkeep and the support contract.
//!
//! Upkeep: `share × price new × (1 + growth)^age / 12`, growing for as many years as the policy says, a part of it while
//! the warranty lasts. The contract of
//! the register is paid to its end whether the unit stays or goes, unless it can move to another unit; from its end on
//! it is renewed by the year while the unit stays, each time dearer by a step. Where the register names none, one may be
//! bought when the warranty ends, and steps up by the year as well.

use super::Holding;
use crate::decide::policy::Policy;
use crate::units::Month;

/// Factor on the upkeep of a unit of an age, over that of a new one.
pub(super) fn growth(policy: &Policy, age_years: f64) -> f64 {
    let terms = &policy.maintenance;
    (1.0 + terms.yearly_growth).powf(age_years.min(terms.growing_years))
}

/// Routine upkeep of a month in use.
pub(super) fn upkeep(unit: &Holding, policy: &Policy, month: Month, growth: f64) -> f64 {
    let terms = &policy.maintenance;
    let share = terms.yearly_share.of(unit.class).unwrap_or(0.0);
    let in_warranty = if month <= unit.warranty_ends(policy) { terms.share_in_warranty } else { 1.0 };
    share * unit.price_new * growth / 12.0 * in_warranty
}

/// What the contract costs in a month because the unit is there.
pub(super) fn contract(unit: &Holding, policy: &Policy, month: Month) -> f64 {
    let terms = &policy.maintenance;
    let stepped = |monthly: f64, renewals: i32| monthly * (1.0 + terms.contract_step).powi(renewals);
    match unit.contract {
        Some(contract) if month <= contract.end && contract.transferable => contract.monthly,
        Some(contract) if month > contract.end && terms.contract_renewed && !unit.idle => {
            stepped(contract.monthly, (month.months_since(contract.end) - 1) / 12 + 1)
        }
        None if !unit.idle && month > unit.warranty_ends(policy) => {
            let share = terms.contract_yearly_share.of(unit.class).unwrap_or(0.0);
            let renewals = (month.months_since(unit.warranty_ends(policy)) - 1) / 12;
            stepped(share * unit.price_new / 12.0, renewals)
        }
        _ => 0.0,
    }
}

/// Whether maker or contract bears the repairs of a month.
pub(super) fn covered(unit: &Holding, policy: &Policy, month: Month) -> bool {
    let under_contract = match unit.contract {
        Some(contract) => month <= contract.end || policy.maintenance.contract_renewed,
        None => policy.maintenance.contract_yearly_share.of(unit.class).unwrap_or(0.0) > 0.0,
    };
    under_contract || month <= unit.warranty_ends(policy)
}
