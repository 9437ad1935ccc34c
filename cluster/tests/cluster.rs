//! One scheduler and executors as processes of their own, on loopback.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use common::{AS_OF, Cluster, cents, cluster, csv_rows, output_of, program, register, single_machine};
use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReader;

const BY_SITE: &str = "SELECT site, count(*) AS rows, sum(net_recovery) AS net, sum(fair_value) AS fair \
                       FROM assets GROUP BY site ORDER BY site";

/// Kinds enough that a query takes many seconds.
const MANY: usize = 4_000;

fn of_cluster<'a>(cluster: &'a Cluster, pattern: &'a str) -> Vec<&'a str> {
    vec!["--register", pattern, "--scheduler", &cluster.scheduler, "--as-of", AS_OF, "--partitions", "8"]
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.is_file());
    files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

fn rows_of(parquet: &[u8]) -> Vec<RecordBatch> {
    let bytes = Bytes::copy_from_slice(parquet);
    ParquetRecordBatchReader::try_new(bytes, 1_000_000).unwrap().map(Result::unwrap).collect()
}

#[test]
fn sums_of_two_executors_are_those_of_the_single_machine() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 600, 4, 7);
    let cluster = cluster(folder.path(), 2, &["--as-of", AS_OF]);
    let mut arguments = vec!["sql", BY_SITE, "--format", "csv"];
    arguments.extend(of_cluster(&cluster, &register.pattern));
    let found = csv_rows(&output_of(&arguments));
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for row in single_machine(&register.whole) {
        *expected.entry(row["site"].clone()).or_default() +=
            row["quantity"].parse::<i64>().unwrap() * cents(&row["recovery_mean"]);
    }
    let found: BTreeMap<String, i64> =
        found.iter().map(|row| (row["site"].clone(), cents(&row["net"]))).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_plan_by_two_executors_is_that_of_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 1_500, 4, 5);
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, "[capacity]\nother = 40\n").unwrap();
    let setting = ["--as-of", AS_OF, "--policy", policy.to_str().unwrap()];
    let cluster = cluster(folder.path(), 2, &setting);
    for format in ["csv", "parquet"] {
        let (one, two) =
            (folder.path().join(format!("one-{format}")), folder.path().join(format!("two-{format}")));
        let plan = |out: &Path, more: &[&str]| {
            let mut arguments =
                vec!["plan", &register.pattern, "-o", out.to_str().unwrap(), "--format", format];
            arguments.extend(setting);
            arguments.extend(more);
            output_of(&arguments);
        };
        plan(&one, &[]);
        plan(&two, &["--scheduler", &cluster.scheduler, "--partitions", "5"]);
        let (one, two) = (files(&one), files(&two));
        assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            // The footer of a Parquet file that one process wrote says in addition by which column it is sorted.
            let same = match name.ends_with(".parquet") {
                true => rows_of(&two[name]) == rows_of(bytes),
                false => two[name] == *bytes,
            };
            assert!(same, "{name} of two executors is another");
        }
    }
}

#[test]
fn an_executor_that_dies_in_mid_run_costs_nothing_but_time() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), MANY, 8, MANY);
    let undisturbed =
        output_of(&["sql", BY_SITE, "--format", "csv", "--register", &register.pattern, "--as-of", AS_OF]);
    let mut cluster = cluster(folder.path(), 2, &["--as-of", AS_OF]);
    let mut run = program()
        .args(["sql", BY_SITE, "--format", "csv"])
        .args(of_cluster(&cluster, &register.pattern))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Until the second one has finished a task, whose result is then lost with it.
    let work = folder.path().join("work-1");
    let mut waited = 0;
    while !holds_a_file(&work) {
        assert!(run.try_wait().unwrap().is_none(), "the query ended before the second executor did anything");
        std::thread::sleep(Duration::from_millis(20));
        waited += 1;
        assert!(waited < 6_000, "the second executor does nothing");
    }
    assert!(run.try_wait().unwrap().is_none(), "the query ended too early to kill anything in it");
    let killed = &mut cluster.executors[1].0;
    killed.kill().unwrap();
    killed.wait().unwrap();
    // What it had finished is gone, as it is when a machine goes.
    std::fs::remove_dir_all(&work).unwrap();
    let output = run.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), String::from_utf8(undisturbed).unwrap());
}

fn holds_a_file(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    let mut entries = entries.filter_map(Result::ok);
    entries.any(|entry| entry.path().is_file() || holds_a_file(&entry.path()))
}

#[test]
fn executors_load_the_setting_a_client_leaves_them_and_refuse_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 60, 2, 1);
    let settings = folder.path().join("settings");
    let settings = settings.to_str().unwrap();
    std::fs::create_dir(settings).unwrap();
    let cluster = cluster(folder.path(), 1, &["--settings", settings]);
    let query = "SELECT sum(net_recovery) AS net FROM assets";
    let run = |more: &[&str]| {
        program()
            .args(["sql", query, "--format", "csv"])
            .args(["--register", &register.pattern, "--scheduler", &cluster.scheduler])
            .args(more)
            .output()
            .unwrap()
    };
    let left = run(&["--as-of", AS_OF, "--currency", "EUR", "--settings", settings]);
    assert!(left.status.success(), "{}", String::from_utf8_lossy(&left.stderr));
    let alone = output_of(&[
        "sql",
        query,
        "--format",
        "csv",
        "--register",
        &register.pattern,
        "--as-of",
        AS_OF,
        "--currency",
        "EUR",
    ]);
    assert_eq!(left.stdout, alone);
    let refused = run(&["--as-of", "2027-01"]);
    assert!(!refused.status.success());
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(message.contains("asked to answer by setting"), "{message}");
}

#[test]
fn an_executor_that_dies_while_rows_are_written_leaves_no_mark() {
    let folder = tempfile::tempdir().unwrap();
    let register = register(folder.path(), 1_500, 4, 5);
    let mut cluster = cluster(folder.path(), 2, &["--as-of", AS_OF]);
    let plan = |out: &Path, more: &[&str]| {
        let mut run = program();
        run.args(["plan", &register.pattern, "--format", "csv", "--as-of", AS_OF, "-o"]).arg(out).args(more);
        run
    };
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    assert!(plan(&one, &[]).status().unwrap().success());
    let mut run = plan(&two, &["--scheduler", &cluster.scheduler, "--partitions", "8"]).spawn().unwrap();
    // With the answers of all kinds the first pass is over.
    let answers = folder.path().join("two.unfinished/kinds.parquet");
    while !answers.exists() {
        assert!(run.try_wait().unwrap().is_none(), "the plan ended before its rows were written");
        std::thread::sleep(Duration::from_millis(5));
    }
    let killed = &mut cluster.executors[1].0;
    killed.kill().unwrap();
    killed.wait().unwrap();
    let _ = std::fs::remove_dir_all(folder.path().join("work-1"));
    assert!(run.wait().unwrap().success());
    for name in ["plan.csv", "rejects.csv", "schedule.csv", "cohorts.csv"] {
        assert!(std::fs::read(one.join(name)).unwrap() == std::fs::read(two.join(name)).unwrap(), "{name}");
    }
}
