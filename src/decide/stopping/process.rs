//! A log price that moves month by month, and how a forecast becomes one.
//!
//! ```text
//! S_t = expected_t · exp(y_t − (level + resolved_t) / 2),   y_0 ~ N(0, level),   y_t − y_{t−1} ~ N(0, Δresolved_t)
//! ```
//!
//! so that `E S_t = expected_t` whatever the variances are.

use crate::price::Forecast;

/// A log-normal price with independent monthly moves.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceProcess {
    /// Expected price at each step, step 0 first; at least one.
    expected: Vec<f64>,
    /// Variance of the log price that is resolved between steps 0 and t; grows from 0.
    resolved: Vec<f64>,
    /// Variance of the log price at step 0, which the first offer shows.
    level: f64,
}

impl PriceProcess {
    /// A process from its expected prices, the variance resolved up to each step, and the variance of its level.
    ///
    /// Resolved variances count from that of step 0 and never fall: where they would, nothing moves. A figure that is
    /// not finite, or an expected price that is not above 0, gives `None`.
    pub fn new(expected: Vec<f64>, resolved: &[f64], level: f64) -> Option<PriceProcess> {
        let usable = |value: &f64| value.is_finite() && *value >= 0.0;
        let prices = expected.iter().all(|price| price.is_finite() && *price > 0.0);
        if expected.is_empty() || expected.len() != resolved.len() || !prices {
            return None;
        }
        if !resolved.iter().chain([&level]).all(usable) {
            return None;
        }
        let first = resolved[0];
        let mut most: f64 = 0.0;
        let resolved = resolved
            .iter()
            .map(|variance| {
                most = most.max(variance - first);
                most
            })
            .collect();
        Some(PriceProcess { expected, resolved, level })
    }

    /// The price that a forecast describes, from its first month to `months` later, times `factor`.
    ///
    /// The growth of the variance of market and product is resolved month by month; everything else, which is the
    /// curve, the single unit and what is unsure of market and product today, is the level that an offer shows.
    /// The variance of the log price in the month `exact` is then exactly the forecast's.
    pub fn of_forecast(
        forecast: &Forecast,
        factor: f64,
        months: usize,
        exact: usize,
    ) -> Option<PriceProcess> {
        let last = forecast.points.len().checked_sub(1)?;
        let moving: Vec<f64> = (0..=months)
            .map(|ahead| {
                let variance = forecast.points[ahead.min(last)].variance;
                variance.market + variance.product
            })
            .collect();
        let expected: Vec<f64> = (0..=months).map(|ahead| forecast.value(ahead).mean() * factor).collect();
        let mut process = PriceProcess::new(expected, &moving, 0.0)?;
        let whole = forecast.value(exact).variance_log;
        // Where the rest of the variance shrinks faster than market and product grow, only the whole can be resolved.
        for resolved in &mut process.resolved {
            *resolved = resolved.min(whole);
        }
        process.level = whole - process.resolved[exact.min(months)];
        Some(process)
    }

    /// Number of the last step.
    pub fn last_step(&self) -> usize {
        self.expected.len() - 1
    }

    /// Expected price at a step.
    pub fn expected(&self, step: usize) -> f64 {
        self.expected[step]
    }

    /// Variance of the log price at step 0.
    pub const fn level_variance(&self) -> f64 {
        self.level
    }

    /// Variance of the log price at a step, seen before the first offer.
    pub fn variance(&self, step: usize) -> f64 {
        self.level + self.resolved[step]
    }

    /// Variance that is resolved between a step and the next.
    pub fn move_variance(&self, step: usize) -> f64 {
        self.resolved[step + 1] - self.resolved[step]
    }

    /// The price at a step where the log deviation is 0.
    pub fn center(&self, step: usize) -> f64 {
        self.expected[step] * (-0.5 * self.variance(step)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{Basis, Drivers, Forecast, Reference, ReferenceKind, Variance};

    #[test]
    fn the_variance_of_market_and_product_is_resolved_and_the_rest_is_the_level() {
        let point = |ahead: f64| crate::price::Point {
            drivers: Drivers { age: -0.02 * ahead, ..Drivers::default() },
            variance: Variance {
                market: 0.01 + 0.002 * ahead,
                curve: 0.04,
                product: 0.03 + 0.001 * ahead,
                unit: 0.1,
            },
        };
        let forecast = Forecast {
            basis: Basis::Family,
            reference: Reference { price_usd: 1_000.0, kind: ReferenceKind::ListPrice },
            market: "m".into(),
            product: "p".into(),
            start: "2026-11".parse().unwrap(),
            parts: None,
            cards_share: 0.0,
            points: (0..=24).map(|ahead| point(f64::from(ahead))).collect(),
        };
        let process = PriceProcess::of_forecast(&forecast, 2.0, 24, 12).unwrap();
        assert!((process.level_variance() - 0.18).abs() < 1e-12);
        assert!((process.move_variance(5) - 0.003).abs() < 1e-12);
        assert!((process.variance(12) - forecast.value(12).variance_log).abs() < 1e-12);
        assert!((process.expected(24) - 2.0 * forecast.value(24).mean()).abs() < 1e-9);
    }

    #[test]
    fn a_price_of_nothing_or_a_variance_below_nothing_is_no_process() {
        assert_eq!(PriceProcess::new(vec![0.0, 1.0], &[0.0, 0.1], 0.0), None);
        assert_eq!(PriceProcess::new(vec![1.0, 1.0], &[0.0, f64::NAN], 0.0), None);
        assert_eq!(PriceProcess::new(vec![1.0], &[0.0], -1.0), None);
        assert_eq!(PriceProcess::new(Vec::new(), &[], 0.0), None);
    }
}
