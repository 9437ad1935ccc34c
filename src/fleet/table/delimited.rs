//! Text cut into a table at its delimiter.
//!
//! In: text. Out: a [`Table`] of header and rows with their lines. The delimiter is the one of `,` `;` tab and `|` that
//! cuts the first records into equal and most cells, or the one that a line `sep=;` names. Quotes are those of RFC
//! 4180. A quote that is opened and not closed where a cell can end would swallow the rows below it: such a record is
//! cut again with its quotes taken as letters, at the end of its own line.

use std::path::Path;

use super::builder::{Builder, NoTable, Shape};
use super::limits::Limits;
use super::{FileError, HeaderScore, Table};

/// Bytes of the text that show its delimiter.
const SAMPLE_BYTES: usize = 64 << 10;

/// Records of the sample that are looked at.
const SAMPLE_RECORDS: usize = 50;

/// Lines after which a quoted cell is held to be never closed.
const MOST_LINES_OF_A_CELL: u64 = 10_000;

/// Cuts a text into header and rows.
pub(super) fn table(
    path: &Path,
    text: &str,
    limits: &Limits,
    score: &HeaderScore<'_>,
) -> Result<Table, FileError> {
    let named = named_delimiter(text);
    let delimiter = named.map_or_else(|| sniff_delimiter(text), |(delimiter, _)| delimiter);
    let mut builder = Builder::new(path, String::new(), Shape::Text(delimiter), limits, score);
    let mut cutter = Cutter::new(text, delimiter, limits.cell_bytes);
    if let Some((_, end)) = named {
        builder.leave_line_aside();
        cutter.at = end;
        cutter.line = 2;
    }
    let mut record = Record::default();
    let (mut stray, mut first_stray) = (0_usize, 0_u64);
    while let Some(cut) = cutter.next(&mut record, builder.width()) {
        if cut.literal {
            stray += 1;
            first_stray = if stray == 1 { cut.line } else { first_stray };
        }
        // Most records have few cells: their places stand on the stack of one vector used again.
        builder.push(cut.line, &record.cells())?;
    }
    match builder.finish()? {
        Ok(mut table) => {
            if stray > 0 {
                table.notes.push(format!(
                    "{stray} rows have a quote that is never closed, the first at line {first_stray}: read as it stands"
                ));
            }
            Ok(table)
        }
        Err(NoTable::Empty) => Err(FileError::Empty { path: path.to_owned() }),
        Err(NoTable::HeaderOnly) => Err(FileError::HeaderOnly { path: path.to_owned() }),
    }
}

/// The delimiter that a first line `sep=;` names, and where the second line begins.
fn named_delimiter(text: &str) -> Option<(char, usize)> {
    let line = text.split(['\n', '\r']).next()?;
    let bare = line.trim().trim_matches('"');
    let name = bare.get(..4).filter(|name| name.eq_ignore_ascii_case("sep="))?;
    let delimiter = match &bare[name.len()..] {
        "" if line.contains('\t') => '\t',
        "\\t" => '\t',
        rest => rest.chars().next().filter(|mark| mark.is_ascii_punctuation())?,
    };
    let end = line.len() + if text[line.len()..].starts_with("\r\n") { 2 } else { 1 };
    Some((delimiter, end.min(text.len())))
}

/// One record's cells, quotes removed.
#[derive(Debug, Default)]
struct Record {
    text: String,
    ends: Vec<usize>,
}

impl Record {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn cells(&self) -> Vec<&str> {
        let mut start = 0;
        self.ends
            .iter()
            .map(|end| {
                let cell = &self.text[start..*end];
                start = *end;
                cell
            })
            .collect()
    }
}

/// Where a record stands and how it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CutRecord {
    line: u64,
    /// Its quotes were taken as letters.
    literal: bool,
}

/// Cuts one record after another.
struct Cutter<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    delimiter: u8,
    /// Bytes after which a quoted cell is held to be never closed.
    longest: usize,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str, delimiter: char, longest: usize) -> Cutter<'a> {
        // Every delimiter is ASCII.
        Cutter { text, at: 0, line: 1, delimiter: delimiter as u8, longest }
    }

    /// The next record that is not an empty line; `width` is what a record should have.
    fn next(&mut self, record: &mut Record, width: Option<usize>) -> Option<CutRecord> {
        self.skip_empty_lines();
        if self.at >= self.text.len() {
            return None;
        }
        let line = self.line;
        let mut end = self.cut(record, true);
        let mut literal = end.is_none();
        // A record over several lines with the wrong number of cells may be rows that a stray quote glued together.
        let glued =
            end.is_some_and(|end| end.breaks > 0) && width.is_some_and(|width| record.ends.len() != width);
        if literal || glued {
            let quoted = (std::mem::take(&mut record.text), std::mem::take(&mut record.ends));
            let plain = self.cut(record, false);
            literal |= width == Some(record.ends.len());
            if literal {
                end = plain;
            } else {
                (record.text, record.ends) = quoted;
            }
        }
        let end = end?;
        self.at = end.at;
        self.line += end.breaks + 1;
        Some(CutRecord { line, literal })
    }

    fn skip_empty_lines(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(end @ (b'\n' | b'\r')) = bytes.get(self.at) {
            let pair = *end == b'\r' && bytes.get(self.at + 1) == Some(&b'\n');
            self.at += if pair { 2 } else { 1 };
            self.line += 1;
        }
    }

    /// Cuts the record at the reader's place; `None` when a quote of it is never closed.
    fn cut(&self, record: &mut Record, quotes: bool) -> Option<End> {
        record.clear();
        let bytes = self.text.as_bytes();
        let (mut at, mut breaks) = (self.at, 0);
        loop {
            if quotes && bytes.get(at) == Some(&b'"') {
                let end = self.quoted(record, at + 1)?;
                at = end.at;
                breaks += end.breaks;
            }
            let start = at;
            while let Some(byte) = bytes.get(at)
                && *byte != self.delimiter
                && !matches!(byte, b'\n' | b'\r')
            {
                at += 1;
            }
            record.text.push_str(&self.text[start..at]);
            record.ends.push(record.text.len());
            match bytes.get(at) {
                Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => return Some(End { at: at + 2, breaks }),
                Some(b'\n' | b'\r') => return Some(End { at: at + 1, breaks }),
                Some(_) => at += 1,
                None => return Some(End { at, breaks }),
            }
        }
    }

    /// Reads a quoted cell from behind its first quote. `None` when it is never closed: at the end of the text, beyond
    /// the longest cell, or where a cell over several lines goes on behind its quote.
    fn quoted(&self, record: &mut Record, from: usize) -> Option<End> {
        let bytes = self.text.as_bytes();
        let (mut at, mut segment, mut breaks) = (from, from, 0);
        loop {
            match bytes.get(at)? {
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    record.text.push_str(&self.text[segment..=at]);
                    at += 2;
                    segment = at;
                }
                b'"' => break,
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => at += 1,
                b'\n' | b'\r' => {
                    breaks += 1;
                    at += 1;
                }
                _ => at += 1,
            }
            if at - from > self.longest || breaks > MOST_LINES_OF_A_CELL {
                return None;
            }
        }
        record.text.push_str(&self.text[segment..at]);
        at += 1;
        let ends_cell =
            bytes.get(at).is_none_or(|byte| *byte == self.delimiter || matches!(byte, b'\n' | b'\r'));
        (breaks == 0 || ends_cell).then_some(End { at, breaks })
    }
}

/// Where a record or cell ends, and how many line ends it has inside.
#[derive(Debug, Clone, Copy)]
struct End {
    at: usize,
    breaks: u64,
}

/// The delimiter that cuts the first records most evenly, and then into most cells.
fn sniff_delimiter(text: &str) -> char {
    let mut end = text.len().min(SAMPLE_BYTES);
    if end < text.len() {
        // The last line of a sample is cut anywhere: leave it out.
        while end > 0 && !matches!(text.as_bytes()[end - 1], b'\n' | b'\r') {
            end -= 1;
        }
        if end == 0 {
            end = text.floor_char_boundary(SAMPLE_BYTES);
        }
    }
    let sample = &text[..end];
    let mut best = (',', 0.0);
    for delimiter in [',', ';', '\t', '|'] {
        let mut cutter = Cutter::new(sample, delimiter, SAMPLE_BYTES);
        let mut record = Record::default();
        let mut widths: Vec<usize> = Vec::new();
        while widths.len() < SAMPLE_RECORDS && cutter.next(&mut record, None).is_some() {
            widths.push(record.ends.len());
        }
        for width in widths.iter().copied().filter(|width| *width >= 2) {
            let even = widths.iter().filter(|other| **other == width).count() as f64 / widths.len() as f64;
            let score = even * (width as f64).ln_1p();
            if score > best.1 {
                best = (delimiter, score);
            }
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two known columns make a header.
    fn score(cells: &[String]) -> usize {
        cells.iter().filter(|cell| ["Tag", "Model", "Serial"].contains(&cell.as_str())).count()
    }

    fn read(text: &str) -> Table {
        table(Path::new("r.csv"), text, &Limits::STANDARD, &score).unwrap()
    }

    fn rows(table: &Table) -> Vec<Vec<&str>> {
        table.rows().map(|row| row.iter().collect()).collect()
    }

    #[test]
    fn title_lines_above_the_header_are_counted_and_told() {
        let table = read("Asset list;;\nCompany: 1000;;\n\nTag;Model;Cost\nA1;R750;10\n");
        assert_eq!(table.headers, ["Tag", "Model", "Cost"]);
        assert_eq!(table.row(0).line, 5);
        assert_eq!(table.notes, ["2 lines above the header left aside"]);
    }

    #[test]
    fn a_line_that_names_the_delimiter_is_obeyed() {
        let table = read("sep=;\r\nTag;Model\r\nA1;\"a, b\"\r\n");
        assert_eq!(rows(&table), [["A1", "a, b"]]);
        assert_eq!(table.row(0).line, 3);
        assert_eq!(table.notes, ["1 line above the header left aside"]);
    }

    #[test]
    fn a_framed_list_with_rules_and_page_headers_keeps_its_rows() {
        let table = read(
            "Asset list\n-------------\n|Tag |Model|\n|----|-----|\n|A1  |R750 |\n|Tag |Model|\n|A2  |R650 |\n-------------\n",
        );
        assert_eq!(table.headers, ["Tag", "Model"]);
        assert_eq!(rows(&table), [["A1", "R750"], ["A2", "R650"]]);
        assert_eq!(table.irregular.len(), 1);
        assert_eq!((table.irregular[0].line, table.irregular[0].text.as_str()), (6, "Tag | Model"));
        assert_eq!(table.notes, ["1 line above the header left aside", "3 ruled lines left aside"]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_no_row() {
        let at_the_end = read("Tag,Model,Note\nA1,R750,\"x\nA2,R650,y\nA3,R640,z\n");
        assert_eq!(rows(&at_the_end), [["A1", "R750", "\"x"], ["A2", "R650", "y"], ["A3", "R640", "z"]]);
        assert!(at_the_end.notes[0].contains("line 2"), "{:?}", at_the_end.notes);
        let before_a_quoted_cell = read("Tag,Model,Note\nA1,\"Dell 14,x\nA2,\"R, 650\",y\nA3,R640,z\n");
        assert_eq!(
            rows(&before_a_quoted_cell),
            [["A1", "\"Dell 14", "x"], ["A2", "R, 650", "y"], ["A3", "R640", "z"]]
        );
        let closed_far_below = read("Tag,Model,Note\nA1,\"R750,x\nA2,R650,\"\nA3,R640,z\n");
        let lines: Vec<u64> = closed_far_below.rows().map(|row| row.line).collect();
        assert_eq!(lines, [2, 3, 4]);
    }

    #[test]
    fn a_quote_open_for_ten_thousand_lines_is_a_letter() {
        let lines =
            |count: usize| format!("Tag,Model,Note\nA1,R750,\"x{}\"\nA2,R650,y\n", "\nz".repeat(count));
        assert_eq!(read(&lines(10_000)).len(), 2);
        let too_many = read(&lines(10_001));
        assert_eq!(too_many.row(0).iter().collect::<Vec<_>>(), ["A1", "R750", "\"x"]);
        assert!(too_many.len() > 10_000);
    }

    #[test]
    fn a_text_of_loose_lines_is_refused_and_not_rejected_line_by_line() {
        let text = format!("Tag,Model,Note\nA1,R750,\"{}", "loose\n".repeat(100_002));
        let error = table(Path::new("r.csv"), &text, &Limits::STANDARD, &score).unwrap_err().to_string();
        assert!(error.contains("r.csv is no table: 100001 of its first 100002 rows"), "{error}");
        let borne = format!("Tag,Model,Note\n{}{}", "A1,R750,x\n".repeat(1_100), "loose\n".repeat(100_002));
        assert_eq!(table(Path::new("r.csv"), &borne, &Limits::STANDARD, &score).unwrap().len(), 101_102);
    }

    #[test]
    fn one_row_an_attribute_is_told() {
        let table = read("Tag,Model,Asset FieldName,Field Value\nA1,R750,RAM,16\nA1,R750,CPU,x\n");
        assert!(table.notes[0].contains("one attribute of a unit"), "{:?}", table.notes);
    }

    #[test]
    fn a_cell_may_run_over_lines_and_hold_quotes() {
        let table = read("Tag,Model,Note\nA1,\"MacBook 14\"\"\",\"one\ntwo, three\"\nA2,x,\n");
        assert_eq!(rows(&table), [["A1", "MacBook 14\"", "one\ntwo, three"], ["A2", "x", ""]]);
        assert!(table.notes.is_empty());
    }

    #[test]
    fn a_cell_beyond_the_limit_is_refused_with_its_line() {
        let limits = Limits { cell_bytes: 2048, ..Limits::STANDARD };
        let text = format!("Tag,Model\nA1,x\nA2,{}\n", "y".repeat(3000));
        let error = table(Path::new("r.csv"), &text, &limits, &score).unwrap_err().to_string();
        assert!(error.contains("a cell at line 3 has 2 KiB of text, and 2 are allowed"), "{error}");
        let few = Limits { cells: 3, ..Limits::STANDARD };
        let error = table(Path::new("r.csv"), "Tag,Model\nA,b\nC,d\n", &few, &score).unwrap_err().to_string();
        assert!(error.contains("more than 3 cells"), "{error}");
    }
}
