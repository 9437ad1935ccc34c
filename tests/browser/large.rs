//! A register of 50,000 assets still makes a report that opens.

use std::fmt::Write;

use residua::units::SplitMix64;

use crate::browser::driven;
use crate::common::register;
use crate::report::say_how_fast;
use crate::written;

const ASSETS: usize = 50_000;

/// What such a report may take.
const MOST_BYTES: u64 = 2_000_000;

const MODELS: [(&str, &str, u32); 8] = [
    ("laptop", "Dell Latitude 5430", 1_389),
    ("laptop", "Lenovo ThinkPad T14 Gen 3", 1_420),
    ("laptop", "HP EliteBook 840 G8", 1_510),
    ("laptop", "Apple MacBook Pro 14 (M4, 2024)", 2_399),
    ("server", "Dell PowerEdge R750", 18_420),
    ("server", "HPE ProLiant DL380 Gen10", 12_900),
    ("gpu", "NVIDIA A100 SXM4 80GB", 14_800),
    ("gpu", "NVIDIA H100 SXM5 80GB", 30_000),
];

/// Units of eight products, bought within five years, on twelve sites.
fn many() -> String {
    let mut dice = SplitMix64::new(50_000);
    let mut text =
        "asset_id,serial,class,model,status,purchase_date,purchase_cost,currency,site\n".to_owned();
    for number in 0..ASSETS {
        let (class, model, cost) = MODELS[dice.below(MODELS.len())];
        let (year, month, site) = (2020 + dice.below(5), 1 + dice.below(12), 1 + dice.below(12));
        let _ = writeln!(
            text,
            "A{number},S{number},{class},\"{model}\",In use,{year}-{month:02}-15,{cost},USD,Site {site}"
        );
    }
    text
}

#[test]
fn a_report_of_50_000_assets_opens_and_filters() {
    driven("report-large", |browser| {
        let folder = tempfile::tempdir().unwrap();
        let path = register(folder.path(), many());
        browser.open_file(&written::written("large", &["plan", path.to_str().unwrap()], "report.html"));
        say_how_fast(browser, "report.html of 50,000 assets");
        browser.picture("report-large");
        assert!(browser.text(&browser.one("h1")).contains("50,000"));
        let bytes = browser.run("return performance.getEntriesByType('navigation')[0].decodedBodySize");
        assert!(bytes.as_u64().unwrap() < MOST_BYTES, "{bytes} bytes");
    });
}
