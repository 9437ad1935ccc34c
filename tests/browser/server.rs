//! The pages of `residua serve` as a planner uses them.

use std::ffi::OsStr;

use serde_json::{Value, json};

use crate::browser::Browser;
pub(crate) use crate::common::served::SAMPLE;
use crate::common::served::Served;

/// Serves registers on a free port.
pub(crate) fn serve<File: AsRef<OsStr>>(registers: &[File]) -> Served {
    let registers = registers.iter().map(AsRef::as_ref);
    let listen = ["--listen", "127.0.0.1:0"].map(OsStr::new);
    Served::with(&registers.chain(listen).collect::<Vec<_>>())
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

/// The link, button or fold that says this.
pub(crate) fn saying(browser: &Browser, words: &str) -> Value {
    let found = browser.run_with(
        "const seen = [...document.querySelectorAll('a, button, summary')].filter(one => one.checkVisibility());
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
