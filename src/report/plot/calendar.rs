//! When everything goes, on one sheet.
//!
//! In: a plan. Out: an SVG with a row for each product and site: the windows of its cohorts as bars, the months in
//! which they are scheduled as dots, units and expected recovery beside them. The rows with most money are drawn, the others counted.

use std::collections::BTreeSet;

use super::axis::{Scale, month_marks};
use super::canvas::{Anchor, Canvas, Paint, WIDTH, fit, text_width, wrap};
use crate::decide::{Action, Timeline};
use crate::fleet::Fleet;
use crate::report::groups::{Group, groups};
use crate::report::words::{counted, whole};
use crate::units::{Currency, Money};

const EDGE: f64 = 8.0;
const GAP: f64 = 14.0;
const TOP: f64 = 42.0;
const ROW: f64 = 20.0;
const MOST_ROWS: usize = 25;

/// Room for names at most, pixels.
const NAMES: f64 = 300.0;

/// Room for the site in a name: it is the part that tells rows apart, so the product gives way to it.
const SITE: f64 = 100.0;

/// Where the columns end and the months lie.
struct Columns {
    names: f64,
    units: f64,
    months: Scale,
}

/// Draws the windows of everything that goes.
pub fn calendar<'p>(plan: impl Into<Timeline<'p>>, fleet: &Fleet, currency: Currency) -> String {
    calendar_rows(plan, fleet, currency, MOST_ROWS)
}

/// Draws the windows of what goes with most money, in no more than `rows` rows.
pub(in crate::report) fn calendar_rows<'p>(
    plan: impl Into<Timeline<'p>>,
    fleet: &Fleet,
    currency: Currency,
    rows: usize,
) -> String {
    draw(plan.into(), fleet, currency, rows, &|_| true)
}

/// Draws the windows of the chosen cohorts, by their position, as far as they go.
pub(in crate::report) fn calendar_of(
    plan: Timeline<'_>,
    fleet: &Fleet,
    currency: Currency,
    chosen: impl Fn(usize) -> bool,
) -> String {
    draw(plan, fleet, currency, MOST_ROWS, &chosen)
}

fn draw(
    plan: Timeline<'_>,
    fleet: &Fleet,
    currency: Currency,
    rows: usize,
    chosen: &dyn Fn(usize) -> bool,
) -> String {
    let going = |cohort: usize| plan.cohorts[cohort].decision.action == Action::Go && chosen(cohort);
    let mut drawn = groups(plan, fleet, currency, going);
    let others = drawn.split_off(drawn.len().min(rows));
    drawn.sort_by_key(|group| (months(plan, group).1.first().copied(), group.name()));
    let caption = caption(&drawn, &others, returned(plan, chosen), currency);
    if drawn.is_empty() {
        let lines = wrap(&caption, WIDTH - 2.0 * EDGE);
        let mut canvas = Canvas::new(16.0 + lines.len() as f64 * 16.0);
        write_caption(&mut canvas, &lines, 8.0);
        return canvas.finish(&caption);
    }
    let ends = |group: &Group| {
        let (windows, scheduled) = months(plan, group);
        windows.into_iter().map(|(_, last)| last).chain(scheduled).max()
    };
    let last = drawn.iter().filter_map(ends).max().unwrap_or(0);
    let span = (last.max(5) + 1) as usize;
    let heading = format!("recovery {currency}");
    let columns = columns(&drawn, &heading, span);
    let bottom = TOP + drawn.len() as f64 * ROW;
    let lines = wrap(&caption, WIDTH - 2.0 * EDGE);
    let mut canvas = Canvas::new(bottom + 12.0 + lines.len() as f64 * 16.0);
    for mark in month_marks(plan.as_of, span, &columns.months, (EDGE, WIDTH - EDGE)) {
        canvas.line((mark.at, TOP - 4.0), (mark.at, bottom), Paint::Rule, 1.0);
        canvas.text((mark.at, TOP - 8.0), &mark.label, Anchor::Middle, Paint::Soft);
    }
    canvas.text((WIDTH - EDGE, 16.0), &heading, Anchor::End, Paint::Soft);
    canvas.text((columns.units, 16.0), "units", Anchor::End, Paint::Soft);
    for (position, group) in drawn.iter().enumerate() {
        draw_row(&mut canvas, plan, group, &columns, TOP + position as f64 * ROW);
    }
    write_caption(&mut canvas, &lines, bottom + 6.0);
    let shown = counted(drawn.len() as u64, "group");
    canvas.finish(&format!("Windows of {shown} of assets from {}. {caption}", plan.as_of.short()))
}

fn write_caption(canvas: &mut Canvas, lines: &[String], top: f64) {
    for (position, line) in lines.iter().enumerate() {
        canvas.text((EDGE, top + 16.0 * (position as f64 + 1.0)), line, Anchor::Start, Paint::Soft);
    }
}

/// Columns as wide as what stands in them, the months in what is left.
fn columns(drawn: &[Group], heading: &str, span: usize) -> Columns {
    let widest = |texts: &mut dyn Iterator<Item = String>, least: f64| {
        texts.map(|text| text_width(&text)).fold(least, f64::max)
    };
    let units = widest(&mut drawn.iter().map(|group| group.units.to_string()), text_width("units"));
    let amounts = widest(&mut drawn.iter().map(amount), text_width(heading));
    let names = (widest(&mut drawn.iter().map(Group::name), 0.0) + 1.0).min(NAMES);
    let units = EDGE + names + GAP + units;
    let right = WIDTH - EDGE - amounts - GAP;
    Columns { names, units, months: Scale::new((0.0, span as f64), (units + GAP, right)) }
}

fn amount(group: &Group) -> String {
    whole(group.recovery.major(), group.recovery.currency())
}

fn draw_row(canvas: &mut Canvas, plan: Timeline<'_>, group: &Group, columns: &Columns, top: f64) {
    let (baseline, x) = (top + 14.0, &columns.months);
    canvas.line((EDGE, top + ROW), (WIDTH - EDGE, top + ROW), Paint::Rule, 0.5);
    canvas.text((EDGE, baseline), &row_name(group, columns.names), Anchor::Start, Paint::Ink);
    canvas.text((columns.units, baseline), &group.units.to_string(), Anchor::End, Paint::Soft);
    let (windows, scheduled) = months(plan, group);
    for (first, last) in joined(&windows) {
        let (from, to) = (x.at(f64::from(first)), x.at(f64::from(last) + 1.0));
        canvas.outlined((from, top + 5.0), (to, top + 16.0), (Paint::Window, Paint::Edge));
    }
    for month in scheduled {
        canvas.dot((x.at(f64::from(month) + 0.5), top + 10.5), 3.5, Paint::Best);
    }
    canvas.text((WIDTH - EDGE, baseline), &amount(group), Anchor::End, Paint::Ink);
}

/// Windows that touch or overlap as one, so that no outline runs through another.
fn joined(windows: &BTreeSet<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut found: Vec<(i32, i32)> = Vec::new();
    for (first, last) in windows {
        match found.last_mut() {
            Some(before) if *first <= before.1 + 1 => before.1 = before.1.max(*last),
            _ => found.push((*first, *last)),
        }
    }
    found
}

/// Product and site in the room there is.
fn row_name(group: &Group, room: f64) -> String {
    let site = group.site.as_deref().map(|site| format!(", {}", fit(site, SITE)));
    let site = site.unwrap_or_default();
    format!("{}{site}", fit(&group.label, room - text_width(&site)))
}

/// The different windows and scheduled months of a group, months ahead.
fn months(plan: Timeline<'_>, group: &Group) -> (BTreeSet<(i32, i32)>, BTreeSet<i32>) {
    let ahead = |month: crate::units::Month| month.months_since(plan.as_of).max(0);
    let decisions = || group.cohorts.iter().map(|cohort| &plan.cohorts[*cohort].decision);
    let windows = decisions()
        .filter_map(|decision| decision.window)
        .map(|(first, last)| (ahead(first), ahead(last)))
        .collect();
    let placements = group.cohorts.iter().flat_map(|cohort| plan.schedule.of_cohort(*cohort));
    (windows, placements.filter_map(|placement| placement.month).map(ahead).collect())
}

/// Units of the chosen cohorts that go back to their lessor.
fn returned(plan: Timeline<'_>, chosen: &dyn Fn(usize) -> bool) -> u64 {
    let of_chosen = plan.cohorts.iter().enumerate().filter(|(position, _)| chosen(*position));
    of_chosen
        .filter(|(_, planned)| planned.decision.action == Action::ReturnLease)
        .map(|(_, planned)| planned.cohort.units)
        .sum()
}

fn caption(drawn: &[Group], others: &[Group], returned: u64, currency: Currency) -> String {
    let mut parts = vec![if drawn.is_empty() {
        "Nothing has a window in the months looked ahead.".to_owned()
    } else {
        "Bars: windows; dots: scheduled months.".to_owned()
    }];
    if !others.is_empty() {
        let minor: i64 = others.iter().map(|group| group.recovery.minor()).sum();
        let units: u64 = others.iter().map(|group| group.units).sum();
        parts.push(format!(
            "Not drawn: {} with {}, {} together.",
            counted(others.len() as u64, "more row"),
            counted(units, "unit"),
            Money::from_minor(minor, currency)
        ));
    }
    if returned > 0 {
        parts.push(format!("Not drawn: {} to give back when their leases end.", counted(returned, "unit")));
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_touch_are_drawn_as_one() {
        let windows = BTreeSet::from([(0, 3), (2, 5), (6, 6), (9, 10)]);
        assert_eq!(joined(&windows), [(0, 6), (9, 10)]);
    }
}
