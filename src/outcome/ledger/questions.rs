//! What a ledger is asked: which forecasts have an answer, what sold, what is still owed, what was learned.
//!
//! In: an open ledger. Out: records put together from several tables, all of them seen at one moment, whatever other
//! processes file meanwhile.

use jiff::civil::Date;
use rusqlite::Row;

use super::answers::{Matching, sold_prices};
use super::recalibrate::{Recalibration, TooFew, Verdict, recalibrate};
use super::{Answers, Given, Ledger, LedgerError, rows, schema};
use crate::market::Observation;
use crate::outcome::HandedOver;
use crate::price::calibration::Calibration;
use crate::units::{Stage, Work};

/// A line handed over of which units are not settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsettled {
    /// The line.
    pub handed_over: HandedOver,
    /// Units of it that no settlement has closed.
    pub units: u64,
    /// Whether a settlement has called some of them pending.
    pub said_pending: bool,
}

/// A calibration that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Its number in the ledger.
    pub number: i64,
    /// Day on which it was tried.
    pub day: Date,
    /// Whether it was installed.
    pub installed: bool,
    /// Sales held back to judge it.
    pub held_back: u64,
    /// Mean pinball loss of the log price on them, times 100, before and after.
    pub pinball: (f64, f64),
    /// Percent of them from p10 to p90, before and after.
    pub coverage: (f64, f64),
    /// The calibration.
    pub calibration: Calibration,
}

impl Ledger {
    /// Forecasts with the sales that answer them.
    pub fn answers(&self) -> Result<Answers, LedgerError> {
        self.answers_watched(Work::unwatched())
    }

    /// Forecasts with the sales that answer them, while somebody looks on.
    ///
    /// # Errors
    /// As [`Ledger::answers`], and [`LedgerError::Cancelled`] when it is no longer wanted.
    pub fn answers_watched(&self, work: Work<'_>) -> Result<Answers, LedgerError> {
        self.at_one_moment(|ledger| ledger.answers_now(work))
    }

    fn answers_now(&self, work: Work<'_>) -> Result<Answers, LedgerError> {
        let counts = self.counts()?;
        // The forecast of a line handed over is read with its line.
        let at_least = counts.forecasts.max(counts.hand_overs);
        let stage = work.stage("reading the ledger", (counts.outcomes + at_least) as usize);
        let lines = self.all_in(&stage, schema::HAND_OVERS, rows::hand_over)?;
        let without = lines.iter().filter(|line| line.forecast.is_none()).count() as u64;
        stage.expect((counts.forecasts + without - at_least) as usize);
        let outcomes = self.all_in(&stage, schema::OUTCOMES, rows::outcome)?;
        let mut matching = Matching::of(&lines, &outcomes);
        self.each(schema::GIVEN_BEFORE, [], rows::given, |given: Given| {
            matching.take(given);
            stage.step()
        })?;
        Ok(matching.answers())
    }

    /// All rows of a statement as part of a stage, a step a row.
    fn all_in<T>(
        &self,
        stage: &Stage<'_>,
        statement: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut all = Vec::new();
        self.each(statement, [], read, |row| {
            all.push(row);
            stage.step()
        })?;
        Ok(all)
    }

    /// Undisputed sales as prices of the market, in the order of filing.
    pub fn sales(&self) -> Result<Vec<Observation>, LedgerError> {
        self.at_one_moment(|ledger| Ok(sold_prices(&ledger.hand_overs(None)?, &ledger.outcomes()?)))
    }

    /// Lines handed over with units that no settlement has closed: what is pending is owed an answer, not nothing.
    pub fn pending(&self) -> Result<Vec<Unsettled>, LedgerError> {
        type Units = ((String, u32), u64, u64);
        let (lines, settled) = self.at_one_moment(|ledger| {
            let settled: Vec<Units> = ledger.all(schema::UNITS_SETTLED, [], |row| {
                Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?))
            })?;
            Ok((ledger.hand_overs(None)?, settled))
        })?;
        let of = |line: &HandedOver| {
            let key =
                |entry: &Units| (entry.0.0.as_str(), entry.0.1).cmp(&(line.request.as_str(), line.line));
            settled.binary_search_by(key).map_or((0, 0), |at| (settled[at].1, settled[at].2))
        };
        let open = lines.into_iter().filter_map(|handed_over| {
            let (closed, pending) = of(&handed_over);
            let units = handed_over.quantity.saturating_sub(closed);
            (units > 0).then_some(Unsettled { handed_over, units, said_pending: pending > 0 })
        });
        Ok(open.collect())
    }

    /// Calibrations that were tried, in the order of filing.
    pub fn calibrations(&self) -> Result<Vec<Tried>, LedgerError> {
        self.all(schema::CALIBRATIONS, [], rows::tried)
    }

    /// The calibration in force: the last one that was installed.
    pub fn installed(&self) -> Result<Option<Tried>, LedgerError> {
        Ok(self.calibrations()?.into_iter().rev().find(|tried| tried.installed))
    }

    /// Learns from the sales and tries what was learned; files nothing.
    pub fn recalibrate(&self) -> Result<Result<Recalibration, TooFew>, LedgerError> {
        self.recalibrate_watched(Work::unwatched())
    }

    /// The same while somebody looks on.
    ///
    /// # Errors
    /// As [`Ledger::recalibrate`], and [`LedgerError::Cancelled`] when it is no longer wanted.
    pub fn recalibrate_watched(&self, work: Work<'_>) -> Result<Result<Recalibration, TooFew>, LedgerError> {
        self.at_one_moment(|ledger| {
            let tried = ledger.calibrations()?;
            let in_force = tried.iter().rev().find(|tried| tried.installed).map(|tried| &tried.calibration);
            let known = |fingerprint: &str| {
                tried.iter().map(|tried| &tried.calibration).find(|one| one.fingerprint() == fingerprint)
            };
            Ok(recalibrate(&ledger.answers_now(work)?.answered, in_force, known, work)?)
        })
    }

    /// Files a calibration with its trial, installed where it did better, and gives its number.
    pub fn file_calibration(&mut self, day: Date, tried: &Recalibration) -> Result<i64, LedgerError> {
        let installed = tried.verdict == Verdict::Better;
        self.write(|transaction, _| {
            Ok(rows::add_calibration(
                &mut transaction.prepare(schema::ADD_CALIBRATION)?,
                day,
                installed,
                tried,
            )?)
        })
    }
}
