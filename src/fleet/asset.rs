//! One asset as a register describes it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;

use crate::catalog::{AssetClass, Precision};
use crate::units::{Currency, Month};

/// A canonical column of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Field {
    AssetId,
    Serial,
    Name,
    Class,
    Manufacturer,
    Model,
    RamGb,
    StorageGb,
    Cpu,
    CpuCount,
    Gpu,
    GpuCount,
    Grade,
    GradeScheme,
    PurchaseDate,
    InServiceDate,
    PurchaseCost,
    Currency,
    Site,
    Location,
    Status,
    Substate,
    Utilization,
    PowerW,
    WarrantyEnd,
    ContractEnd,
    ContractMonthly,
    ContractTransferable,
    LeaseEnd,
    LeaseReference,
    Ownership,
    BookMethod,
    BookLifeMonths,
    Salvage,
    Quantity,
    LastSeen,
    RetiredDate,
    Notes,
    ModelOrClass,
    LastAudited,
    FirstSeen,
    FirmwareDate,
    RecordCreated,
    RecordUpdated,
    WarrantyMonths,
    PlannedRetirement,
    LedgerId,
    OrderNumber,
    Enrolled,
    BookValue,
    RackUnit,
    /// Name of the unit in a register that residua wrote itself; the tag it bears stands beside it.
    UnitId,
}

impl Field {
    /// The column's name in the canonical register.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }
}

/// Where a row stands: the position of its file among those read, and its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowReference {
    /// Position of the file in [`crate::fleet::Fleet::files`].
    pub file: usize,
    /// First line of the record, from 1.
    pub line: u64,
}

/// A date of a register and how much of it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterDate {
    /// The day, the first of the month, or the first of July when only the year is written.
    pub date: Date,
    /// What was written.
    pub precision: Precision,
    /// The other reading of a day such as `03/04/2022` in a column that never says which part is the month.
    pub other: Option<Date>,
}

impl RegisterDate {
    /// The month of the date.
    pub fn month(self) -> Month {
        Month::from(self.date)
    }

    /// Whether every reading of the date is after `month`.
    pub fn is_after(self, month: Month) -> bool {
        self.month() > month && self.other.is_none_or(|other| Month::from(other) > month)
    }
}

/// Where an asset is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[allow(missing_docs)]
pub enum Status {
    InUse,
    InStock,
    InRepair,
    Retiring,
    Gone,
    Missing,
    OnOrder,
    #[default]
    Unknown,
}

impl Status {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Status::InUse => "in use",
            Status::InStock => "in stock",
            Status::InRepair => "in repair",
            Status::Retiring => "retiring",
            Status::Gone => "gone",
            Status::Missing => "missing",
            Status::OnOrder => "on order",
            Status::Unknown => "unknown",
        }
    }
}

/// Who may sell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[allow(missing_docs)]
pub enum Ownership {
    Owned,
    Leased,
    Personal,
    #[default]
    Unknown,
}

impl Ownership {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Ownership::Owned => "owned",
            Ownership::Leased => "leased",
            Ownership::Personal => "personal",
            Ownership::Unknown => "unknown",
        }
    }
}

/// Condition on one scale, best first. Vendor schemes are mapped to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Grade {
    A,
    B,
    C,
    D,
    ForParts,
}

impl Grade {
    /// All grades, best first.
    pub const ALL: [Grade; 5] = [Grade::A, Grade::B, Grade::C, Grade::D, Grade::ForParts];

    /// The letter files use.
    pub const fn name(self) -> &'static str {
        match self {
            Grade::A => "A",
            Grade::B => "B",
            Grade::C => "C",
            Grade::D => "D",
            Grade::ForParts => "parts",
        }
    }

    /// A grade written as a letter, or by a word of the used trade.
    pub fn from_letter(text: &str) -> Option<Grade> {
        match text.trim().to_ascii_lowercase().as_str() {
            "a" | "a+" | "a-" | "excellent" | "like new" | "as new" | "mint" => Some(Grade::A),
            "b" | "b+" | "b-" | "good" | "very good" | "v good" | "v. good" => Some(Grade::B),
            "c" | "c+" | "c-" | "fair" | "average" => Some(Grade::C),
            "d" | "poor" | "heavily used" | "heavy wear" => Some(Grade::D),
            "e" | "f" | "parts" | "for parts" | "spares" | "spares or repair" | "for spares" => {
                Some(Grade::ForParts)
            }
            "broken" | "faulty" | "defective" | "damaged" | "dead" | "not working" | "non-functional"
            | "non functional" | "broken screen" | "cracked" | "cracked screen" | "screen cracked"
            | "screen broken" | "smashed screen" | "water damage" | "water damaged" => Some(Grade::ForParts),
            _ => None,
        }
    }

    /// A SERI REC category such as `C4/F5`: the worse of the cosmetic (C0 to C9) and functional (F1 to F6)
    /// readings. C0 is "not categorised" and says nothing.
    pub fn from_rec(text: &str) -> Option<Grade> {
        let mut worst = None;
        for part in text.split(|character: char| !character.is_ascii_alphanumeric()) {
            let mut characters = part.chars();
            let (axis, digit) = (characters.next(), characters.next().and_then(|digit| digit.to_digit(10)));
            let grade = match (axis.map(|axis| axis.to_ascii_uppercase()), digit) {
                (Some('C'), Some(6..=9)) | (Some('F'), Some(5..=6)) => Grade::A,
                (Some('C'), Some(4..=5)) | (Some('F'), Some(4)) => Grade::B,
                (Some('C'), Some(3)) | (Some('F'), Some(2..=3)) => Grade::C,
                (Some('C'), Some(2)) => Grade::D,
                (Some('C' | 'F'), Some(1)) => Grade::ForParts,
                _ => continue,
            };
            worst = Some(worst.map_or(grade, |so_far: Grade| so_far.max(grade)));
        }
        worst
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A grade as a register writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatedGrade {
    /// The code.
    pub code: String,
    /// The scheme it belongs to, when one is named.
    pub scheme: Option<String>,
}

impl StatedGrade {
    /// The cells of a grade and of its scheme; nothing without a code.
    pub(crate) fn of(code: Option<&str>, scheme: Option<&str>) -> Option<Box<StatedGrade>> {
        let filled =
            |cell: Option<&str>| cell.map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned);
        Some(Box::new(StatedGrade { code: filled(code)?, scheme: filled(scheme) }))
    }
}

/// One asset. What the register does not say is `None` or the `Unknown` of its kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asset {
    /// Unique in the fleet: the tag, else the serial, else the name, else file and line.
    pub id: String,
    /// Serial number, upper case, placeholders removed.
    pub serial: Option<String>,
    /// Asset tag as written, placeholders removed.
    pub tag: Option<String>,
    /// Host or asset name.
    pub name: Option<String>,
    /// Class by the register's own word.
    pub class: Option<AssetClass>,
    /// Maker as written.
    pub manufacturer: Option<String>,
    /// Model as written.
    pub model: Option<String>,
    /// Installed memory, GB.
    pub ram_gb: Option<f64>,
    /// Installed storage, GB.
    pub storage_gb: Option<f64>,
    /// Processor as written.
    pub cpu: Option<String>,
    /// Sockets filled.
    pub cpu_count: Option<u32>,
    /// Accelerator as written.
    pub gpu: Option<String>,
    /// Accelerators installed.
    pub gpu_count: Option<u32>,
    /// Condition, when a grade and its scheme are known.
    pub grade: Option<Grade>,
    /// The grade as it stands in the register, understood or not.
    pub stated_grade: Option<Box<StatedGrade>>,
    /// Day of purchase.
    pub purchase_date: Option<RegisterDate>,
    /// Day of first use.
    pub in_service_date: Option<RegisterDate>,
    /// What one unit cost, in its currency.
    pub purchase_cost: Option<(f64, Currency)>,
    /// Site; the location when the register names no site.
    pub site: Option<String>,
    /// Place within the site.
    pub location: Option<String>,
    /// Rack or cabinet, where it stands in a column beside the place.
    pub rack: Option<String>,
    /// Lowest rack unit it takes, from 1.
    pub rack_unit: Option<u32>,
    /// Where it is in its life.
    pub status: Status,
    /// Must not leave while a legal hold lasts.
    pub legal_hold: bool,
    /// Average load, 0 to 1.
    pub utilization: Option<f64>,
    /// Measured or rated draw, watts.
    pub power_w: Option<f64>,
    /// End of the maker's warranty.
    pub warranty_end: Option<RegisterDate>,
    /// End of the support contract.
    pub contract_end: Option<RegisterDate>,
    /// What the support contract costs a month.
    pub contract_monthly: Option<(f64, Currency)>,
    /// Whether the contract can go to another unit.
    pub contract_transferable: Option<bool>,
    /// When the lease ends.
    pub lease_end: Option<RegisterDate>,
    /// The lease it is under, as written.
    pub lease_reference: Option<String>,
    /// Who may sell it.
    pub ownership: Ownership,
    /// Depreciation method as written.
    pub book_method: Option<String>,
    /// Depreciable life in months.
    pub book_life_months: Option<u32>,
    /// Salvage value for the books.
    pub salvage: Option<(f64, Currency)>,
    /// Units this record stands for.
    pub quantity: u32,
    /// Last day it was seen on the network or by audit.
    pub last_seen: Option<RegisterDate>,
    /// Last day somebody stood in front of it.
    pub last_audited: Option<RegisterDate>,
    /// First day a system knew of it: enrolment in device management, first discovery.
    pub first_seen: Option<RegisterDate>,
    /// Release of its firmware: the unit cannot have been built much later than its model, nor its model after this.
    pub firmware_date: Option<RegisterDate>,
    /// When its record was made.
    pub record_created: Option<RegisterDate>,
    /// When its record was last changed.
    pub record_updated: Option<RegisterDate>,
    /// Term of the maker's warranty, months.
    pub warranty_months: Option<u32>,
    /// When the register means to retire it.
    pub planned_retirement: Option<RegisterDate>,
    /// Month before which it has to stay, when a scenario says so; no register does.
    pub keep_until: Option<Month>,
    /// Last month in which it is to leave, when a scenario says so; no register does.
    pub leave_by: Option<Month>,
    /// Its line in the fixed-asset ledger.
    pub ledger_id: Option<String>,
    /// Purchase order.
    pub order_number: Option<String>,
    /// Enrolled in device management or registered for automatic set-up: locked until released.
    pub enrolled: Option<bool>,
    /// Net book value as the register states it.
    pub book_value: Option<(f64, Currency)>,
    /// Rows this asset was read from, the leading one first.
    pub rows: Vec<RowReference>,
    /// Fields that came from another row than the first.
    pub filled_from: BTreeMap<Field, RowReference>,
    /// Fields on which its rows disagree; every value is kept.
    pub conflicts: Vec<Conflict>,
    /// Probability that all its rows are this one unit: 1 for a single row.
    pub join_confidence: f64,
}

/// A field on which the rows of one unit disagree.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The field.
    pub field: Field,
    /// The values as text with the row each stands on; the one that is used first.
    pub values: Vec<(String, RowReference)>,
}

impl Asset {
    /// Maker and model in one text, without saying the maker twice.
    pub fn full_model(&self) -> String {
        match (&self.manufacturer, &self.model) {
            (Some(maker), Some(model)) => {
                let first_word = maker.split_whitespace().next().unwrap_or("").to_lowercase();
                if !first_word.is_empty() && model.to_lowercase().contains(&first_word) {
                    model.clone()
                } else {
                    format!("{maker} {model}")
                }
            }
            (None, Some(model)) => model.clone(),
            (Some(maker), None) => maker.clone(),
            (None, None) => String::new(),
        }
    }

    /// When the unit began its life with this owner: purchase, else first use.
    pub fn acquired(&self) -> Option<RegisterDate> {
        self.purchase_date.or(self.in_service_date)
    }

    /// Whether nobody uses it: in stock, or retired and waiting, or with a recorded load of zero.
    pub fn is_idle(&self) -> bool {
        matches!(self.status, Status::InStock | Status::Retiring) || self.utilization == Some(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rec_category_takes_the_worse_axis() {
        assert_eq!(Grade::from_rec("C6/F5"), Some(Grade::A));
        assert_eq!(Grade::from_rec("F5 / C3"), Some(Grade::C));
        assert_eq!(Grade::from_rec("C1"), Some(Grade::ForParts));
        assert_eq!(Grade::from_rec("C0"), None);
        assert_eq!(Grade::from_rec("B"), None);
    }
}
