//! The pages that the commands write of the sample register, each written once for all tests.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::common::residua;

const SAMPLE: &str = "data/samples/fleet.csv";

/// A page, once the command that writes it has run.
pub(crate) type Page = OnceLock<PathBuf>;

static REPORT: Page = OnceLock::new();
static WHAT_IF: Page = OnceLock::new();
static REPLACE: Page = OnceLock::new();

/// `report.html` of the sample fleet.
pub(crate) fn report() -> &'static Path {
    REPORT.get_or_init(|| written("report", &["plan", SAMPLE], "report.html"))
}

/// `whatif.html` of the sample scenarios.
pub(crate) fn what_if() -> &'static Path {
    let scenarios = ["whatif", SAMPLE, "--scenarios", "data/samples/scenarios.toml"];
    WHAT_IF.get_or_init(|| written("whatif", &scenarios, "whatif.html"))
}

/// `replace.html` of twenty cards that arrive.
pub(crate) fn replace() -> &'static Path {
    let purchase = ["--with", "H100 SXM5 80GB", "--quantity", "20", "--arrives", "2027-03"];
    let command: Vec<&str> = ["replace", SAMPLE].into_iter().chain(purchase).collect();
    REPLACE.get_or_init(|| written("replace", &command, "replace.html"))
}

/// Runs a command with `-o` into a folder of its own and returns the page in it.
pub(crate) fn written(folder: &str, command: &[&str], page: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(folder);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    residua().args(command).args(["--as-of", "2026-11", "-q", "-o"]).arg(&folder).assert().success();
    folder.join(page)
}
