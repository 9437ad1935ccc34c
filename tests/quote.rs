//! `residua quote`, `explain`, `catalog`, `init` and `fit`, as the manual tells them.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::{failure_of, output_of, residua};

#[test]
fn a_name_a_number_and_a_month_give_the_five_second_answer() {
    insta::assert_snapshot!(output_of(&[
        "quote",
        "A100 SXM 80GB",
        "-n",
        "150",
        "--bought",
        "2023-06",
        "--as-of",
        "2026-11"
    ]));
}

#[test]
fn a_product_with_dated_comparables_shows_three_of_them() {
    let answer = output_of(&[
        "quote",
        "PowerEdge R730",
        "--cost",
        "6000",
        "--bought",
        "2016-03",
        "--as-of",
        "2026-11",
    ]);
    assert!(answer.contains("comparables   "), "{answer}");
    assert!(!answer.contains("comparables   none"), "{answer}");
}

#[test]
fn a_better_grade_is_worth_more() {
    let worth = |grade: &str| -> f64 {
        let answer = output_of(&["quote", "RTX 3080", "--grade", grade, "--as-of", "2026-11"]);
        let line = answer.lines().find(|line| line.starts_with("worth now")).unwrap();
        line.split_whitespace().nth(2).unwrap().replace(',', "").parse().unwrap()
    };
    assert!(worth("A") > worth("B") && worth("B") > worth("C") && worth("C") > worth("parts"));
}

#[test]
fn a_name_that_could_be_several_products_names_them() {
    let (code, message) = failure_of(&["quote", "Tesla V100"]);
    assert_eq!(code, 1);
    assert!(message.contains("could be") && message.contains("SXM2"), "{message}");
}

#[test]
fn explain_says_why_in_parts_that_add_up() {
    insta::assert_snapshot!(output_of(&[
        "explain",
        "data/samples/fleet.csv",
        "NWA-10599",
        "--as-of",
        "2026-11"
    ]));
}

#[test]
fn explain_draws_a_picture() {
    let svg = output_of(&["explain", "data/samples/fleet.csv", "NWA-10599", "--svg", "--as-of", "2026-11"]);
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
}

#[test]
fn an_asset_that_is_not_in_the_register_is_a_sentence() {
    let (code, message) = failure_of(&["explain", "data/samples/fleet.csv", "NOPE"]);
    assert_eq!(code, 1);
    assert!(message.contains("no asset has the tag or serial `NOPE`"), "{message}");
}

#[test]
fn the_catalog_knows_a_product_by_a_messy_name() {
    let facts = output_of(&["catalog", "DELL PE R740XD 24SFF 2x6148"]);
    assert!(facts.starts_with("Dell PowerEdge R740xd"), "{facts}");
    assert!(facts.contains("source"), "{facts}");
}

#[test]
fn init_writes_a_policy_that_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("residua.toml");
    residua().arg("init").arg(&policy).assert().success();
    residua().arg("init").arg(&policy).assert().code(1);
    let plain = ["quote", "RTX 3080", "--as-of", "2026-11"];
    let with_policy = [&plain[..], &["--policy", policy.to_str().unwrap()]].concat();
    assert_eq!(output_of(&plain), output_of(&with_policy));
}

#[test]
fn models_are_fitted_from_observations_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let market = folder.path().join("market.csv");
    let mut rows = String::from("date,class,product,price,currency,basis,source\n");
    for (product, list) in
        [("GeForce RTX 3080", 699.0), ("GeForce RTX 3070", 499.0), ("GeForce RTX 3090", 1499.0)]
    {
        for month in 0..24 {
            let price = list * 0.97_f64.powi(month) * (1.0 + 0.01 * f64::from((month * 7) % 5 - 2));
            let date = format!("{}-{:02}", 2022 + month / 12, month % 12 + 1);
            rows.push_str(&format!("{date},gpu,{product},{price:.2},USD,sold,my sales\n"));
        }
    }
    std::fs::write(&market, rows).unwrap();
    let models = folder.path().join("models");
    residua().arg("fit").arg(&market).arg("-o").arg(&models).assert().success();
    let answer =
        output_of(&["quote", "RTX 3080", "--as-of", "2024-03", "--models", models.to_str().unwrap()]);
    let line = answer.lines().find(|line| line.starts_with("worth now")).unwrap();
    let worth: f64 = line.split_whitespace().nth(2).unwrap().replace(',', "").parse().unwrap();
    assert!((250.0..450.0).contains(&worth), "{answer}");
    assert!(answer.contains("sales: 24 monthly prices"), "{answer}");
}

#[test]
fn observations_of_nothing_known_fit_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let market = folder.path().join("market.csv");
    std::fs::write(&market, "date,product,price\n2024-01,Toaster,20\n").unwrap();
    let models = folder.path().join("models");
    let (code, message) = failure_of(&["fit", market.to_str().unwrap(), "-o", models.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("nothing was written"), "{message}");
    assert!(!models.exists());
}

#[test]
fn the_same_answer_comes_as_a_table_for_other_programs() {
    let quote = ["quote", "RTX 3080", "--as-of", "2026-11", "--format"];
    let csv = output_of(&[&quote[..], &["csv"]].concat());
    let json: serde_json::Value =
        serde_json::from_str(&output_of(&[&quote[..], &["json"]].concat())).unwrap();
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(csv.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 25, "this month and the next 24");
    assert_eq!(json.as_array().unwrap().len(), 25);
    assert_eq!(json[0]["month"], "2026-11");
}
