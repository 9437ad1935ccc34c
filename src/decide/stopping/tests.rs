use super::*;
use crate::price::{Basis, Drivers, Point, Reference, ReferenceKind, Variance};
use paths::PathSet;
use proptest::prelude::*;

/// A price of 1,000 that moves by `trend` a month in log, with a level of variance `level` and moves of `moving`.
fn forecast(trend: f64, level: f64, moving: f64) -> Forecast {
    Forecast {
        basis: Basis::Family,
        reference: Reference { price_usd: 1_000.0, kind: ReferenceKind::ListPrice },
        parts: None,
        cards_share: 0.0,
        market: "market".into(),
        product: "product".into(),
        start: "2026-11".parse().unwrap(),
        points: (0..=60)
            .map(|ahead| Point {
                drivers: Drivers { age: trend * f64::from(ahead), ..Drivers::default() },
                variance: Variance { market: moving * f64::from(ahead), unit: level, ..Variance::default() },
            })
            .collect(),
    }
}

const DISCOUNT: f64 = 0.9936;

fn sale<'a>(forecast: &'a Forecast, net: &'a dyn Payoff, costs: &'a [f64]) -> Sale<'a> {
    Sale {
        forecast,
        factor: 1.0,
        net,
        holding_costs: costs,
        follow_on: &[],
        discount: DISCOUNT,
        allowed: (0, 60),
    }
}

#[test]
fn a_price_that_falls_while_holding_costs_is_sold_now_below_todays_price() {
    let falling = forecast(-0.03, 0.1, 0.003);
    let net = |_: usize, price: f64| (0.7 * price - 20.0).max(-5.0);
    let found = reservation(&sale(&falling, &net, &[10.0; 60])).unwrap();
    assert_eq!(found.fixed_month, 0);
    assert!(found.leaving[0].contains(1_000.0));
    assert!(found.leaving[0].reservation_price().unwrap() < 1_000.0, "{:?}", found.leaving[0]);
    assert!(found.value_of_waiting < 5.0, "{}", found.value_of_waiting);
}

#[test]
fn a_price_that_rises_faster_than_money_waits() {
    let rising = forecast(0.02, 0.0, 0.003);
    let net = |_: usize, price: f64| price;
    let found = reservation(&sale(&rising, &net, &[])).unwrap();
    assert_eq!(found.fixed_month, 60);
    assert!(found.leaving[0].is_never(), "{:?}", found.leaving[0]);
    assert_eq!(found.leaving[0].reservation_price(), None);
    assert!(found.leaving[60].is_always());
}

#[test]
fn with_nothing_uncertain_the_best_month_is_the_fixed_one_and_waiting_is_worth_nothing() {
    let mut known = forecast(-0.02, 0.0, 0.0);
    for (ahead, point) in known.points.iter_mut().enumerate() {
        point.drivers.market = if (7..12).contains(&ahead) { 0.5 } else { 0.0 };
    }
    let net = |_: usize, price: f64| price;
    let found = reservation(&sale(&known, &net, &[1.0; 60])).unwrap();
    assert_eq!(found.fixed_month, 7);
    assert!(found.value_of_waiting < 1e-6, "{found:?}");
    assert!(!found.leaving[0].contains(1_000.0) && found.leaving[7].contains(1_000.0));
}

#[test]
fn what_takes_over_later_and_cheaper_raises_the_price_to_ask() {
    let falling = forecast(-0.02, 0.1, 0.003);
    let net = |_: usize, price: f64| price;
    let follow: Vec<f64> = (0..=60).map(|ahead| 2_000.0 * 0.985_f64.powi(ahead)).collect();
    let with = reservation(&Sale { follow_on: &follow, ..sale(&falling, &net, &[20.0; 60]) }).unwrap();
    let without = reservation(&sale(&falling, &net, &[20.0; 60])).unwrap();
    assert!(with.leaving[0].reservation_price().unwrap() > without.leaving[0].reservation_price().unwrap());
}

#[test]
fn months_that_are_not_allowed_have_no_price() {
    let falling = forecast(-0.03, 0.1, 0.003);
    let net = |_: usize, price: f64| price;
    let found = reservation(&Sale { allowed: (6, 24), ..sale(&falling, &net, &[10.0; 60]) }).unwrap();
    assert_eq!((found.leaving.len(), found.first_allowed), (25, 6));
    assert!(found.leaving[..6].iter().all(LeavingPrices::is_never));
    assert!(found.leaving[6].reservation_price().is_some());
}

/// A selling problem with costs, valued by the lattice and bounded by simulation.
#[test]
fn the_lattice_lies_between_the_two_bounds_when_holding_costs_and_the_level_is_unknown() {
    let forecast = forecast(-0.005, 0.05, 0.006);
    let process = PriceProcess::of_forecast(&forecast, 1.0, 24, 0).unwrap();
    let problem = Problem {
        process: &process,
        payoff: &|_: usize, price: f64| 0.7 * price - 20.0 - 300.0,
        holding_costs: &[2.0; 24],
        discount: DISCOUNT,
        allowed: &[true; 25],
        end: End::MustLeave,
    };
    let exact = solve(&problem, Resolution::Price).value;
    let plan = solve(&problem, Resolution::Plan).value;
    let set = |seed| PathSet { seed, pairs: 10_000 };
    let lower = monte_carlo::lower_bound(&problem, set(1), set(2));
    let upper = dual::upper_bound(&problem, PathSet { seed: 3, pairs: 500 });
    assert!(lower.mean < exact + 3.0 * lower.standard_error, "{lower:?} {exact}");
    assert!(upper.mean > exact - 3.0 * upper.standard_error, "{upper:?} {exact}");
    assert!((upper.mean - lower.mean).abs() < 0.01 * exact, "{lower:?} {upper:?}");
    assert!((plan - exact).abs() < 1e-3 * exact, "{plan} {exact}");
}

/// Where one leaves at the end, a straight payoff is hedged by the martingale path by path: the bound is the value.
#[test]
fn the_upper_bound_of_a_sale_with_a_fixed_day_is_its_value_on_every_path() {
    let forecast = forecast(-0.01, 0.0, 0.01);
    let process = PriceProcess::of_forecast(&forecast, 1.0, 6, 0).unwrap();
    let costs = [3.0, 5.0, 7.0, 11.0, 13.0, 17.0];
    let mut allowed = [false; 7];
    allowed[6] = true;
    let problem = Problem {
        process: &process,
        payoff: &|_: usize, price: f64| 0.7 * price - 20.0,
        holding_costs: &costs,
        discount: DISCOUNT,
        allowed: &allowed,
        end: End::MustLeave,
    };
    let spent: f64 = (1..=6).map(|month| DISCOUNT.powi(month) * costs[month as usize - 1]).sum();
    let value = DISCOUNT.powi(6) * (0.7 * forecast.value(6).mean() - 20.0) - spent;
    let bound = dual::upper_bound(&problem, PathSet { seed: 5, pairs: 64 });
    assert!((bound.mean - value).abs() < 1e-3 * value, "{bound:?} {value}");
    assert!(bound.standard_error < 1e-3 * value, "{bound:?} {value}");
    // The lattice and the simulated rule, which has nothing to choose, say the same.
    let exact = solve(&problem, Resolution::Price);
    assert!((exact.value - value).abs() < 1e-6 * value, "{} {value}", exact.value);
    let lower =
        monte_carlo::lower_bound(&problem, PathSet { seed: 6, pairs: 64 }, PathSet { seed: 7, pairs: 4_000 });
    assert!((lower.mean - value).abs() < 4.0 * lower.standard_error, "{lower:?} {value}");
}

/// A price that hardly moves: rule, bound and lattice all find the month that is best on paper.
#[test]
fn what_is_all_but_certain_is_left_in_its_best_month_by_every_method() {
    // Rises until the fourth month by 3 % against 1.1 % of interest and costs, then falls.
    let mut forecast = forecast(0.0, 0.0, 1e-8);
    for (ahead, point) in forecast.points.iter_mut().enumerate() {
        point.drivers.age = if ahead <= 4 { 0.03 * ahead as f64 } else { 0.12 - 0.05 * (ahead - 4) as f64 };
    }
    let process = PriceProcess::of_forecast(&forecast, 1.0, 9, 0).unwrap();
    let problem = Problem {
        process: &process,
        payoff: &|_: usize, price: f64| 0.7 * price - 20.0,
        holding_costs: &[4.0; 9],
        discount: DISCOUNT,
        allowed: &[true; 10],
        end: End::MustLeave,
    };
    let spent: f64 = (1..=4).map(|month| 4.0 * DISCOUNT.powi(month)).sum();
    let value = DISCOUNT.powi(4) * (0.7 * 1_000.0 * 0.12_f64.exp() - 20.0) - spent;
    let lower =
        monte_carlo::lower_bound(&problem, PathSet { seed: 8, pairs: 100 }, PathSet { seed: 9, pairs: 100 });
    let upper = dual::upper_bound(&problem, PathSet { seed: 10, pairs: 50 });
    let solved = solve(&problem, Resolution::Plan);
    assert_eq!(solved.fixed_step, 4);
    for found in [lower.mean, upper.mean, solved.value, solved.fixed_value] {
        assert!((found - value).abs() < 1e-3 * value, "{lower:?} {upper:?} {} {value}", solved.value);
    }
}

#[test]
fn simulation_says_the_same_at_any_number_of_threads() {
    let forecast = forecast(-0.005, 0.05, 0.006);
    let process = PriceProcess::of_forecast(&forecast, 1.0, 12, 0).unwrap();
    let problem = Problem {
        process: &process,
        payoff: &|_: usize, price: f64| price,
        holding_costs: &[2.0; 12],
        discount: DISCOUNT,
        allowed: &[true; 13],
        end: End::MustLeave,
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let set = |seed| PathSet { seed, pairs: 3_500 };
            (monte_carlo::lower_bound(&problem, set(1), set(2)), dual::upper_bound(&problem, set(3)))
        })
    };
    assert_eq!(run(1), run(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn to_be_free_to_wait_never_costs(
        trend in -0.05..0.03_f64,
        level in 0.0..0.6_f64,
        moving in 0.0..0.01_f64,
        cost in 0.0..30.0_f64,
        share in 0.3..1.0_f64,
        follow in 0.0..3_000.0_f64,
        decline in 0.95..1.0_f64,
        first in 0..20_usize,
    ) {
        let forecast = forecast(trend, level, moving);
        let process = PriceProcess::of_forecast(&forecast, 1.0, 60, 0).unwrap();
        let payoff = |ahead: usize, price: f64| share * price - 15.0 - follow * decline.powi(ahead as i32);
        let allowed: Vec<bool> = (0..=60).map(|ahead| ahead >= first).collect();
        let problem = Problem {
            process: &process,
            payoff: &payoff,
            holding_costs: &[cost; 60],
            discount: DISCOUNT,
            allowed: &allowed,
            end: End::MustLeave,
        };
        let found = solve(&problem, Resolution::Plan);
        let scale = 1_000.0 + follow + 60.0 * cost;
        prop_assert!(found.value >= found.fixed_value - 1e-5 * scale, "{found:?}");
        prop_assert!(found.value.is_finite());
        // The expected price of a fixed month is the forecast's: a straight payoff has its value in closed form.
        let fixed = found.fixed_step;
        let spent: f64 = (1..=fixed).map(|month| DISCOUNT.powi(month as i32) * cost).sum();
        let closed = DISCOUNT.powi(fixed as i32) * payoff(fixed, forecast.value(fixed).mean()) - spent;
        // The level is that of month 0, so is the variance in between; the expectation does not depend on it.
        prop_assert!((found.fixed_value - closed).abs() < 1e-5 * scale, "{} {closed}", found.fixed_value);
        // Dearer holding never makes one ask more.
        let dear = solve(&Problem { holding_costs: &[cost + 5.0; 60], ..problem }, Resolution::Plan);
        prop_assert!(dear.value <= found.value + 1e-6 * scale);
        prop_assert!(dear.value >= found.value - 5.0 * 60.0 - 1e-6 * scale);
    }
}
