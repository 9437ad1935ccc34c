//! An unused unit costs its shelf, and a contract that could serve another unit. What is lost in storage acts on the
//! recovery ([`kept`]); the fall of the price is in the forecast.

use crate::decide::policy::Policy;

/// Share of unused units that are still there after `months`.
pub(crate) fn kept(policy: &Policy, idle: bool, months: usize) -> f64 {
    if idle { (1.0 - policy.idle.shrinkage_monthly).powi(months as i32) } else { 1.0 }
}
