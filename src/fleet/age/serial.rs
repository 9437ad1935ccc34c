//! The month of manufacture in a serial number.
//!
//! In: a serial number and the maker. Out: every month its date code can mean, or `None` where the maker writes no date.
//!
//! - HP and HPE, ten characters `CCSYWWxxxx`: the fourth is the last digit of the year, the next two the week. The decade
//!   is open. (HP's numbering convention for personal systems, in force since 2003, read as its last digit from 2010 on.)
//! - Cisco, eleven characters `LLLYYWWxxxx`: the year less 1996, and the week (as resellers publish it).
//! - Apple, twelve characters until 2021: the fourth is the half-year from 2010 on (`CDFGHJKLMNPQRSTVWXYZ`, twenty of
//!   them, so ten years come round again in 2020), the fifth the week in it (`1`–`9`, then `CDFGHJKLMNPQRTVWXY`). Other lengths are random.
//! - Dell's service tags, and the serial numbers of Lenovo, Supermicro and all others say nothing about a date.

use crate::units::Month;

/// A date code with every month it can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeIn {
    /// Months, rising.
    pub months: Vec<Month>,
    /// As in `2021 week 31`, one for each month.
    pub codes: Vec<String>,
}

/// Days of a year to the month they lie in.
const WEEKS_IN_YEAR: i32 = 53;

const APPLE_HALF_YEARS: &[u8] = b"CDFGHJKLMNPQRSTVWXYZ";

const APPLE_WEEKS: &[u8] = b"123456789CDFGHJKLMNPQRTVWXY";

/// The first year of Apple's code of twelve characters, and the last in which it was given out.
const APPLE_YEARS: [i32; 2] = [2010, 2021];

/// The months in which a unit with this serial number can have been made, none of them after `as_of`.
pub fn made_in(maker: &str, serial: &str, as_of: Month) -> Option<MadeIn> {
    let first = maker.split(|character: char| !character.is_alphanumeric()).next()?.to_lowercase();
    let code = serial.as_bytes();
    if !serial.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let weeks = match first.as_str() {
        "hp" | "hpe" | "hewlett" => hp(code, as_of)?,
        "cisco" => cisco(code)?,
        "apple" => apple(code)?,
        _ => return None,
    };
    let believed = weeks.into_iter().filter_map(|(year, week)| {
        let month = month_of_week(year, week)?;
        (month <= as_of).then(|| (month, format!("{year} week {week}")))
    });
    let (months, codes): (Vec<Month>, Vec<String>) = believed.unzip();
    (!months.is_empty()).then_some(MadeIn { months, codes })
}

/// Country and site, last digit of the year, week.
fn hp(code: &[u8], as_of: Month) -> Option<Vec<(i32, i32)>> {
    if code.len() != 10 || !code[..2].iter().any(u8::is_ascii_alphabetic) && !code[0].is_ascii_digit() {
        return None;
    }
    let (digit, week) = (digits(&code[3..4])?, digits(&code[4..6])?);
    // The convention is of 2003.
    Some((2003..=as_of.year()).filter(|year| year % 10 == digit).map(|year| (year, week)).collect())
}

fn cisco(code: &[u8]) -> Option<Vec<(i32, i32)>> {
    if code.len() != 11 || !code[..3].iter().all(u8::is_ascii_alphabetic) {
        return None;
    }
    let (years, week) = (digits(&code[3..5])?, digits(&code[5..7])?);
    (years >= 1).then(|| vec![(1996 + years, week)])
}

fn apple(code: &[u8]) -> Option<Vec<(i32, i32)>> {
    if code.len() != 12 {
        return None;
    }
    let at = |table: &[u8], byte: u8| table.iter().position(|known| *known == byte).map(|at| at as i32);
    let half = at(APPLE_HALF_YEARS, code[3])?;
    let week = at(APPLE_WEEKS, code[4])? + 1 + 26 * (half % 2);
    let [first, last] = APPLE_YEARS;
    let rounds = (0..).map(|round| first + half / 2 + 10 * round).take_while(|year| *year <= last);
    Some(rounds.map(|year| (year, week)).collect())
}

fn digits(bytes: &[u8]) -> Option<i32> {
    bytes
        .iter()
        .try_fold(0, |so_far, byte| byte.is_ascii_digit().then(|| so_far * 10 + i32::from(byte - b'0')))
}

/// The month of the Thursday of an ISO week, which decides to which year the week belongs.
fn month_of_week(year: i32, week: i32) -> Option<Month> {
    if !(1..=WEEKS_IN_YEAR).contains(&week) {
        return None;
    }
    let week = i8::try_from(week).ok()?;
    let day = jiff::civil::ISOWeekDate::new(i16::try_from(year).ok()?, week, jiff::civil::Weekday::Thursday);
    // A year without a fifty-third week: its last month.
    day.map(|day| Month::from(day.date())).or_else(|_| Month::new(year, 12)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(maker: &str, serial: &str) -> Vec<String> {
        let as_of = "2026-11".parse().unwrap();
        made_in(maker, serial, as_of)
            .map_or(Vec::new(), |made| made.months.iter().map(Month::to_string).collect())
    }

    #[test]
    fn six_serial_numbers_of_hp_are_read_by_hand() {
        // Week 37 of a year that ends on 0 begins on the 7th or 13th of September, and so on.
        assert_eq!(made("HP", "5CG0371ABC"), ["2010-09", "2020-09"]);
        assert_eq!(made("HP Inc.", "5CD131GXR5"), ["2011-08", "2021-08"]);
        assert_eq!(made("HPE", "CZJ144BKL8"), ["2011-11", "2021-11"]);
        assert_eq!(made("Hewlett Packard Enterprise", "MXQ50106NT"), ["2005-01", "2015-01", "2025-01"]);
        assert_eq!(made("HPE", "CZ3852P0QK"), ["2008-12", "2018-12"]);
        assert_eq!(made("hp", "2UA3121ZQW"), ["2003-03", "2013-03", "2023-03"]);
    }

    #[test]
    fn what_is_no_date_code_of_hp_says_nothing() {
        for serial in ["5CGX371ABC", "5CG0541ABC", "5CG0001ABC", "5CG0371ABCD", "5CG03-1ABC", "5CG6991ABC"] {
            assert!(made("HP", serial).is_empty(), "{serial}");
        }
    }

    #[test]
    fn cisco_counts_years_from_1996() {
        assert_eq!(made("Cisco Systems", "SAD08300D4W"), ["2004-07"]);
        assert_eq!(made("Cisco", "FOC2346A1B2"), ["2019-11"]);
        assert!(made("Cisco", "FOC3501A1B2").is_empty(), "2031 is yet to come");
        assert!(made("Cisco", "FO12346A1B2").is_empty());
    }

    #[test]
    fn apple_counts_half_years_from_2010_for_ten_years() {
        // L: second half of 2013; 1: its first week, the 27th.
        assert_eq!(made("Apple", "C02L13ECF8J2"), ["2013-07"]);
        // C: first half of 2010 or 2020; V: week 24.
        assert_eq!(made("Apple", "C02CV0ABMD6T"), ["2010-06", "2020-06"]);
        assert!(made("Apple", "S3PSXWPMCW").is_empty(), "ten characters are random");
        assert!(made("Apple", "C02A13ECF8J2").is_empty(), "no half-year is called A");
    }

    #[test]
    fn makers_without_a_date_code_say_nothing() {
        for maker in ["Dell", "Lenovo", "Supermicro", "Dell Inc.", ""] {
            assert!(made(maker, "5CG0371ABC").is_empty(), "{maker}");
        }
    }
}
