//! One calibration of interval widths from past forecasts.
//!
//! In: outcomes of past forecasts, as their distance from the median in
//! half-widths of the uncalibrated interval and whether the issued interval
//! missed them. Out: the factor for the half-widths of the next forecasts at
//! each horizon.
//!
//! ```text
//! weight of a block (origin o, horizon h) = .95^((T - o - h) / u) / sqrt(max(h / u, 1))
//! scale = max(.3, min(4, weighted 80 % quantile of scores) exp(a))
//! a    += 0.1 months (miss - .2) / .2, clipped to [-.7, 1]
//! ```
//!
//! The weight of a block is shared by its series; 40 half-normal points of
//! total weight 3 are the prior. `miss` is the mean over the blocks realised
//! since the last origin, weighted by `h^-.5`, of the share outside the issued
//! interval. u = steps a month. Source: state-space price model, step 4 from
//! fit to forecast.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, Normal};

use super::error::PriceModelError;
use super::quantiles::{NORMAL_90, weighted_quantile};

const PRIOR_POINTS: u32 = 40;
const PRIOR_WEIGHT: f64 = 3.0;
const MONTHLY_MEMORY: f64 = 0.95;
const LEVEL: f64 = 0.8;
const LARGEST_QUANTILE: f64 = 4.0;
const SMALLEST_SCALE: f64 = 0.3;
const ADAPTION: f64 = 0.1;
const LOWEST_ADJUSTMENT: f64 = -0.7;
const HIGHEST_ADJUSTMENT: f64 = 1.0;

/// The outcome of one forecast of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Month in which the forecast was made.
    pub origin: i32,
    /// Steps ahead, at least one.
    pub horizon: i32,
    /// Distance from the median in uncalibrated half-widths of that side.
    pub score: f64,
    /// Whether it lies outside the 80 % interval that was issued.
    pub missed: bool,
}

/// All outcomes of one origin and horizon.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    origin: i32,
    scores: Vec<f64>,
    missed: usize,
}

/// Calibration that learns as forecasts come true.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrator {
    steps_per_month: f64,
    prior: Vec<(f64, f64)>,
    /// Blocks by horizon.
    blocks: BTreeMap<i32, Vec<Block>>,
    adjustment: f64,
    origin: i32,
}

impl Calibrator {
    /// A calibration that has seen no outcome.
    ///
    /// # Errors
    /// When the number of steps a month is not positive.
    pub fn new(steps_per_month: f64) -> Result<Self, PriceModelError> {
        if !(steps_per_month.is_finite() && steps_per_month > 0.0) {
            return Err(PriceModelError::BadStepsPerMonth { steps: steps_per_month });
        }
        let normal = Normal::standard();
        let points = f64::from(PRIOR_POINTS);
        let prior = (0..PRIOR_POINTS)
            .map(|i| {
                let level = 0.5 + 0.5 * (f64::from(i) + 0.5) / points;
                (normal.inverse_cdf(level) / NORMAL_90, PRIOR_WEIGHT / points)
            })
            .collect();
        Ok(Self { steps_per_month, prior, blocks: BTreeMap::new(), adjustment: 0.0, origin: i32::MIN })
    }

    /// Moves on to the next origin with the outcomes that came true since the
    /// last one; `elapsed_months` is the number of months with data since then.
    /// Outcomes with a horizon under one or a score that is not a number are
    /// left out.
    pub fn advance(&mut self, origin: i32, elapsed_months: f64, outcomes: &[Outcome]) {
        self.origin = origin;
        let mut realised: BTreeMap<(i32, i32), Block> = BTreeMap::new();
        for outcome in outcomes {
            if outcome.horizon < 1 || outcome.score.is_nan() {
                continue;
            }
            let key = (outcome.horizon, outcome.origin);
            let block = realised.entry(key).or_insert_with(|| Block {
                origin: outcome.origin,
                scores: Vec::new(),
                missed: 0,
            });
            block.scores.push(outcome.score);
            block.missed += usize::from(outcome.missed);
        }
        let (mut missed, mut total) = (0.0, 0.0);
        for ((horizon, _), block) in realised {
            let weight = f64::from(horizon).sqrt().recip();
            missed += weight * block.missed_share();
            total += weight;
            self.blocks.entry(horizon).or_default().push(block);
        }
        if total > 0.0 {
            let target = 1.0 - LEVEL;
            let gain = ADAPTION * elapsed_months * (missed / total - target) / target;
            self.adjustment = (self.adjustment + gain).clamp(LOWEST_ADJUSTMENT, HIGHEST_ADJUSTMENT);
        }
    }

    /// Factor for the half-widths of forecasts that many steps ahead.
    #[must_use]
    pub fn scale(&self, horizon: i32) -> f64 {
        let mut points = self.prior.clone();
        for block in self.blocks.get(&horizon).into_iter().flatten() {
            let share = self.block_weight(block, horizon) / block.count();
            points.extend(block.scores.iter().map(|score| (*score, share)));
        }
        let quantile = weighted_quantile(points, LEVEL).unwrap_or(1.0);
        (quantile.min(LARGEST_QUANTILE) * self.adjustment.exp()).max(SMALLEST_SCALE)
    }

    fn block_weight(&self, block: &Block, horizon: i32) -> f64 {
        let since = f64::from(self.origin) - f64::from(block.origin) - f64::from(horizon);
        let months = f64::from(horizon) / self.steps_per_month;
        MONTHLY_MEMORY.powf(since / self.steps_per_month) / months.max(1.0).sqrt()
    }
}

impl Block {
    #[expect(clippy::cast_precision_loss, reason = "series counts are far below 2^52")]
    fn count(&self) -> f64 {
        self.scores.len() as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "series counts are far below 2^52")]
    fn missed_share(&self) -> f64 {
        self.missed as f64 / self.count()
    }
}

#[cfg(test)]
mod tests {
    use super::super::quantiles::Quantiles;
    use super::*;

    #[test]
    fn scales_are_those_of_the_reference() {
        let raw = Quantiles { lower: -0.2, median: 0.0, upper: 0.2 };
        let outcomes = [0.5, 0.1, -0.3, 0.2, 0.0];
        let expected = [1.000_597, 3.270_687, 2.616_079, 1.939_038, 1.695_053];
        let mut calibrator = Calibrator::new(1.0).expect("one step a month");
        let mut open: Vec<Outcome> = Vec::new();
        for ((origin, outcome), expected) in (1..).zip(outcomes).zip(expected) {
            calibrator.advance(origin, 1.0, &open);
            let scale = calibrator.scale(1);
            assert!((scale - expected).abs() < 5.001e-7, "{origin} {scale}");
            open = vec![Outcome {
                origin,
                horizon: 1,
                score: raw.score(outcome),
                missed: raw.widened(scale).misses(outcome),
            }];
        }
    }
    #[test]
    fn an_origin_counts_once_however_many_series_it_has() {
        let scale = |series: usize| {
            let mut calibrator = Calibrator::new(1.0).expect("one step a month");
            let outcome = Outcome { origin: 1, horizon: 1, score: 0.1, missed: false };
            calibrator.advance(2, 1.0, &vec![outcome; series]);
            calibrator.scale(1)
        };
        let fresh = Calibrator::new(1.0).expect("one step a month").scale(1);
        assert!(scale(1) < fresh, "{} {fresh}", scale(1));
        // Points of half their weight lie a little apart from one of the whole.
        assert!((scale(9) / scale(1)).ln().abs() < 0.05, "{} {}", scale(9), scale(1));
    }

    #[test]
    fn a_market_told_by_the_week_is_calibrated_as_by_the_month() {
        let scales = |steps_per_month: i32| -> Vec<f64> {
            let mut calibrator = Calibrator::new(f64::from(steps_per_month)).expect("steps are positive");
            let mut open: Vec<Outcome> = Vec::new();
            let scores = [0.4, 1.7, 0.9, 2.6, 0.2, 1.1, 3.0, 0.6];
            (1..)
                .zip(scores)
                .map(|(month, score)| {
                    calibrator.advance(month * steps_per_month, 1.0, &open);
                    let scale = calibrator.scale(2 * steps_per_month);
                    // Made two months ago, known now.
                    open = vec![Outcome {
                        origin: (month - 1) * steps_per_month,
                        horizon: 2 * steps_per_month,
                        score,
                        missed: score > scale,
                    }];
                    scale
                })
                .collect()
        };
        let (by_month, by_week) = (scales(1), scales(4));
        assert!(by_month.windows(2).any(|two| (two[0] - two[1]).abs() > 0.05), "{by_month:?}");
        for (month, week) in by_month.iter().zip(&by_week) {
            assert!((month - week).abs() < 1e-12, "{by_month:?} {by_week:?}");
        }
    }
}
