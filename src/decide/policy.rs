//! What the organisation decides for itself: rates, fees, cycles, tolerances.
//!
//! In: `residua.toml`, any part of it; the rest comes from `data/policy.toml`, which documents every value and
//! its source. Out: a [`Policy`] whose figures were checked once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::schedule::limits::{self, Delivery, Depth, Freeze, Lease};
use crate::catalog::AssetClass;
use crate::units::{Currency, ExchangeRate, ExchangeRates, Month};

/// The commented default policy, as `residua init` writes it.
pub const DEFAULT_POLICY: &str = include_str!("../../data/policy.toml");

/// A value for some classes, and one for the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByClass<T>(BTreeMap<String, T>);

impl<T: Copy> ByClass<T> {
    /// The value of a class, or that of `other`.
    pub fn of(&self, class: AssetClass) -> Option<T> {
        self.0.get(class.name()).or_else(|| self.0.get("other")).copied()
    }
}

/// Energy of running equipment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Energy {
    pub price_per_kwh: f64,
    pub pue: f64,
    pub idle_share: f64,
    pub usual_utilization: f64,
}

/// Upkeep over age.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Maintenance {
    pub yearly_share: ByClass<f64>,
    pub yearly_growth: f64,
    pub growing_years: f64,
    pub share_in_warranty: f64,
    pub warranty_months: u32,
}

/// What an unused unit costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Idle {
    pub storage_monthly: f64,
    pub shrinkage_monthly: f64,
}

/// Terms of a sale through a disposition vendor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Resell {
    pub channel_factor: f64,
    pub share: f64,
    pub fee_before_split: f64,
    pub fee_after_split: f64,
}

/// Terms of recycling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Recycle {
    pub cost: f64,
}

/// What replaces a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ChallengerTerms {
    pub price_decline_yearly: ByClass<f64>,
    pub generation_gain: f64,
    pub target_utilization: f64,
}

/// How equipment stands in the books when the register does not say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Books {
    pub method: String,
    pub life_months: ByClass<u32>,
}

/// The whole policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Policy {
    pub as_of: String,
    pub currency: Currency,
    #[serde(skip)]
    pub register_currency: Option<Currency>,
    pub discount_rate_yearly: f64,
    pub horizon_months: u32,
    pub window_tolerance: f64,
    pub energy: Energy,
    pub power_w: ByClass<f64>,
    pub refresh_months: ByClass<u32>,
    pub maintenance: Maintenance,
    pub idle: Idle,
    pub resell: Resell,
    pub handling: ByClass<f64>,
    pub recycle: Recycle,
    pub challenger: ChallengerTerms,
    pub books: Books,
    pub capacity: BTreeMap<String, u64>,
    #[serde(default)]
    pub freeze: Vec<Freeze>,
    pub budget: BTreeMap<String, f64>,
    pub delivery: Delivery,
    pub depth: Depth,
    pub lease: Lease,
    pub exchange_rates: BTreeMap<Currency, ExchangeRate>,
}

/// A policy that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a name nobody knows.
    #[error("{file}: {message}")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong and where.
        message: String,
    },
    /// A figure outside its range.
    #[error("{file}: {name} = {value} must be between {least} and {most}")]
    OutOfRange {
        /// The file.
        file: String,
        /// The figure's name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
}

impl Policy {
    /// The built-in policy.
    pub fn built_in() -> Policy {
        toml::from_str(DEFAULT_POLICY).expect("data/policy.toml is checked by a test")
    }

    /// A policy file laid over the built-in one: what the file does not name stays.
    pub fn from_toml(file: &str, text: &str) -> Result<Policy, PolicyError> {
        let unreadable = |message: String| PolicyError::Unreadable { file: file.to_owned(), message };
        let mut merged: toml::Table =
            toml::from_str(DEFAULT_POLICY).map_err(|error| unreadable(error.to_string()))?;
        let overlay: toml::Table =
            toml::from_str(text).map_err(|error| unreadable(error.to_string().trim().to_owned()))?;
        lay_over(&mut merged, overlay);
        let policy: Policy =
            merged.try_into().map_err(|error: toml::de::Error| unreadable(error.message().to_owned()))?;
        policy.check(file)?;
        Ok(policy)
    }

    /// Currency of register amounts without sign or code.
    pub fn register_currency(&self) -> Currency {
        self.register_currency.unwrap_or(self.currency)
    }

    /// The same policy with its amounts turned into another currency. Register amounts without a sign keep the
    /// currency they had.
    pub fn in_currency(&self, currency: Currency) -> Result<Policy, crate::units::CurrencyError> {
        let factor = self.rates().factor(self.currency, currency)?;
        let mut policy = self.clone();
        policy.register_currency = Some(self.register_currency());
        policy.currency = currency;
        for amount in [
            &mut policy.energy.price_per_kwh,
            &mut policy.idle.storage_monthly,
            &mut policy.resell.fee_before_split,
            &mut policy.resell.fee_after_split,
            &mut policy.recycle.cost,
        ] {
            *amount *= factor;
        }
        for amount in policy.handling.0.values_mut() {
            *amount *= factor;
        }
        let lease = &mut policy.lease;
        let of_leases = lease.buy_out_price.0.values_mut().chain(lease.contract_extension.0.values_mut());
        for amount in of_leases.chain(policy.budget.values_mut()) {
            *amount *= factor;
        }
        Ok(policy)
    }

    /// The month the policy fixes, if it fixes one.
    pub fn fixed_as_of(&self) -> Result<Option<Month>, crate::units::MonthError> {
        if self.as_of.is_empty() { Ok(None) } else { self.as_of.parse().map(Some) }
    }

    /// Built-in rates with the policy's own laid over.
    pub fn rates(&self) -> ExchangeRates {
        let mut rates = ExchangeRates::built_in();
        for (currency, rate) in &self.exchange_rates {
            rates.insert(*currency, rate.clone());
        }
        rates
    }

    fn check(&self, file: &str) -> Result<(), PolicyError> {
        let figures = self.single_figures().into_iter().chain(self.figures_by_class());
        for (name, value, least, most) in figures {
            if !(least..=most).contains(&value) {
                return Err(PolicyError::OutOfRange { file: file.to_owned(), name, value, least, most });
            }
        }
        match self.budget.keys().find(|quarter| !limits::is_quarter(quarter)) {
            Some(quarter) => Err(PolicyError::Unreadable {
                file: file.to_owned(),
                message: format!("budget: `{quarter}` is not a quarter: write it as \"2027 Q1\""),
            }),
            None => Ok(()),
        }
    }

    /// Name, value, least and most of every figure that stands alone.
    fn single_figures(&self) -> Vec<(&'static str, f64, f64, f64)> {
        const AMOUNT: f64 = 1e6;
        vec![
            ("discount_rate_yearly", self.discount_rate_yearly, 0.001, 1.0),
            ("horizon_months", f64::from(self.horizon_months), 1.0, 120.0),
            ("window_tolerance", self.window_tolerance, 0.0, 1.0),
            ("energy.price_per_kwh", self.energy.price_per_kwh, 0.0, AMOUNT),
            ("energy.pue", self.energy.pue, 1.0, 5.0),
            ("energy.idle_share", self.energy.idle_share, 0.0, 1.0),
            ("energy.usual_utilization", self.energy.usual_utilization, 0.0, 1.0),
            ("maintenance.yearly_growth", self.maintenance.yearly_growth, 0.0, 1.0),
            ("maintenance.growing_years", self.maintenance.growing_years, 0.0, 30.0),
            ("maintenance.share_in_warranty", self.maintenance.share_in_warranty, 0.0, 1.0),
            ("maintenance.warranty_months", f64::from(self.maintenance.warranty_months), 0.0, 240.0),
            ("idle.storage_monthly", self.idle.storage_monthly, 0.0, AMOUNT),
            ("idle.shrinkage_monthly", self.idle.shrinkage_monthly, 0.0, 0.5),
            ("resell.channel_factor", self.resell.channel_factor, 0.01, 2.0),
            ("resell.share", self.resell.share, 0.0, 1.0),
            ("resell.fee_before_split", self.resell.fee_before_split, 0.0, AMOUNT),
            ("resell.fee_after_split", self.resell.fee_after_split, 0.0, AMOUNT),
            ("recycle.cost", self.recycle.cost, 0.0, AMOUNT),
            ("challenger.generation_gain", self.challenger.generation_gain, 0.1, 20.0),
            ("challenger.target_utilization", self.challenger.target_utilization, 0.01, 1.0),
            ("depth.price_fall", self.depth.price_fall, 0.0, 1.0),
        ]
    }

    /// The same of every figure that is given by class.
    fn figures_by_class(&self) -> Vec<(&'static str, f64, f64, f64)> {
        fn each<T: Copy + Into<f64>>(
            name: &'static str,
            values: &ByClass<T>,
            least: f64,
            most: f64,
        ) -> Vec<(&'static str, f64, f64, f64)> {
            values.0.values().map(|value| (name, (*value).into(), least, most)).collect()
        }
        let map = |name: &'static str, values: &BTreeMap<String, f64>, least: f64, most: f64| {
            values.values().map(|value| (name, *value, least, most)).collect::<Vec<_>>()
        };
        [
            each("power_w", &self.power_w, 0.0, 1e5),
            each("refresh_months", &self.refresh_months, 1.0, 240.0),
            each("maintenance.yearly_share", &self.maintenance.yearly_share, 0.0, 1.0),
            each("handling", &self.handling, 0.0, 1e6),
            each("challenger.price_decline_yearly", &self.challenger.price_decline_yearly, 0.0, 0.9),
            each("books.life_months", &self.books.life_months, 1.0, 600.0),
            each("depth.units_a_month", &self.depth.units_a_month, 1.0, 1e9),
            map("depth.products", &self.depth.products, 1.0, 1e9),
            map("budget", &self.budget, 0.0, 1e12),
            each("lease.buy_out_price", &self.lease.buy_out_price, 0.0, 1e9),
            each("lease.buy_out_share", &self.lease.buy_out_share, 0.0, 10.0),
            each("lease.contract_extension", &self.lease.contract_extension, 0.0, 1e9),
        ]
        .concat()
    }
}

/// Lays one table over another, table by table, so that an overlay may name a single value.
fn lay_over(base: &mut toml::Table, overlay: toml::Table) {
    for (name, value) in overlay {
        match (base.get_mut(&name), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policy_is_within_its_own_ranges() {
        assert_eq!(Policy::built_in().check("built in"), Ok(()));
    }

    #[test]
    fn an_overlay_changes_what_it_names_and_nothing_else() {
        let policy = Policy::from_toml("mine.toml", "currency = \"EUR\"\n[resell]\nshare = 0.7\n").unwrap();
        let built_in = Policy::built_in();
        assert_eq!(policy.resell.share, 0.7);
        assert_eq!(policy.resell.fee_before_split, built_in.resell.fee_before_split);
        assert_eq!(policy.currency.code(), "EUR");
    }

    #[test]
    fn a_misspelt_name_and_a_wild_figure_are_refused_by_name() {
        let misspelt = Policy::from_toml("mine.toml", "[resell]\nshar = 0.7\n").unwrap_err().to_string();
        assert!(misspelt.contains("mine.toml") && misspelt.contains("shar"), "{misspelt}");
        let wild = Policy::from_toml("mine.toml", "[resell]\nshare = 65\n").unwrap_err().to_string();
        assert_eq!(wild, "mine.toml: resell.share = 65 must be between 0 and 1");
    }
}
