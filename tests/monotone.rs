//! Over the shipped models: a better grade is never cheaper, what is older hardly ever dearer, and no number is none.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use residua::catalog::{self, Catalog, Product};
use residua::fleet::Grade;
use residua::price::parts::Configuration;
use residua::price::{Models, Subject, forecast};
use residua::units::Month;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| catalog::built_in().unwrap());
static MODELS: LazyLock<Models> = LazyLock::new(|| Models::built_in().unwrap());

fn as_of() -> Month {
    "2026-11".parse().unwrap()
}

/// A unit of a product that was bought some months ago.
fn unit(product: &Product, months_ago: i32, grade: Option<Grade>) -> Subject<'_> {
    Subject {
        class: product.class,
        product: Some(product),
        successor_launch: None,
        cost_usd: Some(product.list_price_usd().unwrap_or(2_000.0)),
        cost_from_siblings: false,
        acquired: Some(as_of().plus(-months_ago)),
        grade,
        accelerators: None,
        configuration: Configuration::default(),
    }
}

/// Mean and the three points of its price in every third month of three years; empty where nothing is known.
fn points(subject: &Subject<'_>) -> Vec<[f64; 4]> {
    let Some(found) = forecast(&MODELS, subject, as_of(), 37) else { return Vec::new() };
    let months = (0..=36).step_by(3);
    months
        .map(|ahead| {
            let price = found.value(ahead);
            let points = price.quantiles();
            [price.mean(), points.p10, points.p50, points.p90]
        })
        .collect()
}

#[test]
fn every_price_is_a_number_above_zero_and_its_points_are_in_order() {
    let mut priced = 0;
    for (_, product) in CATALOG.iter() {
        for [mean, p10, p50, p90] in points(&unit(product, 30, None)) {
            assert!(mean.is_finite() && p10 > 0.0 && p90.is_finite(), "{}", product.name);
            assert!(p10 <= p50 && p50 <= p90 && p10 <= mean, "{}: {p10} {p50} {p90} {mean}", product.name);
            priced += 1;
        }
    }
    assert!(priced > 10_000, "{priced}");
}

#[test]
fn a_better_grade_is_never_cheaper() {
    for (_, product) in CATALOG.iter() {
        let ladder: Vec<_> =
            Grade::ALL.iter().map(|grade| points(&unit(product, 30, Some(*grade)))).collect();
        for (step, pair) in ladder.windows(2).enumerate() {
            for (better, worse) in pair[0].iter().zip(&pair[1]) {
                let falls = better.iter().zip(worse).all(|(better, worse)| *better >= worse * (1.0 - 1e-9));
                let (one, other) = (Grade::ALL[step].name(), Grade::ALL[step + 1].name());
                assert!(falls, "{}: {one} at {better:?}, {other} at {worse:?}", product.name);
            }
        }
    }
}

/// Two opinions are mixed by their precision, and that of the published curve is lost with age: where the prices of relatives say
/// more than the curve, a unit of which the curve is less sure is a little dearer. By no more than this share.
const OF_MIXING: f64 = 0.06;

#[test]
fn of_two_units_of_a_product_the_older_is_dearer_on_one_date_by_no_more_than_mixing_adds() {
    let mut worst = (0.0_f64, String::new());
    for (_, product) in CATALOG.iter() {
        let launched = product.launch.map_or(60, |launch| as_of().months_since(launch.month)).min(96);
        let ages: Vec<i32> = (1..=launched.max(1)).step_by(6).collect();
        let courses: Vec<_> = ages.iter().map(|age| points(&unit(product, *age, None))).collect();
        for (pair, ages) in courses.windows(2).zip(ages.windows(2)) {
            for (younger, older) in pair[0].iter().zip(&pair[1]) {
                let (one, other) = (younger[2], older[2]);
                if other / one - 1.0 > worst.0 {
                    worst = (
                        other / one - 1.0,
                        format!("{}: {ages:?} months old, {one} and {other}", product.name),
                    );
                }
            }
        }
    }
    assert!(worst.0 <= OF_MIXING + 1e-9, "{worst:?}");
}
