//! The books that are kept.
//!
//! In: the section `[books]` of the policy: method and lives that hold unless a book states its own, and the list
//! `[[books.book]]`. Out: [`Books`], whose words were checked once ([`BookRules`]). Ranges of figures are checked with all
//! others of the policy.

use serde::{Deserialize, Serialize};

use super::ByClass;
use super::check::Figure;
use crate::book::{BonusWords, BookRules, BookWords};
use crate::catalog::AssetClass;

/// The most books that can be kept: more columns are no longer read.
const MOST_BOOKS: usize = 6;

/// The books that are kept, in the order of reports. There is at least one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Section", into = "Section")]
pub struct Books {
    section: Section,
    rules: Vec<BookRules>,
}

/// The section as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    method: String,
    life_months: ByClass<u32>,
    book: Vec<Entry>,
}

/// One book as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    life_months: Option<ByClass<u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    convention: Option<String>,
    #[serde(default)]
    salvage_share: f64,
    #[serde(default)]
    from_register: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus: Option<BonusEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year_starts_in: Option<u32>,
}

/// `"by law"` or a share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "bonus must be \"by law\" or a share from 0 to 1")]
enum BonusEntry {
    Share(f64),
    Words(String),
}

impl Entry {
    fn rules(&self, section: &Section) -> Result<BookRules, String> {
        let words = BookWords {
            name: &self.name,
            method: self.method.as_deref().unwrap_or(&section.method),
            convention: self.convention.as_deref(),
            bonus: self.bonus.as_ref().map(|bonus| match bonus {
                BonusEntry::Share(share) => BonusWords::Share(*share),
                BonusEntry::Words(words) => BonusWords::Words(words),
            }),
            year_starts_in: self.year_starts_in,
            salvage_share: self.salvage_share,
            from_register: self.from_register,
        };
        BookRules::new(&words).map_err(|error| format!("books: {error}"))
    }
}

impl TryFrom<Section> for Books {
    type Error = String;

    fn try_from(section: Section) -> Result<Books, String> {
        let rules: Vec<BookRules> =
            section.book.iter().map(|entry| entry.rules(&section)).collect::<Result<_, _>>()?;
        if !(1..=MOST_BOOKS).contains(&rules.len()) {
            return Err(format!("books: {} [[books.book]]: keep 1 to {MOST_BOOKS}", rules.len()));
        }
        for (place, one) in rules.iter().enumerate() {
            if let Some(other) = rules[..place].iter().find(|other| other.key() == one.key()) {
                let (first, second) = (other.name(), one.name());
                return Err(format!(
                    "books: `{second}` has the name of the book `{first}`: give each its own"
                ));
            }
        }
        Ok(Books { section, rules })
    }
}

impl From<Books> for Section {
    fn from(books: Books) -> Section {
        books.section
    }
}

impl Books {
    /// How each is kept.
    pub fn rules(&self) -> &[BookRules] {
        &self.rules
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(BookRules::name)
    }

    /// The life of a class in a book, in months.
    pub fn life_months(&self, book: usize, class: AssetClass) -> Option<u32> {
        let own = self.section.book.get(book).and_then(|entry| entry.life_months.as_ref());
        own.unwrap_or(&self.section.life_months).of(class)
    }

    /// Whether the same books are kept over the same tax years, in the same order.
    pub fn are_those_of(&self, other: &Books) -> bool {
        let named = |books: &Books| -> Vec<_> {
            books.rules.iter().map(|rules| (rules.name().to_owned(), rules.fiscal_year())).collect()
        };
        named(self) == named(other)
    }

    /// Name, value, least and most of every figure.
    pub(super) fn figures(&self) -> Vec<Figure> {
        let lives = |name: &'static str, lives: &ByClass<u32>| -> Vec<Figure> {
            lives.values().map(|months| (name, f64::from(months), 1.0, 600.0)).collect()
        };
        let mut figures = lives("books.life_months", &self.section.life_months);
        for entry in &self.section.book {
            figures.extend(entry.life_months.iter().flat_map(|own| lives("books.book.life_months", own)));
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::AssetClass;
    use crate::decide::Policy;

    fn refused(text: &str) -> String {
        Policy::from_toml("mine.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn the_old_keys_hold_where_a_book_states_nothing() {
        let mine = "[books]\nmethod = \"syd\"\nlife_months = { laptop = 24, other = 50 }\n";
        let books = Policy::from_toml("mine.toml", mine).unwrap().books;
        assert_eq!(books.names().collect::<Vec<_>>(), ["corporate", "US tax"]);
        assert_eq!(books.life_months(0, AssetClass::Laptop), Some(24));
        assert!(Policy::from_toml("mine.toml", "[books]\nmethod = \"macrs\"\n").is_ok());
        let own = "[[books.book]]\nname = \"IFRS\"\nmethod = \"straight line\"\nlife_months = 30\n";
        let books = Policy::from_toml("mine.toml", own).unwrap().books;
        assert_eq!(books.names().collect::<Vec<_>>(), ["IFRS"]);
        assert_eq!(books.life_months(0, AssetClass::Server), Some(30));
    }

    #[test]
    fn what_is_no_list_of_books_is_refused_by_name() {
        let book = |name: &str| format!("[[books.book]]\nname = \"{name}\"\n");
        assert!(refused("[books]\nbook = []\n").contains("keep 1 to 6"));
        let seven: String = ["a", "b", "c", "d", "e", "f", "g"].map(book).concat();
        assert!(refused(&seven).contains("7 [[books.book]]: keep 1 to 6"));
        let twice = refused(&(book("US tax") + &book("us-tax")));
        assert!(twice.contains("`us-tax` has the name of the book `US tax`"), "{twice}");
        let method = refused(&(book("one") + "method = \"strait line\"\n"));
        assert!(
            method.contains("mine.toml: books: book `one`") && method.contains("did you mean"),
            "{method}"
        );
        let field = refused(&(book("one") + "lif_months = 3\n"));
        assert!(field.contains("lif_months"), "{field}");
        let bonus = refused(&(book("one") + "method = \"macrs 5\"\nbonus = true\n"));
        assert!(bonus.contains("\"by law\" or a share"), "{bonus}");
        let life = refused(&(book("one") + "life_months = { laptop = 0 }\n"));
        assert_eq!(life, "mine.toml: books.book.life_months = 0 must be between 1 and 600");
        assert!(refused("[books]\nmethod = \"strait line\"\n").contains("did you mean `straight line`"));
    }

    #[test]
    fn a_class_may_live_longer_but_not_keep_other_books() {
        let longer = "[class.laptop.books]\nlife_months = 48\n";
        assert!(Policy::from_toml("mine.toml", longer).is_ok());
        let other = refused("[[class.laptop.books.book]]\nname = \"other\"\n");
        assert!(other.contains("hold for the whole plan: corporate, US tax"), "{other}");
    }
}
