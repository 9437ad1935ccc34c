//! The 40 % test: does a year's property go by the half-year or the mid-quarter convention?
//!
//! In: what was placed in service in a tax year, with its basis and quarter. Out: mid-quarter for everything when
//! more than 40 % of the basis came in the last quarter, else half-year (I.R.C. § 168(d)(3)). The basis is counted
//! before any bonus (Treas. Reg. § 1.168(d)-1(b)(4)). [`TaxYears`] holds the answer of every year of a fleet.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::fiscal::FiscalYear;
use super::macrs::{Quarter, TaxConvention};
use crate::units::Month;

/// One asset placed in service in the year under test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedInService {
    /// Depreciable basis, bonus not taken off.
    pub basis: f64,
    /// Quarter of the tax year.
    pub quarter: Quarter,
}

/// The convention of an asset of `quarter` among all that was placed in service in its tax year.
pub fn tax_convention_of(quarter: Quarter, year: &[PlacedInService]) -> TaxConvention {
    let total: f64 = year.iter().map(|placed| placed.basis).sum();
    let last: f64 = year.iter().filter(|placed| placed.quarter.get() == 4).map(|placed| placed.basis).sum();
    if last > 0.4 * total { TaxConvention::MidQuarter(quarter) } else { TaxConvention::HalfYear }
}

/// The convention of every tax year in which something was placed in service.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxYears {
    fiscal_year: FiscalYear,
    mid_quarter: BTreeMap<i32, bool>,
}

impl TaxYears {
    /// Tests each year over the days of service and bases of its property.
    pub fn of(fiscal_year: FiscalYear, placed: impl IntoIterator<Item = (Date, f64)>) -> TaxYears {
        let mut years: BTreeMap<i32, Vec<PlacedInService>> = BTreeMap::new();
        for (in_service, basis) in placed {
            let month = Month::from(in_service);
            let quarter = Quarter::of_month(fiscal_year.months_into(month));
            years.entry(fiscal_year.year_of(month)).or_default().push(PlacedInService { basis, quarter });
        }
        let is_mid_quarter = |year: &Vec<PlacedInService>| {
            tax_convention_of(Quarter::of_month(0), year) != TaxConvention::HalfYear
        };
        let mid_quarter = years.iter().map(|(number, year)| (*number, is_mid_quarter(year))).collect();
        TaxYears { fiscal_year, mid_quarter }
    }

    /// The convention of property of that day of service.
    pub fn convention_of(&self, in_service: Date) -> TaxConvention {
        let month = Month::from(in_service);
        match self.mid_quarter.get(&self.fiscal_year.year_of(month)) {
            Some(true) => TaxConvention::MidQuarter(Quarter::of_month(self.fiscal_year.months_into(month))),
            _ => TaxConvention::HalfYear,
        }
    }

    /// The numbers of the years that go by mid-quarter.
    pub fn mid_quarter(&self) -> impl Iterator<Item = i32> + '_ {
        self.mid_quarter.iter().filter(|(_, mid_quarter)| **mid_quarter).map(|(year, _)| *year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn placed(basis: f64, quarter: u32) -> PlacedInService {
        PlacedInService { basis, quarter: Quarter::new(quarter).unwrap() }
    }

    #[test]
    fn more_than_two_fifths_in_the_last_quarter_makes_everything_mid_quarter() {
        let second = Quarter::new(2).unwrap();
        let just_forty = [placed(600.0, 2), placed(400.0, 4)];
        assert_eq!(tax_convention_of(second, &just_forty), TaxConvention::HalfYear);
        let more = [placed(599.0, 2), placed(401.0, 4)];
        assert_eq!(tax_convention_of(second, &more), TaxConvention::MidQuarter(second));
        assert_eq!(tax_convention_of(second, &[]), TaxConvention::HalfYear);
    }

    #[test]
    fn each_tax_year_is_tested_by_itself() {
        let placed = [
            (date(2023, 5, 1), 599.0),
            (date(2023, 11, 1), 401.0),
            (date(2024, 2, 1), 600.0),
            (date(2024, 12, 1), 400.0),
        ];
        let calendar = TaxYears::of(FiscalYear::CALENDAR, placed);
        assert_eq!(calendar.mid_quarter().collect::<Vec<_>>(), [2023]);
        let second = TaxConvention::MidQuarter(Quarter::new(2).unwrap());
        assert_eq!(calendar.convention_of(date(2023, 5, 1)), second);
        assert_eq!(calendar.convention_of(date(2024, 12, 1)), TaxConvention::HalfYear);
        assert_eq!(calendar.convention_of(date(2019, 12, 1)), TaxConvention::HalfYear);
        // Years from July: May 2023 alone in the last quarter of its year; November, February; December.
        let from_july = TaxYears::of(FiscalYear::starting_in(7).unwrap(), placed);
        assert_eq!(from_july.mid_quarter().collect::<Vec<_>>(), [2023]);
        assert_eq!(from_july.convention_of(date(2023, 11, 1)), TaxConvention::HalfYear);
    }
}
