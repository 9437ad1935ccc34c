//! Accounting value: what an asset stands for in the books, month by month, and the gain or loss when it goes.
//!
//! In: cost, salvage, life, method, the month it went into service. Out: book value at a month. Methods:
//! straight line, declining balance switching to straight line, sum of years' digits ([`schedule`]) and MACRS
//! by the published tables ([`macrs`]). Book value is not market value and never feeds a forecast.

mod macrs;
mod schedule;

pub use macrs::{Convention, MacrsError, MacrsYears, half_year_formula, percentages};
pub use schedule::{Book, BookError, Method};
