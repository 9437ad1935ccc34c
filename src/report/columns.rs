//! Tables as Parquet.
//!
//! In: a [`Table`]. Out: the same columns and rows: as numbers where all cells of a column are numbers or blank, else as texts;
//! blank is null.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::table::{Cell, Table};

/// A table as the bytes of a Parquet file.
///
/// # Errors
/// When the library that writes it refuses, as for two columns of one name.
pub fn to_parquet(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let columns: Vec<(Field, ArrayRef)> =
        table.columns.iter().enumerate().map(|(at, name)| column(table, at, name)).collect();
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)
        .map_err(|error: ArrowError| ParquetError::ArrowError(error.to_string()))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))?;
    writer.write(&batch)?;
    writer.into_inner()
}

fn column(table: &Table, position: usize, name: &str) -> (Field, ArrayRef) {
    let cells = || table.rows.iter().map(move |row| &row[position]);
    let has_numbers = cells().any(|cell| matches!(cell, Cell::Number(_)));
    let is_number = has_numbers && !cells().any(|cell| matches!(cell, Cell::Text(_)));
    if is_number {
        let number = |cell: &Cell| match cell {
            Cell::Number(digits) => digits.parse().ok(),
            _ => None,
        };
        let numbers: Float64Array = cells().map(number).collect();
        return (Field::new(name, DataType::Float64, true), Arc::new(numbers));
    }
    let text = |cell| match cell {
        &Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) => Some(text.as_str()),
    };
    let texts: StringArray = cells().map(text).collect();
    (Field::new(name, DataType::Utf8, true), Arc::new(texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

    #[test]
    fn numbers_come_back_as_numbers_and_blank_cells_as_none() {
        let mut table = Table::new(&["name", "value"]);
        table.rows.push(vec![Cell::text("A,1"), Cell::Number("2.50".into())]);
        table.rows.push(vec![Cell::Empty, Cell::Empty]);
        let bytes = bytes::Bytes::from(to_parquet(&table).unwrap());
        let batch = ParquetRecordBatchReader::try_new(bytes, 10).unwrap().next().unwrap().unwrap();
        let names: Vec<Option<&str>> = batch.column(0).as_string::<i32>().iter().collect();
        let values: Vec<Option<f64>> = batch.column(1).as_primitive::<Float64Type>().iter().collect();
        assert_eq!((names, values), (vec![Some("A,1"), None], vec![Some(2.5), None]));
    }
}
