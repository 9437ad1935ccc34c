//! Decisions of the past, replayed on the prices that came.
//!
//! `residua backtest --decisions` asks, month by month, whether to sell with what was known then, and says what that would
//! have lost against the best month in hindsight, beside fixed cycles.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;

use common::residua;
use residua::catalog::{self, AssetClass};
use residua::decide::Policy;
use residua::decide::replay::{LONGEST_WINDOW, Owner, Replayed, Rule, Starts, replay};
use residua::market::{followed_markets, read_observations};
use residua::price::backtest::Settings;
use residua::price::backtest::paths::{Path, paths};
use residua::price::followed::series::{PricedSeries, priced_series};
use residua::units::ExchangeRates;

fn month_name(month: usize) -> String {
    format!("{}-{:02}", 2020 + month / 12, month % 12 + 1)
}

/// Prices of twelve drives over so many months, some missing; `ln_price` says how they go.
fn market(months: usize, ln_price: impl Fn(usize, usize) -> f64) -> String {
    let mut text = String::from("date,class,product,price,currency,basis,source\n");
    for product in 0..12 {
        for month in (0..months).filter(|month| (product + month) % 11 != 0) {
            let price = (5.0 + 0.2 * product as f64 + ln_price(product, month)).exp();
            writeln!(text, "{},storage,Drive {product},{price:.4},USD,sold,shop", month_name(month)).unwrap();
        }
    }
    text
}

/// Each product a little off the common course.
fn own_mind(product: usize, month: usize) -> f64 {
    let (item, time) = (product as f64, month as f64);
    0.02 * (item * 1.7 + time * (0.3 + 0.05 * item)).sin()
}

/// A market that rises, breaks and calms down.
fn boom_and_crash(product: usize, month: usize) -> f64 {
    let course = match month {
        0..20 => 0.03 * month as f64,
        20..30 => 0.6 - 0.08 * (month - 20) as f64,
        _ => -0.2 - 0.01 * (month - 30) as f64,
    };
    course + own_mind(product, month)
}

/// Regret of an owner's rules, by rule.
fn regrets(text: &str, owner: &str) -> Vec<(String, f64)> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, text).unwrap();
    let output =
        residua().args(["backtest", "--decisions", "-q", "--format", "csv"]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    reader
        .records()
        .map(Result::unwrap)
        .filter(|row| &row[4] == owner)
        .map(|row| (row[5].to_owned(), row[9].parse().unwrap()))
        .collect()
}

fn of(regrets: &[(String, f64)], rule: &str) -> f64 {
    regrets.iter().find(|one| one.0.contains(rule)).unwrap().1
}

#[test]
fn in_a_market_that_falls_at_once_selling_now_wins() {
    let falling = market(48, |product, month| -0.06 * month as f64 + own_mind(product, month));
    let unused = regrets(&falling, "unused");
    assert!(of(&unused, "plan's window") < 0.005, "{unused:?}");
    assert!(of(&unused, "after 3 months") > 0.15, "{unused:?}");
    assert!(of(&unused, "at the end") > 0.5, "{unused:?}");
}

#[test]
fn in_a_boom_holding_wins() {
    let rising = market(48, |product, month| 0.04 * month as f64 + own_mind(product, month));
    for owner in [Owner::InUse(36), Owner::InUse(48), Owner::InUse(60)] {
        let found = regrets(&rising, owner.name());
        assert!(of(&found, "at once") > 1.0, "{found:?}");
        assert!(of(&found, "plan's window") < 0.2 * of(&found, "at once"), "{found:?}");
    }
}

/// The series of a market with what each month knew, and the decisions replayed on them.
fn replayed(text: &str) -> (Vec<PricedSeries>, Vec<Vec<Path>>, Vec<Replayed>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, text).unwrap();
    let observations = read_observations(&[file], &[]).unwrap();
    let rows: Vec<_> = observations.rows.iter().map(|row| (AssetClass::Storage, None, row)).collect();
    let followed = followed_markets(&rows).remove(0);
    let catalog = catalog::built_in().unwrap();
    let series = priced_series(&followed, &catalog, &ExchangeRates::built_in()).unwrap();
    let known = paths(followed.basis, &series, &Settings::default(), LONGEST_WINDOW).unwrap();
    let starts = Starts { step_months: 1, ..Starts::default() };
    let found = replay(followed.class, &series, &known, &starts, &Policy::built_in());
    (series, known, found)
}

#[test]
fn prices_after_a_month_do_not_change_what_was_decided_in_it() {
    let cut = 30;
    let bent = |product: usize, month: usize| {
        boom_and_crash(product, month) + if month > cut { 0.5 + 0.1 * product as f64 } else { 0.0 }
    };
    let (_, known, usual) = replayed(&market(60, boom_and_crash));
    let (_, bent_known, bent) = replayed(&market(60, bent));
    let cut = 2020 * 12 + cut as i32;
    for (one, other) in known.iter().flatten().zip(bent_known.iter().flatten()) {
        assert_eq!(one.month, other.month);
        assert!(one.month > cut || one == other);
    }
    assert_eq!(usual.len(), bent.len());
    let (mut early, mut changed) = (0, 0);
    for (one, other) in usual.iter().zip(&bent) {
        assert_eq!((one.series, one.owner, one.start), (other.series, other.owner, other.start));
        for (rule, (sale, bent_sale)) in Rule::ALL.iter().zip(one.sales.iter().zip(&other.sales)) {
            if sale.month <= cut || bent_sale.month <= cut {
                assert_eq!(sale.month, bent_sale.month, "{rule:?} of {one:?}");
                early += usize::from(!rule.is_fixed());
            }
            changed += usize::from(sale.month != bent_sale.month);
        }
    }
    assert!(early > 1_000 && changed > 100, "{early} early, {changed} changed");
}

#[test]
fn only_months_with_a_price_sell_and_no_rule_beats_hindsight() {
    let (series, _, found) = replayed(&market(60, boom_and_crash));
    assert!(found.len() > 500);
    let mut perfect = 0;
    for one in &found {
        assert_eq!(one.sales.len(), Rule::ALL.len());
        for sale in &one.sales {
            assert!(series[one.series].history.at(sale.month).is_some(), "{one:?}");
            assert!((one.start..=one.start + LONGEST_WINDOW).contains(&sale.month));
            assert!(sale.regret >= 0.0 && sale.regret.is_finite());
            perfect += usize::from(sale.month == one.start + one.best_months && sale.regret == 0.0);
        }
    }
    assert!(perfect > 100, "some rule sells in the best month now and then");
}

#[test]
fn the_table_reads_the_same_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, market(60, boom_and_crash)).unwrap();
    let print = |threads: &str| {
        let output = residua()
            .args(["backtest", "--decisions", "-q", "--threads", threads])
            .arg(&file)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let table = print("1");
    assert_eq!(table, print("2"));
    insta::assert_snapshot!(table);
}

#[test]
fn a_market_too_short_to_replay_is_told_and_not_scored() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, market(15, boom_and_crash)).unwrap();
    let run = |format: &str| {
        let output = residua()
            .args(["backtest", "--decisions", "-q", "--format", format])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("table").contains("not scored: fewer than 30 starts"));
    assert_eq!(run("json").trim(), "[]");
}

#[test]
fn starts_can_be_narrowed_and_forecast_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, market(60, boom_and_crash)).unwrap();
    let output = residua()
        .args(["backtest", "--decisions", "-q", "--from", "2021-01", "--to", "2021-12", "--every", "3"])
        .arg(&file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("2021-01 to 2021-10"), "{text}");
    let refused =
        residua().args(["backtest", "--decisions", "--predictions", "x.csv"]).arg(&file).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
}
