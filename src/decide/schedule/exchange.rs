//! Two moves at once, where limits forbid the first alone.
//!
//! In: whole units that keep every limit, and the prices of the relaxed problem. Out: the same, made better. A unit that
//! the prices want in a month that is full goes there, and one of those that fill it goes to where it loses least, when both
//! together add value. Where a unit of an item is best added is kept up to date ([`Targets`]), so that a try costs what is
//! in its month and no look at every other month of everybody there.

use super::moves::{gain, has_room, improve, marginal};
use super::problem::{Assignment, Choice, Item, Prices, Problem};

/// Sweeps at most.
const SWEEPS: usize = 12;

/// Money below which nothing is gained.
const LEAST: f64 = 1e-6;

/// Exchanges while that adds value, and improves what it frees.
pub(super) fn exchange(problem: &Problem, assignment: &mut Assignment, prices: &Prices) {
    if problem.limits.is_empty() {
        return;
    }
    let index = Index::of(problem);
    for _ in 0..SWEEPS {
        let mut targets = Targets::of(problem, assignment);
        let mut better = false;
        for (item, candidate) in problem.items.iter().enumerate() {
            let reduced: Vec<f64> = candidate.choices.iter().map(|choice| prices.reduced(choice)).collect();
            for from in 0..reduced.len() {
                if assignment.units[item][from] == 0 {
                    continue;
                }
                let mut wanted: Vec<usize> =
                    (0..reduced.len()).filter(|to| reduced[*to] > reduced[from] + LEAST).collect();
                wanted.sort_by(|a, b| reduced[*b].total_cmp(&reduced[*a]).then(a.cmp(b)));
                for to in wanted {
                    let first = Move { item, from, to };
                    while assignment.units[item][from] > 0
                        && exchange_one(problem, &index, assignment, &mut targets, first)
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

/// One unit of an item from one choice to another.
#[derive(Debug, Clone, Copy)]
struct Move {
    item: usize,
    from: usize,
    to: usize,
}

impl Move {
    fn choices(self, problem: &Problem) -> (&Choice, &Choice) {
        let choices = &problem.items[self.item].choices;
        (&choices[self.from], &choices[self.to])
    }

    fn make(self, problem: &Problem, assignment: &mut Assignment) {
        assignment.take(problem, self.item, self.from, 1);
        assignment.put(problem, self.item, self.to, 1);
    }

    fn back(self) -> Move {
        Move { from: self.to, to: self.from, ..self }
    }
}

/// Moves one unit to a choice that one limit forbids, and one of the units that fill that limit to where it loses least.
fn exchange_one(
    problem: &Problem,
    index: &Index,
    assignment: &mut Assignment,
    targets: &mut Targets,
    first: Move,
) -> bool {
    let (from, to) = first.choices(problem);
    let mut full = to.uses().filter(|(limit, each)| {
        assignment.used[*limit] + each - used_of(from, *limit) > problem.limits[*limit] + LEAST
    });
    // Nothing to make room for is an improvement, which has been made; two limits are more than one other can free.
    let (Some((limit, _)), None) = (full.next(), full.next()) else { return false };
    let alone = gain(problem, assignment, (from, to), 1);
    first.make(problem, assignment);
    match best_other(problem, index, assignment, targets, first, limit, alone) {
        Some(other) => {
            other.make(problem, assignment);
            targets.update(problem, index, assignment, &[first, other]);
            true
        }
        None => {
            first.back().make(problem, assignment);
            false
        }
    }
}

/// The move that gives a limit back what the first one took too much of it, and with it adds the most; none when no move adds
/// anything. The first one is made already.
fn best_other(
    problem: &Problem,
    index: &Index,
    assignment: &Assignment,
    targets: &Targets,
    first: Move,
    limit: usize,
    alone: f64,
) -> Option<Move> {
    let (mut most, mut best) = (LEAST, None);
    let mut consider = |other: Move| {
        let ways = other.choices(problem);
        let added = alone + gain(problem, assignment, ways, 1);
        let left = assignment.used[limit] - used_of(ways.0, limit) + used_of(ways.1, limit);
        let room = left <= problem.limits[limit] + LEAST && has_room(problem, assignment, ways, 1);
        if added > most && room {
            (most, best) = (added, Some(other));
        }
        room
    };
    let (left, entered) = first.choices(problem);
    for &(item, from) in &index.users[limit] {
        if item == first.item || assignment.units[item][from] == 0 {
            continue;
        }
        let choices = &problem.items[item].choices;
        // The first move changed its own market and months: for the better where it left, for the worse where it entered.
        let known = targets.best[item].filter(|to| *to != from && !meets(&choices[*to], entered));
        let holds = known.is_some_and(|to| consider(Move { item, from, to }));
        for to in (0..choices.len()).filter(|to| *to != from) {
            if !holds || meets(&choices[to], left) {
                consider(Move { item, from, to });
            }
        }
    }
    best
}

/// Whether two choices share a market or a limit.
fn meets(one: &Choice, other: &Choice) -> bool {
    let market = one.sale.zip(other.sale).is_some_and(|(one, other)| one.0 == other.0);
    market || one.uses().any(|(limit, _)| used_of(other, limit) > 0.0)
}

/// How much of a limit a unit of a choice uses.
fn used_of(choice: &Choice, limit: usize) -> f64 {
    choice.uses().filter(|(used, _)| *used == limit).map(|(_, each)| each).sum()
}

/// Who uses a limit and who sells in a market: items and their choices, in order.
struct Index {
    users: Vec<Vec<(usize, usize)>>,
    sellers: Vec<Vec<(usize, usize)>>,
}

impl Index {
    fn of(problem: &Problem) -> Index {
        let mut index = Index {
            users: vec![Vec::new(); problem.limits.len()],
            sellers: vec![Vec::new(); problem.pools.len()],
        };
        for (item, candidate) in problem.items.iter().enumerate() {
            for (place, choice) in candidate.choices.iter().enumerate() {
                for (limit, _) in choice.uses().filter(|(_, each)| *each > 0.0) {
                    index.users[limit].push((item, place));
                }
                if let Some((pool, _)) = choice.sale {
                    index.sellers[pool].push((item, place));
                }
            }
        }
        index
    }
}

/// Where one unit more of each item is worth most, among the choices that have room for it.
struct Targets {
    /// Worth of a unit more by item and choice; minus infinity where there is no room.
    worth: Vec<Vec<f64>>,
    /// The best choice of each item, the first of equal ones.
    best: Vec<Option<usize>>,
}

impl Targets {
    fn of(problem: &Problem, assignment: &Assignment) -> Targets {
        let of_item = |item: &Item| -> Vec<f64> {
            item.choices.iter().map(|choice| worth(problem, assignment, choice)).collect()
        };
        let worth: Vec<Vec<f64>> = problem.items.iter().map(of_item).collect();
        let best = worth.iter().map(|worth| best_of(worth)).collect();
        Targets { worth, best }
    }

    /// Looks again at all that the moves made touched.
    fn update(&mut self, problem: &Problem, index: &Index, assignment: &Assignment, moves: &[Move]) {
        for made in moves {
            let (from, to) = made.choices(problem);
            for choice in [from, to] {
                for (limit, _) in choice.uses() {
                    self.look_again(problem, assignment, &index.users[limit]);
                }
                if let Some((pool, _)) = choice.sale {
                    self.look_again(problem, assignment, &index.sellers[pool]);
                }
            }
        }
    }

    fn look_again(&mut self, problem: &Problem, assignment: &Assignment, places: &[(usize, usize)]) {
        for &(item, choice) in places {
            let now = worth(problem, assignment, &problem.items[item].choices[choice]);
            let before = std::mem::replace(&mut self.worth[item][choice], now);
            let best = &mut self.best[item];
            match *best {
                Some(place) if place == choice && now < before => *best = best_of(&self.worth[item]),
                Some(place) if now <= self.worth[item][place] => {}
                _ if now > f64::NEG_INFINITY => *best = Some(choice),
                _ => {}
            }
        }
    }
}

fn worth(problem: &Problem, assignment: &Assignment, choice: &Choice) -> f64 {
    if assignment.room(problem, choice) == 0 {
        return f64::NEG_INFINITY;
    }
    marginal(problem, assignment, choice)
}

/// The first of the best that have room.
fn best_of(worth: &[f64]) -> Option<usize> {
    let better = |best: usize, at: usize| if worth[at] > worth[best] { at } else { best };
    (0..worth.len()).reduce(better).filter(|best| worth[*best] > f64::NEG_INFINITY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::problem::Exit;
    use super::super::solve::tests::problem;
    use super::*;

    /// Leaving in month 0 or 1, each with room for one.
    fn either(values: [f64; 2]) -> Item {
        let leave = |month: usize| Choice {
            month: Some(month),
            exit: Exit::Best,
            pays_to_pass: false,
            value: values[month],
            recovery: values[month],
            uses: [Some((month, 1.0)), None],
            sale: None,
        };
        Item { units: 1, choices: vec![leave(0), leave(1)] }
    }

    #[test]
    fn two_change_places_where_neither_can_move_alone() {
        let items = vec![either([10.0, 1.0]), either([9.0, 8.0])];
        let problem = Problem { items, limits: vec![1.0, 1.0], pools: Vec::new() };
        let mut assignment = Assignment::empty(&problem);
        assignment.put(&problem, 0, 1, 1);
        assignment.put(&problem, 1, 0, 1);
        let prices = Prices { limits: vec![2.0, 0.0], pools: Vec::new() };
        improve(&problem, &mut assignment);
        assert_eq!(assignment.units, [[0, 1], [1, 0]]);
        exchange(&problem, &mut assignment, &prices);
        assert_eq!(assignment.units, [[1, 0], [0, 1]]);
    }

    proptest! {
        #[test]
        fn targets_kept_up_to_date_are_those_made_anew(
            problem in problem(),
            moves in prop::collection::vec((0..12_usize, 0..5_usize, 0..5_usize), 1..12),
        ) {
            let mut assignment = Assignment::empty(&problem);
            for (item, candidate) in problem.items.iter().enumerate() {
                assignment.put(&problem, item, 0, candidate.units);
            }
            let index = Index::of(&problem);
            let mut targets = Targets::of(&problem, &assignment);
            for (item, from, to) in moves {
                let made = Move { item: item % problem.items.len(), from, to };
                if assignment.units[made.item][from] == 0 {
                    continue;
                }
                made.make(&problem, &mut assignment);
                targets.update(&problem, &index, &assignment, &[made]);
                let anew = Targets::of(&problem, &assignment);
                prop_assert_eq!(&targets.worth, &anew.worth);
                let worth = |targets: &Targets| -> Vec<Option<f64>> {
                    targets.best.iter().zip(&anew.worth).map(|(best, worth)| best.map(|best| worth[best])).collect()
                };
                prop_assert_eq!(worth(&targets), worth(&anew));
            }
        }
    }
}
