//! Running the program the way a person does.

// Each test file uses some of these, and a test may unwrap.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod served;

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The program, from the root of the repository.
pub(crate) fn residua() -> Command {
    let mut command = Command::cargo_bin("residua").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("COLUMNS");
    command
}

/// Standard output of a run that must succeed.
pub(crate) fn output_of(arguments: &[&str]) -> String {
    let assert = residua().args(arguments).assert().success();
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

/// Exit code and standard error of a run.
pub(crate) fn failure_of(arguments: &[&str]) -> (i32, String) {
    let output = residua().args(arguments).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The help of a command, or of all of them.
pub(crate) fn help(command: &[&str]) -> String {
    let output = residua().args(command).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Names of the commands that a help lists.
pub(crate) fn commands(help: &str) -> Vec<String> {
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // What a command does may go on in a second line, further in.
    let names =
        listed.filter(|line| !line.starts_with("   ")).map(|line| line.split_whitespace().next().unwrap());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Writes a register to a folder of its own.
pub(crate) fn register(folder: &Path, contents: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join("register.csv");
    std::fs::write(&path, contents).unwrap();
    path
}

/// All files below a folder, by name.
pub(crate) fn files_below(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
