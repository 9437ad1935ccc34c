//! Forecasts of an invented market by one who knows its truth, all but the prices to come.
//!
//! In: a [`SimulatedMarket`] and origins. Out: [`ScoredForecast`]s 1, 3, 6 and 12 months ahead, each beside the price
//! that came. The oracle knows the coefficients, the hyperparameters and each product's rate of sales; of the market
//! index and the products' own effects it knows what prices up to the origin tell. Since all is Gaussian given the
//! numbers of sales, its forecast is the exact conditional mean and variance of the state-space model
//! ([`super::state_space::forecast`]), with the coefficients held at the truth by a prior sd of 1e-5 and no search for
//! hyperparameters. A future month's number of sales it does not know; it takes the sale noise of a usual month
//! ([`SimulatedProduct::usual_sales`]), so mean and variance are exact and the shape is normal but for the scatter of
//! that noise. No forecaster that sees the same prices can have a smaller expected loss, beyond that last trifle.

use super::simulate::{SimulatedMarket, SimulatedProduct};
use super::state_space::compact::CompactModel;
use super::state_space::error::PriceModelError;
use super::state_space::fit::FitSettings;
use super::state_space::forecast::Query;
use super::state_space::hyperparameters::HyperparameterPrior;
use super::state_space::panel::{Panel, PanelSettings};
use super::state_space::quantiles::Quantiles;

/// Months ahead that are forecast.
pub const HORIZONS: [i32; 4] = [1, 3, 6, 12];

/// Prior sd that holds a coefficient at its mean: over ten years of age it moves a price by 0.01 %.
const HELD_SD: f64 = 1e-5;

/// A forecast of one product's price in one month, and the price that came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredForecast {
    /// Last month whose prices were known, as an index.
    pub origin: i32,
    /// Position of the product in the market.
    pub product: usize,
    /// Months ahead.
    pub horizon: i32,
    /// Sales of the product up to the origin.
    pub known_sales: u32,
    /// Mean of ln retention (price over list price).
    pub mean: f64,
    /// Variance of ln retention.
    pub variance: f64,
    /// ln retention that came.
    pub actual: f64,
}

impl ScoredForecast {
    /// The 10, 50 and 90 % quantiles of ln retention.
    pub fn quantiles(&self) -> Quantiles {
        Quantiles::of_normal(self.mean, self.variance)
    }

    /// Mean price over list price: of a log-normal, `exp(mean + variance / 2)`.
    pub fn mean_retention(&self) -> f64 {
        (self.mean + 0.5 * self.variance).exp()
    }
}

/// The oracle's forecasts from every origin (months as indices), by origin, product and horizon.
///
/// # Errors
/// When an origin lies before the market's first month, or the model refuses the market.
pub fn oracle_forecasts(
    market: &SimulatedMarket,
    origins: &[i32],
) -> Result<Vec<ScoredForecast>, PriceModelError> {
    let mut all = Vec::new();
    for origin in origins {
        let model = oracle_model(market, *origin)?;
        all.extend(forecasts_by(market, &model, *origin, |product| Some(product.usual_sales()))?);
    }
    Ok(all)
}

/// The state-space model of an origin with everything at the truth that is not to be learnt from prices.
fn oracle_model(market: &SimulatedMarket, origin: i32) -> Result<CompactModel, PriceModelError> {
    let mut basis = market.basis.clone();
    for (term, coefficient) in basis.terms.iter_mut().zip(&market.coefficients) {
        term.prior_mean = coefficient.value;
        term.prior_sd = HELD_SD;
    }
    let panel = Panel::new(&market.series_until(origin), basis, PanelSettings::ending(origin))?;
    let as_given = FitSettings { iterations: 0, robust_passes: 0 };
    panel.fit(&HyperparameterPrior::default(), Some(&market.hyperparameters), as_given)?.compact()
}

/// A model's forecasts from one origin: of every product launched by then, for every horizon after which it has a
/// price, in the order of products and horizons. `sales` says what sales the model takes a future month to have;
/// `None` leaves it to the model.
///
/// # Errors
/// When the model was not fitted on the market up to the origin.
pub fn forecasts_by(
    market: &SimulatedMarket,
    model: &CompactModel,
    origin: i32,
    sales: impl Fn(&SimulatedProduct) -> Option<f64>,
) -> Result<Vec<ScoredForecast>, PriceModelError> {
    let mut forecasts = Vec::new();
    let launched = |product: &SimulatedProduct| product.covariates.launch_month <= origin;
    for (position, product) in market.products.iter().enumerate().filter(|(_, product)| launched(product)) {
        for horizon in HORIZONS {
            let Some(came) = product.sales.iter().find(|one| one.month == origin + horizon) else { continue };
            let query = match model.series(&product.name) {
                Some(series) => Query::of_series(series, came.month),
                None => Query::of_unseen(&product.covariates, 0, came.month),
            };
            let answer = model.forecast(&Query { sales: sales(product), ..query })?;
            forecasts.push(ScoredForecast {
                origin,
                product: position,
                horizon,
                known_sales: product.sales_until(origin),
                mean: answer.mean(),
                variance: answer.variance.total(),
                actual: came.price.ln() - product.covariates.ln_list_price,
            });
        }
    }
    Ok(forecasts)
}
