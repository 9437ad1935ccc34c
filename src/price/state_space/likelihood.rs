//! Likelihood and posterior of the state-space price model by block-arrow
//! elimination.
//!
//! In: a `Panel` and hyperparameters. Out: the negative logarithm of the
//! marginal likelihood (without the 2 pi term) or the joint posterior of the
//! unknowns `c = [beta - prior mean; market levels]`.
//!
//! ```text
//! y_it = x_it' beta + m_t + a_i + u_it + e_it
//! V_i  = tau^2 1 1' + su^2 exp(-|t - s| / lu) + diag((s0^2 + s1^2 / n) / w)
//! P    = blkdiag(1 / sd^2, K^-1) + sum_i [X E]' V_i^-1 [X E]
//! NLL  = (sum r' V^-1 r - b' P^-1 b + sum ln|V_i| + ln|P| + ln|K| + sum ln sd^2) / 2
//! ```
//!
//! with `r = y - X prior mean`, `b = sum_i [X E]' V_i^-1 r`. Series are
//! eliminated in parallel and summed in the order of the panel, so the result
//! has the same bits at any number of threads: so many series make a batch,
//! whose sums are added in order. No V is made (`series_inverse`). Source:
//! state-space price model; block-arrow elimination.

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::blocks::block_mut;
use super::cholesky::Cholesky;
use super::error::PriceModelError;
use super::hyperparameters::Hyperparameters;
use super::index_prior::IndexDynamics;
use super::panel::{Panel, PanelSeries};
use super::series_inverse::{Effect, SeriesInverse};

/// Series whose sums are made by one thread, one after the other. Part of the result: sums depend on their order.
pub(super) const BATCH: usize = 32;

/// What one series leaves behind once its own effect is eliminated.
#[derive(Debug, Clone)]
pub(super) struct Eliminated {
    /// `V^-1`.
    pub(super) inverse: SeriesInverse,
    /// `V^-1 [X r]`, row by row.
    pub(super) solved: Vec<f64>,
}

/// What several series add to the precision system.
struct Sums {
    precision: Array2<f64>,
    score: Array1<f64>,
    quadratic: f64,
    log_determinant: f64,
}

/// The precision system of all unknowns at given hyperparameters.
#[derive(Debug, Clone)]
pub(super) struct System {
    pub(super) eliminated: Vec<Eliminated>,
    /// Inverse prior covariance of each segment's path.
    pub(super) path_precisions: Vec<Array2<f64>>,
    factor: Cholesky,
    /// Posterior mean of the unknowns.
    pub(super) mean: Array1<f64>,
    /// Negative logarithm of the marginal likelihood.
    pub(super) negative_log_likelihood: f64,
}

/// Joint posterior of the unknowns at given hyperparameters.
#[derive(Debug, Clone)]
pub(super) struct Posterior {
    pub(super) mean: Array1<f64>,
    pub(super) covariance: Array2<f64>,
    pub(super) eliminated: Vec<Eliminated>,
}

impl System {
    /// Posterior covariance of the unknowns.
    pub(super) fn covariance(&self) -> Array2<f64> {
        self.factor.inverse()
    }
}

impl Panel {
    /// Negative logarithm of the marginal likelihood, without the 2 pi term.
    ///
    /// # Errors
    /// When a covariance is not positive definite at these hyperparameters.
    pub fn negative_log_likelihood(&self, hyperparameters: &Hyperparameters) -> Result<f64, PriceModelError> {
        Ok(self.solve(hyperparameters)?.negative_log_likelihood)
    }

    /// The posterior at these hyperparameters.
    pub(super) fn posterior(&self, hyperparameters: &Hyperparameters) -> Result<Posterior, PriceModelError> {
        let system = self.solve(hyperparameters)?;
        Ok(Posterior { covariance: system.covariance(), mean: system.mean, eliminated: system.eliminated })
    }

    /// Eliminates all series and solves the precision system.
    pub(super) fn solve(&self, hyperparameters: &Hyperparameters) -> Result<System, PriceModelError> {
        let effect = self.effect(hyperparameters);
        let batches: Vec<Result<(Vec<Eliminated>, Sums), PriceModelError>> = self
            .series
            .par_chunks(BATCH)
            .map(|batch| {
                let mut sums = Sums::none(self.unknowns());
                let eliminate = |series| eliminate(series, hyperparameters, &effect, &mut sums);
                let eliminated = batch.iter().map(eliminate).collect::<Result<_, _>>()?;
                Ok((eliminated, sums))
            })
            .collect();
        let (mut precision, path_precisions, mut log_determinant) = self.prior_precision(hyperparameters)?;
        let mut eliminated = Vec::with_capacity(self.series.len());
        let mut score: Array1<f64> = Array1::zeros(self.unknowns());
        let mut quadratic = 0.0;
        for batch in batches {
            let (blocks, sums) = batch?;
            eliminated.extend(blocks);
            precision += &sums.precision;
            score += &sums.score;
            quadratic += sums.quadratic;
            log_determinant += sums.log_determinant;
        }
        let factor = Cholesky::new(&precision)?;
        let whitened = factor.solve_lower(score.view());
        quadratic -= whitened.dot(&whitened);
        log_determinant += factor.log_determinant();
        Ok(System {
            mean: factor.solve(score.view()),
            eliminated,
            path_precisions,
            factor,
            negative_log_likelihood: 0.5 * (quadratic + log_determinant),
        })
    }

    /// Covariance of the products' own effects, over every gap that occurs in a series.
    pub(super) fn effect(&self, hyperparameters: &Hyperparameters) -> Effect {
        let spans = self.series.iter().map(|series| series.last_month() - series.months[0]);
        Effect::new(hyperparameters, spans.max().unwrap_or(0))
    }

    /// Prior precision of the unknowns, the inverse of each path's prior
    /// covariance, and `ln |K| + sum ln sd^2`.
    #[expect(clippy::type_complexity, reason = "three results of one private step")]
    fn prior_precision(
        &self,
        hyperparameters: &Hyperparameters,
    ) -> Result<(Array2<f64>, Vec<Array2<f64>>, f64), PriceModelError> {
        let dynamics = IndexDynamics::new(hyperparameters);
        let mut precision = Array2::zeros((self.unknowns(), self.unknowns()));
        let mut log_determinant = 0.0;
        for (i, term) in self.basis.terms.iter().enumerate() {
            precision[[i, i]] = term.prior_sd.powi(-2);
            log_determinant += 2.0 * term.prior_sd.ln();
        }
        let mut inverses = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            let covariance = dynamics.covariance(segment.months, self.settings.start_sd);
            let factor = Cholesky::new(&covariance)?;
            let inverse = factor.inverse();
            let range = segment.offset..segment.offset + segment.months;
            block_mut(&mut precision, range.clone(), range).assign(&inverse);
            log_determinant += factor.log_determinant();
            inverses.push(inverse);
        }
        Ok((precision, inverses, log_determinant))
    }
}

/// Noise variance of each row of a series, in squared ln price.
pub(super) fn noise_variances(series: &PanelSeries, hyperparameters: &Hyperparameters) -> Vec<f64> {
    series
        .sales
        .iter()
        .zip(&series.weights)
        .map(|(sales, weight)| hyperparameters.sale_variance(*sales) / weight)
        .collect()
}

fn eliminate(
    series: &PanelSeries,
    hyperparameters: &Hyperparameters,
    effect: &Effect,
    sums: &mut Sums,
) -> Result<Eliminated, PriceModelError> {
    let noise = noise_variances(series, hyperparameters);
    let inverse = SeriesInverse::new(&series.months, noise.into_iter(), effect)?;
    let (count, columns) = series.design.dim();
    let width = columns + 1;
    let mut solved = Vec::with_capacity(count * width);
    for (row, deviation) in series.design_rows().zip(&series.deviation) {
        solved.extend_from_slice(row);
        solved.push(*deviation);
    }
    inverse.solve(&mut solved, width);
    let eliminated = Eliminated { inverse, solved };
    sums.add(series, &eliminated);
    Ok(eliminated)
}

impl Sums {
    fn none(unknowns: usize) -> Self {
        Self {
            precision: Array2::zeros((unknowns, unknowns)),
            score: Array1::zeros(unknowns),
            quadratic: 0.0,
            log_determinant: 0.0,
        }
    }

    /// Adds `[X E]' V^-1 [X E]` and `[X E]' V^-1 r` of one series; of the
    /// first only the lower triangle, which is what the factorisation reads.
    fn add(&mut self, series: &PanelSeries, block: &Eliminated) {
        let unknowns = self.score.len();
        let columns = series.design.ncols();
        let precision = self.precision.as_slice_mut().expect("it was made row by row");
        let mut head = vec![0.0; columns * (columns + 1)];
        let rows = series.design_rows().zip(block.solved.chunks_exact(columns + 1));
        for (i, (&position, (design, solved))) in series.positions.iter().zip(rows).enumerate() {
            for (entry, sums) in design.iter().zip(head.chunks_exact_mut(columns + 1)) {
                for (sum, value) in sums.iter_mut().zip(solved) {
                    *sum += entry * value;
                }
            }
            let cross = &mut precision[position * unknowns..position * unknowns + columns];
            for (sum, value) in cross.iter_mut().zip(solved) {
                *sum += value;
            }
            self.score[position] += solved[columns];
            self.quadratic += series.deviation[i] * solved[columns];
        }
        for (i, sums) in head.chunks_exact(columns + 1).enumerate() {
            for (entry, sum) in precision[i * unknowns..].iter_mut().zip(&sums[..columns]) {
                *entry += sum;
            }
            self.score[i] += sums[columns];
        }
        block.inverse.add_lower(precision, unknowns, &series.positions);
        self.log_determinant += block.inverse.log_determinant();
    }
}
