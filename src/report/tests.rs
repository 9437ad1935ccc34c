//! A small fleet through every drawing and the whole page.

use std::fmt::Write;

use super::*;
use crate::catalog::{self, Catalog, Matcher};
use crate::decide::{self, GapPrices, Plan, PlanInput, Policy};
use crate::fleet::{self, Fleet};
use crate::price::Models;
use crate::units::Month;

const REGISTER: &str = "\
asset_id,class,manufacturer,model,purchase_date,purchase_cost,currency,site,status,warranty_end,lease_end,ownership
A1,laptop,Dell,Latitude 5420,2021-06-01,1100,USD,Austin,in use,2027-06-01,,owned
A2,laptop,Dell,Latitude 5420,2021-06-01,1100,USD,Austin,in use,2027-06-01,,owned
A3,gpu,NVIDIA,A100 PCIe 40GB,2021-04-01,10000,USD,\"R&D \"\"<b>\"\" lab\",in use,2024-04-01,,owned
A4,monitor,Acme,\"<script>alert('x')</script> \u{202e}view\",2023-02-01,400,USD,Austin,in stock,2026-12-01,,owned
A5,laptop,Lenovo,ThinkPad T14 Gen 4,2024-04-01,1300,USD,Austin,in use,2027-04-01,2027-03-31,leased
A6,printer,Acme,Inkwell,,,,Austin,in use,,,owned
";

struct Sample {
    plan: Plan,
    fleet: Fleet,
    catalog: Catalog,
    policy: Policy,
    models: Models,
    prices: GapPrices,
}

fn sample() -> Sample {
    sample_of(REGISTER, Policy::built_in())
}

fn sample_of(register: &str, policy: Policy) -> Sample {
    let catalog = catalog::built_in().unwrap();
    let matcher = Matcher::new(&catalog);
    let models = Models::built_in().unwrap();
    let as_of: Month = "2026-11".parse().unwrap();
    let options = policy.read_options(as_of);
    let fleet = fleet::read_text("register.csv", register.as_bytes(), &options).unwrap();
    let input = PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &matcher,
        models: &models,
        policy: &policy,
        as_of,
    };
    let plan = decide::plan(&input).unwrap();
    let prices = decide::price_gaps(&input, &plan).unwrap();
    Sample { plan, fleet, catalog, policy, models, prices }
}

impl Sample {
    fn page(&self) -> String {
        report_html(&self.plan, &self.fleet, &self.catalog, &self.policy, &self.models, &self.prices)
    }

    fn page_within(&self, most_bytes: usize) -> String {
        let Sample { plan, fleet, catalog, policy, models, prices } = self;
        html::report_within(most_bytes, html::Source { plan, fleet, catalog, policy, models, prices })
    }

    fn fan(&self, label: &str) -> String {
        let planned = self.plan.cohorts.iter().find(|planned| planned.cohort.label.contains(label)).unwrap();
        forecast_fan(planned, &self.plan, &self.fleet, &self.catalog, &self.policy).unwrap()
    }

    fn drawings(&self) -> Vec<String> {
        let mut all = vec![
            calendar(&self.plan, &self.fleet, self.policy.currency),
            recovery_by_quarter(&self.plan.totals),
        ];
        for planned in &self.plan.cohorts {
            all.extend(forecast_fan(planned, &self.plan, &self.fleet, &self.catalog, &self.policy));
            all.push(waterfall(&planned.decision.waterfall));
        }
        all
    }
}

/// Whether every element that opens closes, in the right order.
fn is_balanced(markup: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for piece in markup.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') && !["!DOCTYPE", "meta", "input"].contains(&name) {
            open.push(name);
        }
    }
    open.is_empty()
}

/// The page without its style and script, whose text is not markup.
fn markup_of(page: &str) -> String {
    let (before, after) = page.split_once("<style>").unwrap();
    let (_, rest) = after.split_once("</style>").unwrap();
    let (body, _) = rest.rsplit_once("<script>").unwrap();
    format!("{before}{body}</body></html>")
}

#[test]
fn every_drawing_is_whole_and_holds_no_strange_number_and_no_id() {
    for svg in sample().drawings() {
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && is_balanced(&svg), "{svg}");
        assert!(svg.contains("<title>") && !svg.contains(" id="), "{svg}");
        for strange in ["NaN", "inf\"", "inf,", "inf ", "e+", "\u{202e}"] {
            assert!(!svg.contains(strange), "{strange} in {svg}");
        }
    }
}

#[test]
fn no_coordinate_leaves_the_sheet() {
    for svg in sample().drawings() {
        for (name, most) in [(" x=\"", 760.0), (" cx=\"", 760.0)] {
            for piece in svg.split(name).skip(1) {
                let place: f64 = piece.split('"').next().unwrap().parse().unwrap();
                assert!((0.0..=most).contains(&place), "{place} in {svg}");
            }
        }
    }
}

#[test]
fn a_fan_names_its_lines_its_window_and_its_events() {
    let fan = sample().fan("Latitude 5420");
    for text in [
        "USD per unit",
        "median price",
        "book value",
        "window ",
        "best ",
        "warranty end Jun 2027",
        "Before: ",
    ] {
        assert!(fan.contains(text), "{text} in {fan}");
    }
}

#[test]
fn a_lease_end_is_drawn_and_no_window_is_claimed() {
    let fan = sample().fan("T14 Gen 4");
    assert!(fan.contains("lease end Mar 2027") && !fan.contains("window "), "{fan}");
}

#[test]
fn a_name_from_the_register_stays_text() {
    let sample = sample();
    let page = sample.page();
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
    assert!(!page.contains("<b>") && !page.contains('\u{202e}'));
    assert!(sample.drawings().iter().all(|svg| !svg.contains("<script") && !svg.contains("<b>")));
}

#[test]
fn the_page_is_whole_and_asks_nothing_of_the_network() {
    let sample = sample();
    let page = sample.page();
    assert!(is_balanced(&markup_of(&page)));
    // Sources of public prices are told as text and asked of nobody.
    for outside in ["src=", "@import", "url(", "<link", "href=\"http", "fetch("] {
        assert!(!page.contains(outside), "{outside}");
    }
    let with_forecast = sample.plan.cohorts.iter().filter(|planned| planned.forecast.is_some()).count();
    assert_eq!(markup_of(&page).matches("<details class=\"cohort\" id=\"cohort-").count(), with_forecast);
}

#[test]
fn the_sections_of_cohorts_leave_room_for_the_data_and_keep_the_whole_page_to_its_bytes() {
    let mut register = REGISTER.to_owned();
    for number in 0..30 {
        // Long ids make a long data block, which the sections of the page must make room for.
        let id = format!("{number}-{}", "x".repeat(2_000));
        let _ = writeln!(
            register,
            "{id},laptop,Dell,Latitude 5420,2021-06-01,1100,USD,Site {number},in use,2027-06-01,,owned"
        );
    }
    let sample = sample_of(&register, Policy::built_in());
    let page_in = |bytes| sample.page_within(bytes);
    let sections = |page: &str| markup_of(page).matches("<details class=\"cohort\" id=").count();
    let (least, most) = (page_in(0), page_in(usize::MAX));
    assert_eq!((sections(&least), sections(&most)), (3, 34));
    let mut before = 0;
    for share in [0.2, 0.4, 0.6, 0.8] {
        let bytes = least.len() + (share * (most.len() - least.len()) as f64) as usize;
        let page = page_in(bytes);
        assert!(page.len() <= bytes && page.len() + 60_000 > bytes, "{} of {bytes}", page.len());
        assert!(sections(&page) > before, "{share}");
        before = sections(&page);
        assert!(page.contains("open with a small drawing when chosen"), "what is left out is told");
    }
}

#[test]
fn every_drawing_stands_in_a_box_that_the_keyboard_reaches_and_that_says_what_it_holds() {
    let page = sample().page();
    let markup = markup_of(&page);
    let boxed =
        markup.matches("<figure><div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"").count();
    assert_eq!(boxed, markup.matches("<svg ").count());
    assert!(boxed > 4);
}

#[test]
fn every_link_has_its_place_or_leads_to_a_cohort_that_the_script_draws() {
    let sample = sample();
    let page = sample.page();
    for piece in markup_of(&page).split("href=\"#").skip(1) {
        let place = piece.split('"').next().unwrap();
        let cohort = place.strip_prefix("cohort-").and_then(|number| number.parse::<usize>().ok());
        let drawn = cohort.is_some_and(|cohort| cohort < sample.plan.cohorts.len());
        let times = page.matches(&format!("id=\"{place}\"")).count();
        assert!(times == 1 || times == 0 && drawn, "{place} stands {times} times");
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let (first, second) = (sample(), sample());
    assert_eq!(first.drawings(), second.drawings());
    assert_eq!(first.page(), second.page());
}
