//! What is offered: a manifest of any register format, or a bare list as people write it in a mail.
//!
//! In: a file. Out: a [`Manifest`]: assets with their grades as stated, prices that the list states itself, and rows that
//! could not be read. A register goes through [`fleet::read_text`]. A bare list has one line a kind:
//!
//! ```text
//! 12 x Latitude 5420 i5/16/256, grade B
//! 3 x PowerEdge R740xd, 2x Xeon Gold 6148, 256GB RAM, bought 2019-05, grade C
//! 40 x Whitebox PC, price 35 EUR
//! ```
//!
//! a number and `x` (or `12 pcs …`, `qty 12 …`, `… x12`, `… - 12 units`, `…, qty 12`), the product with `cpu/ram/storage`, then remarks behind commas: `grade …`, `scheme …`,
//! `bought YYYY-MM`, `cost …`, `price …` (what one of them sells for, by your own judgement), memory, storage, processor,
//! accelerators, `locked`, `unlocked`. Blank lines and lines after `#` are left out. What is not understood is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::count::{bare_number, counted, counted_within, ends_like_a_count};
use crate::catalog::Precision;
use crate::fleet::holds::{Held, in_model, size_gb};
use crate::fleet::{
    self, Asset, FileError, FileSummary, Finding, Fleet, ReadError, ReadOptions, RegisterDate, Reject,
    RowReference, Severity, SourceKind, StatedGrade,
};
use crate::units::{Currency, Month, sha256};

/// The most units a line may name.
const MOST_UNITS: u32 = 1_000_000;

/// Memory without a word that tells it from storage is taken for memory up to this many GB.
const MOST_MEMORY_GB: f64 = 64.0;

/// What is told of a remark that cannot be read.
pub const NOT_UNDERSTOOD: &str = "is not understood and counts for nothing";

/// A lot as it is offered.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The units, what was wrong with the rows, and the file.
    pub fleet: Fleet,
    /// What one unit sells for by the list's own word, by position in [`Fleet::assets`].
    pub prices: BTreeMap<usize, (f64, Currency)>,
    /// Whether a unit is locked, where the list says so, by position as well.
    pub locked: BTreeMap<usize, bool>,
}

/// Reads a manifest; `-` is standard input.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Manifest, ReadError> {
    read_bytes(path, &fleet::load(path)?, options)
}

/// Reads a manifest that is already in memory.
pub fn read_bytes(path: &Path, bytes: &[u8], options: &ReadOptions) -> Result<Manifest, ReadError> {
    let text = std::str::from_utf8(bytes).ok().map(|text| text.trim_start_matches('\u{feff}'));
    if let Some(text) = text.filter(|text| counts(text).next() == Some(true)) {
        return read_list(path, text, options);
    }
    match (fleet::read_text(&path.display().to_string(), bytes, options), text) {
        // A list with a greeting, or with a single unit, in front.
        (
            Err(ReadError::File(FileError::NoKnownColumn { .. } | FileError::HeaderOnly { .. })),
            Some(text),
        ) if counts(text).any(|says| says) => read_list(path, text, options),
        (fleet, _) => Ok(Manifest { fleet: fleet?, ..Manifest::default() }),
    }
}

/// Whether each line that says anything says how many units it is about, as lines of a bare list do.
fn counts(text: &str) -> impl Iterator<Item = bool> {
    let lines = text.lines().map(told).filter(|line| !line.is_empty());
    lines.map(|line| counted(line).is_some() || counted_within(line).is_some() || bare_number(line).is_some())
}

/// Whether the numbers that begin lines count the lines and not units: 1, 2, 3.
fn is_numbered(text: &str) -> bool {
    let begin = |line: &str| bare_number(line).filter(|_| counted(line).is_none()).map(|(number, _)| number);
    let numbers: Vec<u32> = text.lines().map(told).filter_map(begin).collect();
    numbers.len() > 1 && numbers.iter().zip(1..).all(|(number, line)| *number == line)
}

/// A line without bullet and remark.
fn told(line: &str) -> &str {
    let line = line.split(" #").next().unwrap_or(line).trim();
    if line.starts_with('#') { "" } else { line.trim_start_matches(['-', '•', '*']).trim() }
}

fn read_list(path: &Path, text: &str, options: &ReadOptions) -> Result<Manifest, ReadError> {
    let mut manifest = Manifest::default();
    let numbered = is_numbered(text);
    for (line, number) in text.lines().map(told).zip(1_u64..).filter(|(line, _)| !line.is_empty()) {
        manifest.fleet.rows_in += 1;
        let row = RowReference { file: 0, line: number };
        match item(line, row, options, numbered) {
            Ok(item) => {
                let position = manifest.fleet.assets.len();
                manifest.prices.extend(item.price.map(|price| (position, price)));
                manifest.locked.extend(item.locked.map(|locked| (position, locked)));
                manifest.fleet.assets.push(item.asset);
                manifest.fleet.findings.extend(item.findings);
            }
            Err(Refused { text, reason, remedy }) => manifest.fleet.rejects.push(Reject {
                row,
                column: String::new(),
                text,
                reason,
                remedy: remedy.to_owned(),
            }),
        }
    }
    manifest.fleet.files = vec![summary(path, text, manifest.fleet.rows_in)];
    match (manifest.fleet.assets.is_empty(), manifest.fleet.rejects.first()) {
        (true, Some(first)) => Err(ReadError::NothingUsable {
            rows: manifest.fleet.rows_in,
            first: format!(
                "{}, line {}: `{}`: {} ({})",
                path.display(),
                first.row.line,
                first.text,
                first.reason,
                first.remedy
            ),
        }),
        _ => Ok(manifest),
    }
}

fn summary(path: &Path, text: &str, rows: usize) -> FileSummary {
    FileSummary {
        path: PathBuf::from(path),
        table: String::new(),
        profile: "bare list".to_owned(),
        kind: SourceKind::Unknown,
        sha256: sha256(text.as_bytes()),
        bytes: text.len(),
        rows,
        columns_used: Vec::new(),
        columns_unused: Vec::new(),
        columns_unknown: Vec::new(),
        notes: Vec::new(),
    }
}

/// A line cut at its commas and semicolons; a comma between two digits belongs to a number.
fn pieces(line: &str) -> Vec<&str> {
    let bytes = line.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let cuts = line
        .match_indices([',', ';'])
        .map(|(at, _)| at)
        .filter(|at| bytes[*at] == b';' || !(is_digit(at.checked_sub(1)) && is_digit(Some(at + 1))));
    let mut found = Vec::new();
    let mut start = 0;
    for cut in cuts.chain([line.len()]) {
        found.push(line[start..cut].trim());
        start = cut + 1;
    }
    found.retain(|piece| !piece.is_empty());
    found
}

/// Why a line is no item.
struct Refused {
    text: String,
    reason: String,
    remedy: &'static str,
}

impl Refused {
    fn of(text: &str, reason: impl Into<String>, remedy: &'static str) -> Refused {
        Refused { text: text.to_owned(), reason: reason.into(), remedy }
    }
}

/// What a line says.
struct Item {
    asset: Asset,
    price: Option<(f64, Currency)>,
    locked: Option<bool>,
    findings: Vec<Finding>,
}

/// One line of a list.
fn item(line: &str, row: RowReference, options: &ReadOptions, numbered: bool) -> Result<Item, Refused> {
    let within = counted_within(line).filter(|_| !ends_like_a_count(line));
    let in_brackets = |word: &str| {
        let inside =
            word.trim_end_matches([',', ';']).strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        inside.is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let bare = bare_number(line).filter(|_| !numbered && counted(line).is_none());
    let (count, rest) = match (counted(line).or(bare), &within) {
        (Some(found), _) => found,
        (None, Some((count, rest))) => (*count, rest.as_str()),
        (None, None) if line.split_whitespace().any(in_brackets) => {
            return Err(Refused::of(
                line,
                "has a number in brackets that may be a count or a name",
                "write `12 x Latitude 5420`",
            ));
        }
        (None, None) if ends_like_a_count(line) => {
            return Err(Refused::of(
                line,
                "has a number before a word for units that may be a count or a name",
                "write `12 x Latitude 5420`",
            ));
        }
        (None, None) if line.starts_with(|first: char| first.is_ascii_digit()) => {
            return Err(Refused::of(
                line,
                "begins with a number that may be a count or a name",
                "write `12 x Latitude 5420`",
            ));
        }
        (None, None) => (1, line),
    };
    if count == 0 || count > MOST_UNITS {
        return Err(Refused::of(line, format!("{count} units"), "write a count from 1 to 1,000,000"));
    }
    let mut pieces = pieces(rest).into_iter();
    let mut read = Reading {
        asset: Asset {
            id: format!("line {}", row.line),
            quantity: count,
            rows: vec![row],
            join_confidence: 1.0,
            ..Asset::default()
        },
        price: None,
        locked: None,
        scheme: None,
        unread: Vec::new(),
        options,
    };
    read.head(pieces.next().unwrap_or_default());
    for piece in pieces {
        read.remark(piece)?;
    }
    if read.asset.model.is_none() {
        return Err(Refused::of(line, "names no product", "write the product behind the count"));
    }
    if let Some(stated) = &mut read.asset.stated_grade {
        stated.scheme = read.scheme;
    }
    let findings = read.unread.iter().map(|piece| {
        Finding::about(
            &read.asset,
            "DQ-16",
            Severity::Warns,
            format!("`{piece}` {NOT_UNDERSTOOD}"),
            "write grade, scheme, bought, cost, price, RAM, SSD, processor, locked or unlocked",
        )
    });
    let as_count = bare.map(|(count, _)| {
        let message = format!("the number in front is read as {}", crate::units::counted(count, "unit"));
        Finding::about(&read.asset, "DQ-16", Severity::Notes, message, "write `12 x Latitude 5420`")
    });
    let findings = findings.chain(as_count).collect();
    Ok(Item { asset: read.asset, price: read.price, locked: read.locked, findings })
}

/// A line while it is read.
struct Reading<'a> {
    asset: Asset,
    price: Option<(f64, Currency)>,
    locked: Option<bool>,
    scheme: Option<String>,
    unread: Vec<String>,
    options: &'a ReadOptions,
}

impl Reading<'_> {
    /// The product, with `cpu/ram/storage` behind it.
    fn head(&mut self, text: &str) {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        if let Some(at) = words.iter().position(|word| word.split('/').count() == 3) {
            let parts: Vec<&str> = words.remove(at).split('/').collect();
            self.asset.cpu = Some(parts[0].to_owned()).filter(|cpu| !cpu.is_empty());
            self.asset.ram_gb = size_gb(parts[1]).or_else(|| parts[1].parse().ok());
            self.asset.storage_gb = size_gb(parts[2]).or_else(|| parts[2].parse().ok());
        }
        self.grade_within(&mut words);
        self.asset.model = Some(words.join(" ")).filter(|model| !model.is_empty());
        let held = self.asset.model.as_deref().map(in_model).unwrap_or_default();
        held.into_iter().for_each(|held| self.holds(held));
    }

    /// Takes `grade B` and `mixed B/C` out of the words behind a name; a mixture is more than one grade, and is told.
    fn grade_within(&mut self, words: &mut Vec<&str>) {
        let grade = |word: &str| {
            ["grade", "cond", "condition"].contains(&word.to_lowercase().trim_end_matches([':', '.']))
        };
        if let Some(at) =
            words.iter().position(|word| grade(word)).filter(|at| (1..words.len() - 1).contains(at))
        {
            let stated = words.remove(at + 1);
            words.remove(at);
            if stated.contains('/') {
                self.unread.push(format!("grade {stated}"));
            } else {
                self.asset.stated_grade = StatedGrade::of(Some(stated), None);
            }
        }
        if let Some(at) =
            words.iter().position(|word| word.eq_ignore_ascii_case("mixed")).filter(|at| *at > 0)
        {
            self.unread.push(words[at..].join(" "));
            words.truncate(at);
        }
    }

    /// One remark behind a comma.
    fn remark(&mut self, piece: &str) -> Result<(), Refused> {
        let (word, rest) = piece.split_once([' ', ':']).unwrap_or((piece, ""));
        let rest = rest.trim();
        match word.to_lowercase().trim_end_matches([':', '.']) {
            "grade" | "condition" | "cond" if !rest.is_empty() => {
                self.asset.stated_grade = StatedGrade::of(Some(rest), None);
            }
            "scheme" if !rest.is_empty() => self.scheme = Some(rest.to_owned()),
            "bought" | "purchased" => self.asset.purchase_date = Some(self.month(rest)?),
            "cost" | "paid" => self.asset.purchase_cost = Some(self.amount(rest)?),
            "price" | "sells" => self.price = Some(self.amount(rest.trim_start_matches("for "))?),
            "locked" => self.locked = Some(true),
            "unlocked" => self.locked = Some(false),
            "serial" | "s/n" if !rest.is_empty() => self.asset.serial = Some(rest.to_uppercase()),
            _ => self.configuration(piece),
        }
        Ok(())
    }

    /// Memory, storage, processor or accelerators.
    fn configuration(&mut self, piece: &str) {
        let said =
            counted(piece).map_or_else(|| piece.to_owned(), |(count, name)| format!("{count}x {name}"));
        // A card needs no count behind the name of a machine.
        let card =
            || Held::of_piece(&format!("1x {said}")).filter(|held| matches!(held, Held::Accelerator(..)));
        match Held::of_piece(&said).or_else(card) {
            Some(held) => self.holds(held),
            None => match memory_alone(piece) {
                Some(size) => self.asset.ram_gb = Some(size),
                None => self.unread.push(piece.to_owned()),
            },
        }
    }

    fn holds(&mut self, held: Held) {
        match held {
            Held::Memory(size) => self.asset.ram_gb = Some(size),
            Held::Storage(size) => self.asset.storage_gb = Some(size),
            Held::Processor(name, count) => {
                self.asset.cpu = Some(name);
                self.asset.cpu_count = count;
            }
            Held::Accelerator(name, count) => {
                self.asset.gpu = Some(name);
                self.asset.gpu_count = count.or(Some(1));
            }
        }
    }

    fn month(&self, text: &str) -> Result<RegisterDate, Refused> {
        let year_alone = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let (written, precision) = if year_alone {
            (format!("{text}-07"), Precision::Year)
        } else {
            (text.to_owned(), Precision::Month)
        };
        let month: Option<Month> = written.parse().ok();
        let date =
            month.and_then(|month| jiff::civil::Date::new(month.year() as i16, month.month() as i8, 1).ok());
        match (month, date) {
            (Some(month), Some(date)) if month <= self.options.as_of || year_alone => {
                Ok(RegisterDate { date, precision, other: None })
            }
            (Some(_), _) => {
                Err(Refused::of(text, "bought in the future", "correct the month, or give a later --as-of"))
            }
            _ => Err(Refused::of(text, "is no month", "write `bought 2021-06`")),
        }
    }

    /// `900`, `1,250.00 EUR`, `$35`.
    fn amount(&self, text: &str) -> Result<(f64, Currency), Refused> {
        let refused = |reason: &str| {
            Refused::of(
                text,
                reason,
                "write an amount above 0 with a point for cents, such as `cost 1250.00 EUR`",
            )
        };
        let sign =
            [("$", "USD"), ("€", "EUR"), ("£", "GBP")].into_iter().find(|(sign, _)| text.contains(sign));
        let code: String = text.chars().filter(|character| character.is_alphabetic()).collect();
        let currency = match (code.as_str(), sign) {
            ("", Some((_, code))) => code.parse(),
            ("", None) => Ok(self.options.default_currency),
            (code, _) => code.parse(),
        };
        let currency: Currency = currency.map_err(|_| refused("names no currency"))?;
        self.options.rates.dollars_per(currency).map_err(|error| refused(&error.to_string()))?;
        let number: String = text
            .chars()
            .filter(|character| character.is_ascii_digit() || matches!(character, '.' | ',' | '-'))
            .collect();
        let whole_groups = number
            .split(',')
            .skip(1)
            .all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
        let amount: f64 = number.replace(',', "").parse().map_err(|_| refused("is no amount"))?;
        if !whole_groups || !amount.is_finite() || amount <= 0.0 {
            return Err(refused("is no amount above 0 that can be read in one way"));
        }
        Ok((amount, currency))
    }
}

/// `16GB` or `2x 16GB` without a word, where it is too little for storage.
fn memory_alone(piece: &str) -> Option<f64> {
    let (count, name) = counted(piece).unwrap_or((1, piece));
    size_gb(name).map(|size| size * f64::from(count)).filter(|size| *size <= MOST_MEMORY_GB)
}

#[cfg(test)]
mod tests;
