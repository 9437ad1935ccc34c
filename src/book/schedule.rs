//! Book value by month under the usual methods.
//!
//! Formulas, cost C, salvage S, life n, whole months m in service:
//! - straight line: `C − (C − S) · min(1, m / n)`;
//! - declining balance: a year takes `factor / life in years` of what is left at its start, or the straight line over
//!   the rest of the life when that is more, spread evenly over its months, never below S;
//! - sum of years' digits: a year takes `(C − S) ·` years left at its start over the sum of those of all years, spread
//!   evenly over its months;
//! - MACRS: the published per cent of each tax year, spread evenly over the year's months in service.
//!
//! The month of service counts from the month after acquisition (full-month convention).

use crate::units::Month;

use super::macrs::{Convention, MacrsYears, percentages};

/// How an asset is written down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// The same amount every month.
    StraightLine,
    /// A fixed share of what is left, `factor` over the life (2 for double declining).
    DecliningBalance {
        /// Multiple of the straight-line rate.
        factor: f64,
    },
    /// More in early years, by the digits of the years left.
    SumOfYearsDigits,
    /// United States tax tables.
    Macrs {
        /// Recovery period.
        period: MacrsYears,
        /// First-year convention.
        convention: Convention,
    },
}

impl Method {
    /// Reads a method, and the life in months where the name carries it, from what registers write:
    /// `SL 5 Years`, `SLN 3y`, `STL`, `LINR`, `Straight Line`, `DDB`, `SYD`, `MACRS`, `Linéaire`.
    pub fn from_register(text: &str) -> Option<(Method, Option<u32>)> {
        let lower = text.to_lowercase();
        let years: Option<u32> = lower
            .split(|character: char| !character.is_ascii_digit())
            .find(|digits| !digits.is_empty())
            .and_then(|digits| digits.parse().ok())
            .filter(|years| (1..=30).contains(years));
        let life = years.map(|years| years * 12);
        let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
        if starts(&["macrs"]) {
            let period = MacrsYears::from_years(years.unwrap_or(5) as usize).ok()?;
            return Some((Method::Macrs { period, convention: Convention::HalfYear }, None));
        }
        let method = if starts(&["sl", "stl", "straight", "lin", "linr"]) {
            Method::StraightLine
        } else if starts(&["ddb", "double"]) {
            Method::DecliningBalance { factor: 2.0 }
        } else if starts(&["db", "declining", "reducing", "degressi", "decreasing", "dégressi"]) {
            Method::DecliningBalance { factor: 1.5 }
        } else if starts(&["syd", "sum"]) {
            Method::SumOfYearsDigits
        } else {
            return None;
        };
        Some((method, life))
    }
}

/// Figures no book can be kept on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BookError {
    /// Cost is not a positive amount.
    #[error("cost {0} is not a positive amount")]
    Cost(f64),
    /// Salvage is negative or above cost.
    #[error("salvage {salvage} must lie between 0 and the cost {cost}")]
    Salvage {
        /// The salvage value.
        salvage: f64,
        /// The cost.
        cost: f64,
    },
    /// A life of no months.
    #[error("a life of 0 months cannot be written down: give at least 1")]
    Life,
}

/// One asset in one book, its figures checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Book {
    method: Method,
    cost: f64,
    salvage: f64,
    life_months: u32,
    in_service: Month,
}

impl Book {
    /// Checks the figures once.
    pub fn new(
        method: Method,
        cost: f64,
        salvage: f64,
        life_months: u32,
        in_service: Month,
    ) -> Result<Book, BookError> {
        if !(cost.is_finite() && cost > 0.0) {
            return Err(BookError::Cost(cost));
        }
        if !(0.0..=cost).contains(&salvage) {
            return Err(BookError::Salvage { salvage, cost });
        }
        if life_months == 0 {
            return Err(BookError::Life);
        }
        Ok(Book { method, cost, salvage, life_months, in_service })
    }

    /// Book value at the end of `month`, in the currency of the cost.
    pub fn value_at(&self, month: Month) -> f64 {
        let months = month.months_since(self.in_service).max(0) as u32;
        match self.method {
            Method::StraightLine => {
                let share = (f64::from(months) / f64::from(self.life_months)).min(1.0);
                self.cost - (self.cost - self.salvage) * share
            }
            Method::DecliningBalance { factor } => self.declining_value(factor, months),
            Method::SumOfYearsDigits => self.digits_value(months),
            Method::Macrs { period, convention } => self.macrs_value(period, convention, month),
        }
    }

    /// Gain (positive) or loss when the asset leaves at `month` for `proceeds`.
    pub fn gain_on_disposal(&self, month: Month, proceeds: f64) -> f64 {
        proceeds - self.value_at(month)
    }

    /// Years of the life, the last perhaps a part: position from 0, months in it.
    fn years(&self) -> impl Iterator<Item = (u32, u32)> {
        let life = self.life_months;
        (0..life.div_ceil(12)).map(move |year| (year, (life - 12 * year).min(12)))
    }

    /// Value after `months` when year by year `taken(year, months in it, value at its start)` comes off, evenly over
    /// its months.
    fn spread_by_year(&self, months: u32, taken: impl Fn(u32, u32, f64) -> f64) -> f64 {
        let mut value = self.cost;
        for (year, length) in self.years() {
            let passed = months.saturating_sub(12 * year).min(length);
            value -= taken(year, length, value) * f64::from(passed) / f64::from(length);
        }
        value.max(self.salvage)
    }

    fn declining_value(&self, factor: f64, months: u32) -> f64 {
        let rate = (factor * 12.0 / f64::from(self.life_months)).min(1.0);
        self.spread_by_year(months, |year, length, value| {
            let part = f64::from(length) / 12.0;
            let months_left = f64::from(self.life_months - 12 * year);
            let straight = (value - self.salvage) * f64::from(length) / months_left;
            (value * rate * part).max(straight).min(value - self.salvage)
        })
    }

    fn digits_value(&self, months: u32) -> f64 {
        let years_left = |year: u32| f64::from(self.life_months - 12 * year) / 12.0;
        let digits: f64 = self.years().map(|(year, _)| years_left(year)).sum();
        let base = self.cost - self.salvage;
        self.spread_by_year(months, |year, _, _| base * years_left(year) / digits)
    }

    fn macrs_value(&self, period: MacrsYears, convention: Convention, month: Month) -> f64 {
        let table = percentages(period, convention);
        let mut left = 100.0;
        for (year, percent) in table.iter().enumerate() {
            let calendar_year = self.in_service.year() + year as i32;
            if month.year() > calendar_year {
                left -= percent;
            } else if month.year() == calendar_year {
                let first = if year == 0 { self.in_service.month() } else { 1 };
                let months_passed = f64::from((month.month() - first + 1).max(0));
                left -= percent * months_passed / f64::from(13 - first);
            }
        }
        self.cost * (left / 100.0).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn book(method: Method, cost: f64, salvage: f64, life: u32) -> Book {
        Book::new(method, cost, salvage, life, month("2023-01")).unwrap()
    }

    #[test]
    fn straight_line_falls_evenly_to_salvage_and_stays() {
        let book = book(Method::StraightLine, 1200.0, 120.0, 36);
        assert_eq!(book.value_at(month("2023-01")), 1200.0);
        assert!((book.value_at(month("2024-07")) - 660.0).abs() < 1e-9);
        assert_eq!(book.value_at(month("2026-01")), 120.0);
        assert_eq!(book.value_at(month("2030-01")), 120.0);
        assert_eq!(book.value_at(month("2020-01")), 1200.0);
    }

    #[test]
    fn macrs_stands_at_the_published_balance_at_each_year_end() {
        let macrs = Method::Macrs { period: MacrsYears::Five, convention: Convention::HalfYear };
        let book = book(macrs, 10_000.0, 0.0, 60);
        let ends = [8000.0, 4800.0, 2880.0, 1728.0, 576.0, 0.0];
        for (year, value) in ends.iter().enumerate() {
            let at = Month::new(2023 + year as i32, 12).unwrap();
            assert!((book.value_at(at) - value).abs() < 1e-6, "{at}");
        }
    }

    #[test]
    fn sum_of_years_digits_takes_five_fifteenths_in_the_first_of_five_years() {
        let book = book(Method::SumOfYearsDigits, 1500.0, 0.0, 60);
        assert!((book.value_at(month("2024-01")) - 1000.0).abs() < 1e-9);
        assert!(book.value_at(month("2028-01")).abs() < 1e-9);
    }

    #[test]
    fn double_declining_takes_two_fifths_of_what_is_left_in_a_life_of_five_years() {
        let book = book(Method::DecliningBalance { factor: 2.0 }, 1000.0, 0.0, 60);
        let ends = [600.0, 360.0, 216.0, 108.0, 0.0];
        for (year, value) in ends.iter().enumerate() {
            let at = Month::new(2024 + year as i32, 1).unwrap();
            assert!((book.value_at(at) - value).abs() < 1e-9, "{at}: {}", book.value_at(at));
        }
    }

    #[test]
    fn every_method_reaches_salvage_at_the_end_of_any_life() {
        for life in [1, 11, 12, 18, 42, 60, 61] {
            for method in [
                Method::StraightLine,
                Method::DecliningBalance { factor: 2.0 },
                Method::DecliningBalance { factor: 1.5 },
                Method::SumOfYearsDigits,
            ] {
                let end = month("2023-01").plus(life as i32);
                let value = book(method, 1875.0, 125.0, life).value_at(end);
                assert!((value - 125.0).abs() < 1e-9, "{method:?} over {life} months ends at {value}");
            }
        }
    }

    #[test]
    fn register_words_are_methods() {
        assert_eq!(Method::from_register("SL 5 Years"), Some((Method::StraightLine, Some(60))));
        assert_eq!(Method::from_register("SLN 3y"), Some((Method::StraightLine, Some(36))));
        assert_eq!(Method::from_register("Linéaire"), Some((Method::StraightLine, None)));
        assert!(matches!(Method::from_register("MACRS"), Some((Method::Macrs { .. }, None))));
        assert_eq!(Method::from_register("-----"), None);
    }

    #[test]
    fn figures_no_book_can_hold_are_refused() {
        let new =
            |cost, salvage, life| Book::new(Method::StraightLine, cost, salvage, life, month("2023-01"));
        assert!(new(0.0, 0.0, 36).is_err());
        assert!(new(f64::NAN, 0.0, 36).is_err());
        assert!(new(100.0, 101.0, 36).is_err());
        assert!(new(100.0, 0.0, 0).is_err());
    }

    proptest! {
        #[test]
        fn no_book_ever_rises_or_leaves_its_bounds(
            cost in 1.0..1e6_f64,
            salvage_share in 0.0..0.9_f64,
            life in 1..120_u32,
            which in 0..4_usize,
        ) {
            let method = [
                Method::StraightLine,
                Method::DecliningBalance { factor: 2.0 },
                Method::SumOfYearsDigits,
                Method::Macrs { period: MacrsYears::Seven, convention: Convention::HalfYear },
            ][which];
            let book = book(method, cost, salvage_share * cost, life);
            let mut last = cost;
            for step in 0..150 {
                let value = book.value_at(month("2023-01").plus(step));
                prop_assert!(value <= last + 1e-6 && value >= -1e-6);
                last = value;
            }
        }
    }
}
