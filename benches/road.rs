//! How fast the main road runs: reading, identifying, planning, at fleets of growing size.
//!
//! `cargo bench` prints assets a second for each step. The fleets repeat the sample register with new tags and
//! serial numbers, so that nothing is merged away.

#![allow(missing_docs, clippy::unwrap_used)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use residua::catalog::{self, Matcher};
use residua::decide::{self, PlanInput, Policy};
use residua::fleet::{self, ReadOptions};
use residua::price::Models;
use residua::units::Month;

fn sample_times(copies: usize) -> String {
    let text = std::fs::read_to_string("data/samples/fleet.csv").unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for copy in 0..copies {
        for record in &records {
            let mut cells: Vec<String> = record.iter().map(str::to_owned).collect();
            for cell in &mut cells[..2] {
                if !cell.is_empty() {
                    cell.push_str(&format!("C{copy}"));
                }
            }
            writer.write_record(&cells).unwrap();
        }
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn options(policy: &Policy, as_of: Month) -> ReadOptions {
    policy.read_options(as_of)
}

fn road(criterion: &mut Criterion) {
    let policy = Policy::built_in();
    let as_of: Month = "2026-11".parse().unwrap();
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let models = Models::built_in().unwrap();
    let mut group = criterion.benchmark_group("road");
    group.sample_size(10);
    for copies in [1, 16, 128] {
        let text = sample_times(copies);
        let fleet = fleet::read_text("fleet.csv", text.as_bytes(), &options(&policy, as_of)).unwrap();
        let assets = fleet.assets.len();
        group.throughput(Throughput::Elements(assets as u64));
        group.bench_with_input(BenchmarkId::new("read", assets), &text, |bencher, text| {
            bencher
                .iter(|| fleet::read_text("fleet.csv", text.as_bytes(), &options(&policy, as_of)).unwrap());
        });
        let input = PlanInput {
            fleet: &fleet,
            catalog: &catalog,
            matcher: &matcher,
            models: &models,
            policy: &policy,
            as_of,
        };
        group.bench_with_input(BenchmarkId::new("plan", assets), &input, |bencher, input| {
            bencher.iter(|| decide::plan(input).unwrap());
        });
    }
    group.finish();
    let names: Vec<String> = catalog.iter().map(|(_, product)| format!("{} 16GB", product.name)).collect();
    let mut group = criterion.benchmark_group("identify");
    group.throughput(Throughput::Elements(names.len() as u64));
    group.bench_function("catalog names with a word more", |bencher| {
        bencher.iter(|| names.iter().filter(|name| matcher.identify(name, None).product.is_some()).count());
    });
    group.finish();
}

criterion_group!(benches, road);
criterion_main!(benches);
