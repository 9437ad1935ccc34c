//! The fit on made-up markets whose truth is known.

use proptest::prelude::*;

use super::*;
use crate::units::SplitMix64;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A phone of the generation launched in a year's September.
fn facts(year: i32, list_price_usd: f64, storage_gb: f64) -> Facts {
    let launch = Month::new(year, 9).unwrap();
    Facts { launch, successor_launch: Some(launch.plus(12)), list_price_usd, storage_gb, locked: false }
}

/// Sales of eight generations; the law of the log price is given, and noise is added.
fn market(noise_sd: f64, law: impl Fn(&Facts, Condition, Month) -> f64) -> Vec<Sale> {
    let mut draws = SplitMix64::new(3);
    let mut sales = Vec::new();
    for year in 2017..2025 {
        for _ in 0..300 {
            let list_price = [599.0, 799.0, 1099.0][draws.below(3)];
            let facts = facts(year, list_price, [128.0, 256.0, 512.0][draws.below(3)]);
            let condition = Condition::ALL[draws.below(8)];
            let sold = month("2026-03").plus(draws.below(4) as i32);
            let log_price = law(&facts, condition, sold) + noise_sd * draws.normal();
            let (product, generation) = (format!("{year} at {list_price}"), year.to_string());
            sales.push(Sale { product, generation, facts, condition, month: sold, log_price });
        }
    }
    sales
}

/// A fifth less each year, a tenth less each condition.
fn simple_law(facts: &Facts, condition: Condition, sold: Month) -> f64 {
    let age = f64::from(sold.months_since(facts.launch)) / 12.0;
    facts.list_price_usd.ln() - 0.2 * age - 0.1 * (7 - condition as usize) as f64
}

#[test]
fn the_law_of_a_market_is_found_and_holds_for_a_generation_never_sold() {
    let sales = market(0.1, simple_law);
    let seen: Vec<Sale> = sales.iter().filter(|sale| sale.generation != "2021").cloned().collect();
    let model = fit(&seen).unwrap();
    for condition in Condition::ALL {
        let unseen = facts(2021, 799.0, 256.0);
        let found = model.forecast(&unseen, condition, month("2026-05"));
        let truth = simple_law(&unseen, condition, month("2026-05"));
        assert!((found.median - truth).abs() < 0.05, "{condition:?}: {found:?} for {truth}");
    }
    let unseen = sales.iter().filter(|sale| sale.generation == "2021");
    let inside = unseen.filter(|sale| {
        let found = model.forecast(&sale.facts, sale.condition, sale.month);
        found.lower <= sale.log_price && sale.log_price <= found.upper
    });
    let share = inside.count() as f64 / 300.0;
    assert!((0.7..0.9).contains(&share), "{share} of an 80 % interval");
}

#[test]
fn what_the_sales_of_a_product_have_in_common_is_told_from_chance() {
    let alike = fit(&market(0.3, simple_law)).unwrap();
    assert!(alike.common_share < 0.1, "{}", alike.common_share);
    let liked = market(0.1, |facts, condition, sold| {
        let whim = f64::from((facts.launch.year() * 7 + facts.list_price_usd as i32) % 3 - 1);
        simple_law(facts, condition, sold) + 0.3 * whim
    });
    let differing = fit(&liked).unwrap();
    assert!(differing.common_share > 0.5, "{}", differing.common_share);
}

#[test]
fn a_model_survives_its_file() {
    let model = fit(&market(0.1, simple_law)).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let read: ColdStartModel = serde_json::from_str(&text).unwrap();
    for condition in Condition::ALL {
        let of =
            |model: &ColdStartModel| model.forecast(&facts(2024, 999.0, 512.0), condition, month("2027-01"));
        let (before, after) = (of(&model), of(&read));
        assert!((before.lower - after.lower).abs() + (before.upper - after.upper).abs() < 1e-12);
    }
}

#[test]
fn sales_that_cannot_be_fitted_are_refused_with_what_is_missing() {
    let mut sales = market(0.1, simple_law);
    let two: Vec<Sale> = sales.iter().filter(|sale| sale.generation.as_str() < "2019").cloned().collect();
    assert_eq!(fit(&two), Err(ColdStartError::TooFew { sales: 600, generations: 2 }));
    assert_eq!(fit(&[]), Err(ColdStartError::TooFew { sales: 0, generations: 0 }));
    sales[7].facts.storage_gb = 0.0;
    assert_eq!(fit(&sales), Err(ColdStartError::BadSale { position: 7 }));
}

#[test]
fn conditions_are_read_from_the_words_of_listings() {
    let read = |words: &str| Condition::from_words(words);
    assert_eq!(read("Parts Only"), Some(Condition::Parts));
    assert_eq!(read("For parts or not working"), Some(Condition::Parts));
    assert_eq!(read("Pre-Owned"), Some(Condition::Used));
    assert_eq!(read("Good - Refurbished"), Some(Condition::Good));
    assert_eq!(read("Very Good - Refurbished"), Some(Condition::VeryGood));
    assert_eq!(read("Excellent - Refurbished"), Some(Condition::Excellent));
    assert_eq!(read("Open Box"), Some(Condition::OpenBox));
    assert_eq!(read("New (Other)"), Some(Condition::NewOther));
    assert_eq!(read("Brand New"), Some(Condition::New));
    assert_eq!(read("who knows"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_better_condition_never_costs_less_whatever_the_sales_say(
        worth in proptest::array::uniform8(-1.0_f64..1.0),
        growth in proptest::array::uniform8(-0.2_f64..0.2),
        launched in 2015..2027,
        list_price in 300.0_f64..2_000.0,
    ) {
        let sales = market(0.3, |facts, condition, sold| {
            let age = f64::from(sold.months_since(facts.launch)) / 12.0;
            simple_law(facts, Condition::Used, sold) + worth[condition as usize] + growth[condition as usize] * age
        });
        let model = fit(&sales).unwrap();
        let facts = facts(launched, list_price, 256.0);
        let ladder = Condition::ALL.map(|condition| model.forecast(&facts, condition, month("2026-11")));
        for found in &ladder {
            prop_assert!(found.check().is_ok(), "{found:?}");
        }
        for pair in ladder.windows(2) {
            prop_assert!(pair[0].lower <= pair[1].lower + 1e-12);
            prop_assert!(pair[0].median <= pair[1].median + 1e-12);
            prop_assert!(pair[0].upper <= pair[1].upper + 1e-12);
        }
    }
}
