//! The tables, and every statement that is run on them.
//!
//! In: an opened database. Out: the same with the tables of this program's version. Each step of [`MIGRATIONS`] runs in
//! a transaction with the number it leads to (`PRAGMA user_version`), so that a step is done or it is not. A ledger is
//! known by its `application_id`. Tables are `STRICT`: a column holds its type or the row is refused.
//!
//! Months are `YYYY-MM`, days `YYYY-MM-DD`, words those of files: people may read the tables with tools of their own.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::error::WAIT;

/// Between two tries for what SQLite does not wait for itself.
const BETWEEN_TRIES: Duration = Duration::from_millis(5);

/// "resd" in ASCII.
const APPLICATION_ID: i32 = 0x7265_7364;

/// Steps from an empty file to the tables of today, in order.
const MIGRATIONS: [&str; 1] = ["
CREATE TABLE calibration (
    number INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    installed INTEGER NOT NULL CHECK (installed IN (0, 1)),
    held_back INTEGER NOT NULL,
    pinball_before REAL NOT NULL,
    pinball_after REAL NOT NULL,
    coverage_before REAL NOT NULL,
    coverage_after REAL NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE forecast (
    number INTEGER PRIMARY KEY,
    given_by TEXT NOT NULL,
    asset TEXT,
    class TEXT NOT NULL,
    product TEXT NOT NULL,
    grade TEXT,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    route TEXT NOT NULL,
    currency TEXT NOT NULL,
    made TEXT NOT NULL,
    month TEXT NOT NULL,
    gross_mean REAL NOT NULL,
    gross_p10 REAL NOT NULL,
    gross_p50 REAL NOT NULL,
    gross_p90 REAL NOT NULL,
    net_mean REAL NOT NULL,
    net_p10 REAL NOT NULL,
    net_p50 REAL NOT NULL,
    net_p90 REAL NOT NULL,
    basis TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT UNIQUE
) STRICT;

CREATE TABLE hand_over (
    request TEXT NOT NULL,
    line INTEGER NOT NULL CHECK (line > 0),
    asset TEXT NOT NULL,
    serial TEXT,
    tag TEXT,
    class TEXT NOT NULL,
    product TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    grade TEXT,
    data_bearing INTEGER NOT NULL CHECK (data_bearing IN (0, 1)),
    handed_over TEXT NOT NULL,
    route TEXT NOT NULL,
    currency TEXT NOT NULL,
    share REAL NOT NULL CHECK (share BETWEEN 0 AND 1),
    fees TEXT NOT NULL,
    forecast INTEGER UNIQUE REFERENCES forecast (number),
    PRIMARY KEY (request, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE overriding (
    number INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    line INTEGER NOT NULL,
    net REAL NOT NULL,
    by TEXT NOT NULL CHECK (by <> ''),
    why TEXT NOT NULL CHECK (why <> ''),
    FOREIGN KEY (request, line) REFERENCES hand_over (request, line)
) STRICT;
CREATE INDEX overriding_of_line ON overriding (request, line);

CREATE TABLE settlement (
    number INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,
    day TEXT NOT NULL
) STRICT;

CREATE TABLE outcome (
    number INTEGER PRIMARY KEY,
    settlement INTEGER NOT NULL REFERENCES settlement (number),
    file_line INTEGER NOT NULL CHECK (file_line > 0),
    job TEXT,
    request TEXT,
    line INTEGER,
    serial TEXT,
    tag TEXT,
    audited_model TEXT,
    grade TEXT,
    receipt TEXT NOT NULL,
    disposition TEXT NOT NULL,
    sanitization TEXT NOT NULL,
    received TEXT,
    sold TEXT,
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    currency TEXT NOT NULL,
    gross REAL,
    fees REAL NOT NULL,
    share_stated REAL,
    net_stated REAL,
    net_agreed REAL,
    disputed INTEGER NOT NULL CHECK (disputed IN (0, 1)),
    CHECK ((request IS NULL) = (line IS NULL)),
    FOREIGN KEY (request, line) REFERENCES hand_over (request, line)
) STRICT;
CREATE INDEX outcome_of_line ON outcome (request, line);
CREATE INDEX outcome_of_settlement ON outcome (settlement);

CREATE TABLE market_file (
    number INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    file TEXT NOT NULL,
    day TEXT NOT NULL
) STRICT;

CREATE TABLE observation (
    number INTEGER PRIMARY KEY,
    market_file INTEGER NOT NULL REFERENCES market_file (number),
    month TEXT NOT NULL,
    product TEXT NOT NULL,
    name TEXT NOT NULL,
    variant TEXT NOT NULL,
    class TEXT,
    price REAL NOT NULL,
    currency TEXT NOT NULL,
    basis TEXT NOT NULL,
    grade TEXT NOT NULL,
    quantity REAL,
    configuration TEXT NOT NULL,
    source TEXT NOT NULL,
    flagged INTEGER NOT NULL CHECK (flagged IN (0, 1))
) STRICT;
CREATE INDEX observation_of_file ON observation (market_file);
"];

pub(super) const ADD_FORECAST: &str = "INSERT INTO forecast VALUES \
    (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) \
    ON CONFLICT (digest) DO NOTHING";

pub(super) const FORECASTS: &str = "SELECT given_by, asset, class, product, grade, quantity, route, currency, made, month, \
    gross_mean, gross_p10, gross_p50, gross_p90, net_mean, net_p10, net_p50, net_p90, basis, model \
    FROM forecast ORDER BY number";

/// Forecasts but those that lines left with.
pub(super) const GIVEN_BEFORE: &str = "SELECT given_by, asset, class, product, grade, quantity, route, currency, made, month, \
    gross_mean, gross_p10, gross_p50, gross_p90, net_mean, net_p10, net_p50, net_p90, basis, model \
    FROM forecast WHERE given_by <> 'hand-over' ORDER BY number";

pub(super) const ADD_HAND_OVER: &str = "INSERT INTO hand_over VALUES \
    (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";

/// Hand-overs with their forecasts and the latest override, as far as a condition holds.
macro_rules! hand_overs {
    ($condition:literal) => {
        concat!(
            "SELECT h.request, h.line, h.asset, h.serial, h.tag, h.class, h.product, h.quantity, h.grade, \
             h.data_bearing, h.handed_over, h.route, h.currency, h.share, h.fees, \
             f.made, f.month, f.gross_mean, f.gross_p10, f.gross_p50, f.gross_p90, \
             f.net_mean, f.net_p10, f.net_p50, f.net_p90, f.basis, f.model, o.net, o.by, o.why \
             FROM hand_over h LEFT JOIN forecast f ON f.number = h.forecast \
             LEFT JOIN overriding o ON o.number = \
             (SELECT max(number) FROM overriding WHERE request = h.request AND line = h.line) ",
            $condition,
            " ORDER BY h.request, h.line"
        )
    };
}

/// Every line.
pub(super) const HAND_OVERS: &str = hand_overs!("");

/// The lines of a request.
pub(super) const HAND_OVERS_OF_REQUEST: &str = hand_overs!("WHERE h.request = ?1");

/// One line of a request.
pub(super) const HAND_OVER: &str = hand_overs!("WHERE h.request = ?1 AND h.line = ?2");

pub(super) const ADD_OVERRIDE: &str = "INSERT INTO overriding VALUES (NULL, ?1, ?2, ?3, ?4, ?5)";

pub(super) const OVERRIDES: &str = "SELECT request, line, net, by, why FROM overriding ORDER BY number";

pub(super) const ADD_SETTLEMENT: &str =
    "INSERT INTO settlement VALUES (NULL, ?1, ?2, ?3) ON CONFLICT (fingerprint) DO NOTHING";

pub(super) const SETTLEMENTS: &str = "SELECT fingerprint, file, day FROM settlement ORDER BY number";

pub(super) const ADD_OUTCOME: &str = "INSERT INTO outcome VALUES \
    (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";

macro_rules! outcomes {
    ($which:literal) => {
        concat!(
            "SELECT s.fingerprint, o.file_line, o.job, o.request, o.line, o.serial, o.tag, o.audited_model, o.grade, \
             o.receipt, o.disposition, o.sanitization, o.received, o.sold, o.quantity, o.currency, o.gross, o.fees, \
             o.share_stated, o.net_stated, o.net_agreed, o.disputed \
             FROM outcome o JOIN settlement s ON s.number = o.settlement ",
            $which,
            " ORDER BY o.number"
        )
    };
}

pub(super) const OUTCOMES: &str = outcomes!("");

pub(super) const OUTCOMES_OF: &str = outcomes!("WHERE s.fingerprint = ?1");

pub(super) const NUMBER_OF_SETTLEMENT: &str = "SELECT number FROM settlement WHERE fingerprint = ?1";

pub(super) const REMOVE_OUTCOMES: &str = "DELETE FROM outcome WHERE settlement = ?1";

/// Units of every line that settlements have closed, and those they call pending.
pub(super) const UNITS_SETTLED: &str = "SELECT request, line, \
    sum(CASE WHEN disposition <> 'pending' THEN quantity ELSE 0 END), \
    sum(CASE WHEN disposition = 'pending' THEN quantity ELSE 0 END) \
    FROM outcome WHERE request IS NOT NULL GROUP BY request, line ORDER BY request, line";

pub(super) const ADD_MARKET_FILE: &str =
    "INSERT INTO market_file VALUES (NULL, ?1, ?2, ?3) ON CONFLICT (fingerprint) DO NOTHING";

pub(super) const ADD_OBSERVATION: &str = "INSERT INTO observation VALUES \
    (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

pub(super) const OBSERVATIONS: &str = "SELECT month, product, name, variant, class, price, currency, basis, grade, \
    quantity, configuration, source, flagged FROM observation ORDER BY number";

pub(super) const ADD_CALIBRATION: &str =
    "INSERT INTO calibration VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

pub(super) const CALIBRATIONS: &str = "SELECT number, day, installed, held_back, pinball_before, pinball_after, \
    coverage_before, coverage_after, body FROM calibration ORDER BY number";

pub(super) const COUNTS: &str = "SELECT (SELECT count(*) FROM forecast), (SELECT count(*) FROM hand_over), \
    (SELECT count(*) FROM overriding), (SELECT count(*) FROM settlement), (SELECT count(*) FROM outcome), \
    (SELECT count(*) FROM market_file), (SELECT count(*) FROM observation), (SELECT count(*) FROM calibration)";

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A ledger this program knows, with the tables of today.
    Ledger,
    /// Some other database.
    Other,
    /// A ledger of a later version.
    Newer(u32),
}

/// The version of the tables of today.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// Brings the tables of a database to today, one transaction for all that is missing.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<Kind> {
    // One look, not three: another process may begin the same ledger between two of its questions.
    if let Some(kind) = known(&connection.transaction()?)? {
        return Ok(kind);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have brought it to today while this one waited for its turn.
    if let Some(kind) = known(&transaction)? {
        return Ok(kind);
    }
    let from: u32 = pragma(&transaction, "user_version")?;
    for step in &MIGRATIONS[from as usize..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(Kind::Ledger)
}

/// Puts a ledger in write-ahead mode, which stays in the file.
///
/// SQLite lets nobody change the mode while somebody else reads or writes, and does not wait for its turn: this does.
pub(super) fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let start = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(refused)
                if refused.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && start.elapsed() < WAIT =>
            {
                std::thread::sleep(BETWEEN_TRIES);
            }
            settled => return settled,
        }
    }
}

/// What a database is, or none where tables are missing: its questions want one state, so it takes a transaction.
fn known(connection: &Transaction<'_>) -> rusqlite::Result<Option<Kind>> {
    let application: i32 = pragma(connection, "application_id")?;
    let version: u32 = pragma(connection, "user_version")?;
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, version) {
        (APPLICATION_ID, version) if version > VERSION => Some(Kind::Newer(version)),
        (APPLICATION_ID, VERSION) => Some(Kind::Ledger),
        (APPLICATION_ID, _) => None,
        (0, 0) if tables == 0 => None,
        _ => Some(Kind::Other),
    })
}

fn pragma<T: rusqlite::types::FromSql>(connection: &Connection, name: &str) -> rusqlite::Result<T> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
