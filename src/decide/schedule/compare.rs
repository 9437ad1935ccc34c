//! What rules of thumb are worth under the same limits.
//!
//! In: the problem and its solution. Out: the present value when every cohort leaves at a fixed age, or as soon as it
//! can, in the first month from then on that has room. Ends of leases and contracts bind every rule alike: those units
//! leave as in the schedule. Of work that no known successor can take over nothing says what it would cost elsewhere, so
//! such units stay at least to the refresh age under every rule.

use super::build::Built;
use super::candidates::Frame;
use super::round::follow;
use super::solve::Solved;
use crate::decide::plan::PlannedCohort;

/// A rule and what it is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The rule.
    pub rule: String,
    /// Present value of following it.
    pub value: f64,
}

/// Fixed ages that are compared, months.
const CYCLES: [u32; 3] = [36, 48, 60];

/// All rules, what the organisation does now first.
pub(super) fn compare(
    frame: &Frame<'_>,
    cohorts: &[PlannedCohort],
    built: &Built,
    solved: &Solved,
) -> Vec<Comparison> {
    let at_age = |item: usize, months: Option<u32>| -> Option<usize> {
        if !built.problem.items[item].can_stay() {
            return None;
        }
        let planned = &cohorts[built.origins[item].cohort];
        let prospects = planned.decision.prospects.as_ref()?;
        if built.origins[item].deadline.is_some() {
            return None;
        }
        let ahead = months.map_or(0, |months| (months as i32 - prospects.age_months).max(0) as usize);
        Some(ahead.max(prospects.allowed.0))
    };
    let worth = |rule: String, target: &dyn Fn(usize) -> Option<usize>| {
        let assignment = follow(&built.problem, &solved.assignment, target);
        Comparison { rule, value: assignment.value(&built.problem) }
    };
    let refresh = |item: usize| {
        frame.policy.refresh_months.of(cohorts[built.origins[item].cohort].cohort.class).unwrap_or(60)
    };
    let mut found =
        vec![worth("at the policy's refresh age".to_owned(), &|item| at_age(item, Some(refresh(item))))];
    found.extend(
        CYCLES.map(|months| {
            worth(format!("everything at {months} months"), &|item| at_age(item, Some(months)))
        }),
    );
    found.push(worth("as soon as possible".to_owned(), &|item| at_age(item, None)));
    found
}
