//! Keys by which two rows may be found to speak of one unit.
//!
//! In: a row. Out: its identifiers in the forms that systems give them, each as a 64-bit hash, so that a million rows cost
//! 72 MB. Two serial numbers that differ only in letters that scanners mistake (O and 0, I and 1, B and 8, S and 5) share
//! one form; tags lose the letters and zeros in front. A hash that two different texts share would be a false key once in
//! about 10⁷ fleets of a million rows (n² / 2⁶⁵).

use std::hash::{Hash, Hasher};

use super::super::Asset;
use super::super::words::fold;

/// The identifiers of one row; 0 where the row has none.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Keys {
    pub serial: u64,
    pub confused: u64,
    pub tag: u64,
    pub bare_tag: u64,
    pub name: u64,
    /// The longest word of the host name that holds a digit and has six characters or more.
    pub in_name: u64,
    /// Model with the day or cost of its purchase or its place: all that rows without identifiers have in common.
    pub model_and_day: u64,
    pub model_and_cost: u64,
    pub model_and_place: u64,
}

impl Keys {
    pub(super) fn of(asset: &Asset) -> Keys {
        let serial = asset.serial.as_deref().map(fold).unwrap_or_default();
        let model = asset.model.as_deref().map(telling_word).unwrap_or_default();
        let with_model = |what: String| if model.is_empty() { 0 } else { key_of(&format!("{model}|{what}")) };
        Keys {
            confused: key_of(&confused(&serial)),
            serial: key_of(&serial),
            tag: asset.tag.as_deref().map(|tag| key_of(&fold(tag))).unwrap_or_default(),
            bare_tag: asset.tag.as_deref().map(|tag| key_of(&bare_tag(tag))).unwrap_or_default(),
            name: asset.name.as_deref().map(|name| key_of(&fold(name))).unwrap_or_default(),
            in_name: asset.name.as_deref().map(|name| key_of(&identifier_in(name))).unwrap_or_default(),
            model_and_day: asset.acquired().map_or(0, |date| with_model(date.date.to_string())),
            model_and_place: asset.location.as_deref().map_or(0, |place| {
                with_model(format!("{}|{}", fold(asset.site.as_deref().unwrap_or("")), fold(place)))
            }),
            model_and_cost: asset.purchase_cost.map_or(0, |(cost, _)| with_model(format!("{cost:.0}"))),
        }
    }
}

/// The hash of a key; 0 for none. The same in every run.
pub(super) fn key_of(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
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

/// The longest word of a model that holds a digit, else the whole: `5430` of `Dell Latitude 5430 14"`.
fn telling_word(model: &str) -> String {
    let words = model.split_whitespace().map(fold);
    let told = words.filter(|word| word.len() > 2 && word.bytes().any(|byte| byte.is_ascii_digit()));
    told.max_by_key(String::len).unwrap_or_else(|| fold(model))
}

/// How two serial numbers differ by one typing error, if they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// One character put in, left out or swapped with its neighbour, or one replaced before the last two.
    Typing,
    /// One of the last two characters is another: as likely the next unit of one delivery.
    InSeries,
}

/// Whether one substitution, insertion, deletion or swap of neighbours turns one text into the other.
pub(super) fn one_slip(one: &str, other: &str) -> Option<Slip> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same_start = one.iter().zip(&other).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[same_start..], &other[same_start..]);
    let same_end = one.iter().rev().zip(other.iter().rev()).take_while(|(left, right)| left == right).count();
    let (one, other) = (&one[..one.len() - same_end], &other[..other.len() - same_end]);
    match (one, other) {
        ([_], [_]) if same_end < 2 => Some(Slip::InSeries),
        ([_] | [], [_]) | ([_], []) => Some(Slip::Typing),
        ([first, second], [third, fourth]) if first == fourth && second == third => Some(Slip::Typing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_one_typing_error_and_no_more() {
        for other in ["7xk3lm3", "7xk2lm", "7xk22lm3", "7kx2lm3"] {
            assert_eq!(one_slip("7xk2lm3", other), Some(Slip::Typing), "{other}");
        }
        assert_eq!(one_slip("7xk2lm3", "7xk2lm4"), Some(Slip::InSeries));
        for other in ["7xk2lm3", "7xk2l44", "xk2lm", "3ml2kx7"] {
            assert_eq!(one_slip("7xk2lm3", other), None, "{other}");
        }
    }

    #[test]
    fn forms_of_one_identifier_meet() {
        assert_eq!(confused("5o1b"), confused("s0i8"));
        assert_eq!(bare_tag("DC-004417"), bare_tag("dc-4417"));
        assert_eq!(identifier_in("LT-7XK2LM3"), "7xk2lm3");
        assert_eq!(telling_word("Dell Latitude 5430 14\""), "5430");
        assert_eq!(telling_word("PowerEdge R750"), "r750");
    }
}
