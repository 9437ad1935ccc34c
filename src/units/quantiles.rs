//! What a forecast says of one number: its mean and its 10, 50 and 90 % points.
//!
//! In: the mean and variance of a logarithm. Out: [`Quantiles`] in money. Quantiles of different things are
//! never added: totals come from joint draws.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// The 90 % point of the standard normal distribution (Abramowitz and Stegun, table 26.5).
pub const STANDARD_NORMAL_P90: f64 = 1.281_551_565_544_600_4;

/// Mean and 10, 50, 90 % points, in the unit of whatever it describes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Expected value.
    pub mean: f64,
    /// One in ten outcomes is below.
    pub p10: f64,
    /// As many outcomes below as above.
    pub p50: f64,
    /// One in ten outcomes is above.
    pub p90: f64,
}

impl Quantiles {
    /// The same number with certainty.
    pub const fn certain(value: f64) -> Quantiles {
        Quantiles { mean: value, p10: value, p50: value, p90: value }
    }

    /// From draws of the quantity. Points are interpolated between order statistics (Hyndman and Fan, type 7).
    ///
    /// Changes the order of `draws`. An empty slice gives zeros.
    pub fn from_draws(draws: &mut [f64]) -> Quantiles {
        if draws.is_empty() {
            return Quantiles::certain(0.0);
        }
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        // Only those next to a point need their place.
        let mut point = |share: f64| {
            let position = share * (draws.len() - 1) as f64;
            let (_, below, higher) = draws.select_nth_unstable_by(position.floor() as usize, f64::total_cmp);
            let above = higher.iter().copied().min_by(f64::total_cmp).unwrap_or(*below);
            *below + position.fract() * (above - *below)
        };
        Quantiles { mean, p10: point(0.1), p50: point(0.5), p90: point(0.9) }
    }

    /// Applies an increasing linear map: `scale × value + shift`, `scale` not negative.
    pub fn map_linear(self, scale: f64, shift: f64) -> Quantiles {
        let map = |value: f64| scale * value + shift;
        Quantiles { mean: map(self.mean), p10: map(self.p10), p50: map(self.p50), p90: map(self.p90) }
    }
}

/// A positive quantity whose logarithm is normal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogNormal {
    /// Mean of the logarithm.
    pub mean_log: f64,
    /// Variance of the logarithm.
    pub variance_log: f64,
}

impl LogNormal {
    /// Expected value, `exp(mean + variance / 2)`.
    pub fn mean(self) -> f64 {
        (self.mean_log + 0.5 * self.variance_log).exp()
    }

    /// The value that a share of the outcomes is below.
    pub fn quantile(self, share: f64) -> f64 {
        (self.mean_log + self.variance_log.sqrt() * Normal::standard().inverse_cdf(share)).exp()
    }

    /// Probability of an outcome below `limit`.
    pub fn probability_below(self, limit: f64) -> f64 {
        standard_normal_below(self.reach(limit))
    }

    /// Expected value counted only where it is below `limit`: `E[X; X < limit]`.
    pub fn partial_mean_below(self, limit: f64) -> f64 {
        self.mean() * standard_normal_below(self.reach(limit) - self.variance_log.sqrt())
    }

    /// Expected amount by which an outcome falls short of `strike`, `E[max(strike − X, 0)]`: Black and Scholes's put
    /// before discounting.
    pub fn expected_shortfall_below(self, strike: f64) -> f64 {
        (strike * self.probability_below(strike) - self.partial_mean_below(strike)).max(0.0)
    }

    /// Standard deviations from the middle to a limit; infinite for no limit, or with nothing uncertain.
    fn reach(self, limit: f64) -> f64 {
        if limit <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let distance = limit.ln() - self.mean_log;
        if self.variance_log > 0.0 {
            distance / self.variance_log.sqrt()
        } else if distance > 0.0 {
            f64::INFINITY
        } else {
            f64::NEG_INFINITY
        }
    }

    /// Mean, median and the 10 and 90 % points.
    pub fn quantiles(self) -> Quantiles {
        let reach = STANDARD_NORMAL_P90 * self.variance_log.sqrt();
        Quantiles {
            mean: self.mean(),
            p10: (self.mean_log - reach).exp(),
            p50: self.mean_log.exp(),
            p90: (self.mean_log + reach).exp(),
        }
    }
}

fn standard_normal_below(point: f64) -> f64 {
    if point.is_infinite() { f64::from(u8::from(point > 0.0)) } else { Normal::standard().cdf(point) }
}

/// The monthly discount factor of a yearly effective rate: `(1 + rate)^(−1/12)`.
pub fn monthly_discount_factor(yearly_rate: f64) -> f64 {
    (1.0 + yearly_rate).powf(-1.0 / 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_normal_has_its_textbook_mean_and_points() {
        let value = LogNormal { mean_log: 0.0, variance_log: 0.25 };
        let points = value.quantiles();
        assert!((points.mean - 1.133_148_453_066_826).abs() < 1e-12);
        assert!((points.p50 - 1.0).abs() < 1e-15);
        assert!((points.p90 * points.p10 - 1.0).abs() < 1e-12);
        assert!((points.p90 - 1.897_962).abs() < 1e-5);
    }

    #[test]
    fn the_put_of_black_and_scholes_is_the_shortfall_of_a_log_normal() {
        // Price 36, strike 40, 6 %, volatility 0.2, one year: 3.844 (Longstaff and Schwartz 2001, table 1).
        let forward = 36.0 * 0.06_f64.exp();
        let value = LogNormal { mean_log: forward.ln() - 0.02, variance_log: 0.04 };
        let put = (-0.06_f64).exp() * value.expected_shortfall_below(40.0);
        assert!((put - 3.844).abs() < 5e-4, "{put}");
        assert!((value.probability_below(value.quantile(0.3)) - 0.3).abs() < 1e-9);
        let certain = LogNormal { mean_log: 10_f64.ln(), variance_log: 0.0 };
        assert!((certain.expected_shortfall_below(12.0) - 2.0).abs() < 1e-12);
        assert_eq!(certain.expected_shortfall_below(9.0), 0.0);
    }

    #[test]
    fn quantiles_of_draws_interpolate_between_order_statistics() {
        let mut draws: Vec<f64> = (0..=10).rev().map(f64::from).collect();
        let points = Quantiles::from_draws(&mut draws);
        assert_eq!((points.p10, points.p50, points.p90, points.mean), (1.0, 5.0, 9.0, 5.0));
    }

    #[test]
    fn twelve_monthly_factors_make_a_yearly_one() {
        assert!((monthly_discount_factor(0.08).powi(12) - 1.0 / 1.08).abs() < 1e-15);
    }
}
