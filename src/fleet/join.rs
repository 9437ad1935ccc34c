//! Rows about one unit become one asset.
//!
//! In: assets of all files in reading order. Out: one asset for each unit, fields that the leading row leaves open
//! filled from the others, with the row they came from; findings where rows disagree; ids made unique. Two rows are
//! one unit when their serial numbers are the same and nothing rules it out: tags that differ, makers that differ,
//! models whose telling words differ, or other quantities. A serial number on three or more different tags is no
//! serial number but a label, and joins nothing.

use std::collections::{HashMap, HashSet};

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
    let labels = serials_that_are_labels(&rows);
    let mut assets: Vec<Asset> = Vec::with_capacity(rows.len());
    let mut by_serial: HashMap<String, usize> = HashMap::new();
    let mut findings = Vec::new();
    let mut merged = 0;
    let mut became = Vec::with_capacity(rows.len());
    for row in rows {
        let own = row.serial.as_ref().filter(|serial| !labels.contains(*serial));
        let known = own.and_then(|serial| by_serial.get(serial).copied());
        match known {
            Some(at) if can_be_one(&assets[at], &row) => {
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
                            "serial {} also stands on {}, another tag, maker or model: both are kept",
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

/// Serial numbers that stand on three or more different tags.
fn serials_that_are_labels(rows: &[Asset]) -> HashSet<String> {
    let mut tags: HashMap<&String, HashSet<String>> = HashMap::new();
    for row in rows {
        if let (Some(serial), Some(tag)) = (&row.serial, &row.tag) {
            tags.entry(serial).or_default().insert(fold(tag));
        }
    }
    tags.into_iter().filter(|(_, tags)| tags.len() >= 3).map(|(serial, _)| serial.clone()).collect()
}

/// Whether two rows of one serial number can be one unit.
fn can_be_one(first: &Asset, second: &Asset) -> bool {
    let differ = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => fold(one) != fold(other),
        _ => false,
    };
    let same_tag = first.tag.is_some() && !differ(&first.tag, &second.tag) && second.tag.is_some();
    let tags_differ = match (&first.tag, &second.tag) {
        (Some(one), Some(other)) => bare_tag(one) != bare_tag(other),
        _ => false,
    };
    let makers_differ = match (&first.manufacturer, &second.manufacturer) {
        (Some(one), Some(other)) => first_word(one) != first_word(other),
        _ => false,
    };
    first.quantity == second.quantity
        && !tags_differ
        && (same_tag || (!makers_differ && models_agree(first, second)))
}

/// A tag without the letters and zeros in front, which systems add and drop: `DC-004417` and `DC-4417` are one.
fn bare_tag(tag: &str) -> String {
    let folded = fold(tag);
    let bare = folded.trim_start_matches(|character: char| character.is_alphabetic() || character == '0');
    if bare.is_empty() { folded } else { bare.to_owned() }
}

fn first_word(text: &str) -> String {
    fold(text.split_whitespace().next().unwrap_or("")).replace("hpe", "hp").replace("hewlett", "hp")
}

/// Whether one name holds the other's most telling word as a word of its own: the longest with a digit, or the whole.
fn models_agree(first: &Asset, second: &Asset) -> bool {
    let (Some(one), Some(other)) = (&first.model, &second.model) else { return true };
    let words = |text: &str| -> HashSet<String> {
        let mut words: HashSet<String> = text.split_whitespace().map(fold).collect();
        words.insert(fold(text));
        words
    };
    let numbers = |text: &str| -> HashSet<String> {
        words(text).into_iter().filter(|word| word.bytes().any(|byte| byte.is_ascii_digit())).collect()
    };
    let (in_one, in_other) = (numbers(one), numbers(other));
    if in_one.is_empty() || in_other.is_empty() {
        return words(one).intersection(&words(other)).next().is_some();
    }
    let missing = |from: &HashSet<String>, text: &str| {
        let whole = fold(text);
        from.iter()
            .filter(|word| word.len() < whole.len())
            .any(|word| !words(text).contains(word) && !whole.contains(word.as_str()))
    };
    // One of them may say more than the other, but not something else.
    !missing(&in_one, other) || !missing(&in_other, one)
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
    fill!(lease_reference, Field::LeaseReference);
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
