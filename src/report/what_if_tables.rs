//! A comparison of scenarios as tables and files.
//!
//! In: a [`WhatIf`]. Out: one long table each, the base first, so that a filter or a pivot shows any view. Sums of
//! `months.csv` and of `quarters.csv` are the totals of `summary.csv` to the cent.

use serde_json::{Map, Value, json};

use super::manifest::{inputs, models_used};
use super::table::{Cell, Table};
use crate::decide::{BookKept, Policy};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::scenario::{Answer, Line, Measure, WhatIf};
use crate::units::{Money, Month, Quantiles, sha256};

fn money(amount: Money) -> Cell {
    Cell::Number(amount.plain())
}

/// One amount of the summary.
struct Amount {
    name: String,
    value: Money,
    quantiles: Option<Quantiles>,
}

fn amounts(answer: &Answer) -> Vec<Amount> {
    let mut found: Vec<Amount> = Measure::ALL
        .into_iter()
        .map(|measure| Amount {
            name: measure.name().to_owned(),
            value: answer.total(measure),
            quantiles: match measure {
                Measure::NetRecovery => Some(answer.recovery),
                Measure::TotalCost => Some(answer.total_cost),
                _ => None,
            },
        })
        .collect();
    let plain = |name: String, value: Money| Amount { name, value, quantiles: None };
    found.push(plain("present total cost".to_owned(), answer.present_cost));
    if let Ok(each) = Money::from_major(answer.cost_per_unit_and_year(), answer.currency) {
        found.push(plain("total cost of a unit and year".to_owned(), each));
    }
    found.extend(answer.books.iter().enumerate().map(|(book, kept)| {
        plain(format!("gain or loss on disposals, {}", kept.name), answer.gain(book, |_| true))
    }));
    found
}

/// Every measure of every scenario with its difference from the base.
pub fn what_if_summary(found: &WhatIf) -> Table {
    let mut table =
        Table::new(&["scenario", "measure", "amount", "base", "difference", "p10", "p50", "p90", "currency"]);
    let of_base = amounts(&found.base);
    for answer in found.answers() {
        for (own, base) in amounts(answer).into_iter().zip(&of_base) {
            let difference = Money::from_minor(own.value.minor() - base.value.minor(), found.currency);
            let point = |of: fn(&Quantiles) -> f64| {
                own.quantiles.as_ref().map_or(Cell::Empty, |quantiles| Cell::amount(of(quantiles)))
            };
            table.rows.push(vec![
                Cell::text(&answer.name),
                Cell::text(own.name.clone()),
                money(own.value),
                money(base.value),
                money(difference),
                point(|quantiles| quantiles.p10),
                point(|quantiles| quantiles.p50),
                point(|quantiles| quantiles.p90),
                Cell::text(found.currency.code()),
            ]);
        }
    }
    table
}

/// Every measure by quarter, with units that leave and the gain or loss by book.
pub fn what_if_quarters(found: &WhatIf) -> Table {
    let gains: Vec<String> = found.base.books.iter().map(|book| format!("gain {}", book.name)).collect();
    let mut columns = vec!["scenario", "quarter"];
    columns.extend(Measure::ALL.map(|measure| measure.name()));
    columns.push("units leaving");
    columns.extend(gains.iter().map(String::as_str));
    columns.push("currency");
    let mut table = Table::new(&columns);
    for answer in found.answers() {
        let units = answer.leaving();
        for quarter in answer.quarters() {
            let within = |month: Month| month.quarter_name() == quarter;
            let leaving: u64 =
                units.iter().filter(|((name, _), _)| *name == quarter).map(|(_, units)| units).sum();
            let mut row = vec![Cell::text(&answer.name), Cell::text(quarter.clone())];
            row.extend(Measure::ALL.map(|measure| money(answer.sum(measure, within))));
            row.push(Cell::number(leaving));
            row.extend((0..gains.len()).map(|book| money(answer.gain(book, within))));
            row.push(Cell::text(found.currency.code()));
            table.rows.push(row);
        }
    }
    table
}

/// Every line by month; what goes out is negative.
pub fn what_if_months(found: &WhatIf) -> Table {
    let mut table = Table::new(&["scenario", "month", "quarter", "line", "kind", "amount", "currency"]);
    for answer in found.answers() {
        for ahead in 0..=answer.horizon() {
            let month = answer.month(ahead);
            for line in Line::ALL {
                let cents = answer.lines.get(&line).map_or(0, |cents| cents[ahead]);
                let sign = if line.comes_in() { 1 } else { -1 };
                if cents == 0 {
                    continue;
                }
                let kind = match line {
                    Line::Left => "value",
                    line if line.is_capex() => "capex",
                    line if line.is_opex() => "opex",
                    _ => "income",
                };
                table.rows.push(vec![
                    Cell::text(&answer.name),
                    Cell::text(month.to_string()),
                    Cell::text(month.quarter_name()),
                    Cell::text(line.name()),
                    Cell::text(kind),
                    money(Money::from_minor(sign * cents, found.currency)),
                    Cell::text(found.currency.code()),
                ]);
            }
        }
    }
    table
}

/// What leaves when and from where, with its books: five columns a book.
pub fn what_if_departures(found: &WhatIf) -> Table {
    let of_books: Vec<String> = found
        .base
        .books
        .iter()
        .flat_map(|book| {
            ["cost", "accumulated", "book_value", "gain", "written_off"]
                .map(|column| format!("{}_{column}", book.key))
        })
        .collect();
    let mut columns =
        vec!["scenario", "month", "quarter", "site", "class", "product", "route", "units", "recovery_total"];
    columns.extend(of_books.iter().map(String::as_str));
    columns.push("currency");
    let mut table = Table::new(&columns);
    for answer in found.answers() {
        for departure in &answer.departures {
            let mut row = vec![
                Cell::text(&answer.name),
                Cell::text(departure.month.to_string()),
                Cell::text(departure.month.quarter_name()),
                Cell::text(&departure.site),
                Cell::text(departure.class.name()),
                Cell::text(&departure.product),
                Cell::text(departure.route.name()),
                Cell::number(departure.units),
                money(departure.recovery),
            ];
            for all in &departure.books {
                row.extend(match all {
                    None => vec![Cell::Empty; 5],
                    Some(all) => vec![
                        money(all.cost),
                        money(all.accumulated()),
                        money(all.value),
                        money(all.gain(departure.recovery)),
                        Cell::text(all.written_off.to_string()),
                    ],
                });
            }
            row.push(Cell::text(found.currency.code()));
            table.rows.push(row);
        }
    }
    table
}

/// Drivers at either end of their range.
pub fn what_if_tornado(found: &WhatIf) -> Table {
    let mut table = Table::new(&[
        "driver",
        "unit",
        "low",
        "now",
        "high",
        "present_total_cost",
        "present_total_cost_low",
        "present_total_cost_high",
        "net_recovery_low",
        "net_recovery_high",
        "currency",
    ]);
    for swing in &found.tornado {
        let number = |value: f64| Cell::Number(format!("{value:.4}"));
        table.rows.push(vec![
            Cell::text(swing.driver.name),
            Cell::text(swing.driver.unit),
            number(swing.driver.low),
            number(swing.driver.now),
            number(swing.driver.high),
            money(found.base.present_cost),
            money(swing.cost_low),
            money(swing.cost_high),
            money(swing.recovery_low),
            money(swing.recovery_high),
            Cell::text(found.currency.code()),
        ]);
    }
    table
}

/// Values of drivers at which a scenario costs what the base costs.
pub fn what_if_break_evens(found: &WhatIf) -> Table {
    let mut table = Table::new(&[
        "scenario",
        "driver",
        "unit",
        "now",
        "break_even",
        "least_tried",
        "most_tried",
        "present_cost_more_now",
        "currency",
    ]);
    for one in &found.break_evens {
        let number =
            |value: Option<f64>| value.map_or(Cell::Empty, |value| Cell::Number(format!("{value:.4}")));
        table.rows.push(vec![
            Cell::text(&one.scenario),
            Cell::text(one.driver.name),
            Cell::text(one.driver.unit),
            number(Some(one.driver.now)),
            number(one.value),
            number(one.driver.widest.map(|(least, _)| least)),
            number(one.driver.widest.map(|(_, most)| most)),
            money(one.more_now),
            Cell::text(found.currency.code()),
        ]);
    }
    table
}

/// Who beats whom, with what probability.
pub fn what_if_beats(found: &WhatIf) -> Table {
    let mut table = Table::new(&["scenario", "other", "brings_in_more", "costs_less"]);
    for (row, one) in found.answers().enumerate() {
        for (column, other) in found.answers().enumerate().filter(|(column, _)| *column != row) {
            let share = |value: f64| Cell::Number(format!("{value:.4}"));
            table.rows.push(vec![
                Cell::text(&one.name),
                Cell::text(&other.name),
                share(found.beats.recovery[row][column]),
                share(found.beats.total_cost[row][column]),
            ]);
        }
    }
    table
}

/// All tables in one JSON object.
pub fn what_if_json(found: &WhatIf) -> String {
    let tables = [
        ("summary", what_if_summary(found)),
        ("quarters", what_if_quarters(found)),
        ("tornado", what_if_tornado(found)),
        ("break_evens", what_if_break_evens(found)),
        ("beats", what_if_beats(found)),
    ];
    let value = |table: &Table| serde_json::from_str(&table.to_json()).unwrap_or(Value::Null);
    let all: Map<String, Value> =
        tables.iter().map(|(name, table)| ((*name).to_owned(), value(table))).collect();
    format!("{:#}\n", Value::Object(all))
}

/// How the books were kept: what the 40 % test said, and how many units it could not count.
fn books(answer: &Answer) -> Vec<Value> {
    let of_book = |book: &BookKept| {
        json!({
            "name": book.name,
            "mid_quarter_years": book.mid_quarter_years,
            "units_out_of_the_40_percent_test": book.untested,
        })
    };
    answer.books.iter().map(of_book).collect()
}

/// What the comparison was made from.
pub fn what_if_manifest(
    found: &WhatIf,
    fleet: &Fleet,
    models: &Models,
    policy: &Policy,
    scenarios: &str,
) -> String {
    let settings = serde_json::to_value(policy).unwrap_or(Value::Null);
    let totals = |answer: &Answer| {
        let totals: Map<String, Value> = amounts(answer)
            .into_iter()
            .map(|amount| (amount.name, Value::String(amount.value.plain())))
            .collect();
        json!({
            "name": answer.name,
            "description": answer.description,
            "changes": answer.changes,
            "units": answer.units,
            "units_leaving": answer.units_leaving,
            "units_outside": answer.units_outside,
            "books": books(answer),
            "totals": totals,
        })
    };
    let manifest = json!({
        "residua": env!("CARGO_PKG_VERSION"),
        "as_of": found.as_of.to_string(),
        "horizon_months": found.base.horizon(),
        "currency": found.currency,
        "inputs": inputs(fleet),
        "models": models_used(models),
        "settings_sha256": sha256(settings.to_string().as_bytes()),
        "settings": settings,
        "scenarios": { "path": found.file, "sha256": sha256(scenarios.as_bytes()) },
        "answers": found.answers().map(totals).collect::<Vec<_>>(),
    });
    format!("{manifest:#}\n")
}
