//! The rows of a block told apart.
//!
//! In: a register and a block of its rows, as text or as columns. Out: [`Sorted`]: which kinds of rows are in the block, and
//! kind, line and name of every row. What rows of one kind share is the kind's *key*: the cells of its [`KindColumns`], and of
//! the names what decides whether the row is an asset.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

#[cfg(feature = "parquet")]
use super::super::Field;
use super::super::record;
use super::super::styles::FileContext;
use super::super::table::Row;
use super::blocks::Block;
use super::cells::Cells;
#[cfg(feature = "parquet")]
use super::columnar;
use super::{AlikeError, Batch, Batches, Form, KindColumns, Register, Seen, Source};

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

/// Rows one after another: kind, line and name of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rows {
    /// The line of the first.
    pub first_line: u64,
    /// The kind of each, as a position among kinds.
    pub kinds: Vec<u32>,
    /// How many lines each stands behind the first.
    pub lines: Vec<u32>,
    /// Where the name of each ends.
    pub name_ends: Vec<u32>,
    /// The names, one behind the other.
    pub names: String,
}

impl Rows {
    /// The name of the row at a position.
    pub(crate) fn name(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).map_or(0, |before| self.name_ends[before] as usize);
        &self.names[begin..self.name_ends[row] as usize]
    }

    /// The line of the row at a position.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.first_line + u64::from(self.lines[row])
    }

    /// Adds a row.
    pub(super) fn push(&mut self, kind: u32, line: u64, name: &str) {
        self.kinds.push(kind);
        self.lines.push((line - self.first_line) as u32);
        self.names.push_str(name);
        self.name_ends.push(self.names.len() as u32);
    }
}

/// The rows of a block, told apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sorted {
    /// In the order of their first rows.
    pub kinds: Vec<FirstOfKind>,
    /// The rows, with the positions of their kinds in the block.
    pub rows: Rows,
}

/// Reads rows, as far as a stream needs to.
pub(crate) struct Reader<'a> {
    register: &'a Register,
    context: FileContext<'a>,
    kind: KindColumns,
}

impl<'a> Reader<'a> {
    /// Of the rows of a register.
    pub(crate) fn new(register: &'a Register) -> Reader<'a> {
        let columns = &register.columns;
        let context = FileContext::new(0, &register.sample, columns, &register.options);
        Reader { register, context, kind: KindColumns::of(columns) }
    }

    /// All rows, from the first; `seen` is told what was read of the file.
    pub(crate) fn batches(&self, seen: Arc<Seen>) -> Result<Batches<'_>, AlikeError> {
        let source = match &self.register.form {
            Form::Text { packing } => Source::Text(self.register.blocks(*packing, Arc::clone(&seen))?),
            #[cfg(feature = "parquet")]
            Form::Columns(source) => {
                self.register.show_whole(&seen)?;
                Source::Columns { rows: source.batches(&self.kind.positions(), self.kind.counts())?, done: 0 }
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
        let mut sorted = Sorted::default();
        sorted.rows.first_line = block.first_line;
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
            sorted.rows.push(place, line, &record::name(&self.context, cells_of_row));
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
        self.kind.visit(|position| row.get(position).unwrap_or(""), |_, cell| push(key, cell));
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

    /// Which columns tell kinds of rows apart.
    pub(super) fn kind(&self) -> &KindColumns {
        &self.kind
    }

    /// Columns of models, preferred first.
    pub(super) fn models(&self) -> &[usize] {
        self.register.columns.of(Field::Model)
    }
}
