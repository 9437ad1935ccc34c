//! The what-if as one page that stands alone.
//!
//! In: a [`WhatIf`]. Out: HTML with its style and drawings inside. First what each scenario saves or costs and how sure
//! that is, then every measure side by side, then when the money moves, then what the answer hangs on.

use maud::{Markup, PreEscaped, html};

use super::page;

use crate::report::plot::{self, TornadoBar};
use crate::report::words::{clean, counted, forty_percent_test, interval, signed, whole};
use crate::scenario::{Answer, BreakEven, Measure, WhatIf};
use crate::units::{Money, Month, Quantiles};

/// Scenarios that are drawn over time beside the base.
const MOST_DRAWN: usize = 4;

/// Writes the page.
pub fn what_if_html(what_if: &WhatIf) -> String {
    let title = format!(
        "What if: {} against the plan as it is, {} from {}",
        counted(what_if.scenarios.len() as u64, "scenario"),
        counted(what_if.base.horizon() as u64, "month"),
        what_if.as_of.short()
    );
    page(&title, &html! {}, &what_if_main(what_if))
}

/// Everything under the heading of the page.
pub(in crate::report) fn what_if_main(what_if: &WhatIf) -> Markup {
    html! {
        (first(what_if))
        (side_by_side(what_if))
        (over_time(what_if))
        (leaving(what_if))
        (gains(what_if))
        (drivers(what_if))
        (who_beats_whom(what_if))
    }
}

/// What a scenario differs by from the base, draw by draw of the same fortune.
pub(in crate::report) fn difference(
    of: impl Fn(&Answer) -> &Vec<f64>,
    scenario: &Answer,
    base: &Answer,
) -> Quantiles {
    let mut draws: Vec<f64> = of(scenario).iter().zip(of(base)).map(|(one, other)| one - other).collect();
    Quantiles::from_draws(&mut draws)
}

fn first(what_if: &WhatIf) -> Markup {
    let currency = what_if.currency;
    let of_cost = |answer: &Answer| difference(|of| &of.draws.total_cost, answer, &what_if.base);
    let of_recovery = |answer: &Answer| difference(|of| &of.draws.recovery, answer, &what_if.base);
    let rows = |of: &dyn Fn(&Answer) -> Quantiles| -> Vec<(String, Quantiles)> {
        what_if.scenarios.iter().map(|answer| (answer.name.clone(), of(answer))).collect()
    };
    html! {
        ul .tiles {
            @for (place, answer) in what_if.scenarios.iter().enumerate() {
                @let cost = of_cost(answer);
                li {
                    span .name { (clean(&answer.name)) }
                    span .amount { (signed(cost.mean, currency)) " " (currency) }
                    span .range {
                        "total cost against the base; 8 in 10: " (interval(&cost, currency)) ". Cheaper with "
                        (per_cent(what_if.beats.total_cost.get(place + 1).and_then(|row| row.first()).copied()))
                    }
                }
            }
        }
        @if what_if.scenarios.is_empty() { p { "The file names no scenario." } }
        @else {
            section #cost {
                h2 { "Total cost against the base" }
                figure { (PreEscaped(plot::differences("total cost", &rows(&of_cost), currency, true))) }
                h3 { "Net recovery against the base" }
                figure { (PreEscaped(plot::differences("net recovery", &rows(&of_recovery), currency, false))) }
                (meanings(what_if))
            }
        }
    }
}

/// What the scenarios are about, as far as their owner says it.
fn meanings(what_if: &WhatIf) -> Markup {
    let explained: Vec<&Answer> = what_if
        .scenarios
        .iter()
        .filter(|answer| !answer.description.is_empty() || !answer.changes.is_empty())
        .collect();
    html! {
        @if !explained.is_empty() {
            h3 { "What they mean" }
            dl {
                @for answer in explained {
                    dt { (clean(&answer.name)) }
                    dd {
                        @for said in std::iter::once(&answer.description).chain(&answer.changes) {
                            @if !said.is_empty() { (clean(said)) ". " }
                        }
                    }
                }
            }
        }
    }
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown probability".into(), |share| format!("probability {:.0} %", 100.0 * share))
}

fn side_by_side(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let currency = what_if.currency;
    let row = |name: &str, of: &dyn Fn(&Answer) -> f64| {
        html! {
            tr {
                th scope="row" { (name) }
                @for answer in &answers { td .number { (whole(of(answer), currency)) } }
            }
        }
    };
    let range = |name: &str, of: &dyn Fn(&Answer) -> &Quantiles| {
        html! {
            tr {
                th scope="row" { (name) }
                @for answer in &answers { td .number { (interval(of(answer), currency)) } }
            }
        }
    };
    html! {
        section #measures {
            h2 { "Side by side" }
            div .wide tabindex="0" {
                table .dense {
                    caption { (currency) ", over all months looked ahead" }
                    (head("Measure", &answers))
                    tbody {
                        @for measure in Measure::ALL {
                            (row(measure.name(), &|answer| answer.total(measure).major()))
                        }
                        (range("net recovery, 8 in 10", &|answer| &answer.recovery))
                        (range("total cost, 8 in 10", &|answer| &answer.total_cost))
                        (row("present total cost", &|answer| answer.present_cost.major()))
                        (row("total cost of a unit in a year", &|answer| answer.cost_per_unit_and_year()))
                        @for (book, kept) in what_if.base.books.iter().enumerate() {
                            (row(&format!("gain or loss, {}", kept.name), &|answer| answer.gain(book, |_| true).major()))
                        }
                        (row("units leaving", &|answer| answer.units_leaving as f64))
                    }
                }
            }
        }
    }
}

fn head(first: &str, answers: &[&Answer]) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            @for answer in answers { th .number scope="col" { (clean(&answer.name)) } }
        } }
    }
}

/// The base and the scenarios whose net cash differs most from its own, in their order.
fn furthest(what_if: &WhatIf) -> Vec<&Answer> {
    let cash = |answer: &Answer| answer.total(Measure::NetCash).minor();
    let distance = |answer: &&Answer| (cash(answer) - cash(&what_if.base)).abs();
    let mut ranked: Vec<&Answer> = what_if.scenarios.iter().collect();
    ranked.sort_by_key(|answer| std::cmp::Reverse(distance(answer)));
    ranked.truncate(MOST_DRAWN);
    let names: Vec<&str> = ranked.iter().map(|answer| answer.name.as_str()).collect();
    let mut drawn = vec![&what_if.base];
    drawn.extend(what_if.scenarios.iter().filter(|answer| names.contains(&answer.name.as_str())));
    drawn
}

fn over_time(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let quarters = what_if.base.quarters();
    let by_quarter = |answer: &Answer, measure: Measure| -> Vec<f64> {
        let of =
            |quarter: &String| answer.sum(measure, |month: Month| month.quarter_name() == *quarter).major();
        quarters.iter().map(of).collect()
    };
    let cumulated = |amounts: Vec<f64>| -> Vec<f64> {
        let mut sum = 0.0;
        amounts
            .into_iter()
            .map(|amount| {
                sum += amount;
                sum
            })
            .collect()
    };
    // More lines than these are a tangle: the base and what leaves it furthest.
    let drawn = furthest(what_if);
    let paths = |of: &dyn Fn(&Answer) -> Vec<f64>| -> Vec<(String, Vec<f64>)> {
        drawn.iter().map(|answer| (answer.name.clone(), of(answer))).collect()
    };
    let cash = paths(&|answer| cumulated(by_quarter(answer, Measure::NetCash)));
    let capex = paths(&|answer| by_quarter(answer, Measure::Capex));
    let heading = |what: &str| format!("{}, {what}", what_if.currency);
    html! {
        section #quarters {
            h2 { "When the money moves" }
            @if drawn.len() < answers.len() {
                p { "Drawn are the base and the scenarios whose net cash is furthest from it; the table has all." }
            }
            figure { (PreEscaped(plot::quarter_paths(&heading("net cash, cumulated"), &quarters, &cash))) }
            figure { (PreEscaped(plot::quarter_paths(&heading("capex by quarter"), &quarters, &capex))) }
            details {
                summary { "Net cash by quarter, as a table" }
                div .inside { div .wide tabindex="0" { table .dense {
                    (head("Quarter", &answers))
                    tbody {
                        @for (place, quarter) in quarters.iter().enumerate() {
                            tr {
                                th scope="row" { (quarter) }
                                @for answer in &answers {
                                    td .number {
                                        (whole(by_quarter(answer, Measure::NetCash)[place], what_if.currency))
                                    }
                                }
                            }
                        }
                    }
                } } }
            }
        }
    }
}

fn leaving(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let units: Vec<_> = answers.iter().map(|answer| answer.leaving()).collect();
    let mut places: Vec<&(String, String)> = units.iter().flat_map(|of| of.keys()).collect();
    places.sort();
    places.dedup();
    html! {
        section #leaving {
            h2 { "What leaves, by quarter and site" }
            details {
                summary { (counted(places.len() as u64, "line")) }
                div .inside { div .wide tabindex="0" { table .dense {
                    (head("Quarter, site", &answers))
                    tbody {
                        @for place in &places {
                            tr {
                                th scope="row" { (place.0) ", " (clean(if place.1.is_empty() { "–" } else { &place.1 })) }
                                @for of in &units { td .number { (of.get(*place).copied().unwrap_or(0)) } }
                            }
                        }
                    }
                } } }
            }
        }
    }
}

/// Gain or loss by quarter, a table a book.
fn gains(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let cell = |answer: &Answer, book: usize, within: &dyn Fn(Month) -> bool| {
        html! { td .number { (whole(answer.gain(book, within).major(), what_if.currency)) } }
    };
    html! {
        section #books {
            h2 { "Gain or loss in the books" }
            p { "Recovery less book value of what leaves, by quarter. Leased units, units that stay in the house and units
                without cost or date stand in no book." }
            @for (book, kept) in what_if.base.books.iter().enumerate() {
                details {
                    summary { (clean(&kept.name)) @if let Some(test) = forty_percent_test(kept) { ": " (test) } }
                    div .inside { div .wide tabindex="0" { table .dense {
                        (head("Quarter", &answers))
                        tbody {
                            @for quarter in what_if.base.quarters() {
                                tr {
                                    th scope="row" { (quarter) }
                                    @for answer in &answers {
                                        (cell(answer, book, &|month| month.quarter_name() == quarter))
                                    }
                                }
                            }
                            tr {
                                th scope="row" { "all" }
                                @for answer in &answers { (cell(answer, book, &|_| true)) }
                            }
                        }
                    } } }
                }
            }
        }
    }
}

fn drivers(what_if: &WhatIf) -> Markup {
    let base = what_if.base.present_cost;
    let bars: Vec<TornadoBar> = what_if
        .tornado
        .iter()
        .map(|swing| {
            let end = |value: f64, cost: Money| (swing.driver.in_words(value), cost.major() - base.major());
            TornadoBar {
                name: swing.driver.name.to_owned(),
                low: end(swing.driver.low, swing.cost_low),
                high: end(swing.driver.high, swing.cost_high),
            }
        })
        .collect();
    html! {
        @if !bars.is_empty() {
            section #drivers {
                h2 { "What the answer hangs on" }
                figure { (PreEscaped(plot::tornado("present total cost", &bars, what_if.currency))) }
                (break_evens(what_if))
            }
        }
    }
}

/// Only the values that were found: a driver that never makes a scenario as good as the base has nothing to show.
fn break_evens(what_if: &WhatIf) -> Markup {
    let found: Vec<(&BreakEven, f64)> = what_if
        .break_evens
        .iter()
        .filter_map(|break_even| break_even.value.map(|value| (break_even, value)))
        .collect();
    let sought = what_if.break_evens.len();
    html! {
        @if sought > 0 {
            h3 { "Where a scenario costs what the base costs" }
            p {
                (counted(sought as u64, "pair")) " of a scenario and a driver were tried, one driver at a time; "
                @if found.is_empty() { "none makes them even within the range of the driver." }
                @else { "the others never become even within the range of the driver." }
            }
        }
        @if !found.is_empty() {
            div .wide tabindex="0" { table {
                thead { tr {
                    th scope="col" { "Scenario" } th scope="col" { "Driver" } th .number scope="col" { "Now" }
                    th .number scope="col" { "Even at" }
                } }
                tbody {
                    @for (break_even, value) in &found {
                        tr {
                            th scope="row" { (clean(&break_even.scenario)) }
                            td { (break_even.driver.name) }
                            td .number { (break_even.driver.in_words(break_even.driver.now)) }
                            td .number { (break_even.driver.in_words(*value)) }
                        }
                    }
                }
            } }
        }
    }
}

fn who_beats_whom(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let matrix = |caption: &str, shares: &[Vec<f64>]| {
        html! {
            div .wide tabindex="0" { table .dense {
                caption { (caption) }
                (head("Row against column", &answers))
                tbody {
                    @for (one, (answer, row)) in answers.iter().zip(shares).enumerate() {
                        tr {
                            th scope="row" { (clean(&answer.name)) }
                            @for (other, share) in row.iter().enumerate() {
                                td .number { @if one == other { "–" } @else { (format!("{:.0} %", 100.0 * share)) } }
                            }
                        }
                    }
                }
            } }
        }
    };
    html! {
        section #beats {
            h2 { "Who beats whom" }
            p { "Every scenario meets the same market, draw by draw: the probabilities are of real differences." }
            (matrix("Probability of costing less", &what_if.beats.total_cost))
            (matrix("Probability of bringing in more", &what_if.beats.recovery))
        }
    }
}
