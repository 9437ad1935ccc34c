//! The money of a row: what a unit cost, what the books say of it, and for how many units.
//!
//! In: the cells of a [`Record`]. Out: amounts of one unit with their currency. In a ledger the amounts of a row are of the
//! whole line, `cost / quantity` of a unit; everywhere else they are of one unit.

use super::Field;
use super::amounts::{self, AmountCell};
use super::findings::Severity;
use super::notes;
use super::profile::CostOf;
use super::record::{Fault, Record};
use crate::units::Currency;

/// A cost below this many dollars is a sign or a slip: no unit of IT hardware worth a register costs less.
const LEAST_COST: f64 = 5.0;

/// A cost from this on is beyond any unit, in any currency.
const MOST_COST: f64 = 1e9;

/// A salvage or book value from this on is beyond any unit, in any currency.
const MOST_SIDE_AMOUNT: f64 = 1e12;

/// Amounts of one unit.
#[derive(Debug, Default)]
pub(super) struct UnitMoney {
    pub cost: Option<(f64, Currency)>,
    pub salvage: Option<(f64, Currency)>,
    pub book_value: Option<(f64, Currency)>,
}

impl Record<'_> {
    /// The row's currency; `XXX` and placeholders are none.
    pub(super) fn currency(&self) -> Result<Option<Currency>, Fault> {
        let Some(text) = self.cell(Field::Currency).filter(|text| !text.eq_ignore_ascii_case("XXX")) else {
            return Ok(None);
        };
        let Ok(currency) = amounts::named_currency(text) else {
            let remedy = "write three letters, for example USD";
            return Err(self.fault(Field::Currency, "not a currency code", remedy));
        };
        if self.cell(Field::PurchaseCost).is_some() {
            self.context
                .rates
                .dollars_per(currency)
                .map_err(|error| self.fault(Field::Currency, "no exchange rate", &error.to_string()))?;
        }
        Ok(Some(currency))
    }

    /// Cost, salvage and book value of one unit.
    pub(super) fn money(&mut self, stated: Option<Currency>, quantity: u32) -> Result<UnitMoney, Fault> {
        let money = UnitMoney {
            cost: self.cost(stated)?,
            salvage: self.side_amount(Field::Salvage, stated),
            book_value: self.side_amount(Field::BookValue, stated),
        };
        if quantity == 1 || self.context.profile.written.cost_of != Some(CostOf::Line) {
            return Ok(money);
        }
        let of_one = |amount: Option<(f64, Currency)>| {
            amount.map(|(value, currency)| (value / f64::from(quantity), currency))
        };
        if let (Some((line, currency)), Some((unit, _))) = (money.cost, of_one(money.cost)) {
            self.tell(
                "DQ-24",
                Severity::Notes,
                format!(
                    "the ledger's {line} {currency} are of a line of {quantity} units: {unit} {currency} each"
                ),
                "list the units one by one, or check the number of units",
            );
        }
        Ok(UnitMoney {
            cost: of_one(money.cost),
            salvage: of_one(money.salvage),
            book_value: of_one(money.book_value),
        })
    }

    /// The purchase cost. Zero means "not recorded" in every export known.
    fn cost(&mut self, stated: Option<Currency>) -> Result<Option<(f64, Currency)>, Fault> {
        let Some((position, text)) = self.filled(Field::PurchaseCost) else { return Ok(None) };
        let fault = |record: &Self, reason, remedy| Err(record.fault(Field::PurchaseCost, reason, remedy));
        match amounts::amount(text, self.context.amounts.get(&position).copied().unwrap_or_default()) {
            AmountCell::Nothing => Ok(None),
            AmountCell::Unreadable => {
                self.tell(
                    "DQ-09",
                    Severity::Warns,
                    format!("cost `{text}` is not an amount of money: not used"),
                    "write a plain number, for example 1389.00, and the currency in its own column",
                );
                Ok(None)
            }
            AmountCell::Amount { value, .. } if !value.is_finite() || value >= MOST_COST => {
                fault(self, "too large to be a price", "write what one unit cost")
            }
            AmountCell::Amount { value, .. } if value < 0.0 => {
                fault(self, "a price cannot be negative", "write what one unit cost, or leave it blank")
            }
            AmountCell::Amount { value: 0.0, .. } => Ok(None),
            AmountCell::Amount { value, currency, .. }
                if self.in_dollars(value, stated.or(currency), position) < LEAST_COST =>
            {
                self.tell(
                    "DQ-09",
                    Severity::Warns,
                    format!("a cost of `{text}` for one unit is not believable: not used"),
                    "write what one unit cost",
                );
                Ok(None)
            }
            AmountCell::Amount { value, currency, ambiguous } => {
                if ambiguous {
                    self.tell(
                        "DQ-09",
                        Severity::Warns,
                        format!("`{text}` could be thousands or a decimal; read as {value}"),
                        "export amounts with two decimals",
                    );
                }
                let currency = self.currency_of(text, currency, stated, position);
                match self.context.rates.dollars_per(currency) {
                    Ok(_) => Ok(Some((value, currency))),
                    Err(error) => fault(self, "no exchange rate", &error.to_string()),
                }
            }
        }
    }

    /// The currency of a cost: the row's, else the cell's, the header's, that of all signs in the column, the default. Where cell and row name two, the cell's
    /// counts and it is told; a bare `$` is whatever dollar the row names.
    fn currency_of(
        &mut self,
        text: &str,
        own: Option<Currency>,
        stated: Option<Currency>,
        position: usize,
    ) -> Currency {
        let bare_dollar = text.contains('$') && !text.chars().any(char::is_alphabetic);
        let is_dollar = |currency: Currency| currency.to_string().ends_with('D');
        match (own, stated) {
            (Some(own), Some(stated)) if own != stated && !(bare_dollar && is_dollar(stated)) => {
                self.tell(
                    "DQ-26",
                    Severity::Warns,
                    format!("cost `{text}` beside the currency {stated}: read as {own}"),
                    "correct the currency or the sign",
                );
                own
            }
            _ => stated.or(own).unwrap_or_else(|| self.context.currency_where_none_is_named(position)),
        }
    }

    /// An amount in dollars, as far as there is a rate.
    fn in_dollars(&self, value: f64, currency: Option<Currency>, position: usize) -> f64 {
        let currency = currency.unwrap_or_else(|| self.context.currency_where_none_is_named(position));
        value * self.context.rates.dollars_per(currency).unwrap_or(1.0)
    }

    /// An amount that decides no value. Its own letters go before the row's currency.
    pub(super) fn side_amount(&self, field: Field, stated: Option<Currency>) -> Option<(f64, Currency)> {
        let (position, text) = self.filled(field)?;
        let style = self.context.amounts.get(&position).copied().unwrap_or_default();
        let lettered = text.chars().any(char::is_alphabetic);
        match amounts::amount(text, style) {
            AmountCell::Amount { value, currency, .. }
                if value.is_finite() && (0.0..MOST_SIDE_AMOUNT).contains(&value) =>
            {
                let own = currency.filter(|_| lettered || stated.is_none());
                let otherwise = || self.context.currency_where_none_is_named(position);
                Some((value, own.or(stated).unwrap_or_else(otherwise)))
            }
            _ => None,
        }
    }

    /// Units on the row: by its column, and in a ledger by what its text says.
    pub(super) fn quantity(&self) -> Result<u32, Fault> {
        let in_text = || {
            let is_ledger = self.context.profile.written.cost_of == Some(CostOf::Line);
            let told = is_ledger.then(|| notes::quantity(self.cell(Field::Model)?)).flatten();
            told.unwrap_or(1)
        };
        let Some((_, text)) = self.filled(Field::Quantity) else { return Ok(in_text()) };
        // A ledger writes units with three decimals: 4,000 ST are four.
        let plain = match (self.context.comma_decimal, text.contains(',')) {
            (true, true) => text.replace('.', "").replace(',', "."),
            _ => text.to_owned(),
        };
        match amounts::plain_number(&plain) {
            Some(1.0) => Ok(in_text()),
            Some(count) if (1.0..=1e6).contains(&count) && count.fract() == 0.0 && !text.starts_with('-') => {
                Ok(count as u32)
            }
            _ => Err(self.fault(Field::Quantity, "not a number of units", "write a whole number from 1")),
        }
    }
}
