//! A register too large to hold: rows that are alike are read once.
//!
//! In: one register, as text, plain or packed, its header in the first lines, or as Parquet. Out: what tells one kind of row from another (a
//! [`Reader::key`]), a name for each row, and what each kind of row is (a [`Kind`]), by the same reading as any register. What
//! a unit is worth hangs on its product, dates, costs, place and state; not on its name. So two rows are of one kind when all
//! cells agree but names, places within a site and references; where a row says no date of purchase, serial number, sightings
//! and notes count too, for they tell the age.
//!
//! Rows are taken as they stand: none is joined with another, and no cards are looked for beside their servers.

mod blocks;
mod cells;
#[cfg(feature = "parquet")]
mod columnar;
mod error;
mod kind_columns;
mod reader;
mod watched;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blocks::{Block, BlockError, Blocks};
pub use error::AlikeError;
pub use kind_columns::KindColumns;
pub(crate) use reader::{Reader, Rows, Sorted};
pub(crate) use watched::Seen;

use super::columns::Columns;
use super::read::{ReadOptions, Reject, header_score};
use super::styles::FileContext;
use super::table::packed::Packing;
use super::table::{self, FileError, Row, Table};
use super::{Asset, FileSummary, RowReference};
use crate::units::Work;
use blocks::line_ends;
use cells::Cells;
use watched::open;

/// Bytes at the beginning of a file that show its header and how it is written.
const SAMPLE_BYTES: usize = 1 << 20;

/// Rows of it that are cut as those that follow will be, to see whether any comes out alike.
const SAMPLE_ROWS: usize = 1_000;

/// A register whose header is known.
#[derive(Debug)]
pub(crate) struct Register {
    path: PathBuf,
    options: ReadOptions,
    /// Everything above the first row.
    head: String,
    form: Form,
    columns: Columns,
    sample: Table,
}

/// What a register is written as.
#[derive(Debug)]
enum Form {
    Text {
        packing: Option<Packing>,
    },
    #[cfg(feature = "parquet")]
    Columns(columnar::Source),
}

/// Some rows of a register.
#[derive(Debug)]
pub(crate) enum Batch {
    /// Records of text.
    Text(Block),
    /// Columns.
    #[cfg(feature = "parquet")]
    Columns(columnar::Columns),
}

/// Rows that come batch by batch.
pub(crate) struct Batches<'a> {
    register: &'a Register,
    seen: Arc<Seen>,
    source: Source,
}

enum Source {
    Text(Blocks<Box<dyn Read + Send>>),
    #[cfg(feature = "parquet")]
    Columns {
        rows: columnar::Rows,
        done: usize,
    },
}

impl Batches<'_> {
    /// The next rows; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Batch>, AlikeError> {
        match &mut self.source {
            Source::Text(blocks) => match blocks.next() {
                Ok(block) => Ok(block.map(Batch::Text)),
                Err(error) => Err(self.register.told(error)),
            },
            #[cfg(feature = "parquet")]
            Source::Columns { rows, done } => {
                let columns = rows.next()?;
                *done += columns.as_ref().map_or(0, columnar::Columns::len);
                Ok(columns.map(Batch::Columns))
            }
        }
    }

    /// How much of [`Register::extent`] is done.
    pub(crate) fn done(&self) -> usize {
        match &self.source {
            Source::Text(_) => self.seen.bytes() as usize,
            #[cfg(feature = "parquet")]
            Source::Columns { done, .. } => *done,
        }
    }
}

impl Register {
    /// Looks at the beginning of a file.
    pub(crate) fn open(path: &Path, options: ReadOptions) -> Result<Register, AlikeError> {
        if path == Path::new("-") {
            return Err(AlikeError::StandardInput);
        }
        let unreadable = |source| AlikeError::from(FileError::Unreadable { path: path.to_owned(), source });
        if path.is_dir() {
            return Err(FileError::Directory { path: path.to_owned() }.into());
        }
        let mut mark = [0; 4];
        let got = File::open(path).and_then(|mut file| file.read(&mut mark)).map_err(unreadable)?;
        if mark[..got] == *b"PAR1" {
            return Register::open_columns(path, options);
        }
        let packing = Packing::of(&mark[..got]);
        let mut bytes = Vec::new();
        open(path, packing, Arc::default())
            .and_then(|source| source.take(SAMPLE_BYTES as u64).read_to_end(&mut bytes))
            .map_err(|source| damaged(path, packing, source))?;
        let is_cut = bytes.len() == SAMPLE_BYTES;
        if is_cut {
            let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
            bytes.truncate(whole);
        }
        let lines = line_ends(&bytes);
        let Ok(text) = String::from_utf8(bytes.clone()) else {
            return Err(AlikeError::Encoding { path: path.to_owned(), line: 1 });
        };
        let score = |cells: &[String]| header_score(path, cells, &options.profiles);
        let contents = match table::tables(path, bytes, &score) {
            Err(FileError::HeaderOnly { path }) if is_cut => {
                return Err(AlikeError::TooLong { path, line: lines + 1 });
            }
            contents => contents?,
        };
        let Ok([sample]) = <[Table; 1]>::try_from(contents.tables) else {
            return Err(AlikeError::NotText { path: path.to_owned() });
        };
        // The text itself must be the table: what was unpacked or is a list has no lines of its own.
        let first_line = sample.rows().next().map_or(1, |row| row.line);
        let end =
            line_start(&text, first_line).filter(|_| sample.origin.is_empty() && sample.delimiter.is_ascii());
        let head = end.map(|end| &text[..end]).filter(|head| holds_header(head, &sample));
        let Some(head) = head.map(str::to_owned) else {
            return Err(AlikeError::NotText { path: path.to_owned() });
        };
        let columns = Columns::of_table(path, &sample, &options.profiles)?;
        let register =
            Register { path: path.to_owned(), options, head, form: Form::Text { packing }, columns, sample };
        match register.cuts_its_sample(&text[register.head.len()..]) {
            true => Ok(register),
            false => Err(AlikeError::NotText { path: path.to_owned() }),
        }
    }

    #[cfg(not(feature = "parquet"))]
    fn open_columns(path: &Path, _: ReadOptions) -> Result<Register, AlikeError> {
        Err(FileError::NoParquet { path: path.to_owned() }.into())
    }

    #[cfg(feature = "parquet")]
    fn open_columns(path: &Path, options: ReadOptions) -> Result<Register, AlikeError> {
        let source = columnar::Source::open(path)?;
        let (text, head) = source.sample()?;
        let score = |cells: &[String]| header_score(path, cells, &options.profiles);
        let mut contents = table::tables(path, text.clone().into_bytes(), &score)?;
        let sample = contents.tables.swap_remove(0);
        let columns = Columns::of_table(path, &sample, &options.profiles)?;
        let (path, head) = (path.to_owned(), text[..head].to_owned());
        Ok(Register { path, options, head, form: Form::Columns(source), columns, sample })
    }

    /// Whether any of the first rows, cut one by one, is that of the table: none is where lines begin and end with a delimiter.
    fn cuts_its_sample(&self, rows: &str) -> bool {
        let lines = line_ends(self.head.as_bytes());
        let mut blocks = Blocks::new(rows.as_bytes(), self.sample.delimiter as u8, lines);
        let Ok(Some(block)) = blocks.next() else { return false };
        let (reader, mut cells) = (Reader::new(self), Cells::default());
        let mut records = block.records();
        self.sample.rows().take(SAMPLE_ROWS).any(|row| {
            records.by_ref().find(|(line, _)| *line == row.line).is_some_and(|(_, record)| {
                reader.cut(&rows[record], &mut cells);
                let filled = |row: Row<'_>| -> Vec<(usize, String)> {
                    let cells = row.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
                    cells.map(|(position, cell)| (position, cell.to_owned())).collect()
                };
                filled(row) == filled(cells.row(row.line))
            })
        })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How much there is to read: bytes of text, rows of columns.
    pub(crate) fn extent(&self) -> usize {
        match &self.form {
            Form::Text { .. } => std::fs::metadata(&self.path).map_or(0, |file| file.len() as usize),
            #[cfg(feature = "parquet")]
            Form::Columns(source) => source.rows(),
        }
    }

    /// Reads the whole file once, for those that are told of its bytes: columns are read here and there.
    #[cfg(feature = "parquet")]
    fn show_whole(&self, seen: &Arc<Seen>) -> Result<(), AlikeError> {
        let unreadable = |source| damaged(&self.path, None, source);
        let mut whole = open(&self.path, None, Arc::clone(seen)).map_err(unreadable)?;
        std::io::copy(&mut whole, &mut std::io::sink()).map_err(unreadable)?;
        Ok(())
    }

    fn blocks(
        &self,
        packing: Option<Packing>,
        seen: Arc<Seen>,
    ) -> Result<Blocks<Box<dyn Read + Send>>, AlikeError> {
        let unreadable = |source| damaged(&self.path, packing, source);
        let mut source = open(&self.path, packing, seen).map_err(unreadable)?;
        let mut head = vec![0; self.head.len()];
        source.read_exact(&mut head).map_err(unreadable)?;
        let lines = line_ends(self.head.as_bytes());
        Ok(Blocks::new(source, self.sample.delimiter as u8, lines))
    }

    /// What a block could not be read for, with the file's name.
    fn told(&self, error: BlockError) -> AlikeError {
        let packing = match self.form {
            Form::Text { packing } => packing,
            #[cfg(feature = "parquet")]
            Form::Columns(_) => None,
        };
        match error {
            BlockError::Read(source) => damaged(&self.path, packing, source),
            BlockError::TooLong { line } => AlikeError::TooLong { path: self.path.clone(), line },
        }
    }

    /// What kinds of rows are: one row of each is given, in order.
    pub(crate) fn kinds<'a>(
        &self,
        rows: impl Iterator<Item = &'a [u8]>,
        work: Work<'_>,
    ) -> Result<Kinds, AlikeError> {
        let mut text = self.head.clone().into_bytes();
        let mut line = 1 + line_ends(&text);
        let mut lines = Vec::new();
        for row in rows {
            lines.push(line);
            line += 1 + line_ends(row);
            text.extend_from_slice(row);
            text.push(b'\n');
        }
        read_kinds(self, text, &lines, work)
    }
}

/// What a row of a kind is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// An asset.
    Asset(Box<Asset>),
    /// None, for this reason; its place is not that of any row.
    Reject(Reject),
    /// A blank row.
    Nothing,
}

/// What the kinds of rows of a register are.
#[derive(Debug)]
pub(crate) struct Kinds {
    /// Of each, in order.
    pub kinds: Vec<Kind>,
    /// The file, its size and sum yet unknown.
    pub file: FileSummary,
}

fn read_kinds(
    register: &Register,
    text: Vec<u8>,
    lines: &[u64],
    work: Work<'_>,
) -> Result<Kinds, AlikeError> {
    let (path, options) = (register.path.as_path(), &register.options);
    let score = |cells: &[String]| header_score(path, cells, &options.profiles);
    let mut contents = table::tables(path, text, &score)?;
    let table = contents.tables.swap_remove(0);
    let columns = Columns::of_table(path, &table, &options.profiles)?;
    let roles = |columns: &Columns, position: usize| columns.role(position).0;
    if let Some(other) = (0..columns.width()).find(|at| roles(&columns, *at) != roles(&register.columns, *at))
    {
        let header = columns.header(other).to_owned();
        return Err(AlikeError::Unlike { path: path.to_owned(), header });
    }
    let context = FileContext::new(0, &table, &columns, options);
    let mut kinds = vec![Kind::Nothing; lines.len()];
    let place = |line: u64| {
        lines.binary_search(&line).map_err(|next| AlikeError::OpenQuote {
            path: path.to_owned(),
            line: lines[next.saturating_sub(1)],
        })
    };
    let stage = work.stage("reading kinds of rows", table.len());
    let mut misplaced = None;
    super::read::read_rows(&context, &table, &stage, |row, read| {
        let kind = match read {
            Ok((asset, _)) => Kind::Asset(Box::new(asset)),
            Err(fault) => Kind::Reject(fault.at(row)),
        };
        match place(row.line) {
            Ok(place) => kinds[place] = kind,
            Err(error) => misplaced = misplaced.take().or(Some(error)),
        }
    })?;
    if let Some(error) = misplaced {
        return Err(error);
    }
    for irregular in &table.irregular {
        let row = RowReference { file: 0, line: irregular.line };
        kinds[place(irregular.line)?] = Kind::Reject(irregular.at(row));
    }
    let (columns_used, columns_unused) = columns.describe();
    let file = FileSummary {
        path: path.to_owned(),
        table: String::new(),
        profile: columns.profile().name.clone(),
        kind: columns.profile().kind,
        sha256: String::new(),
        bytes: 0,
        rows: 0,
        columns_used,
        columns_unused,
        columns_unknown: columns.unknown(),
        notes: table.notes.clone(),
    };
    Ok(Kinds { kinds, file })
}

/// Where a line of a text begins, from 1.
fn line_start(text: &str, line: u64) -> Option<usize> {
    match line {
        0 => None,
        1 => Some(0),
        _ => memchr::memchr_iter(b'\n', text.as_bytes()).nth(line as usize - 2).map(|at| at + 1),
    }
}

/// Whether the header stands in the text above the first row, as it does where the text itself is the table.
fn holds_header(head: &str, table: &Table) -> bool {
    table.headers.iter().all(|header| header.split('"').all(|part| head.contains(part)))
}

fn damaged(path: &Path, packing: Option<Packing>, source: std::io::Error) -> AlikeError {
    let path = path.to_owned();
    match packing {
        Some(packing) => {
            FileError::Damaged { path, format: packing.name(), detail: source.to_string() }.into()
        }
        None => FileError::Unreadable { path, source }.into(),
    }
}
