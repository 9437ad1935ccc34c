//! How fast one unit is decided: the lattice that gives its reservation prices, and the simulation that checks it.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{Criterion, criterion_group, criterion_main};
use residua::decide::stopping::paths::PathSet;
use residua::decide::stopping::{End, PriceProcess, Problem, Resolution, dual, monte_carlo, solve};

/// The put of the first row of table 1 of Longstaff and Schwartz (2001): 50 dates, one year.
fn put(use_it: impl FnOnce(&Problem<'_>)) {
    let time = |date: usize| date as f64 / 50.0;
    let expected = (0..=50).map(|date| 36.0 * (0.06 * time(date)).exp()).collect();
    let resolved: Vec<f64> = (0..=50).map(|date| 0.04 * time(date)).collect();
    let process = PriceProcess::new(expected, &resolved, 0.0).unwrap();
    let allowed: Vec<bool> = (0..=50).map(|date| date > 0).collect();
    use_it(&Problem {
        process: &process,
        payoff: &|_, price| 40.0 - price,
        holding_costs: &[],
        discount: (-0.06_f64 / 50.0).exp(),
        allowed: &allowed,
        end: End::MayAbandon,
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

criterion_group!(benches, stopping);
criterion_main!(benches);
