//! How fast a scenario is answered once everything is loaded.
//!
//! The sample register, and the sample repeated to 100,000 assets. `cargo bench --bench whatif` prints the parts of an
//! answer first, then times the base with one scenario and with four, so that their difference is three scenarios.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use residua::catalog::{self, Catalog, Matcher};
use residua::decide::{self, PlanInput, Policy};
use residua::fleet::{self, Fleet};
use residua::price::Models;
use residua::scenario::{self, Depth, ScenarioFile, WhatIfInput};
use residua::units::Month;

const ONE: &str = "[[scenario]]\nname = \"48 months\"\nrefresh = { rule = \"fixed\", months = 48 }\n";

const FOUR: &str = r#"
[[scenario]]
name = "48 months"
refresh = { rule = "fixed", months = 48 }
[[scenario]]
name = "36 months"
refresh = { rule = "fixed", months = 36 }
[[scenario]]
name = "DRAM doubles"
[[scenario.market]]
class = "memory"
level_percent = 100
[[scenario]]
name = "energy"
[scenario.policy.energy]
price_per_kwh = 0.2
"#;

struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    policy: Policy,
    as_of: Month,
}

/// The sample register repeated to a number of assets, each with a tag of its own.
fn register(assets: usize) -> String {
    let sample = include_str!("../data/samples/fleet.csv");
    let mut reader = csv::Reader::from_reader(sample.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    let mut tag = String::new();
    for number in 0..assets {
        let row = &rows[number % rows.len()];
        tag.clear();
        write!(tag, "T{number}").unwrap();
        let cells = row.iter().enumerate().map(|(at, cell)| match at {
            0 => tag.as_str(),
            1 => "",
            _ => cell,
        });
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn fleet_of(world: &World, text: &str) -> Fleet {
    let options = world.policy.read_options(world.as_of);
    fleet::read_text("bench.csv", text.as_bytes(), &options).unwrap()
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

fn tell(world: &World, fleet: &Fleet, name: &str) {
    let input = input(world, fleet);
    let seconds = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    let plan = seconds(&|| drop(decide::plan(&input.plan).unwrap()));
    let file = |text: &str| ScenarioFile::from_toml("bench", text).unwrap();
    let (one, four) = (file(ONE), file(FOUR));
    let of_one = seconds(&|| drop(scenario::what_if(&input, &one, Depth::Scenarios).unwrap()));
    let of_four = seconds(&|| drop(scenario::what_if(&input, &four, Depth::Scenarios).unwrap()));
    println!(
        "{name}: {} assets, {} cohorts: plan {plan:.3} s; base and one scenario {of_one:.3} s; with four {of_four:.3} s: \
         {:.3} s a scenario",
        fleet.assets.len(),
        decide::plan(&input.plan).unwrap().cohorts.len(),
        (of_four - of_one) / 3.0
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
    let mut group = criterion.benchmark_group("whatif");
    group.sample_size(10);
    for (name, text) in [
        ("sample", include_str!("../data/samples/fleet.csv").to_owned()),
        ("100,000 assets", register(100_000)),
    ] {
        let fleet = fleet_of(&world, &text);
        tell(&world, &fleet, name);
        for (scenarios, text) in [("one scenario", ONE), ("four scenarios", FOUR)] {
            let file = ScenarioFile::from_toml("bench", text).unwrap();
            group.bench_function(format!("{name}, {scenarios}"), |bencher| {
                bencher.iter(|| scenario::what_if(&input(&world, &fleet), &file, Depth::Scenarios).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, whatif);
criterion_main!(benches);
