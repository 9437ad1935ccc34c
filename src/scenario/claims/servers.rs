//! "Servers deliver five to seven years."
//!
//! In: a two-socket server as new, and servers of several ages at work. Out: the life of least cost when it is always
//! replaced by its like, what other lives cost more, and how old the servers are when their successor takes over; and the
//! assumptions at which the life would be five or seven years.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict, life};
use crate::catalog::AssetClass;
use crate::decide::{PlanInput, Policy};
use crate::units::Month;

/// Lives that the claim names, months.
pub const CLAIMED: (i32, i32) = (60, 84);

/// What a server costs, US dollars.
pub const COST: f64 = 12_000.0;

/// Draw of one, watts: that of the policy for its class.
pub const POWER_W: f64 = 350.0;

/// Lives that are told, months.
pub const LIVES: [i32; 7] = [36, 48, 60, 72, 84, 96, 120];

/// Loads at which servers are asked of.
pub const LOADS: [f64; 3] = [0.20, 0.40, 0.70];

/// Servers at work: product, age in the month one looks from.
pub const OWNED: [(&str, i32); 4] = [
    ("Dell PowerEdge R740", 72),
    ("Dell PowerEdge R750", 48),
    ("Dell PowerEdge R760", 24),
    ("Dell PowerEdge R760", 1),
];

/// Months looked ahead: the longest the policy allows.
const HORIZON: i32 = 120;

/// Servers of one kind and age.
#[derive(Debug, Clone, PartialEq)]
pub struct OfAge {
    /// Product.
    pub product: &'static str,
    /// Month of purchase.
    pub bought: Month,
    /// Age in the month one looks from.
    pub age: i32,
    /// Age at which its successor takes over, by each of [`LOADS`]; none beyond the months looked ahead.
    pub replaced_at: Vec<Option<i32>>,
    /// Load from which on it stays for five years or more, to a twentieth; none if it does at no load.
    pub least_load: Option<f64>,
}

/// Where the life of least cost is five and seven years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turning {
    /// What the engine assumes.
    pub now: f64,
    /// For five years.
    pub five: Option<f64>,
    /// For seven years.
    pub seven: Option<f64>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Servers {
    /// Life of least cost, months.
    pub best: i32,
    /// Lives whose cost is within a twentieth of the least, months.
    pub near_best: (i32, i32),
    /// By what share each of [`LIVES`] costs more than the best.
    pub dearer: Vec<(i32, f64)>,
    /// By product and age.
    pub owned: Vec<OfAge>,
    /// Yearly fall of the price of the same work.
    pub progress: Turning,
    /// Upkeep over that of the policy.
    pub upkeep: Turning,
    /// Price of a kWh.
    pub tariff: Turning,
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn servers(input: &PlanInput<'_>) -> Result<Servers, ClaimError> {
    let policy = trial::with(input.policy, &format!("horizon_months = {HORIZON}\n"))?;
    let load = policy.challenger.target_utilization;
    let unit = life::unit(&policy, AssetClass::Server, (COST, POWER_W, load), input.as_of);
    let best = life::best_months(&policy, &unit);
    let near: Vec<i32> = life::dearer(&policy, &unit, &(12..=HORIZON).collect::<Vec<i32>>())?
        .into_iter()
        .filter(|(_, more)| *more <= 0.05)
        .map(|(months, _)| months)
        .collect();
    let months = |table: String| -> Result<f64, ClaimError> {
        Ok(f64::from(life::best_months(&trial::with(&policy, &table)?, &unit)))
    };
    let server = AssetClass::Server;
    let decline = policy.challenger.price_decline_yearly.of(server).unwrap_or(0.0);
    let share = policy.maintenance.yearly_share.of(server).unwrap_or(0.0);
    let progress = turning(decline, (0.0, 0.6), |fall| {
        months(format!("challenger.price_decline_yearly.server = {fall:?}\n"))
    })?;
    let upkeep = turning(1.0, (0.0, 4.0), |times| {
        months(format!("maintenance.yearly_share.server = {:?}\n", times * share))
    })?;
    let tariff = turning(policy.energy.price_per_kwh, (0.0, 1.0), |price| {
        months(format!("energy.price_per_kwh = {price:?}\n"))
    })?;
    let owned = owned(input, &policy)?;
    let named = CLAIMED.0..=CLAIMED.1;
    let lives: Vec<i32> =
        owned.iter().flat_map(|one| &one.replaced_at).map(|age| age.unwrap_or(HORIZON)).collect();
    let within = lives.iter().filter(|life| named.contains(life)).count();
    let verdict = match (named.contains(&best), within) {
        (true, all) if all == lives.len() => Verdict::Holds,
        (false, 0) => Verdict::Fails,
        _ => Verdict::HoldsOnlyIf,
    };
    Ok(Servers {
        best,
        near_best: near.first().copied().zip(near.last().copied()).unwrap_or((best, best)),
        dearer: life::dearer(&policy, &unit, &LIVES)?,
        owned,
        progress,
        upkeep,
        tariff,
        verdict,
    })
}

/// The values at which the life of least cost passes five and seven years.
fn turning(
    now: f64,
    range: (f64, f64),
    months: impl Fn(f64) -> Result<f64, ClaimError>,
) -> Result<Turning, ClaimError> {
    let at = |life: i32| trial::crossing(range, |value| Ok(months(value)? - f64::from(life) + 0.5));
    Ok(Turning { now, five: at(CLAIMED.0)?, seven: at(CLAIMED.1)? })
}

/// The servers at work, at every load to a twentieth.
fn owned(input: &PlanInput<'_>, policy: &Policy) -> Result<Vec<OfAge>, ClaimError> {
    let loads: Vec<f64> = (1..=20).map(|step| f64::from(step) / 20.0).collect();
    let mut lots = Vec::new();
    for (product, age) in OWNED {
        for load in &loads {
            let lot = Lot::in_use("server", product, input.as_of, age, COST);
            lots.push(Lot { load: Some(*load), ..lot });
        }
    }
    let fleet = trial::fleet(input, &lots)?;
    let plan = trial::plan(input, &fleet, policy)?;
    let of_age = |(kind, (product, age)): (usize, (&'static str, i32))| {
        let replaced_at = |place: usize| {
            let month = plan.cohorts[plan.cohort_of[kind * loads.len() + place]].decision.month;
            let ahead = month.map(|month| month.months_since(plan.as_of)).filter(|ahead| *ahead < HORIZON);
            ahead.map(|ahead| age + ahead)
        };
        let too_soon = |place: &usize| replaced_at(*place).is_some_and(|age| age < CLAIMED.0);
        let least = (0..loads.len()).rev().find(too_soon).map_or(0, |place| place + 1);
        let place_of = |load: f64| loads.iter().position(|one| (one - load).abs() < 1e-9);
        OfAge {
            product,
            bought: input.as_of.plus(-age),
            age,
            replaced_at: LOADS.iter().map(|load| place_of(*load).and_then(replaced_at)).collect(),
            least_load: loads.get(least).copied(),
        }
    };
    Ok(OWNED.into_iter().enumerate().map(of_age).collect())
}
