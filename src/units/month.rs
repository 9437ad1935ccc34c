//! A civil month: January of year 0 is index 0, and arithmetic is on whole months.
//!
//! In: `2026-11` or `2026-11-22`. Out: a [`Month`] that adds, subtracts and prints as `2026-11`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar month, counted from January of year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text or a pair of numbers that is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a month: write it as YYYY-MM, for example 2026-11")]
pub struct MonthError {
    /// What was given.
    pub text: String,
}

impl Month {
    /// The month `month` (1 to 12) of `year` (1900 to 2999), or an error that repeats both.
    pub fn new(year: i32, month: i32) -> Result<Month, MonthError> {
        if (1900..3000).contains(&year) && (1..=12).contains(&month) {
            Ok(Month(year * 12 + month - 1))
        } else {
            Err(MonthError { text: format!("{year:04}-{month:02}") })
        }
    }

    /// The month with this index (`year × 12 + month − 1`), as fitted models store it.
    pub const fn from_index(index: i32) -> Month {
        Month(index)
    }

    /// `year × 12 + month − 1`.
    pub const fn index(self) -> i32 {
        self.0
    }

    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, 1 to 12.
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// The quarter of the year, 1 to 4.
    pub const fn quarter(self) -> i32 {
        self.0.rem_euclid(12) / 3 + 1
    }

    /// This month plus `months` (negative goes back).
    pub const fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }

    /// Whole months from `earlier` to this month; negative when `earlier` is later.
    pub const fn months_since(self, earlier: Month) -> i32 {
        self.0 - earlier.0
    }

    /// The month as people read it: `Nov 2026`.
    pub fn short(self) -> String {
        const NAMES: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        format!("{} {}", NAMES[self.0.rem_euclid(12) as usize], self.year())
    }

    /// The quarter as people read it: `2026 Q4`.
    pub fn quarter_name(self) -> String {
        format!("{} Q{}", self.year(), self.quarter())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    /// Reads `YYYY-MM`, or the month of `YYYY-MM-DD` when that day exists.
    fn from_str(text: &str) -> Result<Month, MonthError> {
        let error = || MonthError { text: text.to_owned() };
        let parts: Vec<&str> = text.trim().split('-').collect();
        let number = |part: &str, digits: usize| -> Result<i32, MonthError> {
            if part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()) {
                part.parse().map_err(|_| error())
            } else {
                Err(error())
            }
        };
        match parts.as_slice() {
            [year, month] => Month::new(number(year, 4)?, number(month, 2)?).map_err(|_| error()),
            [year, month, day] => {
                let date = jiff::civil::Date::new(
                    number(year, 4)? as i16,
                    number(month, 2)? as i8,
                    number(day, 2)? as i8,
                )
                .map_err(|_| error())?;
                Ok(Month::from(date))
            }
            _ => Err(error()),
        }
    }
}

impl From<jiff::civil::Date> for Month {
    fn from(date: jiff::civil::Date) -> Month {
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_month_reads_and_prints_the_same_text() {
        assert_eq!("2026-11".parse::<Month>().unwrap().to_string(), "2026-11");
        assert_eq!("2024-02-29".parse::<Month>().unwrap().to_string(), "2024-02");
    }

    #[test]
    fn a_thirteenth_month_and_an_impossible_day_are_refused_with_the_remedy() {
        for text in ["2026-13", "2026-00", "2023-02-29", "26-11", "2026/11", "", "2026-11-5", "9999999-01"] {
            let message = text.parse::<Month>().unwrap_err().to_string();
            assert!(message.contains("YYYY-MM"), "{message}");
        }
    }

    #[test]
    fn quarters_follow_the_calendar() {
        assert_eq!("2026-12".parse::<Month>().unwrap().quarter_name(), "2026 Q4");
        assert_eq!("2027-01".parse::<Month>().unwrap().quarter_name(), "2027 Q1");
    }

    proptest! {
        #[test]
        fn adding_months_and_counting_them_back_agree(start in 22_800..35_000_i32, step in -600..600_i32) {
            let month = Month::from_index(start);
            prop_assert_eq!(month.plus(step).months_since(month), step);
            prop_assert_eq!(month.to_string().parse::<Month>().unwrap(), month);
        }
    }
}
