//! The what-if as one page that stands alone.
//!
//! In: a [`WhatIf`]. Out: HTML with its style and drawings inside. First which scenario costs least and how sure that is,
//! with all of them ranked ([`verdict`]), then every measure side by side ([`measures`]), then when the money moves and what
//! leaves when ([`quarters`]), then what the answer hangs on ([`drivers`]). No table is wider than a sheet of paper: either
//! scenarios stand in rows, or a few of them beside the base.

mod drivers;
mod measures;
mod quarters;
mod verdict;

use maud::{Markup, html};

use super::page;

use crate::report::words::{clean, counted};
use crate::scenario::{Answer, WhatIf};
use crate::units::Quantiles;

/// Scenarios beside the base in one table, so that a sheet of paper holds it.
const MOST_BESIDE: usize = 6;

/// Writes the page.
pub fn what_if_html(what_if: &WhatIf) -> String {
    let title = format!(
        "What if: {} against the plan as it is, {} from {}",
        counted(what_if.scenarios.len() as u64, "scenario"),
        counted(what_if.base.horizon() as u64, "month"),
        what_if.as_of.short()
    );
    page(&title, &contents(what_if), &what_if_main(what_if))
}

/// Everything under the heading of the page.
pub(in crate::report) fn what_if_main(what_if: &WhatIf) -> Markup {
    html! {
        (verdict::verdict(what_if))
        (measures::side_by_side(what_if))
        (quarters::over_time(what_if))
        (quarters::leaving(what_if))
        (quarters::gains(what_if))
        (drivers::drivers(what_if))
        (measures::who_beats_whom(what_if))
    }
}

fn contents(what_if: &WhatIf) -> Markup {
    let places = [
        ("ranking", "Ranking", !what_if.scenarios.is_empty()),
        ("measures", "Side by side", true),
        ("quarters", "By quarter", true),
        ("leaving", "What leaves", true),
        ("books", "Books", true),
        ("drivers", "Drivers", !what_if.tornado.is_empty()),
        ("beats", "Who beats whom", true),
    ];
    html! {
        nav .screen aria-label="Contents" {
            @for (place, name, _) in places.into_iter().filter(|(.., there)| *there) {
                a href={ "#" (place) } { (name) } " "
            }
        }
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

/// Rows of time or place with a column for each answer, in as many tables as keep each within a sheet. `cell` is told the
/// row and which answer, the base being the first.
fn tables<Row>(
    what_if: &WhatIf,
    first: &str,
    rows: &[(String, Row)],
    cell: impl Fn(&Row, usize) -> String,
) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let scenarios: Vec<usize> = (1..answers.len()).collect();
    let tables = scenarios.len().div_ceil(MOST_BESIDE).max(1);
    let each = scenarios.len().div_ceil(tables).max(1);
    html! {
        @for table in 0..tables {
            @let beside = scenarios.iter().skip(table * each).take(each);
            @let columns: Vec<usize> = std::iter::once(0).chain(beside.copied()).collect();
            div .wide tabindex="0" { table .dense .beside {
                thead { tr {
                    th scope="col" { (first) }
                    @for column in &columns { th .number scope="col" { (clean(&answers[*column].name)) } }
                } }
                tbody {
                    @for (name, row) in rows {
                        tr {
                            th scope="row" { (clean(name)) }
                            @for column in &columns { td .number { (cell(row, *column)) } }
                        }
                    }
                }
            } }
        }
    }
}
