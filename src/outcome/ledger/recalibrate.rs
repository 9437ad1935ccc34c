//! What the outcomes teach, and whether it holds on outcomes it was not taught.
//!
//! In: [`Answered`] forecasts and the calibration in force. Out: a new [`Calibration`], how both do on the sales that were
//! held back, and the verdict. With the log error `e = ln actual − ln p50` of a forecast and `s = ln(p90/p10) / 2.563` its
//! standard deviation, both taken as the models gave them before any calibration:
//!
//! - Shifts of class, grade and route are the least squares of `e ~ class + grade + route`, each drawn towards none as if
//!   [`PRIOR_BLOCKS`] sales without an error had been seen (a ridge).
//! - The width of a class is split-conformal (Romano, Patterson and Candès 2019, in the form of a scaled residual): the
//!   `⌈(n + 1) 0.8⌉ / n` quantile of `|e − shift| / s`, over 1.2816. A class with fewer than [`LEAST_FOR_WIDTH`] blocks
//!   takes that of all classes together.
//! - Sales of one product in one month share their market: such a block counts as one, however many units it holds.
//! - The newest quarter of the blocks, by month of sale, is held back. The calibration that is installed is the one that
//!   was judged there: it is taught by the older sales alone.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Answered;
use super::grade::pinball;
use crate::catalog::AssetClass;
use crate::fleet::Grade;
use crate::price::calibration::{Calibration, ClassCorrection};
use crate::units::{Month, STANDARD_NORMAL_P90};

/// Blocks without an error that stand against every shift.
const PRIOR_BLOCKS: f64 = 10.0;

/// Blocks a class needs for a width of its own: `10 / α` at α = 0.2.
const LEAST_FOR_WIDTH: usize = 50;

/// Blocks that must be held back, and four times as many taught, before anything is judged.
const LEAST_HELD_BACK: usize = 10;

/// Share of outcomes that p10 to p90 should hold.
const WANTED_COVERAGE: f64 = 0.8;

/// How a calibration does on sales it was not taught.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Sales.
    pub sales: usize,
    /// Different pairs of product and month.
    pub blocks: usize,
    /// Mean pinball loss at 10, 50 and 90 % of the log price, times 100.
    pub pinball: f64,
    /// Percent of sales from p10 to p90.
    pub coverage: f64,
}

/// What became of a calibration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does better on the sales held back.
    Better,
    /// It does not.
    NoBetter,
    /// A correction is more than tenfold.
    TooStrong,
}

/// A new calibration with its trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalibration {
    /// What the older sales teach.
    pub calibration: Calibration,
    /// First month of the sales held back.
    pub held_back_from: Month,
    /// How the calibration in force does on them.
    pub before: Judged,
    /// How the new one does.
    pub after: Judged,
    /// Both, class by class.
    pub by_class: BTreeMap<AssetClass, (Judged, Judged)>,
    /// Whether it is to be installed.
    pub verdict: Verdict,
    /// Forecasts that teach nothing: without an interval, or made under a calibration nobody knows.
    pub left_out: usize,
}

/// Too little to learn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{blocks} pairs of product and month were sold, {held_back} of them in the newest quarter; {needed} are needed, {least} of \
     them newest: settle more before recalibrating"
)]
pub struct TooFew {
    blocks: usize,
    held_back: usize,
    needed: usize,
    least: usize,
}

/// A sale as a lesson: the error of the uncalibrated forecast and how unsure it was.
#[derive(Debug, Clone)]
struct Lesson<'a> {
    class: AssetClass,
    grade: Option<&'static str>,
    route: &'a str,
    block: (&'a str, Month),
    error_log: f64,
    sd_log: f64,
    weight: f64,
}

/// Learns from the older sales and tries it on the newest. `known` finds a calibration by its fingerprint.
pub fn recalibrate<'a>(
    answered: &'a [Answered],
    in_force: Option<&Calibration>,
    known: impl Fn(&str) -> Option<&'a Calibration>,
) -> Result<Recalibration, TooFew> {
    let mut lessons: Vec<Lesson<'_>> = answered.iter().filter_map(|one| lesson(one, &known)).collect();
    let left_out = answered.len() - lessons.len();
    weigh(&mut lessons);
    let (taught, held_back) = split(lessons)?;
    let calibration = learn(&taught);
    let uncalibrated = Calibration::new(0, 0, calibration.months);
    let before = in_force.unwrap_or(&uncalibrated);
    let judge_all = |calibration: &Calibration| judge(held_back.iter(), calibration);
    let classes: BTreeSet<AssetClass> = held_back.iter().map(|lesson| lesson.class).collect();
    let by_class = classes.into_iter().map(|class| {
        let judge_class = |calibration: &Calibration| {
            judge(held_back.iter().filter(|lesson| lesson.class == class), calibration)
        };
        (class, (judge_class(before), judge_class(&calibration)))
    });
    let by_class = by_class.collect();
    let (before, after) = (judge_all(before), judge_all(&calibration));
    let verdict = match calibration.too_strong() {
        Some(_) => Verdict::TooStrong,
        None if after.pinball < before.pinball => Verdict::Better,
        None => Verdict::NoBetter,
    };
    let held_back_from = held_back.iter().map(|lesson| lesson.block.1).min().unwrap_or(calibration.months.1);
    Ok(Recalibration { calibration, held_back_from, before, after, by_class, verdict, left_out })
}

/// What a sale teaches; nothing where the forecast had no interval or cannot be taken back to the models' own.
fn lesson<'a>(one: &'a Answered, known: &impl Fn(&str) -> Option<&'a Calibration>) -> Option<Lesson<'a>> {
    let grade = one.grade.as_deref().and_then(Grade::from_letter).map(Grade::name);
    let (shift, width) = match Calibration::stamped(&one.model) {
        Some(fingerprint) => {
            let used = known(fingerprint)?;
            (used.shift_log(one.class, grade, &one.route), used.width(one.class))
        }
        None => (0.0, 1.0),
    };
    let sd_log = (one.gross.p90 / one.gross.p10).ln() / (2.0 * STANDARD_NORMAL_P90 * width);
    let error_log = (one.actual_gross / one.gross.p50).ln() + shift;
    let usable = error_log.is_finite() && sd_log.is_finite() && sd_log > 0.0;
    usable.then_some(Lesson {
        class: one.class,
        grade,
        route: &one.route,
        block: (&one.product, one.sold),
        error_log,
        sd_log,
        weight: 1.0,
    })
}

/// Gives every block the weight of one sale.
fn weigh(lessons: &mut [Lesson<'_>]) {
    let mut sizes: BTreeMap<(String, Month), f64> = BTreeMap::new();
    let key = |lesson: &Lesson<'_>| (lesson.block.0.to_owned(), lesson.block.1);
    for lesson in lessons.iter() {
        *sizes.entry(key(lesson)).or_default() += 1.0;
    }
    for lesson in lessons {
        lesson.weight = 1.0 / sizes[&key(lesson)];
    }
}

/// The older sales and those held back. A month is never cut in two.
fn split(lessons: Vec<Lesson<'_>>) -> Result<(Vec<Lesson<'_>>, Vec<Lesson<'_>>), TooFew> {
    let blocks = count_blocks(lessons.iter());
    let mut by_month: BTreeMap<Month, BTreeSet<&str>> = BTreeMap::new();
    for lesson in &lessons {
        by_month.entry(lesson.block.1).or_default().insert(lesson.block.0);
    }
    let mut held_back = 0;
    let mut first = None;
    for (month, products) in by_month.iter().rev() {
        if 4 * (held_back + products.len()) > blocks && held_back > 0 {
            break;
        }
        held_back += products.len();
        first = Some(*month);
    }
    let needed = 4 * LEAST_HELD_BACK;
    match first {
        Some(first) if held_back >= LEAST_HELD_BACK && blocks - held_back >= needed - LEAST_HELD_BACK => {
            Ok(lessons.into_iter().partition(|lesson| lesson.block.1 < first))
        }
        _ => Err(TooFew { blocks, held_back, needed, least: LEAST_HELD_BACK }),
    }
}

fn count_blocks<'l, 'a: 'l>(lessons: impl Iterator<Item = &'l Lesson<'a>>) -> usize {
    lessons.map(|lesson| lesson.block).collect::<BTreeSet<_>>().len()
}

/// Shifts and widths.
fn learn(taught: &[Lesson<'_>]) -> Calibration {
    let months = taught.iter().map(|lesson| lesson.block.1);
    let first = months.clone().min().unwrap_or(Month::from_index(0));
    let last = months.max().unwrap_or(first);
    let mut calibration = Calibration::new(taught.len(), count_blocks(taught.iter()), (first, last));
    let shifts = shifts(taught);
    for (effect, shift) in shifts {
        match effect {
            Effect::Class(class) => {
                calibration.classes.insert(class, ClassCorrection { shift_log: shift, width: 1.0 });
            }
            Effect::Grade(letter) => {
                calibration.grades.insert(letter.to_owned(), shift);
            }
            Effect::Route(route) => {
                calibration.routes.insert(route.to_owned(), shift);
            }
        }
    }
    let pooled = width(taught.iter(), &calibration).unwrap_or(1.0);
    let widths: Vec<(AssetClass, f64)> = calibration
        .classes
        .keys()
        .map(|class| {
            let own = taught.iter().filter(|lesson| lesson.class == *class);
            (*class, width(own, &calibration).unwrap_or(pooled))
        })
        .collect();
    for (class, width) in widths {
        calibration.classes.entry(class).and_modify(|correction| correction.width = width);
    }
    calibration
}

/// Something that moves the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect<'a> {
    Class(AssetClass),
    Grade(&'static str),
    Route(&'a str),
}

/// Least squares with a ridge, by Gauss and Seidel: one effect after the other until none moves. The ridge makes the
/// system positive definite, so the sweeps converge.
fn shifts<'a>(taught: &[Lesson<'a>]) -> BTreeMap<Effect<'a>, f64> {
    const SWEEPS: usize = 1_000;
    const STILL: f64 = 1e-13;
    let effects = |lesson: &Lesson<'a>| {
        [
            Some(Effect::Class(lesson.class)),
            lesson.grade.map(Effect::Grade),
            Some(Effect::Route(lesson.route)),
        ]
    };
    // Lessons of one set of effects act alike: their weights and weighted errors are all that counts.
    let mut sums: BTreeMap<[Option<Effect<'a>>; 3], (f64, f64)> = BTreeMap::new();
    for lesson in taught {
        let (weight, error) = sums.entry(effects(lesson)).or_default();
        *weight += lesson.weight;
        *error += lesson.weight * lesson.error_log;
    }
    let mut shifts: BTreeMap<Effect<'a>, f64> =
        sums.keys().flatten().flatten().map(|effect| (*effect, 0.0)).collect();
    let names: Vec<Effect<'a>> = shifts.keys().copied().collect();
    for _ in 0..SWEEPS {
        let mut moved: f64 = 0.0;
        for effect in &names {
            let (mut weights, mut left) = (PRIOR_BLOCKS, 0.0);
            for (together, (weight, error)) in
                sums.iter().filter(|(together, _)| together.contains(&Some(*effect)))
            {
                let others: f64 = together
                    .iter()
                    .flatten()
                    .filter(|other| *other != effect)
                    .map(|other| shifts[other])
                    .sum();
                weights += weight;
                left += error - weight * others;
            }
            let before = shifts.insert(*effect, left / weights).unwrap_or(0.0);
            moved = moved.max((left / weights - before).abs());
        }
        if moved < STILL {
            break;
        }
    }
    shifts
}

/// The factor on the standard deviation that makes p10 to p90 hold what it should; none of too few blocks.
fn width<'l, 'a: 'l>(
    lessons: impl Iterator<Item = &'l Lesson<'a>>,
    calibration: &Calibration,
) -> Option<f64> {
    let lessons: Vec<&Lesson<'_>> = lessons.collect();
    let blocks = count_blocks(lessons.iter().copied());
    if blocks < LEAST_FOR_WIDTH {
        return None;
    }
    let mut reaches: Vec<(f64, f64)> = lessons
        .iter()
        .map(|lesson| {
            let shift = calibration.shift_log(lesson.class, lesson.grade, lesson.route);
            ((lesson.error_log - shift).abs() / lesson.sd_log, lesson.weight)
        })
        .collect();
    reaches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = reaches.iter().map(|(_, weight)| weight).sum();
    let rank = ((blocks as f64 + 1.0) * WANTED_COVERAGE).ceil() / blocks as f64;
    let mut below = 0.0;
    for (reach, weight) in &reaches {
        below += weight;
        if below >= rank * all * (1.0 - 1e-12) {
            return Some(reach / STANDARD_NORMAL_P90);
        }
    }
    reaches.last().map(|(reach, _)| reach / STANDARD_NORMAL_P90)
}

/// How a calibration does on sales; every block counts as one.
fn judge<'l, 'a: 'l>(lessons: impl Iterator<Item = &'l Lesson<'a>>, calibration: &Calibration) -> Judged {
    let lessons: Vec<&Lesson<'_>> = lessons.collect();
    let (mut all, mut loss, mut covered) = (0.0, 0.0, 0.0);
    for lesson in &lessons {
        let middle = calibration.shift_log(lesson.class, lesson.grade, lesson.route);
        let reach = STANDARD_NORMAL_P90 * lesson.sd_log * calibration.width(lesson.class);
        let points = [(0.1, middle - reach), (0.5, middle), (0.9, middle + reach)];
        let mean =
            points.map(|(share, point)| pinball(share, point, lesson.error_log)).iter().sum::<f64>() / 3.0;
        all += lesson.weight;
        loss += lesson.weight * mean;
        covered += lesson.weight * f64::from(u8::from((lesson.error_log - middle).abs() <= reach));
    }
    Judged {
        sales: lessons.len(),
        blocks: count_blocks(lessons.iter().copied()),
        pinball: 100.0 * loss / all,
        coverage: 100.0 * covered / all,
    }
}

#[cfg(test)]
mod tests {
    use super::super::GivenBy;
    use super::*;
    use crate::units::{Quantiles, SplitMix64};

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
            let width = found.calibration.width(class);
            assert!((width - 1.75).abs() < 0.15, "{width}");
        }
        assert!(found.before.coverage < 50.0 && (found.after.coverage - 80.0).abs() < 4.0, "{found:?}");
        assert!(found.after.pinball < found.before.pinball);
        let again = recalibrate(&answered, None, |_| None).unwrap();
        assert_eq!(found, again);
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
                let reach = (0.2 * STANDARD_NORMAL_P90 * first.width(one.class)).exp();
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
}
