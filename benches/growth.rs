//! How the time of an answer grows: with the months of a forecast, the different cohorts of a plan, the units of a lot.
//!
//! `cargo bench --bench growth` prints a table for each question: seconds by the median of three runs, and elements a second.
//! The rows of a register are the matter of the benches `read` and `stream`, scenarios of `whatif`, sales of `fit`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::path::Path;
use std::time::Instant;

use residua::catalog;
use residua::decide::{self, Policy, Setting};
use residua::fleet::{self, Profiles};
use residua::lot::{self, Asked, LotInput, manifest};
use residua::price::parts::Configuration;
use residua::price::{self, Models, Subject};
use residua::units::Month;

use common::register;

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let setting = Setting::new(
        Policy::built_in(),
        None,
        "2026-11".parse::<Month>().unwrap(),
        Models::built_in().unwrap(),
        catalog::built_in().unwrap(),
        Profiles::with_files(&[]).unwrap(),
    )
    .unwrap();
    forecasts(&setting);
    plans(&setting);
    lots(&setting);
}

/// Median seconds of three runs.
fn seconds<T>(work: impl Fn() -> T) -> f64 {
    let mut times = [(); 3].map(|()| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed().as_secs_f64()
    });
    times.sort_by(f64::total_cmp);
    times[1]
}

/// Every product of the catalog, on one thread.
fn forecasts(setting: &Setting) {
    println!("forecast: all products of the catalog, one thread");
    println!("{:>8} {:>10} {:>14} {:>14}", "months", "seconds", "products/s", "months/s");
    let subjects: Vec<Subject<'_>> = setting
        .catalog
        .iter()
        .map(|(_, product)| Subject {
            class: product.class,
            product: Some(product),
            successor_launch: None,
            cost_usd: product.list_price_usd(),
            cost_from_siblings: false,
            acquired: Some(setting.as_of.plus(-30)),
            grade: None,
            accelerators: None,
            configuration: Configuration::default(),
        })
        .collect();
    for months in [1, 12, 60, 120] {
        let priced = || {
            let all = subjects.iter();
            all.filter_map(|subject| price::forecast(&setting.models, subject, setting.as_of, months)).count()
        };
        let (time, products) = (seconds(priced), priced() as f64);
        println!(
            "{months:>8} {time:>10.4} {:>14.0} {:>14.0}",
            products / time,
            products * months as f64 / time
        );
    }
}

/// Registers in which hardly any asset is like another.
fn plans(setting: &Setting) {
    println!("plan: registers of ever more cohorts, all threads");
    println!("{:>8} {:>8} {:>10} {:>14} {:>14}", "assets", "cohorts", "seconds", "assets/s", "cohorts/s");
    for assets in [619, 6_190, 30_950] {
        let text = register(assets, 50);
        let fleet = fleet::read_text("bench.csv", text.as_bytes(), &setting.read_options()).unwrap();
        let input = setting.plan_input(&fleet);
        let (time, cohorts) = (seconds(|| decide::plan(&input)), decide::plan(&input).unwrap().cohorts.len());
        let (per_asset, per_cohort) = (assets as f64 / time, cohorts as f64 / time);
        println!("{assets:>8} {cohorts:>8} {time:>10.2} {per_asset:>14.0} {per_cohort:>14.0}");
    }
}

/// The sample manifest with each line so many times as large.
fn lots(setting: &Setting) {
    println!("lot: the sample manifest, all threads");
    println!("{:>8} {:>10} {:>14}", "units", "seconds", "units/s");
    let sample = include_str!("../data/samples/lot.txt");
    for copies in [1, 10, 100] {
        let text = sample.repeat(copies);
        let manifest =
            manifest::read_bytes(Path::new("lot.txt"), text.as_bytes(), &setting.read_options()).unwrap();
        let asked = Asked { margin: None, max_loss: None, bid: None, share: None, draws: None };
        let input =
            LotInput { plan: setting.plan_input(&manifest.fleet), manifest: &manifest, scheme: None, asked };
        let (time, units) = (seconds(|| lot::lot(&input).unwrap()), lot::lot(&input).unwrap().units());
        println!("{units:>8} {time:>10.3} {:>14.0}", units as f64 / time);
    }
}
