//! What moves an answer most.
//!
//! In: drivers, widest first, each with the change of the answer at either end of its range. Out: an SVG of bars that leave
//! the base to both sides, each end named by the value that the driver has there.

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, WIDTH, fit, text_width};
use crate::units::Currency;

/// Room at most for the names of drivers, and for the words at an end of a bar, pixels.
const NAMES: f64 = 230.0;
const WORDS: f64 = 190.0;
const TOP: f64 = 40.0;
const PITCH: f64 = 26.0;

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
    let heading = fit(&heading, WIDTH - 8.0);
    canvas.text((4.0, 16.0), &heading, Anchor::Start, Paint::Soft);
    let ends = bars.iter().flat_map(|bar| [bar.low.1, bar.high.1]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let words: Vec<[(f64, String); 2]> = bars.iter().map(words_at_ends).collect();
    let widest = |left: bool| {
        let of_side = words.iter().flatten().filter(|(change, _)| (*change < 0.0) == left);
        of_side.map(|(_, words)| text_width(words)).fold(0.0, f64::max) + 12.0
    };
    let names = bars.iter().map(|bar| text_width(&bar.name)).fold(0.0, f64::max).min(NAMES);
    let x = Scale::new(bounds, (4.0 + names + widest(true).max(24.0), WIDTH - widest(false).max(24.0)));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        canvas.line((x.at(*tick), TOP - 8.0), (x.at(*tick), bottom), Paint::Rule, 1.0);
        canvas.text((x.at(*tick), bottom + 18.0), &amount_label(*tick, step), Anchor::Middle, Paint::Soft);
    }
    for (position, bar) in bars.iter().enumerate() {
        let y = TOP + PITCH * (position as f64 + 0.5);
        canvas.text((4.0, y + 4.0), &fit(&bar.name, names), Anchor::Start, Paint::Ink);
        for (_, change) in [&bar.low, &bar.high] {
            let paint = if *change > 0.0 { Paint::Best } else { Paint::Gain };
            canvas.rectangle((x.at(0.0), y - 8.0), (x.at(*change), y + 8.0), paint);
        }
        for (change, words) in &words[position] {
            let (shift, anchor) = if *change < 0.0 { (-5.0, Anchor::End) } else { (5.0, Anchor::Start) };
            canvas.text((x.at(*change) + shift, y + 4.0), words, anchor, Paint::Soft);
        }
    }
    canvas.line((x.at(0.0), TOP - 8.0), (x.at(0.0), bottom), Paint::Ink, 1.5);
    let said: Vec<&str> = bars.iter().map(|bar| bar.name.as_str()).collect();
    canvas.finish(&format!("What moves {what} most, most first: {}.", said.join(", ")))
}

/// What stands beside a bar and at which change; ends on one side share the outer place, the further one first.
fn words_at_ends(bar: &TornadoBar) -> [(f64, String); 2] {
    let one_side = (bar.low.1 < 0.0) == (bar.high.1 < 0.0);
    if one_side {
        let (far, near) =
            if bar.low.1.abs() >= bar.high.1.abs() { (&bar.low, &bar.high) } else { (&bar.high, &bar.low) };
        [(far.1, fit(&format!("{} / {}", far.0, near.0), WORDS)), (near.1, String::new())]
    } else {
        [(bar.low.1, fit(&bar.low.0, WORDS)), (bar.high.1, fit(&bar.high.0, WORDS))]
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
