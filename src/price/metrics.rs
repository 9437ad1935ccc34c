//! How good probabilistic forecasts of a log price were.
//!
//! In: for each forecast its 10, 50 and 90 % quantiles, the log price that came, and the last one known when it was
//! made. Out: scores of one forecast ([`Outcome`]), of many ([`Scores`]), and whether one forecaster's losses are
//! smaller than another's by more than luck ([`diebold_mariano`]).
//!
//! The three quantiles are read as a two-piece normal with half its mass on each side of the median `m`: below it a
//! half-normal of sd `l`, above it one of sd `u`, each its half-width over 1.2816. With `w = (y - m) / s`, `s` the
//! sd of the side on which the outcome `y` lies and `o` the other one:
//!
//! ```text
//! pinball(p) = max(p (y - q_p), (p - 1) (y - q_p))
//! CRPS       = integral of (F(x) - 1[y <= x])^2 dx
//!            = s (w (2 Phi(w) - 1) + 2 phi(w) - 1 / sqrt(pi)) + A (o - s)
//! A          = integral of Phi(z)^2 dz over z < 0 = (sqrt(2) - 1) / (2 sqrt(pi))
//! interval   = (upper - lower) + 2 / alpha (lower - y)+ + 2 / alpha (y - upper)+
//! ```
//!
//! The CRPS is the normal's (Gneiting and Raftery, "Strictly proper scoring rules", JASA 2007, eq. 21) in the unit
//! of the outcome's side; the other side's half, which the outcome does not reach, weighs `A` an sd. The interval
//! score is their eq. 43. The two-piece normal of the literature (John 1982) has a density without a jump and mass
//! in proportion to the sds; ours has quantiles that are the forecast's own.

use std::collections::BTreeMap;
use std::f64::consts::{PI, SQRT_2};

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

use super::state_space::quantiles::{NORMAL_90, Quantiles, sorted_quantile};
use crate::units::SplitMix64;

/// 95 % point of the standard normal (Abramowitz and Stegun, table 26.5).
const NORMAL_95: f64 = 1.644_853_626_951_472_7;

/// Largest distance of a log price from zero: e^100 is no price in any currency.
const MOST_LN_PRICE: f64 = 100.0;

/// Resamples of the blocks.
const BOOTSTRAP_DRAWS: usize = 2_000;

/// Seed of the resamples; any will do, as long as it stays.
const BOOTSTRAP_SEED: u64 = 0x7265_7369_6475_6121;

/// Forecasts that cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// Quantiles that are not in order.
    #[error("quantiles {lower} / {median} / {upper} are not in order; sort them before scoring")]
    UnorderedQuantiles {
        /// 10 % quantile of the log price.
        lower: f64,
        /// 50 % quantile of the log price.
        median: f64,
        /// 90 % quantile of the log price.
        upper: f64,
    },
    /// A number that is no log price.
    #[error("{what} is {value}, which is no log price; leave the forecast out or mend it")]
    NoLogPrice {
        /// Which number.
        what: &'static str,
        /// The number.
        value: f64,
    },
    /// Nothing to score.
    #[error("no forecast to score; give at least one")]
    NoForecasts,
    /// A loss that is not finite.
    #[error("loss {position} is not finite; leave the pair out of both forecasters")]
    BadLoss {
        /// Its position, from 0.
        position: usize,
    },
    /// Losses that do not belong together.
    #[error("{first} and {second} losses in {blocks} block labels; all three need one entry a forecast")]
    UnequalLengths {
        /// Losses of the first forecaster.
        first: usize,
        /// Losses of the second forecaster.
        second: usize,
        /// Block labels.
        blocks: usize,
    },
    /// One block tells nothing of the scatter between blocks.
    #[error("all losses lie in one block; a comparison needs two origins or products at least")]
    OneBlock,
}

/// An interval of log prices and whether it held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalOutcome {
    /// Upper less lower end, in ln price.
    pub width: f64,
    /// Whether the outcome lies in it, ends included.
    pub covers: bool,
    /// Interval score (Winkler), in ln price; small is good.
    pub score: f64,
}

/// One forecast beside what came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    forecast: Quantiles,
    actual: f64,
    last: Option<f64>,
}

impl Outcome {
    /// A forecast, the log price that came (`actual`), and the last log price known when it was made.
    ///
    /// # Errors
    /// When a number is not finite or no log price, or the quantiles are not in order.
    pub fn new(forecast: Quantiles, actual: f64, last: Option<f64>) -> Result<Outcome, MetricError> {
        let Quantiles { lower, median, upper } = forecast;
        let numbers = [
            ("the 10 % quantile", lower),
            ("the median", median),
            ("the 90 % quantile", upper),
            ("the outcome", actual),
            ("the last price", last.unwrap_or(0.0)),
        ];
        for (what, value) in numbers {
            if !(value.is_finite() && value.abs() <= MOST_LN_PRICE) {
                return Err(MetricError::NoLogPrice { what, value });
            }
        }
        if !(lower <= median && median <= upper) {
            return Err(MetricError::UnorderedQuantiles { lower, median, upper });
        }
        Ok(Outcome { forecast, actual, last })
    }

    /// Pinball losses at 10, 50 and 90 %, in ln price.
    pub fn pinballs(&self) -> [f64; 3] {
        let loss = |quantile: f64, level: f64| {
            let error = self.actual - quantile;
            (level * error).max((level - 1.0) * error)
        };
        let Quantiles { lower, median, upper } = self.forecast;
        [loss(lower, 0.1), loss(median, 0.5), loss(upper, 0.9)]
    }

    /// Mean of the three pinball losses, in ln price.
    pub fn pinball(&self) -> f64 {
        self.pinballs().iter().sum::<f64>() / 3.0
    }

    /// Continuous ranked probability score of the two-piece normal, in ln price.
    pub fn crps(&self) -> f64 {
        let Quantiles { lower, median, upper } = self.forecast;
        let (below, above) = ((median - lower) / NORMAL_90, (upper - median) / NORMAL_90);
        let (side, other) = if self.actual < median { (below, above) } else { (above, below) };
        let unreached = (SQRT_2 - 1.0) / (2.0 * PI.sqrt());
        unreached * (other - side) + normal_crps((self.actual - median).abs(), side)
    }

    /// The 80 % interval: the 10 and 90 % quantiles.
    pub fn interval_80(&self) -> IntervalOutcome {
        self.interval(self.forecast.lower, self.forecast.upper, 0.2)
    }

    /// The 90 % interval: the 5 and 95 % points of the two-piece normal.
    pub fn interval_90(&self) -> IntervalOutcome {
        let end = |point: f64| self.forecast.at_normal_point(point);
        self.interval(end(-NORMAL_95), end(NORMAL_95), 0.1)
    }

    fn interval(&self, lower: f64, upper: f64, outside: f64) -> IntervalOutcome {
        let below = (lower - self.actual).max(0.0);
        let above = (self.actual - upper).max(0.0);
        let width = upper - lower;
        IntervalOutcome {
            width,
            covers: below == 0.0 && above == 0.0,
            score: width + 2.0 / outside * (below + above),
        }
    }

    /// Median less outcome, in ln price; positive when the forecast was too high.
    pub fn error(&self) -> f64 {
        self.forecast.median - self.actual
    }

    /// |forecast / actual − 1| of the prices themselves, as a share.
    pub fn absolute_share_error(&self) -> f64 {
        self.error().exp_m1().abs()
    }
}

/// CRPS of a normal with this sd at an outcome this far from its mean.
fn normal_crps(distance: f64, sd: f64) -> f64 {
    if sd == 0.0 {
        return distance;
    }
    let normal = Normal::standard();
    let point = distance / sd;
    distance * (2.0 * normal.cdf(point) - 1.0) + sd * (2.0 * normal.pdf(point) - 1.0 / PI.sqrt())
}

/// Scores of many forecasts; means, unless the field says otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Forecasts scored.
    pub forecasts: usize,
    /// Pinball losses at 10, 50 and 90 %, in ln price.
    pub pinballs: [f64; 3],
    /// Mean of the three, in ln price.
    pub pinball: f64,
    /// Continuous ranked probability score, in ln price.
    pub crps: f64,
    /// Share of outcomes inside the 80 % interval.
    pub coverage_80: f64,
    /// Width of the 80 % interval, in ln price.
    pub width_80: f64,
    /// Interval score of the 80 % interval, in ln price.
    pub interval_score_80: f64,
    /// Share of outcomes inside the 90 % interval.
    pub coverage_90: f64,
    /// Width of the 90 % interval, in ln price.
    pub width_90: f64,
    /// Interval score of the 90 % interval, in ln price.
    pub interval_score_90: f64,
    /// Median less outcome, in ln price.
    pub bias: f64,
    /// |forecast / actual − 1| of the prices, as a share.
    pub mape: f64,
    /// Median of the same.
    pub mdape: f64,
    /// Mean |median − outcome| over mean |last price − outcome|, of the forecasts whose last price is known: the
    /// mean absolute scaled error (Hyndman and Koehler 2006) with "the price stays" over the same distance as scale.
    /// `None` when no last price is known or no price moved.
    pub mase: Option<f64>,
}

impl Scores {
    /// Scores of these forecasts.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(outcomes: &[Outcome]) -> Result<Scores, MetricError> {
        if outcomes.is_empty() {
            return Err(MetricError::NoForecasts);
        }
        let count = outcomes.len() as f64;
        let mean = |value: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(value).sum::<f64>() / count;
        let share = |holds: bool| f64::from(u8::from(holds));
        let mut share_errors: Vec<f64> = outcomes.iter().map(Outcome::absolute_share_error).collect();
        share_errors.sort_by(f64::total_cmp);
        Ok(Scores {
            forecasts: outcomes.len(),
            pinballs: [0, 1, 2].map(|level: usize| mean(&|one| one.pinballs()[level])),
            pinball: mean(&Outcome::pinball),
            crps: mean(&Outcome::crps),
            coverage_80: mean(&|one| share(one.interval_80().covers)),
            width_80: mean(&|one| one.interval_80().width),
            interval_score_80: mean(&|one| one.interval_80().score),
            coverage_90: mean(&|one| share(one.interval_90().covers)),
            width_90: mean(&|one| one.interval_90().width),
            interval_score_90: mean(&|one| one.interval_90().score),
            bias: mean(&Outcome::error),
            mape: mean(&Outcome::absolute_share_error),
            mdape: sorted_quantile(&share_errors, 0.5).ok_or(MetricError::NoForecasts)?,
            mase: scaled_error(outcomes),
        })
    }
}

fn scaled_error(outcomes: &[Outcome]) -> Option<f64> {
    let (mut own, mut stays) = (0.0, 0.0);
    for one in outcomes {
        if let Some(last) = one.last {
            own += one.error().abs();
            stays += (last - one.actual).abs();
        }
    }
    let ratio = own / stays;
    (stays > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// Whether two forecasters' losses differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossComparison {
    /// Mean of first less second loss; negative when the first forecaster is better.
    pub mean_difference: f64,
    /// Lower end of its 95 % interval, which leaves zero out exactly when the p-value is below 5 %.
    pub lower: f64,
    /// Upper end of its 95 % interval.
    pub upper: f64,
    /// Two-sided: how often luck alone makes a difference as large.
    pub p_value: f64,
    /// Blocks resampled.
    pub blocks: usize,
}

/// Compares the losses of two forecasters on the same forecasts (Diebold and Mariano 1995), with a bootstrap of
/// whole blocks in place of the asymptotic variance: forecasts of one origin share its market, those of one product
/// its luck, so only blocks count as repeated trials.
///
/// `blocks` labels each forecast with its origin or product. Each of 2,000 draws takes as many blocks as there are,
/// with replacement; deviations of the drawn means from the mean found are stretched by `√(B / (B − 1))`, which a
/// mean of `B` blocks needs to be unbiased. The root of their mean square is the standard error, and the difference is
/// held against Student's t with `B − 1` degrees of freedom: with a handful of blocks the shares of the draws themselves
/// are far too sure. The same bytes come out every time, whatever the blocks' order.
///
/// # Errors
/// When lengths differ, a loss is not finite, or there are fewer than two blocks.
pub fn diebold_mariano<B: Ord>(
    first: &[f64],
    second: &[f64],
    blocks: &[B],
) -> Result<LossComparison, MetricError> {
    if first.len() != second.len() || first.len() != blocks.len() {
        return Err(MetricError::UnequalLengths {
            first: first.len(),
            second: second.len(),
            blocks: blocks.len(),
        });
    }
    let mut sums: BTreeMap<&B, (f64, f64)> = BTreeMap::new();
    for (position, ((one, other), block)) in first.iter().zip(second).zip(blocks).enumerate() {
        let difference = one - other;
        if !(one.is_finite() && other.is_finite() && difference.is_finite()) {
            return Err(MetricError::BadLoss { position });
        }
        let sum = sums.entry(block).or_default();
        sum.0 += difference;
        sum.1 += 1.0;
    }
    let sums: Vec<(f64, f64)> = sums.into_values().collect();
    match sums.len() {
        0 => return Err(MetricError::NoForecasts),
        1 => return Err(MetricError::OneBlock),
        _ => {}
    }
    let mean_of = |drawn: &mut dyn Iterator<Item = (f64, f64)>| {
        let (sum, count) = drawn.fold((0.0, 0.0), |so_far, one| (so_far.0 + one.0, so_far.1 + one.1));
        sum / count
    };
    let mean_difference = mean_of(&mut sums.iter().copied());
    let count = sums.len() as f64;
    let stretch = (count / (count - 1.0)).sqrt();
    let mut generator = SplitMix64::new(BOOTSTRAP_SEED);
    let squares: f64 = (0..BOOTSTRAP_DRAWS)
        .map(|_| {
            let drawn = mean_of(&mut (0..sums.len()).map(|_| sums[generator.below(sums.len())]));
            (stretch * (drawn - mean_difference)).powi(2)
        })
        .sum();
    let standard_error = (squares / BOOTSTRAP_DRAWS as f64).sqrt();
    let Ok(student) = StudentsT::new(0.0, 1.0, count - 1.0) else { return Err(MetricError::OneBlock) };
    let p_value = match mean_difference.abs() {
        0.0 => 1.0,
        difference if standard_error > 0.0 => 2.0 * (1.0 - student.cdf(difference / standard_error)),
        _ => 0.0,
    };
    let reach = student.inverse_cdf(0.975) * standard_error;
    Ok(LossComparison {
        mean_difference,
        lower: mean_difference - reach,
        upper: mean_difference + reach,
        p_value,
        blocks: sums.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(lower: f64, median: f64, upper: f64, actual: f64) -> Outcome {
        Outcome::new(Quantiles { lower, median, upper }, actual, None).unwrap()
    }

    /// Losses of two forecasters: blocks share a shock, the first is worse by `gap`.
    fn losses(generator: &mut SplitMix64, blocks: usize, gap: f64) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
        let mut all = (Vec::new(), Vec::new(), Vec::new());
        for block in 0..blocks {
            let shock = generator.normal();
            for _ in 0..8 {
                all.0.push(gap + shock + 0.5 * generator.normal());
                all.1.push(0.0);
                all.2.push(block);
            }
        }
        all
    }

    #[test]
    fn the_crps_equals_its_integral_on_a_grid() {
        let normal = Normal::standard();
        for actual in [-1.3, -0.2, 0.0, 0.05, 0.9] {
            let one = outcome(-0.4, 0.0, 0.1, actual);
            let distribution = |x: f64| {
                let half_width = if x < 0.0 { 0.4 } else { 0.1 };
                normal.cdf(x * NORMAL_90 / half_width)
            };
            let step = 1e-4;
            let integral: f64 = (0..80_000)
                .map(|i| {
                    let x = -4.0 + (f64::from(i) + 0.5) * step;
                    let reached = f64::from(u8::from(x >= actual));
                    (distribution(x) - reached).powi(2) * step
                })
                .sum();
            assert!((one.crps() - integral).abs() < 2e-5, "{} {integral}", one.crps());
        }
    }

    #[test]
    fn a_forecast_without_spread_scores_its_distance() {
        let one = outcome(0.3, 0.3, 0.3, 0.5);
        assert!((one.crps() - 0.2).abs() < 1e-15);
        assert!((one.interval_90().score - 20.0 * 0.2).abs() < 1e-12 && !one.interval_90().covers);
        assert_eq!(outcome(0.3, 0.3, 0.3, 0.3).crps(), 0.0);
    }

    #[test]
    fn numbers_that_are_no_log_prices_are_refused() {
        let quantiles = |lower, median, upper| Quantiles { lower, median, upper };
        assert!(matches!(
            Outcome::new(quantiles(0.1, 0.0, 0.2), 0.0, None),
            Err(MetricError::UnorderedQuantiles { .. })
        ));
        for bad in [f64::NAN, f64::INFINITY, -101.0] {
            assert!(Outcome::new(quantiles(0.0, 0.0, 0.2), bad, None).is_err());
            assert!(Outcome::new(quantiles(0.0, 0.0, 0.2), 0.0, Some(bad)).is_err());
            assert!(Outcome::new(quantiles(0.0, bad, 0.2), 0.0, None).is_err());
        }
        assert_eq!(Scores::of(&[]), Err(MetricError::NoForecasts));
    }

    #[test]
    fn the_scale_is_the_error_of_the_last_price() {
        let quantiles = Quantiles { lower: -0.1, median: 0.0, upper: 0.1 };
        let moved = Outcome::new(quantiles, -0.1, Some(0.3)).unwrap();
        let unknown = Outcome::new(quantiles, 5.0, None).unwrap();
        assert!((Scores::of(&[moved, unknown]).unwrap().mase.unwrap() - 0.25).abs() < 1e-12);
        let still = Outcome::new(quantiles, 0.3, Some(0.3)).unwrap();
        assert_eq!(Scores::of(&[still, unknown]).unwrap().mase, None);
    }

    #[test]
    fn equal_forecasters_differ_by_luck_about_one_time_in_twenty() {
        let mut generator = SplitMix64::new(1);
        let mut rejected = 0;
        for _ in 0..400 {
            let (first, second, blocks) = losses(&mut generator, 30, 0.0);
            let found = diebold_mariano(&first, &second, &blocks).unwrap();
            rejected += i32::from(found.p_value < 0.05);
            assert_eq!(found.p_value < 0.05, found.lower > 0.0 || found.upper < 0.0, "{found:?}");
        }
        assert!((8..=36).contains(&rejected), "{rejected} of 400");
    }

    #[test]
    fn a_handful_of_blocks_is_not_surer_than_it_should_be() {
        let mut generator = SplitMix64::new(3);
        let mut rejected = 0;
        for _ in 0..400 {
            let (first, second, blocks) = losses(&mut generator, 4, 0.0);
            rejected += i32::from(diebold_mariano(&first, &second, &blocks).unwrap().p_value < 0.05);
        }
        assert!((6..=40).contains(&rejected), "{rejected} of 400");
    }

    #[test]
    fn a_worse_forecaster_is_told_and_the_order_of_blocks_does_not_matter() {
        let mut generator = SplitMix64::new(2);
        let (first, second, blocks) = losses(&mut generator, 60, 1.0);
        let found = diebold_mariano(&first, &second, &blocks).unwrap();
        assert!(found.p_value < 0.001 && found.lower > 0.4 && found.upper < 1.6, "{found:?}");
        let turned = |values: &[f64]| values.chunks(8).rev().flatten().copied().collect::<Vec<_>>();
        let labels: Vec<usize> = blocks.chunks(8).rev().flatten().copied().collect();
        let again = diebold_mariano(&turned(&first), &turned(&second), &labels).unwrap();
        assert_eq!(found.p_value.to_bits(), again.p_value.to_bits());
        let other_way = diebold_mariano(&second, &first, &blocks).unwrap();
        assert_eq!(found.mean_difference, -other_way.mean_difference);
        assert_eq!(found.p_value, other_way.p_value);
    }

    #[test]
    fn losses_that_cannot_be_compared_are_refused() {
        let refused = |first: &[f64], blocks: &[u8]| diebold_mariano(first, &[0.0, 0.0], blocks).unwrap_err();
        assert_eq!(refused(&[1.0, 2.0], &[1, 1]), MetricError::OneBlock);
        assert_eq!(refused(&[1.0, f64::NAN], &[1, 2]), MetricError::BadLoss { position: 1 });
        assert!(matches!(refused(&[1.0], &[1, 2]), MetricError::UnequalLengths { first: 1, .. }));
        let same = diebold_mariano(&[1.0, 1.0], &[1.0, 1.0], &[1, 2]).unwrap();
        assert_eq!((same.mean_difference, same.p_value), (0.0, 1.0));
    }
}
