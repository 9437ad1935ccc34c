//! What the outcomes teach, and whether it holds on outcomes it was not taught.
//!
//! In: [`Answered`] forecasts and the calibration in force. Out: a new [`Calibration`], how both do on the sales that were
//! held back, and the verdict. With the log error `e = ln actual − ln p50` of a forecast and `s = ln(p90/p10) / 2.563` its
//! standard deviation, both taken as the models gave them before any calibration:
//!
//! - Shifts are the least squares of `e ~ class + grade + route`, each drawn towards none as if [`PRIOR_BLOCKS`] sales
//!   without an error had been seen (a ridge). The commonest route, and the unknown grade (or, where every grade is known,
//!   the commonest), are what the others are told from, so that a class has the level that is seen most.
//! - The spread of a class is split-conformal (Romano, Patterson and Candès 2019), with `z = 1.2816`: the variance that
//!   is missing, the `⌈(n + 1) 0.8⌉ / n` quantile of `((e − shift) / z)² − s²`, is added; where that is below zero the
//!   standard deviation is narrowed by the same quantile of `|e − shift| / (z s)` instead. A class with fewer than
//!   [`LEAST_FOR_SPREAD`] blocks takes that of all classes together.
//! - Sales of one product in one month share their market: such a block counts as one, however many units it holds.
//! - The newest quarter of the blocks, by month of sale, is held back. The calibration that is installed is the one that
//!   was judged there: it is taught by the older sales alone.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::answers::Answered;
use super::grade::pinball;
use crate::catalog::AssetClass;
use crate::fleet::Grade;
use crate::price::calibration::{AS_IT_IS, Calibration, ClassCorrection};
use crate::units::{Cancelled, Month, STANDARD_NORMAL_P90, Work};

/// Blocks without an error that stand against every shift.
const PRIOR_BLOCKS: f64 = 10.0;

/// Blocks a class needs for a spread of its own: `10 / α` at α = 0.2.
const LEAST_FOR_SPREAD: usize = 50;

/// Blocks that must be held back, and four times as many taught, before anything is judged.
const LEAST_HELD_BACK: usize = 10;

/// Steps that are told: making lessons, weighing, splitting and learning from them, judging by class and all.
const STEPS: usize = 6;

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
    variance_log: f64,
    weight: f64,
}

/// Learns from the older sales and tries it on the newest, as long as that is wanted. `known` finds a calibration by its
/// fingerprint.
pub(super) fn recalibrate<'a>(
    answered: &'a [Answered],
    in_force: Option<&Calibration>,
    known: impl Fn(&str) -> Option<&'a Calibration>,
    work: Work<'_>,
) -> Result<Result<Recalibration, TooFew>, Cancelled> {
    let stage = work.stage("learning from sales", STEPS);
    let mut lessons: Vec<Lesson<'_>> = answered.iter().filter_map(|one| lesson(one, &known)).collect();
    let left_out = answered.len() - lessons.len();
    stage.step()?;
    weigh(&mut lessons);
    stage.step()?;
    let (taught, held_back) = match split(lessons) {
        Ok(parts) => parts,
        Err(too_few) => return Ok(Err(too_few)),
    };
    stage.step()?;
    let calibration = learn(&taught);
    stage.step()?;
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
    stage.step()?;
    let (before, after) = (judge_all(before), judge_all(&calibration));
    stage.step()?;
    let verdict = match calibration.too_strong() {
        Some(_) => Verdict::TooStrong,
        None if after.pinball < before.pinball => Verdict::Better,
        None => Verdict::NoBetter,
    };
    let held_back_from = held_back.iter().map(|lesson| lesson.block.1).min().unwrap_or(calibration.months.1);
    Ok(Ok(Recalibration { calibration, held_back_from, before, after, by_class, verdict, left_out }))
}

/// What a sale teaches; nothing where the forecast had no interval or cannot be taken back to the models' own.
fn lesson<'a>(one: &'a Answered, known: &impl Fn(&str) -> Option<&'a Calibration>) -> Option<Lesson<'a>> {
    let grade = one.grade.as_deref().and_then(Grade::from_letter).map(Grade::name);
    let handed_out = ((one.gross.p90 / one.gross.p10).ln() / (2.0 * STANDARD_NORMAL_P90)).powi(2);
    let (shift, variance_log) = match Calibration::stamped(&one.model) {
        Some(fingerprint) => {
            let used = known(fingerprint)?;
            let shift = used.shift_log(one.class, grade, &one.route);
            (shift, used.variance_log_of_models(one.class, handed_out))
        }
        None => (0.0, handed_out),
    };
    let error_log = (one.actual_gross / one.gross.p50).ln() + shift;
    let usable = error_log.is_finite() && variance_log.is_finite() && variance_log > 0.0;
    usable.then_some(Lesson {
        class: one.class,
        grade,
        route: &one.route,
        block: (&one.product, one.sold),
        error_log,
        variance_log,
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
                calibration.classes.insert(class, ClassCorrection { shift_log: shift, ..AS_IT_IS });
            }
            Effect::Grade(letter) => {
                calibration.grades.insert(letter.to_owned(), shift);
            }
            Effect::Route(route) => {
                calibration.routes.insert(route.to_owned(), shift);
            }
        }
    }
    let pooled = spread(taught.iter(), &calibration).unwrap_or((1.0, 0.0));
    let spreads: Vec<(AssetClass, (f64, f64))> = calibration
        .classes
        .keys()
        .map(|class| {
            let own = taught.iter().filter(|lesson| lesson.class == *class);
            (*class, spread(own, &calibration).unwrap_or(pooled))
        })
        .collect();
    for (class, (width, variance_log)) in spreads {
        calibration.classes.entry(class).and_modify(|correction| {
            *correction = ClassCorrection { width, variance_log, ..*correction };
        });
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
    let usual_route = commonest(taught.iter().map(|lesson| (lesson.route, lesson.weight)));
    let grades: Option<Vec<(&'static str, f64)>> =
        taught.iter().map(|lesson| Some((lesson.grade?, lesson.weight))).collect();
    let usual_grade = grades.and_then(|grades| commonest(grades.into_iter()));
    let effects = |lesson: &Lesson<'a>| {
        [
            Some(Effect::Class(lesson.class)),
            lesson.grade.filter(|grade| Some(*grade) != usual_grade).map(Effect::Grade),
            Some(lesson.route).filter(|route| Some(*route) != usual_route).map(Effect::Route),
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

/// The name with most weight, the first of several.
fn commonest<'a>(names: impl Iterator<Item = (&'a str, f64)>) -> Option<&'a str> {
    let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, weight) in names {
        *weights.entry(name).or_default() += weight;
    }
    let heavier = |a: &(&str, f64), b: &(&str, f64)| a.1.total_cmp(&b.1).then(b.0.cmp(a.0));
    weights.into_iter().max_by(heavier).map(|(name, _)| name)
}

/// The factor on the standard deviation and the variance added to it that make p10 to p90 hold what they should; none
/// of too few blocks.
fn spread<'l, 'a: 'l>(
    lessons: impl Iterator<Item = &'l Lesson<'a>>,
    calibration: &Calibration,
) -> Option<(f64, f64)> {
    let lessons: Vec<&Lesson<'_>> = lessons.collect();
    let blocks = count_blocks(lessons.iter().copied());
    if blocks < LEAST_FOR_SPREAD {
        return None;
    }
    let reach = |lesson: &Lesson<'_>| {
        let shift = calibration.shift_log(lesson.class, lesson.grade, lesson.route);
        (lesson.error_log - shift).abs() / STANDARD_NORMAL_P90
    };
    let missing = conformal(&lessons, blocks, |lesson| reach(lesson).powi(2) - lesson.variance_log);
    if missing >= 0.0 {
        return Some((1.0, missing));
    }
    Some((conformal(&lessons, blocks, |lesson| reach(lesson) / lesson.variance_log.sqrt()), 0.0))
}

/// The score that a new sale stays below with the wanted probability; every block counts as one.
fn conformal(lessons: &[&Lesson<'_>], blocks: usize, score: impl Fn(&Lesson<'_>) -> f64) -> f64 {
    let mut scores: Vec<(f64, f64)> = lessons.iter().map(|lesson| (score(lesson), lesson.weight)).collect();
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = scores.iter().map(|(_, weight)| weight).sum();
    let rank = ((blocks as f64 + 1.0) * WANTED_COVERAGE).ceil() / blocks as f64;
    // A hair less, so that the last of equal sums is not missed by a rounding.
    let wanted = rank * all * (1.0 - 1e-12);
    let mut below = 0.0;
    let reached = scores.iter().find(|(_, weight)| {
        below += weight;
        below >= wanted
    });
    reached.or(scores.last()).map_or(0.0, |(score, _)| *score)
}

/// How a calibration does on sales; every block counts as one.
fn judge<'l, 'a: 'l>(lessons: impl Iterator<Item = &'l Lesson<'a>>, calibration: &Calibration) -> Judged {
    let lessons: Vec<&Lesson<'_>> = lessons.collect();
    let (mut all, mut loss, mut covered) = (0.0, 0.0, 0.0);
    for lesson in &lessons {
        let middle = calibration.shift_log(lesson.class, lesson.grade, lesson.route);
        let reach = STANDARD_NORMAL_P90 * calibration.variance_log(lesson.class, lesson.variance_log).sqrt();
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
