//! Text cut into a table at its delimiter.
//!
//! In: text. Out: a [`Table`] of header and rows with their lines. The delimiter is the one of `,` `;` tab and `|` that
//! cuts the first records into equal and most fields.

use std::path::Path;

use super::{FileError, Table};

/// Cuts a text into header and rows.
pub(super) fn table(path: &Path, text: &str) -> Result<Table, FileError> {
    let delimiter = sniff_delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut table: Option<Table> = None;
    let mut lines = LineCounter::new(text);
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|source| FileError::Csv { path: path.to_owned(), source })?
    {
        let line = lines.at(record.position().map_or(0, csv::Position::byte) as usize);
        match &mut table {
            None => {
                let mut headers: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
                while headers.len() > 1 && headers.last().is_some_and(String::is_empty) {
                    headers.pop();
                }
                table = Some(Table::new(headers, delimiter));
            }
            Some(_) if record.len() <= 1 && record.iter().all(|cell| cell.trim().is_empty()) => {}
            Some(table) => {
                // Exports that end every line with the delimiter have a last cell without a name.
                let spare = record.len() == table.headers.len() + 1
                    && record.iter().next_back().is_some_and(|cell| cell.trim().is_empty());
                let cells = record.len() - usize::from(spare);
                table.push(line, record.iter().take(cells));
            }
        }
    }
    match table {
        Some(table) if table.len() > 0 => Ok(table),
        _ => Err(FileError::HeaderOnly { path: path.to_owned() }),
    }
}

/// Counts lines as an editor does: a line ends with CR LF, LF or CR.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> LineCounter<'a> {
        LineCounter { bytes: text.as_bytes(), at: 0, line: 1 }
    }

    /// Line of the record that begins at this byte or behind the line end that stands there. Asked in order.
    fn at(&mut self, byte: usize) -> u64 {
        let mut begin = byte.min(self.bytes.len());
        while matches!(self.bytes.get(begin), Some(b'\r' | b'\n')) {
            begin += 1;
        }
        while self.at < begin {
            let ends_line = match self.bytes[self.at] {
                b'\n' => true,
                b'\r' => self.bytes.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends_line);
            self.at += 1;
        }
        self.line
    }
}

/// The delimiter that cuts the first records most evenly, and then into most fields.
fn sniff_delimiter(text: &str) -> char {
    const SAMPLE: usize = 50;
    let mut best = (',', 0.0);
    for delimiter in [',', ';', '\t', '|'] {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter as u8)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let widths: Vec<usize> =
            reader.into_records().take(SAMPLE).filter_map(Result::ok).map(|record| record.len()).collect();
        let Some(&header_width) = widths.first() else { continue };
        if header_width < 2 {
            continue;
        }
        let even = widths.iter().filter(|width| **width == header_width).count() as f64 / widths.len() as f64;
        let score = even * (header_width as f64).ln_1p();
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    best.0
}
