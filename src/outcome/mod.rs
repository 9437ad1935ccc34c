//! What became of the forecasts: hand-over, settlement, and the ledger that remembers both.
//!
//! In: a plan and the units that leave by it; later the vendor's settlement. Out: a package for the vendor, the lines of
//! the settlement matched to what was handed over, and a ledger from which the forecasts are graded and learn. What
//! all of them speak of stands in [`record`].

pub mod ledger;

mod given;
mod record;

pub use given::forecasts_given;
pub use record::{
    Disposition, FeesOrder, ForecastMade, HandedOver, Outcome, Overridden, Receipt, Sanitization, Terms,
};
