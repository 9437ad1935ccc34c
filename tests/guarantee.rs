//! `residua guarantee`: what it costs to promise a value, and how much a unit carries as a pledge.

#![allow(clippy::unwrap_used)]

mod common;

use common::{failure_of, output_of};

const PROMISE: [&str; 8] =
    ["guarantee", "RTX 3080", "--strike", "250", "--month", "2028-11", "--as-of", "2026-11"];

#[test]
fn a_promise_and_the_loans_a_unit_carries_read_at_a_glance() {
    let text = output_of(&[&PROMISE[..], &["--exercise", "monthly"]].concat());
    insta::assert_snapshot!(text);
}

fn lines(arguments: &[&str]) -> Vec<serde_json::Value> {
    let text = output_of(&[&PROMISE[..], &["--format", "json"], arguments].concat());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_table_holds_a_line_a_month_and_the_promise_of_each() {
    let lines = lines(&[]);
    assert_eq!(lines.len(), 25);
    let number = |line: &serde_json::Value, name: &str| line[name].as_f64().unwrap();
    for line in &lines {
        let premium = number(line, "fair_premium");
        assert!(premium <= number(line, "expected_payment") + 0.01);
        assert!(number(line, "payment_when_paid") >= number(line, "expected_payment") - 0.01);
    }
    let first = number(&lines[0], "value_at_quantile");
    assert!(number(&lines[24], "value_at_quantile") < first);
}

#[test]
fn a_lender_who_bears_more_luck_lends_more() {
    let careful = lines(&["--quantile", "0.05"]);
    let bold = lines(&["--quantile", "0.30"]);
    for (careful, bold) in careful.iter().zip(&bold) {
        let lent = |line: &serde_json::Value| line["value_at_quantile"].as_f64().unwrap();
        assert!(lent(careful) < lent(bold));
    }
}

#[test]
fn what_cannot_be_promised_is_a_sentence() {
    let said =
        |arguments: &[&str]| failure_of(&[&["guarantee"], arguments, &["--as-of", "2026-11"]].concat());
    let (code, text) = said(&["RTX 3080", "--strike", "0", "--month", "2027-11"]);
    assert!(code == 2 && text.contains("promises nothing"), "{code} {text}");
    let (code, text) = said(&["RTX 3080", "--strike", "5", "--month", "2026-10"]);
    assert!(code == 2 && text.contains("before 2026-11"), "{code} {text}");
    let (code, text) = said(&["RTX 3080", "--strike", "5", "--month", "2099-01"]);
    assert!(code == 2 && text.contains("horizon_months"), "{code} {text}");
    let (code, text) = said(&["Frobnicator 9", "--strike", "5", "--month", "2027-11"]);
    assert!(code == 1 && text.contains("Frobnicator 9"), "{code} {text}");
    let (code, _) = said(&["RTX 3080", "--month", "2027-11"]);
    assert_eq!(code, 2, "a promise needs a strike");
}
