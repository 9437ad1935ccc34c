//! How fast a register of any size is planned row by row, beside the least that any program must do.
//!
//! Registers of 10,000 to 10 million rows (`RESIDUA_STREAM_ROWS` says how many at most; default 1 million) of so many kinds are
//! planned by the program, whole process, register to files, on one thread and on two. Beside it runs what knows all answers
//! before: the register read and the cells of the plan written by the crate that both use, on one thread: csv for CSV; parquet,
//! where it was built with that feature, for Parquet. `cargo bench --bench stream --features parquet` prints for each the median
//! of `RESIDUA_STREAM_RUNS` (default 1) runs: seconds, the ratio to the least of the same form, and the peak memory.

#![allow(missing_docs, clippy::unwrap_used)]

#[cfg(feature = "parquet")]
mod columns;

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
    let runs = std::env::var("RESIDUA_STREAM_RUNS").map_or(1, |text| text.parse().unwrap());
    println!(
        "{:>10} {:>7} {:>8} {:>6} {:>16} {:>24} {:>24} {:>7}",
        "rows", "kinds", "form", "MB in", "least", "1 thread", "2 threads", "1 to 2"
    );
    for (rows, kinds) in SIZES.into_iter().filter(|(rows, _)| *rows <= most) {
        let place = |name: &str| folder.path().join(name);
        let (register, out) = (place("register.csv"), place("out"));
        write_register(&register, rows, kinds);
        let measured = measure(
            runs,
            |threads| planned(&register, &out, &[], threads),
            || least(&register, &out.join("plan.csv"), &place("again.csv"), kinds),
        );
        print(rows, kinds, "CSV", &register, measured);
        #[cfg(feature = "parquet")]
        {
            let columns = place("register.parquet");
            columns::write_register(&register, &columns);
            std::fs::remove_file(&register).unwrap();
            let measured = measure(
                runs,
                |threads| planned(&columns, &out, &["--format", "parquet"], threads),
                || columns::least(&columns, &out.join("plan.parquet"), &place("again.parquet")),
            );
            print(rows, kinds, "Parquet", &columns, measured);
        }
    }
}

/// Seconds of the least, and seconds and megabytes on one thread and on two.
type Measured = (f64, [(f64, f64); 2]);

/// Medians of runs that follow each other in turn.
fn measure(runs: usize, ours: impl Fn(usize) -> (f64, f64), least: impl Fn() -> f64) -> Measured {
    let mut seconds = [(); 3].map(|()| Vec::new());
    let mut memory = [0.0_f64; 2];
    for _ in 0..runs {
        for threads in [1, 2] {
            let (time, megabytes) = ours(threads);
            seconds[threads].push(time);
            memory[threads - 1] = memory[threads - 1].max(megabytes);
        }
        seconds[0].push(least());
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let [least, one, two] = seconds.each_mut().map(median);
    (least, [(one, memory[0]), (two, memory[1])])
}

fn print(rows: usize, kinds: usize, form: &str, register: &Path, (least, ours): Measured) {
    let megabytes = std::fs::metadata(register).unwrap().len() / 1_000_000;
    let told = format!("{least:.2} s {:.0} k/s", rows as f64 / least / 1e3);
    let [one, two] =
        ours.map(|(seconds, memory)| format!("{seconds:.2} s {:.2}x {memory:.0} MB", seconds / least));
    let gain = ours[0].0 / ours[1].0;
    println!("{rows:>10} {kinds:>7} {form:>8} {megabytes:>6} {told:>16} {one:>24} {two:>24} {gain:>6.2}x");
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
fn planned(register: &Path, out: &Path, more: &[&str], threads: usize) -> (f64, f64) {
    let start = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    command.args(["plan", "--as-of", "2026-11", "--stream", "--quiet", "--threads", &threads.to_string()]);
    command.args(more);
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
