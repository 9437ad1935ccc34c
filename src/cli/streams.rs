//! What commands that read registers row by row share.
//!
//! In: arguments. Out: the one register, and the work as it is stopped by a signal.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::common::CommonArguments;
use super::progress::Bars;
use crate::stream::{StreamError, Streamed};
use crate::units::Work;

/// The one register that a stream reads.
pub(super) fn the_register(files: &[PathBuf]) -> anyhow::Result<&Path> {
    match files {
        [register] => Ok(register),
        _ => {
            anyhow::bail!("a stream reads one register: name one, or leave --stream out, which joins several")
        }
    }
}

/// Does the work under bars; a signal stops it, and the directory is as it was.
pub(super) fn stopped_or(
    common: &CommonArguments,
    directory: &Path,
    work: impl FnOnce(Work<'_>) -> Result<Streamed, StreamError>,
) -> anyhow::Result<Streamed> {
    let bars = Bars::stoppable(common.quiet)?;
    match work(bars.work()) {
        Err(error) if bars.work().go_on().is_err() => {
            Err(error).with_context(|| format!("stopped; {} is as it was", directory.display()))
        }
        streamed => Ok(streamed?),
    }
}
