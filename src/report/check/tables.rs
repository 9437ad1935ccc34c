//! The files of a check: the joined register, contradictions, doubtful joins, findings and fixes with their money, the
//! calendar.
//!
//! In: a fleet, its plan, priced gaps, events. Out: [`Table`]s. Amounts are in the currency of the plan, for all units of
//! a record where a column does not say otherwise.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::table::{Cell, Table};
use super::super::tables::place_cells;
use super::SURE;
use crate::catalog::Precision;
use crate::decide::{Event, GapPrices, Plan, PricedGap, Stake};
use crate::fleet::{Asset, Finding, Fleet, Ownership, RegisterDate, Status, check_title};
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
                    Cell::text(format!("{:?}", conflict.field)),
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

/// Units whose rows may be of several, one line a row.
pub fn review_table(fleet: &Fleet) -> Table {
    let mut table = Table::new(&["asset_id", "confidence", "serial", "model", "file", "line"]);
    for asset in fleet.assets.iter().filter(|asset| asset.join_confidence < SURE) {
        for row in &asset.rows {
            let mut cells = vec![
                Cell::text(asset.id.clone()),
                Cell::Number(format!("{:.3}", asset.join_confidence)),
                Cell::optional(asset.serial.clone()),
                Cell::text(asset.full_model()),
            ];
            cells.extend(place_cells(fleet, Some(*row)));
            table.rows.push(cells);
        }
    }
    table
}

/// A column of the joined register: its name and its cell.
type Column = (&'static str, fn(&Asset) -> Cell);

/// The canonical columns of the joined register.
const REGISTER: [Column; 47] = [
    ("asset_id", |asset| Cell::text(asset.id.clone())),
    ("serial", |asset| Cell::optional(asset.serial.clone())),
    ("name", |asset| Cell::optional(asset.name.clone())),
    ("class", |asset| Cell::optional(asset.class)),
    ("manufacturer", |asset| Cell::optional(asset.manufacturer.clone())),
    ("model", |asset| Cell::optional(asset.model.clone())),
    ("ram_gb", |asset| number(asset.ram_gb)),
    ("storage_gb", |asset| number(asset.storage_gb)),
    ("cpu", |asset| Cell::optional(asset.cpu.clone())),
    ("cpu_count", |asset| number(asset.cpu_count)),
    ("gpu", |asset| Cell::optional(asset.gpu.clone())),
    ("gpu_count", |asset| number(asset.gpu_count)),
    ("grade", |asset| Cell::optional(asset.grade)),
    ("grade_scheme", |asset| Cell::optional(asset.grade.map(|_| "ABC"))),
    ("purchase_date", |asset| date(asset.purchase_date)),
    ("in_service_date", |asset| date(asset.in_service_date)),
    ("purchase_cost", |asset| money(asset, asset.purchase_cost)),
    ("currency", |asset| Cell::optional(currency(asset))),
    ("site", |asset| Cell::optional(asset.site.clone())),
    ("location", |asset| Cell::optional(asset.location.clone())),
    (
        "status",
        |asset| {
            if asset.status == Status::Unknown { Cell::Empty } else { Cell::text(asset.status.name()) }
        },
    ),
    ("substate", |asset| if asset.legal_hold { Cell::text("legal hold") } else { Cell::Empty }),
    ("utilization", |asset| number(asset.utilization)),
    ("power_w", |asset| number(asset.power_w)),
    ("warranty_end", |asset| date(asset.warranty_end)),
    ("warranty_months", |asset| number(asset.warranty_months)),
    ("contract_end", |asset| date(asset.contract_end)),
    ("contract_monthly", |asset| money(asset, asset.contract_monthly)),
    ("contract_transferable", |asset| yes_no(asset.contract_transferable)),
    ("lease_end", |asset| date(asset.lease_end)),
    ("lease_reference", |asset| Cell::optional(asset.lease_reference.clone())),
    ("ownership", |asset| {
        if asset.ownership == Ownership::Unknown { Cell::Empty } else { Cell::text(asset.ownership.name()) }
    }),
    ("book_method", |asset| Cell::optional(asset.book_method.clone())),
    ("book_life_months", |asset| number(asset.book_life_months)),
    ("salvage", |asset| money(asset, asset.salvage)),
    ("book_value", |asset| money(asset, asset.book_value)),
    ("quantity", |asset| number(Some(asset.quantity))),
    ("last_seen", |asset| date(asset.last_seen)),
    ("last_audited", |asset| date(asset.last_audited)),
    ("first_seen", |asset| date(asset.first_seen)),
    ("firmware_date", |asset| date(asset.firmware_date)),
    ("record_created", |asset| date(asset.record_created)),
    ("record_updated", |asset| date(asset.record_updated)),
    ("planned_retirement", |asset| date(asset.planned_retirement)),
    ("ledger_id", |asset| Cell::optional(asset.ledger_id.clone())),
    ("order_number", |asset| Cell::optional(asset.order_number.clone())),
    ("enrolled", |asset| yes_no(asset.enrolled)),
];

/// The joined register: one line a unit (or record of several), with what its rows tell together.
pub fn register_table(fleet: &Fleet) -> Table {
    let names: Vec<&'static str> = REGISTER.iter().map(|(name, _)| *name).collect();
    let mut table = Table::new(&[names.as_slice(), &["join_confidence", "sources"]].concat());
    for asset in &fleet.assets {
        let mut row: Vec<Cell> = REGISTER.iter().map(|(_, cell)| cell(asset)).collect();
        row.push(Cell::Number(format!("{:.3}", asset.join_confidence)));
        let place = |row: &crate::fleet::RowReference| {
            format!("{}:{}", fleet.files[row.file].path.display(), row.line)
        };
        row.push(Cell::text(asset.rows.iter().map(place).collect::<Vec<_>>().join(" ")));
        table.rows.push(row);
    }
    table
}

fn number(value: Option<impl ToString>) -> Cell {
    value.map_or(Cell::Empty, |value| Cell::Number(value.to_string()))
}

/// As much of a date as the register wrote.
fn date(date: Option<RegisterDate>) -> Cell {
    Cell::optional(date.map(|date| match date.precision {
        Precision::Day => date.date.to_string(),
        Precision::Year => date.date.year().to_string(),
        Precision::Month | Precision::Quarter => date.month().to_string(),
    }))
}

/// The currency of a line: that of the cost, else of the first amount there is.
fn currency(asset: &Asset) -> Option<Currency> {
    let amounts = [asset.purchase_cost, asset.contract_monthly, asset.salvage, asset.book_value];
    amounts.into_iter().flatten().next().map(|(_, currency)| currency)
}

/// An amount, with its code where it is in another currency than its line.
fn money(asset: &Asset, amount: Option<(f64, Currency)>) -> Cell {
    match amount {
        Some((amount, own)) if Some(own) != currency(asset) => Cell::text(format!("{own} {amount:.2}")),
        Some((amount, _)) => Cell::amount(amount),
        None => Cell::Empty,
    }
}

fn yes_no(value: Option<bool>) -> Cell {
    Cell::optional(value.map(|yes| if yes { "yes" } else { "no" }))
}
