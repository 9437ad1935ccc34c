//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct InitArguments {}
pub(super) fn run(_: InitArguments) -> anyhow::Result<()> { Ok(()) }
