//! What a buyer of whole lots asks, spends and fears.
//!
//! In: the section `[lot]` of the policy. Out: [`LotPolicy`]. Figures and their sources stand in `data/policy.toml`; amounts
//! are in the currency of the policy. The shares of a grade's code are checked here, so that a scheme can be trusted.

// The names are explained in data/policy.toml, which every user gets by `residua init`.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ByClass, SaleRoute};
use crate::fleet::Grade;

/// How far the shares of a code may be from adding to one.
const SLIP: f64 = 1e-6;

/// Terms of buying lots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotPolicy {
    pub margin: f64,
    pub max_loss: f64,
    pub financing_yearly: f64,
    pub months_to_list: u32,
    pub processing: ByClass<f64>,
    pub refurbishing: ByClass<f64>,
    pub freight: ByClass<f64>,
    pub fails: ByClass<f64>,
    pub locked_price: f64,
    pub mixed_lot_factor: f64,
    pub stated_price_sd: f64,
    pub sells_in: String,
    pub exchange_rate_sd_yearly: f64,
    pub share_fee: f64,
    pub retail: SaleRoute,
    pub wholesale: SaleRoute,
    pub schemes: BTreeMap<String, GradeScheme>,
}

/// What the codes of a grade scheme say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeScheme {
    pub title: String,
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub inferred: bool,
    #[serde(default)]
    pub tested: Vec<String>,
    #[serde(default)]
    pub function: Vec<String>,
    pub codes: BTreeMap<String, BTreeMap<String, f64>>,
}

impl LotPolicy {
    /// Name, value, least and most of every figure but those of the channels.
    pub(super) fn figures(&self) -> Vec<(&'static str, f64, f64, f64)> {
        let mut figures = vec![
            ("lot.margin", self.margin, 0.0, 0.95),
            ("lot.max_loss", self.max_loss, 0.001, 0.999),
            ("lot.financing_yearly", self.financing_yearly, 0.0, 1.0),
            ("lot.months_to_list", f64::from(self.months_to_list), 0.0, 24.0),
            ("lot.locked_price", self.locked_price, 0.0, 1.0),
            ("lot.mixed_lot_factor", self.mixed_lot_factor, 0.01, 1.0),
            ("lot.stated_price_sd", self.stated_price_sd, 0.0, 2.0),
            ("lot.exchange_rate_sd_yearly", self.exchange_rate_sd_yearly, 0.0, 1.0),
            ("lot.share_fee", self.share_fee, 0.0, 1e6),
        ];
        let amounts = [
            ("lot.processing", &self.processing, 1e6),
            ("lot.refurbishing", &self.refurbishing, 1e6),
            ("lot.freight", &self.freight, 1e6),
            ("lot.fails", &self.fails, 1.0),
        ];
        for (name, values, most) in amounts {
            figures.extend(values.values().map(|value| (name, value, 0.0, most)));
        }
        let shares = self.schemes.values().flat_map(|scheme| scheme.codes.values());
        figures
            .extend(shares.flat_map(BTreeMap::values).map(|share| ("lot.schemes.codes", *share, 0.0, 1.0)));
        figures
    }

    /// What is wrong with its currency or schemes beyond the range of a figure.
    pub(super) fn fault(&self) -> Option<String> {
        if !self.sells_in.is_empty() && self.sells_in.parse::<crate::units::Currency>().is_err() {
            return Some(format!("lot.sells_in: `{}` is not a currency code, such as USD", self.sells_in));
        }
        self.schemes.iter().find_map(|(name, scheme)| {
            scheme.codes.iter().find_map(|(code, shares)| {
                let place = format!("lot.schemes.{name}.codes: `{code}`");
                let unknown =
                    shares.keys().find(|grade| !Grade::ALL.iter().any(|known| known.name() == **grade));
                let sum: f64 = shares.values().sum();
                match unknown {
                    Some(grade) => {
                        Some(format!("{place} names the grade `{grade}`: write A, B, C, D or parts"))
                    }
                    None if (sum - 1.0).abs() > SLIP => {
                        Some(format!("{place} has shares that add to {sum}, not to 1"))
                    }
                    None => None,
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::decide::policy::Policy;

    #[test]
    fn shares_that_do_not_add_to_one_and_grades_nobody_knows_are_refused_by_name() {
        let refused = |text: &str| Policy::from_toml("mine.toml", text).unwrap_err().to_string();
        let sum = refused("[lot.schemes.letters.codes]\nA = { A = 0.5, B = 0.4 }\n");
        assert!(sum.contains("lot.schemes.letters.codes: `A` has shares that add to 0.9"), "{sum}");
        let grade = refused("[lot.schemes.mine]\ntitle = \"ours\"\ncodes = { X = { Z = 1.0 } }\n");
        assert!(grade.contains("names the grade `Z`"), "{grade}");
        let currency = refused("[lot]\nsells_in = \"dollars\"\n");
        assert!(currency.contains("is not a currency code"), "{currency}");
    }

    #[test]
    fn a_vendors_own_scheme_is_laid_over_the_built_in_ones() {
        let mine = "[lot.schemes.ours]\ntitle = \"ours\"\ncodes = { gold = { A = 1.0 } }\n";
        let policy = Policy::from_toml("mine.toml", mine).unwrap();
        assert_eq!(policy.lot.schemes["ours"].codes["gold"]["A"], 1.0);
        assert!(policy.lot.schemes.contains_key("rec"));
    }
}
