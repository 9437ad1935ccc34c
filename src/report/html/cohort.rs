//! One cohort after another: forecast, money, reasons, alternatives.
//!
//! In: the plan, the order of its cohorts by money, and how many bytes are left for them. Out: a section for each cohort that
//! has a forecast, those with most money first and the first few open, until together they take what is left, or
//! [`MOST_BYTES`]. The first few are written whatever they take. The words are those of `explain` ([`why`]).

use maud::{Markup, PreEscaped, html};

use super::Source;
use super::index::acquired;
use crate::decide::{Action, PlannedCohort};
use crate::market::{Comparable, nearest};
use crate::report::document::drawing;
use crate::report::events::events;
use crate::report::groups;
use crate::report::plot;
use crate::report::why;
use crate::report::words::{self, clean, counted, interval, span, whole, whole_with_currency};
use crate::units::Money;

/// What the sections take together at most, bytes: more than anybody reads, and longer to open.
const MOST_BYTES: usize = 700_000;

/// Bytes of the heading and the sentences around the sections, and some more.
const AROUND: usize = 1_000;

/// Sections that are open from the start.
const OPEN_SECTIONS: usize = 3;

/// Assets of a cohort that are named; the others are counted, and found through the table.
const MOST_ASSETS: usize = 40;

/// Public prices that are listed.
const COMPARABLES: usize = 5;

/// The sections, in `room` bytes.
pub(super) fn sections(source: Source<'_>, order: &[usize], room: usize) -> Markup {
    let room = room.saturating_sub(AROUND).min(MOST_BYTES);
    let with_forecast: Vec<usize> =
        order.iter().copied().filter(|cohort| source.plan.cohorts[*cohort].forecast.is_some()).collect();
    let (mut text, mut written) = (String::new(), 0);
    for cohort in &with_forecast {
        let section = section(source, *cohort, written < OPEN_SECTIONS).into_string();
        if written >= OPEN_SECTIONS && text.len() + section.len() > room {
            break;
        }
        text.push_str(&section);
        written += 1;
    }
    let share = share_of_money(source, &with_forecast[..written]);
    let rest = with_forecast.len() - written;
    html! {
        section #cohorts {
            h2 { "One by one" }
            p .soft {
                @if rest > 0 {
                    "Written here: the " (counted(written as u64, "cohort")) " with most money, " (share)
                    " of what is brought in. The other " (rest)
                    " open with a small drawing when chosen in the table above; residua explain draws any asset in full. "
                } @else {
                    "Those with most money first. "
                }
                "A printer prints what is open."
            }
            (PreEscaped(text))
            div #asked {}
        }
    }
}

/// The part of all money, whatever its sign, that some cohorts move.
fn share_of_money(source: Source<'_>, cohorts: &[usize]) -> String {
    let moved = |cohort: usize| groups::recovery(source.plan, cohort).abs() as f64;
    let all: f64 = (0..source.plan.cohorts.len()).map(moved).sum();
    let some: f64 = cohorts.iter().map(|cohort| moved(*cohort)).sum();
    // Rounded down: what is not all of it must not read as all.
    format!("{:.0} %", if all > 0.0 { (100.0 * some / all).floor() } else { 100.0 })
}

fn section(source: Source<'_>, cohort: usize, open: bool) -> Markup {
    let planned = &source.plan.cohorts[cohort];
    let decision = &planned.decision;
    let found = nearest(&planned.cohort.label, source.plan.as_of, plot::MOST_DOTS);
    let known = (source.fleet, source.catalog);
    let fan = plot::fan_with(planned, source.plan, known, source.policy, &found);
    let name = match groups::site(source.plan, source.fleet, cohort) {
        Some(site) => format!("{}, {site}", planned.cohort.label),
        None => planned.cohort.label.clone(),
    };
    html! {
        details .cohort id={ "cohort-" (cohort) } open[open] {
            summary { h3 { (clean(&name)) } " " span { (headline(source, planned)) } }
            div .inside {
                @if let Some(sentence) = why::sentence(decision, source.plan.as_of) {
                    p .reason { (sentence) }
                }
                p { (clean(&decision.reason)) }
                div .split {
                    div {
                        h4 { "Price over the months ahead" }
                        @if let Some(fan) = fan { figure { (drawing("Price over the months ahead", fan)) } }
                        h4 { "From " (decision.waterfall.start_name) " to net recovery, one unit" }
                        figure { (drawing("Net recovery of one unit, step by step", plot::waterfall(&decision.waterfall))) }
                    }
                    div {
                        (facts(source, planned))
                        (events_list(source, planned))
                    }
                }
                div .columns {
                    (routes(source, planned))
                    (offers(source, planned))
                    (changes(planned))
                    (holding(source, planned))
                    (comparables(&found))
                }
                h4 { "Assets" }
                p .assets { (asset_names(source, planned)) }
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

fn facts(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    let currency = source.currency();
    let decision = &planned.decision;
    let goes = decision.action == Action::Go;
    let model = source.models.get(planned.cohort.class);
    let basis = planned.forecast.as_ref().map(|forecast| words::basis(forecast.basis, model));
    let book =
        planned.book.and_then(|book| Money::from_major(book.value_at(source.plan.as_of), currency).ok());
    let value = decision.value_now.map(|value| {
        let mean = whole_with_currency(value.mean, currency);
        let (median, range) = (whole(value.p50, currency), interval(&value, currency));
        format!("{mean} expected, median {median}, p10–p90 {range}")
    });
    let late = |of: crate::units::Quantiles| {
        format!("{} (p10–p90 {})", whole_with_currency(of.mean, currency), interval(&of, currency))
    };
    let net =
        format!("{} expected, p10–p90 {}", decision.recovery_money, interval(&decision.recovery, currency));
    let fact = |name: &str, text: Option<String>| {
        html! { @if let Some(text) = text { div { dt { (name) } dd { (clean(&text)) } } } }
    };
    html! {
        h4 { "In figures, one unit" }
        dl {
            (fact("Net recovery", goes.then_some(net)))
            @if goes {
                (fact("Window", decision.window.map(|(first, last)| span(first, last))))
                (fact("Best month", decision.month.map(|month| month.short())))
                (fact("Route", decision.route.map(|route| route.name().to_owned())))
            }
            (fact("A month late costs", decision.waiting.map(|waiting| late(waiting.one_month))))
            (fact("A quarter late costs", decision.waiting.map(|waiting| late(waiting.one_quarter))))
            (fact("Market value now", value))
            (fact("Forecast", basis))
            (fact("Book value now", book.map(|book| book.to_string())))
            (fact("In the books", gain(source, planned).filter(|_| goes)))
            (fact("Bound by", decision.bound_by.clone()))
            (fact("Class", Some(planned.cohort.class.to_string())))
        }
    }
}

/// What the books say when it leaves in the best month.
fn gain(source: Source<'_>, planned: &PlannedCohort) -> Option<String> {
    let (book, month) = (planned.book?, planned.decision.month?);
    let gain = book.gain_on_disposal(month, planned.decision.recovery_money.major());
    let word = if gain < 0.0 { "loss" } else { "gain" };
    let gain = Money::from_major(gain.abs(), source.currency()).ok()?;
    Some(format!("{word} of {gain} in {}", month.short()))
}

fn events_list(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    let events = events(planned, source.fleet, source.catalog);
    html! {
        @if !events.is_empty() {
            h4 { "Dates that matter" }
            dl { @for event in &events { div { dt { (words::capital(&event.name)) } dd { (event.date) } } } }
        }
    }
}

/// What every route would net, and why the others lost.
fn routes(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    let lines = why::routes(&planned.decision);
    let amount =
        |amount: Option<f64>| amount.map_or("–".to_owned(), |amount| whole(amount, source.currency()));
    html! {
        @if !lines.is_empty() {
            div {
                h4 { "Routes compared" }
                table {
                    thead { tr {
                        th scope="col" { "Route" } th .number scope="col" { "Net now" }
                        th .number scope="col" { "Net in month" } th scope="col" { "Why" }
                    } }
                    tbody {
                        @for line in &lines {
                            tr .chosen[line.note == "chosen"] {
                                th scope="row" { (line.name) }
                                td .number { (amount(line.now)) }
                                td .number { (amount(line.best)) }
                                td {
                                    (line.note)
                                    @if let Some(less) = line.less { (shortfall(less, source)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// By how much an open route falls behind the chosen one. One that nets more and was not chosen costs more until then.
fn shortfall(less: f64, source: Source<'_>) -> String {
    let amount = whole(less.abs(), source.currency());
    if less >= 0.0 {
        format!("nets {amount} less")
    } else {
        format!("nets {amount} more, later or at more cost")
    }
}

fn offers(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    html! {
        @if let Some(offers) = why::offers(source.plan, &planned.decision) {
            div {
                h4 { "Sell when the open market offers" }
                table {
                    thead { tr { th scope="col" { "Month" } th scope="col" { "Offer, " (source.currency()) } } }
                    tbody {
                        @for (month, prices) in &offers.months {
                            tr { th scope="row" { (month.short()) } td { (prices) } }
                        }
                    }
                }
                p { (offers.worth) }
            }
        }
    }
}

fn changes(planned: &PlannedCohort) -> Markup {
    html! {
        @if let Some(changes) = why::changes(&planned.decision) {
            div {
                h4 { "What would change the answer" }
                p { (words::capital(changes.other)) ":" }
                dl {
                    @for (name, figure) in &changes.figures { div { dt { (words::capital(name)) } dd { (figure) } } }
                }
                @if let Some(delay) = &changes.delay { p { (delay) } }
            }
        }
    }
}

fn holding(source: Source<'_>, planned: &PlannedCohort) -> Markup {
    let holding = why::holding(source.plan, planned);
    let renting = why::renting(source.plan, &planned.decision);
    html! {
        @if holding.is_some() || renting.is_some() {
            div {
                h4 { "Holding it" }
                @if let Some((costs, price)) = holding { p { (costs) ", " (price) "." } }
                @if let Some([income, beats, used]) = renting { p { (income) " " (beats) ". " (used) } }
            }
        }
    }
}

fn comparables(found: &[&Comparable]) -> Markup {
    html! {
        div {
            h4 { "Nearest comparables" }
            @if found.is_empty() { p { "No public price of this product is known." } }
            @else { ul .plain { @for one in found.iter().take(COMPARABLES) { li { (clean(&one.to_string())) } } } }
        }
    }
}

fn asset_names(source: Source<'_>, planned: &PlannedCohort) -> String {
    let assets = planned.cohort.assets.iter().filter_map(|index| source.fleet.assets.get(*index));
    let names: Vec<String> = assets.take(MOST_ASSETS).map(|asset| clean(&asset.id)).collect();
    let more = planned.cohort.assets.len().saturating_sub(MOST_ASSETS);
    if more > 0 { format!("{} and {more} more (plan.csv)", names.join(", ")) } else { names.join(", ") }
}
