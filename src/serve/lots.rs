//! Lots that are sent in, and what to bid for them.
//!
//! In: a manifest of a form, then terms in an address. Out: the bid with its lines. A manifest is remembered by its digest,
//! so that the address of a bid can be passed on while the server runs.

use std::sync::Arc;

use axum::extract::{Multipart, Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::Desk;
use super::files::one_of;
use super::refusal::{Refusal, page};
use super::shelf::id_of;
use super::uploads::files;
use crate::decide::Setting;
use crate::lot::{self, Asked, Lot, LotInput, Manifest, manifest};
use crate::report;
use crate::report::desk::{self, LotShown, LotTerms};
use crate::units::sha256;

/// Lots kept at once.
pub(super) const KEPT: usize = 16;

/// A manifest as it was sent.
#[derive(Debug)]
pub(super) struct Sent {
    name: String,
    manifest: Manifest,
}

/// The form for a manifest.
pub(super) async fn form() -> Response {
    page(desk::lot_form_page())
}

/// Takes a manifest.
pub(super) async fn take(State(desk): State<Desk>, form: Multipart) -> Result<Response, Refusal> {
    let Ok(_room) = desk.uploading.try_acquire() else {
        return Err(Refusal::Busy("another file is being read: try again in a moment".to_owned()));
    };
    let (name, bytes) = files(form).await?.swap_remove(0);
    let id = id_of(&format!("{name} {}", sha256(&bytes)));
    let setting = Arc::clone(&desk.setting);
    let told = name.clone();
    let read = desk.workers.run(move || {
        manifest::read_bytes(std::path::Path::new(&told), &bytes, &setting.read_options())
            .map_err(Refusal::of)
    });
    let sent = Sent { name, manifest: read.await? };
    desk.lots.get_or_add(id.clone(), || Arc::new(sent));
    Ok(Redirect::to(&format!("/lot/{id}")).into_response())
}

impl Desk {
    /// Prices a lot under the terms of an address, and makes something of it.
    async fn priced<T: Send + 'static>(
        &self,
        id: &str,
        query: Option<&str>,
        then: impl FnOnce(&Setting, &Sent, &LotTerms, &Lot) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let gone = "this lot is not known here: send its manifest again";
        let sent = self.lots.get(&id.to_owned()).ok_or_else(|| Refusal::Unknown(gone.to_owned()))?;
        let terms = LotTerms::read(query.unwrap_or("")).map_err(Refusal::Unusable)?;
        let setting = Arc::clone(&self.setting);
        let priced = self.workers.run(move || {
            let input = LotInput {
                plan: setting.plan_input(&sent.manifest.fleet),
                manifest: &sent.manifest,
                scheme: terms.scheme.as_deref(),
                asked: Asked {
                    margin: terms.margin,
                    max_loss: terms.max_loss,
                    bid: terms.bid,
                    share: None,
                    draws: None,
                },
            };
            let found = lot::lot(&input).map_err(Refusal::of)?;
            Ok(then(&setting, &sent, &terms, &found))
        });
        priced.await
    }
}

/// What to bid.
pub(super) async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let of_page = id.clone();
    let drawn = desk.priced(&id, query.as_deref(), move |setting, sent, terms, lot| {
        let schemes: Vec<&str> = setting.policy.lot.schemes.keys().map(String::as_str).collect();
        desk::lot_page(&LotShown {
            id: &of_page,
            name: &sent.name,
            terms,
            lot,
            manifest: &sent.manifest,
            catalog: &setting.catalog,
            schemes: &schemes,
        })
    });
    drawn.await.map(page)
}

/// A file of `residua lot`.
pub(super) async fn file(
    State(desk): State<Desk>,
    Path((id, name)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let files = desk.priced(&id, query.as_deref(), |setting, sent, _, lot| {
        report::lot_files(setting, &sent.manifest, lot)
    });
    one_of(files.await?, &name)
}
