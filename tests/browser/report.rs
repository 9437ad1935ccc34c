//! `report.html`: what a CFO forwards.

use serde_json::{Value, json};

use crate::browser::{Browser, PHONE, driven};
use crate::inspection::{inspect, is_accessible};
use crate::paper::{A4, LETTER, print};
use crate::programs::say;
use crate::tables::{all_sort_by_click, rows_around, sortable_columns, sorts_by_keyboard, tab_to, texts};
use crate::webdriver::{ENTER, RIGHT};
use crate::written;

/// Says how large a page is and how soon it was painted, for whoever reads along.
pub(crate) fn say_how_fast(browser: &Browser, what: &str) {
    let paint = || browser.run("return performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    browser.until("something is painted", || !paint().is_null());
    let loaded = browser.run("return performance.getEntriesByType('navigation')[0].loadEventEnd");
    let bytes = browser.run("return performance.getEntriesByType('navigation')[0].decodedBodySize");
    let number = |value: Value| value.as_f64().unwrap();
    let (paint, loaded, megabytes) = (number(paint()), number(loaded), number(bytes) / 1e6);
    say(&format!("{what}: {megabytes:.2} MB, first paint after {paint:.0} ms, loaded after {loaded:.0} ms"));
}

#[test]
fn the_report_opens_from_its_file_alone() {
    driven("report", |browser| {
        browser.open_file(written::report());
        say_how_fast(browser, "report.html of the sample");
        inspect(browser, "report");
    });
}

#[test]
fn the_first_screen_holds_the_answer_the_calendar_the_quarters_the_cost_of_waiting_and_the_fixes() {
    driven("report-first-screen", |browser| {
        browser.open_file(written::report());
        browser.size(("laptop", 1280, 900));
        let lead = browser.text(&browser.one(".lead"));
        for said in ["units go", "80 % probability", "fixed cycle", "quarter too late", "fix of data"] {
            assert!(lead.contains(said), "{said}: {lead}");
        }
        let beyond = browser.run(
            "return ['.lead', '.tiles', '#quarter', '#waiting', '#fixes', '#calendar svg', '#recovery svg'].filter(part => {
               const box = document.querySelector(part).getBoundingClientRect();
               return box.height < 40 || box.top < 0 || box.bottom > innerHeight || box.right > innerWidth;
             });",
        );
        assert_eq!(texts(&beyond), [""; 0], "beyond the first screen");
        // Side by side: what to do stands left of when everything goes.
        let beside = browser.run(
            "const box = part => document.querySelector(part).getBoundingClientRect();
             return box('#quarter').right <= box('#calendar').left && box('#quarter').top === box('#calendar').top;",
        );
        assert_eq!(beside, true);
        browser.picture("report-first-screen");
    });
}

#[test]
fn on_a_telephone_the_verdict_comes_first_and_wide_drawings_scroll_by_keyboard_in_their_boxes() {
    driven("report-phone", |browser| {
        browser.open_file(written::report());
        browser.size(PHONE);
        let first = browser
            .run("return document.querySelector('.lead').getBoundingClientRect().bottom < innerHeight");
        assert_eq!(first, true, "the verdict is seen without scrolling");
        let boxes = browser.all("figure > [tabindex='0'][role=group][aria-label]");
        let unboxed = browser.run("return document.querySelectorAll('figure > svg').length");
        assert_eq!(unboxed, 0, "every drawing stands in a box");
        let drawing = &boxes[0];
        browser.run_with("arguments[0].focus()", &json!([drawing]));
        browser.press(&[RIGHT, RIGHT, RIGHT]);
        let moved = || browser.run_with("return arguments[0].scrollLeft > 0", &json!([drawing])) == true;
        browser.until("the drawing scrolls within its box", moved);
        let page = browser.run("return document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(page, true, "the page itself does not scroll sideways");
    });
}

#[test]
fn links_of_the_report_lead_where_they_say_and_open_what_is_closed() {
    driven("report-links", |browser| {
        browser.open_file(written::report());
        let links = browser.all("nav a[href^='#']");
        assert!(links.len() >= 3, "the report has contents");
        for link in &links {
            browser.click(link);
            shows_its_target(browser);
        }
        // A link of a table leads to the cohort that it names, which may be closed, or made only now.
        let seen = "const links = [...document.querySelectorAll('td a[href^=\"#\"], th a[href^=\"#\"]')];
            return links.filter(link => link.checkVisibility());";
        let links = browser.run(seen);
        for link in links.as_array().unwrap().iter().step_by(25) {
            let name = browser.text(link);
            browser.click(link);
            let target = shows_its_target(browser);
            assert!(target.contains(&name), "{name} leads to {target}");
        }
        browser.picture("report-cohort");
        is_accessible(browser, "report-cohort");
    });
}

/// The part of the page that the address names is open and in sight. Returns its text.
fn shows_its_target(browser: &Browser) -> String {
    let script = "const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
        if (!target || !target.checkVisibility()) return null;
        if (target.tagName === 'DETAILS' && !target.open) return null;
        const box = target.getBoundingClientRect();
        return box.top < innerHeight && box.bottom > 0 ? target.innerText : null;";
    browser.until("the target of a link is open and in sight", || !browser.run(script).is_null());
    browser.run(script).as_str().unwrap().to_owned()
}

#[test]
fn tables_of_the_report_sort_by_click_and_by_keyboard() {
    driven("report-sort", |browser| {
        browser.open_file(written::report());
        let numbers = all_sort_by_click(browser);
        assert!(numbers >= 3, "{numbers} columns of numbers sort");
        sorts_by_keyboard(browser, &sortable_columns(browser)[0]);
    });
}

#[test]
fn the_filter_leaves_what_fits_and_gives_everything_back() {
    driven("report-filter", |browser| {
        browser.open_file(written::report());
        let field = browser.one("input[type=search]");
        let all = rows_around(browser, &field).len();
        tab_to(browser, &field);
        browser.type_into(&field, "berlin thinkpad");
        browser.until("rows are filtered", || rows_around(browser, &field).len() < all);
        let found = rows_around(browser, &field);
        assert!(!found.is_empty());
        for row in &found {
            let row = row.to_lowercase();
            assert!(row.contains("berlin") && row.contains("thinkpad"), "{row}");
        }
        browser.clear(&field);
        browser.until("everything is back", || rows_around(browser, &field).len() == all);
        browser.type_into(&field, "no such product");
        browser.until("nothing fits", || rows_around(browser, &field).is_empty());
    });
}

#[test]
fn parts_of_the_report_open_by_keyboard_and_are_accessible_when_open() {
    driven("report-open", |browser| {
        browser.open_file(written::report());
        let closed = "details:not([open]) > summary";
        let summaries = browser.all(closed);
        let first = summaries.into_iter().find(|summary| {
            browser.run_with("return arguments[0].checkVisibility()", &json!([summary])) == true
        });
        let first = first.unwrap();
        tab_to(browser, &first);
        browser.press(&[ENTER]);
        let open = browser.run_with("return arguments[0].parentElement.open", &json!([first]));
        assert_eq!(open, true);
        browser.run("for (const part of document.querySelectorAll('details')) part.open = true;");
        is_accessible(browser, "report-open");
    });
}

#[test]
fn the_report_prints_with_nothing_cut_off() {
    driven("report-paper", |browser| {
        browser.open_file(written::report());
        for paper in [A4, LETTER] {
            let pages = print(browser, "report", paper);
            assert!((5..=60).contains(&pages), "{pages} pages");
        }
    });
}
