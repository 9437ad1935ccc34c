//! The pages of `residua serve`.
//!
//! In: a register with its base and a scenario over it, and what its address says of it ([`view`]). Out: HTML that a server
//! hands out: the overview with its figures to turn ([`controls`]), the part of it that a turned figure redraws
//! ([`answer`]), scenarios side by side ([`compare`]), one asset ([`asset`]), files ([`files`]), lots ([`lot`]). Pages share their style with the report and
//! work without a script, which only saves the press of a button. Style and script are files of their own, as the policy
//! of the server wants it.

mod answer;
mod asset;
mod compare;
mod controls;
mod files;
mod findings;
mod frame;
mod lot;
mod shown;
mod view;

pub(crate) use answer::answer_part;
pub(crate) use asset::asset_page;
pub(crate) use compare::compare_page;
pub(crate) use controls::overview_page;
pub(crate) use files::{JobState, files_page, job_page};
pub(crate) use findings::register_findings_page;
pub(crate) use frame::{message_page, registers_page};
pub(crate) use lot::{LotShown, LotTerms, lot_form_page, lot_page};
pub(crate) use shown::{Choices, Scene, Shown};
pub(crate) use view::View;

/// Files of style and script by their names under `/static/`, with their kinds.
pub(crate) const STATIC_FILES: [(&str, &str, &str); 4] = [
    ("page.css", "text/css; charset=utf-8", include_str!("../html/page.css")),
    ("desk.css", "text/css; charset=utf-8", include_str!("desk.css")),
    ("tables.js", "text/javascript; charset=utf-8", include_str!("../html/tables.js")),
    ("desk.js", "text/javascript; charset=utf-8", include_str!("desk.js")),
];
