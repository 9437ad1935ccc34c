//! How a file was understood, column by column.
//!
//! In: files. Out: for each table the profile and the headers that told it, encoding and delimiter; for each column the
//! field it became and why, how its cells were read and by which cell's evidence, and how many held something.

use std::path::{Path, PathBuf};

use super::amounts::{self, AmountCell};
use super::columns::{Because, ColumnRole, Columns};
use super::dates::{self, DateCell, DateOrder};
use super::read::{ReadError, ReadOptions, header_score};
use super::styles::{AMOUNT_FIELDS, DATE_FIELDS, FileContext};
use super::table::{self, Table};
use super::words::{is_placeholder, yes_no};
use super::{Field, SourceKind};

/// How one table was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReading {
    /// The file as named by the user.
    pub path: PathBuf,
    /// Which table of the file; empty when the file is one table.
    pub table: String,
    /// The profile it is read by; `generic` when none fits.
    pub profile: String,
    /// The headers that told the profile.
    pub told_by: Vec<String>,
    /// What kind of system wrote it.
    pub kind: SourceKind,
    /// How its bytes are text.
    pub encoding: &'static str,
    /// What cuts its cells.
    pub delimiter: char,
    /// Records under the header.
    pub rows: usize,
    /// Its columns in order.
    pub columns: Vec<ColumnReading>,
}

/// How one column was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnReading {
    /// Its header.
    pub header: String,
    /// What becomes of it.
    pub role: ColumnRole,
    /// Why.
    pub because: Because,
    /// How its cells are read, and what says so.
    pub read_as: String,
    /// Cells with a text that is read.
    pub filled: usize,
    /// Cells with a text that stands for nothing.
    pub placeholders: usize,
    /// Cells with a text that could not be read.
    pub unreadable: usize,
}

/// Says of every table of the files how it is understood.
pub fn explain(paths: &[PathBuf], options: &ReadOptions) -> Result<Vec<FileReading>, ReadError> {
    let mut readings = Vec::new();
    for path in paths {
        let bytes = table::load(path)?;
        let encoding = encoding(&bytes);
        let contents = table::tables(path, bytes, &|cells| header_score(path, cells, &options.profiles))?;
        for table in contents.tables {
            readings.push(reading(path, encoding, &table, options)?);
        }
    }
    Ok(readings)
}

fn reading(
    path: &Path,
    encoding: &'static str,
    table: &Table,
    options: &ReadOptions,
) -> Result<FileReading, ReadError> {
    let columns = Columns::of_table(path, table, &options.profiles)?;
    let context = FileContext::new(0, table, &columns, options);
    Ok(FileReading {
        path: path.to_owned(),
        table: table.origin.clone(),
        profile: context.profile.name.clone(),
        told_by: columns.told_by().to_vec(),
        kind: context.profile.kind,
        encoding,
        delimiter: table.delimiter,
        rows: table.len(),
        columns: (0..columns.width()).map(|position| column(&context, table, position)).collect(),
    })
}

fn column(context: &FileContext<'_>, table: &Table, position: usize) -> ColumnReading {
    let (role, because) = context.columns.role(position);
    let mut reading = ColumnReading {
        header: context.columns.header(position).to_owned(),
        role,
        because,
        read_as: String::new(),
        filled: 0,
        placeholders: 0,
        unreadable: 0,
    };
    for cell in table.column(position).filter(|cell| !cell.is_empty()) {
        match role {
            _ if is_placeholder(cell) || context.profile.words.is_placeholder(cell) => {
                reading.placeholders += 1;
            }
            ColumnRole::Field(field) if !is_readable(context, field, position, cell) => {
                reading.unreadable += 1;
            }
            _ => reading.filled += 1,
        }
    }
    if let ColumnRole::Field(field) = role {
        reading.read_as = read_as(context, table, field, position);
    }
    reading
}

/// Whether a cell gives its field a value. Dates that stand for "never" give none and are readable.
fn is_readable(context: &FileContext<'_>, field: Field, position: usize, cell: &str) -> bool {
    if let Some(style) = context.dates.get(&position) {
        return dates::date(cell, *style) != DateCell::Impossible;
    }
    if let Some(style) = context.amounts.get(&position) {
        return amounts::amount(cell, *style) != AmountCell::Unreadable;
    }
    let words = &context.profile.words;
    match field {
        Field::Status | Field::Substate => {
            words.status(cell, context.profile.wrapped.meaning_behind_status).is_some()
        }
        Field::Ownership => words.ownership(cell).is_some() || yes_no(cell).is_some(),
        Field::Class => words.class(cell).is_some(),
        Field::Serial => super::words::serial(cell).is_some(),
        Field::AssetId => super::words::tag(cell).is_some(),
        _ => true,
    }
}

/// How the cells of a column are read, and by what.
fn read_as(context: &FileContext<'_>, table: &Table, field: Field, position: usize) -> String {
    if DATE_FIELDS.contains(&field) {
        return context
            .dates
            .get(&position)
            .map_or(String::new(), |style| date_order(table, position, *style));
    }
    if AMOUNT_FIELDS.contains(&field) {
        let style = context.amounts.get(&position).copied().unwrap_or_default();
        let mark = if style.comma_decimal { "decimal comma" } else { "decimal point" };
        let doubt = if style.decided { "" } else { ", as no cell says" };
        let currency = context.columns.currency(position);
        let currency = match currency {
            Some(currency) => format!(", {currency} by the header"),
            None if context.columns.has(Field::Currency) => ", currency by its column".into(),
            None => match context.currency_of_signs(position) {
                Some(currency) => format!(", {currency} as its signs say"),
                None => format!(", {} where no sign stands", context.default_currency),
            },
        };
        return format!("{mark}{doubt}{currency}");
    }
    match context.sizes.get(&position) {
        Some((unit, true)) => format!("{}, as header or profile says", unit.name()),
        Some((unit, false)) => format!("{}, by its numbers", unit.name()),
        None if context.load_in_percent.contains(&position) => "per cent".into(),
        None => String::new(),
    }
}

/// The order of days and months, and the first cell that says so.
fn date_order(table: &Table, position: usize, style: dates::DateStyle) -> String {
    let numeric = table.column(position).any(dates::has_two_orders);
    if !numeric {
        return "each cell by itself".into();
    }
    let says = |row: &table::Row<'_>| row.get(position).and_then(dates::order_of) == Some(style.order);
    let order = match style.order {
        DateOrder::DayFirst => "day first",
        DateOrder::MonthFirst => "month first",
    };
    let evidence = table.rows().find(says).and_then(|row| Some((row.line, row.get(position)?)));
    match evidence {
        Some((line, cell)) => format!("{order}: `{cell}` in line {line}"),
        None if style.decided => format!("{order}, as the file's other columns or its system"),
        None => format!("{order} is a guess: no cell says"),
    }
}

/// How bytes are text, by their mark and their content.
fn encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] => "UTF-16 little-endian",
        [0xfe, 0xff, rest @ ..] if rest.iter().take(64).any(|byte| *byte == 0) => "UTF-16 big-endian",
        [0xfe, 0xff, ..] => "UTF-8 behind a mark of UTF-16",
        [0xef, 0xbb, 0xbf, ..] => "UTF-8 with a mark",
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => "workbook or archive",
        [0x1f, 0x8b, ..] => "gzip",
        _ if std::str::from_utf8(bytes).is_ok() => "UTF-8",
        _ => "Windows-1252",
    }
}
