//! The price of one unit over the months ahead.
//!
//! In: a planned cohort with a forecast. Out: an SVG with the range and median of the price in the open market, the
//! book value, the window, the best month with its net recovery, the events of those months, and the public prices of
//! the product in the years before as dots. What lies before or beyond is listed below.

use super::axis::{Scale, amount_label, amounts, month_marks};
use super::canvas::{Anchor, Canvas, Paint, TEXT_SIZE, WIDTH, fit, text_width, wrap};
use super::dots::{Dot, MOST_DOTS, dots};
use super::flags::{Flag, place};
use crate::catalog::Catalog;
use crate::decide::{Action, PlannedCohort, Policy, Timeline};
use crate::fleet::Fleet;
use crate::market::{Comparable, nearest};
use crate::price::Forecast;
use crate::report::events::{Event, events};
use crate::report::words::{clean, exact, span};
use crate::units::{Currency, Month, Quantiles};

const LEFT: f64 = 62.0;
const RIGHT: f64 = WIDTH - 102.0;
const HEIGHT: f64 = 210.0;
const ROW: f64 = 16.0;

/// A dot this many times as high as all else would press the forecast flat: it is told below instead.
const TOO_HIGH: f64 = 2.0;

/// What the drawing shows, in amounts and months ahead.
struct Fan<'a> {
    planned: &'a PlannedCohort,
    start: Month,
    currency: Currency,
    prices: Vec<Quantiles>,
    /// Months drawn before the first of the forecast, for the dots.
    past: usize,
    /// Book value from the first month drawn.
    books: Option<Vec<f64>>,
    dots: Vec<Dot>,
    /// Dots too old or too high to draw.
    told: Vec<Dot>,
    ahead: Vec<Event>,
    elsewhere: Vec<Event>,
}

/// A label on a pole.
struct Label {
    at: i32,
    text: String,
    paint: Paint,
}

/// Draws the forecast of a cohort, or nothing when there is none. Amounts are in the currency of the policy, which is
/// that of the plan.
pub fn forecast_fan<'p>(
    planned: &PlannedCohort,
    plan: impl Into<Timeline<'p>>,
    fleet: &Fleet,
    catalog: &Catalog,
    policy: &Policy,
) -> Option<String> {
    let start = planned.forecast.as_ref()?.start;
    let comparables = nearest(&planned.cohort.label, start, MOST_DOTS);
    fan_with(planned, plan, (fleet, catalog), policy, &comparables)
}

/// The same drawing with comparables that were looked up already, the nearest in time first.
pub(in crate::report) fn fan_with<'p>(
    planned: &PlannedCohort,
    plan: impl Into<Timeline<'p>>,
    (fleet, catalog): (&Fleet, &Catalog),
    policy: &Policy,
    comparables: &[&'static Comparable],
) -> Option<String> {
    let forecast = planned.forecast.as_ref()?;
    let dots = dots(comparables, forecast.start, policy);
    Some(Fan::of(planned, forecast, plan.into(), (fleet, catalog), policy.currency, dots).draw())
}

impl<'a> Fan<'a> {
    fn of(
        planned: &'a PlannedCohort,
        forecast: &Forecast,
        plan: Timeline<'_>,
        (fleet, catalog): (&Fleet, &Catalog),
        currency: Currency,
        dots: Vec<Dot>,
    ) -> Fan<'a> {
        let start = forecast.start;
        let last = forecast.points.len().saturating_sub(1);
        let price =
            |ahead: usize| forecast.value(ahead).quantiles().map_linear(plan.currency_per_dollar, 0.0);
        let prices: Vec<Quantiles> = (0..=last).map(price).collect();
        let now = planned.book.map_or(0.0, |book| book.value_at(start));
        let highest = prices.iter().map(|price| price.p90).fold(now, f64::max);
        let (drawn, told): (Vec<Dot>, Vec<Dot>) =
            dots.into_iter().partition(|dot| dot.is_recent() && dot.price <= TOO_HIGH * highest);
        let past = drawn.iter().map(|dot| -dot.ahead).max().map_or(0, |back| back.max(0) as usize);
        let within =
            |event: &Event| (-(past as i32)..=last as i32).contains(&event.month.months_since(start));
        let (ahead, elsewhere) = events(planned, fleet, catalog).into_iter().partition(within);
        let book_months = || (-(past as i32)..=last as i32).map(|ahead| start.plus(ahead));
        Fan {
            planned,
            start,
            currency,
            prices,
            past,
            books: planned.book.map(|book| book_months().map(|month| book.value_at(month)).collect()),
            dots: drawn,
            told,
            ahead,
            elsewhere,
        }
    }

    fn last(&self) -> usize {
        self.prices.len().saturating_sub(1)
    }

    /// Months ahead of a month, kept inside the drawing.
    fn ahead_of(&self, month: Month) -> usize {
        (month.months_since(self.start).max(0) as usize).min(self.last())
    }

    /// Best month, first and last month of the window, when the cohort goes.
    fn window(&self) -> Option<(usize, usize, usize)> {
        let decision = &self.planned.decision;
        let (first, last) = decision.window.filter(|_| decision.action == Action::Go)?;
        let best = decision.month?;
        Some((self.ahead_of(best), self.ahead_of(first), self.ahead_of(last)))
    }

    fn draw(&self) -> String {
        let labels = self.labels();
        let flags: Vec<Flag> = labels
            .iter()
            .map(|label| Flag { at: self.x().at(f64::from(label.at)), width: text_width(&label.text) + 12.0 })
            .collect();
        let places = place(&flags, 4.0, WIDTH - 4.0);
        let rows = places.iter().map(|place| place.row + 1).max().unwrap_or(0);
        let top = 26.0 + rows as f64 * ROW + 6.0;
        let notes = self.notes();
        let bottom = top + HEIGHT;
        let under = bottom + if self.window().is_some() { 46.0 } else { 24.0 };
        let mut canvas = Canvas::new(under + 4.0 + notes.len() as f64 * ROW);
        let ticks = self.amount_ticks();
        let (low, high) = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
        let y = Scale::new((low, high), (bottom, top));
        self.draw_window(&mut canvas, (top, bottom));
        self.draw_axes(&mut canvas, &ticks, &y, bottom);
        self.draw_prices(&mut canvas, &y);
        self.draw_dots(&mut canvas, &y);
        for ((label, flag), place) in labels.iter().zip(&flags).zip(&places) {
            let top = 26.0 + place.row as f64 * ROW + 2.0;
            canvas.line((flag.at, top), (flag.at, bottom), label.paint, 1.0);
        }
        for ((label, flag), place) in labels.iter().zip(&flags).zip(&places) {
            let baseline = 26.0 + place.row as f64 * ROW + TEXT_SIZE - 1.0;
            let (shift, anchor) = if place.left { (-5.0, Anchor::End) } else { (5.0, Anchor::Start) };
            canvas.text((flag.at + shift, baseline), &label.text, anchor, Paint::Ink);
        }
        self.draw_best(&mut canvas, &y);
        self.draw_names(&mut canvas, &y, (top, bottom));
        for (position, line) in notes.iter().enumerate() {
            let baseline = under + 12.0 + position as f64 * ROW;
            canvas.text((LEFT, baseline), line, Anchor::Start, Paint::Soft);
        }
        canvas.finish(&self.title())
    }

    fn x(&self) -> Scale {
        Scale::new((-(self.past as f64), self.last().max(1) as f64), (LEFT, RIGHT))
    }

    fn amount_ticks(&self) -> Vec<f64> {
        let books = self.books.iter().flatten().copied();
        let net = self.window().map(|_| self.planned.decision.recovery);
        let nets = net.iter().flat_map(|net| [net.p10, net.p90]);
        let dots = self.dots.iter().map(|dot| dot.price);
        let all = self.prices.iter().map(|price| price.p90).chain(books).chain(nets).chain(dots);
        let (low, high) =
            all.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        amounts(low, high)
    }

    fn labels(&self) -> Vec<Label> {
        let mut labels: Vec<Label> = Vec::new();
        for event in &self.ahead {
            let at = event.month.months_since(self.start);
            let text = format!("{} {}", event.name, event.date);
            match labels.last_mut() {
                // Two events in one month share a pole.
                Some(label) if label.at == at => {
                    label.text = format!("{}, {text}", event.name_before(&label.text));
                }
                _ => labels.push(Label { at, text, paint: Paint::Soft }),
            }
        }
        if let Some((best, _, _)) = self.window() {
            let decision = &self.planned.decision;
            let month = self.start.plus(best as i32).short();
            let text = format!("best {month}: net {} {}", exact(decision.recovery_money), self.currency);
            labels.push(Label { at: best as i32, text, paint: Paint::Best });
        }
        // Wider than this a label would leave the sheet on either side of a pole in the middle.
        for label in &mut labels {
            label.text = fit(&label.text, 0.5 * WIDTH - 40.0);
        }
        labels.sort_by_key(|label| label.at);
        labels
    }

    fn draw_window(&self, canvas: &mut Canvas, (top, bottom): (f64, f64)) {
        let Some((_, first, last)) = self.window() else { return };
        let x = self.x();
        let half = 0.5 * (x.at(1.0) - x.at(0.0));
        let (from, to) = ((x.at(first as f64) - half).max(LEFT), (x.at(last as f64) + half).min(RIGHT));
        canvas.rectangle((from, top), (to, bottom), Paint::Window);
        canvas.rectangle((from, bottom + 23.0), (to, bottom + 27.0), Paint::Best);
        let name = format!("window {}", span(self.start.plus(first as i32), self.start.plus(last as i32)));
        let half_name = 0.5 * text_width(&name);
        let middle = (0.5 * (from + to)).clamp(4.0 + half_name, WIDTH - 4.0 - half_name);
        canvas.text((middle, bottom + 39.0), &name, Anchor::Middle, Paint::Ink);
    }

    fn draw_axes(&self, canvas: &mut Canvas, ticks: &[f64], y: &Scale, bottom: f64) {
        canvas.text((4.0, 14.0), &format!("{} per unit", self.currency), Anchor::Start, Paint::Soft);
        let step = if ticks.len() > 1 { ticks[1] - ticks[0] } else { 1.0 };
        for tick in ticks {
            let paint = if *tick == 0.0 { Paint::Soft } else { Paint::Rule };
            canvas.line((LEFT, y.at(*tick)), (RIGHT, y.at(*tick)), paint, 1.0);
            let label = amount_label(*tick, step);
            canvas.text((LEFT - 6.0, y.at(*tick) + 4.0), &label, Anchor::End, Paint::Soft);
        }
        let (first, months) = (self.start.plus(-(self.past as i32)), self.past + self.last());
        let x = Scale::new((0.0, months.max(1) as f64), (LEFT, RIGHT));
        for mark in month_marks(first, months, &x, (4.0, WIDTH - 4.0)) {
            canvas.line((mark.at, bottom), (mark.at, bottom + 4.0), Paint::Soft, 1.0);
            canvas.text((mark.at, bottom + 17.0), &mark.label, Anchor::Middle, Paint::Soft);
        }
    }

    fn draw_prices(&self, canvas: &mut Canvas, y: &Scale) {
        let x = self.x();
        let line = |of: &dyn Fn(&Quantiles) -> f64| -> Vec<(f64, f64)> {
            self.prices
                .iter()
                .enumerate()
                .map(|(ahead, price)| (x.at(ahead as f64), y.at(of(price))))
                .collect()
        };
        let mut band = line(&|price| price.p90);
        band.extend(line(&|price| price.p10).into_iter().rev());
        canvas.area(&band, Paint::Band);
        if let Some(books) = &self.books {
            let at = |position: usize| x.at(position as f64 - self.past as f64);
            let points: Vec<(f64, f64)> =
                books.iter().enumerate().map(|(position, value)| (at(position), y.at(*value))).collect();
            canvas.dashed(&straightened(&points), Paint::Book, 1.5);
        }
        canvas.polyline(&line(&|price| price.p50), Paint::Value, 2.0);
    }

    /// Public prices: full where somebody paid, a ring where somebody asked, each with its amount where that has room.
    fn draw_dots(&self, canvas: &mut Canvas, y: &Scale) {
        let mut written: Vec<(f64, f64, f64)> = Vec::new();
        for dot in &self.dots {
            let at = (self.x().at(f64::from(dot.ahead)), y.at(dot.price));
            if dot.is_sold() {
                canvas.dot(at, 4.0, Paint::Value);
            } else {
                canvas.ring(at, 3.6, Paint::Value);
            }
            let text = dot.in_short();
            let (from, to) = (at.0 + 8.0, at.0 + 10.0 + text_width(&text));
            let has_room = to < self.x().at(0.0).max(LEFT + 1.0)
                && written.iter().all(|(left, right, height)| {
                    to < *left || *right < from || (height - at.1).abs() > TEXT_SIZE + 1.0
                });
            if has_room {
                canvas.text((from, at.1 + 4.0), &text, Anchor::Start, Paint::Soft);
                written.push((from, to, at.1));
            }
        }
    }

    /// The net recovery in the best month, with its own range.
    fn draw_best(&self, canvas: &mut Canvas, y: &Scale) {
        let Some((best, _, _)) = self.window() else { return };
        let x = self.x().at(best as f64);
        let net = self.planned.decision.recovery;
        canvas.line((x, y.at(net.p10)), (x, y.at(net.p90)), Paint::Best, 3.0);
        canvas.dot((x, y.at(net.mean)), 4.5, Paint::Best);
    }

    /// Names of the lines at their right ends, moved apart where they would touch.
    fn draw_names(&self, canvas: &mut Canvas, y: &Scale, (top, bottom): (f64, f64)) {
        let Some(last) = self.prices.last() else { return };
        let mut names = vec![
            (y.at(last.p90), "9 in 10 below", Paint::Soft),
            (y.at(last.p50), "median price", Paint::Value),
            (y.at(last.p10), "1 in 10 below", Paint::Soft),
        ];
        if let Some(value) = self.books.as_ref().and_then(|books| books.last()) {
            names.push((y.at(*value), "book value", Paint::Book));
        }
        names.sort_by(|a, b| a.0.total_cmp(&b.0));
        let gap = TEXT_SIZE + 2.0;
        let count = names.len() as f64;
        let mut floor = top;
        for (position, (place, name, paint)) in names.into_iter().enumerate() {
            let still_to_come = (count - 1.0 - position as f64) * gap;
            let place = place.max(floor).min(bottom - still_to_come);
            canvas.text((RIGHT + 5.0, place + 4.0), name, Anchor::Start, paint);
            floor = place + gap;
        }
    }

    /// What happens before or beyond the months drawn.
    fn notes(&self) -> Vec<String> {
        let list = |before: bool| {
            let texts: Vec<String> = self
                .elsewhere
                .iter()
                .filter(|event| (event.month < self.start) == before)
                .map(|event| format!("{} {}", event.name, event.date))
                .collect();
            texts.join(", ")
        };
        let (earlier, later) = (list(true), list(false));
        let mut notes = Vec::new();
        if !self.dots.is_empty() {
            let dots = "Dots: public prices of this product, full where sold, hollow where asked.";
            notes.extend(wrap(dots, WIDTH - LEFT - 8.0));
        }
        if !self.told.is_empty() {
            let told: Vec<String> = self.told.iter().map(Dot::in_words).collect();
            notes.extend(wrap(&format!("Not drawn: {}.", told.join(", ")), WIDTH - LEFT - 8.0));
        }
        if !earlier.is_empty() {
            notes.extend(wrap(&format!("Before: {earlier}."), WIDTH - LEFT - 8.0));
        }
        if !later.is_empty() {
            notes.extend(wrap(&format!("Beyond: {later}."), WIDTH - LEFT - 8.0));
        }
        notes
    }

    fn title(&self) -> String {
        let now = self.prices.first().map_or(0.0, |price| price.p50);
        let end = self.prices.last().map_or(0.0, |price| price.p50);
        let label = clean(&self.planned.cohort.label);
        let best = self.window().map_or(String::new(), |(best, first, last)| {
            let month = |ahead: usize| self.start.plus(ahead as i32);
            let net = self.planned.decision.recovery_money;
            format!(
                "; best month {}, net {net}; window {}",
                month(best).short(),
                span(month(first), month(last))
            )
        });
        format!(
            "Price of one {label}: median {now:.0} {currency} in {}, {end:.0} {currency} in {}{best}{}.",
            self.start.short(),
            self.start.plus(self.last() as i32).short(),
            self.dots.iter().map(|dot| format!("; {}", dot.in_words())).collect::<String>(),
            currency = self.currency
        )
    }
}

impl Event {
    /// The name for a shared pole: what stands there already loses its date, since both have the same.
    fn name_before(&self, label: &str) -> String {
        label.strip_suffix(&self.date).map_or(label, str::trim_end).to_owned()
    }
}

/// The same line without the points that lie between two others at one height or one slope.
fn straightened(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if let [.., before, last] = kept[..] {
            let slope = |a: (f64, f64), b: (f64, f64)| (b.1 - a.1) / (b.0 - a.0);
            if (slope(before, last) - slope(last, *point)).abs() < 1e-6 {
                kept.pop();
            }
        }
        kept.push(*point);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_keeps_its_ends_and_corners() {
        let line: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), f64::from((10 - 2 * x).max(0)))).collect();
        assert_eq!(straightened(&line), [(0.0, 10.0), (5.0, 0.0), (9.0, 0.0)]);
    }
}
