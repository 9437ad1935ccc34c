//! Half-widths of the 80 % interval from past errors and a prior.
//!
//! In: the errors (outcome less centre) of one lag by the origin they were made at. Out: the half-widths below and
//! above the centre, in ln price.
//!
//! ```text
//! block  = .94^(months since it came true) min(1, errors / 60) / max(n, 1) , shared by its errors
//! sd     = sqrt(a^2 + (.04 n^.9)^2), below the centre 1.4 times, averaged with the other forecaster's where there is one
//! prior  = 40 standard normal points, total weight 4
//! a      = exp((k ln q + 30 ln .05) / (k + 30)) , q = 80 % quantile of |one-month error| / 1.2816 over k errors
//! side   = sd × weighted 80 % quantile of |error| / sd on that side
//! ```
//!
//! Overlapping errors of a long lag count less, a few series count less than many, and the prior keeps its weight in
//! quiet years: it is the width that other classes had over all regimes. Falls are deeper than rises, hence the 1.4.

use serde::{Deserialize, Serialize};

use super::super::state_space::quantiles::{NORMAL_90, normal_points, quantile, weighted_quantile};

const LEVEL: f64 = 0.8;
const MONTHLY_MEMORY: f64 = 0.94;
const FULL_BLOCK: f64 = 60.0;
const PRIOR_POINTS: usize = 40;
const PRIOR_WEIGHT: f64 = 4.0;
const SPREAD_A_MONTH: f64 = 0.04;
const SPREAD_POWER: f64 = 0.9;
const LOWER_STRETCH: f64 = 1.4;
const USUAL_NOISE: f64 = 0.05;
const USUAL_NOISE_ERRORS: f64 = 30.0;

/// A number for each side of the centre.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sides {
    /// Below.
    pub below: f64,
    /// Above.
    pub above: f64,
}

/// One past error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Error {
    /// Outcome less centre, in ln price.
    pub error: f64,
    /// The other forecaster's share in the centre, 0 to 1.
    pub weight: f64,
    /// Its standard deviation on that side, in ln price.
    pub sd: f64,
}

/// Errors made at one origin over one lag.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Month in which the forecasts were made.
    pub origin: i32,
    /// Those of each series that had both prices.
    pub errors: Vec<Error>,
}

/// Noise of a single month's price from the sizes of past one-month errors, in ln price.
#[must_use]
pub fn noise(mut sizes: Vec<f64>) -> f64 {
    let seen = quantile(&mut sizes, LEVEL).unwrap_or(USUAL_NOISE) / NORMAL_90;
    let count = sizes.len() as f64;
    let mean =
        (count * seen.max(1e-6).ln() + USUAL_NOISE_ERRORS * USUAL_NOISE.ln()) / (count + USUAL_NOISE_ERRORS);
    mean.exp()
}

/// Standard deviations that the rule alone expects `lag` months ahead, in ln price. Falls are deeper than rises.
#[must_use]
pub fn prior_sd(lag: i32, noise: f64) -> Sides {
    let above = noise.hypot(SPREAD_A_MONTH * f64::from(lag.max(1)).powf(SPREAD_POWER));
    Sides { below: LOWER_STRETCH * above, above }
}

/// The average of the rule's own number and another forecaster's, which has this weight.
#[must_use]
pub fn joined(own: f64, weight: f64, other: f64) -> f64 {
    own + weight * (other - own)
}

/// Half-widths below and above the centre `lag` months ahead in expected standard deviations, from blocks known at
/// `origin`.
#[must_use]
pub fn half_widths<'a>(
    blocks: impl Iterator<Item = &'a Block>,
    origin: i32,
    lag: i32,
    prior_sd: Sides,
) -> Sides {
    let prior_weight = PRIOR_WEIGHT / PRIOR_POINTS as f64;
    let (mut below, mut above): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    for point in normal_points(PRIOR_POINTS) {
        if point < 0.0 {
            below.push((-point, prior_weight));
        } else {
            above.push((point, prior_weight));
        }
    }
    for block in blocks {
        let count = block.errors.len() as f64;
        let age = f64::from((origin - block.origin - lag).max(0));
        let weight = MONTHLY_MEMORY.powf(age) * (count / FULL_BLOCK).min(1.0) / f64::from(lag.max(1)) / count;
        for one in &block.errors {
            let (side, own) =
                if one.error < 0.0 { (&mut below, prior_sd.below) } else { (&mut above, prior_sd.above) };
            let sd = joined(own, one.weight, one.sd).max(f64::MIN_POSITIVE);
            side.push((one.error.abs() / sd, weight));
        }
    }
    let reach = |side| weighted_quantile(side, LEVEL).unwrap_or(NORMAL_90);
    Sides { below: reach(below), above: reach(above) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(origin: i32, errors: impl Iterator<Item = f64>) -> Block {
        Block { origin, errors: errors.map(|error| Error { error, weight: 0.0, sd: 0.0 }).collect() }
    }

    #[test]
    fn without_errors_the_prior_speaks() {
        let found = half_widths(std::iter::empty(), 0, 12, prior_sd(12, 0.3));
        assert!((found.below - found.above).abs() < 1e-12);
        assert!((found.above / NORMAL_90 - 1.0).abs() < 0.03, "{found:?}");
        assert!((noise(Vec::new()) - USUAL_NOISE).abs() < 1e-12);
        let sd = prior_sd(12, 0.05);
        assert!((sd.above - 0.05_f64.hypot(0.04 * 12_f64.powf(0.9))).abs() < 1e-12);
        assert!((sd.below / sd.above - LOWER_STRETCH).abs() < 1e-12);
    }

    #[test]
    fn many_errors_outweigh_the_prior_and_each_side_has_its_own() {
        let lopsided = || normal_points(100).into_iter().map(|z| if z < 0.0 { z * 0.3 } else { z * 0.1 });
        let blocks: Vec<Block> = (0..60).map(|origin| block(origin, lopsided())).collect();
        let found = half_widths(blocks.iter(), 60, 1, Sides { below: 0.1, above: 0.1 });
        assert!((found.above - 1.28).abs() < 0.1 && (3.2..3.9).contains(&found.below), "{found:?}");
    }

    #[test]
    fn an_error_counts_in_the_width_that_was_expected_of_it() {
        let sure = Error { error: 0.1, weight: 1.0, sd: 0.05 };
        let blocks: Vec<Block> = (0..60).map(|origin| Block { origin, errors: vec![sure; 50] }).collect();
        let found = half_widths(blocks.iter(), 60, 1, Sides { below: 10.0, above: 10.0 });
        assert!((found.above - 2.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn equal_prices_still_get_an_interval() {
        let blocks: Vec<Block> = (0..60).map(|origin| block(origin, std::iter::repeat_n(0.0, 50))).collect();
        let sd = prior_sd(1, noise(vec![0.0; 3000]));
        let found = half_widths(blocks.iter(), 60, 1, sd);
        assert!(found.below > 0.0 && found.above >= 0.0 && sd.above > 0.0);
    }
}
