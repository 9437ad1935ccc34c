//! How much of a last price's distance from its own recent mean comes back.
//!
//! In: past errors of the rule without an anchor, and the deviations of the last prices they started from. Out: one
//! coefficient b a lag, between -1 and 0.
//!
//! ```text
//! d   = clip(last price - mean of the last three, -.5, .5)
//! b_n = - sum v (d - mean d)(e - mean e) / (sum v (d - mean d)^2 + 1) , v = .97^(months since the error was seen)
//! ```
//!
//! with the means inside each origin, so that the market's own move says nothing. Noisy asks come back (b near -1),
//! clean means do not (b = 0).

/// Prices that a last one is held against, itself among them.
pub(super) const PRICES: usize = 3;
const LARGEST_DEVIATION: f64 = 0.5;
const RIDGE: f64 = 1.0;
const MONTHLY_MEMORY: f64 = 0.97;

/// Deviation of the last of these ln prices from the mean of the last three.
#[must_use]
pub fn deviation(ln_prices: &[f64]) -> f64 {
    let recent = &ln_prices[ln_prices.len().saturating_sub(PRICES)..];
    let Some(last) = recent.last() else { return 0.0 };
    let mean = recent.iter().sum::<f64>() / recent.len() as f64;
    (last - mean).clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION)
}

/// Decayed sums of one lag.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Comeback {
    month: i32,
    cross: f64,
    square: f64,
}

impl Comeback {
    /// Moves on to `month`, in which these (deviation, error) pairs of one origin came true.
    pub fn advance(&mut self, month: i32, pairs: &[(f64, f64)]) {
        let kept = MONTHLY_MEMORY.powi((month - self.month).max(0));
        self.month = month;
        self.cross *= kept;
        self.square *= kept;
        let count = pairs.len().max(1) as f64;
        let mean = |value: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / count;
        let (deviation, error) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
        for pair in pairs {
            self.cross += (pair.0 - deviation) * (pair.1 - error);
            self.square += (pair.0 - deviation).powi(2);
        }
    }

    /// The coefficient, -1 to 0.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        (self.cross / (self.square + RIDGE)).clamp(-1.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_needs_a_neighbour() {
        assert_eq!(deviation(&[]), 0.0);
        assert_eq!(deviation(&[3.0]), 0.0);
        assert!((deviation(&[9.0, 0.0, 0.0, 0.3]) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn what_always_comes_back_gets_a_coefficient_near_minus_one() {
        let mut comeback = Comeback::default();
        let pairs: Vec<(f64, f64)> =
            (0..40).map(|i| f64::from(i % 5 - 2) * 0.1).map(|d| (d, -d + 0.3)).collect();
        assert_eq!(comeback.coefficient(), 0.0);
        for month in 0..20 {
            comeback.advance(month, &pairs);
        }
        assert!(comeback.coefficient() < -0.85, "{}", comeback.coefficient());
        let mut trend = Comeback::default();
        trend.advance(1, &pairs.iter().map(|pair| (pair.0, pair.0)).collect::<Vec<_>>());
        assert_eq!(trend.coefficient(), 0.0, "momentum of single products is not believed");
    }
}
