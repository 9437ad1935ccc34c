//! The tables of a settlement: outcomes, disputes, forecast against actual, rejects.
//!
//! In: a settlement and what came of holding it against what was agreed. Out: [`Table`]s; amounts are for all units of a line.

use serde_json::{Value, json};

use super::table::{Cell, Table};
use crate::outcome::settle::{Against, Difference, Settled, Settlement, Side};
use crate::outcome::{Disposition, Receipt, Sanitization};

/// The word files use for a plain enumeration.
fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// One line an outcome.
pub fn outcomes_table(settled: &Settled) -> Table {
    let mut table = Table::new(&[
        "file_line",
        "job",
        "request",
        "request_line",
        "matched_by",
        "match",
        "serial",
        "tag",
        "audited_model",
        "part",
        "grade",
        "receipt",
        "disposition",
        "sanitization",
        "received",
        "sold",
        "quantity",
        "currency",
        "gross",
        "fees",
        "share_stated",
        "net_stated",
        "net_agreed",
        "disputed",
        "settlement_sha256",
    ]);
    for line in &settled.lines {
        let outcome = &line.outcome;
        let (request, number) = match &outcome.handed_over {
            Some((request, number)) => (Cell::text(request.clone()), Cell::number(number)),
            None => (Cell::Empty, Cell::Empty),
        };
        let amount = |value: Option<f64>| value.map_or(Cell::Empty, Cell::amount);
        let (receipt, disposition): (Receipt, Disposition) = (outcome.receipt, outcome.disposition);
        let sanitization: Sanitization = outcome.sanitization;
        table.rows.push(vec![
            Cell::number(outcome.file_line),
            Cell::optional(outcome.job.clone()),
            request,
            number,
            Cell::optional(line.matched_by.map(|by| by.name())),
            Cell::text(line.matched_by.map_or("none", |by| by.sureness())),
            Cell::optional(outcome.serial.clone()),
            Cell::optional(outcome.tag.clone()),
            Cell::optional(outcome.audited_model.clone()),
            Cell::text(if line.is_part { "yes" } else { "" }),
            Cell::optional(outcome.grade.clone()),
            Cell::text(word(receipt)),
            Cell::text(word(disposition)),
            Cell::text(word(sanitization)),
            Cell::optional(outcome.received),
            Cell::optional(outcome.sold),
            Cell::number(outcome.quantity),
            Cell::text(outcome.currency.code()),
            amount(outcome.gross),
            Cell::amount(outcome.fees),
            outcome.share_stated.map_or(Cell::Empty, |share| Cell::Number(format!("{share:.4}"))),
            amount(outcome.net_stated),
            amount(outcome.net_agreed),
            Cell::text(if outcome.disputed { "yes" } else { "no" }),
            Cell::text(outcome.settlement.clone()),
        ]);
    }
    table
}

/// One line a difference, to dispute or to confirm.
pub fn disputes_table(settled: &Settled) -> Table {
    let mut table = Table::new(&[
        "kind",
        "dispute",
        "file_line",
        "request",
        "request_line",
        "unit",
        "expected",
        "stated",
        "at_stake",
        "currency",
        "sentence",
    ]);
    for difference in &settled.differences {
        let Difference { kind, file_line, handed_over, unit, expected, stated, stake, currency, sentence } =
            difference;
        table.rows.push(vec![
            Cell::text(kind.name()),
            Cell::text(if kind.is_dispute() { "yes" } else { "to confirm" }),
            file_line.map_or(Cell::Empty, Cell::number),
            Cell::optional(handed_over.as_ref().map(|(request, _)| request.clone())),
            handed_over.as_ref().map_or(Cell::Empty, |(_, number)| Cell::number(number)),
            Cell::text(unit.clone()),
            Cell::text(expected.clone()),
            Cell::text(stated.clone()),
            stake.map_or(Cell::Empty, Cell::amount),
            Cell::text(currency.code()),
            Cell::text(sentence.clone()),
        ]);
    }
    table
}

/// One line a hand-over with a final outcome.
pub fn forecast_against_actual_table(settled: &Settled) -> Table {
    let mut table = Table::new(&[
        "request",
        "request_line",
        "asset",
        "product",
        "units",
        "currency",
        "basis",
        "gross_p10",
        "gross_p50",
        "gross_p90",
        "gross_actual",
        "gross_is",
        "net_mean",
        "net_p10",
        "net_p50",
        "net_p90",
        "net_actual",
        "net_is",
        "net_overridden",
    ]);
    for line in &settled.forecasts.lines {
        let Against { handed_over, asset, product, units, currency, gross, net, overridden, basis } = line;
        let mut row = vec![
            Cell::text(handed_over.0.clone()),
            Cell::number(handed_over.1),
            Cell::text(asset.clone()),
            Cell::text(product.clone()),
            Cell::number(units),
            Cell::text(currency.code()),
            Cell::text(basis.clone()),
        ];
        match gross {
            Some(side) => row.extend(side_cells(side)),
            None => row.extend([const { Cell::Empty }; 5]),
        }
        row.push(Cell::amount(net.forecast.mean));
        row.extend(side_cells(net));
        row.push(overridden.map_or(Cell::Empty, Cell::amount));
        table.rows.push(row);
    }
    table
}

fn side_cells(side: &Side) -> [Cell; 5] {
    [
        Cell::amount(side.forecast.p10),
        Cell::amount(side.forecast.p50),
        Cell::amount(side.forecast.p90),
        Cell::amount(side.actual),
        Cell::text(side.verdict.name()),
    ]
}

/// Rows that are no lines, and cells that were read with a doubt.
pub fn settlement_rejects_table(settlement: &Settlement) -> Table {
    let mut table = Table::new(&["file", "table", "line", "column", "text", "reason", "remedy"]);
    let file = settlement.path.display().to_string();
    for reject in &settlement.rejects {
        table.rows.push(vec![
            Cell::text(file.clone()),
            Cell::text(reject.table.clone()),
            Cell::number(reject.file_line),
            Cell::text(reject.column.clone()),
            Cell::text(reject.text.clone()),
            Cell::text(reject.reason.clone()),
            Cell::text(reject.remedy.clone()),
        ]);
    }
    table
}

/// Everything as one JSON object.
pub fn settlement_json(settlement: &Settlement, settled: &Settled) -> String {
    let rows = |table: Table| serde_json::from_str::<Value>(&table.to_json()).unwrap_or(Value::Null);
    let all = json!({
        "settlement": settlement.path.display().to_string(),
        "sha256": settlement.sha256,
        "rows": {
            "in": settlement.rows_in,
            "lines": settlement.lines.len(),
            "rejects": settlement.rejects.len(),
            "totals": settlement.totals.len(),
        },
        "outcomes": rows(outcomes_table(settled)),
        "disputes": rows(disputes_table(settled)),
        "forecast_against_actual": rows(forecast_against_actual_table(settled)),
        "rejects": rows(settlement_rejects_table(settlement)),
    });
    format!("{all:#}\n")
}
