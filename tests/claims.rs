//! `docs/claims.md` is what the engine answers.
//!
//! `RESIDUA_UPDATE_CLAIMS=1 cargo test --test claims` writes the page anew; so does
//! `cargo run --release --example claims`.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use residua::catalog::{self, Matcher};
use residua::decide::{PlanInput, Policy};
use residua::price::Models;
use residua::scenario::claims::{self, Claims};
use residua::{fleet, report};

/// Asked once for all tests.
static FOUND: LazyLock<Claims> = LazyLock::new(|| {
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
    found.unwrap()
});

#[test]
fn the_page_of_claims_is_what_the_engine_answers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/claims.md");
    let page = report::claims_page(&FOUND, &Policy::built_in());
    if std::env::var_os("RESIDUA_UPDATE_CLAIMS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == page, "docs/claims.md says something else than the engine; see the module's comment");
}

#[test]
fn what_can_be_reckoned_by_hand_is_what_the_engine_answers() {
    let near = |found: f64, by_hand: f64| assert!((found - by_hand).abs() < 1e-6, "{found} {by_hand}");
    let extension = &FOUND.extension;
    near(extension.once.first_year_cut(), 0.20);
    // A fifth of one year's purchases in five years.
    near(extension.once.cut(), 0.20 / 5.0);
    // A fifth of the fleet is bought every five years instead of every four: a fifth less often.
    near(extension.lasting.cut, 0.20 * (1.0 - 48.0 / 60.0));
    let share = extension.lasting.share_for_least.unwrap();
    assert!((0.744..0.756).contains(&share), "a cut of 15 % is three quarters of the fifth: {share}");
    // One failure in eleven years at any age.
    near(FOUND.cards.unfailed, (-2.0_f64 / 11.0).exp());
    let half = FOUND.cards.turning.failure_scale.1.unwrap();
    assert!((half - 2.0 / 2.0_f64.ln()).abs() < 0.011, "{half}");
}

#[test]
fn a_sought_assumption_lies_on_the_far_side_of_what_is_assumed() {
    let cards = &FOUND.cards.turning;
    assert!(cards.successor_work.1.unwrap() > cards.successor_work.0);
    assert!(cards.hourly.1.unwrap() < cards.hourly.0);
    let servers = &FOUND.servers;
    let sooner = servers.progress.five.unwrap();
    assert!(sooner > servers.progress.seven.unwrap(), "faster progress shortens the best life");
}
