//! How fast a large fleet is scheduled, and how close to the best schedule there can be.
//!
//! 20,000 units of 60 products at 4 sites over 24 months, with limits that bind: capacity, a freeze, a delivery, budgets,
//! leases that end, and markets of 40 units a month. `cargo bench --bench schedule` prints objective, bound, gap and
//! breaches first (the verifier sums the schedule anew), then times the plan with its schedule and, to subtract, the
//! plan without limits and depth.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write;

use criterion::{Criterion, criterion_group, criterion_main};
use residua::catalog::{self, AssetClass, Catalog, Matcher};
use residua::decide::{self, Plan, PlanInput, Policy};
use residua::fleet::{self, Fleet};
use residua::price::Models;
use residua::units::{Month, SplitMix64};

const UNITS: usize = 20_000;
const PRODUCTS: usize = 60;
const SITES: [&str; 4] = ["Austin", "Berlin", "Manchester", "Singapore"];

const LIMITS: &str = r#"
horizon_months = 24
[capacity]
Austin = 120
Berlin = 150
other = 200
[[freeze]]
site = "Berlin"
from = "2026-12"
to = "2027-01"
[budget]
"2026 Q4" = 900000
"2027 Q1" = 900000
"2027 Q2" = 900000
"2027 Q3" = 900000
[delivery.sites]
Manchester = "2027-03"
[depth]
units_a_month = { gpu = 40, server = 40, laptop = 40, other = 40 }
"#;

const NO_LIMITS: &str = "horizon_months = 24\n[depth]\nprice_fall = 0.0\n";

/// A register whose units were bought over six years, one in twenty leased for another one to two years.
fn register(catalog: &Catalog) -> String {
    let mut random = SplitMix64::new(7);
    let of_class = |class: AssetClass| {
        catalog
            .iter()
            .filter(move |(_, product)| product.class == class)
            .map(|(_, product)| product.name.clone())
    };
    let products: Vec<String> = [AssetClass::Server, AssetClass::Laptop, AssetClass::Gpu]
        .into_iter()
        .flat_map(|class| of_class(class).take(PRODUCTS / 3).collect::<Vec<_>>())
        .collect();
    assert_eq!(products.len(), PRODUCTS);
    let mut text =
        String::from("asset_id,model,purchase_date,purchase_cost,currency,site,status,ownership,lease_end\n");
    let mut below = |most: usize| random.below(most);
    for unit in 0..UNITS {
        let product = below(PRODUCTS);
        let age = 6 + 3 * below(22);
        let bought = "2026-11".parse::<Month>().unwrap().plus(-(age as i32));
        let cost = [9_000, 1_300, 8_000][product * 3 / PRODUCTS];
        let status = if below(5) == 0 { "in stock" } else { "in use" };
        let (owner, end) = match below(20) {
            0 => ("leased", format!("{}-15", bought.plus(age as i32 + 6 + below(12) as i32))),
            _ => ("owned", String::new()),
        };
        let site = SITES[below(SITES.len())];
        writeln!(
            text,
            "U{unit},\"{}\",{bought}-01,{cost},USD,{site},{status},{owner},{end}",
            products[product]
        )
        .unwrap();
    }
    text
}

struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    as_of: Month,
}

fn plan(world: &World, fleet: &Fleet, policy: &Policy) -> Plan {
    decide::plan(&PlanInput {
        fleet,
        catalog: &world.catalog,
        matcher: &world.matcher,
        models: &world.models,
        policy,
        as_of: world.as_of,
    })
    .unwrap()
}

fn schedule(criterion: &mut Criterion) {
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let models = Models::built_in().unwrap();
    let as_of: Month = "2026-11".parse().unwrap();
    let world = World { catalog, matcher, models, as_of };
    let limited = Policy::from_toml("bench", LIMITS).unwrap();
    let free = Policy::from_toml("bench", NO_LIMITS).unwrap();
    let options = limited.read_options(as_of);
    let fleet = fleet::read_text("bench.csv", register(&world.catalog).as_bytes(), &options).unwrap();
    let planned = plan(&world, &fleet, &limited);
    let found = &planned.schedule;
    println!(
        "{} assets, {} cohorts: objective {:.0}, bound {:.0}, gap {:.0} = {:.4} % of the recovery of {:.0}, {} breaches, \
         {} conflicts, {} limits with a price",
        fleet.assets.len(),
        planned.cohorts.len(),
        found.objective,
        found.bound,
        found.gap(),
        100.0 * found.gap_share(),
        found.recovery,
        found.breaches(&planned.cohorts, &fleet, &limited, as_of).len(),
        found.conflicts.len(),
        found.binding.len()
    );
    for rule in &found.comparisons {
        println!("  {:<30} {:.0}", rule.rule, rule.value);
    }
    let mut group = criterion.benchmark_group("schedule");
    group.sample_size(10);
    group.bench_function("plan with all limits", |bencher| bencher.iter(|| plan(&world, &fleet, &limited)));
    group.bench_function("plan without limits and depth", |bencher| {
        bencher.iter(|| plan(&world, &fleet, &free));
    });
    group.finish();
}

criterion_group!(benches, schedule);
criterion_main!(benches);
