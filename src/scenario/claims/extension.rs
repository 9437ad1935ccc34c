//! "Extending 20 % of the laptop fleet by one year cuts annual hardware spend by 15 to 20 %."
//!
//! In: laptops bought evenly over one refresh cycle, a fifth of each month's standing at a site of their own. Out: what is
//! spent on replacements by year and what it all costs, if that site keeps them a year longer: once ([`Once`]), which is
//! a postponement, or from now on ([`Lasting`]), which is another cycle; and the share of the fleet whose lasting
//! extension would cut the spend by what the claim says.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict};
use crate::decide::{PlanInput, Policy};
use crate::fleet::Fleet;
use crate::scenario::answer::{Answer, Measure};
use crate::scenario::{Depth, ScenarioFile, WhatIfInput, what_if};
use crate::units::Quantiles;

/// Cuts of the annual spend that the claim names.
pub const CLAIMED: (f64, f64) = (0.15, 0.20);

/// Share of the fleet that is extended.
pub const SHARE: f64 = 0.20;

/// By how much, months.
pub const EXTENSION: i32 = 12;

/// Laptops bought each month.
pub const MONTHLY: u32 = 100;

/// What one costs, US dollars.
pub const COST: f64 = 1_300.0;

/// Refresh age, months: that of the built-in policy.
pub const CYCLE: i32 = 48;

/// Months looked ahead for a lasting extension: the longest the policy allows. Two refresh ages of five years fill it, so
/// that nothing of a cycle is cut off.
pub const LONG: u32 = 120;

/// What a cut may lie above the claim and still print as it.
const ROUNDING: f64 = 0.005;

/// Where those stand that are kept longer, and the others.
const SITES: (&str, &str) = ("Kept", "Usual");

/// An extension that happens once.
#[derive(Debug, Clone, PartialEq)]
pub struct Once {
    /// Units that are kept longer, as the scenario says it.
    pub kept: String,
    /// Spend by year of the base and of the extension.
    pub spend: Vec<(f64, f64)>,
}

impl Once {
    /// By how much less is spent in the first year.
    pub fn first_year_cut(&self) -> f64 {
        self.spend.first().map_or(0.0, |(base, extended)| 1.0 - extended / base)
    }

    /// By how much less is spent in all years.
    pub fn cut(&self) -> f64 {
        let (base, extended) =
            self.spend.iter().fold((0.0, 0.0), |sum, year| (sum.0 + year.0, sum.1 + year.1));
        1.0 - extended / base
    }
}

/// An extension from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Lasting {
    /// By how much less is spent over the whole horizon.
    pub cut: f64,
    /// Share of the fleet that must be extended for the least cut of the claim; none if all of it is not enough.
    pub share_for_least: Option<f64>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Units in the fleet.
    pub units: u64,
    /// Once.
    pub once: Once,
    /// From now on.
    pub lasting: Lasting,
    /// What the lasting extension costs more (or less) in all, for one extended unit and year.
    pub total_cost_change: Quantiles,
    /// What of it is upkeep, failures and energy.
    pub opex_change: f64,
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn extension(input: &PlanInput<'_>) -> Result<Extension, ClaimError> {
    let once = once(input)?;
    let lasting = lasting(input)?;
    let (fleet, units) = split(input, SHARE)?;
    let (before, after) = (refresh_policy(input.policy, false)?, refresh_policy(input.policy, true)?);
    let found = trial::answers(input, &[("before", &fleet, &before), ("after", &fleet, &after)])?;
    let unit_years = SHARE * units as f64 * f64::from(LONG) / 12.0;
    let meets = |cut: f64| cut >= CLAIMED.0 && cut <= CLAIMED.1 + ROUNDING;
    let verdict = match (meets(lasting.cut), meets(once.first_year_cut())) {
        (true, _) => Verdict::Holds,
        (false, true) => Verdict::HoldsOnlyIf,
        (false, false) => Verdict::Fails,
    };
    Ok(Extension {
        units,
        once,
        lasting,
        total_cost_change: trial::difference(&found[1], &found[0]).map_linear(1.0 / unit_years, 0.0),
        opex_change: opex(&found[1], &found[0]) / unit_years,
        verdict,
    })
}

fn opex(after: &Answer, before: &Answer) -> f64 {
    after.total(Measure::Opex).major() - before.total(Measure::Opex).major()
}

/// A fleet as old as a cycle, a share of every month at the site of its own.
fn split(input: &PlanInput<'_>, share: f64) -> Result<(Fleet, u64), ClaimError> {
    let kept = (share * f64::from(MONTHLY)).round() as u32;
    let mut lots = Vec::new();
    for age in 1..=CYCLE {
        for (site, units) in [(SITES.0, kept), (SITES.1, MONTHLY - kept)] {
            if units > 0 {
                let lot = Lot::in_use("laptop", "unlisted laptop", input.as_of, age, COST);
                lots.push(Lot { units, site, ..lot });
            }
        }
    }
    let units = lots.iter().map(|lot| u64::from(lot.units)).sum();
    Ok((trial::fleet(input, &lots)?, units))
}

/// Everybody at a fixed age, those that are kept a year later if they are extended.
fn refresh_policy(policy: &Policy, extended: bool) -> Result<Policy, ClaimError> {
    let later = if extended { CYCLE + EXTENSION } else { CYCLE };
    trial::with(
        policy,
        &format!(
            "refresh_rule = \"fixed\"\nrefresh_months = {CYCLE}\nhorizon_months = {LONG}\n\
             [site.{}]\nrefresh_months = {later}\n",
            SITES.0
        ),
    )
}

/// The scenario of `residua whatif` that keeps a share of the units for longer, over the horizon of the policy.
fn once(input: &PlanInput<'_>) -> Result<Once, ClaimError> {
    let policy = trial::with(input.policy, "refresh_rule = \"fixed\"\n")?;
    // One record a unit, since a scenario extends records; a tenth of the fleet is enough.
    let lots: Vec<Lot> = (1..=CYCLE)
        .flat_map(|age| vec![Lot::in_use("laptop", "unlisted laptop", input.as_of, age, COST); 10])
        .collect();
    let fleet = trial::fleet(input, &lots)?;
    let text = format!(
        "[[scenario]]\nname = \"extended\"\n[[scenario.extend]]\nclass = \"laptop\"\nshare = {SHARE}\nmonths = {EXTENSION}\n"
    );
    let file = ScenarioFile::from_toml("claims.toml", &text).map_err(crate::scenario::WhatIfError::from)?;
    let plan = PlanInput { fleet: &fleet, policy: &policy, ..*input };
    let found = what_if(&WhatIfInput { plan, written: &policy }, &file, Depth::Scenarios)?;
    let years = found.base.horizon() / 12;
    let spend = |answer: &Answer, year: usize| {
        let ahead = |month| {
            answer.as_of.plus(12 * year as i32) <= month && month < answer.as_of.plus(12 * (year + 1) as i32)
        };
        answer.sum(Measure::Capex, ahead).major()
    };
    let extended = found.scenarios.first().unwrap_or(&found.base);
    Ok(Once {
        kept: extended.changes.join("; "),
        spend: (0..years).map(|year| (spend(&found.base, year), spend(extended, year))).collect(),
    })
}

/// An extension that lasts, by the share of the fleet that is extended.
fn lasting(input: &PlanInput<'_>) -> Result<Lasting, ClaimError> {
    let (before, after) = (refresh_policy(input.policy, false)?, refresh_policy(input.policy, true)?);
    let cut = |share: f64| -> Result<f64, ClaimError> {
        let (fleet, _) = split(input, share)?;
        let spend = |policy: &Policy| -> Result<f64, ClaimError> {
            Ok(trial::total(&trial::money(input, &fleet, policy)?, Measure::Capex))
        };
        Ok(1.0 - spend(&after)? / spend(&before)?)
    };
    Ok(Lasting {
        cut: cut(SHARE)?,
        share_for_least: trial::crossing((0.0, 1.0), |share| Ok(cut(share)? - CLAIMED.0))?,
    })
}
