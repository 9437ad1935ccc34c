//! Forecasts from the compact price model.
//!
//! In: a product (one of the model's series, or the facts of one never sold)
//! and a month after the training data. Out: mean and variance of ln retention
//! (price over list price), the variance split by cause, and what each part
//! adds to the mean.
//!
//! ```text
//! mean = x' beta + market(h) + k' V^-1 (r - [X E] c)
//! var  = D C D' + noise(h) + (tau^2 + su^2 - k' V^-1 k) + s0^2 + s1^2 / n
//! ```
//!
//! with `D = [x, weights of level and momentum] - k' V^-1 [X E]`. A product
//! never sold has k = 0. Source: state-space price model.

use super::compact::{CompactModel, CompactSeries, MOST_MONTHS_AHEAD};
use super::design::{Covariates, Part};
use super::error::PriceModelError;
use super::panel::usable_sales;
use super::quantiles::Quantiles;

/// What is asked of the model.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What is known of the product.
    pub covariates: &'a Covariates,
    /// Position of the market index it follows.
    pub segment: usize,
    /// The product's own series, if it has one.
    pub series: Option<&'a CompactSeries>,
    /// Month asked for: age, successor and the product's own deviation are those of this month.
    pub month: i32,
    /// Month whose market is used; 1 to 180 months after the training data.
    pub market_month: i32,
    /// Sales a month behind the price to be forecast; `None` takes the
    /// series' recent median, or ten.
    pub sales: Option<f64>,
}

impl<'a> Query<'a> {
    /// Asks for the price of a series of the model in a month.
    #[must_use]
    pub const fn of_series(series: &'a CompactSeries, month: i32) -> Self {
        Self {
            covariates: &series.covariates,
            segment: series.segment,
            series: Some(series),
            month,
            market_month: month,
            sales: None,
        }
    }

    /// Asks for the price of a product never sold in a month.
    #[must_use]
    pub const fn of_unseen(covariates: &'a Covariates, segment: usize, month: i32) -> Self {
        Self { covariates, segment, series: None, month, market_month: month, sales: None }
    }
}

/// What each part adds to the mean of ln retention.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Contributions {
    /// Age since launch.
    pub age: f64,
    /// Level of the market index in that month.
    pub market: f64,
    /// Successor on the market.
    pub generation: f64,
    /// Level, list price, maker, data centre, memory, cohort and source.
    pub configuration: f64,
    /// The product's own deviation.
    pub product: f64,
}

impl Contributions {
    /// The mean of ln retention.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.age + self.market + self.generation + self.configuration + self.product
    }
}

/// Variance of ln retention by cause, in squared ln price. The three
/// covariance terms are twice the covariance of two parts and are often
/// negative: what the data pin down is the sum of curve, market and product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceParts {
    /// Market index: level and momentum now, and what happens until then.
    pub market: f64,
    /// Coefficients of the price curve.
    pub curve: f64,
    /// The product's own deviation.
    pub product: f64,
    /// Scatter of that month's sales around the product's price.
    pub sale_noise: f64,
    /// Twice the covariance of market and curve.
    pub market_curve: f64,
    /// Twice the covariance of market and product.
    pub market_product: f64,
    /// Twice the covariance of curve and product.
    pub curve_product: f64,
}

/// Four shares that add to the total variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceShares {
    /// Share of the market index.
    pub market: f64,
    /// Share of the price curve.
    pub curve: f64,
    /// Share of the product's own deviation.
    pub product: f64,
    /// Share of the scatter of sales.
    pub sale_noise: f64,
}

impl VarianceParts {
    /// The variance of ln retention.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.latent() + self.sale_noise
    }

    /// The variance of the product's price level, without sale noise.
    #[must_use]
    pub fn latent(&self) -> f64 {
        let crossed = self.market_curve + self.market_product + self.curve_product;
        self.market + self.curve + self.product + crossed
    }

    /// Each part's covariance with the sum (Euler allocation): half of a
    /// covariance term goes to each of the two parts it joins. A share is
    /// negative when its part offsets the others.
    #[must_use]
    pub fn allocated(&self) -> VarianceShares {
        VarianceShares {
            market: self.market + 0.5 * (self.market_curve + self.market_product),
            curve: self.curve + 0.5 * (self.market_curve + self.curve_product),
            product: self.product + 0.5 * (self.market_product + self.curve_product),
            sale_noise: self.sale_noise,
        }
    }
}

/// A forecast of ln retention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// What each part adds to the mean; their total is the mean.
    pub contributions: Contributions,
    /// Variance by cause.
    pub variance: VarianceParts,
}

impl Forecast {
    /// Mean of ln retention.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.contributions.total()
    }

    /// Sd of ln retention.
    #[must_use]
    pub fn sd(&self) -> f64 {
        self.variance.total().max(0.0).sqrt()
    }

    /// The 10, 50 and 90 % quantiles of ln retention.
    #[must_use]
    pub fn quantiles(&self) -> Quantiles {
        Quantiles::of_normal(self.mean(), self.variance.total())
    }
}

impl CompactModel {
    /// Forecasts ln retention in a month after the training data.
    ///
    /// # Errors
    /// When the month is not 1 to 180 months after the last training month,
    /// or the segment is not in the model.
    pub fn forecast(&self, query: &Query<'_>) -> Result<Forecast, PriceModelError> {
        let months = i64::from(query.market_month) - i64::from(self.last_month());
        let ahead = usize::try_from(months).unwrap_or(0);
        let step = match self.market_step(ahead) {
            Some(step) if ahead > 0 => step,
            _ => {
                return Err(PriceModelError::MonthNotCovered {
                    ahead: query.market_month.saturating_sub(self.last_month()),
                    most: i32::try_from(MOST_MONTHS_AHEAD).unwrap_or(i32::MAX),
                });
            }
        };
        let state = self
            .market_state(query.segment)
            .ok_or_else(|| PriceModelError::UnknownSegment { segment: query.segment.to_string() })?;
        let row = self.basis().row(query.covariates, query.month);
        let market = [step.level, step.momentum];
        let mut contributions = self.curve_contributions(&row);
        contributions.market = step.level * state.level + step.momentum * state.momentum;
        let position = self.market_position(query.segment);
        let covariance = self.state_covariance();
        let curve = (0, row.as_slice());
        let index = (position, market.as_slice());
        let recent = query.series.map(|series| series.recent_sales);
        let sales = usable_sales(query.sales.or(recent));
        let mut variance = VarianceParts {
            market: covariance.form(index, index) + step.noise_variance,
            curve: covariance.form(curve, curve),
            product: self.prior_product_variance(),
            sale_noise: self.hyperparameters().sale_variance(sales),
            market_curve: 2.0 * covariance.form(curve, index),
            market_product: 0.0,
            curve_product: 0.0,
        };
        if let Some(series) = query.series {
            let gain = self.gain(series, query.month);
            let meets = |start: usize, weights: &[f64]| -> f64 {
                let pairs = series.state_covariance.iter().zip(gain);
                pairs
                    .map(|(part, gain)| {
                        let entries = part.iter().skip(start).zip(weights);
                        gain * entries.map(|(a, b)| a * b).sum::<f64>()
                    })
                    .sum()
            };
            contributions.product = gain[0] * series.effect[0] + gain[1] * series.effect[1];
            variance.product -= series.information.at(gain[0], gain[1]);
            variance.product += series.uncertainty.at(gain[0], gain[1]);
            variance.market_product = -2.0 * meets(position, &market);
            variance.curve_product = -2.0 * meets(0, &row);
        }
        Ok(Forecast { contributions, variance })
    }

    fn curve_contributions(&self, row: &[f64]) -> Contributions {
        let mut contributions = Contributions::default();
        let terms = self.basis().terms.iter();
        for ((term, entry), coefficient) in terms.zip(row).zip(self.coefficients()) {
            let part = match term.column.part() {
                Part::Age => &mut contributions.age,
                Part::Generation => &mut contributions.generation,
                Part::Configuration => &mut contributions.configuration,
            };
            *part += entry * coefficient;
        }
        contributions
    }

    fn prior_product_variance(&self) -> f64 {
        let values = self.hyperparameters().values();
        values.product_sd.powi(2) + values.wander_sd.powi(2)
    }

    /// Weights of 1 and g in the covariance of the product's effect in a month
    /// with its history.
    fn gain(&self, series: &CompactSeries, month: i32) -> [f64; 2] {
        let values = self.hyperparameters().values();
        let since = (f64::from(month) - f64::from(series.last_month)).max(0.0);
        [values.product_sd.powi(2), values.wander_sd.powi(2) * (-since / values.wander_length).exp()]
    }
}
