//! Facts that tell one memory module from another.
//!
//! In: a catalogued module (`DDR4-2666 RDIMM 32GB`) and the month of the price. Out: features of the regression: size, generation,
//! form, and the year with a slope of its own for each generation. Modules of one generation fall together by the
//! calendar, whenever their speed grade came to market, so the year stands where other classes have the age.

use crate::catalog::Product;
use crate::units::Month;

/// Price of a usual module, dollars: the middle of the prior.
pub(in crate::price) const TYPICAL_PRICE_USD: f64 = 40.0;

/// Size in GB and generation that the other modules are told against.
const REFERENCE_SIZE_GB: f64 = 16.0;
const REFERENCE_GENERATION: &str = "DDR4";

/// Month from which years are counted: the middle of the followed years, so that level and slope are told apart.
const REFERENCE_MONTH: Month = Month::from_index(2023 * 12);

/// Years before it in which no price was followed: the slope is not carried back beyond.
const FIRST_YEAR: f64 = -1.5;

/// Features of a module in a month.
pub(in crate::price) fn facts(product: &Product, month: Month) -> Vec<(String, f64)> {
    let mut facts = vec![("level".to_owned(), 1.0)];
    if let Some(size) = product.ram_gb {
        facts.push(("size".to_owned(), (size / REFERENCE_SIZE_GB).ln()));
    }
    if product.generation != REFERENCE_GENERATION {
        facts.push((format!("generation:{}", product.generation), 1.0));
    }
    if let Some((_, form)) = product.family.split_once(' ') {
        facts.push((format!("form:{form}"), 1.0));
    }
    let year = (f64::from(month.months_since(REFERENCE_MONTH)) / 12.0).max(FIRST_YEAR);
    facts.push(("year".to_owned(), year));
    facts.push((format!("year of generation:{}", product.generation), year));
    facts
}
