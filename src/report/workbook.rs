//! Workbooks that a controller can check.
//!
//! In: sheets of typed columns and rows. Out: the bytes of an XLSX file. A total is a live `SUM` over the cells above it,
//! with the sum of the printed cents as its kept result, so that a program that does not compute shows the same figure. Text
//! stays text whatever it begins with: nothing from a register can become a formula. Headers are frozen and filtered;
//! amounts show two decimals, counts none. The file carries no clock: the same sheets give the same bytes.

use rust_xlsxwriter::{
    Chart, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula,
    Workbook, Worksheet, XlsxError,
};

/// Longest name a sheet can have.
const LONGEST_NAME: usize = 31;

/// Widest and narrowest column, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=60;

/// What a column holds, which decides how its numbers look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words.
    Text,
    /// Money, two decimals.
    Money,
    /// Whole numbers.
    Count,
    /// Shares of one, shown in per cent with one decimal.
    Share,
}

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetColumn {
    /// What stands above it.
    pub heading: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether the last row sums it.
    pub total: bool,
}

impl SheetColumn {
    /// A column that is not summed.
    pub(super) fn new(heading: impl Into<String>, kind: Kind) -> SheetColumn {
        SheetColumn { heading: heading.into(), kind, total: false }
    }

    /// A column that the last row sums.
    pub(super) fn summed(heading: impl Into<String>, kind: Kind) -> SheetColumn {
        SheetColumn { heading: heading.into(), kind, total: true }
    }
}

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A number. In a column of money it is rounded to cents.
    Number(f64),
    /// A formula and what it gives, for programs that do not compute.
    Formula {
        /// The formula, with its `=`.
        text: String,
        /// Its result.
        result: f64,
    },
}

/// A chart beside the rows it draws.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SheetChart {
    /// What it says.
    pub title: String,
    /// Whether its points follow one another in time; columns side by side otherwise.
    pub over_time: bool,
    /// Position of the column that names the points.
    pub names: usize,
    /// Positions of the columns drawn.
    pub values: Vec<usize>,
    /// Unit of the vertical axis.
    pub unit: String,
}

/// One sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sheet {
    /// Its name; what a spreadsheet forbids is replaced and the rest cut to 31 characters.
    pub name: String,
    /// A line above the headings that says what the sheet shows.
    pub caption: String,
    /// Columns.
    pub columns: Vec<SheetColumn>,
    /// Rows, each as long as the columns.
    pub rows: Vec<Vec<Entry>>,
    /// Charts under each other, right of the columns.
    pub charts: Vec<SheetChart>,
}

/// A workbook that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// More rows than a sheet can have, names twice, or a formula nobody can read.
    #[error("the workbook cannot be made: {0}; leave the workbook out and take the CSV files")]
    Refused(#[from] XlsxError),
}

/// Row of the headings: the caption stands above them.
const HEADINGS: u32 = 1;

/// First row of the rows.
const FIRST: u32 = HEADINGS + 1;

/// The bytes of a workbook. `created` is the day it is said to be made on: year, month, day.
pub(super) fn workbook(sheets: &[Sheet], created: (u16, u8, u8)) -> Result<Vec<u8>, WorkbookError> {
    let mut book = Workbook::new();
    let (year, month, day) = created;
    let properties = DocProperties::new()
        .set_creation_datetime(&ExcelDateTime::from_ymd(year, month, day)?)
        .set_title("residua");
    book.set_properties(&properties);
    for sheet in sheets {
        write(book.add_worksheet(), sheet)?;
    }
    Ok(book.save_to_buffer()?)
}

fn write(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let name = sheet_name(&sheet.name);
    page.set_name(&name)?;
    let caption = Format::new().set_italic().set_font_color(Color::RGB(0x555555));
    page.write_string_with_format(0, 0, &sheet.caption, &caption)?;
    let heading = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_background_color(Color::RGB(0xE8EEF4))
        .set_border_bottom(FormatBorder::Thin);
    for (position, column) in sheet.columns.iter().enumerate() {
        let at = position as u16;
        page.write_string_with_format(HEADINGS, at, &column.heading, &heading)?;
        page.set_column_width(at, width(sheet, position) as f64)?;
        let format = number_format(column.kind);
        for (row, entries) in sheet.rows.iter().enumerate() {
            write_entry(page, FIRST + row as u32, at, &entries[position], column.kind, &format)?;
        }
    }
    write_totals(page, sheet)?;
    page.set_freeze_panes(FIRST, 1)?;
    if let (Some(last_row), Some(last_column)) = (last_row(sheet), sheet.columns.len().checked_sub(1)) {
        page.autofilter(HEADINGS, 0, last_row, last_column as u16)?;
    }
    // A chart of nothing is none.
    let charts = sheet.charts.iter().filter(|_| !sheet.rows.is_empty());
    for (place, chart) in charts.enumerate() {
        let drawn = draw(&name, sheet, chart);
        page.insert_chart(HEADINGS + place as u32 * 22, sheet.columns.len() as u16 + 1, &drawn)?;
    }
    Ok(())
}

/// The last row that is not the total, when there is one.
fn last_row(sheet: &Sheet) -> Option<u32> {
    sheet.rows.len().checked_sub(1).map(|last| FIRST + last as u32)
}

fn write_entry(
    page: &mut Worksheet,
    row: u32,
    column: u16,
    entry: &Entry,
    kind: Kind,
    format: &Format,
) -> Result<(), XlsxError> {
    match entry {
        Entry::Text(text) => page.write_string(row, column, text)?,
        Entry::Number(number) if number.is_finite() => {
            page.write_number_with_format(row, column, printed(*number, kind), format)?
        }
        Entry::Formula { text, result } => {
            let formula = Formula::new(text).set_result(printed(*result, kind).to_string());
            page.write_formula_with_format(row, column, formula, format)?
        }
        Entry::Empty | Entry::Number(_) => return Ok(()),
    };
    Ok(())
}

/// The row under all others: `SUM` of every column that is to be summed.
fn write_totals(page: &mut Worksheet, sheet: &Sheet) -> Result<(), XlsxError> {
    let Some(last) = last_row(sheet).filter(|_| sheet.columns.iter().any(|column| column.total)) else {
        return Ok(());
    };
    let row = last + 1;
    let label = Format::new().set_bold().set_border_top(FormatBorder::Thin);
    page.write_string_with_format(row, 0, "Total", &label)?;
    for (position, column) in sheet.columns.iter().enumerate().filter(|(_, column)| column.total) {
        let at = position as u16;
        let letters = column_letters(at);
        let formula = Formula::new(format!("=SUM({letters}{}:{letters}{})", FIRST + 1, last + 1))
            .set_result(column_sum(sheet, position).to_string());
        let format = number_format(column.kind).set_bold().set_border_top(FormatBorder::Thin);
        page.write_formula_with_format(row, at, formula, &format)?;
    }
    Ok(())
}

/// Sum of a column's printed numbers. Cents are added as whole numbers, so that nothing is lost to halves of bits.
pub(super) fn column_sum(sheet: &Sheet, position: usize) -> f64 {
    let kind = sheet.columns[position].kind;
    let numbers = sheet.rows.iter().map(|row| match &row[position] {
        Entry::Number(number) | Entry::Formula { result: number, .. } if number.is_finite() => {
            printed(*number, kind)
        }
        _ => 0.0,
    });
    match kind {
        Kind::Money => numbers.map(|number| (number * 100.0).round()).sum::<f64>() / 100.0,
        _ => numbers.sum(),
    }
}

/// A reference to a column's total on its sheet, for formulas on other sheets: `'By quarter'!C9`.
pub(super) fn total_reference(sheet: &Sheet, position: usize) -> Option<String> {
    let row = last_row(sheet)? + 2;
    Some(format!(
        "'{}'!{}{row}",
        sheet_name(&sheet.name).replace('\'', "''"),
        column_letters(position as u16)
    ))
}

/// A reference to one cell: row and column from 0, as in [`Sheet::rows`].
pub(super) fn cell_reference(sheet: &Sheet, row: usize, position: usize) -> String {
    let name = sheet_name(&sheet.name).replace('\'', "''");
    format!("'{name}'!{}{}", column_letters(position as u16), FIRST as usize + row + 1)
}

/// The number a cell shows.
fn printed(number: f64, kind: Kind) -> f64 {
    match kind {
        Kind::Money => (number * 100.0).round() / 100.0,
        Kind::Count => number.round(),
        _ => number,
    }
}

fn number_format(kind: Kind) -> Format {
    let format = Format::new();
    match kind {
        Kind::Text => format,
        Kind::Money => format.set_num_format("#,##0.00;[Red]-#,##0.00"),
        Kind::Count => format.set_num_format("#,##0"),
        Kind::Share => format.set_num_format("0.0%"),
    }
}

/// Characters a column needs for its heading's longest word and its longest cell.
fn width(sheet: &Sheet, position: usize) -> usize {
    let heading = sheet.columns[position].heading.split_whitespace().map(|word| word.chars().count()).max();
    let cells = sheet.rows.iter().map(|row| match &row[position] {
        Entry::Empty => 0,
        Entry::Text(text) => text.chars().count(),
        Entry::Number(number) | Entry::Formula { result: number, .. } => {
            // Two decimals, a mark for every three digits, and the sign.
            let digits = number.abs().max(1.0).log10() as usize + 1;
            digits + digits / 3 + 4
        }
    });
    (cells.max().unwrap_or(0).max(heading.unwrap_or(0)) + 2).clamp(*WIDTHS.start(), *WIDTHS.end())
}

fn draw(name: &str, sheet: &Sheet, chart: &SheetChart) -> Chart {
    let mut drawn = Chart::new(if chart.over_time { ChartType::Line } else { ChartType::Column });
    drawn.title().set_name(&chart.title);
    drawn.y_axis().set_name(&chart.unit);
    drawn.set_width(720).set_height(400);
    let Some(last) = last_row(sheet) else { return drawn };
    for position in &chart.values {
        let (column, names) = (*position as u16, chart.names as u16);
        drawn
            .add_series()
            .set_name((name, HEADINGS, column))
            .set_categories((name, FIRST, names, last, names))
            .set_values((name, FIRST, column, last, column));
    }
    drawn
}

/// `A` to `Z`, `AA` and so on.
fn column_letters(column: u16) -> String {
    let mut letters = String::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.insert(0, char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters
}

/// A name that spreadsheets take.
fn sheet_name(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .map(|character| match character {
            '[' | ']' | ':' | '*' | '?' | '/' | '\\' => ' ',
            other if other.is_control() => ' ',
            other => other,
        })
        .take(LONGEST_NAME)
        .collect();
    let bare = cleaned.trim().trim_matches('\'').trim();
    if bare.is_empty() { "Sheet".to_owned() } else { bare.to_owned() }
}

/// `=SUMIFS(values, names, "word", …)` over the rows of another sheet: those in which every column of names holds its word.
pub(super) fn sum_if(sheet: &Sheet, values: usize, words: &[(usize, &str)]) -> String {
    let Some(last) = sheet.rows.len().checked_sub(1) else { return "=0".to_owned() };
    let range = |column: usize| {
        let first = cell_reference(sheet, 0, column);
        let end = cell_reference(sheet, last, column);
        format!("{first}:{}", end.rsplit('!').next().unwrap_or(&end))
    };
    // A word that begins like a comparison is compared as a word, and its stars stand for themselves.
    let quoted =
        |word: &str| word.replace('~', "~~").replace('*', "~*").replace('?', "~?").replace('"', "\"\"");
    let conditions: String =
        words.iter().map(|(names, word)| format!(",{},\"={}\"", range(*names), quoted(word))).collect();
    format!("=SUMIFS({}{conditions})", range(values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            name: "By quarter".into(),
            caption: "Net recovery by quarter, USD".into(),
            columns: vec![
                SheetColumn::new("Quarter", Kind::Text),
                SheetColumn::summed("Net recovery", Kind::Money),
                SheetColumn::summed("Units", Kind::Count),
            ],
            rows: vec![
                vec![Entry::Text("2026 Q4".into()), Entry::Number(0.1), Entry::Number(3.0)],
                vec![Entry::Text("=cmd|'/C calc'!A0".into()), Entry::Number(0.205), Entry::Number(4.0)],
                vec![Entry::Empty, Entry::Number(f64::NAN), Entry::Empty],
            ],
            charts: vec![SheetChart {
                title: "Net recovery by quarter".into(),
                over_time: true,
                names: 0,
                values: vec![1],
                unit: "USD".into(),
            }],
        }
    }

    #[test]
    fn the_same_sheets_give_the_same_bytes() {
        let bytes = workbook(&[sheet()], (2026, 11, 1)).unwrap();
        assert_eq!(bytes, workbook(&[sheet()], (2026, 11, 1)).unwrap());
        assert!(bytes.starts_with(b"PK"));
    }

    #[test]
    fn a_total_is_the_sum_of_the_printed_cents() {
        assert_eq!(column_sum(&sheet(), 1), 0.31);
        assert_eq!(column_sum(&sheet(), 2), 7.0);
        assert_eq!(total_reference(&sheet(), 1).as_deref(), Some("'By quarter'!B6"));
        assert_eq!(cell_reference(&sheet(), 0, 1), "'By quarter'!B3");
    }

    #[test]
    fn names_and_letters_are_those_a_spreadsheet_takes() {
        assert_eq!(sheet_name("../../etc/passwd"), ".. .. etc passwd");
        assert_eq!(sheet_name("''"), "Sheet");
        assert_eq!(sheet_name(&"x".repeat(40)).len(), 31);
        let letters: Vec<String> = [0, 25, 26, 701, 702].map(column_letters).to_vec();
        assert_eq!(letters, ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn two_sheets_of_one_name_are_refused_with_a_way_out() {
        let message = workbook(&[sheet(), sheet()], (2026, 11, 1)).unwrap_err().to_string();
        assert!(message.contains("take the CSV files"), "{message}");
    }
}
