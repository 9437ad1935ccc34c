//! How fast a register of any size is planned row by row, beside the least that any program must do.
//!
//! Registers of 10,000 to 10 million rows (`RESIDUA_STREAM_ROWS` says how many at most; default 1 million) of so many kinds are
//! planned by the program, whole process, register to files, on one thread and on two. Beside it runs what knows all answers
//! before: the register read and the cells of `plan.csv` written by the csv crate, on one thread. `cargo bench --bench stream`
//! prints rows a second, the ratio to that, and the peak memory of the process.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Rows, and kinds of rows among them.
const SIZES: [(usize, usize); 6] = [
    (10_000, 1_000),
    (100_000, 1_000),
    (1_000_000, 1_000),
    (1_000_000, 10),
    (1_000_000, 20_000),
    (10_000_000, 1_000),
];

const PRODUCTS: [(&str, &str, u32); 8] = [
    ("Dell Latitude 5430", "laptop", 1_389),
    ("Lenovo ThinkPad T480", "laptop", 1_250),
    ("Dell PowerEdge R640", "server", 7_400),
    ("NVIDIA A100 PCIe 40GB", "gpu", 9_800),
    ("HP EliteBook 840 G8", "laptop", 1_420),
    ("Dell PowerEdge R740", "server", 9_100),
    ("NVIDIA H100 PCIe", "gpu", 28_000),
    ("Dell Latitude 7420", "laptop", 1_600),
];

fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let most = std::env::var("RESIDUA_STREAM_ROWS").map_or(1_000_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{:>10} {:>7}  {:>8} {:>20} {:>20} {:>20}",
        "rows", "kinds", "MB in", "csv crate", "1 thread", "2 threads"
    );
    for (rows, kinds) in SIZES.into_iter().filter(|(rows, _)| *rows <= most) {
        let register = folder.path().join("register.csv");
        write_register(&register, rows, kinds);
        let out = folder.path().join("out");
        let [one, two] = [1, 2].map(|threads| planned(&register, &out, threads));
        let least = least(&register, &out.join("plan.csv"), &folder.path().join("again.csv"), kinds);
        let megabytes = std::fs::metadata(&register).unwrap().len() / 1_000_000;
        let told = |seconds: f64| format!("{seconds:>8.2} s {:>6.0} k/s", rows as f64 / seconds / 1e3);
        let ours = |(seconds, memory): (f64, f64)| {
            format!("{seconds:>6.2} s {:>4.2}x {memory:>4.0} MB", seconds / least)
        };
        println!(
            "{rows:>10} {kinds:>7}  {megabytes:>8} {:>20} {:>20} {:>20}",
            told(least),
            ours(one),
            ours(two)
        );
    }
}

/// Kinds that differ in product, month of purchase, cost, site, state and condition; names, places and sightings that differ
/// from row to row.
fn write_register(path: &Path, rows: usize, kinds: usize) {
    let sites = ["Austin", "Berlin", "Manchester", "Singapore", "Dublin", "Mumbai"];
    let kind = |place: usize| {
        let (model, class, cost) = PRODUCTS[place % PRODUCTS.len()];
        let (year, month) = (2019 + place / 8 % 6, 1 + place / 48 % 12);
        let status = if place.is_multiple_of(5) { "in stock" } else { "in use" };
        let cost = f64::from(cost) + (place / 576) as f64 * 3.5;
        let grade = ["A", "B", "C"][place % 3];
        format!(
            "{model},{class},{year}-{month:02}-15,{cost:.2},USD,{},{status},{grade}",
            sites[place * 7 % 6]
        )
    };
    let kinds: Vec<String> = (0..kinds).map(kind).collect();
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "asset_id,serial,location,model,class,purchase_date,purchase_cost,currency,site,status,grade,last_seen").unwrap();
    for row in 0..rows {
        let (kind, rack, day) = (&kinds[row * 2_654_435_761 % kinds.len()], row % 9_999, 1 + row % 28);
        writeln!(file, "AT{row:08},SN{:08}X,rack {rack},{kind},2026-10-{day:02}", row * 7_919 % 100_000_000)
            .unwrap();
    }
    file.flush().unwrap();
}

/// Seconds and peak memory in megabytes of a plan of the whole register.
fn planned(register: &Path, out: &Path, threads: usize) -> (f64, f64) {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    command.args(["plan", "--as-of", "2026-11", "--stream", "--quiet", "--threads", &threads.to_string()]);
    let mut child =
        command.arg(register).arg("-o").arg(out).stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let peak = told
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        memory = memory.max(peak.unwrap_or(0.0));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    (start.elapsed().as_secs_f64(), memory / 1024.0)
}

/// Seconds to read every cell of the register and to write as many lines of `plan.csv`, of which a few are known.
fn least(register: &Path, plan: &Path, again: &Path, kinds: usize) -> f64 {
    let mut lines = csv::Reader::from_path(plan).unwrap();
    let known: Vec<csv::ByteRecord> = lines.byte_records().take(kinds).map(Result::unwrap).collect();
    let start = Instant::now();
    let mut reader = csv::Reader::from_path(register).unwrap();
    let mut writer = csv::Writer::from_path(again).unwrap();
    let mut record = csv::ByteRecord::new();
    let (mut row, mut number) = (0, String::new());
    while reader.read_byte_record(&mut record).unwrap() {
        let answer = &known[row % known.len()];
        row += 1;
        number.clear();
        write!(number, "{row}").unwrap();
        writer.write_field(&record[0]).unwrap();
        for cell in answer.iter().skip(1).take(answer.len() - 2) {
            writer.write_field(cell).unwrap();
        }
        writer.write_field(&number).unwrap();
        writer.write_record(None::<&[u8]>).unwrap();
    }
    writer.flush().unwrap();
    start.elapsed().as_secs_f64()
}
