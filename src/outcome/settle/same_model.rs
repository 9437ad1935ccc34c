//! Whether two texts name one model.
//!
//! In: the model as handed over, the model as a vendor saw it. Out: [`Likeness`]: the catalog says whether both are one product;
//! where it knows only one of them, a model number they share does. Nothing else is taken for a difference: vendors write
//! part numbers where registers write names. Configurations differ when both say how much memory or storage there is.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use crate::catalog::{AssetClass, Matcher, ProductId};
use crate::fleet::words::fold;

/// Shortest word with a digit that can be a model number.
const SHORTEST_NUMBER: usize = 3;

/// How two models compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    Other,
    Unclear,
}

/// Compares models, looking each text up once.
pub(super) struct Models<'a> {
    matcher: &'a Matcher,
    known: RefCell<HashMap<String, Option<ProductId>>>,
}

impl<'a> Models<'a> {
    pub(super) fn new(matcher: &'a Matcher) -> Models<'a> {
        Models { matcher, known: RefCell::default() }
    }

    /// The product of a text, with the class that is known of it.
    pub(super) fn product(&self, text: &str, class: Option<AssetClass>) -> Option<ProductId> {
        let key = format!("{} {}", class.map_or("", AssetClass::name), fold(text));
        if let Some(product) = self.known.borrow().get(&key) {
            return *product;
        }
        let product = self.matcher.identify(text, class).product;
        self.known.borrow_mut().insert(key, product);
        product
    }

    /// Compares what was handed over with what was seen.
    pub(super) fn compare(&self, handed: &str, seen: &str, class: AssetClass) -> Likeness {
        if fold(handed) == fold(seen) {
            return Likeness::Same;
        }
        let products = (self.product(handed, Some(class)), self.product(seen, Some(class)));
        match products {
            (Some(one), Some(other)) if one == other => Likeness::Same,
            (Some(_), Some(_)) => Likeness::Other,
            _ if numbers(handed).intersection(&numbers(seen)).next().is_some() => Likeness::Same,
            _ => Likeness::Unclear,
        }
    }
}

/// The words of a text that have a digit and are long enough for a model number; sizes such as `16gb` are none.
fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|mark: char| !mark.is_alphanumeric()).map(fold);
    let is_size = |word: &str| word.ends_with("gb") || word.ends_with("tb");
    words
        .filter(|word| word.len() >= SHORTEST_NUMBER && word.contains(|mark: char| mark.is_ascii_digit()))
        .filter(|word| !is_size(word))
        .collect()
}

/// Sizes of one kind that differ by more than the way of counting them (1000 or 1024, formatted or not).
pub(super) fn sizes_differ(handed: Option<f64>, seen: Option<f64>) -> bool {
    const SAME: f64 = 0.10;
    match (handed, seen) {
        (Some(handed), Some(seen)) => (handed / seen).ln().abs() > SAME,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn models_are_compared_by_product_and_by_number() {
        let catalog = catalog::built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        let models = Models::new(&matcher);
        let laptop = |handed, seen| models.compare(handed, seen, AssetClass::Laptop);
        assert_eq!(laptop("Dell Latitude 5430", "DELL LATITUDE 5430"), Likeness::Same);
        assert_eq!(laptop("Dell Latitude 5430", "Dell Latitude 5420"), Likeness::Other);
        assert_eq!(laptop("Acme Book X9910", "X9910 rev B"), Likeness::Same);
        assert_eq!(laptop("Acme Book X9910", "Acme notebook"), Likeness::Unclear);
        assert_eq!(models.compare("Dell PowerEdge R750", "Dell R750", AssetClass::Server), Likeness::Same);
        assert_eq!(models.compare("Dell PowerEdge R750", "Dell R740", AssetClass::Server), Likeness::Other);
    }

    #[test]
    fn sizes_differ_when_a_module_is_missing_and_not_by_the_way_of_counting() {
        assert!(sizes_differ(Some(16.0), Some(8.0)));
        assert!(!sizes_differ(Some(256.0), Some(250.0)));
        assert!(!sizes_differ(None, Some(8.0)));
    }
}
