//! What the fleet can really do, month by month.
//!
//! In: decided cohorts, each of which would leave in its own best month, and the policy's limits: capacity of sites,
//! freezes, budgets, deliveries, ends of leases and contracts, and the depth of markets ([`limits`]). Out: a
//! [`Schedule`]: how many units of each cohort leave in which month, so that the present value of the whole is best
//! ([`problem`] has the formula); what limits cost at the margin; a bound on what any schedule could be worth; and what
//! the rules of thumb would bring under the same limits. Within the tolerance of windows months are equally good, so
//! for less than that share of their recovery units do not leave their best month.
//!
//! Limits that contradict each other are named with the least relief ([`conflict`]). Then the plan is made without
//! capacity, freezes, budgets and deliveries, and says so: it is the plan to hold against the limits, and the run does not
//! fail, for everything else in it stands.

mod build;
mod candidates;
mod compare;
mod conflict;
mod convex;
mod exchange;
pub(super) mod limits;
mod moves;
mod parts;
mod placements;
mod problem;
mod relax;
mod round;
mod solve;
mod verify;

use build::{Built, build};
use candidates::Frame;
pub use compare::Comparison;
pub use conflict::Conflict;
pub use limits::{Contracts, Delivery, Depth, Freeze};
pub use placements::{Moved, Placement};
pub use problem::Exit;
use solve::{Solved, solve};

use super::plan::{PlanError, PlannedCohort};
use super::policy::Policy;
use crate::fleet::Fleet;
use crate::units::{MoneyError, Month, Work};

/// Who leaves when. Values are present values in the currency of the plan; costs are negative.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Where units go, by cohort and month; staying comes last.
    pub placements: Vec<Placement>,
    /// Present value of the schedule.
    pub objective: f64,
    /// No schedule that keeps the limits is worth more.
    pub bound: f64,
    /// Present value of the net recovery in it, by which the gap is measured.
    pub recovery: f64,
    /// Present value if every cohort left in its best month, without limits and at the full price.
    pub ideal: f64,
    /// What rules of thumb are worth under the same limits, where that was asked.
    pub comparisons: Vec<Comparison>,
    /// Limits that cost something at the margin, with what one unit more of them is worth, the dearest first.
    pub binding: Vec<(String, f64)>,
    /// Limits that contradict each other. When there are any, the schedule keeps none of capacity, freeze, budget and
    /// delivery.
    pub conflicts: Vec<Conflict>,
    /// What the limits of the policy name that is not in the fleet.
    pub warnings: Vec<String>,
}

impl Schedule {
    /// How much better a schedule could be at most, in money.
    pub fn gap(&self) -> f64 {
        (self.bound - self.objective).max(0.0)
    }

    /// The gap as a share of what the schedule brings in.
    pub fn gap_share(&self) -> f64 {
        self.gap() / self.recovery.abs().max(1.0)
    }

    /// What the schedule is worth more than the policy's refresh age under the same limits.
    pub fn saved_against_present_rule(&self) -> f64 {
        self.comparisons.first().map_or(0.0, |present| self.objective - present.value)
    }

    /// Which assets do what: for each asset of a cohort, in order, its placements and how many of its units each has.
    pub fn of_assets<'a>(&'a self, cohort: usize, quantities: &[u64]) -> Vec<Vec<(&'a Placement, u64)>> {
        let mut placements = self.of_cohort(cohort).iter();
        let mut current = placements.next().map(|placement| (placement, placement.units));
        quantities
            .iter()
            .map(|quantity| {
                let (mut left, mut shares) = (*quantity, Vec::new());
                while let Some((placement, free)) = current.filter(|_| left > 0) {
                    let units = left.min(free);
                    shares.push((placement, units));
                    left -= units;
                    current = match free - units {
                        0 => placements.next().map(|next| (next, next.units)),
                        rest => Some((placement, rest)),
                    };
                }
                shares
            })
            .collect()
    }

    /// The placements of a cohort.
    pub fn of_cohort(&self, cohort: usize) -> &[Placement] {
        let first = self.placements.partition_point(|placement| placement.cohort < cohort);
        let last = self.placements.partition_point(|placement| placement.cohort <= cohort);
        &self.placements[first..last]
    }
}

/// Schedules a decided fleet. `in_full` asks for the rules of thumb as well, and for prices and a bound as good as can be.
pub(super) fn schedule(
    cohorts: &[PlannedCohort],
    fleet: &Fleet,
    policy: &Policy,
    as_of: Month,
    in_full: bool,
    work: Work<'_>,
) -> Result<Schedule, PlanError> {
    let frame = Frame::new(policy, as_of);
    let built = build(&frame, cohorts, fleet);
    let mut conflicts = conflict::conflicts(&frame, &built, cohorts, fleet);
    if conflicts.is_empty() && built.impossible.is_empty() {
        let solved = solve(&built.problem, policy.window_tolerance, in_full, work)?;
        conflicts = stranded(&built, &solved, cohorts);
        if conflicts.is_empty() {
            return Ok(finish(&frame, cohorts, fleet, &built, &solved, conflicts, in_full)?);
        }
    }
    if conflicts.is_empty() {
        conflicts = impossible(&frame, &built, cohorts);
    }
    let without_limits = without_limits(policy);
    let frame = Frame::new(&without_limits, as_of);
    let built = build(&frame, cohorts, fleet);
    let solved = solve(&built.problem, policy.window_tolerance, in_full, work)?;
    let mut schedule = finish(&frame, cohorts, fleet, &built, &solved, conflicts, in_full)?;
    schedule.warnings = placements::warnings(policy, cohorts, fleet);
    Ok(schedule)
}

/// The policy with nothing in the way but ends of leases and contracts, and with its markets.
fn without_limits(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    policy.capacity.clear();
    policy.freeze.clear();
    policy.budget.clear();
    policy.delivery = Delivery::default();
    policy
}

/// Cohorts that no month is left for, by what forbids the month they would choose.
fn impossible(frame: &Frame<'_>, built: &Built, cohorts: &[PlannedCohort]) -> Vec<Conflict> {
    let sentence = |origin: &build::Origin| {
        let cohort = &cohorts[origin.cohort].cohort;
        let limit = origin
            .hindrance
            .as_ref()
            .map_or("the limits".to_owned(), |hindrance| conflict::hindrance_words(frame, hindrance));
        Conflict {
            month: origin.ideal_month.map(|month| frame.as_of.plus(month as i32)),
            allowed: 0.0,
            needed: cohort.units as f64,
            product: cohort.label.clone(),
            message: format!("{limit}: no month is left for {} × {}", cohort.units, cohort.label),
            limit,
        }
    };
    built.impossible.iter().map(sentence).collect()
}

/// Units that could be placed when cut, but not whole.
fn stranded(built: &Built, solved: &Solved, cohorts: &[PlannedCohort]) -> Vec<Conflict> {
    let sentence = |(item, units): &(usize, u64)| {
        let product = cohorts[built.origins[*item].cohort].cohort.label.clone();
        Conflict {
            limit: "whole units".to_owned(),
            month: None,
            allowed: 0.0,
            needed: *units as f64,
            message: format!(
                "{units} × {product} found no place that keeps every limit, though parts of units would"
            ),
            product,
        }
    };
    solved.assignment.stranded(&built.problem).iter().map(sentence).collect()
}

fn finish(
    frame: &Frame<'_>,
    cohorts: &[PlannedCohort],
    fleet: &Fleet,
    built: &Built,
    solved: &Solved,
    conflicts: Vec<Conflict>,
    in_full: bool,
) -> Result<Schedule, MoneyError> {
    let units = |cohort: usize| cohorts[cohort].cohort.units as f64;
    let mut binding: Vec<(String, f64)> = built
        .limits
        .iter()
        .zip(&solved.prices.limits)
        .filter(|(_, price)| **price > placements::WORTH_A_WORD)
        .map(|(name, price)| (conflict::limit_words(frame, name), *price))
        .collect();
    binding.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(Schedule {
        placements: placements::placements(frame, cohorts, built, solved)?,
        objective: solved.objective,
        bound: solved.bound,
        recovery: solved.assignment.recovery(&built.problem),
        ideal: built.origins.iter().map(|origin| origin.ideal_value * units(origin.cohort)).sum(),
        comparisons: if in_full { compare::compare(frame, cohorts, built, solved) } else { Vec::new() },
        binding,
        conflicts,
        warnings: placements::warnings(frame.policy, cohorts, fleet),
    })
}
