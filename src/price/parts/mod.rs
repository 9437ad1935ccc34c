//! What the parts of a machine fetch, and a server as the sum of them.
//!
//! In: a server's configuration and the models of processors, memory and drives. Out: the price of each part by the
//! month ([`prices`]), of the whole server ([`whole`]: parts and chassis, calibrated on dated prices of whole
//! servers), and of its parts sold one by one. The parts themselves are priced by the regression on facts, with what
//! tells one part from another: [`memory`], [`processor`], [`drive`].

pub mod configuration;
pub mod drive;
pub(super) mod memory;
pub mod prices;
pub(super) mod processor;
pub mod whole;

pub use configuration::{Configuration, Drives};
pub use prices::{PartModels, PartPrice};
pub use whole::{WholeModel, WholeSubject};

/// Share of the price of parts that is left after taking them out, testing and selling them one by one. Assumption.
pub(super) const KEPT_ON_TEARDOWN: f64 = 0.90;
