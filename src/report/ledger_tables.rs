//! Tables of the ledger, for other programs.
//!
//! In: records of a ledger, or its grades. Out: [`Table`]s with one line a record. Amounts are written with all their
//! digits.

use serde::Serialize;

use super::table::{Cell, Table};
use crate::outcome::ledger::{Given, Grades, Group, Score, Tried};
use crate::outcome::{ForecastMade, HandedOver, Outcome, Overridden};
use crate::units::Quantiles;

/// Columns of a forecast, as it was made.
const FORECAST: [&str; 12] = [
    "made",
    "month",
    "gross_mean",
    "gross_p10",
    "gross_p50",
    "gross_p90",
    "net_mean",
    "net_p10",
    "net_p50",
    "net_p90",
    "basis",
    "model",
];

fn table(columns: &[&[&'static str]], rows: impl Iterator<Item = Vec<Cell>>) -> Table {
    let mut table = Table::new(&columns.concat());
    table.rows = rows.collect();
    table
}

/// The word files use for a value.
fn word(value: &impl Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Cell::text(text),
        _ => Cell::Empty,
    }
}

fn exact(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, Cell::number)
}

fn forecast_cells(forecast: Option<&ForecastMade>) -> Vec<Cell> {
    let Some(forecast) = forecast else { return vec![Cell::Empty; FORECAST.len()] };
    let points = |quantiles: Quantiles| [quantiles.mean, quantiles.p10, quantiles.p50, quantiles.p90];
    let mut cells = vec![Cell::text(forecast.made.to_string()), Cell::text(forecast.month.to_string())];
    cells.extend(points(forecast.gross).into_iter().chain(points(forecast.net)).map(Cell::number));
    cells.extend([Cell::text(&forecast.basis), Cell::text(&forecast.model)]);
    cells
}

/// Every forecast handed out.
pub fn forecasts_table(given: &[Given]) -> Table {
    let own = ["given_by", "asset", "class", "product", "grade", "quantity", "route", "currency"];
    let rows = given.iter().map(|one| {
        let mut cells = vec![
            Cell::text(one.by.name()),
            Cell::optional(one.asset.as_ref()),
            Cell::text(one.class.name()),
            Cell::text(&one.product),
            Cell::optional(one.grade.as_ref()),
            Cell::number(one.quantity),
            Cell::text(&one.route),
            Cell::text(one.currency.code()),
        ];
        cells.extend(forecast_cells(Some(&one.forecast)));
        cells
    });
    table(&[&own, &FORECAST], rows)
}

/// Every line handed over.
pub fn hand_overs_table(lines: &[HandedOver]) -> Table {
    let own = [
        "request",
        "line",
        "asset",
        "serial",
        "tag",
        "class",
        "product",
        "quantity",
        "grade",
        "data_bearing",
        "handed_over",
        "route",
        "currency",
        "share",
        "fees",
    ];
    let rows = lines.iter().map(|line| {
        let mut cells = vec![
            Cell::text(&line.request),
            Cell::number(line.line),
            Cell::text(&line.asset),
            Cell::optional(line.serial.as_ref()),
            Cell::optional(line.tag.as_ref()),
            Cell::text(line.class.name()),
            Cell::text(&line.product),
            Cell::number(line.quantity),
            Cell::optional(line.grade.as_ref()),
            Cell::text(if line.data_bearing { "yes" } else { "no" }),
            Cell::text(line.handed_over.to_string()),
            Cell::text(&line.route),
            Cell::text(line.currency.code()),
            Cell::number(line.terms.share),
            word(&line.terms.fees),
        ];
        cells.extend(forecast_cells(line.forecast.as_ref()));
        let own = line.overridden.as_ref();
        cells.extend([
            exact(own.map(|own| own.net)),
            Cell::optional(own.map(|own| &own.by)),
            Cell::optional(own.map(|own| &own.why)),
        ]);
        cells
    });
    table(&[&own, &FORECAST, &["override_net", "override_by", "override_why"]], rows)
}

/// Every line of a settlement.
pub fn outcomes_table(outcomes: &[Outcome]) -> Table {
    let columns = [
        "settlement",
        "file_line",
        "job",
        "request",
        "line",
        "serial",
        "tag",
        "audited_model",
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
    ];
    let rows = outcomes.iter().map(|one| {
        vec![
            Cell::text(&one.settlement),
            Cell::number(one.file_line),
            Cell::optional(one.job.as_ref()),
            Cell::optional(one.handed_over.as_ref().map(|(request, _)| request)),
            one.handed_over.as_ref().map_or(Cell::Empty, |(_, line)| Cell::number(line)),
            Cell::optional(one.serial.as_ref()),
            Cell::optional(one.tag.as_ref()),
            Cell::optional(one.audited_model.as_ref()),
            Cell::optional(one.grade.as_ref()),
            word(&one.receipt),
            word(&one.disposition),
            word(&one.sanitization),
            Cell::optional(one.received),
            Cell::optional(one.sold),
            Cell::number(one.quantity),
            Cell::text(one.currency.code()),
            exact(one.gross),
            Cell::number(one.fees),
            exact(one.share_stated),
            exact(one.net_stated),
            exact(one.net_agreed),
            Cell::text(if one.disputed { "yes" } else { "no" }),
        ]
    });
    table(&[&columns], rows)
}

/// Every override, the earlier ones too.
pub fn overrides_table(overrides: &[((String, u32), Overridden)]) -> Table {
    let rows = overrides.iter().map(|((request, line), own)| {
        vec![
            Cell::text(request),
            Cell::number(line),
            Cell::number(own.net),
            Cell::text(&own.by),
            Cell::text(&own.why),
        ]
    });
    table(&[&["request", "line", "net", "by", "why"]], rows)
}

/// Every calibration that was tried.
pub fn calibrations_table(calibrations: &[Tried]) -> Table {
    let columns = [
        "number",
        "day",
        "installed",
        "sales",
        "held_back",
        "pinball_before",
        "pinball_after",
        "coverage_before",
        "coverage_after",
        "fingerprint",
    ];
    let rows = calibrations.iter().map(|tried| {
        vec![
            Cell::number(tried.number),
            Cell::text(tried.day.to_string()),
            Cell::text(if tried.installed { "yes" } else { "no" }),
            Cell::number(tried.calibration.sales),
            Cell::number(tried.held_back),
            Cell::number(tried.pinball.0),
            Cell::number(tried.pinball.1),
            Cell::number(tried.coverage.0),
            Cell::number(tried.coverage.1),
            Cell::text(tried.calibration.fingerprint()),
        ]
    });
    table(&[&columns], rows)
}

/// One line a score: gross, net, and the figures put in the place of forecasts with the model's beside them.
pub fn grades_table(grades: &Grades) -> Table {
    let columns = [
        "of",
        "given_by",
        "class",
        "months_from",
        "months_to",
        "forecasts",
        "bias_percent",
        "error_percent",
        "pinball_10",
        "pinball_50",
        "pinball_90",
        "coverage_percent",
    ];
    let number = |value: f64| Cell::Number(format!("{value:.3}"));
    let scored = |of: &'static str, group: &Group, score: &Score| {
        let mut cells = vec![
            Cell::text(of),
            Cell::text(group.by.name()),
            Cell::text(group.class.map_or("all", |class| class.name())),
            group.horizon.map_or(Cell::Empty, |horizon| Cell::number(horizon.from)),
            group.horizon.and_then(|horizon| horizon.to).map_or(Cell::Empty, Cell::number),
            Cell::number(score.forecasts),
            number(score.bias),
            number(score.error),
        ];
        cells.extend(score.pinball.map(number));
        cells.push(number(score.coverage));
        cells
    };
    let both = [("gross", &grades.gross), ("net", &grades.net)];
    let scores = both
        .into_iter()
        .flat_map(|(of, scores)| scores.iter().map(move |(group, score)| scored(of, group, score)));
    let overrides = grades.overrides.iter().flat_map(|(class, score)| {
        let both = [
            ("net, model where overridden", score.model_bias, score.model_error),
            ("net, override", score.own_bias, score.own_error),
        ];
        both.map(|(of, bias, error)| {
            let mut cells = vec![
                Cell::text(of),
                Cell::text("hand-over"),
                Cell::text(class.map_or("all", |class| class.name())),
                Cell::Empty,
                Cell::Empty,
                Cell::number(score.lines),
                number(bias),
                number(error),
            ];
            cells.extend(vec![Cell::Empty; 4]);
            cells
        })
    });
    table(&[&columns], scores.chain(overrides))
}
