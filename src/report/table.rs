//! Tables that leave the program as CSV or JSON.
//!
//! In: columns and cells. Out: text. Text cells that a spreadsheet would run as a formula are written with an
//! apostrophe in front; numbers are written bare.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::units::write_csv_cell;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// A number, already in the digits it is to have.
    Number(String),
}

impl Cell {
    /// Words, or nothing.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }

    /// Something that prints as words, or nothing.
    pub fn optional(value: Option<impl ToString>) -> Cell {
        value.map_or(Cell::Empty, |value| Cell::text(value.to_string()))
    }

    /// An amount with two decimals; nothing for what is no number.
    pub fn amount(value: f64) -> Cell {
        if value.is_finite() { Cell::Number(format!("{value:.2}")) } else { Cell::Empty }
    }

    /// A number as it prints.
    pub fn number(value: impl ToString) -> Cell {
        Cell::Number(value.to_string())
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, each as long as the columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table.
    pub fn new<Name: AsRef<str>>(columns: &[Name]) -> Table {
        let columns = columns.iter().map(|name| name.as_ref().to_owned()).collect();
        Table { columns, rows: Vec::new() }
    }

    /// As CSV with a header line.
    pub fn to_csv(&self) -> Vec<u8> {
        let header: Vec<Cell> = self.columns.iter().map(|name| Cell::Number(name.clone())).collect();
        csv_lines(std::iter::once(&header).chain(&self.rows))
    }

    /// As CSV for a spreadsheet: with a byte order mark, so that it is read as UTF-8, and with the columns of identifiers as
    /// text (`="00123"`), so that leading zeros and long digits survive.
    pub fn to_spreadsheet_csv(&self, identifiers: &[&str]) -> Vec<u8> {
        let is_identifier: Vec<bool> =
            self.columns.iter().map(|column| identifiers.contains(&column.as_str())).collect();
        let as_identifier = |cell: &Cell, is: bool| match cell {
            Cell::Text(text) if is && is_plain_identifier(text) => Cell::Number(format!("=\"{text}\"")),
            other => other.clone(),
        };
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().zip(&is_identifier).map(|(cell, is)| as_identifier(cell, *is)).collect());
        let marked = Table { columns: self.columns.clone(), rows: rows.collect() };
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        bytes.extend(marked.to_csv());
        bytes
    }

    /// As a JSON array with one object a row.
    pub fn to_json(&self) -> String {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let cells = self.columns.iter().zip(row).map(|(column, cell)| {
                    let value = match cell {
                        Cell::Empty => Value::Null,
                        Cell::Text(text) => Value::String(text.clone()),
                        Cell::Number(number) => {
                            number.parse().map_or_else(|_| Value::String(number.clone()), Value::Number)
                        }
                    };
                    ((*column).clone(), value)
                });
                Value::Object(cells.collect::<Map<String, Value>>())
            })
            .collect();
        format!("{:#}\n", Value::Array(rows))
    }
}

/// Rows, all of one length, as lines of CSV.
pub(crate) fn csv_lines<'a>(rows: impl IntoIterator<Item = &'a Vec<Cell>>) -> Vec<u8> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail but for rows of unequal length.
        let cells = row.iter().map(|cell| match cell {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(text) => without_formula(text),
            Cell::Number(number) => Cow::Borrowed(number.as_str()),
        });
        let _ = writer.write_record(cells.map(|cell| cell.into_owned()));
    }
    writer.into_inner().unwrap_or_default()
}

/// Writes a text as one cell of a line of CSV that has others.
pub(crate) fn write_csv_text(text: &str, into: &mut String) {
    write_csv_cell(&without_formula(text), into);
}

/// Whether a text can stand between the quotes of a formula without ending them: others are written as words.
fn is_plain_identifier(text: &str) -> bool {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '/' | ' ')
    };
    text.len() <= 200 && text.chars().all(plain)
}

/// Puts an apostrophe before text that a spreadsheet would run.
fn without_formula(text: &str) -> Cow<'_, str> {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_leave_as_words_and_numbers_as_numbers() {
        let mut table = Table::new(&["asset", "net"]);
        table.rows.push(vec![Cell::text("=cmd|' /C calc'!A0"), Cell::amount(-12.5)]);
        table.rows.push(vec![Cell::text("a,\"b\""), Cell::amount(f64::NAN)]);
        assert_eq!(
            String::from_utf8(table.to_csv()).unwrap(),
            "asset,net\n'=cmd|' /C calc'!A0,-12.50\n\"a,\"\"b\"\"\",\n"
        );
        assert!(table.to_json().contains("\"net\": -12.50") || table.to_json().contains("\"net\": -12.5"));
    }

    #[test]
    fn a_cell_by_itself_is_written_as_in_its_table() {
        for text in ["A1", "=1+1", "a,b", "a \"b\"", "two\nlines", "-", "é; x"] {
            let mut alone = String::new();
            write_csv_text(text, &mut alone);
            let table = csv_lines([&vec![Cell::text(text), Cell::number(1)]]);
            assert_eq!(format!("{alone},1\n"), String::from_utf8(table).unwrap());
        }
    }

    #[test]
    fn identifiers_keep_their_zeros_in_a_spreadsheet_and_cannot_become_formulas() {
        let mut table = Table::new(&["serial", "note"]);
        table.rows.push(vec![Cell::text("00123"), Cell::text("00123")]);
        table.rows.push(vec![Cell::text("6377020000000001"), Cell::text("@SUM(A1)")]);
        table.rows.push(vec![Cell::text("=\"&cmd|x\""), Cell::text("\t=1+1")]);
        table.rows.push(vec![Cell::text("A\"&B1&\""), Cell::text("\r-1")]);
        assert_eq!(
            String::from_utf8(table.to_spreadsheet_csv(&["serial"])).unwrap(),
            "\u{feff}serial,note\n\"=\"\"00123\"\"\",00123\n\"=\"\"6377020000000001\"\"\",'@SUM(A1)\n\
             \"'=\"\"&cmd|x\"\"\",'\t=1+1\n\"A\"\"&B1&\"\"\",\"'\r-1\"\n"
        );
    }
}
