//! Simulated paths of a price, the same at any number of threads.
//!
//! Paths come in pairs whose moves have opposite signs, which halves the draws and much of the error. A block of pairs
//! has a generator of its own, seeded by the number of the block; blocks are drawn in parallel and used in order.

use rayon::prelude::*;

use super::process::PriceProcess;
use crate::units::SplitMix64;

/// Pairs of a block.
const BLOCK: usize = 1_000;

/// How many paths, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathSet {
    /// Seed; sets of different seeds are independent.
    pub seed: u64,
    /// Pairs of paths.
    pub pairs: usize,
}

/// One path as log deviations, step 0 first.
pub(super) type Path = Vec<f64>;

impl PathSet {
    /// Applies `task` to every block of pairs and gives the answers in the order of the blocks.
    pub(super) fn by_block<T: Send>(
        self,
        process: &PriceProcess,
        task: impl Fn(&[(Path, Path)]) -> T + Sync,
    ) -> Vec<T> {
        let blocks = self.pairs.div_ceil(BLOCK);
        (0..blocks)
            .into_par_iter()
            .map(|block| {
                let pairs = BLOCK.min(self.pairs - block * BLOCK);
                // Blocks start at mixed states, far apart on the generator's one cycle.
                let mut seeds =
                    SplitMix64::new(self.seed ^ (block as u64).wrapping_mul(0xd134_2543_de82_ef95));
                let mut draws = SplitMix64::new(seeds.bits());
                let drawn: Vec<(Path, Path)> = (0..pairs).map(|_| pair(process, &mut draws)).collect();
                task(&drawn)
            })
            .collect()
    }
}

fn pair(process: &PriceProcess, draws: &mut SplitMix64) -> (Path, Path) {
    let steps = process.last_step();
    let mut up = Vec::with_capacity(steps + 1);
    let mut down = Vec::with_capacity(steps + 1);
    let level = process.level_variance();
    let mut deviation = if level > 0.0 { level.sqrt() * draws.normal() } else { 0.0 };
    for step in 0..=steps {
        up.push(deviation);
        down.push(-deviation);
        if step < steps {
            deviation += process.move_variance(step).sqrt() * draws.normal();
        }
    }
    (up, down)
}

/// A mean of many pairs with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Mean.
    pub mean: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

impl Estimate {
    /// From the sum and the sum of squares of each block, in order.
    pub(super) fn of_blocks(sums: &[(f64, f64)], pairs: usize) -> Estimate {
        let count = pairs.max(1) as f64;
        let (sum, squares) = sums.iter().fold((0.0, 0.0), |total, one| (total.0 + one.0, total.1 + one.1));
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        Estimate { mean, standard_error: (variance / (count - 1.0).max(1.0)).sqrt() }
    }
}

/// Sum and sum of squares over pairs of the mean of a figure of both paths.
pub(super) fn sums(pairs: &[(Path, Path)], figure: impl Fn(&Path) -> f64) -> (f64, f64) {
    pairs.iter().fold((0.0, 0.0), |(sum, squares), (up, down)| {
        let mean = 0.5 * (figure(up) + figure(down));
        (sum + mean, squares + mean * mean)
    })
}
