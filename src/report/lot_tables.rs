//! The files of a bid.
//!
//! In: a lot and its manifest. Out: [`Table`]s and JSON. One line a row of the manifest: prices of rows add to the bid.

use serde_json::{Value, json};

use super::manifest::{inputs, models_used};
use super::table::{Cell, Table};
use super::tables::place_cells;
use crate::decide::{FeesOrder, Policy, rates_used};
use crate::lot::{ConditionKind, Deal, Judged, Line, Lot, Manifest, Treatment};
use crate::price::Models;
use crate::units::{Currency, Money, Quantiles, apportion, sha256};

/// A share with four decimals.
fn share(value: f64) -> Cell {
    Cell::Number(format!("{value:.4}"))
}

/// One line a row of the manifest, the priced ones first.
pub fn lot_table(lot: &Lot, manifest: &Manifest) -> Table {
    let mut table = Table::new(&[
        "asset_id",
        "file",
        "line",
        "product",
        "class",
        "units",
        "grade",
        "currency",
        "price",
        "price_each",
        "market_price_each",
        "sales_each",
        "cost_each",
        "months_to_sell",
        "failed_share",
        "locked_share",
        "treatment",
        "earned_by_split",
        "basis",
        "note",
    ]);
    for (at, line) in lot.lines.iter().enumerate() {
        for (asset, price) in row_prices(line, lot.bid.lines[at], manifest) {
            table.rows.push(row(lot, manifest, at, asset, price));
        }
    }
    for left in &lot.left_out {
        for &at in &left.assets {
            let mut cells = head(manifest, at, &left.label);
            let quantity = Cell::number(manifest.fleet.assets[at].quantity);
            cells.extend([Cell::Empty, quantity, Cell::Empty, Cell::text(lot.terms.currency.code())]);
            cells.push(Cell::amount(0.0));
            cells.resize(table.columns.len() - 1, Cell::Empty);
            cells.push(Cell::text(format!("not priced: {}", left.reason)));
            table.rows.push(cells);
        }
    }
    table
}

/// The price of a line shared among its rows by their units.
fn row_prices(line: &Line, price: Money, manifest: &Manifest) -> Vec<(usize, Money)> {
    let units = |at: &usize| f64::from(manifest.fleet.assets[*at].quantity);
    let parts: Vec<f64> =
        line.assets.iter().map(|at| price.major() * units(at) / line.units as f64).collect();
    line.assets.iter().copied().zip(apportion(price, &parts)).collect()
}

/// Identifier, place, product.
fn head(manifest: &Manifest, at: usize, label: &str) -> Vec<Cell> {
    let asset = &manifest.fleet.assets[at];
    let [file, line] = place_cells(&manifest.fleet, asset.rows.first().copied());
    vec![Cell::text(asset.id.clone()), file, line, Cell::text(label)]
}

fn row(lot: &Lot, manifest: &Manifest, at: usize, asset: usize, price: Money) -> Vec<Cell> {
    let (line, split) = (&lot.lines[at], &lot.split[at]);
    let quantity = manifest.fleet.assets[asset].quantity;
    let mut cells = head(manifest, asset, &line.label);
    cells.extend([
        Cell::text(line.class.name()),
        Cell::number(quantity),
        Cell::text(line.graded.words.clone()),
        Cell::text(lot.terms.currency.code()),
        Cell::Number(price.plain()),
        Cell::amount(price.major() / f64::from(quantity)),
        Cell::amount(line.market_price(lot.terms.policy.months_to_list as usize)),
        Cell::amount(line.expected_sales()),
        Cell::amount(line.expected_cost()),
        Cell::Number(format!("{:.1}", line.expected_months())),
        share(line.fails),
        share(line.locked),
        Cell::text(split.treatment.name()),
        Cell::amount(split.earned_in_all() * f64::from(quantity) / line.units as f64),
        Cell::text(line.basis.map_or("stated", |basis| basis.name())),
        Cell::Empty,
    ]);
    cells
}

/// Expected units and money by month after the purchase.
pub fn sell_through_table(lot: &Lot) -> Table {
    let mut table = Table::new(&[
        "month",
        "months_after_purchase",
        "units_sold",
        "units_recycled",
        "share_gone",
        "currency",
        "cash_in",
        "cash_in_so_far",
    ]);
    let (mut gone, mut cash) = (0.0, 0.0);
    for month in &lot.sell_through {
        gone += month.sold + month.recycled;
        cash += month.cash;
        table.rows.push(vec![
            Cell::text(lot.as_of.plus(month.month as i32).to_string()),
            Cell::number(month.month),
            Cell::amount(month.sold),
            Cell::amount(month.recycled),
            share(gone / lot.units() as f64),
            Cell::text(lot.terms.currency.code()),
            Cell::amount(month.cash),
            Cell::amount(cash),
        ]);
    }
    table
}

/// What is wrong with the list.
pub fn lot_findings_table(lot: &Lot, manifest: &Manifest) -> Table {
    let mut table =
        Table::new(&["code", "severity", "asset_id", "assets", "finding", "remedy", "file", "line"]);
    for finding in &lot.findings {
        let [file, line] = place_cells(&manifest.fleet, finding.row);
        table.rows.push(vec![
            Cell::text(finding.code),
            Cell::text(finding.severity.name()),
            Cell::optional(finding.asset_id.clone()),
            Cell::number(finding.assets),
            Cell::text(finding.message.clone()),
            Cell::text(finding.remedy),
            file,
            line,
        ]);
    }
    table
}

/// Everything as JSON.
pub fn lot_json(lot: &Lot, manifest: &Manifest) -> String {
    format!("{:#}\n", value(lot, manifest))
}

/// What the bid was made from, and the bid.
pub fn lot_manifest(lot: &Lot, manifest: &Manifest, models: &Models, policy: &Policy) -> String {
    let settings = serde_json::to_value(policy).unwrap_or(Value::Null);
    let made = json!({
        "residua": env!("CARGO_PKG_VERSION"),
        "as_of": lot.as_of.to_string(),
        "inputs": inputs(&manifest.fleet),
        "models": models_used(models),
        "settings_sha256": sha256(settings.to_string().as_bytes()),
        "settings": settings,
        "exchange_rates": rates_used(&manifest.fleet, policy),
        "draws": lot.terms.draws,
        "answer": answer(lot, manifest),
    });
    format!("{made:#}\n")
}

fn value(lot: &Lot, manifest: &Manifest) -> Value {
    let mut found = answer(lot, manifest);
    let lines: Vec<Value> = lot.lines.iter().enumerate().map(|(at, line)| line_json(lot, at, line)).collect();
    let left: Vec<Value> = lot
        .left_out
        .iter()
        .map(|left| json!({ "product": left.label, "units": left.units, "reason": left.reason, "remedy": left.remedy }))
        .collect();
    if let Value::Object(found) = &mut found {
        found.insert("lines".to_owned(), Value::Array(lines));
        found.insert("not_priced".to_owned(), Value::Array(left));
    }
    found
}

fn answer(lot: &Lot, manifest: &Manifest) -> Value {
    let bid = &lot.bid;
    let currency = lot.terms.currency;
    let fleet = &manifest.fleet;
    json!({
        "currency": currency,
        "bid": judged_json(&bid.judged),
        "limit": bid.limit.name(),
        "target_margin": lot.terms.margin,
        "most_chance_of_loss": lot.terms.max_loss,
        "highest_for_margin": amount(bid.by_margin),
        "highest_for_loss": amount(bid.by_loss),
        "reserve": bid.reserve,
        "expected_sales": amount(bid.expected_sales),
        "expected_cost": amount(bid.expected_cost),
        "own_luck_share_of_variance": format!("{:.4}", lot.own_luck),
        "asked": lot.asked.as_ref().map(judged_json),
        "revenue_share": lot.sharing.as_ref().map(|sharing| json!({
            "share": sharing.share,
            "fees": amount(sharing.fees),
            "deals": sharing.deals.iter().map(deal_json).collect::<Vec<_>>(),
        })),
        "rows": {
            "in": fleet.rows_in,
            "assets": fleet.assets.len(),
            "rejects": fleet.rejects.len(),
            "merged": fleet.rows_merged,
        },
        "units": { "priced": lot.units(), "not_priced": lot.left_out.iter().map(|left| left.units).sum::<u64>() },
        "findings": lot.findings.len(),
    })
}

fn line_json(lot: &Lot, at: usize, line: &Line) -> Value {
    let split = &lot.split[at];
    let conditions: Vec<Value> = line
        .conditions
        .iter()
        .map(|condition| {
            let name = match condition.kind {
                ConditionKind::Graded(grade) => grade.name(),
                ConditionKind::Locked => "locked",
            };
            json!({ "condition": name, "share": format!("{:.4}", condition.share), "treatment": condition.treatment.name() })
        })
        .collect();
    let earned: serde_json::Map<String, Value> = Treatment::ALL
        .iter()
        .map(|treatment| (treatment.name().replace(' ', "_"), amount(split.earned[*treatment as usize])))
        .collect();
    json!({
        "product": line.label,
        "class": line.class,
        "units": line.units,
        "grade": line.graded.words,
        "price": lot.bid.lines[at],
        "sales_each": amount(line.expected_sales()),
        "cost_each": amount(line.expected_cost()),
        "months_to_sell": format!("{:.1}", line.expected_months()),
        "treatment": split.treatment.name(),
        "earned_by_split": earned,
        "conditions": conditions,
        "basis": line.basis.map_or("stated", |basis| basis.name()),
    })
}

fn judged_json(judged: &Judged) -> Value {
    json!({
        "price": judged.price,
        "margin": format!("{:.6}", judged.margin),
        "chance_of_loss": format!("{:.4}", judged.loss),
        "profit": quantiles_json(&judged.profit),
    })
}

fn deal_json(deal: &Deal) -> Value {
    json!({
        "fees_taken": match deal.taken { FeesOrder::BeforeSplit => "before", FeesOrder::AfterSplit => "after" },
        "owner": quantiles_json(&deal.owner),
        "vendor": quantiles_json(&deal.vendor),
        "chance_owner_below_bid": format!("{:.4}", deal.owner_below_bid),
        "chance_vendor_loses": format!("{:.4}", deal.vendor_loses),
    })
}

fn quantiles_json(quantiles: &Quantiles) -> Value {
    json!({
        "mean": amount(quantiles.mean),
        "p10": amount(quantiles.p10),
        "p50": amount(quantiles.p50),
        "p90": amount(quantiles.p90),
    })
}

/// An amount as decimal text, so that no reader loses a cent to a float.
fn amount(value: f64) -> Value {
    // All currencies have at most two decimals here; the dollar stands for them.
    Money::from_major(value, Currency::USD).map_or(Value::Null, |money| json!(money))
}
