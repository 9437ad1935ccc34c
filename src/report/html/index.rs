//! The table of all cohorts, to sort, filter and find assets in.
//!
//! In: the plan and the order of its cohorts by money. Out: a table whose first rows are written; the script fills it
//! from the data block, so that every cohort and asset is found.

use maud::{Markup, html};

use super::Source;
use crate::decide::{Action, PlannedCohort};
use crate::report::groups;
use crate::report::words::{clean, counted, span, whole};
use crate::units::{Money, Month};

/// Rows that are written; the script shows the others.
const WRITTEN_ROWS: usize = 40;

/// All cohorts, those with most money first: by what they bring in or cost, then by what they are worth.
pub(super) fn by_money(source: Source<'_>) -> Vec<usize> {
    let worth = |cohort: usize| {
        let planned = &source.plan.cohorts[cohort];
        planned.decision.value_now.map_or(0.0, |value| value.mean) * planned.cohort.units as f64
    };
    let recoveries: Vec<i64> =
        (0..source.plan.cohorts.len()).map(|cohort| groups::recovery(source.plan, cohort).abs()).collect();
    let mut order: Vec<usize> = (0..source.plan.cohorts.len()).collect();
    order.sort_by(|a, b| {
        recoveries[*b].cmp(&recoveries[*a]).then(worth(*b).total_cmp(&worth(*a))).then(a.cmp(b))
    });
    order
}

/// What a row of the table says of a cohort; amounts in the currency of the plan.
pub(super) struct Row<'a> {
    /// Product, or the register's words.
    pub label: String,
    /// Site.
    pub site: Option<&'a str>,
    /// Units.
    pub units: u64,
    /// When bought.
    pub bought: Option<Month>,
    /// What to do.
    pub action: &'static str,
    /// Window, of what goes.
    pub window: Option<(Month, Month)>,
    /// Net recovery of one, of what goes.
    pub net: Option<f64>,
    /// Net recovery of all as scheduled, of what goes.
    pub all: Option<f64>,
    /// Cost of leaving a quarter late, all units.
    pub late: Option<f64>,
}

/// The row of a cohort.
pub(super) fn row<'a>(source: Source<'a>, cohort: usize) -> Row<'a> {
    let planned = &source.plan.cohorts[cohort];
    let decision = &planned.decision;
    let goes = decision.action == Action::Go;
    let all = Money::from_minor(groups::recovery(source.plan, cohort), source.currency()).major();
    let leaves = matches!(decision.action, Action::Go | Action::ReturnLease);
    Row {
        label: clean(&planned.cohort.label),
        site: groups::site(source.plan, source.fleet, cohort),
        units: planned.cohort.units,
        bought: acquired(source, planned),
        action: decision.action.name(),
        window: decision.window.filter(|_| leaves),
        net: goes.then_some(decision.recovery_money.major()),
        all: goes.then_some(all),
        late: decision.waiting.map(|waiting| waiting.one_quarter.mean * planned.cohort.units as f64),
    }
}

/// When a cohort was bought, as the register says.
pub(super) fn acquired(source: Source<'_>, planned: &PlannedCohort) -> Option<Month> {
    let asset = source.fleet.assets.get(*planned.cohort.assets.first()?)?;
    asset.acquired().map(|date| date.month())
}

/// The table.
pub(super) fn index(source: Source<'_>, order: &[usize]) -> Markup {
    let heads = [
        ("Cohort", false),
        ("Site", false),
        ("Units", true),
        ("Bought", false),
        ("Action", false),
        ("Window", false),
        ("Net per unit", true),
        ("Net of all", true),
        ("Quarter late", true),
    ];
    let written = &order[..order.len().min(WRITTEN_ROWS)];
    let rest = order.len() - written.len();
    html! {
        section #plan {
            h2 { "All cohorts" }
            p .soft { "Units that share product, price, age, condition, site and terms share one decision." }
            form .filter .screen hidden role="search" {
                label for="filter" { "Show only" }
                input #filter type="search" autocomplete="off" spellcheck="false"
                    placeholder="asset, product, site or action" aria-describedby="found";
                output #found for="filter" aria-live="polite" {}
            }
            div .wide tabindex="0" role="region" aria-label="All cohorts" {
                table #index .dense {
                    caption {
                        (counted(order.len() as u64, "cohort")) ", amounts in " (source.currency()) ", expected"
                    }
                    thead { tr {
                        @for (name, is_number) in heads { th .number[is_number] scope="col" { (name) } }
                    } }
                    tbody { @for cohort in written { (written_row(source, *cohort)) } }
                }
            }
            button #more .screen type="button" hidden {}
            @if rest > 0 {
                p #rest .soft {
                    "And " (counted(rest as u64, "more cohort")) " with less money: cohorts.csv has all of them, "
                    "plan.csv every asset."
                }
            }
        }
    }
}

fn written_row(source: Source<'_>, cohort: usize) -> Markup {
    let row = row(source, cohort);
    let amount =
        |amount: Option<f64>| amount.map_or("–".to_owned(), |amount| whole(amount, source.currency()));
    html! {
        tr {
            th scope="row" { a href={ "#cohort-" (cohort) } { (row.label) } }
            td { (clean(row.site.unwrap_or("–"))) }
            td .number { (row.units) }
            td { (row.bought.map_or("–".to_owned(), Month::short)) }
            td { (row.action) }
            td { (row.window.map_or("–".to_owned(), |(first, last)| span(first, last))) }
            td .number { (amount(row.net)) }
            td .number { (amount(row.all)) }
            td .number { (amount(row.late)) }
        }
    }
}
