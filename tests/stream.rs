//! `residua plan --stream`: registers of any size.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use common::{failure_of, files_below, register, residua};

/// Limits under which cohorts of a thousand rows leave in several months.
const NARROW: &str = "[capacity]\nother = 40\n";

/// The same for a hundred thousand.
const WIDE: &str = "[capacity]\nother = 4000\n[depth]\nprice_fall = 0.0\n";

/// A register of `rows` rows, in which kinds of rows come again and again: some of several units, some without a date, some
/// wrong, one with a line break, some blank.
fn many(rows: usize) -> String {
    let products = [
        ("Dell Latitude 5430", "laptop", "1389.00"),
        ("Lenovo ThinkPad T480", "laptop", "1250"),
        ("Dell PowerEdge R640", "server", "7400.50"),
        ("NVIDIA A100 PCIe 40GB", "gpu", "9800"),
        ("Whitebox 2U", "server", "3100"),
    ];
    let mut text = String::from(
        "Asset Tag,Serial,Model,Class,Purchase Date,Purchase Cost,Currency,Site,Quantity,Last Seen,Status\n",
    );
    for row in 0..rows {
        let (model, class, cost) = products[row * 7 % 11 % products.len()];
        let date = match row % 13 {
            0 => String::new(),
            month => format!("{}-{month:02}-15", 2019 + row % 5),
        };
        let quantity = if row % 17 == 3 { "3" } else { "1" };
        let cost = if row % 101 == 50 { "-5" } else { cost };
        let site = ["Berlin", "\"Austin, TX\"", "\"Man\nchester\""][row / 3 % 3];
        let seen = format!("2026-10-{:02}", 1 + row % 28);
        let status = if row % 29 == 0 { "disposed" } else { "in use" };
        writeln!(
            text,
            "T{row:05},S{row:05},{model},{class},{date},{cost},USD,{site},{quantity},{seen},{status}"
        )
        .unwrap();
        if row % 211 == 7 {
            // Without a model the name decides whether the row is an asset.
            for name in ["N/A".to_owned(), format!("X{row:05}"), "Total".to_owned(), format!("N/A,Y{row:05}")]
            {
                let serial = if name.contains(',') { "" } else { "," };
                writeln!(text, "{name}{serial},,laptop,2021-03-15,900,USD,Berlin,1,2026-10-01,in use")
                    .unwrap();
            }
        }
        match row % 500 {
            250 => text.push_str("\n,,,,,,,,,,\n"),
            // Cells without a header that hold nothing do no harm.
            100 => text.insert_str(text.len() - 1, ",,"),
            _ => {}
        }
    }
    text
}

/// Plans into a folder of its own and returns it.
fn planned(folder: &Path, name: &str, register: &Path, limits: &str, more: &[&str]) -> PathBuf {
    let out = folder.join(name);
    let policy = folder.join("policy.toml");
    std::fs::write(&policy, limits).unwrap();
    residua()
        .arg("plan")
        .arg(register)
        .args(["--as-of", "2026-11", "--quiet", "--policy"])
        .arg(&policy)
        .arg("-o")
        .arg(&out)
        .args(more)
        .assert()
        .success();
    out
}

/// Rows of a table by their first cell, each by the names of its columns.
fn rows(path: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let cells = headers.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.to_owned()));
        (record[0].to_owned(), cells.collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[test]
fn every_row_is_answered_as_the_plan_of_the_whole_register_answers_it() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), many(1_500));
    let whole = planned(folder.path(), "whole", &register, NARROW, &[]);
    let stream = planned(folder.path(), "stream", &register, NARROW, &["--stream"]);
    for name in ["cohorts.csv", "schedule.csv", "rejects.csv"] {
        assert_eq!(
            std::fs::read_to_string(stream.join(name)).unwrap(),
            std::fs::read_to_string(whole.join(name)).unwrap(),
            "{name}"
        );
    }
    let (of_whole, of_stream) = (rows(&whole.join("plan.csv")), rows(&stream.join("plan.csv")));
    assert_eq!(of_stream.len(), of_whole.len());
    assert!(of_stream.len() > 1_400);
    for (asset, row) in &of_stream {
        for (column, cell) in row.iter().filter(|(column, _)| *column != "cohort") {
            assert_eq!(cell, &of_whole[asset][column], "{column} of {asset}");
        }
    }
    let several = of_stream.values().filter(|row| row["scheduled_month"].contains('('));
    assert!(several.count() > 0, "rows of several units leave in several months");
    let manifest = |out: &Path| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap()
    };
    let (of_whole, of_stream) = (manifest(&whole), manifest(&stream));
    for part in ["rows", "totals", "schedule", "inputs", "units_by_action"] {
        assert_eq!(of_stream[part], of_whole[part], "{part}");
    }
}

#[test]
fn the_bytes_hang_neither_on_threads_nor_on_compression() {
    let folder = tempfile::tempdir().unwrap();
    let text = many(120_000);
    let plain = register(folder.path(), &text);
    let once = files_below(&planned(folder.path(), "1", &plain, WIDE, &["--stream", "--threads", "1"]));
    for threads in ["2", "16"] {
        let again =
            files_below(&planned(folder.path(), threads, &plain, WIDE, &["--stream", "--threads", threads]));
        assert!(again == once, "{threads} threads give other bytes");
    }
    let packed = folder.path().join("packed");
    std::fs::create_dir(&packed).unwrap();
    let packed = packed.join("register.csv");
    let mut file =
        flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
    let zstd =
        ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    for (name, bytes) in [("gz", None), ("zst", Some(zstd))] {
        if let Some(bytes) = bytes {
            std::fs::write(&packed, bytes).unwrap();
        }
        let of_packed = files_below(&planned(folder.path(), name, &packed, WIDE, &["--stream"]));
        for file in ["plan.csv", "cohorts.csv", "schedule.csv"] {
            assert!(of_packed[file] == once[file], "{file} of the register as {name} is another");
        }
    }
}

#[test]
fn every_row_is_valued_as_in_the_whole_register() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), many(900));
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        let mut command = residua();
        command.arg("value").arg(&register).args(["--as-of", "2026-11", "--horizon", "14", "-q"]).args(more);
        command.assert().success().get_output().stdout.clone()
    };
    let whole = String::from_utf8(run(&[])).unwrap();
    run(&["--stream", "-o", out.to_str().unwrap()]);
    assert!(whole.lines().count() > 12_000);
    assert_eq!(std::fs::read_to_string(out.join("value.csv")).unwrap(), whole);
    assert!(std::fs::read_to_string(out.join("rejects.csv")).unwrap().lines().count() > 9);
}

#[test]
fn what_cannot_be_streamed_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let refused = |name: &str, bytes: &[u8]| -> String {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let arguments = ["plan", path.to_str().unwrap(), "--stream", "-o", out.to_str().unwrap()];
        let (code, message) = failure_of(&arguments);
        assert_eq!(code, 1, "{message}");
        assert!(!out.exists(), "{message}");
        message.replace(path.to_str().unwrap(), "FILE").lines().next().unwrap().to_owned()
    };
    let register = "asset_id,model,purchase_date\n";
    let told = [
        refused("book.xlsx", b"PK\x03\x04"),
        refused("list.json", b"[{\"asset_id\": \"A\", \"model\": \"Dell Latitude 5430\"}]"),
        refused("latin.csv", &[register.as_bytes(), b"A1,caf\xe9,2022-01-01\n"].concat()),
        refused("endless.csv", format!("{register}A1,\"{}", "x".repeat(3 << 20)).as_bytes()),
        refused(
            "open.csv",
            format!("{register}A0,Dell,2022-01-01\nA1,\"Dell,2022-01-01\nA2,x\",2022-01-01,7\n").as_bytes(),
        ),
        refused("framed.txt", b"|asset_id|model|purchase_date|\n|A1|Dell Latitude 5430|2022-01-01|\n"),
        refused("empty.csv", register.as_bytes()),
        refused("useless.csv", format!("{register}A1,Dell,2022-02-30\n").as_bytes()),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_disk_that_fills_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), many(20_000));
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("plan.csv"), "of an earlier run").unwrap();
    // No file may grow beyond 1 MiB; the signal that would tell of it is ignored, so that the write fails.
    let script =
        "trap '' XFSZ; ulimit -f 1024; exec \"$0\" plan \"$1\" --as-of 2026-11 --stream -q -o \"$2\"";
    let program = residua().get_program().to_owned();
    let run = std::process::Command::new("bash")
        .args(["-c", script])
        .arg(program)
        .args([&register, &out])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot write") && message.contains("plan.csv"), "{message}");
    assert_eq!(std::fs::read(out.join("plan.csv")).unwrap(), b"of an earlier run");
    let beside = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 2, "something was left beside the output");
}

#[test]
fn a_run_that_is_told_to_stop_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), many(60_000));
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("plan.csv"), "of an earlier run").unwrap();
    let run = std::process::Command::new(residua().get_program())
        .arg("plan")
        .arg(&register)
        .args(["--as-of", "2026-11", "--stream", "-q", "-o"])
        .arg(&out)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let beside = folder.path().join(format!(".out.{}.partial", run.id()));
    while !beside.exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let signal = std::process::Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap();
    assert!(signal.success());
    let run = run.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{message}");
    assert!(message.contains("stopped; ") && message.contains("out is as it was"), "{message}");
    assert_eq!(std::fs::read(out.join("plan.csv")).unwrap(), b"of an earlier run");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "something was left beside the output");
}
