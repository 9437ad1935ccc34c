//! `docs/claims.md` is what the engine answers.
//!
//! `RESIDUA_UPDATE_CLAIMS=1 cargo test --test claims` writes the page anew; so does
//! `cargo run --release --example claims`.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use residua::catalog::{self, Matcher};
use residua::decide::{PlanInput, Policy};
use residua::price::Models;
use residua::scenario::claims;
use residua::{fleet, report};

#[test]
fn the_page_of_claims_is_what_the_engine_answers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/claims.md");
    let catalog = catalog::built_in().unwrap();
    let policy = Policy::built_in();
    let as_of = "2026-11".parse().unwrap();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/samples/fleet.csv");
    let fleet = fleet::read(&[sample.into()], &policy.read_options(as_of)).unwrap();
    let found = claims::claims(&PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &Matcher::new(&catalog),
        models: &Models::built_in().unwrap(),
        policy: &policy,
        as_of,
    });
    let page = report::claims_page(&found.unwrap(), &policy);
    if std::env::var_os("RESIDUA_UPDATE_CLAIMS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == page, "docs/claims.md says something else than the engine; see the module's comment");
}
