//! Net recovery by quarter of leaving.
//!
//! In: [`Totals`]. Out: an SVG with a bar for every quarter from the first to the last, its expected amount above
//! and a whisker from p10 to p90. Quarters in which nothing leaves keep their place.

use std::collections::BTreeMap;

use super::axis::{Scale, amount_label, amounts};
use super::canvas::{Anchor, Canvas, Paint, TEXT_SIZE, WIDTH, text_width};
use crate::decide::{Total, Totals};
use crate::report::words::compact;

const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - 12.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 206.0;

/// A quarter, counted from year 0, with what it brings in.
type Quarter<'a> = (i32, Option<&'a Total>);

/// Draws the bars; without any recovery, a sentence says so.
pub fn recovery_by_quarter(totals: &Totals) -> String {
    quarters_of(&totals.recovery, &totals.by_quarter)
}

/// Draws the quarters of a part of what leaves, with the total of that part.
pub(in crate::report) fn quarters_of(recovery: &Total, by_quarter: &BTreeMap<String, Total>) -> String {
    let quarters = quarters(by_quarter);
    let currency = recovery.expected.currency();
    if quarters.is_empty() {
        let mut canvas = Canvas::new(40.0);
        let text = "Nothing leaves in the months looked ahead.";
        canvas.text((LEFT, 25.0), text, Anchor::Start, Paint::Soft);
        return canvas.finish(text);
    }
    let mut canvas = Canvas::new(BOTTOM + 40.0);
    let heading = format!("{currency}, expected net recovery; whiskers: 8 in 10 outcomes");
    canvas.text((4.0, 16.0), &heading, Anchor::Start, Paint::Soft);
    let ends = quarters
        .iter()
        .filter_map(|(_, total)| *total)
        .flat_map(|total| [total.quantiles.p10, total.quantiles.p90, total.expected.major()]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = amounts(low, high);
    let bounds = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let y = Scale::new(bounds, (BOTTOM, TOP));
    let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
    for tick in &ticks {
        let paint = if *tick == 0.0 { Paint::Soft } else { Paint::Rule };
        canvas.line((LEFT, y.at(*tick)), (RIGHT, y.at(*tick)), paint, 1.0);
        canvas.text((LEFT - 6.0, y.at(*tick) + 4.0), &amount_label(*tick, step), Anchor::End, Paint::Soft);
    }
    draw_bars(&mut canvas, &quarters, &y);
    canvas.finish(&format!(
        "Expected net recovery by quarter, {} in all: {}.",
        recovery.expected,
        by_quarter
            .iter()
            .map(|(name, total)| format!("{name} {}", compact(total.expected.major())))
            .collect::<Vec<_>>()
            .join(", ")
    ))
}

fn draw_bars(canvas: &mut Canvas, quarters: &[Quarter<'_>], y: &Scale) {
    let pitch = (RIGHT - LEFT) / quarters.len().max(4) as f64;
    let half = (0.36 * pitch).min(28.0);
    let mut bars = Vec::new();
    for (position, (quarter, total)) in quarters.iter().enumerate() {
        let middle = LEFT + (position as f64 + 0.5) * pitch;
        if position == 0 || quarter.rem_euclid(4) == 0 {
            let year = quarter.div_euclid(4).to_string();
            let room = f64::from(4 - quarter.rem_euclid(4)) * pitch;
            if room >= text_width(&year) + 8.0 {
                canvas.text((middle, BOTTOM + 32.0), &year, Anchor::Middle, Paint::Soft);
            }
        }
        if pitch >= text_width("Q4") + 3.0 {
            let name = format!("Q{}", quarter.rem_euclid(4) + 1);
            canvas.text((middle, BOTTOM + 16.0), &name, Anchor::Middle, Paint::Soft);
        }
        let Some(total) = total else { continue };
        let expected = total.expected.major();
        let (p10, p90) = (total.quantiles.p10, total.quantiles.p90);
        canvas.rectangle((middle - half, y.at(0.0)), (middle + half, y.at(expected)), Paint::Value);
        canvas.line((middle, y.at(p10)), (middle, y.at(p90)), Paint::Ink, 1.2);
        for end in [p10, p90] {
            canvas.line((middle - 3.0, y.at(end)), (middle + 3.0, y.at(end)), Paint::Ink, 1.2);
        }
        let top = y.at(p90.max(expected).max(0.0));
        bars.push(Bar { middle, half, top, expected });
    }
    draw_amounts(canvas, &bars);
}

/// A bar as drawn: `top` is the pixel its whisker reaches.
struct Bar {
    middle: f64,
    half: f64,
    top: f64,
    expected: f64,
}

/// Writes the amounts above their bars, the largest first; one that would touch another, or a taller bar beside
/// its own, is left out.
fn draw_amounts(canvas: &mut Canvas, bars: &[Bar]) {
    let mut by_size: Vec<&Bar> = bars.iter().collect();
    by_size.sort_by(|a, b| b.expected.abs().total_cmp(&a.expected.abs()));
    let mut written: Vec<(f64, f64, f64)> = Vec::new();
    for bar in by_size {
        let label = compact(bar.expected);
        let (baseline, reach) = (bar.top - 0.4 * TEXT_SIZE, 0.5 * text_width(&label));
        let leaves = bar.middle - reach < LEFT - 4.0 || bar.middle + reach > WIDTH;
        let touches_bar = bars.iter().any(|other| {
            let distance = (other.middle - bar.middle).abs();
            distance > 0.0 && distance < reach + other.half && other.top < baseline + 2.0
        });
        let touches_text = written.iter().any(|(middle, height, other_reach)| {
            (middle - bar.middle).abs() < reach + other_reach && (height - baseline).abs() < TEXT_SIZE + 1.0
        });
        if !leaves && !touches_bar && !touches_text {
            canvas.text((bar.middle, baseline), &label, Anchor::Middle, Paint::Ink);
            written.push((bar.middle, baseline, reach));
        }
    }
}

/// All quarters from the first to the last with recovery.
fn quarters(by_quarter: &BTreeMap<String, Total>) -> Vec<Quarter<'_>> {
    let known: Vec<(i32, &Total)> =
        by_quarter.iter().filter_map(|(name, total)| Some((number(name)?, total))).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else { return Vec::new() };
    let total_of =
        |quarter: i32| known.iter().find(|(number, _)| *number == quarter).map(|(_, total)| *total);
    (first.0..=last.0).map(|quarter| (quarter, total_of(quarter))).collect()
}

/// `2026 Q4` as a count of quarters.
fn number(name: &str) -> Option<i32> {
    let (year, quarter) = name.split_once(" Q")?;
    Some(year.parse::<i32>().ok()? * 4 + quarter.parse::<i32>().ok()? - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Currency, Money, Quantiles};

    fn total(amount: f64) -> Total {
        let quantiles = Quantiles { mean: amount, p10: 0.8 * amount, p50: amount, p90: 1.2 * amount };
        Total { units: 1, expected: Money::from_major(amount, Currency::USD).unwrap(), quantiles }
    }

    #[test]
    fn quarters_without_recovery_keep_their_place() {
        let by_quarter =
            BTreeMap::from([("2026 Q4".to_owned(), total(1_000.0)), ("2027 Q3".to_owned(), total(500.0))]);
        let totals = Totals {
            value_now: total(2_000.0),
            recovery: total(1_500.0),
            by_quarter,
            saved_against_fixed_cycle: 0.0,
        };
        assert_eq!(quarters(&totals.by_quarter).len(), 4);
        let svg = recovery_by_quarter(&totals);
        assert!(svg.contains(">1k</text>") && svg.contains(">2027</text>") && svg.contains(">2026</text>"));
    }
}
