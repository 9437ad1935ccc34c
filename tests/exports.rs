//! Registers as other systems export them, read without being told the format.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use common::output_of;

/// Chosen columns of the plan of one export.
fn plan_of(file: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let path = format!("tests/fixtures/exports/{file}");
    let csv = output_of(&["plan", &path, "--as-of", "2026-11", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let positions: Vec<usize> =
        columns.iter().map(|column| headers.iter().position(|header| header == *column).unwrap()).collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            positions.iter().map(|at| record[*at].to_owned()).collect()
        })
        .collect()
}

const FACTS: [&str; 6] = ["asset_id", "class", "product", "purchase_date", "purchase_cost", "status"];

#[test]
fn servicenow_csv_in_windows_1252_with_placeholder_tags() {
    assert_eq!(
        plan_of("servicenow_ui_csv.csv", &FACTS),
        [
            ["P1000710", "laptop", "Dell Latitude 5430", "2022-08-15", "1389.00", "in use"],
            ["2UA3121ZQW", "desktop", "HP Z4 G5", "", "", "retiring"],
        ]
    );
    let sites = plan_of("servicenow_ui_csv.csv", &["site"]);
    assert_eq!(sites[0][0], "São Paulo – Prédio 2");
}

#[test]
fn servicenow_labels_with_month_first_dates_and_dollar_costs() {
    assert_eq!(
        plan_of("servicenow_label_xlsx_as_csv.csv", &FACTS),
        [
            ["DC-004417", "server", "Dell PowerEdge R750", "2022-03-12", "18420.55", "in use"],
            ["DC-004502", "server", "Supermicro SYS-821GE-TNHR", "2023-11-20", "289000.00", "retiring"],
        ]
    );
}

#[test]
fn snipe_it_with_decimal_commas_a_mark_and_a_line_break_in_a_cell() {
    assert_eq!(
        plan_of("snipeit_custom_report_eu.csv", &FACTS),
        [
            ["P1000710", "laptop", "Dell Latitude 5430", "2022-08-15", "1389.00", "in use"],
            ["P1000988", "laptop", "Apple MacBook Pro 14\"", "2024-03-01", "2399.00", "retiring"],
        ]
    );
}

#[test]
fn netbox_import_with_slugs_and_no_dates() {
    assert_eq!(
        plan_of("netbox_devices_import.csv", &FACTS),
        [
            ["DC-004417", "server", "Dell PowerEdge R750", "", "", "in use"],
            ["S512345X3C01234", "server", "Supermicro SYS-821GE-TNHR", "", "", "retiring"],
        ]
    );
}

#[test]
fn sap_in_utf_16_with_tabs_and_trailing_minus() {
    let rows = plan_of("sap_asset_list.txt", &["serial", "purchase_cost", "purchase_currency"]);
    assert_eq!(rows, [["7XK2LM3", "1389.00", "EUR"], ["", "289000.00", "EUR"]]);
}

#[test]
fn every_register_sample_is_read_whole() {
    for entry in std::fs::read_dir("tests/fixtures/exports").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // JSON is read elsewhere.
        if name.ends_with(".json") {
            continue;
        }
        let summary = output_of(&["plan", path.to_str().unwrap(), "--as-of", "2026-11", "--quiet"]);
        assert!(summary.contains("+ 0 rejects + 0 merged"), "{name}: {summary}");
    }
}

#[test]
fn all_samples_read_at_once_give_each_unit_once_under_the_tag_most_systems_know() {
    let mut paths: Vec<String> = std::fs::read_dir("tests/fixtures/exports")
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .filter(|path| !path.ends_with(".json") && !path.ends_with("erasure_report.csv"))
        .collect();
    paths.sort();
    let mut arguments = vec!["plan"];
    arguments.extend(paths.iter().map(String::as_str));
    arguments.extend(["--as-of", "2026-11", "--format", "csv"]);
    let csv = output_of(&arguments);
    let units: Vec<String> =
        csv.lines().skip(1).map(|line| line.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    for unit in [
        "P1000710 7XK2LM3",
        "DC-004417 4FQ9TR3",
        "DC-004502 S512345X3C01234",
        "P1000988 C02ABC12DEF3",
        "ITU-2026-0044 ",
    ] {
        assert_eq!(units.iter().filter(|found| *found == unit).count(), 1, "{unit}: {units:?}");
    }
    assert_eq!(units.len(), 12, "{units:?}");
}
