//! The shipped models are what their cards and the documentation say.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::residua;
use residua::price::Models;
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
