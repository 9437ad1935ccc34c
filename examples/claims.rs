//! Writes `docs/claims.md`: statements that the trade repeats, and what the engine answers.
//!
//! In: the sample register, the built-in catalog, models and policy, seen from a fixed month. Out: the page, byte by byte
//! the one that `tests/claims.rs` compares.
//!
//! `cargo run --release --example claims`

use std::error::Error;
use std::path::Path;

use residua::catalog::{self, Matcher};
use residua::decide::{PlanInput, Policy};
use residua::price::Models;
use residua::scenario::claims;
use residua::{fleet, report};

/// Month one looks from.
const AS_OF: &str = "2026-11";

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = catalog::built_in()?;
    let policy = Policy::built_in();
    let as_of = AS_OF.parse()?;
    let fleet = fleet::read(&[root.join("data/samples/fleet.csv")], &policy.read_options(as_of))?;
    let found = claims::claims(&PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &Matcher::new(&catalog),
        models: &Models::built_in()?,
        policy: &policy,
        as_of,
    })?;
    let path = root.join("docs/claims.md");
    report::write_file(&path, report::claims_page(&found, &policy).as_bytes())?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
