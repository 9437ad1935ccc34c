//! One asset in one book: method, figures, and when it went into service.
//!
//! In: what the register says. Out: book value at the end of any month, depreciation between months, the month from
//! which nothing is left to take, gain or loss. Amounts are unrounded, in the currency of the cost.

use jiff::civil::Date;

use super::convention::Convention;
use super::course::Course;
use super::fiscal::{FiscalYear, first_day};
use super::line::Line;
use super::macrs::{Macrs, Quarter};
use super::method::Method;
use super::terms::{BookError, Terms};
use crate::units::Month;

/// One asset in one book, its figures checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Book {
    method: Method,
    terms: Terms,
    in_service: Date,
    convention: Convention,
    period_months: u32,
    fiscal_year: FiscalYear,
}

impl Book {
    /// A book by whole months from the month after that of service, years of the method from there, calendar tax years.
    pub fn new(
        method: Method,
        cost: f64,
        salvage: f64,
        life_months: u32,
        in_service: Month,
    ) -> Result<Book, BookError> {
        let terms = Terms::new(cost, salvage, life_months)?;
        // Every `Month` made of a text has a first day; an index beyond the calendar has none, nor a book.
        let day = first_day(in_service).ok_or(BookError::Life)?;
        Ok(Book::from_day(method, terms, day))
    }

    /// The same from a day.
    pub fn from_day(method: Method, terms: Terms, in_service: Date) -> Book {
        Book {
            method,
            terms,
            in_service,
            convention: Convention::Monthly,
            period_months: 12,
            fiscal_year: FiscalYear::CALENDAR,
        }
    }

    /// With another convention. Tax tables have their own.
    pub fn with_convention(self, convention: Convention) -> Book {
        Book { convention, ..self }
    }

    /// The method's own periods are months, not years: a rate of `factor / months of life` a month.
    pub fn with_monthly_periods(self) -> Book {
        Book { period_months: 1, ..self }
    }

    /// With tax years that start in another month.
    pub fn with_fiscal_year(self, fiscal_year: FiscalYear) -> Book {
        Book { fiscal_year, ..self }
    }

    /// Its method.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Its figures.
    pub const fn terms(&self) -> Terms {
        self.terms
    }

    /// Day of service.
    pub const fn in_service(&self) -> Date {
        self.in_service
    }

    /// The convention in use: tax tables count the month of service in full.
    pub const fn convention(&self) -> Convention {
        match self.method {
            Method::Macrs(_) => Convention::FullMonth,
            _ => self.convention,
        }
    }

    /// Months of service at the end of a month.
    pub fn months_at(&self, month: Month) -> f64 {
        first_day(month.plus(1)).map_or(f64::INFINITY, |day| self.months_until(day))
    }

    /// Months of service up to a day that is not counted.
    pub fn months_until(&self, day: Date) -> f64 {
        self.convention().months_until(day, self.in_service, self.terms.life_months())
    }

    /// Book value over the months of service.
    pub fn line(&self) -> Line {
        match self.method {
            Method::Macrs(macrs) => self.tax_line(macrs),
            _ => self.course().finish(),
        }
    }

    pub(super) fn course(&self) -> Course {
        Course::new(
            self.method,
            self.terms.cost(),
            self.terms.salvage(),
            f64::from(self.terms.life_months()),
            f64::from(self.period_months),
        )
    }

    /// Book value at the end of `month`.
    pub fn value_at(&self, month: Month) -> f64 {
        self.line().value_at(self.months_at(month))
    }

    /// What the months from `first` to `last`, both included, take.
    pub fn depreciation(&self, first: Month, last: Month) -> f64 {
        let line = self.line();
        line.value_at(self.months_at(first.plus(-1))) - line.value_at(self.months_at(last))
    }

    /// The month at whose end nothing is left to take.
    pub fn fully_depreciated(&self) -> Month {
        let settled = self.line().settled();
        let start = Month::from(self.in_service);
        // Months of service lag the calendar by at most one month, and by days of a leap year.
        let guess = start.plus(settled.floor() as i32 - 2);
        (0..6).map(|later| guess.plus(later)).find(|&month| self.months_at(month) >= settled).unwrap_or(guess)
    }

    /// What the asset stands for on the day it goes: the last period is cut by the convention, and by tax rules the
    /// last year.
    pub fn value_on_disposal(&self, day: Date) -> f64 {
        match self.method {
            Method::Macrs(macrs) => self.tax_value_on_disposal(macrs, day),
            _ => self.line().value_at(self.months_at_disposal(day)),
        }
    }

    pub(super) fn months_at_disposal(&self, day: Date) -> f64 {
        self.convention().months_at_disposal(day, self.in_service, self.terms.life_months())
    }

    /// What the asset stands for when it goes in `month`. Whole-month books: the value at the end of the months
    /// counted; tax books: by the rule of the disposal year.
    pub fn value_gone_in(&self, month: Month) -> f64 {
        first_day(month).map_or(self.terms.salvage(), |day| self.value_on_disposal(day))
    }

    /// Gain (positive) or loss when the asset leaves in `month` for `proceeds`, net of what selling costs.
    pub fn gain_on_disposal(&self, month: Month, proceeds: f64) -> f64 {
        proceeds - self.value_gone_in(month)
    }

    /// Each tax year's share spread evenly over its months in service.
    fn tax_line(&self, macrs: Macrs) -> Line {
        let first_year = 12 - self.fiscal_year.months_into(Month::from(self.in_service));
        let mut line = Line::starting_at(self.terms.cost());
        let mut left = 1.0;
        let shares = macrs.shares();
        for (year, share) in shares.iter().enumerate() {
            left -= share;
            let rest = if year + 1 == shares.len() { 0.0 } else { left.max(0.0) };
            line.push(f64::from(first_year + 12 * year as u32), self.terms.cost() * rest);
        }
        line
    }

    fn tax_value_on_disposal(&self, macrs: Macrs, day: Date) -> f64 {
        let month = Month::from(day);
        let year = self.fiscal_year.year_of(month) - self.fiscal_year.year_of(Month::from(self.in_service));
        let Ok(year) = usize::try_from(year) else { return self.terms.cost() };
        let shares = macrs.shares();
        let quarter = Quarter::of_month(self.fiscal_year.months_into(month));
        let before: f64 = shares.iter().take(year).sum();
        let this = shares.get(year).map_or(0.0, |share| share * macrs.share_of_disposal_year(year, quarter));
        self.terms.cost() * (1.0 - before - this).max(0.0)
    }
}
