//! The first screen: the lead, the totals, and in two columns what to do and when everything goes.
//!
//! In: the plan with the prices of its gaps. Out: all that whoever reads one screen must know; what it leaves out stands
//! further down in full.

use maud::{Markup, html};

use super::{Source, findings, quarter, waiting};
use crate::decide::{Action, Total};
use crate::report::document::drawing;
use crate::report::groups;
use crate::report::plot;
use crate::report::words::{clean, counted, interval, whole, whole_with_currency};

/// Rows of the calendar on the first screen.
const FIRST_ROWS: usize = 13;

/// The answer in a few sentences, to be read aloud.
pub(super) fn lead(source: Source<'_>) -> Markup {
    let totals = &source.plan.totals;
    let currency = source.currency();
    let quarter = source.plan.as_of.quarter_name();
    let tasks = quarter::tasks(source);
    let (sold, returned) = (quarter::units(&tasks, false), quarter::units(&tasks, true));
    let saved = totals.saved_against_fixed_cycle;
    let late = waiting::cost_of_waiting(source);
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
            " than the fixed cycle of today, in present value. "
            @if late > 0.0 {
                "A quarter too late everywhere would cost " strong { (whole_with_currency(late, currency)) } ". "
            }
            @if let Some(fix) = findings::paying(source).first() {
                "The fix of data that pays best: " (clean(&fix.title())) ", which recovers "
                strong { (findings::range(fix.adds, currency)) " " (currency) } " for "
                (whole_with_currency(fix.work.major(), currency)) " of work."
            }
        }
    }
}

/// The first screen under the lead, in two columns where there is room: what to do beside when everything goes.
pub(super) fn summary(source: Source<'_>) -> Markup {
    let calendar = plot::calendar_rows(source.plan, source.fleet, source.currency(), FIRST_ROWS);
    html! {
        (tiles(source))
        div .first {
            div {
                (quarter::this_quarter(source))
                (waiting::waiting(source))
                (findings::first_fixes(source))
            }
            div {
                section #calendar {
                    h2 { "When everything goes" }
                    figure { (drawing("When everything goes", calendar)) }
                }
                section #recovery {
                    h2 { "What each quarter brings in" }
                    figure {
                        (drawing("What each quarter brings in", plot::recovery_by_quarter(&source.plan.totals)))
                    }
                }
            }
        }
    }
}

/// Every window, when the first screen has not room for all.
pub(super) fn windows(source: Source<'_>) -> Markup {
    let (plan, fleet, currency) = (source.plan, source.fleet, source.currency());
    let goes = |cohort: usize| plan.cohorts[cohort].decision.action == Action::Go;
    html! {
        @if groups::groups(plan, fleet, currency, goes).len() > FIRST_ROWS {
            section #windows {
                h2 { "When everything goes, in full" }
                figure { (drawing("When everything goes, in full", plot::calendar(plan, fleet, currency))) }
            }
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
        let range = format!("p10–p90 {}", interval(&total.quantiles, currency));
        tile(name, total.expected.major(), range)
    };
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
                "in present value".to_owned(),
            ))
            (tile(
                "Lost by waiting a quarter".to_owned(),
                waiting::cost_of_waiting(source),
                "in present value, all windows".to_owned(),
            ))
            (of_total("Market value today".to_owned(), &totals.value_now))
        }
    }
}

/// The plan held against rules of thumb under the same limits.
pub(super) fn rules(source: Source<'_>) -> Markup {
    let schedule = &source.plan.schedule;
    let currency = source.currency();
    html! {
        @if !schedule.comparisons.is_empty() {
            section #rules {
                h2 { "Against fixed cycles" }
                table {
                    caption { "Present value in " (currency) " of recovery, holding costs and what follows, under the same limits" }
                    thead { tr {
                        th scope="col" { "Rule" } th .number scope="col" { "In all" }
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
}
