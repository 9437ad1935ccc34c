//! The months of a market gone through once, for the fit of its followed prices and for their backtest.
//!
//! In: the series of a market. Out: the index model's opinions at every month, and with [`Replay::past`] the errors of
//! the rule at every month and lag. Both look at no later month than their own, so that the same replay serves every
//! origin; it is nearly all of the work of either.

use super::index::IndexOpinions;
use super::prices::long_run_rate;
use super::series::PricedSeries;
use crate::market::Basis;
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::history::History;
use crate::price::trend::Past;

/// A market with the index model's opinions at every month.
#[derive(Debug)]
pub struct Replay<'a> {
    /// Kind of price.
    pub basis: Basis,
    /// The series.
    pub series: &'a [PricedSeries],
    /// Their histories.
    pub histories: Vec<History>,
    /// What the index model thought of them.
    pub opinions: IndexOpinions,
}

impl<'a> Replay<'a> {
    /// Fits the index models of all months.
    ///
    /// # Errors
    /// When a fit of the index model fails.
    pub fn new(basis: Basis, series: &'a [PricedSeries]) -> Result<Replay<'a>, PriceModelError> {
        let opinions = IndexOpinions::fit(basis, series)?;
        let histories = series.iter().map(|one| one.history.clone()).collect();
        Ok(Replay { basis, series, histories, opinions })
    }

    /// The rule with these opinions, over all months.
    #[must_use]
    pub fn past(&self) -> Past<'_> {
        Past::new(&self.histories, long_run_rate(self.basis), |series, origin, lag| {
            self.opinions.opinion(series, origin, origin + lag)
        })
    }
}
