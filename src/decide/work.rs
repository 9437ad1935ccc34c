//! How much of the work of a new unit one unit in use does.
//!
//! In: two products, or what is known of them, and the load of the unit in use. Out: how many new units do its work,
//! `load / target load / gain`. The gain is the ratio of FP32 throughput where both are known, cards for cards; else the
//! gain of a generation, once for each generation between. A personal device is replaced one for one.

use super::policy::Policy;
use crate::catalog::AssetClass;

/// The least gain that counts: a new unit that does hardly anything does not stand for endless old ones.
const LEAST_GAIN: f64 = 0.1;

/// Whether the work of such units can be put together on fewer of them.
pub(crate) fn shares_work(class: AssetClass) -> bool {
    matches!(class, AssetClass::Server | AssetClass::Gpu | AssetClass::Storage)
}

/// Work of a new unit over that of an old one, so many generations before it.
pub(crate) fn gain_of_generations(policy: &Policy, generations: i32) -> f64 {
    policy.challenger.generation_gain.powi(generations)
}

/// How many new units do the work of one in use. `load` is 0 to 1; without it the policy's usual one holds.
pub(crate) fn new_units_for_one(policy: &Policy, load: Option<f64>, gain: f64) -> f64 {
    let load = load.unwrap_or(policy.energy.usual_utilization);
    load / policy.challenger.target_utilization / gain.max(LEAST_GAIN)
}
