//! State-space price model: fit, compact model, forecast and the steps from
//! the fit to quantiles.

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
pub mod optimise;
pub mod panel;
pub mod quantiles;
pub mod reversion;
pub mod score;
pub mod state_space;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod reference_tests;
