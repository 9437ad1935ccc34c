//! The best whole assignment that could be found, and what it is at most away from the best there is.
//!
//! In: a [`Problem`] that has a solution. Out: a [`Solved`] one: first everyone goes where it is worth most and moves while
//! that helps; that gives first prices to the relaxed problem ([`super::relax`]); its shares are rounded and improved
//! ([`super::round`]). Last, lots that were split off for next to nothing
//! go back to their best month: a plan of many small collections is no better plan.

use super::problem::{Assignment, Item, Prices, Problem};
use super::relax::relax;
use super::round;

/// A solved schedule.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// Who leaves when.
    pub assignment: Assignment,
    /// Its present value.
    pub objective: f64,
    /// No schedule is worth more.
    pub bound: f64,
    /// Prices of limits and markets at the bound.
    pub prices: Prices,
    /// Items of which units found no place, and how many.
    pub stranded: Vec<(usize, u64)>,
}

/// Share of the recovery that gathering small lots may cost at most, all together.
const GATHERING: f64 = 0.0025;

/// Solves. What does not gain `tolerance` of its recovery by leaving its best month does not leave it.
pub(super) fn solve(problem: &Problem, tolerance: f64) -> Solved {
    let target = |item: &Item| item.choices[item.ideal()].month.unwrap_or(usize::MAX);
    let aims = |item: usize| problem.items[item].can_stay().then(|| target(&problem.items[item]));
    let mut first = round::follow(problem, &Assignment::empty(problem), aims);
    round::improve(problem, &mut first);
    let brings_in = |item: &Item| item.units as f64 * item.choices[item.ideal()].recovery.max(0.0);
    let scale = problem.items.iter().map(brings_in).sum::<f64>().max(1.0);
    let relaxed = relax(problem, &first, scale);
    let (mut assignment, stranded) = round::round(problem, &relaxed);
    round::improve(problem, &mut assignment);
    round::exchange(problem, &mut assignment, &relaxed.prices);
    let whole = problem.items.iter().all(Item::can_stay);
    if whole && first.value(problem) > assignment.value(problem) {
        assignment = first;
    }
    let budget = GATHERING * assignment.recovery(problem);
    round::gather(problem, &mut assignment, tolerance, budget);
    Solved {
        objective: assignment.value(problem),
        assignment,
        bound: relaxed.bound,
        prices: relaxed.prices,
        stranded,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
