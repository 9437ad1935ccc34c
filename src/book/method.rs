//! How an asset is written down: a name with its parameters, each checked when made.

use super::macrs::Macrs;
use super::terms::BookError;

/// Multiple of the straight-line rate: 2 is double declining, 1.5 the 150 % method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor(f64);

impl Factor {
    /// Double declining.
    pub const DOUBLE: Factor = Factor(2.0);
    /// One and a half times the straight-line rate.
    pub const ONE_AND_A_HALF: Factor = Factor(1.5);

    /// A finite number above 0.
    pub fn new(factor: f64) -> Result<Factor, BookError> {
        if factor.is_finite() && factor > 0.0 { Ok(Factor(factor)) } else { Err(BookError::Factor(factor)) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// Months of the first year of a fixed-rate book, 1 to 12; the last year has the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstYearMonths(u8);

impl FirstYearMonths {
    /// 1 to 12.
    pub fn new(months: u32) -> Result<FirstYearMonths, BookError> {
        match u8::try_from(months) {
            Ok(small @ 1..=12) => Ok(FirstYearMonths(small)),
            _ => Err(BookError::FirstYear(months)),
        }
    }

    /// The months.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// How an asset is written down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The same amount for the same time.
    StraightLine,
    /// A fixed share of what is left, `factor / life`, never below salvage.
    DecliningBalance {
        /// Multiple of the straight-line rate.
        factor: Factor,
        /// Whether to go over to the straight line when that takes more.
        switch: bool,
    },
    /// The share of what is left that ends near salvage: `1 − (salvage / cost)^(1 / life)`, rounded to three
    /// decimals as spreadsheets do. The rounding can end a little above or below salvage.
    FixedRate {
        /// Months of the first year.
        first_year: FirstYearMonths,
    },
    /// More in early years, by the digits of the years left.
    SumOfYearsDigits,
    /// United States tax tables.
    Macrs(Macrs),
}

impl Method {
    /// Double declining balance that goes over to the straight line.
    pub const DOUBLE_DECLINING: Method = Method::DecliningBalance { factor: Factor::DOUBLE, switch: true };

    /// As people read it.
    pub fn name(self) -> String {
        match self {
            Method::StraightLine => "straight line".into(),
            Method::DecliningBalance { factor, switch } => {
                let end = if switch { ", switching to straight line" } else { "" };
                format!("declining balance, factor {}{end}", factor.get())
            }
            Method::FixedRate { .. } => "declining balance at the rate that ends at salvage".into(),
            Method::SumOfYearsDigits => "sum of years' digits".into(),
            Method::Macrs(macrs) => macrs.name(),
        }
    }
}
