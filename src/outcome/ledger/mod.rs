//! The ledger: every forecast that was handed out, and everything that came of it.
//!
//! In: hand-overs, forecasts, settlements, market observations, overrides. Out: the same, read back bit for bit, and
//! whether a settlement was there already. It is one SQLite file in write-ahead mode. Each call that files something is one
//! transaction: what it acknowledged stays, whatever happens to the process or the machine, and what it did not
//! acknowledge is not there at all. Several processes may write; each waits for the others.

mod answers;
mod error;
mod exchange;
mod grade;
mod questions;
mod recalibrate;
mod rows;
mod schema;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rusqlite::{Connection, OpenFlags, Params, Row, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};

pub use answers::{Answered, Answers, NoAnswer, Reach};
pub use error::LedgerError;
pub use exchange::{Exchange, ExchangeError, Settled};
pub use grade::{Grades, Group, Horizon, OverrideScore, Score, grade};
pub use questions::{Tried, Unsettled};
pub use recalibrate::{Judged, Recalibration, TooFew, Verdict};

use super::record::{ForecastMade, HandedOver, Outcome, Overridden};
use crate::catalog::AssetClass;
use crate::market::Observation;
use crate::units::{Cancelled, Currency, Stage, Work, sha256};

/// What gives forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenBy {
    /// A line that left with it.
    HandOver,
    /// A plan of a register.
    Plan,
    /// A quote of a product.
    Quote,
}

impl GivenBy {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            GivenBy::HandOver => "hand-over",
            GivenBy::Plan => "plan",
            GivenBy::Quote => "quote",
        }
    }
}

/// A forecast that was handed out, with what it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Given {
    /// What gave it.
    pub by: GivenBy,
    /// The asset, where it speaks of one.
    pub asset: Option<String>,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// Grade it was made for, by letter; none where nobody looked.
    pub grade: Option<String>,
    /// Units it speaks of; its amounts are for one.
    pub quantity: u64,
    /// Route, by the word of files.
    pub route: String,
    /// Currency of its amounts.
    pub currency: Currency,
    /// The forecast.
    pub forecast: ForecastMade,
}

impl Given {
    /// The forecast that a line left with.
    fn with(line: &HandedOver, forecast: ForecastMade) -> Given {
        Given {
            by: GivenBy::HandOver,
            asset: Some(line.asset.clone()),
            class: line.class,
            product: line.product.clone(),
            grade: line.grade.clone(),
            quantity: line.quantity,
            route: line.route.clone(),
            currency: line.currency,
            forecast,
        }
    }

    /// What tells it from every other: 128 bits of the SHA-256 of all it says.
    fn digest(&self) -> String {
        let all = serde_json::to_string(self).unwrap_or_default();
        sha256(all.as_bytes())[..32].to_owned()
    }
}

/// A settlement, or a market file, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementRecord {
    /// SHA-256 of the file.
    pub fingerprint: String,
    /// Its name.
    pub file: String,
    /// Day on which it was read.
    pub day: Date,
}

/// What became of a request to file something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filed {
    /// It is in the ledger now.
    New,
    /// It was there already; nothing changed.
    Already,
}

/// How much a ledger holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub forecasts: u64,
    pub hand_overs: u64,
    pub overrides: u64,
    pub settlements: u64,
    pub outcomes: u64,
    pub market_files: u64,
    pub observations: u64,
    pub calibrations: u64,
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
}

/// An override with the request and line it stands on.
pub type OverrideOfLine = ((String, u32), Overridden);

impl Ledger {
    /// Opens the ledger at a path, or begins one there.
    pub fn open(path: &Path) -> Result<Ledger, LedgerError> {
        Ledger::prepare(path, Connection::open(path))
    }

    /// Opens a ledger that must be there.
    pub fn open_existing(path: &Path) -> Result<Ledger, LedgerError> {
        if !path.exists() {
            return Err(LedgerError::Missing { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ledger::prepare(path, Connection::open_with_flags(path, flags))
    }

    /// A ledger that is gone with the process.
    pub fn in_memory() -> Result<Ledger, LedgerError> {
        Ledger::prepare(Path::new(":memory:"), Connection::open_in_memory())
    }

    fn prepare(path: &Path, connection: rusqlite::Result<Connection>) -> Result<Ledger, LedgerError> {
        let failed = |source| LedgerError::of(path, source);
        let mut connection = connection.map_err(failed)?;
        connection.busy_timeout(error::WAIT).map_err(failed)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
        match schema::migrate(&mut connection).map_err(failed)? {
            schema::Kind::Ledger => {}
            schema::Kind::Other => return Err(LedgerError::NotALedger { path: path.to_owned() }),
            schema::Kind::Newer(found) => {
                return Err(LedgerError::Newer { path: path.to_owned(), found, known: schema::VERSION });
            }
        }
        // Only now: the mode is written into the file, and a stranger's file is not ours to change.
        schema::write_ahead(&connection).map_err(failed)?;
        connection.pragma_update(None, "synchronous", "full").map_err(failed)?;
        Ok(Ledger { connection, path: path.to_owned() })
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Files forecasts that were handed out, and says how many of them are new: the same one handed out again is filed
    /// once.
    pub fn file_forecasts(&mut self, given: &[Given]) -> Result<usize, LedgerError> {
        self.write(|transaction, _| {
            let mut add = transaction.prepare(schema::ADD_FORECAST)?;
            let mut new = 0;
            for one in given {
                new += rows::add_forecast(&mut add, one, Some(&one.digest()))?;
            }
            Ok(new)
        })
    }

    /// Every forecast handed out, in the order of filing.
    pub fn forecasts(&self) -> Result<Vec<Given>, LedgerError> {
        self.all(schema::FORECASTS, [], rows::given)
    }

    /// Files lines that were handed over, with their forecasts and overrides, and says how many of them are new.
    ///
    /// A line that is there already stays as it is; one that says something else under the same request and line is an
    /// error, and nothing of the call is filed.
    pub fn file_hand_overs(&mut self, lines: &[HandedOver]) -> Result<usize, LedgerError> {
        self.file_hand_overs_in(lines, &Work::unwatched().stage("filing lines", lines.len()))
    }

    /// The same as part of a stage, a step a line.
    fn file_hand_overs_in(&mut self, lines: &[HandedOver], stage: &Stage<'_>) -> Result<usize, LedgerError> {
        self.write(|transaction, path| {
            let mut held = transaction.prepare(schema::HAND_OVER)?;
            let mut add_forecast = transaction.prepare(schema::ADD_FORECAST)?;
            let mut add_line = transaction.prepare(schema::ADD_HAND_OVER)?;
            let mut add_override = transaction.prepare(schema::ADD_OVERRIDE)?;
            let mut new = 0;
            for line in lines {
                stage.step()?;
                let key = (&line.request, line.line);
                let before = held.query_map(key, rows::hand_over)?.next().transpose()?;
                if let Some(before) = before {
                    same_line(path, &before, line)?;
                    continue;
                }
                let mut forecast = None;
                if let Some(made) = line.forecast.clone() {
                    rows::add_forecast(&mut add_forecast, &Given::with(line, made), None)?;
                    forecast = Some(transaction.last_insert_rowid());
                }
                rows::add_hand_over(&mut add_line, line, forecast)?;
                if let Some(own) = &line.overridden {
                    add_override.execute((&line.request, line.line, own.net, &own.by, &own.why))?;
                }
                new += 1;
            }
            Ok(new)
        })
    }

    /// Lines handed over, with their forecasts and the latest override: of one request, or all; by request and line.
    pub fn hand_overs(&self, request: Option<&str>) -> Result<Vec<HandedOver>, LedgerError> {
        match request {
            Some(request) => self.all(schema::HAND_OVERS_OF_REQUEST, (request,), rows::hand_over),
            None => self.all(schema::HAND_OVERS, [], rows::hand_over),
        }
    }

    /// Puts a figure in the place of the forecast of a line; earlier ones are kept.
    pub fn record_override(&mut self, request: &str, line: u32, own: &Overridden) -> Result<(), LedgerError> {
        self.write(|transaction, path| {
            let mut held = transaction.prepare(schema::HAND_OVER)?;
            if held.query((request, line))?.next()?.is_none() {
                return Err(LedgerError::Contradicts {
                    path: path.to_owned(),
                    what: format!("line {line} of request {request} was never handed over"),
                    remedy: "see `residua ledger export --table hand-overs` for the lines there are",
                }
                .into());
            }
            transaction
                .prepare(schema::ADD_OVERRIDE)?
                .execute((request, line, own.net, &own.by, &own.why))?;
            Ok(())
        })
    }

    /// All overrides in the order in which they were made, with their request and line.
    pub fn overrides(&self) -> Result<Vec<OverrideOfLine>, LedgerError> {
        self.all(schema::OVERRIDES, [], rows::overridden)
    }

    /// Files a settlement with its lines, whole; one that is there already changes nothing.
    pub fn file_settlement(
        &mut self,
        settlement: &SettlementRecord,
        outcomes: &[Outcome],
    ) -> Result<Filed, LedgerError> {
        self.write(|transaction, path| {
            let mut add = transaction.prepare(schema::ADD_SETTLEMENT)?;
            let SettlementRecord { fingerprint, file, day } = settlement;
            if add.execute((fingerprint, file, day.to_string()))? == 0 {
                return Ok(Filed::Already);
            }
            add_outcomes(transaction, path, transaction.last_insert_rowid(), settlement, outcomes)?;
            Ok(Filed::New)
        })
    }

    /// Puts a later reading of a settlement in the place of the one that was filed: by an erasure report or terms that were
    /// not at hand before. Returns how many of its lines read otherwise now; with none, nothing is written.
    pub fn file_settlement_anew(
        &mut self,
        settlement: &SettlementRecord,
        outcomes: &[Outcome],
    ) -> Result<usize, LedgerError> {
        self.write(|transaction, path| {
            let fingerprint = &settlement.fingerprint;
            let mut held = transaction.prepare(schema::OUTCOMES_OF)?;
            let before: Vec<Outcome> =
                held.query_map((fingerprint,), rows::outcome)?.collect::<Result<_, _>>()?;
            let differs = outcomes.iter().filter(|outcome| !before.contains(outcome)).count();
            if differs == 0 {
                return Ok(0);
            }
            let number: i64 =
                transaction.query_row(schema::NUMBER_OF_SETTLEMENT, (fingerprint,), |row| row.get(0))?;
            transaction.execute(schema::REMOVE_OUTCOMES, (number,))?;
            add_outcomes(transaction, path, number, settlement, outcomes)?;
            Ok(differs)
        })
    }

    /// Settlements in the order of filing.
    pub fn settlements(&self) -> Result<Vec<SettlementRecord>, LedgerError> {
        self.all(schema::SETTLEMENTS, [], rows::settlement)
    }

    /// Lines of all settlements, in the order of filing.
    pub fn outcomes(&self) -> Result<Vec<Outcome>, LedgerError> {
        self.all(schema::OUTCOMES, [], rows::outcome)
    }

    /// Files the prices of a market file, whole; a file that is there already changes nothing.
    pub fn file_observations(
        &mut self,
        market_file: &SettlementRecord,
        observations: &[Observation],
    ) -> Result<Filed, LedgerError> {
        self.write(|transaction, _| {
            let mut add = transaction.prepare(schema::ADD_MARKET_FILE)?;
            let SettlementRecord { fingerprint, file, day } = market_file;
            if add.execute((fingerprint, file, day.to_string()))? == 0 {
                return Ok(Filed::Already);
            }
            let number = transaction.last_insert_rowid();
            let mut add = transaction.prepare(schema::ADD_OBSERVATION)?;
            for seen in observations {
                rows::add_observation(&mut add, number, seen)?;
            }
            Ok(Filed::New)
        })
    }

    /// Prices of all market files, in the order of filing.
    pub fn observations(&self) -> Result<Vec<Observation>, LedgerError> {
        self.all(schema::OBSERVATIONS, [], rows::observation)
    }

    /// How much it holds.
    pub fn counts(&self) -> Result<Counts, LedgerError> {
        let counts = self.all(schema::COUNTS, [], |row| {
            Ok(Counts {
                forecasts: row.get(0)?,
                hand_overs: row.get(1)?,
                overrides: row.get(2)?,
                settlements: row.get(3)?,
                outcomes: row.get(4)?,
                market_files: row.get(5)?,
                observations: row.get(6)?,
                calibrations: row.get(7)?,
            })
        })?;
        counts
            .into_iter()
            .next()
            .ok_or_else(|| LedgerError::of(&self.path, rusqlite::Error::QueryReturnedNoRows))
    }

    /// Runs what is to be filed as one transaction, which begins by waiting for its turn to write.
    fn write<T>(
        &mut self,
        file: impl FnOnce(&Transaction<'_>, &Path) -> Result<T, Refused>,
    ) -> Result<T, LedgerError> {
        let failed = |source| LedgerError::of(&self.path, source);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let filed = file(&transaction, &self.path).map_err(|refused| refused.told(&self.path))?;
        transaction.commit().map_err(failed)?;
        Ok(filed)
    }

    /// All rows of a statement.
    fn all<T>(
        &self,
        statement: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut rows = Vec::new();
        self.each(statement, parameters, read, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Hands over all rows of a statement, one after the other.
    fn each<T>(
        &self,
        statement: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        mut take: impl FnMut(T) -> Result<(), Cancelled>,
    ) -> Result<(), LedgerError> {
        let read_all = || -> Result<(), Refused> {
            let mut statement = self.connection.prepare(statement)?;
            statement.query_map(parameters, read)?.try_for_each(|row| Ok(take(row?)?))
        };
        read_all().map_err(|refused| refused.told(&self.path))
    }

    /// Several reads that see the ledger as it was at the first of them.
    fn at_one_moment<T>(
        &self,
        read: impl FnOnce(&Ledger) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let failed = |source| LedgerError::of(&self.path, source);
        let moment = self.connection.unchecked_transaction().map_err(failed)?;
        let found = read(self)?;
        moment.finish().map_err(failed)?;
        Ok(found)
    }
}

/// Why a transaction or a reading is given up.
#[derive(Debug)]
enum Refused {
    Ledger(LedgerError),
    Database(rusqlite::Error),
}

impl Refused {
    fn told(self, path: &Path) -> LedgerError {
        match self {
            Refused::Ledger(error) => error,
            Refused::Database(source) => LedgerError::of(path, source),
        }
    }
}

impl From<Cancelled> for Refused {
    fn from(cancelled: Cancelled) -> Refused {
        Refused::Ledger(cancelled.into())
    }
}

impl From<LedgerError> for Refused {
    fn from(error: LedgerError) -> Refused {
        Refused::Ledger(error)
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Refused {
        Refused::Database(error)
    }
}

/// Adds the lines of a settlement, which must all be its own.
fn add_outcomes(
    transaction: &Transaction<'_>,
    path: &Path,
    number: i64,
    settlement: &SettlementRecord,
    outcomes: &[Outcome],
) -> Result<(), Refused> {
    let mut add = transaction.prepare(schema::ADD_OUTCOME)?;
    for outcome in outcomes {
        if outcome.settlement != settlement.fingerprint {
            let (line, file, other) = (outcome.file_line, &settlement.file, &outcome.settlement);
            return Err(LedgerError::Contradicts {
                path: path.to_owned(),
                what: format!("line {line} of {file} names another settlement ({other})"),
                remedy: "read the settlement again",
            }
            .into());
        }
        rows::add_outcome(&mut add, number, outcome)?;
    }
    Ok(())
}

/// Whether a line that is filed again is the one that is there. Overrides are kept beside it and may be later.
fn same_line(path: &Path, before: &HandedOver, now: &HandedOver) -> Result<(), LedgerError> {
    let same = HandedOver { overridden: before.overridden.clone(), ..now.clone() } == *before;
    if same {
        return Ok(());
    }
    Err(LedgerError::Contradicts {
        path: path.to_owned(),
        what: format!("line {} of request {} stands there with other content", now.line, now.request),
        remedy: "what was handed over is not changed afterwards: give the request a new name",
    })
}
