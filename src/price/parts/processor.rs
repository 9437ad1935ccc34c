//! Facts that tell one processor from another.
//!
//! In: a catalogued processor. Out: features of the regression: cores, list price.

use crate::catalog::Product;

/// Price of a usual used server processor, dollars: the middle of the prior.
pub(in crate::price) const TYPICAL_PRICE_USD: f64 = 400.0;

/// Cores and list price that other processors are told against.
const REFERENCE_CORES: f64 = 12.0;
const REFERENCE_LIST_PRICE_USD: f64 = 1_000.0;

/// Features of a processor beyond its age and line.
pub(in crate::price) fn facts(product: &Product) -> Vec<(String, f64)> {
    let mut facts = Vec::new();
    if let Some(cores) = cores(product) {
        facts.push(("cores".to_owned(), (cores / REFERENCE_CORES).ln()));
    }
    facts.push(match product.list_price_usd() {
        Some(price) => ("list price".to_owned(), (price / REFERENCE_LIST_PRICE_USD).ln()),
        None => ("no list price".to_owned(), 1.0),
    });
    facts
}

/// Cores as the catalog writes them: `8 cores`.
fn cores(product: &Product) -> Option<f64> {
    product.cpu.as_deref()?.split_whitespace().next()?.parse().ok()
}
