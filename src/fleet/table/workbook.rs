//! Sheets of workbooks as tables: XLSX, XLSB, XLS and ODS.
//!
//! In: bytes of a workbook. Out: for each sheet a [`Table`], or why it is none. Numbers keep what they mean (389 and not
//! 389.0, twenty digits and not 1.2e19), cells with a date format become `YYYY-MM-DD`. Sheets of XLSX and XLSB are
//! read cell by cell, so that one cell in a far corner costs nothing.

use std::cell::Cell as Flag;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use calamine::{
    Data, DataRef, ExcelDateTime, Ods, OdsError, Reader, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
    open_workbook_from_rs,
};

use super::archive::{Archive, label};
use super::builder::{Builder, NoTable, Shape};
use super::limits::{Budget, Limits};
use super::{FileError, HeaderScore, Table};

/// Columns a sheet may have, as in the programs that write them.
const MOST_COLUMNS: u32 = 16_384;

/// Which kind of workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xlsb,
    Xls,
    Ods,
}

/// Every sheet with its name, and the table in it or why there is none.
pub(super) type Sheets = Vec<(String, Result<Table, NoTable>)>;

/// Which workbook an archive is, by its members.
pub(super) fn kind_of(names: &[String]) -> Option<Kind> {
    let has = |name: &str| names.iter().any(|other| other.eq_ignore_ascii_case(name));
    if has("xl/workbook.xml") {
        Some(Kind::Xlsx)
    } else if has("xl/workbook.bin") {
        Some(Kind::Xlsb)
    } else if has("content.xml") && has("META-INF/manifest.xml") {
        Some(Kind::Ods)
    } else {
        None
    }
}

/// Whether an old container holds an encrypted new workbook.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

/// Reads all sheets. What a damaged workbook makes its reader panic of is refused like any other damage.
pub(super) fn sheets(
    path: &Path,
    bytes: &[u8],
    kind: Kind,
    limits: &Limits,
    budget: &mut Budget<'_>,
    score: &HeaderScore<'_>,
) -> Result<Sheets, FileError> {
    if kind != Kind::Xls {
        let mut archive = Archive::open(path, bytes, limits)?;
        archive.check(budget)?;
        if kind == Kind::Ods {
            let content = archive.bytes_of("content.xml", &mut Budget::new(path, bytes.len(), limits))?;
            if repeated_cells(&content) > limits.cells as u64 {
                return Err(too_many_cells(path, limits));
            }
        }
    }
    let reader = SheetReader { path, limits, score };
    let read = || match kind {
        Kind::Xlsx => reader.xlsx(bytes),
        Kind::Xlsb => reader.xlsb(bytes),
        Kind::Xls => reader.xls(bytes),
        Kind::Ods => reader.ods(bytes),
    };
    match quietly(|| catch_unwind(AssertUnwindSafe(read))) {
        Ok(sheets) => sheets,
        Err(_) => Err(damaged(path, "its records contradict each other")),
    }
}

struct SheetReader<'a> {
    path: &'a Path,
    limits: &'a Limits,
    score: &'a HeaderScore<'a>,
}

impl SheetReader<'_> {
    fn xlsx(&self, bytes: &[u8]) -> Result<Sheets, FileError> {
        let fault = |error: XlsxError| match error {
            XlsxError::Password => FileError::Encrypted { path: self.path.to_owned() },
            other => damaged(self.path, &other.to_string()),
        };
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(fault)?;
        let mut sheets = Sheets::new();
        for name in book.sheet_names() {
            let mut reader = match book.worksheet_cells_reader(&name) {
                Ok(reader) => reader,
                // A sheet that is only a chart.
                Err(XlsxError::NotAWorksheet(_)) => {
                    sheets.push((label(&name), Err(NoTable::Empty)));
                    continue;
                }
                Err(error) => return Err(fault(error)),
            };
            let mut grid = Grid::new(self, &name);
            while let Some(cell) = reader.next_cell().map_err(fault)? {
                grid.put(cell.get_position(), &text_of_ref(cell.get_value()))?;
            }
            sheets.push((label(&name), grid.finish()?));
        }
        Ok(sheets)
    }

    fn xlsb(&self, bytes: &[u8]) -> Result<Sheets, FileError> {
        let fault = |error: XlsbError| match error {
            XlsbError::Password => FileError::Encrypted { path: self.path.to_owned() },
            other => damaged(self.path, &other.to_string()),
        };
        let mut book: Xlsb<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(fault)?;
        let mut sheets = Sheets::new();
        for name in book.sheet_names() {
            let mut grid = Grid::new(self, &name);
            let mut reader = book.worksheet_cells_reader(&name).map_err(fault)?;
            while let Some(cell) = reader.next_cell().map_err(fault)? {
                grid.put(cell.get_position(), &text_of_ref(cell.get_value()))?;
            }
            sheets.push((label(&name), grid.finish()?));
        }
        Ok(sheets)
    }

    fn xls(&self, bytes: &[u8]) -> Result<Sheets, FileError> {
        let fault = |error: XlsError| match error {
            XlsError::Password => FileError::Encrypted { path: self.path.to_owned() },
            other => damaged(self.path, &other.to_string()),
        };
        let mut book: Xls<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(fault)?;
        self.ranges(&mut book, fault)
    }

    fn ods(&self, bytes: &[u8]) -> Result<Sheets, FileError> {
        let fault = |error: OdsError| match error {
            OdsError::Password => FileError::Encrypted { path: self.path.to_owned() },
            other => damaged(self.path, &other.to_string()),
        };
        let mut book: Ods<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(fault)?;
        self.ranges(&mut book, fault)
    }

    /// Sheets of a workbook that its reader has as whole ranges.
    fn ranges<'b, R: Reader<Cursor<&'b [u8]>>>(
        &self,
        book: &mut R,
        fault: impl Fn(R::Error) -> FileError,
    ) -> Result<Sheets, FileError> {
        let mut sheets = Sheets::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).map_err(&fault)?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            let mut grid = Grid::new(self, &name);
            for (row, column, value) in range.used_cells() {
                grid.put((first_row + row as u32, first_column + column as u32), &text_of(value))?;
            }
            sheets.push((label(&name), grid.finish()?));
        }
        Ok(sheets)
    }
}

/// Cells of a sheet gathered to rows.
struct Grid<'a> {
    builder: Builder<'a>,
    path: &'a Path,
    row: u32,
    cells: Vec<String>,
}

impl<'a> Grid<'a> {
    fn new(reader: &SheetReader<'a>, name: &str) -> Grid<'a> {
        Grid {
            builder: Builder::new(reader.path, label(name), Shape::Grid, reader.limits, reader.score),
            path: reader.path,
            row: 0,
            cells: Vec::new(),
        }
    }

    fn put(&mut self, (row, column): (u32, u32), text: &str) -> Result<(), FileError> {
        if text.is_empty() {
            return Ok(());
        }
        if column >= MOST_COLUMNS {
            return Err(damaged(self.path, &format!("a cell in column {}", u64::from(column) + 1)));
        }
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        let at = column as usize;
        if self.cells.len() <= at {
            self.cells.resize(at + 1, String::new());
        }
        text.clone_into(&mut self.cells[at]);
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), FileError> {
        let cells: Vec<&str> = self.cells.iter().map(String::as_str).collect();
        self.builder.push(u64::from(self.row) + 1, &cells)?;
        self.cells.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Result<Table, NoTable>, FileError> {
        self.end_row()?;
        self.builder.finish()
    }
}

/// What a cell of a sheet says.
fn text_of(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::DateTimeIso(text) => day_of(text).to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number_text(*number),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(moment) => moment_text(moment),
        Data::Error(error) => error.to_string(),
    }
}

/// The same for a cell that its reader lends.
fn text_of_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::SharedString(text) => (*text).to_owned(),
        other => text_of(&Data::from(other.clone())),
    }
}

/// A number as a person writes it: no `.0`, no exponent below twenty digits.
fn number_text(number: f64) -> String {
    // Sums of cents such as 18420.550000000003 are what the sheet shows as 18420.55.
    let rounded = (number * 1e6).round() / 1e6;
    let near = (rounded - number).abs() <= number.abs() * 1e-14;
    format!("{}", if near { rounded } else { number })
}

/// A moment as `YYYY-MM-DD`, with its time where it has one; a span of time as its number of days.
fn moment_text(moment: &ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if moment.is_duration() || !serial.is_finite() || serial < 1.0 {
        return number_text(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

/// `2022-08-15T00:00:00` without its empty time.
fn day_of(text: &str) -> &str {
    text.strip_suffix("T00:00:00").unwrap_or(text)
}

/// Cells that an ODS sheet unfolds to: a cell and a row say how often they are repeated. Repeats at the end of a row
/// or sheet that hold nothing are free.
fn repeated_cells(content: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(content);
    let (mut total, mut width, mut blank_rows) = (0_u64, 0_u64, 0_u64);
    for row in text.split("<table:table-row").skip(1) {
        let mut cells =
            row.split("<table:table-cell").flat_map(|part| part.split("<table:covered-table-cell"));
        let times = repeats(cells.next().unwrap_or(""), "table:number-rows-repeated");
        let (mut filled, mut blank) = (0_u64, 0_u64);
        for cell in cells {
            let head = &cell[..cell.find('>').unwrap_or(cell.len())];
            let count = repeats(head, "table:number-columns-repeated");
            if head.ends_with('/') && !head.contains("office:") {
                blank = blank.saturating_add(count);
            } else {
                filled = filled.saturating_add(blank).saturating_add(count);
                blank = 0;
            }
        }
        width = width.max(filled);
        if filled == 0 {
            blank_rows = blank_rows.saturating_add(times);
        } else {
            let rows = times.saturating_add(blank_rows);
            total = total.saturating_add(rows.saturating_mul(width));
            blank_rows = 0;
        }
    }
    total
}

fn repeats(head: &str, attribute: &str) -> u64 {
    let head = &head[..head.find('>').unwrap_or(head.len())];
    let value = head.split(attribute).nth(1).and_then(|rest| rest.split(['"', '\'']).nth(1));
    value.map_or(1, |value| value.trim().parse().unwrap_or(u64::MAX))
}

fn damaged(path: &Path, detail: &str) -> FileError {
    FileError::Damaged { path: path.to_owned(), format: "workbook", detail: label(detail) }
}

fn too_many_cells(path: &Path, limits: &Limits) -> FileError {
    FileError::TooLarge { path: path.to_owned(), what: format!("it has more than {} cells", limits.cells) }
}

/// Runs something whose panics are handled, without the talk a panic makes on standard error.
pub(super) fn quietly<T>(run: impl FnOnce() -> T) -> T {
    thread_local! { static QUIET: Flag<bool> = const { Flag::new(false) } }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.with(Flag::get) {
                before(panic);
            }
        }));
    });
    QUIET.with(|quiet| quiet.set(true));
    let result = run();
    QUIET.with(|quiet| quiet.set(false));
    result
}
