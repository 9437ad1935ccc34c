//! How far a single month's price strays from its product's own course.
//!
//! In: the series of a market. Out: by month the standard deviation of what strays and comes back, as known then.
//!
//! Prices that drift by a random walk with variance q a month and stray by σ² each month change by
//!
//! ```text
//! Var(one month) = q + 2 σ² ,  Var(two months) = 2 q + 2 σ²  =>  σ² = Var(one month) − Var(two months) / 2
//! ```
//!
//! with the market's own move, the mean change of each month, taken off. Shrunk to zero while changes are few.

use std::collections::{BTreeMap, BTreeSet};

use crate::price::followed::series::PricedSeries;

/// Changes beyond this count as this, in ln price.
const LARGEST_CHANGE: f64 = 0.4;

/// Changes that count as much as the belief that nothing strays.
const PRIOR_CHANGES: f64 = 30.0;

/// Sum of squares and degrees of freedom.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    squares: f64,
    freedom: f64,
}

impl Spread {
    fn add(&mut self, changes: &[f64]) {
        if changes.len() < 2 {
            return;
        }
        let clipped = || changes.iter().map(|change| change.clamp(-LARGEST_CHANGE, LARGEST_CHANGE));
        let mean = clipped().sum::<f64>() / changes.len() as f64;
        self.squares += clipped().map(|change| (change - mean).powi(2)).sum::<f64>();
        self.freedom += (changes.len() - 1) as f64;
    }

    fn variance(self) -> f64 {
        if self.freedom > 0.0 { self.squares / self.freedom } else { 0.0 }
    }
}

/// Standard deviation of the stray part of a price, in ln price, by month.
pub(super) fn noise_by_month(series: &[PricedSeries]) -> BTreeMap<i32, f64> {
    let months: BTreeSet<i32> = series.iter().flat_map(|one| one.history.months().iter().copied()).collect();
    let changes = |month: i32, lag: i32| -> Vec<f64> {
        let change = |one: &PricedSeries| Some(one.history.at(month)? - one.history.at(month - lag)?);
        series.iter().filter_map(change).collect()
    };
    let (mut one_month, mut two_months) = (Spread::default(), Spread::default());
    months
        .into_iter()
        .map(|month| {
            one_month.add(&changes(month, 1));
            two_months.add(&changes(month, 2));
            let seen = one_month.freedom / (one_month.freedom + PRIOR_CHANGES);
            let stray = (one_month.variance() - two_months.variance() / 2.0).max(0.0);
            (month, (seen * stray).sqrt())
        })
        .collect()
}
