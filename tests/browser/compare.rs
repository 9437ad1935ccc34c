//! Scenarios that are kept are set side by side.

use serde_json::Value;

use crate::browser::{Browser, driven};
use crate::common::served::written_by_the_command;
use crate::inspection::inspect;
use crate::server::{SAMPLE, said, saying, serve, slide};
use crate::tables::tables_in;

#[test]
fn two_scenarios_that_are_kept_stand_beside_the_base() {
    driven("compare", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        for share in [0.3, 0.6] {
            slide(browser, "Refresh cycle", share);
            browser.click(&saying(browser, "Keep to compare"));
            browser.until("it is kept", || said(browser).contains("Kept to compare"));
        }
        browser.click(&saying(browser, "Compare 2 kept"));
        browser.until("the comparison opens", || browser.address().contains("/compare?"));
        let costs = &tables_in(browser, "#measures")[0];
        assert_eq!(costs.len(), 4, "a head, the base and both: {costs:?}");
        assert_eq!(costs[1][0], "base");
        inspect(browser, "compare");
        browser.click(&saying(browser, "drop"));
        browser.until("one is dropped", || browser.address().matches("keep=").count() == 1);
    });
}

#[test]
fn the_figures_of_the_comparison_are_those_of_the_command() {
    const KEPT: &str = "keep=four+years~cycle:48&keep=~market:-20&keep=slow~slip:6,energy:0.21,share:60";
    driven("compare-figures", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, &format!("/fleet/main/files?{KEPT}"));
        let scenarios = browser.run("return document.querySelector('pre').textContent");
        let folder = tempfile::tempdir().unwrap();
        let found = written_by_the_command(scenarios.as_str().unwrap().as_bytes(), folder.path());
        browser.open_served(&server.origin, &format!("/fleet/main/compare?{KEPT}"));
        every_measure_is_shown_as_found(browser, &found);
        the_ranking_is_as_found(browser, &found);
        every_probability_is_shown_as_found(browser, &found);
    });
}

/// The row of a table of the command that has these values.
fn found_row<'a>(table: &'a Value, wanted: &[(&str, &str)]) -> Option<&'a Value> {
    table.as_array().unwrap().iter().find(|row| wanted.iter().all(|(key, value)| row[*key] == *value))
}

/// Whether a cell shows this amount in whole units.
fn shows(cell: &str, amount: &Value) -> bool {
    let shown: f64 = cell.replace(',', "").replace('−', "-").replace('+', "").parse().unwrap();
    (shown - amount.as_f64().unwrap()).abs() <= 0.5
}

fn every_measure_is_shown_as_found(browser: &Browser, found: &Value) {
    let mut seen = std::collections::BTreeSet::new();
    for table in tables_in(browser, "#measures") {
        let (heads, rows) = table.split_first().unwrap();
        assert_eq!(rows.len(), 4, "the base and three scenarios");
        for row in rows {
            for (column, head) in heads.iter().enumerate().skip(1) {
                // Heads begin with a capital.
                let of = |head: &str| {
                    let rows = found["summary"].as_array().unwrap().iter();
                    let own = rows.filter(|one| one["scenario"] == row[0].as_str());
                    own.into_iter().find(|one| capital(one["measure"].as_str().unwrap()) == head)
                };
                if let Some(amount) = of(head) {
                    assert!(
                        shows(&row[column], &amount["amount"]),
                        "{} {head}: {} {amount}",
                        row[0],
                        row[column]
                    );
                    seen.insert(head.clone());
                } else if head == "8 in 10" {
                    let amount = of(&heads[column - 1]).unwrap();
                    let (low, high) = row[column].split_once(" to ").unwrap();
                    assert!(
                        shows(low, &amount["p10"]) && shows(high, &amount["p90"]),
                        "{} {amount}",
                        row[column]
                    );
                } else {
                    assert_eq!(head, "Units leaving");
                }
            }
        }
    }
    for row in found["summary"].as_array().unwrap().iter().filter(|row| row["amount"] != 0.0) {
        assert!(
            seen.contains(&capital(row["measure"].as_str().unwrap())),
            "{} is nowhere on the page",
            row["measure"]
        );
    }
}

fn capital(words: &str) -> String {
    format!("{}{}", words[..1].to_uppercase(), &words[1..])
}

fn the_ranking_is_as_found(browser: &Browser, found: &Value) {
    let ranking = &tables_in(browser, "#ranking")[0];
    let scenarios = ranking.iter().skip(1).filter(|row| !row[0].starts_with("base"));
    assert_eq!(scenarios.clone().count(), 3);
    for row in scenarios {
        for (column, measure, better) in
            [(1, "total cost", "costs_less"), (4, "net recovery", "brings_in_more")]
        {
            let amount =
                found_row(&found["summary"], &[("scenario", &row[0]), ("measure", measure)]).unwrap();
            assert!(shows(&row[column], &amount["difference"]), "{measure}: {row:?} {amount}");
            let beats = found_row(&found["beats"], &[("scenario", &row[0]), ("other", "base")]).unwrap();
            assert_eq!(row[column + 2], in_per_cent(&beats[better]), "{row:?}");
        }
    }
    assert!(ranking.iter().any(|row| row[0] == "market prices −20 %"), "with a minus: {ranking:?}");
}

fn every_probability_is_shown_as_found(browser: &Browser, found: &Value) {
    let matrices = tables_in(browser, "#beats");
    for (matrix, better) in matrices.iter().zip(["costs_less", "brings_in_more"]) {
        let (heads, rows) = matrix.split_first().unwrap();
        for row in rows {
            for (cell, other) in row.iter().zip(heads).skip(1).filter(|(_, other)| **other != row[0]) {
                let beats = found_row(&found["beats"], &[("scenario", &row[0]), ("other", other)]).unwrap();
                assert_eq!(*cell, in_per_cent(&beats[better]), "{} against {other}", row[0]);
            }
        }
    }
    assert_eq!(matrices.len(), 2);
}

/// A probability as pages show it.
fn in_per_cent(share: &Value) -> String {
    match share.as_f64().unwrap() {
        share if share > 0.0 && share < 0.005 => "<1 %".to_owned(),
        share if share < 1.0 && share > 0.995 => ">99 %".to_owned(),
        share => format!("{:.0} %", 100.0 * share),
    }
}
