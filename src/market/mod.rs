//! What sold: price observations, and their aggregation to cells.
//!
//! In: CSV of observations (date, product, price; class, currency, basis, grade, quantity, config, source are
//! optional). Out: [`Observation`]s tied to catalog products, and monthly [`Cell`]s of one product and source.
//! Asked and sold prices are kept apart to the end.

mod cells;
mod comparables;
mod followed;
mod observation;

pub use cells::{Cell, CellSeries, monthly_series};
pub use comparables::{Comparable, nearest};
pub use followed::{
    ClassedRow, FollowedMarket, FollowedMonth, FollowedSeries, followed_markets, newer_months,
};
pub use observation::{Basis, MarketError, Observation, ObservationReject, Observations, read_observations};
