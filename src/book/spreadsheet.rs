//! Depreciation of a numbered period, as the spreadsheet functions SLN, SYD, DB, DDB and VDB define it.
//!
//! In: cost, salvage, life in periods, the period (from 1). Out: the unrounded amount of that period, and with
//! [`vdb`] that of any stretch between two times, parts of a period included (a part takes its share).
//! Oracle: the published examples of the functions, and a grid computed by LibreOffice.

use super::course::Course;
use super::line::Line;
use super::method::{Factor, FirstYearMonths, Method};
use super::terms::{BookError, Terms};

/// Straight line: the amount of any period.
pub fn sln(cost: f64, salvage: f64, life: u32) -> Result<f64, BookError> {
    let terms = Terms::new(cost, salvage, life)?;
    Ok((terms.cost() - terms.salvage()) / f64::from(life))
}

/// Sum of years' digits: the amount of one period.
pub fn syd(cost: f64, salvage: f64, life: u32, period: u32) -> Result<f64, BookError> {
    let line = line(Method::SumOfYearsDigits, Terms::new(cost, salvage, life)?);
    Ok(between(&line, f64::from(period) - 1.0, f64::from(period)))
}

/// Fixed-rate declining balance: the amount of one year, the first with that many months. With fewer than 12 there
/// is a year more than the life.
pub fn db(
    cost: f64,
    salvage: f64,
    life: u32,
    period: u32,
    first_year: FirstYearMonths,
) -> Result<f64, BookError> {
    let line = line(Method::FixedRate { first_year }, Terms::new(cost, salvage, life)?);
    let end =
        |year: u32| if year == 0 { 0.0 } else { f64::from(year - 1) + f64::from(first_year.get()) / 12.0 };
    Ok(between(&line, end(period.saturating_sub(1)), end(period)))
}

/// Declining balance with a factor, never going over to the straight line: the amount of one period.
pub fn ddb(cost: f64, salvage: f64, life: u32, period: u32, factor: Factor) -> Result<f64, BookError> {
    let method = Method::DecliningBalance { factor, switch: false };
    let line = line(method, Terms::new(cost, salvage, life)?);
    Ok(between(&line, f64::from(period) - 1.0, f64::from(period)))
}

/// Declining balance between two times in periods; `switch` goes over to the straight line when that takes more.
pub fn vdb(
    cost: f64,
    salvage: f64,
    life: u32,
    stretch: std::ops::Range<f64>,
    factor: Factor,
    switch: bool,
) -> Result<f64, BookError> {
    let method = Method::DecliningBalance { factor, switch };
    Ok(between(&line(method, Terms::new(cost, salvage, life)?), stretch.start, stretch.end))
}

/// The line of a method whose life is counted in its own periods.
fn line(method: Method, terms: Terms) -> Line {
    Course::new(method, terms.cost(), terms.salvage(), f64::from(terms.life_months()), 1.0).finish()
}

fn between(line: &Line, start: f64, end: f64) -> f64 {
    line.value_at(start) - line.value_at(end)
}
