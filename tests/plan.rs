//! `residua plan`, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{files_below, output_of, register, residua};

const SAMPLE: &str = "data/samples/fleet.csv";

#[test]
fn the_sample_fleet_gives_a_summary_a_person_can_read() {
    let summary = output_of(&["plan", SAMPLE, "--as-of", "2026-11", "--quiet"]);
    assert!(summary.lines().all(|line| line.chars().count() <= 110), "a line is too long to read");
    insta::assert_snapshot!(summary);
}

#[test]
fn every_row_of_the_sample_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    residua().args(["plan", SAMPLE, "--as-of", "2026-11", "-o"]).arg(&out).assert().success();
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let rows = |name: &str| manifest["rows"][name].as_u64().unwrap();
    assert_eq!(rows("in"), 625);
    assert_eq!(rows("in"), rows("assets") + rows("rejects") + rows("merged"));
    let lines = |name: &str| csv::Reader::from_path(out.join(name)).unwrap().into_records().count() as u64;
    assert_eq!(lines("plan.csv"), rows("assets"));
    assert_eq!(lines("rejects.csv"), rows("rejects"));
    let reject_lines: BTreeSet<String> = csv::Reader::from_path(out.join("rejects.csv"))
        .unwrap()
        .into_records()
        .map(|record| record.unwrap()[1].to_owned())
        .collect();
    let expected = ["291", "430", "463", "483"].map(str::to_owned);
    assert_eq!(reject_lines, BTreeSet::from(expected), "the four rows the sample's README names");
}

#[test]
fn the_same_inputs_give_the_same_bytes_at_any_thread_count() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, threads: &str| {
        let out = folder.path().join(name);
        residua()
            .args(["plan", SAMPLE, "--as-of", "2026-11", "--threads", threads, "-o"])
            .arg(&out)
            .assert()
            .success();
        files_below(&out)
    };
    let first = run("first", "1");
    assert!(first.len() > 6);
    for (name, threads) in [("again", "1"), ("two", "2"), ("five", "5")] {
        assert!(run(name, threads) == first, "{name} differs");
    }
}

#[test]
fn the_waterfall_of_every_asset_adds_up_to_its_net_recovery_to_the_cent() {
    let csv = output_of(&["plan", SAMPLE, "--as-of", "2026-11", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let steps: Vec<usize> = (0..headers.len()).filter(|at| headers[*at].starts_with("from_")).collect();
    assert_eq!(steps.len(), 18);
    let cents = |text: &str| -> i64 { (text.parse::<f64>().unwrap_or(0.0) * 100.0).round() as i64 };
    let mut assets = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let parts: i64 = steps.iter().map(|at| cents(&record[*at])).sum();
        let start = cents(&record[column("reference_price")]);
        let net = cents(&record[column("recovery_mean")]);
        assert_eq!(start + parts, net, "{}", &record[0]);
        assets += 1;
    }
    assert_eq!(assets, 619);
}

#[test]
fn printed_cents_add_up_to_the_printed_total() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    residua().args(["plan", SAMPLE, "--as-of", "2026-11", "-o"]).arg(&out).assert().success();
    let mut reader = csv::Reader::from_path(out.join("plan.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let total = column("scheduled_recovery_total");
    let cents: i64 = reader
        .records()
        .map(Result::unwrap)
        .map(|record| (record[total].parse::<f64>().unwrap_or(0.0) * 100.0).round() as i64)
        .sum();
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let printed = manifest["totals"]["recovery"]["expected"].as_str().unwrap();
    assert_eq!((printed.parse::<f64>().unwrap() * 100.0).round() as i64, cents);
}

#[test]
fn quantiles_are_in_order_and_finite_for_every_asset_and_month() {
    let csv = output_of(&["value", SAMPLE, "--as-of", "2026-11", "--horizon", "60", "--quiet"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        ["asset_id", "product", "month", "basis", "mean", "p10", "p50", "p90", "currency"]
    );
    for record in reader.records() {
        let record = record.unwrap();
        let number = |at: usize| record[at].parse::<f64>().unwrap();
        assert!(number(5) <= number(6) && number(6) <= number(7) && number(7).is_finite(), "{record:?}");
        assert!(number(4) > 0.0);
    }
}

#[test]
fn a_legal_hold_is_never_scheduled_and_a_lease_is_given_back() {
    let csv = output_of(&["plan", SAMPLE, "--as-of", "2026-11", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (mut held, mut leased) = (0, 0);
    for record in reader.records().map(Result::unwrap) {
        match &record[column("action")] {
            "hold" => {
                held += 1;
                assert_eq!(&record[column("month")], "");
            }
            "return lease" => {
                leased += 1;
                assert_eq!(&record[column("route")], "lease return");
                assert!(["2026-12", "2027-03"].contains(&&record[column("month")]));
            }
            _ => {}
        }
    }
    assert_eq!((held, leased), (3, 16));
}

#[test]
fn what_the_sample_has_lost_or_sold_is_left_out() {
    let csv = output_of(&["plan", SAMPLE, "--as-of", "2026-11", "--format", "csv"]);
    let left_out = csv.lines().filter(|line| line.contains(",leave out,")).count();
    assert_eq!(left_out, 8, "three missing or lost and five sold, as the sample's README says");
}

#[test]
fn an_idle_unit_is_told_to_go_now() {
    let folder = tempfile::tempdir().unwrap();
    let path = register(
        folder.path(),
        "asset_id,model,purchase_date,purchase_cost,currency,status\nA1,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock\n",
    );
    let csv = output_of(&["plan", path.to_str().unwrap(), "--as-of", "2026-11", "--format", "csv"]);
    assert!(csv.contains(",go,resell,2026-11,"), "{csv}");
}

#[test]
fn two_registers_of_one_unit_become_one_asset() {
    let exports = "tests/fixtures/exports";
    let summary = output_of(&[
        "plan",
        &format!("{exports}/servicenow_label_xlsx_as_csv.csv"),
        &format!("{exports}/netbox_devices_import.csv"),
        "--as-of",
        "2026-11",
        "--quiet",
    ]);
    assert!(summary.starts_with("4 rows in = 2 assets + 0 rejects + 2 merged"), "{summary}");
}

#[test]
fn the_currency_of_the_answer_can_be_chosen() {
    let total = |arguments: &[&str]| -> f64 {
        let json =
            output_of(&[&["plan", SAMPLE, "--as-of", "2026-11", "--format", "json"], arguments].concat());
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
        rows.iter().map(|row| row["recovery_total"].as_f64().unwrap_or(0.0)).sum()
    };
    let ratio = total(&[]) / total(&["--currency", "EUR"]);
    assert!((ratio - 1.0705).abs() < 0.001, "{ratio}");
}
