//! What the cells of a column look like, where its header could mean two things.
//!
//! In: the cells of a column. Out: whether most of them are serial numbers, names of persons, or what the caller asks.

use super::words::{is_placeholder, serial};

/// Whether so many tenths of a column's filled cells pass a test; a column without any does not.
pub(super) fn mostly<'a>(
    cells: impl Iterator<Item = &'a str>,
    tenths: usize,
    passes: impl Fn(&str) -> bool,
) -> bool {
    let (mut filled, mut found) = (0_usize, 0_usize);
    for cell in cells.filter(|cell| !is_placeholder(cell)) {
        filled += 1;
        found += usize::from(passes(cell));
    }
    filled > 0 && found * 10 >= filled * tenths
}

/// Whether most cells of a column are serial numbers with letters and digits, as no count of rows is.
pub(super) fn are_serials<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    mostly(cells, 8, |cell| serial(cell).is_some_and(|text| text.contains(char::is_alphabetic)))
}

/// Whether most cells of a column are two or three names and no words of the trade.
pub(super) fn are_persons<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    mostly(cells, 7, is_persons_name)
}

/// `Ada Example`, `Example, Ada`: two to four words of letters, each with one capital.
fn is_persons_name(cell: &str) -> bool {
    const TRADE: [&str; 40] = [
        "mac",
        "mini",
        "dell",
        "lenovo",
        "monitor",
        "laptop",
        "desktop",
        "server",
        "switch",
        "printer",
        "surface",
        "tablet",
        "phone",
        "galaxy",
        "pixel",
        "air",
        "pro",
        "gpu",
        "node",
        "dock",
        "docking",
        "station",
        "display",
        "keyboard",
        "mouse",
        "router",
        "firewall",
        "storage",
        "rack",
        "spare",
        "room",
        "test",
        "front",
        "desk",
        "reception",
        "kiosk",
        "meeting",
        "projector",
        "camera",
        "headset",
    ];
    let words: Vec<&str> = cell.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    let is_name = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && word.chars().count() >= 2
            && letters.all(|letter| letter.is_lowercase() || letter == '\'')
            && !TRADE.contains(&word.to_lowercase().as_str())
    };
    (2..=4).contains(&words.len()) && words.iter().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_told_from_row_numbers_by_their_letters() {
        assert!(are_serials(["8XQ2LN1", "CZ9934ABCE", ""].into_iter()));
        assert!(!are_serials(["1", "2", "1003", "1004"].into_iter()));
        assert!(!are_serials([].into_iter()));
    }

    #[test]
    fn a_column_of_names_is_one_of_persons() {
        let of_names = |cells: &[&str]| are_persons(cells.iter().copied());
        assert!(of_names(&["Ada Example", "Example, Grace", "Jean-Luc O'brien", ""]));
        assert!(!of_names(&["Mac Mini", "LT-7XK2LM3", "MacBook Pro", "Dell Monitor"]));
        assert!(!of_names(&[]));
    }
}
