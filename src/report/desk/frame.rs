//! What all pages of the server share: head, ways to other pages, and the page that only says something.

use maud::{Markup, html};

use super::shown::Scene;
use super::view::View;
use crate::report::document::Document;
use crate::report::words::{clean, counted};

/// A page of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Figures to turn.
    Overview,
    /// Scenarios side by side.
    Compare,
    /// One asset.
    Asset,
    /// Files to take away.
    Files,
    /// What is wrong with its data.
    Findings,
    /// What a lot is worth.
    Lot,
    /// Registers, and a form for another.
    Registers,
    /// A page that none of the ways leads to.
    Aside,
}

/// A whole page. Without a register there are only the ways that need none.
pub(super) fn page(title: &str, place: Place, register: Option<(Scene<'_>, &View)>, main: &Markup) -> String {
    let head = html! {
        link rel="icon" href="data:,";
        link rel="stylesheet" href="/static/page.css";
        link rel="stylesheet" href="/static/desk.css";
        script src="/static/tables.js" defer {}
        script src="/static/desk.js" defer {}
    };
    let page = Document {
        title,
        after_title: " – residua",
        head,
        class: Some("desk"),
        above_heading: ways(place, register),
        below_heading: &html! {},
        main,
        end: html! {},
    };
    page.page()
}

fn ways(place: Place, register: Option<(Scene<'_>, &View)>) -> Markup {
    let mut ways: Vec<(Place, String, String)> = Vec::new();
    if let Some((scene, view)) = register {
        ways.push((Place::Overview, "Scenario".to_owned(), view.address(&scene.path())));
        let kept = if view.kept.is_empty() { String::new() } else { format!(" ({})", view.kept.len()) };
        let compare = view.address(&format!("{}/compare", scene.path()));
        ways.push((Place::Compare, format!("Compare{kept}"), compare));
        ways.push((Place::Files, "Files".to_owned(), view.address(&format!("{}/files", scene.path()))));
        ways.push((Place::Findings, "Data".to_owned(), view.address(&format!("{}/findings", scene.path()))));
    }
    ways.push((Place::Lot, "Bid for a lot".to_owned(), "/lot".to_owned()));
    ways.push((Place::Registers, "Registers".to_owned(), "/registers".to_owned()));
    html! {
        nav aria-label="Pages" {
            ul {
                @for (of, name, address) in &ways {
                    li { a href=(address) data-way aria-current=[(*of == place).then_some("page")] { (name) } }
                }
            }
        }
    }
}

/// A page that says a few sentences.
pub(crate) fn message_page(title: &str, sentences: &[String]) -> String {
    let main = html! {
        @for sentence in sentences { p { (clean(sentence)) } }
        p .links { a href="/" { "To the first page" } "." }
    };
    page(title, Place::Aside, None, &main)
}

/// The registers of the server, and a form for another.
pub(crate) fn registers_page(scenes: &[Scene<'_>], most_bytes: usize) -> String {
    let main = html! {
        section {
            h2 { "Open" }
            @if scenes.is_empty() { p { "No register is open yet: upload one below." } }
            @else {
                ul .registers {
                    @for scene in scenes {
                        li {
                            a href=(scene.path()) { (scene.title()) }
                            ": " (counted(scene.fleet.assets.len() as u64, "asset")) ", seen from "
                            (scene.setting.as_of.short()) ", in " (scene.currency()) ". "
                            a href={ (scene.path()) "/findings" } { "What is wrong with its data" } "."
                        }
                    }
                }
            }
        }
        section {
            h2 { "Another register" }
            p { "Exports of one or several systems that tell of the same units: CSV, XLSX, JSON or zip, up to "
                (most_bytes >> 20) " MiB together. They stay in the memory of this server and are never written down. Drop them here or choose them." }
            form .upload action="/upload" method="post" enctype="multipart/form-data" data-drop {
                label for="files" { "Files " }
                input #files type="file" name="file" multiple required;
                button { "Open" }
            }
        }
    };
    page("Registers", Place::Registers, None, &main)
}
