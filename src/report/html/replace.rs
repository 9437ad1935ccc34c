//! A purchase and what it displaces as one page that stands alone.
//!
//! In: a [`Replacement`]. Out: HTML with its style and drawings inside. First what leaves and what it is worth, then
//! the order of leaving, then what must be done by when, then what delay costs, then what stays.

use maud::{Markup, html};

use super::page;
use crate::decide::Total;
use crate::report::document::drawing;
use crate::report::plot::{self, Range};
use crate::report::replace::{cost_sentence, first_sentence, name_of, sooner_sentence, units_of};
use crate::report::words::{clean, counted, exact, interval, whole};
use crate::scenario::{Delay, Group, Replacement};

/// Groups that are drawn.
const MOST_DRAWN: usize = 12;

/// Writes the page.
pub fn replace_html(found: &Replacement) -> String {
    let title = format!(
        "{} × {} arrive in {}: what leaves, in what order, and what it is worth then",
        found.quantity,
        clean(&found.product),
        found.arrives.short()
    );
    let below = html! {
        p {
            (first_sentence(found)) " "
            @if let Some(sooner) = sooner_sentence(found) { (sooner) " " }
            @if let Some((price, from)) = found.price { "One costs " (price) ", " (from.in_words()) "." }
        }
    };
    let main = html! {
        @if !found.displaced.is_empty() {
            (tiles(found))
            (order(found))
            (tasks(found))
            (delays(found))
        }
        (staying(found))
    };
    page(&title, &below, &main)
}

fn tiles(found: &Replacement) -> Markup {
    let currency = found.currency;
    let tile = |name: &str, amount: String, range: String| {
        html! { li { span .name { (name) } span .amount { (amount) } span .range { (range) } } }
    };
    let of_total = |name: &str, total: &Total| {
        let range = format!("8 in 10: {}", interval(&total.quantiles, currency));
        tile(name, whole(total.expected.major(), currency), range)
    };
    let gain = found.gain(0);
    html! {
        ul .tiles {
            (of_total(&format!("Worth in {}, {currency}", found.arrives.short()), &found.value))
            (of_total(&format!("Net recovery, {currency}"), &found.recovery))
            (tile(
                if gain.minor() < 0 { "Loss on disposal" } else { "Gain on disposal" },
                whole(gain.major(), currency),
                format!(
                    "against {} in the {} book",
                    whole(found.book_value(0).major(), currency),
                    found.books[0].name
                ),
            ))
            (tile(
                "Disposal a quarter late",
                whole(found.late_disposal.cost.major(), currency),
                format!("arrival a quarter late: {}", whole(found.late_arrival.cost.major(), currency)),
            ))
        }
    }
}

fn order(found: &Replacement) -> Markup {
    let currency = found.currency;
    let (drawn, others) = found.groups.split_at(found.groups.len().min(MOST_DRAWN));
    let range = |group: &Group| Range {
        name: format!("{} × {}", group.units, name_of(group)),
        worth: group.value.as_ref().map(|value| value.quantiles),
        net: group.recovery.quantiles,
    };
    let rows: Vec<Range> = drawn.iter().map(range).collect();
    html! {
        section #order {
            h2 { "What goes, in this order" }
            p {
                "By what letting go a quarter sooner saves for the work of one that arrives. Units of one product and \
                 site stand together here; replace.csv has the order unit by unit."
            }
            div .wide tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Product, site" } th .number scope="col" { "Units" }
                        th scope="col" { "When, how" } th .number scope="col" { "Needs" }
                        th .number scope="col" { "Saves" } th .number scope="col" { "Worth " (currency) }
                        th .number scope="col" { "Net " (currency) } th .number scope="col" { "Gain or loss" }
                    } }
                    tbody { @for group in &found.groups { (row(found, group)) } }
                    tfoot { tr {
                        th scope="row" { "All" } td .number { (found.units()) } td {}
                        td .number { (format!("{:.2}", found.newcomers_used())) } td {}
                        td .number { (exact(found.value.expected)) }
                        td .number { (exact(found.recovery.expected)) }
                        td .number { (exact(found.gain(0))) }
                    } }
                }
            }
            @if let Some(cost) = cost_sentence(found) { p { (cost) } }
            figure {
                (drawing("Worth and net recovery of what makes room", plot::ranges(&rows, currency)))
                @if !others.is_empty() {
                    figcaption { "Not drawn: " (counted(others.len() as u64, "more group")) " of the table." }
                }
            }
        }
    }
}

fn row(found: &Replacement, group: &Group) -> Markup {
    let currency = found.currency;
    html! {
        tr {
            th scope="row" { (clean(&name_of(group))) }
            td .number { (units_of(group)) }
            td { (group.month.short()) br; (group.route.name()) }
            td .number { (format!("{:.2}", group.newcomers)) }
            td .number { (whole(group.saving, currency)) }
            td .number {
                @if let Some(value) = &group.value {
                    (exact(value.expected)) br;
                    span .soft { (interval(&value.quantiles, currency)) }
                } @else { "–" }
            }
            td .number {
                (exact(group.recovery.expected)) br;
                span .soft { (interval(&group.recovery.quantiles, currency)) }
            }
            td .number { @match group.book { Some((_, gain)) => (exact(gain)), None => "–" } }
        }
    }
}

fn tasks(found: &Replacement) -> Markup {
    html! {
        section #tasks {
            h2 { "What must be done by when" }
            table {
                thead { tr {
                    th scope="col" { "By" } th scope="col" { "Where" } th scope="col" { "What" }
                    th .number scope="col" { (found.currency) }
                } }
                tbody {
                    @for task in &found.tasks {
                        tr {
                            th .code scope="row" {
                                @match task.day { Some(day) => (day), None => (task.due.short()) }
                            }
                            td { (clean(&task.site)) }
                            td { (clean(&task.text)) }
                            td .number { @if let Some(money) = task.money { (whole(money.major(), found.currency)) } }
                        }
                    }
                }
            }
        }
    }
}

fn delays(found: &Replacement) -> Markup {
    let (arrival, disposal) = (&found.late_arrival, &found.late_disposal);
    let mut names: Vec<&str> = Vec::new();
    for cause in arrival.causes.iter().chain(&disposal.causes) {
        if !names.contains(&cause.name) {
            names.push(cause.name);
        }
    }
    let of = |delay: &Delay, name: &str| {
        delay
            .causes
            .iter()
            .find(|cause| cause.name == name)
            .map_or("–".to_owned(), |cause| exact(cause.cost))
    };
    html! {
        section #delays {
            h2 { "What a quarter's delay costs" }
            p {
                "Of the arrival: the old units run on and lose price, the new ones cost nothing yet. Of the disposal: \
                 the new ones are there, the old ones wait on a shelf. Present values in " (found.currency) "."
            }
            table .narrow {
                thead { tr {
                    th scope="col" { "Cause" } th .number scope="col" { "Arrival late" }
                    th .number scope="col" { "Disposal late" }
                } }
                tbody {
                    @for name in &names {
                        tr {
                            th scope="row" { (name) }
                            td .number { (of(arrival, name)) } td .number { (of(disposal, name)) }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { "All" }
                        td .number { (exact(arrival.cost)) } td .number { (exact(disposal.cost)) }
                    }
                    tr {
                        td .soft { "8 in 10" }
                        td .number .soft { (interval(&arrival.quantiles, found.currency)) }
                        td .number .soft { (interval(&disposal.quantiles, found.currency)) }
                    }
                }
            }
        }
    }
}

fn staying(found: &Replacement) -> Markup {
    html! {
        @if !found.staying.is_empty() {
            section #staying {
                h2 { "What stays" }
                ul .plain {
                    @for staying in &found.staying {
                        li {
                            b { (counted(staying.units, "unit")) } ": " (staying.because.in_words()) " ("
                            @for (position, (product, units)) in staying.products.iter().enumerate() {
                                @if position > 0 { ", " } (units) " × " (clean(product))
                            }
                            ")"
                        }
                    }
                }
            }
        }
    }
}
