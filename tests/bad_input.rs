//! Bad input gives a sentence that says where and what to do, exit 1 (usage: 2), and no output directory.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::{failure_of, register};

/// Runs `plan` on a register of these bytes and returns the complaint.
fn complaint(contents: impl AsRef<[u8]>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), contents);
    let out = folder.path().join("out");
    let (code, message) =
        failure_of(&["plan", path.to_str().unwrap(), "--as-of", "2026-11", "-o", out.to_str().unwrap()]);
    assert_eq!(code, 1, "{message}");
    assert!(!out.exists(), "an output directory was left behind");
    assert!(message.starts_with("error: ") && !message.contains("panicked"), "{message}");
    message
}

const HEADER: &str = "asset_id,model,purchase_date,purchase_cost,currency\n";

fn row_complaint(row: &str) -> String {
    complaint(format!("{HEADER}{row}\n"))
}

#[test]
fn an_empty_file() {
    assert!(complaint("").contains("is empty"));
}

#[test]
fn a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let (code, message) = failure_of(&["plan", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("is a directory: name the register file"), "{message}");
}

#[test]
fn a_file_that_is_not_there() {
    let (code, message) = failure_of(&["plan", "no/such/register.csv"]);
    assert_eq!(code, 1);
    assert!(message.contains("cannot read no/such/register.csv"), "{message}");
}

#[test]
fn a_binary() {
    assert!(complaint(b"\x7fELF\x02\x01\x01\0\0\0").contains("zero byte at offset 7"));
    assert!(complaint(b"PK\x03\x04\x14\0").contains("is a damaged zip archive"));
}

#[test]
fn a_header_alone() {
    assert!(complaint(HEADER).contains("has a header and no rows"));
}

#[test]
fn no_column_that_is_known() {
    assert!(complaint("colour,shape\nred,round\n").contains("none of the columns is known (colour, shape)"));
}

#[test]
fn a_row_too_short_and_a_row_too_long() {
    let short = row_complaint("A1,Latitude 5430");
    assert!(short.contains("line 2") && short.contains("too short: 2 cells under 5 headers"), "{short}");
    let long = row_complaint("A1,Latitude 5430,2022-01-01,100,USD,extra");
    assert!(long.contains("too long: 6 cells under 5 headers"), "{long}");
}

#[test]
fn an_impossible_date() {
    let message = row_complaint("A1,Latitude 5430,2022-02-30,100,USD");
    assert!(message.contains("line 2, column purchase_date: `2022-02-30`"), "{message}");
    assert!(message.contains("write the date as YYYY-MM-DD"), "{message}");
}

#[test]
fn a_negative_price_and_one_beyond_all_numbers() {
    assert!(row_complaint("A1,Latitude 5430,2022-01-01,-500,USD").contains("a price cannot be negative"));
    assert!(row_complaint("A1,Latitude 5430,2022-01-01,1e309,USD").contains("too large to be a price"));
}

#[test]
fn a_currency_without_a_rate() {
    let message = row_complaint("A1,Latitude 5430,2022-01-01,100,ZZZ");
    assert!(message.contains("no exchange rate") && message.contains("[exchange_rates]"), "{message}");
    let (code, message) = failure_of(&["quote", "RTX 3080", "--currency", "ZZZ"]);
    assert_eq!(code, 1);
    assert!(message.contains("no exchange rate for ZZZ"), "{message}");
}

#[test]
fn an_as_of_month_before_every_purchase() {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), format!("{HEADER}A1,Latitude 5430,2022-08-15,100,USD\n"));
    let (code, message) = failure_of(&["plan", path.to_str().unwrap(), "--as-of", "2010-01"]);
    assert_eq!(code, 1);
    assert!(message.contains("2010-01 is before every purchase (the first is 2022-08)"), "{message}");
    let (code, message) = failure_of(&["plan", "data/samples/fleet.csv", "--as-of", "2010-01"]);
    assert_eq!(code, 1, "{message}");
}

#[test]
fn a_good_row_beside_a_bad_one_is_planned_and_the_bad_one_listed() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "A1,Latitude 5430,2022-08-15,1389,USD\nA2,Latitude 5430,2022-02-30,1389,USD\n";
    let path = register(folder.path(), format!("{HEADER}{rows}"));
    let output = common::output_of(&["plan", path.to_str().unwrap(), "--as-of", "2026-11", "-q"]);
    assert!(output.starts_with("2 rows in = 1 asset + 1 reject + 0 merged"), "{output}");
    assert!(output.contains("`2022-02-30` is not a day of the calendar"), "{output}");
}

#[test]
fn wrong_usage_is_exit_two() {
    for arguments in [
        &["plan"][..],
        &["plan", "x.csv", "--as-of", "2026-13"],
        &["plan", "x.csv", "--threads", "0"],
        &["quote", "RTX 3080", "-n", "0"],
        &["quote", "RTX 3080", "--grade", "Z"],
        &["value", "x.csv", "--horizon", "9999"],
        &["no-such-command"],
        &[],
    ] {
        let (code, message) = failure_of(arguments);
        assert_eq!(code, 2, "{arguments:?}: {message}");
    }
}

#[test]
fn an_output_directory_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("thesis");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("chapter1.txt"), "dear reader").unwrap();
    let (code, message) =
        failure_of(&["plan", "data/samples/fleet.csv", "--as-of", "2026-11", "-o", out.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("name another directory"), "{message}");
    assert_eq!(std::fs::read_to_string(out.join("chapter1.txt")).unwrap(), "dear reader");
}

#[test]
fn a_policy_with_a_misspelt_name_and_models_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("residua.toml");
    std::fs::write(&policy, "[resell]\nshar = 0.7\n").unwrap();
    let (code, message) = failure_of(&["quote", "RTX 3080", "--policy", policy.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("shar"), "{message}");
    let (code, message) = failure_of(&["quote", "RTX 3080", "--models", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("holds no CLASS.json"), "{message}");
    std::fs::write(folder.path().join("gpu.json"), "{\"format\": 99}").unwrap();
    let (_, message) = failure_of(&["quote", "RTX 3080", "--models", folder.path().to_str().unwrap()]);
    assert!(message.contains("has format 99"), "{message}");
}
