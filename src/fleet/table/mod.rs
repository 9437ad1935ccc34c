//! From the bytes of a file to tables of text cells.
//!
//! In: the bytes of a file, whatever its name. Out: [`Contents`]: one [`Table`] for each register the file holds (a
//! header, and rows with their lines), and what was left aside with the reason. What a file is, its first bytes say:
//! text is decoded by [`encoding`] and cut by [`delimited`], workbooks are read by [`workbook`], lists of objects by
//! [`json`], Parquet by `columnar` where the program was built with it, archives unpacked one level deep by [`archive`]. Anything that is no table, or more than [`limits`] allow,
//! is refused with the way to make it one ([`FileError`]).

mod archive;
mod builder;
#[cfg(feature = "parquet")]
pub(super) mod columnar;
mod delimited;
mod encoding;
mod error;
mod json;
mod limits;
mod load;
pub(super) mod packed;
mod workbook;

use std::path::{Path, PathBuf};

use archive::{Archive, unpacked};
use builder::NoTable;
pub use error::FileError;
use limits::{Budget, Limits};
use packed::Packing;

use super::{Reject, RowReference};

/// What a record is worth as a header: how many of its cells name a known column, 0 when it can be none.
pub(super) type HeaderScore<'a> = dyn Fn(&[String]) -> usize + 'a;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub tables: Vec<Table>,
    /// Sheets and members that are no register, and why.
    pub aside: Vec<String>,
}

/// A record that is no row: counted, and rejected with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Irregular {
    pub line: u64,
    pub text: String,
    pub reason: &'static str,
    pub remedy: &'static str,
}

impl Irregular {
    /// The record is refused.
    pub(super) fn at(&self, row: RowReference) -> Reject {
        Reject {
            row,
            column: String::new(),
            text: self.text.clone(),
            reason: self.reason.to_owned(),
            remedy: self.remedy.to_owned(),
        }
    }
}

/// A table of text as the file has it. All cells stand in one string, so that a row costs what its text costs.
#[derive(Debug)]
pub(super) struct Table {
    /// Which table of the file this is: a sheet, an archive's member. Empty for a file that is one table.
    pub origin: String,
    pub headers: Vec<String>,
    /// What cut the cells; tab for tables that were never text.
    pub delimiter: char,
    /// Records that are no rows.
    pub irregular: Vec<Irregular>,
    /// What was left aside or read with a doubt, as sentences.
    pub notes: Vec<String>,
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
            irregular: Vec::new(),
            notes: Vec::new(),
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
    /// A row that stands in no table: its cells' text one behind the other, and where each ends.
    pub(super) fn of(line: u64, text: &'a str, ends: &'a [u32]) -> Row<'a> {
        Row { line, text, ends }
    }

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

/// The bytes of a file; `-` is standard input.
pub(crate) fn load(path: &Path) -> Result<Vec<u8>, FileError> {
    load::load(path, &Limits::STANDARD)
}

/// Reads a file's tables.
pub(super) fn tables(path: &Path, bytes: Vec<u8>, score: &HeaderScore<'_>) -> Result<Contents, FileError> {
    File { path: path.to_owned(), limits: &Limits::STANDARD, score }.contents(bytes)
}

/// A file, or a member of one, on its way to tables.
struct File<'a> {
    path: PathBuf,
    limits: &'a Limits,
    score: &'a HeaderScore<'a>,
}

/// What the first bytes say that a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Zip,
    Packed(Packing),
    OldContainer,
    Parquet,
    Tar,
    Text,
}

impl Format {
    fn of(bytes: &[u8]) -> Format {
        if let Some(packing) = Packing::of(bytes) {
            return Format::Packed(packing);
        }
        match bytes {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Format::Zip,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Format::OldContainer,
            [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
            _ if bytes.get(257..262) == Some(b"ustar") => Format::Tar,
            _ => Format::Text,
        }
    }
}

impl File<'_> {
    fn contents(&self, bytes: Vec<u8>) -> Result<Contents, FileError> {
        let path = self.path.as_path();
        match Format::of(&bytes) {
            Format::Packed(packing) => {
                let mut budget = Budget::new(path, bytes.len(), self.limits);
                let inflated = unpacked(path, &bytes, packing, &mut budget)?;
                drop(bytes);
                self.plain(inflated, &mut budget, &format!("inside a {}", packing.name()))
            }
            Format::Zip => {
                let mut budget = Budget::new(path, bytes.len(), self.limits);
                let mut archive = Archive::open(path, &bytes, self.limits)?;
                match workbook::kind_of(&archive.names()) {
                    Some(kind) => self.workbook(&bytes, kind, &mut budget),
                    None => self.members(&mut archive, &mut budget),
                }
            }
            _ => self.plain(bytes, &mut Budget::new(path, 0, self.limits), ""),
        }
    }

    /// Anything but an archive; a workbook counts as none.
    fn plain(&self, bytes: Vec<u8>, budget: &mut Budget<'_>, place: &str) -> Result<Contents, FileError> {
        let path = self.path.as_path();
        let other = |format| Err(FileError::OtherFormat { path: path.to_owned(), format });
        let nested = || Err(FileError::NestedArchive { path: path.to_owned(), member: place.to_owned() });
        match Format::of(&bytes) {
            Format::Packed(_) => nested(),
            Format::Zip => {
                let kind = workbook::kind_of(&Archive::open(path, &bytes, self.limits)?.names());
                kind.map_or_else(nested, |kind| self.workbook(&bytes, kind, budget))
            }
            Format::OldContainer if workbook::is_encrypted(&bytes) => {
                Err(FileError::Encrypted { path: path.to_owned() })
            }
            Format::OldContainer => self.workbook(&bytes, workbook::Kind::Xls, budget),
            #[cfg(feature = "parquet")]
            Format::Parquet => columnar::contents(path, bytes, self.limits, self.score),
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Err(FileError::NoParquet { path: path.to_owned() }),
            Format::Tar => other("a tar archive"),
            Format::Text => self.text(bytes),
        }
    }

    fn text(&self, bytes: Vec<u8>) -> Result<Contents, FileError> {
        let path = self.path.as_path();
        let decoded = encoding::decode(path, bytes)?;
        let text = decoded.text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(FileError::Empty { path: path.to_owned() });
        }
        if is_json(text.trim_start()) {
            let tables = json::tables(path, text, self.limits, self.score)?;
            return Ok(Contents { tables, aside: Vec::new() });
        }
        let start: String = text.trim_start().chars().take(16).collect::<String>().to_ascii_lowercase();
        if ["<?xml", "<!doctype html", "<html", "<xml"].iter().any(|mark| start.starts_with(mark)) {
            return Err(FileError::OtherFormat { path: path.to_owned(), format: "XML or HTML" });
        }
        let mut table = delimited::table(path, text, self.limits, self.score)?;
        if decoded.odd_places > 0 {
            table.notes.push(format!(
                "{} places are not UTF-8 as the rest is: read as Windows-1252",
                decoded.odd_places
            ));
        }
        Ok(Contents { tables: vec![table], aside: Vec::new() })
    }

    fn workbook(
        &self,
        bytes: &[u8],
        kind: workbook::Kind,
        budget: &mut Budget<'_>,
    ) -> Result<Contents, FileError> {
        let path = self.path.as_path();
        let mut contents = Contents::default();
        for (name, sheet) in workbook::sheets(path, bytes, kind, self.limits, budget, self.score)? {
            match sheet {
                Ok(table) if (self.score)(&table.headers) > 0 => contents.tables.push(table),
                Ok(table) => {
                    let some: Vec<&str> = table.headers.iter().take(6).map(String::as_str).collect();
                    contents.aside.push(format!("sheet `{name}` (no known column: {})", some.join(", ")));
                }
                Err(NoTable::Empty) => contents.aside.push(format!("sheet `{name}` (empty)")),
                Err(NoTable::HeaderOnly) => contents.aside.push(format!("sheet `{name}` (no rows)")),
            }
        }
        self.with_a_register(contents)
    }

    fn members(&self, archive: &mut Archive<'_>, budget: &mut Budget<'_>) -> Result<Contents, FileError> {
        let mut contents = Contents::default();
        for at in 0..archive.len() {
            let Some(member) = archive.member(at, budget)? else { continue };
            let name = member.name;
            let path = PathBuf::from(format!("{} [{name}]", self.path.display()));
            let inner = File { path, limits: self.limits, score: self.score };
            match inner.plain(member.bytes, budget, &name) {
                Ok(found) => {
                    for mut table in found.tables {
                        if (self.score)(&table.headers) == 0 {
                            contents.aside.push(format!("`{name}` (no known column)"));
                            continue;
                        }
                        table.origin = match table.origin.as_str() {
                            "" => name.clone(),
                            sheet => format!("{name} / {sheet}"),
                        };
                        contents.tables.push(table);
                    }
                    contents.aside.extend(found.aside.into_iter().map(|part| format!("`{name}`: {part}")));
                }
                Err(FileError::NestedArchive { .. }) => {
                    return Err(FileError::NestedArchive { path: self.path.clone(), member: name });
                }
                // What is no register is left aside; what is one and cannot be read whole refuses the file.
                Err(error) if error.is_about_the_format() => {
                    contents.aside.push(format!("`{name}` ({})", error.in_short()));
                }
                Err(error) => return Err(error),
            }
        }
        self.with_a_register(contents)
    }

    fn with_a_register(&self, contents: Contents) -> Result<Contents, FileError> {
        if !contents.tables.is_empty() {
            return Ok(contents);
        }
        let found =
            if contents.aside.is_empty() { "nothing in it".into() } else { contents.aside.join("; ") };
        Err(FileError::NoRegister { path: self.path.clone(), found })
    }
}

/// Whether a text is meant as JSON: an object, or a list of values. A section's name, `[Assets]`, begins no list.
fn is_json(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(inside) => {
            let inside = inside.trim_start();
            let begins = |first: char| matches!(first, '{' | '[' | ']' | '"' | '-') || first.is_ascii_digit();
            inside.is_empty()
                || inside.starts_with(begins)
                || ["null", "true", "false"].iter().any(|word| inside.starts_with(word))
        }
        None => text.starts_with('{'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any name of a tag or model is a known column.
    fn score(cells: &[String]) -> usize {
        cells.iter().filter(|cell| ["Tag", "Model", "asset_id"].contains(&cell.as_str())).count()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Table>, FileError> {
        tables(Path::new("register.csv"), bytes.to_vec(), &score).map(|contents| contents.tables)
    }

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let tables = read(bytes).unwrap();
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
        let tables = read(b"Tag,Notes\nA,\"one\ntwo, three\"\nB,\n").unwrap();
        assert_eq!(tables[0].row(0).get(1), Some("one\ntwo, three"));
        assert_eq!(tables[0].row(1).line, 4);
    }

    #[test]
    fn lines_are_counted_alike_whatever_ends_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["Tag,Notes", "A,\"one", "two\"", "", "B,x", "C,y", ""].join(end);
            let tables = read(text.as_bytes()).unwrap();
            let lines: Vec<u64> = tables[0].rows().map(|row| row.line).collect();
            assert_eq!(lines, [2, 5, 6], "{end:?}");
        }
    }

    #[test]
    fn a_section_s_name_in_brackets_is_no_json() {
        assert_eq!(cells(b"[Assets]\nTag,Model\nP1,R750\n"), [["Tag", "Model"], ["P1", "R750"]]);
    }

    #[test]
    fn a_delimiter_at_the_end_of_every_line_is_no_column() {
        assert_eq!(cells(b"Tag;Ort;\nP1;Kiel;\n"), [["Tag", "Ort"], ["P1", "Kiel"]]);
    }

    #[test]
    fn what_is_no_text_table_is_refused_with_the_way_out() {
        let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(message(b"").contains("empty"));
        assert!(message(b"  \n ").contains("empty"));
        assert!(message(b"PK\x03\x04rest").contains("damaged zip archive"));
        assert!(message(b"PAR1").contains("Parquet"));
        assert!(message(b"%PDF-1.7").contains("save or export it as CSV"));
        assert!(message(b"<?xml version=\"1.0\"?><xml/>").contains("XML"));
        assert!(message(b"abc\0def,1\n").contains("zero byte at offset 3"));
        assert!(message(b"Tag,Model\n").contains("no rows"));
        assert!(message(b"[{\"a\":1}]").contains("no known key"));
        assert!(message(b"[{\"a\":1").contains("damaged JSON file"));
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("directory"));
    }
}
