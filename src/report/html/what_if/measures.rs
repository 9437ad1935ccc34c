//! Every measure of every scenario, and who beats whom.

use maud::{Markup, html};

use crate::report::words::{capital, chance, clean, interval, whole};
use crate::scenario::{Answer, Measure, WhatIf};
use crate::units::Quantiles;

/// Answers whose names stand over the columns of a matrix; more are numbered.
const MOST_NAMED: usize = 7;

/// Columns of a matrix on one sheet.
const MOST_NUMBERED: usize = 20;

/// What a cell says of an answer, and what it sorts by.
type Cell<'a> = dyn Fn(&Answer) -> (String, f64) + 'a;

/// A measure as a column.
struct Column<'a> {
    name: String,
    cell: Box<Cell<'a>>,
}

/// Scenarios in rows, measures in columns: what it costs, what it brings in, what the books say.
pub(super) fn side_by_side(what_if: &WhatIf) -> Markup {
    let currency = what_if.currency;
    let amount = |name: &str, of: fn(&Answer) -> f64| Column {
        name: name.to_owned(),
        cell: Box::new(move |answer| (whole(of(answer), currency), of(answer))),
    };
    let measure = |measure: Measure| Column {
        name: measure.name().to_owned(),
        cell: Box::new(move |answer| {
            let total = answer.total(measure).major();
            (whole(total, currency), total)
        }),
    };
    let range = |of: fn(&Answer) -> &Quantiles| Column {
        name: "8 in 10".to_owned(),
        cell: Box::new(move |answer| (interval(of(answer), currency), of(answer).p10)),
    };
    let there = |measure: &Measure| what_if.answers().any(|answer| answer.total(*measure).minor() != 0);
    let cost = vec![
        measure(Measure::TotalCost),
        range(|answer| &answer.total_cost),
        amount("present total cost", |answer| answer.present_cost.major()),
        amount("total cost of a unit and year", Answer::cost_per_unit_and_year),
        measure(Measure::Capex),
        measure(Measure::Opex),
    ];
    let mut comes_in = vec![measure(Measure::NetRecovery), range(|answer| &answer.recovery)];
    comes_in.extend([Measure::Resale, Measure::Rental].into_iter().filter(there).map(measure));
    comes_in.extend([Measure::NetCash, Measure::Left].map(measure));
    let mut in_books = vec![Column {
        name: "units leaving".to_owned(),
        cell: Box::new(|answer| (answer.units_leaving.to_string(), answer.units_leaving as f64)),
    }];
    in_books.extend(what_if.base.books.iter().enumerate().map(|(book, kept)| Column {
        name: format!("gain or loss on disposals, {}", clean(&kept.name)),
        cell: Box::new(move |answer| {
            let gain = answer.gain(book, |_| true).major();
            (whole(gain, currency), gain)
        }),
    }));
    html! {
        section #measures {
            h2 { "Side by side" }
            p { (currency) ", over all months looked ahead." }
            (of_columns(what_if, "What it costs", &cost))
            (of_columns(what_if, "What it brings in", &comes_in))
            (of_columns(what_if, "What the books say of what leaves", &in_books))
        }
    }
}

fn of_columns(what_if: &WhatIf, heading: &str, columns: &[Column<'_>]) -> Markup {
    html! {
        h3 { (heading) }
        div .wide tabindex="0" role="region" aria-label=(heading) {
            table .sortable .dense .beside {
                thead { tr {
                    th scope="col" { "Scenario" }
                    @for column in columns { th .number scope="col" { (capital(&column.name)) } }
                } }
                tbody {
                    @for answer in what_if.answers() {
                        tr {
                            th scope="row" { (clean(&answer.name)) }
                            @for column in columns {
                                @let (told, key) = (column.cell)(answer);
                                td .number data-key=(key) { (told) }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn who_beats_whom(what_if: &WhatIf) -> Markup {
    html! {
        section #beats {
            h2 { "Who beats whom" }
            p { "Every scenario meets the same market, draw by draw: the probabilities are of real differences." }
            (matrix(what_if, "Probability that the row costs less than the column", &what_if.beats.total_cost))
            (matrix(what_if, "Probability that the row brings in more than the column", &what_if.beats.recovery))
        }
    }
}

/// Answers against answers; where names would not fit over the columns, the numbers of the rows stand there.
fn matrix(what_if: &WhatIf, heading: &str, shares: &[Vec<f64>]) -> Markup {
    let answers: Vec<&Answer> = what_if.answers().collect();
    let numbered = answers.len() > MOST_NAMED;
    let columns: Vec<usize> = (0..answers.len()).collect();
    html! {
        h3 { (heading) }
        @for columns in columns.chunks(MOST_NUMBERED) {
            div .wide tabindex="0" role="region" aria-label=(heading) { table .dense .beside .narrow {
                thead { tr {
                    th scope="col" { "Scenario" }
                    @for column in columns {
                        @let name = clean(&answers[*column].name);
                        th .number scope="col" {
                            @if numbered { abbr title=(name) { (column + 1) } } @else { (name) }
                        }
                    }
                } }
                tbody {
                    @for (one, answer) in answers.iter().enumerate() {
                        tr {
                            th scope="row" { @if numbered { (one + 1) " " } (clean(&answer.name)) }
                            @for other in columns {
                                td .number {
                                    @if one == *other { "–" } @else { (chance(shares[one][*other])) }
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}
