//! Periods of report: months, quarters and years of a fiscal year that starts in any month.
//!
//! In: a day of service, the months until everything is written down. Out: [`Span`]s that follow each other without
//! a gap, each with the label people use. A fiscal year bears the number of the year in which it ends.

use jiff::civil::Date;

use super::terms::BookError;
use crate::units::Month;

/// A year that starts in a month of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalYear {
    start_month: u8,
}

impl FiscalYear {
    /// January to December.
    pub const CALENDAR: FiscalYear = FiscalYear { start_month: 1 };

    /// The year that starts in this month, 1 to 12.
    pub fn starting_in(month: u32) -> Result<FiscalYear, BookError> {
        match u8::try_from(month) {
            Ok(start_month @ 1..=12) => Ok(FiscalYear { start_month }),
            _ => Err(BookError::FiscalYear(month)),
        }
    }

    /// The number of the fiscal year of a month.
    pub fn year_of(self, month: Month) -> i32 {
        month.plus(self.shift()).year()
    }

    /// Months of its fiscal year before this month, 0 to 11.
    pub fn months_into(self, month: Month) -> u32 {
        month.plus(self.shift()).month().unsigned_abs() - 1
    }

    /// Months from a fiscal month to the calendar month that has its name.
    fn shift(self) -> i32 {
        (13 - i32::from(self.start_month)) % 12
    }

    fn year_name(self, month: Month) -> String {
        let prefix = if self.start_month == 1 { "" } else { "FY" };
        format!("{prefix}{}", self.year_of(month))
    }
}

/// The length of a line of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ReportPeriod {
    Month,
    Quarter,
    Year,
}

impl ReportPeriod {
    const fn months(self) -> u32 {
        match self {
            ReportPeriod::Month => 1,
            ReportPeriod::Quarter => 3,
            ReportPeriod::Year => 12,
        }
    }
}

/// A stretch of whole months with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `2026`, `FY2027`, `2026-Q1`, `2026-05`.
    pub label: String,
    /// Its first month.
    pub first: Month,
    /// Its last month.
    pub last: Month,
}

impl Span {
    /// The day after its last.
    pub fn end(&self) -> Option<Date> {
        first_day(self.last.plus(1))
    }
}

/// The first day of a month, if the calendar reaches that far.
pub(super) fn first_day(month: Month) -> Option<Date> {
    Date::new(i16::try_from(month.year()).ok()?, i8::try_from(month.month()).ok()?, 1).ok()
}

impl FiscalYear {
    /// The periods from that of `from` to that of `to`, the first and the last cut to these months.
    pub fn spans(self, period: ReportPeriod, from: Month, to: Month) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut first = from;
        while first <= to {
            let into = self.months_into(first);
            let last = first.plus((period.months() - 1 - into % period.months()) as i32).min(to);
            let label = match period {
                ReportPeriod::Month => first.to_string(),
                ReportPeriod::Quarter => format!("{}-Q{}", self.year_name(first), into / 3 + 1),
                ReportPeriod::Year => self.year_name(first),
            };
            spans.push(Span { label, first, last });
            first = last.plus(1);
        }
        spans
    }
}
