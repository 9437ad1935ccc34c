//! Registers and plans as Parquet.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used)]

mod common;

use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    Array, ArrayRef, Date32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use common::{failure_of, files_below, residua};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

const LIMITS: &str = "[capacity]\nother = 400\n[depth]\nprice_fall = 0.0\n";

/// One row of the register, as text.
struct Row {
    id: String,
    model: Option<&'static str>,
    days: Option<i32>,
    cost: Option<f64>,
    quantity: i64,
    site: &'static str,
    seen: i64,
}

fn row(number: usize) -> Row {
    let models = ["Dell Latitude 5430", "Lenovo ThinkPad T480", "NVIDIA A100 PCIe 40GB", "Whitebox, \"2U\""];
    Row {
        id: if number % 97 == 13 { "N/A".to_owned() } else { format!("A{number:06}") },
        model: (number % 41 != 7).then_some(models[number * 7 % 11 % 4]),
        days: (!number.is_multiple_of(13)).then_some(18_000 + (number % 40) as i32 * 30),
        cost: (number % 29 != 3).then_some(if number % 301 == 50 { -5.0 } else { 1_250.5 }),
        quantity: if number % 17 == 3 { 3 } else { 1 },
        site: ["Berlin", "Austin, TX", "München"][number / 3 % 3],
        // Milliseconds: days of October 2026, some with a time of day.
        seen: 1_790_812_800_000 + (number % 28) as i64 * 86_400_000 + (number % 2) as i64 * 3_600_000,
    }
}

fn date(days: i32) -> String {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

fn as_csv(rows: usize) -> String {
    let mut text =
        "asset_id,model,class,purchase_date,purchase_cost,currency,quantity,site,last_seen\n".to_owned();
    for number in 0..rows {
        let row = row(number);
        let (day, hour) = (row.seen.div_euclid(86_400_000), row.seen.rem_euclid(86_400_000) / 3_600_000);
        let time = if hour == 0 { String::new() } else { format!(" {hour:02}:00:00") };
        writeln!(
            text,
            "{},{},laptop,{},{},USD,{},\"{}\",{}{time}",
            row.id,
            row.model.map_or(String::new(), |model| format!("\"{}\"", model.replace('"', "\"\""))),
            row.days.map_or(String::new(), date),
            row.cost.map_or(String::new(), |cost| cost.to_string()),
            row.quantity,
            row.site,
            date(day as i32),
        )
        .unwrap();
    }
    text
}

fn columns(rows: usize) -> Vec<(&'static str, ArrayRef)> {
    let rows: Vec<Row> = (0..rows).map(row).collect();
    let texts = |of: &dyn Fn(&Row) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<StringArray>())
    };
    vec![
        ("asset_id", texts(&|row| Some(row.id.clone()))),
        ("model", texts(&|row| row.model.map(str::to_owned))),
        ("class", texts(&|_| Some("laptop".to_owned()))),
        ("purchase_date", Arc::new(rows.iter().map(|row| row.days).collect::<Date32Array>())),
        ("purchase_cost", Arc::new(rows.iter().map(|row| row.cost).collect::<Float64Array>())),
        ("currency", texts(&|_| Some("USD".to_owned()))),
        ("quantity", Arc::new(rows.iter().map(|row| Some(row.quantity)).collect::<Int64Array>())),
        ("site", texts(&|row| Some(row.site.to_owned()))),
        ("last_seen", Arc::new(TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| row.seen)))),
    ]
}

fn write(path: &Path, columns: Vec<(&'static str, ArrayRef)>, rows_of_group: usize) -> PathBuf {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_of_group)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path.to_owned()
}

fn planned(folder: &Path, name: &str, register: &Path, more: &[&str]) -> PathBuf {
    let (out, policy) = (folder.join(name), folder.join("policy.toml"));
    std::fs::write(&policy, LIMITS).unwrap();
    let mut command = residua();
    command.arg("plan").arg(register).args(["--as-of", "2026-11", "--quiet", "--policy"]).arg(policy);
    command.arg("-o").arg(&out).args(more).assert().success();
    out
}

/// The rows of a Parquet file, every cell as text, blank for none.
fn cells(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let headers = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let mut rows = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cell = |column: &ArrayRef| match column.as_string_opt::<i32>() {
                _ if column.is_null(row) => String::new(),
                Some(texts) => texts.value(row).to_owned(),
                None => match column.as_primitive_opt::<Float64Type>() {
                    Some(numbers) => numbers.value(row).to_string(),
                    None => whole(column, row),
                },
            };
            rows.push(batch.columns().iter().map(cell).collect());
        }
    }
    (headers, rows)
}

fn whole(column: &ArrayRef, row: usize) -> String {
    use arrow_array::types::{UInt32Type, UInt64Type};
    match column.as_primitive_opt::<UInt32Type>() {
        Some(numbers) => numbers.value(row).to_string(),
        None => column.as_primitive::<UInt64Type>().value(row).to_string(),
    }
}

/// A cell without what only its writing differs in.
fn bare(cell: &str) -> String {
    cell.parse::<f64>().map_or_else(|_| cell.to_owned(), |number| number.to_string())
}

#[test]
fn a_parquet_register_is_read_as_its_csv_is() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("register.csv");
    std::fs::write(&csv, as_csv(600)).unwrap();
    let parquet = write(&folder.path().join("register.parquet"), columns(600), 250);
    let of_csv = files_below(&planned(folder.path(), "csv", &csv, &[]));
    let of_parquet = files_below(&planned(folder.path(), "parquet", &parquet, &[]));
    for name in ["cohorts.csv", "schedule.csv"] {
        assert!(of_parquet[name] == of_csv[name], "{name}");
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for name in ["plan.csv", "rejects.csv"] {
        let named = |bytes: &[u8]| text(bytes).replace("register.parquet", "register.csv");
        assert_eq!(named(&of_parquet[name]), named(&of_csv[name]), "{name}");
    }
}

#[test]
fn a_stream_of_columns_is_answered_as_the_csv_is_whatever_the_threads() {
    let folder = tempfile::tempdir().unwrap();
    let rows = 200_000;
    let csv = folder.path().join("register.csv");
    std::fs::write(&csv, as_csv(rows)).unwrap();
    let parquet = write(&folder.path().join("register.parquet"), columns(rows), 70_000);
    let of_csv = planned(folder.path(), "csv", &csv, &["--stream"]);
    let mut once = None;
    for threads in ["1", "2", "16"] {
        let more = ["--stream", "--format", "parquet", "--threads", threads];
        let out = planned(folder.path(), threads, &parquet, &more);
        let files = files_below(&out);
        assert!(
            files["cohorts.csv"] == files_below(&of_csv)["cohorts.csv"],
            "cohorts with {threads} threads"
        );
        assert!(
            files["plan.parquet"] == *once.get_or_insert(files["plan.parquet"].clone()),
            "{threads} threads"
        );
    }
    let (headers, found) = cells(&folder.path().join("2/plan.parquet"));
    let mut reader = csv::Reader::from_path(of_csv.join("plan.csv")).unwrap();
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), headers);
    let expected: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(found.len(), expected.len());
    assert!(found.len() > rows * 9 / 10);
    for (found, expected) in found.iter().zip(&expected) {
        let cells = |cells: &mut dyn Iterator<Item = &str>| cells.map(bare).collect::<Vec<_>>();
        assert_eq!(cells(&mut found.iter().map(String::as_str)), cells(&mut expected.iter()));
    }
}

#[test]
fn a_plan_of_any_register_is_printed_as_parquet() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("register.csv");
    std::fs::write(&csv, as_csv(50)).unwrap();
    let run = |format: &str| {
        let arguments = ["--as-of", "2026-11", "-q", "--format", format];
        residua().arg("plan").arg(&csv).args(arguments).output().unwrap().stdout
    };
    let path = folder.path().join("plan.parquet");
    std::fs::write(&path, run("parquet")).unwrap();
    let (headers, found) = cells(&path);
    let text = run("csv");
    let mut reader = csv::Reader::from_reader(text.as_slice());
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), headers);
    let expected: Vec<Vec<String>> =
        reader.records().map(|record| record.unwrap().iter().map(bare).collect()).collect();
    let found: Vec<Vec<String>> =
        found.iter().map(|row| row.iter().map(|cell| bare(cell)).collect()).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_damaged_or_another_table_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let whole = std::fs::read(write(&folder.path().join("whole.parquet"), columns(2_000), 500)).unwrap();
    let refused = |name: &str, bytes: &[u8]| -> String {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut told = String::new();
        for stream in [&["--stream"][..], &[]] {
            let mut arguments = vec!["plan", path.to_str().unwrap(), "-o", out.to_str().unwrap()];
            arguments.extend(stream);
            let (code, message) = failure_of(&arguments);
            assert_eq!(code, 1, "{message}");
            assert!(!message.contains("panicked"), "{message}");
            assert!(!out.exists(), "{message}");
            writeln!(told, "{}", message.replace(path.to_str().unwrap(), "FILE").lines().next().unwrap())
                .unwrap();
        }
        told
    };
    let other = write(
        &folder.path().join("other.parquet"),
        vec![("temperature", Arc::new(Float64Array::from(vec![20.5, 21.0])) as ArrayRef)],
        100,
    );
    let lists: ArrayRef =
        Arc::new(ListArray::from_iter_primitive::<arrow_array::types::Int32Type, _, _>(vec![
            Some(vec![Some(1)]),
            None,
        ]));
    let nested = write(&folder.path().join("nested.parquet"), vec![("model", lists)], 100);
    let mut scribbled = whole.clone();
    let middle = whole.len() / 3;
    scribbled[middle..middle + 400].fill(0xff);
    let told = [
        refused("cut.parquet", &whole[..whole.len() * 2 / 3]),
        refused("mark.parquet", b"PAR1"),
        refused("scribbled.parquet", &scribbled),
        refused("temperatures.parquet", &std::fs::read(other).unwrap()),
        refused("lists.parquet", &std::fs::read(nested).unwrap()),
    ];
    insta::assert_snapshot!(told.join("\n"));
}
