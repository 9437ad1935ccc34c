//! Amounts of several answers over the quarters, as lines named at their ends.
//!
//! In: quarters and, for each answer, an amount a quarter. Out: an SVG. Names that would lie on each other are moved apart
//! and keep their order. Lines differ by dash as well as by colour.

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, TEXT_SIZE, WIDTH, fit, text_width};

const LEFT: f64 = 62.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 270.0;

/// Room for a name at the end of its line, pixels.
const NAMES: f64 = 170.0;

/// Colours in the order of the answers; beyond them lines are dashed in turn.
const PAINTS: [Paint; 5] = [Paint::Value, Paint::Best, Paint::Gain, Paint::Book, Paint::Loss];

/// Draws a line for each answer. `heading` says what is drawn, with its unit.
pub(in crate::report) fn quarter_paths(
    heading: &str,
    quarters: &[String],
    answers: &[(String, Vec<f64>)],
) -> String {
    let mut canvas = Canvas::new(BOTTOM + 40.0);
    canvas.text((4.0, 16.0), &fit(heading, WIDTH - 8.0), Anchor::Start, Paint::Soft);
    let names: Vec<String> = answers.iter().map(|(name, _)| fit(name, NAMES)).collect();
    let widest = names.iter().map(|name| text_width(name)).fold(60.0, f64::max);
    let right = WIDTH - widest - 14.0;
    let values = answers.iter().flat_map(|(_, amounts)| amounts.iter().copied());
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let y = Scale::new(bounds, (BOTTOM, TOP));
    let x = Scale::new((0.0, quarters.len().saturating_sub(1).max(1) as f64), (LEFT, right));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        let paint = if *tick == 0.0 { Paint::Soft } else { Paint::Rule };
        canvas.line((LEFT, y.at(*tick)), (right, y.at(*tick)), paint, 1.0);
        canvas.text((LEFT - 6.0, y.at(*tick) + 4.0), &amount_label(*tick, step), Anchor::End, Paint::Soft);
    }
    name_quarters(&mut canvas, quarters, &x);
    for (position, (_, amounts)) in answers.iter().enumerate() {
        let points: Vec<(f64, f64)> =
            amounts.iter().enumerate().map(|(at, amount)| (x.at(at as f64), y.at(*amount))).collect();
        let paint = PAINTS[position % PAINTS.len()];
        if position < PAINTS.len() {
            canvas.polyline(&points, paint, 2.0);
        } else {
            canvas.dashed(&points, paint, 2.0);
        }
    }
    let ends: Vec<f64> =
        answers.iter().map(|(_, amounts)| y.at(amounts.last().copied().unwrap_or(0.0))).collect();
    for (position, at) in apart(&ends).into_iter().enumerate() {
        let paint = PAINTS[position % PAINTS.len()];
        canvas.text((right + 8.0, at + 4.0), &names[position], Anchor::Start, paint);
    }
    canvas.finish(&format!("{heading}: {}.", names.join(", ")))
}

/// Years under their first quarter, and the first quarter by name.
fn name_quarters(canvas: &mut Canvas, quarters: &[String], x: &Scale) {
    let mut free_from = f64::NEG_INFINITY;
    for (at, quarter) in quarters.iter().enumerate() {
        let (year, name) = quarter.split_once(' ').unwrap_or((quarter, ""));
        if at > 0 && name != "Q1" {
            continue;
        }
        let label = if at == 0 { quarter.as_str() } else { year };
        let half = text_width(label) / 2.0;
        canvas.line((x.at(at as f64), BOTTOM), (x.at(at as f64), BOTTOM + 5.0), Paint::Soft, 1.0);
        if x.at(at as f64) - half >= free_from {
            canvas.text((x.at(at as f64), BOTTOM + 20.0), label, Anchor::Middle, Paint::Soft);
            free_from = x.at(at as f64) + half + TEXT_SIZE;
        }
    }
}

/// Heights at least a line apart, in the order of the given ones and as near to them as one pass down allows.
fn apart(heights: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut placed = heights.to_vec();
    let line = TEXT_SIZE + 3.0;
    for pair in 1..order.len() {
        let least = placed[order[pair - 1]] + line;
        placed[order[pair]] = placed[order[pair]].max(least);
    }
    // What was pushed below the sheet pushes back up.
    let mut most = BOTTOM + 4.0;
    for place in order.iter().rev() {
        placed[*place] = placed[*place].min(most);
        most = placed[*place] - line;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_one_height_are_moved_apart_in_order() {
        let placed = apart(&[100.0, 101.0, 99.0]);
        assert!(placed[2] < placed[0] && placed[0] < placed[1]);
        assert!((placed[0] - placed[2]) >= TEXT_SIZE && (placed[1] - placed[0]) >= TEXT_SIZE);
        let low = apart(&[BOTTOM, BOTTOM, BOTTOM]);
        assert!(low.iter().all(|height| *height <= BOTTOM + 4.0));
    }

    #[test]
    fn every_answer_has_its_line_and_its_name() {
        let quarters = ["2026 Q4", "2027 Q1", "2027 Q2"].map(str::to_owned);
        let answers =
            [("base".to_owned(), vec![0.0, -5.0, 9.0]), ("48 months".to_owned(), vec![0.0, 4.0, 9.0])];
        let drawing = quarter_paths("USD, net cash", &quarters, &answers);
        assert_eq!(drawing.matches("stroke-linejoin").count(), 2);
        assert!(drawing.contains(">48 months<") && drawing.contains(">2027<"));
    }
}
