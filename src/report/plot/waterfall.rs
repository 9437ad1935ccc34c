//! From the reference price to the net recovery, step by step.
//!
//! In: a [`Waterfall`]. Out: an SVG with one bar a step, each beginning where the one above it ended. Steps of zero
//! are left out; what is drawn adds up all the same.

use super::axis::Scale;
use super::canvas::{Anchor, Canvas, Paint, WIDTH, fit, text_width};
use crate::decide::Waterfall;
use crate::report::words::exact;
use crate::units::Money;

const LEFT: f64 = 236.0;
const ROW: f64 = 23.0;

/// One bar.
struct Bar {
    name: &'static str,
    from: f64,
    to: f64,
    amount: Money,
    paint: Paint,
}

/// Draws the waterfall of one unit.
pub fn waterfall(waterfall: &Waterfall) -> String {
    let bars = bars(waterfall);
    let ends = bars.iter().flat_map(|bar| [bar.from, bar.to]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let widest = bars.iter().map(|bar| text_width(&amount_of(bar))).fold(0.0, f64::max);
    let right = WIDTH - 20.0 - widest;
    let x = Scale::new((low, if high > low { high } else { low + 1.0 }), (LEFT, right));
    let mut canvas = Canvas::new(12.0 + bars.len() as f64 * ROW);
    canvas.line((x.at(0.0), 4.0), (x.at(0.0), 8.0 + bars.len() as f64 * ROW), Paint::Soft, 1.0);
    for (position, bar) in bars.iter().enumerate() {
        let top = 6.0 + position as f64 * ROW;
        canvas.rectangle((x.at(bar.from), top + 3.0), (x.at(bar.to), top + ROW - 4.0), bar.paint);
        if position + 1 < bars.len() {
            canvas.line((x.at(bar.to), top + ROW - 4.0), (x.at(bar.to), top + ROW + 3.0), Paint::Soft, 1.0);
        }
        canvas.text((LEFT - 12.0, top + 15.0), &fit(bar.name, LEFT - 20.0), Anchor::End, Paint::Ink);
        canvas.text((WIDTH - 8.0, top + 15.0), &amount_of(bar), Anchor::End, Paint::Ink);
    }
    // Whoever cannot see the bars is told them all.
    let told: Vec<String> = bars.iter().map(|bar| format!("{} {}", bar.name, amount_of(bar))).collect();
    canvas.finish(&format!("One unit, in {}: {}.", waterfall.net.currency(), told.join(", ")))
}

/// The amount of a bar, with its sign where it is a step.
fn amount_of(bar: &Bar) -> String {
    let is_step = matches!(bar.paint, Paint::Gain | Paint::Loss);
    let sign = if is_step && bar.amount.minor() > 0 { "+" } else { "" };
    format!("{sign}{}", exact(bar.amount))
}

fn bars(waterfall: &Waterfall) -> Vec<Bar> {
    let currency = waterfall.net.currency();
    let mut bars = vec![Bar {
        name: waterfall.start_name,
        from: 0.0,
        to: waterfall.start.major(),
        amount: waterfall.start,
        paint: Paint::Value,
    }];
    let mut sum = waterfall.start;
    for step in waterfall.steps.iter().filter(|step| step.amount.minor() != 0) {
        let next = Money::from_minor(sum.minor() + step.amount.minor(), currency);
        let paint = if step.amount.minor() > 0 { Paint::Gain } else { Paint::Loss };
        bars.push(Bar { name: step.name, from: sum.major(), to: next.major(), amount: step.amount, paint });
        sum = next;
    }
    bars.push(Bar {
        name: "net recovery",
        from: 0.0,
        to: waterfall.net.major(),
        amount: waterfall.net,
        paint: Paint::Value,
    });
    bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Step;
    use crate::units::Currency;

    fn sample() -> Waterfall {
        let cents = |minor| Money::from_minor(minor, Currency::USD);
        Waterfall {
            start_name: "list price",
            start: cents(120_000),
            steps: vec![
                Step { name: "age", amount: cents(-90_000) },
                Step { name: "market", amount: cents(5_000) },
                Step { name: "grade", amount: cents(0) },
                Step { name: "handling", amount: cents(-38_050) },
            ],
            net: cents(-3_050),
        }
    }

    #[test]
    fn bars_join_and_zero_steps_are_left_out() {
        let bars = bars(&sample());
        assert_eq!(
            bars.iter().map(|bar| bar.name).collect::<Vec<_>>(),
            ["list price", "age", "market", "handling", "net recovery"]
        );
        assert_eq!(bars[3].to, bars[4].to);
        for pair in bars[..4].windows(2) {
            assert_eq!(pair[0].to, pair[1].from);
        }
    }

    #[test]
    fn every_amount_stands_beside_its_bar() {
        let svg = waterfall(&sample());
        for text in ["1,200.00", "−900.00", "+50.00", "−380.50", "−30.50", "net recovery"] {
            assert!(svg.contains(&format!(">{text}</text>")), "{text}\n{svg}");
        }
    }
}
