//! First prices of limits and markets: what months cost when everybody wants the best one.
//!
//! In: a [`Problem`]. Out: prices near those at which demand meets what there is, the shares of that demand, and the bound. Every item spreads its units over its
//! choices by their value after prices, `x_c ∝ exp(v_c / T)` (a logit demand, which makes the dual of the problem smooth);
//! the price of a limit moves by what is wanted over what there is, over the slope of that demand, `Σ n p (1 − p) / T` (a
//! Newton step for each price by itself); that of a market moves towards what one unit more loses there. `T` shrinks from
//! round to round. Any prices give a bound that holds ([`Prices::bound`]), and where the rounded demand comes near it, no
//! programme needs to be solved.

use super::problem::{Item, Pool, Prices, Problem};
use super::relax::Relaxation;

/// Rounds of bidding.
const ROUNDS: usize = 80;

/// First and last `T`, as shares of what an item brings in at best.
const FIRST_TEMPERATURE: f64 = 0.03;
const LAST_TEMPERATURE: f64 = 0.001;

/// Share of a step that is taken: other prices move at the same time.
const DAMPING: f64 = 0.6;

/// By how many `T` a price moves in a round at most.
const LONGEST_STEP: f64 = 5.0;

/// What an item is taken to bring in at least, as a share of the mean: nobody bids at no temperature.
const LEAST_WORTH: f64 = 0.02;

/// Below this share of an item a choice is not wanted.
const LEAST_SHARE: f64 = 1e-3;

/// Demand for a limit or a market at some prices.
#[derive(Debug, Clone, Copy, Default)]
struct Demand {
    quantity: f64,
    /// By how much it falls when the price rises by one.
    slope: f64,
}

/// Bids until the last round.
pub(super) fn bid(problem: &Problem) -> Relaxation {
    let worth = worth(problem);
    let mean = worth.iter().sum::<f64>() / worth.len().max(1) as f64;
    let mut prices =
        Prices { limits: vec![0.0; problem.limits.len()], pools: vec![0.0; problem.pools.len()] };
    let cooling = (LAST_TEMPERATURE / FIRST_TEMPERATURE).powf(1.0 / (ROUNDS - 1) as f64);
    let mut temperature = FIRST_TEMPERATURE;
    for _ in 0..ROUNDS {
        let (limits, pools) = demand(problem, &prices, &worth, temperature);
        let longest = LONGEST_STEP * temperature * mean;
        for ((price, demand), limit) in prices.limits.iter_mut().zip(&limits).zip(&problem.limits) {
            let step = DAMPING * (demand.quantity - limit) / demand.slope.max(f64::MIN_POSITIVE);
            *price = (*price + step.clamp(-longest, longest)).max(0.0);
        }
        for ((price, demand), pool) in prices.pools.iter_mut().zip(&pools).zip(&problem.pools) {
            *price += DAMPING * towards(*price, *demand, pool);
        }
        temperature *= cooling;
    }
    let bound = prices.bound(problem);
    Relaxation { shares: shares(problem, &prices, &worth, temperature), prices, bound }
}

/// What a unit of each item brings in at best.
fn worth(problem: &Problem) -> Vec<f64> {
    let of_item = |item: &Item| item.choices[item.ideal()].recovery.max(0.0);
    let all: Vec<f64> = problem.items.iter().map(of_item).collect();
    let least = LEAST_WORTH * (all.iter().sum::<f64>() / all.len().max(1) as f64).max(1.0);
    all.into_iter().map(|worth| worth.max(least)).collect()
}

/// From the price of a market to what one unit more loses there: a Newton step.
fn towards(price: f64, demand: Demand, pool: &Pool) -> f64 {
    let lost = pool.marginal_loss(demand.quantity);
    let rise = if demand.quantity > 0.0 { 0.5 * lost / demand.quantity * demand.slope } else { 0.0 };
    (lost - price) / (1.0 + rise)
}

/// Hands every choice of an item with its share to `each`.
fn logit(
    prices: &Prices,
    item: &Item,
    temperature: f64,
    weights: &mut Vec<f64>,
    each: &mut dyn FnMut(usize, f64),
) {
    weights.clear();
    weights.extend(item.choices.iter().map(|choice| prices.reduced(choice)));
    let best = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    weights.iter_mut().for_each(|value| *value = ((*value - best) / temperature).exp());
    let all: f64 = weights.iter().sum();
    for (choice, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        each(choice, weight / all);
    }
}

fn demand(problem: &Problem, prices: &Prices, worth: &[f64], temperature: f64) -> (Vec<Demand>, Vec<Demand>) {
    let mut limits = vec![Demand::default(); problem.limits.len()];
    let mut pools = vec![Demand::default(); problem.pools.len()];
    let mut weights = Vec::new();
    for (item, worth) in problem.items.iter().zip(worth) {
        let own = temperature * worth;
        let units = item.units as f64;
        logit(prices, item, own, &mut weights, &mut |choice, share| {
            let choice = &item.choices[choice];
            let moves = units * share * (1.0 - share) / own;
            for (limit, each) in choice.uses() {
                limits[limit].quantity += units * share * each;
                limits[limit].slope += moves * each * each;
            }
            if let Some((pool, weight)) = choice.sale {
                pools[pool].quantity += units * share * weight;
                pools[pool].slope += moves * weight * weight;
            }
        });
    }
    (limits, pools)
}

/// Units of every item by choice, those that are wanted at all.
fn shares(problem: &Problem, prices: &Prices, worth: &[f64], temperature: f64) -> Vec<Vec<(usize, f64)>> {
    let mut weights = Vec::new();
    let of_item = |(item, worth): (&Item, &f64)| {
        let mut wanted = Vec::new();
        logit(prices, item, temperature * worth, &mut weights, &mut |choice, share| {
            if share >= LEAST_SHARE {
                wanted.push((choice, share * item.units as f64));
            }
        });
        wanted
    };
    problem.items.iter().zip(worth).map(of_item).collect()
}
