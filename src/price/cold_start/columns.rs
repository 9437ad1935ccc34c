//! The columns of the regression and what is believed of them beforehand.
//!
//! In: facts of a unit, its condition and a month. Out: one row of numbers, in the order of [`COLUMNS`].
//!
//! Sources of the priors: level, age, successor, cohort, list price and memory (here: storage) are those of the price
//! model; the rest is wide enough for the data to speak. The columns of growth with age are there because a worn unit of an
//! old product is further from a refurbished one than a worn unit of a young product, and because dear products lose value
//! at another pace than cheap ones.

use serde::{Deserialize, Serialize};

use super::Facts;
use crate::units::Month;

/// The condition of a unit, from the worst to the best. The order is that of the marketplace's own condition codes (7000
/// for parts, 3000 used, 2030 to 2010 refurbished, 1500 opened or new without seal, 1000 new), not of any price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// For parts or not working.
    Parts,
    /// Used and working.
    Used,
    /// Refurbished, visible wear.
    Good,
    /// Refurbished, light wear.
    VeryGood,
    /// Refurbished, hardly any wear.
    Excellent,
    /// Opened, not used.
    OpenBox,
    /// New without the original seal or box.
    NewOther,
    /// New.
    New,
}

impl Condition {
    /// Every condition, from the worst to the best.
    pub const ALL: [Condition; 8] = [
        Condition::Parts,
        Condition::Used,
        Condition::Good,
        Condition::VeryGood,
        Condition::Excellent,
        Condition::OpenBox,
        Condition::NewOther,
        Condition::New,
    ];

    /// The condition that a listing's words mean; `None` for words that name none.
    pub fn from_words(words: &str) -> Option<Condition> {
        let words = words.to_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
        if has(&["parts", "not working"]) {
            Some(Condition::Parts)
        } else if has(&["very good"]) {
            Some(Condition::VeryGood)
        } else if has(&["excellent"]) {
            Some(Condition::Excellent)
        } else if has(&["good"]) {
            Some(Condition::Good)
        } else if has(&["open box", "opened"]) {
            Some(Condition::OpenBox)
        } else if has(&["new (other)", "new other"]) {
            Some(Condition::NewOther)
        } else if has(&["pre-owned", "used"]) {
            Some(Condition::Used)
        } else if has(&["new"]) {
            Some(Condition::New)
        } else {
            None
        }
    }
}

/// Steps between neighbouring conditions.
pub const STEPS: usize = Condition::ALL.len() - 1;

/// Columns before the steps.
const PLAIN: usize = 9;

/// Years after which prices fall more slowly.
const MATURE_YEARS: f64 = 3.0;

/// Years within which a successor takes 63 % of its effect.
const SUCCESSOR_YEARS: f64 = 0.5;

/// List price and storage at which their columns are zero.
const USUAL_LIST_PRICE_USD: f64 = 900.0;
const USUAL_STORAGE_GB: f64 = 128.0;

/// Months before the last sale from which cohorts count.
const COHORT_MONTHS: i32 = 24;

/// Name, prior mean and prior standard deviation of every column.
pub const COLUMNS: [(&str, f64, f64); PLAIN + 2 * STEPS] = [
    ("level", -0.15, 0.06),
    ("age", -0.30, 0.10),
    ("age beyond 3", 0.15, 0.08),
    ("successor", -0.05, 0.05),
    ("cohort", 0.0, 0.06),
    ("list price", 0.0, 0.15),
    ("storage", 0.0, 0.15),
    ("locked", -0.10, 0.15),
    ("age by list price", 0.0, 0.03),
    ("used over parts", 0.40, 0.15),
    ("good over used", 0.10, 0.15),
    ("very good over good", 0.06, 0.15),
    ("excellent over very good", 0.06, 0.15),
    ("open box over excellent", 0.06, 0.15),
    ("new other over open box", 0.04, 0.15),
    ("new over new other", 0.10, 0.15),
    ("used over parts by age", 0.0, 0.02),
    ("good over used by age", 0.01, 0.02),
    ("very good over good by age", 0.01, 0.02),
    ("excellent over very good by age", 0.01, 0.02),
    ("open box over excellent by age", 0.01, 0.02),
    ("new other over open box by age", 0.01, 0.02),
    ("new over new other by age", 0.01, 0.02),
];

/// Whether the coefficient of a column must not be negative.
pub(super) const fn is_step(column: usize) -> bool {
    column >= PLAIN
}

/// One row of the regression. Used and working is the condition at which all steps are zero.
pub fn columns(facts: &Facts, condition: Condition, month: Month, last_month: Month) -> [f64; COLUMNS.len()] {
    let years_since = |earlier: Month| (f64::from(month.months_since(earlier)) / 12.0).max(0.0);
    let age = years_since(facts.launch);
    let list_price = (facts.list_price_usd / USUAL_LIST_PRICE_USD).ln();
    let mut row = [0.0; COLUMNS.len()];
    row[..PLAIN].copy_from_slice(&[
        1.0,
        age,
        (age - MATURE_YEARS).max(0.0),
        facts.successor_launch.map_or(0.0, |launch| 1.0 - (-years_since(launch) / SUCCESSOR_YEARS).exp()),
        f64::from(facts.launch.months_since(last_month) + COHORT_MONTHS) / 12.0,
        list_price,
        (facts.storage_gb / USUAL_STORAGE_GB).ln(),
        f64::from(u8::from(facts.locked)),
        list_price * age,
    ]);
    for step in 0..STEPS {
        let above = f64::from(u8::from(condition as usize > step));
        let reached = above - f64::from(u8::from(Condition::Used as usize > step));
        row[PLAIN + step] = reached;
        row[PLAIN + STEPS + step] = reached * age;
    }
    row
}
