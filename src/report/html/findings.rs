//! What to fix in the data, by the money it costs, and what is wrong, by kind.
//!
//! In: the findings of the plan, the gaps with their prices, the fixes. Out: a table of fixes that pay for their work, the
//! most money first, and a table of the kinds of findings with what each costs where that is known.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Source;
use crate::decide::{FixOffer, Stake};
use crate::fleet::{Finding, Severity, check_title};
use crate::report::words::{capital, clean, counted, whole, whole_with_currency};
use crate::units::Currency;

/// Findings of one kind that are written out; the others are counted.
const MOST_MESSAGES: usize = 20;

/// Fixes that are listed, and those on the first screen.
const MOST_FIXES: usize = 6;
const FIRST_FIXES: usize = 3;

/// Findings of one code.
struct Kind<'a> {
    code: &'a str,
    severity: Severity,
    found: Vec<&'a Finding>,
    remedies: Vec<&'a str>,
    cost: Option<Stake>,
}

pub(super) fn findings(source: Source<'_>) -> Markup {
    let kinds = kinds(source);
    let (fleet, prices, currency) = (source.fleet, source.prices, source.currency());
    html! {
        section #findings {
            h2 { "What is wrong with the data, and what that costs" }
            p {
                (counted(fleet.rows_in as u64, "row")) " read: " (counted(fleet.assets_in() as u64, "asset")) ", "
                (counted(fleet.rejects_in() as u64, "row")) " rejected"
                @if fleet.rejects_in() > 0 { " (each with its reason in rejects.csv)" }
                ", "
                (counted(fleet.rows_merged as u64, "row")) " merged into others. "
                @if !prices.gaps.is_empty() {
                    (counted(prices.gaps.len() as u64, "gap")) " in the data cost "
                    strong { (range(prices.total, currency)) " " (currency) } "."
                }
            }
            (fixes(source))
            @if kinds.is_empty() { p { "Nothing was found." } }
            @else {
                h3 { "By kind" }
                div .wide tabindex="0" role="region" aria-label="Findings by kind" {
                    table .sortable {
                        caption { "Findings by kind, the dearest first; what they cost in " (currency) ", where a price speaks of it" }
                        thead { tr {
                            th scope="col" { "Code" } th scope="col" { "Severity" } th .number scope="col" { "Assets" }
                            th .number scope="col" { "Costs" } th scope="col" { "What" } th scope="col" { "What settles it" }
                        } }
                        tbody { @for kind in &kinds { (row(kind, currency)) } }
                    }
                }
            }
        }
    }
}

/// Kinds, the dearest first, then those that block.
fn kinds(source: Source<'_>) -> Vec<Kind<'_>> {
    let mut by_code: BTreeMap<&str, Kind<'_>> = BTreeMap::new();
    for finding in &source.plan.findings {
        let kind = by_code.entry(finding.code).or_insert_with(|| Kind {
            code: finding.code,
            severity: finding.severity,
            found: Vec::new(),
            remedies: Vec::new(),
            cost: None,
        });
        kind.severity = kind.severity.min(finding.severity);
        kind.found.push(finding);
        if !kind.remedies.contains(&finding.remedy) {
            kind.remedies.push(finding.remedy);
        }
    }
    for gap in &source.prices.gaps {
        if let (Some(kind), Some(cost)) = (by_code.get_mut(gap.code), gap.cost) {
            kind.cost = Some(kind.cost.map_or(cost, |sum| sum.plus(cost)));
        }
    }
    let mut kinds: Vec<Kind<'_>> = by_code.into_values().collect();
    let middle = |kind: &Kind<'_>| kind.cost.map_or(-1.0, Stake::middle);
    kinds.sort_by(|a, b| {
        middle(b).total_cmp(&middle(a)).then(a.severity.cmp(&b.severity)).then(a.code.cmp(b.code))
    });
    kinds
}

/// Fixes that pay for their work, those that net most first.
pub(super) fn paying<'a>(source: Source<'a>) -> Vec<&'a FixOffer> {
    source.prices.fixes.iter().filter(|fix| fix.pays()).collect()
}

/// The fixes for the first screen.
pub(super) fn first_fixes(source: Source<'_>) -> Markup {
    let pay = paying(source);
    let currency = source.currency();
    let found = source.plan.findings.len() as u64;
    html! {
        section #fixes {
            h2 { "Worth fixing in the data" }
            @if pay.is_empty() { p { "No fix pays for its work." } }
            @else {
                div .wide tabindex="0" role="region" aria-label="Worth fixing first" {
                    table .brief {
                        thead { tr {
                            th scope="col" { "Do this" } th .number scope="col" { "Recovers " (currency) }
                            th .number scope="col" { "Work" }
                        } }
                        tbody {
                            @for fix in pay.iter().take(FIRST_FIXES) {
                                tr {
                                    th scope="row" { (capital(&clean(&fix.title()))) }
                                    td .number { (range(fix.adds, currency)) }
                                    td .number { (whole(fix.work.major(), currency)) }
                                }
                            }
                        }
                    }
                }
            }
            p .soft { a href="#findings" { "All " (counted(found, "finding")) ", by what they cost" } }
        }
    }
}

fn fixes(source: Source<'_>) -> Markup {
    let currency = source.currency();
    let pay = paying(source);
    html! {
        @if !pay.is_empty() {
            h3 { "Worth fixing" }
            div .wide tabindex="0" role="region" aria-label="Worth fixing" {
                table {
                    caption { "Fixes that pay for their work, each counted for what those above it leave; " (currency) }
                    thead { tr {
                        th scope="col" { "Do this" } th .number scope="col" { "Findings" }
                        th .number scope="col" { "Recovers" } th .number scope="col" { "Work" }
                        th .number scope="col" { "Net of work" }
                    } }
                    tbody {
                        @for fix in pay.iter().take(MOST_FIXES) {
                            tr {
                                th scope="row" { (capital(&clean(&fix.title()))) }
                                td .number { (fix.adds_findings) }
                                td .number { (range(fix.adds, currency)) }
                                td .number { (whole_with_currency(fix.work.major(), currency)) }
                                td .number { (range(fix.net, currency)) }
                            }
                        }
                    }
                }
            }
            @if pay.len() > MOST_FIXES {
                p .soft { "And " (pay.len() - MOST_FIXES) " more; residua check lists all." }
            }
        }
    }
}

fn row(kind: &Kind<'_>, currency: Currency) -> Markup {
    let assets: usize = kind.found.iter().map(|finding| finding.assets).sum();
    let key = match kind.severity {
        Severity::Blocks => "1",
        Severity::Warns => "2",
        Severity::Notes => "3",
    };
    let cost = kind.cost.map_or("–".to_owned(), |cost| range(cost, currency));
    let middle = kind.cost.map_or(-1.0, Stake::middle);
    html! {
        tr {
            th .code scope="row" { (kind.code) }
            td data-key=(key) .blocks[kind.severity == Severity::Blocks] { (kind.severity.name()) }
            td .number { (assets) }
            td .number data-key=(format!("{middle:.2}")) { (cost) }
            td {
                @if let Some(title) = check_title(kind.code) { (capital(title)) ". " }
                @match kind.found.as_slice() {
                    [only] => (message(only)),
                    found => details {
                        summary { (counted(found.len() as u64, "finding")) ", first: " (message(found[0])) }
                        div .inside {
                            ul .plain { @for finding in found.iter().take(MOST_MESSAGES) { li { (message(finding)) } } }
                            @if found.len() > MOST_MESSAGES {
                                p .soft { "and " (found.len() - MOST_MESSAGES) " more, in findings.csv" }
                            }
                        }
                    },
                }
            }
            td { (kind.remedies.join("; ")) }
        }
    }
}

fn message(finding: &Finding) -> Markup {
    html! {
        @if let Some(asset) = &finding.asset_id { (clean(asset)) ": " }
        (clean(&finding.message))
    }
}

/// `18,400 to 31,000`.
pub(super) fn range(stake: Stake, currency: Currency) -> String {
    let (low, high) = (whole(stake.low.major(), currency), whole(stake.high.major(), currency));
    if low == high { low } else { format!("{low} to {high}") }
}
