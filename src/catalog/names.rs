//! How a hardware name is cut into comparable words.
//!
//! In: a name as people or exports write it. Out: lower-case tokens in which the usual spellings agree:
//! `R740XD 24SFF` → `r740xd 24sff`, `Tesla V100-SXM2-32GB` → `tesla v100 sxm2 32gb`, `DL360 Gen 10` →
//! `dl360 g10`, `MBP 14"` → `macbook pro 14`, `RTX3080Ti` → `rtx 3080 ti`.

/// Abbreviations people use for words of the catalog.
const EXPANSIONS: [(&str, &str); 18] = [
    ("mbp", "macbook pro"),
    ("mba", "macbook air"),
    ("mb", "macbook"),
    ("pe", "poweredge"),
    ("pwredge", "poweredge"),
    ("tp", "thinkpad"),
    ("lat", "latitude"),
    ("hpe", "hp"),
    ("hewlett", "hp"),
    ("nv", "nvidia"),
    ("x1c", "x1 carbon"),
    ("eb", "elitebook"),
    ("smc", "supermicro"),
    ("sys", "supermicro sys"),
    ("gf", "geforce"),
    ("centre", "center"),
    ("datacenter", "data center"),
    ("gen", "g"),
];

/// Characters of a name that are looked at; no product's name is as long.
const LONGEST_NAME: usize = 300;

/// Words that say nothing about which product it is.
const NOISE: [&str; 21] = [
    "inc",
    "corp",
    "corporation",
    "ltd",
    "gmbh",
    "co",
    "notebook",
    "laptop",
    "pc",
    "server",
    "packard",
    "enterprise",
    "graphics",
    "card",
    "gpu",
    "inch",
    "in",
    "the",
    "with",
    "computer",
    "cto",
];

/// Words that make a name one of a memory module.
const MODULE_FORMS: [&str; 7] = ["rdimm", "lrdimm", "udimm", "sodimm", "dimm", "registered", "unbuffered"];

/// Who makes or labels memory modules: modules of one standard are one product, whoever made them.
const MODULE_MAKERS: [&str; 10] =
    ["samsung", "sk", "hynix", "micron", "kingston", "crucial", "corsair", "hp", "dell", "lenovo"];

/// Letters that stand apart from the number before them.
const SUFFIXES: [&str; 6] = ["ti", "super", "xt", "xtx", "gre", "ada"];

/// Line names that stand apart from the number after them.
const PREFIXES: [&str; 14] = [
    "rtx",
    "gtx",
    "rx",
    "latitude",
    "elitebook",
    "probook",
    "thinkpad",
    "poweredge",
    "proliant",
    "macbook",
    "precision",
    "surface",
    "xeon",
    "epyc",
];

/// The name without case, spaces and punctuation: two spellings of one name have the same normal form.
pub(super) fn normal_form(name: &str) -> String {
    name.replace('+', "plus")
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The comparable words of a name, in order, without repeats.
pub(super) fn tokens(name: &str) -> Vec<String> {
    let lower: String = name.chars().take(LONGEST_NAME).collect::<String>().to_lowercase();
    let lower = lower.replace('+', " plus ").replace("max-q", "maxq").replace("2-in-1", "2in1");
    let mut words: Vec<String> = Vec::new();
    for raw in lower.split(|character: char| !character.is_ascii_alphanumeric()) {
        if raw.is_empty() {
            continue;
        }
        let carbon = raw.strip_prefix('c').filter(|_| words.last().is_some_and(|last| last == "x1"));
        match EXPANSIONS.iter().find(|(short, _)| *short == raw) {
            Some((_, long)) => words.extend(long.split(' ').map(str::to_owned)),
            None => match carbon.and_then(|number| number.parse::<u8>().ok()) {
                Some(generation) => words.extend(["carbon".to_owned(), format!("g{generation}")]),
                None => split_compound(raw, &mut words),
            },
        }
    }
    let mut joined: Vec<String> = Vec::new();
    let mut index = 0;
    while index < words.len() {
        let next = words.get(index + 1).map_or("", String::as_str);
        let digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let word = words[index].as_str();
        let pair = match word {
            "g" | "sxm" | "v" | "c" | "m" if digits(next) && next.len() <= 2 => Some(format!("{word}{next}")),
            _ if digits(word) && matches!(next, "gb" | "tb") => Some(format!("{word}{next}")),
            "m1" | "m2" | "m3" | "m4" | "m5" if matches!(next, "pro" | "max" | "ultra") => {
                Some(format!("{word}{next}"))
            }
            _ => None,
        };
        index += if pair.is_some() { 2 } else { 1 };
        let word = pair.unwrap_or_else(|| word.to_owned());
        if !NOISE.contains(&word.as_str()) && !joined.contains(&word) {
            joined.push(word);
        }
    }
    if MODULE_FORMS.iter().any(|form| joined.iter().any(|word| word == form)) {
        joined.retain(|word| !MODULE_MAKERS.contains(&word.as_str()));
    }
    joined
}

/// Cuts `rtx3080ti` into its three words, spells `gen10` as `g10` and `80g` as `80gb`.
fn split_compound(raw: &str, words: &mut Vec<String>) {
    // The size of the screen, `13in`, is part of the name of a MacBook alone.
    let size = raw.strip_suffix("inch").or_else(|| raw.strip_suffix("in"));
    let is_size = |size: &&str| size.len() == 2 && size.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(size) = size.filter(is_size).filter(|_| words.iter().any(|word| word == "macbook")) {
        words.push(size.to_owned());
        return;
    }
    if let Some(number) = raw.strip_prefix("gen")
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        words.push(format!("g{number}"));
        return;
    }
    let letters = raw.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (head, tail) = raw.split_at(letters);
    if PREFIXES.contains(&head) && !tail.is_empty() {
        words.push(head.to_owned());
        split_compound(tail, words);
        return;
    }
    let digits = raw.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = raw.split_at(digits);
    if digits > 0 && SUFFIXES.contains(&unit) {
        words.push(number.to_owned());
        words.push(unit.to_owned());
    } else if (1..=4).contains(&digits) && matches!(unit, "g" | "gib") {
        words.push(format!("{number}gb"));
    } else {
        words.push(raw.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_of_a_name_agree() {
        let same = [
            ("Tesla V100-SXM2-32GB", "tesla v100 sxm2 32 GB"),
            ("RTX3080Ti", "RTX 3080 Ti"),
            ("HPE ProLiant DL360 Gen10", "hp proliant dl360 g10"),
            ("MacBook Air 13in M2", "MacBook Air 13-inch M2"),
            ("MBP 14\" M1 Pro 2021", "MacBook Pro 14-inch M1 Pro (2021)"),
            ("Latitude-5430", "LATITUDE 5430"),
            ("X1C Gen 9", "x1 carbon g9"),
            ("X1 C9", "x1 carbon gen9"),
            ("Nvidia A100 80G SXM 4", "nvidia a100 80gb sxm4"),
        ];
        for (left, right) in same {
            assert_eq!(tokens(left), tokens(right), "{left} / {right}");
        }
    }

    #[test]
    fn who_made_a_memory_module_is_no_part_of_its_name() {
        assert_eq!(tokens("Samsung 32GB DDR4-2933 RDIMM"), tokens("32 GB DDR4 2933 RDIMM"));
        assert_eq!(tokens("Samsung Galaxy S21"), ["samsung", "galaxy", "s21"]);
    }

    #[test]
    fn a_model_number_is_never_cut() {
        assert_eq!(tokens("PE R740xd"), ["poweredge", "r740xd"]);
        assert_eq!(tokens("SYS-821GE-TNHR"), ["supermicro", "sys", "821ge", "tnhr"]);
        assert_eq!(tokens("20L5S00W00"), ["20l5s00w00"]);
    }
}
