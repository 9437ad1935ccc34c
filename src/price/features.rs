//! Which facts of a listing or product the regression on facts sees, and what is believed of them beforehand.
//!
//! In: a catalog product, a month, and for listings the market, basis and condition. Out: named features and
//! their priors. Sources of the priors: age slopes are those of the price model (−0.30 a year, +0.15 back after
//! the third); the rest is wide enough for the data to speak. What tells one part from another (size, generation and
//! form of memory; cores and list price of a processor) is in [`super::parts`].

use super::hedonic::Prior;
use super::parts;
use crate::catalog::{AssetClass, Product};
use crate::market::{Basis, Observation};
use crate::units::{Currency, Month};

/// Years after which prices fall more slowly.
const MATURE_YEARS: f64 = 3.0;

/// Prior of a column of a class.
pub(super) fn prior(class: AssetClass, column: &str) -> Prior {
    let typical: f64 = match class {
        AssetClass::Server => 4_000.0,
        AssetClass::Laptop => 900.0,
        AssetClass::Memory => parts::memory::TYPICAL_PRICE_USD,
        AssetClass::Cpu => parts::processor::TYPICAL_PRICE_USD,
        AssetClass::Storage => parts::drive::TYPICAL_PRICE_USD,
        _ => 500.0,
    };
    let (kind, _) = column.split_once(':').unwrap_or((column, ""));
    let (mean, sd) = match kind {
        "level" => (typical.ln(), 1.0),
        "age" => (-0.30, 0.10),
        "age beyond 3" => (0.15, 0.08),
        "line" => (0.0, 0.40),
        "market" => (0.0, 0.30),
        "asked" => (0.10, 0.10),
        "memory" => (0.20, 0.15),
        "new" => (0.35, 0.20),
        "refurbished" => (0.10, 0.15),
        "for parts" => (-0.90, 0.40),
        "bare" => (-0.60, 0.30),
        "size" | "size of kind" => (0.80, 0.25),
        "kind" => (0.0, 0.60),
        "generation" => (0.0, 0.80),
        "form" => (0.0, 0.40),
        "year" => (-0.25, 0.10),
        "year of generation" => (0.0, 0.10),
        "cores" => (0.60, 0.30),
        "list price" => (0.50, 0.25),
        "no list price" => (0.0, 0.40),
        _ => (0.0, 0.30),
    };
    Prior { mean, sd }
}

/// Features of a product at an age and in a month, in the reference market: sold, used, dollars, usual memory.
pub(super) fn of_product(product: Option<&Product>, age_years: f64, month: Month) -> Vec<(String, f64)> {
    let age = age_years.max(0.0);
    if let Some(module) = product.filter(|product| product.class == AssetClass::Memory) {
        return parts::memory::facts(module, month);
    }
    let mut features = vec![
        ("level".to_owned(), 1.0),
        ("age".to_owned(), age),
        ("age beyond 3".to_owned(), (age - MATURE_YEARS).max(0.0)),
    ];
    if let Some(product) = product {
        features.push((line_column(product), 1.0));
        if product.class == AssetClass::Cpu {
            features.extend(parts::processor::facts(product));
        }
    }
    features
}

/// The column of a product's line.
pub(super) fn line_column(product: &Product) -> String {
    format!("line:{} {}", product.vendor, product.family)
}

/// Features of a listing.
pub(super) fn of_listing(product: &Product, launch: Month, row: &Observation) -> Vec<(String, f64)> {
    let age = f64::from(row.month.months_since(launch)) / 12.0;
    let mut features = of_product(Some(product), age, row.month);
    let mut add = |name: String| features.push((name, 1.0));
    if row.currency != Currency::USD {
        add(format!("market:{}", row.currency));
    }
    if row.basis == Basis::Asked {
        add("asked".into());
    }
    let words = format!("{} {}", row.grade, row.configuration).to_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    if has(&["for parts", "not working"]) {
        add("for parts".into());
    } else if has(&["refurb", "renewed"]) {
        add("refurbished".into());
    } else if has(&["open box", "opened", "never used"]) || row.grade.eq_ignore_ascii_case("new") {
        add("new".into());
    }
    if product.class == AssetClass::Server
        && has(&["barebone", "no drives", "no hdd", "bare ", "gutted", "without hdd"])
    {
        add("bare".into());
    }
    if product.class == AssetClass::Laptop
        && let Some(memory) = memory_in(&format!("{} {}", row.configuration, row.product))
    {
        features.push(("memory".into(), (memory / 16.0).ln()));
    }
    features
}

/// Memory in a configuration text: the first whole `4`, `8`, `16`, `32` or `64` before `GB`.
fn memory_in(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let at = lower.find("gb")?;
    let number: String = lower[..at]
        .trim_end()
        .chars()
        .rev()
        .take_while(|character| character.is_ascii_digit() || *character == '.')
        .collect::<Vec<char>>()
        .into_iter()
        .rev()
        .collect();
    number.parse::<f64>().ok().filter(|size| [4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0].contains(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Features of a listing beyond those of its product.
    fn said(class: AssetClass, grade: &str, configuration: &str) -> Vec<String> {
        let launch: Month = "2020-01".parse().unwrap();
        let product =
            Product { vendor: "Dell".into(), family: "Line".into(), ..Product::named("Thing", class) };
        let row = Observation {
            month: launch.plus(48),
            product: "Thing".into(),
            name: "Thing".into(),
            variant: String::new(),
            class: Some(class),
            price: 100.0,
            currency: Currency::USD,
            basis: Basis::Sold,
            grade: grade.to_owned(),
            quantity: None,
            configuration: configuration.to_owned(),
            source: String::new(),
            flagged: false,
        };
        let of_product = of_product(Some(&product), 4.0, row.month).len();
        of_listing(&product, launch, &row).into_iter().skip(of_product).map(|(name, _)| name).collect()
    }

    #[test]
    fn the_words_of_a_listing_say_in_what_condition_and_how_bare_it_is() {
        for (grade, configuration, found) in [
            ("For parts or not working", "", "for parts"),
            ("Seller refurbished", "", "refurbished"),
            ("Open box", "", "new"),
            ("New", "", "new"),
            ("Used", "", ""),
        ] {
            let expected: &[&str] = if found.is_empty() { &[] } else { &[found] };
            assert_eq!(said(AssetClass::Laptop, grade, configuration), expected, "{grade}");
        }
        assert_eq!(said(AssetClass::Server, "Used", "2x Xeon, no drives"), ["bare"]);
        assert_eq!(said(AssetClass::Desktop, "Used", "no drives"), [""; 0]);
        assert_eq!(said(AssetClass::Laptop, "Used", "16 GB, 512 GB"), ["memory"]);
        assert_eq!(said(AssetClass::Server, "Used", "16 GB, 512 GB"), [""; 0]);
    }

    #[test]
    fn memory_is_read_from_the_ways_listings_write_it() {
        assert_eq!(memory_in("Intel Core i5-6300U, 16.0 GB, 500 GB"), Some(16.0));
        assert_eq!(memory_in("i7 vPro 8GB RAM 128GB SSD"), Some(8.0));
        assert_eq!(memory_in("2 TB"), None);
        assert_eq!(memory_in("512GB"), None);
    }
}
