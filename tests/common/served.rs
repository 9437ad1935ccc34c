//! `residua serve` on a free port of this machine, for as long as a test needs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::residua;

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

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
