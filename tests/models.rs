//! The shipped models are what their cards and the documentation say.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::residua;
use residua::price::{ClassModel, Models};
use residua::report::model_cards;

#[test]
fn the_page_of_model_cards_is_written_from_the_models() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/models.md");
    let page = model_cards(&Models::built_in().unwrap());
    if std::env::var_os("RESIDUA_UPDATE_README").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == page, "docs/models.md is old: RESIDUA_UPDATE_README=1 cargo test --test models");
}

#[test]
fn no_model_file_names_a_source_or_holds_a_price_list() {
    for class in ["gpu", "server", "laptop", "phone"] {
        let text = std::fs::read_to_string(format!("models/{class}.json")).unwrap();
        for name in ["ebay", "toms", "keepa", "danawa", "http"] {
            assert!(!text.to_lowercase().contains(name), "{class}.json names {name}");
        }
    }
}

/// Needs the market observations, which are not shipped; says so when they are not there.
#[test]
fn the_documented_command_fits_the_shipped_models() {
    let market = Path::new("../shared/market");
    if !market.is_dir() {
        eprintln!("not run: the market observations are not here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = [
        "../shared/market/gpu_used_monthly_2020_2023.csv",
        "../shared/market/gpu_datacentre_asks_2023_2026.csv",
        "../shared/market/gpu_used_asks_korea_2020_2025.csv",
        "../shared/market/laptop_sold_uk_2020.csv",
        "../shared/market/phone_sold_2026.csv",
        "../shared/market/cpu_used_asks_korea_2020_2025.csv",
        "../shared/market/memory_used_asks_korea_2020_2025.csv",
        "../shared/market/storage_used_asks_korea_2020_2025.csv",
        "../shared/facts/price_facts.csv",
    ];
    residua().arg("fit").arg("--without-prices").args(files).arg("-o").arg(folder.path()).assert().success();
    let again = Models::from_directory(folder.path()).unwrap();
    let shipped = Models::built_in().unwrap();
    for ((fitted, _), (kept, _)) in again.iter().zip(shipped.iter()) {
        assert_eq!(fitted.class, kept.class);
        assert_eq!(fitted.card.observations, kept.card.observations, "{}", kept.class);
        assert_eq!(fitted.card.products, kept.card.products);
        assert_eq!(fitted.card.last_month, kept.card.last_month);
        for (one, other) in fitted.card.scores.iter().zip(&kept.card.scores) {
            assert!((one.pinball - other.pinball).abs() < 0.05, "{one:?} against {other:?}");
        }
    }
}

#[test]
fn the_shipped_models_stand_as_a_fit_writes_them() {
    for file in std::fs::read_dir("models").unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let model = ClassModel::from_json(&name, &text).unwrap();
        assert_eq!(model.to_json().unwrap(), text, "{name}");
    }
}

/// What `quote` says of a directory that holds this model.
fn complaint(name: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let directory = folder.path().to_str().unwrap();
    let (code, message) = common::failure_of(&["quote", "RTX 3080", "--models", directory]);
    assert_eq!(code, 1, "{message}");
    message.replace(directory, "models").lines().next().unwrap_or_default().to_owned()
}

/// The text under the sum that belongs to it.
fn sealed(text: &str) -> String {
    let without: String =
        text.split_inclusive('\n').filter(|line| !line.starts_with("  \"sha256\"")).collect();
    let sum = residua::units::sha256(without.as_bytes());
    without.replacen("{\n", &format!("{{\n  \"sha256\": \"{sum}\",\n"), 1)
}

#[test]
fn a_model_that_is_not_as_it_was_written_is_refused_with_a_sentence() {
    let kept = std::fs::read_to_string("models/cpu.json").unwrap();
    assert_eq!(sealed(&kept), kept);
    let changed = |text: &str| {
        assert_ne!(text, kept);
        let said = complaint("cpu.json", text);
        assert!(said.contains("models/cpu.json is not as `residua fit` wrote it"), "{said}");
    };
    for share in [0.2, 0.5, 0.9, 0.999] {
        changed(&kept[..(kept.len() as f64 * share) as usize]);
    }
    changed(&kept.replacen("\"observations\": ", "\"observations\": 1", 1));
    changed(&kept.replace('\n', "\r\n"));
    changed(&kept.replacen("\"sha256\": \"", "\"sha256\": \"0", 1));
}

#[test]
fn a_model_of_another_version_or_none_is_refused_with_a_sentence() {
    let kept = std::fs::read_to_string("models/cpu.json").unwrap();
    let versions = [1, 3, 400].map(|version| {
        let text = kept.replacen("\"format\": 2", &format!("\"format\": {version}"), 1);
        [complaint("cpu.json", &text), complaint("cpu.json", &sealed(&text))]
    });
    for said in versions.iter().flatten() {
        assert!(said.contains("has format ") && said.contains("this program reads 2"), "{said}");
    }
    for text in ["", "[]", "{}", "{\n}", "null", "{\"format\": \"two\"}"] {
        let said = complaint("cpu.json", text);
        assert!(said.contains("is not a residua model"), "{text}: {said}");
    }
}

#[test]
fn a_number_that_no_fit_can_have_written_is_refused_by_name_even_under_a_sum_that_fits() {
    let kept = std::fs::read_to_string("models/laptop.json").unwrap();
    let said = |from: &str, to: &str| {
        assert!(kept.contains(from), "{from}");
        let start = kept.find(from).unwrap();
        let end = start + kept[start..].find([',', '\n']).unwrap();
        complaint("laptop.json", &sealed(&format!("{}{to}{}", &kept[..start], &kept[end..])))
    };
    let spread = said("\"listing_sd\": ", "\"listing_sd\": -0.5");
    assert!(
        spread.contains("models/laptop.json cannot be used: listing_sd is -0.5, and must be from 0 to 30"),
        "{spread}"
    );
    let huge = said("\"product_sd\": ", "\"product_sd\": 1e300");
    assert!(huge.contains("product_sd is 1"), "{huge}");
    let effect = said("\"effect\": ", "\"effect\": 77");
    assert!(effect.contains("the effect of a product is 77"), "{effect}");
    let columns = said("\"columns\": [", "\"columns\": [\"one more\",");
    assert!(columns.contains("coefficients: "), "{columns}");
}
