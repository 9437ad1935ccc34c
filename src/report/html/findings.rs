//! What is wrong with the data, by kind: how many assets it touches, what it says, what settles it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Source;
use crate::fleet::{Finding, Severity};
use crate::report::words::{clean, counted};

/// Findings of one kind that are written out; the others are counted.
const MOST_MESSAGES: usize = 20;

pub(super) fn findings(source: Source<'_>) -> Markup {
    let mut kinds: BTreeMap<(Severity, &str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in &source.plan.findings {
        kinds.entry((finding.severity, finding.code, finding.remedy)).or_default().push(finding);
    }
    let fleet = source.fleet;
    html! {
        section #findings {
            h2 { "What is wrong with the data" }
            p {
                (counted(fleet.rows_in as u64, "row")) " read: " (counted(fleet.assets.len() as u64, "asset")) ", "
                (counted(fleet.rejects.len() as u64, "row")) " rejected, "
                (counted(fleet.rows_merged as u64, "row")) " merged into others."
            }
            @if kinds.is_empty() {
                p { "Nothing was found." }
            } @else {
                div .wide tabindex="0" {
                    table .sortable {
                        caption { "Findings by kind, those that block first" }
                        thead { tr {
                            th scope="col" { "Code" } th scope="col" { "Severity" } th .number scope="col" { "Assets" }
                            th scope="col" { "What" } th scope="col" { "What settles it" }
                        } }
                        tbody {
                            @for ((severity, code, remedy), found) in &kinds { (kind(*severity, code, remedy, found)) }
                        }
                    }
                }
            }
        }
    }
}

fn kind(severity: Severity, code: &str, remedy: &str, found: &[&Finding]) -> Markup {
    let assets: usize = found.iter().map(|finding| finding.assets).sum();
    let key = match severity {
        Severity::Blocks => "1",
        Severity::Warns => "2",
        Severity::Notes => "3",
    };
    html! {
        tr {
            th .code scope="row" { (code) }
            td data-key=(key) .blocks[severity == Severity::Blocks] { (severity.name()) }
            td .number { (assets) }
            td {
                @match found {
                    [only] => (message(only)),
                    _ => details {
                        summary { (counted(found.len() as u64, "finding")) ", first: " (message(found[0])) }
                        div .inside {
                            ul .plain {
                                @for finding in found.iter().take(MOST_MESSAGES) { li { (message(finding)) } }
                            }
                            @if found.len() > MOST_MESSAGES {
                                p .soft { "and " (found.len() - MOST_MESSAGES) " more, in findings.csv" }
                            }
                        }
                    },
                }
            }
            td { (remedy) }
        }
    }
}

fn message(finding: &Finding) -> Markup {
    html! {
        @if let Some(asset) = &finding.asset_id { (clean(asset)) ": " }
        (clean(&finding.message))
    }
}
