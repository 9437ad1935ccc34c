//! What leaves this quarter, line by line.
//!
//! In: the plan. Out: [`Task`]s, one a product, site and way to leave, and a table of those that bring in most, the others
//! folded below them.

use maud::{Markup, html};

use super::{Source, named};
use crate::decide::{Placement, Route};
use crate::report::groups::{self, Group};
use crate::report::words::{counted, span, whole};
use crate::units::{Money, Month};

/// Lines that are seen at once.
const SHOWN: usize = 8;

/// One line of what to do.
pub(super) struct Task {
    group: Group,
    action: &'static str,
    months: String,
    cohort: usize,
}

pub(super) fn tasks(source: Source<'_>) -> Vec<Task> {
    let mut tasks = Vec::new();
    let quarter = source.plan.as_of.quarter_name();
    let leaves_now =
        |placement: &&Placement| placement.month.is_some_and(|month| month.quarter_name() == quarter);
    for action in Route::ALL {
        let placements: Vec<&Placement> = source
            .plan
            .schedule
            .placements
            .iter()
            .filter(leaves_now)
            .filter(|placement| placement.route == Some(action))
            .collect();
        let parts = placements.iter().map(|placement| {
            (placement.cohort, placement.units, placement.recovery.minor() * placement.units as i64)
        });
        for group in groups::groups_of(source.plan, source.fleet, source.currency(), parts) {
            let months = || {
                let of_group =
                    placements.iter().filter(|placement| group.cohorts.contains(&placement.cohort));
                of_group.filter_map(|placement| placement.month)
            };
            let months = match (months().min(), months().max()) {
                (Some(first), Some(last)) => within_quarter(first, last),
                _ => String::new(),
            };
            let cohort = largest(source, &group);
            tasks.push(Task { group, action: action.name(), months, cohort });
        }
    }
    tasks
}

/// The cohort of a group that brings in most.
fn largest(source: Source<'_>, group: &Group) -> usize {
    let recovery = |cohort: &&usize| groups::recovery(source.plan, **cohort).abs();
    // The last of equals is taken by `max_by_key`; the first is wanted.
    group.cohorts.iter().rev().max_by_key(recovery).copied().unwrap_or_default()
}

/// Units of tasks that go back to a lessor, or of the others.
pub(super) fn units(tasks: &[Task], leased: bool) -> u64 {
    let of_kind = tasks.iter().filter(|task| (task.action == Route::LeaseReturn.name()) == leased);
    of_kind.map(|task| task.group.units).sum()
}

pub(super) fn this_quarter(source: Source<'_>) -> Markup {
    let tasks = tasks(source);
    let currency = source.currency();
    let (shown, others) = tasks.split_at(tasks.len().min(SHOWN));
    let (sold, returned) = (units(&tasks, false), units(&tasks, true));
    let rows = |tasks: &[Task]| {
        html! {
            @for task in tasks {
                tr {
                    (named(task.cohort, &task.group))
                    td .number { (task.group.units) }
                    td { (task.action) ", " (task.months) }
                    td .number { (whole(task.group.recovery.major(), currency)) }
                }
            }
        }
    };
    let head = html! {
        thead { tr {
            th scope="col" { "What leaves in " (source.plan.as_of.quarter_name()) } th .number scope="col" { "Units" }
            th scope="col" { "How, when" } th .number scope="col" { "Net " (currency) }
        } }
    };
    html! {
        section #quarter {
            h2 {
                "This quarter: " (counted(sold, "unit")) (if sold == 1 { " goes" } else { " go" })
                @if returned > 0 { ", " (returned) (if returned == 1 { " goes back" } else { " go back" }) }
            }
            @if tasks.is_empty() {
                p { "Nothing has to leave in " (source.plan.as_of.quarter_name()) "." }
            } @else {
                div .wide tabindex="0" role="region" aria-label="This quarter" {
                    table .brief { (head) tbody { (rows(shown)) } }
                }
                @if !others.is_empty() {
                    details {
                        summary { (counted(others.len() as u64, "more line")) ", " (sum_of(others, source)) " together" }
                        div .inside {
                            div .wide tabindex="0" role="region" aria-label="More of this quarter" {
                                table .brief { (head) tbody { (rows(others)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Months of one quarter, without the year that its name says: `Nov–Dec`.
fn within_quarter(first: Month, last: Month) -> String {
    let months = span(first, last);
    months.rsplit_once(' ').map_or(months.clone(), |(names, _)| names.to_owned())
}

fn sum_of(tasks: &[Task], source: Source<'_>) -> Money {
    let minor = tasks.iter().map(|task| task.group.recovery.minor()).sum();
    Money::from_minor(minor, source.currency())
}
