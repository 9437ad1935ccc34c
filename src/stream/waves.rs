//! The blocks of a register, some at a time on all threads.
//!
//! In: a register, what is told of its bytes, and what to make of a block. Out: what was made, in the order of the register, whatever the number of
//! threads. While one wave of blocks is worked on, the next one is read.

use std::sync::Arc;

use rayon::prelude::*;

use super::StreamError;
use crate::fleet::alike::{Block, Register, Seen};
use crate::units::Work;

/// Blocks of a wave, for each thread.
const BLOCKS_A_THREAD: usize = 3;

/// Makes something of every block and takes it, wave by wave.
pub(super) fn waves<T: Send>(
    register: &Register,
    seen: &Arc<Seen>,
    stage: &'static str,
    work: Work<'_>,
    make: impl Fn(&Block) -> Result<T, StreamError> + Sync,
    mut take: impl FnMut(Vec<(Block, T)>) -> Result<(), StreamError>,
) -> Result<(), StreamError> {
    let mut blocks = register.blocks(Arc::clone(seen))?;
    let stage = work.stage(stage, register.file_bytes() as usize);
    let most = BLOCKS_A_THREAD * rayon::current_num_threads();
    let mut told = 0;
    let mut next = || -> Result<Vec<Block>, StreamError> {
        let mut wave = Vec::with_capacity(most);
        while wave.len() < most
            && let Some(block) = blocks.next().map_err(|error| register.told(error))?
        {
            wave.push(block);
        }
        let now = seen.bytes();
        stage.steps((now - told) as usize)?;
        told = now;
        Ok(wave)
    };
    let mut wave = next()?;
    while !wave.is_empty() {
        let made = || -> Result<Vec<(Block, T)>, StreamError> {
            wave.into_par_iter().map(|block| make(&block).map(|made| (block, made))).collect()
        };
        let (made, after) = rayon::join(made, &mut next);
        take(made?)?;
        wave = after?;
    }
    Ok(())
}
