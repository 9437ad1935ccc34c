//! A ledger that is killed at any moment, or written to by several, has lost nothing that it acknowledged.
//!
//! The helper runs the real program. Each line it prints that begins with `filed` or speaks of a calibration is an
//! acknowledgement: what it names must be there afterwards, whole, whatever happened to the process since.

#![allow(clippy::unwrap_used)]

#[path = "common/ledger.rs"]
mod past;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use residua::units::SplitMix64;
use rusqlite::Connection;

const KILLS: usize = 200;
const SETTLEMENTS: usize = 24;
const LINES: u32 = 6;

/// Everything that was acknowledged so far.
#[derive(Debug, Default)]
struct Acknowledged {
    /// Fingerprints of settlements.
    settlements: Vec<String>,
    /// Requests of which the hand-overs were acknowledged.
    requests: Vec<String>,
    /// Calibrations by number: whether they were installed.
    calibrations: BTreeMap<i64, bool>,
}

impl Acknowledged {
    /// Takes down what a run printed before it ended, however it ended.
    fn take(&mut self, name: &str, printed: &str) {
        for line in printed.lines() {
            if line.starts_with("filed hand-overs, ") || line == "already filed hand-overs" {
                self.requests.extend((0..SETTLEMENTS).map(|number| format!("{name}-{number:03}")));
            } else if let Some(rest) = line.strip_prefix("filed ") {
                self.settlements.push(rest.split(',').next().unwrap().to_owned());
            } else if let Some(number) = line.strip_prefix("installed calibration ") {
                self.calibrations.insert(number.parse().unwrap(), true);
            } else if let Some((number, _)) = line
                .strip_prefix("error: calibration ")
                .and_then(|rest| rest.split_once(" was not installed"))
            {
                self.calibrations.insert(number.parse().unwrap(), false);
            }
        }
    }

    /// All of it must be there, and nothing half.
    fn check(&self, ledger: &Path) {
        let database = Connection::open(ledger).unwrap();
        let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let strays = database.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!strays, "a reference leads nowhere");
        if self.settlements.is_empty() && self.requests.is_empty() && self.calibrations.is_empty() {
            return;
        }
        let counts = |query: &str| -> BTreeMap<String, u32> {
            let mut statement = database.prepare(query).unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let settled = counts(
            "SELECT s.fingerprint, count(o.number) FROM settlement s LEFT JOIN outcome o ON o.settlement = s.number \
             GROUP BY s.number",
        );
        assert!(settled.values().all(|lines| *lines == LINES), "a settlement is there in part");
        assert!(self.settlements.iter().all(|one| settled.contains_key(one)), "a settlement was lost");
        let handed_over = counts("SELECT request, count(*) FROM hand_over GROUP BY request");
        assert!(handed_over.values().all(|lines| *lines == LINES), "a request is there in part");
        assert!(self.requests.iter().all(|one| handed_over.contains_key(one)), "a request was lost");
        let mut statement = database.prepare("SELECT number, installed FROM calibration").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let tried: BTreeMap<i64, bool> = rows.map(Result::unwrap).collect();
        for (number, installed) in &self.calibrations {
            assert_eq!(tried.get(number), Some(installed), "calibration {number}");
        }
    }
}

/// A run of the program, its output caught.
fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_residua"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What a run printed until it ended.
fn printed(mut run: Child) -> String {
    let mut text = String::new();
    run.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    run.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    run.wait().unwrap();
    text
}

fn exchange(folder: &Path, name: &str, seed: u64) -> PathBuf {
    let file = folder.join(format!("{name}.json"));
    std::fs::write(&file, past::past(name, seed, SETTLEMENTS, LINES).to_json().unwrap()).unwrap();
    file
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let mut draws = SplitMix64::new(20_261_127);
    let mut acknowledged = Acknowledged::default();
    let (mut whole, mut killed, mut runs) = ([Duration::ZERO; 2], 0, 0);
    while killed < KILLS {
        let name = format!("R{:03}", runs / 2);
        let recalibrates = runs % 2 == 1;
        // Of twenty runs two are left to end, one of each kind: they show how long one takes by now. The others are killed
        // somewhere on the way.
        let left_to_end = runs % 20 < 2;
        let file = exchange(folder.path(), &name, runs as u64);
        let begun = Instant::now();
        let mut child = if recalibrates {
            start(&["ledger", "recalibrate", "--ledger", text(&ledger)])
        } else {
            start(&["ledger", "import", text(&file), "--ledger", text(&ledger)])
        };
        let whole = &mut whole[usize::from(recalibrates)];
        if !left_to_end {
            std::thread::sleep(whole.mul_f64(draws.uniform()));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                killed += 1;
            }
        }
        let printed = printed(child);
        if left_to_end {
            *whole = begun.elapsed();
        }
        acknowledged.take(&name, &printed);
        acknowledged.check(&ledger);
        runs += 1;
    }
    println!(
        "{killed} of {runs} runs killed before their end; {} settlements, {} requests and {} calibrations acknowledged",
        acknowledged.settlements.len(),
        acknowledged.requests.len(),
        acknowledged.calibrations.len()
    );
    assert!(acknowledged.settlements.len() > SETTLEMENTS * 10);
    assert!(acknowledged.calibrations.len() > 3, "{acknowledged:?}");
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("residua.db");
    let names = ["A", "B", "C"];
    let runs: Vec<Child> = names
        .iter()
        .enumerate()
        .map(|(seed, name)| {
            let file = exchange(folder.path(), name, seed as u64);
            start(&["ledger", "import", text(&file), "--ledger", text(&ledger)])
        })
        .collect();
    let mut acknowledged = Acknowledged::default();
    for (name, run) in names.iter().zip(runs) {
        let printed = printed(run);
        acknowledged.take(name, &printed);
        assert!(!printed.contains("error"), "{printed}");
    }
    acknowledged.check(&ledger);
    assert_eq!(acknowledged.settlements.len(), 3 * SETTLEMENTS);
    assert_eq!(acknowledged.requests.len(), 3 * SETTLEMENTS);
}
