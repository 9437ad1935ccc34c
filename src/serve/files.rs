//! Files to take away: those that the commands write.
//!
//! In: an address with its scenarios. Out: a page of what there is, and the files: quick ones at once, others by a
//! [`job`](super::jobs).

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::Desk;
use super::pages::Asked;
use super::refusal::{Refusal, page};
use super::register::Register;
use crate::report::desk::{self, View};
use crate::report::{self, Files};
use crate::scenario::{Depth, scenarios_of};
use crate::units::Work;

/// The page of files.
pub(super) async fn files_page(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Asked { register, view } = desk.asked(&id, query.as_deref())?;
    let file = scenarios_of(&view.scenarios(), &register.turning).map_err(Refusal::of)?;
    Ok(page(desk::files_page(register.scene(), &view, &file.text)))
}

/// A file of `residua whatif --quick` for the scenarios of an address.
pub(super) async fn file(
    State(desk): State<Desk>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Asked { register, view } = desk.asked(&id, query.as_deref())?;
    if name == "scenarios.toml" {
        let file = scenarios_of(&view.scenarios(), &register.turning).map_err(Refusal::of)?;
        return Ok(to_take_away(&name, file.text.into_bytes()));
    }
    let files = desk.workers.run(move || what_if(&register, &view, Depth::Scenarios, Work::unwatched()));
    one_of(files.await?, &name)
}

/// Files of `residua whatif` for the scenarios of a view.
pub(super) fn what_if(
    register: &Arc<Register>,
    view: &View,
    depth: Depth,
    work: Work<'_>,
) -> Result<Files, Refusal> {
    let file = scenarios_of(&view.scenarios(), &register.turning).map_err(Refusal::of)?;
    let found = register.standing.compare(&register.input(), &file, depth, work).map_err(Refusal::of)?;
    report::what_if_files(&register.setting, &register.fleet, &found, &file.text).map_err(Refusal::of)
}

/// One file, by a name that must be among them.
pub(super) fn one_of(mut files: Files, name: &str) -> Result<Response, Refusal> {
    match files.remove(name) {
        Some(bytes) => Ok(to_take_away(name, bytes)),
        None => Err(Refusal::Unknown("there is no file of this name".to_owned())),
    }
}

/// A file as an attachment: pages of reports stand alone and are not run under the address of the server.
pub(super) fn to_take_away(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "csv" => "text/csv; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "toml" => "application/toml",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    };
    let short = name.rsplit('/').next().unwrap_or(name);
    let disposition = format!("attachment; filename=\"{short}\"");
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
