//! One start: what each month of its window knew, and what a sale in each would have brought.
//!
//! In: paths of a series and the owner's terms. Out: present values by month of sale.

use super::LONGEST_WINDOW;
use super::owner::Terms;
use crate::price::backtest::paths::Path;
use crate::price::state_space::quantiles::{NORMAL_90, Quantiles, normal_points};

/// Branches of the future that are told apart.
pub(super) const BRANCHES: usize = 7;

/// What a month knew, in the market's currency.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outlook {
    /// Month index.
    pub month: i32,
    /// Price of the month.
    pub price: f64,
    /// Expected price 1, 2, … months later.
    pub expected: Vec<f64>,
    /// Median price.
    pub median: Vec<f64>,
    /// Price at the forecast's quantile that this many standard deviations above the median has.
    pub hopeful: Vec<f64>,
    /// Equally likely paths, each at one quantile throughout.
    pub branches: [Vec<f64>; BRANCHES],
    /// Factors by which a month's price strays from its course, equally likely.
    pub strays: [f64; BRANCHES],
}

/// Standard deviations above the median of the hopeful path: the 60 % quantile.
const HOPE: f64 = 0.253;

impl Outlook {
    /// What the month of `path` knew, with prices that stray by `noise` in ln price.
    pub(super) fn of(path: &Path, noise: f64) -> Outlook {
        let points = normal_points(BRANCHES);
        let along = |point: f64| path.ahead.iter().map(|one| quantile(one, point).exp()).collect();
        Outlook {
            month: path.month,
            price: path.ln_price.exp(),
            expected: path.ahead.iter().map(Quantiles::mean_price).collect(),
            median: along(0.0),
            hopeful: along(HOPE),
            branches: std::array::from_fn(|branch| along(points[branch])),
            strays: std::array::from_fn(|branch| (noise * points[branch]).exp()),
        }
    }
}

/// Ln price at a point of the standard normal, on the two-piece normal of the forecast.
fn quantile(forecast: &Quantiles, point: f64) -> f64 {
    let side = if point < 0.0 { forecast.median - forecast.lower } else { forecast.upper - forecast.median };
    forecast.median + point * side / NORMAL_90
}

/// A start of a series for an owner.
#[derive(Debug, Clone)]
pub(super) struct Problem<'a> {
    /// What the months knew, to the last price of the window.
    pub outlooks: &'a [Outlook],
    /// Position of the start among them.
    pub first: usize,
    /// The owner's terms.
    pub terms: Terms,
    /// Age at the start, months.
    pub age: i32,
}

impl Problem<'_> {
    /// Months since the start at a position of the window.
    pub(super) fn since(&self, position: usize) -> usize {
        let start = self.outlooks[self.first].month;
        (self.outlooks[self.first + position].month - start).unsigned_abs() as usize
    }

    /// Positions of the window.
    pub(super) fn prices(&self) -> usize {
        self.outlooks.len() - self.first
    }

    /// What a month knew.
    pub(super) fn at(&self, position: usize) -> &Outlook {
        &self.outlooks[self.first + position]
    }

    /// The owner's flows from a position to the end of the window.
    pub(super) fn flows_from(&self, position: usize) -> &[f64] {
        &self.terms.flows[self.since(position).min(LONGEST_WINDOW as usize)..]
    }

    /// Present value at the start of a sale at each position.
    pub(super) fn present_values(&self) -> Vec<f64> {
        let mut held = 0;
        let mut gained = 0.0;
        let mut discount = 1.0;
        (0..self.prices())
            .map(|position| {
                while held < self.since(position) {
                    discount *= self.terms.discount;
                    gained += discount * self.terms.flows[held];
                    held += 1;
                }
                gained + discount * self.at(position).price
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn present_values_by_hand_over_a_month_without_a_price() {
        let outlook = |month: i32, price: f64| Outlook {
            month,
            price,
            expected: Vec::new(),
            median: Vec::new(),
            hopeful: Vec::new(),
            branches: Default::default(),
            strays: [1.0; BRANCHES],
        };
        let outlooks = [outlook(4, 7.0), outlook(5, 100.0), outlook(7, 80.0)];
        let terms = Terms { discount: 0.9, flows: vec![5.0, -2.0, 1e9] };
        let problem = Problem { outlooks: &outlooks, first: 1, terms, age: 0 };
        let values = problem.present_values();
        assert_eq!(values.len(), 2);
        assert_eq!(values[0], 100.0);
        // 0.9 × 5 − 0.81 × 2 + 0.81 × 80
        assert!((values[1] - 67.68).abs() < 1e-12, "{values:?}");
    }

    #[test]
    fn branches_pass_through_the_forecasts_own_quantiles() {
        let forecast = Quantiles { lower: 1.0, median: 2.0, upper: 4.0 };
        assert!((quantile(&forecast, NORMAL_90) - 4.0).abs() < 1e-12);
        assert!((quantile(&forecast, -NORMAL_90) - 1.0).abs() < 1e-12);
        let path = Path { month: 0, ln_price: 0.0, ahead: vec![forecast; 3] };
        let found = Outlook::of(&path, 0.1);
        assert!((found.median[0].ln() - 2.0).abs() < 1e-12);
        assert!(found.hopeful[0] > found.median[0]);
        assert!((found.branches[3][2].ln() - 2.0).abs() < 1e-9, "the middle branch is the median");
        let mean = found.strays.iter().map(|stray| stray.ln()).sum::<f64>();
        assert!(mean.abs() < 1e-9);
    }
}
