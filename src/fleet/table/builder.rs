//! Records one after another into a table: finds the header, leaves aside what stands above it.
//!
//! In: records with their lines, and what a record is worth as a header (how many of its cells name a known column).
//! Out: a [`Table`]. Reports put titles above their header and repeat it on every page: what stands above is counted
//! and told, a repeated header is listed as a row that is no asset. Blank records are nothing.

use std::path::Path;

use super::super::words::fold;
use super::limits::Limits;
use super::{FileError, HeaderScore, Irregular, Table};

/// Records among which a header is looked for.
const HEADER_WITHIN: usize = 60;

/// Rows that do not fit their header, from which on a text with hardly any that do is refused.
const MISFITS_BORNE: usize = 100_000;

/// Share of rows that fit, in one of so many, below which a text is no table.
const ONE_FITS_IN: usize = 100;

/// Why records make no table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTable {
    /// There is nothing.
    Empty,
    /// There is a header at most.
    HeaderOnly,
}

/// How the records of a table were cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Text cut at this delimiter: a row has the cells it has.
    Text(char),
    /// A grid: cells missing at the end of a row are blank.
    Grid,
}

/// A table that is being read.
pub(super) struct Builder<'a> {
    path: &'a Path,
    origin: String,
    shape: Shape,
    limits: &'a Limits,
    score: &'a HeaderScore<'a>,
    waiting: Vec<(u64, Vec<String>)>,
    table: Option<Table>,
    /// Whether every row begins and ends with the delimiter.
    framed: bool,
    /// Lines above the header that never became records.
    lines_above: usize,
    rules: usize,
    cells: usize,
    /// Rows with more or fewer cells than the header.
    misfits: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        path: &'a Path,
        origin: String,
        shape: Shape,
        limits: &'a Limits,
        score: &'a HeaderScore<'a>,
    ) -> Builder<'a> {
        Builder {
            path,
            origin,
            shape,
            limits,
            score,
            waiting: Vec::new(),
            table: None,
            framed: false,
            lines_above: 0,
            rules: 0,
            cells: 0,
            misfits: 0,
        }
    }

    /// Counts a line above the header that says how to read the file.
    pub(super) fn leave_line_aside(&mut self) {
        self.lines_above += 1;
    }

    /// Cells of a record as the header has them, once it is found.
    pub(super) fn width(&self) -> Option<usize> {
        let frame = if self.framed { 2 } else { 0 };
        self.table.as_ref().map(|table| table.headers.len() + frame)
    }

    /// Takes the next record.
    pub(super) fn push(&mut self, line: u64, cells: &[&str]) -> Result<(), FileError> {
        let blank = cells.iter().all(|cell| cell.trim().is_empty());
        if blank && (cells.len() <= 1 || self.shape == Shape::Grid) {
            return Ok(());
        }
        if self.is_rule(cells) {
            self.rules += 1;
            return Ok(());
        }
        if let Some(long) = cells.iter().find(|cell| cell.len() > self.limits.cell_bytes) {
            return Err(self.too_large(format!(
                "a cell at line {line} has {} KiB of text, and {} are allowed",
                long.len() >> 10,
                self.limits.cell_bytes >> 10
            )));
        }
        if self.table.is_some() {
            return self.row(line, cells);
        }
        self.waiting.push((line, cells.iter().map(|cell| cell.trim().to_owned()).collect()));
        let at = self.waiting.len() - 1;
        let score = self.score_of(at);
        let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        if score >= 2 || (at == 0 && score == 1 && filled >= 2) {
            self.begin(at)
        } else if self.waiting.len() >= HEADER_WITHIN {
            self.begin_at_best()
        } else {
            Ok(())
        }
    }

    /// The table, when there is one.
    pub(super) fn finish(mut self) -> Result<Result<Table, NoTable>, FileError> {
        if self.table.is_none() && !self.waiting.is_empty() {
            self.begin_at_best()?;
        }
        let Some(mut table) = self.table else { return Ok(Err(NoTable::Empty)) };
        if table.len() == 0 && table.irregular.is_empty() {
            return Ok(Err(NoTable::HeaderOnly));
        }
        let lines = |count: usize| if count == 1 { "line" } else { "lines" };
        if self.lines_above > 0 {
            table.notes.push(format!(
                "{} {} above the header left aside",
                self.lines_above,
                lines(self.lines_above)
            ));
        }
        if let Some((name, value)) = attribute_pair(&table.headers) {
            table.notes.push(format!(
                "`{name}` beside `{value}`: a row may be one attribute of a unit and not a unit, which is then counted \
                 as often as it has attributes; export one row a unit"
            ));
        }
        if self.rules > 0 {
            table.notes.push(format!("{} ruled {} left aside", self.rules, lines(self.rules)));
        }
        Ok(Ok(table))
    }

    /// What a waiting record is worth as a header. `Model:` with a colon is a title's label.
    fn score_of(&self, at: usize) -> usize {
        let cells = &self.waiting[at].1;
        if cells.iter().any(|cell| cell.ends_with(':')) {
            0
        } else {
            (self.score)(unframed(cells, self.shape).0)
        }
    }

    fn begin_at_best(&mut self) -> Result<(), FileError> {
        let known = (0..self.waiting.len()).find(|at| self.score_of(*at) > 0);
        self.begin(known.unwrap_or(0))
    }

    /// Makes the record at a position the header, and the records behind it rows.
    fn begin(&mut self, at: usize) -> Result<(), FileError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.lines_above += at;
        let (cells, framed) = unframed(&waiting[at].1, self.shape);
        let mut headers = cells.to_vec();
        self.framed = framed;
        while headers.len() > 1 && headers.last().is_some_and(String::is_empty) {
            headers.pop();
        }
        let delimiter = match self.shape {
            Shape::Text(delimiter) => delimiter,
            Shape::Grid => '\t',
        };
        let mut table = Table::new(headers, delimiter);
        table.origin = std::mem::take(&mut self.origin);
        self.table = Some(table);
        for (line, cells) in &waiting[at + 1..] {
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            self.row(*line, &cells)?;
        }
        Ok(())
    }

    fn row(&mut self, line: u64, cells: &[&str]) -> Result<(), FileError> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let wanted = table.headers.len();
        let blank_end = cells.last().is_some_and(|cell| cell.trim().is_empty());
        let mut cells = cells;
        if self.framed && cells.len() >= 2 && cells[0].trim().is_empty() && blank_end {
            cells = &cells[1..cells.len() - 1];
        } else if cells.len() == wanted + 1 && blank_end {
            // Exports that end every line with the delimiter have a last cell without a name.
            cells = &cells[..wanted];
        }
        if self.shape == Shape::Grid {
            while cells.len() > wanted && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
                cells = &cells[..cells.len() - 1];
            }
        }
        if cells.len() == wanted
            && cells.iter().zip(&table.headers).all(|(cell, header)| cell.trim() == header)
        {
            table.irregular.push(Irregular {
                line,
                text: shortened(cells),
                reason: "the header again and not an asset",
                remedy: "export without page breaks, or leave it: the row is not counted as an asset",
            });
            return Ok(());
        }
        let missing = if self.shape == Shape::Grid { wanted.saturating_sub(cells.len()) } else { 0 };
        self.cells += cells.len() + missing;
        table.push(line, cells.iter().copied().chain(std::iter::repeat_n("", missing)));
        let spare_is_blank = cells.iter().skip(wanted).all(|cell| cell.trim().is_empty());
        self.misfits += usize::from(cells.len() + missing < wanted || !spare_is_blank);
        let rows = table.len();
        if self.misfits > MISFITS_BORNE && (rows - self.misfits) * ONE_FITS_IN < rows {
            return Err(FileError::NoTable {
                path: self.path.to_owned(),
                misfits: self.misfits,
                rows,
                wanted,
                line,
            });
        }
        if self.cells > self.limits.cells {
            return Err(self.too_large(format!("it has more than {} cells", self.limits.cells)));
        }
        Ok(())
    }

    /// Whether a record is only drawn: `-----`, `|====|`.
    fn is_rule(&self, cells: &[&str]) -> bool {
        let drawn = |cell: &&str| cell.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'_' | b'+' | b' '));
        (cells.len() == 1 || self.shape == Shape::Text('|'))
            && cells.iter().all(drawn)
            && cells.iter().any(|cell| cell.trim().len() >= 3)
    }

    fn too_large(&self, what: String) -> FileError {
        FileError::TooLarge { path: self.path.to_owned(), what }
    }
}

/// The columns that name an attribute and its value, where a row is one attribute of a unit.
fn attribute_pair(headers: &[String]) -> Option<(&str, &str)> {
    let ends_with = |ends: [&str; 3]| {
        headers.iter().find(|header| {
            let folded = fold(header);
            ends.iter().any(|end| folded.ends_with(end))
        })
    };
    let name = ends_with(["fieldname", "attributename", "propertyname"])?;
    let value = ends_with(["fieldvalue", "attributevalue", "propertyvalue"])?;
    Some((name, value))
}

/// The cells inside a frame of `|`, and whether there is one.
fn unframed(cells: &[String], shape: Shape) -> (&[String], bool) {
    match cells {
        [first, inside @ .., last]
            if shape == Shape::Text('|') && !inside.is_empty() && first.is_empty() && last.is_empty() =>
        {
            (inside, true)
        }
        _ => (cells, false),
    }
}

/// The beginning of a row, for people.
pub(super) fn shortened(cells: &[&str]) -> String {
    cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(" | ").chars().take(200).collect()
}
