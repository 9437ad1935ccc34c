//! What groups of units are worth and what they net, each with its range.
//!
//! In: names, each with quantiles of worth (none for what is not owned) and of net recovery. Out: an SVG: a pale bar for
//! eight of ten outcomes of the worth, a line for those of the net recovery with a dot at the expected one.

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, WIDTH, fit, text_width};
use crate::report::words::compact;
use crate::units::{Currency, Quantiles};

/// Room for names at most, pixels.
const NAMES: f64 = 340.0;
const RIGHT: f64 = WIDTH - 72.0;
const TOP: f64 = 34.0;
const PITCH: f64 = 24.0;

/// A row of the drawing.
pub(in crate::report) struct Range {
    /// What it is.
    pub name: String,
    /// Its worth.
    pub worth: Option<Quantiles>,
    /// What it nets.
    pub net: Quantiles,
}

/// Draws the ranges.
pub(in crate::report) fn ranges(rows: &[Range], currency: Currency) -> String {
    let bottom = TOP + PITCH * rows.len() as f64;
    let mut canvas = Canvas::new(bottom + 28.0);
    let heading =
        format!("{currency}; bar: worth, 8 in 10 outcomes; line: net recovery, 8 in 10; dot: expected");
    canvas.text((4.0, 16.0), &heading, Anchor::Start, Paint::Soft);
    let worth = rows.iter().filter_map(|row| row.worth).flat_map(|of| [of.p10, of.p90]);
    let ends = worth.chain(rows.iter().flat_map(|row| [row.net.p10, row.net.p90, row.net.mean]));
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let names = rows.iter().map(|row| text_width(&row.name)).fold(60.0, f64::max).min(NAMES);
    let left = names + 14.0;
    let x = Scale::new(bounds, (left, RIGHT));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        let paint = if *tick == 0.0 { Paint::Soft } else { Paint::Rule };
        canvas.line((x.at(*tick), TOP - 4.0), (x.at(*tick), bottom), paint, 1.0);
        canvas.text((x.at(*tick), bottom + 18.0), &amount_label(*tick, step), Anchor::Middle, Paint::Soft);
    }
    for (position, row) in rows.iter().enumerate() {
        draw(&mut canvas, (&x, left), TOP + PITCH * (position as f64 + 0.5), row);
    }
    let said: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.name, compact(row.net.mean))).collect();
    canvas.finish(&format!("Expected net recovery: {}.", said.join(", ")))
}

fn draw(canvas: &mut Canvas, (x, left): (&Scale, f64), y: f64, row: &Range) {
    canvas.text((left - 10.0, y + 4.0), &fit(&row.name, left - 14.0), Anchor::End, Paint::Ink);
    let mut end = x.at(row.net.p90.max(row.net.mean));
    if let Some(worth) = row.worth {
        canvas.rectangle((x.at(worth.p10), y - 7.0), (x.at(worth.p90), y + 7.0), Paint::Band);
        end = end.max(x.at(worth.p90));
    }
    canvas.line((x.at(row.net.p10), y), (x.at(row.net.p90), y), Paint::Value, 2.0);
    canvas.dot((x.at(row.net.mean), y), 4.0, Paint::Value);
    let label = compact(row.net.mean);
    canvas.text((end + 8.0, y + 4.0), &label, Anchor::Start, Paint::Ink);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_named_and_what_is_not_owned_has_no_bar() {
        let net = Quantiles { mean: 900.0, p10: 500.0, p50: 850.0, p90: 1_400.0 };
        let sold = Range { name: "A100, Austin".to_owned(), worth: Some(net.map_linear(1.5, 0.0)), net };
        let leased = Range { name: "T14, Singapore".to_owned(), worth: None, net: Quantiles::certain(0.0) };
        let drawing = ranges(&[sold, leased], Currency::USD);
        assert!(drawing.contains("A100, Austin") && drawing.contains("T14, Singapore"));
        assert_eq!(drawing.matches("f-band").count(), 1);
        assert!(!drawing.contains("NaN"));
    }
}
