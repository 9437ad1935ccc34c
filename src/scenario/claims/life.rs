//! How long equipment is worth keeping, by the engine's chain of purchases.
//!
//! In: a unit as new and a policy. Out: the life of least present cost when it is always replaced by its like while the
//! price of the same work falls ([`Challenger`]), and what other lives cost more.

use super::{ClaimError, trial};
use crate::catalog::AssetClass;
use crate::decide::{Challenger, Holding, Policy, Wear};
use crate::units::Month;

/// A new unit in use.
pub(super) fn unit(
    policy: &Policy,
    class: AssetClass,
    (price, power_w, load): (f64, f64, f64),
    as_of: Month,
) -> Holding {
    Holding {
        class,
        power_w,
        utilization: Some(load),
        idle: false,
        new_in: as_of,
        price_new: price,
        price_per_kwh: policy.energy.price_per_kwh,
        warranty_end: None,
        contract: None,
    }
}

/// The life of least cost, months.
pub(super) fn best_months(policy: &Policy, unit: &Holding) -> i32 {
    let unit = Holding { price_per_kwh: policy.energy.price_per_kwh, ..*unit };
    Challenger::new(String::new(), &unit, 1.0, policy, &Wear::of(policy)).life_months as i32
}

/// By what share each life costs more than the best, present values.
pub(super) fn dearer(policy: &Policy, unit: &Holding, lives: &[i32]) -> Result<Vec<(i32, f64)>, ClaimError> {
    let best = Challenger::new(String::new(), unit, 1.0, policy, &Wear::of(policy)).chain_cost;
    lives
        .iter()
        .map(|months| {
            let policy = trial::with(policy, &format!("refresh_months = {months}\n"))?;
            let chain = Challenger::at_refresh_age(String::new(), unit, 1.0, &policy, &Wear::of(&policy));
            Ok((*months, chain.chain_cost / best - 1.0))
        })
        .collect()
}
