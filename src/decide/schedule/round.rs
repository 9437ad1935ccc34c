//! From cut units to whole ones, and whole ones made better.
//!
//! In: a [`Relaxation`], or months that are aimed at. Out: an [`Assignment`] that keeps every limit. Units are given
//! the whole part of their share; the rest go to the choices of largest remainder that have room, else to the best
//! that have. Units that cannot stay go first, and others make room for them. Then units are moved while a move,
//! or two at once, add value.

use super::problem::{Assignment, Choice, Prices, Problem};
use super::relax::Relaxation;

/// Sweeps over all items at most.
const SWEEPS: usize = 40;

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

/// Worth of one unit more of a choice.
fn marginal(problem: &Problem, assignment: &Assignment, choice: &Choice) -> f64 {
    choice.value
        - choice.sale.map_or(0.0, |(pool, weight)| {
            let sold = assignment.sold[pool];
            problem.pools[pool].loss(sold + weight) - problem.pools[pool].loss(sold)
        })
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

/// Sweeps of exchanges at most.
const EXCHANGES: usize = 12;

/// Puts units that the relaxed prices want elsewhere in the place of others, where two moves together add value though
/// limits forbid the first alone; and improves what that frees.
pub(super) fn exchange(problem: &Problem, assignment: &mut Assignment, prices: &Prices) {
    if problem.limits.is_empty() {
        return;
    }
    let mut users: Vec<Vec<(usize, usize)>> = vec![Vec::new(); problem.limits.len()];
    for (position, item) in problem.items.iter().enumerate() {
        for (choice, ways) in item.choices.iter().enumerate() {
            for (limit, _) in ways.uses().filter(|(_, each)| *each > 0.0) {
                users[limit].push((position, choice));
            }
        }
    }
    for _ in 0..EXCHANGES {
        let mut better = false;
        for (position, item) in problem.items.iter().enumerate() {
            let reduced: Vec<f64> = item.choices.iter().map(|choice| prices.reduced(choice)).collect();
            for from in 0..reduced.len() {
                let mut wanted: Vec<usize> =
                    (0..reduced.len()).filter(|to| reduced[*to] > reduced[from] + 1e-6).collect();
                wanted.sort_by(|a, b| reduced[*b].total_cmp(&reduced[*a]).then(a.cmp(b)));
                for to in wanted {
                    while assignment.units[position][from] > 0
                        && exchange_one(problem, assignment, &users, (position, from, to))
                    {
                        better = true;
                    }
                }
            }
        }
        if !better {
            break;
        }
        improve(problem, assignment);
    }
}

/// Moves one unit to a choice that one limit forbids, and one of the units that fill that limit to where it loses least.
fn exchange_one(
    problem: &Problem,
    assignment: &mut Assignment,
    users: &[Vec<(usize, usize)>],
    (item, from, to): (usize, usize, usize),
) -> bool {
    let choices = &problem.items[item].choices;
    let first = gain(problem, assignment, (&choices[from], &choices[to]), 1);
    assignment.take(problem, item, from, 1);
    assignment.put(problem, item, to, 1);
    let over = |assignment: &Assignment, limit: usize| assignment.used[limit] > problem.limits[limit] + 1e-6;
    let full: Vec<usize> =
        choices[to].uses().map(|(limit, _)| limit).filter(|limit| over(assignment, *limit)).collect();
    let mut best = (1e-6, None);
    if let [limit] = full[..] {
        for &(other, leaves) in users[limit].iter().filter(|(other, _)| *other != item) {
            if assignment.units[other][leaves] == 0 {
                continue;
            }
            let ways = &problem.items[other].choices;
            for enters in (0..ways.len()).filter(|enters| *enters != leaves) {
                let pair = (&ways[leaves], &ways[enters]);
                let added = first + gain(problem, assignment, pair, 1);
                if added > best.0 && has_room(problem, assignment, pair, 1) {
                    // Room where it goes, and enough of it given back where it was.
                    let given = |choice: &Choice| -> f64 {
                        choice.uses().filter(|(used, _)| *used == limit).map(|(_, each)| each).sum()
                    };
                    let left = assignment.used[limit] - given(pair.0) + given(pair.1);
                    if left <= problem.limits[limit] + 1e-6 {
                        best = (added, Some((other, leaves, enters)));
                    }
                }
            }
        }
    }
    match best.1 {
        Some((other, leaves, enters)) => {
            assignment.take(problem, other, leaves, 1);
            assignment.put(problem, other, enters, 1);
            true
        }
        None => {
            assignment.take(problem, item, to, 1);
            assignment.put(problem, item, from, 1);
            false
        }
    }
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
fn gain(problem: &Problem, assignment: &Assignment, (from, to): (&Choice, &Choice), units: u64) -> f64 {
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
fn has_room(problem: &Problem, assignment: &Assignment, (from, to): (&Choice, &Choice), units: u64) -> bool {
    to.uses().all(|(limit, each)| {
        let freed: f64 = from.uses().filter(|(used, _)| *used == limit).map(|(_, each)| each).sum();
        assignment.used[limit] + (each - freed) * units as f64 <= problem.limits[limit] + 1e-6
            || each <= freed
    })
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
