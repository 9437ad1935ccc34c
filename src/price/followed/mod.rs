//! Prices followed month by month, fitted and forecast product by product.
//!
//! In: followed markets. Out: [`FollowedPrices`], which a model file holds beside the class's other statistics, and
//! forecasts of the products whose prices were followed. [`series`] ties a market to the catalog's facts, [`index`]
//! asks the index model, [`replay`] goes through the months, [`prices`] fits and updates, [`view`] forecasts.

pub mod index;
pub mod prices;
pub mod replay;
pub mod series;
mod view;

pub use prices::{FollowedPrices, FollowedProduct};
pub(super) use view::FollowedView;
