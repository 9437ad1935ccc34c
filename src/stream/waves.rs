//! The blocks of a register, some at a time on all threads.
//!
//! In: a register, how much of it there is, what is told of its bytes, and what to make of a batch of its rows. Out: what was
//! made, in the order of the register, whatever the number of threads. While one wave of blocks is worked on, one thread reads
//! the next one and stores what came of the one before: two threads that write into one file would wait for each other.

use std::sync::Arc;

use rayon::prelude::*;

use super::StreamError;
use crate::fleet::alike::{Batch, Reader, Seen};
use crate::units::Work;

/// Blocks of a wave, for each thread.
const BLOCKS_A_THREAD: usize = 3;

/// Blocks of a wave on all threads.
pub(super) fn blocks_of_wave() -> usize {
    BLOCKS_A_THREAD * rayon::current_num_threads()
}

/// Makes something of every block and takes it, wave by wave; what is left of a wave then is stored.
pub(super) fn waves<T: Send, U: Send>(
    reader: &Reader<'_>,
    extent: usize,
    seen: &Arc<Seen>,
    work: Work<'_>,
    make: impl Fn(Batch) -> Result<T, StreamError> + Sync,
    mut take: impl FnMut(Vec<T>) -> Result<U, StreamError>,
    mut store: impl FnMut(U) -> Result<(), StreamError> + Send,
) -> Result<(), StreamError> {
    let mut batches = reader.batches(Arc::clone(seen))?;
    let stage = work.stage("reading rows", extent);
    let most = blocks_of_wave();
    let mut told = 0;
    let mut next = || -> Result<Vec<Batch>, StreamError> {
        let mut wave = Vec::with_capacity(most);
        while wave.len() < most
            && let Some(batch) = batches.next()?
        {
            wave.push(batch);
        }
        let now = batches.done();
        stage.steps(now - told)?;
        told = now;
        Ok(wave)
    };
    let mut wave = next()?;
    let mut taken: Option<U> = None;
    while !wave.is_empty() {
        let before = taken.take();
        let made = || -> Result<Vec<T>, StreamError> { wave.into_par_iter().map(&make).collect() };
        let aside = || before.map_or(Ok(()), &mut store).and_then(|()| next());
        let (made, after) = rayon::join(made, aside);
        taken = Some(take(made?)?);
        wave = after?;
    }
    taken.map_or(Ok(()), store)
}
