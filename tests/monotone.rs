//! Over the shipped models: a better grade is never cheaper, what is older hardly ever dearer, and no number is none.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use residua::catalog::{self, AssetClass, Catalog, Product};
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

/// The mean of a lognormal rises with its width, and what one paid says less of what is older. Where the cost is far below
/// what others of the product fetch, the two opinions part with age too: then the mean, not the median, may rise by this share.
const OF_WIDTH: f64 = 0.032;

/// By how much the older of two units that were bought half a year apart is the dearer one on one date, at worst: of the
/// median, and of the mean.
fn worst_rise_with_age<'a>(unit_bought: impl Fn(i32) -> Subject<'a>, oldest: i32) -> [f64; 2] {
    let courses: Vec<_> =
        (1..=oldest.max(1)).step_by(6).map(|months_ago| points(&unit_bought(months_ago))).collect();
    let mut worst = [f64::NEG_INFINITY; 2];
    for pair in courses.windows(2) {
        for (younger, older) in pair[0].iter().zip(&pair[1]) {
            worst = [worst[0].max(older[2] / younger[2] - 1.0), worst[1].max(older[0] / younger[0] - 1.0)];
        }
    }
    worst
}

#[test]
fn of_two_units_of_a_product_the_older_is_never_dearer_on_one_date() {
    let mut compared = 0;
    for (_, product) in CATALOG.iter() {
        let launched = product.launch.map_or(60, |launch| as_of().months_since(launch.month)).min(96);
        let list = product.list_price_usd().unwrap_or(2_000.0);
        for factor in [0.4, 1.0, 2.5] {
            let bought = |months_ago: i32| Subject {
                cost_usd: Some(factor * list),
                ..unit(product, months_ago, None)
            };
            let [median, mean] = worst_rise_with_age(bought, launched);
            assert!(median <= 1e-9, "{} at {factor} of its list price: {median}", product.name);
            assert!(mean <= OF_WIDTH, "the mean of {} at {factor} of its list price: {mean}", product.name);
            compared += 1;
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[test]
fn of_two_units_of_an_unknown_product_the_older_is_never_dearer_on_one_date() {
    for class in AssetClass::ALL {
        for cost in [None, Some(100.0), Some(1_000.0), Some(10_000.0)] {
            let bought = |months_ago: i32| Subject {
                class,
                product: None,
                successor_launch: None,
                cost_usd: cost,
                cost_from_siblings: false,
                acquired: Some(as_of().plus(-months_ago)),
                grade: None,
                accelerators: None,
                configuration: Configuration::default(),
            };
            let [median, mean] = worst_rise_with_age(bought, 96);
            assert!(median <= 1e-9, "{class} at {cost:?}: {median}");
            assert!(mean <= OF_WIDTH, "the mean of a {class} at {cost:?}: {mean}");
        }
    }
}

#[test]
fn a_card_in_a_server_never_makes_it_cheaper() {
    let cards = ["NVIDIA T4", "NVIDIA A30", "NVIDIA A100 PCIe 80GB"];
    let cards = cards.map(|name| CATALOG.by_name(name).unwrap().1);
    let memory = Configuration { memory_gb: Some(384.0), ..Configuration::default() };
    let mut compared = 0;
    for (_, server) in CATALOG.iter() {
        if server.class != AssetClass::Server || server.gpu.is_some() {
            continue;
        }
        for (cost_usd, configuration) in [
            (None, Configuration::default()),
            (None, memory),
            (Some(18_000.0), Configuration::default()),
            (Some(18_000.0), memory),
        ] {
            let without = Subject { cost_usd, configuration, ..unit(server, 30, None) };
            for card in cards {
                for count in [1, 4] {
                    let with = Subject { accelerators: Some((card, count)), ..without };
                    for (bare, full) in points(&without).into_iter().zip(points(&with)) {
                        let name = &server.name;
                        assert!(
                            full[2] >= bare[2] * (1.0 - 1e-9),
                            "{name} with {count} {}: {bare:?} {full:?}",
                            card.name
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}
