//! The fit of the state-space price model.
//!
//! In: a `Panel`, the prior of the hyperparameters, settings. Out: a
//! `FittedPanel`, the only type from which a compact model can be made.
//!
//! Maximum a posteriori: minimise `NLL(theta) + 1/2 sum ((theta - theta0) /
//! sd)^2` within 2.5 prior sd. Then two robust passes at these
//! hyperparameters reweight the rows as under Student noise with five degrees
//! of freedom: `w = 6 / (5 + E[e^2] / var)`, where `E[e^2] = e^2 + v - v^2
//! (V^-1)_nn`, `e = v (V^-1 residual)_n`, `v = var / w_old`. Source:
//! state-space price model.

use super::error::PriceModelError;
use super::gradient::residual;
use super::hyperparameters::{BOX_HALF_WIDTH, COUNT, HyperparameterPrior, Hyperparameters};
use super::likelihood::{Posterior, noise_variances};
use super::optimise::{Minimum, minimise};
use super::panel::{Panel, Segment};

/// Degrees of freedom of the Student noise behind the robust passes.
const STUDENT_FREEDOM: f64 = 5.0;

/// How long the search runs and how often rows are reweighted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitSettings {
    /// Most steps of the search for the hyperparameters; with zero they stay
    /// where the search would start.
    pub iterations: usize,
    /// Number of robust passes.
    pub robust_passes: usize,
}

impl Default for FitSettings {
    fn default() -> Self {
        Self { iterations: 40, robust_passes: 2 }
    }
}

/// A panel with its posterior at the hyperparameters found.
#[derive(Debug, Clone)]
pub struct FittedPanel {
    pub(super) panel: Panel,
    pub(super) hyperparameters: Hyperparameters,
    pub(super) posterior: Posterior,
    objective: f64,
    iterations: usize,
    evaluations: usize,
}

impl Panel {
    /// Finds the hyperparameters, from `start` (the last fit's, say) or the
    /// prior medians, and the posterior of everything else.
    ///
    /// # Errors
    /// When the likelihood cannot be computed at the start.
    pub fn fit(
        mut self,
        prior: &HyperparameterPrior,
        start: Option<&Hyperparameters>,
        settings: FitSettings,
    ) -> Result<FittedPanel, PriceModelError> {
        let start = prior.standardise(&start.unwrap_or(prior.median()).to_theta());
        let Minimum { point, iterations, evaluations } = minimise(
            |standard| self.objective_gradient(prior, standard),
            start,
            BOX_HALF_WIDTH,
            settings.iterations,
        )?;
        let hyperparameters = Hyperparameters::from_theta(&prior.unstandardise(&point.position))?;
        let mut posterior = self.posterior(&hyperparameters)?;
        for _ in 0..settings.robust_passes {
            self.reweight(&hyperparameters, &posterior);
            posterior = self.posterior(&hyperparameters)?;
        }
        Ok(FittedPanel {
            panel: self,
            hyperparameters,
            posterior,
            objective: point.value,
            iterations,
            evaluations,
        })
    }

    /// Objective and gradient as functions of the standardised `theta`.
    fn objective_gradient(
        &self,
        prior: &HyperparameterPrior,
        standard: &[f64; COUNT],
    ) -> Result<(f64, [f64; COUNT]), PriceModelError> {
        let found = self.likelihood_gradient(&prior.unstandardise(standard))?;
        let penalty: f64 = standard.iter().map(|entry| 0.5 * entry * entry).sum();
        let gradient = std::array::from_fn(|i| found.gradient[i] * prior.sd()[i] + standard[i]);
        Ok((found.negative_log_likelihood + penalty, gradient))
    }

    fn reweight(&mut self, hyperparameters: &Hyperparameters, posterior: &Posterior) {
        for (series, block) in self.series.iter_mut().zip(&posterior.eliminated) {
            let residual = residual(series, &posterior.mean);
            let pulled = block.inverse.dot(&residual);
            let noise = noise_variances(series, hyperparameters);
            for (i, variance) in noise.into_iter().enumerate() {
                let error = variance * pulled[i];
                let square = error * error + variance - variance * variance * block.inverse.diagonal(i);
                let expected = hyperparameters.sale_variance(series.sales[i]);
                series.weights[i] = (STUDENT_FREEDOM + 1.0) / (STUDENT_FREEDOM + square / expected);
            }
        }
    }
}

impl FittedPanel {
    /// The hyperparameters found.
    #[must_use]
    pub const fn hyperparameters(&self) -> &Hyperparameters {
        &self.hyperparameters
    }

    /// Value of the minimised objective, before the robust passes.
    #[must_use]
    pub const fn objective(&self) -> f64 {
        self.objective
    }

    /// Steps of the search.
    #[must_use]
    pub const fn iterations(&self) -> usize {
        self.iterations
    }

    /// Evaluations of likelihood and gradient in the search.
    #[must_use]
    pub const fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Posterior means of the coefficients with their names, in ln price a
    /// unit of the column.
    #[must_use]
    pub fn coefficients(&self) -> Vec<(String, f64)> {
        let terms = &self.panel.basis.terms;
        terms
            .iter()
            .zip(&self.posterior.mean)
            .map(|(term, shift)| (term.column.name(), term.prior_mean + shift))
            .collect()
    }

    /// Posterior sds of the coefficients at the hyperparameters found, in the
    /// order of [`Self::coefficients`] and the same units.
    #[must_use]
    pub fn coefficient_sds(&self) -> Vec<f64> {
        let variances = self.posterior.covariance.diag();
        variances.iter().take(self.panel.basis.width()).map(|variance| variance.max(0.0).sqrt()).collect()
    }

    /// Posterior mean of the market level of a segment in each month of its
    /// path, future months included, in ln price.
    #[must_use]
    pub fn market_path(&self, segment: &str) -> Option<Vec<f64>> {
        let found: &Segment = self.panel.segments.iter().find(|one| one.name == segment)?;
        let levels = self.posterior.mean.iter();
        Some(levels.skip(found.offset).take(found.months).copied().collect())
    }

    /// The panel, with the weights of the last robust pass.
    #[must_use]
    pub const fn panel(&self) -> &Panel {
        &self.panel
    }
}
