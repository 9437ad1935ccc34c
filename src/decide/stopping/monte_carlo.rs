//! Optimal stopping by simulation: a lower bound to check the lattice with.
//!
//! In: a [`Problem`] and two sets of paths. Out: the value of a rule found on the first set and followed on the
//! second. Backward from the last step, what waiting brought on each path is regressed on Hermite polynomials of the
//! log deviation (Longstaff and Schwartz, "Valuing American options by simulation", 2001), where one may let the right
//! lapse only on the paths on which leaving brings something; one leaves where that is more than the regression says.
//! A rule is worth no more than the best rule, and because the paths that value it are not those that found it, its
//! mean is a lower bound up to the standard error. On the paths that found it the mean is biased upward.

use super::lattice::{End, Problem};
use super::paths::{Estimate, Path, PathSet, sums};

/// Functions in the regression: Hermite polynomials of degree 0 to 5.
const FUNCTIONS: usize = 6;

/// Paths for each function below which a step is not regressed and one waits.
const PATHS_A_FUNCTION: usize = 5;

/// Weight on the diagonal against functions that cannot be told apart, as a share of the paths.
const RIDGE: f64 = 1e-9;

type Functions = [f64; FUNCTIONS];

/// When to leave: at each step what waiting is expected to bring, or nothing where one always waits.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    coefficients: Vec<Option<Functions>>,
}

/// Finds a rule on `training` and values it on `fresh` paths, which must have another seed.
pub fn lower_bound(problem: &Problem<'_>, training: PathSet, fresh: PathSet) -> Estimate {
    let rule = learn(problem, training);
    value_of(problem, &rule, fresh)
}

/// Finds a rule.
pub fn learn(problem: &Problem<'_>, training: PathSet) -> Rule {
    let process = problem.process;
    let last = process.last_step();
    // One path after the other, step by step, so that a step reads its deviations in one place.
    let blocks: Vec<Vec<Path>> = training.by_block(process, |pairs| {
        (0..=last).map(|step| pairs.iter().flat_map(|(up, down)| [up[step], down[step]]).collect()).collect()
    });
    let at = |step: usize| blocks.iter().flat_map(move |block| block[step].iter().copied());
    let price = |step: usize, deviation: f64| process.center(step) * deviation.exp();
    let mut brought: Vec<f64> =
        at(last).map(|deviation| problem.final_payoff(price(last, deviation))).collect();
    let mut coefficients = vec![None; last + 1];
    for step in (0..last).rev() {
        let cost = problem.holding_cost(step);
        brought.iter_mut().for_each(|value| *value = problem.discount * (*value - cost));
        if !problem.is_allowed(step) {
            continue;
        }
        let center = process.center(step);
        let sd = process.variance(step).sqrt();
        let payoffs: Vec<f64> =
            at(step).map(|deviation| problem.payoff.at(step, center * deviation.exp())).collect();
        let counts = |payoff: f64| problem.end == End::MustLeave || payoff > 0.0;
        let rows = at(step).zip(&brought).zip(&payoffs).filter(|(_, payoff)| counts(**payoff));
        coefficients[step] = regress(rows.map(|((deviation, value), _)| (hermite(deviation, sd), *value)));
        if let Some(fitted) = &coefficients[step] {
            for ((deviation, value), payoff) in at(step).zip(&mut brought).zip(&payoffs) {
                if counts(*payoff) && *payoff >= dot(fitted, &hermite(deviation, sd)) {
                    *value = *payoff;
                }
            }
        }
    }
    Rule { coefficients }
}

/// What a rule brings on paths.
pub fn value_of(problem: &Problem<'_>, rule: &Rule, fresh: PathSet) -> Estimate {
    let process = problem.process;
    let last = process.last_step();
    let steps: Vec<(f64, f64)> =
        (0..=last).map(|step| (process.center(step), process.variance(step).sqrt())).collect();
    let followed = |path: &Path| {
        let (mut discount, mut spent) = (1.0, 0.0);
        for step in 0..last {
            let price = steps[step].0 * path[step].exp();
            if let Some(fitted) = &rule.coefficients[step] {
                let payoff = problem.payoff.at(step, price);
                let counts = problem.end == End::MustLeave || payoff > 0.0;
                if counts && payoff >= dot(fitted, &hermite(path[step], steps[step].1)) {
                    return discount * payoff - spent;
                }
            }
            discount *= problem.discount;
            spent += discount * problem.holding_cost(step);
        }
        discount * problem.final_payoff(steps[last].0 * path[last].exp()) - spent
    };
    Estimate::of_blocks(&fresh.by_block(process, |pairs| sums(pairs, followed)), fresh.pairs)
}

/// Hermite polynomials of the standardised deviation, each scaled to variance 1.
fn hermite(deviation: f64, sd: f64) -> Functions {
    let point = if sd > 0.0 { deviation / sd } else { 0.0 };
    let mut values = [1.0; FUNCTIONS];
    values[1] = point;
    for degree in 2..FUNCTIONS {
        let order = degree as f64;
        values[degree] =
            (point * values[degree - 1] - (order - 1.0).sqrt() * values[degree - 2]) / order.sqrt();
    }
    values
}

fn dot(left: &Functions, right: &Functions) -> f64 {
    left.iter().zip(right).map(|(one, other)| one * other).sum()
}

/// Least squares by the normal equations; `None` with too few rows.
fn regress(rows: impl Iterator<Item = (Functions, f64)>) -> Option<Functions> {
    let mut matrix = [[0.0; FUNCTIONS]; FUNCTIONS];
    let mut right = [0.0; FUNCTIONS];
    let mut count = 0;
    for (functions, value) in rows {
        count += 1;
        for row in 0..FUNCTIONS {
            right[row] += functions[row] * value;
            for column in 0..=row {
                matrix[row][column] += functions[row] * functions[column];
            }
        }
    }
    if count < PATHS_A_FUNCTION * FUNCTIONS {
        return None;
    }
    for (index, row) in matrix.iter_mut().enumerate() {
        row[index] += RIDGE * f64::from(count as u32);
    }
    solve_symmetric(matrix, right)
}

/// Solves by Cholesky's factor, of which the lower half of `matrix` is given.
fn solve_symmetric(mut matrix: [Functions; FUNCTIONS], mut right: Functions) -> Option<Functions> {
    for row in 0..FUNCTIONS {
        for column in 0..=row {
            let known: f64 = (0..column).map(|inner| matrix[row][inner] * matrix[column][inner]).sum();
            let rest = matrix[row][column] - known;
            if row > column {
                matrix[row][column] = rest / matrix[column][column];
            } else if rest > 0.0 {
                matrix[row][row] = rest.sqrt();
            } else {
                return None;
            }
        }
        let known: f64 = (0..row).map(|inner| matrix[row][inner] * right[inner]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    for row in (0..FUNCTIONS).rev() {
        let known: f64 = (row + 1..FUNCTIONS).map(|inner| matrix[inner][row] * right[inner]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regression_finds_the_functions_a_value_was_made_of() {
        let truth = [3.0, -1.0, 0.5, 0.25, 0.0, -0.125];
        let rows = (0..200).map(|row| {
            let functions = hermite(-3.0 + 0.03 * f64::from(row), 1.0);
            (functions, dot(&truth, &functions))
        });
        let found = regress(rows).unwrap();
        assert!(found.iter().zip(&truth).all(|(one, other)| (one - other).abs() < 1e-5), "{found:?}");
        assert_eq!(regress((0..10).map(|_| (hermite(0.1, 1.0), 1.0))), None);
    }
}
