//! The same register as Parquet, and the least that any program must do with it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

/// Rows of a batch.
const BATCH_ROWS: usize = 1 << 16;

/// Writes a register of text as columns: dates as dates, costs as numbers.
pub(crate) fn write_register(text: &Path, into: &Path) {
    let mut reader = csv::Reader::from_path(text).unwrap();
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut records = reader.records();
    let mut writer = None;
    loop {
        let rows: Vec<csv::StringRecord> = records.by_ref().take(BATCH_ROWS).map(Result::unwrap).collect();
        if rows.is_empty() {
            break;
        }
        let columns = headers.iter().enumerate().map(|(at, name)| (name.clone(), column(name, at, &rows)));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let begin = || ArrowWriter::try_new(File::create(into).unwrap(), batch.schema(), Some(properties()));
        writer.get_or_insert_with(|| begin().unwrap()).write(&batch).unwrap();
    }
    writer.unwrap().close().unwrap();
}

fn column(name: &str, at: usize, rows: &[csv::StringRecord]) -> ArrayRef {
    let day = |row: &csv::StringRecord| {
        let date: jiff::civil::Date = row[at].parse().unwrap();
        Some(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days())
    };
    match name {
        "purchase_date" | "last_seen" => Arc::new(rows.iter().map(day).collect::<Date32Array>()),
        "purchase_cost" => {
            Arc::new(rows.iter().map(|row| Some(row[at].parse().unwrap())).collect::<Float64Array>())
        }
        _ => {
            let mut texts = StringBuilder::new();
            rows.iter().for_each(|row| texts.append_value(&row[at]));
            Arc::new(texts.finish())
        }
    }
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_column_dictionary_enabled(ColumnPath::from("asset_id"), false)
        .set_column_dictionary_enabled(ColumnPath::from("line"), false)
        .set_column_encoding(ColumnPath::from("line"), Encoding::DELTA_BINARY_PACKED)
        .build()
}

/// Seconds to read every column of the register and to write as many rows of the plan, of which some are known.
pub(crate) fn least(register: &Path, plan: &Path, again: &Path) -> f64 {
    let open = |path: &Path| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        builder.with_batch_size(BATCH_ROWS).build().unwrap()
    };
    let known: RecordBatch = open(plan).next().unwrap().unwrap();
    // Plain texts, as a program has them that knows nothing of kinds.
    let fields: Vec<Field> = known.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    let schema = Arc::new(Schema::new(fields));
    let start = Instant::now();
    let mut writer = ArrowWriter::try_new(File::create(again).unwrap(), schema, Some(properties())).unwrap();
    for batch in open(register) {
        let rows = batch.unwrap().num_rows();
        writer.write(&known.slice(0, rows.min(known.num_rows()))).unwrap();
    }
    writer.close().unwrap();
    start.elapsed().as_secs_f64()
}
