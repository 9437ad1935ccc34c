//! What a plan decides, and that it does not hang on accidents of the register.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{output_of, register};

const HEADER: &str = "asset_id,class,model,gpu,gpu_count,purchase_date,purchase_cost,currency,site,location,status,utilization\n";

/// The plan of a register, asset by asset and column by column.
fn plan(rows: &str, more: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), format!("{HEADER}{rows}"));
    let fixed = ["plan", path.to_str().unwrap(), "--format", "csv", "-q"];
    let as_of = if more.contains(&"--as-of") { &[][..] } else { &["--as-of", "2026-11"] };
    let csv = output_of(&[&fixed[..], as_of, more].concat());
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = headers.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
            (record[0].to_owned(), cells.collect())
        })
        .collect()
}

fn number(cells: &BTreeMap<String, String>, column: &str) -> f64 {
    cells[column].parse().unwrap()
}

#[test]
fn a_missing_cost_is_that_of_the_other_units_of_the_product() {
    let rows = "A,laptop,Dell Latitude 5430,,,2023-03-01,1429,USD,HQ,,In use,\n\
                B,laptop,Dell Latitude 5430,,,2023-03-01,,USD,HQ,,In use,\n";
    let plan = plan(rows, &[]);
    for column in ["action", "month", "window_start", "window_end", "value_now_mean", "recovery_mean"] {
        assert_eq!(plan["A"][column], plan["B"][column], "{column}");
    }
    assert_eq!(plan["B"]["reference_kind"], "usual cost here");
}

#[test]
fn an_unknown_load_is_the_usual_load_of_the_policy() {
    let rows = "A,server,Dell PowerEdge R7525,,,2021-08-01,16800,USD,HQ,,In use,0.4\n\
                B,server,Dell PowerEdge R7525,,,2021-08-01,16800,USD,HQ,,In use,\n";
    let plan = plan(rows, &[]);
    assert_eq!(plan["A"]["month"], plan["B"]["month"]);
}

#[test]
fn a_busier_server_is_never_let_go_earlier() {
    let rows: String = (1..=9)
        .map(|load| {
            format!("L{load},server,Dell PowerEdge R7525,,,2021-08-01,16800,USD,HQ,,In use,0.{load}\n")
        })
        .collect();
    let plan = plan(&rows, &[]);
    let months: Vec<&String> = plan.values().map(|cells| &cells["month"]).collect();
    assert!(months.windows(2).all(|pair| pair[0] <= pair[1]), "{months:?}");
}

#[test]
fn cards_that_stand_in_the_register_are_not_sold_a_second_time_in_their_node() {
    let node = "N,server,Supermicro SYS-4029GP-TVRT,Tesla V100 SXM2 32GB,8,2019-07-01,118000,USD,DC1,Rack A / U1,In use,0.5\n";
    let card = "C,gpu,Tesla V100 SXM2 32GB,,,2019-07-01,,USD,DC1,Rack A / U1,In use,0.5\n";
    let alone = plan(node, &[]);
    let with_cards = plan(&format!("{node}{card}"), &[]);
    assert!(number(&with_cards["N"], "value_now_p50") < number(&alone["N"], "value_now_p50"));
    assert_eq!(with_cards["N"]["basis"], "published");
}

#[test]
fn the_order_of_rows_does_not_change_what_they_are_worth() {
    let four = "A,server,Dell PowerEdge R750xa (4x A100 PCIe 40GB),,,2022-01-01,40000,USD,HQ,,In use,0.5\n";
    let none = "B,server,Dell PowerEdge R750xa,,,2022-01-01,40000,USD,HQ,,In use,0.5\n";
    let one = plan(&format!("{four}{none}"), &[]);
    let other = plan(&format!("{none}{four}"), &[]);
    for asset in ["A", "B"] {
        assert_eq!(one[asset]["value_now_p50"], other[asset]["value_now_p50"]);
    }
    assert_ne!(one["A"]["value_now_p50"], one["B"]["value_now_p50"]);
}

#[test]
fn a_price_seen_from_far_ahead_does_not_return_to_the_price_new() {
    let row = "A,gpu,GeForce RTX 3090,,,2021-11-01,1790,USD,HQ,,In use,0.5\n";
    let value = |as_of: &str| number(&plan(row, &["--as-of", as_of])["A"], "value_now_p50");
    let values: Vec<f64> = ["2026-11", "2030-11", "2034-11", "2040-11", "2045-11"].map(value).to_vec();
    assert!(values.windows(2).all(|pair| pair[0] > pair[1]), "{values:?}");
}

#[test]
fn what_is_kept_is_not_told_to_be_sold() {
    let row = "A,gpu,NVIDIA L40S,,,2024-02-01,8450,USD,HQ,,In use,0.9\n";
    let plan = plan(row, &[]);
    if plan["A"]["action"] == "keep" {
        assert!(!plan["A"]["reason"].contains("sell"), "{}", plan["A"]["reason"]);
        assert_eq!(plan["A"]["window_start"], "");
        assert_eq!(plan["A"]["recovery_total"], "");
    }
}
