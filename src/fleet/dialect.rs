//! From bytes to a table of text cells.
//!
//! In: the bytes of a file, whatever its name. Out: a [`Table`] of header and rows with their lines. The
//! encoding is read from the bytes: UTF-8 with or without mark, UTF-16 either way, a UTF-16 mark followed by
//! plain UTF-8 (a known defect of one exporter), else Windows-1252. The delimiter is the one of `,` `;` tab
//! and `|` that cuts the first records into equal and most fields. Anything that is not a table of text is
//! refused with the way to make it one.

use std::path::{Path, PathBuf};

/// A file that cannot be read as a register at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system would not give its bytes.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A folder was named.
    #[error("{path} is a directory: name the register file inside it")]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing in it.
    #[error("{path} is empty: export the register again, with a header line and one line an asset")]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is some known format that is not a text table.
    #[error("{path} is {format}, not a text table: save or export it as CSV and give that file")]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        format: &'static str,
    },
    /// It has zero bytes where text has none.
    #[error(
        "{path} is binary (a zero byte at offset {offset}): export the register as CSV and give that file"
    )]
    Binary {
        /// The file.
        path: PathBuf,
        /// Where the first zero byte is.
        offset: usize,
    },
    /// A header and nothing under it.
    #[error("{path} has a header and no rows: the export is empty; check its filter and export again")]
    HeaderOnly {
        /// The file.
        path: PathBuf,
    },
    /// No header names a column that is known.
    #[error(
        "{path}, line 1: none of the columns is known ({found}); a register needs at least one of: {wanted}"
    )]
    NoKnownColumn {
        /// The file.
        path: PathBuf,
        /// The headers found.
        found: String,
        /// What would do.
        wanted: &'static str,
    },
    /// Two columns of one name that both matter.
    #[error(
        "{path}, line 1: the column `{header}` stands twice (columns {first} and {second}): remove or rename one of them"
    )]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The header.
        header: String,
        /// Its first position, from 1.
        first: usize,
        /// Its second position, from 1.
        second: usize,
    },
    /// The table reader gave up.
    #[error("{path}: {source}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: csv::Error,
    },
}

/// A table of text as the file has it.
#[derive(Debug)]
pub(super) struct Table {
    pub headers: Vec<String>,
    /// Cells with the line on which the record begins, from 1.
    pub rows: Vec<(u64, Vec<String>)>,
    pub delimiter: char,
}

/// The bytes of a file, refused when it is a folder.
pub(super) fn load(path: &Path) -> Result<Vec<u8>, FileError> {
    if path.is_dir() {
        return Err(FileError::Directory { path: path.to_owned() });
    }
    std::fs::read(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })
}

/// Decodes and cuts a file into a table.
pub(super) fn table(path: &Path, bytes: &[u8]) -> Result<Table, FileError> {
    let text = decode(path, bytes)?;
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
    let delimiter = sniff_delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut headers: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    let mut lines = LineCounter::new(text);
    for record in reader.records() {
        let record = record.map_err(|source| FileError::Csv { path: path.to_owned(), source })?;
        let line = lines.at(record.position().map_or(0, csv::Position::byte) as usize);
        let mut cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        // Exports that end every line with the delimiter have a last cell without a name.
        if let Some(headers) = &headers
            && cells.len() == headers.len() + 1
            && cells.last().is_some_and(String::is_empty)
        {
            cells.pop();
        }
        match headers {
            None => {
                while cells.len() > 1 && cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
                headers = Some(cells);
            }
            Some(_) if cells.iter().all(String::is_empty) && cells.len() <= 1 => {}
            Some(_) => rows.push((line, cells)),
        }
    }
    let headers = headers.unwrap_or_default();
    if rows.is_empty() {
        return Err(FileError::HeaderOnly { path: path.to_owned() });
    }
    Ok(Table { headers, rows, delimiter })
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

/// Text of the bytes, by their marks and contents.
fn decode(path: &Path, bytes: &[u8]) -> Result<String, FileError> {
    let other = |format| Err(FileError::OtherFormat { path: path.to_owned(), format });
    match bytes {
        [] => return Err(FileError::Empty { path: path.to_owned() }),
        [b'P', b'K', 3 | 5 | 7, ..] => return other("a spreadsheet or zip archive"),
        [0x1f, 0x8b, ..] => return other("gzip-compressed"),
        [b'P', b'A', b'R', b'1', ..] => return other("Parquet"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return other("an old Excel workbook"),
        [b'%', b'P', b'D', b'F', ..] => return other("PDF"),
        _ => {}
    }
    let window = &bytes[..bytes.len().min(66)];
    let has_zero = window.contains(&0);
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xfe, 0xff, rest @ ..] if has_zero => {
            encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned()
        }
        [0xfe, 0xff, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => eight_bit_text(rest),
        _ => eight_bit_text(bytes),
    };
    match text.bytes().position(|byte| byte == 0) {
        Some(offset) => Err(FileError::Binary { path: path.to_owned(), offset }),
        None => Ok(text),
    }
}

/// UTF-8 when it is that, else Windows-1252.
fn eight_bit_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let table = table(Path::new("register.csv"), bytes).unwrap();
        std::iter::once(table.headers).chain(table.rows.into_iter().map(|(_, cells)| cells)).collect()
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
        let table = table(Path::new("r.csv"), b"Tag,Notes\nA,\"one\ntwo, three\"\nB,\n").unwrap();
        assert_eq!(table.rows[0].1[1], "one\ntwo, three");
        assert_eq!(table.rows[1].0, 4);
    }

    #[test]
    fn lines_are_counted_alike_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["Tag,Notes", "A,\"one", "two\"", "", "B,x", "C,y", ""].join(end);
            let lines: Vec<u64> = table(Path::new("r.csv"), text.as_bytes())
                .unwrap()
                .rows
                .iter()
                .map(|(line, _)| *line)
                .collect();
            assert_eq!(lines, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn a_delimiter_at_the_end_of_every_line_is_no_column() {
        assert_eq!(cells(b"Tag;Ort;\nP1;Kiel;\n"), [["Tag", "Ort"], ["P1", "Kiel"]]);
    }

    #[test]
    fn what_is_no_text_table_is_refused_with_the_way_out() {
        let message = |bytes: &[u8]| table(Path::new("x"), bytes).unwrap_err().to_string();
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
