//! What goes wrong around the program: it is killed, the disk is full, the place cannot be written to, the machine is set up
//! strangely, a file changes under its hands. Every run ends with the whole answer or with none.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{files_below, residua};
use residua::units::SplitMix64;

/// Every command that writes, and what it writes into (`OUT`); `DESK` holds what they are made from.
const WRITING: [&[&str]; 13] = [
    &["plan", "DESK/register.csv", "--as-of", "2026-11", "-q", "-o", "OUT"],
    &["plan", "DESK/register.csv", "--as-of", "2026-11", "-q", "--stream", "-o", "OUT"],
    &["plan", "DESK/register.csv", "--as-of", "2026-11", "-q", "--triggers", "-o", "OUT"],
    &["value", "DESK/register.csv", "--as-of", "2026-11", "-q", "--stream", "-o", "OUT"],
    &["check", "DESK/register.csv", "--as-of", "2026-11", "-q", "-o", "OUT"],
    &["lot", "data/samples/lot.csv", "--as-of", "2026-11", "-o", "OUT"],
    &[
        "replace",
        "DESK/register.csv",
        "--with",
        "H100 SXM5 80GB",
        "--quantity",
        "4",
        "--arrives",
        "2027-03",
        "--as-of",
        "2026-11",
        "-o",
        "OUT",
    ],
    &[
        "whatif",
        "DESK/register.csv",
        "--scenarios",
        "DESK/scenarios.toml",
        "--quick",
        "--as-of",
        "2026-11",
        "-o",
        "OUT",
    ],
    &[
        "settle",
        "tests/fixtures/exports/itad_settlement.csv",
        "--request",
        "tests/fixtures/settlements/request.json",
        "-o",
        "OUT",
    ],
    &[
        "handoff",
        "DESK/register.csv",
        "--assets",
        "NWA-10101",
        "--as-of",
        "2026-11",
        "--at",
        "2026-11-24T08:00:00Z",
        "-o",
        "OUT",
    ],
    &["simulate", "--seed", "7", "--products", "12", "--months", "24", "-o", "OUT"],
    &["fit", "DESK/made/market.csv", "--catalog", "DESK/made/catalog.csv", "-o", "OUT"],
    &["convert", "DESK/register.csv", "-o", "OUT"],
];

fn desk(folder: &Path) {
    let fleet = std::fs::read_to_string("data/samples/fleet.csv").unwrap();
    let some: Vec<&str> = fleet.lines().take(60).collect();
    std::fs::write(folder.join("register.csv"), some.join("\n")).unwrap();
    let scenario = "[[scenario]]\nname = \"48 months\"\nrefresh = { rule = \"fixed\", months = 48 }\n";
    std::fs::write(folder.join("scenarios.toml"), scenario).unwrap();
    let made = folder.join("made");
    let made = made.to_str().unwrap();
    residua()
        .args(["simulate", "--seed", "7", "--products", "12", "--months", "24", "-o", made])
        .assert()
        .success();
}

/// A command of [`WRITING`] that writes to `out`.
fn command(arguments: &[&str], desk: &Path, out: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_residua"));
    let replaced = |argument: &&str| {
        argument.replace("DESK", desk.to_str().unwrap()).replace("OUT", out.to_str().unwrap())
    };
    command.args(arguments.iter().map(replaced)).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What stands at an output: a file, or all files of a directory; nothing where there is none. What a kill left half-made under
/// a hidden name is no output: `fit` puts model after model into a directory that may hold others.
fn standing(out: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    if out.is_file() {
        return Some(BTreeMap::from([(String::new(), std::fs::read(out).unwrap())]));
    }
    let half_made = |name: &str| name.starts_with('.') && name.ends_with(".partial");
    out.is_dir().then(|| files_below(out).into_iter().filter(|(name, _)| !half_made(name)).collect())
}

#[test]
fn killed_at_any_moment_a_command_leaves_the_whole_answer_or_none_and_the_next_run_tidies_up() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    let mut draws = SplitMix64::new(5);
    for (number, arguments) in WRITING.into_iter().enumerate() {
        let place = folder.path().join(format!("place-{number}"));
        std::fs::create_dir(&place).unwrap();
        let out = place.join("out");
        let start = Instant::now();
        let first = command(arguments, folder.path(), &out).output().unwrap();
        assert!(first.status.success(), "{arguments:?}: {}", talk(&first));
        let (whole, took) = (standing(&out).unwrap(), start.elapsed());
        for _ in 0..8 {
            let mut child = command(arguments, folder.path(), &out)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(draws.below(took.as_micros() as usize + 1) as u64));
            child.kill().unwrap();
            child.wait().unwrap();
            let left = standing(&out);
            assert!(left.is_none_or(|left| left == whole), "{arguments:?} left some of each");
        }
        // What was killed may live on another machine that shares the disk: what it left goes when it was silent for long.
        let aged = Command::new("find")
            .arg(&place)
            .args(["-exec", "touch", "-d", "5 minutes ago", "{}", "+"])
            .status();
        assert!(aged.unwrap().success());
        let last = command(arguments, folder.path(), &out).output().unwrap();
        assert!(last.status.success(), "{arguments:?}: {}", talk(&last));
        assert!(standing(&out).unwrap() == whole, "{arguments:?} gives other bytes after a kill");
        let hidden = files_below(&place).into_keys().find(|name| name.ends_with(".partial"));
        assert_eq!(hidden, None, "{arguments:?} left something half-made");
        let beside: Vec<_> =
            std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(beside, ["out"], "{arguments:?} left something beside its output");
    }
}

#[test]
fn where_nothing_can_be_written_a_command_says_so_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    let file = folder.path().join("a-file");
    std::fs::write(&file, "kept").unwrap();
    for arguments in WRITING {
        for out in [file.join("out"), "/proc/residua".into(), folder.path().join("a\u{301}".repeat(400))] {
            let output = command(arguments, folder.path(), &out).output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(1),
                "{arguments:?} to {}: {}",
                out.display(),
                talk(&output)
            );
            assert!(talk(&output).contains("error: cannot "), "{arguments:?}: {}", talk(&output));
        }
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"kept");
}

#[test]
fn on_a_disk_that_is_full_a_command_says_so_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    for (number, arguments) in WRITING.into_iter().enumerate() {
        let place = folder.path().join(format!("place-{number}"));
        std::fs::create_dir(&place).unwrap();
        let out = place.join("out");
        let first = command(arguments, folder.path(), &out).output().unwrap();
        assert!(first.status.success(), "{}", talk(&first));
        let whole = standing(&out).unwrap();
        // No file may grow at all; the signal that would tell of it is ignored, so that the write fails.
        let filled = command(arguments, folder.path(), &out);
        let mut shell = Command::new("bash");
        shell.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(filled.get_program());
        let output = shell.args(filled.get_args()).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        // Handed over once, a package is never written again: the same is there already.
        let handed = arguments[0] == "handoff" || arguments.contains(&"--triggers");
        assert_eq!(output.status.code(), Some(i32::from(!handed)), "{arguments:?}: {}", talk(&output));
        assert!(handed || talk(&output).contains("error: cannot write"), "{arguments:?}: {}", talk(&output));
        assert!(standing(&out).unwrap() == whole, "{arguments:?} changed what was there");
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 1, "{arguments:?} left something beside");
    }
}

#[test]
fn time_zone_language_home_and_stack_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    let read_only = folder.path().join("home-that-is-a-file");
    std::fs::write(&read_only, "").unwrap();
    let read_only = read_only.to_str().unwrap();
    let worlds: [&[(&str, &str)]; 7] = [
        &[],
        &[("TZ", "Pacific/Kiritimati"), ("LC_ALL", "de_DE.UTF-8"), ("LANG", "de_DE.UTF-8")],
        &[("TZ", "America/Anchorage"), ("LC_ALL", "C"), ("LANG", "tr_TR.UTF-8")],
        &[("TZ", ":/no/such/zone"), ("LC_NUMERIC", "ar_EG.UTF-8")],
        &[("HOME", ""), ("PATH", ""), ("TMPDIR", "/no/such/folder")],
        &[("HOME", read_only), ("XDG_CONFIG_HOME", read_only), ("XDG_DATA_HOME", "/proc")],
        &[("RUST_MIN_STACK", "1048576"), ("RAYON_NUM_THREADS", "3")],
    ];
    for arguments in WRITING {
        let mut answers = Vec::new();
        for world in worlds {
            let out = folder.path().join("out");
            let asked = command(arguments, folder.path(), &out);
            let mut shell = Command::new("/bin/bash");
            shell.args(["-c", "ulimit -s 1024; exec \"$0\" \"$@\""]).arg(asked.get_program());
            shell.args(asked.get_args()).current_dir(env!("CARGO_MANIFEST_DIR"));
            for name in ["HOME", "LANG", "LC_ALL", "TZ"] {
                shell.env_remove(name);
            }
            let output = shell.envs(world.iter().copied()).output().unwrap();
            assert!(output.status.success(), "{arguments:?} {world:?}: {}", talk(&output));
            answers.push((output.stdout, standing(&out).unwrap()));
            let removed =
                if out.is_dir() { std::fs::remove_dir_all(&out) } else { std::fs::remove_file(&out) };
            removed.unwrap();
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{arguments:?} hangs on the environment");
    }
}

#[test]
fn seen_from_any_month_a_plan_has_numbers_or_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    desk(folder.path());
    let register = folder.path().join("register.csv");
    let months = ["1970-01", "2000-02", "2020-02", "2024-02", "2026-12", "2038-01", "2100-02", "9999-12"];
    for month in months {
        for arguments in [
            &["plan", register.to_str().unwrap(), "--format", "csv"][..],
            &["quote", "A100 SXM 80GB", "--format", "csv"],
            &["lot", "data/samples/lot.csv", "--format", "csv"],
        ] {
            let output = residua().args(arguments).args(["--as-of", month]).output().unwrap();
            let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), talk(&output));
            assert!(!said.contains("panicked"), "{month}: {said}");
            let none = said.split([',', '\n', ' ']).any(|word| matches!(word, "NaN" | "inf" | "-inf"));
            assert!(!none, "{month} {arguments:?}: {said}");
            let understood = output.status.success() || said.contains("error: ");
            assert!(understood && !said.trim().is_empty(), "{month} {arguments:?}: {said}");
        }
    }
}

#[test]
fn days_that_few_years_have_are_days() {
    let rows = "A1,Dell Latitude 5430,2024-02-29\nA2,Dell Latitude 5430,2000-02-29\nA3,Dell Latitude 5430,2023-02-29\n\
                A4,Dell Latitude 5430,1997-02-29\n";
    let folder = tempfile::tempdir().unwrap();
    let register = common::register(folder.path(), format!("asset_id,model,purchase_date\n{rows}"));
    let output =
        residua().args(["plan", register.to_str().unwrap(), "--as-of", "2028-02", "-q"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("4 rows in = 2 assets + 2 rejects + 0 merged"), "{said}");
    for day in ["2023-02-29", "1997-02-29"] {
        assert!(said.contains(&format!("`{day}` is not a day of the calendar")), "{said}");
    }
}

#[test]
fn a_register_that_changes_while_it_is_read_is_answered_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let row = "A,Dell Latitude 5430,2022-08-15,1389,USD\n";
    let header = "asset_id,model,purchase_date,purchase_cost,currency\n";
    let path = folder.path().join("register.csv");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                turn += 1;
                match turn % 4 {
                    0 => drop(std::fs::remove_file(&path)),
                    1 => std::fs::write(&path, &header[..20]).unwrap(),
                    _ => std::fs::write(&path, format!("{header}{}", row.repeat(50 * (turn % 9)))).unwrap(),
                }
                std::thread::sleep(Duration::from_micros(700));
            }
        });
        for round in 0..24 {
            let out = folder.path().join("out");
            let mut command = residua();
            command.args([
                "plan",
                path.to_str().unwrap(),
                "--as-of",
                "2026-11",
                "-q",
                "-o",
                out.to_str().unwrap(),
            ]);
            if round % 2 == 0 {
                command.arg("--stream");
            }
            let output = command.output().unwrap();
            let said = talk(&output);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
            assert!(!said.contains("panicked"), "{said}");
            assert_eq!(out.exists(), output.status.success(), "{said}");
            let _ = std::fs::remove_dir_all(&out);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
