//! What must hold for any input whatever.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use residua::catalog::{self, Matcher};
use residua::decide::{self, PlanInput, Policy};
use residua::fleet::{self, ReadOptions};
use residua::price::Models;
use residua::units::Month;

fn options() -> ReadOptions {
    let policy = Policy::built_in();
    policy.read_options("2026-11".parse::<Month>().unwrap())
}

/// A cell as registers have them, the good and the bad.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => "[A-Z0-9]{1,10}",
        1 => "[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}",
        1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        1 => "[$€]?[0-9]{1,6}([.,][0-9]{1,3})?",
        1 => Just("N/A".to_owned()),
        1 => Just("Dell Latitude 5430".to_owned()),
        1 => Just("In use".to_owned()),
        1 => "\\PC{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_the_register_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = fleet::read_text("any.csv", &bytes, &options());
    }

    #[test]
    fn every_row_is_an_asset_a_reject_or_merged(
        rows in prop::collection::vec(prop::collection::vec(cell(), 1..12), 1..20),
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer
            .write_record(["asset_id", "serial", "model", "class", "purchase_date", "purchase_cost", "currency",
                "status", "warranty_end", "utilization"])
            .unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let text = writer.into_inner().unwrap();
        let expected = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_slice()).records()
            .filter(|record| {
                let record = record.as_ref().unwrap();
                record.len() > 1 || record.iter().any(|cell| !cell.trim().is_empty())
            })
            .count();
        match fleet::read_text("any.csv", &text, &options()) {
            Ok(fleet) => {
                prop_assert_eq!(fleet.rows_in, expected);
                prop_assert_eq!(fleet.rows_in, fleet.assets.len() + fleet.rejects.len() + fleet.rows_merged);
                let mut ids: Vec<&str> = fleet.assets.iter().map(|asset| asset.id.as_str()).collect();
                ids.sort_unstable();
                ids.dedup();
                prop_assert_eq!(ids.len(), fleet.assets.len(), "asset ids must be unique");
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn no_text_makes_the_other_parsers_panic(text in "\\PC{0,200}") {
        let _ = Policy::from_toml("any.toml", &text);
        let _ = catalog::read_catalog("any.csv", &text);
        let _ = residua::price::ClassModel::from_json("any.json", &text);
        let _ = text.parse::<Month>();
    }
}

#[test]
fn any_plan_of_generated_fleets_is_finite_and_its_waterfalls_add_up() {
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let models = Models::built_in().unwrap();
    let policy = Policy::built_in();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    let products: Vec<String> = catalog.iter().map(|(_, product)| product.name.clone()).collect();
    let row = (0..products.len(), 2012..2026_i32, 1..=12_i32, 1.0..3e5_f64, 0.0..1.0_f64, 1..50_u32);
    runner
        .run(&prop::collection::vec(row, 1..12), |rows| {
            let mut text = String::from("asset_id,model,purchase_date,purchase_cost,utilization,quantity\n");
            for (at, (product, year, month, cost, load, units)) in rows.iter().enumerate() {
                let name = products[*product].replace('"', "\"\"");
                text.push_str(&format!(
                    "A{at},\"{name}\",{year}-{month:02}-01,{cost:.2},{load:.2},{units}\n"
                ));
            }
            let fleet = fleet::read_text("any.csv", text.as_bytes(), &options()).unwrap();
            let as_of = "2026-11".parse().unwrap();
            let input = PlanInput {
                fleet: &fleet,
                catalog: &catalog,
                matcher: &matcher,
                models: &models,
                policy: &policy,
                as_of,
            };
            let plan = decide::plan(&input).unwrap();
            for planned in &plan.cohorts {
                let decision = &planned.decision;
                let points = decision.recovery;
                prop_assert!(decision.waterfall.adds_up());
                prop_assert!(
                    [points.mean, points.p10, points.p50, points.p90].iter().all(|point| point.is_finite())
                );
                prop_assert!(points.p10 <= points.p50 && points.p50 <= points.p90);
            }
            let total = plan.totals.recovery.quantiles;
            prop_assert!(total.p10 <= total.p50 && total.p50 <= total.p90 && total.p90.is_finite());
            Ok(())
        })
        .unwrap();
}
