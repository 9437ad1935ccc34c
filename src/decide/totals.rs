//! What the fleet brings in as a whole.
//!
//! In: decided cohorts and their schedule. Out: totals with honest intervals. Quantiles are never added: they are those of
//! sums in joint [`draws`](super::draws), moved so that the mean is the exact sum of the printed amounts. Threads take
//! blocks of draws, and each sum of a draw is made in the order of the cohorts, so that threads do not matter.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::decision::Action;
use super::draws::{DRAWS, Net, Shared, Streams, prices_in_draws, stream};
use super::plan::PlannedCohort;
use super::policy::Policy;
use super::schedule::{Exit, Schedule};
use crate::units::{Cancelled, Money, Month, Quantiles, Work};

/// Draws that are summed in one go.
const BLOCK: usize = 250;

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

/// Places of the two sums over everything; those of quarters follow.
const VALUE: usize = 0;
const RECOVERY: usize = 1;

/// Units of a cohort that count in a sum, and in that of a quarter.
struct Part {
    cohort: usize,
    units: u64,
    ahead: usize,
    /// What one nets at a price; none where the price itself counts.
    net: Option<Net>,
    each: Money,
    sum: usize,
    quarter: Option<usize>,
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
    let count = 2 + quarters.len();
    let mut sums = vec![Exact { units: 0, minor: 0 }; count];
    for part in &parts {
        for sum in std::iter::once(part.sum).chain(part.quarter) {
            sums[sum].units += part.units;
            sums[sum].minor += part.each.minor() * part.units as i64;
        }
    }
    let mut drawn = drawn(cohorts, &parts, count, factor, work)?;
    let mut total = |sum: usize| sums[sum].total(&mut drawn[sum], policy);
    Ok(Totals {
        value_now: total(VALUE),
        recovery: total(RECOVERY),
        by_quarter: quarters.into_iter().map(|(name, sum)| (name, total(sum))).collect(),
        saved_against_fixed_cycle: schedule.saved_against_present_rule(),
    })
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
    Some(Part { cohort: place, units, ahead: 0, net: None, each, sum: VALUE, quarter: None })
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
            let next = 2 + quarters.len();
            Some(Part {
                cohort: place,
                units: placement.units,
                ahead,
                net: Some(Net::of(planned, placement, route, ahead)),
                each: placement.recovery,
                sum: RECOVERY,
                quarter: Some(*quarters.entry(month.quarter_name()).or_insert(next)),
            })
        })
        .collect()
}

/// Every sum in every draw.
fn drawn(
    cohorts: &[PlannedCohort],
    parts: &[Part],
    count: usize,
    factor: f64,
    work: Work<'_>,
) -> Result<Vec<Vec<f64>>, Cancelled> {
    let mut streams = Streams::default();
    streams.draw_shared(cohorts.iter().filter_map(|planned| planned.forecast.as_ref()));
    let of_cohorts: Vec<(&[Part], Shared<'_>)> = parts
        .chunk_by(|one, next| one.cohort == next.cohort)
        .filter_map(|of_cohort| {
            let forecast = cohorts[of_cohort.first()?.cohort].forecast.as_ref()?;
            Some((of_cohort, streams.shared(forecast)))
        })
        .collect();
    let firsts: Vec<usize> = (0..DRAWS).step_by(BLOCK).collect();
    let stage = work.stage("summing draws", firsts.len());
    let blocks: Vec<Vec<Vec<f64>>> = firsts
        .into_par_iter()
        .map(|first| {
            let draws = first..(first + BLOCK).min(DRAWS);
            let mut sums = vec![vec![0.0; draws.len()]; count];
            for (of_cohort, shared) in &of_cohorts {
                work.go_on()?;
                let luck = stream(&format!("units {}", of_cohort[0].cohort), draws.clone());
                let shared = shared.map(|stream| &stream[draws.clone()]);
                for part in *of_cohort {
                    add(&mut sums, part, &cohorts[part.cohort], (shared, &luck), factor);
                }
            }
            stage.step()?;
            Ok(sums)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok((0..count).map(|sum| blocks.iter().flat_map(|block| &block[sum]).copied().collect()).collect())
}

/// Adds a part to its sums in some draws.
fn add(
    sums: &mut [Vec<f64>],
    part: &Part,
    planned: &PlannedCohort,
    (shared, luck): (Shared<'_>, &[f64]),
    factor: f64,
) {
    let Some(forecast) = &planned.forecast else { return };
    let prices = prices_in_draws(shared, luck, forecast, planned.cohort.units, part.ahead, factor);
    let units = part.units as f64;
    let nets: Vec<f64> = prices.map(|price| units * part.net.map_or(price, |net| net.at(price))).collect();
    for sum in std::iter::once(part.sum).chain(part.quarter) {
        sums[sum].iter_mut().zip(&nets).for_each(|(draw, net)| *draw += net);
    }
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
