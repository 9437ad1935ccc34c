//! What became of the forecasts: hand-over, settlement, and the ledger that remembers both.
//!
//! In: a plan and the units that leave by it; later the vendor's settlement. Out: a package for the vendor, the lines of
//! the settlement matched to what was handed over, and a ledger from which the forecasts are graded and learn. What
//! all of them speak of stands in [`record`]. A hand-over is started by [`triggers`](mod@triggers) or by a list of assets
//! ([`selection`]), asks for a value ([`package`]) and is followed from hand to hand ([`custody`]). What the vendor's
//! settlement says of it is read and held against the agreement by [`settle`](mod@settle).

mod custody;
mod given;
pub mod ledger;
mod line;
mod package;
mod record;
mod selection;
pub mod settle;
mod triggers;

pub use crate::decide::FeesOrder;
pub use custody::{CUSTODY_SCHEMA, Chain, CustodyError, CustodyEvent, Movement, is_plain_name};
pub use given::forecasts_given;
pub use line::{
    Age, AgeShare, Expected, LineConfiguration, LineContract, LineTerms, Locks, PackageLine, Place,
};
pub use package::{
    Ask, Lot, Package, PackageError, Packer, REQUEST_SCHEMA, RequestTerms, SaleRule, SanitizationLevel,
    SanitizationTerms, VALUATION_REQUEST_SCHEMA, handed_over,
};
pub use record::{Disposition, ForecastMade, HandedOver, Outcome, Overridden, Receipt, Sanitization, Terms};
pub use selection::{Departing, SelectionError, hindrance, select, select_all, vendor_route};
pub use triggers::{Answer, Since, Trigger, TriggerKind, Triggered, due, triggers};
