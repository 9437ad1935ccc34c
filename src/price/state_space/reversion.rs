//! State-dependent reversion of the market index.
//!
//! In: level and momentum of the index now, and its dynamics. Out: the level a
//! number of months ahead when it reverts faster far above the price curve and
//! slower near or under it, and the shift this gives to a forecast's
//! quantiles.
//!
//! ```text
//! g(m) = 0.5                               m <= 0
//! g(m) = 0.5 + 1.5 m^2 / (m^2 + 0.4^2)     m > 0
//! m_(k+1) = m_k - (1 - phi) g(m_k) m_k + v_k ; v_(k+1) = rho v_k
//! ```
//!
//! The size of the effect was chosen on one crash and is unproven. Source:
//! state-space price model, step 1 from fit to forecast.

use super::compact::{CompactModel, MarketState};

/// Speed of reversion near and under the curve, relative to the average.
const SLOWEST: f64 = 0.5;

/// What is added to the speed far above the curve.
const EXTRA: f64 = 1.5;

/// Level, in ln price, at which half of the extra speed is reached.
const HALF_LEVEL: f64 = 0.4;

/// Speed of reversion at a level, relative to the average.
#[must_use]
pub fn reversion_speed(level: f64) -> f64 {
    if level <= 0.0 {
        return SLOWEST;
    }
    let square = level * level;
    SLOWEST + EXTRA * square / (square + HALF_LEVEL * HALF_LEVEL)
}

/// The level `ahead` steps from `now`, in ln price, where
/// `level_persistence` (phi) and `momentum_persistence` (rho) are the shares
/// kept a step.
#[must_use]
pub fn reverted_level(
    now: MarketState,
    level_persistence: f64,
    momentum_persistence: f64,
    ahead: usize,
) -> f64 {
    let MarketState { mut level, mut momentum } = now;
    for _ in 0..ahead {
        level += momentum - (1.0 - level_persistence) * reversion_speed(level) * level;
        momentum *= momentum_persistence;
    }
    level
}

impl CompactModel {
    /// What state-dependent reversion adds to every quantile of ln retention
    /// that many months ahead, if the model covers segment and month.
    #[must_use]
    pub fn reversion_shift(&self, segment: usize, ahead: usize) -> Option<f64> {
        let now = self.market_state(segment)?;
        let step = self.market_step(ahead)?;
        let expected = step.level * now.level + step.momentum * now.momentum;
        let hyperparameters = self.hyperparameters();
        let reverted = reverted_level(
            now,
            hyperparameters.market_persistence(),
            hyperparameters.values().momentum_persistence,
            ahead,
        );
        Some(reverted - expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_the_reference() {
        let high = MarketState { level: 0.6, momentum: -0.02 };
        let low = MarketState { level: -0.2, momentum: 0.01 };
        let expected = [
            (1, 0.487_692, -0.18),
            (3, 0.344_656, -0.150_9),
            (6, 0.234_402, -0.122_321),
            (12, 0.139_366, -0.087_011),
        ];
        for (ahead, from_high, from_low) in expected {
            assert!((reverted_level(high, 0.9, 0.7, ahead) - from_high).abs() < 5.001e-7);
            assert!((reverted_level(low, 0.9, 0.7, ahead) - from_low).abs() < 5.001e-7);
        }
    }
}
