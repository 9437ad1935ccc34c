//! The schedule as tables and as a few lines of the summary.
//!
//! In: a plan and its fleet. Out: `schedule.csv`, the columns that the schedule adds to `plan.csv`, and the block of the
//! terminal summary that holds it against rules of thumb.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::page::{Page, grown};
use super::table::{Cell, Table};
use super::words::shortened;
use crate::decide::{Action, Placement, Plan};
use crate::fleet::Fleet;
use crate::units::{Money, Month};

/// Columns of the summary where there is no terminal.
const WIDTH: usize = 100;

/// Lines of lists in the summary.
const LINES: usize = 3;

/// What leaves when: one line a month, site, product, route and cause, in order of month. Units that stay although
/// they would leave without limits come last, without a month.
pub fn schedule_table(plan: &Plan, fleet: &Fleet) -> Table {
    let mut table = Table::new(&[
        "month",
        "quarter",
        "site",
        "class",
        "product",
        "route",
        "units",
        "recovery_total",
        "currency",
        "best_month",
        "binding_constraint",
        "shadow_price",
        "price_fall",
        "paid_to_keep_total",
    ]);
    for ((stays, key), line) in lines(plan, fleet) {
        let Key { month, site, class, product, route, best_month, binding } = key;
        let money = |minor: i64| Cell::Number(Money::from_minor(minor, plan.currency()).plain());
        table.rows.push(vec![
            Cell::optional(month),
            month.map_or(Cell::text("beyond the horizon"), |month| Cell::text(month.quarter_name())),
            Cell::text(site),
            Cell::text(class),
            Cell::text(product),
            Cell::text(if stays { "stay" } else { route }),
            Cell::number(line.units),
            money(line.recovery),
            Cell::text(plan.currency().code()),
            if binding.is_empty() { Cell::Empty } else { Cell::text(best_month) },
            Cell::text(binding),
            line.shadow_price.map_or(Cell::Empty, |sum| Cell::amount(sum / line.units as f64)),
            Cell::Number(format!("{:.4}", line.price_fall)),
            if line.paid == 0 { Cell::Empty } else { money(line.paid) },
        ]);
    }
    table
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    month: Option<Month>,
    site: String,
    class: &'static str,
    product: String,
    route: &'static str,
    best_month: String,
    binding: String,
}

#[derive(Default)]
struct Line {
    units: u64,
    recovery: i64,
    paid: i64,
    /// Sum over units, where there is a price.
    shadow_price: Option<f64>,
    price_fall: f64,
}

/// Lines by key, those that stay last.
fn lines(plan: &Plan, fleet: &Fleet) -> BTreeMap<(bool, Key), Line> {
    let mut lines: BTreeMap<(bool, Key), Line> = BTreeMap::new();
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let site = fleet.assets[planned.cohort.assets[0]].site.clone().unwrap_or_default();
        let key = |month, route, best_month, binding| Key {
            month,
            site: site.clone(),
            class: planned.cohort.class.name(),
            product: planned.cohort.label.clone(),
            route,
            best_month,
            binding,
        };
        let placements = plan.schedule.of_cohort(position);
        let decision = &planned.decision;
        // Leases that end beyond the horizon are in no schedule, but they do end.
        if let (true, Action::ReturnLease, Some(month)) =
            (placements.is_empty(), decision.action, decision.month)
        {
            let route = decision.route.map_or("", |route| route.name());
            let key = key(Some(month), route, String::new(), String::new());
            lines.entry((false, key)).or_default().units += planned.cohort.units;
        }
        for placement in placements.iter().filter(|each| each.month.is_some() || each.moved.is_some()) {
            let best = placement.moved.as_ref().map_or(String::new(), |moved| month_or_stay(moved.from));
            let route = placement.route.map_or("", |route| route.name());
            let key = key(placement.month, route, best, binding(placement));
            let line = lines.entry((placement.month.is_none(), key)).or_default();
            let units = placement.units;
            line.units += units;
            line.recovery += placement.recovery.minor() * units as i64;
            line.paid += placement.paid_to_pass.map_or(0, |paid| paid.minor() * units as i64);
            line.price_fall = placement.price_fall;
            if let Some(price) = placement.moved.as_ref().and_then(|moved| moved.shadow_price) {
                *line.shadow_price.get_or_insert(0.0) += price * units as f64;
            }
        }
    }
    lines
}

/// A month, or that units stay.
pub(crate) fn month_or_stay(month: Option<Month>) -> String {
    month.map_or("stay".to_owned(), |month| month.to_string())
}

/// Writes where units go that come behind `before` others, by months with the units of each: a month, or several with their
/// units in brackets.
pub fn write_months<'a>(
    places: impl Iterator<Item = (u64, &'a str)>,
    before: u64,
    quantity: u64,
    into: &mut String,
) {
    let (mut passed, mut left) = (before, quantity);
    let begin = into.len();
    for (units, month) in places {
        if passed >= units {
            passed -= units;
            continue;
        }
        let here = left.min(units - passed);
        passed = 0;
        if here == quantity {
            into.push_str(month);
            return;
        }
        let space = if into.len() > begin { " " } else { "" };
        into.push_str(&format!("{space}{month} ({here})"));
        left -= here;
        if left == 0 {
            return;
        }
    }
}

/// What moved or bought units, in words.
fn binding(placement: &Placement) -> String {
    let moved = placement.moved.as_ref().map(|moved| moved.by.clone());
    let paid = placement.paid_to_pass.map(|paid| format!("kept past its lease or contract end for {paid}"));
    moved.into_iter().chain(paid).collect::<Vec<_>>().join("; ")
}

/// Month, money and cause of every asset, by position in the fleet. An asset that stands for many units may leave in
/// several months, each with its units in brackets.
pub(super) fn scheduled_cells(plan: &Plan, fleet: &Fleet) -> Vec<Vec<Cell>> {
    let mut cells = vec![vec![Cell::Empty; 3]; fleet.assets.len()];
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let assets = &planned.cohort.assets;
        let quantities: Vec<u64> =
            assets.iter().map(|asset| u64::from(fleet.assets[*asset].quantity)).collect();
        for (asset, shares) in assets.iter().zip(plan.schedule.of_assets(position, &quantities)) {
            if !shares.is_empty() {
                cells[*asset] = asset_cells(plan, &shares);
            }
        }
    }
    cells
}

fn asset_cells(plan: &Plan, shares: &[(&Placement, u64)]) -> Vec<Cell> {
    let month = |placement: &Placement| month_or_stay(placement.month);
    let months = match shares {
        [(placement, _)] => month(placement),
        several => several
            .iter()
            .map(|(placement, units)| format!("{} ({units})", month(placement)))
            .collect::<Vec<_>>()
            .join(" "),
    };
    let minor: i64 = shares.iter().map(|(placement, units)| placement.recovery.minor() * *units as i64).sum();
    let leaves = shares.iter().any(|(placement, _)| placement.month.is_some());
    let money = Cell::Number(Money::from_minor(minor, plan.currency()).plain());
    let mut causes: Vec<String> =
        shares.iter().map(|(placement, _)| binding(placement)).filter(|cause| !cause.is_empty()).collect();
    causes.dedup();
    vec![Cell::text(months), if leaves { money } else { Cell::Empty }, Cell::text(causes.join("; "))]
}

/// The block of the summary.
pub(super) fn write_schedule(text: &mut String, plan: &Plan, page: Page) -> std::fmt::Result {
    let schedule = &plan.schedule;
    let money =
        |value: f64| Money::from_major(value, plan.currency()).map_or_else(|_| "?".into(), Money::rounded);
    writeln!(text)?;
    let heading = if page.width(WIDTH) < WIDTH {
        "The whole fleet under all limits, present value of costs and recovery"
    } else {
        "The whole fleet under all limits and the depth of markets, present value of costs and recovery"
    };
    writeln!(text, "{}", page.heading(heading))?;
    writeln!(text, "  (costs of holding, and of what takes the place of units, for ever)")?;
    writeln!(
        text,
        "  {:<30}{:>14}  bound {}, gap {}: {:.2} % of the recovery",
        "as scheduled",
        money(schedule.objective),
        money(schedule.bound.max(schedule.objective)),
        money(schedule.gap()),
        100.0 * schedule.gap_share()
    )?;
    let difference = |value: f64| match money(value - schedule.objective) {
        more if value > schedule.objective && more != "0" => format!("{more} more"),
        _ => format!("{} less", money(schedule.objective - value)),
    };
    let rules = schedule.comparisons.iter().map(|rule| (rule.rule.as_str(), rule.value));
    for (rule, value) in rules.chain([("without limits, at full price", schedule.ideal)]) {
        writeln!(text, "  {rule:<30}{:>14}  {}", money(value), difference(value))?;
    }
    write_moved(text, plan, page)?;
    if !schedule.conflicts.is_empty() {
        writeln!(
            text,
            "  Limits contradict each other, so this plan keeps no capacity, freeze, budget or delivery:"
        )?;
        for conflict in &schedule.conflicts {
            writeln!(text, "    {}", conflict.message)?;
        }
    }
    Ok(())
}

fn write_moved(text: &mut String, plan: &Plan, page: Page) -> std::fmt::Result {
    let name = grown(page.width(WIDTH), &[(80, 38), (100, 40), (160, 80)]);
    let schedule = &plan.schedule;
    let mut by_cause: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut units, mut bought) = (0, 0);
    for placement in &schedule.placements {
        units += placement.units;
        bought += placement.paid_to_pass.map_or(0, |_| placement.units);
        if let Some(moved) = &placement.moved {
            *by_cause.entry(&moved.by).or_default() += placement.units;
        }
    }
    let moved: u64 = by_cause.values().sum();
    if moved > 0 {
        let mut causes: Vec<(&str, u64)> = by_cause.into_iter().collect();
        causes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let more = if causes.len() > LINES { " · …" } else { "" };
        let told: Vec<String> = causes
            .iter()
            .take(LINES)
            .map(|(cause, units)| format!("{} {units}", shortened(cause, 34)))
            .collect();
        writeln!(text, "  moved from their best month: {moved} of {units} units")?;
        writeln!(text, "    by {}{more}", told.join(" · "))?;
    }
    if bought > 0 {
        writeln!(
            text,
            "  kept past the end of a lease or contract, for money: {}",
            super::words::counted(bought, "unit")
        )?;
    }
    for (limit, price) in schedule.binding.iter().take(LINES) {
        writeln!(text, "  one more of the {:<name$} is worth {price:.2}", shortened(limit, name))?;
    }
    Ok(())
}
