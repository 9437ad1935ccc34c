//! The days of a row: bought, put to use, retired, out of warranty.
//!
//! In: the cells of a [`Record`], each in the style of its column. Out: dates with their precision. A day that no calendar has
//! is a fault where the date decides the value, and set aside with a finding elsewhere.

use super::dates::{self, DateCell};
use super::findings::Severity;
use super::record::{Fault, Record, shown_text};
use super::{Field, RegisterDate, Status, notes};
use crate::catalog::Precision;

impl Record<'_> {
    /// The end of a warranty that stands where others write its term.
    pub(super) fn warranty_day(&self) -> Option<RegisterDate> {
        let style = dates::DateStyle { order: dates::DateOrder::DayFirst, decided: false };
        match dates::date(self.cell(Field::WarrantyMonths)?, style) {
            DateCell::Date(date) if date.precision != Precision::Year => Some(date),
            _ => None,
        }
    }

    fn date(&self, field: Field) -> Option<Result<RegisterDate, String>> {
        let (position, text) = self.filled(field)?;
        let style = *self.context.dates.get(&position)?;
        match dates::date(text, style) {
            DateCell::Nothing => None,
            DateCell::Impossible => Some(Err(shown_text(text).to_owned())),
            DateCell::Date(date) => Some(Ok(date)),
        }
    }

    pub(super) fn essential_date(&self, field: Field) -> Result<Option<RegisterDate>, Fault> {
        match self.date(field).transpose() {
            Ok(date) => Ok(date),
            Err(text) => Err(self.fault(
                field,
                &format!("`{text}` is not a day of the calendar"),
                "write the date as YYYY-MM-DD, or leave it blank when unknown",
            )),
        }
    }

    pub(super) fn side_date(&mut self, field: Field) -> Option<RegisterDate> {
        match self.date(field)? {
            Ok(date) => Some(date),
            Err(text) => {
                let column = self.fault(field, "", "").column;
                self.tell(
                    "DQ-11",
                    Severity::Notes,
                    format!("{column} `{text}` is not a day of the calendar: set aside"),
                    "write the date as YYYY-MM-DD",
                );
                None
            }
        }
    }

    /// "Purchased 1/2021" or "Purchased June 2023" in a note, when no date column says more.
    pub(super) fn date_in_notes(&mut self, has_other_date: bool) -> Option<RegisterDate> {
        if has_other_date {
            return None;
        }
        let note = self.cell(Field::Notes)?.to_owned();
        let date = notes::purchase(&note)?;
        self.tell(
            "DQ-10",
            Severity::Notes,
            format!("purchase month {} taken from a note", crate::units::Month::from(date.date)),
            "put the purchase date in its own column",
        );
        Some(date)
    }

    /// A date of retirement or disposal in the past means that it is gone, whatever the state says; beside a state
    /// of use that is a contradiction, and what is missing stays missing.
    pub(super) fn retired(&mut self, status: Status) -> Status {
        let Some(date) = self.side_date(Field::RetiredDate) else { return status };
        if status == Status::InUse {
            self.tell(
                "DQ-11",
                Severity::Warns,
                format!("in use, though retired on {}: planned as in use", date.date),
                "clear the date, or correct the state",
            );
            return status;
        }
        if matches!(status, Status::Retiring | Status::InStock | Status::Missing) {
            status
        } else {
            Status::Gone
        }
    }
}
