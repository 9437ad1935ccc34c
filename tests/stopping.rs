//! Optimal stopping against table 1 of Longstaff and Schwartz (2001), and against itself.

// Tests may unwrap.
#![allow(clippy::unwrap_used)]

use residua::decide::stopping::paths::{Estimate, PathSet};
use residua::decide::stopping::{End, PriceProcess, Problem, Resolution, Solution, dual, monte_carlo, solve};
use residua::units::LogNormal;

const STRIKE: f64 = 40.0;
const RATE: f64 = 0.06;

/// The rows of the table that are printed: price, volatility, years, European, Bermudan with 50 dates a year.
const PRINTED: [(f64, f64, usize, f64, f64); 8] = [
    (36.0, 0.2, 1, 3.844, 4.4779),
    (38.0, 0.2, 1, 2.852, 3.2502),
    (40.0, 0.2, 1, 2.066, 2.3140),
    (42.0, 0.2, 1, 1.465, 1.6170),
    (44.0, 0.2, 1, 1.017, 1.1099),
    (36.0, 0.4, 2, 7.700, 8.5070),
    (38.0, 0.4, 2, 6.979, 7.6680),
    (40.0, 0.4, 2, 6.326, 6.9170),
];

fn rows() -> impl Iterator<Item = (f64, f64, usize)> {
    [36.0, 38.0, 40.0, 42.0, 44.0].into_iter().flat_map(|spot| {
        [(0.2, 1), (0.2, 2), (0.4, 1), (0.4, 2)].map(|(volatility, years)| (spot, volatility, years))
    })
}

fn process(spot: f64, volatility: f64, dates: usize, dates_a_year: f64) -> PriceProcess {
    let time = |date: usize| date as f64 / dates_a_year;
    let expected = (0..=dates).map(|date| spot * (RATE * time(date)).exp()).collect();
    let resolved: Vec<f64> = (0..=dates).map(|date| volatility * volatility * time(date)).collect();
    PriceProcess::new(expected, &resolved, 0.0).unwrap()
}

fn with_put<T>(
    process: &PriceProcess,
    dates_a_year: f64,
    early: bool,
    use_it: impl Fn(&Problem<'_>) -> T,
) -> T {
    let allowed: Vec<bool> = (0..=process.last_step()).map(|date| early && date > 0).collect();
    use_it(&Problem {
        process,
        payoff: &|_: usize, price: f64| STRIKE - price,
        holding_costs: &[],
        discount: (-RATE / dates_a_year).exp(),
        allowed: &allowed,
        end: End::MayAbandon,
    })
}

fn bermudan(spot: f64, volatility: f64, years: usize) -> Solution {
    let process = process(spot, volatility, 50 * years, 50.0);
    with_put(&process, 50.0, true, |problem| solve(problem, Resolution::Price))
}

fn european(spot: f64, volatility: f64, years: usize) -> f64 {
    let process = process(spot, volatility, 50 * years, 50.0);
    with_put(&process, 50.0, false, |problem| solve(problem, Resolution::Price)).value
}

fn black_scholes(spot: f64, volatility: f64, years: f64) -> f64 {
    let variance_log = volatility * volatility * years;
    let mean_log = (spot * (RATE * years).exp()).ln() - 0.5 * variance_log;
    (-RATE * years).exp() * LogNormal { mean_log, variance_log }.expected_shortfall_below(STRIKE)
}

/// A binomial tree with many small steps between the dates: another method, written apart from the lattice. What it
/// errs by on the European price, whose exact value is known, is taken off (Hull and White 1988).
fn by_binomial_tree(spot: f64, volatility: f64, years: usize, steps_a_date: usize) -> f64 {
    let steps = 50 * years * steps_a_date;
    let step_years = 1.0 / (50.0 * steps_a_date as f64);
    let up = (volatility * step_years.sqrt()).exp();
    let growth = (RATE * step_years).exp();
    let probability = (growth - 1.0 / up) / (up - 1.0 / up);
    let price = |step: usize, ups: usize| spot * up.powi(2 * ups as i32 - step as i32);
    let mut early: Vec<f64> = (0..=steps).map(|ups| (STRIKE - price(steps, ups)).max(0.0)).collect();
    let mut late = early.clone();
    for step in (0..steps).rev() {
        let date = step > 0 && step % steps_a_date == 0;
        let mut at = price(step, 0);
        for ups in 0..=step {
            let back =
                |values: &[f64]| (probability * values[ups + 1] + (1.0 - probability) * values[ups]) / growth;
            let waiting = back(&early);
            late[ups] = back(&late);
            early[ups] = if date { waiting.max(STRIKE - at) } else { waiting };
            at *= up * up;
        }
    }
    early[0] - (late[0] - black_scholes(spot, volatility, years as f64))
}

#[test]
fn the_lattice_gives_the_printed_bermudan_and_european_prices() {
    for (spot, volatility, years, printed_european, printed_bermudan) in PRINTED {
        let found = bermudan(spot, volatility, years).value;
        assert!((found - printed_bermudan).abs() < 5e-4, "{spot} {volatility} {years}: {found}");
        let european = european(spot, volatility, years);
        assert_eq!(format!("{european:.3}"), format!("{printed_european:.3}"));
    }
}

#[test]
fn all_twenty_european_prices_are_those_of_black_and_scholes() {
    for (spot, volatility, years) in rows() {
        let (found, exact) =
            (european(spot, volatility, years), black_scholes(spot, volatility, years as f64));
        assert!((found - exact).abs() < 1e-5, "{spot} {volatility} {years}: {found} {exact}");
    }
}

#[test]
fn all_twenty_bermudan_prices_agree_with_a_fine_binomial_tree() {
    for (spot, volatility, years) in rows() {
        let tree = |steps| by_binomial_tree(spot, volatility, years, steps);
        // Even and odd numbers of steps err to opposite sides; their mean errs less, and by half with twice the steps.
        let mean = |steps| 0.5 * (tree(steps) + tree(steps + 1));
        let (coarse, fine) = (mean(16 / years), mean(32 / years));
        let exact = 2.0 * fine - coarse;
        let found = bermudan(spot, volatility, years).value;
        println!("{spot} {volatility} {years}: lattice {found:.5} tree {exact:.5}");
        assert!((found - exact).abs() < 5e-4, "{spot} {volatility} {years}: {found} {exact}");
    }
}

/// Simulated lower bound and upper bound of a row.
fn bounds(spot: f64, volatility: f64, years: usize, pairs: usize) -> (Estimate, Estimate) {
    let process = process(spot, volatility, 50 * years, 50.0);
    with_put(&process, 50.0, true, |problem| {
        let lower = monte_carlo::lower_bound(problem, PathSet { seed: 1, pairs }, PathSet { seed: 2, pairs });
        (lower, dual::upper_bound(problem, PathSet { seed: 3, pairs: 500 }))
    })
}

#[test]
fn a_hundred_thousand_paths_come_within_three_standard_errors_and_the_bounds_within_one_per_cent() {
    for (spot, volatility, years) in rows() {
        let exact = bermudan(spot, volatility, years).value;
        let (lower, upper) = bounds(spot, volatility, years, 50_000);
        let gap = (upper.mean - lower.mean) / lower.mean;
        println!(
            "{spot} {volatility} {years} | {exact:.4} | {:.4} ± {:.4} | {:.4} ± {:.4} | {:.2} %",
            lower.mean,
            lower.standard_error,
            upper.mean,
            upper.standard_error,
            100.0 * gap
        );
        assert!((lower.mean - exact).abs() < 3.0 * lower.standard_error, "{spot} {volatility} {years}");
        assert!(upper.mean > exact - 3.0 * upper.standard_error, "{spot} {volatility} {years}");
        assert!(gap.abs() < 0.01, "{spot} {volatility} {years}: {gap}");
    }
}
