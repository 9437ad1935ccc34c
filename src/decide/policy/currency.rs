//! A policy in another currency.
//!
//! In: a policy and a currency. Out: the same policy with every amount of [`AMOUNTS`] multiplied by the rate, in the
//! overrides as well. A new amount must be added to the list; the test that a plan in euros is the plan in dollars
//! times the rate finds those that are not.

use super::{Policy, PolicyError};
use crate::units::{Currency, CurrencyError};

/// Where amounts of money stand in a policy. A table at such a place holds amounts only.
const AMOUNTS: [&str; 37] = [
    "energy.price_per_kwh",
    "space.price_per_unit_monthly",
    "failure.lost_service",
    "software.yearly",
    "idle.storage_monthly",
    "resell.fee_before_split",
    "resell.fee_after_split",
    "retail.fee_before_split",
    "retail.fee_after_split",
    "wholesale.fee_before_split",
    "wholesale.fee_after_split",
    "buy_back.fee_before_split",
    "buy_back.fee_after_split",
    "parts.teardown_per_part",
    "recycle.cost",
    "destroy.cost",
    "redeploy.moving",
    "redeploy.demand.avoided_price",
    "upgrade.cost",
    "handling",
    "disposal.drive_fee",
    "lease.return_cost",
    "lease.buy_out_price",
    "rental.hourly",
    "budget",
    "contracts.extension",
    "gaps.labour_per_hour",
    "gaps.failed_collection",
    "gaps.pickup",
    "lot.processing",
    "lot.refurbishing",
    "lot.freight",
    "lot.share_fee",
    "lot.retail.fee_before_split",
    "lot.retail.fee_after_split",
    "lot.wholesale.fee_before_split",
    "lot.wholesale.fee_after_split",
];

/// A policy whose amounts cannot be turned into another currency.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConversionError {
    /// No rate.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// Not readable after the change: an amount beyond all measure.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Policy {
    /// The same policy with its amounts turned into another currency. Register amounts without a sign keep the
    /// currency they had.
    pub fn in_currency(&self, currency: Currency) -> Result<Policy, ConversionError> {
        let factor = self.rates().factor(self.currency, currency)?;
        let mut table = self.to_table()?;
        scale_amounts(&mut table, factor);
        let mut policy = Policy::from_table("the policy", table)?;
        policy.register_currency = Some(self.register_currency());
        policy.currency = currency;
        for overrides in [&mut policy.class, &mut policy.product, &mut policy.site, &mut policy.asset] {
            for table in overrides.values_mut() {
                scale_amounts(table, factor);
            }
        }
        Ok(policy)
    }
}

fn scale_amounts(table: &mut toml::Table, factor: f64) {
    for path in AMOUNTS {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if let Some(value) = table.get_mut(first) {
            scale(value, rest, factor);
        }
    }
}

fn scale(value: &mut toml::Value, path: &str, factor: f64) {
    match value {
        toml::Value::Integer(amount) => *value = toml::Value::Float(*amount as f64 * factor),
        toml::Value::Float(amount) => *amount *= factor,
        toml::Value::Array(values) => values.iter_mut().for_each(|value| scale(value, path, factor)),
        toml::Value::Table(table) if path.is_empty() => {
            table.iter_mut().for_each(|(_, value)| scale(value, "", factor));
        }
        toml::Value::Table(table) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(value) = table.get_mut(first) {
                scale(value, rest, factor);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_turned_at_every_depth_and_shares_are_not() {
        let mine = "[redeploy]\ndemand = [{ class = \"laptop\", units = 3, avoided_price = 100 }]\n\
                    [site.Berlin.energy]\nprice_per_kwh = 0.3\n[asset.A1]\nhandling = 10\n[asset.A1.resell]\nshare = 0.5\n";
        let policy = Policy::from_toml("mine.toml", mine).unwrap();
        let euro: Currency = "EUR".parse().unwrap();
        let rate = policy.rates().factor(policy.currency, euro).unwrap();
        let turned = policy.in_currency(euro).unwrap();
        assert_eq!(turned.energy.price_per_kwh, policy.energy.price_per_kwh * rate);
        assert_eq!(turned.redeploy.demand[0].avoided_price, Some(100.0 * rate));
        assert_eq!(turned.resell.share, policy.resell.share);
        let number = |table: &toml::Table, name: &str| table[name].as_float().unwrap();
        assert_eq!(number(turned.site["Berlin"]["energy"].as_table().unwrap(), "price_per_kwh"), 0.3 * rate);
        assert_eq!(number(&turned.asset["A1"], "handling"), 10.0 * rate);
        assert_eq!(turned.asset["A1"]["resell"]["share"].as_float(), Some(0.5));
    }

    #[test]
    fn every_listed_amount_stands_in_the_default_policy_or_is_optional() {
        let table = Policy::built_in().to_table().unwrap();
        for path in AMOUNTS.iter().filter(|path| **path != "redeploy.demand.avoided_price") {
            let mut here = &toml::Value::Table(table.clone());
            for name in path.split('.') {
                here = here.get(name).unwrap_or_else(|| panic!("{path} is not in the default policy"));
            }
        }
    }
}
