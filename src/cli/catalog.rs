//! stub
use clap::Args;
#[derive(Debug, Args)]
pub(super) struct CatalogArguments {}
pub(super) fn run(_: CatalogArguments) -> anyhow::Result<()> { Ok(()) }
