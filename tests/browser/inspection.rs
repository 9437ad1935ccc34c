//! What is asked of every page: pictures of it, that it fits a telephone, that its links lead somewhere, and that axe-core
//! finds no serious violation by day or by night.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Browser, DESK, PHONE};
use crate::programs;
use crate::tables::texts;

/// Links that are followed to see whether the page makes what they name.
const MOST_FOLLOWED: usize = 5;

/// Looks at the page that is open as it stands, and leaves pictures and the words of axe-core under this name. All that is
/// wrong is told at once.
pub(crate) fn inspect(browser: &Browser, name: &str) {
    let complaints = complaints(browser, name);
    assert!(complaints.is_empty(), "{name}:\n{}", complaints.join("\n"));
}

/// What is wrong with the page that is open; see [`inspect`].
pub(crate) fn complaints(browser: &Browser, name: &str) -> Vec<String> {
    let mut complaints = outline(browser);
    complaints.extend(links_to_nowhere(browser));
    for scheme in ["light", "dark"] {
        browser.medium("", scheme);
        browser.size(PHONE);
        browser.picture(&format!("{name}-phone-{scheme}"));
        complaints.extend(wider_than_a_telephone(browser));
        browser.size(DESK);
        browser.picture(&format!("{name}-desktop-{scheme}"));
        complaints.extend(violations(browser, &format!("{name}-{scheme}")));
    }
    browser.medium("", "light");
    let mut told = BTreeSet::new();
    complaints.retain(|complaint| told.insert(complaint.clone()));
    complaints
}

/// A page has one heading of the first level that says something, a title, a language, one main part, and no heading
/// without words.
fn outline(browser: &Browser) -> Vec<String> {
    let wrong = browser.run(
        "const wrong = [], said = element => element.textContent.trim() !== '';
         const headings = [...document.querySelectorAll('h1')];
         if (headings.length !== 1) wrong.push(`${headings.length} headings of the first level`);
         if (![...document.querySelectorAll('h1, h2, h3, h4')].every(said)) wrong.push('a heading without words');
         if (!document.title.trim()) wrong.push('no title');
         if (document.documentElement.lang !== 'en') wrong.push('no language');
         if (document.querySelectorAll('main').length !== 1) wrong.push('not one main part');
         return wrong;",
    );
    texts(&wrong)
}

/// Links within the page that name nothing on it, nor anything that the page makes when they are followed; of these some
/// are followed.
fn links_to_nowhere(browser: &Browser) -> Vec<String> {
    let absent = texts(&browser.run(
        "const names = [...document.querySelectorAll('a[href^=\"#\"]')].map(link => link.hash);
         return [...new Set(names)].filter(name => !document.getElementById(decodeURIComponent(name.slice(1))));",
    ));
    let followed = absent.iter().step_by(absent.len().div_ceil(MOST_FOLLOWED).max(1));
    let astray = followed.filter(|name| {
        browser.run_with("location.hash = arguments[0]", &json!([name]));
        let there = || {
            let script = "return !!document.getElementById(decodeURIComponent(location.hash.slice(1)))";
            browser.run(script) == true
        };
        !browser.comes_true(there, Duration::from_secs(5))
    });
    let astray = astray.map(|name| format!("a link to nowhere: {name}")).collect();
    browser.run("if (location.hash) location.hash = ''; scrollTo(0, 0);");
    astray
}

/// On a telephone the page scrolls downwards only; what is wide scrolls in a frame of its own. What does not.
fn wider_than_a_telephone(browser: &Browser) -> Vec<String> {
    let wide = browser.run(
        "const width = innerWidth;
         if (document.documentElement.scrollWidth <= width) return [];
         const framed = element => {
           for (let frame = element.parentElement; frame; frame = frame.parentElement) {
             if (getComputedStyle(frame).overflowX !== 'visible') return true;
           }
           return false;
         };
         return [...document.querySelectorAll('body *')]
           .filter(element => element.getBoundingClientRect().right > width + 1 && !framed(element)).slice(0, 5)
           .map(element => `wider than a telephone: ${element.tagName}.${element.className}, `
             + `${Math.round(element.getBoundingClientRect().right)} dots: ${element.textContent.slice(0, 60)}`);",
    );
    texts(&wide)
}

/// The page as it stands has no serious violation of the rules of axe-core.
pub(crate) fn is_accessible(browser: &Browser, name: &str) {
    let serious = violations(browser, name);
    assert!(serious.is_empty(), "{name}:\n{}", serious.join("\n"));
}

/// What axe-core finds serious or critical. Everything it finds is kept as an artefact.
pub(crate) fn violations(browser: &Browser, name: &str) -> Vec<String> {
    let Some(axe) = programs::axe() else { return Vec::new() };
    // By the tools of the browser and not as a script of the page, which a strict policy of content forbids.
    evaluate(browser, &format!("{axe};undefined"));
    let found = evaluate(
        browser,
        "axe.run(document, { resultTypes: ['violations'], preload: false, reporter: 'v2' })
           .then(found => found.violations.map(({ id, impact, help, nodes }) =>
             ({ id, impact, help, nodes: nodes.map(({ target, html, failureSummary }) =>
               ({ target: target.join(' '), html: html.slice(0, 200), failureSummary })) })))",
    );
    let found = found.as_array().unwrap();
    let all: Vec<String> = found.iter().map(told).collect();
    std::fs::write(programs::artefacts().join(format!("{name}-axe.txt")), all.join("\n")).unwrap();
    let serious =
        found.iter().filter(|violation| matches!(violation["impact"].as_str(), Some("serious" | "critical")));
    serious.map(told).collect()
}

fn evaluate(browser: &Browser, expression: &str) -> Value {
    let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
    let mut evaluated = browser.session().devtools("Runtime.evaluate", &parameters);
    assert!(evaluated["exceptionDetails"].is_null(), "{}", evaluated["exceptionDetails"]);
    evaluated["result"]["value"].take()
}

/// A violation with its first places.
fn told(violation: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let nodes = violation["nodes"].as_array().unwrap();
    let (id, impact, help) = (word(&violation["id"]), word(&violation["impact"]), word(&violation["help"]));
    let mut text = format!("{impact}: {id}: {help} ({} places)", nodes.len());
    for node in nodes.iter().take(5) {
        let _ = write!(text, "\n  {}\n    {}", word(&node["target"]), word(&node["html"]));
        let _ = write!(text, "\n    {}", word(&node["failureSummary"]).replace('\n', "\n    "));
    }
    text
}
