//! An upper bound of the value of stopping.
//!
//! In: a [`Problem`] and a set of paths. Out: the mean over paths of the best step in hindsight, after a martingale M
//! that starts at 0 is taken off. For any such M
//!
//! `value = max over rules τ of E[Z_τ] = max E[Z_τ − M_τ] ≤ E[max_t (Z_t − M_t)]`,
//!
//! Z_t the discounted payoff less the costs up to t (Rogers, "Monte Carlo valuation of American options", 2002;
//! Andersen and Broadie, 2004). M has the steps `δ^{t+1} (W_{t+1}(S_{t+1}) − E[W_{t+1}(S_{t+1}) | S_t])`, W_t a
//! function that is straight in the price between the nodes of the lattice and goes through its values. The
//! expectation of a straight piece under the log-normal move has a closed form,
//!
//! `E[(a + b S) ; u < S < v] = a (Φ(v') − Φ(u')) + b E[S] (Φ(v' − s) − Φ(u' − s))`,
//!
//! so M is a martingale exactly, not only up to the lattice's error: the bound holds for any W, and a poor W only makes
//! it loose. What the bound leaves above the lower bound of the simulated rule is what both can be wrong by.

use statrs::distribution::{ContinuousCDF, Normal};

use super::lattice::{Grid, Problem, Resolution, solve_on};
use super::paths::{Estimate, Path, PathSet, sums};
use super::process::PriceProcess;

/// Standard deviations from which on the outermost pieces go on for ever.
const FAR: f64 = 8.0;

/// A function straight in the price between nodes, at one step: on piece i it is `constant[i] + slope[i] · e^y`.
struct Straight {
    constant: Vec<f64>,
    slope: Vec<f64>,
}

impl Straight {
    fn through(values: &[f64], grid: &Grid) -> Straight {
        let slope: Vec<f64> = values
            .windows(2)
            .zip(grid.exponentials.windows(2))
            .map(|(value, price)| (value[1] - value[0]) / (price[1] - price[0]))
            .collect();
        let constant = values
            .iter()
            .zip(&grid.exponentials)
            .zip(&slope)
            .map(|((value, price), slope)| value - slope * price)
            .collect();
        Straight { constant, slope }
    }

    /// Piece in which a deviation lies; the first and the last go on for ever.
    fn piece(&self, grid: &Grid, deviation: f64) -> usize {
        let position = (deviation / grid.spacing).floor() + grid.half as f64;
        position.clamp(0.0, (self.slope.len() - 1) as f64) as usize
    }

    fn at(&self, grid: &Grid, deviation: f64) -> f64 {
        let piece = self.piece(grid, deviation);
        self.constant[piece] + self.slope[piece] * deviation.exp()
    }

    /// Expectation after a normal move of standard deviation `sd` from a deviation.
    fn expected(&self, grid: &Grid, deviation: f64, sd: f64) -> f64 {
        if sd == 0.0 {
            return self.at(grid, deviation);
        }
        let normal = Normal::standard();
        let mean = (deviation + 0.5 * sd * sd).exp();
        let first = self.piece(grid, deviation - FAR * sd);
        let last = self.piece(grid, deviation + FAR * sd);
        let mut sum = 0.0;
        let (mut below, mut below_tilted) = (0.0, 0.0);
        for piece in first..=last {
            let (above, above_tilted) = if piece == last {
                (1.0, 1.0)
            } else {
                let edge = (piece as f64 + 1.0 - grid.half as f64) * grid.spacing;
                let reach = (edge - deviation) / sd;
                (normal.cdf(reach), normal.cdf(reach - sd))
            };
            sum += self.constant[piece] * (above - below)
                + self.slope[piece] * mean * (above_tilted - below_tilted);
            (below, below_tilted) = (above, above_tilted);
        }
        sum
    }
}

/// The upper bound on given paths, with its standard error.
pub fn upper_bound(problem: &Problem<'_>, paths: PathSet) -> Estimate {
    let process = problem.process;
    let last = process.last_step();
    let grid = Grid::of(process, Resolution::Plan);
    let mut tables = Vec::with_capacity(last + 1);
    solve_on(problem, &grid, |_, values| tables.push(Straight::through(values, &grid)));
    tables.reverse();
    let moves: Vec<f64> = (0..last).map(|step| process.move_variance(step).sqrt()).collect();
    let figure = |path: &Path| hindsight(problem, &grid, &tables, &moves, path);
    Estimate::of_blocks(&paths.by_block(process, |pairs| sums(pairs, figure)), paths.pairs)
}

/// The most that leaving could have brought on a path, the martingale taken off.
fn hindsight(problem: &Problem<'_>, grid: &Grid, tables: &[Straight], moves: &[f64], path: &Path) -> f64 {
    let process: &PriceProcess = problem.process;
    let last = process.last_step();
    let (mut discount, mut spent, mut martingale) = (1.0, 0.0, 0.0);
    let mut best = f64::NEG_INFINITY;
    for step in 0..=last {
        if step > 0 {
            discount *= problem.discount;
            spent += discount * problem.holding_cost(step - 1);
            let table = &tables[step];
            let expected = table.expected(grid, path[step - 1], moves[step - 1]);
            martingale += discount * (table.at(grid, path[step]) - expected);
        }
        let price = process.center(step) * path[step].exp();
        if step == last {
            best = best.max(discount * problem.final_payoff(price) - spent - martingale);
        } else if problem.is_allowed(step) {
            best = best.max(discount * problem.payoff.at(step, price) - spent - martingale);
        }
    }
    best
}
