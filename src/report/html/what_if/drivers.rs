//! What the answer hangs on: drivers one at a time, and where a scenario is as good as the base.

use maud::{Markup, html};

use crate::report::document::drawing;
use crate::report::plot::{self, TornadoBar};
use crate::report::words::{clean, counted};
use crate::scenario::{BreakEven, Driver, WhatIf};
use crate::units::Money;

pub(super) fn drivers(what_if: &WhatIf) -> Markup {
    let base = what_if.base.present_cost;
    let bars: Vec<TornadoBar> = what_if
        .tornado
        .iter()
        .map(|swing| {
            let end = |value: f64, cost: Money| (told(&swing.driver, value), cost.major() - base.major());
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
                figure { (drawing("What moves the total cost", plot::tornado("present total cost", &bars, what_if.currency))) }
                (break_evens(what_if))
            }
        }
    }
}

/// A value of a driver with a true minus sign.
fn told(driver: &Driver, value: f64) -> String {
    driver.in_words(value).replace('-', "−")
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
                            td .number { (told(&break_even.driver, break_even.driver.now)) }
                            td .number { (told(&break_even.driver, *value)) }
                        }
                    }
                }
            } }
        }
    }
}
