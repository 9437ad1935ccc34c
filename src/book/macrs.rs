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
