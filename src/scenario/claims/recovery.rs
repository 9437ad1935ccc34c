//! "Recovers 10 to 30 % of original value."
//!
//! In: the sample fleet, and units on a shelf of which nothing but class, cost and age is known. Out: net recovery over
//! purchase cost of what the plan of the sample lets go, by class, and the ages between which a unit of a class nets a
//! share within the claim.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict};
use crate::catalog::AssetClass;
use crate::decide::{self, Exit, Plan, PlanInput};
use crate::fleet::Fleet;
use crate::units::Quantiles;

/// Shares of the purchase cost that the claim names.
pub const CLAIMED: (f64, f64) = (0.10, 0.30);

/// Classes on the shelf, what one unit cost in US dollars.
const SHELF: [(&str, AssetClass, f64); 4] = [
    ("laptop", AssetClass::Laptop, 1_300.0),
    ("desktop", AssetClass::Desktop, 900.0),
    ("server", AssetClass::Server, 10_000.0),
    ("gpu", AssetClass::Gpu, 10_000.0),
];

/// Oldest unit on the shelf, months.
const OLDEST: i32 = 120;

/// Ages that are told, years.
pub const YEARS: [i32; 6] = [1, 2, 3, 4, 5, 7];

/// What the plan of the sample recovers of what was paid.
#[derive(Debug, Clone, PartialEq)]
pub struct OfSample {
    /// Kind of hardware; none for all of it.
    pub class: Option<AssetClass>,
    /// Units that are sold, parted out or recycled within the horizon, with a known cost.
    pub units: u64,
    /// What they cost, in the currency of the plan.
    pub cost: f64,
    /// Their age on leaving, months, weighted by cost.
    pub age_months: f64,
    /// Net recovery over cost.
    pub share: Quantiles,
}

/// What a class nets by age.
#[derive(Debug, Clone, PartialEq)]
pub struct ByAge {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Cost of one unit, US dollars.
    pub cost: f64,
    /// Net recovery over cost after each of [`YEARS`].
    pub shares: Vec<Quantiles>,
    /// First and last age in months at which the expected share is within the claim.
    pub within: Option<(i32, i32)>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// The sample: all of it first, then by class.
    pub sample: Vec<OfSample>,
    /// The shelf.
    pub shelf: Vec<ByAge>,
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn recovery(input: &PlanInput<'_>) -> Result<Recovery, ClaimError> {
    let all = with_known_cost(input.fleet, |_| true);
    let mut sample: Vec<OfSample> = of_sample(input, &all, None)?.into_iter().collect();
    for class in [AssetClass::Laptop, AssetClass::Server, AssetClass::Gpu] {
        let of_class = with_known_cost(input.fleet, |of| of == Some(class));
        sample.extend(of_sample(input, &of_class, Some(class))?);
    }
    let shelf = shelf(input)?;
    let within = |share: f64| (CLAIMED.0..=CLAIMED.1).contains(&share);
    let always = |one: &OfSample| within(one.share.p10) && within(one.share.p90);
    let verdict = if sample.iter().all(always) {
        Verdict::Holds
    } else if shelf.iter().all(|class| class.within.is_some()) {
        Verdict::HoldsOnlyIf
    } else {
        Verdict::Fails
    };
    Ok(Recovery { sample, shelf, verdict })
}

/// The assets of a fleet whose cost is known.
fn with_known_cost(fleet: &Fleet, of_class: impl Fn(Option<AssetClass>) -> bool) -> Fleet {
    let mut part = fleet.clone();
    part.assets.retain(|asset| asset.purchase_cost.is_some() && of_class(asset.class));
    part
}

/// `None` of a fleet of which nothing leaves.
fn of_sample(
    input: &PlanInput<'_>,
    fleet: &Fleet,
    class: Option<AssetClass>,
) -> Result<Option<OfSample>, ClaimError> {
    let plan = decide::plan(&PlanInput { fleet, ..*input })?;
    let (units, cost, cost_months) = leaving(input, fleet, &plan)?;
    Ok((cost > 0.0).then(|| OfSample {
        class,
        units,
        cost,
        age_months: cost_months / cost,
        share: plan.totals.recovery.quantiles.map_linear(1.0 / cost, 0.0),
    }))
}

/// Units that leave for good, what they cost, and the sum of cost times age.
fn leaving(input: &PlanInput<'_>, fleet: &Fleet, plan: &Plan) -> Result<(u64, f64, f64), ClaimError> {
    let rates = input.policy.rates();
    let (mut units, mut cost, mut cost_months) = (0, 0.0, 0.0);
    for placement in plan.schedule.placements.iter().filter(|placement| placement.exit != Exit::Returned) {
        let planned = &plan.cohorts[placement.cohort];
        let asset = &fleet.assets[planned.cohort.assets[0]];
        let (Some(month), Some((paid, currency))) = (placement.month, asset.purchase_cost) else { continue };
        let paid = placement.units as f64 * paid * rates.factor(currency, input.policy.currency)?;
        let new_in = planned.decision.prospects.as_ref().map_or(month, |prospects| prospects.unit.new_in);
        units += placement.units;
        cost += paid;
        cost_months += paid * f64::from(month.months_since(new_in));
    }
    Ok((units, cost, cost_months))
}

/// One unit of every class and age on a shelf.
fn shelf(input: &PlanInput<'_>) -> Result<Vec<ByAge>, ClaimError> {
    let mut found = Vec::new();
    for (name, class, cost) in SHELF {
        let lots: Vec<Lot> = (0..=OLDEST)
            .map(|age| Lot::idle(name, &format!("unlisted {name}"), input.as_of, age, cost))
            .collect();
        let fleet = trial::fleet(input, &lots)?;
        let plan = trial::plan(input, &fleet, input.policy)?;
        let share = |age: i32| {
            let planned = &plan.cohorts[plan.cohort_of[age as usize]];
            planned.decision.recovery.map_linear(1.0 / cost, 0.0)
        };
        let within: Vec<i32> =
            (0..=OLDEST).filter(|age| (CLAIMED.0..=CLAIMED.1).contains(&share(*age).mean)).collect();
        found.push(ByAge {
            class,
            cost,
            shares: YEARS.iter().map(|years| share(12 * years)).collect(),
            within: within.first().copied().zip(within.last().copied()),
        });
    }
    Ok(found)
}
