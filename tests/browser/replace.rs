//! `replace.html`: what a purchase displaces.

use crate::browser::driven;
use crate::inspection::inspect;
use crate::paper::{A4, LETTER, print};
use crate::tables::rows_below;
use crate::written;

#[test]
fn the_page_of_a_purchase_says_what_goes_and_what_must_be_done_by_when() {
    driven("replace", |browser| {
        browser.open_file(written::replace());
        assert!(
            browser.text(&browser.one("h1")).starts_with("20 × NVIDIA H100 SXM5 80GB arrive in Mar 2027")
        );
        assert!(!rows_below(browser, "What goes, in this order").is_empty());
        assert!(!rows_below(browser, "What must be done by when").is_empty());
        inspect(browser, "replace");
    });
}

#[test]
fn the_page_of_a_purchase_prints_with_nothing_cut_off() {
    driven("replace-paper", |browser| {
        browser.open_file(written::replace());
        for paper in [A4, LETTER] {
            let pages = print(browser, "replace", paper);
            assert!((1..=5).contains(&pages), "{pages} pages");
        }
    });
}
