//! `residua serve` on a free port of this machine, for as long as a test needs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::residua;

/// The register that is served.
pub(crate) const SAMPLE: &str = "data/samples/fleet.csv";

/// A server; it ends with this value.
#[derive(Debug)]
pub(crate) struct Served {
    process: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
    /// What follows the origin in the address it prints.
    pub(crate) entry: String,
}

impl Served {
    /// Serves with these arguments, seen from November 2026.
    pub(crate) fn with<Argument: AsRef<OsStr>>(arguments: &[Argument]) -> Served {
        let mut process = Command::new(residua().get_program())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["serve", "--as-of", "2026-11"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.split_once("http://").map(|(_, rest)| rest.to_owned()));
        let address = address.expect("the server says where it listens");
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let (host, entry) = address.split_once('/').unwrap();
        Served { process, origin: format!("http://{host}"), entry: entry.to_owned() }
    }
}

impl Served {
    /// By which the system knows it.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `residua whatif` writes for the scenarios that the server hands out, in a folder where the register has the same
/// path and the scenarios the name that the server gives them: outputs name their inputs.
pub(crate) fn written_by_the_command(scenarios: &[u8], folder: &Path) -> serde_json::Value {
    let register = folder.join(SAMPLE);
    std::fs::create_dir_all(register.parent().unwrap()).unwrap();
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(SAMPLE), &register).unwrap();
    std::fs::write(folder.join("these scenarios"), scenarios).unwrap();
    let output = residua()
        .current_dir(folder)
        .args(["whatif", SAMPLE, "--as-of", "2026-11", "--quick", "--format", "json", "-q"])
        .args(["--scenarios", "these scenarios", "-o", "out"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
