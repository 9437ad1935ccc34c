//! Whether the prices of a market age at all.
//!
//! In: by how much the rule with the usual long-run rate lost to "the last price stays", origin by origin, over lags
//! of one to three months. Out: the long-run rate: the usual one, or zero.
//!
//! ```text
//! d_o = mean over series and lags of |error of the rule| - |change|
//! t   = mean(d) / (sd(d) / sqrt(n / 3)) over the n origins with ten forecasts or more
//! rate = 0 when n >= 12 and t > 2
//! ```
//!
//! n / 3, because lags of three months overlap. A year of evidence is asked for, because a boom looks like a market
//! that does not age; weights that follow the evidence by degrees lost in every set but one.

use std::collections::BTreeMap;

/// Longest lag that is tried, months.
pub const LONGEST_TRIAL: i32 = 3;

const FEWEST_FORECASTS: f64 = 10.0;
const FEWEST_ORIGINS: usize = 12;
const SURE: f64 = 2.0;

/// Forecasts of one origin over one lag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Month they were made in.
    pub origin: i32,
    /// Month in which they came true.
    pub seen: i32,
    /// Sum of |error of the rule| - |change|, in ln price.
    pub loss: f64,
    /// How many.
    pub forecasts: f64,
}

/// Long-run rate as judged by what has come true by `month`, in ln price a month.
#[must_use]
pub fn long_run_rate(trials: &[Trial], month: i32, usual: f64) -> f64 {
    let mut origins: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| trial.seen <= month) {
        let sum = origins.entry(trial.origin).or_default();
        sum.0 += trial.loss;
        sum.1 += trial.forecasts;
    }
    let losses: Vec<f64> =
        origins.into_values().filter(|sum| sum.1 >= FEWEST_FORECASTS).map(|sum| sum.0 / sum.1).collect();
    if losses.len() < FEWEST_ORIGINS {
        return usual;
    }
    let count = losses.len() as f64;
    let mean = losses.iter().sum::<f64>() / count;
    let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let error = (variance / (count / f64::from(LONGEST_TRIAL))).sqrt();
    if mean > SURE * error { 0.0 } else { usual }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trials(losses: &[f64]) -> Vec<Trial> {
        (0..)
            .zip(losses)
            .map(|(origin, loss)| Trial { origin, seen: origin + 1, loss: 20.0 * loss, forecasts: 20.0 })
            .collect()
    }

    #[test]
    fn a_year_in_which_the_last_price_was_always_better_stops_the_ageing() {
        let steady: Vec<f64> = (0..14).map(|month| 0.01 + 0.002 * f64::from(month % 2)).collect();
        assert_eq!(long_run_rate(&trials(&steady), 99, -0.02), 0.0);
        assert_eq!(long_run_rate(&trials(&steady), 5, -0.02), -0.02, "half a year is not enough");
        assert_eq!(long_run_rate(&trials(&steady[..11]), 99, -0.02), -0.02);
    }

    #[test]
    fn mixed_evidence_changes_nothing() {
        let mixed: Vec<f64> = (0..24).map(|month| if month % 3 == 0 { 0.03 } else { -0.01 }).collect();
        assert_eq!(long_run_rate(&trials(&mixed), 99, -0.02), -0.02);
        assert_eq!(long_run_rate(&[], 99, -0.02), -0.02);
    }
}
