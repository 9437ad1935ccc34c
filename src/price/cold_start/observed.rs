//! From a market observation to a sale with its facts.
//!
//! In: an observation and the catalog product it is of. Out: a [`Sale`], or `None` when a fact is missing (launch, list
//! price in dollars, storage, an exchange rate), when nobody paid the price, or when the words of its condition are not
//! known.

use super::{Condition, Facts, Sale};
use crate::catalog::{Catalog, Product};
use crate::market::{Basis, Observation};
use crate::units::{ExchangeRates, Month};

/// The sale that an observation of a product is.
pub fn sale(product: &Product, row: &Observation, catalog: &Catalog, rates: &ExchangeRates) -> Option<Sale> {
    if row.basis != Basis::Sold {
        return None;
    }
    let (storage_gb, locked) = storage_and_lock(&row.configuration);
    let successor_launch = catalog.successor_launch(product).map(|date| date.month);
    let usual = facts_of_product(product, successor_launch)?;
    let facts = Facts { locked, storage_gb: storage_gb.unwrap_or(usual.storage_gb), ..usual };
    let log_price = (row.price * rates.dollars_per(row.currency).ok()?).ln();
    Some(Sale {
        product: product.name.clone(),
        generation: product.generation.clone(),
        facts,
        condition: Condition::from_words(&row.grade)?,
        month: row.month,
        log_price,
    })
}

/// The facts of a product as the catalog has them: smallest storage, free of any carrier.
pub(in crate::price) fn facts_of_product(
    product: &Product,
    successor_launch: Option<Month>,
) -> Option<Facts> {
    Some(Facts {
        launch: product.launch?.month,
        successor_launch,
        list_price_usd: product.list_price_usd()?,
        storage_gb: product.storage_gb?,
        locked: false,
    })
}

/// Storage in GB and whether a carrier lock is named, from words such as `256 GB Locked`.
fn storage_and_lock(words: &str) -> (Option<f64>, bool) {
    let lower = words.to_lowercase();
    let size = |unit: &str| -> Option<f64> {
        let (before, _) = lower.split_once(unit)?;
        before
            .trim_end()
            .rsplit(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .next()?
            .parse()
            .ok()
    };
    let storage = size("gb").or_else(|| size("tb").map(|terabytes| terabytes * 1024.0));
    let locked = lower.split_whitespace().any(|word| word == "locked");
    (storage.filter(|gigabytes| *gigabytes > 0.0), locked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_and_lock_are_read_from_the_ways_sources_write_them() {
        assert_eq!(storage_and_lock("128.0 GB Locked"), (Some(128.0), true));
        assert_eq!(storage_and_lock("black, 1TB unlocked"), (Some(1024.0), false));
        assert_eq!(storage_and_lock("Unlocked"), (None, false));
        assert_eq!(storage_and_lock("0 GB"), (None, false));
    }
}
