//! Amounts, shares and plain numbers, read by what their whole column says.
//!
//! In: the cells of a column. Out: a reading of the column ([`AmountStyle`]) and with it each cell's amount and
//! currency. `1.389` alone is a thousand and some or one and a bit; beside `0,50` it is a thousand. Where no cell of
//! the column or file decides, it is taken for a thousand and marked ambiguous.

use super::words::{fold, is_placeholder};
use crate::units::{Currency, CurrencyError};

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
            let plain = cell.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
            let mark = if plain { decimal_mark(cell) } else { decimal_mark(&digits_and_marks(cell)) };
            match mark {
                Some(',') => comma += 1,
                Some('.') => point += 1,
                _ => {}
            }
        }
        AmountStyle { comma_decimal: comma > point, decided: (comma == 0) != (point == 0) }
    }
}

/// Of so many amounts of a column one must name a currency for the rest to be in it: less is a slip or a cell out of place.
const ONE_NAMED_OF: usize = 10;

/// The currency that all cells of a column name which name one that is known; `None` where too few do, or two differ.
pub(super) fn currency_of_column<'a>(
    cells: impl Iterator<Item = &'a str>,
    is_known: impl Fn(Currency) -> bool,
) -> Option<Currency> {
    let (mut agreed, mut named, mut amounts) = (None, 0, 0);
    for cell in cells {
        if let AmountCell::Amount { currency, .. } = amount(cell, AmountStyle::default()) {
            amounts += 1;
            let Some(currency) = currency.filter(|currency| is_known(*currency)) else { continue };
            named += 1;
            if agreed.is_some_and(|before| before != currency) {
                return None;
            }
            agreed = Some(currency);
        }
    }
    agreed.filter(|_| named * ONE_NAMED_OF >= amounts)
}

/// An amount cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum AmountCell {
    Nothing,
    Amount { value: f64, currency: Option<Currency>, ambiguous: bool },
    Unreadable,
}

/// Reads `$1,389.00`, `1 389,00`, `693.600,00-`, `($14.10)`, `USD 12`, `1.234,-`, by the column's style.
pub(super) fn amount(cell: &str, style: AmountStyle) -> AmountCell {
    if let Some(value) = plain_amount(cell)
        && !is_placeholder(cell)
    {
        return AmountCell::Amount { value, currency: None, ambiguous: false };
    }
    let whole = cell.trim().replace('\u{2212}', "-");
    // `/-` and `/=` behind an amount say that there are no paise or cents: no minus.
    let whole = ["/-", "/="].iter().find_map(|end| whole.strip_suffix(end)).unwrap_or(&whole);
    // "1.234,-" and "1234.-" write no cents; "693.600,00-" is negative.
    let text = whole.trim_end_matches([' ', '-']).trim_end_matches([',', '.']);
    let tail = &whole[text.len()..];
    if is_placeholder(cell) {
        return AmountCell::Nothing;
    }
    let Some((currency, number)) = split_currency(text) else { return AmountCell::Unreadable };
    if let Ok(value) = number.parse::<f64>()
        && number.contains(['e', 'E'])
    {
        return AmountCell::Amount { value, currency, ambiguous: false };
    }
    // The point of an abbreviation, `Rs. 1,389.00`, is none of the number.
    let marks = digits_and_marks(number.trim_start().trim_start_matches(". "));
    if !marks.bytes().any(|byte| byte.is_ascii_digit()) || number.chars().any(char::is_alphabetic) {
        return AmountCell::Unreadable;
    }
    let decimal = decimal_mark(&marks);
    if !groups_are_whole(&marks, decimal) {
        return AmountCell::Unreadable;
    }
    let lone_group = decimal.is_none() && marks.matches([',', '.']).count() == 1 && !marks.starts_with('0');
    // A group of three behind the column's own decimal mark is a thousand without decimals, or a slip: read as the
    // former, and told. Behind the other mark it can only be a thousand.
    let own_mark = if style.comma_decimal { ',' } else { '.' };
    let american = whole.contains(['$', '£']) && marks.contains(',');
    let ambiguous = lone_group && !american && (!style.decided || marks.contains(own_mark));
    let plain: String = marks
        .chars()
        .filter_map(|character| match character {
            digit if digit.is_ascii_digit() => Some(digit),
            mark if Some(mark) == decimal || (marks.starts_with('0') && marks.len() > 1) => Some('.'),
            _ => None,
        })
        .collect();
    let trailing_minus = tail.contains('-') && !tail.starts_with(['.', ',']);
    // Brackets mean less than nothing only when they hold the digits: `2037.01 ($)` does not.
    let before_digits: String = number.chars().take_while(|character| !character.is_ascii_digit()).collect();
    let negative = before_digits.contains(['(', '-']) || trailing_minus;
    match plain.parse::<f64>() {
        Ok(value) => AmountCell::Amount { value: if negative { -value } else { value }, currency, ambiguous },
        Err(_) => AmountCell::Unreadable,
    }
}

/// Digits alone, or with a point and one or two decimals: what every style reads alike.
fn plain_amount(cell: &str) -> Option<f64> {
    let (whole, decimals) = cell.split_once('.').unwrap_or((cell, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(decimals) && decimals.len() <= 2).then(|| cell.parse().ok())?
}

/// Whether the marks before the decimal one cut groups of three digits (of two or three, as in `1,00,000`), the first
/// shorter.
fn groups_are_whole(marks: &str, decimal: Option<char>) -> bool {
    let whole = match decimal {
        Some(mark) => marks.rsplit_once(mark).map_or(marks, |(whole, _)| whole),
        None => marks,
    };
    let mut groups = whole.split([',', '.']);
    let first = groups.next().map_or(0, str::len);
    let rest: Vec<usize> = groups.map(str::len).collect();
    let last_is_three = rest.last().is_none_or(|length| *length == 3);
    rest.is_empty() || (first <= 3 && last_is_three && rest.iter().all(|length| (2..=3).contains(length)))
}

/// The currency a cell names by sign, code or word, and the cell without it. `None` when it has other words, or a
/// sign that several currencies share.
fn split_currency(text: &str) -> Option<(Option<Currency>, String)> {
    const SIGNS: [(char, &str); 4] = [('€', "EUR"), ('£', "GBP"), ('₩', "KRW"), ('₹', "INR")];
    const DOLLARS: [(&str, &str); 9] = [
        ("", "USD"),
        ("US", "USD"),
        ("R", "BRL"),
        ("C", "CAD"),
        ("CA", "CAD"),
        ("A", "AUD"),
        ("S", "SGD"),
        ("HK", "HKD"),
        ("NZ", "NZD"),
    ];
    const WORDS: [(&str, &str); 6] =
        [("EURO", "EUR"), ("EUROS", "EUR"), ("ZŁ", "PLN"), ("RS", "INR"), ("KČ", "CZK"), ("FT", "HUF")];
    let letters: String = text.chars().filter(|character| character.is_alphabetic()).collect();
    let upper = letters.to_uppercase();
    let without =
        |drop: &dyn Fn(char) -> bool| text.chars().filter(|character| !drop(*character)).collect::<String>();
    if upper == "E" && text.parse::<f64>().is_ok() {
        return Some((None, text.to_owned()));
    }
    for (sign, code) in SIGNS {
        if text.contains(sign) && (letters.is_empty() || upper == code) {
            return Some((
                code.parse().ok(),
                without(&|character| character == sign || character.is_alphabetic()),
            ));
        }
    }
    if text.contains('$') {
        let (_, code) = DOLLARS.iter().find(|(prefix, code)| upper == *prefix || upper == *code)?;
        return Some((
            code.parse().ok(),
            without(&|character| character == '$' || character.is_alphabetic()),
        ));
    }
    if letters.is_empty() {
        let shared_sign = text.contains(['¥', '￥']);
        return (!shared_sign).then(|| (None, text.to_owned()));
    }
    let named = WORDS.iter().find(|(word, _)| upper == *word).map(|(_, code)| *code);
    let code = named.or((upper.len() == 3 && upper.is_ascii()).then_some(upper.as_str()))?;
    Some((code.parse().ok(), without(&|character| character.is_alphabetic())))
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
    // Three digits behind it make a group, unless what stands before is too long for one, or nothing.
    (count == 1 && (after != 3 || last > 3 || last == 0)).then_some(mark)
}

fn digits_and_marks(text: &str) -> String {
    text.chars().filter(|character| character.is_ascii_digit() || matches!(character, ',' | '.')).collect()
}

/// A currency by its code or its common name.
pub(crate) fn named_currency(text: &str) -> Result<Currency, CurrencyError> {
    match fold(text).as_str() {
        "euro" | "euros" | "€" => "EUR".parse(),
        "usdollar" | "usdollars" | "dollar" | "dollars" | "$" => "USD".parse(),
        "pound" | "pounds" | "poundsterling" | "britishpound" => "GBP".parse(),
        _ => text.parse(),
    }
}

/// A plain number with a unit that does not matter (`42U`, `16GB`, `620 W`); `None` when there is no number.
pub(crate) fn plain_number(cell: &str) -> Option<f64> {
    let text = cell.trim();
    if is_placeholder(text) {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.parse::<f64>().ok().filter(|value| value.is_finite());
    }
    let number: String = text
        .chars()
        .take_while(|character| character.is_ascii_digit() || matches!(character, '.' | ',' | ' '))
        .filter(|character| !matches!(character, ',' | ' '))
        .collect();
    number.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A share between 0 and 1, written as `0.72`, `0,72`, `72%` or `72`; `percent` says that the column is in per cent.
pub(crate) fn share(cell: &str, percent: bool) -> Option<f64> {
    let number = cell.trim().trim_end_matches('%').trim();
    let value: f64 = number.replace(',', ".").parse().ok()?;
    let value = if percent || cell.contains('%') || value > 1.0 { value / 100.0 } else { value };
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
        assert_eq!(value("1234.-", &[]), "1234");
        assert_eq!(value("1.234,-", &["0,50"]), "1234");
        assert_eq!(value("\u{2212}1389", &[]), "-1389");
        assert_eq!(value("HK$ 1,500", &[]), "1500 HKD");
        assert_eq!(value("1389 zł", &[]), "1389 PLN");
        assert_eq!(value("1389 Euro", &[]), "1389 EUR");
        assert_eq!(value("0.725", &[]), "0.725");
        assert_eq!(value("1389.125", &[]), "1389.125");
        assert_eq!(value(".125", &[]), "0.125");
        assert_eq!(value("2037.01 ($)", &[]), "2037.01 USD");
        assert_eq!(value("Rs. 1,389.00", &[]), "1389 INR");
        assert_eq!(value("₹ 4,25,500/-", &[]), "425500 INR");
        assert_eq!(value("1,200/=", &["0.50"]), "1200");
        for cell in ["$1.2M", "¥138900", "1,2,3", "12.34.56", "Free"] {
            assert_eq!(value(cell, &[]), "Unreadable", "{cell}");
        }
        assert_eq!(value("call us", &[]), "Unreadable");
        assert_eq!(value("n/a", &[]), "Nothing");
    }

    #[test]
    fn a_lone_group_of_three_follows_its_column_or_is_marked() {
        assert_eq!(value("1.389", &["0,50", "12,75"]), "1389");
        assert_eq!(value("1.389", &["0.50"]), "1389 ?");
        assert_eq!(value("1.389", &["0.50", "0,50"]), "1389 ?");
        assert_eq!(value("1,389", &["0.50"]), "1389");
        assert_eq!(value("1.389", &[]), "1389 ?");
        assert_eq!(value("$1,389", &[]), "1389 USD");
    }

    #[test]
    fn shares_read_as_fraction_or_percent() {
        assert_eq!(share("0.72", false), Some(0.72));
        assert_eq!(share("0,5", false), Some(0.5));
        assert_eq!(share("72%", false), Some(0.72));
        assert_eq!(share("72", false), Some(0.72));
        assert_eq!(share("1", true), Some(0.01));
        assert_eq!(share("140%", false), None);
        assert_eq!(share("-5", false), None);
        assert_eq!(plain_number("16GB"), Some(16.0));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(cell in "\\PC{0,24}") {
            let _ = amount(&cell, AmountStyle::default());
            let _ = share(&cell, false);
        }
    }
}
