//! Drawings of a plan.
//!
//! In: parts of a plan. Out: SVG texts that stand alone and can be set into a page: 760 pixels wide, no ids, no
//! fonts of their own, the same bytes for the same plan. One language: blue is price and recovery, the pale blue
//! band holds eight of ten outcomes, amber ground is the window, vermilion the best month, purple the books.
//! Names stand beside what they name; there are no legends.

mod axis;
mod calendar;
mod canvas;
mod differences;
mod fan;
mod flags;
mod paths;
mod quarters;
mod ranges;
mod tornado;
mod waterfall;

pub use calendar::calendar;
pub(super) use calendar::calendar_of;
pub(super) use differences::differences;
pub use fan::forecast_fan;
pub(super) use paths::quarter_paths;
pub(super) use quarters::quarters_of;
pub use quarters::recovery_by_quarter;
pub(super) use ranges::{Range, ranges};
pub(super) use tornado::{TornadoBar, tornado};
pub use waterfall::waterfall;
