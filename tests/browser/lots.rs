//! A lot: its manifest is dropped onto the page, and priced as the command prices it.

use crate::browser::driven;
use crate::common::residua;
use crate::inspection::inspect;
use crate::server::{labelled, saying, serve};

#[test]
fn a_manifest_that_is_dropped_onto_the_page_is_priced_as_the_command_prices_it() {
    driven("lot", |browser| {
        let server = serve::<&str>(&[]);
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("lot.txt");
        std::fs::copy("data/samples/lot.txt", &manifest).unwrap();
        browser.open_served(&server.origin, "/lot");
        inspect(browser, "lot-form");
        browser.drop_file(&browser.one("form[data-drop]"), &manifest);
        browser.until("the bid opens", || browser.address().contains("/lot/"));
        let shown = browser.run("return document.querySelector('pre').textContent");
        let printed = residua()
            .current_dir(folder.path())
            .args(["lot", "lot.txt", "--as-of", "2026-11", "-q"])
            .output()
            .unwrap();
        assert_eq!(shown.as_str().unwrap().trim_end(), String::from_utf8(printed.stdout).unwrap().trim_end());
        inspect(browser, "lot");
        browser.type_into(&labelled(browser, "Margin", "input"), "35");
        browser.click(&saying(browser, "Price it again"));
        browser.until("other terms are priced", || browser.address().contains("margin=35"));
        assert_ne!(browser.run("return document.querySelector('pre').textContent"), shown);
    });
}
