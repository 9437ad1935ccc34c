//! Files that are taken away with a click: the bytes that the command writes.

use std::path::Path;

use crate::browser::{Browser, driven};
use crate::common::served::written_by_the_command;
use crate::inspection::inspect;
use crate::server::{SAMPLE, saying, serve};

#[test]
fn the_workbook_of_a_click_has_the_bytes_that_the_command_writes() {
    driven("download", |browser| {
        let server = serve(&[SAMPLE]);
        let (taken, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        browser.saves_to(taken.path());
        browser.open_served(&server.origin, "/fleet/main/files?cycle=48&market=-15");
        inspect(browser, "files");
        let scenarios = clicked(browser, taken.path(), "scenarios.toml");
        written_by_the_command(&scenarios, folder.path());
        for name in ["whatif.xlsx", "summary.csv"] {
            let written = std::fs::read(folder.path().join("out").join(name)).unwrap();
            assert!(clicked(browser, taken.path(), name) == written, "{name} differs");
        }
    });
}

/// Clicks the link of a file and waits until it is there: a browser gives a file its name when all of it has come.
fn clicked(browser: &Browser, folder: &Path, name: &str) -> Vec<u8> {
    browser.click(&saying(browser, name));
    let path = folder.join(name);
    browser.until(name, || path.exists());
    std::fs::read(path).unwrap()
}
