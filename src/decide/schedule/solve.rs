//! The best whole assignment that could be found, and what it is at most away from the best there is.
//!
//! In: a [`Problem`] that has a solution. Out: a [`Solved`] one. Each of its parts ([`super::parts`]) by itself: first everyone goes where it is worth most and moves while
//! that helps; that gives first prices to the relaxed problem ([`super::relax`]); its shares are rounded and improved
//! ([`super::round`]). Last, lots that were split off for next to nothing
//! go back to their best month: a plan of many small collections is no better plan.

use rayon::prelude::*;

use super::parts;
use super::problem::{Assignment, Item, Prices, Problem};
use super::relax::relax;
use super::round;
use crate::units::{Cancelled, Work};

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

/// Solves, each part by itself; gathering is for the fleet as a whole. What does not gain `tolerance` of its recovery by leaving its best month does not leave
/// it.
pub(super) fn solve(problem: &Problem, tolerance: f64, work: Work<'_>) -> Result<Solved, Cancelled> {
    let parts = parts::parts(problem);
    let stage = work.stage("scheduling markets", parts.len());
    let solved = parts
        .par_iter()
        .map(|part| {
            let solved = solve_part(&part.problem(problem));
            stage.step()?;
            Ok(solved)
        })
        .collect::<Result<_, Cancelled>>()?;
    drop(stage);
    let mut whole = parts::together(problem, &parts, solved);
    let budget = GATHERING * whole.assignment.recovery(problem);
    round::gather(problem, &mut whole.assignment, tolerance, budget);
    whole.objective = whole.assignment.value(problem);
    Ok(whole)
}

fn solve_part(problem: &Problem) -> Solved {
    if problem.limits.is_empty() && problem.pools.is_empty() {
        return everyone_at_best(problem);
    }
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
    Solved {
        objective: assignment.value(problem),
        assignment,
        bound: relaxed.bound,
        prices: relaxed.prices,
        stranded,
    }
}

/// Where nothing is shared everybody does what is best.
fn everyone_at_best(problem: &Problem) -> Solved {
    let mut assignment = Assignment::empty(problem);
    for (position, item) in problem.items.iter().enumerate() {
        assignment.put(problem, position, item.ideal(), item.units);
    }
    let objective = assignment.value(problem);
    let prices = Prices { limits: Vec::new(), pools: Vec::new() };
    Solved { assignment, objective, bound: objective, prices, stranded: Vec::new() }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
