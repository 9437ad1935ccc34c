//! One row of a table into one asset, or the reason why not.
//!
//! In: the cells of a row, the file's columns and the styles its columns are written in. Out: an [`Asset`], or
//! a [`Fault`] naming the column, the text and what would make it right; and [`Finding`]s for cells that were
//! read with a doubt. Fields that decide the value (dates of purchase and use, cost, quantity) reject the
//! row when they are impossible; a bad cell elsewhere is set aside with a finding.

use std::collections::{BTreeMap, BTreeSet};

use super::amounts::{self, AmountCell, AmountStyle};
use super::columns::Columns;
use super::dates::{self, DateCell, DateStyle};
use super::findings::{Finding, Severity};
use super::table::Row;
use super::{Asset, Field, Grade, Ownership, RegisterDate, RowReference, Status, notes, words};
use crate::units::{Currency, ExchangeRates};

/// Why a row cannot be an asset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub column: String,
    pub text: String,
    pub reason: String,
    pub remedy: String,
}

/// How one file's columns are written, and what money may be in it.
pub(super) struct FileContext<'a> {
    pub file: usize,
    pub columns: &'a Columns,
    pub dates: BTreeMap<usize, DateStyle>,
    pub amounts: BTreeMap<usize, AmountStyle>,
    /// Columns of load that are written in per cent.
    pub load_in_percent: BTreeSet<usize>,
    pub default_currency: Currency,
    pub rates: &'a ExchangeRates,
}

/// The fields that hold dates.
pub(super) const DATE_FIELDS: [Field; 13] = [
    Field::PurchaseDate,
    Field::InServiceDate,
    Field::WarrantyEnd,
    Field::ContractEnd,
    Field::LeaseEnd,
    Field::LastSeen,
    Field::RetiredDate,
    Field::LastAudited,
    Field::FirstSeen,
    Field::FirmwareDate,
    Field::RecordCreated,
    Field::RecordUpdated,
    Field::PlannedRetirement,
];

/// The fields that hold money.
pub(super) const AMOUNT_FIELDS: [Field; 4] =
    [Field::PurchaseCost, Field::ContractMonthly, Field::Salvage, Field::BookValue];

/// A cost below this many dollars is a sign or a slip: no unit of IT hardware worth a register costs less.
const LEAST_COST: f64 = 5.0;

/// A cost from this on is beyond any unit, in any currency.
const MOST_COST: f64 = 1e9;

/// One row with its context.
struct Record<'a> {
    context: &'a FileContext<'a>,
    row: Row<'a>,
    findings: Vec<(&'static str, Severity, String, &'static str)>,
}

/// Reads a row. The findings belong to the asset that comes with them.
pub(super) fn asset(context: &FileContext<'_>, row: Row<'_>) -> Result<(Asset, Vec<Finding>), Fault> {
    let mut record = Record { context, row, findings: Vec::new() };
    let asset = record.asset()?;
    let findings = std::mem::take(&mut record.findings)
        .into_iter()
        .map(|(code, severity, message, remedy)| Finding::about(&asset, code, severity, message, remedy))
        .collect();
    Ok((asset, findings))
}

impl Record<'_> {
    fn asset(&mut self) -> Result<Asset, Fault> {
        self.check_width()?;
        let tag = self.cell(Field::AssetId).and_then(words::tag);
        let serial = self.cell(Field::Serial).and_then(words::serial);
        let name = self.text(Field::Name);
        let model = self.text(Field::Model);
        if tag.is_none() && serial.is_none() && name.is_none() && model.is_none() {
            return Err(self.fault(
                Field::AssetId,
                "the row names no asset",
                "give it a tag, a serial number or a model",
            ));
        }
        if serial.is_none()
            && model.is_none()
            && [&tag, &name].into_iter().flatten().any(|text| words::is_total(text))
        {
            return Err(self.fault(
                Field::AssetId,
                "a total and not an asset",
                "leave sums out of the export",
            ));
        }
        let (status, legal_hold) = self.status();
        let purchase_date = self.essential_date(Field::PurchaseDate)?;
        let in_service_date = self.essential_date(Field::InServiceDate)?;
        let purchase_date = purchase_date.or_else(|| self.date_in_notes(in_service_date.is_some()));
        let currency = self.currency()?;
        let purchase_cost = self.cost(currency)?;
        let id = tag
            .clone()
            .or_else(|| serial.clone())
            .or_else(|| name.clone())
            .unwrap_or_else(|| format!("file{}-line{}", self.context.file + 1, self.row.line));
        let site = self.text(Field::Site).or_else(|| self.text(Field::Location));
        Ok(Asset {
            id,
            serial,
            tag,
            name,
            class: self.class(),
            manufacturer: self.text(Field::Manufacturer),
            model,
            ram_gb: self.memory(),
            storage_gb: self.number(Field::StorageGb),
            cpu: self.text(Field::Cpu),
            cpu_count: self.count(Field::CpuCount),
            gpu: self.text(Field::Gpu),
            gpu_count: self.number(Field::GpuCount).filter(|count| *count <= 64.0).map(|count| count as u32),
            grade: self.grade(),
            purchase_date,
            in_service_date,
            purchase_cost,
            site,
            location: self.text(Field::Location),
            status: self.retired(status),
            legal_hold,
            utilization: self.utilization(),
            power_w: self.number(Field::PowerW).filter(|watts| *watts > 0.0),
            warranty_end: self.side_date(Field::WarrantyEnd),
            contract_end: self.side_date(Field::ContractEnd),
            contract_monthly: self.side_amount(Field::ContractMonthly, currency),
            contract_transferable: self.yes_no(Field::ContractTransferable),
            lease_end: self.side_date(Field::LeaseEnd),
            ownership: self.ownership(),
            book_method: self.text(Field::BookMethod),
            book_life_months: self.count(Field::BookLifeMonths),
            salvage: self.side_amount(Field::Salvage, currency),
            quantity: self.quantity()?,
            last_seen: self.side_date(Field::LastSeen),
            last_audited: self.side_date(Field::LastAudited),
            first_seen: self.side_date(Field::FirstSeen),
            firmware_date: self.side_date(Field::FirmwareDate),
            record_created: self.side_date(Field::RecordCreated),
            record_updated: self.side_date(Field::RecordUpdated),
            warranty_months: self.count(Field::WarrantyMonths),
            planned_retirement: self.side_date(Field::PlannedRetirement),
            keep_until: None,
            ledger_id: self.text(Field::LedgerId),
            order_number: self.text(Field::OrderNumber),
            enrolled: self.yes_no(Field::Enrolled),
            book_value: self.side_amount(Field::BookValue, currency),
            rows: vec![RowReference { file: self.context.file, line: self.row.line }],
            filled_from: BTreeMap::new(),
            conflicts: Vec::new(),
            join_confidence: 1.0,
        })
    }

    fn check_width(&self) -> Result<(), Fault> {
        let (found, wanted) = (self.row.len(), self.context.columns.width());
        if found == wanted {
            return Ok(());
        }
        let kind = if found < wanted { "short" } else { "long" };
        Err(Fault {
            column: String::new(),
            text: self.row.iter().collect::<Vec<_>>().join(" | ").chars().take(200).collect(),
            reason: format!("the row is too {kind}: {found} cells under {wanted} headers"),
            remedy: "quote cells that contain the delimiter or a line break, and export again".into(),
        })
    }

    /// The first column of a field that holds something, as position and text.
    fn filled(&self, field: Field) -> Option<(usize, &str)> {
        self.context
            .columns
            .of(field)
            .iter()
            .filter_map(|position| Some((*position, self.row.get(*position)?)))
            .find(|(_, cell)| !words::is_placeholder(cell))
    }

    fn cell(&self, field: Field) -> Option<&str> {
        self.filled(field).map(|(_, cell)| cell)
    }

    fn text(&self, field: Field) -> Option<String> {
        self.cell(field).and_then(words::text)
    }

    fn number(&self, field: Field) -> Option<f64> {
        self.cell(field).and_then(amounts::plain_number)
    }

    fn count(&self, field: Field) -> Option<u32> {
        self.number(field).filter(|count| *count >= 1.0 && *count <= 1e6).map(|count| count as u32)
    }

    fn fault(&self, field: Field, reason: &str, remedy: &str) -> Fault {
        let (column, text) = match self.filled(field) {
            Some((position, text)) => (self.context.columns.header(position).to_owned(), text.to_owned()),
            None => (String::new(), String::new()),
        };
        Fault { column, text, reason: reason.to_owned(), remedy: remedy.to_owned() }
    }

    fn date(&mut self, field: Field) -> Option<Result<RegisterDate, String>> {
        let (position, text) = self.filled(field)?;
        let text = text.to_owned();
        let style = *self.context.dates.get(&position)?;
        match dates::date(&text, style) {
            DateCell::Nothing => None,
            DateCell::Impossible => Some(Err(text)),
            DateCell::Date(date) => {
                if let Some(other) = date.other {
                    self.findings.push((
                        "DQ-08",
                        Severity::Warns,
                        format!("`{text}` could be {} or {other}; read as the former", date.date),
                        "export dates as YYYY-MM-DD",
                    ));
                }
                Some(Ok(date))
            }
        }
    }

    fn essential_date(&mut self, field: Field) -> Result<Option<RegisterDate>, Fault> {
        match self.date(field).transpose() {
            Ok(date) => Ok(date),
            Err(text) => Err(self.fault(
                field,
                &format!("`{text}` is not a day of the calendar"),
                "write the date as YYYY-MM-DD, or leave it blank when unknown",
            )),
        }
    }

    fn side_date(&mut self, field: Field) -> Option<RegisterDate> {
        match self.date(field)? {
            Ok(date) => Some(date),
            Err(text) => {
                let column = self.fault(field, "", "").column;
                self.findings.push((
                    "DQ-11",
                    Severity::Notes,
                    format!("{column} `{text}` is not a day of the calendar: set aside"),
                    "write the date as YYYY-MM-DD",
                ));
                None
            }
        }
    }

    /// "Purchased 1/2021" or "Purchased June 2023" in a note, when no date column says more.
    fn date_in_notes(&mut self, has_other_date: bool) -> Option<RegisterDate> {
        if has_other_date {
            return None;
        }
        let note = self.cell(Field::Notes)?.to_owned();
        let date = notes::purchase(&note)?;
        self.findings.push((
            "DQ-10",
            Severity::Notes,
            format!("purchase month {} taken from a note", crate::units::Month::from(date.date)),
            "put the purchase date in its own column",
        ));
        Some(date)
    }

    fn currency(&self) -> Result<Option<Currency>, Fault> {
        let Some(text) = self.cell(Field::Currency).filter(|text| !text.eq_ignore_ascii_case("XXX")) else {
            return Ok(None);
        };
        let Ok(currency) = amounts::named_currency(text) else {
            return Err(self.fault(
                Field::Currency,
                "not a currency code",
                "write three letters, for example USD",
            ));
        };
        if self.cell(Field::PurchaseCost).is_some() {
            self.context
                .rates
                .dollars_per(currency)
                .map_err(|error| self.fault(Field::Currency, "no exchange rate", &error.to_string()))?;
        }
        Ok(Some(currency))
    }

    /// The purchase cost. Zero means "not recorded" in every export known.
    fn cost(&mut self, stated: Option<Currency>) -> Result<Option<(f64, Currency)>, Fault> {
        let Some((position, text)) = self.filled(Field::PurchaseCost) else { return Ok(None) };
        let text = text.to_owned();
        let fault = |record: &Self, reason, remedy| Err(record.fault(Field::PurchaseCost, reason, remedy));
        match amounts::amount(&text, self.context.amounts.get(&position).copied().unwrap_or_default()) {
            AmountCell::Nothing => Ok(None),
            AmountCell::Unreadable => {
                self.findings.push((
                    "DQ-09",
                    Severity::Warns,
                    format!("cost `{text}` is not an amount of money: not used"),
                    "write a plain number, for example 1389.00, and the currency in its own column",
                ));
                Ok(None)
            }
            AmountCell::Amount { value, .. } if !value.is_finite() || value >= MOST_COST => {
                fault(self, "too large to be a price", "write what one unit cost")
            }
            AmountCell::Amount { value, .. } if value < 0.0 => {
                fault(self, "a price cannot be negative", "write what one unit cost, or leave it blank")
            }
            AmountCell::Amount { value: 0.0, .. } => Ok(None),
            AmountCell::Amount { value, currency, .. }
                if self.in_dollars(value, stated.or(currency)) < LEAST_COST =>
            {
                self.findings.push((
                    "DQ-09",
                    Severity::Warns,
                    format!("a cost of `{text}` for one unit is not believable: not used"),
                    "write what one unit cost",
                ));
                Ok(None)
            }
            AmountCell::Amount { value, currency, ambiguous } => {
                if ambiguous {
                    self.findings.push((
                        "DQ-09",
                        Severity::Warns,
                        format!("`{text}` could be thousands or a decimal; read as {value}"),
                        "export amounts with two decimals",
                    ));
                }
                let currency = stated
                    .or(currency)
                    .or(self.context.columns.currency(position))
                    .unwrap_or(self.context.default_currency);
                match self.context.rates.dollars_per(currency) {
                    Ok(_) => Ok(Some((value, currency))),
                    Err(error) => fault(self, "no exchange rate", &error.to_string()),
                }
            }
        }
    }

    /// An amount in dollars, as far as there is a rate.
    fn in_dollars(&self, value: f64, currency: Option<Currency>) -> f64 {
        let currency = currency.unwrap_or(self.context.default_currency);
        value * self.context.rates.dollars_per(currency).unwrap_or(1.0)
    }

    fn side_amount(&mut self, field: Field, stated: Option<Currency>) -> Option<(f64, Currency)> {
        let (position, text) = self.filled(field)?;
        let style = self.context.amounts.get(&position).copied().unwrap_or_default();
        match amounts::amount(text, style) {
            AmountCell::Amount { value, currency, .. }
                if value.is_finite() && (0.0..1e12).contains(&value) =>
            {
                Some((value, stated.or(currency).unwrap_or(self.context.default_currency)))
            }
            _ => None,
        }
    }

    fn quantity(&self) -> Result<u32, Fault> {
        let Some((_, text)) = self.filled(Field::Quantity) else { return Ok(1) };
        match amounts::plain_number(text) {
            Some(count) if (1.0..=1e6).contains(&count) && count.fract() == 0.0 && !text.starts_with('-') => {
                Ok(count as u32)
            }
            _ => Err(self.fault(Field::Quantity, "not a number of units", "write a whole number from 1")),
        }
    }

    /// A date of retirement or disposal in the past means that it is gone, whatever the state says; beside a state
    /// of use that is a contradiction.
    fn retired(&mut self, status: Status) -> Status {
        let Some(date) = self.side_date(Field::RetiredDate) else { return status };
        if status == Status::InUse {
            self.findings.push((
                "DQ-11",
                Severity::Warns,
                format!("in use, though retired on {}: planned as in use", date.date),
                "clear the date, or correct the state",
            ));
            return status;
        }
        if matches!(status, Status::Retiring | Status::InStock) { status } else { Status::Gone }
    }

    /// Load, 0 to 1, by the style of its column: per cent where any cell is above one.
    fn utilization(&mut self) -> Option<f64> {
        let (position, text) = self.filled(Field::Utilization)?;
        let share = amounts::share(text, self.context.load_in_percent.contains(&position));
        if share.is_none() {
            let text = text.to_owned();
            self.findings.push((
                "DQ-15",
                Severity::Notes,
                format!("utilization `{text}` is not a share of 0 to 100 %: not used"),
                "write a share such as 0.72 or 72%",
            ));
        }
        share
    }

    /// Installed memory in GB. Discovery tools write MB; no register has above eight terabytes.
    fn memory(&self) -> Option<f64> {
        self.number(Field::RamGb)
            .filter(|size| *size > 0.0)
            .map(|size| if size > 8192.0 { size / 1024.0 } else { size })
    }

    fn status(&mut self) -> (Status, bool) {
        let main = self.known_word(Field::Status, words::status, "state");
        let sub = self.known_word(Field::Substate, words::status, "state");
        let legal_hold = [main, sub].iter().flatten().any(|(_, hold)| *hold);
        let (main, sub) = (main.map(|(status, _)| status), sub.map(|(status, _)| status));
        let status = match (main, sub) {
            // What is gone or missing by either column is not there.
            (Some(status @ (Status::Gone | Status::Missing)), _) => status,
            (_, Some(status @ (Status::Gone | Status::Missing | Status::Retiring | Status::InRepair))) => {
                status
            }
            (Some(status), _) => status,
            (None, Some(status)) => status,
            (None, None) => Status::Unknown,
        };
        (status, legal_hold)
    }

    /// The meaning of a word, or a finding that nobody knows it.
    fn known_word<T>(
        &mut self,
        field: Field,
        meaning: impl Fn(&str) -> Option<T>,
        what: &'static str,
    ) -> Option<T> {
        let text = self.cell(field)?.to_owned();
        let found = meaning(&text);
        if found.is_none() {
            self.findings.push((
                "DQ-22",
                Severity::Warns,
                format!("{what} `{text}` is not a word that is known: taken as unknown"),
                "write it as In use, In stock, In repair, Retired, Disposed or Missing (ownership: owned, leased, personal)",
            ));
        }
        found
    }

    fn ownership(&mut self) -> Ownership {
        match self.known_word(Field::Ownership, words::ownership, "ownership") {
            Some(ownership) => ownership,
            None if self.cell(Field::LeaseEnd).is_some() => Ownership::Leased,
            None => Ownership::Unknown,
        }
    }

    fn class(&self) -> Option<crate::catalog::AssetClass> {
        let positions = self.context.columns.of(Field::Class);
        positions.iter().find_map(|position| words::class(self.row.get(*position)?))
    }

    fn yes_no(&self, field: Field) -> Option<bool> {
        match words::fold(self.cell(field)?).as_str() {
            "yes" | "true" | "1" | "y" | "ja" | "oui" | "si" | "sim" => Some(true),
            "no" | "false" | "0" | "n" | "nein" | "non" | "nao" => Some(false),
            _ => None,
        }
    }

    fn grade(&mut self) -> Option<Grade> {
        let text = self.text(Field::Grade)?;
        let scheme = self.cell(Field::GradeScheme).map(words::fold);
        let letter = Grade::from_letter(&text);
        let rec = Grade::from_rec(&text);
        match scheme.as_deref() {
            Some(scheme)
                if ["rec", "r2", "seri"].iter().any(|name| scheme.contains(name)) && rec.is_some() =>
            {
                rec
            }
            Some(scheme) if scheme.contains("abc") && letter.is_some() => letter,
            // A letter is the same in every letter scheme; a digit scale is best-first in one and
            // worst-first in another.
            None if letter.is_some() => letter,
            _ => {
                self.findings.push((
                    "DQ-13",
                    Severity::Warns,
                    format!("grade `{text}` without a scheme that is known: the same code is good in one scheme and bad in another; not used"),
                    "name the scheme in grade_scheme (ABC or SERI REC)",
                ));
                None
            }
        }
    }
}
