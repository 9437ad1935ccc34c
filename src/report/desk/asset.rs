//! One asset: what to do with it and why, as `residua explain` tells it.

use maud::{Markup, html};

use super::frame::{Place, page};
use super::shown::Shown;
use crate::decide::Plan;
use crate::report::document::drawing;
use crate::report::plot;
use crate::report::words::{clean, counted, whole_with_currency};
use crate::report::{Page, explanation};

/// The page of the asset that the address names; none when the register has no such asset. `plan` is that of the base, with
/// everything that is told of it.
pub(crate) fn asset_page(shown: Shown<'_>, plan: &Plan) -> Option<String> {
    let scene = shown.scene;
    let position = shown.position_of_asset()?;
    let asset = &scene.fleet.assets[position];
    let cohort = plan.cohort_of[position];
    let planned = &plan.cohorts[cohort];
    let found: Vec<_> =
        plan.findings.iter().filter(|finding| finding.asset_id.as_deref() == Some(&asset.id)).collect();
    let main = html! {
        p .links {
            a href=(shown.view.address(&scene.path())) { "Back to the scenario" } ". "
            (counted(planned.cohort.units, "unit")) " of its cohort share this decision."
        }
        (under_scenario(shown, position))
        section {
            h2 { "The plan as it is" }
            div .pair {
                @if let Some(fan) = plot::forecast_fan(planned, plan, scene.fleet, &scene.setting.catalog, &scene.setting.policy) {
                    figure { (drawing("Price over the months ahead", fan)) }
                }
                figure { (drawing("Net recovery of one unit, step by step", plot::waterfall(&planned.decision.waterfall))) }
            }
        }
        section {
            h2 { "Why" }
            pre tabindex="0" { (clean_lines(&explanation(plan, planned, asset, Page::plain()))) }
        }
        @if !found.is_empty() {
            section {
                h2 { "What is wrong with its data" }
                ul .plain {
                    @for finding in found {
                        li { (finding.code) " " (clean(&finding.message)) " (" (clean(finding.remedy)) ")" }
                    }
                }
            }
        }
    };
    let title = format!("{}, {}", clean(&asset.id), clean(&planned.cohort.label));
    Some(page(&title, Place::Asset, Some((scene, shown.view)), &main))
}

/// What the scenario of the address does with it.
fn under_scenario(shown: Shown<'_>, position: usize) -> Markup {
    let cohort = shown.plan().cohort_of[position];
    let planned = &shown.plan().cohorts[cohort];
    let scene = shown.scene;
    let months = shown.plan().schedule.of_cohort(cohort).iter().filter_map(|placement| placement.month);
    let months: Vec<String> = months.map(|month| month.short()).collect();
    html! {
        @if !shown.view.dials.is_base() {
            section {
                h2 { "With " (shown.view.dials.words()) }
                p { (clean(&planned.decision.reason)) }
                p {
                    "Net " (whole_with_currency(planned.decision.recovery_money.major(), scene.currency())) " each"
                    @if !months.is_empty() { ", scheduled for " (months.join(", ")) } "."
                }
                @if let Some(fan) = plot::forecast_fan(
                    planned, shown.timeline(), scene.fleet, shown.catalog(), &scene.setting.policy
                ) { div .pair { figure { (drawing("Price under the scenario", fan)) } } }
            }
        }
    }
}

/// Lines of a text, each cleaned.
fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
