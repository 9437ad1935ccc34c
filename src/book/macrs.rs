//! MACRS, the United States tax schedule (Rev. Proc. 87-57 as reprinted in IRS Publication 946, appendix A).
//!
//! In: recovery period and convention. Out: per cent of the basis by tax year, to the printed digit.
//!
//! The rule: declining balance (200 % up to ten years, 150 % for 15 and 20) going over to the straight line when
//! that is more, the first year counting from the middle of the year or of the quarter. The printed tables round
//! year by year and go on from the rounded rest; the same is done here in whole hundredths of a point
//! (thousandths for 20 years), so the tables come out of the rule. One printed column differs: 7 years,
//! second quarter, prints 17.85 and 3.34 where the rule gives 17.86 and 3.33.

use super::bonus::Bonus;
use super::terms::BookError;

/// Recovery period of personal property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum MacrsYears {
    Three,
    Five,
    Seven,
    Ten,
    Fifteen,
    Twenty,
}

impl MacrsYears {
    /// Every period, shortest first.
    pub const ALL: [MacrsYears; 6] = [
        MacrsYears::Three,
        MacrsYears::Five,
        MacrsYears::Seven,
        MacrsYears::Ten,
        MacrsYears::Fifteen,
        MacrsYears::Twenty,
    ];

    /// Years of the recovery period.
    pub const fn years(self) -> u32 {
        match self {
            MacrsYears::Three => 3,
            MacrsYears::Five => 5,
            MacrsYears::Seven => 7,
            MacrsYears::Ten => 10,
            MacrsYears::Fifteen => 15,
            MacrsYears::Twenty => 20,
        }
    }

    /// The period of that many years.
    pub fn from_years(years: u32) -> Result<MacrsYears, MacrsError> {
        MacrsYears::ALL.into_iter().find(|period| period.years() == years).ok_or(MacrsError { years })
    }

    /// Twice the declining-balance factor, and the units of a whole basis in the printed table.
    const fn rule(self) -> (u64, u64) {
        match self {
            MacrsYears::Fifteen => (3, 10_000),
            MacrsYears::Twenty => (3, 100_000),
            _ => (4, 10_000),
        }
    }
}

/// A recovery period that MACRS does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("MACRS has no {years}-year class: use 5 for computers and servers, or 3, 7, 10, 15, 20")]
pub struct MacrsError {
    /// The years asked for.
    pub years: u32,
}

/// A quarter of a tax year, 1 to 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(u8);

impl Quarter {
    /// 1 to 4.
    pub fn new(quarter: u32) -> Result<Quarter, BookError> {
        match u8::try_from(quarter) {
            Ok(small @ 1..=4) => Ok(Quarter(small)),
            _ => Err(BookError::Quarter(quarter)),
        }
    }

    /// The quarter of a month of the tax year counted from 0; months beyond a year fall in its quarter of the next.
    pub const fn of_month(months_into_year: u32) -> Quarter {
        Quarter((months_into_year % 12 / 3) as u8 + 1)
    }

    /// 1 to 4.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// When in its first year the property counts as placed in service, and in its last as gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaxConvention {
    /// In the middle of the year.
    HalfYear,
    /// In the middle of its quarter; forced when more than 40 % of the year's basis goes into service in the
    /// last quarter ([`tax_convention_of`](super::tax_convention_of)).
    MidQuarter(Quarter),
}

impl TaxConvention {
    /// Eighths of the first year that count.
    const fn first_year_eighths(self) -> u64 {
        match self {
            TaxConvention::HalfYear => 4,
            TaxConvention::MidQuarter(quarter) => 9 - 2 * quarter.0 as u64,
        }
    }
}

/// The tax schedule of one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Macrs {
    /// Recovery period.
    pub period: MacrsYears,
    /// First-year convention.
    pub convention: TaxConvention,
    /// What is taken at once in the first year; the tables apply to the rest.
    pub bonus: Bonus,
}

impl Macrs {
    /// Computers and servers: five years, half-year convention, no bonus.
    pub const FIVE: Macrs =
        Macrs { period: MacrsYears::Five, convention: TaxConvention::HalfYear, bonus: Bonus::NONE };

    /// Shares of the cost by tax year, bonus included, from 0 to 1.
    pub fn shares(self) -> Vec<f64> {
        let bonus = self.bonus.share();
        let mut shares: Vec<f64> = percentages(self.period, self.convention)
            .iter()
            .map(|percent| percent / 100.0 * (1.0 - bonus))
            .collect();
        shares[0] += bonus;
        shares
    }

    /// The share of a tax year's amount that is allowed when the asset goes in that year: property counts as gone
    /// in the middle of the year or of the quarter; gone in its first year, it is never written down at all.
    /// `year` from 0, `quarter` that of the disposal.
    pub fn share_of_disposal_year(self, year: usize, quarter: Quarter) -> f64 {
        if year == 0 {
            return 0.0;
        }
        let gone = match self.convention {
            TaxConvention::HalfYear => 4,
            TaxConvention::MidQuarter(_) => 2 * u64::from(quarter.0) - 1,
        };
        let recovered_in_year =
            if year as u32 >= self.period.years() { 8 - self.convention.first_year_eighths() } else { 8 };
        (gone as f64 / recovered_in_year as f64).min(1.0)
    }

    pub(super) fn name(self) -> String {
        let convention = match self.convention {
            TaxConvention::HalfYear => "half-year".to_owned(),
            TaxConvention::MidQuarter(quarter) => format!("mid-quarter, quarter {}", quarter.get()),
        };
        let bonus = match self.bonus.percent() {
            percent if percent > 0.0 => format!(", bonus {percent} %"),
            _ => String::new(),
        };
        format!("MACRS {}-year, {convention}{bonus}", self.period.years())
    }
}

/// Per cent of the basis in each tax year, to the printed digit. Sums to 100.
pub fn percentages(period: MacrsYears, convention: TaxConvention) -> Vec<f64> {
    let mut table = by_rule(period, convention);
    if (period, convention) == (MacrsYears::Seven, TaxConvention::MidQuarter(Quarter(2))) {
        table[0] -= 1;
        table[7] += 1;
    }
    let units_per_point = period.rule().1 as f64 / 100.0;
    table.into_iter().map(|units| units as f64 / units_per_point).collect()
}

/// Units of the basis by tax year: each rounded, the next from the rounded rest.
fn by_rule(period: MacrsYears, convention: TaxConvention) -> Vec<u64> {
    let (twice_factor, basis) = period.rule();
    let years = u64::from(period.years());
    let mut rest = basis;
    let mut eighths_left = 8 * years;
    let mut table = Vec::new();
    for year in 0..=years {
        let eighths = if year == 0 { convention.first_year_eighths() } else { eighths_left.min(8) };
        let declining = (rest * twice_factor * eighths, 16 * years);
        let straight = (rest * eighths, eighths_left);
        let straight_is_more = straight.0 * declining.1 > declining.0 * straight.1;
        let (numerator, denominator) = if straight_is_more { straight } else { declining };
        let taken = if year == years { rest } else { (2 * numerator + denominator) / (2 * denominator) };
        table.push(taken);
        rest -= taken;
        eighths_left -= eighths;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_YEAR: TaxConvention = TaxConvention::HalfYear;

    fn mid_quarter(quarter: u32) -> TaxConvention {
        TaxConvention::MidQuarter(Quarter::new(quarter).unwrap())
    }

    fn every_convention() -> [TaxConvention; 5] {
        [HALF_YEAR, mid_quarter(1), mid_quarter(2), mid_quarter(3), mid_quarter(4)]
    }

    /// Rev. Proc. 87-57, tables 1 to 5, as reprinted in Publication 946, tables.
    #[test]
    fn the_printed_tables_of_three_five_and_seven_years_come_out_to_the_digit() {
        let printed: [(MacrsYears, TaxConvention, &[f64]); 15] = [
            (MacrsYears::Three, HALF_YEAR, &[33.33, 44.45, 14.81, 7.41]),
            (MacrsYears::Five, HALF_YEAR, &[20.00, 32.00, 19.20, 11.52, 11.52, 5.76]),
            (MacrsYears::Seven, HALF_YEAR, &[14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46]),
            (MacrsYears::Three, mid_quarter(1), &[58.33, 27.78, 12.35, 1.54]),
            (MacrsYears::Five, mid_quarter(1), &[35.00, 26.00, 15.60, 11.01, 11.01, 1.38]),
            (MacrsYears::Seven, mid_quarter(1), &[25.00, 21.43, 15.31, 10.93, 8.75, 8.74, 8.75, 1.09]),
            (MacrsYears::Three, mid_quarter(2), &[41.67, 38.89, 14.14, 5.30]),
            (MacrsYears::Five, mid_quarter(2), &[25.00, 30.00, 18.00, 11.37, 11.37, 4.26]),
            (MacrsYears::Seven, mid_quarter(2), &[17.85, 23.47, 16.76, 11.97, 8.87, 8.87, 8.87, 3.34]),
            (MacrsYears::Three, mid_quarter(3), &[25.00, 50.00, 16.67, 8.33]),
            (MacrsYears::Five, mid_quarter(3), &[15.00, 34.00, 20.40, 12.24, 11.30, 7.06]),
            (MacrsYears::Seven, mid_quarter(3), &[10.71, 25.51, 18.22, 13.02, 9.30, 8.85, 8.86, 5.53]),
            (MacrsYears::Three, mid_quarter(4), &[8.33, 61.11, 20.37, 10.19]),
            (MacrsYears::Five, mid_quarter(4), &[5.00, 38.00, 22.80, 13.68, 10.94, 9.58]),
            (MacrsYears::Seven, mid_quarter(4), &[3.57, 27.55, 19.68, 14.06, 10.04, 8.73, 8.73, 7.64]),
        ];
        for (period, convention, table) in printed {
            assert_eq!(percentages(period, convention), table, "{period:?} {convention:?}");
        }
    }

    #[test]
    fn the_printed_half_year_tables_of_ten_to_twenty_years_come_out_to_the_digit() {
        assert_eq!(
            percentages(MacrsYears::Ten, HALF_YEAR),
            [10.00, 18.00, 14.40, 11.52, 9.22, 7.37, 6.55, 6.55, 6.56, 6.55, 3.28]
        );
        assert_eq!(
            percentages(MacrsYears::Fifteen, HALF_YEAR),
            [5.0, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 2.95]
        );
        assert_eq!(
            percentages(MacrsYears::Twenty, HALF_YEAR),
            [
                3.750, 7.219, 6.677, 6.177, 5.713, 5.285, 4.888, 4.522, 4.462, 4.461, 4.462, 4.461, 4.462,
                4.461, 4.462, 4.461, 4.462, 4.461, 4.462, 4.461, 2.231
            ]
        );
    }

    #[test]
    fn every_table_adds_to_one_hundred() {
        for period in MacrsYears::ALL {
            for convention in every_convention() {
                let table = percentages(period, convention);
                let units: i64 = table.iter().map(|percent| (percent * 1000.0).round() as i64).sum();
                assert_eq!(units, 100_000, "{period:?} {convention:?}");
                assert_eq!(table.len(), period.years() as usize + 1);
            }
        }
    }

    #[test]
    fn a_year_of_disposal_counts_to_its_middle_or_the_middle_of_its_quarter() {
        let quarter = |quarter| Quarter::new(quarter).unwrap();
        let half_year = Macrs::FIVE;
        assert_eq!(half_year.share_of_disposal_year(0, quarter(4)), 0.0);
        assert_eq!(half_year.share_of_disposal_year(2, quarter(1)), 0.5);
        // The sixth year is half a year, over in its middle.
        assert_eq!(half_year.share_of_disposal_year(5, quarter(1)), 1.0);
        let fourth = Macrs { convention: mid_quarter(4), ..Macrs::FIVE };
        assert_eq!(fourth.share_of_disposal_year(1, quarter(1)), 0.125);
        assert_eq!(fourth.share_of_disposal_year(1, quarter(4)), 0.875);
        assert_eq!(fourth.share_of_disposal_year(5, quarter(2)), 3.0 / 7.0);
    }

    #[test]
    fn a_class_that_does_not_exist_names_those_that_do() {
        let said = MacrsYears::from_years(4).unwrap_err().to_string();
        assert!(said.contains("4-year") && said.contains("use 5"), "{said}");
    }
}
