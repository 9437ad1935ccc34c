//! When the money moves, what leaves when, and what the books gain by it, by quarter.

use maud::{Markup, html};

use super::tables;
use crate::report::document::drawing;
use crate::report::plot;
use crate::report::words::{clean, counted, forty_percent_test, whole};
use crate::scenario::{Answer, Measure, WhatIf};
use crate::units::Month;

/// Scenarios that are drawn over time beside the base.
const MOST_DRAWN: usize = 4;

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

fn in_quarter(answer: &Answer, measure: Measure, quarter: &str) -> f64 {
    answer.sum(measure, |month: Month| month.quarter_name() == quarter).major()
}

pub(super) fn over_time(what_if: &WhatIf) -> Markup {
    let quarters = what_if.base.quarters();
    let by_quarter = |answer: &Answer, measure: Measure| -> Vec<f64> {
        quarters.iter().map(|quarter| in_quarter(answer, measure, quarter)).collect()
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
    let answers: Vec<&Answer> = what_if.answers().collect();
    // More lines than these are a tangle: the base and what leaves it furthest.
    let drawn = furthest(what_if);
    let paths = |of: &dyn Fn(&Answer) -> Vec<f64>| -> Vec<(String, Vec<f64>)> {
        drawn.iter().map(|answer| (answer.name.clone(), of(answer))).collect()
    };
    let cash = paths(&|answer| cumulated(by_quarter(answer, Measure::NetCash)));
    let capex = paths(&|answer| by_quarter(answer, Measure::Capex));
    let heading = |what: &str| format!("{}, {what}", what_if.currency);
    let rows: Vec<(String, &String)> = quarters.iter().map(|quarter| (quarter.clone(), quarter)).collect();
    html! {
        section #quarters {
            h2 { "When the money moves" }
            @if drawn.len() < answers.len() {
                p { "Drawn are the base and the scenarios whose net cash is furthest from it; the table has all." }
            }
            div .pair {
                figure { (drawing("Net cash by quarter, cumulated", plot::quarter_paths(&heading("net cash, cumulated"), &quarters, &cash))) }
                figure { (drawing("Purchases by quarter", plot::quarter_paths(&heading("capex by quarter"), &quarters, &capex))) }
            }
            details {
                summary { "Net cash by quarter, as a table" }
                div .inside {
                    (tables(what_if, "Quarter", &rows, |quarter, answer| {
                        whole(in_quarter(answers[answer], Measure::NetCash, quarter), what_if.currency)
                    }))
                }
            }
        }
    }
}

pub(super) fn leaving(what_if: &WhatIf) -> Markup {
    let units: Vec<_> = what_if.answers().map(Answer::leaving).collect();
    let mut places: Vec<(String, String)> = units.iter().flat_map(|of| of.keys().cloned()).collect();
    places.sort();
    places.dedup();
    let site = |site: &str| if site.is_empty() { "–".to_owned() } else { site.to_owned() };
    let rows: Vec<(String, (String, String))> =
        places.into_iter().map(|place| (format!("{}, {}", place.0, site(&place.1)), place)).collect();
    html! {
        section #leaving {
            h2 { "What leaves, by quarter and site" }
            details {
                summary { (counted(rows.len() as u64, "line")) ", units" }
                div .inside {
                    (tables(what_if, "Quarter, site", &rows, |place, answer| {
                        units[answer].get(place).map_or("–".to_owned(), u64::to_string)
                    }))
                }
            }
        }
    }
}

/// Gain or loss by quarter, a table a book.
pub(super) fn gains(what_if: &WhatIf) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let mut rows: Vec<(String, Option<String>)> =
        what_if.base.quarters().into_iter().map(|quarter| (quarter.clone(), Some(quarter))).collect();
    rows.push(("all".to_owned(), None));
    html! {
        section #books {
            h2 { "Gain or loss in the books" }
            p { "Recovery less book value of what leaves, by quarter. Leased units, units that stay in the house and units
                without cost or date stand in no book." }
            @for (book, kept) in what_if.base.books.iter().enumerate() {
                details {
                    summary { (clean(&kept.name)) @if let Some(test) = forty_percent_test(kept) { ": " (test) } }
                    div .inside {
                        (tables(what_if, "Quarter", &rows, |quarter, answer| {
                            let within =
                                |month: Month| quarter.as_ref().is_none_or(|quarter| month.quarter_name() == *quarter);
                            whole(answers[answer].gain(book, within).major(), what_if.currency)
                        }))
                    }
                }
            }
        }
    }
}
