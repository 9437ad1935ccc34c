//! What the fleet brings in as a whole.
//!
//! In: decided cohorts and their schedule. Out: totals with honest intervals. Quantiles are never added: they are those of
//! sums in joint draws ([`joint`](super::joint)), moved so that the mean is the exact sum of the printed amounts.

use std::collections::BTreeMap;

use super::decision::Action;
use super::draws::net_of;
use super::joint::{Memory, Term, added};
use super::plan::PlannedCohort;
use super::policy::Policy;
use super::route::Offer;
use super::schedule::{Exit, Schedule};
use crate::units::{Cancelled, Money, Month, Quantiles, Work};

/// A sum over cohorts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Units in it.
    pub units: u64,
    /// Sum of the printed expected amounts.
    pub expected: Money,
    /// Quantiles of the sum.
    pub quantiles: Quantiles,
}

impl Total {
    /// A sum in draws, its quantiles moved to the printed mean.
    pub(crate) fn of_draws(units: u64, expected: Money, draws: &mut [f64]) -> Total {
        let drawn = Quantiles::from_draws(draws);
        let shift = expected.major() - drawn.mean;
        Total { units, expected, quantiles: drawn.map_linear(1.0, shift) }
    }
}

/// Totals of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Price of everything in the plan in the open market now.
    pub value_now: Total,
    /// Net recovery of everything that goes.
    pub recovery: Total,
    /// Net recovery by quarter of leaving, named `2026 Q4`.
    pub by_quarter: BTreeMap<String, Total>,
    /// Present value saved against the fixed cycle of the policy under the same limits.
    pub saved_against_fixed_cycle: f64,
}

/// Place of the value of everything among the sums; those of quarters follow.
const VALUE: usize = 0;

/// The price itself.
const PRICE: Offer = Offer { slope: 1.0, intercept: 0.0 };

/// Units of a cohort that count in a sum.
struct Part {
    cohort: usize,
    units: u64,
    ahead: usize,
    /// What one nets at a price.
    net: Offer,
    each: Money,
    sum: usize,
}

/// Draws the joint sums, as long as they are wanted.
pub(super) fn totals(
    cohorts: &[PlannedCohort],
    schedule: &Schedule,
    policy: &Policy,
    factor: f64,
    as_of: Month,
    work: Work<'_>,
) -> Result<Totals, Cancelled> {
    let mut quarters: BTreeMap<String, usize> = BTreeMap::new();
    let mut parts = Vec::new();
    for place in 0..cohorts.len() {
        parts.extend(value_now(cohorts, place, policy, factor));
        parts.extend(recoveries(cohorts, schedule, place, as_of, &mut quarters));
    }
    let count = 1 + quarters.len();
    let mut sums = vec![Exact { units: 0, minor: 0 }; count];
    for part in &parts {
        sums[part.sum].units += part.units;
        sums[part.sum].minor += part.each.minor() * part.units as i64;
    }
    let lucks: Vec<String> = (0..cohorts.len()).map(|place| format!("units {place}")).collect();
    let terms: Vec<Term<'_>> = parts
        .iter()
        .filter_map(|part| part.term(&cohorts[part.cohort], &lucks[part.cohort], factor))
        .collect();
    let mut drawn = Memory::keeping(0, 0).sums_watched(&terms, count, work)?;
    let all = sums[VALUE + 1..].iter().fold(Exact { units: 0, minor: 0 }, |all, quarter| Exact {
        units: all.units + quarter.units,
        minor: all.minor + quarter.minor,
    });
    let mut recovery = added(&drawn[VALUE + 1..]);
    let recovery = all.total(&mut recovery, policy);
    let mut total = |sum: usize| sums[sum].total(&mut drawn[sum], policy);
    Ok(Totals {
        value_now: total(VALUE),
        recovery,
        by_quarter: quarters.into_iter().map(|(name, sum)| (name, total(sum))).collect(),
        saved_against_fixed_cycle: schedule.saved_against_present_rule(),
    })
}

impl Part {
    fn term<'a>(&self, planned: &'a PlannedCohort, luck: &'a str, factor: f64) -> Option<Term<'a>> {
        Some(Term {
            forecast: planned.forecast.as_ref()?,
            ahead: self.ahead,
            of_units: planned.cohort.units,
            luck,
            count: self.units as f64,
            net: self.net,
            factor,
            sum: self.sum,
        })
    }
}

/// What a cohort counts for in the value of the fleet now.
fn value_now(cohorts: &[PlannedCohort], place: usize, policy: &Policy, factor: f64) -> Option<Part> {
    let planned = &cohorts[place];
    let forecast = planned.forecast.as_ref()?;
    if matches!(planned.decision.action, Action::LeaveOut | Action::ReturnLease | Action::BuyOut) {
        return None;
    }
    let each = Money::from_major(forecast.value(0).mean() * factor, policy.currency).ok()?;
    let units = planned.cohort.units;
    Some(Part { cohort: place, units, ahead: 0, net: PRICE, each, sum: VALUE })
}

/// What a cohort brings in, by placement.
fn recoveries(
    cohorts: &[PlannedCohort],
    schedule: &Schedule,
    place: usize,
    as_of: Month,
    quarters: &mut BTreeMap<String, usize>,
) -> Vec<Part> {
    let planned = &cohorts[place];
    if planned.forecast.is_none() {
        return Vec::new();
    }
    let leaving = schedule.of_cohort(place).iter().filter(|placement| placement.exit != Exit::Returned);
    leaving
        .filter_map(|placement| {
            let (month, route) = placement.month.zip(placement.route)?;
            let ahead = month.months_since(as_of).max(0) as usize;
            let next = 1 + quarters.len();
            Some(Part {
                cohort: place,
                units: placement.units,
                ahead,
                net: net_of(planned, placement, route, ahead),
                each: placement.recovery,
                sum: *quarters.entry(month.quarter_name()).or_insert(next),
            })
        })
        .collect()
}

/// The exact part of a sum.
#[derive(Clone, Copy)]
struct Exact {
    units: u64,
    minor: i64,
}

impl Exact {
    fn total(&self, draws: &mut [f64], policy: &Policy) -> Total {
        Total::of_draws(self.units, Money::from_minor(self.minor, policy.currency), draws)
    }
}
