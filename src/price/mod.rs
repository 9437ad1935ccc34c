//! Market value: fit, forecast, and what they rest on.
//!
//! In: price observations and catalog facts (to fit), or a [`Subject`] (to forecast). Out: [`ClassModel`]s that
//! hold no price of any sale, and [`Forecast`]s: month by month the mean log price by driver and its variance
//! by cause. Kinds of model: a state-space model where prices were followed by the
//! month ([`state_space`]), a regression on facts where there are only listings ([`hedonic`]), one on facts and
//! condition for products never sold ([`cold_start`]), servers as the sum of their parts ([`parts`]), and the published curves ([`published`]) for everything else.
//! Products whose prices the user followed have the trend of their own market ([`followed`], [`trend`]). How good the
//! forecasts are is measured by [`backtest`] on the past and by [`oracle`] on a made-up market ([`simulate`]). Each
//! forecast names how near its evidence is, by
//! [`Basis`]: prices of the product, of its family, of its class, or literature alone.

pub mod backtest;
pub mod calibration;
pub mod cold_start;
pub mod followed;
pub mod grade;
pub mod hedonic;
pub mod market_moves;
pub mod metrics;
pub mod oracle;
pub mod parts;
pub mod published;
pub mod shock;
pub mod simulate;
pub mod state_space;
pub mod trend;

mod ages;
mod by_cards;
mod by_cold_start;
mod by_cost;
mod by_facts;
mod by_parts;
mod by_series;
mod card;
mod features;
mod forecast;
mod model;
mod model_file;
mod soundness;
mod subject;
mod train;
mod train_parts;
mod train_phones;

pub use ages::{Aged, forecast_over_ages, forecasts_by_age, mixed};
pub use card::ModelCard;
pub(crate) use forecast::UNFOLLOWED_MARKET_SD;
pub use forecast::{
    Basis, Drivers, Forecast, PartPrices, Point, Reference, ReferenceKind, Variance, forecast, moved,
};
pub use model::{ClassModel, Difference, Fitted, Market, ModelError, Models};
pub use subject::Subject;
pub use train::{TrainError, TrainReport, train_class};
pub use train_parts::{calibrate_wholes, train_drives};
