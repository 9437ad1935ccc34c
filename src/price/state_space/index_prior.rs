//! Prior of the market index: a level that reverts to zero, pushed by a
//! momentum that dies out.
//!
//! In: hyperparameters. Out: the prior covariance `K` of a path of monthly
//! levels, and how the level `h` months ahead follows from level and momentum
//! now.
//!
//! `m_(t+1) = phi m_t + v_t + eta_t`, `v_(t+1) = rho v_t + xi_t`, eta and xi
//! independent normal with sd se and sv; `m_0 ~ N(0, start_sd^2)`, `v_0` from
//! its stationary law. Source: state-space price model.

use ndarray::Array2;

use super::hyperparameters::Hyperparameters;

/// Variance added to each level so that `K` can be inverted, in squared ln
/// price; 0.0001 log points of sd.
pub const JITTER: f64 = 1e-8;

/// Sd of the first level of a path when list prices are known, in ln price.
pub const START_SD: f64 = 0.6;

/// Covariance of level and momentum.
#[derive(Debug, Clone, Copy, PartialEq)]
struct StateCovariance {
    level: f64,
    cross: f64,
    momentum: f64,
}

/// The dynamics of one market index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexDynamics {
    level_persistence: f64,
    momentum_persistence: f64,
    level_variance: f64,
    momentum_variance: f64,
}

/// A level `h` months ahead given level and momentum now:
/// `level * m + momentum * v + noise`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexStep {
    /// Weight of the level now.
    pub level: f64,
    /// Weight of the momentum now, in months.
    pub momentum: f64,
    /// Variance of the noise, in squared ln price.
    pub noise_variance: f64,
}

impl IndexDynamics {
    /// The dynamics that belong to the hyperparameters.
    #[must_use]
    pub fn new(hyperparameters: &Hyperparameters) -> Self {
        let values = hyperparameters.values();
        Self {
            level_persistence: hyperparameters.market_persistence(),
            momentum_persistence: values.momentum_persistence,
            level_variance: values.market_noise.powi(2),
            momentum_variance: values.momentum_noise.powi(2),
        }
    }

    fn advance(&self, now: StateCovariance) -> StateCovariance {
        let (phi, rho) = (self.level_persistence, self.momentum_persistence);
        StateCovariance {
            level: phi * phi * now.level + 2.0 * phi * now.cross + now.momentum + self.level_variance,
            cross: rho * (phi * now.cross + now.momentum),
            momentum: rho * rho * now.momentum + self.momentum_variance,
        }
    }

    /// Prior covariance of `months` successive levels, squared ln price; the
    /// first level has sd `start_sd`.
    #[must_use]
    pub fn covariance(&self, months: usize, start_sd: f64) -> Array2<f64> {
        let rho = self.momentum_persistence;
        let mut now = StateCovariance {
            level: start_sd * start_sd,
            cross: 0.0,
            momentum: self.momentum_variance / (1.0 - rho * rho),
        };
        let mut covariance = Array2::zeros((months, months));
        for first in 0..months {
            let (mut level, mut momentum) = (1.0, 0.0);
            for second in first..months {
                let value = level * now.level + momentum * now.cross;
                covariance[[first, second]] = value;
                covariance[[second, first]] = value;
                (level, momentum) = self.lengthen(level, momentum);
            }
            covariance[[first, first]] += JITTER;
            now = self.advance(now);
        }
        covariance
    }

    /// First row of the next power of the transition matrix `[[phi, 1], [0,
    /// rho]]`.
    fn lengthen(&self, level: f64, momentum: f64) -> (f64, f64) {
        (level * self.level_persistence, level + momentum * self.momentum_persistence)
    }

    /// The level `ahead` months from now; zero months ahead it is the level
    /// itself.
    #[must_use]
    pub fn step(&self, ahead: usize) -> IndexStep {
        let (mut level, mut momentum) = (1.0, 0.0);
        let mut noise = StateCovariance { level: 0.0, cross: 0.0, momentum: 0.0 };
        for _ in 0..ahead {
            (level, momentum) = self.lengthen(level, momentum);
            noise = self.advance(noise);
        }
        IndexStep { level, momentum, noise_variance: noise.level + JITTER }
    }

    /// Covariance of the noise one and two months ahead (squared ln price).
    #[must_use]
    pub fn noise_covariance_of_first_two(&self) -> [[f64; 2]; 2] {
        let cross = self.level_persistence * self.level_variance;
        [[self.step(1).noise_variance, cross], [cross, self.step(2).noise_variance]]
    }
}

#[cfg(test)]
mod tests {
    use super::super::hyperparameters::HyperparameterPrior;
    use super::*;

    #[test]
    fn path_covariance_follows_from_the_step_weights() {
        let dynamics = IndexDynamics::new(HyperparameterPrior::default().median());
        let covariance = dynamics.covariance(8, START_SD);
        let momentum_variance = 0.02_f64.powi(2) / (1.0 - 0.49);
        for ahead in 0..8 {
            let step = dynamics.step(ahead);
            let from_start = step.level * START_SD.powi(2);
            let jitter = if ahead == 0 { JITTER } else { 0.0 };
            assert!((covariance[[0, ahead]] - from_start - jitter).abs() < 1e-15);
            let variance = step.level.powi(2) * START_SD.powi(2)
                + step.momentum.powi(2) * momentum_variance
                + step.noise_variance;
            assert!((covariance[[ahead, ahead]] - variance).abs() < 1e-14);
        }
    }
}
