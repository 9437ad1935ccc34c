//! What the outcomes of a made-up world teach, whose truth is known.

use super::super::GivenBy;
use super::*;
use crate::units::{Quantiles, SplitMix64};

fn recalibrate<'a>(
    answered: &'a [Answered],
    in_force: Option<&Calibration>,
    known: impl Fn(&str) -> Option<&'a Calibration>,
) -> Result<Recalibration, TooFew> {
    super::recalibrate(answered, in_force, known, Work::unwatched()).unwrap()
}

/// Forecasts of 100 with a standard deviation of 0.2, sold `shift` away with one of `sd`; by class, grade and route.
fn world(seed: u64, shift: impl Fn(&Answered) -> f64, sd: f64) -> Vec<Answered> {
    let mut draws = SplitMix64::new(seed);
    let reach = (0.2 * STANDARD_NORMAL_P90).exp();
    let gross = Quantiles { mean: 102.0, p10: 100.0 / reach, p50: 100.0, p90: 100.0 * reach };
    let first: Month = "2025-01".parse().unwrap();
    (0..1_600)
        .map(|number| {
            let mut one = Answered {
                by: GivenBy::HandOver,
                class: [AssetClass::Laptop, AssetClass::Server][draws.below(2)],
                product: format!("product {}", draws.below(40)),
                grade: [None, Some("A".to_owned()), Some("C".to_owned())][draws.below(3)].clone(),
                route: ["resell", "wholesale"][draws.below(2)].to_owned(),
                horizon_months: 3,
                sold: first.plus(number / 100),
                gross,
                net: gross,
                model: "residua 0.1.0 models 0123".into(),
                actual_gross: 0.0,
                actual_net: None,
                overridden: None,
            };
            one.actual_gross = 100.0 * (shift(&one) + sd * draws.normal()).exp();
            one
        })
        .collect()
}

fn biased(one: &Answered) -> f64 {
    let class = if one.class == AssetClass::Server { -0.3 } else { 0.0 };
    let grade = if one.grade.as_deref() == Some("C") { -0.2 } else { 0.0 };
    let route = if one.route == "wholesale" { -0.1 } else { 0.0 };
    class + grade + route
}

#[test]
fn a_known_bias_is_found_and_the_intervals_hold_what_they_say() {
    let answered = world(1, biased, 0.35);
    let found = recalibrate(&answered, None, |_| None).unwrap();
    assert_eq!(found.verdict, Verdict::Better);
    let shift = |class, grade, route| found.calibration.shift_log(class, grade, route);
    for (class, grade, route, wanted) in [
        (AssetClass::Server, Some("C"), "wholesale", -0.6),
        (AssetClass::Server, None, "resell", -0.3),
        (AssetClass::Laptop, Some("A"), "resell", 0.0),
    ] {
        let off = shift(class, grade, route) - wanted;
        assert!(off.abs() < 0.06, "{class} {grade:?} {route}: {off}");
    }
    for class in [AssetClass::Laptop, AssetClass::Server] {
        let missing = found.calibration.variance_log(class, 0.04) - 0.35_f64.powi(2);
        assert!(missing.abs() < 0.02, "{missing}");
    }
    assert!(found.before.coverage < 50.0 && (found.after.coverage - 80.0).abs() < 4.0, "{found:?}");
    assert!(found.after.pinball < found.before.pinball);
    let again = recalibrate(&answered, None, |_| None).unwrap();
    assert_eq!(found, again);
}

#[test]
fn intervals_that_were_too_wide_are_narrowed_by_a_factor() {
    let answered = world(6, |_| 0.0, 0.1);
    let found = recalibrate(&answered, None, |_| None).unwrap();
    for correction in found.calibration.classes.values() {
        assert!((correction.width - 0.5).abs() < 0.06 && correction.variance_log == 0.0, "{correction:?}");
    }
    assert!((found.after.coverage - 80.0).abs() < 5.0 && found.before.coverage > 95.0, "{found:?}");
}

#[test]
fn what_all_sales_share_is_the_classes_and_not_the_routes() {
    let mut answered = world(7, |_| -0.3, 0.2);
    answered.iter_mut().for_each(|one| one.route = "resell".to_owned());
    let found = recalibrate(&answered, None, |_| None).unwrap().calibration;
    assert!(found.routes.is_empty(), "{found:?}");
    assert!((found.shift_log(AssetClass::Laptop, None, "retail") + 0.3).abs() < 0.06);
}

#[test]
fn what_does_worse_on_the_sales_held_back_is_refused() {
    // The market turns for the newest quarter: what the older sales teach is wrong by then.
    let turn: Month = "2026-01".parse().unwrap();
    let answered = world(2, |one| if one.sold < turn { 0.4 } else { -0.4 }, 0.2);
    let found = recalibrate(&answered, None, |_| None).unwrap();
    assert_eq!(found.verdict, Verdict::NoBetter);
    assert!(found.after.pinball > found.before.pinball);
}

#[test]
fn forecasts_that_were_calibrated_already_teach_the_same() {
    let raw = world(3, biased, 0.2);
    let first = recalibrate(&raw, None, |_| None).unwrap().calibration;
    let calibrated: Vec<Answered> = raw
        .iter()
        .map(|one| {
            let shift = first.shift_log(one.class, one.grade.as_deref(), &one.route);
            let reach = (first.variance_log(one.class, 0.04).sqrt() * STANDARD_NORMAL_P90).exp();
            let middle = 100.0 * shift.exp();
            let gross = Quantiles { mean: middle, p10: middle / reach, p50: middle, p90: middle * reach };
            Answered { gross, model: format!("{}{}", one.model, first.stamp()), ..one.clone() }
        })
        .collect();
    let second =
        recalibrate(&calibrated, Some(&first), |mark| (mark == first.fingerprint()).then_some(&first));
    let second = second.unwrap();
    assert_eq!(second.left_out, 0);
    for (class, correction) in &first.classes {
        assert!((second.calibration.classes[class].shift_log - correction.shift_log).abs() < 1e-9);
        assert!((second.calibration.classes[class].width - correction.width).abs() < 1e-9);
        assert!((second.calibration.classes[class].variance_log - correction.variance_log).abs() < 1e-9);
    }
    assert!((second.before.pinball - second.after.pinball).abs() < 1e-9);
    let unknown = recalibrate(&calibrated, None, |_| None);
    assert!(matches!(unknown, Err(TooFew { blocks: 0, .. })));
}

#[test]
fn ten_thousand_units_of_one_sale_do_not_outvote_the_others() {
    let mut answered = world(4, |_| 0.0, 0.2);
    let one = Answered { actual_gross: 10.0, ..answered[0].clone() };
    answered.extend((0..10_000).map(|_| one.clone()));
    let found = recalibrate(&answered, None, |_| None).unwrap().calibration;
    let shift = found.shift_log(one.class, one.grade.as_deref(), &one.route);
    assert!(shift.abs() < 0.06, "{shift}");
}

#[test]
fn a_handful_of_sales_is_not_enough() {
    let answered = world(5, |_| 0.0, 0.2);
    let message = recalibrate(&answered[..30], None, |_| None).unwrap_err().to_string();
    assert!(message.contains("settle more"), "{message}");
}
