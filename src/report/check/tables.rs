//! The files of a check: the joined register, contradictions, doubtful joins, findings and fixes with their money, the
//! calendar.
//!
//! In: a fleet, its plan, priced gaps, events. Out: [`Table`]s. Amounts are in the currency of the plan, for all units of
//! a record where a column does not say otherwise.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::table::{Cell, Table};
use super::super::tables::place_cells;
use crate::decide::{Event, GapPrices, Plan, PricedGap, Stake};
use crate::fleet::{Finding, Fleet, check_title};
use crate::units::Currency;

/// Columns of findings.
const FINDING_COLUMNS: [&str; 19] = [
    "code",
    "severity",
    "asset_id",
    "assets",
    "finding",
    "remedy",
    "file",
    "line",
    "currency",
    "cost_low",
    "cost_high",
    "value_effect_low",
    "value_effect_high",
    "recovery_mean_each",
    "recovery_p10_each",
    "recovery_p90_each",
    "interval_wider_by_each",
    "fix",
    "fix_site",
];

/// What is wrong with the data, one line a finding; with the money of all assets that a line is about.
pub fn findings_table(plan: &Plan, fleet: &Fleet, prices: &GapPrices) -> Table {
    let places: HashMap<&str, usize> =
        fleet.assets.iter().enumerate().map(|(at, asset)| (asset.id.as_str(), at)).collect();
    let of_asset: HashMap<(usize, &str), &PricedGap> =
        prices.gaps.iter().map(|gap| ((gap.asset, gap.code), gap)).collect();
    // What is told one by one is not told again in the line about all.
    let single: HashSet<(usize, &str)> = plan
        .findings
        .iter()
        .filter_map(|finding| Some((*places.get(finding.asset_id.as_deref()?)?, finding.code)))
        .collect();
    let mut rest: BTreeMap<&'static str, (usize, Option<Stake>, Option<Stake>)> = BTreeMap::new();
    for gap in prices.gaps.iter().filter(|gap| !single.contains(&(gap.asset, gap.code))) {
        let sums = rest.entry(gap.code).or_default();
        sums.0 += 1;
        sums.1 = added(sums.1, gap.cost);
        sums.2 = added(sums.2, gap.effect);
    }
    let mut table = Table::new(&FINDING_COLUMNS);
    let mut told: HashSet<(usize, &str)> = HashSet::new();
    for finding in &plan.findings {
        let place = finding.asset_id.as_deref().and_then(|id| places.get(id)).copied();
        // Two findings of one code about one asset are one gap: its money stands on the first.
        let gap = place.filter(|at| told.insert((*at, finding.code)));
        let gap = gap.and_then(|at| of_asset.get(&(at, finding.code)).copied());
        let many = if place.is_none() { rest.remove(finding.code) } else { None };
        let mut row = finding_cells(fleet, finding);
        row.extend(match (gap, many) {
            (Some(gap), _) => money_cells(plan.currency(), gap.cost, gap.effect, Some(gap)),
            (None, Some((_, cost, effect))) => money_cells(plan.currency(), cost, effect, None),
            (None, None) => money_cells(plan.currency(), None, None, None),
        });
        row.extend(fix_cells(prices, finding.code, place.and_then(|at| fleet.assets[at].site.as_deref())));
        table.rows.push(row);
    }
    // Gaps that only their price brings to light.
    for (code, (assets, cost, effect)) in rest {
        let title = check_title(code).unwrap_or("").to_owned();
        let cells = [Cell::text("notes"), Cell::Empty, Cell::number(assets), Cell::text(title)];
        let mut row = vec![Cell::text(code)];
        row.extend(cells);
        row.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
        row.extend(money_cells(plan.currency(), cost, effect, None));
        row.extend(fix_cells(prices, code, None));
        table.rows.push(row);
    }
    table
}

/// The same with a line of its own for every gap of every asset.
pub fn priced_findings_table(plan: &Plan, fleet: &Fleet, prices: &GapPrices) -> Table {
    let with_gaps: HashSet<&str> = prices.gaps.iter().map(|gap| gap.code).collect();
    let mut single: HashMap<(&str, &str), &Finding> = HashMap::new();
    for finding in plan.findings.iter().rev() {
        if let Some(id) = finding.asset_id.as_deref() {
            single.insert((id, finding.code), finding);
        }
    }
    let mut table = Table::new(&FINDING_COLUMNS);
    let mut used: HashSet<(&str, &str)> = HashSet::new();
    for gap in &prices.gaps {
        let asset = &fleet.assets[gap.asset];
        let finding = single.get(&(asset.id.as_str(), gap.code));
        used.insert((asset.id.as_str(), gap.code));
        let mut row =
            vec![
                Cell::text(gap.code),
                Cell::text(finding.map_or("notes", |finding| finding.severity.name())),
                Cell::text(asset.id.clone()),
                Cell::number(1),
                Cell::text(finding.map_or(check_title(gap.code).unwrap_or("").to_owned(), |finding| {
                    finding.message.clone()
                })),
                Cell::text(finding.map_or("", |finding| finding.remedy)),
            ];
        row.extend(place_cells(fleet, asset.rows.first().copied()));
        row.extend(money_cells(plan.currency(), gap.cost, gap.effect, Some(gap)));
        row.extend(fix_cells(prices, gap.code, asset.site.as_deref()));
        table.rows.push(row);
    }
    for finding in &plan.findings {
        let id = finding.asset_id.as_deref();
        // A line about many whose assets have lines of their own says nothing more; a second finding about one asset does.
        let said = match id {
            Some(id) => {
                single.get(&(id, finding.code)).is_some_and(|first| std::ptr::eq(*first, finding))
                    && used.contains(&(id, finding.code))
            }
            None => with_gaps.contains(finding.code) && finding.row.is_none(),
        };
        if !said {
            let mut row = finding_cells(fleet, finding);
            row.extend(money_cells(plan.currency(), None, None, None));
            row.extend(fix_cells(prices, finding.code, None));
            table.rows.push(row);
        }
    }
    table
}

fn added(sum: Option<Stake>, more: Option<Stake>) -> Option<Stake> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum.plus(more)),
        (sum, more) => sum.or(more),
    }
}

fn finding_cells(fleet: &Fleet, finding: &Finding) -> Vec<Cell> {
    let mut row = vec![
        Cell::text(finding.code),
        Cell::text(finding.severity.name()),
        Cell::optional(finding.asset_id.clone()),
        Cell::number(finding.assets),
        Cell::text(finding.message.clone()),
        Cell::text(finding.remedy),
    ];
    row.extend(place_cells(fleet, finding.row));
    row
}

fn money_cells(
    currency: Currency,
    cost: Option<Stake>,
    effect: Option<Stake>,
    gap: Option<&PricedGap>,
) -> Vec<Cell> {
    let known = cost.is_some() || effect.is_some();
    let mut cells = vec![if known { Cell::text(currency.code()) } else { Cell::Empty }];
    cells.extend(stake_cells(cost));
    cells.extend(stake_cells(effect));
    let recovery = gap.and_then(|gap| gap.recovery);
    let points = recovery.map(|points| [points.mean, points.p10, points.p90].map(Cell::amount));
    cells.extend(points.unwrap_or([Cell::Empty, Cell::Empty, Cell::Empty]));
    cells.push(gap.and_then(|gap| gap.widening).map_or(Cell::Empty, Cell::amount));
    cells
}

fn stake_cells(stake: Option<Stake>) -> [Cell; 2] {
    match stake {
        Some(stake) => [Cell::Number(stake.low.plain()), Cell::Number(stake.high.plain())],
        None => [Cell::Empty, Cell::Empty],
    }
}

/// The first fix in the ranking that settles a code, at the asset's site where it is done site by site.
fn fix_cells(prices: &GapPrices, code: &str, site: Option<&str>) -> [Cell; 2] {
    let fix = prices
        .fixes
        .iter()
        .find(|fix| fix.codes.contains(&code) && (fix.site.is_none() || fix.site.as_deref() == site));
    match fix {
        Some(fix) => [Cell::text(fix.name.clone()), Cell::optional(fix.site.clone())],
        None => [Cell::Empty, Cell::Empty],
    }
}

/// What to do, the most money first.
pub fn fixes_table(prices: &GapPrices) -> Table {
    let mut table = Table::new(&[
        "rank",
        "fix",
        "site",
        "codes",
        "findings",
        "assets",
        "findings_without_price",
        "currency",
        "stake_low",
        "stake_high",
        "hours",
        "work",
        "adds_findings",
        "adds_low",
        "adds_high",
        "net_low",
        "net_high",
        "pays",
    ]);
    for (place, fix) in prices.fixes.iter().enumerate() {
        let mut row = vec![
            Cell::number(place + 1),
            Cell::text(fix.name.clone()),
            Cell::optional(fix.site.clone()),
            Cell::text(fix.codes.join(" ")),
            Cell::number(fix.findings),
            Cell::number(fix.assets),
            Cell::number(fix.unpriced),
            Cell::text(fix.work.currency().code()),
        ];
        row.extend(stake_cells(Some(fix.stake)));
        row.extend([
            Cell::amount(fix.hours),
            Cell::Number(fix.work.plain()),
            Cell::number(fix.adds_findings),
        ]);
        row.extend(stake_cells(Some(fix.adds)));
        row.extend(stake_cells(Some(fix.net)));
        row.push(Cell::text(if fix.pays() { "yes" } else { "no" }));
        table.rows.push(row);
    }
    table
}

/// What ends when, one line an asset and event.
pub fn calendar_table(plan: &Plan, fleet: &Fleet, events: &[Event]) -> Table {
    let mut table = Table::new(&[
        "date",
        "event",
        "asset_id",
        "site",
        "model",
        "units",
        "plan_month",
        "currency",
        "contract_monthly",
        "money",
        "contract_transferable",
        "advice",
        "file",
        "line",
    ]);
    for event in events {
        let asset = &fleet.assets[event.asset];
        let mut row = vec![
            Cell::text(event.date.date.to_string()),
            Cell::text(event.kind.name()),
            Cell::text(asset.id.clone()),
            Cell::optional(asset.site.clone()),
            Cell::text(asset.full_model()),
            Cell::number(event.units),
            Cell::optional(event.plan_month),
            Cell::text(plan.currency().code()),
            Cell::amount(event.monthly),
            Cell::amount(event.money),
            Cell::text(if event.transferable { "yes" } else { "no" }),
            Cell::text(event.advice.clone()),
        ];
        row.extend(place_cells(fleet, asset.rows.first().copied()));
        table.rows.push(row);
    }
    table
}

/// Fields on which sources disagree, one line a value; the one that is used first.
pub fn conflicts_table(fleet: &Fleet) -> Table {
    let mut table = Table::new(&["asset_id", "field", "value", "used", "source", "file", "line"]);
    for asset in &fleet.assets {
        for conflict in &asset.conflicts {
            for (place, (value, row)) in conflict.values.iter().enumerate() {
                let mut cells = vec![
                    Cell::text(asset.id.clone()),
                    Cell::text(conflict.field.name()),
                    Cell::text(value.clone()),
                    Cell::text(if place == 0 { "yes" } else { "no" }),
                    Cell::text(fleet.files[row.file].kind.name()),
                ];
                cells.extend(place_cells(fleet, Some(*row)));
                table.rows.push(cells);
            }
        }
    }
    table
}

/// Pairs of rows of which it is not certain whether they are one unit.
pub fn review_table(fleet: &Fleet) -> Table {
    let mut table = Table::new(&[
        "probability",
        "joined",
        "first_file",
        "first_line",
        "second_file",
        "second_line",
        "evidence",
    ]);
    for pair in &fleet.review {
        let mut cells = vec![
            Cell::Number(format!("{:.3}", pair.posterior)),
            Cell::text(if pair.joined { "yes" } else { "no" }),
        ];
        cells.extend(place_cells(fleet, Some(pair.first)));
        cells.extend(place_cells(fleet, Some(pair.second)));
        cells.push(Cell::text(pair.evidence.clone()));
        table.rows.push(cells);
    }
    table
}

/// Units that several rows tell of, one line a row, with how sure the join is.
pub fn joins_table(fleet: &Fleet) -> Table {
    let mut table = Table::new(&["asset_id", "confidence", "file", "line"]);
    for asset in fleet.assets.iter().filter(|asset| asset.rows.len() > 1) {
        for row in &asset.rows {
            let mut cells =
                vec![Cell::text(asset.id.clone()), Cell::Number(format!("{:.3}", asset.join_confidence))];
            cells.extend(place_cells(fleet, Some(*row)));
            table.rows.push(cells);
        }
    }
    table
}
