//! When everything goes, on one sheet.
//!
//! In: a plan. Out: an SVG with a row for each product and site: the windows of its cohorts as bars, the months in
//! which they are scheduled as dots, units and expected recovery beside them. The rows with most money are drawn, the others counted.

use std::collections::BTreeSet;

use super::axis::{Scale, month_ticks};
use super::canvas::{Anchor, Canvas, Paint, WIDTH, wrap};
use crate::decide::{Action, Timeline};
use crate::fleet::Fleet;
use crate::report::groups::{Group, groups};
use crate::report::words::{clean, counted, shorten, whole};
use crate::units::{Currency, Money};

const LEFT: f64 = 345.0;
const RIGHT: f64 = WIDTH - 92.0;
const TOP: f64 = 42.0;
const ROW: f64 = 20.0;
const MOST_ROWS: usize = 25;

/// Draws the windows of everything that goes.
pub fn calendar<'p>(plan: impl Into<Timeline<'p>>, fleet: &Fleet, currency: Currency) -> String {
    let plan = plan.into();
    calendar_of(plan, fleet, currency, |_| true)
}

/// Draws the windows of the chosen cohorts, by their position, as far as they go.
pub(in crate::report) fn calendar_of(
    plan: Timeline<'_>,
    fleet: &Fleet,
    currency: Currency,
    chosen: impl Fn(usize) -> bool,
) -> String {
    let going = |cohort: usize| plan.cohorts[cohort].decision.action == Action::Go && chosen(cohort);
    let mut drawn = groups(plan, fleet, currency, going);
    let others = drawn.split_off(drawn.len().min(MOST_ROWS));
    drawn.sort_by_key(|group| (months(plan, group).1.first().copied(), group.name()));
    let ends = |group: &Group| {
        let (windows, scheduled) = months(plan, group);
        windows.into_iter().map(|(_, last)| last).chain(scheduled).max()
    };
    let last = drawn.iter().filter_map(ends).max().unwrap_or(0);
    let span = (last.max(5) + 1) as usize;
    let x = Scale::new((0.0, span as f64), (LEFT, RIGHT));
    let bottom = TOP + drawn.len() as f64 * ROW;
    let caption = caption(&others, returned(plan, &chosen), currency);
    let lines = wrap(&caption, WIDTH - 16.0);
    let mut canvas = Canvas::new(bottom + 12.0 + lines.len() as f64 * 16.0);
    draw_months(&mut canvas, plan, &x, span, bottom);
    canvas.text((WIDTH - 8.0, 16.0), &format!("recovery {currency}"), Anchor::End, Paint::Soft);
    canvas.text((LEFT - 12.0, 16.0), "units", Anchor::End, Paint::Soft);
    for (position, group) in drawn.iter().enumerate() {
        draw_row(&mut canvas, plan, group, &x, TOP + position as f64 * ROW);
    }
    for (position, line) in lines.iter().enumerate() {
        let baseline = bottom + 22.0 + position as f64 * 16.0;
        canvas.text((8.0, baseline), line, Anchor::Start, Paint::Soft);
    }
    let shown = counted(drawn.len() as u64, "group");
    canvas.finish(&format!("Windows of {shown} of assets from {}. {caption}", plan.as_of.short()))
}

fn draw_months(canvas: &mut Canvas, plan: Timeline<'_>, x: &Scale, span: usize, bottom: f64) {
    for (ahead, label) in month_ticks(plan.as_of, span) {
        let at = x.at(ahead as f64);
        canvas.line((at, TOP - 4.0), (at, bottom), Paint::Rule, 1.0);
        canvas.text((at, TOP - 8.0), &label, Anchor::Middle, Paint::Soft);
    }
}

fn draw_row(canvas: &mut Canvas, plan: Timeline<'_>, group: &Group, x: &Scale, top: f64) {
    let baseline = top + 14.0;
    canvas.text((8.0, baseline), &row_name(group), Anchor::Start, Paint::Ink);
    canvas.text((LEFT - 12.0, baseline), &group.units.to_string(), Anchor::End, Paint::Soft);
    let (windows, scheduled) = months(plan, group);
    for (first, last) in windows {
        canvas.rectangle(
            (x.at(first as f64), top + 5.0),
            (x.at(last as f64 + 1.0), top + 16.0),
            Paint::Window,
        );
    }
    for month in scheduled {
        canvas.dot((x.at(month as f64 + 0.5), top + 10.5), 3.5, Paint::Best);
    }
    let amount = whole(group.recovery.major(), group.recovery.currency());
    canvas.text((WIDTH - 8.0, baseline), &amount, Anchor::End, Paint::Ink);
}

/// Product and site in the room there is; the site is the part that tells rows apart, so the product gives way.
fn row_name(group: &Group) -> String {
    let site = group.site.as_deref().map(|site| shorten(site, 12));
    let room = 41 - site.as_ref().map_or(0, |site| site.chars().count() + 2);
    let label = shorten(&clean(&group.label), room);
    site.map_or(label.clone(), |site| format!("{label}, {site}"))
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
fn returned(plan: Timeline<'_>, chosen: &impl Fn(usize) -> bool) -> u64 {
    let of_chosen = plan.cohorts.iter().enumerate().filter(|(position, _)| chosen(*position));
    of_chosen
        .filter(|(_, planned)| planned.decision.action == Action::ReturnLease)
        .map(|(_, planned)| planned.cohort.units)
        .sum()
}

fn caption(others: &[Group], returned: u64, currency: Currency) -> String {
    let mut parts = vec!["Bars: windows; dots: scheduled months.".to_owned()];
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
