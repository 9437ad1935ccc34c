//! Optimal stopping on a lattice of log prices, backward from the last step.
//!
//! In: a [`Problem`]. Out: a [`Solution`]: the value of the best rule, of the best step fixed beforehand, and the
//! prices at which to leave at each step.
//!
//! ```text
//! V_T = payoff_T(S), or the better of it and 0;   V_t = max{ payoff_t(S), δ (E[V_{t+1} | S] − c_t) }
//! ```
//!
//! The nodes are evenly spaced in the log deviation of the price, and the expectation is the sum over nodes with the
//! normal density as weights. For a smooth function this rule errs by `exp(−2π² s² / h²)`, s the standard deviation of
//! a move and h the spacing (Trefethen and Weideman, "The exponentially convergent trapezoidal rule", 2014): nothing at
//! h = s. What is not smooth is the edge between leaving and waiting. There the function has a kink, and a kink of
//! slope J at the share θ of a cell adds `−J h² B(θ) / 2`, `B(θ) = θ² − θ + 1/6` (Euler and Maclaurin), which is taken
//! off again. Moves smaller than the spacing are spread over three nodes with the right variance. Beyond the last nodes
//! the value goes on straight in the price, as it does exactly where everything is left or everything waits.
//! A payoff with a kink of its own costs accuracy of the order h²; give the straight payoff and let the problem
//! abandon, where it can.

use super::lanes;
use super::leaving::LeavingPrices;
use super::process::PriceProcess;

/// What happens at the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// One leaves, whatever it brings.
    MustLeave,
    /// One leaves, or lets the right lapse for nothing.
    MayAbandon,
}

/// What leaving brings at a step and a price: continuous, rising or falling with the price.
pub trait Payoff: Sync {
    /// At one price.
    fn at(&self, step: usize, price: f64) -> f64;

    /// At many prices: the same, to the bit.
    fn at_all(&self, step: usize, prices: &[f64], into: &mut [f64]) {
        into.iter_mut().zip(prices).for_each(|(payoff, price)| *payoff = self.at(step, *price));
    }
}

impl<F: Fn(usize, f64) -> f64 + Sync> Payoff for F {
    fn at(&self, step: usize, price: f64) -> f64 {
        self(step, price)
    }
}

/// When to stop.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    /// The price.
    pub process: &'a PriceProcess,
    /// What leaving brings.
    pub payoff: &'a dyn Payoff,
    /// Cost of staying from step t to t + 1, paid at t + 1; steps beyond the end of the slice cost nothing.
    pub holding_costs: &'a [f64],
    /// Discount factor of one step.
    pub discount: f64,
    /// Steps at which one may leave; the last always counts as allowed, steps beyond the slice as not.
    pub allowed: &'a [bool],
    /// What happens at the last step.
    pub end: End,
}

impl std::fmt::Debug for Problem<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Problem")
            .field("process", self.process)
            .field("discount", &self.discount)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Problem<'_> {
    /// Whether one may leave at a step.
    pub fn is_allowed(&self, step: usize) -> bool {
        step == self.process.last_step() || self.allowed.get(step).copied().unwrap_or(false)
    }

    pub(super) fn holding_cost(&self, step: usize) -> f64 {
        self.holding_costs.get(step).copied().unwrap_or(0.0)
    }

    /// What the last step brings at a price.
    pub(super) fn final_payoff(&self, price: f64) -> f64 {
        let payoff = self.payoff.at(self.process.last_step(), price);
        if self.end == End::MayAbandon { payoff.max(0.0) } else { payoff }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Value of the best rule, at step 0 before the first offer.
    pub value: f64,
    /// Value of leaving at the best step fixed beforehand.
    pub fixed_value: f64,
    /// That step.
    pub fixed_step: usize,
    /// Prices at which to leave, by step; none at steps that are not allowed.
    pub leaving: Vec<LeavingPrices>,
}

/// How fine the lattice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// Two nodes a typical move: for decisions, whose inputs are far less sure.
    Plan,
    /// Six nodes a typical move: for prices.
    Price,
}

/// Standard deviations that the nodes reach to each side.
const REACH: f64 = 6.5;

/// Log prices that the nodes reach to each side at least, so that there is a price to compare with when nothing moves.
const LEAST_REACH: f64 = 1.5;

/// Nodes to each side, at least and at most.
const NODES: (f64, f64) = (60.0, 900.0);

/// Standard deviations after which the weights of a move are cut.
const CUT: f64 = 6.5;

/// Spacings below which a move is spread over three nodes.
const SMALL_MOVE: f64 = 0.9;

/// Share of the scale of the payoffs by which leaving may lose and still count as equal.
const INDIFFERENT: f64 = 1e-10;

/// Evenly spaced log deviations.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grid {
    /// Nodes to each side of the middle.
    pub half: usize,
    /// Distance of two nodes.
    pub spacing: f64,
    /// Exponential of each node.
    pub exponentials: Vec<f64>,
}

impl Grid {
    pub(super) fn of(process: &PriceProcess, resolution: Resolution) -> Grid {
        let last = process.last_step();
        let moved = process.variance(last) - process.level_variance();
        let reach = (REACH * process.variance(last).sqrt()).max(LEAST_REACH);
        let nodes_a_move = match resolution {
            Resolution::Plan => 2.0,
            Resolution::Price => 6.0,
        };
        let typical_move = (moved / last.max(1) as f64).sqrt();
        let half =
            (reach * nodes_a_move / typical_move.max(f64::MIN_POSITIVE)).clamp(NODES.0, NODES.1).ceil();
        let spacing = reach / half;
        let half = half as usize;
        let exponentials = (0..=2 * half).map(|node| ((node as f64 - half as f64) * spacing).exp()).collect();
        Grid { half, spacing, exponentials }
    }

    fn len(&self) -> usize {
        2 * self.half + 1
    }
}

/// Finds the best rule.
pub fn solve(problem: &Problem<'_>, resolution: Resolution) -> Solution {
    let grid = Grid::of(problem.process, resolution);
    solve_on(problem, &grid, |_, _| {})
}

/// Finds the best rule on given nodes and shows the value at every node, last step first.
pub(super) fn solve_on(problem: &Problem<'_>, grid: &Grid, mut show: impl FnMut(usize, &[f64])) -> Solution {
    let process = problem.process;
    let last = process.last_step();
    let mut leaving = vec![LeavingPrices::default(); last + 1];
    let mut waiting = vec![0.0; grid.len()];
    let mut values = vec![0.0; grid.len()];
    let mut gains = vec![0.0; grid.len()];
    let mut prices = vec![0.0; grid.len()];
    let mut payoffs = vec![0.0; grid.len()];
    let mut padded = Vec::new();
    for step in (0..=last).rev() {
        let center = process.center(step);
        if step < last {
            let kernel = kernel(process.move_variance(step), grid.spacing);
            spread(&values, &kernel, grid, &mut padded, &mut waiting);
            let cost = problem.holding_cost(step);
            waiting.iter_mut().for_each(|value| *value = problem.discount * (*value - cost));
        }
        values.copy_from_slice(&waiting);
        if problem.is_allowed(step) {
            let forced = step == last && problem.end == End::MustLeave;
            lanes::prices_at(center, &grid.exponentials, &mut prices);
            problem.payoff.at_all(step, &prices, &mut payoffs);
            if forced {
                values.copy_from_slice(&payoffs);
                gains.fill(0.0);
            } else {
                lanes::better_of(&payoffs, &waiting, &mut values, &mut gains);
            }
            let scale = payoffs.iter().fold(0.0_f64, |most, payoff| most.max(payoff.abs().min(center)));
            leaving[step] = LeavingPrices::from_gains(&gains, &prices, INDIFFERENT * scale);
            show(step, &values);
            take_off_kinks(&gains, &mut values);
        } else {
            show(step, &values);
        }
    }
    let kernel = kernel(process.level_variance(), grid.spacing);
    let value = at_the_middle(&values, &kernel, grid);
    let (fixed_step, fixed_value) = best_fixed(problem);
    Solution { value, fixed_value, fixed_step, leaving }
}

/// Weights of a normal move by distance in nodes, the middle first; the other side is the same.
fn kernel(variance: f64, spacing: f64) -> Vec<f64> {
    let ratio = variance.max(0.0) / (spacing * spacing);
    if ratio.sqrt() < SMALL_MOVE {
        return vec![1.0 - ratio, 0.5 * ratio];
    }
    let width = (CUT * ratio.sqrt()).ceil() as usize;
    let mut weights: Vec<f64> =
        (0..=width).map(|distance| (-0.5 * (distance * distance) as f64 / ratio).exp()).collect();
    let sum = 2.0 * weights.iter().sum::<f64>() - weights[0];
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

/// The value beyond the last nodes, straight in the price: of the node `beyond` nodes after the last, or before the first.
fn extended(values: &[f64], grid: &Grid, beyond: usize, above: bool) -> f64 {
    let end = grid.len() - 1;
    let (edge, inner) = if above { (end, end - 1) } else { (0, 1) };
    let distance = beyond as f64 * grid.spacing;
    let price = grid.exponentials[edge] * if above { distance } else { -distance }.exp();
    let slope = (values[edge] - values[inner]) / (grid.exponentials[edge] - grid.exponentials[inner]);
    values[edge] + slope * (price - grid.exponentials[edge])
}

/// Expectation of `values` after a move, from every node.
fn spread(values: &[f64], kernel: &[f64], grid: &Grid, padded: &mut Vec<f64>, result: &mut [f64]) {
    let width = kernel.len() - 1;
    padded.clear();
    padded.extend((1..=width).rev().map(|beyond| extended(values, grid, beyond, false)));
    padded.extend_from_slice(values);
    padded.extend((1..=width).map(|beyond| extended(values, grid, beyond, true)));
    let count = values.len();
    for (node, sum) in result.iter_mut().enumerate() {
        *sum = kernel[0] * padded[node + width];
    }
    for (distance, weight) in kernel.iter().enumerate().skip(1) {
        let below = &padded[width - distance..width - distance + count];
        let above = &padded[width + distance..width + distance + count];
        lanes::add_pairs(result, *weight, below, above);
    }
}

fn at_the_middle(values: &[f64], kernel: &[f64], grid: &Grid) -> f64 {
    let at = |distance: usize, above: bool| match grid.half.checked_sub(distance) {
        Some(below) => values[if above { grid.half + distance } else { below }],
        None => extended(values, grid, distance - grid.half, above),
    };
    let both = |(distance, weight): (usize, &f64)| weight * (at(distance, false) + at(distance, true));
    kernel[0] * values[grid.half] + kernel.iter().enumerate().skip(1).map(both).sum::<f64>()
}

/// Moves the nodes beside each kink so that the sum over nodes is the integral. `gains` is the difference of the two
/// functions of which `values` is the greater.
fn take_off_kinks(gains: &[f64], values: &mut [f64]) {
    for node in 1..gains.len() {
        let (before, after) = (gains[node - 1], gains[node]);
        if before * after < 0.0 {
            let share = before / (before - after);
            let shift = 0.5 * (after - before).abs() * (share * share - share + 1.0 / 6.0);
            values[node - 1] += shift * (1.0 - share);
            values[node] += shift * share;
        }
    }
}

/// The best step fixed beforehand, and its value: expectations on 161 points of the normal distribution.
fn best_fixed(problem: &Problem<'_>) -> (usize, f64) {
    const HALF: usize = 80;
    const SPACING: f64 = 0.1;
    let process = problem.process;
    let last = process.last_step();
    let weights = kernel(1.0, SPACING);
    let (mut prices, mut payoffs) = ([0.0; 2 * HALF + 1], [0.0; 2 * HALF + 1]);
    let mut best = (last, f64::NEG_INFINITY);
    let (mut discount, mut spent) = (1.0, 0.0);
    for step in 0..=last {
        if step > 0 {
            discount *= problem.discount;
            spent += discount * problem.holding_cost(step - 1);
        }
        if !problem.is_allowed(step) {
            continue;
        }
        let sd = process.variance(step).sqrt();
        let ratio = (SPACING * sd).exp();
        let mut price = process.center(step) * (-(HALF as f64) * SPACING * sd).exp();
        for at in &mut prices {
            *at = price;
            price *= ratio;
        }
        problem.payoff.at_all(step, &prices, &mut payoffs);
        if step == last && problem.end == End::MayAbandon {
            let gains = payoffs;
            payoffs.iter_mut().for_each(|payoff| *payoff = payoff.max(0.0));
            take_off_kinks(&gains, &mut payoffs);
        }
        let both = |(distance, weight): (usize, &f64)| {
            weight * (payoffs[HALF - distance] + payoffs[HALF + distance])
        };
        let expected = weights[0] * payoffs[HALF] + weights.iter().enumerate().skip(1).map(both).sum::<f64>();
        let value = discount * expected - spent;
        if value > best.1 {
            best = (step, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid of few nodes, so that a move reaches beyond its ends from most of them.
    fn grid(half: usize, spacing: f64) -> Grid {
        let node = |node: usize| ((node as f64 - half as f64) * spacing).exp();
        Grid { half, spacing, exponentials: (0..=2 * half).map(node).collect() }
    }

    #[test]
    fn a_value_that_is_straight_in_the_price_is_expected_exactly_from_every_node_to_the_ends() {
        let grid = grid(6, 0.2);
        for sd in [0.2, 0.35, 0.6] {
            let (level, slope) = (40.0, 7.0);
            let values: Vec<f64> = grid.exponentials.iter().map(|price| level + slope * price).collect();
            let kernel = kernel(sd * sd, grid.spacing);
            let mut found = vec![0.0; values.len()];
            spread(&values, &kernel, &grid, &mut Vec::new(), &mut found);
            let grown = (0.5 * sd * sd).exp();
            for (price, value) in grid.exponentials.iter().zip(&found) {
                let exact = level + slope * price * grown;
                assert!((value - exact).abs() < 1e-7 * exact, "{sd} {price} {value} {exact}");
            }
            assert!(
                (at_the_middle(&values, &kernel, &grid) - found[grid.half]).abs() < 1e-12 * found[grid.half]
            );
        }
    }

    #[test]
    fn a_move_smaller_than_the_spacing_keeps_its_mean_and_variance() {
        let spacing = 0.2;
        let small = kernel(0.01, spacing);
        assert_eq!(small.len(), 2);
        assert!((small[0] + 2.0 * small[1] - 1.0).abs() < 1e-15);
        assert!((2.0 * small[1] * spacing * spacing - 0.01).abs() < 1e-15);
        let large = kernel(0.25, spacing);
        let moment = |power: i32| -> f64 {
            let of = |(distance, weight): (usize, &f64)| {
                let twice = if distance == 0 { 1.0 } else { 2.0 };
                twice * weight * (distance as f64 * spacing).powi(power)
            };
            large.iter().enumerate().map(of).sum()
        };
        assert!((moment(0) - 1.0).abs() < 1e-12 && (moment(2) - 0.25).abs() < 1e-8, "{large:?}");
        assert_eq!(large.len(), 1 + (CUT * 2.5).ceil() as usize);
    }

    #[test]
    fn a_kink_is_taken_off_by_the_formula_of_euler_and_maclaurin() {
        // |x - 0.3| from 0 to 1, the greater of 0.3 - x and x - 0.3: the integral is 0.045 + 0.245. The sum over nodes has the
        // ends by half and, after Euler and Maclaurin, the slopes at the ends, -1 and 1, over 12.
        let gains = [0.6, -1.4];
        let mut values = [0.3, 0.7];
        take_off_kinks(&gains, &mut values);
        let moved = values[0] + values[1] - (0.3 + 0.7);
        let integral = 0.5 * (0.3 + 0.7) + moved - 2.0 / 12.0;
        assert!((integral - 0.29).abs() < 1e-12, "{values:?} {integral}");
        assert!(((values[1] - 0.7) / moved - 0.3).abs() < 1e-12, "shared out by where it lies: {values:?}");
        let mut same = [0.3, 0.7];
        take_off_kinks(&[0.3, 0.7], &mut same);
        assert_eq!(same, [0.3, 0.7], "no kink between two gains of one sign");
    }
}
