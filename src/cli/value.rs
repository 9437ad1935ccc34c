//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct ValueArguments {}
pub(super) fn run(_: ValueArguments) -> anyhow::Result<()> { Ok(()) }
