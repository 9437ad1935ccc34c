//! What the words of a register mean: placeholders, states, ownership, classes.
//!
//! In: `data/profiles/words.toml`, built into the binary. Out: look-ups by the folded form of a cell (no case,
//! accents, spaces or punctuation), in five languages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Ownership, Status};
use crate::catalog::AssetClass;

#[derive(Deserialize)]
struct WordFile {
    placeholders: Vec<String>,
    serial_labels: Vec<String>,
    status: BTreeMap<String, Vec<String>>,
    ownership: BTreeMap<String, Vec<String>>,
    class: BTreeMap<String, Vec<String>>,
}

struct Words {
    placeholders: HashSet<String>,
    /// By the first byte of the folded word, which lengths placeholders have: bit n for n bytes.
    placeholder_lengths: Box<[u64; 256]>,
    serial_labels: HashSet<String>,
    status: HashMap<String, String>,
    ownership: HashMap<String, Ownership>,
    class: HashMap<String, AssetClass>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: WordFile = toml::from_str(include_str!("../../data/profiles/words.toml"))
        .expect("data/profiles/words.toml is checked by a test");
    let invert = |map: BTreeMap<String, Vec<String>>| -> HashMap<String, String> {
        map.into_iter()
            .flat_map(|(meaning, words)| words.into_iter().map(move |word| (fold(&word), meaning.clone())))
            .collect()
    };
    let ownership = invert(file.ownership)
        .into_iter()
        .map(|(word, meaning)| {
            let ownership = match meaning.as_str() {
                "owned" => Ownership::Owned,
                "leased" => Ownership::Leased,
                _ => Ownership::Personal,
            };
            (word, ownership)
        })
        .collect();
    let class = invert(file.class)
        .into_iter()
        .map(|(word, meaning)| (word, AssetClass::from_name(&meaning).unwrap_or(AssetClass::Other)))
        .collect();
    let placeholders: HashSet<String> = file.placeholders.iter().map(|word| fold(word)).collect();
    let mut placeholder_lengths = Box::new([0_u64; 256]);
    for word in &placeholders {
        if let Some(first) = word.bytes().next() {
            placeholder_lengths[usize::from(first)] |= 1 << word.len().min(63);
        }
    }
    Words {
        placeholders,
        placeholder_lengths,
        serial_labels: file.serial_labels.iter().map(|word| fold(word)).collect(),
        status: invert(file.status),
        ownership,
        class,
    }
});

/// Lower case, accents removed, letters and digits only.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    if text.is_ascii() {
        folded.extend(text.bytes().filter_map(folded_ascii).map(char::from));
        return folded;
    }
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'í' | 'ì' | 'î' | 'ï' => folded.push('i'),
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => folded.push('u'),
            'ç' => folded.push('c'),
            'ñ' => folded.push('n'),
            'ß' => folded.push_str("ss"),
            '#' => folded.push('#'),
            '?' => folded.push('?'),
            other if other.is_alphanumeric() => folded.push(other),
            _ => {}
        }
    }
    folded
}

/// What an ASCII character becomes when folded; `None` when it is dropped.
fn folded_ascii(byte: u8) -> Option<u8> {
    (byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'?')).then(|| byte.to_ascii_lowercase())
}

/// Whether an ASCII text folds to nothing or to the first letter and length of some placeholder. Nearly every cell
/// is ruled out here, without folding it.
fn may_be_placeholder(text: &str) -> bool {
    let mut folded = text.bytes().filter_map(folded_ascii);
    let Some(first) = folded.next() else { return true };
    let lengths = WORDS.placeholder_lengths[usize::from(first)];
    lengths != 0 && (lengths >> (1 + folded.take(62).count())) & 1 == 1
}

/// Whether a cell holds nothing: blank, dashes, or a word that stands for "not known".
pub(super) fn is_placeholder(cell: &str) -> bool {
    let trimmed = cell.trim().trim_start_matches('`');
    if trimmed.is_ascii() && !may_be_placeholder(trimmed) {
        return false;
    }
    let folded = fold(trimmed);
    folded.is_empty() || WORDS.placeholders.contains(&folded)
}

/// A text cell, without surrounding space; `None` for a placeholder.
pub(super) fn text(cell: &str) -> Option<String> {
    let trimmed = cell.trim();
    (!is_placeholder(trimmed)).then(|| trimmed.to_owned())
}

/// A serial number: upper case, inner spaces and a leading `S/N:` removed. `None` for what identifies nothing:
/// placeholders, fewer than four characters, one character repeated, words (no digit, unless seven or more capitals in one
/// piece, as makers write), a run such as `123456`, and numbers that a spreadsheet rounded (`6.37702E+15`).
pub(super) fn serial(cell: &str) -> Option<String> {
    let trimmed = text(cell)?;
    let upper = trimmed.to_uppercase();
    let bare = ["S/N:", "S/N", "SN:"].iter().find_map(|prefix| upper.strip_prefix(prefix)).unwrap_or(&upper);
    let squeezed: String = bare.chars().filter(|character| !character.is_whitespace()).collect();
    let core: Vec<char> = squeezed.chars().filter(|character| character.is_alphanumeric()).collect();
    let repeated = core.iter().all(|character| Some(character) == core.first());
    let digits: Vec<u32> = core.iter().filter_map(|character| character.to_digit(10)).collect();
    let run = !digits.is_empty()
        && digits.len() == core.len()
        && digits.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 10);
    let rounded = squeezed.contains("E+") && squeezed.replace(',', ".").parse::<f64>().is_ok();
    let service_tag = core.len() >= 7 && core.iter().all(char::is_ascii_uppercase) && trimmed == squeezed;
    let is_word = digits.is_empty() && !service_tag;
    let is_label = WORDS.serial_labels.contains(&fold(&trimmed));
    let identifies = !is_label && core.len() >= 4 && !repeated && !is_word && !run && !rounded;
    identifies.then_some(squeezed)
}

/// An asset tag as written, placeholders and bare zeros removed.
pub(super) fn tag(cell: &str) -> Option<String> {
    text(cell).filter(|tag| tag.chars().any(|character| character != '0'))
}

/// Whether a cell begins a line of sums.
pub(super) fn is_total(cell: &str) -> bool {
    let first: String = cell.chars().take_while(|character| character.is_alphabetic()).collect();
    ["total", "totals", "sum", "summe", "suma", "soma", "totaux", "gesamt", "subtotal", "grandtotal"]
        .contains(&fold(&first).as_str())
}

/// A state, and whether it says that a legal hold is on.
pub(super) fn status(cell: &str) -> Option<(Status, bool)> {
    let folded = fold(cell);
    let lookup = |word: &str| WORDS.status.get(word).map(String::as_str);
    let (before, inside) = cell.split_once('(').unwrap_or((cell, ""));
    let meaning = lookup(&folded)
        .or_else(|| lookup(&fold(before)))
        .or_else(|| lookup(&fold(inside.trim_end_matches(')'))))?;
    Some(match meaning {
        "in_use" => (Status::InUse, false),
        "in_stock" => (Status::InStock, false),
        "in_repair" => (Status::InRepair, false),
        "retiring" => (Status::Retiring, false),
        "gone" => (Status::Gone, false),
        "missing" => (Status::Missing, false),
        "on_order" => (Status::OnOrder, false),
        _ => (Status::Unknown, true),
    })
}

/// Who owns it, by the register's word.
pub(super) fn ownership(cell: &str) -> Option<Ownership> {
    WORDS.ownership.get(&fold(cell)).copied()
}

/// The class a word stands for.
pub(super) fn class(cell: &str) -> Option<AssetClass> {
    WORDS.class.get(&fold(cell)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_file_has_a_meaning() {
        assert_eq!(status("Em uso"), Some((Status::InUse, false)));
        assert_eq!(status("Ready to Deploy (deployed)"), Some((Status::InUse, false)));
        assert_eq!(status("Legal hold"), Some((Status::Unknown, true)));
        assert_eq!(status("Perdu"), Some((Status::Missing, false)));
        assert_eq!(ownership("Leased"), Some(Ownership::Leased));
        assert_eq!(class("Personal Computer "), Some(AssetClass::Desktop));
        let file: WordFile = toml::from_str(include_str!("../../data/profiles/words.toml")).unwrap();
        for word in file.status.values().chain(file.ownership.values()).chain(file.class.values()).flatten() {
            assert!(!is_placeholder(word), "`{word}` has a meaning and is a placeholder");
        }
        for name in file.class.keys() {
            assert!(AssetClass::from_name(name).is_some(), "{name} is no class");
        }
    }

    #[test]
    fn placeholders_are_nothing() {
        for cell in ["", "  ", "--", "—", "N/A", "To Be Filled By O.E.M.", "INEXISTENTE", "unnamed device"]
        {
            assert!(is_placeholder(cell), "{cell}");
        }
        assert!(!is_placeholder("R740"));
    }

    proptest::proptest! {
        #[test]
        fn the_quick_tests_say_what_the_slow_ones_do(cell in "[ -~]{0,12}|(N/?A|none|Unknown|to be filled by o.e.m.| ){1,3}|\\PC{0,8}") {
            let slow: String = cell
                .chars()
                .flat_map(char::to_lowercase)
                .filter(|character| character.is_ascii_alphanumeric() || matches!(character, '#' | '?'))
                .collect();
            if cell.is_ascii() {
                proptest::prop_assert_eq!(&fold(&cell), &slow);
            }
            let folded = fold(cell.trim().trim_start_matches('`'));
            proptest::prop_assert_eq!(
                is_placeholder(&cell),
                folded.is_empty() || WORDS.placeholders.contains(&folded)
            );
        }
    }

    #[test]
    fn serials_that_identify_nothing_are_dropped() {
        assert_eq!(serial(" s512345x3c01234 "), Some("S512345X3C01234".into()));
        assert_eq!(serial("S/N: 7XK2LM3"), Some("7XK2LM3".into()));
        assert_eq!(serial("CYTKZMH"), Some("CYTKZMH".into()));
        assert_eq!(serial("PFQBXQDF"), Some("PFQBXQDF".into()));
        for cell in [
            "Various",
            "0",
            "0000",
            "6.37702E+15",
            "6,37702E+15",
            "N/A",
            "-----",
            "0000-0000",
            "12",
            "123456789",
            "keine",
            "SN",
            "Base Board Serial Number",
            "XXXX",
            "none",
            "see label",
        ] {
            assert_eq!(serial(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_tag_is_kept_as_written() {
        assert_eq!(tag(" lt 22 "), Some("lt 22".into()));
        assert_eq!(tag("11"), Some("11".into()));
        assert_eq!(tag("A"), Some("A".into()));
        assert_eq!(tag("000"), None);
    }
}
