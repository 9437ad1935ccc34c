//! Which scenario costs least, what it saves and how sure that is; then all of them in that order.

use std::cmp::Ordering;

use maud::{Markup, html};

use super::difference;
use crate::report::document::drawing;
use crate::report::plot;
use crate::report::words::{chance, clean, counted, signed, signed_interval, whole_with_currency};
use crate::scenario::{Answer, Measure, WhatIf};
use crate::units::{Currency, Money, Quantiles};

/// A scenario with what it differs by from the base.
struct Ranked<'a> {
    answer: &'a Answer,
    cost: Difference,
    recovery: Difference,
}

/// What a scenario differs by in one measure.
struct Difference {
    expected: Money,
    draws: Quantiles,
    /// Probability that the scenario is the better of the two.
    better: f64,
}

impl Difference {
    /// Whether the scenario is the base in this measure, whatever comes.
    fn is_none(&self) -> bool {
        self.expected.minor() == 0 && self.draws.p10 == 0.0 && self.draws.p90 == 0.0
    }

    fn expected(&self, currency: Currency) -> String {
        signed(self.expected.major(), currency)
    }
}

/// The verdict, the ranking, and the same as drawings.
pub(super) fn verdict(what_if: &WhatIf) -> Markup {
    let ranked = ranked(what_if);
    html! {
        @if let Some(first) = ranked.first() {
            (sentences(what_if, &ranked, first))
            (ranking(what_if, &ranked))
            (drawings(what_if, &ranked))
            (meanings(what_if))
        } @else { p .lead { "The file names no scenario." } }
    }
}

/// The scenarios, the one that is expected to cost least first.
fn ranked(what_if: &WhatIf) -> Vec<Ranked<'_>> {
    let base = &what_if.base;
    let expected = |answer: &Answer, measure: Measure| {
        let more = answer.total(measure).minor() - base.total(measure).minor();
        Money::from_minor(more, what_if.currency)
    };
    let of = |answer| Ranked {
        answer,
        cost: Difference {
            expected: expected(answer, Measure::TotalCost),
            draws: difference(|of| &of.draws.total_cost, answer, base),
            better: answer.costs_less_than(base),
        },
        recovery: Difference {
            expected: expected(answer, Measure::NetRecovery),
            draws: difference(|of| &of.draws.recovery, answer, base),
            better: answer.brings_more_than(base),
        },
    };
    let mut ranked: Vec<Ranked<'_>> = what_if.scenarios.iter().map(of).collect();
    ranked.sort_by_key(|one| one.cost.expected.minor());
    ranked
}

fn sentences(what_if: &WhatIf, ranked: &[Ranked<'_>], first: &Ranked<'_>) -> Markup {
    let currency = what_if.currency;
    let months = counted(what_if.base.horizon() as u64, "month");
    let amount = |money: Money| whole_with_currency(money.major().abs(), currency);
    let how_sure = |of: &Difference| format!("8 in 10: {}", signed_interval(&of.draws, currency));
    let most = ranked.iter().max_by_key(|one| one.recovery.expected.minor());
    let alone = ranked.len() == 1;
    html! {
        p .lead {
            @match first.cost.expected.minor().cmp(&0) {
                Ordering::Less => {
                    strong { (clean(&first.answer.name)) }
                    @if alone { " costs less than the base: " } @else { " costs least: " }
                    strong { (amount(first.cost.expected)) " less" } " in total over " (months)
                }
                Ordering::Equal => {
                    @if !alone { "No scenario is expected to cost less than the base. " }
                    strong { (clean(&first.answer.name)) } " is expected to cost as much as the base over " (months)
                }
                Ordering::Greater => {
                    @if !alone { "No scenario is expected to cost less than the base. The nearest to it is " }
                    strong { (clean(&first.answer.name)) }
                    @if alone { " costs more than the base: " } @else { ": " }
                    strong { (amount(first.cost.expected)) " more" } " in total over " (months)
                }
            }
            " (" (how_sure(&first.cost)) "). It is cheaper than the base with a probability of "
            strong { (chance(first.cost.better)) } "."
        }
        @if let Some(most) = most {
            p {
                @if most.recovery.expected.minor() > 0 {
                    @if alone { "It brings in " } @else { "Most comes in from " strong { (clean(&most.answer.name)) } ": " }
                    (amount(most.recovery.expected)) " more net recovery than the base (" (how_sure(&most.recovery))
                    "), more with a probability of " (chance(most.recovery.better)) "."
                } @else { "None brings in more net recovery than the base is expected to." }
            }
        }
    }
}

fn ranking(what_if: &WhatIf, ranked: &[Ranked<'_>]) -> Markup {
    let currency = what_if.currency;
    let cells = |of: &Difference| {
        html! {
            td .number data-key=(of.expected.minor()) { (of.expected(currency)) }
            td .number data-key=(of.draws.p10.round()) {
                @if of.is_none() { "–" } @else { (signed_interval(&of.draws, currency)) }
            }
            td .number data-key=(of.better) { @if of.is_none() { "–" } @else { (chance(of.better)) } }
        }
    };
    let cheaper = ranked.iter().take_while(|one| one.cost.expected.minor() < 0).count();
    let row = |one: &Ranked<'_>| {
        html! { tr { th scope="row" { (clean(&one.answer.name)) } (cells(&one.cost)) (cells(&one.recovery)) } }
    };
    html! {
        section #ranking {
            h2 { "Cheapest first" }
            p .soft {
                (currency) " more or less than the base over all months looked ahead; eight of ten outcomes lie in the range
                beside the expected amount."
            }
            div .wide tabindex="0" role="region" aria-label="Scenarios, cheapest first" {
                table .sortable .dense .beside {
                    thead { tr {
                        th scope="col" { "Scenario" }
                        th .number scope="col" { "Total cost" } th .number scope="col" { "8 in 10" }
                        th .number scope="col" { "Cheaper" }
                        th .number scope="col" { "Net recovery" } th .number scope="col" { "8 in 10" }
                        th .number scope="col" { "Brings more" }
                    } }
                    tbody {
                        @for one in &ranked[..cheaper] { (row(one)) }
                        tr .base {
                            th scope="row" { "base: the plan as it is" }
                            @for _ in 0..2 {
                                td .number data-key="0" { "0" } td .number data-key="0" { "–" }
                                td .number data-key="0.5" { "–" }
                            }
                        }
                        @for one in &ranked[cheaper..] { (row(one)) }
                    }
                }
            }
        }
    }
}

fn drawings(what_if: &WhatIf, ranked: &[Ranked<'_>]) -> Markup {
    let currency = what_if.currency;
    let rows = |of: &dyn Fn(&Ranked<'_>) -> Quantiles| -> Vec<(String, Quantiles)> {
        ranked.iter().map(|one| (one.answer.name.clone(), of(one))).collect()
    };
    html! {
        div .pair {
            section #cost {
                h2 { "Total cost against the base" }
                figure {
                    (drawing("Total cost against the base", plot::differences("total cost", &rows(&|one| one.cost.draws), currency, true)))
                }
            }
            section #recovery {
                h2 { "Net recovery against the base" }
                figure {
                    (drawing("Net recovery against the base", plot::differences("net recovery", &rows(&|one| one.recovery.draws), currency, false)))
                }
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
            section #meanings {
                h2 { "What the scenarios mean" }
                dl .columns {
                    @for answer in explained {
                        div {
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
    }
}
