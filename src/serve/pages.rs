//! The pages of registers: what an address asks for, worked out and drawn.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};

use super::Desk;
use super::refusal::{Refusal, page};
use super::register::Register;
use super::uploads::MOST_BYTES;
use crate::report::desk::{self, Scene, Shown, View};
use crate::scenario::{Depth, Laid, scenarios_of};
use crate::units::Work;

/// A register and what an address asks of it.
pub(super) struct Asked {
    pub register: Arc<Register>,
    pub view: View,
}

impl Desk {
    /// Reads an address.
    pub(super) fn asked(&self, id: &str, query: Option<&str>) -> Result<Asked, Refusal> {
        let gone = "no register of this name is open here; uploads are forgotten when the server ends";
        let register = self.registers.get(id).ok_or_else(|| Refusal::Unknown(gone.to_owned()))?;
        let view = View::read(query.unwrap_or("")).map_err(Refusal::of)?;
        Ok(Asked { register, view })
    }

    pub(super) async fn laid(&self, asked: &Asked) -> Result<Arc<Laid>, Refusal> {
        asked.register.laid(asked.view.dials, &self.workers).await.map_err(Refusal::of)
    }

    /// Works out what an address shows, and draws it.
    async fn drawn(
        &self,
        asked: Asked,
        draw: impl FnOnce(Shown<'_>, &crate::scenario::Recovery) -> String + Send + 'static,
    ) -> Result<Response, Refusal> {
        let laid = self.laid(&asked).await?;
        let drawn = self.workers.run(move || {
            let shown = Shown { scene: asked.register.scene(), view: &asked.view, laid: &laid };
            draw(shown, &shown.recovery())
        });
        Ok(page(drawn.await))
    }
}

impl Register {
    pub(super) fn scene(&self) -> Scene<'_> {
        Scene {
            id: &self.id,
            name: &self.name,
            setting: &self.setting,
            fleet: &self.fleet,
            standing: &self.standing,
            turning: &self.turning,
            choices: &self.choices,
        }
    }
}

/// The first register, or the list where there is none.
pub(super) async fn home(State(desk): State<Desk>) -> Redirect {
    match desk.registers.all().first() {
        Some(first) => Redirect::to(&format!("/fleet/{}", first.id)),
        None => Redirect::to("/registers"),
    }
}

/// All registers.
pub(super) async fn registers(State(desk): State<Desk>) -> Response {
    let all = desk.registers.all();
    let scenes: Vec<Scene<'_>> = all.iter().map(|register| register.scene()).collect();
    page(desk::registers_page(&scenes, MOST_BYTES))
}

/// The overview.
pub(super) async fn overview(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let asked = desk.asked(&id, query.as_deref())?;
    desk.drawn(asked, desk::overview_page).await
}

/// What a turned figure redraws.
pub(super) async fn part(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let asked = desk.asked(&id, query.as_deref())?;
    desk.drawn(asked, desk::answer_part).await
}

/// One asset.
pub(super) async fn asset(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let asked = desk.asked(&id, query.as_deref())?;
    let laid = desk.laid(&asked).await?;
    let plan = asked.register.plan(&desk.workers).await.map_err(Refusal::of)?;
    let drawn = desk.workers.run(move || {
        let shown = Shown { scene: asked.register.scene(), view: &asked.view, laid: &laid };
        desk::asset_page(shown, &plan)
    });
    drawn.await.map(page).ok_or_else(|| Refusal::Unknown("the register has no asset of this tag".to_owned()))
}

/// Kept scenarios side by side.
pub(super) async fn compare(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Asked { register, view } = desk.asked(&id, query.as_deref())?;
    let drawn = desk.workers.run(move || {
        let found = match view.kept.as_slice() {
            [] => None,
            kept => {
                let file = scenarios_of(kept, &register.turning).map_err(Refusal::of)?;
                let compared =
                    register.standing.compare(&register.input(), &file, Depth::Scenarios, Work::unwatched());
                Some(compared.map_err(Refusal::of)?)
            }
        };
        Ok(desk::compare_page(register.scene(), &view, found.as_ref()))
    });
    drawn.await.map(page)
}

/// Style and script.
pub(super) async fn static_file(Path(name): Path<String>) -> Result<Response, Refusal> {
    let file = desk::STATIC_FILES.iter().find(|(own, ..)| *own == name);
    let (_, kind, text) = file.ok_or_else(|| Refusal::Unknown("no such file".to_owned()))?;
    Ok(([(CONTENT_TYPE, *kind), (CACHE_CONTROL, "no-cache")], *text).into_response())
}
