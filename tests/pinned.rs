//! Every figure of a small world stays what it was: models fitted to invented sales, a score card, and what is planned, asked
//! and promised for some units of the sample. Whoever changes a formula on purpose writes the files anew with
//! `RESIDUA_UPDATE_PINNED=1 cargo test --test pinned` and reads the difference.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{output_of, residua};

/// How far a figure may move: fits end where an optimiser stops, and processors round differently.
const FITTED: f64 = 1e-3;
/// Of what is computed from given models; amounts are printed to the cent.
const COMPUTED: f64 = 1e-6;

/// A text cut into what is a number and what is not.
fn pieces(text: &str) -> Vec<&str> {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let bytes = text.as_bytes();
    let mut cuts = vec![0];
    cuts.extend((1..bytes.len()).filter(|at| is_of_number(bytes[*at]) != is_of_number(bytes[at - 1])));
    cuts.push(bytes.len());
    cuts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

/// Numbers to seven digits, so that files stay small.
fn shortened(text: &str) -> String {
    let one = |piece: &str| match piece.parse::<f64>() {
        Ok(number) if piece.len() > 8 && piece.contains('.') => format!("{number:.7}"),
        _ => piece.to_owned(),
    };
    pieces(text).into_iter().map(one).collect()
}

/// Holds a text against its file, number by number.
fn assert_pinned(name: &str, text: &str, tolerance: f64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pinned").join(name);
    let text = shortened(text);
    if std::env::var_os("RESIDUA_UPDATE_PINNED").is_some() {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let before = std::fs::read_to_string(&path).unwrap().replace('\r', "");
    for ((is, was), line) in text.lines().zip(before.lines()).zip(1..) {
        let same = |(is, was): (&&str, &&str)| match (is.parse::<f64>(), was.parse::<f64>()) {
            (Ok(is), Ok(was)) => (is - was).abs() <= tolerance * was.abs().max(0.01),
            _ => is == was,
        };
        let (of_line, before) = (pieces(is), pieces(was));
        let same = of_line.len() == before.len() && of_line.iter().zip(&before).all(same);
        assert!(same, "{name}, line {line}:\n is {is}\nwas {was}");
    }
    assert_eq!(text.lines().count(), before.lines().count(), "{name}");
}

/// Some months of made-up sales of products that the catalog knows.
fn sales(class: &str, products: &[&str], basis: &str, first: f64) -> String {
    let mut text = String::new();
    for (item, product) in products.iter().enumerate() {
        for month in 0..30_usize {
            if (item + month) % 7 == 3 {
                continue;
            }
            let (unit, time) = (item as f64, month as f64);
            let ln = first - 0.3 * unit - 0.02 * time
                + 0.1 * (time / 4.0).sin()
                + 0.03 * (1.3 * unit + time * (0.4 + 0.1 * unit)).cos();
            let (year, month) = (2022 + month / 12, month % 12 + 1);
            writeln!(
                text,
                "{year}-{month:02}-01,{class},{product},,{:.2},USD,{basis},used,3,invented",
                ln.exp()
            )
            .unwrap();
        }
    }
    text
}

/// Phones and laptops in every condition, a price a sale.
fn listings(class: &str, products: &[&str], grades: &[&str]) -> String {
    let mut text = String::new();
    for (item, product) in products.iter().enumerate() {
        for sale in 0..24_usize {
            let grade = sale % grades.len();
            let noise = 0.12 * (7.0 * item as f64 + 3.1 * sale as f64).sin();
            let ln = 6.2 - 0.25 * item as f64 - 0.18 * grade as f64 - 0.01 * sale as f64 + noise;
            let (year, month, day) = (2024 + sale / 12, sale % 12 + 1, sale % 27 + 1);
            writeln!(
                text,
                "{year}-{month:02}-{day:02},{class},{product},,{:.2},USD,sold,{},1,invented",
                ln.exp(),
                grades[grade]
            )
            .unwrap();
        }
    }
    text
}

/// Servers that say what they hold.
fn servers() -> String {
    let mut text = String::new();
    let models = ["Dell PowerEdge R640", "Dell PowerEdge R740", "HPE ProLiant DL360 Gen10"];
    let held =
        ["2x Xeon Gold 6148, 256GB RAM", "2x Xeon Silver 4110, 64GB RAM, 2x960GB SSD", "2x Xeon Gold 6248"];
    for sale in 0..36_usize {
        let (model, held) = (models[sale % 3], held[(sale / 3) % 3]);
        let ln = 7.6 - 0.35 * ((sale / 3) % 3) as f64 - 0.015 * sale as f64 + 0.1 * (2.3 * sale as f64).sin();
        let basis = ["sold", "refurb_asked"][sale % 2];
        let (year, month) = (2022 + sale / 12, sale % 12 + 1);
        writeln!(
            text,
            "{year}-{month:02}-05,server,{model},\"{held}\",{:.2},USD,{basis},used,1,invented",
            ln.exp()
        )
        .unwrap();
    }
    text
}

#[test]
fn what_is_fitted_to_invented_sales() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let invented = at("invented");
    output_of(&[
        "simulate",
        "-q",
        "--seed",
        "11",
        "--products",
        "10",
        "--months",
        "26",
        "-o",
        &text(&invented),
    ]);
    let market = format!(
        "date,class,product,config,price,currency,basis,grade,quantity,source\n{}{}{}{}{}{}",
        sales(
            "memory",
            &["DDR4-2400 RDIMM 16GB", "DDR4-2666 RDIMM 32GB", "DDR4-2933 RDIMM 64GB"],
            "asked",
            5.0
        ),
        sales(
            "cpu",
            &["Intel Xeon Gold 6148", "Intel Xeon Silver 4110", "Intel Xeon Gold 6248"],
            "asked",
            6.0
        ),
        sales(
            "storage",
            &["Samsung PM883 SATA SSD 960GB", "Seagate Exos HDD 4TB SATA", "HGST SAS HDD 1.2TB"],
            "asked",
            5.0
        ),
        listings(
            "phone",
            &["iPhone 11", "iPhone 12", "iPhone 13", "iPhone 14"],
            &["Pre-Owned", "New (Other)", "For parts"]
        ),
        listings(
            "laptop",
            &["Lenovo ThinkPad T480", "Dell Latitude 5420", "HP EliteBook 840 G5"],
            &["Used", "Manufacturer refurbished"]
        ),
        servers(),
    );
    std::fs::write(at("market.csv"), market).unwrap();
    let models = at("models");
    let fitted = residua()
        .args([
            "fit",
            "--without-prices",
            "-o",
            &text(&models),
            "--catalog",
            &text(&invented.join("catalog.csv")),
        ])
        .args([invented.join("market.csv"), at("market.csv")])
        .assert()
        .success();
    assert_pinned(
        "fit.txt",
        &String::from_utf8_lossy(&fitted.get_output().stderr).replace(&text(&models), "models"),
        FITTED,
    );
    for class in ["gpu", "memory", "cpu", "storage", "phone", "laptop", "server"] {
        let json = std::fs::read_to_string(models.join(format!("{class}.json"))).unwrap();
        // The sum in the second line is of every last digit.
        let without_sum: String = json
            .lines()
            .filter(|line| !line.contains("\"sha256\""))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_pinned(&format!("{class}.json"), &without_sum, FITTED);
    }
}

/// A score card of an invented market.
fn scored(products: &str, months: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let invented = folder.path().join("invented");
    let size = ["--seed", "5", "--products", products, "--months", months];
    output_of(&[&["simulate", "-q", "-o", invented.to_str().unwrap()], &size[..]].concat());
    let (catalog, market) = (invented.join("catalog.csv"), invented.join("market.csv"));
    let arguments = ["backtest", "-q", "--catalog", catalog.to_str().unwrap(), market.to_str().unwrap()];
    output_of(&[&arguments[..], more].concat())
}

#[test]
fn how_forecasts_of_an_invented_market_score() {
    assert_pinned("scores.txt", &scored("9", "34", &[]), FITTED);
    assert_pinned("drills.txt", &scored("9", "34", &["--drill"]), FITTED);
    assert_pinned("decisions.txt", &scored("9", "34", &["--decisions"]), FITTED);
    assert_pinned("left_out.txt", &scored("26", "24", &["--leave-out", "product"]), FITTED);
}

/// Every thirtieth unit of the sample, and their names.
fn fleet(folder: &Path) -> (String, Vec<String>) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/fleet.csv");
    let mut reader = csv::Reader::from_path(sample).unwrap();
    let path = folder.join("fleet.csv");
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(reader.headers().unwrap()).unwrap();
    let mut names = Vec::new();
    for row in reader.records().map(Result::unwrap).skip(7).step_by(30) {
        writer.write_record(&row).unwrap();
        names.push(row[0].to_owned());
    }
    writer.flush().unwrap();
    (path.to_str().unwrap().to_owned(), names)
}

/// Policies under which different rules decide.
const POLICIES: [(&str, &str); 3] = [
    ("usual", ""),
    (
        "rented",
        "refresh_rule = \"fixed\"\nwindow_tolerance = 0.03\n[rental]\nuse = true\n[disposal]\ndata = \"destroy drives\"\n",
    ),
    (
        "bound",
        "discount_rate_yearly = 0.15\n[disposal]\nlocked_months = 5\n[capacity]\nother = 1\n[delivery.sites]\nAustin = \"2027-03\"\n",
    ),
];

#[test]
fn what_is_planned_for_some_units_of_the_sample() {
    for (name, policy) in POLICIES {
        let folder = tempfile::tempdir().unwrap();
        let (fleet, names) = fleet(folder.path());
        let policy_file = folder.path().join("policy.toml");
        std::fs::write(&policy_file, policy).unwrap();
        let out = folder.path().join("out");
        let setting = ["--as-of", "2026-11", "-q", "--policy", policy_file.to_str().unwrap()];
        output_of(&[&["plan", &fleet, "-o", out.to_str().unwrap()], &setting[..]].concat());
        for file in ["plan.csv", "cohorts.csv", "schedule.csv", "findings.csv"] {
            let text = std::fs::read_to_string(out.join(file)).unwrap().replace(&fleet, "fleet.csv");
            assert_pinned(&format!("{name}_{file}"), &text, COMPUTED);
        }
        let explained: String = (names.iter().filter(|name| !name.is_empty()))
            .map(|name| output_of(&[&["explain", &fleet, name], &setting[..]].concat()) + "\n")
            .collect();
        assert_pinned(&format!("{name}_explained.txt"), &explained, COMPUTED);
    }
}

#[test]
fn what_is_asked_of_some_units_of_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let (fleet, _) = fleet(folder.path());
    let asked = |arguments: &[&str]| {
        output_of(&[arguments, &["--as-of", "2026-11", "-q"]].concat()).replace(&fleet, "fleet.csv")
    };
    let scenarios =
        ["whatif", &fleet, "--quick", "--format", "csv", "--scenarios", "data/samples/scenarios.toml"];
    assert_pinned("whatif.csv", &asked(&scenarios), COMPUTED);
    assert_pinned("check.json", &asked(&["check", &fleet, "--format", "json"]), COMPUTED);
    assert_pinned("value.csv", &asked(&["value", &fleet, "--horizon", "2", "--format", "csv"]), COMPUTED);
    assert_pinned("lot.csv", &asked(&["lot", "data/samples/lot.txt", "--format", "csv"]), COMPUTED);
    for (name, when) in [("end", "end"), ("monthly", "monthly")] {
        let promise =
            ["guarantee", "Dell PowerEdge R740", "--strike", "700", "--month", "2027-09", "--exercise", when];
        assert_pinned(&format!("guarantee_{name}.txt"), &asked(&promise), COMPUTED);
    }
    assert_pinned("quote.txt", &asked(&["quote", "NVIDIA A100 PCIe 80GB"]), COMPUTED);
}
