//! Drawings of a plan.
//!
//! In: parts of a plan. Out: SVG texts that stand alone and can be set into a page: 760 pixels wide, no ids, no
//! fonts of their own, the same bytes for the same plan. One language: blue is price and recovery, the pale blue
//! band holds eight of ten outcomes, outlined amber is the window, vermilion the best month, purple the books; a full
//! dot in the past is a price paid, a ring a price asked. Names stand beside what they name; there are no legends. No
//! text leaves the sheet or lies on another, whatever the names and amounts (`check` in the tests).

mod axis;
mod calendar;
mod canvas;
#[cfg(test)]
pub(super) mod check;
mod differences;
mod dots;
mod fan;
mod flags;
mod paths;
mod quarters;
mod ranges;
mod tornado;
mod waterfall;

pub use calendar::calendar;
pub(super) use calendar::{calendar_of, calendar_rows};
pub(super) use differences::differences;
pub(super) use dots::MOST_DOTS;
pub(super) use fan::fan_with;
pub use fan::forecast_fan;
pub(super) use paths::quarter_paths;
pub(super) use quarters::quarters_of;
pub use quarters::recovery_by_quarter;
pub(super) use ranges::{Range, ranges};
pub(super) use tornado::{TornadoBar, tornado};
pub use waterfall::waterfall;
