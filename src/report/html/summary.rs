//! The first screen: what to do this quarter, what everything brings in and when, and what waiting costs.

use maud::{Markup, PreEscaped, html};

use super::Source;
use crate::decide::{Placement, Route, Total};
use crate::report::groups::{self, Group};
use crate::report::plot;
use crate::report::words::{clean, counted, interval, span, whole, whole_with_currency};
use crate::units::{Money, Month};

/// Rows of a table on the first screen; the others are folded away or counted.
const MOST_ROWS: usize = 10;

/// The answer in two sentences, to be read aloud.
pub(super) fn lead(source: Source<'_>) -> Markup {
    let totals = &source.plan.totals;
    let currency = source.currency();
    let quarter = source.plan.as_of.quarter_name();
    let tasks = tasks(source);
    let (sold, returned) = (units(&tasks, false), units(&tasks, true));
    let saved = totals.saved_against_fixed_cycle;
    let word = if saved >= 0.0 { "more" } else { "less" };
    html! {
        p .lead {
            @match totals.by_quarter.get(&quarter) {
                Some(total) => {
                    "In " (quarter) ", let " strong { (counted(sold, "unit")) " go" }
                    @if returned > 0 { " and give " (returned) " back" }
                    ": that brings in " strong { (whole_with_currency(total.expected.major(), currency)) }
                    " net, with 80 % probability between " (whole(total.quantiles.p10, currency)) " and "
                    (whole(total.quantiles.p90, currency)) ". "
                }
                None => { "In " (quarter) " nothing has to be sold"
                    @if returned > 0 { "; " (counted(returned, "leased unit")) " go back" } ". " }
            }
            "This plan is worth " strong { (whole_with_currency(saved.abs(), currency)) } " " (word)
            " than the fixed cycle of today, in present value."
        }
    }
}

pub(super) fn summary(source: Source<'_>) -> Markup {
    let drawing = plot::calendar(source.plan, source.fleet, source.currency());
    html! {
        (tiles(source))
        div .pair {
            section #quarter { (this_quarter(source)) }
            section #calendar {
                h2 { "When everything goes" }
                figure { (PreEscaped(drawing)) }
            }
        }
        div .pair {
            section #recovery {
                h2 { "What each quarter brings in" }
                figure { (PreEscaped(plot::recovery_by_quarter(&source.plan.totals))) }
                (rules(source))
            }
            section #waiting { (waiting(source)) }
        }
    }
}

fn tiles(source: Source<'_>) -> Markup {
    let totals = &source.plan.totals;
    let currency = source.currency();
    let quarter = source.plan.as_of.quarter_name();
    let tile = |name: String, amount: f64, range: String| {
        html! {
            li {
                span .name { (name) }
                span .amount { (whole(amount, currency)) " " small { (currency) } }
                span .range { (range) }
            }
        }
    };
    let of_total = |name: String, total: &Total| {
        let range =
            format!("p10–p90 {}; {}", interval(&total.quantiles, currency), counted(total.units, "unit"));
        tile(name, total.expected.major(), range)
    };
    let late: f64 = delays(source).iter().map(|delay| delay.quarter.max(0.0)).sum();
    html! {
        ul .tiles {
            @match totals.by_quarter.get(&quarter) {
                Some(total) => (of_total(format!("Net recovery in {quarter}"), total)),
                None => (tile(format!("Net recovery in {quarter}"), 0.0, "nothing leaves".to_owned())),
            }
            (of_total("Net recovery, all quarters".to_owned(), &totals.recovery))
            (tile(
                "Saved against the fixed cycle".to_owned(),
                totals.saved_against_fixed_cycle,
                "present value, against leaving at the policy's refresh age".to_owned(),
            ))
            (tile(
                "Lost by waiting a quarter".to_owned(),
                late,
                "present value, if every window were missed by a quarter".to_owned(),
            ))
            (of_total("Market value today".to_owned(), &totals.value_now))
        }
    }
}

/// The plan held against rules of thumb under the same limits.
fn rules(source: Source<'_>) -> Markup {
    let schedule = &source.plan.schedule;
    let currency = source.currency();
    html! {
        @if !schedule.comparisons.is_empty() {
            h3 { "Against fixed cycles" }
            table {
                caption { "Present value in " (currency) " of recovery, holding costs and what follows, under the same limits" }
                thead { tr {
                    th scope="col" { "Rule" } th .number scope="col" { "Worth" }
                    th .number scope="col" { "This plan is better by" }
                } }
                tbody {
                    tr .chosen {
                        th scope="row" { "This plan" } td .number { (whole(schedule.objective, currency)) } td .number { "–" }
                    }
                    @for (position, rule) in schedule.comparisons.iter().enumerate() {
                        tr {
                            th scope="row" {
                                (clean(&rule.rule)) @if position == 0 { " (the cycle of today)" }
                            }
                            td .number { (whole(rule.value, currency)) }
                            td .number { (whole(schedule.objective - rule.value, currency)) }
                        }
                    }
                }
            }
        }
    }
}

/// One line of what to do.
struct Task {
    group: Group,
    action: &'static str,
    months: String,
    cohort: usize,
}

fn tasks(source: Source<'_>) -> Vec<Task> {
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
                (Some(first), Some(last)) => span(first, last),
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
fn units(tasks: &[Task], leased: bool) -> u64 {
    let of_kind = tasks.iter().filter(|task| (task.action == Route::LeaseReturn.name()) == leased);
    of_kind.map(|task| task.group.units).sum()
}

fn this_quarter(source: Source<'_>) -> Markup {
    let tasks = tasks(source);
    let currency = source.currency();
    let (shown, others) = tasks.split_at(tasks.len().min(MOST_ROWS));
    let (sold, returned) = (units(&tasks, false), units(&tasks, true));
    let rows = |tasks: &[Task]| {
        html! {
            @for task in tasks {
                tr {
                    th scope="row" { a href={ "#cohort-" (task.cohort) } { (clean(&task.group.label)) } }
                    td { (clean(task.group.site.as_deref().unwrap_or("–"))) }
                    td .number { (task.group.units) }
                    td { (task.action) }
                    td { (task.months) }
                    td .number { (whole(task.group.recovery.major(), currency)) }
                }
            }
        }
    };
    let head = html! {
        thead { tr {
            th scope="col" { "Product" } th scope="col" { "Site" } th .number scope="col" { "Units" }
            th scope="col" { "How" } th scope="col" { "When" } th .number scope="col" { "Net " (currency) }
        } }
    };
    html! {
        h2 {
            "This quarter: " (counted(sold, "unit")) " to let go" @if returned > 0 { ", " (returned) " to give back" }
        }
        @if tasks.is_empty() {
            p { "Nothing has to leave in " (source.plan.as_of.quarter_name()) "." }
        } @else {
            div .wide tabindex="0" role="region" aria-label="This quarter" {
                table {
                    caption { "What leaves in " (source.plan.as_of.quarter_name()) ", by recovery; expected amounts" }
                    (head)
                    tbody { (rows(shown)) }
                }
            }
            @if !others.is_empty() {
                details {
                    summary { (counted(others.len() as u64, "more line")) ", " (sum_of(others, source)) " together" }
                    div .inside { div .wide tabindex="0" role="region" aria-label="More of this quarter" { table { (head) tbody { (rows(others)) } } } }
                }
            }
        }
    }
}

fn sum_of(tasks: &[Task], source: Source<'_>) -> Money {
    let minor = tasks.iter().map(|task| task.group.recovery.minor()).sum();
    Money::from_minor(minor, source.currency())
}

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

fn waiting(source: Source<'_>) -> Markup {
    let currency = source.currency();
    let delays = delays(source);
    let all: f64 = delays.iter().map(|delay| delay.quarter).sum();
    html! {
        h2 { "What waiting costs" }
        p {
            "Missing every window by a quarter would cost " strong { (whole_with_currency(all, currency)) }
            " in present value: lost price and the cost of keeping what should have gone."
        }
        @if !delays.is_empty() {
            div .wide tabindex="0" role="region" aria-label="What waiting costs" {
                table {
                    caption { "Those that lose most when they leave a quarter after their window, expected amounts" }
                    thead { tr {
                        th scope="col" { "Product" } th scope="col" { "Site" } th .number scope="col" { "Units" }
                        th scope="col" { "First window ends" } th .number scope="col" { "Quarter late, " (currency) }
                    } }
                    tbody {
                        @for delay in delays.iter().take(MOST_ROWS) {
                            tr {
                                th scope="row" {
                                    a href={ "#cohort-" (delay.group.cohorts[0]) } { (clean(&delay.group.label)) }
                                }
                                td { (clean(delay.group.site.as_deref().unwrap_or("–"))) }
                                td .number { (delay.group.units) }
                                td { (delay.until.short()) }
                                td .number { (whole(delay.quarter, currency)) }
                            }
                        }
                    }
                }
            }
            @if delays.len() > MOST_ROWS {
                p .soft { "And " (counted((delays.len() - MOST_ROWS) as u64, "more group")) "; all cohorts are below." }
            }
        }
    }
}
