//! From cut units to whole ones, and whole ones made better.
//!
//! In: a [`Relaxation`], or months that are aimed at. Out: an [`Assignment`] that keeps every limit. Units are given
//! the whole part of their share; the rest go to the choices of largest remainder that have room, else to the best
//! that have. Units that cannot stay go first, and others make room for them.

use super::moves::{gain, has_room, marginal};
use super::problem::{Assignment, Choice, Problem};
use super::relax::Relaxation;

/// How many others may move in turn to make room for one unit.
const DEPTH: usize = 3;

/// Whole units from shares; those that find no room stay without a place.
pub(super) fn round(problem: &Problem, relaxed: &Relaxation) -> Assignment {
    let mut assignment = Assignment::empty(problem);
    for (item, shares) in relaxed.shares.iter().enumerate() {
        for (choice, share) in shares {
            let room = assignment.room(problem, &problem.items[item].choices[*choice]);
            let whole = (share + 1e-6).floor() as u64;
            let units = whole.min(room).min(assignment.unplaced(problem, item));
            assignment.put(problem, item, *choice, units);
        }
    }
    let mut order: Vec<usize> = (0..problem.items.len()).collect();
    order.sort_by_key(|item| (problem.items[*item].can_stay(), *item));
    for item in order {
        let shares = &relaxed.shares[item];
        let mut by_remainder: Vec<(usize, f64)> =
            shares.iter().map(|(choice, share)| (*choice, share - (share + 1e-6).floor())).collect();
        by_remainder.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for (choice, _) in by_remainder.iter().filter(|(_, remainder)| *remainder > 1e-6) {
            let room = assignment.room(problem, &problem.items[item].choices[*choice]);
            let units = assignment.unplaced(problem, item).min(room).min(1);
            assignment.put(problem, item, *choice, units);
        }
        place_rest(problem, &mut assignment, item);
    }
    assignment
}

/// Places what is left of an item where it is worth most, with others making room when they must, as far as there is any.
fn place_rest(problem: &Problem, assignment: &mut Assignment, item: usize) {
    let choices = &problem.items[item].choices;
    while assignment.unplaced(problem, item) > 0 {
        let with_room = (0..choices.len()).filter(|choice| assignment.room(problem, &choices[*choice]) > 0);
        let best = with_room.max_by(|a, b| {
            let worth = |choice: usize| marginal(problem, assignment, &choices[choice]);
            worth(*a).total_cmp(&worth(*b)).then(b.cmp(a))
        });
        let made = best.or_else(|| {
            (0..choices.len()).find(|choice| make_room(problem, assignment, &choices[*choice], item, DEPTH))
        });
        let Some(choice) = made else { break };
        assignment.put(problem, item, choice, 1);
    }
}

/// Moves single units of other items away until a choice has room for one unit. What was moved stays moved only when
/// room was made.
fn make_room(
    problem: &Problem,
    assignment: &mut Assignment,
    choice: &Choice,
    keep: usize,
    depth: usize,
) -> bool {
    let before = assignment.clone();
    while assignment.room(problem, choice) == 0 {
        let full = choice.uses().find(|(limit, each)| {
            *each > 0.0 && problem.limits[*limit] - assignment.used[*limit] + 1e-6 < *each
        });
        let moved = full.is_some_and(|(limit, _)| move_one_away(problem, assignment, limit, keep, depth));
        if !moved {
            *assignment = before;
            return false;
        }
    }
    true
}

/// Moves one unit that uses a limit to a choice of its own that does not, at the least loss.
fn move_one_away(
    problem: &Problem,
    assignment: &mut Assignment,
    limit: usize,
    keep: usize,
    depth: usize,
) -> bool {
    let uses = |choice: &Choice| choice.uses().any(|(used, each)| used == limit && each > 0.0);
    let mut ways: Vec<(f64, usize, usize, usize)> = Vec::new();
    for (item, candidate) in problem.items.iter().enumerate().filter(|(item, _)| *item != keep) {
        for from in (0..candidate.choices.len())
            .filter(|from| assignment.units[item][*from] > 0 && uses(&candidate.choices[*from]))
        {
            for to in (0..candidate.choices.len()).filter(|to| !uses(&candidate.choices[*to])) {
                let loss = candidate.choices[from].value - candidate.choices[to].value;
                ways.push((loss, item, from, to));
            }
        }
    }
    ways.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2, a.3).cmp(&(b.1, b.2, b.3))));
    for (_, item, from, to) in &ways {
        if assignment.room(problem, &problem.items[*item].choices[*to]) > 0 {
            assignment.take(problem, *item, *from, 1);
            assignment.put(problem, *item, *to, 1);
            return true;
        }
    }
    for (_, item, from, to) in ways.iter().take(20) {
        let target = &problem.items[*item].choices[*to];
        if depth > 1 && make_room(problem, assignment, target, *item, depth - 1) {
            // Others moved: the unit may be gone from where it was.
            if assignment.units[*item][*from] == 0 {
                continue;
            }
            assignment.take(problem, *item, *from, 1);
            assignment.put(problem, *item, *to, 1);
            return true;
        }
    }
    false
}

/// Brings lots back to their best month where there is room and that costs at most `tolerance` of what they would bring in
/// there, and `budget` in all.
pub(super) fn gather(problem: &Problem, assignment: &mut Assignment, tolerance: f64, mut budget: f64) {
    for (position, item) in problem.items.iter().enumerate() {
        let best = item.ideal();
        for lot in 0..item.choices.len() {
            let units = assignment.units[position][lot];
            if lot == best || units == 0 {
                continue;
            }
            let ways = (&item.choices[lot], &item.choices[best]);
            let cost = -gain(problem, assignment, ways, units);
            let least = tolerance * item.choices[best].recovery.max(0.0) * units as f64;
            if cost <= least.min(budget) && has_room(problem, assignment, ways, units) {
                assignment.take(problem, position, lot, units);
                assignment.put(problem, position, best, units);
                budget -= cost.max(0.0);
            }
        }
    }
}

/// Everyone leaves in the month aimed at, or the first after it that has room, else stays: the way of an organisation
/// that follows a rule. Items without a target keep the places they have in `fixed`.
pub(super) fn follow(
    problem: &Problem,
    fixed: &Assignment,
    target: impl Fn(usize) -> Option<usize>,
) -> Assignment {
    let mut assignment = Assignment::empty(problem);
    let mut order: Vec<(usize, usize)> = Vec::new();
    for item in 0..problem.items.len() {
        match target(item) {
            Some(month) => order.push((month, item)),
            None => {
                for (choice, units) in fixed.units[item].iter().enumerate() {
                    assignment.put(problem, item, choice, *units);
                }
            }
        }
    }
    order.sort_unstable();
    for (month, item) in order {
        let choices = &problem.items[item].choices;
        let mut later: Vec<usize> = (0..choices.len())
            .filter(|choice| choices[*choice].month.is_none_or(|leaves| leaves >= month))
            .collect();
        // The first month; in one month the choice that is worth most.
        later.sort_by(|a, b| {
            let month = |choice: usize| choices[choice].month.unwrap_or(usize::MAX);
            month(*a).cmp(&month(*b)).then(choices[*b].value.total_cmp(&choices[*a].value)).then(a.cmp(b))
        });
        for choice in later {
            let units = assignment.unplaced(problem, item).min(assignment.room(problem, &choices[choice]));
            assignment.put(problem, item, choice, units);
        }
    }
    assignment
}
