//! The loop back: forecasts are kept, graded by what came of them, and later ones learn from it.

#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/ledger.rs"]
mod past;

use std::path::{Path, PathBuf};

use common::{failure_of, output_of, residua};
use residua::outcome::ledger::Ledger;

const SETTLEMENT: &str = "tests/fixtures/exports/itad_settlement.csv";
const REQUEST: &str = "tests/fixtures/settlements/request.json";

/// A ledger of two years of settlements.
fn ledger_of(folder: &Path, name: &str, settlements: usize, lines: u32) -> PathBuf {
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, past::past(name, 11, settlements, lines).to_json().unwrap()).unwrap();
    let ledger = folder.join("residua.db");
    output_of(&["ledger", "import", text(&file), "--ledger", text(&ledger)]);
    ledger
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_ledger_says_what_it_holds_and_what_vendors_still_owe() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 6, 20);
    let shown = output_of(&["ledger", "show", "--ledger", text(&ledger)]);
    insta::assert_snapshot!(shown.replace(text(&ledger), "residua.db"));
}

#[test]
fn past_forecasts_are_graded_at_a_glance() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 24, 40);
    let grades = || output_of(&["ledger", "grade", "--ledger", text(&ledger)]);
    insta::assert_snapshot!(grades());
    assert_eq!(grades(), grades());
    let csv = output_of(&["ledger", "grade", "--format", "csv", "--ledger", text(&ledger)]);
    assert!(csv.starts_with("of,given_by,class,months_from,months_to,forecasts,bias_percent"), "{csv}");
    assert!(csv.contains("\"net, override\",hand-over,all"), "{csv}");
}

#[test]
fn what_was_learned_is_shown_before_and_after_and_changes_later_forecasts() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 24, 40);
    let calibration = folder.path().join("calibration.json");
    let quote = |flags: &[&str]| {
        let common = [
            "quote",
            "Dell PowerEdge R740",
            "--as-of",
            "2026-11",
            "--bought",
            "2020-05",
            "--cost",
            "9000",
            "-q",
        ];
        let csv = output_of(&[&common[..], &["--format", "csv"], flags].concat());
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = reader.records().next().unwrap().unwrap();
        let cell = |name: &str| -> f64 {
            row[columns.iter().position(|column| column == name).unwrap()].parse().unwrap()
        };
        (cell("p10"), cell("p50"), cell("p90"))
    };
    let plain = quote(&[]);
    let learned = output_of(&["ledger", "recalibrate", "--ledger", text(&ledger), "-o", text(&calibration)]);
    insta::assert_snapshot!(learned);
    let by_ledger = quote(&["--ledger", text(&ledger)]);
    let by_file = quote(&["--calibration", text(&calibration)]);
    assert_eq!(by_ledger, by_file);
    assert!(by_file.1 < 0.85 * plain.1, "{by_file:?} {plain:?}");
    assert!(by_file.2 / by_file.0 > 1.1 * (plain.2 / plain.0), "{by_file:?} {plain:?}");

    // Nothing new came since: the same again is no better, and what is in force stays.
    let (code, message) = failure_of(&["ledger", "recalibrate", "--ledger", text(&ledger)]);
    assert_eq!(code, 1);
    assert!(message.contains("calibration 2 was not installed: it does no better"), "{message}");
    let tried = output_of(&["ledger", "export", "--table", "calibrations", "--ledger", text(&ledger)]);
    let installed: Vec<&str> = tried.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!(installed, ["yes", "no"]);
}

#[test]
fn a_plan_files_what_it_hands_out_once_and_is_calibrated() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let plan = |flags: &[&str]| {
        let common = ["plan", "data/samples/fleet.csv", "--as-of", "2026-11", "--format", "csv"];
        residua().args(common).args(flags).assert().success().get_output().clone()
    };
    let plain = plan(&["-q"]);
    let first = plan(&["--ledger", text(&ledger)]);
    assert_eq!(plain.stdout, first.stdout);
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    assert!(said.contains("forecasts in"), "{said}");
    let forecasts = Ledger::open(&ledger).unwrap().forecasts().unwrap();
    assert!(forecasts.len() > 20, "{}", forecasts.len());
    assert!(forecasts.iter().all(|one| one.asset.is_some() && one.forecast.model.contains(" models ")));
    plan(&["-q", "--ledger", text(&ledger)]);
    assert_eq!(Ledger::open(&ledger).unwrap().forecasts().unwrap(), forecasts);

    let calibration = folder.path().join("calibration.json");
    std::fs::write(
        &calibration,
        r#"{"format": 1, "sales": 400, "blocks": 80, "months": ["2025-01", "2026-09"],
            "classes": {"laptop": {"shift_log": -0.2, "width": 1.3, "variance_log": 0.0}}, "grades": {}, "routes": {"resell": -0.1}}"#,
    )
    .unwrap();
    let out = folder.path().join("out");
    let calibrated = plan(&["-q", "--calibration", text(&calibration), "-o", text(&out)]);
    assert_ne!(plain.stdout, calibrated.stdout);
    let manifest = std::fs::read_to_string(out.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"shift_log\": -0.2"), "the manifest names the calibration");
}

#[test]
fn a_fit_takes_settled_sales_beside_or_instead_of_market_files() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 24, 40);
    let (models, market) = (folder.path().join("models"), folder.path().join("market.csv"));
    let fit = |files: &[&str]| {
        let flags = ["--ledger", text(&ledger), "-o", text(&models)];
        let assert = residua().arg("fit").args(files).args(flags).assert().success();
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    let alone = fit(&[]);
    assert!(alone.contains("0 prices of market files, "), "{alone}");
    assert!(models.join("laptop.json").exists() && models.join("server.json").exists());
    let sales = Ledger::open(&ledger).unwrap().sales().unwrap();
    assert!(sales.len() > 700 && sales.iter().all(|sale| sale.price > 0.0), "{}", sales.len());

    let months = ["2026-03-01,RTX A5000,1400", "2026-04-01,RTX A5000,1390", "2026-05-01,RTX A5000,1350"];
    std::fs::write(&market, format!("date,product,price\n{}\n", months.join("\n"))).unwrap();
    for _ in 0..2 {
        let beside = fit(&[text(&market)]);
        assert!(beside.contains("3 prices of market files, "), "{beside}");
    }
}

#[test]
fn an_override_is_kept_with_who_and_why_and_graded_beside_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 2, 9);
    let own = ["--net", "77.5", "--by", "a.silva", "--why", "bid of a broker", "--ledger", text(&ledger)];
    assert!(!output_of(&["ledger", "grade", "--ledger", text(&ledger)]).contains("OVERRIDES"));
    output_of(&[&["ledger", "override", "VR-001", "4"], &own[..]].concat());
    let kept = output_of(&["ledger", "export", "--table", "overrides", "--ledger", text(&ledger)]);
    assert_eq!(kept, "request,line,net,by,why\nVR-001,4,77.5,a.silva,bid of a broker\n");
    assert!(output_of(&["ledger", "grade", "--ledger", text(&ledger)]).contains("OVERRIDES"));
    let (code, message) = failure_of(&[&["ledger", "override", "VR-009", "4"], &own[..]].concat());
    assert_eq!(code, 1);
    assert!(message.contains("line 4 of request VR-009 was never handed over"), "{message}");
}

#[test]
fn what_is_no_ledger_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere.db");
    let (code, message) = failure_of(&["ledger", "grade", "--ledger", text(&nowhere)]);
    assert_eq!(code, 1);
    assert!(message.contains("there is no ledger here"), "{message}");
    assert!(!nowhere.exists());
    let (_, message) = failure_of(&["ledger", "show", "--ledger", "README.md"]);
    assert!(message.contains("README.md is not a ledger of residua: name another file"), "{message}");
    let few = ledger_of(folder.path(), "VR", 2, 5);
    let (code, message) = failure_of(&["ledger", "recalibrate", "--ledger", text(&few)]);
    assert_eq!(code, 1);
    assert!(message.contains("settle more before recalibrating"), "{message}");
}

#[test]
fn a_ledger_moved_as_a_file_is_the_same_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger_of(folder.path(), "VR", 6, 10);
    let exported = folder.path().join("exported.json");
    output_of(&["ledger", "export", "-o", text(&exported), "--ledger", text(&ledger)]);
    let other = folder.path().join("other.db");
    output_of(&["ledger", "import", text(&exported), "--ledger", text(&other)]);
    let whole = |path: &Path| output_of(&["ledger", "export", "--ledger", text(path)]);
    assert_eq!(whole(&ledger), whole(&other));
}

#[test]
fn a_settlement_that_is_read_again_with_the_erasure_report_is_filed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let ledger = ledger.to_str().unwrap();
    let outcomes = || Ledger::open_existing(Path::new(ledger)).unwrap().outcomes().unwrap();
    let settle = |more: &[&str]| {
        let run = residua().args(["settle", SETTLEMENT, "--ledger", ledger]).args(more).output().unwrap();
        String::from_utf8(run.stderr).unwrap()
    };
    settle(&["--request", REQUEST]);
    let before = outcomes();
    // Terms that the hand-over did not have.
    let said = settle(&["--terms", "50% after"]);
    assert!(said.contains("anew in place of the earlier reading"), "{said}");
    let after = outcomes();
    assert_eq!(after.len(), before.len());
    assert_ne!(after, before);
    assert!(settle(&["--terms", "50% after"]).contains("nothing filed"));
    // Without any, what was filed stays.
    assert!(settle(&[]).contains("nothing filed"));
    assert_eq!(outcomes(), after);
}

#[test]
fn a_settlement_read_twice_is_filed_once_and_a_unit_sold_in_two_settlements_is_disputed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let ledger = ledger.to_str().unwrap();
    let (code, message) = failure_of(&["settle", SETTLEMENT, "--ledger", ledger]);
    assert_eq!(code, 1, "{message}");
    let first = output_of(&["settle", SETTLEMENT, "--request", REQUEST, "--ledger", ledger]);
    let again = residua().args(["settle", SETTLEMENT, "--ledger", ledger]).output().unwrap();
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(said.contains("nothing filed, this settlement was already in"), "{said}");
    assert_eq!(String::from_utf8(again.stdout).unwrap(), first);
    assert_eq!(Ledger::open_existing(Path::new(ledger)).unwrap().outcomes().unwrap().len(), 3);
    // The same units in another file: sold in both.
    let text = std::fs::read_to_string(SETTLEMENT).unwrap().replace("J-20931", "J-20999");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, text).unwrap();
    let disputes =
        output_of(&["settle", other.to_str().unwrap(), "--ledger", ledger, "--format", "csv", "-q"]);
    assert_eq!(disputes.matches("sold_twice").count(), 2, "{disputes}");
}

#[test]
fn a_unit_that_an_earlier_settlement_recycled_is_not_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let ledger = ledger.to_str().unwrap();
    let text = std::fs::read_to_string(SETTLEMENT).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let file = |name: &str, line: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{}\n{line}\n", lines[0])).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let recycled = lines[1].replace("Resold,11/18/2026,$214.00", "Recycled,,").replace("$128.93", "");
    let first = file("first.csv", &recycled);
    let asked = |settlement: &str, more: &[&str]| {
        let arguments = [&["settle", settlement, "--ledger", ledger, "--format", "csv", "-q"], more].concat();
        output_of(&arguments).matches("not_received").count()
    };
    // The server is still to come; the laptop is done with.
    assert_eq!(asked(&first, &["--request", REQUEST]), 1);
    assert_eq!(asked(&file("second.csv", lines[2]), &[]), 0);
}
