//! What happens to an asset in a book: a new life, an impairment, a disposal.
//!
//! In: a book and dated events. Out: its line of value, and the gain or loss of the disposal. A new life and an
//! impairment are prospective: what was taken stays, the rest of the value goes over the rest of the life by the same
//! method. Under the month conventions they act at the end of their month, by days on their day
//! (the days of a new life are counted as long as those of the old one).
//! Tax tables know neither: they are refused.

use jiff::civil::Date;

use super::account::Book;
use super::line::Line;
use super::method::Method;
use crate::units::Month;

/// Something that changes a book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// The total life, counted from service, is another one from here on.
    NewLife {
        /// When it is decided.
        on: Date,
        /// Months from service to the new end.
        life_months: u32,
    },
    /// The asset is worth less than the books say.
    Impairment {
        /// When it is booked.
        on: Date,
        /// What comes off.
        amount: f64,
    },
}

impl Event {
    /// Its day.
    pub const fn on(&self) -> Date {
        match self {
            Event::NewLife { on, .. } | Event::Impairment { on, .. } => *on,
        }
    }
}

/// The end of an asset in a book.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disposal {
    /// The day it goes.
    pub on: Date,
    /// What it brings, net of what selling costs.
    pub proceeds: f64,
}

/// Events that cannot have happened to this book.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HistoryError {
    /// Before the asset was there.
    #[error("{on} is before the day of service {in_service}: give a later date")]
    BeforeService {
        /// Day of the event.
        on: Date,
        /// Day of service.
        in_service: Date,
    },
    /// After the asset was gone.
    #[error("{on} is after the disposal on {gone}: give an earlier date")]
    AfterDisposal {
        /// Day of the event.
        on: Date,
        /// Day of the disposal.
        gone: Date,
    },
    /// More comes off than is there.
    #[error(
        "an impairment of {amount} on {on} must be above 0 and at most the book value {value:.2} of that day"
    )]
    Impairment {
        /// What should come off.
        amount: f64,
        /// Day of the event.
        on: Date,
        /// Book value then.
        value: f64,
    },
    /// The new life is over already, or the old one was.
    #[error("a life of {life_months} months from service does not go on after {on}: give at least {least}")]
    NewLife {
        /// The new life.
        life_months: u32,
        /// Day of the event.
        on: Date,
        /// The shortest life that goes on.
        least: u32,
    },
    /// A tax table is as it is.
    #[error("MACRS tables know no impairment and no change of life: keep those in a book of another method")]
    TaxTable,
    /// Proceeds are no amount.
    #[error("proceeds of {0} are not an amount: give 0 or more")]
    Proceeds(f64),
}

/// A book with what happened to it, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    book: Book,
    line: Line,
    impairments: Vec<(f64, f64)>,
    disposal: Option<(Disposal, f64)>,
}

impl History {
    /// Applies the events in the order of their days, then the disposal.
    pub fn new(book: Book, events: &[Event], disposal: Option<Disposal>) -> Result<History, HistoryError> {
        let mut events = events.to_vec();
        events.sort_by_key(Event::on);
        let in_service = book.in_service();
        let days = events.iter().map(Event::on).chain(disposal.map(|disposal| disposal.on));
        if let Some(on) = days.into_iter().find(|&on| on < in_service) {
            return Err(HistoryError::BeforeService { on, in_service });
        }
        if let (Some(last), Some(Disposal { on: gone, .. })) = (events.last(), disposal)
            && last.on() > gone
        {
            return Err(HistoryError::AfterDisposal { on: last.on(), gone });
        }
        if matches!(book.method(), Method::Macrs(_)) {
            if !events.is_empty() {
                return Err(HistoryError::TaxTable);
            }
            return History { book, line: book.line(), impairments: Vec::new(), disposal: None }
                .gone(disposal);
        }
        let mut course = book.course();
        let mut impairments = Vec::new();
        for event in events {
            let elapsed = acts_at(&book, event.on());
            course.run(elapsed);
            match event {
                Event::Impairment { on, amount } => {
                    let value = course.value();
                    if !(amount > 0.0 && amount <= value) {
                        return Err(HistoryError::Impairment { amount, on, value });
                    }
                    course.impair(amount);
                    impairments.push((elapsed, amount));
                }
                Event::NewLife { on, life_months } => {
                    let least = elapsed.floor() as u32 + 1;
                    course.change_life(f64::from(life_months)).map_err(|_| HistoryError::NewLife {
                        life_months,
                        on,
                        least,
                    })?;
                }
            }
        }
        History { book, line: course.finish(), impairments, disposal: None }.gone(disposal)
    }

    fn gone(mut self, disposal: Option<Disposal>) -> Result<History, HistoryError> {
        let Some(disposal) = disposal else { return Ok(self) };
        if !(disposal.proceeds.is_finite() && disposal.proceeds >= 0.0) {
            return Err(HistoryError::Proceeds(disposal.proceeds));
        }
        let elapsed = self.book.months_at_disposal(disposal.on);
        let value = match self.book.method() {
            Method::Macrs(_) => self.book.value_on_disposal(disposal.on),
            _ => self.line.value_at(elapsed),
        };
        self.line = self.line.until(elapsed);
        self.line.push(elapsed, value);
        self.disposal = Some((disposal, value));
        Ok(self)
    }

    /// The book.
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// Value over the months of service; flat from the disposal on.
    pub const fn line(&self) -> &Line {
        &self.line
    }

    /// Months of service and amount of each impairment.
    pub fn impairments(&self) -> &[(f64, f64)] {
        &self.impairments
    }

    /// The disposal and the book value it met.
    pub const fn disposal(&self) -> Option<(Disposal, f64)> {
        self.disposal
    }

    /// The last month in which anything is taken, or that of the disposal.
    pub fn last_month(&self) -> Month {
        if let Some((disposal, _)) = self.disposal {
            return Month::from(disposal.on);
        }
        let end = self.line.end();
        let start = Month::from(self.book.in_service());
        let guess = start.plus(end.floor() as i32 - 2);
        (0..6)
            .map(|later| guess.plus(later))
            .find(|&month| self.book.months_at(month) >= end)
            .unwrap_or(guess)
    }
}

/// Months of service at which an event of that day acts.
fn acts_at(book: &Book, on: Date) -> f64 {
    match book.convention() {
        super::Convention::Daily => book.months_until(on),
        _ => book.months_at(Month::from(on)),
    }
}
