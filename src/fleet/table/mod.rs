//! From the bytes of a file to tables of text cells.
//!
//! In: the bytes of a file, whatever its name. Out: one [`Table`] for each table the file holds: a header, and rows
//! with their lines. Text is decoded by [`encoding`] and cut by [`delimited`]. Anything that is no table is refused
//! with the way to make it one ([`FileError`]).

mod delimited;
mod encoding;
mod error;

use std::path::Path;

pub use error::FileError;

/// A table of text as the file has it. All cells stand in one string, so that a row costs what its text costs.
#[derive(Debug)]
pub(super) struct Table {
    /// Which table of the file this is: a sheet, an archive's member. Empty for a file that is one table.
    pub origin: String,
    pub headers: Vec<String>,
    /// What cut the cells; tab for tables that were never text.
    pub delimiter: char,
    text: String,
    /// End of each cell, counted from the beginning of its row.
    ends: Vec<u32>,
    rows: Vec<RowPlace>,
}

/// Where a row stands in its table's text and cells, and in its file.
#[derive(Debug, Clone, Copy)]
struct RowPlace {
    line: u64,
    text: usize,
    cells: usize,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// Line on which the record begins, from 1; in a workbook the row's number, in a list the element's.
    pub line: u64,
    text: &'a str,
    ends: &'a [u32],
}

impl Table {
    /// A table without rows.
    pub(super) fn new(headers: Vec<String>, delimiter: char) -> Table {
        Table {
            origin: String::new(),
            headers,
            delimiter,
            text: String::new(),
            ends: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells are kept without surrounding space.
    pub(super) fn push<'a>(&mut self, line: u64, cells: impl Iterator<Item = &'a str>) {
        let start = self.text.len();
        self.rows.push(RowPlace { line, text: start, cells: self.ends.len() });
        for cell in cells {
            self.text.push_str(cell.trim());
            self.ends.push((self.text.len() - start) as u32);
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row at a position.
    pub(super) fn row(&self, position: usize) -> Row<'_> {
        let place = self.rows[position];
        let next = self.rows.get(position + 1);
        let text_end = next.map_or(self.text.len(), |next| next.text);
        let cells_end = next.map_or(self.ends.len(), |next| next.cells);
        Row {
            line: place.line,
            text: &self.text[place.text..text_end],
            ends: &self.ends[place.cells..cells_end],
        }
    }

    /// All rows in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|position| self.row(position))
    }

    /// The cells of one column, rows too short for it left out.
    pub(super) fn column(&self, position: usize) -> impl Iterator<Item = &str> {
        self.rows().filter_map(move |row| row.get(position))
    }
}

impl<'a> Row<'a> {
    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at a position.
    pub(super) fn get(&self, position: usize) -> Option<&'a str> {
        let end = *self.ends.get(position)? as usize;
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(&self.text[start..end])
    }

    /// All cells in order.
    pub(super) fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).filter_map(move |position| self.get(position))
    }
}

/// The bytes of a file, refused when it is a folder.
pub(super) fn load(path: &Path) -> Result<Vec<u8>, FileError> {
    if path.is_dir() {
        return Err(FileError::Directory { path: path.to_owned() });
    }
    std::fs::read(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })
}

/// Decodes a file and cuts it into its tables.
pub(super) fn tables(path: &Path, bytes: &[u8]) -> Result<Vec<Table>, FileError> {
    let text = encoding::decode(path, bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(FileError::Empty { path: path.to_owned() });
    }
    if text.starts_with('{') || text.starts_with('[') {
        return Err(FileError::OtherFormat { path: path.to_owned(), format: "JSON" });
    }
    if text.starts_with("<?xml") || text.to_ascii_lowercase().starts_with("<!doctype html") {
        return Err(FileError::OtherFormat { path: path.to_owned(), format: "XML or HTML" });
    }
    Ok(vec![delimited::table(path, text)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let tables = tables(Path::new("register.csv"), bytes).unwrap();
        let rows = tables[0].rows().map(|row| row.iter().map(str::to_owned).collect());
        std::iter::once(tables[0].headers.clone()).chain(rows).collect()
    }

    #[test]
    fn the_same_table_reads_from_every_encoding_and_delimiter() {
        let expected = vec![vec!["Tag", "Ort"], vec!["P1", "München"]];
        let utf8 = "Tag,Ort\nP1,München\n";
        let utf16 = |little: bool| -> Vec<u8> {
            let units = utf8
                .encode_utf16()
                .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
            (if little { vec![0xff, 0xfe] } else { vec![0xfe, 0xff] }).into_iter().chain(units).collect()
        };
        let marked = |mark: &[u8]| [mark, utf8.as_bytes()].concat();
        let variants: Vec<Vec<u8>> = vec![
            utf8.into(),
            marked(&[0xef, 0xbb, 0xbf]),
            marked(&[0xfe, 0xff]),
            utf16(true),
            utf16(false),
            b"Tag,Ort\r\nP1,M\xfcnchen\r\n".to_vec(),
            utf8.replace(',', ";").into(),
            utf8.replace(',', "\t").into(),
            utf8.replace(',', "|").into(),
            utf8.replace('\n', "\r").into(),
        ];
        for bytes in variants {
            assert_eq!(cells(&bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_break_inside_quotes_stays_in_its_cell_and_lines_count_on() {
        let tables = tables(Path::new("r.csv"), b"Tag,Notes\nA,\"one\ntwo, three\"\nB,\n").unwrap();
        assert_eq!(tables[0].row(0).get(1), Some("one\ntwo, three"));
        assert_eq!(tables[0].row(1).line, 4);
    }

    #[test]
    fn lines_are_counted_alike_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["Tag,Notes", "A,\"one", "two\"", "", "B,x", "C,y", ""].join(end);
            let tables = tables(Path::new("r.csv"), text.as_bytes()).unwrap();
            let lines: Vec<u64> = tables[0].rows().map(|row| row.line).collect();
            assert_eq!(lines, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn a_delimiter_at_the_end_of_every_line_is_no_column() {
        assert_eq!(cells(b"Tag;Ort;\nP1;Kiel;\n"), [["Tag", "Ort"], ["P1", "Kiel"]]);
    }

    #[test]
    fn what_is_no_text_table_is_refused_with_the_way_out() {
        let message = |bytes: &[u8]| tables(Path::new("x"), bytes).unwrap_err().to_string();
        assert!(message(b"").contains("empty"));
        assert!(message(b"  \n ").contains("empty"));
        assert!(message(b"PK\x03\x04rest").contains("save or export it as CSV"));
        assert!(message(b"PAR1").contains("Parquet"));
        assert!(message(b"abc\0def,1\n").contains("zero byte at offset 3"));
        assert!(message(b"Tag,Model\n").contains("no rows"));
        assert!(message(b"[{\"a\":1}]").contains("JSON"));
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("directory"));
    }
}
