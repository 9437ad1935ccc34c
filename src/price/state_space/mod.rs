//! State-space price model: fit, compact model, forecast, and the steps from the fit to quantiles.
//!
//! In: monthly prices of a class by product and source ([`panel`]). Out: a [`compact::CompactModel`] without the
//! data, and forecasts from it. The likelihood is exact (block-arrow elimination, [`likelihood`]; each series
//! along its chain of months, `series_inverse` and `series_slopes`), the
//! hyperparameters are the posterior mode ([`fit`], [`optimise`], [`gradient`]), rows that do not fit are
//! weighted down. Shipped forecasts use the fit itself ([`forecast`]) with intervals scored on its own past
//! ([`score`]); state-dependent reversion, the drift expert, the calibrator and the hurdle for sticky prices
//! ([`reversion`], [`drift`], [`calibrate`], [`hurdle`]) make up the short-horizon recipe that
//! `examples/rolling_origin.rs` scores.

mod blocks;
pub mod calibrate;
pub mod cholesky;
pub mod compact;
pub mod design;
pub mod drift;
pub mod error;
pub mod fit;
pub mod forecast;
pub mod gradient;
pub mod history;
pub mod hurdle;
pub mod hyperparameters;
pub mod index_prior;
pub mod likelihood;
pub mod optimise;
pub mod panel;
pub mod quantiles;
pub mod reversion;
pub mod score;
mod series_inverse;
mod series_slopes;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod series_tests;
