//! A schedule as people and programs read it.

use std::fmt::Write;

use serde_json::json;

use crate::book::{Disposal, Entry};
use crate::units::{Currency, Money};

/// A schedule ready to be printed.
pub(super) struct Schedule {
    pub title: String,
    pub notes: Vec<String>,
    pub rows: Vec<Entry>,
    pub disposal: Option<(Disposal, f64)>,
    pub currency: Currency,
}

impl Schedule {
    fn gain(&self) -> anyhow::Result<Option<(Money, Money, Money)>> {
        let Some((disposal, value)) = self.disposal else { return Ok(None) };
        let proceeds = Money::from_major(disposal.proceeds, self.currency)?;
        let value = Money::from_major(value, self.currency)?;
        Ok(Some((proceeds, value, Money::from_minor(proceeds.minor() - value.minor(), self.currency))))
    }

    pub(super) fn table(&self) -> anyhow::Result<String> {
        let mut text = format!("{}\n", self.title);
        self.notes.iter().try_for_each(|note| writeln!(text, "{note}"))?;
        let impaired = self.rows.iter().any(|row| row.impairment.minor() != 0);
        let heading = if impaired { format!("{:>16}", "impairment") } else { String::new() };
        writeln!(
            text,
            "\n{:<12}{:>16}{heading}{:>16}{:>16}",
            "period", "depreciation", "accumulated", "book value"
        )?;
        for row in &self.rows {
            let between = if impaired { format!("{:>16}", row.impairment.grouped()) } else { String::new() };
            writeln!(
                text,
                "{:<12}{:>16}{between}{:>16}{:>16}",
                row.period,
                row.depreciation.grouped(),
                row.accumulated.grouped(),
                row.book_value.grouped()
            )?;
        }
        if let (Some((disposal, _)), Some((proceeds, value, gain))) = (self.disposal, self.gain()?) {
            let word = if gain.minor() < 0 { "loss" } else { "gain" };
            let amount = Money::from_minor(gain.minor().abs(), self.currency);
            writeln!(
                text,
                "\nGone {}: proceeds {proceeds}, book value {value}, {word} {amount}",
                disposal.on
            )?;
        }
        Ok(text)
    }

    pub(super) fn csv(&self) -> anyhow::Result<String> {
        let mut text = String::from("period,depreciation,accumulated,book_value\n");
        for row in &self.rows {
            let taken = Money::from_minor(row.depreciation.minor() + row.impairment.minor(), self.currency);
            writeln!(
                text,
                "{},{},{},{}",
                row.period,
                taken.plain(),
                row.accumulated.plain(),
                row.book_value.plain()
            )?;
        }
        if let Some((proceeds, value, gain)) = self.gain()? {
            eprintln!("disposal: proceeds {proceeds}, book value {value}, gain {gain}");
        }
        Ok(text)
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let amount = |money: Money| json!(money.major());
        let periods: Vec<serde_json::Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "period": row.period,
                    "depreciation": amount(row.depreciation),
                    "impairment": amount(row.impairment),
                    "accumulated": amount(row.accumulated),
                    "book_value": amount(row.book_value),
                })
            })
            .collect();
        let disposal =
            self.gain().ok().flatten().zip(self.disposal).map(|((proceeds, value, gain), (gone, _))| {
                json!({
                    "date": gone.on.to_string(),
                    "proceeds": amount(proceeds),
                    "book_value": amount(value),
                    "gain": amount(gain),
                })
            });
        json!({
            "schedule": self.title,
            "currency": self.currency.code(),
            "notes": self.notes,
            "periods": periods,
            "disposal": disposal,
        })
    }
}
