//! One row of a table into one asset, or the reason why not.
//!
//! In: the cells of a row, the file's columns and the styles its columns are written in. Out: an [`Asset`], or
//! a [`Fault`] naming the column, the text and what would make it right; and [`Finding`]s for cells that were
//! read with a doubt. Fields that decide the value (dates of purchase and use, cost, quantity) reject the
//! row when they are impossible; a bad cell elsewhere is set aside with a finding.

use std::collections::BTreeMap;

use super::findings::{Finding, Severity};
use super::measures::{self, Measured, SizeUnit, TermUnit};
use super::read::Reject;
use super::styles::FileContext;
use super::table::Row;
use super::words::ClassWord;
use super::{
    Asset, Field, Grade, Ownership, RowReference, StatedGrade, Status, amounts, holds, words, wrapped,
};
use crate::catalog::AssetClass;

/// Why a row cannot be an asset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fault {
    pub column: String,
    pub text: String,
    pub reason: String,
    pub remedy: String,
}

impl Fault {
    /// The row is refused.
    pub(super) fn at(self, row: RowReference) -> Reject {
        Reject { row, column: self.column, text: self.text, reason: self.reason, remedy: self.remedy }
    }
}

/// Longest part of a cell or row that is shown.
const SHOWN: usize = 200;

/// No rack is higher: a larger number, or none above nothing, says that the unit is not in one.
const HIGHEST_RACK_UNIT: u32 = 60;

/// What stands between tag and model in a display name.
const BEFORE_MODEL: &str = " - ";

/// What headers of racks have in them.
const RACK_WORDS: [&str; 3] = ["rack", "cabinet", "container"];

/// One row with its context.
pub(super) struct Record<'a> {
    pub context: &'a FileContext<'a>,
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

/// The name that a row's asset bears.
pub(super) fn name(context: &FileContext<'_>, row: Row<'_>) -> String {
    let mut record = Record { context, row, findings: Vec::new() };
    let own = record.text(Field::UnitId).or_else(|| record.tag()).or_else(|| record.serial());
    own.or_else(|| record.text(Field::Name)).unwrap_or_else(|| record.name_of_place())
}

/// Whether a cell surely tells a model, and no tag before it.
pub(super) fn is_plain_model(cell: &str) -> bool {
    !words::is_placeholder(cell) && !cell.contains(BEFORE_MODEL) && !cell.contains(['+', '@'])
}

/// Adds to a key what the names of a row decide besides its name, for rows alike in all else: whether it is an asset where it
/// tells no model, and what its model is where that can begin with the tag.
pub(super) fn add_naming(context: &FileContext<'_>, row: Row<'_>, key: &mut Vec<u8>) {
    let mut record = Record { context, row, findings: Vec::new() };
    let model = record.cell(Field::Model);
    if model.is_some_and(is_plain_model) {
        return;
    }
    // Refused for its class, whatever its name.
    let Ok((_, model)) = record.class_and_model() else { return };
    let (tag, serial, name) = (record.tag(), record.serial(), record.text(Field::Name));
    let before = tag.as_deref().map(|tag| format!("{tag}{BEFORE_MODEL}"));
    if before.zip(model.as_deref()).is_some_and(|(before, model)| model.starts_with(&before)) {
        key.push(1);
    }
    if record.check_identity(&tag, &serial, &name, &model).is_err() {
        // The refusal shows the cell.
        key.push(2);
        key.extend_from_slice(record.cell(Field::AssetId).unwrap_or("").as_bytes());
    }
}

impl<'a> Record<'a> {
    fn asset(&mut self) -> Result<Asset, Fault> {
        self.check_width()?;
        let tag = self.tag();
        let serial = self.serial();
        let name = self.text(Field::Name);
        let (class, model) = self.class_and_model()?;
        // Display names put the tag before the model.
        let before = tag.as_deref().map(|tag| format!("{tag}{BEFORE_MODEL}"));
        let model =
            model.map(|model| match before.as_deref().and_then(|before| model.strip_prefix(before)) {
                Some(bare) => bare.trim().to_owned(),
                None => model,
            });
        self.check_identity(&tag, &serial, &name, &model)?;
        let (status, legal_hold) = self.status();
        let purchase_date = self.essential_date(Field::PurchaseDate)?;
        let in_service_date = self.essential_date(Field::InServiceDate)?;
        let purchase_date = purchase_date.or_else(|| self.date_in_notes(in_service_date.is_some()));
        let currency = self.currency()?;
        let quantity = self.quantity()?;
        let money = self.money(currency, quantity)?;
        let id = self
            .text(Field::UnitId)
            .or_else(|| tag.clone())
            .or_else(|| serial.clone())
            .or_else(|| name.clone())
            .unwrap_or_else(|| self.name_of_place());
        let wrapping = &self.context.profile.wrapped;
        let (site, location) = wrapped::place(wrapping, self.text(Field::Site), self.text(Field::Location));
        let book_method = self.text(Field::BookMethod);
        Ok(holds::filled(Asset {
            id,
            serial,
            tag,
            name,
            class,
            manufacturer: self.text(Field::Manufacturer),
            model,
            ram_gb: self.size(Field::RamGb, Measured::Memory),
            storage_gb: self.size(Field::StorageGb, Measured::Storage),
            cpu: self.text(Field::Cpu),
            cpu_count: self.count(Field::CpuCount),
            gpu: self.text(Field::Gpu),
            gpu_count: self.number(Field::GpuCount).filter(|count| *count <= 64.0).map(|count| count as u32),
            grade: self.grade(),
            stated_grade: StatedGrade::of(self.cell(Field::Grade), self.cell(Field::GradeScheme)),
            purchase_date,
            in_service_date,
            purchase_cost: money.cost,
            site,
            location,
            status: self.retired(status),
            legal_hold,
            utilization: self.utilization(),
            power_w: self.number(Field::PowerW).filter(|watts| *watts > 0.0),
            warranty_end: self.side_date(Field::WarrantyEnd).or_else(|| self.warranty_day()),
            contract_end: self.side_date(Field::ContractEnd),
            contract_monthly: self.side_amount(Field::ContractMonthly, currency),
            contract_transferable: self.yes_no(Field::ContractTransferable),
            lease_end: self.side_date(Field::LeaseEnd),
            lease_reference: self.text(Field::LeaseReference),
            ownership: self.ownership(),
            book_life_months: self.book_life(book_method.as_deref()),
            book_method,
            salvage: money.salvage,
            quantity,
            last_seen: self.side_date(Field::LastSeen),
            last_audited: self.side_date(Field::LastAudited),
            first_seen: self.side_date(Field::FirstSeen),
            firmware_date: self.side_date(Field::FirmwareDate),
            record_created: self.side_date(Field::RecordCreated),
            record_updated: self.side_date(Field::RecordUpdated),
            warranty_months: self
                .cell(Field::WarrantyMonths)
                .and_then(|cell| measures::months(cell, TermUnit::Months)),
            planned_retirement: self.side_date(Field::PlannedRetirement),
            keep_until: None,
            leave_by: None,
            ledger_id: self.text(Field::LedgerId),
            order_number: self.text(Field::OrderNumber),
            rack: self.rack(),
            rack_unit: self.count(Field::RackUnit).filter(|unit| *unit <= HIGHEST_RACK_UNIT),
            enrolled: self.yes_no(Field::Enrolled).or(self.context.profile.written.enrolled),
            book_value: money.book_value,
            rows: vec![RowReference { file: self.context.file, line: self.row.line }],
            filled_from: BTreeMap::new(),
            conflicts: Vec::new(),
            join_confidence: 1.0,
        }))
    }

    /// The tag; one as long as its system can store may have been cut.
    fn tag(&mut self) -> Option<String> {
        let text = self.cell(Field::AssetId)?;
        self.tell_rounded("tag", text);
        let tag = words::tag(text);
        self.tell_cut("tag", tag.as_deref(), self.context.profile.written.tag_length);
        tag
    }

    /// The name of a row that has none.
    fn name_of_place(&self) -> String {
        format!("file{}-line{}", self.context.file + 1, self.row.line)
    }

    /// The serial number; one as long as its system can store may have been cut.
    fn serial(&mut self) -> Option<String> {
        let text = self.cell(Field::Serial)?;
        self.tell_rounded("serial number", text);
        let serial = words::serial(text);
        self.tell_cut("serial number", serial.as_deref(), self.context.profile.written.serial_length);
        serial
    }

    fn tell_rounded(&mut self, what: &str, text: &str) {
        if words::is_rounded_number(text) {
            self.tell(
                "DQ-07",
                Severity::Warns,
                format!("the {what} `{text}` was rounded by a spreadsheet and is lost: taken as none"),
                "export again and open the file with that column as text",
            );
        }
    }

    fn tell_cut(&mut self, what: &str, text: Option<&str>, length: Option<usize>) {
        let Some(text) = text.filter(|text| Some(text.chars().count()) == length) else { return };
        self.tell(
            "DQ-07",
            Severity::Notes,
            format!(
                "the {what} {text} is as long as {} stores: it may be cut off",
                self.context.profile.name
            ),
            "compare it with the unit's label",
        );
    }

    /// Whether the row names anything, and is no line of sums.
    fn check_identity(
        &self,
        tag: &Option<String>,
        serial: &Option<String>,
        name: &Option<String>,
        model: &Option<String>,
    ) -> Result<(), Fault> {
        if tag.is_none() && serial.is_none() && name.is_none() && model.is_none() {
            let remedy = "give it a tag, a serial number or a model";
            return Err(self.fault(Field::AssetId, "the row names no asset", remedy));
        }
        let is_total = [tag, name].into_iter().flatten().any(|text| words::is_total(text));
        if serial.is_none() && model.is_none() && is_total {
            return Err(self.fault(
                Field::AssetId,
                "a total and not an asset",
                "leave sums out of the export",
            ));
        }
        Ok(())
    }

    /// Refuses a row whose cells cannot stand under their headers. Empty cells too many do no harm. Of the others only those
    /// are shown that cannot have slipped out of a column of persons.
    fn check_width(&self) -> Result<(), Fault> {
        let (found, wanted) = (self.row.len(), self.context.columns.width());
        let spare_is_empty = found > wanted && self.row.iter().skip(wanted).all(str::is_empty);
        if found == wanted || spare_is_empty {
            return Ok(());
        }
        let kind = if found < wanted { "short" } else { "long" };
        let shown = self.context.columns.safe_to_show().saturating_sub(wanted.saturating_sub(found));
        let cells = self.row.iter().take(shown).map(shown_text).collect::<Vec<_>>();
        let more = if shown < found { " | …" } else { "" };
        Err(Fault {
            column: String::new(),
            text: format!("{}{more}", cells.join(" | ")).chars().take(SHOWN).collect(),
            reason: format!("the row is too {kind}: {found} cells under {wanted} headers"),
            remedy: "quote cells that contain the delimiter or a line break, and export again".into(),
        })
    }

    /// The first column of a field that holds something, as position and text.
    pub(super) fn filled(&self, field: Field) -> Option<(usize, &'a str)> {
        self.context.first(self.row, field).map(|(position, cell)| (position, words::without_escape(cell)))
    }

    pub(super) fn cell(&self, field: Field) -> Option<&'a str> {
        self.filled(field).map(|(_, cell)| cell)
    }

    /// Notes something about the row.
    pub(super) fn tell(
        &mut self,
        code: &'static str,
        severity: Severity,
        message: String,
        remedy: &'static str,
    ) {
        self.findings.push((code, severity, message, remedy));
    }

    pub(super) fn text(&self, field: Field) -> Option<String> {
        let text = self.cell(field).and_then(words::text)?;
        Some(if self.context.profile.wrapped.keys { wrapped::without_keys(&text) } else { text })
    }

    /// The rack, where its column is not the place itself.
    fn rack(&self) -> Option<String> {
        let (place, _) = self.filled(Field::Location)?;
        let is_rack = |position: &&usize| {
            let header = self.context.columns.header(**position).to_lowercase();
            **position != place && RACK_WORDS.iter().any(|word| header.contains(word))
        };
        let mut cells = self.context.columns.of(Field::Location).iter().filter(is_rack);
        cells.find_map(|position| words::text(words::without_escape(self.row.get(*position)?)))
    }

    fn number(&self, field: Field) -> Option<f64> {
        self.cell(field).and_then(amounts::plain_number)
    }

    fn count(&self, field: Field) -> Option<u32> {
        self.number(field).filter(|count| *count >= 1.0 && *count <= 1e6).map(|count| count as u32)
    }

    pub(super) fn fault(&self, field: Field, reason: &str, remedy: &str) -> Fault {
        let (column, text) = match self.filled(field) {
            Some((position, text)) => (
                self.context.columns.header(position).to_owned(),
                shown_text(text).chars().take(SHOWN).collect(),
            ),
            None => (String::new(), String::new()),
        };
        Fault { column, text, reason: reason.to_owned(), remedy: remedy.to_owned() }
    }

    /// Load, 0 to 1, by the style of its column: per cent where any cell is above one.
    fn utilization(&mut self) -> Option<f64> {
        let (position, text) = self.filled(Field::Utilization)?;
        let share = amounts::share(text, self.context.load_in_percent.contains(&position));
        if share.is_none() {
            let text = text.to_owned();
            self.tell(
                "DQ-15",
                Severity::Notes,
                format!("utilization `{text}` is not a share of 0 to 100 %: not used"),
                "write a share such as 0.72 or 72%",
            );
        }
        share
    }

    /// A size in GB by the unit of cell or column. Where only the numbers tell the unit, a memory above eight terabytes is in MB.
    fn size(&self, field: Field, measured: Measured) -> Option<f64> {
        let (position, text) = self.filled(field)?;
        let (unit, stated) =
            self.context.sizes.get(&position).copied().unwrap_or((SizeUnit::Gigabytes, false));
        let size = measures::gigabytes(text, unit, measured)?;
        let slipped = measured == Measured::Memory && !stated && size > 8192.0;
        Some(if slipped { size / 1024.0 } else { size })
    }

    /// The depreciable life: its own column in the system's unit, else what the method's name says.
    fn book_life(&mut self, method: Option<&str>) -> Option<u32> {
        let cell = self.cell(Field::BookLifeMonths);
        let stated = cell.and_then(|cell| match self.context.profile.written.book_life {
            Some(unit) => measures::months(cell, unit),
            // Nobody writes a machine off in less than a year: a smaller number is of years.
            None => measures::months(cell, TermUnit::Months).and_then(|months| {
                if months < 12 { measures::months(cell, TermUnit::Years) } else { Some(months) }
            }),
        });
        // `0`, `-1` and `0 years` say that there is none.
        let is_none = |cell: &str| {
            let number = cell.trim_end_matches(|end: char| end.is_alphabetic() || end.is_whitespace());
            number.trim().parse::<f64>().is_ok_and(|life| life == 0.0 || life == -1.0)
        };
        if let Some(cell) = cell.filter(|cell| stated.is_none() && !is_none(cell)) {
            self.tell(
                "DQ-09",
                Severity::Warns,
                format!("a useful life of `{cell}` is no term: that of the policy's books is used"),
                "write whole months from 1 to 600, or years as `5 years`",
            );
        }
        stated.or_else(|| measures::months_in_text(method?))
    }

    fn status(&mut self) -> (Status, bool) {
        let profile = self.context.profile;
        let meaning = |cell: &str| profile.words.status(cell, profile.wrapped.meaning_behind_status);
        let main = self.known_word(Field::Status, meaning, "state");
        let sub = self.known_word(Field::Substate, meaning, "state");
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
        let text = self.text(field)?;
        let found = meaning(&text);
        if found.is_none() {
            self.tell(
                "DQ-22",
                Severity::Warns,
                format!("{what} `{text}` is not a word that is known: taken as unknown"),
                "write it as In use, In stock, In repair, Retired, Disposed or Missing (ownership: owned, leased, personal)",
            );
        }
        found
    }

    fn ownership(&mut self) -> Ownership {
        let words = &self.context.profile.words;
        let asks_for_lease = self.filled(Field::Ownership).is_some_and(|(position, _)| {
            // `Leased?` with yes and no.
            let asked = words::fold(self.context.columns.header(position));
            ["leas", "loue", "arrend", "alug"].iter().any(|word| asked.contains(word))
        });
        let answer = |cell: &str| match words::yes_no(cell).filter(|_| asks_for_lease)? {
            true => Some(Ownership::Leased),
            false => Some(Ownership::Owned),
        };
        match self.known_word(
            Field::Ownership,
            |cell| words.ownership(cell).or_else(|| answer(cell)),
            "ownership",
        ) {
            Some(ownership) => ownership,
            None if self.cell(Field::LeaseEnd).is_some() => Ownership::Leased,
            None => Ownership::Unknown,
        }
    }

    /// Class and model, and the class that some systems write before the model. A row that is no hardware is refused.
    fn class_and_model(&self) -> Result<(Option<AssetClass>, Option<String>), Fault> {
        let vocabulary = &self.context.profile.words;
        let mut class = None;
        for position in self.context.columns.of(Field::Class) {
            match self.row.get(*position).and_then(|cell| vocabulary.class(cell)) {
                Some(ClassWord::NotHardware) => {
                    let remedy = "leave machines and rights that nobody can carry out of the export";
                    return Err(self.fault(Field::Class, "not a piece of hardware", remedy));
                }
                Some(ClassWord::Is(found)) => class = class.or(Some(found)),
                _ => {}
            }
        }
        let text = self.text(Field::Model).filter(|model| !words::is_rounded_number(model));
        let Some(text) = text else { return Ok((class, None)) };
        if !self.context.profile.wrapped.class_before_model {
            return Ok((class, Some(text)));
        }
        let (before, model) = wrapped::class_and_model(&text);
        let told = before.and_then(|word| vocabulary.class(word)).and_then(|word| match word {
            ClassWord::Is(class) => Some(class),
            _ => None,
        });
        Ok((class.or(told), Some(model.to_owned())))
    }

    fn yes_no(&self, field: Field) -> Option<bool> {
        words::yes_no(self.cell(field)?)
    }

    fn grade(&mut self) -> Option<Grade> {
        let text = self.text(Field::Grade)?;
        let scheme = self.cell(Field::GradeScheme).map(words::fold);
        let letter = Grade::from_letter(measures::without_grade_word(&text));
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
                let is_word = scheme.is_none() && !text.bytes().any(|byte| byte.is_ascii_digit());
                let (message, remedy) = if is_word {
                    let message = format!("grade `{text}` is not a word that is known; not used");
                    (message, "write A, B, C, D or parts (excellent, good, fair, poor, broken)")
                } else {
                    let message = format!(
                        "grade `{text}` without a scheme that is known: the same code is good in one scheme and bad in another; not used"
                    );
                    (message, "name the scheme in grade_scheme (ABC or SERI REC)")
                };
                self.tell("DQ-13", Severity::Warns, message, remedy);
                None
            }
        }
    }
}

/// A cell as it may be shown: never an address of a person.
pub(super) fn shown_text(text: &str) -> &str {
    if words::holds_mail_address(text) { "(an e-mail address)" } else { text }
}
