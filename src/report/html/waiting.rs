//! What is lost when windows are missed by a quarter.
//!
//! In: the plan. Out: what each product and site would lose, the dearest first: lost price and the cost of keeping what
//! should have gone, in present value.

use maud::{Markup, html};

use super::{Source, named};
use crate::report::groups::{self, Group};
use crate::report::words::{counted, whole};
use crate::units::Month;

/// Lines that are seen at once, and those folded below them.
const SHOWN: usize = 4;
const FOLDED: usize = 20;

/// Cohorts of one product and site that lose money when their windows are missed.
struct Delay {
    group: Group,
    /// The earliest end of a window among them.
    until: Month,
    /// What a quarter costs all of them.
    quarter: f64,
}

/// Delays, the dearest first. Expected costs add up; their ranges would not, so none is given.
fn delays(source: Source<'_>) -> Vec<Delay> {
    let plan = source.plan;
    let decision = |cohort: usize| &plan.cohorts[cohort].decision;
    let waits = |cohort: usize| decision(cohort).waiting.is_some() && decision(cohort).window.is_some();
    let late = |cohort: usize| {
        decision(cohort).waiting.map_or(0.0, |waiting| waiting.one_quarter.mean)
            * plan.cohorts[cohort].cohort.units as f64
    };
    let mut delays: Vec<Delay> = groups::groups(plan, source.fleet, source.currency(), waits)
        .into_iter()
        .filter_map(|mut group| {
            group.cohorts.sort_by(|a, b| late(*b).total_cmp(&late(*a)).then(a.cmp(b)));
            let ends = group.cohorts.iter().filter_map(|cohort| decision(*cohort).window);
            let until = ends.map(|(_, last)| last).min()?;
            let quarter = group.cohorts.iter().map(|cohort| late(*cohort).max(0.0)).sum();
            Some(Delay { group, until, quarter })
        })
        .collect();
    delays.sort_by(|a, b| b.quarter.total_cmp(&a.quarter).then_with(|| a.group.name().cmp(&b.group.name())));
    delays
}

/// What missing every window by a quarter would cost.
pub(super) fn cost_of_waiting(source: Source<'_>) -> f64 {
    delays(source).iter().map(|delay| delay.quarter).sum()
}

pub(super) fn waiting(source: Source<'_>) -> Markup {
    let currency = source.currency();
    let delays = delays(source);
    let most = delays.len().min(SHOWN + FOLDED);
    let (shown, folded) = delays[..most].split_at(most.min(SHOWN));
    let table = |delays: &[Delay]| {
        html! {
            table .brief {
                thead { tr {
                    th scope="col" { "What loses most" } th .number scope="col" { "Units" }
                    th scope="col" { "Go by" } th .number scope="col" { "Lost " (currency) }
                } }
                tbody {
                    @for delay in delays {
                        tr {
                            (named(delay.group.cohorts[0], &delay.group))
                            td .number { (delay.group.units) }
                            td { (delay.until.short()) }
                            td .number { (whole(delay.quarter, currency)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        section #waiting {
            h2 { "What a quarter too late costs" }
            @if delays.is_empty() { p { "Nothing has a window that could be missed." } }
            @else {
                div .wide tabindex="0" role="region" aria-label="What a quarter too late costs" { (table(shown)) }
            }
            @if !folded.is_empty() {
                details {
                    summary { (counted((delays.len() - shown.len()) as u64, "more line")) "" }
                    div .inside {
                        p { "Lost price and the cost of keeping what should have gone, in present value." }
                        div .wide tabindex="0" role="region" aria-label="More of what waiting costs" { (table(folded)) }
                        @if delays.len() > most {
                            p .soft { "And " (counted((delays.len() - most) as u64, "more line")) "; all cohorts are below." }
                        }
                    }
                }
            }
        }
    }
}
