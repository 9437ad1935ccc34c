//! What is wrong with the data of a register: what an upload leads to.

use maud::html;

use super::frame::{Place, page};
use super::shown::Scene;
use super::view::View;
use crate::decide::{GapPrices, Plan};
use crate::report::html::findings_part;
use crate::report::words::{clean, counted};

/// Rejected rows that are listed.
const MOST_REJECTS: usize = 100;

/// The findings with what they cost, how the files were understood, and the rows that are no assets.
pub(crate) fn register_findings_page(
    scene: Scene<'_>,
    view: &View,
    plan: &Plan,
    prices: &GapPrices,
) -> String {
    let fleet = scene.fleet;
    let main = html! {
        p .links { a href=(view.address(&scene.path())) { "On to the plan of these assets" } "." }
        (findings_part(plan, fleet, scene.setting, prices))
        section {
            h2 { "How the files were understood" }
            @for file in &fleet.files {
                h3 { (clean(&file.label())) }
                dl {
                    div { dt { "Read as" } dd { (clean(&file.profile)) ", " (counted(file.rows as u64, "row")) } }
                    div {
                        dt { "Columns used" }
                        dd { (file.columns_used.iter().map(|(header, _)| clean(header)).collect::<Vec<_>>().join(", ")) }
                    }
                    @if !file.columns_unused.is_empty() {
                        div {
                            dt { "Left aside" }
                            dd { (file.columns_unused.iter().map(|header| clean(header)).collect::<Vec<_>>().join(", ")) }
                        }
                    }
                    @for note in &file.notes { div { dt { "Note" } dd { (clean(note)) } } }
                }
            }
        }
        @if !fleet.rejects.is_empty() {
            section #rejects {
                h2 { "Rows that are no assets" }
                div .wide tabindex="0" role="region" aria-label="Rows that are no assets" {
                    table .sortable {
                        caption { (counted(fleet.rejects.len() as u64, "row")) }
                        thead { tr {
                            th scope="col" { "File" } th .number scope="col" { "Line" } th scope="col" { "Column" }
                            th scope="col" { "Text" } th scope="col" { "Why" } th scope="col" { "What makes it right" }
                        } }
                        tbody {
                            @for reject in fleet.rejects.iter().take(MOST_REJECTS) {
                                tr {
                                    td { (clean(&fleet.files[reject.row.file].label())) }
                                    td .number { (reject.row.line) }
                                    td { (clean(&reject.column)) }
                                    td { (clean(&reject.text)) }
                                    td { (clean(&reject.reason)) }
                                    td { (clean(&reject.remedy)) }
                                }
                            }
                        }
                    }
                }
                @if fleet.rejects.len() > MOST_REJECTS {
                    p .soft { "The first " (MOST_REJECTS) " of them; rejects.csv of the plan's files has all." }
                }
            }
        }
    };
    page(&format!("{}, its data", scene.title()), Place::Findings, Some((scene, view)), &main)
}
