//! Oracles by hand for each kind of evidence, and properties of every distribution.

use proptest::prelude::*;

use super::*;

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

fn day(text: &str) -> RegisterDate {
    RegisterDate { date: text.parse().unwrap(), precision: Precision::Day, other: None }
}

fn launched(text: &str, successor: &str) -> SoldWhen<'static> {
    SoldWhen {
        class: AssetClass::Laptop,
        vendor: Some("HP"),
        launch: Some(CatalogDate { month: month(text), precision: Precision::Month }),
        successor_launch: Some(month(successor)),
        refresh_months: Some(48),
    }
}

fn unknown() -> SoldWhen<'static> {
    SoldWhen {
        class: AssetClass::Laptop,
        vendor: None,
        launch: None,
        successor_launch: None,
        refresh_months: None,
    }
}

fn of(asset: &Asset, product: &SoldWhen<'_>) -> AcquiredMonths {
    acquired_months(asset, product, month("2026-11")).unwrap()
}

fn with_serial(serial: &str) -> Asset {
    Asset { manufacturer: Some("HP".into()), serial: Some(serial.into()), ..Asset::default() }
}

#[test]
fn a_day_is_its_month_whatever_else_is_known() {
    let asset = Asset {
        purchase_date: Some(day("2021-05-17")),
        warranty_end: Some(day("2029-01-01")),
        ..with_serial("5CG9371ABC")
    };
    let found = of(&asset, &launched("2020-06", "2021-06"));
    assert_eq!(found.support(), [(month("2021-05"), 1.0)]);
    assert_eq!((found.sd_months(), found.basis(), found.words()), (0.0, AgeBasis::Date, ""));
    assert!(found.set_aside().is_empty());
}

#[test]
fn two_readings_are_two_months_of_half_each() {
    let either = RegisterDate { other: Some("2022-12-03".parse().unwrap()), ..day("2022-03-12") };
    let found = of(&Asset { purchase_date: Some(either), ..Asset::default() }, &unknown());
    assert_eq!(found.support(), [(month("2022-03"), 0.5), (month("2022-12"), 0.5)]);
    assert!((found.sd_months() - 4.5).abs() < 1e-12);
    assert_eq!(
        found.to_string(),
        "between 2022-03 and 2022-12 with 80 % probability (purchase date 2022-03-12 or 2022-12-03)"
    );
}

#[test]
fn a_reading_in_the_future_or_before_the_launch_is_none() {
    let either = |date: &str, other: &str| Asset {
        purchase_date: Some(RegisterDate { other: Some(other.parse().unwrap()), ..day(date) }),
        ..Asset::default()
    };
    let found = of(&either("2026-03-12", "2026-12-03"), &unknown());
    assert_eq!(found.support(), [(month("2026-03"), 1.0)]);
    let found = of(&either("2022-03-12", "2022-12-03"), &launched("2022-09", "2023-09"));
    assert_eq!(found.support(), [(month("2022-12"), 1.0)]);
}

#[test]
fn a_year_is_its_twelve_months_until_something_says_which() {
    let year = RegisterDate { precision: Precision::Year, ..day("2019-07-01") };
    let asset = Asset { purchase_date: Some(year), ..Asset::default() };
    let found = of(&asset, &unknown());
    assert_eq!(found.support().len(), 12);
    assert_eq!((found.first(), found.last()), (month("2019-01"), month("2019-12")));
    assert!((found.sd_months() - (143.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    let used = of(&Asset { in_service_date: Some(day("2019-03-24")), ..asset }, &unknown());
    // Used 0, 1 or 2 months after: 0.45, 0.30 and 0.12; later months cannot be, and are left their 0.002.
    assert_eq!(used.last(), month("2019-03"));
    assert!((used.support()[2].1 / used.support()[1].1 - 1.5).abs() < 1e-9, "{used:?}");
}

#[test]
fn a_serial_number_says_when_it_was_made_and_the_launch_which_decade() {
    let found = of(&with_serial("5CG0371ABC"), &launched("2020-06", "2021-06"));
    // Made in September 2020, bought 0 to 7 months later.
    assert_eq!((found.first(), found.last()), (month("2020-09"), month("2021-04")));
    let expected = [0.15, 0.38, 0.25, 0.12, 0.05, 0.025, 0.015, 0.01];
    for ((_, weight), share) in found.support().iter().zip(expected) {
        assert!((weight - share).abs() < 1e-9, "{found:?}");
    }
    assert_eq!((found.basis(), found.words()), (AgeBasis::Serial, "serial date code 2020 week 37"));
    assert!(found.sd_months() < 1.5);
}

#[test]
fn without_a_launch_every_decade_is_possible_and_the_last_the_likeliest() {
    let found = of(&with_serial("5CG0371ABC"), &unknown());
    assert_eq!(found.words(), "serial date code 2010 week 37 or 2020 week 37");
    let old: f64 = found.support().iter().filter(|(at, _)| at.year() < 2012).map(|(_, weight)| *weight).sum();
    // Ten years older at a mean age of five years: e^-2 to one.
    assert!((old - 1.0 / (1.0 + 2_f64.exp())).abs() < 1e-2, "{old}");
}

#[test]
fn a_warranty_of_a_told_term_is_a_bell_of_two_months() {
    let asset =
        Asset { warranty_end: Some(day("2024-05-20")), warranty_months: Some(36), ..Asset::default() };
    let found = of(&asset, &launched("2020-06", "2022-06"));
    assert_eq!(found.mean_month(), month("2021-05"));
    assert!((found.sd_months() - 2.0).abs() < 0.2, "{found:?}");
    assert_eq!(found.words(), "warranty end 2024-05 less 36 months");
}

#[test]
fn a_warranty_of_an_untold_term_has_the_terms_that_the_launch_allows() {
    let asset = Asset { warranty_end: Some(day("2024-05-20")), ..Asset::default() };
    let near = |found: &AcquiredMonths, centre: &str| -> f64 {
        let close = |at: Month| at.months_since(month(centre)).abs() <= 7;
        found.support().iter().filter(|(at, _)| close(*at)).map(|(_, weight)| *weight).sum()
    };
    // Sold from 2020-06 to 2024-06: 60 months are before its launch; 36 are 0.70 of the 0.90 that is left.
    let found = of(&asset, &launched("2020-06", "2024-06"));
    assert!((near(&found, "2021-05") - 7.0 / 9.0).abs() < 0.03, "{found:?}");
    assert!(near(&found, "2019-05") == 0.0);
}

#[test]
fn what_was_seen_was_bought_before() {
    let product = launched("2020-06", "2022-06");
    let plain = of(&Asset::default(), &product);
    let seen = Asset { first_seen: Some(day("2021-03-10")), ..Asset::default() };
    let found = of(&seen, &product);
    assert_eq!((found.first(), found.last()), (month("2020-06"), month("2021-03")));
    assert!(found.sd_months() < plain.sd_months());
    assert_eq!(found.basis(), AgeBasis::FirstSeen);
    let last_seen = Asset { last_seen: Some(day("2021-03-10")), ..Asset::default() };
    assert_eq!(of(&last_seen, &product).last(), month("2021-03"));
    let created = Asset { record_created: Some(day("2021-03-10")), ..Asset::default() };
    assert!(of(&created, &product).last() <= month("2021-05"));
}

#[test]
fn a_sales_window_runs_from_launch_to_successor_and_runs_out() {
    let found = of(&Asset::default(), &launched("2020-06", "2022-06"));
    // 24 even months, a sixth less each of six months more, and a rest of a twentieth that dies out.
    let late: f64 = (1..=5).map(|late| 1.0 - f64::from(late) / 6.0).sum();
    let in_window: f64 =
        found.support().iter().filter(|(at, _)| *at < month("2022-06")).map(|(_, weight)| *weight).sum();
    assert!((in_window - 24.0 / (25.0 + late)).abs() < 0.06, "{found:?}");
    assert_eq!((found.basis(), found.first()), (AgeBasis::SalesWindow, month("2020-06")));
    assert!((7.0..12.0).contains(&found.sd_months()), "{}", found.sd_months());
}

#[test]
fn a_purchase_before_the_product_is_set_aside_and_told() {
    let asset = Asset { purchase_date: Some(day("2015-02-01")), ..with_serial("5CG0371ABC") };
    let found = of(&asset, &launched("2020-06", "2021-06"));
    assert_eq!(found.basis(), AgeBasis::Serial);
    assert_eq!(found.set_aside(), ["purchase date 2015-02-01, but its product came to market in 2020-06"]);
    // The date of first use stands in when that is possible.
    let used =
        of(&Asset { in_service_date: Some(day("2020-11-03")), ..asset }, &launched("2020-06", "2021-06"));
    assert_eq!(used.support(), [(month("2020-11"), 1.0)]);
    assert_eq!(used.set_aside().len(), 1);
}

#[test]
fn evidence_that_contradicts_a_better_one_is_set_aside_and_told() {
    let asset = Asset {
        warranty_end: Some(day("2025-09-01")),
        warranty_months: Some(36),
        first_seen: Some(day("2020-07-01")),
        ..with_serial("5CG0371ABC")
    };
    let found = of(&asset, &launched("2020-06", "2021-06"));
    assert_eq!(found.basis(), AgeBasis::Serial);
    assert_eq!(
        found.set_aside(),
        [
            "warranty end 2025-09 less 36 months does not go with the rest",
            "first seen 2020-07 does not go with the rest"
        ]
    );
}

#[test]
fn nothing_known_is_no_distribution() {
    assert_eq!(acquired_months(&Asset::default(), &unknown(), month("2026-11")), None);
    // A name that was read as a product still to come says nothing either.
    assert_eq!(acquired_months(&Asset::default(), &launched("2027-03", "2028-03"), month("2026-11")), None);
}

/// A day between 2016 and 2026.
fn any_day() -> impl Strategy<Value = RegisterDate> {
    (2016..2027_i16, 1..13_i8).prop_map(|(year, month)| RegisterDate {
        date: jiff::civil::Date::constant(year, month, 15),
        precision: Precision::Day,
        other: None,
    })
}

#[test]
fn a_date_before_its_product_in_one_reading_and_to_come_in_the_other_is_set_aside() {
    let date = RegisterDate {
        date: jiff::civil::Date::constant(2016, 1, 15),
        precision: Precision::Day,
        other: Some(jiff::civil::Date::constant(2026, 12, 15)),
    };
    let product = launched("2016-07", "2017-01");
    let found = of(&Asset { purchase_date: Some(date), ..Asset::default() }, &product);
    assert!(found.first() >= month("2016-07") && found.last() <= month("2026-11"), "{found:?}");
    assert!(found.set_aside()[0].contains("too early in one reading"), "{:?}", found.set_aside());
}

prop_compose! {
    fn any_asset()(
        purchase in prop::option::of((any_day(), prop::option::of(any_day()), prop::bool::ANY)),
        serial in prop::option::of((0..10_u8, 1..53_u8)),
        warranty_end in prop::option::of(any_day()),
        warranty_months in prop::option::of(prop::sample::select(vec![12_u32, 36, 60])),
        first_seen in prop::option::of(any_day()),
        firmware_date in prop::option::of(any_day()),
        record_created in prop::option::of(any_day()),
        planned_retirement in prop::option::of(any_day()),
        last_seen in prop::option::of(any_day()),
    ) -> Asset {
        let purchase_date = purchase.map(|(date, other, to_the_year)| RegisterDate {
            other: other.map(|other| other.date).filter(|_| !to_the_year),
            precision: if to_the_year { Precision::Year } else { Precision::Day },
            ..date
        });
        Asset {
            manufacturer: Some("HP".into()),
            serial: serial.map(|(year, week)| format!("5CG{year}{week:02}1ABC")),
            purchase_date, warranty_end, warranty_months, first_seen, firmware_date, record_created,
            planned_retirement, last_seen,
            ..Asset::default()
        }
    }
}

proptest! {
    #[test]
    fn every_distribution_is_one_within_what_is_possible(
        asset in any_asset(),
        launch in 2014..2026_i32,
        months in 6..40_i32,
        by_year in prop::bool::ANY,
    ) {
        let as_of = month("2026-11");
        let month = Month::new(launch, 7).unwrap();
        let precision = if by_year { Precision::Year } else { Precision::Month };
        let product = SoldWhen {
            launch: Some(CatalogDate { month, precision }),
            successor_launch: Some(month.plus(months)),
            ..launched("2020-06", "2021-06")
        };
        let found = acquired_months(&asset, &product, as_of).unwrap();
        let total: f64 = found.support().iter().map(|(_, weight)| *weight).sum();
        prop_assert!((total - 1.0).abs() < 1e-9);
        prop_assert!(found.support().len() <= 12);
        prop_assert!(found.support().is_sorted_by(|one, next| one.0 < next.0));
        prop_assert!(found.support().iter().all(|(_, weight)| *weight > 0.0 && weight.is_finite()));
        prop_assert!(found.first() >= product.earliest().unwrap());
        let stated_later = asset.purchase_date.is_some_and(|date| date.month() > as_of);
        prop_assert!(found.last() <= as_of || stated_later);
        prop_assert!(found.sd_months().is_finite() && (found.sd_months() > 0.0 || found.is_certain()));
    }

    #[test]
    fn thinning_keeps_the_mean_and_never_the_variance_smaller(
        weights in prop::collection::vec(0.05..1.0_f64, 13..200),
    ) {
        let first = month("2010-01");
        let total: f64 = weights.iter().sum();
        let months: Vec<(Month, f64)> =
            weights.iter().enumerate().map(|(at, weight)| (first.plus(at as i32), weight / total)).collect();
        let moment = |power: i32, centre: f64| -> f64 {
            months.iter().map(|(at, weight)| (f64::from(at.index()) - centre).powi(power) * weight).sum()
        };
        let mean = moment(1, 0.0);
        let found = AcquiredMonths::thinned(months.clone(), AgeBasis::SalesWindow, String::new(), Vec::new());
        prop_assert!((found.mean_index() - mean).abs() < 1e-6);
        prop_assert!(found.sd_months() >= moment(2, mean).sqrt() - 1e-9);
        prop_assert!(found.sd_months() <= moment(2, mean).sqrt() * 1.05);
        prop_assert!(found.support().len() <= 12);
    }

    #[test]
    fn more_evidence_of_a_true_month_never_widens_the_window(
        bought in 0..24_i32,
        enrolled in 0..6_i32,
    ) {
        let product = launched("2020-01", "2022-01");
        let truth = month("2020-01").plus(bought);
        let on = |month: Month| RegisterDate {
            date: jiff::civil::Date::constant(month.year() as i16, month.month() as i8, 15),
            precision: Precision::Day,
            other: None,
        };
        let window = of(&Asset::default(), &product);
        let seen = Asset { first_seen: Some(on(truth.plus(enrolled))), ..Asset::default() };
        let warranted =
            Asset { warranty_end: Some(on(truth.plus(36))), warranty_months: Some(36), ..seen.clone() };
        let of_seen = of(&seen, &product);
        let of_warranted = of(&warranted, &product);
        prop_assert!(of_seen.sd_months() <= window.sd_months() * 1.05);
        prop_assert!(of_warranted.sd_months() <= of_seen.sd_months() * 1.05 + 0.5);
        prop_assert!(of_warranted.sd_months() < 3.0, "{of_warranted:?}");
        prop_assert!(f64::from(of_warranted.mean_month().months_since(truth)).abs() <= 4.0);
    }
}
