//! The report: one page that stands alone.
//!
//! In: a plan with what it was made from. Out: HTML with its style, drawings and a few lines of script inside; it
//! asks nothing of the network and says everything without the script, which only sorts and filters. First what to
//! do this quarter and what it brings in, then when everything goes, then what is wrong with the data, then every
//! cohort by itself.

mod basis;
mod cohorts;
mod findings;
mod replace;
mod summary;
mod what_if;

pub use replace::replace_html;
pub use what_if::what_if_html;
pub(super) use what_if::what_if_main;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words::counted;
use crate::catalog::Catalog;
use crate::decide::{Plan, Policy};
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
}

impl Source<'_> {
    fn currency(&self) -> Currency {
        self.policy.currency
    }
}

/// Writes the report of a plan. `policy` and `models` must be those the plan was made with.
pub fn report_html(
    plan: &Plan,
    fleet: &Fleet,
    catalog: &Catalog,
    policy: &Policy,
    models: &Models,
) -> String {
    let source = Source { plan, fleet, catalog, policy, models };
    let title = format!(
        "What to let go, when, and what it brings in: {}, {}",
        counted(fleet.assets.len() as u64, "asset"),
        plan.as_of.short()
    );
    let main = html! {
        (summary::summary(source))
        (findings::findings(source))
        (cohorts::index(source))
        (cohorts::sections(source))
        (basis::basis(source))
    };
    page(&title, &contents(), &main)
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
                header {
                    h1 { (title) }
                    (below_heading)
                }
                main { (main) }
                script { (PreEscaped(include_str!("page.js"))) }
            }
        }
    };
    page.into_string()
}

fn contents() -> Markup {
    let places = [
        ("quarter", "This quarter"),
        ("calendar", "Calendar"),
        ("waiting", "Waiting"),
        ("findings", "Data"),
        ("plan", "All cohorts"),
        ("cohorts", "One by one"),
        ("basis", "What it rests on"),
    ];
    html! {
        nav .screen aria-label="Contents" {
            @for (position, (place, name)) in places.iter().enumerate() {
                @if position > 0 { " · " }
                a href={ "#" (place) } { (name) }
            }
        }
    }
}
