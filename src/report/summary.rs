//! What the terminal says of a plan.
//!
//! In: a plan and its fleet. Out: text for the page, of 100 columns without a terminal, readable without colour: what it is worth and
//! brings in, what to do this quarter, where waiting costs most, what is wrong with the data.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::page::{Page, grown};
use super::words::{intake, shortened};
use crate::decide::{Action, Exit, Plan, PlannedCohort, Route, Total};
use crate::fleet::{Fleet, Severity};
use crate::units::{Money, Month, counted};

/// Lines of each list.
const LINES: usize = 5;

/// Columns of the page where there is no terminal.
const WIDTH: usize = 100;

/// Lines of the list of findings, one a kind.
const KINDS_OF_FINDINGS: usize = 14;

/// Cohorts of one product and site that leave in one month, as one line.
struct Group<'a> {
    label: &'a str,
    site: String,
    month: Month,
    last: Month,
    route: &'static str,
    units: u64,
    recovery: i64,
    waiting: f64,
}

/// The summary of a plan.
pub fn summary(plan: &Plan, fleet: &Fleet, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_summary(&mut text, plan, fleet, page);
    text
}

fn write_summary(text: &mut String, plan: &Plan, fleet: &Fleet, page: Page) -> std::fmt::Result {
    let currency = plan.totals.recovery.expected.currency();
    let totals = &plan.totals;
    writeln!(text, "{}     seen from {}, in {currency}", intake(fleet), plan.as_of)?;
    write_left_aside(text, fleet, page)?;
    writeln!(text)?;
    writeln!(text, "{:<18}{}", "Worth today", total_line(&totals.value_now, page))?;
    writeln!(text, "{:<18}{}", "Brings in, net", total_line(&totals.recovery, page))?;
    writeln!(
        text,
        "{:<18}{:>12}  present value, against replacing at the policy's refresh age",
        "Timing saves",
        Money::from_major(totals.saved_against_fixed_cycle, currency)
            .map_or_else(|_| "?".into(), Money::rounded)
    )?;
    writeln!(text, "{:<18}{}", "", actions_line(plan))?;
    let groups = groups(plan, fleet);
    write_quarter(text, plan, &groups, page)?;
    write_stakes(text, plan, &groups, page)?;
    super::schedule::write_schedule(text, plan, page)?;
    write_unoffered(text, plan, page)?;
    write_findings(text, plan, fleet, page)
}

/// What the reader of the files left aside or read with a doubt.
fn write_left_aside(text: &mut String, fleet: &Fleet, page: Page) -> std::fmt::Result {
    let notes: Vec<String> = fleet
        .files
        .iter()
        .flat_map(|file| file.notes.iter().map(|note| format!("{}: {note}", file.label())))
        .collect();
    for note in notes.iter().take(LINES) {
        writeln!(text, "  {}", shortened(note, page.width(WIDTH) - 4))?;
    }
    if notes.len() > LINES {
        writeln!(text, "  … and {} more such notes", notes.len() - LINES)?;
    }
    Ok(())
}

fn total_line(total: &Total, page: Page) -> String {
    let whole = |value: f64| {
        Money::from_major(value, total.expected.currency()).map_or_else(|_| "?".into(), Money::rounded)
    };
    let (low, high) = (whole(total.quantiles.p10), whole(total.quantiles.p90));
    let range = if page.width(WIDTH) < WIDTH {
        format!("80 %: {low} to {high}")
    } else {
        format!("{low} to {high} with 80 % probability")
    };
    format!("{:>12}  ({range}), {}", total.expected.rounded(), counted(total.units, "unit"))
}

fn actions_line(plan: &Plan) -> String {
    let mut units: BTreeMap<Action, u64> = BTreeMap::new();
    for planned in &plan.cohorts {
        *units.entry(planned.decision.action).or_default() += planned.cohort.units;
    }
    let parts: Vec<String> =
        units.iter().map(|(action, units)| format!("{} {units}", action.name())).collect();
    parts.join(" · ")
}

fn groups<'a>(plan: &'a Plan, fleet: &Fleet) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(&str, String, Month, &'static str), Group<'a>> = BTreeMap::new();
    for placement in &plan.schedule.placements {
        let planned = &plan.cohorts[placement.cohort];
        let (Some(month), Some(route), false) =
            (placement.month, placement.route, placement.exit == Exit::Returned)
        else {
            continue;
        };
        let last = planned.decision.window.map_or(month, |(_, last)| last.max(month));
        let site = fleet.assets[planned.cohort.assets[0]].site.clone().unwrap_or_else(|| "no site".into());
        let group = groups
            .entry((planned.cohort.label.as_str(), site.clone(), month, route.name()))
            .or_insert_with(|| Group {
                label: &planned.cohort.label,
                site,
                month,
                last,
                route: route.name(),
                units: 0,
                recovery: 0,
                waiting: 0.0,
            });
        group.units += placement.units;
        group.last = group.last.min(last);
        group.recovery += placement.recovery.minor() * placement.units as i64;
        group.waiting += waiting(planned) * placement.units as f64;
    }
    groups.into_values().collect()
}

/// What one quarter past the window costs for one unit.
fn waiting(planned: &PlannedCohort) -> f64 {
    planned.decision.waiting.map_or(0.0, |waiting| waiting.one_quarter.mean)
}

fn write_quarter(text: &mut String, plan: &Plan, groups: &[Group<'_>], page: Page) -> std::fmt::Result {
    let quarter = plan.as_of.quarter_name();
    let mut now: Vec<&Group<'_>> =
        groups.iter().filter(|group| group.month.quarter_name() == quarter).collect();
    now.sort_by(|a, b| b.recovery.cmp(&a.recovery).then(a.label.cmp(b.label)));
    writeln!(text)?;
    match plan.totals.by_quarter.get(&quarter) {
        Some(total) => {
            let heading = page.heading(&format!("Do this quarter ({quarter}):"));
            writeln!(text, "{heading} {}", total_line(total, page).trim())?;
        }
        None => {
            let heading = page.heading(&format!("Do this quarter ({quarter}):"));
            writeln!(text, "{heading} nothing has to go.")?;
            return Ok(());
        }
    }
    write_lines(text, plan, &now, page)
}

fn write_stakes(text: &mut String, plan: &Plan, groups: &[Group<'_>], page: Page) -> std::fmt::Result {
    let currency = plan.totals.recovery.expected.currency();
    let mut dear: Vec<&Group<'_>> = groups.iter().filter(|group| group.waiting > 0.0).collect();
    dear.sort_by(|a, b| b.waiting.total_cmp(&a.waiting).then(a.label.cmp(b.label)));
    if dear.is_empty() {
        return Ok(());
    }
    writeln!(text)?;
    writeln!(text, "{}", page.heading("Most money at stake: what one quarter past the window costs"))?;
    let (label, site) = names(page, &dear);
    for group in dear.iter().take(LINES) {
        writeln!(
            text,
            "  {:>12}  {:>4} × {:<label$} {:<site$} go by {}",
            Money::from_major(group.waiting, currency).map_or_else(|_| "?".into(), Money::rounded),
            group.units,
            shortened(group.label, label),
            shortened(&group.site, site),
            group.last
        )?;
    }
    Ok(())
}

/// Columns for the names of products and of sites of a list.
fn names(page: Page, groups: &[&Group<'_>]) -> (usize, usize) {
    let width = page.width(WIDTH);
    let length = |text: &str| text.chars().count();
    let (label, site) =
        (grown(width, &[(80, 24), (100, 34), (160, 64)]), grown(width, &[(80, 10), (100, 12), (160, 30)]));
    let told = || groups.iter().take(2 * LINES);
    (
        page.column(label, label, told().map(|group| length(group.label))),
        page.column(site, site, told().map(|group| length(&group.site))),
    )
}

fn write_lines(text: &mut String, plan: &Plan, groups: &[&Group<'_>], page: Page) -> std::fmt::Result {
    let (label, site) = names(page, groups);
    let currency = plan.totals.recovery.expected.currency();
    for group in groups.iter().take(2 * LINES) {
        writeln!(
            text,
            "  {:>12}  {:>4} × {:<label$} {:<site$} {} by {}",
            Money::from_minor(group.recovery, currency).rounded(),
            group.units,
            shortened(group.label, label),
            shortened(&group.site, site),
            group.route,
            group.last
        )?;
    }
    if groups.len() > 2 * LINES {
        let rest = &groups[2 * LINES..];
        let units: u64 = rest.iter().map(|group| group.units).sum();
        let money: i64 = rest.iter().map(|group| group.recovery).sum();
        writeln!(
            text,
            "  {:>12}  {:>4}   in {} (cohorts.csv)",
            Money::from_minor(money, currency).rounded(),
            units,
            counted(rest.len(), "more group")
        )?;
    }
    Ok(())
}

/// What the routes are worth that the policy does not offer; nothing where none would add anything.
fn write_unoffered(text: &mut String, plan: &Plan, page: Page) -> std::fmt::Result {
    let unoffered = plan.unoffered();
    if unoffered.is_empty() {
        return Ok(());
    }
    let heading = "Routes that the policy does not offer: what they would add, at its terms and full price";
    writeln!(text, "\n{}", page.heading(heading))?;
    for one in unoffered {
        let name = one.route.map_or("the best of them", Route::name);
        let more = Money::from_major(one.more, plan.currency()).map_or_else(|_| "?".into(), Money::rounded);
        writeln!(text, "  {name:<30}{:>14}  {}", format!("+{more}"), counted(one.units, "unit"))?;
    }
    Ok(())
}

fn write_findings(text: &mut String, plan: &Plan, fleet: &Fleet, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let mut kinds: BTreeMap<(Severity, &str, &str), (usize, usize, &str)> = BTreeMap::new();
    for finding in &plan.findings {
        let kind = kinds.entry((finding.severity, finding.code, finding.remedy)).or_insert((
            0,
            0,
            finding.message.as_str(),
        ));
        kind.0 += finding.assets;
        kind.1 += 1;
    }
    let mut worst: Vec<_> = kinds.into_iter().collect();
    worst.sort_by(|a, b| a.0.0.cmp(&b.0.0).then(b.1.0.cmp(&a.1.0)).then(a.0.1.cmp(b.0.1)));
    writeln!(text)?;
    let (findings, rejects) = (counted(plan.findings.len(), "finding"), counted(fleet.rejects_in(), "row"));
    let heading = match fleet.alike {
        None => format!("What is wrong with the data ({findings}, {rejects} rejected)"),
        Some(_) => format!("What is wrong with the data ({rejects} rejected; rows were taken as they stand)"),
    };
    writeln!(text, "{}", page.heading(&heading))?;
    for ((severity, code, _), (assets, findings, message)) in worst.iter().take(KINDS_OF_FINDINGS) {
        let example = if *findings > 1 { "for example " } else { "" };
        writeln!(
            text,
            "  {:<6} {code} {assets:>5}  {}",
            severity.name(),
            shortened(&format!("{example}{message}"), width - 22)
        )?;
    }
    if worst.len() > KINDS_OF_FINDINGS {
        let more = counted(worst.len() - KINDS_OF_FINDINGS, "more kind");
        writeln!(text, "  … and {more} in findings.csv")?;
    }
    for reject in fleet.rejects.iter().take(LINES) {
        writeln!(
            text,
            "  reject {}:{}  {} `{}`: {}",
            fleet.files[reject.row.file].label(),
            reject.row.line,
            reject.column,
            shortened(&reject.text, 30),
            reject.reason
        )?;
        writeln!(text, "         → {}", shortened(&reject.remedy, width - 12))?;
    }
    if fleet.rejects_in() > LINES {
        writeln!(
            text,
            "  … and {} more in rejects.csv",
            fleet.rejects_in() - fleet.rejects.len().min(LINES)
        )?;
    }
    Ok(())
}
