//! Prices that do not move.
//!
//! In: how often prices of a class and of a series stayed exactly as they were. Out: the probability that the price
//! of a series still stands after n months, and the quantiles of a forecast with that jump in it.
//!
//! ```text
//! p0(n)   = (unmoved + 20 base) / (pairs + 20) , base = p0(n')^(n / n') of the last shorter lag with 30 pairs
//! s_i     = (sum .95^age stayed + 6 s) / (sum .95^age + 6)        one-month share of the series, s of its class
//! p0_i(n) = min(.97, p0(n) s_i / s)
//! CDF     = p0 [y >= y_last] + (1 - p0) F
//! ```
//!
//! F is the two-piece normal of the moved prices. Left out where p0(n) is under one per cent.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::super::state_space::hurdle::smoothed_share;
use super::super::state_space::quantiles::{NORMAL_90, Quantiles};
use crate::price::soundness::{self, Sound};

const FEWEST_PAIRS: usize = 30;
const SERIES_PRIOR: f64 = 6.0;
const MONTHLY_MEMORY: f64 = 0.95;
const LARGEST_SHARE: f64 = 0.97;
const SMALLEST_CLASS_SHARE: f64 = 0.01;
const NO_MOVE: f64 = 1e-9;

/// Whether a change in ln price is none.
#[must_use]
pub fn stayed(change: f64) -> bool {
    change.abs() <= NO_MOVE
}

/// Share of unmoved prices by lag 1, 2, ... from (unmoved, pairs) of each.
#[must_use]
pub fn class_shares(counts: &[(usize, usize)]) -> Vec<f64> {
    let mut known: Option<(f64, f64)> = None;
    let mut shares = Vec::with_capacity(counts.len());
    for (position, (unmoved, pairs)) in counts.iter().enumerate() {
        let lag = (position + 1) as f64;
        let base = known.map_or(0.0, |(shorter, share): (f64, f64)| share.powf(lag / shorter));
        let share = smoothed_share(*unmoved, *pairs, base);
        if *pairs >= FEWEST_PAIRS {
            known = Some((lag, share));
        }
        shares.push(share);
    }
    shares
}

/// Decayed count of one-month steps and of those that stayed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Stays {
    stayed: f64,
    steps: f64,
}

impl Stays {
    /// Whether counts from a file can be used.
    pub(super) fn check(self) -> Sound {
        soundness::weight("steps", self.steps)?;
        // Both are sums of the same weights, so rounding may part them in the last digit.
        soundness::share("stayed of steps", self.stayed / self.steps.max(self.stayed).max(f64::MIN_POSITIVE))
    }

    /// Counts the steps (months between, change in ln price) of a history in order.
    #[must_use]
    pub fn of(steps: impl Iterator<Item = (i32, i32, f64)>, now: i32) -> Stays {
        steps.filter(|step| step.1 == 1).fold(Stays::default(), |sum, (month, _, change)| {
            let weight = MONTHLY_MEMORY.powi((now - month).max(0));
            Stays {
                stayed: sum.stayed + weight * f64::from(u8::from(stayed(change))),
                steps: sum.steps + weight,
            }
        })
    }

    /// The counts a month later, after a step of this change if there was one.
    #[must_use]
    pub fn after(self, months: i32, change: Option<f64>) -> Stays {
        let kept = MONTHLY_MEMORY.powi(months.max(0));
        let (stayed, steps) = change.map_or((0.0, 0.0), |change| (f64::from(u8::from(stayed(change))), 1.0));
        Stays { stayed: kept * self.stayed + stayed, steps: kept * self.steps + steps }
    }

    /// Both counts together.
    #[must_use]
    pub fn plus(self, other: Stays) -> Stays {
        Stays { stayed: self.stayed + other.stayed, steps: self.steps + other.steps }
    }

    /// Share that stayed (0 to 1); zero when nothing was seen.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.steps > 0.0 { self.stayed / self.steps } else { 0.0 }
    }

    /// Stickiness of a series relative to its class, drawn towards one.
    #[must_use]
    pub fn relative_to(self, class: f64) -> f64 {
        if class <= 0.0 {
            return 1.0;
        }
        (self.stayed + SERIES_PRIOR * class) / (self.steps + SERIES_PRIOR) / class
    }
}

/// Probability that a price of a series stands, from that of its class.
#[must_use]
pub fn series_share(class_share: f64, relative: f64) -> f64 {
    if class_share < SMALLEST_CLASS_SHARE { 0.0 } else { (class_share * relative).min(LARGEST_SHARE) }
}

/// The forecast of a price that moves, with a jump of `share` at the last ln price.
#[must_use]
pub fn with_jump(moved: &Quantiles, last: f64, share: f64) -> Quantiles {
    if share <= 0.0 {
        return *moved;
    }
    let normal = Normal::standard();
    let score = moved.score(last);
    let below = normal.cdf(NORMAL_90 * if last < moved.median { -score } else { score });
    let at = |level: f64| {
        let before = (1.0 - share) * below;
        if level < before {
            moved.at_normal_point(normal.inverse_cdf(level / (1.0 - share))).min(last)
        } else if level <= before + share {
            last
        } else {
            moved.at_normal_point(normal.inverse_cdf((level - share) / (1.0 - share))).max(last)
        }
    };
    Quantiles { lower: at(0.1), median: at(0.5), upper: at(0.9) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_borrow_from_shorter_lags() {
        let shares = class_shares(&[(60, 100), (1, 2)]);
        assert!((shares[0] - 0.5).abs() < 1e-12);
        assert!((shares[1] - (1.0 + 20.0 * 0.25) / 22.0).abs() < 1e-12);
    }

    #[test]
    fn a_price_that_mostly_stands_is_forecast_to_stand() {
        let moved = Quantiles { lower: -0.2, median: -0.1, upper: 0.0 };
        let found = with_jump(&moved, 0.0, 0.85);
        assert_eq!((found.median, found.upper), (0.0, 0.0));
        assert!(found.lower < 0.0 && found.lower > -0.2);
        assert_eq!(with_jump(&moved, 0.0, 0.0), moved);
        let certain = with_jump(&Quantiles { lower: 0.0, median: 0.0, upper: 0.0 }, 0.0, 0.5);
        assert_eq!((certain.lower, certain.upper), (0.0, 0.0));
    }

    #[test]
    fn points_are_those_of_the_mixture_of_a_jump_and_a_normal() {
        // Log prices with median -0.1 and a standard deviation of 0.1 below and of 0.2 above it.
        let reach = NORMAL_90;
        let moved = Quantiles { lower: -0.1 - 0.1 * reach, median: -0.1, upper: -0.1 + 0.2 * reach };
        let normal = Normal::standard();
        let below = |price: f64| {
            let sd = if price < -0.1 { 0.1 } else { 0.2 };
            normal.cdf((price + 0.1) / sd)
        };
        for (last, share) in [(-0.13, 0.3), (0.05, 0.3), (-0.3, 0.1), (0.4, 0.2)] {
            let found = with_jump(&moved, last, share);
            for (level, price) in [(0.1, found.lower), (0.5, found.median), (0.9, found.upper)] {
                let up_to = (1.0 - share) * below(price) + if price >= last { share } else { 0.0 };
                let short_of = up_to - if price == last { share } else { 0.0 };
                let holds = up_to >= level - 1e-9 && short_of <= level + 1e-9;
                assert!(holds, "{last} {share} {level}: {price} {short_of} {up_to}");
            }
        }
    }

    #[test]
    fn a_jump_below_the_median_is_placed_by_the_lower_side_and_one_above_it_by_the_upper() {
        // By hand: Φ(−1) = 0.158655, Φ⁻¹(0.2) = −0.841621, Φ⁻¹(0.9) = 1.281552.
        let moved = Quantiles { lower: -2.0 * NORMAL_90, median: 0.0, upper: NORMAL_90 };
        let close = |found: Quantiles, by_hand: [f64; 3]| {
            for (one, other) in [found.lower, found.median, found.upper].into_iter().zip(by_hand) {
                assert!((one - other).abs() < 1e-5, "{found:?} {by_hand:?}");
            }
        };
        // One standard deviation below: 0.5 · 0.158655 = 0.079 lie below the jump, so it covers 0.079 to 0.579.
        close(with_jump(&moved, -2.0, 0.5), [-2.0, -2.0, 0.841_621]);
        // One above: 0.5 · 0.841345 = 0.421 lie below it, so it covers 0.421 to 0.921.
        close(with_jump(&moved, 1.0, 0.5), [-2.0 * 0.841_621, 1.0, 1.0]);
    }

    #[test]
    fn a_series_of_its_own_mind_is_heard_after_some_steps() {
        let steps = (1..40).map(|month| (month, 1, 0.0));
        let own = Stays::of(steps, 40);
        assert!(own.relative_to(0.3) > 2.0);
        assert!((Stays::default().relative_to(0.3) - 1.0).abs() < 1e-12);
        assert_eq!(own.relative_to(0.0), 1.0);
        assert!((series_share(0.9, own.relative_to(0.3)) - LARGEST_SHARE).abs() < 1e-12);
        assert_eq!(series_share(0.005, 2.0), 0.0);
    }
}
