//! Dated public prices of single units, to hold beside a forecast.
//!
//! In: `data/comparables.csv`, facts with their sources, built into the binary. Out: the ones nearest in time to
//! a month. They are shown, not fitted on here.

use std::fmt;
use std::sync::LazyLock;

use crate::units::Month;

/// One public price.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparable {
    /// Catalog name of the product.
    pub product: String,
    /// Month of the price.
    pub month: Month,
    /// Price as printed, major units.
    pub price: String,
    /// Currency code.
    pub currency: String,
    /// `sold` or `asked`.
    pub basis: String,
    /// Condition in the source's words.
    pub condition: String,
    /// Configuration in the source's words.
    pub configuration: String,
    /// Where it was published.
    pub source: String,
}

impl fmt::Display for Comparable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {} {}", self.month, self.basis, self.price, self.currency)?;
        for detail in [&self.condition, &self.configuration] {
            if !detail.is_empty() {
                write!(formatter, ", {detail}")?;
            }
        }
        write!(formatter, " ({})", self.source)
    }
}

static ALL: LazyLock<Vec<Comparable>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../../data/comparables.csv").as_bytes());
    reader
        .records()
        .filter_map(Result::ok)
        .filter_map(|record| {
            let cell = |at: usize| record.get(at).unwrap_or("").to_owned();
            Some(Comparable {
                product: cell(0),
                month: cell(1).parse().ok()?,
                price: cell(2),
                currency: cell(3),
                basis: cell(4),
                condition: cell(5),
                configuration: cell(6),
                source: cell(7),
            })
        })
        .collect()
});

/// At most `count` prices of exactly this product, the nearest to `month` first.
pub fn nearest(product: &str, month: Month, count: usize) -> Vec<&'static Comparable> {
    let mut found: Vec<&Comparable> = ALL.iter().filter(|one| one.product == product).collect();
    found.sort_by_key(|one| (one.month.months_since(month).abs(), one.price.clone()));
    found.truncate(count);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::built_in;

    #[test]
    fn every_comparable_is_of_a_catalogued_product_with_a_source() {
        let catalog = built_in().unwrap();
        let lines = include_str!("../../data/comparables.csv").lines().count() - 1;
        assert_eq!(ALL.len(), lines);
        for one in ALL.iter() {
            assert!(catalog.by_name(&one.product).is_some(), "{}", one.product);
            assert!(!one.source.is_empty() && one.price.parse::<f64>().is_ok_and(|price| price > 0.0));
        }
    }

    #[test]
    fn the_nearest_in_time_come_first() {
        let month = "2026-11".parse().unwrap();
        let found = nearest("Dell PowerEdge R730", month, 3);
        assert!(!found.is_empty());
        assert!(found.windows(2).all(|pair| pair[0].month >= pair[1].month));
    }
}
