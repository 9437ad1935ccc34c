//! When time counts: from the day or the month an asset went into service.
//!
//! In: the day of service and a day up to which to count (that day itself excluded). Out: months of service,
//! perhaps with a part.

use jiff::civil::Date;

use crate::units::Month;

/// How the first and the last month count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// Every day counts; the life is as many days as the calendar gives it.
    Daily,
    /// Whole months from the month after that of service: the first counts for nothing, that of the disposal in full.
    Monthly,
    /// The month of service counts in full, that of the disposal for nothing.
    FullMonth,
    /// Both count by half.
    MidMonth,
}

impl Convention {
    /// Months of service up to `day`, which is not counted; months conventions see the months before that of `day`.
    pub fn months_until(self, day: Date, in_service: Date, life_months: u32) -> f64 {
        let months = f64::from(Month::from(day).months_since(Month::from(in_service)));
        let counted = match self {
            Convention::Daily => days_as_months(day, in_service, life_months),
            Convention::Monthly => months - 1.0,
            Convention::FullMonth => months,
            Convention::MidMonth => months - 0.5,
        };
        counted.max(0.0)
    }

    /// Months of service of an asset that goes on `day`. The month conventions mirror the start, so all three
    /// count the months between the two.
    pub fn months_at_disposal(self, day: Date, in_service: Date, life_months: u32) -> f64 {
        match self {
            Convention::Daily => days_as_months(day, in_service, life_months).max(0.0),
            _ => f64::from(Month::from(day).months_since(Month::from(in_service)).max(0)),
        }
    }
}

/// Days since service as a share of the days of the life, in months of the life.
fn days_as_months(day: Date, in_service: Date, life_months: u32) -> f64 {
    let days = f64::from((day - in_service).get_days());
    let life =
        jiff::Span::new().try_months(i64::from(life_months)).and_then(|life| in_service.checked_add(life));
    match life {
        Ok(end) => f64::from(life_months) * days / f64::from((end - in_service).get_days()),
        // A life beyond the calendar's end: months of average length.
        Err(_) => days / (365.2425 / 12.0),
    }
}
