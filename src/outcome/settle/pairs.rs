//! Which line of a settlement speaks of which hand-over.
//!
//! In: lines, what was handed over. Out: for every line its [`Piece`]s: whole, but for a line of several units that were
//! handed over one by one, and with a piece for units that nobody handed over. In this order: serial number; tag; serial
//! number with O read as 0 and I as 1; serial number of a drive of the unit; the request's own line number; the model alone.
//! A hand-over takes as many units as it had; what comes beyond is in excess. Parts of a unit take none of it.

use std::collections::{BTreeMap, HashMap};

use super::line::SettlementLine;
use super::same_model::{Likeness, Models};
use crate::catalog::AssetClass;
use crate::fleet::words::{fold, serial};
use crate::outcome::{Disposition, HandedOver};

/// By what a line was matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MatchedBy {
    Serial,
    Tag,
    SerialSlip,
    DriveSerial,
    RequestLine,
    Model,
}

impl MatchedBy {
    /// The words people read.
    pub const fn name(self) -> &'static str {
        match self {
            MatchedBy::Serial => "serial",
            MatchedBy::Tag => "tag",
            MatchedBy::SerialSlip => "serial, misread",
            MatchedBy::DriveSerial => "serial of its drive",
            MatchedBy::RequestLine => "request line",
            MatchedBy::Model => "model alone",
        }
    }

    /// How sure it is that the line speaks of this hand-over: `sure`, `likely` or `doubtful`.
    pub const fn sureness(self) -> &'static str {
        match self {
            MatchedBy::Serial | MatchedBy::Tag | MatchedBy::DriveSerial => "sure",
            MatchedBy::SerialSlip | MatchedBy::RequestLine => "likely",
            MatchedBy::Model => "doubtful",
        }
    }
}

/// Units of a line that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Position of the line.
    pub line: usize,
    /// Position of the hand-over, and by what it was found; none for units nobody handed over.
    pub handed: Option<(usize, MatchedBy)>,
    /// Units of the line that it is about.
    pub units: u64,
    /// Whether it tells of a part of the unit.
    pub is_part: bool,
    /// Position of the line that had taken the hand-over's last unit before.
    pub twice: Option<usize>,
}

/// Lines against hand-overs.
pub(super) struct Pairing<'a> {
    lines: &'a [SettlementLine],
    handed: &'a [HandedOver],
    models: &'a Models<'a>,
    by_serial: HashMap<String, Vec<usize>>,
    by_tag: HashMap<String, Vec<usize>>,
    by_slip: HashMap<String, Vec<usize>>,
    /// Units of each hand-over that no line has taken, and the line that took the last.
    left: Vec<u64>,
    taken_by: Vec<Option<usize>>,
    /// Whether each hand-over has a serial number that identifies it.
    has_serial: Vec<bool>,
    pieces: Vec<Vec<Piece>>,
}

/// Matches every line.
pub(super) fn pieces(lines: &[SettlementLine], handed: &[HandedOver], models: &Models<'_>) -> Vec<Piece> {
    let mut pairing = Pairing::new(lines, handed, models);
    for by in [MatchedBy::Serial, MatchedBy::Tag, MatchedBy::SerialSlip, MatchedBy::DriveSerial] {
        let drives = if by == MatchedBy::DriveSerial { pairing.drives() } else { HashMap::new() };
        for line in 0..lines.len() {
            if let Some(found) = pairing.by_identifier(line, by, &drives) {
                pairing.take_whole(line, found, by);
            }
        }
    }
    for line in 0..lines.len() {
        if let Some(found) = pairing.by_request_line(line) {
            pairing.take_whole(line, found, MatchedBy::RequestLine);
        }
    }
    pairing.by_model();
    pairing.rest();
    pairing.pieces.into_iter().flatten().collect()
}

/// The same text with the letters that scanners and people take for digits.
fn slip_key(serial: &str) -> String {
    serial
        .chars()
        .map(|mark| match mark {
            'O' => '0',
            'I' => '1',
            other => other,
        })
        .collect()
}

/// Whether hand-overs of this class are components themselves.
const fn is_component(class: AssetClass) -> bool {
    matches!(class, AssetClass::Gpu | AssetClass::Cpu | AssetClass::Memory | AssetClass::Storage)
}

impl<'a> Pairing<'a> {
    fn new(lines: &'a [SettlementLine], handed: &'a [HandedOver], models: &'a Models<'a>) -> Pairing<'a> {
        let mut pairing = Pairing {
            lines,
            handed,
            models,
            by_serial: HashMap::new(),
            by_tag: HashMap::new(),
            by_slip: HashMap::new(),
            left: handed.iter().map(|one| one.quantity).collect(),
            taken_by: vec![None; handed.len()],
            has_serial: vec![false; handed.len()],
            pieces: vec![Vec::new(); lines.len()],
        };
        for (at, one) in handed.iter().enumerate() {
            if let Some(key) = one.serial.as_deref().and_then(serial) {
                pairing.has_serial[at] = true;
                pairing.by_slip.entry(slip_key(&key)).or_default().push(at);
                pairing.by_serial.entry(key).or_default().push(at);
            }
            for tag in one.tag.iter().chain([&one.asset]) {
                let known = pairing.by_tag.entry(fold(tag)).or_default();
                if known.last() != Some(&at) {
                    known.push(at);
                }
            }
        }
        pairing
    }

    /// Serial numbers of drives that lines of matched units name, and the hand-over.
    fn drives(&self) -> HashMap<String, usize> {
        let matched = self.lines.iter().zip(&self.pieces);
        let named = matched.filter_map(|(line, pieces)| Some((line, pieces.first()?.handed?.0)));
        named.flat_map(|(line, at)| line.drives.iter().map(move |drive| (drive.clone(), at))).collect()
    }

    fn by_identifier(&self, line: usize, by: MatchedBy, drives: &HashMap<String, usize>) -> Option<usize> {
        if !self.pieces[line].is_empty() {
            return None;
        }
        let told = &self.lines[line];
        let candidates = match by {
            MatchedBy::Serial => self.by_serial.get(told.serial_key.as_ref()?)?,
            MatchedBy::Tag => self.by_tag.get(&fold(told.tag.as_ref()?))?,
            MatchedBy::SerialSlip => {
                // A misread number that could be two units is nobody's.
                self.by_slip.get(&slip_key(told.serial_key.as_ref()?)).filter(|found| found.len() == 1)?
            }
            _ => return drives.get(told.serial_key.as_ref()?).copied(),
        };
        self.preferred(line, candidates)
    }

    /// Of several hand-overs with one identifier: of the request that the line names, with units left, the first.
    fn preferred(&self, line: usize, candidates: &[usize]) -> Option<usize> {
        let request = self.lines[line].request.as_deref().map(fold);
        let other_request =
            |at: usize| request.as_ref().is_some_and(|name| *name != fold(&self.handed[at].request));
        candidates.iter().copied().min_by_key(|at| (other_request(*at), self.left[*at] == 0, *at))
    }

    /// Gives a whole line to a hand-over.
    fn take_whole(&mut self, line: usize, at: usize, by: MatchedBy) {
        let told = &self.lines[line];
        let class = self.handed[at].class;
        let is_part = (told.is_part && !is_component(class)) || told.disposition == Disposition::SoldAsParts;
        let mut piece = Piece { line, handed: Some((at, by)), units: told.quantity, is_part, twice: None };
        if !is_part {
            piece.twice = self.taken_by[at].filter(|_| self.left[at] < told.quantity);
            if piece.twice.is_none() && self.left[at] < told.quantity {
                // More units than were handed over, and no other line had any: the rest is nobody's.
                piece.units = self.left[at].max(1);
            }
            self.left[at] = self.left[at].saturating_sub(piece.units);
            self.taken_by[at] = self.taken_by[at].or(Some(line));
        }
        self.pieces[line].push(piece);
    }

    /// By the request's own line number, which the vendor echoes; or by the vendor's line number, if the model is the same.
    fn by_request_line(&self, line: usize) -> Option<usize> {
        if !self.pieces[line].is_empty() {
            return None;
        }
        let told = &self.lines[line];
        let request = told.request.as_deref().map(fold);
        let of_number = |number: u32| {
            let of_request =
                |one: &HandedOver| request.as_ref().is_none_or(|name| *name == fold(&one.request));
            let same = move |(_, one): &(usize, &HandedOver)| one.line == number && of_request(one);
            self.handed.iter().enumerate().filter(same).map(|(at, _)| at).filter(|at| self.left[*at] > 0)
        };
        let mut echoed = told.request_line.into_iter().flat_map(of_number);
        if let (Some(at), None) = (echoed.next(), echoed.next()) {
            return Some(at);
        }
        let mut counted = told
            .line
            .into_iter()
            .flat_map(of_number)
            .filter(|at| self.likeness(line, *at) == Likeness::Same && !self.serials_differ(line, *at));
        counted.next().filter(|_| counted.next().is_none())
    }

    fn likeness(&self, line: usize, at: usize) -> Likeness {
        let one = &self.handed[at];
        let seen = self.lines[line].model.as_deref();
        seen.map_or(Likeness::Unclear, |seen| self.models.compare(&one.product, seen, one.class))
    }

    /// Whether both have a serial number: it would have matched if it were the same unit.
    fn serials_differ(&self, line: usize, at: usize) -> bool {
        self.lines[line].serial_key.is_some() && self.has_serial[at]
    }

    /// Lines without a usable identifier take units of their model that are left, over several hand-overs if need be.
    fn by_model(&mut self) {
        let mut of_products: BTreeMap<(AssetClass, &str), Vec<usize>> = BTreeMap::new();
        for (at, one) in self.handed.iter().enumerate().filter(|(at, _)| self.left[*at] > 0) {
            of_products.entry((one.class, &one.product)).or_default().push(at);
        }
        for line in 0..self.lines.len() {
            let told = &self.lines[line];
            let Some(seen) = told.model.as_deref().filter(|_| self.pieces[line].is_empty() && !told.is_part)
            else {
                continue;
            };
            let is_same = |(class, product): &(AssetClass, &str)| {
                self.models.compare(product, seen, *class) == Likeness::Same
            };
            let same = of_products.iter().filter(|(product, _)| is_same(product));
            let mut candidates: Vec<usize> =
                same.flat_map(|(_, positions)| positions.iter().copied()).collect();
            candidates.sort_unstable();
            let mut wanted = told.quantity;
            for at in candidates {
                if wanted == 0 || self.left[at] == 0 || self.serials_differ(line, at) {
                    continue;
                }
                let units = wanted.min(self.left[at]);
                let handed = Some((at, MatchedBy::Model));
                self.pieces[line].push(Piece { line, handed, units, is_part: false, twice: None });
                self.left[at] -= units;
                self.taken_by[at] = self.taken_by[at].or(Some(line));
                wanted -= units;
            }
        }
    }

    /// What no hand-over has.
    fn rest(&mut self) {
        for (line, told) in self.lines.iter().enumerate() {
            let units = told.quantity - self.pieces[line].iter().map(|piece| piece.units).sum::<u64>();
            if units > 0 {
                self.pieces[line].push(Piece { line, handed: None, units, is_part: false, twice: None });
            }
        }
    }
}
