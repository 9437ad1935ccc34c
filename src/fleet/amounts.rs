//! Amounts, shares and plain numbers, read by what their whole column says.
//!
//! In: the cells of a column. Out: a reading of the column ([`AmountStyle`]) and with it each cell's amount and
//! currency. `1.389` alone is a thousand and some or one and a bit; beside `0,50` it is a thousand. Where no cell of
//! the column or file decides, it is taken for a thousand and marked ambiguous.

use super::words::is_placeholder;
use crate::units::Currency;

/// Whether a column writes `1.389,00` (decimal comma), and whether a cell said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AmountStyle {
    pub comma_decimal: bool,
    pub decided: bool,
}

impl AmountStyle {
    /// By the column's cells that can only be read one way.
    pub(super) fn of_column<'a>(cells: impl Iterator<Item = &'a str>) -> AmountStyle {
        let (mut comma, mut point) = (0_usize, 0_usize);
        for cell in cells {
            match decimal_mark(&digits_and_marks(cell)) {
                Some(',') => comma += 1,
                Some('.') => point += 1,
                _ => {}
            }
        }
        AmountStyle { comma_decimal: comma > point, decided: comma != point }
    }
}

/// An amount cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AmountCell {
    Nothing,
    Amount { value: f64, currency: Option<Currency>, ambiguous: bool },
    Unreadable,
}

/// Reads `$1,389.00`, `1 389,00`, `693.600,00-`, `($14.10)`, `USD 12`, by the column's style.
pub(super) fn amount(cell: &str, style: AmountStyle) -> AmountCell {
    let text = cell.trim();
    if is_placeholder(text) {
        return AmountCell::Nothing;
    }
    let currency = currency_mark(text);
    if let Ok(value) = text.parse::<f64>()
        && text.contains(['e', 'E'])
    {
        return AmountCell::Amount { value, currency, ambiguous: false };
    }
    let marks = digits_and_marks(text);
    if !marks.bytes().any(|byte| byte.is_ascii_digit()) || has_foreign_words(text) {
        return AmountCell::Unreadable;
    }
    let lone_group = decimal_mark(&marks).is_none() && marks.matches([',', '.']).count() == 1;
    let style = match currency {
        Some(found) if !style.decided && found == Currency::USD => {
            AmountStyle { comma_decimal: false, decided: marks.contains(',') }
        }
        _ => style,
    };
    let decimal = match decimal_mark(&marks) {
        Some(mark) => mark,
        None if lone_group && style.decided => {
            if style.comma_decimal {
                ','
            } else {
                '.'
            }
        }
        None => ' ',
    };
    let plain: String = marks
        .chars()
        .filter_map(|character| match character {
            digit if digit.is_ascii_digit() => Some(digit),
            mark if mark == decimal => Some('.'),
            _ => None,
        })
        .collect();
    let negative = text.contains('(')
        || text.trim_end().ends_with('-')
        || text.trim_start_matches(['$', '€', '£', ' ']).starts_with('-');
    match plain.parse::<f64>() {
        Ok(value) => AmountCell::Amount {
            value: if negative { -value } else { value },
            currency,
            ambiguous: lone_group && !style.decided,
        },
        Err(_) => AmountCell::Unreadable,
    }
}

/// The mark that can only be the decimal one: the last of two kinds, or one not followed by three digits.
fn decimal_mark(marks: &str) -> Option<char> {
    let last = marks.rfind([',', '.'])?;
    let mark = marks[last..].chars().next()?;
    let other = if mark == ',' { '.' } else { ',' };
    let after = marks.len() - last - 1;
    let count = marks.matches(mark).count();
    if marks.contains(other) {
        return (count == 1).then_some(mark);
    }
    (count == 1 && after != 3).then_some(mark)
}

fn digits_and_marks(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_digit() || matches!(character, ',' | '.')).collect()
}

/// Letters that are neither a currency nor a known unit make a cell no amount.
fn has_foreign_words(text: &str) -> bool {
    let letters: String = text.chars().filter(|character| character.is_alphabetic()).collect();
    !letters.is_empty() && currency_mark(text).is_none()
}

/// The currency a cell names by sign or code.
fn currency_mark(text: &str) -> Option<Currency> {
    let sign = |sign: char, code: &str| text.contains(sign).then(|| code.parse().ok()).flatten();
    if let Some(found) = sign('€', "EUR").or_else(|| sign('£', "GBP")).or_else(|| sign('₩', "KRW")) {
        return Some(found);
    }
    if text.contains('$') {
        let code = match text.split('$').next().map(str::trim) {
            Some("R") => "BRL",
            Some("C" | "CA") => "CAD",
            Some("A" | "AU") => "AUD",
            Some("S" | "SG") => "SGD",
            _ => "USD",
        };
        return code.parse().ok();
    }
    let letters: String = text.chars().filter(|character| character.is_alphabetic()).collect();
    if letters.len() == 3 && letters.bytes().all(|byte| byte.is_ascii_uppercase()) {
        letters.parse().ok()
    } else {
        None
    }
}

/// A plain number with a unit that does not matter (`42U`, `16GB`, `620 W`); `None` when there is no number.
pub(super) fn plain_number(cell: &str) -> Option<f64> {
    let text = cell.trim();
    if is_placeholder(text) {
        return None;
    }
    let number: String = text
        .chars()
        .take_while(|character| character.is_ascii_digit() || matches!(character, '.' | ',' | ' '))
        .filter(|character| !matches!(character, ',' | ' '))
        .collect();
    number.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A share between 0 and 1, written as `0.72`, `72%` or `72`.
pub(super) fn share(cell: &str) -> Option<f64> {
    let value = plain_number(cell)?;
    let value = if cell.contains('%') || value > 1.0 { value / 100.0 } else { value };
    (0.0..=1.0).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(cell: &str, column: &[&str]) -> String {
        match amount(cell, AmountStyle::of_column(column.iter().copied())) {
            AmountCell::Amount { value, currency, ambiguous } => {
                let code = currency.map_or(String::new(), |currency| format!(" {currency}"));
                format!("{value}{code}{}", if ambiguous { " ?" } else { "" })
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn amounts_read_in_american_and_european_style() {
        assert_eq!(value("$1,389.00", &[]), "1389 USD");
        assert_eq!(value("1.389,00", &[]), "1389");
        assert_eq!(value("1\u{a0}389,00", &[]), "1389");
        assert_eq!(value("693.600,00-", &[]), "-693600");
        assert_eq!(value("($14.10)", &[]), "-14.1 USD");
        assert_eq!(value("-500", &[]), "-500");
        assert_eq!(value("USD 12", &[]), "12 USD");
        assert_eq!(value("1,156,000", &[]), "1156000");
        assert_eq!(value("€ 2.399,00", &[]), "2399 EUR");
        assert_eq!(value("1e309", &[]), "inf");
        assert_eq!(value("call us", &[]), "Unreadable");
        assert_eq!(value("n/a", &[]), "Nothing");
    }

    #[test]
    fn a_lone_group_of_three_follows_its_column_or_is_marked() {
        assert_eq!(value("1.389", &["0,50", "12,75"]), "1389");
        assert_eq!(value("1.389", &["0.50"]), "1.389");
        assert_eq!(value("1,389", &["0.50"]), "1389");
        assert_eq!(value("1.389", &[]), "1389 ?");
        assert_eq!(value("$1,389", &[]), "1389 USD");
    }

    #[test]
    fn shares_read_as_fraction_or_percent() {
        assert_eq!(share("0.72"), Some(0.72));
        assert_eq!(share("72%"), Some(0.72));
        assert_eq!(share("72"), Some(0.72));
        assert_eq!(share("140%"), None);
        assert_eq!(plain_number("16GB"), Some(16.0));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(cell in "\\PC{0,24}") {
            let _ = amount(&cell, AmountStyle::default());
            let _ = share(&cell);
        }
    }
}
