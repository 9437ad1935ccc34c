//! What to bid, and what a price means.
//!
//! In: draws of a lot and its expected sales S and costs C. Out: a [`Bid`]. The bid is the highest price that keeps both
//!
//! `margin: price ≤ (1 − m) · E[S] − E[C]`  and  `loss: P(S − C < price) ≤ q`,
//!
//! rounded down to the cent, and never below nothing. (The margin is a share of sales, as buyers of handsets count: 320 of
//! resale, 25 % and 15 of processing give 225.) The reserve price is `E[S] − E[C]`: above it a loss is expected. A line's
//! price is what it would bear at the margin that the bid leaves, so that the prices of all lines add to the bid; a line that
//! costs more than it brings has a price below nothing.

use super::LotError;
use super::line::Line;
use super::simulate::Draws;
use super::terms::Terms;
use crate::units::{Money, Quantiles, apportion};

/// What keeps the bid from being higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The margin.
    Margin,
    /// The chance of a loss.
    Loss,
    /// The lot costs more than it may: nothing is bid.
    Nothing,
}

impl Limit {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::Margin => "margin",
            Limit::Loss => "chance of loss",
            Limit::Nothing => "nothing",
        }
    }
}

/// What a price means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// The price.
    pub price: Money,
    /// Expected profit over expected sales.
    pub margin: f64,
    /// Chance of a loss.
    pub loss: f64,
    /// Present value of the profit.
    pub profit: Quantiles,
}

/// The bid for a lot.
#[derive(Debug, Clone, PartialEq)]
pub struct Bid {
    /// The bid and what it means.
    pub judged: Judged,
    /// The highest price that leaves the margin, and the highest that keeps the chance of loss; may be below nothing.
    pub by_margin: f64,
    /// See there.
    pub by_loss: f64,
    /// Which of them is the bid.
    pub limit: Limit,
    /// The price above which a loss is expected.
    pub reserve: Money,
    /// Expected sales and costs, present values.
    pub expected_sales: f64,
    /// See there.
    pub expected_cost: f64,
    /// Prices of the lines; they add to the bid.
    pub lines: Vec<Money>,
}

/// A lot whose bids can be judged.
#[derive(Debug)]
pub struct Outlook<'a> {
    terms: &'a Terms,
    draws: &'a Draws,
    sales: f64,
    cost: f64,
}

impl<'a> Outlook<'a> {
    /// From the lines and their draws.
    pub fn of(lines: &[Line], draws: &'a Draws, terms: &'a Terms) -> Outlook<'a> {
        let sum = |of: fn(&Line) -> f64| lines.iter().map(|line| line.units as f64 * of(line)).sum();
        Outlook { terms, draws, sales: sum(Line::expected_sales), cost: sum(Line::expected_cost) }
    }

    /// What a price means.
    pub fn judge(&self, price: Money) -> Judged {
        let paid = price.major();
        let mut profits: Vec<f64> = self.draws.net.iter().map(|net| net - paid).collect();
        let losses = profits.iter().filter(|profit| **profit < 0.0).count();
        let expected = self.sales - self.cost - paid;
        let margin = if self.sales > 0.0 { expected / self.sales } else { 0.0 };
        let profit = Quantiles { mean: expected, ..Quantiles::from_draws(&mut profits) };
        Judged { price, margin, loss: losses as f64 / self.draws.net.len() as f64, profit }
    }

    /// The bid.
    pub fn bid(&self, lines: &[Line]) -> Result<Bid, LotError> {
        let by_margin = (1.0 - self.terms.margin) * self.sales - self.cost;
        let by_loss = self.quantile(self.terms.max_loss);
        let lower = by_margin.min(by_loss);
        let limit = if lower <= 0.0 {
            Limit::Nothing
        } else if by_margin <= by_loss {
            Limit::Margin
        } else {
            Limit::Loss
        };
        let judged = self.judge(self.rounded_down(lower)?);
        let prices = line_prices(judged.price, lines, self.sales, self.cost);
        Ok(Bid {
            judged,
            by_margin,
            by_loss,
            limit,
            reserve: self.rounded_down(self.sales - self.cost)?,
            expected_sales: self.sales,
            expected_cost: self.cost,
            lines: prices,
        })
    }

    /// The highest price below which at most a share of the draws fall.
    fn quantile(&self, share: f64) -> f64 {
        let mut net = self.draws.net.clone();
        net.sort_by(f64::total_cmp);
        net[((share * net.len() as f64) as usize).min(net.len() - 1)]
    }

    /// Down to the minor unit, and not below nothing.
    fn rounded_down(&self, amount: f64) -> Result<Money, LotError> {
        let currency = self.terms.currency;
        let scale = 10_f64.powi(currency.decimals() as i32);
        Ok(Money::from_major((amount.max(0.0) * scale).floor() / scale, currency)?)
    }
}

/// Prices of lines that add to a total: sales at the margin that the total leaves, less costs.
fn line_prices(total: Money, lines: &[Line], sales: f64, cost: f64) -> Vec<Money> {
    let units: f64 = lines.iter().map(|line| line.units as f64).sum();
    let kept = (total.major() + cost) / sales;
    let part = |line: &Line| {
        let each = if sales > 0.0 {
            kept * line.expected_sales() - line.expected_cost()
        } else {
            total.major() / units
        };
        line.units as f64 * each
    };
    let parts: Vec<f64> = lines.iter().map(part).collect();
    apportion(total, &parts)
}
