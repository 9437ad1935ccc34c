//! Rows about one unit become one asset.
//!
//! In: assets of all files in reading order. Out: one asset for each serial number, fields that the leading row
//! leaves open filled from the others, with the row they came from; findings where rows disagree; ids made
//! unique. Rows of one serial and two different models are not one unit: both stay, with a finding.

use std::collections::HashMap;

use super::findings::{Finding, Severity};
use super::words::fold;
use super::{Asset, Field, Ownership, Status};

/// Joined assets, the number of rows merged into others, and what did not agree.
pub(super) struct Joined {
    pub assets: Vec<Asset>,
    pub merged: usize,
    pub findings: Vec<Finding>,
    /// For each input asset, the position of the asset it became.
    pub became: Vec<usize>,
}

/// Merges by serial number and makes ids unique.
pub(super) fn join(rows: Vec<Asset>) -> Joined {
    let mut assets: Vec<Asset> = Vec::with_capacity(rows.len());
    let mut by_serial: HashMap<String, usize> = HashMap::new();
    let mut findings = Vec::new();
    let mut merged = 0;
    let mut became = Vec::with_capacity(rows.len());
    for row in rows {
        let known = row.serial.as_ref().and_then(|serial| by_serial.get(serial).copied());
        match known {
            Some(at) if models_agree(&assets[at], &row) => {
                merged += 1;
                became.push(at);
                findings.extend(merge(&mut assets[at], row));
            }
            _ => {
                if let Some(at) = known {
                    findings.push(Finding::about(
                        &row,
                        "DQ-03",
                        Severity::Warns,
                        format!(
                            "serial {} also stands on {}, a different model",
                            row.serial.as_deref().unwrap_or(""),
                            assets[at].id
                        ),
                        "read the serial numbers off both units",
                    ));
                } else if let Some(serial) = &row.serial {
                    by_serial.insert(serial.clone(), assets.len());
                }
                became.push(assets.len());
                assets.push(row);
            }
        }
    }
    findings.extend(make_ids_unique(&mut assets));
    Joined { assets, merged, findings, became }
}

/// Whether two rows of one serial can be one unit: one of them names no model, or one name holds the other's
/// most telling word (the longest with a digit).
fn models_agree(first: &Asset, second: &Asset) -> bool {
    let (Some(one), Some(other)) = (&first.model, &second.model) else { return true };
    let telling = |text: &str| -> String {
        text.split_whitespace()
            .filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()))
            .map(fold)
            .max_by_key(String::len)
            .unwrap_or_else(|| fold(text))
    };
    let (one_folded, other_folded) = (fold(one), fold(other));
    other_folded.contains(&telling(one)) || one_folded.contains(&telling(other))
}

/// Fills the open fields of `asset` from `row` and lists where both speak and disagree.
fn merge(asset: &mut Asset, row: Asset) -> Vec<Finding> {
    let source = row.rows[0];
    let mut conflicts: Vec<String> = Vec::new();
    macro_rules! fill {
        ($field:ident, $name:expr) => {
            match (&asset.$field, &row.$field) {
                (None, Some(_)) => {
                    asset.$field = row.$field.clone();
                    asset.filled_from.insert($name, source);
                }
                (Some(kept), Some(other)) if kept != other => {
                    conflicts.push(stringify!($field).replace('_', " "));
                }
                _ => {}
            }
        };
    }
    fill!(tag, Field::AssetId);
    fill!(name, Field::Name);
    fill!(class, Field::Class);
    fill!(manufacturer, Field::Manufacturer);
    fill!(model, Field::Model);
    fill!(ram_gb, Field::RamGb);
    fill!(storage_gb, Field::StorageGb);
    fill!(cpu, Field::Cpu);
    fill!(cpu_count, Field::CpuCount);
    fill!(gpu, Field::Gpu);
    fill!(gpu_count, Field::GpuCount);
    fill!(grade, Field::Grade);
    fill!(purchase_date, Field::PurchaseDate);
    fill!(in_service_date, Field::InServiceDate);
    fill!(purchase_cost, Field::PurchaseCost);
    fill!(site, Field::Site);
    fill!(location, Field::Location);
    fill!(utilization, Field::Utilization);
    fill!(power_w, Field::PowerW);
    fill!(warranty_end, Field::WarrantyEnd);
    fill!(contract_end, Field::ContractEnd);
    fill!(contract_monthly, Field::ContractMonthly);
    fill!(contract_transferable, Field::ContractTransferable);
    fill!(lease_end, Field::LeaseEnd);
    fill!(book_method, Field::BookMethod);
    fill!(book_life_months, Field::BookLifeMonths);
    fill!(salvage, Field::Salvage);
    if asset.last_seen.map(|seen| seen.date) < row.last_seen.map(|seen| seen.date) {
        asset.last_seen = row.last_seen;
        asset.filled_from.insert(Field::LastSeen, source);
    }
    if asset.status == Status::Unknown {
        asset.status = row.status;
    } else if row.status != Status::Unknown && row.status != asset.status {
        conflicts.push("status".into());
    }
    if asset.ownership == Ownership::Unknown {
        asset.ownership = row.ownership;
    }
    asset.legal_hold |= row.legal_hold;
    asset.rows.extend(row.rows);
    let mut findings = vec![Finding::about(
        asset,
        "DQ-03",
        Severity::Notes,
        format!(
            "serial {} stands on {} rows: counted once",
            asset.serial.as_deref().unwrap_or(""),
            asset.rows.len()
        ),
        "remove the extra row, or correct its serial number",
    )];
    if !conflicts.is_empty() {
        findings.push(Finding::about(
            asset,
            "DQ-05",
            Severity::Warns,
            format!("rows of this unit disagree on {}: the first row is used", conflicts.join(", ")),
            "correct the source that is wrong",
        ));
    }
    findings
}

/// Gives the second and later asset of one id a suffix, and says that the tag is not unique.
fn make_ids_unique(assets: &mut [Asset]) -> Vec<Finding> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let all: std::collections::HashSet<String> = assets.iter().map(|asset| asset.id.clone()).collect();
    let mut findings = Vec::new();
    for asset in assets {
        let original = asset.id.clone();
        let count = taken.entry(original.clone()).or_insert(0);
        *count += 1;
        if *count == 1 {
            continue;
        }
        while all.contains(&format!("{original}#{count}")) {
            *count += 1;
        }
        asset.id = format!("{original}#{count}");
        let (what, remedy) = if asset.tag.is_some() {
            ("tag", "give one of the units another tag")
        } else {
            ("name", "give the units tags or serial numbers")
        };
        findings.push(Finding::about(
            asset,
            "DQ-04",
            Severity::Warns,
            format!("the {what} {original} stands on another unit as well; listed here as {}", asset.id),
            remedy,
        ));
    }
    findings
}
