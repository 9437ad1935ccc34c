//! Moves of units from one choice to another: what they add, whether there is room, and all that add value, one after the
//! other.
//!
//! In: an [`Assignment`]. Out: the same with every move made that adds value by itself.

use super::problem::{Assignment, Choice, Problem};

/// Sweeps over all items at most.
const SWEEPS: usize = 40;

/// Moves units of one item between its choices while that adds value.
pub(super) fn improve(problem: &Problem, assignment: &mut Assignment) {
    let mut at_rest = 0;
    for _ in 0..SWEEPS {
        for item in 0..problem.items.len() {
            at_rest = if improve_item(problem, assignment, item) { 0 } else { at_rest + 1 };
            // Since the last move every item was asked.
            if at_rest == problem.items.len() {
                return;
            }
        }
    }
}

fn improve_item(problem: &Problem, assignment: &mut Assignment, item: usize) -> bool {
    let choices = &problem.items[item].choices;
    let mut better = false;
    for from in 0..choices.len() {
        while assignment.units[item][from] > 0 {
            let mut best = (1e-7, 0, 0);
            let leaving: Vec<(u64, f64)> = portions(assignment.units[item][from])
                .map(|units| (units, loss_of_leaving(problem, assignment, &choices[from], units)))
                .collect();
            for to in (0..choices.len()).filter(|to| *to != from) {
                for (units, lost) in &leaving {
                    // To enter a market never adds value, so most months need no second look.
                    let most = (choices[to].value - choices[from].value) * *units as f64 - lost;
                    if most <= best.0 {
                        continue;
                    }
                    let gain = gain(problem, assignment, (&choices[from], &choices[to]), *units);
                    if gain > best.0 && has_room(problem, assignment, (&choices[from], &choices[to]), *units)
                    {
                        best = (gain, to, *units);
                    }
                }
            }
            let (_, to, units) = best;
            if units == 0 {
                break;
            }
            assignment.take(problem, item, from, units);
            assignment.put(problem, item, to, units);
            better = true;
        }
    }
    better
}

/// One unit, a part, all of them.
fn portions(units: u64) -> impl Iterator<Item = u64> {
    let mut portions = [1, units / 8, units / 2, units];
    portions.sort_unstable();
    let mut last = 0;
    portions.into_iter().filter(move |portion| {
        let new = *portion > last;
        last = *portion;
        new
    })
}

/// By how much the loss in the market that units leave grows: never above zero.
fn loss_of_leaving(problem: &Problem, assignment: &Assignment, from: &Choice, units: u64) -> f64 {
    from.sale.map_or(0.0, |(pool, weight)| {
        let sold = assignment.sold[pool];
        problem.pools[pool].loss(sold - weight * units as f64) - problem.pools[pool].loss(sold)
    })
}

/// What moving units adds.
pub(super) fn gain(
    problem: &Problem,
    assignment: &Assignment,
    (from, to): (&Choice, &Choice),
    units: u64,
) -> f64 {
    let moved = units as f64;
    let value = (to.value - from.value) * moved;
    let change = |pool: usize, by: f64| {
        let sold = assignment.sold[pool];
        problem.pools[pool].loss(sold + by) - problem.pools[pool].loss(sold)
    };
    match (from.sale, to.sale) {
        (Some((left, less)), Some((entered, more))) if left == entered => {
            value - change(left, (more - less) * moved)
        }
        (left, entered) => {
            value
                - left.map_or(0.0, |(pool, weight)| change(pool, -weight * moved))
                - entered.map_or(0.0, |(pool, weight)| change(pool, weight * moved))
        }
    }
}

/// Whether the limits take the units where they go; what they leave is free again.
pub(super) fn has_room(
    problem: &Problem,
    assignment: &Assignment,
    (from, to): (&Choice, &Choice),
    units: u64,
) -> bool {
    to.uses().all(|(limit, each)| {
        let freed: f64 = from.uses().filter(|(used, _)| *used == limit).map(|(_, each)| each).sum();
        assignment.used[limit] + (each - freed) * units as f64 <= problem.limits[limit] + 1e-6
            || each <= freed
    })
}

/// Worth of one unit more of a choice.
pub(super) fn marginal(problem: &Problem, assignment: &Assignment, choice: &Choice) -> f64 {
    choice.value
        - choice.sale.map_or(0.0, |(pool, weight)| {
            let sold = assignment.sold[pool];
            problem.pools[pool].loss(sold + weight) - problem.pools[pool].loss(sold)
        })
}
