//! What free text of a register tells.
//!
//! In: a note. Out: the month of purchase that it names, if it names one.

use jiff::civil::Date;

use super::RegisterDate;
use super::dates::{self, DateCell, DateStyle};
use crate::catalog::Precision;

/// A month of purchase in free text.
pub(super) fn purchase(notes: &str) -> Option<RegisterDate> {
    let lower = notes.to_lowercase();
    let after = lower.split_once("purchased ").map(|(_, rest)| rest)?;
    let phrase: String =
        after.chars().take_while(|character| !matches!(character, '\n' | ',' | ';')).collect();
    let first = phrase.split_whitespace().next()?;
    if let Some((month, year)) = first.split_once('/') {
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()?;
        return Some(RegisterDate { date, precision: Precision::Month, other: None });
    }
    let style = DateStyle::decide(Default::default(), Default::default(), false, false);
    let words: Vec<&str> = phrase.split_whitespace().take(2).collect();
    match dates::date(&words.join(" "), style) {
        DateCell::Date(date) => Some(date),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_month_is_found_in_a_note() {
        let month = |note: &str| purchase(note).map(|date| date.month().to_string());
        assert_eq!(month("Purchased 1/2021"), Some("2021-01".into()));
        assert_eq!(month("Purchased June 2023\n8x H100"), Some("2023-06".into()));
        assert_eq!(month("lid scratched"), None);
        assert_eq!(month("Purchased 13/2021"), None);
    }
}
