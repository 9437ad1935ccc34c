//! Tables that leave the program as CSV or JSON.
//!
//! In: columns and cells. Out: text. Text cells that a spreadsheet would run as a formula are written with an
//! apostrophe in front; numbers are written bare.

use serde_json::{Map, Value};

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
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        let mut write = |cells: &mut dyn Iterator<Item = String>| {
            // Writing to memory cannot fail but for rows of unequal length, which tables do not have.
            let _ = writer.write_record(cells);
        };
        write(&mut self.columns.iter().cloned());
        for row in &self.rows {
            write(&mut row.iter().map(|cell| match cell {
                Cell::Empty => String::new(),
                Cell::Text(text) => without_formula(text),
                Cell::Number(number) => number.clone(),
            }));
        }
        writer.into_inner().unwrap_or_default()
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
                    ((*column).to_owned(), value)
                });
                Value::Object(cells.collect::<Map<String, Value>>())
            })
            .collect();
        format!("{:#}\n", Value::Array(rows))
    }
}

/// Puts an apostrophe before text that a spreadsheet would run.
fn without_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
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
}
