//! Amounts of money in whole minor units, so that what is printed adds up.
//!
//! In: model values in f64. Out: [`Money`] in minor units of its currency (cents), rounded once, half away
//! from zero. [`apportion`] rounds the parts of a total so that they sum to the rounded total exactly
//! (largest remainder).

use std::fmt;

use serde::{Serialize, Serializer};

use super::Currency;

/// An amount in the minor unit of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// An amount that money cannot hold.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MoneyError {
    /// Not a number, or infinite, or beyond ninety trillion.
    #[error("{0} is not an amount of money: it must be a finite number below 9e13")]
    OutOfRange(f64),
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added: convert one of them first")]
    MixedCurrencies(Currency, Currency),
}

impl Money {
    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// An amount given in minor units (cents).
    pub const fn from_minor(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// An amount in major units, rounded to the minor unit, half away from zero.
    pub fn from_major(amount: f64, currency: Currency) -> Result<Money, MoneyError> {
        if !amount.is_finite() || amount.abs() >= 9e13 {
            return Err(MoneyError::OutOfRange(amount));
        }
        let scale = 10_f64.powi(currency.decimals() as i32);
        Ok(Money { minor: (amount * scale).round() as i64, currency })
    }

    /// The minor units (cents).
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The amount in major units.
    pub fn major(self) -> f64 {
        self.minor as f64 / 10_f64.powi(self.currency.decimals() as i32)
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum, if both are in one currency.
    pub fn plus(self, other: Money) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        Ok(Money { minor: self.minor + other.minor, currency: self.currency })
    }

    /// The bare number as files carry it: `-1234.50`, no grouping, no code.
    pub fn plain(self) -> String {
        let decimals = self.currency.decimals();
        if decimals == 0 {
            return self.minor.to_string();
        }
        let scale = 10_u64.pow(decimals);
        let magnitude = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale, width = decimals as usize)
    }

    /// The exact amount without its currency, grouped for reading: `1,234.50`.
    pub fn grouped(self) -> String {
        group_thousands(&self.plain())
    }

    /// The amount in whole major units, grouped for reading: `1,234`.
    pub fn rounded(self) -> String {
        let whole = self.major().round() as i64;
        group_thousands(&whole.to_string())
    }
}

/// An amount with two decimals, grouped for reading: `1,234.50`.
pub(crate) fn cents(amount: f64) -> String {
    group_thousands(&format!("{amount:.2}"))
}

/// Writes commas between groups of three digits of a plain number.
pub(crate) fn group_thousands(plain: &str) -> String {
    let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{grouped}.{fraction}"),
        None => format!("{sign}{grouped}"),
    }
}

impl fmt::Display for Money {
    /// `1,234.50 USD`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.grouped(), self.currency)
    }
}

impl Serialize for Money {
    /// As the bare decimal text, so that no reader loses a cent to a float.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.plain())
    }
}

/// Rounds `parts` (major units) to money so that they sum to `total` exactly.
///
/// Each part is rounded down to its minor unit and the units that are left go to the largest remainders,
/// ties to the earlier part. When the parts do not add to the total, the difference beyond one unit a part
/// goes to the largest part: the caller states the total, and it is kept.
pub fn apportion(total: Money, parts: &[f64]) -> Vec<Money> {
    let currency = total.currency;
    let scale = 10_f64.powi(currency.decimals() as i32);
    let floors: Vec<i64> = parts.iter().map(|part| (part * scale).floor() as i64).collect();
    let mut minor = floors.clone();
    let mut left = total.minor - floors.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let remainder = |index: usize| parts[index] * scale - floors[index] as f64;
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
    if left >= 0 {
        for &index in order.iter().take(left.min(parts.len() as i64) as usize) {
            minor[index] += 1;
            left -= 1;
        }
    }
    if left != 0 {
        let largest = (0..parts.len()).max_by(|&a, &b| parts[a].abs().total_cmp(&parts[b].abs()));
        if let Some(largest) = largest {
            minor[largest] += left;
        }
    }
    minor.into_iter().map(|minor| Money { minor, currency }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dollars(amount: f64) -> Money {
        Money::from_major(amount, Currency::USD).unwrap()
    }

    #[test]
    fn money_prints_with_its_currency_and_groups() {
        assert_eq!(dollars(1_234_567.891).to_string(), "1,234,567.89 USD");
        assert_eq!(dollars(-0.05).plain(), "-0.05");
        assert_eq!(dollars(-1_234.5).rounded(), "-1,235");
        let won = Money::from_major(1_500_000.4, "KRW".parse().unwrap()).unwrap();
        assert_eq!(won.to_string(), "1,500,000 KRW");
    }

    #[test]
    fn infinity_and_mixed_currencies_are_refused() {
        for amount in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -9e13] {
            assert!(Money::from_major(amount, Currency::USD).is_err());
        }
        let euro = Money::zero("EUR".parse().unwrap());
        assert!(dollars(1.0).plus(euro).is_err());
    }

    #[test]
    fn three_thirds_of_a_dollar_add_to_a_dollar() {
        let parts = apportion(dollars(1.0), &[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(parts.iter().map(|part| part.minor()).collect::<Vec<_>>(), [34, 33, 33]);
    }

    proptest! {
        #[test]
        fn apportioned_parts_always_sum_to_the_total(parts in prop::collection::vec(-1e6..1e6_f64, 1..20)) {
            let total = dollars(parts.iter().sum());
            let rounded = apportion(total, &parts);
            prop_assert_eq!(rounded.iter().map(|part| part.minor()).sum::<i64>(), total.minor());
            for (money, part) in rounded.iter().zip(&parts) {
                prop_assert!((money.major() - part).abs() <= 0.021);
            }
        }
    }
}
