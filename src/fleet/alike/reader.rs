//! The rows of a block told apart.
//!
//! In: the columns of a register and a block of its rows, as text or as columns. Out: [`Sorted`]: which kinds of rows are in the block, and kind, line
//! and name of every row. What rows of one kind share is the kind's *key*: all cells that are read but names, places within a
//! site and references; sightings where no date of purchase is told; and of the names what decides whether the row is an asset.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::super::Field;
use super::super::columns::{ColumnRole, Columns};
use super::super::record;
use super::super::styles::FileContext;
use super::super::table::Row;
use super::blocks::Block;
use super::cells::Cells;
#[cfg(feature = "parquet")]
use super::columnar;
use super::{AlikeError, Batch, Batches, Form, Register, Seen, Source};

/// Fields that name a unit or say where within a site it stands: they move no money.
const NAMES: [Field; 9] = [
    Field::UnitId,
    Field::AssetId,
    Field::Serial,
    Field::Name,
    Field::Location,
    Field::LedgerId,
    Field::OrderNumber,
    Field::LeaseReference,
    Field::RackUnit,
];

/// Fields that count only where no date of purchase is told: they bound the age.
const SIGHTINGS: [Field; 8] = [
    Field::Serial,
    Field::Notes,
    Field::LastSeen,
    Field::FirstSeen,
    Field::LastAudited,
    Field::FirmwareDate,
    Field::RecordCreated,
    Field::RecordUpdated,
];

/// Dates that say when a unit was bought.
const PURCHASES: [Field; 2] = [Field::PurchaseDate, Field::InServiceDate];

/// A kind of rows, by the first of them in a block.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FirstOfKind {
    /// What its rows share.
    pub key: Box<[u8]>,
    /// The row as it stands.
    pub record: Box<[u8]>,
    /// Its position in the block.
    pub row: usize,
    /// How many rows of the kind are in the block.
    pub rows: u64,
}

/// The rows of a block, told apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sorted {
    /// In the order of their first rows.
    pub kinds: Vec<FirstOfKind>,
    /// The line of the first row.
    pub first_line: u64,
    /// Of each row the position of its kind.
    pub kind_of: Vec<u32>,
    /// Of each row how many lines it stands behind the first.
    pub lines: Vec<u32>,
    /// The names of all rows, one behind the other.
    pub names: String,
    /// Where each name ends.
    pub name_ends: Vec<u32>,
}

impl Sorted {
    /// The name of the row at a position.
    pub(crate) fn name(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).map_or(0, |before| self.name_ends[before] as usize);
        &self.names[begin..self.name_ends[row] as usize]
    }

    /// The line of the row at a position.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.first_line + u64::from(self.lines[row])
    }
}

/// Reads rows, as far as a stream needs to.
pub(crate) struct Reader<'a> {
    register: &'a Register,
    context: FileContext<'a>,
    /// Columns that tell kinds of rows apart.
    counts: Vec<usize>,
    /// Columns that do so where no date of purchase is told.
    sightings: Vec<usize>,
    purchases: Vec<usize>,
}

impl<'a> Reader<'a> {
    /// Of the rows of a register.
    pub(crate) fn new(register: &'a Register) -> Reader<'a> {
        let columns: &Columns = &register.columns;
        let (names, sightings) = (positions(columns, &NAMES), positions(columns, &SIGHTINGS));
        let is_read = |position: &usize| matches!(columns.role(*position).0, ColumnRole::Field(_));
        let counts = (0..columns.width())
            .filter(is_read)
            .filter(|position| !names.contains(position) && !sightings.contains(position))
            .collect();
        Reader {
            register,
            context: FileContext::new(0, &register.sample, columns, &register.options),
            counts,
            sightings,
            purchases: positions(columns, &PURCHASES),
        }
    }

    /// All rows, from the first; `seen` is told what was read of the file.
    pub(crate) fn batches(&self, seen: Arc<Seen>) -> Result<Batches<'_>, AlikeError> {
        let source = match &self.register.form {
            Form::Text { packing } => Source::Text(self.register.blocks(*packing, Arc::clone(&seen))?),
            #[cfg(feature = "parquet")]
            Form::Columns(source) => {
                self.register.show_whole(&seen)?;
                Source::Columns { rows: source.batches(&self.wanted(), &self.counts)?, done: 0 }
            }
        };
        Ok(Batches { register: self.register, seen, source })
    }

    /// Tells the rows of a batch apart.
    pub(crate) fn sort(&self, batch: &Batch) -> Result<Sorted, AlikeError> {
        match batch {
            Batch::Text(block) => self.sort_text(block),
            #[cfg(feature = "parquet")]
            Batch::Columns(columns) => Ok(columnar::sort(self, columns)),
        }
    }

    fn sort_text(&self, block: &Block) -> Result<Sorted, AlikeError> {
        let text = std::str::from_utf8(&block.bytes).map_err(|error| AlikeError::Encoding {
            path: self.register.path.clone(),
            line: block.line_of(error.valid_up_to()),
        })?;
        let mut sorted = Sorted { first_line: block.first_line, ..Sorted::default() };
        let mut places: HashMap<Box<[u8]>, u32, FixedState> = HashMap::default();
        let (mut cells, mut key) = (Cells::default(), Vec::new());
        for (row, (line, record)) in block.records().enumerate() {
            let record = &text[record];
            self.cut(record, &mut cells);
            let cells_of_row = cells.row(line);
            self.key(cells_of_row, &mut key);
            let place = match places.get(key.as_slice()) {
                Some(place) => *place,
                None => {
                    let place = sorted.kinds.len() as u32;
                    places.insert(key.as_slice().into(), place);
                    sorted.kinds.push(FirstOfKind {
                        key: key.as_slice().into(),
                        record: record.as_bytes().into(),
                        row,
                        rows: 0,
                    });
                    place
                }
            };
            sorted.kinds[place as usize].rows += 1;
            sorted.kind_of.push(place);
            sorted.lines.push((line - block.first_line) as u32);
            sorted.names.push_str(&record::name(&self.context, cells_of_row));
            sorted.name_ends.push(sorted.names.len() as u32);
        }
        Ok(sorted)
    }

    /// Cuts a record into cells.
    pub(super) fn cut(&self, record: &str, cells: &mut Cells) {
        cells.cut(record, self.register.sample.delimiter as u8);
    }

    /// What rows of one kind share, as bytes.
    pub(super) fn key(&self, row: Row<'_>, key: &mut Vec<u8>) {
        key.clear();
        let width = self.register.columns.width();
        let push = |key: &mut Vec<u8>, cell: &str| {
            key.extend_from_slice(cell.as_bytes());
            key.push(0x1f);
        };
        let is_regular =
            row.len() >= width && (width..row.len()).all(|at| row.get(at).is_none_or(str::is_empty));
        if !is_regular {
            // Refused for its width, or for cells that are told: as it stands.
            key.push(0x1e);
            row.iter().for_each(|cell| push(key, cell));
            return;
        }
        let mut push_at = |positions: &[usize]| {
            positions.iter().for_each(|position| push(key, row.get(*position).unwrap_or("")));
        };
        push_at(&self.counts);
        let dated = self.purchases.iter().any(|position| row.get(*position).is_some_and(tells_a_date));
        if !dated {
            push_at(&self.sightings);
        }
        record::add_naming(&self.context, row, key);
    }
}

#[cfg(feature = "parquet")]
impl Reader<'_> {
    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.register.columns.width()
    }

    /// How the cells of the register are read.
    pub(super) fn context(&self) -> &FileContext<'_> {
        &self.context
    }

    /// Columns that tell kinds of rows apart.
    pub(super) fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Columns that do so where no date of purchase is told.
    pub(super) fn sightings(&self) -> &[usize] {
        &self.sightings
    }

    /// Columns of dates of purchase.
    pub(super) fn purchases(&self) -> &[usize] {
        &self.purchases
    }

    /// Columns that name a unit or say where it stands, in order.
    pub(super) fn names(&self) -> Vec<usize> {
        positions(&self.register.columns, &NAMES)
    }

    /// Columns of models, preferred first.
    pub(super) fn models(&self) -> &[usize] {
        self.register.columns.of(Field::Model)
    }

    /// Columns whose cells are read at all, in order.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let mut wanted = [self.counts.clone(), self.sightings.clone(), self.names()].concat();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }
}

/// Where the columns of some fields stand, in order.
fn positions(columns: &Columns, fields: &[Field]) -> Vec<usize> {
    let mut positions: Vec<usize> = fields.iter().flat_map(|field| columns.of(*field)).copied().collect();
    positions.sort_unstable();
    positions
}

/// Whether a cell can be a date: four digits that are not all noughts.
pub(super) fn tells_a_date(cell: &str) -> bool {
    let digits = cell.bytes().filter(u8::is_ascii_digit);
    digits.clone().count() >= 4 && digits.clone().any(|digit| digit != b'0')
}
