//! Rows as typed records.
//!
//! In: a row of one of the statements in `schema`. Out: the record it stands for, and the other way round. Words, months
//! and days are stored as files write them; numbers as SQLite holds them, so that what is read is what was filed, bit
//! for bit.

use jiff::civil::Date;
use rusqlite::types::{FromSql, Type};
use rusqlite::{Error, Result, Row, Statement, params};
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::recalibrate::Recalibration;
use super::{Given, SettlementRecord, Tried};
use crate::market::Observation;
use crate::outcome::{ForecastMade, HandedOver, Outcome, Overridden, Terms};
use crate::price::calibration::Calibration;
use crate::units::Quantiles;

/// A stored word that means nothing here.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` in column {column}")]
pub(super) struct StrangeWord {
    /// What stands there.
    pub text: String,
    /// Where.
    pub column: String,
}

/// Cells of a forecast, empty where there is none.
const FORECAST_CELLS: usize = 12;

/// The cells of a row, from left to right.
struct Cells<'row, 'statement> {
    row: &'row Row<'statement>,
    at: usize,
}

impl Cells<'_, '_> {
    fn take<T: FromSql>(&mut self) -> Result<T> {
        self.at += 1;
        self.row.get(self.at - 1)
    }

    /// A word of files.
    fn word<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T> {
        let text: String = self.take()?;
        self.read(&text)
    }

    fn optional_word<T: for<'de> Deserialize<'de>>(&mut self) -> Result<Option<T>> {
        let text: Option<String> = self.take()?;
        text.map(|text| self.read(&text)).transpose()
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, text: &str) -> Result<T> {
        T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).map_err(|_| {
            let column = self.row.as_ref().column_name(self.at - 1).unwrap_or("?").to_owned();
            let strange = StrangeWord { text: text.to_owned(), column };
            Error::FromSqlConversionFailure(self.at - 1, Type::Text, Box::new(strange))
        })
    }

    fn quantiles(&mut self) -> Result<Quantiles> {
        Ok(Quantiles { mean: self.take()?, p10: self.take()?, p50: self.take()?, p90: self.take()? })
    }

    fn forecast(&mut self) -> Result<ForecastMade> {
        Ok(ForecastMade {
            made: self.word()?,
            month: self.word()?,
            gross: self.quantiles()?,
            net: self.quantiles()?,
            basis: self.take()?,
            model: self.take()?,
        })
    }

    fn calibration(&mut self) -> Result<Calibration> {
        let text: String = self.take()?;
        Calibration::from_json("the ledger", &text)
            .map_err(|error| Error::FromSqlConversionFailure(self.at - 1, Type::Text, Box::new(error)))
    }

    fn overridden(&mut self) -> Result<Overridden> {
        Ok(Overridden { net: self.take()?, by: self.take()?, why: self.take()? })
    }
}

/// The word files use for a value.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => other.map_or_else(|error| error.to_string(), |value| value.to_string()),
    }
}

fn day(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}

/// One row of `FORECASTS`.
pub(super) fn given(row: &Row<'_>) -> Result<Given> {
    let mut cells = Cells { row, at: 0 };
    Ok(Given {
        by: cells.word()?,
        asset: cells.take()?,
        class: cells.word()?,
        product: cells.take()?,
        grade: cells.take()?,
        quantity: cells.take()?,
        route: cells.take()?,
        currency: cells.word()?,
        forecast: cells.forecast()?,
    })
}

/// Files one forecast, if its digest is not there yet, and says how many rows that adds. The digest is that of all its
/// contents; a forecast that a line left with has none, as its line is known by itself.
pub(super) fn add_forecast(
    statement: &mut Statement<'_>,
    given: &Given,
    digest: Option<&str>,
) -> Result<usize> {
    let Given { forecast, .. } = given;
    let (gross, net) = (forecast.gross, forecast.net);
    statement.execute(params![
        given.by.name(),
        given.asset,
        given.class.name(),
        given.product,
        given.grade,
        given.quantity,
        given.route,
        given.currency.code(),
        forecast.made.to_string(),
        forecast.month.to_string(),
        gross.mean,
        gross.p10,
        gross.p50,
        gross.p90,
        net.mean,
        net.p10,
        net.p50,
        net.p90,
        forecast.basis,
        forecast.model,
        digest,
    ])
}

/// One row of `HAND_OVERS`.
pub(super) fn hand_over(row: &Row<'_>) -> Result<HandedOver> {
    let mut cells = Cells { row, at: 0 };
    let mut handed_over = HandedOver {
        request: cells.take()?,
        line: cells.take()?,
        asset: cells.take()?,
        serial: cells.take()?,
        tag: cells.take()?,
        class: cells.word()?,
        product: cells.take()?,
        quantity: cells.take()?,
        grade: cells.take()?,
        data_bearing: cells.take()?,
        handed_over: cells.word()?,
        route: cells.take()?,
        currency: cells.word()?,
        terms: Terms { share: cells.take()?, fees: cells.word()? },
        forecast: None,
        overridden: None,
    };
    let mut forecast = Cells { row, at: cells.at };
    if row.get::<_, Option<String>>(forecast.at)?.is_some() {
        handed_over.forecast = Some(forecast.forecast()?);
    }
    let mut own = Cells { row, at: cells.at + FORECAST_CELLS };
    if row.get::<_, Option<f64>>(own.at)?.is_some() {
        handed_over.overridden = Some(own.overridden()?);
    }
    Ok(handed_over)
}

/// Files one line that was handed over, with the number of its forecast.
pub(super) fn add_hand_over(
    statement: &mut Statement<'_>,
    line: &HandedOver,
    forecast: Option<i64>,
) -> Result<usize> {
    statement.execute(params![
        line.request,
        line.line,
        line.asset,
        line.serial,
        line.tag,
        line.class.name(),
        line.product,
        line.quantity,
        line.grade,
        line.data_bearing,
        line.handed_over.to_string(),
        line.route,
        line.currency.code(),
        line.terms.share,
        word(&line.terms.fees),
        forecast,
    ])
}

/// One row of `OVERRIDES`: the line and what was put in place of its forecast.
pub(super) fn overridden(row: &Row<'_>) -> Result<((String, u32), Overridden)> {
    let mut cells = Cells { row, at: 0 };
    Ok(((cells.take()?, cells.take()?), cells.overridden()?))
}

/// One row of `SETTLEMENTS`.
pub(super) fn settlement(row: &Row<'_>) -> Result<SettlementRecord> {
    let mut cells = Cells { row, at: 0 };
    Ok(SettlementRecord { fingerprint: cells.take()?, file: cells.take()?, day: cells.word()? })
}

/// One row of `OUTCOMES`.
pub(super) fn outcome(row: &Row<'_>) -> Result<Outcome> {
    let mut cells = Cells { row, at: 0 };
    Ok(Outcome {
        settlement: cells.take()?,
        file_line: cells.take()?,
        job: cells.take()?,
        handed_over: match (cells.take::<Option<String>>()?, cells.take::<Option<u32>>()?) {
            (Some(request), Some(line)) => Some((request, line)),
            _ => None,
        },
        serial: cells.take()?,
        tag: cells.take()?,
        audited_model: cells.take()?,
        grade: cells.take()?,
        receipt: cells.word()?,
        disposition: cells.word()?,
        sanitization: cells.word()?,
        received: cells.optional_word()?,
        sold: cells.optional_word()?,
        quantity: cells.take()?,
        currency: cells.word()?,
        gross: cells.take()?,
        fees: cells.take()?,
        share_stated: cells.take()?,
        net_stated: cells.take()?,
        net_agreed: cells.take()?,
        disputed: cells.take()?,
    })
}

/// Files one line of a settlement.
pub(super) fn add_outcome(
    statement: &mut Statement<'_>,
    settlement: i64,
    outcome: &Outcome,
) -> Result<usize> {
    let (request, line) = outcome.handed_over.as_ref().map(|(request, line)| (request, line)).unzip();
    statement.execute(params![
        settlement,
        outcome.file_line,
        outcome.job,
        request,
        line,
        outcome.serial,
        outcome.tag,
        outcome.audited_model,
        outcome.grade,
        word(&outcome.receipt),
        word(&outcome.disposition),
        word(&outcome.sanitization),
        day(outcome.received),
        day(outcome.sold),
        outcome.quantity,
        outcome.currency.code(),
        outcome.gross,
        outcome.fees,
        outcome.share_stated,
        outcome.net_stated,
        outcome.net_agreed,
        outcome.disputed,
    ])
}

/// One row of `OBSERVATIONS`.
pub(super) fn observation(row: &Row<'_>) -> Result<Observation> {
    let mut cells = Cells { row, at: 0 };
    Ok(Observation {
        month: cells.word()?,
        product: cells.take()?,
        name: cells.take()?,
        variant: cells.take()?,
        class: cells.optional_word()?,
        price: cells.take()?,
        currency: cells.word()?,
        basis: cells.word()?,
        grade: cells.take()?,
        quantity: cells.take()?,
        configuration: cells.take()?,
        source: cells.take()?,
        flagged: cells.take()?,
    })
}

/// Files one price of a market file.
pub(super) fn add_observation(statement: &mut Statement<'_>, file: i64, seen: &Observation) -> Result<usize> {
    statement.execute(params![
        file,
        seen.month.to_string(),
        seen.product,
        seen.name,
        seen.variant,
        seen.class.map(|class| class.name()),
        seen.price,
        seen.currency.code(),
        seen.basis.name(),
        seen.grade,
        seen.quantity,
        seen.configuration,
        seen.source,
        seen.flagged,
    ])
}

/// One row of `CALIBRATIONS`.
pub(super) fn tried(row: &Row<'_>) -> Result<Tried> {
    let mut cells = Cells { row, at: 0 };
    Ok(Tried {
        number: cells.take()?,
        day: cells.word()?,
        installed: cells.take()?,
        held_back: cells.take()?,
        pinball: (cells.take()?, cells.take()?),
        coverage: (cells.take()?, cells.take()?),
        calibration: cells.calibration()?,
    })
}

/// Files one calibration with its trial.
pub(super) fn add_calibration(
    statement: &mut Statement<'_>,
    day: Date,
    installed: bool,
    tried: &Recalibration,
) -> Result<i64> {
    let body = tried.calibration.to_json().map_err(|error| Error::ToSqlConversionFailure(Box::new(error)))?;
    statement.insert(params![
        day.to_string(),
        installed,
        tried.after.sales,
        tried.before.pinball,
        tried.after.pinball,
        tried.before.coverage,
        tried.after.coverage,
        body,
    ])
}
