//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {}
pub(super) fn run(_: ExplainArguments) -> anyhow::Result<()> { Ok(()) }
