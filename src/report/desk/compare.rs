//! Scenarios side by side: the page of `residua whatif` under the head of the server.

use maud::html;

use super::frame::{Place, page};
use super::shown::Scene;
use super::view::View;
use crate::report::html::what_if_main;
use crate::report::words::clean;
use crate::scenario::WhatIf;

/// The comparison; `found` holds the kept scenarios, or none when none is kept.
pub(crate) fn compare_page(scene: Scene<'_>, view: &View, found: Option<&WhatIf>) -> String {
    let main = html! {
        @match found {
            Some(found) => {
                p .links {
                    @for (place, (name, dials)) in view.kept.iter().enumerate() {
                        @let mut without = view.clone();
                        @let _ = without.kept.remove(place);
                        @let open = View { dials: *dials, ..view.clone() };
                        strong { (clean(name)) } ": "
                        a href=(open.address(&scene.path())) { "open" } ", "
                        a href=(without.address(&format!("{}/compare", scene.path()))) { "drop" } ". "
                    }
                    a href=(view.address(&format!("{}/files", scene.path()))) { "Files of these scenarios" } "."
                }
                (what_if_main(found))
            }
            None => {
                p { "No scenario is kept yet. Turn figures of the "
                    a href=(view.address(&scene.path())) { "scenario" } " and keep what you want to compare." }
            }
        }
    };
    page(&format!("{}, scenarios compared", scene.title()), Place::Compare, Some((scene, view)), &main)
}
