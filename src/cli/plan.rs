//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct PlanArguments {}
pub(super) fn run(_: PlanArguments) -> anyhow::Result<()> { Ok(()) }
