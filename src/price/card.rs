//! What a fitted model says of itself.

use serde::{Deserialize, Serialize};

use crate::units::Month;

/// How well the model forecast prices it had not seen, at one distance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonScore {
    /// Market of the class.
    pub market: String,
    /// Months ahead.
    pub horizon_months: u32,
    /// Forecasts scored.
    pub forecasts: usize,
    /// Median of |forecast / actual − 1|, per cent.
    pub median_error_percent: f64,
    /// Mean of log forecast − log actual, times 100.
    pub bias_log_percent: f64,
    /// Share of actual prices inside the 80 % interval, per cent.
    pub coverage_percent: f64,
    /// Mean pinball loss of the log price at 10, 50, 90 %, times 100.
    pub pinball: f64,
    /// The same loss of "the price stays".
    pub pinball_no_change: f64,
    /// The same loss of "3.5 % less every month".
    pub pinball_published_rate: f64,
}

/// The model card: what the model was fitted on, and what it knows nothing about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// What kind of model it is, in a sentence.
    pub method: String,
    /// `sales`, `listings` or `published`.
    pub basis: String,
    /// Listings or monthly means used.
    pub observations: usize,
    /// Sales behind them, as far as the sources say.
    pub sales: u64,
    /// Products with prices of their own.
    pub products: usize,
    /// First month of the prices.
    pub first_month: Option<Month>,
    /// Last month of the prices.
    pub last_month: Option<Month>,
    /// What was fitted on, in words.
    pub fitted_on: Vec<String>,
    /// Measured on data the model had not seen.
    pub scores: Vec<HorizonScore>,
    /// How the intervals were widened after measuring, if they were.
    pub interval_note: String,
    /// What nobody should conclude from it.
    pub knows_nothing_about: Vec<String>,
}
