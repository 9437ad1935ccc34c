//! The table of a promise: one line a month.
//!
//! In: a promise with its schedule. Out: a [`Table`]: what the unit carries in each month, and what the promise costs were
//! that its month; the last line is the promise asked for.

use super::table::{Cell, Table};
use crate::decide::{Promise, ScheduleLine};
use crate::units::Currency;

/// A promise and its schedule.
#[derive(Debug, Clone, Copy)]
pub struct GuaranteeReport<'a> {
    /// Name of the product.
    pub product: &'a str,
    /// The promise.
    pub promise: &'a Promise<'a>,
    /// Share of outcomes that may fall below what is lent.
    pub quantile: f64,
    /// Currency of all amounts.
    pub currency: Currency,
    /// The months.
    pub lines: &'a [ScheduleLine],
}

/// One line a month.
pub fn guarantee_table(report: &GuaranteeReport<'_>) -> Table {
    let mut table = Table::new(&[
        "product",
        "month",
        "basis",
        "currency",
        "value_mean",
        "value_p10",
        "value_p50",
        "value_p90",
        "quantile",
        "value_at_quantile",
        "loan_to_value_now",
        "loan_to_price_new",
        "strike",
        "probability_of_payment",
        "expected_payment",
        "fair_premium",
        "fair_premium_monthly",
        "early_exercise_premium",
        "payment_when_paid",
        "payment_worst_10_percent",
        "payment_worst_5_percent",
    ]);
    let share = |value: f64| Cell::Number(format!("{value:.4}"));
    for line in report.lines {
        let guarantee = &line.guarantee;
        let mut row = vec![
            Cell::text(report.product),
            Cell::text(line.month.to_string()),
            Cell::text(report.promise.forecast.basis.name()),
            Cell::text(report.currency.code()),
        ];
        let value = guarantee.value;
        row.extend([value.mean, value.p10, value.p50, value.p90].map(Cell::amount));
        row.extend([
            Cell::number(report.quantile),
            Cell::amount(line.value_at_quantile),
            share(line.to_value_now),
            line.to_price_new.map_or(Cell::Empty, share),
            Cell::amount(report.promise.strike),
            share(guarantee.probability),
            Cell::amount(guarantee.expected_payment),
            Cell::amount(guarantee.premium),
            guarantee.monthly_premium.map_or(Cell::Empty, Cell::amount),
            guarantee
                .monthly_premium
                .map_or(Cell::Empty, |monthly| Cell::amount(monthly - guarantee.premium)),
            Cell::amount(guarantee.shortfall),
            Cell::amount(guarantee.worst_tenth),
            Cell::amount(guarantee.worst_twentieth),
        ]);
        table.rows.push(row);
    }
    table
}
