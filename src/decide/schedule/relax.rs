//! The schedule with units that may be cut: its prices and the bound they give.
//!
//! In: a [`Problem`] and a first assignment. Out: shares of each item by choice, the prices of limits and markets, and
//! the bound. By column generation: a programme over few choices is solved, its prices are put to all choices, those
//! that are worth more than the best one in are taken in, until none is. The bound is [`Prices::bound`] over all
//! choices, so it holds whatever the solver's accuracy and wherever the generation stops.

use super::convex::{self, Column, Programme};
use super::problem::{Assignment, Prices, Problem};

/// Rounds of column generation at most.
const ROUNDS: usize = 25;

/// Choices taken in for an item in one round.
const TAKEN_IN: usize = 3;

/// Choices without units that an item keeps for the next round, the best at the prices of the last.
const KEPT: usize = 4;

/// Share of the recovery at which bound and programme are close enough.
pub(super) const CLOSE: f64 = 1e-4;

/// The relaxed schedule.
#[derive(Debug, Clone)]
pub(super) struct Relaxation {
    /// Choices and units given to them, cut as may be, by item.
    pub shares: Vec<Vec<(usize, f64)>>,
    /// Prices of the least bound found.
    pub prices: Prices,
    /// No whole assignment is worth more.
    pub bound: f64,
}

/// Relaxes further than `best`. `scale` is the money that is small when a millionth of it is. Without a solution of the
/// solver there remain the prices there were.
pub(super) fn relax(problem: &Problem, first: &Assignment, mut best: Relaxation, scale: f64) -> Relaxation {
    let mut active = first_choices(problem, first, &best.prices);
    let mut most = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let Some(shares) = restricted(problem, &active) else { break };
        let bound = shares.prices.bound(problem);
        let worth = value(problem, &shares.units);
        let prices = shares.prices.clone();
        if bound < best.bound {
            best.prices = shares.prices;
            best.bound = bound;
        }
        drop_worst(problem, &prices, &shares.units, &mut active);
        // Each programme holds what the last one gave units to: what is worth less is a solution that went wrong.
        if worth > most {
            (most, best.shares) = (worth, shares.units);
        }
        let added = take_in(problem, &prices, &mut active, CLOSE * scale / problem.items.len().max(1) as f64);
        if added == 0 || best.bound - most <= CLOSE * scale {
            break;
        }
    }
    best
}

/// What a whole assignment says of prices: its pools at the margin, limits free.
pub(super) fn from_assignment(problem: &Problem, first: &Assignment) -> Relaxation {
    let pools = problem.pools.iter().zip(&first.sold).map(|(pool, sold)| pool.marginal_loss(*sold)).collect();
    let prices = Prices { limits: vec![0.0; problem.limits.len()], pools };
    let given = |units: &Vec<u64>| {
        let positive = units.iter().enumerate().filter(|(_, units)| **units > 0);
        positive.map(|(choice, units)| (choice, *units as f64)).collect()
    };
    let bound = prices.bound(problem);
    Relaxation { shares: first.units.iter().map(given).collect(), prices, bound }
}

/// The choices of the first programme: those of the first assignment, staying, the ideal one, and the best at its
/// prices. Items that cannot stay have all of theirs, so that the programme has a point.
fn first_choices(problem: &Problem, first: &Assignment, prices: &Prices) -> Vec<Vec<usize>> {
    let of_item = |(item, units): (&super::problem::Item, &Vec<u64>)| -> Vec<usize> {
        if !item.can_stay() {
            return (0..item.choices.len()).collect();
        }
        let mut chosen: Vec<usize> = (0..units.len())
            .filter(|choice| units[*choice] > 0 || item.choices[*choice].month.is_none())
            .collect();
        chosen.push(item.ideal());
        let mut order: Vec<usize> = (0..item.choices.len()).collect();
        order.sort_by(|a, b| {
            prices.reduced(&item.choices[*b]).total_cmp(&prices.reduced(&item.choices[*a])).then(a.cmp(b))
        });
        chosen.extend(order.into_iter().take(TAKEN_IN));
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    };
    problem.items.iter().zip(&first.units).map(of_item).collect()
}

/// Drops choices that hold no units and are far from it. What can always be done, and all that units can do that cannot
/// stay, remains: the programme must have a point.
fn drop_worst(problem: &Problem, prices: &Prices, shares: &[Vec<(usize, f64)>], active: &mut [Vec<usize>]) {
    for ((item, shares), chosen) in problem.items.iter().zip(shares).zip(active) {
        if !item.can_stay() {
            continue;
        }
        let mut empty: Vec<usize> = shares
            .iter()
            .filter(|(choice, units)| *units < 1e-4 && item.choices[*choice].month.is_some())
            .map(|(choice, _)| *choice)
            .collect();
        empty.sort_by(|a, b| {
            prices.reduced(&item.choices[*b]).total_cmp(&prices.reduced(&item.choices[*a])).then(a.cmp(b))
        });
        let dropped = empty.split_off(empty.len().min(KEPT));
        chosen.retain(|choice| !dropped.contains(choice));
    }
}

/// Takes in the choices that are worth more than the best that is in, and counts them.
fn take_in(problem: &Problem, prices: &Prices, active: &mut [Vec<usize>], tolerance: f64) -> usize {
    let mut added = 0;
    for (item, chosen) in problem.items.iter().zip(active) {
        let worth = |choice: usize| prices.reduced(&item.choices[choice]);
        let best = chosen.iter().map(|choice| worth(*choice)).fold(f64::NEG_INFINITY, f64::max);
        let least = best + tolerance / item.units.max(1) as f64;
        let mut better: Vec<usize> = (0..item.choices.len())
            .filter(|choice| worth(*choice) > least && !chosen.contains(choice))
            .collect();
        better.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
        better.truncate(TAKEN_IN);
        added += better.len();
        chosen.extend(better);
        chosen.sort_unstable();
    }
    added
}

/// Units by item and choice, and the prices at which they stand.
struct Shares {
    units: Vec<Vec<(usize, f64)>>,
    prices: Prices,
}

/// Solves the programme over the active choices. Columns are shares of an item, pools are measured by all that could
/// be sold in them, money by the largest cost: the solver sees numbers near one.
fn restricted(problem: &Problem, active: &[Vec<usize>]) -> Option<Shares> {
    let size = pool_sizes(problem, active);
    let mut programme = Programme { below: problem.limits.clone(), ..Programme::default() };
    let mut place = vec![usize::MAX; problem.pools.len()];
    for (pool, size) in size.iter().enumerate().filter(|(_, size)| **size > 0.0) {
        place[pool] = programme.terms.len();
        programme.terms.push(problem.pools[pool].loss_coefficient() * size.powf(1.5));
    }
    for (row, (item, chosen)) in problem.items.iter().zip(active).enumerate() {
        let units = item.units as f64;
        let best = chosen.iter().map(|choice| item.choices[*choice].value).fold(f64::NEG_INFINITY, f64::max);
        programme.equal.push(1.0);
        for choice in chosen.iter().map(|choice| &item.choices[*choice]) {
            let mut below: Vec<(usize, f64)> =
                choice.uses().map(|(limit, each)| (limit, each * units)).collect();
            below.sort_unstable_by_key(|(limit, _)| *limit);
            programme.columns.push(Column {
                cost: (best - choice.value) * units,
                equal: vec![(row, 1.0)],
                below,
                terms: choice
                    .sale
                    .map(|(pool, weight)| (place[pool], weight * units / size[pool]))
                    .into_iter()
                    .collect(),
            });
        }
    }
    let money = scale_money(&mut programme);
    scale_limits(&mut programme, &problem.limits);
    let solution = convex::solve(&programme)?;
    let mut values = solution.columns.into_iter();
    let units: Vec<Vec<(usize, f64)>> = problem
        .items
        .iter()
        .zip(active)
        .map(|(item, chosen)| {
            let shares: Vec<f64> = values.by_ref().take(chosen.len()).collect();
            let whole: f64 = shares.iter().sum::<f64>().max(1e-9);
            chosen
                .iter()
                .zip(shares)
                .map(|(choice, share)| (*choice, share / whole * item.units as f64))
                .collect()
        })
        .collect();
    let limits = solution
        .prices
        .iter()
        .zip(&problem.limits)
        .map(|(price, limit)| price * money / limit.max(1.0))
        .collect();
    let sold = sold(problem, &units);
    let pools = problem.pools.iter().zip(&sold).map(|(pool, sold)| pool.marginal_loss(*sold)).collect();
    Some(Shares { units, prices: Prices { limits, pools } })
}

/// All that the active choices could sell in each pool.
fn pool_sizes(problem: &Problem, active: &[Vec<usize>]) -> Vec<f64> {
    let mut size = vec![0.0; problem.pools.len()];
    for (item, chosen) in problem.items.iter().zip(active) {
        for (pool, weight) in chosen.iter().filter_map(|choice| item.choices[*choice].sale) {
            size[pool] += weight * item.units as f64;
        }
    }
    size
}

/// Divides all costs by the largest and returns it.
fn scale_money(programme: &mut Programme) -> f64 {
    let costs = programme.columns.iter().map(|column| column.cost).chain(programme.terms.iter().copied());
    let largest = costs.fold(0.0, f64::max).max(1e-9);
    for column in &mut programme.columns {
        column.cost /= largest;
    }
    for term in &mut programme.terms {
        *term /= largest;
    }
    largest
}

/// Divides each limit's row by the limit, so that a million of budget and ten units of capacity weigh alike.
fn scale_limits(programme: &mut Programme, limits: &[f64]) {
    for column in &mut programme.columns {
        for (limit, each) in &mut column.below {
            *each /= limits[*limit].max(1.0);
        }
    }
    for below in &mut programme.below {
        *below /= below.max(1.0);
    }
}

fn sold(problem: &Problem, units: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let mut sold = vec![0.0; problem.pools.len()];
    for (item, given) in problem.items.iter().zip(units) {
        for (choice, units) in given {
            if let Some((pool, weight)) = item.choices[*choice].sale {
                sold[pool] += weight * units;
            }
        }
    }
    sold
}

/// Present value of units that may be cut.
fn value(problem: &Problem, units: &[Vec<(usize, f64)>]) -> f64 {
    let of_items: f64 = problem
        .items
        .iter()
        .zip(units)
        .flat_map(|(item, given)| given.iter().map(|(choice, units)| item.choices[*choice].value * units))
        .sum();
    let sold = sold(problem, units);
    of_items - problem.pools.iter().zip(&sold).map(|(pool, sold)| pool.loss(*sold)).sum::<f64>()
}
