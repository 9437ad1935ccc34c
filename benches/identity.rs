//! How long two registers take to become one fleet, from files to units: reading and joining, by number of rows.
//!
//! `cargo bench --bench identity` prints a table from 10 thousand to 1 million rows (60 % in one register, 40 % in the
//! other, 5 % of the identifiers missing and 5 % mistyped): seconds, nanoseconds over `n log₂ n`, and the peak memory of the
//! process so far. A measurement, not a test.

#[path = "../tests/common/two_systems.rs"]
mod two_systems;

use std::time::Instant;

use residua::decide::Policy;
use residua::fleet::{self};
use two_systems::{Dirt, two_systems};

const DIRTY: Dirt =
    Dirt { tags_missing: 0.05, serials_missing: 0.05, typos: 0.05, duplicates: 0.0, known_to_one: 0.0 };

/// Peak of resident memory so far in MiB, where the system tells it.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

/// Two files of 60 % and 40 % of the rows. The second register knows two thirds of the units of the first.
fn write_files(folder: &std::path::Path, rows: usize) -> std::io::Result<Vec<std::path::PathBuf>> {
    let units = rows * 6 / 10;
    let both = two_systems(units, &DIRTY, 11);
    let devices: String = both.devices.lines().take(1 + rows - units).flat_map(|line| [line, "\n"]).collect();
    let paths = vec![folder.join("assets.csv"), folder.join("devices.csv")];
    std::fs::write(&paths[0], both.assets)?;
    std::fs::write(&paths[1], devices)?;
    Ok(paths)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo test --benches` only wants to see that it runs.
    let sizes: &[usize] = if std::env::args().any(|argument| argument == "--bench") {
        &[10_000, 30_000, 100_000, 300_000, 1_000_000]
    } else {
        &[1_000]
    };
    let policy = Policy::built_in();
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>14} {:>9}",
        "rows", "units", "merged", "seconds", "ns/(n log2 n)", "peak MiB"
    );
    for &rows in sizes {
        let folder = std::env::temp_dir().join(format!("residua-identity-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let paths = write_files(&folder, rows)?;
        let options = policy.read_options("2026-11".parse()?);
        let start = Instant::now();
        let fleet = fleet::read(&paths, &options)?;
        let seconds = start.elapsed().as_secs_f64();
        let n = fleet.rows_in as f64;
        println!(
            "{:>9} {:>9} {:>9} {seconds:>9.2} {:>14.1} {:>9}",
            fleet.rows_in,
            fleet.assets.len(),
            fleet.rows_merged,
            seconds * 1e9 / (n * n.log2()),
            peak_mib().unwrap_or(0)
        );
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}
