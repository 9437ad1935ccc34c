//! Scores of forecasts against independent implementations (`benches/peers/metrics/make.py`).

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use residua::price::metrics::{Outcome, Scores};
use residua::price::state_space::quantiles::Quantiles;

/// Largest difference from the independent values; scores are at most of the order of 100.
const TOLERANCE: f64 = 1e-9;

type Row = HashMap<String, String>;

fn rows(name: &str) -> Vec<Row> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn outcome(row: &Row) -> Outcome {
    let quantiles =
        Quantiles { lower: number(row, "p10"), median: number(row, "p50"), upper: number(row, "p90") };
    Outcome::new(quantiles, number(row, "actual"), Some(number(row, "last"))).unwrap()
}

fn covers(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

#[test]
fn every_score_of_a_forecast_is_that_of_the_independent_implementation() {
    let rows = rows("metric_parity.csv");
    assert!(rows.len() >= 60);
    for row in &rows {
        let one = outcome(row);
        let [p10, p50, p90] = one.pinballs();
        let (inner, outer) = (one.interval_80(), one.interval_90());
        let found = [
            ("pinball_10", p10),
            ("pinball_50", p50),
            ("pinball_90", p90),
            ("crps", one.crps()),
            ("covers_80", covers(inner.covers)),
            ("width_80", inner.width),
            ("interval_score_80", inner.score),
            ("covers_90", covers(outer.covers)),
            ("width_90", outer.width),
            ("interval_score_90", outer.score),
            ("error", one.error()),
            ("absolute_share_error", one.absolute_share_error()),
        ];
        for (column, value) in found {
            let expected = number(row, column);
            assert!((value - expected).abs() < TOLERANCE, "{column}: {value} for {expected} in {row:?}");
        }
    }
}

#[test]
fn the_means_over_all_forecasts_are_those_of_the_independent_implementation() {
    let outcomes: Vec<Outcome> = rows("metric_parity.csv").iter().map(outcome).collect();
    let scores = Scores::of(&outcomes).unwrap();
    let expected: HashMap<String, f64> = rows("metric_parity_summary.csv")
        .iter()
        .map(|row| (row["name"].clone(), number(row, "value")))
        .collect();
    let found = [
        ("pinball_10", scores.pinballs[0]),
        ("pinball_50", scores.pinballs[1]),
        ("pinball_90", scores.pinballs[2]),
        ("crps", scores.crps),
        ("covers_80", scores.coverage_80),
        ("width_80", scores.width_80),
        ("interval_score_80", scores.interval_score_80),
        ("covers_90", scores.coverage_90),
        ("width_90", scores.width_90),
        ("interval_score_90", scores.interval_score_90),
        ("error", scores.bias),
        ("absolute_share_error", scores.mape),
        ("absolute_share_error_median", scores.mdape),
        ("mase", scores.mase.unwrap()),
    ];
    assert_eq!(found.len(), expected.len());
    for (name, value) in found {
        assert!((value - expected[name]).abs() < TOLERANCE, "{name}: {value} for {}", expected[name]);
    }
    let pinball = (scores.pinballs[0] + scores.pinballs[1] + scores.pinballs[2]) / 3.0;
    assert!((scores.pinball - pinball).abs() < TOLERANCE);
}
