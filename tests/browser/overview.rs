//! The overview of `residua serve`: what is shown, what is turned, and the address that holds it all.

use crate::browser::{Browser, PHONE, driven};
use crate::inspection::inspect;
use crate::server::{SAMPLE, choose, choose_first, drawing, labelled, said, saying, serve, slide};
use crate::tables::{all_sort_by_click, rows_below};
use crate::webdriver::RIGHT;

#[test]
fn the_overview_opens_and_its_table_sorts() {
    driven("overview", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        assert!(said(browser).contains("The plan as it is"));
        assert!(all_sort_by_click(browser) >= 2);
        inspect(browser, "overview");
    });
}

#[test]
fn on_a_telephone_the_answer_comes_first_and_stays_in_sight_while_figures_are_turned() {
    driven("overview-phone", |browser| {
        let server = serve(&[SAMPLE]);
        browser.size(PHONE);
        browser.open_served(&server.origin, "/fleet/main?cycle=48");
        let bottom = |selector: &str| {
            let script = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom";
            browser.run_with(script, &serde_json::json!([selector])).as_f64().unwrap()
        };
        assert!(bottom(".tiles") <= 844.0, "the totals end at {}", bottom(".tiles"));
        browser.click(&saying(browser, "Turn figures"));
        slide(browser, "Energy price", 0.8);
        assert!(said(browser).contains("energy price"));
        let verdict = bottom(".verdict");
        assert!((1.0..=844.0).contains(&verdict), "the verdict ends at {verdict}");
        browser.picture("overview-phone-turned");
    });
}

#[test]
fn each_filter_leaves_what_fits_it_and_its_totals() {
    driven("overview-filter", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        for (label, column) in [("class", None), ("site", Some(1)), ("product", Some(0)), ("owner", None)] {
            let all = rows_below(browser, "Cohorts");
            let before = said(browser);
            let value = choose_first(browser, label);
            assert!(browser.address().contains(&format!("{label}=")), "{}", browser.address());
            let shown = rows_below(browser, "Cohorts");
            assert!(!shown.is_empty(), "{label} {value} has cohorts");
            if let Some(column) = column {
                assert!(
                    shown.iter().all(|row| row.split('\t').nth(column) == Some(&value)),
                    "{value}: {shown:?}"
                );
            }
            assert_ne!(said(browser), before, "{label} {value}");
            choose(browser, label, "");
            assert_eq!(rows_below(browser, "Cohorts"), all);
            assert_eq!(said(browser), before, "all is back");
        }
        choose(browser, "site", "Berlin");
        choose(browser, "class", "server");
        inspect(browser, "overview-filter");
    });
}

#[test]
fn a_slider_redraws_totals_calendar_and_fan_and_the_address_holds_the_scenario() {
    driven("overview-slider", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        let (before, calendar, fan) = (said(browser), drawing(browser, "When everything goes"), fan(browser));
        slide(browser, "Refresh cycle", 0.4);
        assert!(browser.address().contains("cycle="), "{}", browser.address());
        assert_ne!(said(browser), before);
        assert_ne!(drawing(browser, "When everything goes"), calendar);
        slide(browser, "Market prices", 0.2);
        assert!(browser.address().contains("market=-"), "{}", browser.address());
        assert_ne!(self::fan(browser), fan);
        assert!(said(browser).contains("against the plan as it is"));
        inspect(browser, "overview-scenario");
        // The way back is as short.
        browser.click(&saying(browser, "As it is"));
        assert_eq!(said(browser), before);
    });
}

/// The drawing of the price of what is named, below the heading with its name.
fn fan(browser: &Browser) -> String {
    let fan = browser.run("return document.querySelector('#fan svg').outerHTML");
    fan.as_str().unwrap().to_owned()
}

#[test]
fn a_slider_moves_by_keyboard() {
    driven("overview-keyboard", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        let slider = labelled(browser, "Energy price", "input[type=range]");
        crate::tables::tab_to(browser, &slider);
        browser.press(&[RIGHT, RIGHT, RIGHT]);
        browser.until("the address holds the price", || browser.address().contains("energy="));
        browser.until("the verdict tells of it", || said(browser).contains("With energy"));
    });
}

#[test]
fn a_link_that_is_passed_on_shows_the_same_numbers_in_a_fresh_browser() {
    driven("overview-link", |browser| {
        let server = serve(&[SAMPLE]);
        browser.open_served(&server.origin, "/");
        choose(browser, "site", "Austin");
        slide(browser, "Refresh cycle", 0.5);
        slide(browser, "Energy price", 0.7);
        let (address, here) = (browser.address(), said(browser));
        let path = address.strip_prefix(&server.origin).unwrap().to_owned();
        driven("overview-link-fresh", |fresh| {
            fresh.open_served(&server.origin, &path);
            assert_eq!(said(fresh), here);
            assert_eq!(drawing(fresh, "When everything goes"), drawing(browser, "When everything goes"));
        });
    });
}
