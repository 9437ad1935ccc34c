//! How many units a line of a bare list is about, wherever people write it.
//!
//! In: a line such as `12 x Latitude 5420`, `Latitude 5420 - 12 units`, `qty 12 Latitude 5420`. Out: the count and the line without
//! it; or that a number may be a count as well as part of a name.

use crate::fleet::holds::{Held, size_gb};
use crate::fleet::notes::{is_count_word, is_unit_word};

/// `12 x name`, `12x name`, `12 pcs name` as a count and the rest.
pub(super) fn counted(line: &str) -> Option<(u32, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let count = line[..digits].parse().ok()?;
    let rest = line[digits..].trim_start();
    const MARKS: [&str; 10] = ["x ", "X ", "× ", "×", "* ", "pcs ", "pc ", "units ", "ea ", "stk "];
    let rest = MARKS.iter().find_map(|mark| rest.strip_prefix(mark))?.trim();
    (!rest.is_empty()).then_some((count, rest))
}

/// From this number on what stands before `PC` is the model of one: an OptiPlex 390 PC.
const LEAST_MODEL: u32 = 100;

fn is_count(word: &str) -> bool {
    is_count_word(word) || word.eq_ignore_ascii_case("count")
}

fn is_unit(word: &str) -> bool {
    is_unit_word(word) || word.eq_ignore_ascii_case("unit")
}

/// `4 HPE DL380 G10` as a number and the rest, where no unit of measure makes the number part of a name (`16 GB`, `24 port`).
pub(super) fn bare_number(line: &str) -> Option<(u32, &str)> {
    const MEASURES: [&str; 14] =
        ["bay", "core", "gb", "ghz", "in", "inch", "mb", "mhz", "port", "tb", "u", "v", "w", "x"];
    let (number, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    let word: String =
        rest.chars().take_while(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
    let measures = MEASURES.contains(&word.as_str()) || MEASURES.contains(&word.trim_end_matches('s'));
    let begins_name = word.starts_with(char::is_alphabetic) && !measures;
    number.parse().ok().filter(|count| *count > 0 && begins_name).map(|count| (count, rest))
}

/// Whether a number that is as likely part of a name stands before a word for units: `OptiPlex 3070 units`.
pub(super) fn ends_like_a_count(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let names = |word: &str| !word.ends_with([',', ';', ':', '-', '–', '(']);
    words.windows(3).any(|three| {
        let number = three[1].parse::<u32>();
        names(three[0])
            && number.is_ok_and(|number| number >= 1000)
            && is_unit(three[2].trim_matches([',', '.']))
    })
}

/// Whether a count with its unit begins a piece that is about one part: `R740, 4 pcs 1.92TB SSD` is one machine. Two sizes
/// are the memory and storage of several: `T14, 12 pcs 16GB 512GB SSD`.
fn is_of_part(words: &[&str], at: usize) -> bool {
    let begins = at > 0 && words[at - 1].ends_with([',', ';']);
    let ends = words[at + 2..].iter().position(|word| word.ends_with([',', ';']));
    let piece = &words[at + 2..ends.map_or(words.len(), |end| at + 3 + end)];
    let sizes = piece.iter().filter(|word| size_gb(word).is_some()).count();
    begins && sizes <= 1 && Held::of_piece(&piece.join(" ")).is_some()
}

/// A count that does not stand in front, and the line without it: `qty 12 name`, `name x12`, `name - 12 units`, `name, qty: 12`.
pub(super) fn counted_within(line: &str) -> Option<(u32, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let bare = |at: usize| words.get(at).map(|word| word.trim_matches([',', ';', ':', '.', '(', ')']));
    let number = |at: usize| bare(at)?.parse::<u32>().ok();
    // What stands before the first comma, or before the grade, ends with this word.
    let ends_head = |at: usize| {
        let open = |word: &&str| !word.contains([',', ';']);
        let grades =
            |word: &&str| ["cond", "condition", "grade", "mixed"].contains(&word.to_lowercase().as_str());
        words[..at].iter().all(open) && (words.get(at + 1).is_none_or(grades) || !open(&words[at]))
    };
    // `PCIe x16` are the lanes of a card.
    let of_lanes = words.iter().any(|word| word.to_lowercase().starts_with("pci"));
    let times = |at: usize| bare(at)?.strip_prefix(['x', 'X', '×'])?.parse::<u32>().ok();
    let (from, to, count) = (0..words.len()).find_map(|at| {
        let behind_word =
            || number(at + 1).filter(|_| bare(at).is_some_and(is_count)).map(|count| (at, at + 2, count));
        let before_unit = || {
            let (count, unit) = (number(at)?, bare(at + 1)?);
            let of_pcs = unit.eq_ignore_ascii_case("pc") && count < LEAST_MODEL;
            ((is_unit(unit) || of_pcs) && !is_of_part(&words, at)).then_some((at, at + 2, count))
        };
        let behind_times = || {
            let count = times(at).filter(|_| at > 0 && ends_head(at) && !of_lanes)?;
            Some((at, at + 1, count))
        };
        let behind_times_apart = || {
            let is_times = at > 0 && matches!(words[at], "x" | "X" | "×") && at + 1 < words.len();
            // `2 x 6148` are processors.
            let of_part = is_times && number(at - 1).is_some_and(|number| number < LEAST_MODEL);
            let count = number(at + 1).filter(|_| is_times && !of_part && ends_head(at + 1) && !of_lanes)?;
            Some((at, at + 2, count))
        };
        behind_word().or_else(before_unit).or_else(behind_times).or_else(behind_times_apart)
    })?;
    let from = if from > 0 && matches!(words[from - 1], "-" | "–" | "x" | "×") { from - 1 } else { from };
    let mut rest: Vec<&str> = words[..from].to_vec();
    // What is cut out may have ended a piece.
    if from > 0 && words[to - 1].contains([',', ';']) && to < words.len() {
        rest.push(",");
    }
    rest.extend(&words[to..]);
    Some((count, rest.join(" ")))
}
