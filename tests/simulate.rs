//! The invented market is what its truth says, the oracle is as good as it claims, and the fit comes near it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::{failure_of, files_below, output_of, residua};
use residua::price::metrics::{Outcome, Scores};
use residua::price::oracle::{ScoredForecast, forecasts_by, oracle_forecasts};
use residua::price::simulate::{SimulatedMarket, SimulationSettings, simulate};
use residua::price::state_space::design::{Column, DesignBasis};
use residua::price::state_space::fit::{FitSettings, FittedPanel};
use residua::price::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use residua::price::state_space::index_prior::{IndexDynamics, START_SD};
use residua::price::state_space::panel::{Panel, PanelSettings};

/// Products with fewer sales at the origin count as hardly sold.
const FEW_SALES: u32 = 5;

/// 95 % point of the standard normal.
const NORMAL_95: f64 = 1.645;

fn market(products: usize, months: usize, seed: u64) -> SimulatedMarket {
    simulate(&SimulationSettings { products, months, seed, ..SimulationSettings::default() }).unwrap()
}

/// Months as indices of which so many are known.
fn origins(market: &SimulatedMarket, known_months: &[i32]) -> Vec<i32> {
    known_months.iter().map(|known| market.first_month() + known - 1).collect()
}

/// The fit of what was known at a month as `residua fit` makes it, with the priors of the basis changed by `change`.
fn fitted(
    market: &SimulatedMarket,
    month: i32,
    start: Option<&Hyperparameters>,
    change: impl Fn(&mut DesignBasis),
) -> FittedPanel {
    let series = market.series_until(month);
    let products = series.iter().map(|one| (&one.covariates, one.rows.len()));
    let mut basis = DesignBasis::from_training(Column::full(), products, month);
    change(&mut basis);
    let panel = Panel::new(&series, basis, PanelSettings::ending(month)).unwrap();
    panel.fit(&HyperparameterPrior::default(), start, FitSettings::default()).unwrap()
}

fn fitted_forecasts(market: &SimulatedMarket, origins: &[i32]) -> Vec<ScoredForecast> {
    let mut start = None;
    let mut all = Vec::new();
    for origin in origins {
        let fitted = fitted(market, *origin, start.as_ref(), |_| ());
        start = Some(*fitted.hyperparameters());
        let model = fitted.compact().unwrap();
        all.extend(forecasts_by(market, &model, *origin, |_| None).unwrap());
    }
    all
}

fn scores(forecasts: &[ScoredForecast], counted: impl Fn(&ScoredForecast) -> bool) -> Scores {
    let outcomes: Vec<Outcome> = forecasts
        .iter()
        .filter(|one| counted(one))
        .map(|one| Outcome::new(one.quantiles(), one.actual, None).unwrap())
        .collect();
    Scores::of(&outcomes).unwrap()
}

/// Pinball of the fit over that of the oracle: all forecasts, and those of hardly sold products.
fn pinball_ratios(products: usize, months: usize, known_months: &[i32], seeds: u64) -> [f64; 2] {
    let (mut oracle, mut fit) = (Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let market = market(products, months, seed);
        let origins = origins(&market, known_months);
        oracle.extend(oracle_forecasts(&market, &origins).unwrap());
        fit.extend(fitted_forecasts(&market, &origins));
    }
    let few = |one: &ScoredForecast| one.known_sales < FEW_SALES;
    let (all_oracle, all_fit) = (scores(&oracle, |_| true), scores(&fit, |_| true));
    let (few_oracle, few_fit) = (scores(&oracle, few), scores(&fit, few));
    let ratios = [all_fit.pinball / all_oracle.pinball, few_fit.pinball / few_oracle.pinball];
    println!(
        "{products} products, {months} months, {seeds} markets: {} forecasts, ratio {:.4}; hardly sold {}, ratio {:.4}; \
         coverage of the fit {:.3}, of the oracle {:.3}",
        all_fit.forecasts,
        ratios[0],
        few_fit.forecasts,
        ratios[1],
        all_fit.coverage_80,
        all_oracle.coverage_80
    );
    ratios
}

#[test]
fn the_same_seed_writes_the_same_bytes_and_another_seed_others() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let place = out.to_str().unwrap();
        output_of(&["simulate", "-o", place, "--products", "12", "--months", "24", "--seed", seed]);
        files_below(&out)
    };
    let first = written("first", "5");
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(names, ["catalog.csv", "market.csv", "oracle.csv", "truth.json"]);
    assert!(first == written("second", "5"));
    let other = written("third", "6");
    assert!(first.iter().all(|(name, bytes)| *bytes != other[name]));
    // Written over itself it is whole again.
    assert!(first == written("third", "5"));
}

#[test]
fn the_fit_command_knows_every_invented_product_and_every_price() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("invented");
    let place = |name: &str| out.join(name).display().to_string();
    output_of(&["simulate", "-o", &out.display().to_string(), "--products", "30", "--months", "24"]);
    let rows = std::fs::read_to_string(place("market.csv")).unwrap().lines().count() - 1;
    let models = folder.path().join("models").display().to_string();
    let fit = ["fit", &place("market.csv"), "--catalog", &place("catalog.csv"), "-o", &models];
    let assert = residua().args(fit).assert().success();
    let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
    assert!(
        said.contains(&format!("{rows} observations read, 0 rejected, {rows} of products in the")),
        "{said}"
    );
    assert!(said.contains(&format!("gpu: {rows} used, 0 without launch date")), "{said}");
}

#[test]
fn settings_that_make_no_market_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let place = out.to_str().unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["--products", "2"], "2 products are outside 3 to 5000"),
        (&["--months", "300"], "300 months are outside 6 to 240"),
        (&["--wear", "NaN"], "a wear of NaN a year is outside 0 to 2"),
        (&["--months", "24", "--origin", "24"], "--origin 24: of 24 months 1 to 23 can be known"),
        (&["--class", "phone"], "gpu, server or laptop"),
    ];
    for (flags, message) in cases {
        let arguments = [&["simulate", "-o", place], flags].concat();
        let (code, said) = failure_of(&arguments);
        assert!(code != 0 && said.contains(message), "{said}");
        assert!(!out.exists());
    }
}

#[test]
fn two_markets_of_a_seed_differ_in_nothing_but_the_loss_by_age() {
    let usual = market(12, 24, 3);
    let settings = SimulationSettings { wear: 0.0, obsolescence: 0.0, ..usual.settings };
    let without = simulate(&settings).unwrap();
    assert_eq!(usual.index, without.index);
    assert_eq!(usual.hyperparameters, without.hyperparameters);
    let successor = |years: f64| 1.0 - (-years.max(0.0) / 0.5).exp();
    for (one, other) in usual.products.iter().zip(&without.products) {
        for (with_loss, plain) in one.sales.iter().zip(&other.sales) {
            let years = f64::from(plain.month - one.covariates.launch_month) / 12.0;
            let mut expected = -0.30 * years + 0.15 * (years - 3.0).max(0.0);
            if let Some(launch) = one.covariates.successor_launch_month {
                expected -= 0.05 * successor(f64::from(plain.month - launch) / 12.0);
            }
            let found = (with_loss.price / plain.price).ln();
            // Prices are in whole cents.
            assert!((found - expected).abs() < 0.01 / with_loss.price, "{found} {expected}");
            assert_eq!((with_loss.month, with_loss.quantity), (plain.month, plain.quantity));
        }
    }
}

#[test]
fn the_oracle_is_the_conditional_normal_of_the_generating_equations() {
    let market = market(8, 18, 11);
    let origin = market.first_month() + 11;
    let values = *market.hyperparameters.values();
    let path = IndexDynamics::new(&market.hyperparameters).covariance(18, START_SD);
    let month_at = |month: i32| usize::try_from(month - market.first_month()).unwrap();
    let own = |apart: i32| {
        let decay = (-f64::from(apart.abs()) / values.wander_length).exp();
        values.product_sd.powi(2) + values.wander_sd.powi(2) * decay
    };
    // A price: its product and month, the log retention above the true curve, the variance of its noise.
    let mut known: Vec<(usize, i32, f64, f64)> = Vec::new();
    let curve = |product: usize, month: i32| -> f64 {
        let row = market.basis.row(&market.products[product].covariates, month);
        row.iter().zip(&market.coefficients).map(|(entry, one)| entry * one.value).sum()
    };
    for (position, product) in market.products.iter().enumerate() {
        for one in product.sales.iter().filter(|one| one.month <= origin) {
            let excess = (one.price / product.list_price).ln() - curve(position, one.month);
            let noise = market.hyperparameters.sale_variance(f64::from(one.quantity));
            known.push((position, one.month, excess, noise));
        }
    }
    let covariance = |one: (usize, i32), other: (usize, i32)| {
        let shared = path[[month_at(one.1), month_at(other.1)]];
        if one.0 == other.0 { shared + own(one.1 - other.1) } else { shared }
    };
    let forecasts = oracle_forecasts(&market, &[origin]).unwrap();
    assert!(forecasts.len() >= 8);
    for forecast in forecasts {
        let target = (forecast.product, origin + forecast.horizon);
        let matrix: Vec<Vec<f64>> = known
            .iter()
            .enumerate()
            .map(|(i, a)| {
                let row = known.iter().map(|b| covariance((a.0, a.1), (b.0, b.1)));
                row.enumerate().map(|(j, value)| if i == j { value + a.3 } else { value }).collect()
            })
            .collect();
        let with_target: Vec<f64> = known.iter().map(|a| covariance((a.0, a.1), target)).collect();
        let weights = solved(matrix, with_target.clone());
        let pulled: f64 = weights.iter().zip(&known).map(|(weight, one)| weight * one.2).sum();
        let explained: f64 = weights.iter().zip(&with_target).map(|(weight, value)| weight * value).sum();
        let usual = market.products[forecast.product].usual_sales();
        let noise = market.hyperparameters.sale_variance(usual);
        let (mean, variance) =
            (curve(target.0, target.1) + pulled, covariance(target, target) - explained + noise);
        assert!((forecast.mean - mean).abs() < 1e-5, "{} {mean}", forecast.mean);
        assert!((forecast.variance / variance - 1.0).abs() < 1e-4, "{} {variance}", forecast.variance);
    }
}

/// The solution of a linear system, by elimination with the largest pivot.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for step in 0..size {
        let pivot =
            (step..size).max_by(|a, b| matrix[*a][step].abs().total_cmp(&matrix[*b][step].abs())).unwrap();
        matrix.swap(step, pivot);
        right.swap(step, pivot);
        for below in step + 1..size {
            let factor = matrix[below][step] / matrix[step][step];
            let upper = matrix[step].clone();
            for (entry, value) in matrix[below].iter_mut().zip(upper).skip(step) {
                *entry -= factor * value;
            }
            right[below] -= factor * right[step];
        }
    }
    for step in (0..size).rev() {
        let later: f64 = (step + 1..size).map(|column| matrix[step][column] * right[column]).sum();
        right[step] = (right[step] - later) / matrix[step][step];
    }
    right
}

#[test]
fn the_oracle_s_interval_covers_what_it_says() {
    let mut forecasts = Vec::new();
    for seed in 1..=40 {
        let market = market(40, 48, seed);
        forecasts.extend(oracle_forecasts(&market, &origins(&market, &[24, 30, 36, 42])).unwrap());
    }
    let all = scores(&forecasts, |_| true);
    let few = scores(&forecasts, |one| one.known_sales < FEW_SALES);
    println!(
        "{} forecasts covered {:.3}; hardly sold {} covered {:.3}",
        all.forecasts, all.coverage_80, few.forecasts, few.coverage_80
    );
    for coverage in [all.coverage_80, few.coverage_80] {
        assert!((0.76..=0.84).contains(&coverage), "{coverage}");
    }
}

/// What is lost beside the oracle is the price of not knowing the age slope: all products age together, so a market's
/// own trend looks like age. On 40 markets of 40 products and 48 months the fit at the true hyperparameters loses 4.6 %;
/// told the two age coefficients as well, 0.7 %. Single markets lie far apart (0.88 to 1.53 at the default size), so
/// the ratio is one of pooled losses.
///
/// With `RESIDUA_MARKETS=200` in the environment it is so many markets of the default size instead, which takes minutes:
/// measured 1.0455, with a standard error over markets of 0.005. The bar is near what can be learnt at that size, for
/// the exact posterior at the true hyperparameters loses 4.1 %.
#[test]
fn the_fit_comes_within_five_per_cent_of_the_oracle() {
    let of_default_size = std::env::var("RESIDUA_MARKETS").ok().and_then(|text| text.parse().ok());
    let [all, few] = match of_default_size {
        Some(markets) => pinball_ratios(60, 48, &[24, 30, 36, 42], markets),
        None => pinball_ratios(30, 84, &[60, 66, 72, 78], 16),
    };
    assert!(all <= 1.05, "{all}");
    assert!(few <= 1.15, "{few}");
}

/// The default prior of the age slope is -0.30 with sd 0.10: three sds from no loss, and it shows in the estimate (over
/// 200 markets of the default size the mean is -0.05 and 68 % of the intervals cover zero). So this asks the data:
/// ten times the sd for the two age columns.
#[test]
fn without_wear_and_obsolescence_the_interval_of_the_age_slope_covers_zero() {
    let markets = 20;
    let (mut covers_zero, mut told_apart) = (0, 0);
    for seed in 1..=markets {
        for loss in [0.0, 0.25] {
            let settings = SimulationSettings {
                products: 40,
                seed,
                wear: 0.2 * loss,
                obsolescence: loss,
                ..SimulationSettings::default()
            };
            let market = simulate(&settings).unwrap();
            let fitted = fitted(&market, market.last_month(), None, |basis| {
                for term in &mut basis.terms {
                    if matches!(term.column, Column::Age | Column::MatureAge) {
                        term.prior_sd *= 10.0;
                    }
                }
            });
            let coefficients = fitted.coefficients();
            let age = coefficients.iter().position(|(name, _)| name == "age").unwrap();
            let (slope, sd) = (coefficients[age].1, fitted.coefficient_sds()[age]);
            let covers = slope.abs() <= NORMAL_95 * sd;
            covers_zero += u32::from(loss == 0.0 && covers);
            told_apart += u32::from(loss > 0.0 && !covers);
        }
    }
    println!("{covers_zero} of {markets} cover zero without a loss, {told_apart} leave it out with one");
    // Of 20 intervals of 90 % fewer than 16 cover with a probability of 4 %.
    assert!(covers_zero >= 16, "{covers_zero}");
    assert!(u64::from(told_apart) == markets, "{told_apart}");
}
