//! Dates, read by what their whole column says.
//!
//! In: the cells of a column. Out: a reading of the column ([`DateStyle`]) and with it each cell's date.
//! `03-12-2022` alone is two dates; beside `11-20-2023` it is the twelfth of March. A first part above 12 anywhere in
//! the column makes it day-first, a second part above 12 month-first; where no cell decides, the other columns of the
//! file do, then its decimal comma, and the cell is marked ambiguous.

use jiff::civil::Date;

use super::RegisterDate;
use super::words::{fold, is_placeholder};
use crate::catalog::Precision;

/// Which part of `03-12-2022` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DateOrder {
    DayFirst,
    MonthFirst,
}

impl DateOrder {
    /// The part that stands first.
    pub(super) const fn name(self) -> &'static str {
        match self {
            DateOrder::DayFirst => "day",
            DateOrder::MonthFirst => "month",
        }
    }
}

/// The order that a cell can only be in. With dots nobody writes the month first.
pub(super) fn order_of(cell: &str) -> Option<DateOrder> {
    let [first, second, _] = numeric_parts(cell)?;
    match (first > 12, second > 12) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        (false, false) if cell.split_whitespace().next().is_some_and(|day| day.contains('.')) => {
            Some(DateOrder::DayFirst)
        }
        _ => None,
    }
}

/// Whether a cell writes day and month as numbers, the year last, so that its order matters.
pub(super) fn has_two_orders(cell: &str) -> bool {
    numeric_parts(cell).is_some()
}

/// Whether a cell is one of two days under this style.
pub(super) fn is_ambiguous(cell: &str, style: DateStyle) -> bool {
    matches!(date(cell, style), DateCell::Date(RegisterDate { other: Some(_), .. }))
}

/// How many cells decide for each order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DateVotes {
    pub day_first: usize,
    pub month_first: usize,
}

impl DateVotes {
    /// Counts the cells of a column that can only be read one way.
    pub(super) fn of_column<'a>(cells: impl Iterator<Item = &'a str>) -> DateVotes {
        let mut votes = DateVotes::default();
        for cell in cells {
            match order_of(cell) {
                Some(DateOrder::DayFirst) => votes.day_first += 1,
                Some(DateOrder::MonthFirst) => votes.month_first += 1,
                None => {}
            }
        }
        votes
    }

    /// Both columns' votes together.
    pub(super) fn plus(self, other: DateVotes) -> DateVotes {
        DateVotes {
            day_first: self.day_first + other.day_first,
            month_first: self.month_first + other.month_first,
        }
    }

    fn verdict(self) -> Option<DateOrder> {
        match self.day_first.cmp(&self.month_first) {
            std::cmp::Ordering::Greater => Some(DateOrder::DayFirst),
            std::cmp::Ordering::Less => Some(DateOrder::MonthFirst),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// The reading of a column's dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateStyle {
    pub order: DateOrder,
    /// Whether the cells of the column or file, or the system's fixed way of writing, say so with one voice.
    pub decided: bool,
}

impl DateStyle {
    /// By the column's own votes, else the file's, else the order its system always writes (`fixed`), else the file's
    /// locale (`comma_locale`: decimal commas or semicolons), which decides nothing.
    pub(super) fn decide(
        column: DateVotes,
        file: DateVotes,
        fixed: Option<DateOrder>,
        comma_locale: bool,
        dollars: bool,
    ) -> DateStyle {
        for votes in [column, file] {
            if let Some(order) = votes.verdict() {
                return DateStyle { order, decided: votes.day_first == 0 || votes.month_first == 0 };
            }
        }
        let silent = column == DateVotes::default() && file == DateVotes::default();
        if let Some(order) = fixed.filter(|_| silent) {
            return DateStyle { order, decided: true };
        }
        let guess = if dollars && !comma_locale { DateOrder::MonthFirst } else { DateOrder::DayFirst };
        DateStyle { order: guess, decided: false }
    }
}

/// What a date cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateCell {
    /// Blank, a placeholder, or a sentinel such as `0000-00-00`.
    Nothing,
    /// A date; with its other reading when day and month could be the other way round.
    Date(RegisterDate),
    /// Digits that are no day of any calendar, such as `2022-02-30`.
    Impossible,
}

/// Reads one cell of a date column.
pub(super) fn date(cell: &str, style: DateStyle) -> DateCell {
    let text = cell.trim();
    let text = text.trim_start_matches(['\'', '`']);
    if let Some((one, other)) = text.split_once(" or ")
        && let (DateCell::Date(date), DateCell::Date(other)) = (date(one, style), date(other, style))
    {
        return DateCell::Date(RegisterDate { other: Some(other.date), ..date });
    }
    if is_placeholder(text) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return DateCell::Nothing;
    }
    if let Some([year, month, day]) = iso_parts(text) {
        return if is_sentinel(year, month, day) { DateCell::Nothing } else { checked(year, month, day) };
    }
    if let Some([first, second, year]) = numeric_parts(text) {
        let swap = match (first > 12, second > 12) {
            (true, false) => false,
            (false, true) => true,
            _ => style.order == DateOrder::MonthFirst,
        };
        let (day, month) = if swap { (second, first) } else { (first, second) };
        if is_sentinel(if year < 100 { full_year(year) } else { year }, month, day) || year == 1 {
            return DateCell::Nothing;
        }
        let either = first <= 12 && second <= 12 && first != second && !style.decided;
        let swapped = || {
            i16::try_from(full_year(year)).ok().and_then(|year| Date::new(year, day as i8, month as i8).ok())
        };
        return match checked(full_year(year), month, day) {
            DateCell::Date(date) if either => DateCell::Date(RegisterDate { other: swapped(), ..date }),
            cell => cell,
        };
    }
    named_month(text).or_else(|| number_date(text)).unwrap_or(DateCell::Impossible)
}

/// Days that systems write where they know none.
fn is_sentinel(year: i32, month: i32, day: i32) -> bool {
    matches!(year, 0 | 1 | 1601 | 1753 | 1899 | 1900 | 9999)
        || (year, month, day) == (1970, 1, 1)
        || (month, day) == (0, 0)
}

/// Builds a whole-day date if the calendar has it and it can be a date of IT hardware.
fn checked(year: i32, month: i32, day: i32) -> DateCell {
    build(year, month, day, Precision::Day)
}

fn build(year: i32, month: i32, day: i32, precision: Precision) -> DateCell {
    let in_range = (1970..=2100).contains(&year);
    match (i16::try_from(year), i8::try_from(month), i8::try_from(day)) {
        (Ok(year), Ok(month), Ok(day)) if in_range => match Date::new(year, month, day) {
            Ok(date) => DateCell::Date(RegisterDate { date, precision, other: None }),
            Err(_) => DateCell::Impossible,
        },
        _ => DateCell::Impossible,
    }
}

/// `2022-08-15`, also with `/` or `.`, with or without a time behind it.
fn iso_parts(text: &str) -> Option<[i32; 3]> {
    let head = text.get(..10).filter(|head| head.is_ascii())?;
    let bytes = head.as_bytes();
    let separator = bytes[4];
    if !matches!(separator, b'-' | b'/' | b'.') || bytes[7] != separator {
        return None;
    }
    let rest = text.as_bytes().get(10);
    if rest.is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some([head[..4].parse().ok()?, head[5..7].parse().ok()?, head[8..].parse().ok()?])
}

/// `15.08.2022`, `8/15/22`, with or without a time: three numbers, the year last.
fn numeric_parts(text: &str) -> Option<[i32; 3]> {
    // Days written year first, most of all, have three digits in front: they are none of this kind.
    if text.as_bytes().get(..3).is_some_and(|start| start.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let day = text.split_whitespace().next()?;
    let separator = day.chars().find(|character| matches!(character, '/' | '.' | '-'))?;
    let parts: Vec<&str> = day.split(separator).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let small = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = matches!(year.len(), 2 | 4) && year.bytes().all(|byte| byte.is_ascii_digit());
    if !small(first) || !small(second) || !is_year {
        return None;
    }
    Some([first.parse().ok()?, second.parse().ok()?, year.parse().ok()?])
}

/// Two-digit years from 70 on belong to the last century. (A year of four digits is itself.) The years 28 to 69 would be before
/// there was any hardware a register knows, so they are of this century, and a purchase in them is told as one in the future.
fn full_year(year: i32) -> i32 {
    match year {
        0..=69 => 2000 + year,
        70..=99 => 1900 + year,
        _ => year,
    }
}

/// `15-AUG-22`, `Mon, 15 Aug, 2022`, `Aug 15, 2022`, `Mar 2021`, in five languages.
fn named_month(text: &str) -> Option<DateCell> {
    let words: Vec<String> = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(fold)
        .collect();
    let at = words.iter().position(|word| month_of(word).is_some() && !word.starts_with("mon"))?;
    let month = month_of(&words[at])?;
    let number = |index: usize| words.get(index).and_then(|word| word.parse::<i32>().ok());
    let before = at.checked_sub(1).and_then(number).filter(|day| (1..=31).contains(day));
    let after = number(at + 1)?;
    Some(match before {
        Some(day) => checked(full_year(after), month, day),
        None if after > 31 => build(full_year(after), month, 1, Precision::Month),
        None => match number(at + 2) {
            Some(year) if year >= 1970 || words.len() == at + 3 => checked(full_year(year), month, after),
            _ => build(full_year(after), month, 1, Precision::Month),
        },
    })
}

/// The month a word of three letters or more begins.
fn month_of(word: &str) -> Option<i32> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "ene", "janv"],
        &["feb", "fev"],
        &["mar", "mrz", "maerz"],
        &["apr", "avr", "abr"],
        &["may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aou", "ago"],
        &["sep", "set"],
        &["oct", "okt", "out"],
        &["nov"],
        &["dec", "dez", "dic"],
    ];
    let letters = word.len() >= 3 && word.chars().all(char::is_alphabetic);
    let month = MONTHS.iter().position(|starts| starts.iter().any(|start| word.starts_with(start)))?;
    letters.then_some(month as i32 + 1)
}

/// A bare number: a year, `YYYY-MM`, `08.2023`, a spreadsheet's day count, or seconds or milliseconds since 1970.
fn number_date(text: &str) -> Option<DateCell> {
    let month_first =
        text.split_once(['/', '.', '-']).filter(|(month, year)| month.len() <= 2 && year.len() == 4);
    if let Some((month, year)) = month_first {
        return Some(build(year.parse().ok()?, month.parse().ok()?, 1, Precision::Month));
    }
    if text == "0" || text == "-1" {
        return Some(DateCell::Nothing);
    }
    if text.len() == 7 && matches!(text.as_bytes()[4], b'-' | b'/') {
        let (year, month) = (text[..4].parse().ok()?, text[5..].parse().ok()?);
        return Some(build(year, month, 1, Precision::Month));
    }
    let number: f64 = text.parse().ok()?;
    let days_since_1970 = |days: i64| {
        let epoch = Date::new(1970, 1, 1).ok()?;
        let date = epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(build(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()), Precision::Day))
    };
    match number {
        _ if (1970.0..=2100.0).contains(&number) && text.len() == 4 => {
            Some(build(number as i32, 7, 1, Precision::Year))
        }
        _ if (25_600.0..=73_000.0).contains(&number) => days_since_1970(number as i64 - 25_569),
        _ if text.len() == 8 => {
            let digits = number as i32;
            Some(checked(digits / 10_000, digits / 100 % 100, digits % 100))
        }
        _ if (1e8..1e10).contains(&number) => days_since_1970((number / 86_400.0) as i64),
        _ if (1e11..1e13).contains(&number) => days_since_1970((number / 86_400_000.0) as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn style_of(cells: &[&str]) -> DateStyle {
        let votes = DateVotes::of_column(cells.iter().copied());
        DateStyle::decide(votes, DateVotes::default(), None, false, false)
    }

    fn day(cell: &str, style: DateStyle) -> String {
        match date(cell, style) {
            DateCell::Date(date) => {
                format!("{}{}", date.date, if date.other.is_some() { " ?" } else { "" })
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_column_decides_which_part_is_the_day() {
        let american = style_of(&["03-12-2022", "11-20-2023"]);
        assert_eq!(day("03-12-2022", american), "2022-03-12");
        let european = style_of(&["03.12.2022", "20.11.2023"]);
        assert_eq!(day("03.12.2022", european), "2022-12-03");
        let silent = style_of(&["03/12/2022", "04/05/2022"]);
        assert_eq!(day("03/12/2022", silent), "2022-12-03 ?");
        assert_eq!(day("04/04/2022", silent), "2022-04-04");
        assert_eq!(day("03.12.2022", style_of(&["03.12.2022"])), "2022-12-03");
        assert_eq!(day("2022-12-03 or 2022-03-12", silent), "2022-12-03 ?");
    }

    #[test]
    fn another_column_of_the_file_or_the_system_decides_a_silent_one() {
        let silent = DateVotes::of_column(["03/12/2022"].into_iter());
        let file = DateVotes::of_column(["11/20/2022"].into_iter());
        let by_file = DateStyle::decide(silent, file, Some(DateOrder::DayFirst), false, false);
        assert_eq!((day("03/12/2022", by_file), by_file.decided), ("2022-03-12".into(), true));
        let by_system = DateStyle::decide(silent, silent, Some(DateOrder::MonthFirst), true, false);
        assert_eq!((day("03/12/2022", by_system), by_system.decided), ("2022-03-12".into(), true));
        let torn = DateVotes::of_column(["13/12/2022", "12/13/2022"].into_iter());
        assert!(!DateStyle::decide(torn, torn, Some(DateOrder::MonthFirst), false, false).decided);
    }

    #[test]
    fn every_way_exports_write_a_day_is_read() {
        let style = style_of(&[]);
        for cell in [
            "2022-08-15",
            "2022-08-15T00:00:00",
            "2022-08-15 07:41:02.1234567",
            "2022/08/15",
            "15.08.2022 00:00:00",
            "8/15/22",
            "15-AUG-22",
            "15/Aug/22 9:14 AM",
            "Mon, 15 Aug, 2022",
            "Aug 15, 2022",
            "15 août 2022",
            "44788",
            "1660521600000",
            "20220815",
        ] {
            assert_eq!(day(cell, style), "2022-08-15", "{cell}");
        }
        assert_eq!(day("Mar 2021", style), "2021-03-01");
        for cell in ["08/2022", "08.2022", "8-2022"] {
            assert_eq!(day(cell, style), "2022-08-01", "{cell}");
        }
        assert_eq!(day("'2022-08-15", style), "2022-08-15");
        assert_eq!(day("2019", style), "2019-07-01");
        assert_eq!(day("2025-08", style), "2025-08-01");
    }

    #[test]
    fn sentinels_are_nothing_and_impossible_days_are_named() {
        let style = style_of(&[]);
        for cell in [
            "",
            "N/A",
            "--",
            "0000-00-00",
            "1970-01-01",
            "unknown",
            "soon",
            "00/00/0000",
            "9999-12-31",
            "31/12/9999",
            "01.01.1900",
            "1899-12-30",
            "0001-01-01T00:00:00",
            "01/01/0001",
            "1/1/1970",
            "0",
            "-1",
        ] {
            assert_eq!(date(cell, style), DateCell::Nothing, "{cell}");
        }
        for cell in ["2022-02-30", "31.04.2022", "2022-13-01", "99/99/2022", "12345678901234567890"] {
            assert_eq!(date(cell, style), DateCell::Impossible, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(cell in "\\PC{0,24}") {
            let _ = date(&cell, style_of(&[]));
        }

        #[test]
        fn any_iso_day_reads_back(year in 1971..2099_i16, month in 1..=12_i8, day_of_month in 1..=28_i8) {
            let expected = Date::new(year, month, day_of_month).unwrap();
            prop_assert_eq!(day(&expected.to_string(), style_of(&[])), expected.to_string());
        }
    }
}
