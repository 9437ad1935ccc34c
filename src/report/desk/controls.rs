//! The overview: figures to turn, what to show, and the answer beside them.
//!
//! The form holds everything that its address holds, so that it answers without a script too: a number field for every
//! figure, the slider beside it only with one.

use maud::{Markup, html};

use super::answer::answer;
use super::frame::{Place, page};
use super::shown::Shown;
use super::view::kept_text;
use crate::report::words::{clean, counted, figure};
use crate::scenario::{DIALS, Dial, Recovery};

/// The whole overview.
pub(crate) fn overview_page(shown: Shown<'_>, recovery: &Recovery) -> String {
    let scene = shown.scene;
    let main = html! {
        div .overview {
            (controls(shown))
            div #answer data-part={ (scene.path()) "/part" } { (answer(shown, recovery)) }
        }
    };
    page(&scene.title(), Place::Overview, Some((scene, shown.view)), &main)
}

fn controls(shown: Shown<'_>) -> Markup {
    let scene = shown.scene;
    html! {
        form #controls action=(scene.path()) method="get" aria-label="Scenario" {
            details #turned open {
                summary { "Turn figures, or show a part" }
                (figures(shown))
                (choices(shown))
                p .buttons {
                    button { "Show" }
                    " " a href=(scene.path()) { "As it is" }
                }
            }
            @if let Some(asset) = &shown.view.asset { input type="hidden" name="asset" value=(asset); }
            @for kept in &shown.view.kept { input type="hidden" name="keep" value=(kept_text(kept)); }
            p .soft {
                (counted(scene.fleet.assets.len() as u64, "asset")) " seen from " (scene.setting.as_of.short()) ", "
                (scene.setting.policy.horizon_months) " months ahead. The address of this page holds the scenario."
            }
        }
    }
}

fn figures(shown: Shown<'_>) -> Markup {
    let scene = shown.scene;
    let at_base = scene.at_base();
    let turned: Vec<(&str, String)> =
        shown.view.dials.turned().map(|(dial, text)| (dial.key, text)).collect();
    html! {
        fieldset {
            legend { "What if" }
            @for dial in &DIALS {
                @let value = turned.iter().find(|(key, _)| *key == dial.key).map(|(_, text)| text.as_str());
                @let idle = dial.key == "slip" && scene.turning.launches_ahead.is_empty();
                (control(dial, value, at_base.get(dial.key).copied(), idle))
            }
        }
    }
}

fn choices(shown: Shown<'_>) -> Markup {
    html! {
        fieldset {
            legend { "Show only" }
            @for (key, chosen, choices) in shown.scene.choices.with(&shown.view.filter) {
                div .choice {
                    label for={ "choice-" (key) } { (key) }
                    select id={ "choice-" (key) } name=(key) {
                        option value="" { "every " (key) }
                        @for (value, units) in choices.iter().filter(|(value, _)| !value.is_empty()) {
                            option value=(value) selected[chosen.as_ref() == Some(value)] {
                                (clean(value)) " (" (units) ")"
                            }
                        }
                    }
                }
            }
        }
    }
}

fn control(dial: &Dial, value: Option<&str>, at_base: Option<f64>, idle: bool) -> Markup {
    let id = format!("dial-{}", dial.key);
    let now = at_base.map(|value| format!("now {}", figure(value).replace('-', "−")));
    let help = if idle { "no launch is ahead that could move" } else { dial.help };
    html! {
        div .dial {
            label for=(id) { (dial.name) " " span .soft { "(" (dial.unit) ")" } }
            input id=(id) name=(dial.key) type="number" min=(dial.least) max=(dial.most) step=(dial.step())
                value=[value] placeholder=(now.as_deref().unwrap_or("as it is")) disabled[idle] aria-describedby={ (id) "-help" };
            input type="range" hidden data-for=(id) data-unset[value.is_none() && at_base.is_none()] min=(dial.least) max=(dial.most) step=(dial.step())
                value=(value.map_or_else(|| figure(at_base.unwrap_or(dial.least)), str::to_owned))
                disabled[idle] aria-label={ (dial.name) ", " (dial.unit) };
            p id={ (id) "-help" } .help { (help) "; " (now.as_deref().unwrap_or("now as the policy has it")) }
        }
    }
}
