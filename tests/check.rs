//! `residua check`: several exports of one fleet, what is wrong with them, and what that costs.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{files_below, output_of, register, residua};

const ITAM: &str = "tests/fixtures/two_sources/itam.csv";
const INTUNE: &str = "tests/fixtures/two_sources/intune.csv";
const SAMPLE: &str = "data/samples/fleet.csv";

fn table(contents: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(contents);
    let headers = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (headers, rows)
}

fn cents(text: &str) -> i64 {
    (text.parse::<f64>().unwrap_or(0.0) * 100.0).round() as i64
}

#[test]
fn two_sources_of_one_fleet_give_a_page_that_a_newcomer_can_read() {
    let page = output_of(&["check", ITAM, INTUNE, "--as-of", "2026-11", "--quiet"]);
    for line in page.lines() {
        assert!(line.chars().count() <= 80, "too long to read: {line}");
    }
    insta::assert_snapshot!(page);
}

#[test]
fn the_files_hold_every_asset_and_the_fixes_add_up_to_what_the_findings_cost() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("checked");
    residua().args(["check", SAMPLE, "--as-of", "2026-11", "--quiet", "-o"]).arg(&out).assert().success();
    let files = files_below(&out);
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "calendar.csv",
        "conflicts.csv",
        "findings.csv",
        "fixes.csv",
        "joins.csv",
        "register.csv",
        "rejects.csv",
        "review.csv",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(table(&files["register.csv"]).1.len(), 619);
    let sum = |file: &str, column: &str| -> i64 {
        let (headers, rows) = table(&files[file]);
        let at = headers.iter().position(|header| header == column).unwrap();
        rows.iter().map(|row| cents(&row[at])).sum()
    };
    // Every priced code of the sample is settled by some fix, so what the fixes add is what the findings cost.
    assert!(sum("findings.csv", "cost_high") > 100_000);
    assert_eq!(sum("findings.csv", "cost_low"), sum("fixes.csv", "adds_low"));
    assert_eq!(sum("findings.csv", "cost_high"), sum("fixes.csv", "adds_high"));
}

#[test]
fn a_plan_tells_the_best_fix_and_its_findings_carry_the_same_money() {
    let folder = tempfile::tempdir().unwrap();
    let (checked, planned) = (folder.path().join("checked"), folder.path().join("planned"));
    residua().args(["check", SAMPLE, "--as-of", "2026-11", "-q", "-o"]).arg(&checked).assert().success();
    let plan =
        residua().args(["plan", SAMPLE, "--as-of", "2026-11", "-q", "-o"]).arg(&planned).assert().success();
    let summary = String::from_utf8(plan.get_output().stdout.clone()).unwrap();
    assert!(summary.contains("settles") && summary.contains("worth"), "{summary}");
    let total = |folder: &std::path::Path| -> i64 {
        let (headers, rows) = table(&std::fs::read(folder.join("findings.csv")).unwrap());
        let at = headers.iter().position(|header| header == "cost_high").unwrap();
        rows.iter().map(|row| cents(&row[at])).sum()
    };
    assert_eq!(total(&checked), total(&planned));
}

#[test]
fn the_joined_register_is_itself_a_register_that_gives_the_same_plan() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("checked");
    residua().args(["check", ITAM, INTUNE, "--as-of", "2026-11", "-q", "-o"]).arg(&out).assert().success();
    let joined = out.join("register.csv").display().to_string();
    let recoveries = |arguments: &[&str]| -> Vec<(String, String, String)> {
        let csv = output_of(&[arguments, &["--as-of", "2026-11", "--format", "csv", "-q"]].concat());
        let (headers, rows) = table(csv.as_bytes());
        let at = |name: &str| headers.iter().position(|header| header == name).unwrap();
        let cell = |row: &Vec<String>, name: &str| row[at(name)].clone();
        rows.iter()
            .map(|row| (cell(row, "asset_id"), cell(row, "action"), cell(row, "recovery_mean")))
            .collect()
    };
    assert_eq!(recoveries(&["plan", &joined]), recoveries(&["plan", ITAM, INTUNE]));
}

#[test]
fn a_formula_in_a_register_leaves_as_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = register(
        folder.path(),
        "asset_id,model,purchase_date,status,last_seen\n=cmd|' /C calc'!A0,Dell Latitude 5430,2022-08-15,Missing,2023-01-01\n",
    );
    let out = folder.path().join("checked");
    residua().arg("check").arg(&path).args(["--as-of", "2026-11", "-q", "-o"]).arg(&out).assert().success();
    for (name, contents) in files_below(&out) {
        let (_, rows) = table(&contents);
        assert!(rows.iter().flatten().all(|cell| !cell.starts_with('=')), "{name}");
    }
}

#[test]
fn the_same_exports_give_the_same_bytes_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, threads: &str| {
        let out = folder.path().join(name);
        let arguments = ["check", SAMPLE, "--as-of", "2026-11", "-q", "--threads", threads, "-o"];
        residua().args(arguments).arg(&out).assert().success();
        files_below(&out)
    };
    assert!(run("one", "1") == run("three", "3"));
}

#[test]
fn fixes_leave_as_csv_and_json() {
    let csv = output_of(&["check", ITAM, "--as-of", "2026-11", "-q", "--format", "csv"]);
    let (headers, rows) = table(csv.as_bytes());
    assert_eq!((headers[0].as_str(), headers[1].as_str()), ("rank", "fix"));
    let json = output_of(&["check", ITAM, "--as-of", "2026-11", "-q", "--format", "json"]);
    let fixes: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(fixes.as_array().unwrap().len(), rows.len());
}

#[test]
fn the_page_of_data_quality_tells_every_code() {
    let page = std::fs::read_to_string("docs/data-quality.md").unwrap();
    for (code, title) in residua::fleet::CHECKS {
        assert!(page.contains(&format!("| {code} | ")), "{code}: {title}");
    }
}
