//! What the turned figures mean: the part of the overview that is redrawn.
//!
//! In: a scenario over the base, and what its shown part brings in. Out: totals beside the base, when that part goes and what
//! it brings in by quarter, its cohorts, and the forecast of one of them.

use maud::{Markup, html};

use super::shown::Shown;
use crate::decide::Action;
use crate::report::document::drawing;
use crate::report::groups;
use crate::report::html::difference;
use crate::report::plot;
use crate::report::words::{
    capital, chance, clean, counted, interval, signed, signed_interval, span, whole, whole_with_currency,
};
use crate::scenario::{Answer, Measure, Recovery};
use crate::units::{Money, Month, Quantiles};

/// Cohorts that are listed; the others are counted.
const MOST_ROWS: usize = 40;

/// The part alone, for a page that is there already.
pub(crate) fn answer_part(shown: Shown<'_>, recovery: &Recovery) -> String {
    answer(shown, recovery).into_string()
}

pub(super) fn answer(shown: Shown<'_>, recovery: &Recovery) -> Markup {
    let currency = shown.scene.currency();
    html! {
        (verdict(shown))
        (tiles(shown, recovery))
        (links(shown))
        section #recovery {
            h2 { "What each quarter brings in" (of_what(shown)) }
            figure { (drawing("What each quarter brings in", plot::quarters_of(&recovery.all, &recovery.by_quarter))) }
        }
        section #calendar {
            h2 { "When everything goes" (of_what(shown)) }
            figure {
                (drawing("When everything goes", plot::calendar_of(
                    shown.timeline(), shown.scene.fleet, currency, |cohort| shown.shows(cohort)
                )))
            }
        }
        (one(shown))
        (cohorts(shown))
        (measures(shown))
    }
}

fn of_what(shown: Shown<'_>) -> &'static str {
    if shown.view.filter.is_empty() { "" } else { " (of what is shown)" }
}

fn verdict(shown: Shown<'_>) -> Markup {
    let currency = shown.scene.currency();
    let cost = difference(|answer| &answer.draws.total_cost, shown.answer(), shown.base());
    let probability = shown.answer().costs_less_than(shown.base());
    html! {
        p .verdict role="status" {
            @if shown.view.dials.is_base() { "The plan as it is. Turn a figure to see what it changes." }
            @else {
                "With " (shown.view.dials.words()) ": total cost "
                strong { (signed(cost.mean, currency)) " " (currency) }
                " against the plan as it is (8 in 10: " (signed_interval(&cost, currency)) "), cheaper with a probability of "
                (chance(probability)) "."
            }
        }
    }
}

fn tiles(shown: Shown<'_>, recovery: &Recovery) -> Markup {
    let currency = shown.scene.currency();
    let (answer, base) = (shown.answer(), shown.base());
    let tile = |name: &str, amount: Money, before: Money, range: Option<&Quantiles>| {
        let more = Money::from_minor(amount.minor() - before.minor(), currency);
        html! {
            li {
                span .name { (capital(name)) }
                span .amount { (whole_with_currency(amount.major(), currency)) }
                @if let Some(range) = range { span .range { "8 in 10: " (interval(range, currency)) } }
                @if !shown.view.dials.is_base() {
                    span .range {
                        @if more.minor() == 0 { "as in the plan as it is" }
                        @else { (signed(more.major(), currency)) " against the plan as it is" }
                    }
                }
            }
        }
    };
    let measure = |measure: Measure, range: Option<&Quantiles>| {
        tile(measure.name(), answer.total(measure), base.total(measure), range)
    };
    html! {
        ul .tiles {
            (measure(Measure::NetRecovery, Some(&answer.recovery)))
            (measure(Measure::TotalCost, Some(&answer.total_cost)))
            (measure(Measure::Capex, None))
            (measure(Measure::Opex, None))
            @if !shown.view.filter.is_empty() {
                li .chosen {
                    span .name { "Shown: net recovery" }
                    span .amount { (whole_with_currency(recovery.all.expected.major(), currency)) }
                    span .range { "8 in 10: " (interval(&recovery.all.quantiles, currency)) }
                    span .range { (counted(recovery.all.units, "unit")) " leaving" }
                }
            }
        }
    }
}

fn links(shown: Shown<'_>) -> Markup {
    let path = shown.scene.path();
    let mut kept = shown.view.clone();
    kept.keep("", shown.view.dials);
    html! {
        p .links {
            @if shown.view.kept.iter().any(|(_, dials)| *dials == shown.view.dials) { "Kept to compare. " }
            @else { a href=(kept.address(&path)) data-keep { "Keep to compare" } ". " }
            @if !shown.view.kept.is_empty() {
                a href=(shown.view.address(&format!("{path}/compare"))) {
                    "Compare " (counted(shown.view.kept.len() as u64, "kept scenario"))
                } ". "
            }
            a href=(shown.view.address(&format!("{path}/files"))) { "Files of this scenario" } "."
        }
    }
}

/// Positions of the cohorts shown, those with most money first.
fn by_money(shown: Shown<'_>) -> Vec<usize> {
    let mut cohorts: Vec<usize> =
        (0..shown.plan().cohorts.len()).filter(|cohort| shown.shows(*cohort)).collect();
    cohorts.sort_by_key(|cohort| std::cmp::Reverse(groups::recovery(shown.timeline(), *cohort).abs()));
    cohorts
}

/// The forecast of the asset that is named, else of the cohort with most money.
fn one(shown: Shown<'_>) -> Markup {
    let drawn = |cohort: &usize| shown.plan().cohorts[*cohort].forecast.is_some();
    let Some(cohort) = shown.cohort_of_asset().or_else(|| by_money(shown).into_iter().find(drawn)) else {
        return html! {};
    };
    let planned = &shown.plan().cohorts[cohort];
    let first = &shown.scene.fleet.assets[planned.cohort.assets[0]];
    let id = shown.view.asset.as_deref().unwrap_or(&first.id);
    let fleet = shown.scene.fleet;
    let fan =
        plot::forecast_fan(planned, shown.timeline(), fleet, shown.catalog(), &shown.scene.setting.policy);
    html! {
        section #fan {
            h2 { (clean(&planned.cohort.label)) @if let Some(site) = &first.site { ", " (clean(site)) } }
            p { (counted(planned.cohort.units, "unit")) ". " (clean(&planned.decision.reason)) " "
                a href=(shown.view.with_asset(id).address(&format!("{}/asset", shown.scene.path()))) {
                    "All about " (clean(id))
                } "." }
            @match fan {
                Some(fan) => figure { (drawing("Price over the months ahead", fan)) },
                None => p { "Nothing is known of its price." },
            }
        }
    }
}

fn cohorts(shown: Shown<'_>) -> Markup {
    let all = by_money(shown);
    let (listed, others) = all.split_at(all.len().min(MOST_ROWS));
    let units: u64 = others.iter().map(|cohort| shown.plan().cohorts[*cohort].cohort.units).sum();
    html! {
        section #cohorts {
            h2 { "Cohorts" (of_what(shown)) }
            div .wide tabindex="0" role="region" aria-label="Cohorts" {
                table .sortable .dense {
                    caption { "Units that share product, price, age, condition, site and terms; " (shown.scene.currency()) }
                    thead { tr {
                        th scope="col" { "Cohort" } th scope="col" { "Site" } th .number scope="col" { "Units" }
                        th scope="col" { "Action" } th scope="col" { "Window" } th scope="col" { "Scheduled" }
                        th .number scope="col" { "Net of all" }
                    } }
                    tbody { @for cohort in listed { (row(shown, *cohort)) } }
                }
            }
            @if !others.is_empty() {
                p .soft {
                    (counted(others.len() as u64, "more cohort")) " with " (counted(units, "unit"))
                    " and less money: show less by class, site or product, or take the files."
                }
            }
        }
    }
}

fn row(shown: Shown<'_>, cohort: usize) -> Markup {
    let planned = &shown.plan().cohorts[cohort];
    let decision = &planned.decision;
    let first = &shown.scene.fleet.assets[planned.cohort.assets[0]];
    let window = decision.window.filter(|_| matches!(decision.action, Action::Go | Action::ReturnLease));
    let months = || shown.plan().schedule.of_cohort(cohort).iter().filter_map(|placement| placement.month);
    let scheduled = months().min().zip(months().max());
    let net = Money::from_minor(groups::recovery(shown.timeline(), cohort), shown.scene.currency());
    let key = |months: Option<(Month, Month)>| months.map_or(99_999, |(first, _)| first.index());
    let told =
        |months: Option<(Month, Month)>| months.map_or("–".to_owned(), |(first, last)| span(first, last));
    html! {
        tr {
            th scope="row" {
                a href=(shown.view.with_asset(&first.id).address(&shown.scene.path())) data-asset=(first.id) {
                    (clean(&planned.cohort.label))
                }
            }
            td { (clean(first.site.as_deref().unwrap_or("–"))) }
            td .number { (planned.cohort.units) }
            td { (decision.action.name()) }
            td data-key=(key(window)) { (told(window)) }
            td data-key=(key(scheduled)) { (told(scheduled)) }
            td .number data-key=(net.minor()) { (whole(net.major(), shown.scene.currency())) }
        }
    }
}

/// Every measure of `residua whatif` for the base and the scenario.
fn measures(shown: Shown<'_>) -> Markup {
    let currency = shown.scene.currency();
    let (answer, base) = (shown.answer(), shown.base());
    let row = |name: &str, of: &dyn Fn(&Answer) -> f64| {
        html! {
            tr {
                th scope="row" { (name) }
                td .number { (whole(of(base), currency)) }
                td .number { (whole(of(answer), currency)) }
                td .number { (signed(of(answer) - of(base), currency)) }
            }
        }
    };
    html! {
        section #measures {
            h2 { "Every measure, whole fleet" }
            div .wide tabindex="0" role="region" aria-label="Measures" {
                table .dense {
                    caption { (currency) ", over " (answer.horizon()) " months" }
                    thead { tr {
                        th scope="col" { "Measure" } th .number scope="col" { "As it is" }
                        th .number scope="col" { "Scenario" } th .number scope="col" { "Difference" }
                    } }
                    tbody {
                        @for measure in Measure::ALL {
                            (row(measure.name(), &|answer| answer.total(measure).major()))
                        }
                        (row("present total cost", &|answer| answer.present_cost.major()))
                        (row("total cost of a unit in a year", &|answer| answer.cost_per_unit_and_year()))
                        @for (book, kept) in base.books.iter().enumerate() {
                            (row(&format!("gain or loss, {}", clean(&kept.name)),
                                &|answer| answer.gain(book, |_| true).major()))
                        }
                        (row("units leaving", &|answer| answer.units_leaving as f64))
                    }
                }
            }
        }
    }
}
