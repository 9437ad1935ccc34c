//! `residua serve` on a free port of this machine, for as long as a test needs it, and its pages as a planner uses them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::common::residua;

pub(crate) const SAMPLE: &str = "data/samples/fleet.csv";

/// A server; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
}

impl Server {
    /// Serves registers, seen from November 2026.
    pub(crate) fn of<File: AsRef<OsStr>>(registers: &[File]) -> Self {
        let mut process = Command::new(residua().get_program())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("serve")
            .args(registers)
            .args(["--as-of", "2026-11", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address =
            lines.find_map(|line| line.split_once("http://").map(|(_, address)| address.to_owned()));
        let address = address.expect("the server says where it listens");
        let host = address.split(['/', ' ']).next().unwrap();
        let origin = format!("http://{host}");
        // What it says later is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, origin }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The field, choice or slider with this label; where a field and its slider share one, `kind` tells them apart.
pub(crate) fn labelled(browser: &Browser, label: &str, kind: &str) -> Value {
    let found = browser.run_with(
        "const [label, kind] = arguments, starts = text => (text ?? '').trim().toLowerCase().startsWith(label.toLowerCase());
         const named = field => starts(field.getAttribute('aria-label'))
           || [...(field.labels ?? [])].some(own => starts(own.innerText));
         return [...document.querySelectorAll(kind)].find(named) ?? null;",
        &json!([label, kind]),
    );
    assert!(!found.is_null(), "no {kind} is labelled `{label}` on {}", browser.address());
    found
}

/// The link or button that says this.
pub(crate) fn saying(browser: &Browser, words: &str) -> Value {
    let found = browser.run_with(
        "const seen = [...document.querySelectorAll('a, button')].filter(one => one.checkVisibility());
         return seen.find(one => one.innerText.trim().startsWith(arguments[0])) ?? null;",
        &json!([words]),
    );
    assert!(!found.is_null(), "nothing says `{words}` on {}", browser.address());
    found
}

/// Picks the first choice after `every …` of a list and returns its value.
pub(crate) fn choose_first(browser: &Browser, label: &str) -> String {
    let list = labelled(browser, label, "select");
    let value = browser.run_with("return arguments[0].options[1].value", &json!([list]));
    let value = value.as_str().unwrap().to_owned();
    choose(browser, label, &value);
    value
}

/// Picks a value of a list; the empty one is the first.
pub(crate) fn choose(browser: &Browser, label: &str, value: &str) {
    let list = labelled(browser, label, "select");
    browser.run_with(
        "const [list, value] = arguments;
         list.focus(); list.value = value;
         list.dispatchEvent(new Event('input', { bubbles: true }));
         list.dispatchEvent(new Event('change', { bubbles: true }));",
        &json!([list, value]),
    );
    settled(browser);
}

/// Takes the handle of a slider and drags it to a share of its way.
pub(crate) fn slide(browser: &Browser, label: &str, share: f64) {
    let slider = labelled(browser, label, "input[type=range]");
    browser.drag(&slider, share);
    settled(browser);
}

/// Waits until the page shows what its form holds: every figure of it in the address, and no answer on its way.
pub(crate) fn settled(browser: &Browser) {
    browser.until("the page answers", || {
        let held = browser.run(
            "const form = document.querySelector('main form'), answer = document.querySelector('[aria-busy]');
             const held = [...new FormData(form)].filter(([, value]) => value !== '');
             const told = new URLSearchParams(location.search);
             return !answer && held.every(([key, value]) => told.getAll(key).includes(value))
               && [...told].length === held.length;",
        );
        held == true
    });
}

/// Everything that the main part of the page says, without what its form holds.
pub(crate) fn said(browser: &Browser) -> String {
    browser
        .run("return document.querySelector('[role=status]').parentElement.innerText")
        .as_str()
        .unwrap()
        .to_owned()
}

/// The drawing below a heading, as it is written.
pub(crate) fn drawing(browser: &Browser, heading: &str) -> String {
    let drawing = browser.run_with(
        "const heading = [...document.querySelectorAll('h2')].find(one => one.innerText.startsWith(arguments[0]));
         return heading?.closest('section')?.querySelector('svg')?.outerHTML ?? null;",
        &json!([heading]),
    );
    drawing.as_str().unwrap_or_else(|| panic!("no drawing below `{heading}`")).to_owned()
}
