//! What each scenario differs by from the base, with the range that common draws give it.
//!
//! In: scenarios by name, each with its quantiles of the difference. Out: an SVG: a line for eight of ten outcomes, a dot for
//! the expected one, the base as a line down the middle. Left is less, right is more.

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, WIDTH, fit};
use crate::report::words::compact;
use crate::units::{Currency, Quantiles};

const LEFT: f64 = 210.0;
const RIGHT: f64 = WIDTH - 78.0;
const TOP: f64 = 44.0;
const PITCH: f64 = 30.0;

/// Draws the differences. `less_is_better` says which side is painted as a gain.
pub(in crate::report) fn differences(
    what: &str,
    rows: &[(String, Quantiles)],
    currency: Currency,
    less_is_better: bool,
) -> String {
    let bottom = TOP + PITCH * rows.len() as f64;
    let mut canvas = Canvas::new(bottom + 30.0);
    let heading = format!("{currency}, {what} less that of the base; line: 8 in 10 outcomes, dot: expected");
    let heading = fit(&heading, WIDTH - 8.0);
    canvas.text((4.0, 16.0), &heading, Anchor::Start, Paint::Soft);
    let ends = rows.iter().flat_map(|(_, of)| [of.p10, of.p90, of.mean]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let x = Scale::new(bounds, (LEFT, RIGHT));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        canvas.line((x.at(*tick), TOP - 8.0), (x.at(*tick), bottom), Paint::Rule, 1.0);
        canvas.text((x.at(*tick), bottom + 18.0), &amount_label(*tick, step), Anchor::Middle, Paint::Soft);
    }
    canvas.line((x.at(0.0), TOP - 12.0), (x.at(0.0), bottom), Paint::Ink, 1.5);
    canvas.text((x.at(0.0), TOP - 14.0), "base", Anchor::Middle, Paint::Ink);
    for (position, (name, of)) in rows.iter().enumerate() {
        let y = TOP + PITCH * (position as f64 + 0.5);
        let better = (of.mean < 0.0) == less_is_better;
        let paint = if of.mean == 0.0 {
            Paint::Soft
        } else if better {
            Paint::Gain
        } else {
            Paint::Best
        };
        canvas.text((LEFT - 12.0, y + 4.0), &fit(name, LEFT - 16.0), Anchor::End, Paint::Ink);
        canvas.line((x.at(of.p10), y), (x.at(of.p90), y), paint, 5.0);
        canvas.dot((x.at(of.mean), y), 5.5, Paint::Ink);
        let label = format!("{}{}", if of.mean > 0.0 { "+" } else { "" }, compact(of.mean));
        canvas.text((x.at(of.p90.max(of.mean)) + 10.0, y + 4.0), &label, Anchor::Start, Paint::Ink);
    }
    let said: Vec<String> = rows.iter().map(|(name, of)| format!("{name} {}", compact(of.mean))).collect();
    canvas.finish(&format!("Expected {what} less that of the base: {}.", said.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_stands_at_nothing_and_every_scenario_is_named() {
        let of = |mean: f64| Quantiles { mean, p10: mean - 500.0, p50: mean, p90: mean + 900.0 };
        let rows = [("Refresh at 48".to_owned(), of(-4_000.0)), ("Rubin slips".to_owned(), of(250.0))];
        let drawing = differences("total cost", &rows, Currency::USD, true);
        assert!(drawing.contains("Refresh at 48") && drawing.contains("−4k") && drawing.contains(">base<"));
        assert!(drawing.contains("f-ink"), "{drawing}");
        assert_eq!(drawing, differences("total cost", &rows, Currency::USD, true));
    }

    #[test]
    fn nothing_that_differs_is_drawn_without_strange_numbers() {
        let rows = [("same".to_owned(), Quantiles::certain(0.0))];
        let drawing = differences("total cost", &rows, Currency::USD, true);
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
    }
}
