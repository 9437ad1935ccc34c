//! Writes `docs/claims.md`: the statements of the trade, put to the engine.
//!
//! `cargo run --release --example claims`

use residua::catalog::{self, Matcher};
use residua::decide::{PlanInput, Policy};
use residua::price::Models;
use residua::scenario::claims;
use residua::fleet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalog = catalog::built_in()?;
    let policy = Policy::built_in();
    let as_of = "2026-11".parse()?;
    let fleet = fleet::read(&["data/samples/fleet.csv".into()], &policy.read_options(as_of))?;
    let input = PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &Matcher::new(&catalog),
        models: &Models::built_in()?,
        policy: &policy,
        as_of,
    };
    println!("{:#?}", claims::claims(&input)?);
    Ok(())
}
