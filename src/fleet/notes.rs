//! What free text of a register tells.
//!
//! In: a note. Out: the month of purchase that it names, if it names one; or how many units a line of a ledger is for.

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
    let style = DateStyle::decide(Default::default(), Default::default(), None, false, false);
    let words: Vec<&str> = phrase.split_whitespace().take(2).collect();
    match dates::date(&words.join(" "), style) {
        DateCell::Date(date) => Some(date),
        _ => None,
    }
}

/// Words that a number of units follows.
const COUNTS: [&str; 7] = ["qty", "quantity", "menge", "anzahl", "quantité", "cantidad", "quantidade"];

/// Words that follow a number of units. A `PC` is a machine: an OptiPlex 3070 PC is one. A `unit` is one.
const UNITS: [&str; 11] =
    ["pcs", "pieces", "units", "ea", "stk", "stck", "stück", "unités", "pièces", "unidades", "uds"];

/// Whether a number of units follows a word: `qty 4`.
pub(crate) fn is_count_word(word: &str) -> bool {
    COUNTS.contains(&word.to_lowercase().as_str())
}

/// Whether a word follows a number of units: `4 pcs`.
pub(crate) fn is_unit_word(word: &str) -> bool {
    UNITS.contains(&word.to_lowercase().as_str())
}

/// How many units a text says it is about: `GPU SERVERS QTY 4`, `(Sammelanlage 4 Stk)`. `8xH100` is what is in one.
pub(super) fn quantity(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let number = |word: &str| word.parse::<u32>().ok().filter(|count| (2..=10_000).contains(count));
    words.windows(2).find_map(|pair| {
        let after = is_count_word(pair[0]).then(|| number(pair[1])).flatten();
        after.or_else(|| is_unit_word(pair[1]).then(|| number(pair[0])).flatten())
    })
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

    #[test]
    fn a_line_of_a_ledger_says_for_how_many_units_it_is() {
        assert_eq!(quantity("GPU SERVERS QTY 4"), Some(4));
        assert_eq!(quantity("Qty: 12 laptops"), Some(12));
        assert_eq!(quantity("GPU Server 8xH100 (Sammelanlage 4 Stk)"), Some(4));
        assert_eq!(quantity("8x H100 node"), None);
        assert_eq!(quantity("Latitude 5430"), None);
        assert_eq!(quantity("QTY 1"), None);
        assert_eq!(quantity("OptiPlex 3070 PC unit"), None);
        assert_eq!(quantity("OptiPlex 3070 unit"), None);
    }
}
