//! Which column of a settlement is what, and what the vendors' words mean.
//!
//! In: `data/profiles/settlement-lines.toml` (built into the binary) and files of the user's of the same form. Out: a checked
//! [`Layout`], and the [`Columns`] of a header. Headers and words are compared folded: no case, accents, spaces, punctuation.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::value::{Error as NoSuchMeaning, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::SettleError;
use crate::fleet::words::fold;
use crate::outcome::{Disposition, Receipt, Sanitization};

const BUILT_IN: &str = include_str!("../../../data/profiles/settlement-lines.toml");

/// What a column of a settlement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub(super) enum Column {
    Job,
    Lot,
    Line,
    Request,
    RequestLine,
    Received,
    Serial,
    Tag,
    Manufacturer,
    Model,
    Class,
    Cpu,
    Ram,
    Storage,
    Grade,
    GradeScheme,
    Functional,
    Cosmetic,
    Remarks,
    Drives,
    Sanitization,
    WipeResult,
    Disposition,
    Receipt,
    Sold,
    Quantity,
    Gross,
    UnitPrice,
    TotalFees,
    Share,
    VendorShare,
    Net,
    Currency,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LayoutFile {
    headers: BTreeMap<Column, Vec<String>>,
    fees: BTreeMap<String, Vec<String>>,
    words: Words,
    erasure: BTreeMap<ErasureColumn, Vec<String>>,
}

/// What a column of an erasure report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub(super) enum ErasureColumn {
    SystemSerial,
    Tag,
    DriveSerial,
    State,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Words {
    disposition: BTreeMap<String, Vec<String>>,
    receipt: BTreeMap<String, Vec<String>>,
    sanitization: BTreeMap<String, Vec<String>>,
    part: BTreeMap<String, Vec<String>>,
}

/// How settlements are written.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    headers: HashMap<String, (Column, usize)>,
    fees: HashMap<String, String>,
    dispositions: HashMap<String, Disposition>,
    receipts: HashMap<String, Receipt>,
    sanitizations: HashMap<String, Sanitization>,
    parts: HashSet<String>,
    erasure: HashMap<(ErasureColumn, String), usize>,
}

static BUILT_IN_LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    Layout::default()
        .with_text(Path::new("data/profiles/settlement-lines.toml"), BUILT_IN)
        .expect("data/profiles/settlement-lines.toml is checked by a test")
});

impl Layout {
    /// What ships with the program.
    pub fn built_in() -> Layout {
        BUILT_IN_LAYOUT.clone()
    }

    /// The built-in lists with files laid over them; what a file says goes before.
    pub fn with_files(paths: &[PathBuf]) -> Result<Layout, SettleError> {
        let mut layout = Layout::built_in();
        for path in paths {
            let text = std::fs::read_to_string(path).map_err(|error| SettleError::Profile {
                path: path.clone(),
                reason: format!("cannot be read: {error}"),
            })?;
            layout = layout.with_text(path, &text)?;
        }
        Ok(layout)
    }

    /// These lists with one more file over them.
    fn with_text(mut self, path: &Path, text: &str) -> Result<Layout, SettleError> {
        let file: LayoutFile = toml::from_str(text).map_err(|error| SettleError::Profile {
            path: path.to_owned(),
            reason: error.message().trim().replace('\n', " "),
        })?;
        let mut own: HashMap<String, (Column, usize)> = HashMap::new();
        for (column, names) in &file.headers {
            for (rank, name) in names.iter().enumerate() {
                match own.get(&fold(name)) {
                    Some((other, _)) if other != column => {
                        return Err(SettleError::Profile {
                            path: path.to_owned(),
                            reason: format!(
                                "the header `{name}` means two columns: leave it under one of them"
                            ),
                        });
                    }
                    Some(_) => {}
                    None => drop(own.insert(fold(name), (*column, rank))),
                }
            }
        }
        // Names of the base go behind the new ones of the same column.
        for (_, rank) in self.headers.values_mut() {
            *rank += 1000;
        }
        self.headers.extend(own);
        for rank in self.erasure.values_mut() {
            *rank += 1000;
        }
        for (column, names) in file.erasure {
            let ranked = names.iter().enumerate().map(|(rank, name)| ((column, fold(name)), rank));
            self.erasure.extend(ranked);
        }
        let unknown =
            |error: NoSuchMeaning| SettleError::Profile { path: path.to_owned(), reason: error.to_string() };
        self.fees.extend(inverted::<String>(file.fees).map_err(unknown)?);
        self.dispositions.extend(inverted(file.words.disposition).map_err(unknown)?);
        self.receipts.extend(inverted(file.words.receipt).map_err(unknown)?);
        self.sanitizations.extend(inverted(file.words.sanitization).map_err(unknown)?);
        self.parts.extend(inverted::<String>(file.words.part).map_err(unknown)?.into_keys());
        Ok(self)
    }

    /// What became of a unit, by the vendor's word; none for a word that is not known.
    pub(super) fn disposition(&self, cell: &str) -> Option<Disposition> {
        look_up(&self.dispositions, cell)
    }

    /// Whether it arrived, by the vendor's word.
    pub(super) fn receipt(&self, cell: &str) -> Option<Receipt> {
        look_up(&self.receipts, cell)
    }

    /// What the erasure came to, by the vendor's word. `Pass, 1 drive failed` has failed.
    pub(super) fn sanitization(&self, cell: &str) -> Option<Sanitization> {
        let folded = fold(cell);
        let whole = self.sanitizations.get(&folded).copied();
        let speaks_of_failure = || FAILURE_STEMS.iter().any(|stem| folded.contains(stem));
        whole.or_else(|| match look_up(&self.sanitizations, cell) {
            Some(Sanitization::Passed) if speaks_of_failure() => Some(Sanitization::Failed),
            found => found,
        })
    }

    /// Whether a kind names a part of a device.
    pub(super) fn is_part(&self, cell: &str) -> bool {
        self.parts.contains(&fold(cell))
    }

    /// The position of a column of an erasure report, the preferred one.
    pub(super) fn erasure_column(&self, headers: &[String], column: ErasureColumn) -> Option<usize> {
        let ranks = headers.iter().enumerate().filter_map(|(position, header)| {
            self.erasure.get(&(column, fold(header))).map(|rank| (*rank, position))
        });
        ranks.min().map(|(_, position)| position)
    }

    /// The columns of a header.
    pub(super) fn columns(&self, headers: &[String]) -> Columns {
        let mut ranked: BTreeMap<Column, Vec<(usize, usize)>> = BTreeMap::new();
        let mut columns = Columns { headers: headers.to_vec(), ..Columns::default() };
        for (position, header) in headers.iter().enumerate() {
            let bare = header.split(['(', '[']).next().unwrap_or(header);
            let forms = [fold(header), fold(bare)];
            let known = forms.iter().find_map(|form| self.headers.get(form));
            let fee = forms.iter().find_map(|form| self.fees.get(form));
            match (known, fee) {
                (Some((column, rank)), _) => ranked.entry(*column).or_default().push((*rank, position)),
                (None, Some(kind)) => columns.fees.push((kind.clone(), position)),
                (None, None) if is_fee(&forms[1]) => {
                    columns.fees.push((bare.trim().to_lowercase(), position));
                }
                (None, None) if header.trim().is_empty() => {}
                (None, None) => columns.not_read.push(header.clone()),
            }
        }
        for (column, mut positions) in ranked {
            positions.sort_unstable();
            columns.positions.insert(column, positions.into_iter().map(|(_, position)| position).collect());
        }
        columns
    }
}

/// Parts of folded words that say that something of an erasure did not work.
const FAILURE_STEMS: [&str; 10] =
    ["fail", "not", "partial", "except", "error", "fehl", "nicht", "echec", "echou", "fall"];

/// Whether a folded header names a fee that no list knows.
fn is_fee(folded: &str) -> bool {
    ["fee", "fees", "charge", "charges", "gebuhr", "gebuhren"].iter().any(|end| folded.ends_with(end))
        || ["frais", "tarifa"].iter().any(|start| folded.starts_with(start))
}

/// Folded word → meaning; the error names a meaning there is none of, and those there are.
fn inverted<M: Clone + DeserializeOwned>(
    lists: BTreeMap<String, Vec<String>>,
) -> Result<HashMap<String, M>, NoSuchMeaning> {
    let mut words = HashMap::new();
    for (name, list) in lists {
        let name: StrDeserializer<'_, NoSuchMeaning> = name.as_str().into_deserializer();
        let meaning = M::deserialize(name)?;
        words.extend(list.iter().map(|word| (fold(word), meaning.clone())));
    }
    Ok(words)
}

/// The whole cell, else what stands before a bracket, a comma or a dash with spaces.
fn look_up<M: Copy>(words: &HashMap<String, M>, cell: &str) -> Option<M> {
    let before = |mark: &str| cell.split(mark).next().unwrap_or(cell).to_owned();
    [cell.to_owned(), before("("), before(","), before(" - "), before(":")]
        .iter()
        .find_map(|form| words.get(&fold(form)).copied())
}

/// The columns of one table.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    headers: Vec<String>,
    positions: BTreeMap<Column, Vec<usize>>,
    /// Kind of fee and its column.
    pub fees: Vec<(String, usize)>,
    /// Headers that mean nothing here.
    pub not_read: Vec<String>,
}

impl Columns {
    /// Number of columns that are known.
    pub(super) fn known(&self) -> usize {
        self.positions.values().map(Vec::len).sum::<usize>() + self.fees.len()
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.positions.contains_key(&column)
    }

    /// Whether a table with this header can be a settlement: money, and something that says for which unit.
    pub(super) fn can_settle(&self) -> bool {
        use Column::{Gross, Line, Model, Net, RequestLine, Serial, Tag, UnitPrice};
        [Gross, Net, UnitPrice].iter().any(|column| self.has(*column))
            && [Serial, Tag, Model, RequestLine, Line].iter().any(|column| self.has(*column))
    }

    /// Positions of a column, the preferred first.
    pub(super) fn of(&self, column: Column) -> &[usize] {
        self.positions.get(&column).map_or(&[], Vec::as_slice)
    }

    /// The header at a position.
    pub(super) fn header(&self, position: usize) -> &str {
        self.headers.get(position).map_or("", String::as_str)
    }

    /// Number of cells a row has.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// Positions of all columns of money.
    pub(super) fn amounts(&self) -> Vec<usize> {
        use Column::{Gross, Net, TotalFees, UnitPrice};
        let known = [Gross, UnitPrice, TotalFees, Net].into_iter().flat_map(|column| self.of(column));
        known.copied().chain(self.fees.iter().map(|(_, position)| *position)).collect()
    }

    /// Positions of all columns of dates.
    pub(super) fn dates(&self) -> Vec<usize> {
        [Column::Received, Column::Sold].into_iter().flat_map(|column| self.of(column)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_lists_are_sound_and_no_word_has_two_meanings() {
        let file: LayoutFile = toml::from_str(BUILT_IN).unwrap();
        for list in [&file.words.disposition, &file.words.receipt, &file.words.sanitization] {
            let mut seen: HashMap<String, &String> = HashMap::new();
            for (meaning, word) in
                list.iter().flat_map(|(meaning, words)| words.iter().map(move |w| (meaning, w)))
            {
                let other = seen.insert(fold(word), meaning);
                assert!(other.is_none_or(|other| other == meaning), "`{word}` has two meanings");
            }
        }
        for names in file.fees.values().flatten() {
            assert!(
                !Layout::built_in().headers.contains_key(&fold(names)),
                "`{names}` is a fee and a column"
            );
        }
    }

    #[test]
    fn headers_of_four_languages_reach_their_columns() {
        let of = |header: &str| {
            let columns = Layout::built_in().columns(&[header.to_owned()]);
            columns.positions.keys().next().copied()
        };
        assert_eq!(of("Gross Sale Price"), Some(Column::Gross));
        assert_eq!(of("Verkaufspreis (EUR)"), Some(Column::Gross));
        assert_eq!(of("Prix de vente"), Some(Column::Gross));
        assert_eq!(of("Precio de venta"), Some(Column::Gross));
        assert_eq!(of("Kundenanteil %"), Some(Column::Share));
        let fees = Layout::built_in().columns(&["Löschgebühr".into(), "Label removal fee".into()]).fees;
        assert_eq!(fees, [("wipe".to_owned(), 0), ("label removal fee".to_owned(), 1)]);
    }

    #[test]
    fn words_are_found_whole_and_before_a_bracket() {
        let layout = Layout::built_in();
        assert_eq!(layout.disposition("Resold (no drives)"), Some(Disposition::SoldWithoutDrives));
        assert_eq!(layout.disposition("Resold (eBay)"), Some(Disposition::Sold));
        assert_eq!(layout.sanitization("Fail - shredded"), Some(Sanitization::FailedAndDestroyed));
        assert_eq!(layout.sanitization("Failed (2 drives)"), Some(Sanitization::Failed));
        assert_eq!(layout.sanitization("Pass, 1 drive failed"), Some(Sanitization::Failed));
        assert_eq!(layout.sanitization("Pass (NIST 800-88 Purge)"), Some(Sanitization::Passed));
        assert_eq!(layout.receipt("Nicht auf Liste"), Some(Receipt::Extra));
        assert_eq!(layout.disposition("Awaiting QC"), None);
    }

    #[test]
    fn a_profile_that_makes_no_sense_is_refused_with_its_name() {
        let refused =
            |text: &str| Layout::built_in().with_text(Path::new("mine.toml"), text).unwrap_err().to_string();
        assert!(refused("[words.disposition]\neaten = [\"x\"]").contains("unknown variant `eaten`"));
        assert!(refused("[headers]\nprice = [\"x\"]").contains("mine.toml"));
        let twice = refused("[headers]\ngross = [\"Betrag\"]\nnet = [\"betrag\"]");
        assert!(twice.contains("`betrag` means two columns"), "{twice}");
    }
}
