//! A register that is sent in: its findings, its assets, and names that would be HTML.

use crate::browser::driven;
use crate::common::register;
use crate::inspection::inspect;
use crate::server::{SAMPLE, said, saying, serve};
use crate::tables::rows_below;

const HEADER: &str = "asset_id,serial,class,model,status,purchase_date,purchase_cost,currency,site\n";

#[test]
fn a_register_that_is_sent_in_opens_with_what_is_wrong_with_it() {
    driven("upload", |browser| {
        let server = serve(&[SAMPLE]);
        let folder = tempfile::tempdir().unwrap();
        let rows = "A1,S1,laptop,Dell Latitude 5430,In use,2022-09-15,1400,USD,Austin\n\
                    A2,S2,laptop,Whitebox Nobody Knows,In use,2022-09-15,1400,USD,Austin\n\
                    A3,S3,laptop,Dell Latitude 5430,In use,2022-02-30,1400,USD,Austin\n";
        let path = register(folder.path(), format!("{HEADER}{rows}"));
        browser.open_served(&server.origin, "/registers");
        inspect(browser, "registers");
        browser.choose_file(&browser.one("input[type=file]"), &path);
        browser.click(&saying(browser, "Open"));
        browser.until("the findings open", || browser.address().ends_with("/findings"));
        let page = browser.text(&browser.one("main"));
        for told in ["DQ-17", "2022-02-30", "Whitebox Nobody Knows"] {
            assert!(page.contains(told), "{told} in:\n{page}");
        }
        inspect(browser, "findings");
    });
}

#[test]
fn names_that_would_be_html_are_shown_as_text() {
    const NAME: &str = "<img src=x onerror=alert(1)><script>alert(2)</script> Latitude";
    const SITE: &str = "<b>Austin</b>\"'>";
    driven("html-names", |browser| {
        let folder = tempfile::tempdir().unwrap();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let (name, site) = (quoted(NAME), quoted(SITE));
        let rows = format!(
            "A1,S1,laptop,{name},In use,2022-09-15,1400,USD,{site}\n\
             \"A2<i>\",S2,laptop,Dell Latitude 5430,In use,2022-09-15,1400,USD,{site}\n"
        );
        let path = register(folder.path(), format!("{HEADER}{rows}"));
        let server = serve(&[path.as_os_str()]);
        browser.open_served(&server.origin, "/");
        let shown = rows_below(browser, "Cohorts").join("\n");
        assert!(shown.contains(NAME) && shown.contains(SITE), "{shown}");
        browser.click(&saying(browser, NAME));
        browser.until("its forecast is drawn", || said(browser).contains(&format!("{NAME}, {SITE}")));
        browser.click(&saying(browser, "All about A1"));
        browser.until("its page opens", || browser.address().contains("/asset?"));
        assert!(browser.text(&browser.one("h1")).contains(NAME));
        let made =
            browser.run("return document.querySelectorAll('main img, main b, main script, h1 *').length");
        assert_eq!(made, 0, "nothing of a name became an element");
    });
}

#[test]
fn the_page_of_an_asset_says_what_to_do_with_it_and_why() {
    driven("asset", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        browser.click(&saying(browser, "All about"));
        browser.until("its page opens", || browser.address().contains("/asset?"));
        let page = browser.text(&browser.one("main"));
        for told in ["net recovery", "Value rests on", "Worth now"] {
            assert!(page.contains(told), "{told} in:\n{page}");
        }
        inspect(browser, "asset");
        browser.click(&saying(browser, "Back to the scenario"));
        assert!(said(browser).contains("The plan as it is"));
    });
}
