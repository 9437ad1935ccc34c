//! Sizes of memory and storage, and terms in months, with the unit that the cell, the header or the system gives.
//!
//! In: a cell and the unit of its column. Out: gigabytes (memory by 1024, storage by 1000, as makers sell them) or
//! months.

use super::words::is_placeholder;

/// The unit of a column of sizes whose cells name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub(super) enum SizeUnit {
    #[serde(rename = "bytes")]
    Bytes,
    #[serde(rename = "MB")]
    Megabytes,
    #[serde(rename = "GB")]
    Gigabytes,
    #[serde(rename = "TB")]
    Terabytes,
}

/// What is measured: memory counts by 1024, drives are sold by 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    Memory,
    Storage,
}

impl SizeUnit {
    /// The word people read.
    pub(super) const fn name(self) -> &'static str {
        match self {
            SizeUnit::Bytes => "bytes",
            SizeUnit::Megabytes => "MB",
            SizeUnit::Gigabytes => "GB",
            SizeUnit::Terabytes => "TB",
        }
    }

    /// The unit a word begins, in English, German, Spanish, Portuguese or French (`Go`, `To`).
    pub(super) fn of_word(word: &str) -> Option<SizeUnit> {
        match word.to_ascii_lowercase().as_str() {
            "bytes" | "byte" | "b" | "octets" => Some(SizeUnit::Bytes),
            "mb" | "mib" | "mo" => Some(SizeUnit::Megabytes),
            "gb" | "gib" | "go" | "g" => Some(SizeUnit::Gigabytes),
            "tb" | "tib" | "to" | "t" => Some(SizeUnit::Terabytes),
            _ => None,
        }
    }

    /// The unit that the bare numbers of a column can only be in: no unit has more than eight terabytes of memory, and no
    /// fleet's smallest drive has thirty.
    pub(super) fn of_column<'a>(measured: Measured, cells: impl Iterator<Item = &'a str>) -> SizeUnit {
        let numbers = cells.filter_map(|cell| cell.trim().replace(',', ".").parse::<f64>().ok());
        let (mut smallest, mut largest) = (f64::INFINITY, 0.0_f64);
        for number in numbers.filter(|number| *number > 0.0) {
            (smallest, largest) = (smallest.min(number), largest.max(number));
        }
        let (bytes, megabytes) = match measured {
            Measured::Memory => {
                (smallest >= 1e8, smallest >= 4096.0 || (smallest >= 256.0 && largest > 8192.0))
            }
            Measured::Storage => (smallest >= 1e9, smallest >= 30_000.0),
        };
        match (bytes, megabytes) {
            _ if largest == 0.0 => SizeUnit::Gigabytes,
            (true, _) => SizeUnit::Bytes,
            (false, true) => SizeUnit::Megabytes,
            (false, false) => SizeUnit::Gigabytes,
        }
    }

    fn in_gigabytes(self, measured: Measured) -> f64 {
        match (self, measured) {
            (SizeUnit::Gigabytes, _) => 1.0,
            (SizeUnit::Terabytes, Measured::Memory) => 1024.0,
            (SizeUnit::Terabytes, Measured::Storage) => 1000.0,
            (SizeUnit::Megabytes, Measured::Memory) => 1.0 / 1024.0,
            // Systems that count drives in bare "MB" count by 1024 twice.
            (SizeUnit::Megabytes, Measured::Storage) => 1024.0 * 1024.0 / 1e9,
            (SizeUnit::Bytes, Measured::Memory) => 1.0 / (1024.0 * 1024.0 * 1024.0),
            (SizeUnit::Bytes, Measured::Storage) => 1e-9,
        }
    }
}

/// Reads `16`, `16GB`, `512 Go`, `8x 1.92TB`, `256GB NVMe + 1 TB`, in gigabytes. A unit in the cell goes before the column's.
pub(super) fn gigabytes(cell: &str, unit: SizeUnit, measured: Measured) -> Option<f64> {
    if is_placeholder(cell) {
        return None;
    }
    let mut sum = 0.0;
    for part in cell.split('+') {
        let (first, rest) = number(part.trim())?;
        let times = rest.trim_start().strip_prefix(['x', 'X', '×', '*']).and_then(|rest| number(rest.trim()));
        let (count, size, rest) = match times {
            Some((size, rest)) => (first, size, rest),
            None => (1.0, first, rest),
        };
        let word: String = rest.trim_start().chars().take_while(|letter| letter.is_alphabetic()).collect();
        let unit = SizeUnit::of_word(&word).unwrap_or(unit);
        sum += count * size * unit.in_gigabytes(measured);
    }
    (sum.is_finite() && sum > 0.0).then_some(sum)
}

/// The number a text begins with, and what is behind it. A comma before three digits and no more groups thousands.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|character: char| !(character.is_ascii_digit() || matches!(character, '.' | ',')))
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let groups: Vec<&str> = digits.split(',').collect();
    let plain = match groups.as_slice() {
        [_] => digits.to_owned(),
        [_, after] if after.len() != 3 => digits.replace(',', "."),
        _ => digits.replace(',', ""),
    };
    plain.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| (value, rest))
}

/// The unit of a column of terms whose cells name none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub(super) enum TermUnit {
    #[default]
    Months,
    Years,
    /// A rate of depreciation: 25 is a quarter of the cost a year, four years in all.
    PercentAYear,
}

/// Reads `36`, `36 months`, `3 an`, `003`, in whole months from 1 to 600. Zero and minus one mean "none".
pub(super) fn months(cell: &str, unit: TermUnit) -> Option<u32> {
    let text = cell.trim();
    let (value, rest) = number(text.trim_end_matches('%').trim_end())?;
    let months = match (term_word(rest), unit) {
        (Some(months_of), _) => value * months_of,
        (None, TermUnit::Months) => value,
        (None, TermUnit::Years) => value * 12.0,
        (None, TermUnit::PercentAYear) if value > 0.0 => 1200.0 / value,
        (None, TermUnit::PercentAYear) => return None,
    };
    (1.0..=600.0).contains(&months).then(|| months.round() as u32)
}

/// A grade without the word before it: `Grade A`, `Class B`, `Klasse C`.
pub(super) fn without_grade_word(cell: &str) -> &str {
    const WORDS: [&str; 6] = ["grade", "class", "classe", "klasse", "clase", "grado"];
    match cell.trim().rsplit_once([' ', ':', '-']) {
        Some((word, letter)) if WORDS.contains(&super::words::fold(word).as_str()) => letter.trim(),
        _ => cell.trim(),
    }
}

/// The term that a text names with its unit: `SL 5 Years`, `SLN 3y`, `Linear 36 Monate`.
pub(super) fn months_in_text(text: &str) -> Option<u32> {
    let start = text.find(|character: char| character.is_ascii_digit())?;
    let (value, rest) = number(&text[start..])?;
    let months = value * term_word(rest)?;
    (1.0..=600.0).contains(&months).then(|| months.round() as u32)
}

/// Months in the unit that a word names.
fn term_word(text: &str) -> Option<f64> {
    let word: String = text
        .trim_start_matches([' ', '-', '\u{a0}'])
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .collect();
    match word.to_lowercase().as_str() {
        "y" | "yr" | "yrs" | "year" | "years" | "an" | "ans" | "année" | "années" | "jahr" | "jahre"
        | "j" | "año" | "años" | "ano" | "anos" => Some(12.0),
        "m" | "mo" | "mos" | "month" | "months" | "mois" | "monat" | "monate" | "mes" | "meses" | "mês" => {
            Some(1.0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_read_with_the_unit_of_cell_or_column() {
        let storage = |cell, unit| gigabytes(cell, unit, Measured::Storage);
        let memory = |cell, unit| gigabytes(cell, unit, Measured::Memory);
        assert_eq!(storage("8x 1.92TB", SizeUnit::Gigabytes), Some(15_360.0));
        assert_eq!(storage("256GB NVMe + 1 TB", SizeUnit::Gigabytes), Some(1256.0));
        assert_eq!(storage("512 Go", SizeUnit::Megabytes), Some(512.0));
        assert_eq!(memory("524288.0", SizeUnit::Megabytes), Some(512.0));
        assert_eq!(memory("16,384 MB", SizeUnit::Gigabytes), Some(16.0));
        assert_eq!(memory("0", SizeUnit::Gigabytes), None);
        assert_eq!(storage("none", SizeUnit::Gigabytes), None);
        let intune = storage("243712", SizeUnit::Megabytes).unwrap();
        assert!((intune - 255.55).abs() < 0.01, "{intune}");
    }

    #[test]
    fn a_column_of_bare_numbers_tells_its_unit() {
        let of = |measured, cells: &[&str]| SizeUnit::of_column(measured, cells.iter().copied());
        assert_eq!(of(Measured::Memory, &["16384", "524288"]), SizeUnit::Megabytes);
        assert_eq!(of(Measured::Memory, &["16", "2048"]), SizeUnit::Gigabytes);
        assert_eq!(of(Measured::Memory, &["2048", "2048"]), SizeUnit::Gigabytes);
        assert_eq!(of(Measured::Memory, &["2048", "16384"]), SizeUnit::Megabytes);
        assert_eq!(of(Measured::Memory, &["17179869184"]), SizeUnit::Bytes);
        assert_eq!(of(Measured::Storage, &["243712", ""]), SizeUnit::Megabytes);
        assert_eq!(of(Measured::Storage, &["256", "15360"]), SizeUnit::Gigabytes);
        assert_eq!(of(Measured::Storage, &[]), SizeUnit::Gigabytes);
    }

    #[test]
    fn terms_read_in_months_years_and_rates() {
        assert_eq!(months("36", TermUnit::Months), Some(36));
        assert_eq!(months("3 an", TermUnit::Months), Some(36));
        assert_eq!(months("36 months", TermUnit::Years), Some(36));
        assert_eq!(months("003", TermUnit::Years), Some(36));
        assert_eq!(months("25.00", TermUnit::PercentAYear), Some(48));
        assert_eq!(months("3 Years", TermUnit::Months), Some(36));
        for cell in ["0", "-1", "0 an", "", "lifelong", "9999"] {
            assert_eq!(months(cell, TermUnit::Months), None, "{cell}");
        }
        assert_eq!(months("0.00", TermUnit::PercentAYear), None);
        assert_eq!(months_in_text("SL 5 Years"), Some(60));
        assert_eq!(months_in_text("SLN 3y"), Some(36));
        assert_eq!(months_in_text("MACRS 5"), None);
        assert_eq!(months_in_text("Straight Line"), None);
    }

    #[test]
    fn a_grade_stands_behind_its_word() {
        assert_eq!(without_grade_word("Grade A"), "A");
        assert_eq!(without_grade_word("class: B"), "B");
        assert_eq!(without_grade_word("C"), "C");
        assert_eq!(without_grade_word("Très bon état"), "Très bon état");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(cell in "\\PC{0,24}") {
            let _ = gigabytes(&cell, SizeUnit::Gigabytes, Measured::Storage);
            let _ = months(&cell, TermUnit::Years);
            let _ = months_in_text(&cell);
        }
    }
}
