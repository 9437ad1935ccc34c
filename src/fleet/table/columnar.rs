//! Parquet: typed columns as cells of text.
//!
//! In: a Parquet file. Out: [`Columnar`]: its columns by name, and its rows batch by batch; and any value as the text that a
//! register would have in its place ([`write_cell`]): dates as `YYYY-MM-DD`, numbers as short as they can be, nothing for null.
//! Columns of lists and records hold no cells: they are left aside. Of strings that come again and again each batch has every
//! one once, so that equal cells are told by their codes ([`codes`]).

use std::collections::HashMap;
use std::fs::File;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use bytes::Bytes;
use foldhash::fast::FixedState;
use jiff::{SignedDuration, Timestamp};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use super::builder::{Builder, Shape};
use super::limits::Limits;
use super::workbook::quietly;
use super::{Contents, FileError, HeaderScore};

/// Rows of a batch.
const BATCH_ROWS: usize = 1 << 14;

/// A Parquet file whose columns are known.
#[derive(Debug, Clone)]
pub(in crate::fleet) struct Columnar {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
}

impl Columnar {
    /// Of a file on the disk.
    pub(in crate::fleet) fn open(path: &Path) -> Result<Columnar, FileError> {
        let file =
            File::open(path).map_err(|source| FileError::Unreadable { path: path.to_owned(), source })?;
        Columnar::of(path, &file)
    }

    fn of<R: ChunkReader + 'static>(path: &Path, source: &R) -> Result<Columnar, FileError> {
        let metadata = guarded(path, || ArrowReaderMetadata::load(source, ArrowReaderOptions::new()))?;
        let columnar = Columnar { path: path.to_owned(), metadata };
        let headers = columnar.headers();
        if (0..headers.len()).any(|position| columnar.has_cells(position)) {
            return Ok(columnar);
        }
        let found = format!("columns of lists or records: {}", headers.join(", "));
        Err(FileError::NoRegister { path: path.to_owned(), found })
    }

    /// Names of its columns, in order.
    pub(in crate::fleet) fn headers(&self) -> Vec<String> {
        self.metadata.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// Number of rows, as the file says.
    pub(in crate::fleet) fn rows(&self) -> usize {
        usize::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Whether the values of a column are cells.
    pub(in crate::fleet) fn has_cells(&self, position: usize) -> bool {
        is_cell(self.metadata.schema().field(position).data_type())
    }

    /// The rows of a file, batch by batch, with the columns at these positions; `coded` are those of which equal texts are told
    /// by their codes.
    pub(in crate::fleet) fn batches(&self, wanted: &[usize], coded: &[usize]) -> Result<Batches, FileError> {
        let file = File::open(&self.path)
            .map_err(|source| FileError::Unreadable { path: self.path.clone(), source })?;
        self.batches_of(file, wanted, coded)
    }

    fn batches_of<R: ChunkReader + 'static>(
        &self,
        source: R,
        wanted: &[usize],
        coded: &[usize],
    ) -> Result<Batches, FileError> {
        let reader = guarded(&self.path, || {
            let options = ArrowReaderOptions::new().with_schema(Arc::new(self.schema(coded)));
            let metadata = ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options)?;
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(source, metadata);
            let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
            builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()
        })?;
        Ok(Batches { path: self.path.clone(), reader })
    }

    /// The schema to read with: strings plain, or each once where they are coded.
    fn schema(&self, coded: &[usize]) -> Schema {
        let schema = self.metadata.schema();
        let field = |(position, field): (usize, &Arc<Field>)| {
            let data_type = match field.data_type() {
                DataType::Dictionary(_, value) if !is_text(value) => field.data_type().clone(),
                other if !is_text(other) && !matches!(other, DataType::Dictionary(..)) => other.clone(),
                _ if coded.contains(&position) => {
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
                }
                _ => DataType::Utf8,
            };
            field.as_ref().clone().with_data_type(data_type)
        };
        Schema::new(schema.fields().iter().enumerate().map(field).collect::<Vec<Field>>())
    }
}

/// Rows that come batch by batch.
pub(in crate::fleet) struct Batches {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl Batches {
    /// The next batch; none at the end.
    pub(in crate::fleet) fn next(&mut self) -> Result<Option<RecordBatch>, FileError> {
        let reader = &mut self.reader;
        guarded(&self.path, || reader.next().transpose().map_err(ParquetError::from))
    }
}

/// What the reader says, or panics of, as damage of the file.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, FileError> {
    let damaged =
        |detail: String| FileError::Damaged { path: path.to_owned(), format: "Parquet file", detail };
    match quietly(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))) {
        Ok(read) => read.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its parts contradict each other".to_owned())),
    }
}

/// Reads a whole file as a table.
pub(super) fn contents(
    path: &Path,
    bytes: Vec<u8>,
    limits: &Limits,
    score: &HeaderScore<'_>,
) -> Result<Contents, FileError> {
    let bytes = Bytes::from(bytes);
    let columnar = Columnar::of(path, &bytes)?;
    let headers = columnar.headers();
    let (cells, aside): (Vec<usize>, Vec<usize>) =
        (0..headers.len()).partition(|position| columnar.has_cells(*position));
    let mut builder = Builder::new(path, String::new(), Shape::Grid, limits, score);
    let names: Vec<&str> = cells.iter().map(|position| headers[*position].as_str()).collect();
    builder.push(1, &names)?;
    let mut batches = columnar.batches_of(bytes, &cells, &[])?;
    let mut line = 1;
    let mut texts = vec![String::new(); cells.len()];
    while let Some(batch) = batches.next()? {
        for row in 0..batch.num_rows() {
            line += 1;
            for (text, column) in texts.iter_mut().zip(batch.columns()) {
                text.clear();
                write_cell(column.as_ref(), row, text);
            }
            builder.push(line, &texts.iter().map(String::as_str).collect::<Vec<_>>())?;
        }
    }
    let table = builder.finish()?.map_err(|_| FileError::HeaderOnly { path: path.to_owned() })?;
    let aside = aside.iter().map(|position| format!("column `{}` (lists or records)", headers[*position]));
    Ok(Contents { tables: vec![table], aside: aside.collect() })
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Whether values of a type are cells.
fn is_cell(data_type: &DataType) -> bool {
    match data_type {
        DataType::Boolean | DataType::Null | DataType::Date32 | DataType::Date64 => true,
        DataType::Timestamp(..) | DataType::Decimal128(..) | DataType::Float32 | DataType::Float64 => true,
        DataType::Dictionary(_, value) => is_text(value),
        other => other.is_integer() || is_text(other),
    }
}

/// Writes a value as the text a register has in its place.
pub(in crate::fleet) fn write_cell(column: &dyn Array, row: usize, into: &mut String) {
    if column.is_null(row) {
        return;
    }
    match column.data_type() {
        DataType::Utf8 => into.push_str(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => into.push_str(column.as_string::<i64>().value(row)),
        DataType::Utf8View => into.push_str(column.as_string_view().value(row)),
        DataType::Dictionary(..) => {
            let coded = column.as_dictionary::<Int32Type>();
            if let Some(code) = coded.key(row) {
                write_cell(coded.values().as_ref(), code, into);
            }
        }
        DataType::Boolean => into.push_str(if column.as_boolean().value(row) { "yes" } else { "no" }),
        DataType::Decimal128(..) => {
            write_decimals(&column.as_primitive::<Decimal128Type>().value_as_string(row), into);
        }
        DataType::Float32 => write_number(f64::from(column.as_primitive::<Float32Type>().value(row)), into),
        DataType::Float64 => write_number(column.as_primitive::<Float64Type>().value(row), into),
        _ => match (whole(column, row), seconds(column, row)) {
            (_, Some(seconds)) => write_moment(seconds, into),
            (Some(number), None) => into.push_str(&number.to_string()),
            (None, None) => {}
        },
    }
}

/// A number, as short as it can be; what is no number is nothing.
fn write_number(number: f64, into: &mut String) {
    if number.is_finite() {
        write_decimals(&number.to_string(), into);
    }
}

/// A number that cannot be taken for one with a group of thousands: `1.389` becomes `1.3890`.
fn write_decimals(number: &str, into: &mut String) {
    into.push_str(number);
    if number.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 3) {
        into.push('0');
    }
}

/// A day, and the time of day where there is one.
fn write_moment(seconds: i64, into: &mut String) {
    let Ok(moment) = Timestamp::from_duration(SignedDuration::from_secs(seconds)) else { return };
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    into.push_str(&moment.date().to_string());
    if seconds.rem_euclid(86_400) != 0 {
        into.push(' ');
        into.push_str(&moment.time().to_string());
    }
}

/// A whole number.
fn whole(column: &dyn Array, row: usize) -> Option<i128> {
    fn of<T: ArrowPrimitiveType>(column: &dyn Array, row: usize) -> Option<T::Native> {
        column.as_primitive_opt::<T>().map(|column| column.value(row))
    }
    Some(match column.data_type() {
        DataType::Int8 => of::<Int8Type>(column, row)?.into(),
        DataType::Int16 => of::<Int16Type>(column, row)?.into(),
        DataType::Int32 => of::<Int32Type>(column, row)?.into(),
        DataType::Int64 => of::<Int64Type>(column, row)?.into(),
        DataType::UInt8 => of::<UInt8Type>(column, row)?.into(),
        DataType::UInt16 => of::<UInt16Type>(column, row)?.into(),
        DataType::UInt32 => of::<UInt32Type>(column, row)?.into(),
        DataType::UInt64 => of::<UInt64Type>(column, row)?.into(),
        _ => return None,
    })
}

/// Seconds since 1970 of a day or a moment.
fn seconds(column: &dyn Array, row: usize) -> Option<i64> {
    Some(match column.data_type() {
        DataType::Date32 => i64::from(column.as_primitive::<Date32Type>().value(row)) * 86_400,
        DataType::Date64 => column.as_primitive::<Date64Type>().value(row).div_euclid(1_000),
        DataType::Timestamp(TimeUnit::Second, _) => column.as_primitive::<TimestampSecondType>().value(row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            column.as_primitive::<TimestampMillisecondType>().value(row).div_euclid(1_000)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            column.as_primitive::<TimestampMicrosecondType>().value(row).div_euclid(1_000_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            column.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000_000_000)
        }
        _ => return None,
    })
}

/// A column of cells by codes: equal codes are equal texts, counted from 0.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fleet) struct Codes {
    /// Of each row.
    pub of_row: Vec<u32>,
    /// The text of each code.
    pub texts: Vec<String>,
}

/// The codes of a column, in the order of their first rows.
pub(in crate::fleet) fn codes(column: &dyn Array) -> Codes {
    if let Some(coded) = column.as_dictionary_opt::<Int32Type>() {
        let keys = coded.keys();
        return coded_by(column, |row| (!keys.is_null(row)).then(|| keys.value(row)));
    }
    let text = |row: usize| {
        let mut text = String::new();
        write_cell(column, row, &mut text);
        text
    };
    match column.data_type() {
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            coded_by(column, |row| (!texts.is_null(row)).then(|| texts.value(row)))
        }
        DataType::Float64 => {
            let numbers = column.as_primitive::<Float64Type>();
            coded_by(column, |row| (!numbers.is_null(row)).then(|| numbers.value(row).to_bits()))
        }
        DataType::Date32 => {
            let days = column.as_primitive::<Date32Type>();
            coded_by(column, |row| (!days.is_null(row)).then(|| days.value(row)))
        }
        other if other.is_integer() => {
            coded_by(column, |row| (!column.is_null(row)).then(|| whole(column, row)))
        }
        _ => coded_by(column, text),
    }
}

/// Codes of rows by something that tells their texts apart.
fn coded_by<K: Hash + Eq>(column: &dyn Array, key: impl Fn(usize) -> K) -> Codes {
    let mut places: HashMap<K, u32, FixedState> = HashMap::default();
    let mut texts = Vec::new();
    let of_row = (0..column.len())
        .map(|row| {
            *places.entry(key(row)).or_insert_with(|| {
                let mut text = String::new();
                write_cell(column, row, &mut text);
                texts.push(text);
                texts.len() as u32 - 1
            })
        })
        .collect();
    Codes { of_row, texts }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Decimal128Array, Float64Array};

    use super::*;

    #[test]
    fn three_decimals_are_no_thousands() {
        let decimals = Decimal128Array::from(vec![12_125]).with_precision_and_scale(10, 3).unwrap();
        let columns: [ArrayRef; 4] = [
            Arc::new(Float64Array::from(vec![1.389])),
            Arc::new(decimals),
            Arc::new(Float64Array::from(vec![1_389.0])),
            Arc::new(Float64Array::from(vec![f64::NAN])),
        ];
        let texts = columns.map(|column| {
            let mut text = String::new();
            write_cell(column.as_ref(), 0, &mut text);
            text
        });
        assert_eq!(texts, ["1.3890", "12.1250", "1389", ""]);
    }
}
