//! `residua-cluster score`: Arrow batches through a pipe, as Spark and Ray hand them over.

#![allow(clippy::unwrap_used)]

mod common;

use std::io::Write;
use std::process::Stdio;
use std::sync::Arc;

use common::{AS_OF, cents, program, single_machine};
use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::util::display::array_value_to_string;

fn batch(models: &[&str], costs: &[f64]) -> RecordBatch {
    let ids: StringArray = (0..models.len()).map(|row| Some(format!("A{row}"))).collect();
    let models = StringArray::from(models.to_vec());
    // 2022-08-15.
    let dates = Date32Array::from(vec![19_219; costs.len()]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("asset_id", Arc::new(ids)),
        ("model", Arc::new(models)),
        ("purchase_date", Arc::new(dates)),
        ("purchase_cost", Arc::new(Float64Array::from(costs.to_vec()))),
        ("currency", Arc::new(StringArray::from(vec!["USD"; costs.len()]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[test]
fn batches_come_back_with_the_answers_of_single_rows() {
    let batches = [
        batch(&["Dell Latitude 5430", "Whitebox 2U"], &[1389.0, -5.0]),
        batch(&["Dell PowerEdge R640"], &[7400.125]),
    ];
    let mut stream = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| stream.write(batch).unwrap());
    let input = stream.into_inner().unwrap();
    let mut child = program()
        .args(["score", "--as-of", AS_OF])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answered: Vec<RecordBatch> =
        StreamReader::try_new(output.stdout.as_slice(), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(answered.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [2, 1]);

    let folder = tempfile::tempdir().unwrap();
    let alone = |row: &str| {
        let path = folder.path().join("row.csv");
        std::fs::write(&path, format!("asset_id,model,purchase_date,purchase_cost,currency\n{row}\n"))
            .unwrap();
        single_machine(&path).remove(0)
    };
    let rows = [
        (0, alone("A0,Dell Latitude 5430,2022-08-15,1389,USD")),
        (1, alone("A0,Dell PowerEdge R640,2022-08-15,7400.13,USD")),
    ];
    for (place, expected) in rows {
        let cell =
            |name: &str| array_value_to_string(answered[place].column_by_name(name).unwrap(), 0).unwrap();
        for column in ["product", "basis", "action", "route", "month", "window_start", "window_end"] {
            assert_eq!(cell(column), expected[column], "{column}");
        }
        for column in ["value_now_mean", "value_now_p10", "value_now_p90", "recovery_mean", "recovery_p50"] {
            // The cost of the second differs by half a cent.
            assert!((cents(&cell(column)) - cents(&expected[column])).abs() <= place as i64, "{column}");
        }
        assert_eq!(cell("answer_currency"), "USD");
    }
    // A cost below nothing is refused, and the row stays.
    assert!(answered[0].column_by_name("recovery_mean").unwrap().is_null(1));
    assert_eq!(answered[0].column_by_name("model").unwrap().as_string::<i32>().value(1), "Whitebox 2U");
}
