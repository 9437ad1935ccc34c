//! Where ticks stand: round amounts and the turns of the years.
//!
//! In: the range of the data and pixels. Out: [`Scale`]s and ticks with their labels.

use super::canvas::text_width;
use crate::units::Month;

/// A linear map from values to pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    values: (f64, f64),
    pixels: (f64, f64),
}

impl Scale {
    /// Maps `values` to `pixels`, end to end.
    pub(super) fn new(values: (f64, f64), pixels: (f64, f64)) -> Scale {
        Scale { values, pixels }
    }

    /// The pixel of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let span = self.values.1 - self.values.0;
        let share = if span.abs() > f64::MIN_POSITIVE { (value - self.values.0) / span } else { 0.0 };
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }
}

/// Round amounts that span `low` to `high` in about four steps. The first and last are the ends of the axis.
pub(super) fn amounts(low: f64, high: f64) -> Vec<f64> {
    let span = (high - low).max(1e-9);
    let rough = span / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|times| times * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let first = (low / step).floor() as i64;
    let last = (high / step - 1e-9).ceil() as i64;
    (first..=last.max(first + 1)).map(|position| position as f64 * step).collect()
}

/// An axis label; with as many decimals as tell neighbours apart: `2.5k`, `12.5`.
pub(super) fn amount_label(amount: f64, step: f64) -> String {
    let (unit, suffix) = match amount.abs().max(step) {
        size if size >= 1e9 => (1e9, "bn"),
        size if size >= 1e6 => (1e6, "M"),
        size if size >= 1e4 || (step >= 100.0 && size >= 1e3) => (1e3, "k"),
        _ => (1.0, ""),
    };
    let decimals = [0, 1, 2, 3].into_iter().find(|decimals| {
        let power = 10_f64.powi(*decimals);
        (step / unit * power).fract().min(1.0 - (step / unit * power).fract()) < 1e-6
    });
    let decimals = decimals.unwrap_or(3) as usize;
    let text = format!("{:.decimals$}", amount / unit);
    let text = if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if matches!(text, "0" | "-0") { "0".to_owned() } else { format!("{}{suffix}", text.replace('-', "−")) }
}

/// Months to mark from `start` over `months` months, in months ahead: each January, or the quarters of a short
/// span. Where there is no room the label is empty.
pub(super) fn month_ticks(start: Month, months: usize) -> Vec<(usize, String)> {
    if months <= 18 {
        let step = if months <= 8 { 1 } else { 3 };
        return (0..=months).step_by(step).map(|ahead| (ahead, start.plus(ahead as i32).short())).collect();
    }
    let every = if months > 96 { 2 } else { 1 };
    let mut ticks = vec![(0, start.short())];
    // A label needs an eighth of the axis beside that of the first month.
    for ahead in (1..=months).filter(|ahead| start.plus(*ahead as i32).month() == 1) {
        let year = start.plus(ahead as i32).year();
        let label = if ahead * 8 >= months && year % every == 0 { year.to_string() } else { String::new() };
        ticks.push((ahead, label));
    }
    ticks
}

/// A mark of an axis of months: where it stands and what is written there, nothing where there is no room.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// Pixel.
    pub at: f64,
    /// Text, centred on it.
    pub label: String,
}

/// The marks of [`month_ticks`] on a scale; a label that would touch the one before it or leave `room` is empty.
pub(super) fn month_marks(start: Month, months: usize, x: &Scale, room: (f64, f64)) -> Vec<Mark> {
    let mut free_from = room.0;
    month_ticks(start, months)
        .into_iter()
        .map(|(ahead, label)| {
            let (at, half) = (x.at(ahead as f64), 0.5 * text_width(&label));
            let fits = !label.is_empty() && at - half >= free_from && at + half <= room.1;
            if fits {
                free_from = at + half + 6.0;
            }
            Mark { at, label: if fits { label } else { String::new() } }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_round_and_cover_the_range() {
        assert_eq!(amounts(0.0, 1843.0), [0.0, 500.0, 1000.0, 1500.0, 2000.0]);
        assert_eq!(amounts(-30.0, 90.0), [-50.0, 0.0, 50.0, 100.0]);
        let tiny = amounts(0.0, 0.0);
        assert!(tiny.len() >= 2 && tiny.iter().all(|tick| tick.is_finite()));
    }

    #[test]
    fn labels_of_an_axis_tell_its_ticks_apart() {
        assert_eq!(amount_label(2_500.0, 500.0), "2.5k");
        assert_eq!(amount_label(1_250.0, 250.0), "1.25k");
        assert_eq!(amount_label(12.5, 2.5), "12.5");
        assert_eq!(amount_label(-50.0, 50.0), "−50");
    }

    #[test]
    fn labels_of_months_never_touch() {
        let start: Month = "2026-11".parse().unwrap();
        for months in 1..150 {
            let marks =
                month_marks(start, months, &Scale::new((0.0, months as f64), (300.0, 500.0)), (262.0, 760.0));
            let boxes = marks.iter().filter(|mark| !mark.label.is_empty());
            let ends: Vec<(f64, f64)> = boxes
                .map(|mark| (mark.at, 0.5 * text_width(&mark.label)))
                .map(|(at, half)| (at - half, at + half))
                .collect();
            assert!(
                !ends.is_empty() && ends.windows(2).all(|pair| pair[0].1 < pair[1].0),
                "{months}: {marks:?}"
            );
        }
    }

    #[test]
    fn years_are_named_in_january_and_short_spans_by_quarter() {
        let start: Month = "2026-11".parse().unwrap();
        let names = |months| month_ticks(start, months).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names(60), ["Nov 2026", "", "2028", "2029", "2030", "2031"]);
        assert_eq!(names(12), ["Nov 2026", "Feb 2027", "May 2027", "Aug 2027", "Nov 2027"]);
    }
}
