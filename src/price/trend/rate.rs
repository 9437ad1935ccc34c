//! The recent rate of change of a class.
//!
//! In: the price steps of each month. Out: the excess of the recent rate over the long-run rate, in ln price a month.
//!
//! ```text
//! s = 1 / (1 + months since the first price / 60)
//! e = sum v (clip(dy, -.3, .3) - μ s dt) / (sum v dt + 30) , v = .6^(T - t) min(1, 30 / steps of the month)
//! x = .05 tanh(e / .05)
//! ```
//!
//! over neighbouring prices of a series at most three months apart. Old things fall more slowly (the price model's age
//! curve bends after the third year); how long a series has been seen stands in for an age that no catalog may know. A month speaks with at most thirty voices, however
//! many series there are, because its steps share the market's luck. The excess is bounded, because no market falls or
//! rises by more than five per cent a month for long.

use crate::price::soundness::{self, Sound};
use serde::{Deserialize, Serialize};

/// Long-run rate of used hardware when it is first seen, in ln price a month: about a quarter of its value a year.
pub const LONG_RUN_RATE: f64 = -0.026;

/// Share of a month's excess rate that is left a month later.
pub const EXCESS_KEPT: f64 = 0.85;

/// Months after the first price at which a series ages half as fast.
const HALVING_MONTHS: f64 = 60.0;

const LONGEST_GAP: i32 = 3;
const LARGEST_STEP: f64 = 0.3;
const MONTHLY_MEMORY: f64 = 0.6;
const PRIOR_STEPS: f64 = 30.0;
const MOST_STEPS_A_MONTH: f64 = 30.0;
const LARGEST_EXCESS: f64 = 0.05;

/// Decayed sums of steps up to a month.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct RecentRate {
    month: i32,
    change: f64,
    time: f64,
    aged: f64,
}

/// A step between neighbouring prices of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Months since the price before.
    pub gap: i32,
    /// Change in ln price.
    pub change: f64,
    /// Months since the first price of the series, at the price before.
    pub seen: i32,
}

/// Share of the long-run rate at which a series ages that was first seen so many months ago.
#[must_use]
pub fn slowing(seen: i32) -> f64 {
    1.0 / (1.0 + f64::from(seen.max(0)) / HALVING_MONTHS)
}

impl RecentRate {
    /// Whether sums from a file can be used.
    pub(super) fn check(&self) -> Sound {
        soundness::month("the month of the recent rate", self.month)?;
        soundness::weight("change", self.change)?;
        soundness::weight("time", self.time)?;
        soundness::weight("aged", self.aged)
    }

    /// Moves on to a later `month` with the steps that end in it: months since the price before, and change in ln
    /// price.
    pub fn advance(&mut self, month: i32, steps: &[Step]) {
        self.fade_to(month);
        let near = || steps.iter().filter(|step| step.gap <= LONGEST_GAP);
        let voices = (MOST_STEPS_A_MONTH / near().count().max(1) as f64).min(1.0);
        for step in near() {
            self.change += voices * step.change.clamp(-LARGEST_STEP, LARGEST_STEP);
            self.time += voices * f64::from(step.gap);
            self.aged += voices * slowing(step.seen) * f64::from(step.gap);
        }
    }

    /// Moves on to a later `month` in which nothing was seen.
    pub fn fade_to(&mut self, month: i32) {
        let kept = MONTHLY_MEMORY.powi((month - self.month).max(0));
        self.change *= kept;
        self.time *= kept;
        self.aged *= kept;
        self.month = month;
    }

    /// Excess of the recent rate over the long-run rate, in ln price a month.
    #[must_use]
    pub fn excess(&self, long_run_rate: f64) -> f64 {
        let excess = (self.change - long_run_rate * self.aged) / (self.time + PRIOR_STEPS);
        LARGEST_EXCESS * (excess / LARGEST_EXCESS).tanh()
    }
}

/// Change in ln price over `lag` months at this excess.
#[must_use]
pub fn expected_change(long_run_rate: f64, excess: f64, seen: i32, lag: i32) -> f64 {
    let long_run_rate = long_run_rate * slowing(seen);
    let fading = EXCESS_KEPT * (1.0 - EXCESS_KEPT.powi(lag)) / (1.0 - EXCESS_KEPT);
    long_run_rate * f64::from(lag) + excess * fading
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(change: f64, seen: i32) -> Step {
        Step { gap: 1, change, seen }
    }

    #[test]
    fn what_was_first_seen_five_years_ago_ages_half_as_fast() {
        let long_run = |seen: i32| expected_change(LONG_RUN_RATE, 0.0, seen, 10);
        assert!((long_run(60) - 0.5 * long_run(0)).abs() < 1e-15);
        let mut rate = RecentRate::default();
        rate.advance(1, &[step(0.5 * LONG_RUN_RATE, 60); 30]);
        assert!(rate.excess(LONG_RUN_RATE).abs() < 1e-15, "it falls as expected of its age");
    }

    #[test]
    fn nothing_seen_is_no_excess_and_a_long_silence_forgets() {
        assert_eq!(RecentRate::default().excess(LONG_RUN_RATE), 0.0);
        let mut rate = RecentRate::default();
        rate.advance(1, &[step(-0.1, 0); 30]);
        let seen = rate.excess(LONG_RUN_RATE);
        assert!(seen < -0.02, "{seen}");
        rate.fade_to(40);
        assert!(rate.excess(LONG_RUN_RATE).abs() < 1e-6);
    }

    #[test]
    fn thirty_equal_steps_move_the_rate_half_the_way_and_a_crowd_no_further() {
        let mut rate = RecentRate::default();
        rate.advance(1, &[step(-0.04, 0); 30]);
        // 30 (-.04 + .026) / 60 = -.007, bounded by the tangent.
        assert!((rate.excess(LONG_RUN_RATE) - 0.05 * (-0.14_f64).tanh()).abs() < 1e-15);
        let mut crowd = RecentRate::default();
        crowd.advance(1, &[step(-0.04, 0); 3000]);
        assert!((crowd.excess(LONG_RUN_RATE) - rate.excess(LONG_RUN_RATE)).abs() < 1e-12);
    }

    #[test]
    fn the_excess_fades_and_the_long_run_stays() {
        let far = expected_change(LONG_RUN_RATE, 0.03, 0, 600);
        assert!((far - (600.0 * LONG_RUN_RATE + 0.03 * 0.85 / 0.15)).abs() < 1e-9, "{far}");
        assert!((expected_change(LONG_RUN_RATE, 0.03, 0, 1) - (LONG_RUN_RATE + 0.0255)).abs() < 1e-15);
    }
}
