//! What the organisation decides for itself: rates, fees, cycles, tolerances.
//!
//! In: `residua.toml`, any part of it; the rest comes from `data/policy.toml`, which documents every value and
//! its source. Out: a [`Policy`] whose figures were checked once, and what it says for one unit ([`Scope`]): tables
//! `[class.NAME]`, `[product."NAME"]`, `[site.NAME]` and `[asset."ID"]` hold the same sections again, and the
//! narrowest wins.

mod by_class;
mod check;
mod currency;
mod gaps;
mod overrides;
mod sections;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use by_class::ByClass;
pub use currency::ConversionError;
pub use gaps::{End, Gaps, Holds, Span};
pub use overrides::Scope;
pub(super) use overrides::{Kind, Overriding};
pub use sections::{
    Books, BuyOut, ChallengerTerms, DataRule, Demand, Destroy, Disposal, Donate, Energy, Failure, Idle,
    Lease, Maintenance, Parts, Recycle, Redeploy, RefreshRule, Rental, Rest, SaleRoute, Software, Space,
    Upgrade,
};

use super::route::Route;
use super::schedule::limits::{Contracts, Delivery, Depth, Freeze};
use crate::fleet::{Profiles, ReadOptions};
use crate::units::{Currency, ExchangeRate, ExchangeRates, Month};

/// The commented default policy, as `residua init` writes it.
pub const DEFAULT_POLICY: &str = include_str!("../../../data/policy.toml");

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
    pub refresh_rule: RefreshRule,
    pub price_factor: ByClass<f64>,
    pub energy: Energy,
    pub power_w: ByClass<f64>,
    pub refresh_months: ByClass<u32>,
    pub space: Space,
    pub maintenance: Maintenance,
    pub failure: Failure,
    pub software: Software,
    pub idle: Idle,
    pub resell: SaleRoute,
    pub retail: SaleRoute,
    pub wholesale: SaleRoute,
    pub buy_back: SaleRoute,
    pub parts: Parts,
    pub donate: Donate,
    pub recycle: Recycle,
    pub destroy: Destroy,
    pub redeploy: Redeploy,
    pub upgrade: Upgrade,
    pub handling: ByClass<f64>,
    pub disposal: Disposal,
    pub lease: Lease,
    pub rental: Rental,
    pub challenger: ChallengerTerms,
    pub books: Books,
    pub capacity: BTreeMap<String, u64>,
    #[serde(default)]
    pub freeze: Vec<Freeze>,
    pub budget: BTreeMap<String, f64>,
    pub delivery: Delivery,
    pub depth: Depth,
    pub contracts: Contracts,
    pub gaps: Gaps,
    pub exchange_rates: BTreeMap<Currency, ExchangeRate>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub class: BTreeMap<String, toml::Table>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub product: BTreeMap<String, toml::Table>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub site: BTreeMap<String, toml::Table>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asset: BTreeMap<String, toml::Table>,
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
        let policy = Policy::from_table(file, merged)?;
        policy.check(file)?;
        policy.check_overrides(file)?;
        Ok(policy)
    }

    /// This policy with a table laid over it: what the table does not name stays. `place` is named in refusals.
    pub fn overlaid(&self, place: &str, overlay: toml::Table) -> Result<Policy, PolicyError> {
        let mut merged = self.to_table()?;
        lay_over(&mut merged, overlay);
        let mut policy = Policy::from_table(place, merged)?;
        policy.register_currency = self.register_currency;
        policy.check(place)?;
        policy.check_overrides(place)?;
        Ok(policy)
    }

    /// Currency of register amounts without sign or code.
    pub fn register_currency(&self) -> Currency {
        self.register_currency.unwrap_or(self.currency)
    }

    /// Moves the price of each channel by what is given for its route: a shift of its logarithm. A factor that an override
    /// names stays as it is written.
    pub fn move_channels(&mut self, shift_log: impl Fn(Route) -> f64) {
        let sales = [
            (Route::Resell, &mut self.resell),
            (Route::Retail, &mut self.retail),
            (Route::Wholesale, &mut self.wholesale),
            (Route::BuyBack, &mut self.buy_back),
        ];
        for (route, sale) in sales {
            sale.channel_factor *= shift_log(route).exp();
        }
    }

    /// How registers are read under this policy: its currency and rates, and the built-in profiles.
    pub fn read_options(&self, as_of: Month) -> ReadOptions {
        ReadOptions {
            default_currency: self.register_currency(),
            rates: self.rates(),
            as_of,
            profiles: Profiles::built_in(),
        }
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
        let class = Policy::from_toml("mine.toml", "power_w = { labtop = 9 }\n").unwrap_err().to_string();
        assert!(class.contains("labtop"), "{class}");
    }
}
