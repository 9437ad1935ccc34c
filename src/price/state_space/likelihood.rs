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
//! has the same bits at any number of threads. Source: state-space price
//! model; block-arrow elimination.

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::blocks::{block_mut, part_mut, row_part_mut};
use super::cholesky::Cholesky;
use super::error::PriceModelError;
use super::hyperparameters::Hyperparameters;
use super::index_prior::IndexDynamics;
use super::panel::{Panel, PanelSeries};

/// Fewest series a thread takes at once.
pub(super) const FEWEST_SERIES_PER_TASK: usize = 4;

/// What one series leaves behind once its own effect is eliminated.
#[derive(Debug, Clone)]
pub(super) struct Eliminated {
    /// `V^-1`.
    pub(super) inverse: Array2<f64>,
    /// `V^-1 X`.
    pub(super) design: Array2<f64>,
    /// `V^-1 r`.
    pub(super) deviation: Array1<f64>,
    information: Array2<f64>,
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
        let decay = self.wander_decay(hyperparameters);
        let blocks: Vec<Result<Eliminated, PriceModelError>> = self
            .series
            .par_iter()
            .with_min_len(FEWEST_SERIES_PER_TASK)
            .map(|series| eliminate(series, hyperparameters, &decay))
            .collect();
        let eliminated: Vec<Eliminated> = blocks.into_iter().collect::<Result<_, _>>()?;
        let (mut precision, path_precisions, prior_log_determinant) =
            self.prior_precision(hyperparameters)?;
        let mut score = Array1::zeros(self.unknowns());
        let mut quadratic = 0.0;
        let mut log_determinant = prior_log_determinant;
        for (series, block) in self.series.iter().zip(&eliminated) {
            add_block(&mut precision, &mut score, series, block);
            quadratic += block.quadratic;
            log_determinant += block.log_determinant;
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

    /// `exp(-lag / lu)` for every lag in months that occurs in a series.
    pub(super) fn wander_decay(&self, hyperparameters: &Hyperparameters) -> Vec<f64> {
        let longest =
            self.series.iter().map(|series| series.last_month() - series.months[0]).max().unwrap_or(0);
        let length = hyperparameters.values().wander_length;
        (0..=longest).map(|lag| (-f64::from(lag) / length).exp()).collect()
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

/// Index of the lag between two months in the decay table.
pub(super) fn lag(earlier: i32, later: i32) -> usize {
    usize::try_from(later.abs_diff(earlier)).expect("a lag of checked months fits")
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
    decay: &[f64],
) -> Result<Eliminated, PriceModelError> {
    let values = hyperparameters.values();
    let constant = values.product_sd.powi(2);
    let wander = values.wander_sd.powi(2);
    let count = series.months.len();
    let mut covariance = Array2::zeros((count, count));
    for (i, noise) in noise_variances(series, hyperparameters).iter().enumerate() {
        for j in 0..=i {
            let distance = lag(series.months[j], series.months[i]);
            covariance[[i, j]] = constant + wander * decay[distance];
        }
        covariance[[i, i]] += noise;
    }
    let factor = Cholesky::new(&covariance)?;
    let inverse = factor.inverse();
    let design = inverse.dot(&series.design);
    let deviation = inverse.dot(&series.deviation);
    Ok(Eliminated {
        information: series.design.t().dot(&design),
        score: series.design.t().dot(&deviation),
        quadratic: series.deviation.dot(&deviation),
        log_determinant: factor.log_determinant(),
        inverse,
        design,
        deviation,
    })
}

/// Adds `[X E]' V^-1 [X E]` and `[X E]' V^-1 r` of one series; of the
/// coefficient-by-level part only the lower triangle, which is what the
/// factorisation reads.
fn add_block(precision: &mut Array2<f64>, score: &mut Array1<f64>, series: &PanelSeries, block: &Eliminated) {
    let width = block.score.len();
    let mut head = block_mut(precision, 0..width, 0..width);
    head += &block.information;
    let mut head = part_mut(score, 0..width);
    head += &block.score;
    for (i, &row) in series.positions.iter().enumerate() {
        score[row] += block.deviation[i];
        let mut cross = row_part_mut(precision, row, 0..width);
        cross += &block.design.row(i);
        for (j, &column) in series.positions.iter().enumerate() {
            precision[[row, column]] += block.inverse[[i, j]];
        }
    }
}
