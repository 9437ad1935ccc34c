//! The 10, 50 and 90 % quantiles of a forecast log price, and the small tools
//! on quantiles that the steps after the fit share.
//!
//! In: a mean and a variance, or three quantiles. Out: quantiles, and
//! probability points of the two-piece normal that passes through them:
//! `q(p) = median + z_p half_width / 1.2816` with the half-width of that side.
//! Source: state-space price model; two-piece normal.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::error::PriceModelError;

/// 90 % point of the standard normal, as the model rounds it.
pub const NORMAL_90: f64 = 1.2816;

/// Quantiles of a log price.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// 10 % quantile, in ln price.
    pub lower: f64,
    /// 50 % quantile, in ln price.
    pub median: f64,
    /// 90 % quantile, in ln price.
    pub upper: f64,
}

impl Quantiles {
    /// Quantiles of a normal with this mean and variance (squared ln price).
    #[must_use]
    pub fn of_normal(mean: f64, variance: f64) -> Self {
        let half_width = NORMAL_90 * variance.max(0.0).sqrt();
        Self { lower: mean - half_width, median: mean, upper: mean + half_width }
    }

    /// Refuses quantiles that are not finite or not in order.
    ///
    /// # Errors
    /// Names the three quantiles.
    pub fn check(&self) -> Result<(), PriceModelError> {
        let finite = self.lower.is_finite() && self.upper.is_finite();
        if finite && self.lower <= self.median && self.median <= self.upper {
            return Ok(());
        }
        Err(PriceModelError::BadQuantiles { lower: self.lower, median: self.median, upper: self.upper })
    }

    /// All three quantiles moved by `shift`, in ln price.
    #[must_use]
    pub fn shifted(&self, shift: f64) -> Self {
        Self { lower: self.lower + shift, median: self.median + shift, upper: self.upper + shift }
    }

    /// Quantile average with `weight` (0 to 1) on `other`.
    #[must_use]
    pub fn pooled(&self, other: &Self, weight: f64) -> Self {
        let blend = |own: f64, others: f64| (1.0 - weight) * own + weight * others;
        Self {
            lower: blend(self.lower, other.lower),
            median: blend(self.median, other.median),
            upper: blend(self.upper, other.upper),
        }
    }

    /// Both half-widths multiplied by `scale`, the median kept.
    #[must_use]
    pub fn widened(&self, scale: f64) -> Self {
        Self {
            lower: self.median - scale * (self.median - self.lower),
            median: self.median,
            upper: self.median + scale * (self.upper - self.median),
        }
    }

    /// Distance of an outcome from the median in half-widths of its side.
    #[must_use]
    pub fn score(&self, outcome: f64) -> f64 {
        let half_width =
            if outcome < self.median { self.median - self.lower } else { self.upper - self.median };
        (outcome - self.median).abs() / half_width.max(f64::MIN_POSITIVE)
    }

    /// Whether the outcome lies outside the 80 % interval.
    #[must_use]
    pub fn misses(&self, outcome: f64) -> bool {
        outcome < self.lower || outcome > self.upper
    }

    /// The two-piece normal's quantile at the standard normal point `z`.
    #[must_use]
    pub fn at_normal_point(&self, z: f64) -> f64 {
        let half_width = if z < 0.0 { self.median - self.lower } else { self.upper - self.median };
        self.median + z * half_width / NORMAL_90
    }

    /// Mean of the price itself, whose ln is the two-piece normal with half its mass on each side:
    /// `e^m (e^(l^2/2) Phi(-l) + e^(u^2/2) Phi(u))` with the sds l and u of the sides.
    #[must_use]
    pub fn mean_price(&self) -> f64 {
        let normal = Normal::standard();
        let lower = (self.median - self.lower) / NORMAL_90;
        let upper = (self.upper - self.median) / NORMAL_90;
        let side = |sd: f64, point: f64| (sd * sd / 2.0).exp() * normal.cdf(point);
        self.median.exp() * (side(lower, -lower) + side(upper, upper))
    }

    /// Mean pinball loss of the three quantiles at an outcome, in ln price.
    #[must_use]
    pub fn pinball(&self, outcome: f64) -> f64 {
        let loss = |quantile: f64, level: f64| {
            let error = outcome - quantile;
            (level * error).max((level - 1.0) * error)
        };
        (loss(self.lower, 0.1) + loss(self.median, 0.5) + loss(self.upper, 0.9)) / 3.0
    }
}

/// Standard normal points of the probabilities `(i + 0.5) / count`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn normal_points(count: usize) -> Vec<f64> {
    let normal = Normal::standard();
    (0..count).map(|i| normal.inverse_cdf((i as f64 + 0.5) / count as f64)).collect()
}

/// Linear quantile of sorted values at `level` (0 to 1), between order
/// statistics; `None` when there is no value.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position within the slice is small and not negative"
)]
pub fn sorted_quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = level.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let share = position - position.floor();
    Some(sorted[below] + share * (sorted[above] - sorted[below]))
}

/// Linear quantile of values in any order at `level` (0 to 1), as [`sorted_quantile`] of them sorted; only the two that it
/// lies between are looked for.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position within the slice is small and not negative"
)]
pub fn quantile(values: &mut [f64], level: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let position = level.clamp(0.0, 1.0) * last as f64;
    let share = position - position.floor();
    let (_, below, above) = values.select_nth_unstable_by(position.floor() as usize, f64::total_cmp);
    let above = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
    Some(*below + share * (above - *below))
}

/// Points fewer than this are sorted, not divided.
const FEW_POINTS: usize = 48;

/// Quantile of weighted points at `level`: sorted, cumulated at mid-weights,
/// interpolated; `None` when there is no point. Only the points about the
/// quantile are put in order.
#[must_use]
pub fn weighted_quantile(mut points: Vec<(f64, f64)>, level: f64) -> Option<f64> {
    let by_value = |one: &(f64, f64), next: &(f64, f64)| one.0.total_cmp(&next.0);
    let weight = |points: &[(f64, f64)]| points.iter().map(|point| point.1).sum::<f64>();
    let target = level * weight(&points);
    // All points before `from` lie below the others and weigh `sum`; all from `to` on lie above.
    let (mut from, mut to, mut sum) = (0, points.len(), 0.0);
    while to - from > FEW_POINTS {
        let middle = from + (to - from) / 2;
        let (below, pivot, _) = points[from..to].select_nth_unstable_by(middle - from, by_value);
        let before = sum + weight(below);
        if before + 0.5 * pivot.1 >= target {
            to = middle + 1;
        } else {
            (from, sum) = (middle, before);
        }
    }
    points[from..to].sort_by(by_value);
    let mut before: Option<(f64, f64)> = None;
    for (value, weight) in &points[from..to] {
        let middle = sum + 0.5 * weight;
        sum += weight;
        if middle >= target {
            let Some((earlier, lower)) = before else {
                return Some(*value);
            };
            let share = (target - lower) / (middle - lower);
            return Some(earlier + share * (value - earlier));
        }
        before = Some((*value, middle));
    }
    before.map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinball_of_a_two_piece_forecast_by_hand() {
        let forecast = Quantiles { lower: -0.2, median: 0.0, upper: 0.1 };
        // 0.1 * 0.5, 0.5 * 0.3 and 0.9 * 0.2 over three.
        assert!((forecast.pinball(0.3) - 0.38 / 3.0).abs() < 1e-15);
        assert!((forecast.score(0.3) - 3.0).abs() < 1e-12 && forecast.misses(0.3));
        assert!((forecast.score(-0.1) - 0.5).abs() < 1e-12 && !forecast.misses(-0.1));
        assert!((forecast.at_normal_point(-NORMAL_90) + 0.2).abs() < 1e-15);
    }

    #[test]
    fn quantiles_between_points_are_interpolated() {
        assert_eq!(sorted_quantile(&[0.0, 1.0, 4.0], 0.75), Some(2.5));
        assert_eq!(sorted_quantile(&[], 0.5), None);
        let points = vec![(3.0, 1.0), (1.0, 1.0), (2.0, 2.0)];
        // Mid-weights 0.5, 2 and 3.5 of 4.
        assert_eq!(weighted_quantile(points.clone(), 0.5), Some(2.0));
        assert_eq!(weighted_quantile(points.clone(), 0.01), Some(1.0));
        assert_eq!(weighted_quantile(points, 0.99), Some(3.0));
    }

    #[test]
    fn quantiles_of_unsorted_points_are_those_of_the_sorted_ones() {
        let points: Vec<(f64, f64)> =
            (0..1_000).map(|i| f64::from(i * 7_919 % 997)).map(|x| (x.sin(), 1.0 + x.cos().abs())).collect();
        let mut sorted: Vec<f64> = points.iter().map(|point| point.0).collect();
        sorted.sort_by(f64::total_cmp);
        let mut ordered = points.clone();
        ordered.sort_by(|one, next| one.0.total_cmp(&next.0));
        let total: f64 = ordered.iter().map(|point| point.1).sum();
        for level in [0.0, 0.001, 0.1, 0.37, 0.5, 0.8, 0.999, 1.0] {
            let mut values: Vec<f64> = points.iter().map(|point| point.0).collect();
            assert_eq!(quantile(&mut values, level), sorted_quantile(&sorted, level));
            let mut sum = 0.0;
            let middles: Vec<f64> = ordered
                .iter()
                .map(|point| {
                    sum += point.1;
                    sum - 0.5 * point.1
                })
                .collect();
            let place = middles.partition_point(|middle| *middle < level * total);
            let expected = match place {
                0 => ordered[0].0,
                1_000 => ordered[999].0,
                place => {
                    let share = (level * total - middles[place - 1]) / (middles[place] - middles[place - 1]);
                    ordered[place - 1].0 + share * (ordered[place].0 - ordered[place - 1].0)
                }
            };
            let found = weighted_quantile(points.clone(), level).expect("there are points");
            assert!((found - expected).abs() < 1e-12, "{level} {found} {expected}");
        }
        assert_eq!(quantile(&mut [], 0.5), None);
    }

    #[test]
    fn the_mean_price_of_a_symmetric_forecast_is_the_log_normal_mean() {
        let forecast = Quantiles::of_normal(3.0, 0.25);
        assert!((forecast.mean_price() / 3.125_f64.exp() - 1.0).abs() < 1e-9);
        let certain = Quantiles { lower: 1.0, median: 1.0, upper: 1.0 };
        assert!((certain.mean_price() - 1_f64.exp()).abs() < 1e-12);
    }

    #[test]
    fn crossed_quantiles_are_refused() {
        assert!(Quantiles { lower: 0.1, median: 0.0, upper: 0.2 }.check().is_err());
        assert!(Quantiles { lower: f64::NAN, median: 0.0, upper: 0.2 }.check().is_err());
        assert!(Quantiles::of_normal(0.0, 1.0).check().is_ok());
    }
}
