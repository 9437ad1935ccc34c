//! Accounting value: what an asset stands for in the books, month by month, and the gain or loss when it goes.
//!
//! In: cost, salvage, life, method, the date it went into service, and what happened to it since. Out: book value
//! at any month, depreciation by month, quarter and fiscal year, the gain or loss of a disposal.
//!
//! A book is a line of value over time: a [`Method`] says what each of its periods takes ([`spreadsheet`] is the
//! same arithmetic without dates), a [`Convention`] says when time counts, [`History`] adds a new life, an
//! impairment or a disposal, and [`entries`] rounds the line to cents so that every column adds up.
//! United States tax books follow [`macrs`] tables. [`BookRules`] say how a whole fleet stands in one book. Book value is
//! not market value and never feeds a forecast.

mod account;
mod bonus;
mod convention;
mod course;
mod fiscal;
mod history;
mod ledger;
mod line;
pub mod macrs;
mod method;
mod mid_quarter;
mod register;
mod rules;
pub mod spreadsheet;
mod terms;
mod units_of_production;

pub use account::Book;
pub use bonus::{Bonus, BonusLaw, bonus_by_law};
pub use convention::Convention;
pub use fiscal::{FiscalYear, ReportPeriod, Span};
pub use history::{Disposal, Event, History, HistoryError};
pub use ledger::{Entry, entries};
pub use line::{Line, Point};
pub use macrs::{Macrs, MacrsYears, Quarter, TaxConvention};
pub use method::{Factor, FirstYearMonths, Method};
pub use mid_quarter::{PlacedInService, TaxYears, tax_convention_of};
pub use rules::{BonusWords, BookRules, BookWords, BookedUnit, RulesError};
pub use terms::{BookError, Terms};
pub use units_of_production::{Production, ProductionError};
