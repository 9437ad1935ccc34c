//! What moves an answer most.
//!
//! In: drivers, widest first, each with the change of the answer at either end of its range. Out: an SVG of bars that leave
//! the base to both sides, each end named by the value that the driver has there.

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, WIDTH};
use crate::report::words::shorten;
use crate::units::Currency;

const LEFT: f64 = 300.0;
const RIGHT: f64 = WIDTH - 90.0;
const TOP: f64 = 40.0;
const PITCH: f64 = 26.0;
const LONGEST_NAME: usize = 27;

/// One bar: the driver, what it stands at below and above, and what the answer changes by there.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct TornadoBar {
    /// The driver.
    pub name: String,
    /// Value at the lower end and the change there.
    pub low: (String, f64),
    /// Value at the upper end and the change there.
    pub high: (String, f64),
}

/// Draws the bars; `what` is the answer that changes.
pub(in crate::report) fn tornado(what: &str, bars: &[TornadoBar], currency: Currency) -> String {
    let bottom = TOP + PITCH * bars.len() as f64;
    let mut canvas = Canvas::new(bottom + 30.0);
    let heading = format!("{currency}, change of {what} at either end of each driver's range");
    canvas.text((4.0, 16.0), &heading, Anchor::Start, Paint::Soft);
    let ends = bars.iter().flat_map(|bar| [bar.low.1, bar.high.1]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let x = Scale::new(bounds, (LEFT, RIGHT));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        canvas.line((x.at(*tick), TOP - 8.0), (x.at(*tick), bottom), Paint::Rule, 1.0);
        canvas.text((x.at(*tick), bottom + 18.0), &amount_label(*tick, step), Anchor::Middle, Paint::Soft);
    }
    for (position, bar) in bars.iter().enumerate() {
        let y = TOP + PITCH * (position as f64 + 0.5);
        canvas.text((4.0, y + 4.0), &shorten(&bar.name, LONGEST_NAME), Anchor::Start, Paint::Ink);
        for (_, change) in [&bar.low, &bar.high] {
            let paint = if *change > 0.0 { Paint::Best } else { Paint::Gain };
            canvas.rectangle((x.at(0.0), y - 8.0), (x.at(*change), y + 8.0), paint);
        }
        name_ends(&mut canvas, bar, &x, y);
    }
    canvas.line((x.at(0.0), TOP - 8.0), (x.at(0.0), bottom), Paint::Ink, 1.5);
    let said: Vec<&str> = bars.iter().map(|bar| bar.name.as_str()).collect();
    canvas.finish(&format!("What moves {what} most, most first: {}.", said.join(", ")))
}

/// Names the value at each end beside its bar; ends on one side share the outer place, the further one first.
fn name_ends(canvas: &mut Canvas, bar: &TornadoBar, x: &Scale, y: f64) {
    let place = |change: f64, words: &str, canvas: &mut Canvas| {
        if change < 0.0 {
            canvas.text((x.at(change) - 5.0, y + 4.0), words, Anchor::End, Paint::Soft);
        } else {
            canvas.text((x.at(change) + 5.0, y + 4.0), words, Anchor::Start, Paint::Soft);
        }
    };
    let one_side = (bar.low.1 < 0.0) == (bar.high.1 < 0.0);
    if one_side {
        let (far, near) =
            if bar.low.1.abs() >= bar.high.1.abs() { (&bar.low, &bar.high) } else { (&bar.high, &bar.low) };
        place(far.1, &format!("{} / {}", far.0, near.0), canvas);
    } else {
        place(bar.low.1, &bar.low.0, canvas);
        place(bar.high.1, &bar.high.0, canvas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_is_named_by_the_value_of_its_driver() {
        let bars = [
            TornadoBar {
                name: "energy price".into(),
                low: ("0.08".into(), -900.0),
                high: ("0.30".into(), 2_100.0),
            },
            TornadoBar { name: "share".into(), low: ("50 %".into(), 700.0), high: ("80 %".into(), 100.0) },
        ];
        let drawing = tornado("present total cost", &bars, Currency::USD);
        assert!(drawing.contains(">0.08<") && drawing.contains(">50 % / 80 %<"), "{drawing}");
        assert!(drawing.contains("energy price, share"));
    }
}
