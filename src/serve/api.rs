//! The same answers as JSON, for programs.
//!
//! In: addresses under `/api` with the same query as the pages. Out: JSON; of a scenario that of `residua whatif --format
//! json`. What there is to ask stands in the OpenAPI description at `/api` itself.

use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Desk;
use super::pages::Asked;
use super::refusal::Refusal;
use crate::report;
use crate::scenario::{Depth, scenarios_of};
use crate::units::Work;

/// What there is to ask (OpenAPI 3.1).
pub(super) const OPENAPI: &str = include_str!("../../data/schemas/serve.openapi.json");

fn json_text(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

/// The description of this interface.
pub(super) async fn description() -> Response {
    json_text(OPENAPI.to_owned())
}

/// The registers that are open.
pub(super) async fn registers(State(desk): State<Desk>) -> Response {
    let all: Vec<_> = desk
        .registers
        .all()
        .iter()
        .map(|register| {
            json!({
                "id": register.id,
                "name": register.name,
                "assets": register.fleet.assets.len(),
                "as_of": register.setting.as_of,
                "currency": register.setting.policy.currency,
                "months_ahead": register.setting.policy.horizon_months,
            })
        })
        .collect();
    json_text(json!({ "registers": all }).to_string())
}

/// The turned figures, and every kept scenario, beside the base.
pub(super) async fn what_if(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    compared(&desk, &id, query.as_deref()).await.unwrap_or_else(Refusal::json)
}

async fn compared(desk: &Desk, id: &str, query: Option<&str>) -> Result<Response, Refusal> {
    let Asked { register, view } = desk.asked(id, query)?;
    let text = desk.workers.run(move || {
        let file = scenarios_of(&view.scenarios(), &register.turning).map_err(Refusal::of)?;
        let depth = Depth::Scenarios;
        let found = register.standing.compare(&register.input(), &file, depth, Work::unwatched());
        Ok(report::what_if_json(&found.map_err(Refusal::of)?))
    });
    text.await.map(json_text)
}
