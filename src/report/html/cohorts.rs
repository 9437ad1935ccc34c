//! Every cohort: a table of all of them, and a section for each that has a forecast.

use std::collections::BTreeSet;

use maud::{Markup, PreEscaped, html};

use super::Source;
use crate::decide::{Action, PlannedCohort, Waterfall};
use crate::report::events::events;
use crate::report::groups::{self, Group};
use crate::report::plot;
use crate::report::words::{self, clean, counted, exact, interval, span, whole, whole_with_currency};
use crate::units::Money;

/// Sections that are open from the start: those with most money.
const OPEN_SECTIONS: usize = 5;

/// Assets of a cohort that are named; the others are counted.
const MOST_ASSETS: usize = 40;

/// A table of all cohorts, to sort and filter.
pub(super) fn index(source: Source<'_>) -> Markup {
    let currency = source.currency();
    html! {
        section #plan {
            h2 { "All cohorts" }
            p .soft { "Units that share product, price, age, condition, site and terms share one decision." }
            p .filter .screen hidden {
                label for="filter" { "Show only: " }
                input #filter type="search" placeholder="product, site, action or asset";
            }
            div .wide tabindex="0" {
                table .sortable .dense {
                    caption { (counted(source.plan.cohorts.len() as u64, "cohort")) ", amounts in " (currency) }
                    thead { tr {
                        th scope="col" { "Cohort" } th scope="col" { "Site" } th .number scope="col" { "Units" }
                        th scope="col" { "Bought" } th scope="col" { "Action" } th scope="col" { "Window" }
                        th .number scope="col" { "Net per unit" } th .number scope="col" { "Net of all" }
                        th .number scope="col" { "Quarter late" }
                    } }
                    tbody {
                        @for (cohort, planned) in source.plan.cohorts.iter().enumerate() {
                            (index_row(source, cohort, planned))
                        }
                    }
                }
            }
        }
    }
}

fn index_row(source: Source<'_>, cohort: usize, planned: &PlannedCohort) -> Markup {
    let decision = &planned.decision;
    let goes = decision.action == Action::Go;
    let window = decision.window.filter(|_| matches!(decision.action, Action::Go | Action::ReturnLease));
    let late = decision.waiting.map(|waiting| waiting.one_quarter.mean * planned.cohort.units as f64);
    let net = decision.recovery_money.major();
    let all = Money::from_minor(groups::recovery(source.plan, cohort), source.currency()).major();
    let label = clean(&planned.cohort.label);
    let acquired = acquired(source, planned);
    html! {
        tr data-find=(find_text(source, cohort, planned)) {
            th scope="row" {
                @if planned.forecast.is_some() { a href={ "#cohort-" (cohort) } { (label) } } @else { (label) }
            }
            td { (clean(groups::site(source.plan, source.fleet, cohort).unwrap_or("–"))) }
            td .number { (planned.cohort.units) }
            td data-key=(acquired.map_or(0, |month| month.index())) {
                (acquired.map_or("–".to_owned(), |month| month.short()))
            }
            td { (decision.action.name()) }
            td data-key=(window.map_or(99_999, |(first, _)| first.index())) {
                (window.map_or("–".to_owned(), |(first, last)| span(first, last)))
            }
            (amount_cell(goes.then_some(net), source))
            (amount_cell(goes.then_some(all), source))
            (amount_cell(late, source))
        }
    }
}

fn amount_cell(amount: Option<f64>, source: Source<'_>) -> Markup {
    match amount {
        Some(amount) => html! {
            td .number data-key=(format!("{amount:.2}")) { (whole(amount, source.currency())) }
        },
        None => html! { td .number data-key="-1e15" { "–" } },
    }
}

/// What the filter looks in.
fn find_text(source: Source<'_>, cohort: usize, planned: &PlannedCohort) -> String {
    let site = groups::site(source.plan, source.fleet, cohort).unwrap_or("");
    let action = planned.decision.action.name();
    let assets = planned.cohort.assets.iter().filter_map(|index| source.fleet.assets.get(*index));
    let names: Vec<&str> = assets.map(|asset| asset.id.as_str()).collect();
    clean(&format!("{} {site} {action} {}", planned.cohort.label, names.join(" ")))
}

fn acquired(source: Source<'_>, planned: &PlannedCohort) -> Option<crate::units::Month> {
    let asset = source.fleet.assets.get(*planned.cohort.assets.first()?)?;
    asset.acquired().map(|date| date.month())
}

/// A section for every cohort with a forecast, under a heading for its product and site.
pub(super) fn sections(source: Source<'_>) -> Markup {
    let has_forecast = |cohort: usize| source.plan.cohorts[cohort].forecast.is_some();
    let mut by_money: Vec<usize> =
        (0..source.plan.cohorts.len()).filter(|cohort| has_forecast(*cohort)).collect();
    by_money.sort_by_key(|cohort| std::cmp::Reverse(groups::recovery(source.plan, *cohort).abs()));
    let open: BTreeSet<usize> = by_money.into_iter().take(OPEN_SECTIONS).collect();
    let groups = groups::groups(source.plan, source.fleet, source.currency(), has_forecast);
    html! {
        section #cohorts {
            h2 { "One by one" }
            p .soft {
                "Those with most money first, and the five largest open. A printer prints what is open. In each drawing "
                "the line is the median price of one unit in the open market, the band holds eight of ten prices, and "
                "the dot is the expected net recovery in the best month with its own range."
            }
            @for group in &groups { (group_section(source, group, &open)) }
        }
    }
}

fn group_section(source: Source<'_>, group: &Group, open: &BTreeSet<usize>) -> Markup {
    let mut cohorts = group.cohorts.clone();
    cohorts.sort_by_key(|cohort| std::cmp::Reverse(groups::recovery(source.plan, *cohort)));
    html! {
        section .group {
            h3 { (clean(&group.name())) }
            @for cohort in cohorts { (cohort_section(source, cohort, open.contains(&cohort))) }
        }
    }
}

fn cohort_section(source: Source<'_>, cohort: usize, open: bool) -> Markup {
    let planned = &source.plan.cohorts[cohort];
    let drawing = plot::forecast_fan(planned, source.plan, source.fleet, source.catalog, source.currency())
        .unwrap_or_default();
    html! {
        details id={ "cohort-" (cohort) } open[open] data-find=(find_text(source, cohort, planned)) {
            summary { (headline(source, planned)) }
            div .inside {
                p .reason { (clean(&planned.decision.reason)) }
                (facts(source, cohort, planned))
                h4 { "Price over the months ahead" }
                figure { (PreEscaped(drawing)) }
                (event_list(source, planned))
                h4 { "From " (planned.decision.waterfall.start_name) " to net recovery, one unit" }
                figure { (PreEscaped(plot::waterfall(&planned.decision.waterfall))) }
                (waterfall_table(&planned.decision.waterfall))
            }
        }
    }
}

/// The line that stands for a closed section.
fn headline(source: Source<'_>, planned: &PlannedCohort) -> String {
    let decision = &planned.decision;
    let units = counted(planned.cohort.units, "unit");
    let bought =
        acquired(source, planned).map_or(String::new(), |month| format!(" bought {}", month.short()));
    let what = match (decision.action, decision.window, decision.month) {
        (Action::Go, Some((first, last)), _) => {
            let route = decision.route.map_or("go", |route| route.name());
            format!("{route} in {}, net {} each", span(first, last), decision.recovery_money)
        }
        (Action::ReturnLease, _, Some(month)) => format!("give back by {}", month.short()),
        (action, _, _) => action.name().to_owned(),
    };
    format!("{units}{bought}: {what}")
}

fn facts(source: Source<'_>, cohort: usize, planned: &PlannedCohort) -> Markup {
    let currency = source.currency();
    let decision = &planned.decision;
    let goes = decision.action == Action::Go;
    let model = source.models.get(planned.cohort.class);
    let basis = planned.forecast.as_ref().map(|forecast| words::basis(forecast.basis, model));
    let book =
        planned.book.and_then(|book| Money::from_major(book.value_at(source.plan.as_of), currency).ok());
    let value = decision.value_now.map(|value| {
        let mean = whole_with_currency(value.mean, currency);
        format!(
            "{mean} expected, median {}, 8 in 10: {}",
            whole(value.p50, currency),
            interval(&value, currency)
        )
    });
    let late = decision.waiting.map(|waiting| {
        let (month, quarter) = (waiting.one_month, waiting.one_quarter);
        format!(
            "a month {} ({}), a quarter {} ({})",
            whole_with_currency(month.mean, currency),
            interval(&month, currency),
            whole_with_currency(quarter.mean, currency),
            interval(&quarter, currency)
        )
    });
    let net =
        format!("{} expected, 8 in 10: {}", decision.recovery_money, interval(&decision.recovery, currency));
    let fact = |name: &str, text: Option<String>| {
        html! { @if let Some(text) = text { dt { (name) } dd { (clean(&text)) } } }
    };
    html! {
        dl {
            (fact("Product", Some(format!("{} ({})", planned.cohort.label, planned.cohort.class))))
            (fact("Forecast", basis))
            (fact("Units", Some(planned.cohort.units.to_string())))
            (fact("Site", groups::site(source.plan, source.fleet, cohort).map(str::to_owned)))
            (fact("Bought", acquired(source, planned).map(|month| month.short())))
            (fact("Market value now", value))
            (fact("Book value now", book.map(|book| book.to_string())))
            (fact("Action", Some(decision.action.name().to_owned())))
            @if goes {
                (fact("Window", decision.window.map(|(first, last)| span(first, last))))
                (fact("Best month", decision.month.map(|month| month.short())))
                (fact("Route", decision.route.map(|route| route.name().to_owned())))
                (fact("Net recovery", Some(net)))
                (fact("Gain or loss in the books", gain(source, planned)))
            }
            (fact("Leaving late costs", late))
            (fact("Assets", Some(asset_names(source, planned))))
        }
    }
}

/// What the books say when it leaves in the best month.
fn gain(source: Source<'_>, planned: &PlannedCohort) -> Option<String> {
    let (book, month) = (planned.book?, planned.decision.month?);
    let gain = book.gain_on_disposal(month, planned.decision.recovery_money.major());
    let word = if gain < 0.0 { "loss" } else { "gain" };
    Some(format!("{word} of {}", Money::from_major(gain.abs(), source.currency()).ok()?))
}

fn asset_names(source: Source<'_>, planned: &PlannedCohort) -> String {
    let assets = planned.cohort.assets.iter().filter_map(|index| source.fleet.assets.get(*index));
    let names: Vec<&str> = assets.take(MOST_ASSETS).map(|asset| asset.id.as_str()).collect();
    let more = planned.cohort.assets.len().saturating_sub(MOST_ASSETS);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

fn event_list(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    let events = events(planned, source.fleet, source.catalog);
    html! {
        @if !events.is_empty() {
            p {
                "Events: "
                @for (position, event) in events.iter().enumerate() {
                    @if position > 0 { ", " }
                    (event.name) " " (event.date)
                }
                "."
            }
        }
    }
}

fn waterfall_table(waterfall: &Waterfall) -> Markup {
    html! {
        table .narrow {
            caption { "Amounts in " (waterfall.net.currency()) ", adding up to the net" }
            thead { tr { th scope="col" { "Step" } th .number scope="col" { "Amount" } } }
            tbody {
                tr { th scope="row" { (waterfall.start_name) } td .number { (exact(waterfall.start)) } }
                @for step in &waterfall.steps {
                    tr { td { (step.name) } td .number { (exact(step.amount)) } }
                }
            }
            tfoot { tr { th scope="row" { "net recovery" } td .number { (exact(waterfall.net)) } } }
        }
    }
}
