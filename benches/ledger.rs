//! How long a ledger takes to grade its forecasts.
//!
//! A million forecasts, two hundred thousand of them handed over and settled, the others given by plans of the same assets
//! before. `cargo bench --bench ledger` fills a database on disk, prints how long that took and how big it is, then times
//! opening it, finding the sale that answers each forecast, and scoring.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../tests/common/ledger.rs"]
mod past;

use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use residua::outcome::ledger::{Given, GivenBy, Ledger, grade};

const SETTLEMENTS: usize = 200;
const LINES: u32 = 1_000;

fn grading(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("residua.db");
    let begun = Instant::now();
    let mut ledger = Ledger::open(&path).unwrap();
    let past = past::past("VR", 1, SETTLEMENTS, LINES);
    past.file(&mut ledger, |_, _, _| {}).unwrap();
    for months_before in [0, 3, 9, 15] {
        let plans: Vec<Given> = past
            .hand_overs
            .iter()
            .map(|line| {
                let mut forecast = line.forecast.clone().unwrap();
                forecast.made = forecast.made.plus(-months_before);
                Given {
                    by: GivenBy::Plan,
                    asset: Some(line.asset.clone()),
                    class: line.class,
                    product: line.product.clone(),
                    grade: line.grade.clone(),
                    quantity: line.quantity,
                    route: line.route.clone(),
                    currency: line.currency,
                    forecast,
                }
            })
            .collect();
        assert_eq!(ledger.file_forecasts(&plans).unwrap(), plans.len());
    }
    let counts = ledger.counts().unwrap();
    assert_eq!((counts.forecasts, counts.outcomes), (1_000_000, 200_000));
    drop(ledger);
    let megabytes = std::fs::metadata(&path).unwrap().len() as f64 / 1e6;
    println!("filled in {:.1} s, {megabytes:.0} MB", begun.elapsed().as_secs_f64());
    let mut group = criterion.benchmark_group("ledger");
    group.sample_size(10);
    group.bench_function("grade 1,000,000 forecasts and 200,000 outcomes", |bencher| {
        bencher.iter(|| grade(&Ledger::open_existing(&path).unwrap().answers().unwrap()));
    });
    group.finish();
}

criterion_group!(benches, grading);
criterion_main!(benches);
