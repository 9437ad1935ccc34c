//! The price of a product that was never sold, from its facts and the sales of the generations around it.
//!
//! In: sales of products of other generations ([`Sale`]): facts, month, condition and log price. Out: a
//! [`ColdStartModel`], and from it the 10, 50 and 90 % points of the log price of any product with such facts, in any
//! condition and month.
//!
//! `y = ln(price / list price)` is linear in the columns of [`columns`](mod@columns). Ridge least squares, one row a sale, shrunk to
//! prior means `mu0` with standard deviations `sd0`:
//!
//! ```text
//! (X'X + 0.05 L diag(1/sd0^2)) b = X'y + 0.05 L mu0/sd0^2 ,  L in {0, 1, 10, 100, 1000}
//! ```
//!
//! `L` is the one with the smallest mean |error| when each generation in turn is left out: a product that was never sold
//! belongs to a generation the fit has not seen. The residuals of that exercise hold the spread within and between
//! generations at once; their quantiles, by condition and shrunk to those of all conditions, are the interval
//! ([`spread`]). Sources: Hoerl and Kennard 1970 for the ridge; split-conformal prediction (Vovk and others 2005) for
//! intervals from residuals of data left out.
//!
//! A better condition never costs less, at any age and in any of the three points: the price steps between
//! neighbouring conditions and their growth with age are cut off at zero, and what the residuals add is pooled where
//! it would put two conditions out of order (pool adjacent violators; Ayer and others 1955).

mod columns;
mod fit;
mod observed;
mod spread;

use serde::{Deserialize, Serialize};

use super::state_space::quantiles::Quantiles;
use crate::price::soundness::{self, Sound};
use crate::units::Month;

pub use columns::{COLUMNS, Condition, STEPS, columns};
pub use fit::{ColdStartError, fit, leave_generations_out};
pub(super) use observed::facts_of_product;
pub use observed::sale;

/// What is known of a unit before anything like it was sold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// When the product came to market.
    pub launch: Month,
    /// When its successor came or comes to market.
    pub successor_launch: Option<Month>,
    /// List price of the smallest storage at launch, dollars.
    pub list_price_usd: f64,
    /// Storage of the unit, GB.
    pub storage_gb: f64,
    /// Whether it works in one carrier's network only.
    pub locked: bool,
}

/// One sale.
#[derive(Debug, Clone, PartialEq)]
pub struct Sale {
    /// Name of the product.
    pub product: String,
    /// Generation of the product; products of one generation are left out together.
    pub generation: String,
    /// What is known of the unit.
    pub facts: Facts,
    /// Its condition.
    pub condition: Condition,
    /// Month of the sale.
    pub month: Month,
    /// Log of the price in dollars.
    pub log_price: f64,
}

/// The fitted model. It holds no price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColdStartModel {
    /// Last month of the sales; cohorts count from two years before it.
    pub last_month: Month,
    /// The chosen strength of the prior.
    pub prior_strength: f64,
    /// Coefficients of [`COLUMNS`].
    pub coefficients: Vec<f64>,
    /// Share of the error's variance that the sales of one product have in common.
    pub common_share: f64,
    /// Error quantiles of the log price by condition, in the order of [`Condition::ALL`].
    pub errors: Vec<Quantiles>,
    /// Sales by condition, in the same order.
    pub sales: Vec<usize>,
}

impl ColdStartModel {
    /// Whether a model from a file can be used.
    pub(super) fn check(&self) -> Sound {
        soundness::as_many("coefficients", self.coefficients.len(), COLUMNS.len())?;
        soundness::logs("a coefficient", &self.coefficients)?;
        soundness::share("common_share", self.common_share)?;
        soundness::as_many("errors", self.errors.len(), Condition::ALL.len())?;
        soundness::as_many("sales", self.sales.len(), Condition::ALL.len())?;
        for errors in &self.errors {
            soundness::logs("an error", &[errors.lower, errors.median, errors.upper])?;
            errors.check().map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// What one group of columns, those whose names begin so, adds to the log of price over list price.
    pub(super) fn part(&self, name: &str, facts: &Facts, month: Month) -> f64 {
        let row = columns(facts, Condition::Used, month, self.last_month);
        let parts = COLUMNS.iter().zip(row).zip(&self.coefficients);
        parts
            .filter(|(((column, ..), _), _)| column.starts_with(name))
            .map(|((_, value), coefficient)| value * coefficient)
            .sum()
    }

    /// The 10, 50 and 90 % points of the log price in dollars of a unit of these facts.
    pub fn forecast(&self, facts: &Facts, condition: Condition, month: Month) -> Quantiles {
        let ladder = Condition::ALL.map(|each| {
            let row = columns(facts, each, month, self.last_month);
            let log_price = fit::dot(&row, &self.coefficients) + facts.list_price_usd.ln();
            self.errors[each as usize].shifted(log_price)
        });
        spread::in_order(&ladder, &self.sales)[condition as usize]
    }
}

#[cfg(test)]
mod tests;
