//! How fast one unit is decided: the lattice that gives its reservation prices, and the simulation that checks it.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use residua::decide::stopping::paths::PathSet;
use residua::decide::stopping::{
    End, PriceProcess, Problem, Resolution, Sale, dual, monte_carlo, reservation, solve,
};
use residua::price::{Basis, Drivers, Forecast, Point, Reference, ReferenceKind, Variance};

/// The put of the first row of table 1 of Longstaff and Schwartz (2001): 50 dates, one year.
fn put(use_it: impl FnOnce(&Problem<'_>)) {
    let time = |date: usize| date as f64 / 50.0;
    let expected = (0..=50).map(|date| 36.0 * (0.06 * time(date)).exp()).collect();
    let resolved: Vec<f64> = (0..=50).map(|date| 0.04 * time(date)).collect();
    let process = PriceProcess::new(expected, &resolved, 0.0).unwrap();
    let allowed: Vec<bool> = (0..=50).map(|date| date > 0).collect();
    use_it(&Problem {
        process: &process,
        payoff: &|_: usize, price: f64| 40.0 - price,
        holding_costs: &[],
        discount: (-0.06_f64 / 50.0).exp(),
        allowed: &allowed,
        end: End::MayAbandon,
    });
}

/// A price that falls 2 % a month in a market that moves.
fn forecast() -> Forecast {
    Forecast {
        basis: Basis::Family,
        reference: Reference { price_usd: 1_000.0, kind: ReferenceKind::ListPrice },
        parts: None,
        cards_share: 0.0,
        market: "market".into(),
        product: "product".into(),
        start: "2026-11".parse().unwrap(),
        points: (0..=63)
            .map(|ahead| Point {
                drivers: Drivers { age: -0.02 * f64::from(ahead), ..Drivers::default() },
                variance: Variance {
                    market: 0.002 * f64::from(ahead),
                    product: 0.05,
                    unit: 0.1,
                    ..Variance::default()
                },
            })
            .collect(),
    }
}

/// One unit of a plan with a horizon of 60 months and a challenger.
fn cohort(criterion: &mut Criterion) {
    let forecast = forecast();
    let costs = vec![8.0; 61];
    let follow_on: Vec<f64> = (0..=60).map(|ahead| 1_500.0 * 0.99_f64.powi(ahead)).collect();
    let sale = Sale {
        forecast: &forecast,
        factor: 1.0,
        net: &|_: usize, price: f64| (0.6 * price - 20.0).max(-5.0),
        holding_costs: &costs,
        follow_on: &follow_on,
        discount: 0.9936,
        allowed: (0, 60),
    };
    criterion.bench_function("reservation prices of one cohort, 60 months", |bencher| {
        bencher.iter(|| reservation(&sale));
    });
}

fn stopping(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stopping, 50 dates");
    group.sample_size(10);
    group.bench_function("lattice of a plan", |bencher| {
        put(|problem| bencher.iter(|| solve(problem, Resolution::Plan)));
    });
    group.bench_function("lattice of a price", |bencher| {
        put(|problem| bencher.iter(|| solve(problem, Resolution::Price)));
    });
    group.bench_function("simulation, 100,000 paths fitted and 100,000 fresh", |bencher| {
        let pairs = 50_000;
        put(|problem| {
            bencher.iter(|| {
                monte_carlo::lower_bound(problem, PathSet { seed: 1, pairs }, PathSet { seed: 2, pairs })
            });
        });
    });
    group.bench_function("dual bound, 1,000 paths", |bencher| {
        put(|problem| bencher.iter(|| dual::upper_bound(problem, PathSet { seed: 3, pairs: 500 })));
    });
    group.finish();
}

criterion_group!(benches, cohort, stopping);
criterion_main!(benches);
