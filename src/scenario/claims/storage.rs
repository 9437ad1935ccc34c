//! "Equipment loses 3.5 % a month in storage."
//!
//! In: units on a shelf, of which only class and age are known and of products with prices of their own. Out: by how much
//! their price falls a month over the next year, how surely, on what basis; by how much what they net falls, with rent
//! and shrinkage; and the age at which the class curve falls by just 3.5 % a month.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict};
use crate::catalog::AssetClass;
use crate::decide::{PlanInput, PlannedCohort, Policy};
use crate::price::{Basis, Forecast};
use crate::units::{LogNormal, Month, Quantiles};

/// Fall of the price that the claim names, a month.
pub const CLAIMED: f64 = 0.035;

/// How far from it a mean fall may be to be called the same.
const NEAR: f64 = 0.005;

/// Months on the shelf.
pub const MONTHS: usize = 12;

/// Kinds of unit: class, product as a register says it, cost in US dollars, ages in months.
const KINDS: [(&str, &str, f64, &[i32]); 9] = [
    ("laptop", "unlisted laptop", 1_300.0, &[12, 36, 60, 84]),
    ("desktop", "unlisted desktop", 900.0, &[12, 36, 60, 84]),
    ("server", "unlisted server", 10_000.0, &[12, 36, 60, 84]),
    ("laptop", "Lenovo ThinkPad T14 Gen 3", 1_300.0, &[48]),
    ("laptop", "Apple MacBook Air 13 (M2, 2022)", 1_199.0, &[48]),
    ("gpu", "NVIDIA A100 PCIe 40GB", 10_000.0, &[60]),
    ("gpu", "NVIDIA H100 SXM5 80GB", 33_600.0, &[36]),
    ("gpu", "NVIDIA GeForce RTX 4090", 1_599.0, &[36]),
    ("gpu", "NVIDIA GeForce RTX 3080", 699.0, &[60]),
];

/// One kind and age.
#[derive(Debug, Clone, PartialEq)]
pub struct OnShelf {
    /// Product, as a register says it.
    pub model: &'static str,
    /// Month of purchase.
    pub bought: Month,
    /// Age, months.
    pub age: i32,
    /// What the forecast rests on.
    pub basis: Basis,
    /// Fall of the price a month, a share.
    pub fall: Quantiles,
    /// Fall of what it nets a month, storage paid and shrinkage counted; none when nothing is left after the year.
    pub net_fall: Option<f64>,
}

/// The age at which the curve of a class falls as the claim says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turning {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Mean fall a month over the first sixty months.
    pub first_five_years: f64,
    /// Last age in months from which on the next year falls by the claim or more; none if it never does.
    pub until: Option<i32>,
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// By kind and age.
    pub shelf: Vec<OnShelf>,
    /// By class.
    pub turning: Vec<Turning>,
    /// The idle units of the sample: how many, what they fetch now in US dollars, and the fall of their price a month,
    /// weighted by what they fetch.
    pub sample: (u64, f64, f64),
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn storage(input: &PlanInput<'_>) -> Result<Storage, ClaimError> {
    let shelf = shelf(input)?;
    let turning =
        [("laptop", AssetClass::Laptop), ("desktop", AssetClass::Desktop), ("server", AssetClass::Server)]
            .into_iter()
            .map(|(name, class)| turning(input, name, class))
            .collect::<Result<Vec<Turning>, ClaimError>>()?;
    let near = |one: &OnShelf| (one.fall.mean - CLAIMED).abs() <= NEAR;
    let verdict = if shelf.iter().all(near) {
        Verdict::Holds
    } else if shelf.iter().any(near) || turning.iter().any(|class| class.until.is_some()) {
        Verdict::HoldsOnlyIf
    } else {
        Verdict::Fails
    };
    Ok(Storage { shelf, turning, sample: sample(input)?, verdict })
}

fn shelf(input: &PlanInput<'_>) -> Result<Vec<OnShelf>, ClaimError> {
    let kinds: Vec<(&str, &'static str, f64, i32)> = KINDS
        .into_iter()
        .flat_map(|(class, model, cost, ages)| ages.iter().map(move |age| (class, model, cost, *age)))
        .collect();
    let lots: Vec<Lot> = kinds
        .iter()
        .map(|(class, model, cost, age)| Lot::idle(class, model, input.as_of, *age, *cost))
        .collect();
    let fleet = trial::fleet(input, &lots)?;
    let plan = trial::plan(input, &fleet, input.policy)?;
    let on_shelf = |(place, (_, model, _, age)): (usize, &(&str, &'static str, f64, i32))| {
        let planned = &plan.cohorts[plan.cohort_of[place]];
        let forecast = planned.forecast.as_ref()?;
        Some(OnShelf {
            model,
            bought: input.as_of.plus(-age),
            age: *age,
            basis: forecast.basis,
            fall: fall(forecast),
            net_fall: net_fall(planned, input.policy),
        })
    };
    Ok(kinds.iter().enumerate().filter_map(on_shelf).collect())
}

/// Fall of the price a month. What is unsure of the unit today is as unsure in a year and cancels; what comes between is
/// the variance that is added.
fn fall(forecast: &Forecast) -> Quantiles {
    let (now, then) = (forecast.value(0), forecast.value(MONTHS));
    let months = MONTHS as f64;
    let change = LogNormal {
        mean_log: (then.mean_log - now.mean_log) / months,
        variance_log: (then.variance_log - now.variance_log).max(0.0) / months.powi(2),
    };
    let left = change.quantiles();
    Quantiles {
        mean: 1.0 - change.mean_log.exp(),
        p10: 1.0 - left.p90,
        p50: 1.0 - left.p50,
        p90: 1.0 - left.p10,
    }
}

/// Fall of the net a month: what it nets after the year less what its storage cost until then.
fn net_fall(planned: &PlannedCohort, policy: &Policy) -> Option<f64> {
    let recoveries = &planned.decision.recoveries;
    let (now, then) = (*recoveries.first()?, *recoveries.get(MONTHS)?);
    let left = (then - policy.idle.storage_monthly * MONTHS as f64) / now;
    (now > 0.0 && left > 0.0).then(|| 1.0 - left.powf(1.0 / MONTHS as f64))
}

/// The curve of a class, one unit of every age.
fn turning(input: &PlanInput<'_>, name: &str, class: AssetClass) -> Result<Turning, ClaimError> {
    const OLDEST: i32 = 120;
    let lots: Vec<Lot> = (0..=OLDEST)
        .map(|age| Lot::idle("", &format!("unlisted {name}"), input.as_of, age, 1_000.0))
        .map(|lot| Lot { class: class.name(), ..lot })
        .collect();
    let fleet = trial::fleet(input, &lots)?;
    let plan = trial::plan(input, &fleet, input.policy)?;
    let at = |age: i32| plan.cohorts[plan.cohort_of[age as usize]].forecast.as_ref();
    let steep = |age: &i32| at(*age).is_some_and(|forecast| fall(forecast).mean >= CLAIMED);
    let worth = |age: i32| at(age).map_or(0.0, |forecast| forecast.value(0).mean_log);
    Ok(Turning {
        class,
        first_five_years: 1.0 - ((worth(60) - worth(0)) / 60.0).exp(),
        until: (0..=OLDEST).rev().find(steep),
    })
}

/// The idle units of the sample: how many, their price in the open market now, and its fall a month.
fn sample(input: &PlanInput<'_>) -> Result<(u64, f64, f64), ClaimError> {
    let plan = trial::plan(input, input.fleet, input.policy)?;
    let (mut units, mut worth, mut falls) = (0, 0.0, 0.0);
    for planned in &plan.cohorts {
        let idle = planned.decision.prospects.as_ref().is_some_and(|prospects| prospects.unit.idle);
        let Some(forecast) = planned.forecast.as_ref().filter(|_| idle) else { continue };
        let now = planned.cohort.units as f64 * forecast.value(0).mean();
        units += planned.cohort.units;
        worth += now;
        falls += now * fall(forecast).mean;
    }
    Ok((units, worth, falls / worth.max(f64::MIN_POSITIVE)))
}
