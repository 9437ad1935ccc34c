//! How upkeep grows and failures come with age: powers that all units of a class share, made once for a policy.
//!
//! In: a policy. Out: [`Wear`], which gives the [`Powers`] of a class at an age in months: the growth of upkeep
//! ([`support`](mod@super::support)) and the failures expected in the month that ends then ([`failure`](mod@super::failure)). They are
//! those of the formulas to the bit; a plan asks for them a thousand times as often as they differ.

use super::{failure, support};
use crate::catalog::AssetClass;
use crate::decide::policy::Policy;

/// Ages that are kept, months; beyond, powers are worked out where they are asked.
const KEPT_MONTHS: usize = 300;

/// What the age of a unit does to its costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Powers {
    /// Factor on upkeep since it was new.
    pub growth: f64,
    /// Failures expected in the month that ends at this age.
    pub failures: f64,
}

impl Powers {
    /// By the formulas.
    pub(super) fn of(policy: &Policy, class: AssetClass, age_months: u32) -> Powers {
        let age_years = f64::from(age_months) / 12.0;
        Powers {
            growth: support::growth(policy, age_years),
            failures: failure::in_month(policy, class, age_years),
        }
    }
}

/// The powers of every class by age in months.
#[derive(Debug, Clone)]
pub(crate) struct Wear(Vec<(AssetClass, Vec<Powers>)>);

impl Wear {
    /// Of a policy.
    pub(crate) fn of(policy: &Policy) -> Wear {
        let of_class = |class| (0..KEPT_MONTHS as u32).map(|age| Powers::of(policy, class, age)).collect();
        Wear(AssetClass::ALL.into_iter().map(|class| (class, of_class(class))).collect())
    }

    /// Of a class at an age. `policy` is the one it was made of.
    pub(super) fn powers(&self, policy: &Policy, class: AssetClass, age_months: u32) -> Powers {
        let of_class = self.0.iter().find(|(own, _)| *own == class).map(|(_, powers)| powers.as_slice());
        let kept = of_class.and_then(|powers| powers.get(age_months as usize)).copied();
        kept.unwrap_or_else(|| Powers::of(policy, class, age_months))
    }
}
