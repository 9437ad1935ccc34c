//! `whatif.html`: scenarios beside the plan as it is.

use crate::browser::driven;
use crate::inspection::inspect;
use crate::paper::{A4, LETTER, print};
use crate::tables::{rows_below, tab_to};
use crate::webdriver::ENTER;
use crate::written;

#[test]
fn the_what_if_page_shows_every_scenario_beside_the_base() {
    driven("whatif", |browser| {
        browser.open_file(written::what_if());
        let measures = rows_below(browser, "Side by side");
        assert!(measures.iter().any(|row| row.starts_with("net recovery")), "{measures:?}");
        let heads = browser.run(
            "const part = [...document.querySelectorAll('h2')].find(h => h.innerText === 'Side by side').closest('section');
             return [...part.querySelectorAll('thead th')].map(head => head.innerText);",
        );
        for scenario in ["base", "36 months", "48 months"] {
            assert!(heads.as_array().unwrap().iter().any(|head| head == scenario), "{scenario} in {heads}");
        }
        inspect(browser, "whatif");
    });
}

#[test]
fn the_tables_of_the_what_if_page_open_by_keyboard() {
    driven("whatif-keyboard", |browser| {
        browser.open_file(written::what_if());
        assert_eq!(rows_below(browser, "What leaves").len(), 0, "closed at first");
        let summaries = browser.all("section#leaving summary");
        tab_to(browser, &summaries[0]);
        browser.press(&[ENTER]);
        assert!(!rows_below(browser, "What leaves").is_empty());
    });
}

#[test]
#[ignore = "tables of eighteen columns are wider than a sheet"]
fn the_what_if_page_prints_with_nothing_cut_off() {
    driven("whatif-paper", |browser| {
        browser.open_file(written::what_if());
        for paper in [A4, LETTER] {
            let pages = print(browser, "whatif", paper);
            assert!((2..=12).contains(&pages), "{pages} pages");
        }
    });
}
