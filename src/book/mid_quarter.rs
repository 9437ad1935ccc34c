//! The 40 % test: does a year's property go by the half-year or the mid-quarter convention?
//!
//! In: what was placed in service in one tax year, with its basis and quarter. Out: mid-quarter for everything when
//! more than 40 % of the basis came in the last quarter, else half-year (I.R.C. § 168(d)(3)). The basis is counted
//! before any bonus (Treas. Reg. § 1.168(d)-1(b)(4)).

use super::macrs::{Quarter, TaxConvention};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
