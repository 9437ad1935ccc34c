//! Scenarios that are kept are set side by side.

use crate::browser::driven;
use crate::inspection::inspect;
use crate::server::{SAMPLE, said, saying, serve, slide};
use crate::tables::texts;

#[test]
fn two_scenarios_that_are_kept_stand_beside_the_base() {
    driven("compare", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        for share in [0.3, 0.6] {
            slide(browser, "Refresh cycle", share);
            browser.click(&saying(browser, "Keep to compare"));
            browser.until("it is kept", || said(browser).contains("Kept to compare"));
        }
        browser.click(&saying(browser, "Compare 2 kept"));
        browser.until("the comparison opens", || browser.address().contains("/compare?"));
        let heads = texts(&browser.run(
            "const heading = [...document.querySelectorAll('h2')].find(one => one.innerText === 'Side by side');
             return [...heading.closest('section').querySelectorAll('thead th')].map(head => head.innerText);",
        ));
        assert_eq!(heads.len(), 4, "{heads:?}");
        assert_eq!(heads[1], "base");
        inspect(browser, "compare");
        browser.click(&saying(browser, "drop"));
        browser.until("one is dropped", || browser.address().matches("keep=").count() == 1);
    });
}
