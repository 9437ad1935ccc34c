//! What became of the data on a unit.
//!
//! In: the settlement's word, the erasure report, what became of the unit. Out: what the erasure came to, and differences: a
//! wipe that failed or is not proven on a unit sold whole, a report that contradicts the settlement.

use super::check::Checker;
use super::difference::DifferenceKind as Kind;
use super::erasure::{ErasureReport, UnitErasure};
use crate::fleet::words::serial;
use crate::outcome::{Disposition, HandedOver, Sanitization};

impl Checker<'_> {
    /// What the erasure of its drives came to, by settlement and report together: the worse of both.
    pub(super) fn erasure(&mut self, report: Option<&ErasureReport>) -> Sanitization {
        let stated = self.told.sanitization;
        let Some(report) = report.filter(|_| !self.piece.is_part) else { return stated };
        let handed_serial = self.handed.and_then(|handed| handed.serial.as_deref()).and_then(serial);
        let serials: Vec<&str> =
            [self.told.serial_key.as_deref(), handed_serial.as_deref()].into_iter().flatten().collect();
        let mut serials = serials;
        serials.dedup();
        let tags: Vec<&str> = self.told.tag.as_deref().into_iter().collect();
        let whole = self.told.disposition == Disposition::Sold;
        let data_bearing = self.handed.is_some_and(|handed| handed.data_bearing);
        let Some(UnitErasure { result, failed }) = report.of_unit(&serials, &tags) else {
            if whole && data_bearing && stated == Sanitization::Passed {
                let sentence = "you say its drives were erased; your erasure report does not list the unit. Please send its record.";
                let stated = "not in the erasure report".to_owned();
                self.tell(
                    Kind::WipeUnproven,
                    "an erasure record".to_owned(),
                    stated,
                    None,
                    sentence.to_owned(),
                );
            }
            return stated;
        };
        let missing: Vec<&String> =
            self.told.drives.iter().filter(|drive| !report.knows_drive(drive)).collect();
        if whole && !missing.is_empty() {
            let names = missing.iter().map(|drive| drive.as_str()).collect::<Vec<_>>().join(", ");
            let sentence = format!("the erasure report has no record of {names}. Please send it.");
            let expected = format!("a record of {names}");
            self.tell(Kind::WipeUnproven, expected, "not in the erasure report".to_owned(), None, sentence);
        }
        match (stated, result, failed) {
            (Sanitization::FailedAndDestroyed, _, _) | (Sanitization::Failed, Sanitization::Passed, _) => {
                stated
            }
            (Sanitization::Passed, Sanitization::Failed, Some(drive)) => {
                let name = drive.serial.clone().unwrap_or_else(|| "a drive".to_owned());
                let sentence = format!(
                    "you say its drives were erased; line {} of your erasure report says that {name} was not.",
                    drive.file_line
                );
                let stated = format!("settlement: passed; report: failed ({name})");
                self.tell(Kind::ErasureContradicted, "erased".to_owned(), stated, None, sentence);
                result
            }
            _ => result,
        }
    }

    pub(super) fn wipe(&mut self, handed: &HandedOver, sanitization: Sanitization) {
        if self.told.disposition != Disposition::Sold || self.piece.is_part {
            return;
        }
        match sanitization {
            Sanitization::Failed => {
                let sentence = "its erasure failed and it was sold whole. Call it back, or prove that its drives were \
                                taken out and destroyed (certificate with their serial numbers).";
                self.tell(
                    Kind::WipeFailedSoldWhole,
                    "drives erased or destroyed before the sale".to_owned(),
                    "erasure failed, sold whole".to_owned(),
                    None,
                    sentence.to_owned(),
                );
            }
            Sanitization::Unknown | Sanitization::NotRequired if handed.data_bearing => {
                let stated = if sanitization == Sanitization::Unknown { "nothing" } else { "not required" };
                let sentence = "it held data and was sold; nothing says that its drives were erased. Please send the \
                                erasure record.";
                let stated = format!("{stated}, sold whole");
                self.tell(Kind::WipeUnproven, "erased".to_owned(), stated, None, sentence.to_owned());
            }
            _ => {}
        }
    }
}
