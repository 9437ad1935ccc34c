//! What the words of a register mean: placeholders, states, ownership, classes.
//!
//! In: `data/profiles/words.toml`, built into the binary. Out: look-ups by the folded form of a cell (no case,
//! accents, spaces or punctuation), in five languages.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Ownership, Status};
use crate::catalog::AssetClass;

/// Lists of words as a file gives them: meaning → words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WordLists {
    pub placeholders: Vec<String>,
    pub serial_labels: Vec<String>,
    pub status: BTreeMap<String, Vec<String>>,
    pub ownership: BTreeMap<String, Vec<String>>,
    pub class: BTreeMap<String, Vec<String>>,
}

/// What a word in a column of states means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusWord {
    Is(Status),
    LegalHold,
}

/// What a word in a column of classes means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassWord {
    Is(AssetClass),
    /// A word of the system that tells no class.
    Nothing,
    /// A row of this class is no piece of hardware.
    NotHardware,
}

/// The words of one system, or those common to all.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    placeholders: HashSet<String>,
    serial_labels: HashSet<String>,
    status: HashMap<String, StatusWord>,
    ownership: HashMap<String, Ownership>,
    class: HashMap<String, ClassWord>,
}

/// A meaning that is none: the key it stands under and those there are.
#[derive(Debug)]
pub(super) struct UnknownMeaning {
    pub key: String,
    pub known: String,
}

impl Vocabulary {
    /// Checks the lists and turns them around: folded word → meaning.
    pub(super) fn new(lists: &WordLists) -> Result<Vocabulary, UnknownMeaning> {
        let all_folded = |words: &[String]| words.iter().map(|word| fold(word)).collect();
        Ok(Vocabulary {
            placeholders: all_folded(&lists.placeholders),
            serial_labels: all_folded(&lists.serial_labels),
            status: inverted("status", &lists.status, &STATUS_MEANINGS)?,
            ownership: inverted("ownership", &lists.ownership, &OWNERSHIP_MEANINGS)?,
            class: inverted("class", &lists.class, &class_meanings())?,
        })
    }

    /// Adds the words of another list; where both have one, the other's meaning counts.
    pub(super) fn extend(&mut self, over: Vocabulary) {
        self.placeholders.extend(over.placeholders);
        self.serial_labels.extend(over.serial_labels);
        self.status.extend(over.status);
        self.ownership.extend(over.ownership);
        self.class.extend(over.class);
    }

    /// Whether this system writes the cell for "nothing".
    pub(super) fn is_placeholder(&self, cell: &str) -> bool {
        !self.placeholders.is_empty() && self.placeholders.contains(&fold(cell))
    }

    /// A state, and whether it says that a legal hold is on. A system that writes its own label and behind it the
    /// meaning, `Kiste 3 (archived)`, is read by what stands in brackets.
    pub(super) fn status(&self, cell: &str, brackets_first: bool) -> Option<(Status, bool)> {
        let (before, inside) = cell.rsplit_once('(').unwrap_or((cell, ""));
        let (whole, before, inside) = (fold(cell), fold(before), fold(inside.trim_end_matches(')')));
        let words = [&self.status, &WORDS.status];
        // A label that says more than "in use or in stock" is not overruled: `Lost (archived)` is lost.
        let tells = |word: &StatusWord| {
            !matches!(word, StatusWord::Is(Status::InUse | Status::InStock | Status::Unknown))
        };
        let label_tells = words.iter().find_map(|list| list.get(&before)).is_some_and(tells);
        let brackets_lead = brackets_first && !label_tells;
        let order = if brackets_lead { [&inside, &whole, &before] } else { [&whole, &before, &inside] };
        let found = order.iter().find_map(|form| words.iter().find_map(|list| list.get(*form)))?;
        Some(match found {
            StatusWord::Is(status) => (*status, false),
            StatusWord::LegalHold => (Status::Unknown, true),
        })
    }

    /// Who owns it, by the register's word.
    pub(super) fn ownership(&self, cell: &str) -> Option<Ownership> {
        let folded = fold(cell);
        self.ownership.get(&folded).or_else(|| WORDS.ownership.get(&folded)).copied()
    }

    /// The class a word stands for.
    pub(super) fn class(&self, cell: &str) -> Option<ClassWord> {
        let folded = fold(cell);
        let listed = self.class.get(&folded).or_else(|| WORDS.class.get(&folded)).copied();
        listed.or_else(|| AssetClass::from_name(cell.trim()).map(ClassWord::Is))
    }
}

const STATUS_MEANINGS: [(&str, StatusWord); 9] = [
    ("in_use", StatusWord::Is(Status::InUse)),
    ("in_stock", StatusWord::Is(Status::InStock)),
    ("in_repair", StatusWord::Is(Status::InRepair)),
    ("retiring", StatusWord::Is(Status::Retiring)),
    ("gone", StatusWord::Is(Status::Gone)),
    ("missing", StatusWord::Is(Status::Missing)),
    ("on_order", StatusWord::Is(Status::OnOrder)),
    ("nothing", StatusWord::Is(Status::Unknown)),
    ("legal_hold", StatusWord::LegalHold),
];

const OWNERSHIP_MEANINGS: [(&str, Ownership); 4] = [
    ("owned", Ownership::Owned),
    ("leased", Ownership::Leased),
    ("personal", Ownership::Personal),
    ("nothing", Ownership::Unknown),
];

fn class_meanings() -> Vec<(&'static str, ClassWord)> {
    let classes = AssetClass::ALL.into_iter().map(|class| (class.name(), ClassWord::Is(class)));
    classes.chain([("nothing", ClassWord::Nothing), ("not_hardware", ClassWord::NotHardware)]).collect()
}

fn inverted<M: Copy>(
    kind: &str,
    lists: &BTreeMap<String, Vec<String>>,
    meanings: &[(&str, M)],
) -> Result<HashMap<String, M>, UnknownMeaning> {
    let mut words = HashMap::new();
    for (name, list) in lists {
        let Some((_, meaning)) = meanings.iter().find(|(known, _)| known == name) else {
            let known: Vec<&str> = meanings.iter().map(|(known, _)| *known).collect();
            return Err(UnknownMeaning { key: format!("{kind}.{name}"), known: known.join(", ") });
        };
        words.extend(list.iter().map(|word| (fold(word), *meaning)));
    }
    Ok(words)
}

/// The words common to all systems.
static WORDS: LazyLock<Vocabulary> = LazyLock::new(|| {
    let lists: WordLists = toml::from_str(include_str!("../../data/profiles/words.toml"))
        .expect("data/profiles/words.toml is checked by a test");
    Vocabulary::new(&lists).expect("data/profiles/words.toml is checked by a test")
});

/// By the first byte of the folded word, which lengths placeholders have: bit n for n bytes.
static PLACEHOLDER_LENGTHS: LazyLock<[u64; 256]> = LazyLock::new(|| {
    let mut lengths = [0_u64; 256];
    for word in &WORDS.placeholders {
        if let Some(first) = word.bytes().next() {
            lengths[usize::from(first)] |= 1 << word.len().min(63);
        }
    }
    lengths
});

/// Lower case, accents removed, letters and digits only.
pub(crate) fn fold(text: &str) -> String {
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
    let lengths = PLACEHOLDER_LENGTHS[usize::from(first)];
    lengths != 0 && (lengths >> (1 + folded.take(62).count())) & 1 == 1
}

/// Whether a cell holds nothing: blank, dashes, or a word that stands for "not known".
pub(crate) fn is_placeholder(cell: &str) -> bool {
    let trimmed = cell.trim();
    if trimmed.is_ascii() && !may_be_placeholder(trimmed) {
        return false;
    }
    let folded = fold(trimmed);
    folded.is_empty() || WORDS.placeholders.contains(&folded)
}

/// A text cell, without surrounding space and escapes; `None` for a placeholder and for an e-mail address, which is a
/// person and no property of a machine.
pub(crate) fn text(cell: &str) -> Option<String> {
    let bare = without_escape(cell.trim());
    (!is_placeholder(bare) && !holds_mail_address(bare)).then(|| bare.to_owned())
}

/// A cell without what keeps a spreadsheet from taking it for a formula: a backtick or an apostrophe before a sign, or
/// `="00123"` around a number.
pub(crate) fn without_escape(cell: &str) -> &str {
    if let Some(quoted) = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        return quoted.trim();
    }
    match cell.strip_prefix(['`', '\'']) {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        // An apostrophe before a digit keeps a spreadsheet from dropping the zeros: '00123.
        Some(rest) if cell.starts_with('\'') && rest.starts_with(|first: char| first.is_ascii_digit()) => {
            rest
        }
        _ => cell,
    }
}

/// Whether a word of the text is an e-mail address or a user's principal name.
pub(super) fn holds_mail_address(text: &str) -> bool {
    text.contains('@')
        && text.split(|character: char| character.is_whitespace() || "<>(),;".contains(character)).any(
            |word| {
                word.split_once('@').is_some_and(|(user, host)| {
                    !user.is_empty()
                        && host.split_once('.').is_some_and(|(name, end)| !name.is_empty() && end.len() >= 2)
                })
            },
        )
}

/// Whether a spreadsheet rounded an identifier for good: `6.37702E+15`.
pub(super) fn is_rounded_number(cell: &str) -> bool {
    if !cell.contains('+') {
        return false;
    }
    let upper = cell.trim().to_uppercase();
    upper.contains("E+") && upper.replace(',', ".").parse::<f64>().is_ok()
}

/// A serial number: upper case, inner spaces and a leading `S/N:` removed. `None` for what identifies nothing:
/// placeholders, fewer than four characters, one character repeated, words (no digit, unless seven or more capitals in one
/// piece, as makers write), a run such as `123456`, and numbers that a spreadsheet rounded (`6.37702E+15`).
pub(crate) fn serial(cell: &str) -> Option<String> {
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
    let service_tag = core.len() >= 7 && core.iter().all(char::is_ascii_uppercase) && trimmed == squeezed;
    let is_word = digits.is_empty() && !service_tag;
    let folded = fold(&trimmed);
    // Auditors number what bears no label: NOTAG-0007.
    let stands_in = ["notag", "noserial", "nosn"].iter().any(|start| folded.starts_with(start));
    let is_label = stands_in || WORDS.serial_labels.contains(&folded);
    let identifies =
        !is_label && core.len() >= 4 && !repeated && !is_word && !run && !is_rounded_number(&squeezed);
    identifies.then_some(squeezed)
}

/// An asset tag as written; placeholders, bare zeros and numbers that a spreadsheet rounded removed.
pub(crate) fn tag(cell: &str) -> Option<String> {
    text(cell).filter(|tag| tag.chars().any(|character| character != '0') && !is_rounded_number(tag))
}

/// Whether a cell begins a line of sums.
pub(crate) fn is_total(cell: &str) -> bool {
    let first: String = cell.chars().take_while(|character| character.is_alphabetic()).collect();
    let whole = fold(cell);
    let sums = [
        "total",
        "totals",
        "sum",
        "summe",
        "suma",
        "soma",
        "totaux",
        "totale",
        "totaal",
        "gesamt",
        "gesamtsumme",
        "subtotal",
    ];
    let starts =
        ["grandtotal", "subtotal", "zwischensumme", "endofreport", "generatedon", "printedby", "reportdate"];
    let page = (whole.starts_with("page") || whole.starts_with("seite"))
        && whole.ends_with(|last: char| last.is_ascii_digit());
    sums.contains(&fold(&first).as_str())
        || starts.iter().any(|start| whole.starts_with(start))
        || (page && cell.contains(' '))
}

/// Yes or no in five languages.
pub(super) fn yes_no(cell: &str) -> Option<bool> {
    match fold(cell).as_str() {
        "yes" | "true" | "1" | "y" | "ja" | "oui" | "si" | "sim" => Some(true),
        "no" | "false" | "0" | "n" | "nein" | "non" | "nao" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_file_has_a_meaning() {
        let common = Vocabulary::default();
        let status = |cell| common.status(cell, false);
        assert_eq!(status("Em uso"), Some((Status::InUse, false)));
        assert_eq!(status("Ready to Deploy (deployed)"), Some((Status::InUse, false)));
        for brackets_first in [true, false] {
            let behind = |cell| common.status(cell, brackets_first).map(|(status, _)| status);
            assert_eq!(behind("Disposed (archived)"), Some(Status::Gone));
            assert_eq!(behind("Lost/Stolen (undeployable)"), Some(Status::Missing));
        }
        assert_eq!(status("Legal hold"), Some((Status::Unknown, true)));
        assert_eq!(status("Perdu"), Some((Status::Missing, false)));
        assert_eq!(common.ownership("Leased"), Some(Ownership::Leased));
        assert_eq!(common.class("Personal Computer "), Some(ClassWord::Is(AssetClass::Desktop)));
        let lists: WordLists = toml::from_str(include_str!("../../data/profiles/words.toml")).unwrap();
        Vocabulary::new(&lists).unwrap();
        for kind in [&lists.status, &lists.ownership, &lists.class] {
            let mut meanings: HashMap<String, &String> = HashMap::new();
            for (meaning, words) in kind {
                for word in words {
                    assert!(!is_placeholder(word), "`{word}` has a meaning and is a placeholder");
                    let other = meanings.insert(fold(word), meaning);
                    assert!(other.is_none_or(|other| other == meaning), "`{word}` has two meanings");
                }
            }
        }
    }

    #[test]
    fn a_system_s_own_word_goes_before_the_common_one() {
        let lists: WordLists = toml::from_str("[status]\nin_use = [\"2\"]\nnothing = [\"new\"]").unwrap();
        let own = Vocabulary::new(&lists).unwrap();
        assert_eq!(own.status("2", false), Some((Status::InUse, false)));
        assert_eq!(own.status("New", false), Some((Status::Unknown, false)));
        assert_eq!(own.status("Archived", false), Some((Status::Retiring, false)));
        assert_eq!(own.status("In use (archived)", true), Some((Status::Retiring, false)));
        assert_eq!(own.status("Lost (archived)", true), Some((Status::Missing, false)));
        let wrong: WordLists = toml::from_str("[status]\nasleep = [\"zzz\"]").unwrap();
        assert_eq!(Vocabulary::new(&wrong).unwrap_err().key, "status.asleep");
    }

    #[test]
    fn escapes_fall_and_addresses_of_persons_are_no_text() {
        assert_eq!(text("`=2+2"), Some("=2+2".into()));
        assert_eq!(text("'-5"), Some("-5".into()));
        assert_eq!(text("=\"00123\""), Some("00123".into()));
        assert_eq!(text("'quoted'"), Some("'quoted'".into()));
        assert_eq!(text("ada@example.com"), None);
        assert_eq!(text("Ada <ada@example.com>"), None);
        assert_eq!(text("8x 3.5in @ 7.2k"), Some("8x 3.5in @ 7.2k".into()));
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
        assert_eq!(serial("'00765431"), Some("00765431".into()));
        assert_eq!(serial("=\"00765432\""), Some("00765432".into()));
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
            "NOTAG-0007",
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
        assert_eq!(tag("6.37702E+15"), None);
    }
}
