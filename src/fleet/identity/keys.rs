//! Keys by which two rows may be found to speak of one unit.
//!
//! In: a row. Out: its identifiers in the forms that systems give them. Two serial numbers that differ only in letters
//! that scanners mistake (O and 0, I and 1, B and 8, S and 5) share one form; tags lose the letters and zeros in front.

use super::super::Asset;
use super::super::words::fold;

/// The identifiers of one row, folded; empty where the row has none.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub serial: String,
    pub confused: String,
    pub tag: String,
    pub bare_tag: String,
    pub name: String,
    /// The longest word of the host name that holds a digit and has six characters or more.
    pub in_name: String,
}

impl Keys {
    pub(super) fn of(asset: &Asset) -> Keys {
        let folded = |text: &Option<String>| text.as_deref().map(fold).unwrap_or_default();
        let serial = folded(&asset.serial);
        Keys {
            confused: confused(&serial),
            serial,
            tag: folded(&asset.tag),
            bare_tag: asset.tag.as_deref().map(bare_tag).unwrap_or_default(),
            name: folded(&asset.name),
            in_name: asset.name.as_deref().map(identifier_in).unwrap_or_default(),
        }
    }
}

/// A serial number with the letters that are mistaken for digits written as those digits.
fn confused(serial: &str) -> String {
    serial
        .chars()
        .map(|character| match character {
            'o' => '0',
            'i' => '1',
            'b' => '8',
            's' => '5',
            other => other,
        })
        .collect()
}

/// A tag without the letters and zeros in front, which systems add and drop: `DC-004417` and `DC-4417` are one.
pub(super) fn bare_tag(tag: &str) -> String {
    let folded = fold(tag);
    let bare = folded.trim_start_matches(|character: char| character.is_alphabetic() || character == '0');
    if bare.is_empty() { folded } else { bare.to_owned() }
}

/// `7xk2lm3` of `LT-7XK2LM3`.
fn identifier_in(name: &str) -> String {
    let words = name.split(['-', '_', '.', ' ']).map(fold);
    words
        .filter(|word| word.len() >= 6 && word.bytes().any(|byte| byte.is_ascii_digit()))
        .max_by_key(String::len)
        .unwrap_or_default()
}

/// Whether one substitution, insertion, deletion or swap of neighbours turns one text into the other.
pub(super) fn one_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same_start = one.iter().zip(&other).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[same_start..], &other[same_start..]);
    let same_end = one.iter().rev().zip(other.iter().rev()).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[..one.len() - same_end], &other[..other.len() - same_end]);
    match (one, other) {
        ([_], [_]) | ([_], []) | ([], [_]) => true,
        ([first, second], [third, fourth]) => first == fourth && second == third,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_one_typing_error_and_no_more() {
        for other in ["7xk2lm4", "7xk2lm", "7xk22lm3", "7kx2lm3"] {
            assert!(one_slip("7xk2lm3", other), "{other}");
        }
        for other in ["7xk2lm3", "7xk2l44", "xk2lm", "3ml2kx7"] {
            assert!(!one_slip("7xk2lm3", other), "{other}");
        }
    }

    #[test]
    fn forms_of_one_identifier_meet() {
        assert_eq!(confused("5o1b"), confused("s0i8"));
        assert_eq!(bare_tag("DC-004417"), bare_tag("dc-4417"));
        assert_eq!(identifier_in("LT-7XK2LM3"), "7xk2lm3");
    }
}
