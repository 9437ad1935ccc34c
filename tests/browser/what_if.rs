//! `whatif.html`: scenarios beside the plan as it is.

use crate::browser::{PHONE, driven};
use crate::inspection::inspect;
use crate::paper::{A4, LETTER, print};
use crate::tables::{all_sort_by_click, rows_below, tab_to, tables_in};
use crate::webdriver::ENTER;
use crate::written;

#[test]
fn the_what_if_page_shows_every_scenario_beside_the_base() {
    driven("whatif", |browser| {
        browser.open_file(written::what_if());
        let scenarios = rows_below(browser, "Side by side");
        for scenario in ["base", "36 months", "48 months"] {
            assert!(scenarios.iter().any(|row| row.starts_with(scenario)), "{scenario} in {scenarios:?}");
        }
        inspect(browser, "whatif");
        assert!(all_sort_by_click(browser) >= 10);
    });
}

#[test]
fn the_what_if_page_says_first_which_scenario_is_best_and_how_sure_that_is() {
    driven("whatif-first", |browser| {
        browser.open_file(written::what_if());
        let lead = browser.text(&browser.one(".lead"));
        let ranking = &tables_in(browser, "#ranking")[0];
        let best = &ranking[1];
        assert!(lead.starts_with(&best[0]), "{lead}");
        for told in [best[1].trim_start_matches(['+', '−']), &best[2], &best[3]] {
            assert!(lead.contains(told), "{told} in {lead}");
        }
        let bottom =
            browser.run("return document.querySelector('#ranking table').getBoundingClientRect().bottom");
        assert!(bottom.as_f64().unwrap() <= 900.0, "the ranking ends at {bottom} of the first screen");
        browser.size(PHONE);
        let bottom = browser.run("return document.querySelector('.lead').getBoundingClientRect().bottom");
        assert!(bottom.as_f64().unwrap() <= 500.0, "the verdict ends at {bottom} of a telephone");
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
fn the_what_if_page_prints_with_nothing_cut_off() {
    driven("whatif-paper", |browser| {
        browser.open_file(written::what_if());
        for paper in [A4, LETTER] {
            let pages = print(browser, "whatif", paper);
            assert!((2..=12).contains(&pages), "{pages} pages");
        }
        browser.run("for (const folded of document.querySelectorAll('details')) folded.open = true");
        for paper in [A4, LETTER] {
            print(browser, "whatif-unfolded", paper);
        }
    });
}
