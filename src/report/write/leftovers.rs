//! What stands beside an output while it is made, and what is left of it when its process is killed.
//!
//! In: the place of an output. Out: names beside it, `.NAME.PID.partial` for what is being made and `.NAME.PID.replaced`
//! for what stood there before, on the same file system; and their removal once nobody needs them. No signal is caught: a
//! process that is killed leaves them, and the next output of the same name takes them away. Another process that lives may
//! be writing to the same place. What it writes stays: a process is gone when the system lists its processes under `/proc`
//! and not that one, and nothing was written for [`QUIET`] (it may live on another machine that shares the disk); where
//! there is no such list, when nothing was written for [`QUIET_WITHOUT_LIST`].

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is being made.
pub(super) const PARTIAL: &str = "partial";

/// What stood there before.
pub(super) const REPLACED: &str = "replaced";

/// How long a process that is not listed must have been silent.
const QUIET: Duration = Duration::from_secs(60);

/// How long any process must have been silent where processes are not listed.
const QUIET_WITHOUT_LIST: Duration = Duration::from_secs(24 * 60 * 60);

/// A name next to the target, of this process.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    path.with_file_name(format!(".{}.{}.{what}", name_of(path), std::process::id()))
}

/// Removes what processes that are gone left beside an output that is now in its place. It is no error if that fails: the
/// output is whole, and the next one tries again.
pub(super) fn remove(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let name = name_of(path);
    for entry in entries.flatten() {
        let process = process_of(&entry.file_name().to_string_lossy(), &name);
        let Some(process) = process.filter(|process| *process != std::process::id()) else { continue };
        let Ok(found) = entry.path().symlink_metadata() else { continue };
        let silence = found.modified().ok().and_then(|modified| modified.elapsed().ok());
        if silence.is_some_and(|silence| is_left(process, silence, Path::new("/proc"))) {
            let _ = if found.is_dir() {
                std::fs::remove_dir_all(entry.path())
            } else {
                std::fs::remove_file(entry.path())
            };
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "out".into(), |name| name.to_string_lossy().into_owned())
}

/// The process in the name of something that is beside an output.
fn process_of(entry: &str, name: &str) -> Option<u32> {
    let rest = entry.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?;
    let (process, what) = rest.split_once('.')?;
    [PARTIAL, REPLACED].contains(&what).then(|| process.parse().ok()).flatten()
}

/// Whether nobody needs any more what a process wrote so long ago.
fn is_left(process: u32, silence: Duration, processes: &Path) -> bool {
    if processes.join("self").exists() {
        return silence >= QUIET && !processes.join(process.to_string()).exists();
    }
    silence >= QUIET_WITHOUT_LIST
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// No process has it: the kernel gives none beyond 2^22.
    const NOBODY: u32 = u32::MAX;

    #[test]
    fn only_names_of_the_same_output_are_told_apart() {
        assert_eq!(process_of(".plan.csv.123.partial", "plan.csv"), Some(123));
        assert_eq!(process_of(".out.7.replaced", "out"), Some(7));
        let others =
            [".out.x.partial", ".out.7.old", "out.7.partial", ".out2.7.partial", ".out.b.7.partial", ".out"];
        for other in others {
            assert_eq!(process_of(other, "out"), None, "{other}");
        }
    }

    #[test]
    fn a_process_that_lives_or_wrote_just_now_is_not_disturbed() {
        let root = tempfile::tempdir().unwrap();
        let nowhere = root.path().join("no-list");
        let listed = root.path();
        std::fs::create_dir(listed.join("self")).unwrap();
        std::fs::create_dir(listed.join("7")).unwrap();
        let (minute, day) = (QUIET, QUIET_WITHOUT_LIST);
        let cases = [
            (7, day, listed, false),
            (8, minute, listed, true),
            (8, Duration::from_secs(59), listed, false),
            (8, minute, nowhere.as_path(), false),
            (7, day, nowhere.as_path(), true),
        ];
        for (process, silence, processes, wanted) in cases {
            assert_eq!(is_left(process, silence, processes), wanted, "{process} {silence:?} {processes:?}");
        }
    }

    #[test]
    fn the_next_output_takes_away_what_a_killed_run_left_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let place = |name: String| root.path().join(name);
        let long_ago = SystemTime::now() - QUIET_WITHOUT_LIST;
        let file = |name: String| {
            let file = std::fs::File::create(place(name)).unwrap();
            file.set_modified(long_ago).unwrap();
        };
        file(format!(".a.csv.{NOBODY}.partial"));
        file(format!(".b.csv.{NOBODY}.partial"));
        file(".a.csv.7.old".into());
        let fresh = place(format!(".a.csv.{}.partial", NOBODY - 1));
        std::fs::write(&fresh, "half").unwrap();
        super::super::write_file(&place("a.csv".into()), b"whole").unwrap();
        let mut left: Vec<String> = std::fs::read_dir(root.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        let fresh = fresh.file_name().unwrap().to_string_lossy().into_owned();
        let mut wanted =
            vec![".a.csv.7.old".into(), fresh, format!(".b.csv.{NOBODY}.partial"), "a.csv".to_owned()];
        wanted.sort();
        assert_eq!(left, wanted);
    }
}
