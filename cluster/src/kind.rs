//! What tells one kind of row from another, as text.
//!
//! In: columns of a batch by their names, which are headers of a register in any spelling that residua reads. Out: for each
//! row its *kind*: a line of CSV with the cells that move money, all others blank, under the header
//! [`Layout::header`]. A kind is a register of one row: what it is answered is what `residua plan` says of that row alone.
//! Which cells move money is the rule of `residua plan --stream` ([`KindColumns`]).

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::arrow::error::ArrowError;
use residua::decide::Setting;
use residua::fleet::{FileError, KindColumns};
use residua::units::write_csv_record;

/// Stands for the name of any unit that has one.
const NAMED: &str = "U1";

/// Columns of a register and what each says of a row's kind.
#[derive(Debug)]
pub struct Layout {
    header: String,
    columns: KindColumns,
    width: usize,
    /// Names of units that the policy names, in small letters: they are kinds of their own.
    of_policy: BTreeSet<String>,
}

impl Layout {
    /// By the names of the columns.
    ///
    /// # Errors
    /// When none of them names a unit or its model.
    pub fn new(names: &[String], setting: &Setting) -> Result<Layout, FileError> {
        let columns = KindColumns::of_headers(names, &setting.profiles)?;
        // A table of one column has no delimiter to be known by.
        let mut header = if columns.names().is_empty() { "asset_id,".to_owned() } else { String::new() };
        write_csv_record(names.iter().map(String::as_str), &mut header);
        let of_policy = setting.policy.asset.keys().map(|id| id.trim().to_lowercase()).collect();
        Ok(Layout { header, columns, width: names.len(), of_policy })
    }

    /// The header under which kinds are rows.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Writes the kind of a row.
    pub fn write_kind(&self, columns: &[StringArray], row: usize, into: &mut String) {
        let cell = |position: usize| -> &str {
            let column = &columns[position];
            if column.is_null(row) { "" } else { column.value(row).trim() }
        };
        let mut cells = vec![""; self.width];
        self.columns.visit(cell, |position, cell| cells[position] = cell);
        let names = self.columns.names();
        for position in names {
            if self.of_policy.contains(&cell(*position).to_lowercase()) {
                cells[*position] = cell(*position);
            }
        }
        let told = names.iter().any(|position| !cells[*position].is_empty());
        if let Some(first) = names.first()
            && !told
            && !self.columns.is_unnamed(cell)
        {
            cells[*first] = NAMED;
        }
        if names.is_empty() {
            into.push(',');
        }
        write_csv_record(cells, into);
    }
}

/// Columns of a batch as the texts a register would hold.
///
/// # Errors
/// When a column is of a type that has no text.
pub fn texts(columns: &[ArrayRef]) -> Result<Vec<StringArray>, ArrowError> {
    columns.iter().map(text).collect()
}

fn text(column: &ArrayRef) -> Result<StringArray, ArrowError> {
    let plain = match column.data_type() {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let numbers = cast(column, &DataType::Float64)?;
            let numbers = numbers.as_primitive::<Float64Type>().iter();
            let texts =
                numbers.map(|number| number.filter(|number| number.is_finite()).map(|n| n.to_string()));
            return Ok(texts.map(|text| text.map(with_other_decimals)).collect());
        }
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => {
            let texts = cast(column, &DataType::Utf8)?;
            let texts = texts.as_string::<i32>().iter();
            return Ok(texts.map(|text| text.map(|text| with_other_decimals(text.to_owned()))).collect());
        }
        // A day is all that a register says.
        DataType::Timestamp(..) | DataType::Date64 => cast(column, &DataType::Date32)?,
        _ => Arc::clone(column),
    };
    let texts = cast(&plain, &DataType::Utf8)?;
    Ok(texts.as_string::<i32>().clone())
}

/// A number that is not taken for one with a separator of thousands: `1.250` becomes `1.2500`.
fn with_other_decimals(mut number: String) -> String {
    if number.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 3) {
        number.push('0');
    }
    number
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use datafusion::arrow::array::{Date32Array, Decimal128Array, Float64Array};

    use super::*;
    use crate::setting::{Given, SettingFiles};

    fn setting() -> Setting {
        let given = Given { as_of: Some("2026-11".parse().unwrap()), ..Given::default() };
        SettingFiles::given(&given).unwrap().open().unwrap()
    }

    fn kind(names: &[&str], cells: &[&str]) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let layout = Layout::new(&names, &setting()).unwrap();
        let columns: Vec<StringArray> = cells.iter().map(|cell| StringArray::from(vec![*cell])).collect();
        let mut kind = String::new();
        layout.write_kind(&columns, 0, &mut kind);
        kind
    }

    #[test]
    fn names_and_sightings_make_no_kind_where_a_date_of_purchase_is_told() {
        let names = ["Asset Tag", "serial", "model", "purchase_date", "last_seen"];
        assert_eq!(
            kind(&names, &["A7", "X", "Dell, 5430", "2022-08-15", "2026-10-01"]),
            "U1,,\"Dell, 5430\",2022-08-15,"
        );
        assert_eq!(kind(&names, &["A7", "X", "Dell", "", "2026-10-01"]), ",X,Dell,,2026-10-01");
        assert_eq!(kind(&["model"], &["Dell"]), ",Dell");
    }

    #[test]
    fn columns_of_any_type_are_read_as_a_register_writes_them() {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from(vec![1389.0, 0.125])),
            Arc::new(Date32Array::from(vec![19_219, 0])),
            Arc::new(Decimal128Array::from(vec![1_250, 5]).with_precision_and_scale(10, 3).unwrap()),
        ];
        let texts = texts(&columns).unwrap();
        let row = |row: usize| texts.iter().map(|column| column.value(row)).collect::<Vec<_>>().join(" ");
        assert_eq!([row(0), row(1)], ["1389 2022-08-15 1.2500", "0.1250 1970-01-01 0.0050"]);
    }
}
