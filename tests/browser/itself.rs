//! The tests can fail: pages with everything wrong are told for what they are.

use crate::browser::{Browser, driven};
use crate::inspection::{complaints, violations};
use crate::paper::{A4, cut_off};
use crate::programs;

/// Opens a page of these parts, as a file.
fn open(browser: &Browser, folder: &tempfile::TempDir, head: &str, body: &str) {
    let path = folder.path().join("page.html");
    let page = format!(
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>
         <link rel=icon href='data:,'><title>A page</title>{head}<main><h1>A page</h1>{body}</main></html>"
    );
    std::fs::write(&path, page).unwrap();
    browser.open_file(&path);
}

#[test]
fn a_page_that_logs_errors_and_asks_elsewhere_is_told() {
    let Some(browser) = Browser::start("itself-loud") else { return };
    let folder = tempfile::tempdir().unwrap();
    open(
        &browser,
        &folder,
        "<script>console.warn('careful'); missing();</script>",
        "<img alt='' src='http://elsewhere.example/a.png'><img alt='' src='absent.png'>",
    );
    let told = browser.complaints().join("\n");
    for expected in
        ["careful", "missing is not defined", "asked for http://elsewhere.example/a.png", "absent.png"]
    {
        assert!(told.contains(expected), "{expected} in:\n{told}");
    }
    assert!(browser.complaints().is_empty(), "what was told is told once");
}

#[test]
fn a_page_that_is_hard_to_read_by_night_or_on_a_telephone_is_told() {
    let Some(browser) = Browser::start("itself-hard") else { return };
    let folder = tempfile::tempdir().unwrap();
    open(
        &browser,
        &folder,
        "<style>@media (prefers-color-scheme: dark) { body { background: #000; color: #222 } }</style>",
        "<p>Words</p><a href='#nowhere'>a link</a><div style='width: 500px'>wide</div>",
    );
    let told = complaints(&browser, "itself").join("\n");
    for expected in ["a link to nowhere: #nowhere", "wider than a telephone: DIV"] {
        assert!(told.contains(expected), "{expected} in:\n{told}");
    }
    if programs::axe().is_some() {
        assert!(told.contains("serious: color-contrast"), "{told}");
        browser.medium("", "light");
        assert_eq!(violations(&browser, "itself-light"), [""; 0], "by day it can be read");
    }
}

#[test]
fn what_the_edge_of_a_sheet_cuts_off_or_a_box_hides_is_told() {
    let Some(browser) = Browser::start("itself-paper") else { return };
    let folder = tempfile::tempdir().unwrap();
    let body = "<p>Words</p><pre style='width: 900px'>wide</pre>
                <div style='width: 100px; overflow: hidden'><b style='white-space: nowrap'>much longer than that</b></div>";
    open(&browser, &folder, "", body);
    let told = cut_off(&browser, A4).join("\n");
    assert!(told.contains("PRE. ends at 9"), "{told}");
    assert!(told.contains("DIV. "), "{told}");
    assert!(!told.contains("Words"), "{told}");
}

#[test]
fn pages_that_do_nothing_wrong_pass() {
    driven("itself-quiet", |browser| {
        let folder = tempfile::tempdir().unwrap();
        open(browser, &folder, "", "<p>Words</p>");
        assert_eq!(complaints(browser, "itself-quiet"), [""; 0]);
        assert_eq!(cut_off(browser, A4), [""; 0]);
    });
}
