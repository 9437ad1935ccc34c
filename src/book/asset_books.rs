//! Several books of one asset at once: corporate, tax, IFRS, each under its name.
//!
//! In: names and books. Out: value, gain or loss in each, in the order given.

use super::account::Book;
use crate::units::Month;

/// The books of one asset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetBooks {
    books: Vec<(String, Book)>,
}

impl AssetBooks {
    /// No book yet.
    pub fn new() -> AssetBooks {
        AssetBooks::default()
    }

    /// With a book more; one of the same name is replaced.
    pub fn with(mut self, name: impl Into<String>, book: Book) -> AssetBooks {
        let name = name.into();
        match self.books.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = book,
            None => self.books.push((name, book)),
        }
        self
    }

    /// The book of a name.
    pub fn get(&self, name: &str) -> Option<&Book> {
        self.books.iter().find(|(known, _)| known == name).map(|(_, book)| book)
    }

    /// Names and books.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Book)> {
        self.books.iter().map(|(name, book)| (name.as_str(), book))
    }

    /// Value at the end of a month, by book.
    pub fn values_at(&self, month: Month) -> Vec<(&str, f64)> {
        self.iter().map(|(name, book)| (name, book.value_at(month))).collect()
    }

    /// Gain or loss by book when the asset leaves in `month` for `proceeds`.
    pub fn gains_on_disposal(&self, month: Month, proceeds: f64) -> Vec<(&str, f64)> {
        self.iter().map(|(name, book)| (name, book.gain_on_disposal(month, proceeds))).collect()
    }
}
