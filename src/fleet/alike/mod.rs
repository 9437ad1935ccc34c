//! A register too large to hold: rows that are alike are read once.
//!
//! In: one register as text, plain or gzip, its header in the first lines. Out: what tells one kind of row from another (a
//! [`Reader::key`]), a name for each row, and what each kind of row is (a [`Kind`]), by the same reading as any register. What
//! a unit is worth hangs on its product, dates, costs, place and state; not on its name. So two rows are of one kind when all
//! cells agree but names, places within a site and references; where a row says no date of purchase, serial number, sightings
//! and notes count too, for they tell the age.
//!
//! Rows are taken as they stand: none is joined with another, and no cards are looked for beside their servers.

mod blocks;
mod cells;
mod kind_columns;
mod watched;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use blocks::{Block, BlockError, Blocks};
pub(crate) use cells::Cells;
pub use kind_columns::KindColumns;
pub(crate) use watched::Seen;

use super::columns::Columns;
use super::read::{ReadOptions, Reject, header_score};
use super::record;
use super::styles::FileContext;
use super::table::{self, FileError, Row, Table};
use super::{Asset, FileSummary, RowReference};
use crate::units::{Cancelled, Work};
use blocks::line_ends;
use watched::open;

/// Bytes at the beginning of a file that show its header and how it is written.
const SAMPLE_BYTES: usize = 1 << 20;

/// Rows of it that are cut as those that follow will be, to see whether any comes out alike.
const SAMPLE_ROWS: usize = 1_000;

/// A register that cannot be read row by row.
#[derive(Debug, thiserror::Error)]
pub enum AlikeError {
    /// The file itself.
    #[error(transparent)]
    File(#[from] FileError),
    /// Standard input comes once.
    #[error("a stream reads its register twice, and standard input comes only once: name a file")]
    StandardInput,
    /// A workbook, an archive, a list.
    #[error(
        "{path}: only text (CSV) and gzip of it can be streamed: `residua convert {path}` writes it as CSV"
    )]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{path}, line {line}: not UTF-8; a stream cannot tell in which encoding the rest is: convert it to UTF-8"
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The first line of the block.
        line: u64,
    },
    /// A record that goes on and on.
    #[error(
        "{path}: the record that begins at line {line} is longer than a megabyte: look for a quote that is never closed"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its first line.
        line: u64,
    },
    /// A record that is several rows.
    #[error(
        "{path}, line {line}: a quote is never closed: mend it, or plan without --stream, which reads round it"
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// Its first line.
        line: u64,
    },
    /// The first rows do not show how the others are written.
    #[error(
        "{path}: the column `{header}` is another thing in the first rows than in the others: plan without --stream"
    )]
    Unlike {
        /// The file.
        path: PathBuf,
        /// Its header.
        header: String,
    },
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A register whose header is known.
#[derive(Debug)]
pub(crate) struct Register {
    path: PathBuf,
    options: ReadOptions,
    /// Everything above the first row.
    head: String,
    is_gzip: bool,
    columns: Columns,
    sample: Table,
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
        let mut mark = [0; 2];
        let got = File::open(path).and_then(|mut file| file.read(&mut mark)).map_err(unreadable)?;
        let is_gzip = mark[..got] == [0x1f, 0x8b];
        let mut bytes = Vec::new();
        open(path, is_gzip, Arc::default())
            .and_then(|source| source.take(SAMPLE_BYTES as u64).read_to_end(&mut bytes))
            .map_err(|source| damaged(path, is_gzip, source))?;
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
        let register = Register { path: path.to_owned(), options, head, is_gzip, columns, sample };
        match register.cuts_its_sample(&text[register.head.len()..]) {
            true => Ok(register),
            false => Err(AlikeError::NotText { path: path.to_owned() }),
        }
    }

    /// Whether any of the first rows, cut one by one, is that of the table: none is where lines begin and end with a delimiter.
    fn cuts_its_sample(&self, rows: &str) -> bool {
        let lines = line_ends(self.head.as_bytes());
        let mut blocks = Blocks::new(rows.as_bytes(), self.sample.delimiter as u8, lines);
        let Ok(Some(block)) = blocks.next() else { return false };
        let (reader, mut cells) = (self.reader(), Cells::default());
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

    /// Bytes of the file itself, compressed as it is.
    pub(crate) fn file_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// All rows, from the first; `seen` is told what was read of the file.
    pub(crate) fn blocks(&self, seen: Arc<Seen>) -> Result<Blocks<Box<dyn Read + Send>>, AlikeError> {
        let unreadable = |source| damaged(&self.path, self.is_gzip, source);
        let mut source = open(&self.path, self.is_gzip, seen).map_err(unreadable)?;
        let mut head = vec![0; self.head.len()];
        source.read_exact(&mut head).map_err(unreadable)?;
        let lines = line_ends(self.head.as_bytes());
        Ok(Blocks::new(source, self.sample.delimiter as u8, lines))
    }

    /// What a block could not be read for, with the file's name.
    pub(crate) fn told(&self, error: BlockError) -> AlikeError {
        match error {
            BlockError::Read(source) => damaged(&self.path, self.is_gzip, source),
            BlockError::TooLong { line } => AlikeError::TooLong { path: self.path.clone(), line },
        }
    }

    /// Reads rows for their keys and names.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader {
            register: self,
            context: FileContext::new(0, &self.sample, &self.columns, &self.options),
            kind: KindColumns::of(&self.columns),
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
        notes: table.notes.clone(),
    };
    Ok(Kinds { kinds, file })
}

/// Reads rows one by one, as far as a stream needs to.
pub(crate) struct Reader<'a> {
    register: &'a Register,
    context: FileContext<'a>,
    kind: KindColumns,
}

impl Reader<'_> {
    /// The records of a block with their lines.
    pub(crate) fn records<'b>(
        &self,
        block: &'b Block,
    ) -> Result<impl Iterator<Item = (u64, &'b str)>, AlikeError> {
        let text = std::str::from_utf8(&block.bytes)
            .map_err(|_| AlikeError::Encoding { path: self.register.path.clone(), line: block.first_line })?;
        Ok(block.records().map(|(line, record)| (line, &text[record])))
    }

    /// Cuts a record into cells.
    pub(crate) fn cut(&self, record: &str, cells: &mut Cells) {
        cells.cut(record, self.register.sample.delimiter as u8);
    }

    /// What rows of one kind share, as bytes.
    pub(crate) fn key(&self, cells: &Cells, key: &mut Vec<u8>) {
        key.clear();
        let row = cells.row(0);
        let width = self.register.columns.width();
        let is_regular =
            row.len() >= width && (width..row.len()).all(|at| row.get(at).is_none_or(str::is_empty));
        if !is_regular {
            // Refused for its width, or for cells that are told: as it stands.
            key.extend(cells.ends.iter().flat_map(|end| end.to_le_bytes()));
            key.extend_from_slice(cells.text.as_bytes());
            return;
        }
        let cell = |position: usize| row.get(position).unwrap_or("");
        self.kind.visit(cell, |_, cell| {
            key.extend_from_slice(cell.as_bytes());
            key.push(0x1f);
        });
        key.push(u8::from(self.kind.is_unnamed(cell)));
    }

    /// The name of a row, as a plan gives it.
    pub(crate) fn name(&self, cells: &Cells, line: u64) -> String {
        record::name(&self.context, cells.row(line))
    }
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

fn damaged(path: &Path, is_gzip: bool, source: std::io::Error) -> AlikeError {
    let path = path.to_owned();
    match is_gzip {
        true => FileError::Damaged { path, format: "gzip file", detail: source.to_string() }.into(),
        false => FileError::Unreadable { path, source }.into(),
    }
}
