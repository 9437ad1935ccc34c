//! What a machine holds, from words: memory, storage, processors, accelerators.
//!
//! In: the words of a model (`PowerEdge R740xd 2x Xeon Gold 6148 256GB RAM 4x 1.92TB SSD`) or one piece of a list. Out: what
//! is [`Held`]. A size counts only where a word or the unit tells memory from storage: `A100 80GB` says nothing of the machine.
//! Of a server, by its name or its processors, gigabytes alone are its memory.
//! Memory counts by 1024, drives by 1000, as makers sell them.

use super::Asset;

/// The most parts of a kind that one machine holds.
const MOST_PARTS: u32 = 1000;

/// The most processors of one server.
const MOST_SOCKETS: u32 = 4;

const MEMORY: [&str; 4] = ["ram", "memory", "ddr", "dimm"];
const STORAGE: [&str; 7] = ["ssd", "hdd", "nvme", "disk", "drive", "sas", "sata"];
const PROCESSORS: [&str; 9] = ["xeon", "epyc", "opteron", "core i", "i3-", "i5-", "i7-", "i9-", "ryzen"];
const ACCELERATORS: [&str; 6] = ["nvidia", "tesla", "quadro", "rtx", "radeon", "instinct"];

/// Series of accelerators that are known by a letter or two and a number: `A100`, `L40S`, `MI300X`.
const SERIES: [&str; 10] = ["a", "b", "gh", "h", "k", "l", "mi", "p", "t", "v"];

/// One kind of part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Held {
    /// All memory, GB.
    Memory(f64),
    /// All storage, GB.
    Storage(f64),
    /// A processor, and how many where it is said.
    Processor(String, Option<u32>),
    /// An accelerator, and how many where it is said.
    Accelerator(String, Option<u32>),
}

impl Held {
    /// What one piece of a list speaks of, if it is a part: `256GB RAM`, `4x 1.92TB SSD`, `2x Xeon Gold 6148`, `8x A100`.
    pub(crate) fn of_piece(piece: &str) -> Option<Held> {
        let (count, name) = counted(piece.trim(), MOST_PARTS);
        let words = name.to_lowercase();
        let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
        let times = f64::from(count.unwrap_or(1));
        match size(&words) {
            Some((number, unit)) if has(&MEMORY) => {
                Some(Held::Memory(times * number * if unit == "tb" { 1024.0 } else { 1.0 }))
            }
            Some((number, unit)) if has(&STORAGE) || unit == "tb" => {
                Some(Held::Storage(times * number * if unit == "tb" { 1000.0 } else { 1.0 }))
            }
            _ if has(&PROCESSORS) => Some(Held::Processor(name.to_owned(), count)),
            _ if has(&ACCELERATORS) => Some(Held::Accelerator(name.to_owned(), count)),
            _ if count.is_some() && words.split([' ', '-']).next().is_some_and(is_card) => {
                Some(Held::Accelerator(name.to_owned(), count))
            }
            // `2x6148`: the numbers of Xeons have four digits.
            _ if count.is_some_and(|count| count <= MOST_SOCKETS)
                && words.len() == 4
                && words.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Some(Held::Processor(format!("Xeon {name}"), count))
            }
            _ => None,
        }
    }
}

/// The parts that a model's words speak of behind its name, in their order. Parts begin at a comma or bracket, at a count
/// (`2x`) and at a size.
pub(crate) fn in_model(model: &str) -> Vec<Held> {
    if !may_hold(model) {
        return Vec::new();
    }
    let mut pieces: Vec<String> = Vec::new();
    for part in model.split([',', ';', '+', '|', '/', '(', ')', '[', ']']) {
        let part = part.replace(" x ", "x ").replace(" × ", "x ");
        let words: Vec<&str> = part.split_whitespace().collect();
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        for (at, word) in words.iter().enumerate() {
            let is_size = size_at(&lower[at..]).is_some();
            let begins = match pieces.last() {
                Some(open) if at > 0 => is_count(word) || (is_size && !waits_for_size(open)),
                _ => true,
            };
            match pieces.last_mut().filter(|_| !begins) {
                Some(open) => *open = format!("{open} {word}"),
                None => pieces.push((*word).to_owned()),
            }
        }
    }
    // What comes first is the name, unless it begins with a number of things.
    let named = usize::from(pieces.first().is_some_and(|first| !is_count(first)));
    let parts: Vec<(Option<Held>, &String)> =
        pieces.iter().skip(named).map(|piece| (Held::of_piece(piece), piece)).collect();
    let of_server = parts.iter().any(|(held, _)| matches!(held, Some(Held::Processor(_, Some(_)))))
        || model.split_whitespace().any(is_server);
    let memory = |piece: &str| if of_server { size_alone(piece) } else { None };
    parts.into_iter().filter_map(|(held, piece)| held.or_else(|| memory(piece))).collect()
}

/// Whether a word of a name says that it is a server: a family, or a series of letters with three digits (`R740xd`, `DL380`).
fn is_server(word: &str) -> bool {
    const FAMILIES: [&str; 6] = ["poweredge", "proliant", "primergy", "server", "thinksystem", "ucs"];
    const SERIES: [&str; 9] = ["bl", "c", "dl", "ml", "r", "rx", "sd", "sr", "xl"];
    const VARIANTS: [&str; 5] = ["", "xa", "xd", "xd2", "xs"];
    let word = word.to_lowercase();
    let digits_from = word.bytes().take_while(u8::is_ascii_lowercase).count();
    let digits = word[digits_from..].bytes().take_while(u8::is_ascii_digit).count();
    FAMILIES.contains(&word.as_str())
        || SERIES.contains(&&word[..digits_from])
            && digits == 3
            && VARIANTS.contains(&&word[digits_from + digits..])
}

/// Gigabytes with nothing else: `384GB`, `12x32GB`.
fn size_alone(piece: &str) -> Option<Held> {
    let (count, name) = counted(piece.trim(), MOST_PARTS);
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    let (number, unit) = size_at(&words)?;
    let alone = words.len() == 1 || words.len() == 2 && words[0].bytes().all(|byte| byte.is_ascii_digit());
    (alone && unit == "gb").then(|| Held::Memory(f64::from(count.unwrap_or(1)) * number))
}

/// Whether a model can have words behind its name: most have none, and are not cut. `×` begins with the byte 0xC3.
fn may_hold(model: &str) -> bool {
    let begins_part = |byte: u8| matches!(byte, b'x' | b'X' | b'g' | b'G' | b't' | b'T' | b' ' | 0xC3);
    let bytes = model.as_bytes();
    bytes.iter().any(|byte| b",;+|/([".contains(byte))
        || bytes.windows(2).any(|two| two[0].is_ascii_digit() && begins_part(two[1]))
}

/// An asset with what its columns leave open as the words of its model say. Accelerators are left to where products are known:
/// the catalog may say more than the words.
pub(super) fn filled(mut asset: Asset) -> Asset {
    for held in asset.model.as_deref().map(in_model).unwrap_or_default() {
        match held {
            Held::Memory(size) => asset.ram_gb = asset.ram_gb.or(Some(size)),
            Held::Storage(size) => asset.storage_gb = asset.storage_gb.or(Some(size)),
            Held::Processor(name, count) if asset.cpu.is_none() => {
                asset.cpu = Some(name);
                asset.cpu_count = asset.cpu_count.or(count);
            }
            Held::Processor(..) | Held::Accelerator(..) => {}
        }
    }
    asset
}

/// The first size of a text, GB; a terabyte is a thousand.
pub(crate) fn size_gb(text: &str) -> Option<f64> {
    size(&text.to_lowercase()).map(|(number, unit)| if unit == "tb" { number * 1000.0 } else { number })
}

/// `2x Xeon Gold 5118` and `2 x Xeon Gold 5118` as a count, from one to the most that makes sense, and the rest.
pub(crate) fn counted(piece: &str, most: u32) -> (Option<u32>, &str) {
    let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
    let count = piece[..digits].parse().ok().filter(|count| (1..=most).contains(count));
    let rest = piece[digits..].trim_start().strip_prefix(['x', 'X', '×']).map(str::trim_start);
    match (count, rest) {
        (Some(count), Some(rest)) => (Some(count), rest),
        _ => (None, piece),
    }
}

fn is_count(word: &str) -> bool {
    counted(word, MOST_PARTS).0.is_some()
}

/// Whether a piece says how many of something that a size is still part of: `4x`, `8x A100`.
fn waits_for_size(open: &str) -> bool {
    let (count, name) = counted(open, MOST_PARTS);
    let name = name.to_lowercase();
    let of_cards = ACCELERATORS.iter().any(|word| name.contains(word))
        || name.split([' ', '-']).next().is_some_and(is_card);
    count.is_some() && size(&name).is_none() && (name.is_empty() || of_cards)
}

/// `a100`, `l40s`, `mi300x`: letters of a series, two or three digits or one, at most one letter.
fn is_card(word: &str) -> bool {
    let digits_from = word.bytes().take_while(u8::is_ascii_lowercase).count();
    let digits = word[digits_from..].bytes().take_while(u8::is_ascii_digit).count();
    let tail = &word[digits_from + digits..];
    SERIES.contains(&&word[..digits_from]) && (1..=3).contains(&digits) && tail.len() <= 1
}

/// The first size of a lower-case text: its number, and `gb` or `tb`.
fn size(text: &str) -> Option<(f64, &'static str)> {
    let apart = |character: char| !(character.is_alphanumeric() || character == '.');
    let words: Vec<&str> = text.split(apart).filter(|word| !word.is_empty()).collect();
    (0..words.len()).find_map(|at| size_at(&words[at..]))
}

/// The size that lower-case words begin with: `256gb`, `256 gb`.
fn size_at(words: &[impl AsRef<str>]) -> Option<(f64, &'static str)> {
    let first = words.first()?.as_ref();
    let digits = first.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = first.split_at(digits);
    let unit = if unit.is_empty() { words.get(1)?.as_ref() } else { unit };
    // `256gbssd` is a size, `10gbe` a network.
    let ends =
        |rest: &str| rest.is_empty() || MEMORY.iter().chain(&STORAGE).any(|word| rest.starts_with(word));
    let units = [("gib", "gb"), ("gb", "gb"), ("tib", "tb"), ("tb", "tb")];
    let (_, unit) = units.into_iter().find(|(said, _)| unit.strip_prefix(said).is_some_and(ends))?;
    number.parse::<f64>().ok().filter(|number| *number > 0.0).map(|number| (number, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(model: &str) -> String {
        let one = |held: Held| match held {
            Held::Memory(size) => format!("{size} GB memory"),
            Held::Storage(size) => format!("{size} GB storage"),
            Held::Processor(name, count) | Held::Accelerator(name, count) => {
                count.map_or(name.clone(), |count| format!("{count} {name}"))
            }
        };
        in_model(model).into_iter().map(one).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_words_behind_a_name_say_what_it_holds() {
        let full = "2 Xeon Gold 6148; 256 GB memory; 7680 GB storage";
        for model in [
            "PowerEdge R740xd, 2x Xeon Gold 6148, 256GB RAM, 4x1.92TB SSD",
            "PowerEdge R740xd 2x Xeon Gold 6148 256 GB DDR4 4x 1.92 TB SSD",
            "PowerEdge R740xd (2 x Xeon Gold 6148 / 8x32GB RDIMM / 4 x 1.92TB SAS)",
        ] {
            assert_eq!(said(model), full, "{model}");
        }
        assert_eq!(said("DELL PE R740XD 24SFF 2x6148"), "2 Xeon 6148");
        assert_eq!(said("SYS-4029GP 8x A100 80GB 1TB RAM"), "8 A100 80GB; 1024 GB memory");
        assert_eq!(said("8x MI300X node"), "8 MI300X node");
        assert_eq!(said("C4140 4x Tesla V100 32GB SXM2"), "4 Tesla V100 32GB SXM2");
        // Of a server gigabytes alone are memory.
        assert_eq!(said("Dell R740 2x6230 384GB"), "2 Xeon 6230; 384 GB memory");
        assert_eq!(said("PowerEdge R640 12x32GB 2x 480GB SSD"), "384 GB memory; 960 GB storage");
        assert_eq!(said("HPE DL380 Gen10 256 GB"), "256 GB memory");
        assert_eq!(said("Whitebox 2x Xeon Gold 6230 384GB"), "2 Xeon Gold 6230; 384 GB memory");
        assert_eq!(said("R740 [256GBRAM] 106x 4TB SAS"), "256 GB memory; 424000 GB storage");
    }

    #[test]
    fn a_size_that_may_be_anything_says_nothing() {
        for model in [
            "DGX A100 640GB",
            "A100 80GB",
            "iPhone 13 256GB",
            "R740 2x10GbE 2x 750W",
            "Surface Pro 7 8GB",
            "",
        ] {
            assert_eq!(said(model), "", "{model}");
        }
    }

    #[test]
    fn columns_come_before_words() {
        let asset = filled(Asset {
            model: Some("R740 2x Xeon Gold 6148 256GB RAM 2x 960GB SSD".to_owned()),
            ram_gb: Some(512.0),
            ..Asset::default()
        });
        assert_eq!((asset.ram_gb, asset.storage_gb), (Some(512.0), Some(1920.0)));
        assert_eq!((asset.cpu.as_deref(), asset.cpu_count), (Some("Xeon Gold 6148"), Some(2)));
    }
}
