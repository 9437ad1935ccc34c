//! Every example of every `--help`, and every line of the first hour, runs as it is printed.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/ledger.rs"]
mod past;
#[path = "common/workbook.rs"]
#[allow(dead_code)]
mod workbook;

use std::path::Path;
use std::process::Command;

use common::{commands, help};
use workbook::gzip_of;

/// Examples that go on until somebody ends them; `tests/serve.rs` starts and asks the same server.
const UNENDING: &str = "residua serve ";

/// The lines of its examples as a shell reads them.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| !line.starts_with("Example")).skip(1);
    let mut examples: Vec<String> = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()).map(str::trim) {
        let begins = ["residua ", "man "].iter().any(|program| line.starts_with(program));
        match examples.last_mut() {
            // Long lines are broken where the page ends.
            Some(before) if !begins => *before = format!("{} {line}", before.trim_end_matches('\\')),
            _ => examples.push(line.to_owned()),
        }
    }
    examples
}

/// A folder in which files stand by the names that examples use.
fn desk(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    let copy = |from: &str, name: &str| {
        std::fs::copy(root.join(from), folder.join(name)).unwrap();
    };
    std::os::unix::fs::symlink(root.join("data"), folder.join("data")).unwrap();
    let fleet = std::fs::read_to_string(root.join("data/samples/fleet.csv")).unwrap();
    let some: Vec<&str> = fleet.lines().step_by(9).collect();
    let named = fleet.lines().filter(|line| line.starts_with("NWA-10101,") || line.starts_with("NWA-10102,"));
    let register = some.into_iter().chain(named).collect::<Vec<_>>().join("\n");
    write("register.csv", register.as_bytes());
    write("millions.csv.gz", &gzip_of(register.as_bytes()));
    copy("tests/fixtures/two_sources/itam.csv", "itam.csv");
    copy("tests/fixtures/two_sources/intune.csv", "intune.csv");
    copy("tests/fixtures/exports/netsuite_fam.csv", "ledger.csv");
    copy("tests/fixtures/exports/opendcim_inventory_report.csv", "dcim.csv");
    copy("tests/fixtures/exports/snipeit_custom_report_eu.csv", "export.csv");
    copy("tests/fixtures/exports/servicenow_ui_csv.csv", "alm_hardware.csv");
    copy("data/profiles/snipe-it.toml", "mine.toml");
    copy("data/samples/lot.csv", "manifest.csv");
    copy("data/samples/lot.txt", "lot.txt");
    copy("tests/fixtures/exports/itad_settlement.csv", "settlement.csv");
    copy("tests/fixtures/exports/itad_settlement.csv", "settlement.xlsx");
    copy("tests/fixtures/exports/erasure_report.csv", "erasure.csv");
    copy("tests/fixtures/settlements/request.json", "request.json");
    let past = past::past("VR", 11, 24, 40);
    write("past.json", past.to_json().unwrap().as_bytes());
    let one = past::past("VR-2026-11", 3, 1, 5).to_json().unwrap().replace("VR-2026-11-000", "VR-2026-11");
    write("one.json", one.as_bytes());
    let prepare = "residua ledger import past.json && residua ledger import one.json && \
                   residua settle settlement.csv --request request.json --ledger residua.db > /dev/null && \
                   residua simulate -o made --seed 7 --products 24 --months 30 && mkdir market && \
                   cp made/market.csv market/ && cp made/catalog.csv my_products.csv && \
                   { head -1 made/market.csv; tail -20 made/market.csv | sed 's/^[0-9-]*,/2026-10,/'; } > new_month.csv";
    ran(folder, prepare).unwrap();
}

/// Runs a line in a shell, as somebody in that folder would.
fn ran(folder: &Path, line: &str) -> Result<(), String> {
    let program = Path::new(env!("CARGO_BIN_EXE_residua")).parent().unwrap();
    let tools = folder.join("tools");
    let path = format!("{}:{}:{}", tools.display(), program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", line]).current_dir(folder).env("PATH", path).env("HOME", folder);
    let output = shell.output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{line}\n{talk}")) }
}

/// What a home has: places for completions, and a reader of manuals. That may be missing; what it is given is looked at all
/// the same.
fn home(folder: &Path) {
    std::fs::create_dir(folder.join("tools")).unwrap();
    let tool = folder.join("tools/man");
    std::fs::write(&tool, "#!/bin/sh\ngrep -q '^.TH'\n").unwrap();
    std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for place in [".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions"] {
        std::fs::create_dir_all(folder.join(place)).unwrap();
    }
}

#[test]
fn every_line_of_the_first_hour_runs_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("data"), folder.join("data")).unwrap();
    home(folder);
    let tutorial = std::fs::read_to_string(root.join("docs/tutorial.md")).unwrap();
    let lines = tutorial.lines().filter_map(|line| line.strip_prefix("    "));
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("residua ")).collect();
    assert!(lines.len() >= 14, "{lines:?}");
    let endless = |line: &&&str| !line.starts_with(UNENDING);
    let failed: Vec<String> =
        lines.iter().filter(endless).filter_map(|line| ran(folder, line).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_example_of_every_command_runs_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    desk(folder);
    home(folder);
    let names = commands(&help(&[]));
    assert!(names.len() >= 20, "{names:?}");
    let mut failed = Vec::new();
    for name in names {
        let examples = examples(&help(&[&name]));
        assert!(!examples.is_empty(), "`residua {name} --help` has no example");
        for example in examples {
            assert!(example.starts_with("residua ") || example.starts_with("man "), "{name}: {example}");
            if !example.starts_with(UNENDING) {
                failed.extend(ran(folder, &example).err());
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
