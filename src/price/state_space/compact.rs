//! The fitted price model in a small form without the data.
//!
//! In: a `FittedPanel`. Out: a `CompactModel` that can be written, read and
//! asked for forecasts; it holds no price and no month's sales.
//!
//! For a month t after a series' last month l the covariance of the series'
//! effect with its history is `k(t) = tau^2 1 + su^2 exp(-(t - l) / lu) g`,
//! `g_s = exp(-(l - s) / lu)`. So all of the history that a forecast needs is
//! its projections on the two vectors 1 and g: with `a = [X E]' V^-1 1` and
//! `b = [X E]' V^-1 g` the effects `1' V^-1 (r - [X E] c)`, `g' V^-1 (r - [X
//! E] c)`, the 2 x 2 forms of `V^-1` on (1, g) and of `C = P^-1` on (a, b), and
//! the part of `C a`, `C b` that meets the state `[beta; level and momentum
//! of each market now]`. Level m and momentum v now are read off the first two
//! months after the data, `m_1 = phi m + v`, `m_2 = phi^2 m + (phi + rho) v`,
//! both with noise of known covariance. Source: state-space price model.

use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::design::{Covariates, DesignBasis};
use super::error::PriceModelError;
use super::fit::FittedPanel;
use super::gradient::residual;
use super::hyperparameters::Hyperparameters;
use super::index_prior::{IndexDynamics, IndexStep};
use super::likelihood::{BATCH, Eliminated};
use super::panel::{PanelSeries, Segment};
use super::series_inverse::{Effect, lag};
use crate::price::soundness::{self, Sound};

/// Months after the last training month that can be forecast.
pub const MOST_MONTHS_AHEAD: usize = 180;

/// A symmetric matrix, its lower triangle row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SymmetricMatrix {
    lower: Vec<f64>,
}

impl SymmetricMatrix {
    fn from_dense(matrix: &Array2<f64>) -> Self {
        let rows = matrix.outer_iter().enumerate();
        let lower = rows.flat_map(|(i, row)| row.iter().take(i + 1).copied().collect::<Vec<_>>()).collect();
        Self { lower }
    }

    const fn has_size(&self, size: usize) -> bool {
        self.lower.len() == size * (size + 1) / 2
    }

    /// `left' A right` over the rows `left` and the columns `right` cover,
    /// which start at the given positions.
    #[must_use]
    pub fn form(&self, left: (usize, &[f64]), right: (usize, &[f64])) -> f64 {
        let mut sum = 0.0;
        for (i, a) in left.1.iter().enumerate() {
            for (j, b) in right.1.iter().enumerate() {
                let (row, column) = (left.0 + i, right.0 + j);
                let (high, low) = (row.max(column), row.min(column));
                sum += a * b * self.lower[high * (high + 1) / 2 + low];
            }
        }
        sum
    }
}

/// A symmetric 2 x 2 form on the vectors (1, g).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairForm {
    constant: f64,
    cross: f64,
    recent: f64,
}

impl PairForm {
    /// The form at `constant * 1 + recent * g`.
    #[must_use]
    pub fn at(&self, constant: f64, recent: f64) -> f64 {
        constant * constant * self.constant
            + 2.0 * constant * recent * self.cross
            + recent * recent * self.recent
    }
}

/// What a forecast needs of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompactSeries {
    /// Name of the series.
    pub name: String,
    /// Position of its segment among the model's segments.
    pub segment: usize,
    /// What is known of the product.
    pub covariates: Covariates,
    /// First month with a price.
    pub first_month: i32,
    /// Last month with a price.
    pub last_month: i32,
    /// Number of months with a price.
    pub rows: usize,
    /// Number of sales over all months, as far as known.
    pub total_sales: f64,
    /// Median monthly sales of the last six months, 1 to 500.
    pub recent_sales: f64,
    /// `1' V^-1 (r - [X E] c)` and `g' V^-1 (r - [X E] c)`, in 1 / ln price.
    pub(super) effect: [f64; 2],
    /// `V^-1` on (1, g), in 1 / squared ln price.
    pub(super) information: PairForm,
    /// `C` on (a, b).
    pub(super) uncertainty: PairForm,
    /// Part of `C a` and `C b` that meets the state.
    pub(super) state_covariance: [Vec<f64>; 2],
}

impl CompactSeries {
    fn check(&self) -> Sound {
        soundness::month("first_month", self.first_month)?;
        soundness::month("last_month", self.last_month)?;
        soundness::month("launch_month", self.covariates.launch_month)?;
        soundness::log("ln_list_price", self.covariates.ln_list_price)?;
        soundness::positive("total_sales", self.total_sales)?;
        soundness::positive("recent_sales", self.recent_sales)?;
        let forms = [self.information, self.uncertainty];
        let entries = forms.iter().flat_map(|form| [form.constant, form.cross, form.recent]);
        let states = self.state_covariance.iter().flatten().copied();
        entries.chain(states).chain(self.effect).try_for_each(|entry| soundness::weight("an entry", entry))
    }
}

/// Level and momentum of a market index at the last training month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarketState {
    /// Level above the price curve, in ln price.
    pub level: f64,
    /// Momentum, in ln price a month.
    pub momentum: f64,
}

/// A compact model as it is written and read; [`CompactModel`] is checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct CompactParts {
    basis: DesignBasis,
    hyperparameters: Hyperparameters,
    last_month: i32,
    segments: Vec<String>,
    state_mean: Vec<f64>,
    state_covariance: SymmetricMatrix,
    series: Vec<CompactSeries>,
}

/// The fitted price model without the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CompactParts", into = "CompactParts")]
pub struct CompactModel {
    parts: CompactParts,
    /// The market index by months ahead, derived from the hyperparameters.
    steps: Vec<IndexStep>,
}

impl From<CompactModel> for CompactParts {
    fn from(model: CompactModel) -> Self {
        model.parts
    }
}

impl TryFrom<CompactParts> for CompactModel {
    type Error = PriceModelError;

    fn try_from(parts: CompactParts) -> Result<Self, Self::Error> {
        parts.basis.check()?;
        let size = parts.basis.width() + 2 * parts.segments.len();
        let refuse = |reason| Err(PriceModelError::BadModel { reason });
        if parts.state_mean.len() != size || !parts.state_covariance.has_size(size) {
            return refuse("the state has not the size of its design and segments");
        }
        let fits = |one: &CompactSeries| {
            one.segment < parts.segments.len()
                && one.state_covariance.iter().all(|part| part.len() == size)
                && one.last_month <= parts.last_month
        };
        if !parts.series.iter().all(fits) {
            return refuse("a series has not the size of the state or an unknown segment");
        }
        if !parts.series.is_sorted_by(|one, next| one.name < next.name) {
            return refuse("the series are not sorted by name");
        }
        let dynamics = IndexDynamics::new(&parts.hyperparameters);
        let steps = (0..=MOST_MONTHS_AHEAD).map(|ahead| dynamics.step(ahead));
        Ok(Self { steps: steps.collect(), parts })
    }
}

impl CompactModel {
    /// Whether the numbers of a model from a file can be used; its sizes were checked while it was read.
    pub(in crate::price) fn check(&self) -> Sound {
        let parts = &self.parts;
        soundness::month("last_month", parts.last_month)?;
        soundness::month("cohort_origin", parts.basis.cohort_origin)?;
        soundness::log("mean_ln_list_price", parts.basis.mean_ln_list_price)?;
        soundness::log("mean_ln_memory", parts.basis.mean_ln_memory)?;
        soundness::logs("the mean of the state", &parts.state_mean)?;
        soundness::logs("the covariance of the state", &parts.state_covariance.lower)?;
        for series in &parts.series {
            series.check().map_err(|flaw| format!("{}: {flaw}", series.name))?;
        }
        Ok(())
    }

    /// The design basis.
    #[must_use]
    pub const fn basis(&self) -> &DesignBasis {
        &self.parts.basis
    }

    /// The hyperparameters.
    #[must_use]
    pub const fn hyperparameters(&self) -> &Hyperparameters {
        &self.parts.hyperparameters
    }

    /// T, the last training month.
    #[must_use]
    pub const fn last_month(&self) -> i32 {
        self.parts.last_month
    }

    /// Names of the segments.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.parts.segments
    }

    /// Position of a segment.
    ///
    /// # Errors
    /// When the model has no such segment.
    pub fn segment(&self, name: &str) -> Result<usize, PriceModelError> {
        let found = self.parts.segments.iter().position(|one| one == name);
        found.ok_or_else(|| PriceModelError::UnknownSegment { segment: name.to_owned() })
    }

    /// The series, sorted by name.
    #[must_use]
    pub fn all_series(&self) -> &[CompactSeries] {
        &self.parts.series
    }

    /// The series of that name, if there is one.
    #[must_use]
    pub fn series(&self, name: &str) -> Option<&CompactSeries> {
        let series = &self.parts.series;
        let found = series.binary_search_by(|one| one.name.as_str().cmp(name));
        found.ok().map(|position| &series[position])
    }

    /// The model with only the series that `keep` wants. The two effects of a
    /// series of one or two prices nearly tell them; a model that must not
    /// give prices away leaves such series out.
    #[must_use]
    pub fn with_series_where(mut self, keep: impl Fn(&CompactSeries) -> bool) -> Self {
        self.parts.series.retain(keep);
        self
    }

    /// Level and momentum of a segment's market at the last training month,
    /// if the model has so many segments.
    #[must_use]
    pub fn market_state(&self, segment: usize) -> Option<MarketState> {
        let start = self.market_position(segment);
        let (level, momentum) = (self.parts.state_mean.get(start)?, self.parts.state_mean.get(start + 1)?);
        Some(MarketState { level: *level, momentum: *momentum })
    }

    /// How level and momentum now make the level that many months ahead, if
    /// it is at most [`MOST_MONTHS_AHEAD`].
    #[must_use]
    pub fn market_step(&self, ahead: usize) -> Option<&IndexStep> {
        self.steps.get(ahead)
    }

    /// Posterior means of the coefficients, in the order of the basis.
    #[must_use]
    pub fn coefficients(&self) -> &[f64] {
        &self.parts.state_mean[..self.parts.basis.width()]
    }

    pub(super) const fn state_covariance(&self) -> &SymmetricMatrix {
        &self.parts.state_covariance
    }

    /// Position of a segment's level in the state; its momentum follows.
    pub(super) fn market_position(&self, segment: usize) -> usize {
        self.parts.basis.width() + 2 * segment
    }
}

impl FittedPanel {
    /// The compact model of this fit.
    ///
    /// # Errors
    /// When the parts do not fit together, which would be a mistake here.
    pub fn compact(&self) -> Result<CompactModel, PriceModelError> {
        let panel = &self.panel;
        let reading = StateReading::new(&self.hyperparameters, panel.basis.width());
        let mut state_mean = reading.means(&self.posterior.mean, &panel.segments);
        for (mean, term) in state_mean.iter_mut().zip(&panel.basis.terms) {
            *mean += term.prior_mean;
        }
        let effect = panel.effect(&self.hyperparameters);
        let mut series: Vec<CompactSeries> = panel
            .series
            .par_iter()
            .zip(&self.posterior.eliminated)
            .with_min_len(BATCH)
            .map(|(one, block)| self.compact_series(one, block, &effect, &reading))
            .collect();
        series.sort_by(|one, next| one.name.cmp(&next.name));
        CompactParts {
            basis: panel.basis.clone(),
            hyperparameters: self.hyperparameters,
            last_month: panel.settings.last_month,
            segments: panel.segments.iter().map(|one| one.name.clone()).collect(),
            state_mean,
            state_covariance: reading.covariance(
                &self.posterior.covariance,
                &panel.segments,
                &IndexDynamics::new(&self.hyperparameters),
            ),
            series,
        }
        .try_into()
    }

    fn compact_series(
        &self,
        series: &PanelSeries,
        block: &Eliminated,
        effect: &Effect,
        reading: &StateReading,
    ) -> CompactSeries {
        let last_month = series.last_month();
        let ones = Array1::ones(series.months.len());
        let recent: Array1<f64> =
            series.months.iter().map(|month| effect.decay[lag(*month, last_month)]).collect();
        let residual = residual(series, &self.posterior.mean);
        let weights = [block.inverse.dot(&ones), block.inverse.dot(&recent)];
        let designs = [series.design.t().dot(&weights[0]), series.design.t().dot(&weights[1])];
        let spread = [0, 1].map(|which| {
            let mut vector: Array1<f64> = Array1::zeros(self.posterior.mean.len());
            for (entry, value) in vector.iter_mut().zip(&designs[which]) {
                *entry = *value;
            }
            for (position, value) in series.positions.iter().zip(&weights[which]) {
                vector[*position] += value;
            }
            vector
        });
        let moved = [0, 1].map(|which: usize| self.posterior.covariance.dot(&spread[which]));
        CompactSeries {
            name: series.name.clone(),
            segment: series.segment,
            covariates: series.covariates.clone(),
            first_month: series.months[0],
            last_month,
            rows: series.months.len(),
            total_sales: series.total_sales,
            recent_sales: series.recent_sales,
            effect: [weights[0].dot(&residual), weights[1].dot(&residual)],
            information: PairForm {
                constant: weights[0].sum(),
                cross: weights[1].sum(),
                recent: weights[1].dot(&recent),
            },
            uncertainty: PairForm {
                constant: spread[0].dot(&moved[0]),
                cross: spread[0].dot(&moved[1]),
                recent: spread[1].dot(&moved[1]),
            },
            state_covariance: moved.map(|vector| reading.means(&vector, &self.panel.segments)),
        }
    }
}

/// The linear map from the unknowns of the fit to the state.
struct StateReading {
    width: usize,
    /// Level and momentum now from the levels one and two months ahead.
    inverse: [[f64; 2]; 2],
}

impl StateReading {
    fn new(hyperparameters: &Hyperparameters, width: usize) -> Self {
        let phi = hyperparameters.market_persistence();
        let rho = hyperparameters.values().momentum_persistence;
        Self { width, inverse: [[(phi + rho) / (phi * rho), -1.0 / (phi * rho)], [-phi / rho, 1.0 / rho]] }
    }

    /// The map applied to a vector over the unknowns.
    fn means(&self, vector: &Array1<f64>, segments: &[Segment]) -> Vec<f64> {
        let mut state: Vec<f64> = vector.iter().take(self.width).copied().collect();
        for segment in segments {
            let first = segment.first_future();
            for row in self.inverse {
                state.push(row[0] * vector[first] + row[1] * vector[first + 1]);
            }
        }
        state
    }

    /// Covariance of the state, without the noise of the two months ahead.
    fn covariance(
        &self,
        unknowns: &Array2<f64>,
        segments: &[Segment],
        dynamics: &IndexDynamics,
    ) -> SymmetricMatrix {
        let noise = dynamics.noise_covariance_of_first_two();
        let mut clean = unknowns.clone();
        for segment in segments {
            let first = segment.first_future();
            for (i, row) in noise.iter().enumerate() {
                for (j, value) in row.iter().enumerate() {
                    clean[[first + i, first + j]] -= value;
                }
            }
        }
        let size = self.width + 2 * segments.len();
        let mut half = Array2::zeros((size, clean.nrows()));
        for (position, column) in clean.columns().into_iter().enumerate() {
            let mapped = self.means(&column.to_owned(), segments);
            half.column_mut(position).assign(&Array1::from(mapped));
        }
        let mut state = Array2::zeros((size, size));
        for (position, row) in half.rows().into_iter().enumerate() {
            let mapped = self.means(&row.to_owned(), segments);
            state.row_mut(position).assign(&Array1::from(mapped));
        }
        SymmetricMatrix::from_dense(&state)
    }
}
