//! The report: one page that stands alone.
//!
//! In: a plan with what it was made from and what the gaps in its data cost. Out: HTML with its style, drawings and a
//! script of our own inside; it asks nothing of the network. First screen ([`summary`]): what to do this quarter and what that
//! brings in, when everything goes, what each quarter brings in, what the fixed cycle and waiting would cost, what to fix in
//! the data. Then a table of all cohorts, then the cohorts with most money one by one ([`cohort`]).
//!
//! A fleet may have thousands of cohorts. Those with most money are written and drawn in full, as many as keep the whole page
//! within [`MOST_BYTES`]; of all of them a compact block of JSON ([`data`]) says the rest, from which the script fills the
//! table, finds every asset and draws what is asked for. Without the script the page says where the rest is.

mod basis;
mod cohort;
mod data;
mod findings;
mod index;
mod quarter;
mod replace;
mod summary;
mod waiting;
mod what_if;

pub use replace::replace_html;
pub use what_if::what_if_html;
pub(super) use what_if::{difference, what_if_main};

use maud::{Markup, PreEscaped, html};

use super::document::Document;
use super::groups::Group;
use super::words::{clean, counted};
use crate::catalog::Catalog;
use crate::decide::{GapPrices, Plan, Policy, Setting};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::units::Currency;

/// Bytes of the whole page, as far as the script can draw the rest: less than 2 MB.
const MOST_BYTES: usize = 1_950_000;

/// What every part of the page is made from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) plan: &'a Plan,
    pub(super) fleet: &'a Fleet,
    pub(super) catalog: &'a Catalog,
    pub(super) policy: &'a Policy,
    pub(super) models: &'a Models,
    pub(super) prices: &'a GapPrices,
}

impl Source<'_> {
    fn currency(&self) -> Currency {
        self.policy.currency
    }
}

/// Writes the report of a plan. `policy` and `models` must be those the plan was made with, `prices` those of its gaps.
pub fn report_html(
    plan: &Plan,
    fleet: &Fleet,
    catalog: &Catalog,
    policy: &Policy,
    models: &Models,
    prices: &GapPrices,
) -> String {
    report_within(MOST_BYTES, Source { plan, fleet, catalog, policy, models, prices })
}

/// The report in so many bytes, as far as leaving out sections of cohorts can keep to them.
pub(super) fn report_within(most_bytes: usize, source: Source<'_>) -> String {
    let (plan, fleet) = (source.plan, source.fleet);
    let title = format!(
        "What to let go, when, and what it brings in: {}, {}",
        counted(fleet.assets_in() as u64, "asset"),
        plan.as_of.short()
    );
    let order = index::by_money(source);
    let below_heading = html! { (summary::lead(source)) (contents(source)) };
    let before = html! {
        (summary::summary(source))
        div .split { (summary::windows(source)) (summary::rules(source)) }
        (findings::findings(source))
        (index::index(source, &order))
    };
    let after = html! { (basis::basis(source)) (data::block(source, &order)) };
    let with_sections =
        |sections: &Markup| page(&title, &below_heading, &html! { (before) (sections) (after) });
    // Everything is counted that a page without sections has, its data first of all.
    let room = most_bytes.saturating_sub(with_sections(&html! {}).len());
    with_sections(&cohort::sections(source, &order, room))
}

/// The head of a row that names a product and its site, with the way to a cohort of it.
fn named(cohort: usize, group: &Group) -> Markup {
    html! {
        th scope="row" {
            a href={ "#cohort-" (cohort) } { (clean(&group.label)) }
            @if let Some(site) = &group.site { ", " (clean(site)) }
        }
    }
}

/// What is wrong with the data, as a part of another page.
pub(super) fn findings_part(plan: &Plan, fleet: &Fleet, setting: &Setting, prices: &GapPrices) -> Markup {
    let (catalog, policy, models) = (&setting.catalog, &setting.policy, &setting.models);
    findings::findings(Source { plan, fleet, catalog, policy, models, prices })
}

/// A page that stands alone: its style and script inside, the heading with what follows it, then the rest.
fn page(title: &str, below_heading: &Markup, main: &Markup) -> String {
    let script = concat!(include_str!("tables.js"), include_str!("page.js"));
    let page = Document {
        title,
        after_title: "",
        head: html! { style { (PreEscaped(include_str!("page.css"))) } },
        class: None,
        above_heading: html! {},
        below_heading,
        main,
        end: html! { script { (PreEscaped(script)) } },
    };
    page.page()
}

fn contents(source: Source<'_>) -> Markup {
    let has_rules = !source.plan.schedule.comparisons.is_empty();
    let places = [
        ("quarter", "This quarter"),
        ("calendar", "Calendar"),
        ("recovery", "By quarter"),
        ("waiting", "Waiting"),
        ("rules", "Fixed cycles"),
        ("findings", "Data"),
        ("plan", "All cohorts"),
        ("cohorts", "One by one"),
        ("basis", "What it rests on"),
    ];
    html! {
        nav .screen aria-label="Contents" {
            @for (place, name) in places {
                @if place != "rules" || has_rules { a href={ "#" (place) } { (name) } " " }
            }
        }
    }
}
