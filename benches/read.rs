//! How fast a register becomes a fleet: rows a second of `fleet::read` on a generated register of fifteen columns.
//!
//! `cargo bench --bench read` measures 100,000 rows. With `ROWS` in the environment it reads that many rows once, from
//! two files, and prints rows a second and the peak of memory: `ROWS=1000000 cargo bench --bench read`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use residua::decide::Policy;
use residua::fleet::{self, ReadOptions};

const HEADER: &str = "Asset tag,Serial number,Manufacturer,Model,Class,State,Purchase date,Purchase cost,Currency,\
                      Site,Memory (GB),Warranty end,Utilization,Last seen,Department\n";

/// Rows `first` to `last` of the register: every unit has a tag and a serial number of its own.
fn register(first: usize, last: usize) -> String {
    const MODELS: [(&str, &str, &str, u32); 6] = [
        ("Dell", "Latitude 5430", "Laptop", 1389),
        ("Dell", "PowerEdge R750", "Server", 18_420),
        ("HP", "EliteBook 840 G9", "Laptop", 1512),
        ("Lenovo", "ThinkPad T14 Gen 3", "Laptop", 1433),
        ("Supermicro", "SYS-821GE-TNHR", "Server", 289_000),
        ("HP", "Z4 G5", "Desktop", 2210),
    ];
    const STATES: [&str; 4] = ["In use", "In stock", "In use", "Retired"];
    const SITES: [&str; 5] = ["Berlin", "São Paulo", "Paris", "Austin", ""];
    let mut text = String::from(HEADER);
    for row in first..last {
        let (maker, model, class, cost) = MODELS[row % MODELS.len()];
        let (year, month, day) = (2018 + row % 8, 1 + row % 12, 1 + row % 28);
        let _ = writeln!(
            text,
            "DC-{row:07},S{:09}X,{maker},{model},{class},{},{year}-{month:02}-{day:02},{}.{:02},USD,{},{},{}-{month:02}-{day:02},{}.{},2026-{:02}-{day:02},\"Team {}, floor {}\"",
            row * 7 + 13,
            STATES[row % 4],
            cost as usize + row % 90,
            row % 100,
            SITES[row % 5],
            8 << (row % 5),
            year + 3,
            row % 2,
            if row % 2 == 0 { 35 + row % 60 } else { 0 },
            1 + row % 10,
            row % 37,
            row % 9,
        );
    }
    text
}

fn options() -> ReadOptions {
    let policy = Policy::built_in();
    policy.read_options("2026-11".parse().expect("a month"))
}

/// Peak of resident memory so far in MiB, where the system tells it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

/// Reads `rows` rows once, three in five from the first file.
fn once(rows: usize) {
    let folder = std::env::temp_dir();
    let name = |part: usize| folder.join(format!("residua-bench-{}-{part}.csv", std::process::id()));
    let files: Vec<PathBuf> = vec![name(1), name(2)];
    let cut = rows / 5 * 3;
    for (path, (first, last)) in files.iter().zip([(0, cut), (cut, rows)]) {
        std::fs::write(path, register(first, last)).expect("a temporary file");
    }
    let before = peak_memory();
    let start = Instant::now();
    let fleet = fleet::read(&files, &options()).expect("a register");
    let seconds = start.elapsed().as_secs_f64();
    for path in &files {
        let _ = std::fs::remove_file(path);
    }
    println!(
        "{} rows in {seconds:.2} s: {:.0} rows a second; {} assets, {} findings; peak memory {:?} MiB ({before:?} before)",
        fleet.rows_in,
        fleet.rows_in as f64 / seconds,
        fleet.assets.len(),
        fleet.findings.len(),
        peak_memory(),
    );
}

fn main() {
    if let Some(rows) = std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()) {
        return once(rows);
    }
    const ROWS: usize = 100_000;
    let text = register(0, ROWS);
    let options = options();
    let mut criterion =
        Criterion::default().sample_size(10).measurement_time(Duration::from_secs(8)).configure_from_args();
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("register of 100,000 rows", |bencher| {
        bencher.iter(|| {
            black_box(fleet::read_text("register.csv", text.as_bytes(), &options).expect("a register"))
        });
    });
    group.finish();
    criterion.final_summary();
}
