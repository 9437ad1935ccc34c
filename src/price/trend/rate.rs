//! The recent rate of change of a class.
//!
//! In: the price steps of each month. Out: the excess of the recent rate over the long-run rate, in ln price a month.
//!
//! ```text
//! r = (sum v clip(dy, -.3, .3) + 30 μ) / (sum v dt + 30) , v = .6^(T - t) min(1, 30 / steps of the month)
//! x = .05 tanh((r - μ) / .05)
//! ```
//!
//! over neighbouring prices of a series at most three months apart. A month speaks with at most thirty voices, however
//! many series there are, because its steps share the market's luck. The excess is bounded, because no market falls or
//! rises by more than five per cent a month for long.

use serde::{Deserialize, Serialize};

/// Long-run rate of used hardware in ln price a month: about a quarter of its value a year.
pub const LONG_RUN_RATE: f64 = -0.0225;

/// Share of a month's excess rate that is left a month later.
pub const EXCESS_KEPT: f64 = 0.85;

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
}

impl RecentRate {
    /// Moves on to a later `month` with the steps that end in it: months since the price before, and change in ln
    /// price.
    pub fn advance(&mut self, month: i32, steps: &[(i32, f64)]) {
        self.fade_to(month);
        let near = || steps.iter().filter(|step| step.0 <= LONGEST_GAP);
        let voices = (MOST_STEPS_A_MONTH / near().count().max(1) as f64).min(1.0);
        for (gap, change) in near() {
            self.change += voices * change.clamp(-LARGEST_STEP, LARGEST_STEP);
            self.time += voices * f64::from(*gap);
        }
    }

    /// Moves on to a later `month` in which nothing was seen.
    pub fn fade_to(&mut self, month: i32) {
        let kept = MONTHLY_MEMORY.powi((month - self.month).max(0));
        self.change *= kept;
        self.time *= kept;
        self.month = month;
    }

    /// Excess of the recent rate over the long-run rate, in ln price a month.
    #[must_use]
    pub fn excess(&self, long_run_rate: f64) -> f64 {
        let rate = (self.change + PRIOR_STEPS * long_run_rate) / (self.time + PRIOR_STEPS);
        LARGEST_EXCESS * ((rate - long_run_rate) / LARGEST_EXCESS).tanh()
    }
}

/// Change in ln price over `lag` months at this excess.
#[must_use]
pub fn expected_change(long_run_rate: f64, excess: f64, lag: i32) -> f64 {
    let fading = EXCESS_KEPT * (1.0 - EXCESS_KEPT.powi(lag)) / (1.0 - EXCESS_KEPT);
    long_run_rate * f64::from(lag) + excess * fading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_seen_is_no_excess_and_a_long_silence_forgets() {
        assert_eq!(RecentRate::default().excess(LONG_RUN_RATE), 0.0);
        let mut rate = RecentRate::default();
        rate.advance(1, &[(1, -0.1); 30]);
        let seen = rate.excess(LONG_RUN_RATE);
        assert!(seen < -0.02, "{seen}");
        rate.fade_to(40);
        assert!(rate.excess(LONG_RUN_RATE).abs() < 1e-6);
    }

    #[test]
    fn the_rate_of_thirty_equal_steps_is_half_the_prior_and_half_theirs() {
        let mut rate = RecentRate::default();
        rate.advance(1, &[(1, -0.04); 30]);
        // (30 · -.04 + 30 · -.0225) / 60 = -.03125, bounded by the tangent.
        assert!((rate.excess(LONG_RUN_RATE) - 0.05 * (-0.175_f64).tanh()).abs() < 1e-15);
        let mut crowd = RecentRate::default();
        crowd.advance(1, &[(1, -0.04); 3000]);
        assert!((crowd.excess(LONG_RUN_RATE) - rate.excess(LONG_RUN_RATE)).abs() < 1e-12);
    }

    #[test]
    fn the_excess_fades_and_the_long_run_stays() {
        let far = expected_change(LONG_RUN_RATE, 0.03, 600);
        assert!((far - (600.0 * LONG_RUN_RATE + 0.03 * 0.85 / 0.15)).abs() < 1e-9, "{far}");
        assert!((expected_change(LONG_RUN_RATE, 0.03, 1) - (LONG_RUN_RATE + 0.0255)).abs() < 1e-15);
    }
}
