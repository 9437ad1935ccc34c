//! Two hundred files made to do harm, and every input that ever failed: no command panics, and none leaves half an answer.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/hostile.rs"]
mod hostile;
#[path = "../fuzz/src/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use rayon::prelude::*;

/// Runs a command that must end by itself, in whatever way, but not by a panic or a signal.
fn ended(file: &Path, arguments: &[&str]) -> Output {
    let mut command = common::residua();
    let output = command.args(arguments).timeout(Duration::from_secs(120)).output().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(
        matches!(code, Some(0..=2)),
        "{} of {arguments:?} ended by {}: {talk}",
        file.display(),
        output.status
    );
    assert!(!talk.contains("panicked"), "{} {arguments:?}: {talk}", file.display());
    if code == Some(1) {
        assert!(talk.contains("error: "), "{} {arguments:?}: {talk}", file.display());
    }
    output
}

fn written(folder: &Path) -> Vec<PathBuf> {
    let files = hostile::files();
    assert!(files.len() >= 200, "{} files", files.len());
    let paths = files.into_iter().map(|(name, bytes)| {
        let path = folder.join(name);
        assert!(!path.exists(), "two files are called {}", path.display());
        std::fs::write(&path, bytes).unwrap();
        path
    });
    paths.collect()
}

#[test]
fn no_command_panics_on_a_hostile_file_or_leaves_half_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let paths = written(folder.path());
    paths.par_iter().enumerate().for_each(|(position, path)| {
        let file = path.to_str().unwrap();
        let out = folder.path().join(format!("out-{position}"));
        let to = out.to_str().unwrap();
        let whole = |output: &Output, kept: &str| {
            let is_there = out.join(kept).exists();
            assert_eq!(output.status.success(), is_there, "{file}: {output:?}");
            assert!(output.status.success() || !out.exists(), "{file} left {to}");
            let _ = std::fs::remove_dir_all(&out);
        };
        let planned = ended(path, &["plan", file, "--as-of", "2026-11", "-o", to]);
        if planned.status.success() {
            let plan = std::fs::read_to_string(out.join("plan.csv")).unwrap();
            let none = ["NaN", "inf", "-inf"];
            let numbers = plan.split([',', '\n']).filter(|cell| none.contains(cell));
            assert_eq!(numbers.count(), 0, "{file}: {plan}");
        }
        whole(&planned, "manifest.json");
        whole(&ended(path, &["plan", file, "--as-of", "2026-11", "--stream", "-o", to]), "plan.csv");
        ended(path, &["check", file, "--as-of", "2026-11"]);
        let talk: [&[&str]; 8] = [
            &["convert", file, "--explain"],
            &["lot", file, "--as-of", "2026-11"],
            &["settle", file],
            &["fit", file],
            &["plan", "data/samples/lot.csv", "--policy", file, "-q"],
            &["whatif", "data/samples/lot.csv", "--scenarios", file],
            &["quote", "RTX 3080", "--models", file],
            &["handoff", "verify", file],
        ];
        for arguments in talk {
            ended(path, arguments);
        }
    });
    assert!(!Path::new("/tmp/climbed.csv").exists() && !Path::new("/etc/climbed.csv").exists());
}

#[test]
fn no_parser_panics_on_a_hostile_file() {
    hostile::files().par_iter().for_each(|(name, bytes)| {
        for (target, run) in targets::TARGETS {
            // Large ones are read by the commands above; here each is read by every parser.
            if bytes.len() < 1 << 20 {
                let caught = std::panic::catch_unwind(|| run(bytes));
                assert!(caught.is_ok(), "{target} panicked on {name}");
            }
        }
    });
}

#[test]
fn every_kept_input_of_the_fuzz_targets_is_taken_or_refused() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut inputs = 0;
    for (target, run) in targets::TARGETS {
        for entry in std::fs::read_dir(seeds.join(target)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let caught = std::panic::catch_unwind(|| run(&bytes));
            assert!(caught.is_ok(), "{target} panicked on {}", path.display());
            inputs += 1;
        }
    }
    assert!(inputs >= targets::TARGETS.len(), "every target has a seed");
}
