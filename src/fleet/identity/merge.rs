//! Rows about one unit become one asset, field by field.
//!
//! In: the rows of one unit in reading order and the kind of system each comes from. Out: one asset. Each field is
//! taken from the most reliable system that speaks (discovery reads the machine, the ledger knows dates and costs, the
//! data centre knows the place), then from the fresher record, then from the row read first. What the others say
//! otherwise is kept as a [`Conflict`].

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::super::findings::{Finding, Severity};
use super::super::words::fold;
use super::super::{Asset, Conflict, Field, Ownership, RegisterDate, RowReference, SourceKind, Status};
use super::keys::bare_tag;
use crate::catalog::Precision;

/// How reliable kinds of systems are about a group of fields, the best first.
const MACHINE: [SourceKind; 5] =
    [SourceKind::Discovery, SourceKind::Audit, SourceKind::Dcim, SourceKind::Itam, SourceKind::Ledger];
const MONEY: [SourceKind; 3] = [SourceKind::Ledger, SourceKind::Itam, SourceKind::Discovery];
const PLACE: [SourceKind; 3] = [SourceKind::Dcim, SourceKind::Itam, SourceKind::Discovery];

/// Positions of rows, the most reliable first.
fn order(rows: &[Asset], kinds: &[SourceKind], ranking: &[SourceKind]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| {
        let rank = ranking.iter().position(|kind| *kind == kinds[*at]).unwrap_or(ranking.len());
        (rank, std::cmp::Reverse(freshness(&rows[*at])), *at)
    });
    order
}

/// Positions of rows, those first whose tag stands on most rows: a system's own record number stands on one.
fn by_agreement(rows: &[Asset]) -> Vec<usize> {
    let bare: Vec<Option<String>> = rows.iter().map(|row| row.tag.as_deref().map(bare_tag)).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| {
        let alike = bare.iter().filter(|tag| **tag == bare[*at]).count();
        let written_alike = rows.iter().filter(|row| row.tag == rows[*at].tag).count();
        (std::cmp::Reverse(alike), std::cmp::Reverse(written_alike), *at)
    });
    order
}

fn freshness(row: &Asset) -> Option<Date> {
    row.record_updated.max_by_day(row.last_seen)
}

/// The later of two dates.
trait Later {
    fn max_by_day(self, other: Self) -> Option<Date>;
}

impl Later for Option<RegisterDate> {
    fn max_by_day(self, other: Self) -> Option<Date> {
        self.map(|date| date.date).max(other.map(|date| date.date))
    }
}

/// One asset of the rows of one unit.
pub(super) fn merge(mut rows: Vec<Asset>, kinds: &[SourceKind]) -> Asset {
    let machine = order(&rows, kinds, &MACHINE);
    let money = order(&rows, kinds, &MONEY);
    let place = order(&rows, kinds, &PLACE);
    let fresh = order(&rows, kinds, &[]);
    let tags = by_agreement(&rows);
    let sources: Vec<RowReference> = rows.iter().map(|row| row.rows[0]).collect();
    let (mut filled, mut conflicts) = (Vec::new(), Vec::new());
    macro_rules! settle {
        ($order:ident, $same:expr, $show:expr; $($field:ident $name:ident),*) => {$(
            let spoken: Vec<usize> = $order.iter().copied().filter(|at| rows[*at].$field.is_some()).collect();
            if let Some(first) = spoken.first().copied() {
                let said = |at: usize| rows[at].$field.as_ref();
                if spoken.iter().any(|at| said(*at).zip(said(first)).is_some_and(|(one, other)| !$same(one, other))) {
                    let values = spoken.iter().filter_map(|at| Some(($show(said(*at)?), sources[*at]))).collect();
                    conflicts.push(Conflict { field: Field::$name, values });
                }
                if first != 0 {
                    filled.push((Field::$name, sources[first]));
                    rows[0].$field = rows[first].$field.clone();
                }
            }
        )*};
    }
    let same_text = |one: &String, other: &String| fold(one) == fold(other);
    let same_tag = |one: &String, other: &String| bare_tag(one) == bare_tag(other);
    let same_maker = |one: &String, other: &String| first_word(one) == first_word(other);
    let same_model = |one: &String, other: &String| model_texts_agree(one, other);
    let same_amount = |one: &(f64, _), other: &(f64, _)| one.1 == other.1 && (one.0 - other.0).abs() < 0.005;
    let text = |value: &String| value.clone();
    let day = |value: &RegisterDate| value.date.to_string();
    let amount = |value: &(f64, crate::units::Currency)| format!("{:.2} {}", value.0, value.1);
    settle!(machine, same_text, text; serial Serial, name Name, cpu Cpu, gpu Gpu);
    settle!(tags, same_tag, text; tag AssetId);
    settle!(machine, same_maker, text; manufacturer Manufacturer);
    settle!(machine, same_model, text; model Model);
    settle!(machine, PartialEq::eq, f64::to_string; ram_gb RamGb, storage_gb StorageGb);
    settle!(machine, PartialEq::eq, u32::to_string; cpu_count CpuCount, gpu_count GpuCount);
    settle!(machine, PartialEq::eq, |value: &crate::catalog::AssetClass| value.name().to_owned(); class Class);
    settle!(fresh, PartialEq::eq, |value: &super::super::Grade| value.name().to_owned(); grade Grade);
    settle!(money, same_date, day; purchase_date PurchaseDate, in_service_date InServiceDate,
        warranty_end WarrantyEnd, contract_end ContractEnd, lease_end LeaseEnd,
        planned_retirement PlannedRetirement);
    settle!(machine, same_date, day; firmware_date FirmwareDate);
    settle!(money, same_amount, amount; purchase_cost PurchaseCost, contract_monthly ContractMonthly,
        salvage Salvage, book_value BookValue);
    settle!(money, same_text, text; lease_reference LeaseReference, book_method BookMethod, ledger_id LedgerId, order_number OrderNumber);
    settle!(money, PartialEq::eq, u32::to_string; book_life_months BookLifeMonths, warranty_months WarrantyMonths);
    settle!(place, same_text, text; site Site, location Location);
    settle!(place, PartialEq::eq, u32::to_string; rack_unit RackUnit);
    rows[0].rack = place.iter().find_map(|at| rows[*at].rack.clone());
    settle!(fresh, PartialEq::eq, f64::to_string; utilization Utilization, power_w PowerW);
    settle!(fresh, PartialEq::eq, bool::to_string; contract_transferable ContractTransferable, enrolled Enrolled);
    words(&mut rows, &fresh, &sources, &mut filled, &mut conflicts);
    sightings(&mut rows, &sources, &mut filled);
    let all: Vec<RowReference> = rows.iter().flat_map(|row| row.rows.iter().copied()).collect();
    let mut asset = rows.swap_remove(0);
    asset.rows = all;
    asset.filled_from.extend(filled);
    asset.conflicts.extend(conflicts);
    if let Some(id) = asset.tag.as_ref().or(asset.serial.as_ref()).or(asset.name.as_ref()) {
        asset.id.clone_from(id);
    }
    asset
}

/// Dates are one when they are the same day, or the same month where one of them says no more.
fn same_date(one: &RegisterDate, other: &RegisterDate) -> bool {
    match (one.precision, other.precision) {
        (Precision::Day, Precision::Day) => one.date == other.date,
        (Precision::Day | Precision::Month, Precision::Day | Precision::Month) => {
            one.month() == other.month()
        }
        _ => one.date.year() == other.date.year(),
    }
}

/// State, ownership and legal hold.
fn words(
    rows: &mut [Asset],
    fresh: &[usize],
    sources: &[RowReference],
    filled: &mut Vec<(Field, RowReference)>,
    conflicts: &mut Vec<Conflict>,
) {
    let mut spoken: Vec<usize> =
        fresh.iter().copied().filter(|at| rows[*at].status != Status::Unknown).collect();
    // What one system calls gone or missing is that, unless another has seen it.
    let away = |at: &usize| matches!(rows[*at].status, Status::Gone | Status::Missing);
    let seen = |at: &usize| rows[*at].last_seen.or(rows[*at].last_audited).is_some();
    if !spoken.iter().any(|at| !away(at) && seen(at)) {
        spoken.sort_by_key(|at| !away(at));
    }
    if let Some(first) = spoken.first().copied() {
        if spoken.iter().any(|at| rows[*at].status != rows[first].status) {
            let values = spoken.iter().map(|at| (rows[*at].status.name().to_owned(), sources[*at])).collect();
            conflicts.push(Conflict { field: Field::Status, values });
        }
        if first != 0 {
            filled.push((Field::Status, sources[first]));
            rows[0].status = rows[first].status;
        }
    }
    let owners: Vec<usize> =
        fresh.iter().copied().filter(|at| rows[*at].ownership != Ownership::Unknown).collect();
    if let Some(first) = owners.first().copied() {
        if owners.iter().any(|at| rows[*at].ownership != rows[first].ownership) {
            let values =
                owners.iter().map(|at| (rows[*at].ownership.name().to_owned(), sources[*at])).collect();
            conflicts.push(Conflict { field: Field::Ownership, values });
        }
        if first != 0 {
            filled.push((Field::Ownership, sources[first]));
            rows[0].ownership = rows[first].ownership;
        }
    }
    rows[0].legal_hold = rows.iter().any(|row| row.legal_hold);
}

/// The latest sighting, audit and change; the first time it was known.
fn sightings(rows: &mut [Asset], sources: &[RowReference], filled: &mut Vec<(Field, RowReference)>) {
    macro_rules! choose {
        ($better:expr; $($field:ident $name:ident),*) => {$(
            let mut best: Option<(Date, usize)> = None;
            for (at, row) in rows.iter().enumerate() {
                let Some(date) = row.$field else { continue };
                if best.is_none_or(|(so_far, _)| $better(&date.date, &so_far)) {
                    best = Some((date.date, at));
                }
            }
            if let Some((_, at)) = best && at != 0 {
                filled.push((Field::$name, sources[at]));
                rows[0].$field = rows[at].$field;
            }
        )*};
    }
    choose!(Date::gt; last_seen LastSeen, last_audited LastAudited, record_updated RecordUpdated);
    choose!(Date::lt; first_seen FirstSeen, record_created RecordCreated);
}

/// Whether two rows of one register can tell of one unit twice: they share an identifier and contradict each other in none.
pub(super) fn can_be_one(first: &Asset, second: &Asset) -> bool {
    let agree = |one: &Option<String>, other: &Option<String>, form: &dyn Fn(&str) -> String| {
        one.as_deref().zip(other.as_deref()).map(|(one, other)| form(one) == form(other))
    };
    let serial = agree(&first.serial, &second.serial, &fold);
    let tag = agree(&first.tag, &second.tag, &bare_tag);
    let name = agree(&first.name, &second.name, &fold);
    // Who writes the same serial number and the same tag twice may well name the model in two ways.
    let certain = serial == Some(true) && tag == Some(true);
    first.quantity == second.quantity
        && ![serial, tag].contains(&Some(false))
        && [serial, tag, name].contains(&Some(true))
        && (certain || (makers_agree(first, second) && models_agree(first, second)))
}

/// Whether the makers are one, or one of them is not named.
pub(super) fn makers_agree(first: &Asset, second: &Asset) -> bool {
    match (&first.manufacturer, &second.manufacturer) {
        (Some(one), Some(other)) => first_word(one) == first_word(other),
        _ => true,
    }
}

fn first_word(text: &str) -> String {
    fold(text.split_whitespace().next().unwrap_or("")).replace("hpe", "hp").replace("hewlett", "hp")
}

/// Whether one name holds the other's most telling word as a word of its own: the longest with a digit, or the whole.
pub(super) fn models_agree(first: &Asset, second: &Asset) -> bool {
    match (&first.model, &second.model) {
        (Some(one), Some(other)) => model_texts_agree(one, other),
        _ => true,
    }
}

fn model_texts_agree(one: &str, other: &str) -> bool {
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

/// Gives the second and later asset of one id a suffix, and says that the tag is not unique.
pub(super) fn make_ids_unique(assets: &mut [Asset]) -> Vec<Finding> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    let all: HashSet<String> = assets.iter().map(|asset| asset.id.clone()).collect();
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

/// What a joined asset has to tell: that a file has it twice, and where its rows disagree.
pub(super) fn findings(asset: &Asset) -> Vec<Finding> {
    let mut found = Vec::new();
    let files: HashSet<usize> = asset.rows.iter().map(|row| row.file).collect();
    if files.len() < asset.rows.len() {
        found.push(Finding::about(
            asset,
            "DQ-03",
            Severity::Notes,
            format!(
                "serial {} stands on {} rows: counted once",
                asset.serial.as_deref().unwrap_or(""),
                asset.rows.len()
            ),
            "remove the extra row, or correct its serial number",
        ));
    }
    let place = |conflict: &&Conflict| matches!(conflict.field, Field::Site | Field::Location);
    let told = |conflicts: Vec<&Conflict>| -> String {
        let each = conflicts.iter().map(|conflict| {
            let values: Vec<&str> = conflict.values.iter().map(|(value, _)| value.as_str()).collect();
            format!("{:?}: {}", conflict.field, values.join(" / "))
        });
        each.collect::<Vec<_>>().join("; ")
    };
    let (places, others): (Vec<&Conflict>, Vec<&Conflict>) = asset.conflicts.iter().partition(place);
    for (code, conflicts) in [("DQ-18", places), ("DQ-05", others)] {
        if !conflicts.is_empty() {
            found.push(Finding::about(
                asset,
                code,
                Severity::Warns,
                format!("rows of this unit disagree (the value used stands first): {}", told(conflicts)),
                "correct the source that is wrong",
            ));
        }
    }
    found
}
