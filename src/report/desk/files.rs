//! Files to take away, and work on its way to them.

use maud::{Markup, html};

use super::frame::{Place, page};
use super::shown::Scene;
use super::view::View;
use crate::report::Files;
use crate::report::words::{clean, counted};
use crate::units::Progress;

/// Files of a quick comparison with what is in them.
const QUICK: [(&str, &str); 8] = [
    ("whatif.html", "the comparison as one page that stands alone"),
    ("whatif.xlsx", "a workbook whose sums are formulas"),
    ("summary.csv", "every measure of every scenario beside the base"),
    ("quarters.csv", "money by line and quarter"),
    ("months.csv", "money by line and month"),
    ("departures.csv", "what leaves, when, and what it means for the books"),
    ("beats.csv", "the probability that one scenario beats another"),
    ("manifest.json", "what the run was made from"),
];

/// Milliseconds after which the page of a running job is asked for again.
const AGAIN: u32 = 700;

/// The page of files.
pub(crate) fn files_page(scene: Scene<'_>, view: &View, scenarios: &str) -> String {
    let file = |name: &str| view.address(&format!("{}/files/{name}", scene.path()));
    let job = |kind: &str| view.address(&format!("{}/jobs/{kind}", scene.path()));
    let main = html! {
        section {
            h2 { "Ready now" }
            p { "What " code { "residua whatif --quick" } " writes for "
                (counted(view.scenarios().len() as u64, "scenario")) ": the same bytes." }
            ul .plain {
                @for (name, what) in QUICK { li { a href=(file(name)) download { (name) } ": " (what) } }
            }
        }
        section {
            h2 { "Worked out on demand" }
            form action=(job("drivers")) method="post" {
                p { button { "Work out the drivers" } " What moves the answer most, and where a scenario is as good as the
                    base: what " code { "residua whatif" } " writes. It plans the fleet some hundred times." }
            }
            form action=(job("plan")) method="post" {
                p { button { "Make the report" } " The plan as it is with report.html, plan.csv and all that "
                    code { "residua plan -o" } " writes." }
            }
        }
        section {
            h2 { "The scenarios as a file" }
            p { a href=(file("scenarios.toml")) download { "scenarios.toml" } " for "
                code { "residua whatif --scenarios" } ":" }
            pre tabindex="0" { (scenarios) }
        }
        section {
            h2 { "For programs" }
            p { a href=(view.address(&format!("/api{}/whatif", scene.path()))) { "The same figures as JSON" }
                ", and " a href="/api" { "what else there is to ask" } " (OpenAPI)." }
        }
    };
    page(&format!("{}, files", scene.title()), Place::Files, Some((scene, view)), &main)
}

/// How far a job is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum JobState<'a> {
    /// It waits or goes on.
    Running(Option<Progress>),
    /// Its files.
    Done(&'a Files),
    /// Why there are none.
    Failed(&'a str),
}

/// The page of a job.
pub(crate) fn job_page(name: &str, title: &str, back: &str, state: JobState<'_>) -> String {
    let main = html! {
        p .links { a href=(back) { "Back to the files" } "." }
        @match state {
            JobState::Running(progress) => {
                div data-job=(AGAIN) {
                    @match progress {
                        Some(progress) => {
                            p role="status" { (progress.stage) ": " (progress.done) " of " (progress.total) }
                            progress max=(progress.total.max(1)) value=(progress.done) aria-label=(progress.stage) {}
                        }
                        None => p role="status" { "It waits for its turn." },
                    }
                }
                form action={ "/jobs/" (name) "/cancel" } method="post" { p { button { "Cancel" } } }
                noscript { p { "Load this page again to see how far it is." } }
            }
            JobState::Failed(why) => p { "It ended without files: " (clean(why)) "." },
            JobState::Done(files) => (taken(name, files)),
        }
    };
    page(title, Place::Aside, None, &main)
}

/// Files of a job: pages and workbooks before tables, and drawings, of which there may be hundreds, folded up.
fn taken(job: &str, files: &Files) -> Markup {
    let (drawings, mut others): (Vec<&String>, Vec<&String>) =
        files.keys().partition(|name| name.ends_with(".svg"));
    others.sort_by_key(|name| !(name.ends_with(".html") || name.ends_with(".xlsx")));
    let list = |names: &[&String]| {
        html! {
            ul .plain {
                @for name in names {
                    li {
                        a href={ "/jobs/" (job) "/files/" (name) } download { (name) }
                        span .soft { " " (counted(files[*name].len() as u64, "byte")) }
                    }
                }
            }
        }
    };
    html! {
        p { (counted(files.len() as u64, "file")) ":" }
        (list(&others))
        @if !drawings.is_empty() {
            details {
                summary { (counted(drawings.len() as u64, "drawing")) }
                div .inside { (list(&drawings)) }
            }
        }
    }
}
