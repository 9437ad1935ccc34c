//! What is wrong with the data, by the codes of the field guide (DQ-01 to DQ-30).
//!
//! In: joined assets and the month from which one looks. Out: [`Finding`]s that say what it is, where, what it
//! does to the valuation and what to do.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Precision;
use crate::units::{Month, counted};

use super::{Asset, Ownership, RegisterDate, RowReference, Status};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Severity {
    Blocks,
    Warns,
    Notes,
}

impl Severity {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Blocks => "blocks",
            Severity::Warns => "warns",
            Severity::Notes => "notes",
        }
    }
}

/// One thing wrong with the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Code of the check, `DQ-01` to `DQ-30`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The asset, when it is about one.
    pub asset_id: Option<String>,
    /// The row, when it is about one.
    pub row: Option<RowReference>,
    /// How many assets it touches.
    pub assets: usize,
    /// What is wrong.
    pub message: String,
    /// What would settle it.
    pub remedy: &'static str,
}

impl Finding {
    pub(crate) fn about(
        asset: &Asset,
        code: &'static str,
        severity: Severity,
        message: String,
        remedy: &'static str,
    ) -> Finding {
        Finding {
            code,
            severity,
            asset_id: Some(asset.id.clone()),
            row: asset.rows.first().copied(),
            assets: 1,
            message,
            remedy,
        }
    }

    pub(crate) fn about_many(
        code: &'static str,
        severity: Severity,
        assets: usize,
        message: String,
        remedy: &'static str,
    ) -> Finding {
        Finding { code, severity, asset_id: None, row: None, assets, message, remedy }
    }
}

/// What a plan replaces by what else speaks of the age.
pub(crate) const NO_DATE: &str = "no purchase or in-service date";

/// Codes of the checks and what each is about.
pub const CHECKS: [(&str, &str); 30] = [
    ("DQ-01", "may not exist: long unseen, or recorded as missing"),
    ("DQ-02", "found by another system, unknown to the register"),
    ("DQ-03", "serial number on several records"),
    ("DQ-04", "tag or name on several units"),
    ("DQ-05", "sources contradict each other"),
    ("DQ-06", "no serial number"),
    ("DQ-07", "identifier destroyed by a spreadsheet"),
    ("DQ-08", "date that can be read in two ways"),
    ("DQ-09", "cost missing, ambiguous or far from its kind"),
    ("DQ-10", "no date of purchase or first use"),
    ("DQ-11", "dates that cannot all be true"),
    ("DQ-12", "condition unknown"),
    ("DQ-13", "grade of an unknown scheme"),
    ("DQ-14", "may be locked"),
    ("DQ-15", "load or wear unknown"),
    ("DQ-16", "configuration unknown"),
    ("DQ-17", "model unknown to the catalog"),
    ("DQ-18", "sources disagree where it is"),
    ("DQ-19", "few units at their site"),
    ("DQ-20", "may not be yours to sell"),
    ("DQ-21", "on legal hold"),
    ("DQ-22", "already gone, or in a state nobody knows"),
    ("DQ-23", "drives unknown"),
    ("DQ-24", "one record for several units"),
    ("DQ-25", "record untouched for long"),
    ("DQ-26", "currency missing, or its rate is old"),
    ("DQ-27", "export may be cut off"),
    ("DQ-28", "no IT gear"),
    ("DQ-29", "part of another unit in the register"),
    ("DQ-30", "settlement does not match"),
];

/// What a check is about.
pub fn check_title(code: &str) -> Option<&'static str> {
    CHECKS.iter().find(|(of, _)| *of == code).map(|(_, title)| *title)
}

/// Months without a sighting after which an asset may be a ghost.
const GHOST_MONTHS: i32 = 6;

/// Months for which a physical audit speaks for a unit.
const AUDIT_MONTHS: i32 = 12;

/// Months a record may stay untouched.
const STALE_MONTHS: i32 = 18;

/// Units, and share of the fleet, that one day must have bought to look like the day of an import.
const IMPORT_UNITS: usize = 30;
const IMPORT_SHARE: f64 = 0.3;

/// Checks every asset by itself, and the fleet as a whole.
pub(crate) fn check(assets: &[Asset], as_of: Month) -> Vec<Finding> {
    let mut findings: Vec<Finding> = assets.iter().flat_map(|asset| check_one(asset, as_of)).collect();
    let count = |test: &dyn Fn(&Asset) -> bool| assets.iter().filter(|asset| test(asset)).count();
    let without_serial = count(&|asset| asset.serial.is_none());
    if without_serial > 0 {
        findings.push(Finding::about_many(
            "DQ-06",
            Severity::Warns,
            without_serial,
            format!(
                "no usable serial number for {}: locks and warranty cannot be checked before sale",
                counted(without_serial, "asset")
            ),
            "export serial numbers from the discovery tool or read them off the units",
        ));
    }
    let without_grade = count(&|asset| asset.grade.is_none());
    if without_grade > 0 {
        findings.push(Finding::about_many(
            "DQ-12",
            Severity::Notes,
            without_grade,
            format!(
                "no usable grade for {}: valued as the usual mixture of conditions, with a wider interval",
                counted(without_grade, "asset")
            ),
            "grade a sample of each batch, and name the scheme (ABC or SERI REC)",
        ));
    }
    let without_cost = count(&|asset| asset.purchase_cost.is_none());
    if without_cost > 0 {
        findings.push(Finding::about_many(
            "DQ-09",
            Severity::Notes,
            without_cost,
            format!(
                "no purchase cost for {}: no book value, gain or loss can be given for them",
                counted(without_cost, "asset")
            ),
            "take the cost from the asset ledger or the purchase order line",
        ));
    }
    let stale = count(&|asset| is_stale(asset, as_of));
    if stale > 0 {
        findings.push(Finding::about_many(
            "DQ-25",
            Severity::Notes,
            stale,
            format!("{stale} records were not touched for {STALE_MONTHS} months, nor their units seen since"),
            "export again from a system that is kept up to date",
        ));
    }
    findings.extend(import_days(assets));
    findings
}

/// Whether nobody touched a record for long, nor saw its unit since.
pub fn is_stale(asset: &Asset, as_of: Month) -> bool {
    let old =
        |date: Option<RegisterDate>| date.is_none_or(|date| as_of.months_since(date.month()) > STALE_MONTHS);
    asset.record_updated.is_some()
        && [asset.record_updated, asset.last_seen, asset.last_audited].into_iter().all(old)
}

/// Days on which so much and so many different things were bought that they are days of an import.
fn import_days(assets: &[Asset]) -> Vec<Finding> {
    let mut days: BTreeMap<jiff::civil::Date, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for asset in assets {
        if let Some(bought) = asset.purchase_date.filter(|date| date.precision == Precision::Day) {
            let day = days.entry(bought.date).or_default();
            day.0 += 1;
            day.1.extend(asset.model.as_deref());
        }
    }
    let least = (IMPORT_SHARE * assets.len() as f64).max(IMPORT_UNITS as f64);
    let suspect = days.into_iter().filter(|(_, (units, models))| *units as f64 >= least && models.len() >= 5);
    let finding = |(day, (units, models)): (jiff::civil::Date, (usize, BTreeSet<&str>))| {
        let models = models.len();
        Finding::about_many(
            "DQ-11",
            Severity::Warns,
            units,
            format!(
                "{units} assets of {models} models were all bought on {day}: that may be the day of an import"
            ),
            "take the dates from invoices or the asset ledger",
        )
    };
    suspect.map(finding).collect()
}

fn check_one(asset: &Asset, as_of: Month) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code, severity, message: String, remedy| {
        found.push(Finding::about(asset, code, severity, message, remedy));
    };
    let unseen = asset.last_seen.map(|seen| as_of.months_since(seen.month()));
    let recently_audited =
        asset.last_audited.is_some_and(|audit| as_of.months_since(audit.month()) <= AUDIT_MONTHS);
    if asset.status == Status::Missing {
        add(
            "DQ-01",
            Severity::Blocks,
            "recorded as missing: it brings nothing until found".into(),
            "look for it, or write it off",
        );
    } else if let Some(months) = unseen.filter(|months| *months > GHOST_MONTHS && !recently_audited) {
        add(
            "DQ-01",
            Severity::Warns,
            format!("not seen for {months} months: it may be a ghost"),
            "confirm it with a floor check or a network sighting",
        );
    }
    if asset.acquired().is_none() {
        add(
            "DQ-10",
            Severity::Warns,
            NO_DATE.into(),
            "find the invoice date, or the warranty end and its term",
        );
    }
    for message in contradictions(asset, as_of) {
        add("DQ-11", Severity::Warns, message, "correct the date that is wrong");
    }
    if asset.legal_hold {
        add(
            "DQ-21",
            Severity::Blocks,
            "on legal hold: it must not leave".into(),
            "ask counsel for the release date",
        );
    }
    if asset.status == Status::Gone {
        add(
            "DQ-22",
            Severity::Blocks,
            "recorded as sold, disposed or returned: left out of every total".into(),
            "remove it from the register, or correct its state",
        );
    }
    if asset.ownership == Ownership::Leased && asset.lease_end.is_none() {
        add(
            "DQ-20",
            Severity::Warns,
            "leased, with no lease end".into(),
            "take the end date from the lease contract",
        );
    }
    if asset.ownership == Ownership::Unknown && asset.lease_reference.is_some() {
        add(
            "DQ-20",
            Severity::Warns,
            "a lease is named, but not whether it still runs: it may not be yours to sell".into(),
            "look its lease up",
        );
    }
    if asset.ownership == Ownership::Personal {
        add(
            "DQ-20",
            Severity::Blocks,
            "personally owned: not yours to sell".into(),
            "leave it out of the export",
        );
    }
    if asset.quantity > 1 {
        add(
            "DQ-24",
            Severity::Notes,
            format!(
                "one record for {} units: each is valued alike, and its cost is read as the cost of one unit",
                asset.quantity
            ),
            "list the units one by one with their serial numbers",
        );
    }
    if asset.full_model().is_empty() {
        add("DQ-17", Severity::Warns, "no model: nothing to look up".into(), "fill in maker and model");
    }
    found
}

/// Dates of one asset that cannot all be true.
fn contradictions(asset: &Asset, as_of: Month) -> Vec<String> {
    let mut found = Vec::new();
    let day = |date: RegisterDate| date.date;
    if let (Some(bought), Some(used)) = (asset.purchase_date, asset.in_service_date)
        && bought.month().months_since(used.month()) > if bought.precision == Precision::Year { 6 } else { 1 }
    {
        found.push(format!("in service on {}, before its purchase on {}", day(used), day(bought)));
    }
    if let (Some(bought), Some(warranty)) = (asset.acquired(), asset.warranty_end)
        && warranty.date < bought.date
    {
        found.push(format!("warranty ended on {}, before its purchase on {}", day(warranty), day(bought)));
    }
    if let Some(bought) = asset.acquired()
        && bought.is_after(as_of)
    {
        found.push(format!("bought on {}, after the as-of month {as_of}: left out of the plan", day(bought)));
    }
    found
}
