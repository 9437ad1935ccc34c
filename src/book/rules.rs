//! How a book is kept: its name, and by which rules every unit of a fleet stands in it.
//!
//! In: words of a policy (`straight line`, `monthly`, `macrs 5`, `by law`), checked once. Out: [`BookRules`], which turn
//! what is known of a unit into its [`Book`]. What is left to the law is settled there: the bonus by the days of purchase
//! and service ([`bonus_by_law`]), the convention of a tax year by the 40 % test ([`TaxYears`]).

use jiff::civil::Date;

use super::account::Book;
use super::bonus::{Bonus, bonus_by_law};
use super::convention::Convention;
use super::fiscal::FiscalYear;
use super::macrs::{Macrs, MacrsYears, Quarter, TaxConvention};
use super::method::{Factor, Method};
use super::mid_quarter::TaxYears;
use super::terms::{BookError, Terms};
use crate::units::{Month, hint};

/// Longest name of a book, in characters: it heads columns.
const LONGEST_NAME: usize = 24;

/// What a policy writes of a book.
#[derive(Debug, Clone, Copy, Default)]
pub struct BookWords<'a> {
    /// Its name.
    pub name: &'a str,
    /// The method.
    pub method: &'a str,
    /// When time counts: by months or days, or the tax convention; none for `monthly` or `by law`.
    pub convention: Option<&'a str>,
    /// What is taken at once by a tax book; none for nothing.
    pub bonus: Option<BonusWords<'a>>,
    /// First month of the tax year; none for January.
    pub year_starts_in: Option<u32>,
    /// Share of the cost that is never written down.
    pub salvage_share: f64,
    /// Whether method, life and salvage of the register go before these.
    pub from_register: bool,
}

/// A bonus as it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BonusWords<'a> {
    /// `by law`.
    Words(&'a str),
    /// A share of the cost, 0 to 1.
    Share(f64),
}

/// Words that are no book.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RulesError {
    /// A name that cannot head a column.
    #[error(
        "`{0}` cannot name a book: give 1 to {LONGEST_NAME} letters, digits, blanks or -_.&/(), a letter or digit first"
    )]
    Name(String),
    /// A method nobody knows.
    #[error("book `{book}`: unknown method `{method}`{hint}; known: {}", METHODS.join(", "))]
    Method {
        /// The book.
        book: String,
        /// What was written.
        method: String,
        /// The nearest.
        hint: String,
    },
    /// A convention that does not go with the method.
    #[error("book `{book}`: `{convention}` is no convention of {method}{hint}; known: {known}")]
    Convention {
        /// The book.
        book: String,
        /// What was written.
        convention: String,
        /// The method.
        method: String,
        /// The nearest.
        hint: String,
        /// Those that go.
        known: String,
    },
    /// A bonus that is neither the law's nor a share.
    #[error("book `{book}`: `{bonus}` is no bonus: give \"by law\" or a share from 0 to 1")]
    Bonus {
        /// The book.
        book: String,
        /// What was written.
        bonus: String,
    },
    /// Something that the method does not have.
    #[error("book `{book}`: {what} does not go with {method}: leave it out")]
    DoesNotGo {
        /// The book.
        book: String,
        /// What.
        what: &'static str,
        /// The method.
        method: String,
    },
    /// A share that is none.
    #[error("book `{book}`: salvage_share = {share} must be between 0 and 1")]
    SalvageShare {
        /// The book.
        book: String,
        /// What was written.
        share: f64,
    },
    /// A tax year that starts in no month.
    #[error("book `{book}`: {error}")]
    TaxYear {
        /// The book.
        book: String,
        /// What is wrong.
        error: BookError,
    },
}

/// The words of methods that messages offer.
const METHODS: [&str; 6] = [
    "straight line",
    "declining balance",
    "double declining",
    "200% declining balance",
    "sum of years' digits",
    "macrs 5",
];

const BY_DATE: [(&str, Convention); 4] = [
    ("monthly", Convention::Monthly),
    ("daily", Convention::Daily),
    ("full month", Convention::FullMonth),
    ("mid month", Convention::MidMonth),
];

const BY_TAX_YEAR: [(&str, TaxChoice); 3] = [
    ("by law", TaxChoice::ByLaw),
    ("half-year", TaxChoice::HalfYear),
    ("mid-quarter", TaxChoice::MidQuarter),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TaxChoice {
    /// As the 40 % test says.
    ByLaw,
    HalfYear,
    MidQuarter,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum BonusChoice {
    ByLaw,
    Fixed(Bonus),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    ByDate(Method, Convention),
    ByTaxYear { period: MacrsYears, convention: TaxChoice, bonus: BonusChoice },
}

/// How a book is kept, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct BookRules {
    name: String,
    way: Way,
    fiscal_year: FiscalYear,
    salvage_share: f64,
    from_register: bool,
}

/// What is known of one unit, amounts in one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BookedUnit {
    /// What it cost.
    pub cost: f64,
    /// Day of purchase, or of service where only that is known.
    pub acquired: Date,
    /// Day of service, or of purchase where only that is known.
    pub in_service: Date,
    /// Method of the register, and the life that its words carry.
    pub stated_method: Option<(Method, Option<u32>)>,
    /// Life of the register.
    pub stated_life_months: Option<u32>,
    /// Salvage of the register.
    pub stated_salvage: Option<f64>,
    /// Life of the policy.
    pub life_months: Option<u32>,
}

impl BookRules {
    /// Checks the words once.
    pub fn new(words: &BookWords<'_>) -> Result<BookRules, RulesError> {
        let name = checked_name(words.name)?;
        let method = method_named(words.method).ok_or_else(|| RulesError::Method {
            book: name.clone(),
            method: words.method.to_owned(),
            hint: hint(words.method, METHODS),
        })?;
        let does_not_go =
            |what| RulesError::DoesNotGo { book: name.clone(), what, method: words.method.to_owned() };
        let way = match method {
            Method::Macrs(macrs) => {
                if words.salvage_share > 0.0 {
                    return Err(does_not_go("salvage_share"));
                }
                let convention = among(&BY_TAX_YEAR, words, &name)?;
                Way::ByTaxYear { period: macrs.period, convention, bonus: bonus(words.bonus, &name)? }
            }
            method => {
                if words.bonus.is_some() {
                    return Err(does_not_go("bonus"));
                }
                if words.year_starts_in.is_some() {
                    return Err(does_not_go("year_starts_in"));
                }
                Way::ByDate(method, among(&BY_DATE, words, &name)?)
            }
        };
        let fiscal_year = FiscalYear::starting_in(words.year_starts_in.unwrap_or(1))
            .map_err(|error| RulesError::TaxYear { book: name.clone(), error })?;
        let (salvage_share, from_register) = (words.salvage_share, words.from_register);
        if !(0.0..=1.0).contains(&salvage_share) {
            return Err(RulesError::SalvageShare { book: name, share: salvage_share });
        }
        Ok(BookRules { name, way, fiscal_year, salvage_share, from_register })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as part of a column's: small letters and digits, the rest an underscore.
    pub fn key(&self) -> String {
        let letters = self.name.to_lowercase();
        let words = letters.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("_")
    }

    /// Its tax year.
    pub const fn fiscal_year(&self) -> FiscalYear {
        self.fiscal_year
    }

    /// Whether its convention waits for the 40 % test.
    pub const fn is_tested(&self) -> bool {
        matches!(self.way, Way::ByTaxYear { convention: TaxChoice::ByLaw, .. })
    }

    /// A unit in this book; none where nothing says for how long it is kept, or a figure is no amount.
    pub fn book(&self, unit: &BookedUnit, years: &TaxYears) -> Option<Book> {
        let stated = unit.stated_method.filter(|_| self.from_register);
        match (stated, self.way) {
            (Some((method, named_life)), _) => self.by_date(unit, method, Convention::Monthly, named_life),
            (None, Way::ByDate(method, convention)) => self.by_date(unit, method, convention, None),
            (None, Way::ByTaxYear { period, convention, bonus }) => {
                let quarter = Quarter::of_month(self.fiscal_year.months_into(Month::from(unit.in_service)));
                let macrs = Macrs {
                    period,
                    convention: match convention {
                        TaxChoice::ByLaw => years.convention_of(unit.in_service),
                        TaxChoice::HalfYear => TaxConvention::HalfYear,
                        TaxChoice::MidQuarter => TaxConvention::MidQuarter(quarter),
                    },
                    bonus: match bonus {
                        BonusChoice::ByLaw => bonus_by_law(unit.acquired, unit.in_service).bonus,
                        BonusChoice::Fixed(bonus) => bonus,
                    },
                };
                let terms = Terms::new(unit.cost, 0.0, 12 * period.years()).ok()?;
                let book = Book::from_day(Method::Macrs(macrs), terms, unit.in_service.first_of_month());
                Some(book.with_fiscal_year(self.fiscal_year))
            }
        }
    }

    fn by_date(
        &self,
        unit: &BookedUnit,
        method: Method,
        convention: Convention,
        named_life: Option<u32>,
    ) -> Option<Book> {
        let stated = |life: Option<u32>| life.filter(|_| self.from_register);
        let life = stated(unit.stated_life_months).or(named_life).or(unit.life_months)?;
        let of_register = unit.stated_salvage.filter(|_| self.from_register);
        let salvage = of_register.unwrap_or(self.salvage_share * unit.cost).clamp(0.0, unit.cost.max(0.0));
        let terms = Terms::new(unit.cost, salvage, life).ok()?;
        // Only days count days: units of one month are then one and the same book.
        let in_service = match convention {
            Convention::Daily => unit.in_service,
            _ => unit.in_service.first_of_month(),
        };
        Some(Book::from_day(method, terms, in_service).with_convention(convention))
    }
}

fn checked_name(name: &str) -> Result<String, RulesError> {
    let name = name.trim();
    let allowed = |letter: char| letter.is_alphanumeric() || " -_.&/()".contains(letter);
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count())
        && name.starts_with(char::is_alphanumeric)
        && name.chars().all(allowed);
    if fits { Ok(name.to_owned()) } else { Err(RulesError::Name(name.to_owned())) }
}

/// Reads the words of policies, which are fewer than those of registers: a slip of the pen must not pass for a method.
fn method_named(text: &str) -> Option<Method> {
    let words = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let declining = |factor| Method::DecliningBalance { factor, switch: true };
    match words.as_str() {
        "straight line" | "straight-line" | "linear" | "sl" | "sln" => Some(Method::StraightLine),
        "double declining" | "double declining balance" | "ddb" => Some(Method::DOUBLE_DECLINING),
        "declining balance" | "db" => Some(declining(Factor::ONE_AND_A_HALF)),
        "sum of years' digits" | "sum of years digits" | "syd" => Some(Method::SumOfYearsDigits),
        "macrs" => Some(Method::Macrs(Macrs::FIVE)),
        words => match (words.strip_prefix("macrs "), words.split_once('%')) {
            (Some(years), _) => {
                let period = MacrsYears::from_years(years.parse().ok()?).ok()?;
                Some(Method::Macrs(Macrs { period, ..Macrs::FIVE }))
            }
            (None, Some((percent, rest))) if rest.trim_start().starts_with("declining") => {
                let percent: f64 = percent.trim().parse().ok()?;
                (100.0..=400.0)
                    .contains(&percent)
                    .then(|| Factor::new(percent / 100.0).ok().map(declining))?
            }
            _ => None,
        },
    }
}

/// The convention of that name, or the first when none is given.
fn among<T: Copy>(known: &[(&'static str, T)], words: &BookWords<'_>, book: &str) -> Result<T, RulesError> {
    let plain = |text: &str| text.trim().to_lowercase().replace(['-', '_'], " ");
    let wanted = words.convention.unwrap_or(known[0].0);
    let found = known.iter().find(|(name, _)| plain(name) == plain(wanted));
    let names = || known.iter().map(|(name, _)| *name);
    found.map(|(_, convention)| *convention).ok_or_else(|| RulesError::Convention {
        book: book.to_owned(),
        convention: wanted.to_owned(),
        method: words.method.to_owned(),
        hint: hint(wanted, names()),
        known: names().collect::<Vec<_>>().join(", "),
    })
}

fn bonus(words: Option<BonusWords<'_>>, book: &str) -> Result<BonusChoice, RulesError> {
    let refused = |bonus: String| RulesError::Bonus { book: book.to_owned(), bonus };
    match words {
        None => Ok(BonusChoice::Fixed(Bonus::NONE)),
        Some(BonusWords::Words(text)) if text.trim().eq_ignore_ascii_case("by law") => Ok(BonusChoice::ByLaw),
        Some(BonusWords::Words(text)) => Err(refused(text.to_owned())),
        Some(BonusWords::Share(share)) => {
            Bonus::new(100.0 * share).map(BonusChoice::Fixed).map_err(|_| refused(share.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn words<'a>(method: &'a str, convention: &'a str) -> BookWords<'a> {
        let convention = Some(convention).filter(|words| !words.is_empty());
        BookWords { name: "one", method, convention, ..BookWords::default() }
    }

    fn unit(acquired: Date) -> BookedUnit {
        BookedUnit {
            cost: 1_200.0,
            acquired,
            in_service: acquired,
            stated_method: Method::from_register("SYD"),
            stated_life_months: Some(48),
            stated_salvage: Some(100.0),
            life_months: Some(36),
        }
    }

    fn no_year() -> TaxYears {
        TaxYears::of(FiscalYear::CALENDAR, [])
    }

    #[test]
    fn every_method_that_a_message_offers_is_known() {
        for method in METHODS {
            assert!(method_named(method).is_some(), "{method}");
        }
        let factor = Factor::new(1.75).unwrap();
        assert_eq!(method_named("175% declining"), Some(Method::DecliningBalance { factor, switch: true }));
        assert_eq!(method_named("MACRS 7").map(Method::name).as_deref(), Some("MACRS 7-year, half-year"));
        assert_eq!(method_named("macrs 4"), None);
    }

    #[test]
    fn a_slip_of_the_pen_is_named_with_the_nearest_word() {
        let said = |words: &BookWords<'_>| BookRules::new(words).unwrap_err().to_string();
        let method = said(&words("strait line", ""));
        assert!(
            method.contains("book `one`: unknown method `strait line`; did you mean `straight line`?"),
            "{method}"
        );
        let convention = said(&words("straight line", "full mouth"));
        assert!(convention.contains("did you mean `full month`?"), "{convention}");
        let of_tax = said(&words("macrs 5", "half year's"));
        assert!(of_tax.contains("no convention of macrs 5; did you mean `half-year`?"), "{of_tax}");
        let other = said(&words("macrs 5", "daily"));
        assert!(other.contains("known: by law, half-year, mid-quarter"), "{other}");
        let bonus = said(&BookWords { bonus: Some(BonusWords::Words("law")), ..words("macrs 5", "") });
        assert!(bonus.contains("`law` is no bonus"), "{bonus}");
        let share = said(&BookWords { bonus: Some(BonusWords::Share(40.0)), ..words("macrs 5", "") });
        assert!(share.contains("`40` is no bonus"), "{share}");
        let apart = said(&BookWords { bonus: Some(BonusWords::Share(0.4)), ..words("straight line", "") });
        assert!(apart.contains("bonus does not go with straight line"), "{apart}");
        let name = said(&BookWords { name: "=1+1", ..words("straight line", "") });
        assert!(name.contains("`=1+1` cannot name a book"), "{name}");
    }

    #[test]
    fn the_register_goes_first_where_the_book_says_so() {
        let bought = unit(date(2024, 5, 17));
        let own =
            BookRules::new(&BookWords { from_register: true, ..words("straight line", "daily") }).unwrap();
        let book = own.book(&bought, &no_year()).unwrap();
        assert_eq!((book.method(), book.terms().life_months()), (Method::SumOfYearsDigits, 48));
        assert_eq!((book.terms().salvage(), book.in_service()), (100.0, date(2024, 5, 1)));
        let other =
            BookRules::new(&BookWords { salvage_share: 0.05, ..words("straight line", "daily") }).unwrap();
        let book = other.book(&bought, &no_year()).unwrap();
        assert_eq!((book.method(), book.terms().life_months()), (Method::StraightLine, 36));
        assert_eq!((book.terms().salvage(), book.in_service()), (60.0, date(2024, 5, 17)));
        let without_life = BookedUnit { life_months: None, ..bought };
        assert_eq!(other.book(&without_life, &no_year()), None);
    }

    #[test]
    fn the_law_settles_bonus_and_convention() {
        let tax = BookWords { bonus: Some(BonusWords::Words("by law")), ..words("macrs 5", "by law") };
        let rules = BookRules::new(&BookWords { name: "US tax", ..tax }).unwrap();
        assert!(rules.is_tested());
        assert_eq!(rules.key(), "us_tax");
        let years = TaxYears::of(FiscalYear::CALENDAR, [(date(2024, 11, 1), 1_200.0)]);
        let of = |acquired: Date| match rules.book(&unit(acquired), &years).unwrap().method() {
            Method::Macrs(macrs) => (macrs.convention, macrs.bonus.percent()),
            other => panic!("{other:?}"),
        };
        let fourth = TaxConvention::MidQuarter(Quarter::new(4).unwrap());
        assert_eq!(of(date(2024, 11, 9)), (fourth, 60.0));
        assert_eq!(of(date(2025, 1, 19)), (TaxConvention::HalfYear, 40.0));
        assert_eq!(of(date(2025, 1, 20)), (TaxConvention::HalfYear, 100.0));
    }
}
