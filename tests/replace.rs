//! `residua replace`: what a purchase displaces, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{failure_of, files_below, output_of, register};
use serde_json::Value;

const SAMPLE: &str = "data/samples/fleet.csv";
const HEADER: &str = "asset_id,class,model,status,purchase_date,purchase_cost,currency,site,utilization,ownership,\
                      lease_end,quantity,notes\n";

/// Sixteen cards in use and what cannot leave for a card.
const CARDS: &str = "A1,gpu,A100 SXM4 80GB,In use,2021-09-15,14800,USD,Austin,0.7,owned,,10,\n\
                     A2,gpu,A100 SXM4 80GB,In use,2022-03-15,14800,USD,Berlin,0.7,owned,,6,\n\
                     A3,gpu,A100 SXM4 80GB,In stock,2021-09-15,14800,USD,Austin,0,owned,,2,\n\
                     A4,gpu,A100 SXM4 80GB,Legal hold,2021-09-15,14800,USD,Austin,0.7,owned,,1,\n\
                     A5,gpu,A100 SXM4 80GB,Missing,2021-09-15,14800,USD,Austin,0.7,owned,,1,\n\
                     A6,gpu,A100 SXM4 80GB,In use,2021-09-15,,USD,Austin,0.7,leased,2029-06-30,3,\n\
                     A7,gpu,H100 SXM5 80GB,In use,2023-09-15,30000,USD,Austin,0.7,owned,,1,\n\
                     A8,gpu,GeForce RTX 3090,In use,2021-09-15,1500,USD,Austin,0.7,owned,,1,\n\
                     A9,laptop,Dell Latitude 5430,In use,2022-09-15,1400,USD,Austin,,owned,,1,\n";

/// The answer for a register, as JSON.
fn answer(folder: &Path, rows: &str, with: &str, quantity: u32, more: &[&str]) -> Value {
    let path = register(folder, format!("{HEADER}{rows}"));
    let quantity = quantity.to_string();
    let mut arguments = vec!["replace", path.to_str().unwrap(), "--with", with, "--quantity", &quantity];
    arguments.extend(["--as-of", "2026-11", "--format", "json", "-q"]);
    arguments.extend(more);
    serde_json::from_str(&output_of(&arguments)).unwrap()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}

fn cents(value: &Value) -> i64 {
    (number(value) * 100.0).round() as i64
}

/// Units that stay, by reason.
fn staying(answer: &Value) -> Vec<(String, u64)> {
    let reasons = answer["answer"]["staying"].as_array().unwrap();
    let of =
        |reason: &Value| (reason["because"].as_str().unwrap().to_owned(), reason["units"].as_u64().unwrap());
    reasons.iter().map(of).collect()
}

fn lines(answer: &Value) -> &Vec<Value> {
    answer["lines"].as_array().unwrap()
}

#[test]
fn the_disposition_plan_of_the_sample_reads_at_a_glance_within_eighty_columns() {
    let arguments =
        ["replace", SAMPLE, "--with", "H100 SXM5 80GB", "--quantity", "20", "--arrives", "2027-03"];
    let text = output_of(&[arguments.as_slice(), &["--as-of", "2026-11", "-q"]].concat());
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn only_older_units_of_the_line_that_are_in_use_and_free_to_go_leave() {
    let folder = folder();
    let found = answer(folder.path(), CARDS, "H100 SXM5 80GB", 20, &["--arrives", "2027-03"]);
    let leaving: Vec<_> = lines(&found).iter().map(|line| line["asset_ids"].as_str().unwrap()).collect();
    assert_eq!(leaving.len(), 2, "{leaving:?}");
    assert!(leaving.contains(&"A1 (10)") && leaving.contains(&"A2 (6)"), "{leaving:?}");
    let expected = [
        ("leased beyond the arrival", 3),
        ("not in use: nothing has to take its place", 2),
        ("no older than what arrives", 1),
        ("legal hold", 1),
        ("missing", 1),
        ("another line of cards, or a server without cards", 1),
    ];
    let expected = expected.map(|(because, units)| (because.to_owned(), units));
    assert_eq!(staying(&found), expected);
}

#[test]
fn work_is_load_over_target_load_over_the_gain_in_throughput() {
    let folder = folder();
    let found = answer(folder.path(), CARDS, "H100 SXM5 80GB", 20, &["--arrives", "2027-03"]);
    // A load of 0.7 is the target; 19.49 TFLOPS against 66.91.
    for line in lines(&found) {
        assert!((number(&line["newcomers_each"]) - 19.49 / 66.91).abs() < 1e-4);
        assert_eq!(line["compared_by"], "FP32 throughput");
    }
    let unused = number(&found["answer"]["newcomers_unused"]);
    assert!((unused - (20.0 - 16.0 * 19.49 / 66.91)).abs() < 1e-3, "{unused}");
}

#[test]
fn servers_are_compared_by_generations_and_laptops_go_one_for_one() {
    let folder = folder();
    let rows = "S1,server,Dell PowerEdge R740xd,In use,2019-05-15,14900,USD,Austin,0.35,owned,,4,\n\
                L1,laptop,Dell Latitude 5400,In use,2019-08-15,1189,USD,Austin,,owned,,5,\n\
                L2,laptop,MacBook Pro 14 M1 Pro,In use,2022-02-15,1999,USD,Austin,,owned,,2,\n";
    let found = answer(folder.path(), rows, "Dell PowerEdge R760", 1, &[]);
    let line = &lines(&found)[0];
    // Half the target load, and the gain of a generation twice: 1.25².
    assert_eq!(line["compared_by"], "2 generations", "{line}");
    assert!((number(&line["newcomers_each"]) - 0.5 / 1.5625).abs() < 1e-4);
    assert_eq!((line["units"].as_u64(), line["units_of_cohort"].as_u64()), (Some(3), Some(4)));
    let found = answer(folder.path(), rows, "Dell Latitude 5450", 3, &[]);
    let line = &lines(&found)[0];
    assert_eq!((line["units"].as_u64(), line["compared_by"].as_str()), (Some(3), Some("one for one")));
    let expected = [
        ("next in line: the purchase is used up".to_owned(), 2),
        ("of another platform: Apple for Apple only".to_owned(), 2),
    ];
    assert_eq!(staying(&found), expected);
}

#[test]
fn lines_add_up_to_the_totals_to_the_cent_and_causes_to_what_a_delay_costs() {
    let out = folder();
    let folder = out.path().join("out");
    let arguments =
        ["replace", SAMPLE, "--with", "H100 SXM5 80GB", "--quantity", "12", "--arrives", "2027-03"];
    let more = ["--as-of", "2026-11", "--format", "json", "-q", "-o", folder.to_str().unwrap()];
    let found: Value = serde_json::from_str(&output_of(&[arguments.as_slice(), &more].concat())).unwrap();
    let sum = |column: &str| -> i64 {
        lines(&found).iter().filter(|line| !line[column].is_null()).map(|line| cents(&line[column])).sum()
    };
    let total = &found["answer"];
    assert_eq!(sum("value_total"), cents(&total["value"]["expected"]));
    assert_eq!(sum("recovery_total"), cents(&total["recovery"]["expected"]));
    assert_eq!(sum("corporate_book_value"), cents(&total["books"][0]["value"]));
    assert_eq!(sum("corporate_gain"), cents(&total["books"][0]["gain"]));
    for delay in ["late_arrival", "late_disposal"] {
        let causes = total[delay]["causes"].as_array().unwrap();
        let sum: i64 = causes.iter().map(|cause| cents(&cause["cost"])).sum();
        assert_eq!(sum, cents(&total[delay]["expected"]), "{delay}");
    }
    // Quantiles of a sum of what moves together, but not wholly so, lie inside the sums of the quantiles.
    let p10: f64 = lines(&found).iter().map(|line| number(&line["recovery_p10"])).sum();
    assert!(number(&total["recovery"]["p10"]) > p10);
    let files = files_below(&folder);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["manifest.json", "replace.csv", "replace.html", "tasks.csv"]);
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["answer"]["recovery"], total["recovery"]);
}

#[test]
fn more_of_them_never_displace_less_work_and_never_more_than_they_do() {
    let mut before = 0.0;
    for quantity in [1, 2, 3, 5, 9, 14] {
        let folder = folder();
        let found = answer(folder.path(), CARDS, "H100 SXM5 80GB", quantity, &["--arrives", "2027-03"]);
        let used = number(&found["answer"]["newcomers_used"]);
        assert!(used >= before && used <= f64::from(quantity) + 1e-4, "{quantity}: {used} after {before}");
        before = used;
    }
}

#[test]
fn the_same_bytes_come_out_at_any_number_of_threads() {
    let out = folder();
    let files = |threads: &str| {
        let folder = out.path().join(threads);
        let arguments = ["replace", SAMPLE, "--with", "R760", "--quantity", "12", "--arrives", "2027-06"];
        let more = ["--as-of", "2026-11", "-q", "--threads", threads, "-o", folder.to_str().unwrap()];
        (output_of(&[arguments.as_slice(), &more].concat()), files_below(&folder))
    };
    assert_eq!(files("1"), files("4"));
}

#[test]
fn a_site_hands_over_what_its_capacity_allows_and_what_waits_is_worth_less() {
    let folder = folder();
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, "[capacity]\nAustin = 4\n").unwrap();
    let more = ["--arrives", "2027-03", "--policy", policy.to_str().unwrap()];
    let rows = CARDS.lines().next().unwrap();
    let found = answer(folder.path(), &format!("{rows}\n"), "H100 SXM5 80GB", 20, &more);
    let months: Vec<_> = lines(&found)
        .iter()
        .map(|line| (line["hand_over"].as_str().unwrap(), line["units"].as_u64().unwrap()))
        .collect();
    assert_eq!(months, [("2027-03", 4), ("2027-04", 4), ("2027-05", 2)]);
    let nets: Vec<f64> = lines(&found).iter().map(|line| number(&line["recovery_each"])).collect();
    assert!(nets[0] > nets[1] && nets[1] > nets[2], "{nets:?}");
}

#[test]
fn a_lease_that_ends_before_the_arrival_goes_back_first_and_the_gap_is_told() {
    let folder = folder();
    let rows = "L1,laptop,Dell Latitude 5400,In use,2019-08-15,1189,USD,Austin,,owned,,5,\n\
                L2,laptop,Dell Latitude 5420,In use,2021-08-15,,USD,Austin,,leased,2027-01-31,2,\n";
    let found = answer(folder.path(), rows, "Dell Latitude 5450", 4, &["--arrives", "2027-03"]);
    let first = &lines(&found)[0];
    assert_eq!(
        (first["route"].as_str(), first["hand_over"].as_str()),
        (Some("lease return"), Some("2027-01"))
    );
    assert!(first["value_total"].is_null() && first["corporate_gain"].is_null());
    let tasks = found["tasks"].as_array().unwrap();
    let lease = tasks.iter().find(|task| task["task"] == "lease").unwrap();
    assert_eq!(lease["day"], "2027-01-31");
    assert!(lease["what"].as_str().unwrap().contains("2 months before the newcomers arrive"), "{lease}");
}

#[test]
fn an_arrival_a_quarter_later_moves_every_hand_over_and_loses_money_on_cards_that_fall() {
    let folder = folder();
    let found = |arrives: &str| answer(folder.path(), CARDS, "H100 SXM5 80GB", 3, &["--arrives", arrives]);
    let (soon, late) = (found("2027-03"), found("2027-06"));
    let of = |found: &Value| number(&found["answer"]["recovery"]["expected"]);
    let fall = of(&soon) - of(&late);
    let told = &soon["answer"]["late_disposal"]["causes"];
    let price = told.as_array().unwrap().iter().find(|cause| cause["cause"] == "fall of the price").unwrap();
    // The same fall, discounted over seven months.
    assert!(
        fall > 0.0 && (number(&price["cost"]) / fall / 1.08_f64.powf(-7.0 / 12.0) - 1.0).abs() < 0.02,
        "{fall} {price}"
    );
}

#[test]
fn nothing_to_displace_is_an_answer() {
    let folder = folder();
    let path = register(folder.path(), format!("{HEADER}{CARDS}"));
    let arguments =
        ["replace", path.to_str().unwrap(), "--with", "Dell PowerEdge R760", "--quantity", "2", "-q"];
    let text = output_of(&[arguments.as_slice(), &["--as-of", "2026-11"]].concat());
    assert!(text.contains("Nothing in use can leave for them"), "{text}");
}

#[test]
fn an_order_that_makes_no_sense_is_refused_with_what_would() {
    let refused = |more: &[&str]| failure_of(&[&["replace", SAMPLE, "--as-of", "2026-11"], more].concat());
    let of = |with: &str, quantity: &str, more: &[&str]| {
        refused(&[&["--with", with, "--quantity", quantity], more].concat())
    };
    let (code, message) = of("H100 SMX9 80GB", "3", &[]);
    assert_eq!(code, 1);
    assert!(message.contains("unknown product `H100 SMX9 80GB`; did you mean `NVIDIA H100"), "{message}");
    assert_eq!(of("H100 SXM5 80GB", "0", &[]).0, 2);
    let (code, message) = of("H100 SXM5 80GB", "3", &["--arrives", "2026-10"]);
    assert_eq!(code, 2);
    assert!(message.contains("2026-10 is before 2026-11"), "{message}");
    let (code, message) = of("H100 SXM5 80GB", "3", &["--arrives", "2036-01"]);
    assert_eq!(code, 2);
    assert!(message.contains("2036-01 is beyond 2031-11"), "{message}");
    let (code, message) = of("H100 SXM5 80GB", "3", &["--site", "Ostin"]);
    assert_eq!(code, 1);
    assert!(message.contains("did you mean `Austin`?"), "{message}");
    let (code, message) = of("H100 SXM5 80GB", "3", &["--price", "-5"]);
    assert_eq!(code, 2);
    assert!(message.contains("above 0"), "{message}");
}
