//! `residua backtest`, and that what `fit` and `value` say afterwards is what it scored.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::path::Path;

use common::residua;
use residua::price::Models;

/// Ln price of a made-up product in a month: it ages, the market wavers, and it has a mind of its own.
fn ln_price(product: usize, month: usize) -> f64 {
    let (item, time) = (product as f64, month as f64);
    let market = 0.15 * (time / 5.0).sin();
    let own = 0.05 * (item * 1.7 + time * (0.3 + 0.05 * item)).sin();
    5.0 + 0.2 * item - 0.02 * time + market + own
}

fn month_name(month: usize) -> String {
    format!("{}-{:02}", 2020 + month / 12, month % 12 + 1)
}

/// Observations of twelve storage products over so many months; `price` may bend them.
fn market(months: std::ops::Range<usize>, price: impl Fn(usize, usize) -> f64) -> String {
    let mut text = String::from("date,class,product,price,currency,basis,grade,quantity,source\n");
    for product in 0..12 {
        for month in months.clone() {
            // Some months of some products are missing.
            if (product + month) % 11 != 0 {
                let price = price(product, month);
                writeln!(
                    text,
                    "{},storage,Drive {product},{price:.4},USD,sold,used,5,shop",
                    month_name(month)
                )
                .unwrap();
            }
        }
    }
    text
}

fn usual(product: usize, month: usize) -> f64 {
    ln_price(product, month).exp()
}

fn predictions(folder: &Path, name: &str, text: &str, arguments: &[&str]) -> Vec<Vec<String>> {
    let (file, out) = (folder.join(format!("{name}.csv")), folder.join(format!("{name}_predictions.csv")));
    std::fs::write(&file, text).unwrap();
    residua()
        .args(["backtest", "-q", "--predictions"])
        .arg(&out)
        .arg(&file)
        .args(arguments)
        .assert()
        .success();
    let mut reader = csv::Reader::from_path(out).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn no_forecast_knows_anything_later_than_its_origin() {
    let folder = tempfile::tempdir().unwrap();
    let before = predictions(folder.path(), "before", &market(0..48, usual), &[]);
    let bent = market(0..48, |product, month| {
        usual(product, month) * if month > 30 { 3.0 + product as f64 } else { 1.0 }
    });
    let after = predictions(folder.path(), "after", &bent, &[]);
    let last_untouched = month_name(30);
    let known = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        let early = rows.iter().filter(|row| row[0] <= last_untouched);
        // The outcome itself, column 8, may differ.
        early
            .map(|row| row.iter().enumerate().filter(|cell| cell.0 != 8).map(|cell| cell.1.clone()).collect())
            .collect()
    };
    assert!(known(&before).len() > 500);
    assert_eq!(known(&before), known(&after));
    assert_ne!(before, after);
}

#[test]
fn the_score_card_reads_the_same_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, market(0..40, usual)).unwrap();
    let print = |threads: &str| {
        let output = residua().args(["backtest", "-q", "--threads", threads]).arg(&file).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let card = print("1");
    assert_eq!(card, print("2"));
    insta::assert_snapshot!(card);
}

#[test]
fn value_after_fit_says_what_the_backtest_scored() {
    let folder = tempfile::tempdir().unwrap();
    let origin = 30;
    let scored = predictions(
        folder.path(),
        "all",
        &market(0..48, usual),
        &["--from", &month_name(origin), "--to", &month_name(origin)],
    );
    let past = folder.path().join("past.csv");
    std::fs::write(&past, market(0..origin + 1, usual)).unwrap();
    let models = folder.path().join("models");
    residua().args(["fit", "-q"]).arg(&past).arg("-o").arg(&models).assert().success();
    let fleet = folder.path().join("fleet.csv");
    std::fs::write(&fleet, "asset_id,class,model\nA-3,storage,Drive 3\n").unwrap();
    let output = residua()
        .args(["value", "-q", "--horizon", "12", "--as-of", &month_name(origin), "--models"])
        .arg(&models)
        .arg(&fleet)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let values: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut compared = 0;
    for row in scored.iter().filter(|row| row[1] == "Drive 3") {
        let value = values.iter().find(|value| value[2] == row[3]);
        let Some(value) = value else { continue };
        let (scored, said): (f64, f64) = (row[6].parse().unwrap(), value[6].parse().unwrap());
        // Values are printed in cents.
        assert!((scored - said).abs() < 0.006, "{}: scored {scored}, said {said}", row[3]);
        let width = |low: &str, high: &str| (high.parse::<f64>().unwrap() / low.parse::<f64>().unwrap()).ln();
        let (scored, said) = (width(&row[5], &row[7]), width(&value[5], &value[7]));
        assert!((said / scored - 1.0).abs() < 0.01, "{}: width {scored} and {said}", row[3]);
        compared += 1;
    }
    assert!(compared >= 3, "{compared} months compared");
}

#[test]
fn an_update_takes_newer_months_in_and_refuses_what_is_not_newer() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("past.csv"), market(0..30, usual)).unwrap();
    std::fs::write(path("new.csv"), market(30..33, usual)).unwrap();
    residua().args(["fit", "-q"]).arg(path("past.csv")).arg("-o").arg(path("old")).assert().success();
    let update = |file: &str, from: &str, to: &str| {
        residua()
            .args(["fit", "-q"])
            .arg(path(file))
            .arg("--update")
            .arg(path(from))
            .arg("-o")
            .arg(path(to))
            .output()
            .unwrap()
    };
    assert!(update("new.csv", "old", "new").status.success());
    let state = |models: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(path(models).join("storage.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["followed"][0].clone()
    };
    std::fs::write(path("whole.csv"), market(0..33, usual)).unwrap();
    residua().args(["fit", "-q"]).arg(path("whole.csv")).arg("-o").arg(path("whole")).assert().success();
    let (updated, refitted) = (state("new"), state("whole"));
    for (one, other) in
        updated["products"].as_array().unwrap().iter().zip(refitted["products"].as_array().unwrap())
    {
        assert_eq!(one["state"]["month"], other["state"]["month"], "{}", one["product"]);
        let last = |product: &serde_json::Value| {
            product["state"]["recent"].as_array().unwrap().last().unwrap().as_f64()
        };
        assert!((last(one).unwrap() - last(other).unwrap()).abs() < 1e-9, "{}", one["product"]);
    }
    let rate = |model: &serde_json::Value| {
        model["trend"]["rate"]["change"].as_f64().unwrap() / model["trend"]["rate"]["time"].as_f64().unwrap()
    };
    assert!((rate(&updated) - rate(&refitted)).abs() < 1e-9, "{} and {}", rate(&updated), rate(&refitted));
    let again = update("past.csv", "new", "never");
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing was"), "says why");
    assert!(!path("never").exists());
}

#[test]
fn the_few_prices_of_one_month_are_taken_in_where_their_source_had_many() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // More than 400 prices of the shop, then eleven.
    std::fs::write(path("past.csv"), market(0..60, usual)).unwrap();
    std::fs::write(path("new.csv"), market(60..61, usual)).unwrap();
    residua().args(["fit", "-q"]).arg(path("past.csv")).arg("-o").arg(path("old")).assert().success();
    let mut update = residua();
    update.arg("fit").arg(path("new.csv")).arg("--update").arg(path("old")).arg("-o").arg(path("new"));
    let said = String::from_utf8(update.assert().success().get_output().stderr.clone()).unwrap();
    assert!(said.contains("11 newer monthly prices taken in"), "{said}");
}

/// Runs fit, backtest and drill on a market file; they succeed or say a sentence, and no number is missing.
fn survives(name: &str, text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.csv");
    std::fs::write(&file, text).unwrap();
    let models = folder.path().join("models");
    let runs: [Vec<&std::ffi::OsStr>; 3] = [
        vec!["backtest".as_ref(), file.as_os_str()],
        vec!["backtest".as_ref(), "--drill".as_ref(), file.as_os_str()],
        vec!["fit".as_ref(), file.as_os_str(), "-o".as_ref(), models.as_os_str()],
    ];
    for arguments in runs {
        let output = residua().args(&arguments).output().unwrap();
        let (out, talk) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() || talk.contains("error: "), "{name} {arguments:?}: {talk}");
        for word in ["NaN", "inf", "panicked"] {
            assert!(!out.contains(word) && !talk.contains(word), "{name} {arguments:?}: {out}{talk}");
        }
    }
    if models.exists() {
        // A number that is none is written as null, which no model can be read from.
        Models::from_directory(&models).unwrap();
    }
}

#[test]
fn poor_markets_give_a_model_or_a_sentence() {
    let header = "date,class,product,price,currency,basis,grade,quantity,source\n";
    let rows = |line: &dyn Fn(usize) -> String, months: usize| {
        (0..months).map(line).fold(header.to_owned(), |text, row| text + &row + "\n")
    };
    survives("nothing", header);
    survives("one price", &rows(&|_| "2020-01,cpu,A,100,USD,sold,,1,x".into(), 1));
    survives(
        "one product",
        &rows(&|month| format!("{},cpu,A,{},USD,sold,,1,x", month_name(month), 100 - month), 40),
    );
    survives("one month", &rows(&|item| format!("2020-01,cpu,P{item},{},USD,sold,,1,x", 50 + item), 40));
    survives(
        "all equal",
        &rows(&|row| format!("{},cpu,P{},100,USD,sold,,1,x", month_name(row / 5), row % 5), 200),
    );
    survives("a price of zero", &rows(&|month| format!("{},cpu,A,0,USD,sold,,1,x", month_name(month)), 10));
    survives(
        "duplicates",
        &rows(&|row| format!("{},cpu,A,{},USD,sold,,1,x", month_name(row / 3), 100 - row / 3), 90),
    );
    survives(
        "two currencies",
        &rows(
            &|row| {
                let currency = if row % 2 == 0 { "USD" } else { "EUR" };
                format!("{},cpu,A,{},{currency},sold,,1,x", month_name(row / 2), 100 - row / 2)
            },
            60,
        ),
    );
    survives(
        "outliers",
        &rows(
            &|row| match row {
                0..120 => format!("{},cpu,P{},{},USD,sold,,5,x", month_name(row / 4), row % 4, 200 - row / 4),
                _ => format!("2021-06,cpu,P0,{},USD,sold,,1,x", 1e12),
            },
            10_120,
        ),
    );
    survives(
        "before its launch",
        &rows(
            &|row| {
                let card = ["GeForce RTX 4090", "GeForce RTX 4080", "Radeon RX 7900 XTX", "GeForce RTX 4070"]
                    [row % 4];
                format!("{},gpu,{card},{},USD,sold,,3,x", month_name(row / 4), 900 - row / 4)
            },
            80,
        ),
    );
}

#[test]
fn two_currencies_are_never_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let text = market(0..30, usual)
        + &market(0..30, |product, month| 1000.0 * usual(product, month))
            .replace("USD", "KRW")
            .lines()
            .skip(1)
            .fold(String::new(), |text, line| text + line + "\n");
    let rows = predictions(folder.path(), "two", &text, &[]);
    for row in &rows {
        let (median, actual): (f64, f64) = (row[6].parse().unwrap(), row[8].parse().unwrap());
        assert!((median / actual).ln().abs() < 1.0, "{row:?}");
    }
    assert!(rows.iter().any(|row| row[13] == "KRW") && rows.iter().any(|row| row[13] == "USD"));
}

#[test]
fn a_card_left_out_is_forecast_better_from_its_facts_than_from_the_others_share() {
    let folder = tempfile::tempdir().unwrap();
    residua().args(["simulate", "--seed", "3", "-o"]).arg(folder.path().join("sim")).assert().success();
    let output = residua()
        .args(["backtest", "-q", "--leave-out", "product", "--catalog"])
        .arg(folder.path().join("sim/catalog.csv"))
        .arg(folder.path().join("sim/market.csv"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let pinball = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.trim_start()[name.len()..].split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!(pinball("residua") < 0.9 * pinball("others' share"), "{text}");
}

#[test]
fn a_unit_is_valued_by_the_series_in_its_own_condition() {
    let folder = tempfile::tempdir().unwrap();
    let market = market(0..24, usual);
    let worn = market.lines().skip(1).fold(String::new(), |text, line| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        cells[3] = format!("{:.4}", 0.5 * cells[3].parse::<f64>().unwrap());
        text + &cells.join(",").replace("used", "C") + "\n"
    });
    let file = folder.path().join("market.csv");
    std::fs::write(&file, market.replace("used", "A") + &worn).unwrap();
    let models = folder.path().join("models");
    residua().args(["fit", "-q"]).arg(&file).arg("-o").arg(&models).assert().success();
    let fleet = folder.path().join("fleet.csv");
    std::fs::write(&fleet, "asset_id,class,model,grade\nA-1,storage,Drive 3,A\nA-2,storage,Drive 3,C\n")
        .unwrap();
    let output = residua()
        .args(["value", "-q", "--horizon", "3", "--as-of", &month_name(23), "--models"])
        .arg(&models)
        .arg(&fleet)
        .output()
        .unwrap();
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let medians: Vec<f64> = reader.records().map(|row| row.unwrap()[6].parse().unwrap()).collect();
    assert_eq!(medians.len(), 8, "two assets, four months");
    for (good, worn) in medians[..4].iter().zip(&medians[4..]) {
        assert!((worn / good - 0.5).abs() < 0.02, "{good} and {worn}");
    }
}

#[test]
fn of_several_brands_of_a_product_the_middle_one_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("date,class,product,price,currency,basis,source,brand\n");
    for (brand, level) in [("cheap", 50), ("usual", 100), ("dear", 300)] {
        for month in 0..12 {
            writeln!(text, "{},memory,Odd DIMM,{level},USD,asked,shop,{brand}", month_name(month)).unwrap();
        }
    }
    let file = folder.path().join("market.csv");
    std::fs::write(&file, text).unwrap();
    let models = folder.path().join("models");
    residua().args(["fit", "-q"]).arg(&file).arg("-o").arg(&models).assert().success();
    let output = residua()
        .args(["quote", "Odd DIMM", "-q", "--as-of", &month_name(11), "--models"])
        .arg(&models)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("median 100"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
