//! The report: one page that stands alone.
//!
//! In: a plan with what it was made from and what the gaps in its data cost. Out: HTML with its style, drawings and a
//! script of our own inside; it asks nothing of the network. First screen: what to do this quarter and what that brings
//! in, when everything goes, what each quarter brings in, what the fixed cycle and waiting would cost, what to fix in the
//! data. Then a table of all cohorts, then the cohorts with most money one by one ([`cohort`]).
//!
//! A fleet may have thousands of cohorts. Those with most money are written and drawn in full, up to a budget in bytes;
//! of all of them a compact block of JSON ([`data`]) says the rest, from which the script fills the table, finds every
//! asset and draws what is asked for. Without the script the page says where the rest is.

mod basis;
mod cohort;
mod data;
mod findings;
mod index;
mod replace;
mod summary;
mod what_if;

pub use replace::replace_html;
pub use what_if::what_if_html;
pub(super) use what_if::{difference, what_if_main};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words::counted;
use crate::catalog::Catalog;
use crate::decide::{GapPrices, Plan, Policy, Setting};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::units::Currency;

/// What every part of the page is made from.
#[derive(Clone, Copy)]
struct Source<'a> {
    plan: &'a Plan,
    fleet: &'a Fleet,
    catalog: &'a Catalog,
    policy: &'a Policy,
    models: &'a Models,
    prices: &'a GapPrices,
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
    let source = Source { plan, fleet, catalog, policy, models, prices };
    let title = format!(
        "What to let go, when, and what it brings in: {}, {}",
        counted(fleet.assets.len() as u64, "asset"),
        plan.as_of.short()
    );
    let order = index::by_money(source);
    let (sections, written) = cohort::sections(source, &order);
    let main = html! {
        (summary::summary(source))
        (findings::findings(source))
        (index::index(source, &order))
        (sections)
        (basis::basis(source))
        (data::block(source, &order, written))
    };
    page(&title, &html! { (summary::lead(source)) (contents()) }, &main)
}

/// What is wrong with the data, as a part of another page.
pub(super) fn findings_part(plan: &Plan, fleet: &Fleet, setting: &Setting, prices: &GapPrices) -> Markup {
    let (catalog, policy, models) = (&setting.catalog, &setting.policy, &setting.models);
    findings::findings(Source { plan, fleet, catalog, policy, models, prices })
}

/// A page that stands alone: its style and script inside, the heading with what follows it, then the rest.
fn page(title: &str, below_heading: &Markup, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(include_str!("page.css"))) }
            }
            body {
                a .skip href="#main" { "Skip to the content" }
                header {
                    h1 { (title) }
                    (below_heading)
                }
                main #main tabindex="-1" { (main) }
                script { (PreEscaped(concat!(include_str!("tables.js"), include_str!("page.js")))) }
            }
        }
    };
    page.into_string()
}

fn contents() -> Markup {
    let places = [
        ("quarter", "This quarter"),
        ("calendar", "Calendar"),
        ("recovery", "By quarter"),
        ("waiting", "Waiting"),
        ("findings", "Data"),
        ("plan", "All cohorts"),
        ("cohorts", "One by one"),
        ("basis", "What it rests on"),
    ];
    html! {
        nav .screen aria-label="Contents" {
            @for (place, name) in places { a href={ "#" (place) } { (name) } " " }
        }
    }
}
