//! What the tests need from outside: the browser, its driver and axe-core, and what to say when one of them is missing.

use std::io::Write;
use std::path::{Path, PathBuf};

/// Chromium and its driver, or nothing when the tests may go without.
pub(crate) fn chromium_and_driver() -> Option<(PathBuf, PathBuf)> {
    match (on_path("chromium"), on_path("chromedriver")) {
        (Some(chromium), Some(driver)) => Some((chromium, driver)),
        (None, _) => without("browser tests skipped: no chromium"),
        (_, None) => without("browser tests skipped: no chromedriver"),
    }
}

/// The script of axe-core, or nothing when the tests may go without.
pub(crate) fn axe() -> Option<String> {
    let installed = || target().join("axe-core/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("RESIDUA_AXE").map_or_else(installed, PathBuf::from);
    match std::fs::read_to_string(&path) {
        Ok(script) => Some(script),
        Err(_) => without(&format!("accessibility not looked at: no axe-core at {}", path.display())),
    }
}

/// The folder that cargo builds in.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Where pictures and what axe-core said are kept.
pub(crate) fn artefacts() -> PathBuf {
    let folder = target().join("browser");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Says something that is read although the test passes.
pub(crate) fn say(text: &str) {
    // The macros that print are captured by the test harness; the stream itself is not.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn without<Anything>(complaint: &str) -> Option<Anything> {
    let required = std::env::var_os("RESIDUA_BROWSER").is_some_and(|value| value == "required");
    assert!(!required, "{complaint}, and RESIDUA_BROWSER=required");
    say(complaint);
    None
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
