//! The first screen: what to do this quarter, what everything brings in and when, and what waiting costs.

use maud::{Markup, PreEscaped, html};

use super::Source;
use crate::decide::{Placement, Route, Total};
use crate::report::groups::{self, Group};
use crate::report::plot;
use crate::report::words::{clean, counted, interval, span, whole, whole_with_currency};
use crate::units::{Money, Month};

/// Rows of a table on the first screen; the others are counted.
const MOST_ROWS: usize = 12;

pub(super) fn summary(source: Source<'_>) -> Markup {
    let drawing = plot::calendar(source.plan, source.fleet, source.currency());
    html! {
        (tiles(source))
        section #quarter { (this_quarter(source)) }
        section #calendar {
            h2 { "When everything goes" }
            figure { (PreEscaped(drawing)) }
            h3 { "What each quarter brings in" }
            figure { (PreEscaped(plot::recovery_by_quarter(&source.plan.totals))) }
        }
        section #waiting { (waiting(source)) }
    }
}

fn tiles(source: Source<'_>) -> Markup {
    let totals = &source.plan.totals;
    let currency = source.currency();
    let quarter = source.plan.as_of.quarter_name();
    let tile = |name: String, amount: String, range: String| {
        html! { li { span .name { (name) } span .amount { (amount) } span .range { (range) } } }
    };
    let of_total = |name: String, total: &Total| {
        let range =
            format!("{} (8 in 10), {}", interval(&total.quantiles, currency), counted(total.units, "unit"));
        tile(name, whole_with_currency(total.expected.major(), currency), range)
    };
    html! {
        ul .tiles {
            @match totals.by_quarter.get(&quarter) {
                Some(total) => (of_total(format!("Brought in this quarter, {quarter}"), total)),
                None => (tile(
                    format!("Brought in this quarter, {quarter}"),
                    whole_with_currency(0.0, currency),
                    "nothing leaves".to_owned(),
                )),
            }
            (of_total("Net recovery, all quarters".to_owned(), &totals.recovery))
            (of_total("Market value today".to_owned(), &totals.value_now))
            (tile(
                "Saved against the fixed cycle".to_owned(),
                whole_with_currency(totals.saved_against_fixed_cycle, currency),
                "present value, against leaving at the refresh age".to_owned(),
            ))
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
            let cohort = group.cohorts[0];
            tasks.push(Task { group, action: action.name(), months, cohort });
        }
    }
    tasks
}

fn this_quarter(source: Source<'_>) -> Markup {
    let tasks = tasks(source);
    let currency = source.currency();
    let (shown, others) = tasks.split_at(tasks.len().min(MOST_ROWS));
    let units_by = |leased: bool| -> u64 {
        tasks
            .iter()
            .filter(|task| (task.action == Route::LeaseReturn.name()) == leased)
            .map(|task| task.group.units)
            .sum()
    };
    let (sold, returned) = (units_by(false), units_by(true));
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
            "This quarter: " (counted(sold, "unit")) " to sell or recycle"
            @if returned > 0 { ", " (returned) " to give back" }
        }
        @if tasks.is_empty() {
            p { "Nothing has to leave in " (source.plan.as_of.quarter_name()) "." }
        } @else {
            div .wide tabindex="0" {
                table {
                    caption { "What leaves in " (source.plan.as_of.quarter_name()) ", by recovery; expected amounts" }
                    (head)
                    tbody { (rows(shown)) }
                }
            }
            @if !others.is_empty() {
                details {
                    summary { (counted(others.len() as u64, "more line")) ", " (sum_of(others, source)) " together" }
                    div .inside { div .wide tabindex="0" { table { (head) tbody { (rows(others)) } } } }
                }
            }
        }
    }
}

fn sum_of(tasks: &[Task], source: Source<'_>) -> Money {
    let minor = tasks.iter().map(|task| task.group.recovery.minor()).sum();
    Money::from_minor(minor, source.currency())
}

/// A cohort that loses money when its window is missed.
struct Delay {
    cohort: usize,
    until: Month,
    quarter: f64,
}

fn waiting(source: Source<'_>) -> Markup {
    let currency = source.currency();
    let mut delays: Vec<Delay> = Vec::new();
    for (cohort, planned) in source.plan.cohorts.iter().enumerate() {
        if let (Some(waiting), Some((_, until))) = (planned.decision.waiting, planned.decision.window) {
            let quarter = waiting.one_quarter.mean * planned.cohort.units as f64;
            delays.push(Delay { cohort, until, quarter });
        }
    }
    delays.sort_by(|a, b| b.quarter.total_cmp(&a.quarter).then(a.cohort.cmp(&b.cohort)));
    let all: f64 = delays.iter().map(|delay| delay.quarter.max(0.0)).sum();
    html! {
        h2 { "What waiting costs" }
        p {
            "Missing every window by a quarter would cost " strong { (whole_with_currency(all, currency)) }
            " in present value: lost price and the cost of keeping what should have gone."
        }
        @if !delays.is_empty() {
            div .wide tabindex="0" {
                table {
                    caption { "Cohorts that lose most when they leave a quarter after their window, expected amounts" }
                    thead { tr {
                        th scope="col" { "Cohort" } th .number scope="col" { "Units" }
                        th scope="col" { "Window ends" } th .number scope="col" { "Quarter late, " (currency) }
                        th .number scope="col" { "Per unit, 8 in 10" }
                    } }
                    tbody {
                        @for delay in delays.iter().take(MOST_ROWS) { (delay_row(source, delay)) }
                    }
                }
            }
        }
    }
}

fn delay_row(source: Source<'_>, delay: &Delay) -> Markup {
    let planned = &source.plan.cohorts[delay.cohort];
    let site = groups::site(source.plan, source.fleet, delay.cohort);
    let range = planned.decision.waiting.map(|waiting| interval(&waiting.one_quarter, source.currency()));
    html! {
        tr {
            th scope="row" {
                a href={ "#cohort-" (delay.cohort) } { (clean(&planned.cohort.label)) }
                @if let Some(site) = site { ", " (clean(site)) }
            }
            td .number { (planned.cohort.units) }
            td { (delay.until.short()) }
            td .number { (whole(delay.quarter, source.currency())) }
            td .number { (range.unwrap_or_default()) }
        }
    }
}
