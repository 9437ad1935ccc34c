//! Work that takes long: it tells how far it is, and its report is the first thing to take away.

use crate::browser::driven;
use crate::common::register;
use crate::inspection::inspect;
use crate::server::{saying, serve};

#[test]
fn a_report_that_is_made_on_demand_is_the_first_file_of_its_page() {
    driven("job", |browser| {
        let folder = tempfile::tempdir().unwrap();
        let sample = std::fs::read_to_string("data/samples/fleet.csv").unwrap();
        let few: Vec<&str> = sample.lines().take(1).chain(sample.lines().skip(1).step_by(40)).collect();
        let path = register(folder.path(), few.join("\n"));
        let server = serve(&[path]);
        browser.open_served(&server.origin, "/fleet/main/files");
        browser.click(&saying(browser, "Make the report"));
        browser.until("the report is made", || browser.all("main li a").len() > 3);
        assert_eq!(browser.text(&browser.one("main li a")), "report.html");
        inspect(browser, "job");
        browser.click(&saying(browser, "Back to the files"));
        browser.until("the way back", || browser.address().ends_with("/files"));
    });
}

#[test]
fn what_is_not_there_says_so_and_leads_on() {
    let Some(browser) = crate::browser::Browser::start("refusal") else { return };
    let server = serve(&["data/samples/fleet.csv"]);
    browser.open_served(&server.origin, "/fleet/main?cycle=1000");
    assert!(browser.text(&browser.one("main")).contains("must be a number from 12 to 96"));
    inspect(&browser, "refusal");
    browser.click(&saying(&browser, "To the first page"));
    browser.until("the overview opens", || browser.address().ends_with("/fleet/main"));
}
