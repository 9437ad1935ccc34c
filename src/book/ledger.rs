//! A line of value as rows of whole cents.
//!
//! In: value over time, the ends of the periods. Out: depreciation, impairment, accumulated and book value by period.
//! The rule: book value at the end of a period is the exact value rounded to the cent, accumulated is cost less
//! that, and a period's depreciation is what accumulated grew by, less the impairments of the period. So accumulated and
//! book value add to the cost in every row, the periods add to the accumulated, and no amount is more than a cent off.

use super::line::Line;
use crate::units::{Currency, Money, MoneyError};

/// One period of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name of the period.
    pub period: String,
    /// What it takes by the method.
    pub depreciation: Money,
    /// What came off besides.
    pub impairment: Money,
    /// Everything taken since service.
    pub accumulated: Money,
    /// What is left.
    pub book_value: Money,
}

/// The rows of `line` for periods that end at these times; `impairments` are times and amounts.
pub fn entries(
    line: &Line,
    impairments: &[(f64, f64)],
    ends: impl IntoIterator<Item = (String, f64)>,
    currency: Currency,
) -> Result<Vec<Entry>, MoneyError> {
    let cost = Money::from_major(line.points().first().map_or(0.0, |point| point.value), currency)?;
    let money = |minor: i64| Money::from_minor(minor, currency);
    let mut before = 0;
    let mut from = f64::NEG_INFINITY;
    let mut rows = Vec::new();
    for (period, to) in ends {
        let book_value = Money::from_major(line.value_at(to), currency)?;
        let accumulated = cost.minor() - book_value.minor();
        let mut impaired = 0;
        for (_, amount) in impairments.iter().filter(|(at, _)| *at > from && *at <= to) {
            impaired += Money::from_major(*amount, currency)?.minor();
        }
        rows.push(Entry {
            period,
            depreciation: money(accumulated - before - impaired),
            impairment: money(impaired),
            accumulated: money(accumulated),
            book_value,
        });
        before = accumulated;
        from = to;
    }
    Ok(rows)
}
