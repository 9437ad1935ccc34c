//! Rolling-origin backtest: what would have been forecast, with only what was known then, and what came.
//!
//! In: followed markets ([`FollowedMarket`](crate::market::FollowedMarket)) and the catalog's facts. Out: for every
//! market each forecast of ours and of the rivals beside its outcome ([`MarketTest`]). At an origin nothing later is
//! seen: not the prices, not the widths of intervals, not how often prices stay.
//!
//! The road: [`followed::series`](super::followed::series) turns a market into histories with facts,
//! [`followed::index`](super::followed::index) fits the index model at every month and gives its opinions, [`super::trend`] replays the rule, [`rivals`] do the same with the same pairs of prices, and
//! [`run`] issues the forecasts.

pub mod card;
pub mod cold_start;
pub mod drill;
pub mod paths;
pub mod rivals;
pub mod run;
pub mod score;

pub use run::{MarketTest, Record, Settings, backtest, backtest_watched, fit_and_backtest};
