//! What should be handed over now, and why.
//!
//! In: triggered assets. Out: `triggers.csv`, one line an asset, and the summary.

use std::fmt::Write;

use super::page::{Page, grown};
use super::table::{Cell, Table};
use super::words::shortened;
use crate::decide::Plan;
use crate::fleet::Fleet;
use crate::outcome::{Answer, Since, TriggerKind, Triggered};

/// Columns of the list where there is no terminal.
const WIDTH: usize = 102;

/// Lines of the list in the summary.
const LINES: usize = 12;

/// One line an asset with the reasons to look at it and what follows.
pub fn triggers_table(triggered: &[Triggered], plan: &Plan, fleet: &Fleet) -> Table {
    let mut table = Table::new(&[
        "asset_id",
        "serial",
        "tag",
        "class",
        "product",
        "site",
        "location",
        "quantity",
        "status",
        "triggers",
        "first_trigger",
        "first_trigger_date",
        "hand_over",
        "units_now",
        "because",
    ]);
    for of in triggered {
        let asset = &fleet.assets[of.asset];
        let cohort = &plan.cohorts[plan.cohort_of[of.asset]].cohort;
        let first = of.triggers.first();
        table.rows.push(vec![
            Cell::text(&asset.id),
            Cell::optional(asset.serial.as_ref()),
            Cell::optional(asset.tag.as_ref()),
            Cell::text(cohort.class.name()),
            Cell::text(&cohort.label),
            Cell::optional(asset.site.as_ref()),
            Cell::optional(asset.location.as_ref()),
            Cell::number(of.units),
            Cell::text(asset.status.name()),
            Cell::text(reasons(of)),
            Cell::optional(first.map(|trigger| trigger.kind.name())),
            Cell::optional(first.map(|trigger| trigger.since)),
            Cell::text(short_answer(&of.answer)),
            Cell::number(units_now(of)),
            Cell::text(answer_in_words(&of.answer)),
        ]);
    }
    table
}

/// All reasons with their dates.
fn reasons(of: &Triggered) -> String {
    let words = of.triggers.iter().map(|trigger| match trigger.since {
        Since::Unknown => trigger.kind.name().to_owned(),
        since => format!("{} {since}", trigger.kind.name()),
    });
    words.collect::<Vec<_>>().join("; ")
}

const fn units_now(of: &Triggered) -> u64 {
    match of.answer {
        Answer::HandOver { units } => units,
        _ => 0,
    }
}

const fn short_answer(answer: &Answer) -> &'static str {
    match answer {
        Answer::HandOver { .. } => "now",
        Answer::InHouse(_) => "no: in house",
        Answer::Lessor(_) => "no: lessor",
        Answer::Later(_) => "not yet",
        Answer::MustStay(_) => "no: must stay",
    }
}

fn answer_in_words(answer: &Answer) -> String {
    match answer {
        Answer::HandOver { .. } => "to a vendor now".to_owned(),
        Answer::InHouse(route) => format!("{} in the house", route.in_words()),
        Answer::Lessor(Since::Unknown) => "back to the lessor; no end of the lease is known".to_owned(),
        Answer::Lessor(until) => format!("back to the lessor, lease to {until}"),
        Answer::Later(Some(month)) => format!("the plan keeps it until {month}"),
        Answer::Later(None) => "the plan keeps it".to_owned(),
        Answer::MustStay(why) => format!("stays: {why}"),
    }
}

/// What the terminal says: how many by reason, and what goes now.
pub fn triggers_text(triggered: &[Triggered], plan: &Plan, fleet: &Fleet, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_text(&mut text, triggered, plan, fleet, page);
    text
}

fn write_text(
    text: &mut String,
    triggered: &[Triggered],
    plan: &Plan,
    fleet: &Fleet,
    page: Page,
) -> std::fmt::Result {
    let width = page.width(WIDTH);

    let now: Vec<&Triggered> = triggered.iter().filter(|of| units_now(of) > 0).collect();
    let units: u64 = triggered.iter().map(|of| of.units).sum();
    let units_due: u64 = now.iter().map(|of| units_now(of)).sum();
    let heading =
        format!("Hand over now, seen from {}: {units_due} of {units} units with a trigger", plan.as_of);
    writeln!(text, "{}", page.heading(&heading))?;
    writeln!(text, "\n  {:<26}{:>10}{:>12}", "trigger", "units", "of them now")?;
    for kind in TriggerKind::ALL {
        let of_kind = |of: &&Triggered| of.triggers.iter().any(|trigger| trigger.kind == kind);
        let all: u64 = triggered.iter().filter(of_kind).map(|of| of.units).sum();
        let due: u64 = triggered.iter().filter(of_kind).map(units_now).sum();
        if all > 0 {
            writeln!(text, "  {:<26}{all:>10}{due:>12}", kind.name())?;
        }
    }
    writeln!(text)?;
    let told = || now.iter().take(LINES);
    let label = |of: &Triggered| plan.cohorts[plan.cohort_of[of.asset]].cohort.label.chars().count();
    let place = |of: &Triggered| fleet.assets[of.asset].site.as_deref().unwrap_or("no site").chars().count();
    let id = page.column(14, 14, told().map(|of| fleet.assets[of.asset].id.chars().count()));
    let name = page.column(26, grown(width, &[(80, 20), (160, 48)]), told().map(|of| label(of)));
    let site_room = page.column(12, grown(width, &[(80, 10), (160, 24)]), told().map(|of| place(of)));
    let because = width - id - name - site_room - 12;
    for of in told() {
        let asset = &fleet.assets[of.asset];
        let label = &plan.cohorts[plan.cohort_of[of.asset]].cohort.label;
        writeln!(
            text,
            "  {:<id$} {:>4} × {:<name$} {:<site_room$} {}",
            shortened(&asset.id, id),
            units_now(of),
            shortened(label, name),
            shortened(asset.site.as_deref().unwrap_or("no site"), site_room),
            shortened(&reasons(of), because)
        )?;
    }
    if now.len() > LINES {
        writeln!(text, "  … and {} more assets in triggers.csv", now.len() - LINES)?;
    }
    for (answer, words) in [
        ("not yet", "stay: their best month is later"),
        ("no: in house", "are of use in the house or are sold by yourself"),
        ("no: lessor", "go back to their lessor"),
        ("no: must stay", "must stay (legal hold, missing)"),
    ] {
        let units: u64 =
            triggered.iter().filter(|of| short_answer(&of.answer) == answer).map(|of| of.units).sum();
        if units > 0 {
            writeln!(text, "  {units:>6} units {words}")?;
        }
    }
    Ok(())
}
