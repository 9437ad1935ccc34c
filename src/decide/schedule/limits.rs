//! What keeps a fleet from doing everything at once, as the policy states it.
//!
//! In: the sections `capacity`, `freeze`, `budget`, `delivery`, `depth` and `contracts` of the policy. Out: the limit that
//! holds for a site, a month, a product. Sites and products are matched without regard to case; the key `other`
//! stands for every site that has no line of its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::AssetClass;
use crate::decide::policy::ByClass;
use crate::units::Month;

/// Months in which nothing leaves a site, or any site when none is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Freeze {
    #[serde(default)]
    pub site: Option<String>,
    pub from: Month,
    pub to: Month,
}

/// First month in which successors are there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Delivery {
    #[serde(default)]
    pub products: BTreeMap<String, Month>,
    #[serde(default)]
    pub sites: BTreeMap<String, Month>,
}

/// How the price falls with the units of a product sold in one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Depth {
    pub price_fall: f64,
    pub units_a_month: ByClass<f64>,
    pub products: BTreeMap<String, f64>,
}

/// Whether units must leave by the end of their support contract, and what passing it costs once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Contracts {
    pub bind: bool,
    pub extension: ByClass<f64>,
}

/// The value under a name, whatever its case, else that under `other`.
pub(in crate::decide) fn named<T: Copy>(values: &BTreeMap<String, T>, name: &str) -> Option<T> {
    exactly_named(values, name).or_else(|| exactly_named(values, "other"))
}

/// The value under a name, whatever its case.
pub(super) fn exactly_named<T: Copy>(values: &BTreeMap<String, T>, name: &str) -> Option<T> {
    values.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| *value)
}

/// Whether two names differ only in case and outer space.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Freeze {
    /// Whether nothing leaves the site in the month.
    pub(in crate::decide) fn holds(&self, site: &str, month: Month) -> bool {
        self.site.as_ref().is_none_or(|own| same_name(own, site)) && (self.from..=self.to).contains(&month)
    }
}

impl Depth {
    /// Share by which the price of a product falls when so many units of it are sold in one month.
    pub fn fall(&self, product: &str, class: AssetClass, units: f64) -> f64 {
        self.units_of(product, class)
            .map_or(0.0, |taken| (self.price_fall / taken.max(1.0).sqrt() * units.max(0.0).sqrt()).min(1.0))
    }

    /// Units of a product that the market takes in a month at about its price.
    pub fn units_of(&self, product: &str, class: AssetClass) -> Option<f64> {
        exactly_named(&self.products, product).or_else(|| self.units_a_month.of(class))
    }
}

/// A budget's quarter, `2027 Q1`, as it should be written.
pub(in crate::decide) fn is_quarter(text: &str) -> bool {
    let Some((year, quarter)) = text.split_once(" Q") else { return false };
    year.len() == 4
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(quarter, "1" | "2" | "3" | "4")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_found_whatever_its_case_and_else_the_others_limit_holds() {
        let capacity = BTreeMap::from([("Austin".to_owned(), 5), ("other".to_owned(), 9)]);
        assert_eq!(named(&capacity, " austin "), Some(5));
        assert_eq!(named(&capacity, "Berlin"), Some(9));
        assert_eq!(exactly_named(&capacity, "Berlin"), None);
    }

    #[test]
    fn a_freeze_without_a_site_holds_everywhere_from_its_first_to_its_last_month() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let freeze = Freeze { site: None, from: month("2026-12"), to: month("2027-01") };
        assert!(freeze.holds("Austin", month("2026-12")) && freeze.holds("Berlin", month("2027-01")));
        assert!(!freeze.holds("Austin", month("2027-02")));
    }

    #[test]
    fn a_quarter_is_a_year_and_one_of_four() {
        assert!(is_quarter("2027 Q1"));
        assert!(!is_quarter("2027 Q5") && !is_quarter("2027-Q1") && !is_quarter("27 Q1"));
    }
}
