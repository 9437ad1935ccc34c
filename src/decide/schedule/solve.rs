//! The best whole assignment that could be found, and what it is at most away from the best there is.
//!
//! In: a [`Problem`] that has a solution. Out: a [`Solved`] one. Each of its parts ([`super::parts`]) by itself: first
//! everyone goes where it is worth most and moves while that helps. Where what comes of it is not near the bound that its
//! own prices give, the relaxed problem is solved ([`super::relax`]) and its shares are rounded ([`super::round`]) and
//! improved ([`super::moves`], [`super::exchange`]). Last, lots that were split off for next to nothing go back to their best month: a plan of many small
//! collections is no better plan.

use rayon::prelude::*;

use super::exchange;
use super::moves;
use super::parts;
use super::problem::{Assignment, Item, Prices, Problem};
use super::relax::{self, Relaxation};
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
}

/// Share of the recovery at which whole units are near enough to the bound that nothing better is looked for.
const NEAR: f64 = 1e-3;

/// Share of the recovery that gathering small lots may cost at most, all together.
const GATHERING: f64 = 0.0025;

/// Solves, each part by itself; gathering is for the fleet as a whole. What does not gain `tolerance` of its recovery by
/// leaving its best month does not leave it. `in_full` asks for prices and a bound as good as can be even where the units
/// need no better ones: where they go does not hang on it.
pub(super) fn solve(
    problem: &Problem,
    tolerance: f64,
    in_full: bool,
    work: Work<'_>,
) -> Result<Solved, Cancelled> {
    let parts = parts::parts(problem);
    let stage = work.stage("scheduling markets", parts.len());
    let solved = parts
        .par_iter()
        .map(|part| {
            let solved = solve_part(&part.problem(problem), in_full);
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

fn solve_part(problem: &Problem, in_full: bool) -> Solved {
    if problem.limits.is_empty() && problem.pools.is_empty() {
        return everyone_at_best(problem);
    }
    let target = |item: &Item| item.choices[item.ideal()].month.unwrap_or(usize::MAX);
    let aims = |item: usize| problem.items[item].can_stay().then(|| target(&problem.items[item]));
    let mut first = round::follow(problem, &Assignment::empty(problem), aims);
    moves::improve(problem, &mut first);
    let brings_in = |item: &Item| item.units as f64 * item.choices[item.ideal()].recovery.max(0.0);
    let scale = problem.items.iter().map(brings_in).sum::<f64>().max(1.0);
    let mut relaxed = relax::from_assignment(problem, &first);
    let mut whole = Whole::of(problem, first);
    let missed = relaxed.bound - whole.value;
    let far = whole.left > 0 || missed > NEAR * scale;
    if far || in_full && missed > relax::CLOSE * scale {
        relaxed = relax::relax(problem, &whole.assignment, relaxed, scale);
    }
    if far {
        whole = whole.or(rounded(problem, &relaxed));
    }
    Solved {
        objective: whole.value,
        assignment: whole.assignment,
        bound: relaxed.bound,
        prices: relaxed.prices,
    }
}

/// An assignment of whole units.
struct Whole {
    assignment: Assignment,
    value: f64,
    /// Units without a place.
    left: u64,
}

impl Whole {
    fn of(problem: &Problem, assignment: Assignment) -> Whole {
        let left = assignment.stranded(problem).iter().map(|(_, units)| units).sum();
        Whole { value: assignment.value(problem), left, assignment }
    }

    /// The one that places more, else the one that is worth more.
    fn or(self, other: Whole) -> Whole {
        let better = self.left < other.left || self.left == other.left && self.value >= other.value;
        if better { self } else { other }
    }
}

/// Whole units from shares, made better.
fn rounded(problem: &Problem, relaxed: &Relaxation) -> Whole {
    let mut assignment = round::round(problem, relaxed);
    moves::improve(problem, &mut assignment);
    exchange::exchange(problem, &mut assignment, &relaxed.prices);
    Whole::of(problem, assignment)
}

/// Where nothing is shared everybody does what is best.
fn everyone_at_best(problem: &Problem) -> Solved {
    let mut assignment = Assignment::empty(problem);
    for (position, item) in problem.items.iter().enumerate() {
        assignment.put(problem, position, item.ideal(), item.units);
    }
    let objective = assignment.value(problem);
    let prices = Prices { limits: Vec::new(), pools: Vec::new() };
    Solved { assignment, objective, bound: objective, prices }
}

#[cfg(test)]
#[path = "tests.rs"]
pub(super) mod tests;
