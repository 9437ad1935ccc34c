//! The product that somebody names.
//!
//! In: a name as people write it. Out: the product, or what was probably meant.

use super::{Catalog, Matcher, Product};
use crate::units::hint;

/// The product a name stands for, however people write it; else `; did you mean X?`, or nothing where nothing is near.
pub fn named<'a>(wanted: &str, catalog: &'a Catalog, matcher: &Matcher) -> Result<&'a Product, String> {
    if let Some((_, product)) = catalog.by_name(wanted) {
        return Ok(product);
    }
    let found = matcher.identify(wanted, None);
    found.product.map(|id| catalog.get(id)).ok_or_else(|| {
        let guess = found.best_guess.map(|id| catalog.get(id).name.as_str());
        guess.map_or_else(
            || hint(wanted, catalog.iter().map(|(_, product)| product.name.as_str())),
            |guess| format!("; did you mean `{guess}`?"),
        )
    })
}
