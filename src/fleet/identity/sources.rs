//! What one kind of system knows and another does not.
//!
//! In: joined assets and the kind of each register. Out: findings: units that only the data centre or device management know
//! (DQ-02), units that only the books know although others like them are seen (DQ-01), and records of several units beside
//! which the units stand one by one (DQ-24), so that nothing is silently counted twice.

use std::collections::BTreeMap;

use super::super::findings::{Finding, Severity};
use super::super::{Asset, SourceKind, Status};
use super::merge::{makers_agree, models_agree};
use crate::catalog::AssetClass;

/// Share of a class that must be seen before the unseen ones are told: below it the tool does not watch the class.
const WATCHED: f64 = 0.5;

/// Days by which a delivery and its records can differ.
const SAME_DELIVERY_DAYS: i32 = 60;

/// Units of a record that are named; the others are counted.
const MOST_NAMED: usize = 5;

/// Compares what the kinds of systems know.
pub(super) fn findings(assets: &[Asset], kinds: &[SourceKind]) -> Vec<Finding> {
    let of = |asset: &Asset, wanted: &[SourceKind]| {
        asset.rows.iter().any(|row| kinds.get(row.file).is_some_and(|kind| wanted.contains(kind)))
    };
    let books = [SourceKind::Itam, SourceKind::Ledger];
    let eyes = [SourceKind::Dcim, SourceKind::Discovery];
    let both = |wanted: &[SourceKind]| kinds.iter().any(|kind| wanted.contains(kind));
    let in_ledger_only =
        |asset: &Asset| asset.rows.iter().all(|row| kinds.get(row.file) == Some(&SourceKind::Ledger));
    let mut found = bulk(assets, &in_ledger_only);
    if !both(&books) || !both(&eyes) {
        return found;
    }
    let mut classes: BTreeMap<Option<AssetClass>, (usize, usize)> = BTreeMap::new();
    for asset in assets.iter().filter(|asset| of(asset, &books)) {
        let (seen, all) = classes.entry(asset.class).or_default();
        *seen += usize::from(of(asset, &eyes));
        *all += 1;
    }
    for asset in assets {
        let (in_books, in_sight) = (of(asset, &books), of(asset, &eyes));
        if in_sight && !in_books {
            found.push(Finding::about(
                asset,
                "DQ-02",
                Severity::Warns,
                "found by another system, unknown to asset management and ledger".into(),
                "find its owner and enter it, or give it back",
            ));
        }
        let watched =
            classes.get(&asset.class).is_some_and(|(seen, all)| *seen as f64 >= WATCHED * *all as f64);
        let expected =
            !matches!(asset.status, Status::Gone | Status::Missing | Status::InStock | Status::OnOrder);
        if in_books && !in_sight && watched && expected && asset.quantity == 1 {
            found.push(Finding::about(
                asset,
                "DQ-01",
                Severity::Warns,
                "only the books know it, though others like it are seen: it may be a ghost".into(),
                "confirm it with a floor check or a network sighting",
            ));
        }
    }
    found
}

/// Lines of a ledger for several units beside which units of that model and delivery, or of that cost, stand one by one in
/// another register.
fn bulk(assets: &[Asset], in_ledger_only: &dyn Fn(&Asset) -> bool) -> Vec<Finding> {
    let records =
        assets.iter().filter(|asset| asset.quantity > 1 && asset.model.is_some() && in_ledger_only(asset));
    records
        .filter_map(|record| {
            let covered: Vec<&str> = assets
                .iter()
                .filter(|unit| unit.quantity == 1 && unit.model.is_some())
                .filter(|unit| !in_ledger_only(unit) && is_of(record, unit))
                .map(|unit| unit.id.as_str())
                .take(record.quantity as usize)
                .collect();
            let more = covered.len().saturating_sub(MOST_NAMED);
            let named = covered.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            (!covered.is_empty()).then(|| {
                Finding::about(
                    record,
                    "DQ-24",
                    Severity::Warns,
                    format!(
                        "one ledger line for {} units, of which {named}{others} may stand one by one as well: counted twice",
                        record.quantity
                    ),
                    "take the units that stand one by one off the record",
                )
            })
        })
        .collect()
}

fn is_of(record: &Asset, unit: &Asset) -> bool {
    let dates = record.acquired().zip(unit.acquired());
    let same_delivery =
        dates.is_some_and(|(one, other)| (one.date - other.date).get_days().abs() <= SAME_DELIVERY_DAYS);
    let same_cost =
        record.purchase_cost.zip(unit.purchase_cost).is_some_and(|((one, currency), (other, of))| {
            currency == of && (one - other).abs() <= 0.02 * one.max(other)
        });
    models_agree(record, unit) && makers_agree(record, unit) && (same_delivery || same_cost)
}
