//! What each gap in the data costs, and which fix clears most money.
//!
//! In: a fleet and its plan. Out: findings that need the catalog or the plan ([`findings`](mod@findings)), and [`GapPrices`]: every gap of
//! every asset with what it does to the expected recovery, to its interval, and what it costs not to know (`price`);
//! and the fixes that would settle them, in the order of what each adds ([`fix`]).
//!
//! What a gap costs is the difference of two plans for one unit, `E[max over plans | gap resolved] − max over plans E[…]`
//! ([`information`]), over the states that the gap leaves open ([`states`]), by the price models and the decision of the
//! plan ([`bench`](mod@bench)). Limits of the schedule are left aside: a unit is priced as if it could leave when it should. Beliefs
//! about the states are spans in the policy (`[gaps]`), and so is every answer. Costs of several gaps of one asset are
//! added, as if each were the only one; where two are about the same fact only one is raised ([`open`]).

mod bench;
mod conflict;
mod existence;
mod findings;
mod fix;
mod information;
mod open;
mod price;
mod states;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use super::plan::{Plan, PlanError, PlanInput};
use crate::units::Work;

pub(super) use findings::findings;
pub use fix::{FixOffer, FixesError};
pub use price::{PricedGap, Stake};
pub(crate) use states::can_be_locked;

/// The gaps of a fleet with their prices, and what would settle them.
#[derive(Debug, Clone, PartialEq)]
pub struct GapPrices {
    /// Every gap, in the order of assets and codes.
    pub gaps: Vec<PricedGap>,
    /// Fixes, in the order of what each adds to those before it.
    pub fixes: Vec<FixOffer>,
    /// All gaps together.
    pub total: Stake,
    /// What all fixes together settle.
    pub settled: Stake,
}

impl GapPrices {
    /// By how much the expected recovery differs from what the plan counts, for gaps of these codes.
    pub fn effect_of(&self, codes: &[&str]) -> Stake {
        let zero = Stake::zero(self.total.low.currency());
        let of_codes = self.gaps.iter().filter(|gap| codes.contains(&gap.code));
        of_codes.filter_map(|gap| gap.effect).fold(zero, Stake::plus)
    }
}

/// Prices the gaps of a planned fleet and ranks the fixes.
pub fn price_gaps(input: &PlanInput<'_>, plan: &Plan) -> Result<GapPrices, PlanError> {
    price_gaps_watched(input, plan, Work::unwatched())
}

/// Prices the gaps while somebody looks on.
///
/// # Errors
/// As [`price_gaps`], and [`PlanError::Cancelled`] when it is no longer wanted.
pub fn price_gaps_watched(
    input: &PlanInput<'_>,
    plan: &Plan,
    work: Work<'_>,
) -> Result<GapPrices, PlanError> {
    let gaps = price::price(input, plan, work)?;
    let zero = Stake::zero(plan.currency());
    let total = gaps.iter().filter_map(|gap| gap.cost).fold(zero, Stake::plus);
    let fixes = fix::rank(input, plan, &gaps)?;
    let settled = fixes.iter().map(|fix| fix.adds).fold(zero, Stake::plus);
    Ok(GapPrices { gaps, fixes, total, settled })
}

/// What is open or wrong about each asset of the fleet, by the codes of the field guide: its gaps, and what reading found of
/// it alone.
pub(crate) fn codes(input: &PlanInput<'_>, plan: &Plan) -> Vec<BTreeSet<&'static str>> {
    let around = open::Surroundings::of(input);
    let mut codes: Vec<BTreeSet<&'static str>> = input
        .fleet
        .assets
        .iter()
        .enumerate()
        .map(|(index, asset)| {
            let gaps = around.gaps_of(asset, &plan.cohorts[plan.cohort_of[index]]);
            gaps.into_iter().map(open::Gap::code).collect()
        })
        .collect();
    let assets = input.fleet.assets.iter().enumerate();
    let positions: HashMap<&str, usize> = assets.map(|(index, asset)| (asset.id.as_str(), index)).collect();
    for finding in plan.findings.iter().filter(|finding| finding.code.starts_with("DQ-")) {
        let position = finding.asset_id.as_deref().and_then(|id| positions.get(id));
        if let Some(position) = position {
            codes[*position].insert(finding.code);
        }
    }
    codes
}
