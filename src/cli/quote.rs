//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct QuoteArguments {}
pub(super) fn run(_: QuoteArguments) -> anyhow::Result<()> { Ok(()) }
