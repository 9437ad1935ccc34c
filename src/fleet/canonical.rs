//! The canonical register: any fleet as one CSV file that reads back as the same assets.
//!
//! In: assets. Out: the columns of the register in their fixed order, then those that only other systems' exports fill.
//! Days are written as far as they are known (`2022-08-15`, `2022-08`, `2022`, and both readings where there are two:
//! `2022-12-03 or 2022-03-12`). A text that a spreadsheet would take for a formula has an apostrophe before it.

use super::{Asset, RegisterDate};
use crate::catalog::Precision;
use crate::units::Currency;

/// The columns, in order: those of every register, then the further ones.
pub(super) const COLUMNS: [&str; 50] = [
    "asset_id",
    "serial",
    "class",
    "manufacturer",
    "model",
    "ram_gb",
    "storage_gb",
    "cpu",
    "cpu_count",
    "gpu",
    "gpu_count",
    "grade",
    "grade_scheme",
    "purchase_date",
    "in_service_date",
    "purchase_cost",
    "currency",
    "site",
    "location",
    "status",
    "utilization",
    "power_w",
    "warranty_end",
    "contract_end",
    "contract_monthly",
    "contract_transferable",
    "lease_end",
    "ownership",
    "book_method",
    "book_life_months",
    "salvage",
    "quantity",
    "last_seen",
    "asset_tag",
    "name",
    "substate",
    "last_audited",
    "first_seen",
    "firmware_date",
    "record_created",
    "record_updated",
    "warranty_months",
    "planned_retirement",
    "ledger_id",
    "order_number",
    "enrolled",
    "book_value",
    "lease_reference",
    "rack",
    "rack_unit",
];

/// Writes assets as a canonical register.
pub fn canonical_register(assets: &[Asset]) -> Vec<u8> {
    let mut text = COLUMNS.join(",");
    text.push('\n');
    for asset in assets {
        let cells: Vec<String> = cells(asset).iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text.into_bytes()
}

fn cells(asset: &Asset) -> [String; 50] {
    let currency = row_currency(asset);
    let money =
        |amount: Option<(f64, Currency)>| amount.map_or(String::new(), |amount| written(amount, currency));
    let text = |text: &Option<String>| text.as_deref().map_or(String::new(), without_formula);
    let known = |is_known: bool, name: &str| if is_known { name.to_owned() } else { String::new() };
    [
        without_formula(&asset.id),
        text(&asset.serial),
        asset.class.map_or(String::new(), |class| class.name().to_owned()),
        text(&asset.manufacturer),
        text(&asset.model),
        number(asset.ram_gb),
        number(asset.storage_gb),
        text(&asset.cpu),
        number(asset.cpu_count),
        text(&asset.gpu),
        number(asset.gpu_count),
        asset.grade.map_or(String::new(), |grade| grade.name().to_owned()),
        known(asset.grade.is_some(), "ABC"),
        date(asset.purchase_date),
        date(asset.in_service_date),
        money(asset.purchase_cost),
        currency.map_or(String::new(), |currency| currency.to_string()),
        text(&asset.site),
        text(&asset.location),
        known(asset.status != super::Status::Unknown, asset.status.name()),
        number(asset.utilization),
        number(asset.power_w),
        date(asset.warranty_end),
        date(asset.contract_end),
        money(asset.contract_monthly),
        yes_no(asset.contract_transferable),
        date(asset.lease_end),
        known(asset.ownership != super::Ownership::Unknown, asset.ownership.name()),
        text(&asset.book_method),
        number(asset.book_life_months),
        money(asset.salvage),
        asset.quantity.to_string(),
        date(asset.last_seen),
        text(&asset.tag),
        text(&asset.name),
        known(asset.legal_hold, "legal hold"),
        date(asset.last_audited),
        date(asset.first_seen),
        date(asset.firmware_date),
        date(asset.record_created),
        date(asset.record_updated),
        number(asset.warranty_months),
        date(asset.planned_retirement),
        text(&asset.ledger_id),
        text(&asset.order_number),
        yes_no(asset.enrolled),
        money(asset.book_value),
        text(&asset.lease_reference),
        text(&asset.rack),
        number(asset.rack_unit),
    ]
}

/// The currency of a row's column: the cost's, else that of the first other amount.
fn row_currency(asset: &Asset) -> Option<Currency> {
    let amounts = [asset.purchase_cost, asset.contract_monthly, asset.salvage, asset.book_value];
    amounts.into_iter().flatten().map(|(_, currency)| currency).next()
}

/// An amount with never just three decimals, which could be thousands; with its currency when the row's is another.
fn written((value, own): (f64, Currency), row: Option<Currency>) -> String {
    let mut text = format!("{value}");
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match decimals {
        0 => text.push_str(".00"),
        1 | 3 => text.push('0'),
        _ => {}
    }
    if Some(own) == row { text } else { format!("{text} {own}") }
}

fn number<N: std::fmt::Display>(value: Option<N>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn yes_no(value: Option<bool>) -> String {
    value.map_or(String::new(), |value| if value { "yes" } else { "no" }.to_owned())
}

fn date(value: Option<RegisterDate>) -> String {
    let Some(value) = value else { return String::new() };
    let day = value.date.to_string();
    match (value.precision, value.other) {
        (_, Some(other)) => format!("{day} or {other}"),
        (Precision::Day, None) => day,
        (Precision::Month | Precision::Quarter, None) => day[..7].to_owned(),
        (Precision::Year, None) => day[..4].to_owned(),
    }
}

/// A text that no spreadsheet takes for a formula.
fn without_formula(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
