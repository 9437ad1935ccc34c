//! What an erasure report says of the units of a settlement.
//!
//! In: the file of an erasure program, one row a drive. Out: an [`ErasureReport`] with `rows in = drives + rejects`. A unit has
//! failed when any of its drives has: one drive erased says nothing of the other.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::SettleError;
use super::layout::{ErasureColumn, Layout};
use super::read::RejectedRow;
use crate::fleet::tabular;
use crate::fleet::words::{fold, serial, tag};
use crate::outcome::Sanitization;
use crate::units::sha256;

/// One drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedDrive {
    /// Line of the file.
    pub file_line: u64,
    /// Its serial number.
    pub serial: Option<String>,
    /// Serial number of the system it was in.
    pub system: Option<String>,
    /// Tag of that system.
    pub tag: Option<String>,
    /// What the erasure came to.
    pub result: Sanitization,
}

/// An erasure report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErasureReport {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Records under the header.
    pub rows_in: usize,
    /// One a row.
    pub drives: Vec<ErasedDrive>,
    /// Rows that tell of no drive.
    pub rejects: Vec<RejectedRow>,
    by_system: HashMap<String, Vec<usize>>,
    drive_serials: HashSet<String>,
}

/// What the report says of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnitErasure<'a> {
    /// Of all its drives together.
    pub result: Sanitization,
    /// The first drive that failed.
    pub failed: Option<&'a ErasedDrive>,
}

impl ErasureReport {
    /// Reads a report.
    pub fn read(path: &Path, layout: &Layout) -> Result<ErasureReport, SettleError> {
        ErasureReport::read_bytes(path, tabular::load(path)?, layout)
    }

    /// Reads a report that is already in memory.
    pub fn read_bytes(path: &Path, bytes: Vec<u8>, layout: &Layout) -> Result<ErasureReport, SettleError> {
        use ErasureColumn::{DriveSerial, State, SystemSerial, Tag};
        let mut report =
            ErasureReport { path: path.to_owned(), sha256: sha256(&bytes), ..ErasureReport::default() };
        let all = [SystemSerial, Tag, DriveSerial, State];
        let score = |cells: &[String]| {
            all.iter().filter(|column| layout.erasure_column(cells, **column).is_some()).count()
        };
        let (tables, _) = tabular::text_tables(path, bytes, &score)?;
        let mut found = Vec::new();
        for table in &tables {
            let [system, tags, drive, state] =
                all.map(|column| layout.erasure_column(table.headers(), column));
            let (Some(state), true) = (state, system.or(tags).is_some()) else {
                found.push(table.headers().join(", "));
                continue;
            };
            for (file_line, cells) in table.rows() {
                let cell =
                    |position: Option<usize>| position.and_then(|at| cells.get(at).copied()).unwrap_or("");
                let erased = ErasedDrive {
                    file_line,
                    serial: serial(cell(drive)),
                    system: serial(cell(system)),
                    tag: tag(cell(tags)),
                    result: layout.sanitization(cell(Some(state))).unwrap_or(Sanitization::Unknown),
                };
                report.take(table.origin(), erased, cell(Some(state)), cells.len() == table.headers().len());
            }
            report.rows_in += table.irregular().count();
            let rejects = table.irregular().map(|(file_line, text, reason, remedy)| RejectedRow {
                table: table.origin().to_owned(),
                file_line,
                column: String::new(),
                text: text.to_owned(),
                reason: reason.to_owned(),
                remedy: remedy.to_owned(),
            });
            report.rejects.extend(rejects);
        }
        if report.rows_in == 0 {
            return Err(SettleError::NoErasureReport { path: path.to_owned(), found: found.join("; ") });
        }
        Ok(report)
    }

    fn take(&mut self, table: &str, drive: ErasedDrive, state: &str, whole: bool) {
        self.rows_in += 1;
        let reason = match () {
            () if !whole => "the row has not the cells of the header",
            () if drive.system.is_none() && drive.tag.is_none() => "no system: the drive belongs to no unit",
            () if drive.result == Sanitization::Unknown => "no known state of an erasure",
            () => {
                let keys = [drive.system.clone(), drive.tag.as_deref().map(tag_key)];
                for key in keys.into_iter().flatten() {
                    self.by_system.entry(key).or_default().push(self.drives.len());
                }
                self.drive_serials.extend(drive.serial.clone());
                self.drives.push(drive);
                return;
            }
        };
        self.rejects.push(RejectedRow {
            table: table.to_owned(),
            file_line: drive.file_line,
            column: String::new(),
            text: state.to_owned(),
            reason: reason.to_owned(),
            remedy: "export the report again with system serial and state for every drive".to_owned(),
        });
    }

    /// What it says of a unit known by its serial numbers and tags; none where it does not know the unit.
    pub(super) fn of_unit(&self, serials: &[&str], tags: &[&str]) -> Option<UnitErasure<'_>> {
        let keys = serials.iter().map(|key| (*key).to_owned()).chain(tags.iter().map(|key| tag_key(key)));
        let drives: Vec<usize> = keys.filter_map(|key| self.by_system.get(&key)).flatten().copied().collect();
        if drives.is_empty() {
            return None;
        }
        let failed = drives
            .iter()
            .map(|at| &self.drives[*at])
            .find(|drive| matches!(drive.result, Sanitization::Failed | Sanitization::FailedAndDestroyed));
        let result = failed.map_or(Sanitization::Passed, |drive| drive.result);
        Some(UnitErasure { result, failed })
    }

    /// Whether a drive stands in it.
    pub(super) fn knows_drive(&self, serial: &str) -> bool {
        self.drive_serials.contains(serial)
    }
}

/// Tags are kept apart from serial numbers by a mark that no serial number has.
fn tag_key(tag: &str) -> String {
    format!("tag {}", fold(tag))
}
