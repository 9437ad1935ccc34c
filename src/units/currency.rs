//! Currencies and the rates between them.
//!
//! In: ISO 4217 codes and rates with their dates. Out: amounts in one currency. An amount in a currency
//! that has no rate is refused, never passed through.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 4217 currency code, three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// A currency that cannot be read or converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    /// Not three letters.
    #[error("`{0}` is not a currency code: write three letters, for example USD")]
    NotACode(String),
    /// No rate is known.
    #[error(
        "no exchange rate for {currency}: add `{currency} = {{ rate = …, date = \"YYYY-MM-DD\" }}` under [exchange_rates] in the policy (`residua init` writes one)"
    )]
    NoRate {
        /// The currency without a rate.
        currency: Currency,
    },
}

impl Currency {
    /// United States dollar, the currency in which the price models are fitted.
    pub const USD: Currency = Currency(*b"USD");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals the currency has in print (0 for yen and won, 2 for the others).
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" => 0,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Currency, CurrencyError> {
        let bytes = text.trim().as_bytes();
        match bytes {
            [a, b, c] if bytes.iter().all(u8::is_ascii_alphabetic) => {
                Ok(Currency([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(CurrencyError::NotACode(text.to_owned())),
        }
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What one unit of a currency is worth in US dollars, and when that was so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// US dollars for one unit.
    pub rate: f64,
    /// The day of the rate, `YYYY-MM-DD`.
    pub date: String,
    /// Where the rate was read.
    #[serde(default)]
    pub source: String,
}

/// Rates against the US dollar, by currency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExchangeRates(BTreeMap<Currency, ExchangeRate>);

/// The rates that ship with the program.
#[derive(Deserialize)]
struct BuiltIn {
    date: String,
    source: String,
    dollars: BTreeMap<Currency, f64>,
}

impl ExchangeRates {
    /// The dated reference rates of `data/exchange_rates.toml`.
    pub fn built_in() -> ExchangeRates {
        let file: BuiltIn = toml::from_str(include_str!("../../data/exchange_rates.toml"))
            .expect("data/exchange_rates.toml is checked by a test");
        let entry = |rate| ExchangeRate { rate, date: file.date.clone(), source: file.source.clone() };
        ExchangeRates(file.dollars.iter().map(|(currency, rate)| (*currency, entry(*rate))).collect())
    }

    /// Adds a rate or replaces it.
    pub fn insert(&mut self, currency: Currency, rate: ExchangeRate) {
        self.0.insert(currency, rate);
    }

    /// The rate of a currency as it was given; the dollar needs none.
    pub fn get(&self, currency: Currency) -> Option<&ExchangeRate> {
        self.0.get(&currency)
    }

    /// All rates in order of their code.
    pub fn iter(&self) -> impl Iterator<Item = (Currency, &ExchangeRate)> {
        self.0.iter().map(|(currency, rate)| (*currency, rate))
    }

    /// US dollars for one unit of `currency`.
    pub fn dollars_per(&self, currency: Currency) -> Result<f64, CurrencyError> {
        if currency == Currency::USD {
            return Ok(1.0);
        }
        match self.0.get(&currency) {
            Some(entry) if entry.rate.is_finite() && entry.rate > 0.0 => Ok(entry.rate),
            _ => Err(CurrencyError::NoRate { currency }),
        }
    }

    /// The factor that turns an amount in `from` into an amount in `to`.
    pub fn factor(&self, from: Currency, to: Currency) -> Result<f64, CurrencyError> {
        if from == to { Ok(1.0) } else { Ok(self.dollars_per(from)? / self.dollars_per(to)?) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euro_at(rate: f64) -> ExchangeRates {
        let mut rates = ExchangeRates::default();
        rates.insert(
            "EUR".parse().unwrap(),
            ExchangeRate { rate, date: "2026-11-20".into(), source: String::new() },
        );
        rates
    }

    #[test]
    fn a_rate_converts_both_ways() {
        let rates = euro_at(1.25);
        let euro: Currency = "eur".parse().unwrap();
        assert_eq!(rates.factor(euro, Currency::USD), Ok(1.25));
        assert_eq!(rates.factor(Currency::USD, euro), Ok(0.8));
        assert_eq!(rates.factor(euro, euro), Ok(1.0));
    }

    #[test]
    fn the_built_in_rates_are_positive_and_dated() {
        let rates = ExchangeRates::built_in();
        assert!(rates.iter().count() > 20);
        for (currency, rate) in rates.iter() {
            assert!(rates.dollars_per(currency).is_ok(), "{currency}");
            assert_eq!(rate.date, "2024-06-28");
        }
    }

    #[test]
    fn a_currency_without_a_rate_or_with_a_useless_one_is_refused() {
        let zzz: Currency = "ZZZ".parse().unwrap();
        assert_eq!(euro_at(1.2).factor(zzz, Currency::USD), Err(CurrencyError::NoRate { currency: zzz }));
        let euro: Currency = "EUR".parse().unwrap();
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(euro_at(rate).factor(euro, Currency::USD).is_err());
        }
        assert!("DOLLAR".parse::<Currency>().is_err());
    }
}
