//! A schedule cut into parts that have nothing to do with each other.
//!
//! In: a [`Problem`]. Out: its parts: items hang together when they use the same limit or sell in the same pool, also by way
//! of others. What happens in one market then moves nothing in another, not by the accuracy of a solver either; and parts
//! are solved side by side. Items that use neither limit nor pool make up a part of their own.

use std::collections::BTreeMap;

use super::problem::{Assignment, Choice, Item, Prices, Problem};
use super::solve::Solved;

/// Items of a problem with the limits and pools that they alone use, by their positions in it, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Part {
    items: Vec<usize>,
    limits: Vec<usize>,
    pools: Vec<usize>,
}

/// All parts, in the order of their first items.
pub(super) fn parts(problem: &Problem) -> Vec<Part> {
    let limits = problem.limits.len();
    let mut joined = Joined::apart(limits + problem.pools.len());
    let nodes = |choice: &Choice| {
        let used = choice.uses[0].map(|(limit, _)| limit).into_iter();
        let also = choice.uses[1].map(|(limit, _)| limit).into_iter();
        used.chain(also).chain(choice.sale.map(|(pool, _)| limits + pool))
    };
    let mut first_node = vec![None; problem.items.len()];
    for (item, first) in problem.items.iter().zip(&mut first_node) {
        for node in item.choices.iter().flat_map(nodes) {
            joined.join(*first.get_or_insert(node), node);
        }
    }
    let mut places: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    for (item, first) in first_node.iter().enumerate() {
        let root = first.map(|node| joined.root(node));
        let place = *places.entry(root).or_insert_with(|| {
            parts.push(Part::default());
            parts.len() - 1
        });
        parts[place].items.push(item);
    }
    for node in 0..limits + problem.pools.len() {
        let root = joined.root(node);
        // Nobody uses a limit or pool without a place.
        if let Some(place) = places.get(&Some(root)) {
            match node.checked_sub(limits) {
                Some(pool) => parts[*place].pools.push(pool),
                None => parts[*place].limits.push(node),
            }
        }
    }
    parts
}

impl Part {
    /// The part as a problem of its own.
    pub(super) fn problem(&self, whole: &Problem) -> Problem {
        let place = |all: &[usize], position: usize| all.partition_point(|other| *other < position);
        let choice = |choice: &Choice| Choice {
            uses: choice.uses.map(|used| used.map(|(limit, each)| (place(&self.limits, limit), each))),
            sale: choice.sale.map(|(pool, weight)| (place(&self.pools, pool), weight)),
            ..choice.clone()
        };
        let item = |item: &usize| {
            let item = &whole.items[*item];
            Item { units: item.units, choices: item.choices.iter().map(choice).collect() }
        };
        Problem {
            items: self.items.iter().map(item).collect(),
            limits: self.limits.iter().map(|limit| whole.limits[*limit]).collect(),
            pools: self.pools.iter().map(|pool| whole.pools[*pool]).collect(),
        }
    }
}

/// The solution of the whole from those of its parts.
pub(super) fn together(problem: &Problem, parts: &[Part], solved: Vec<Solved>) -> Solved {
    let mut assignment = Assignment::empty(problem);
    let mut prices =
        Prices { limits: vec![0.0; problem.limits.len()], pools: vec![0.0; problem.pools.len()] };
    let mut bound = 0.0;
    for (part, solved) in parts.iter().zip(solved) {
        bound += solved.bound;
        for (item, units) in part.items.iter().zip(solved.assignment.units) {
            assignment.units[*item] = units;
        }
        for (place, limit) in part.limits.iter().enumerate() {
            assignment.used[*limit] = solved.assignment.used[place];
            prices.limits[*limit] = solved.prices.limits[place];
        }
        for (place, pool) in part.pools.iter().enumerate() {
            assignment.sold[*pool] = solved.assignment.sold[place];
            prices.pools[*pool] = solved.prices.pools[place];
        }
    }
    Solved { objective: assignment.value(problem), assignment, bound, prices }
}

/// Nodes in groups, each known by one of its nodes.
struct Joined(Vec<usize>);

impl Joined {
    fn apart(nodes: usize) -> Joined {
        Joined((0..nodes).collect())
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::schedule::problem::{Exit, Pool};

    fn item(uses: &[usize], sale: Option<usize>) -> Item {
        let choice = |limit: Option<usize>| Choice {
            month: Some(0),
            exit: Exit::Best,
            pays_to_pass: false,
            value: 1.0,
            recovery: 1.0,
            uses: [limit.map(|limit| (limit, 1.0)), None],
            sale: sale.map(|pool| (pool, 1.0)),
        };
        let mut choices: Vec<Choice> = uses.iter().map(|limit| choice(Some(*limit))).collect();
        choices.push(choice(None));
        Item { units: 1, choices }
    }

    #[test]
    fn items_hang_together_by_limits_and_pools_also_by_way_of_others() {
        let pool = Pool { mean_worth: 1.0, steepness: 0.1 };
        let problem = Problem {
            items: vec![
                item(&[], None),
                item(&[2], Some(0)),
                item(&[], Some(1)),
                item(&[0, 2], None),
                item(&[], None),
            ],
            limits: vec![5.0, 6.0, 7.0],
            pools: vec![pool; 2],
        };
        let found = parts(&problem);
        let items: Vec<Vec<usize>> = found.iter().map(|part| part.items.clone()).collect();
        assert_eq!(items, [vec![0, 4], vec![1, 3], vec![2]]);
        assert_eq!((found[1].limits.clone(), found[1].pools.clone()), (vec![0, 2], vec![0]));
        let part = found[1].problem(&problem);
        assert_eq!(part.limits, [5.0, 7.0]);
        assert_eq!(part.items[1].choices[1].uses[0], Some((1, 1.0)));
    }
}
