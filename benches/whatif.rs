//! How fast a scenario is answered once everything is loaded, and how much of a plan that is.
//!
//! The sample register; 100,000 assets that fall into few cohorts (the sample repeated) and into many (other costs, months,
//! sites and conditions at every repetition). `cargo bench --bench whatif` prints for each how long a plain plan takes, the
//! base of a comparison, and one more scenario, by the median of some runs; the last two also as shares of the plan. All
//! scenarios are those of the sample, one of each kind, so the time of one is their mean. Then the sample with the drivers
//! that move the answer and with break-evens, counted in plans; and by criterion the sample.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use residua::catalog::{self, Catalog, Matcher};
use residua::decide::{self, PlanInput, Policy};
use residua::fleet::{self, Fleet};
use residua::price::Models;
use residua::scenario::{self, Depth, EXAMPLE_SCENARIOS, ScenarioFile, WhatIfInput};
use residua::units::Month;

use common::{SAMPLE, register};

struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    policy: Policy,
    as_of: Month,
}

fn input<'a>(world: &'a World, fleet: &'a Fleet) -> WhatIfInput<'a> {
    WhatIfInput {
        plan: PlanInput {
            fleet,
            catalog: &world.catalog,
            matcher: &world.matcher,
            models: &world.models,
            policy: &world.policy,
            as_of: world.as_of,
        },
        written: &world.policy,
    }
}

/// Median time of some runs, seconds.
fn seconds(runs: usize, work: &dyn Fn()) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

fn tell(world: &World, fleet: &Fleet, name: &str, runs: usize) {
    let input = input(world, fleet);
    let mut all = ScenarioFile::from_toml("bench", EXAMPLE_SCENARIOS).unwrap();
    // Twenty units a month are a limit for the sample and a wall for 100,000 assets.
    all.scenarios.retain(|scenario| !scenario.title().contains("a month"));
    let mut one = all.clone();
    one.scenarios.truncate(1);
    let more = (all.scenarios.len() - 1) as f64;
    let compare = |file: &ScenarioFile| drop(scenario::what_if(&input, file, Depth::Scenarios).unwrap());
    let plan = seconds(runs, &|| drop(decide::plan(&input.plan).unwrap()));
    let of_one = seconds(runs, &|| compare(&one));
    let each = (seconds(runs, &|| compare(&all)) - of_one) / more;
    let base = of_one - each;
    println!(
        "{name}: {} assets in {} cohorts: plan {:.0} ms; base {:.0} ms ({:.2} of a plan); each scenario {:.1} ms ({:.2})",
        fleet.assets.len(),
        decide::plan(&input.plan).unwrap().cohorts.len(),
        1e3 * plan,
        1e3 * base,
        base / plan,
        1e3 * each,
        each / plan,
    );
}

/// The sample with all its scenarios, the drivers that move the answer, and break-evens.
fn tell_drivers(world: &World, fleet: &Fleet) {
    let input = input(world, fleet);
    let all = ScenarioFile::from_toml("bench", EXAMPLE_SCENARIOS).unwrap();
    let of = |depth| seconds(1, &|| drop(scenario::what_if(&input, &all, depth).unwrap()));
    let (scenarios, drivers) = (of(Depth::Scenarios), of(Depth::Drivers));
    let plan = seconds(3, &|| drop(decide::plan(&input.plan).unwrap()));
    println!(
        "sample, {} scenarios: {scenarios:.2} s; with drivers and break-evens {drivers:.2} s ({:.0} plans)",
        all.scenarios.len(),
        drivers / plan,
    );
}

fn whatif(criterion: &mut Criterion) {
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let world = World {
        catalog,
        matcher,
        models: Models::built_in().unwrap(),
        policy: Policy::built_in(),
        as_of: "2026-11".parse().unwrap(),
    };
    let fleet_of = |text: &str| {
        let options = world.policy.read_options(world.as_of);
        fleet::read_text("bench.csv", text.as_bytes(), &options).unwrap()
    };
    let sample = fleet_of(SAMPLE);
    tell(&world, &sample, "sample", 5);
    for variants in [1, 12, 46] {
        tell(&world, &fleet_of(&register(100_000, variants)), "100,000", 1);
    }
    tell_drivers(&world, &sample);
    let all = ScenarioFile::from_toml("bench", EXAMPLE_SCENARIOS).unwrap();
    let mut group = criterion.benchmark_group("whatif");
    group.sample_size(10);
    group.bench_function("sample, plan", |bencher| {
        bencher.iter(|| decide::plan(&input(&world, &sample).plan).unwrap());
    });
    group.bench_function("sample, base and all scenarios", |bencher| {
        bencher.iter(|| scenario::what_if(&input(&world, &sample), &all, Depth::Scenarios).unwrap());
    });
    group.finish();
}

criterion_group!(benches, whatif);
criterion_main!(benches);
