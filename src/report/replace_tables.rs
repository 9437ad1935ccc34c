//! A purchase and what it displaces as tables and files.
//!
//! In: a [`Replacement`] with its fleet. Out: a line for each part of a cohort that leaves, a line for each task, JSON of
//! everything, the manifest. Sums of the lines are the totals of the manifest to the cent.

use serde_json::{Value, json};

use super::manifest::{inputs, models_used};
use super::table::{Cell, Table};
use crate::decide::{Policy, Total};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::scenario::{Delay, Replacement};
use crate::units::{Money, sha256};

fn money(amount: Money) -> Cell {
    Cell::Number(amount.plain())
}

/// Expected amount and quantiles of a total; nothing for none.
fn total_cells(total: Option<&Total>) -> [Cell; 4] {
    total.map_or([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty], |total| {
        let of = Cell::amount;
        [money(total.expected), of(total.quantiles.p10), of(total.quantiles.p50), of(total.quantiles.p90)]
    })
}

/// What leaves, in its order.
pub fn replace_table(found: &Replacement, fleet: &Fleet) -> Table {
    let mut table = Table::new(&[
        "order",
        "product",
        "class",
        "site",
        "units",
        "units_of_cohort",
        "asset_ids",
        "hand_over",
        "route",
        "newcomers_each",
        "newcomers",
        "compared_by",
        "saving_a_quarter_per_newcomer",
        "value_each",
        "value_total",
        "value_p10",
        "value_p50",
        "value_p90",
        "recovery_each",
        "recovery_total",
        "recovery_p10",
        "recovery_p50",
        "recovery_p90",
        "price_fall",
    ]);
    for book in &found.books {
        table.columns.extend(["book_value", "gain"].map(|column| format!("{}_{column}", book.key)));
    }
    table.columns.extend(["plan_month", "currency"].map(str::to_owned));
    for line in &found.displaced {
        let ids: Vec<String> = line
            .assets
            .iter()
            .map(|(index, units)| {
                let asset = &fleet.assets[*index];
                if *units == 1 { asset.id.clone() } else { format!("{} ({units})", asset.id) }
            })
            .collect();
        let share = |value: f64| Cell::Number(format!("{value:.4}"));
        let mut row = vec![
            Cell::number(line.rank),
            Cell::text(&line.product),
            Cell::text(line.class.name()),
            Cell::text(&line.site),
            Cell::number(line.units),
            Cell::number(line.of_units),
            Cell::text(ids.join("; ")),
            Cell::text(line.month.to_string()),
            Cell::text(line.route.name()),
            share(line.newcomers_each),
            share(line.newcomers()),
            Cell::text(line.measure.name()),
            Cell::amount(line.saving),
            line.value_each.map_or(Cell::Empty, money),
        ];
        row.extend(total_cells(line.value.as_ref()));
        row.push(money(line.recovery_each));
        row.extend(total_cells(Some(&line.recovery)));
        row.push(share(line.price_fall));
        for book in 0..found.books.len() {
            row.push(line.book_values[book].map_or(Cell::Empty, money));
            row.push(line.gain(book).map_or(Cell::Empty, money));
        }
        row.push(Cell::optional(line.plan_month));
        row.push(Cell::text(found.currency.code()));
        table.rows.push(row);
    }
    table
}

/// What must be done by when.
pub fn replace_tasks_table(found: &Replacement) -> Table {
    let mut table =
        Table::new(&["due", "day", "task", "site", "units", "lines", "what", "amount", "currency"]);
    for task in &found.tasks {
        let lines: Vec<String> = task.lines.iter().map(ToString::to_string).collect();
        table.rows.push(vec![
            Cell::text(task.due.to_string()),
            Cell::optional(task.day),
            Cell::text(task.kind.name()),
            Cell::text(&task.site),
            Cell::number(task.units),
            Cell::text(lines.join(" ")),
            Cell::text(&task.text),
            task.money.map_or(Cell::Empty, money),
            Cell::text(found.currency.code()),
        ]);
    }
    table
}

fn total_json(total: &Total) -> Value {
    json!({
        "units": total.units,
        "expected": total.expected,
        "p10": format!("{:.2}", total.quantiles.p10),
        "p50": format!("{:.2}", total.quantiles.p50),
        "p90": format!("{:.2}", total.quantiles.p90),
    })
}

fn delay_json(delay: &Delay) -> Value {
    let causes: Vec<Value> =
        delay.causes.iter().map(|cause| json!({ "cause": cause.name, "cost": cause.cost })).collect();
    json!({
        "expected": delay.cost,
        "p10": format!("{:.2}", delay.quantiles.p10),
        "p50": format!("{:.2}", delay.quantiles.p50),
        "p90": format!("{:.2}", delay.quantiles.p90),
        "causes": causes,
    })
}

/// The purchase and its totals.
fn answer_json(found: &Replacement) -> Value {
    let books: Vec<Value> = found
        .books
        .iter()
        .enumerate()
        .map(|(book, kept)| {
            json!({ "book": kept.name, "value": found.book_value(book), "gain": found.gain(book) })
        })
        .collect();
    let staying: Vec<Value> = found
        .staying
        .iter()
        .map(|staying| {
            let products: Vec<Value> = staying
                .products
                .iter()
                .map(|(product, units)| json!({ "product": product, "units": units }))
                .collect();
            json!({ "because": staying.because.in_words(), "units": staying.units, "products": products })
        })
        .collect();
    json!({
        "product": found.product,
        "class": found.class,
        "quantity": found.quantity,
        "arrives": found.arrives.to_string(),
        "price": found.price.map(|(price, _)| price),
        "price_from": found.price.map(|(_, from)| from.in_words()),
        "cost_of_one_in_its_first_quarter": found.quarter_of_one,
        "units_displaced": found.units(),
        "newcomers_used": format!("{:.4}", found.newcomers_used()),
        "newcomers_unused": format!("{:.4}", found.newcomers_unused()),
        "value": total_json(&found.value),
        "recovery": total_json(&found.recovery),
        "books": books,
        "late_arrival": delay_json(&found.late_arrival),
        "late_disposal": delay_json(&found.late_disposal),
        "staying": staying,
    })
}

/// Everything in one JSON object.
pub fn replace_json(found: &Replacement, fleet: &Fleet) -> String {
    let value = |table: &Table| serde_json::from_str(&table.to_json()).unwrap_or(Value::Null);
    let all = json!({
        "as_of": found.as_of.to_string(),
        "currency": found.currency,
        "answer": answer_json(found),
        "lines": value(&replace_table(found, fleet)),
        "tasks": value(&replace_tasks_table(found)),
    });
    format!("{all:#}\n")
}

/// What the answer was made from.
pub fn replace_manifest(found: &Replacement, fleet: &Fleet, models: &Models, policy: &Policy) -> String {
    let settings = serde_json::to_value(policy).unwrap_or(Value::Null);
    let manifest = json!({
        "residua": env!("CARGO_PKG_VERSION"),
        "as_of": found.as_of.to_string(),
        "currency": found.currency,
        "inputs": inputs(fleet),
        "models": models_used(models),
        "settings_sha256": sha256(settings.to_string().as_bytes()),
        "settings": settings,
        "answer": answer_json(found),
    });
    format!("{manifest:#}\n")
}
