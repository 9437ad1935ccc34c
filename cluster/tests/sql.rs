//! `residua-cluster sql` in one process: answers are those of `residua plan`, to the cent.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{AS_OF, cents, csv_rows, output_of, program, register, single_machine};

fn sql(pattern: &str, query: &str) -> Vec<BTreeMap<String, String>> {
    csv_rows(&output_of(&["sql", query, "--register", pattern, "--as-of", AS_OF, "--format", "csv"]))
}

#[test]
fn every_row_is_answered_as_the_plan_of_the_register_answers_it() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 400, 3, 7);
    let planned = single_machine(&register.whole);
    let query = "SELECT asset_id, product AS product, fair_value, net_recovery, window_start, window_end, month, route, \
                 action FROM assets WHERE action IS NOT NULL ORDER BY asset_id";
    let answered = sql(&register.pattern, query);
    assert_eq!(answered.len(), planned.len());
    for (answer, row) in answered.iter().zip(&planned) {
        for column in ["asset_id", "product", "window_start", "window_end", "month", "route", "action"] {
            assert_eq!(answer[column], row[column], "{column} of {}", row["asset_id"]);
        }
        let quantity: i64 = row["quantity"].parse().unwrap();
        for (column, own) in [("fair_value", "value_now_mean"), ("net_recovery", "recovery_mean")] {
            let expected = (!row[own].is_empty()).then(|| quantity * cents(&row[own]));
            let found = (!answer[column].is_empty()).then(|| cents(&answer[column]));
            assert_eq!(found, expected, "{column} of {}", row["asset_id"]);
        }
    }
}

#[test]
fn sums_by_site_are_those_of_the_single_machine() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 400, 3, 7);
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for row in single_machine(&register.whole) {
        *expected.entry(row["site"].clone()).or_default() +=
            row["quantity"].parse::<i64>().unwrap() * cents(&row["recovery_mean"]);
    }
    let found = sql(&register.pattern, "SELECT site, sum(net_recovery) AS net FROM assets GROUP BY site");
    let found: BTreeMap<String, i64> =
        found.iter().map(|row| (row["site"].clone(), cents(&row["net"]))).collect();
    assert_eq!(found, expected);
}

#[test]
fn functions_answer_for_a_unit_that_is_in_no_register() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 3, 1, 1);
    let unit = "'model', 'Dell Latitude 5430', 'purchase_date', '2022-08-15', 'purchase_cost', 1389.0, 'currency', 'USD'";
    let query = format!(
        "SELECT fair_value({unit}) AS one, fair_value({unit}, 'quantity', 3) AS three, residual_value({unit}) AS share, \
         residual_value({unit}, 'months_ahead', 24) AS later"
    );
    let answer = sql(&register.pattern, &query).remove(0);
    assert_eq!(3 * cents(&answer["one"]), cents(&answer["three"]));
    let share: f64 = answer["share"].parse().unwrap();
    assert!((share - cents(&answer["one"]) as f64 / 138_900.0).abs() < 5e-5, "{answer:?}");
    assert!(answer["later"].parse::<f64>().unwrap() < share, "{answer:?}");
}

#[test]
fn a_setting_that_is_not_here_is_refused_by_both_names() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 3, 1, 1);
    let other = "0".repeat(64);
    let query = format!("SELECT fair_value('model', model, 'setting', '{other}') FROM register");
    let run =
        program().args(["sql", &query, "--register", &register.pattern, "--as-of", AS_OF]).output().unwrap();
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    let own = String::from_utf8(output_of(&[
        "setting",
        "--as-of",
        AS_OF,
        "--settings",
        folder.path().to_str().unwrap(),
    ]))
    .unwrap();
    assert!(!run.status.success());
    assert!(message.contains(&other) && message.contains(own.trim()), "{message}");
}
