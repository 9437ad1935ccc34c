//! What `residua explain` says of one asset.
//!
//! In: a plan, the cohort of the asset, the asset. Out: plain text: one sentence to repeat, why, when, what it is worth
//! and brings in, what binds it, what holding costs, every route, what would change the answer, what renting would bring,
//! and the waterfall to the cent.

use std::fmt::Write;

use super::page::Page;
use super::why;
use super::words::figure;
use crate::catalog::AssetClass;
use crate::decide::{Decision, Plan, PlannedCohort};
use crate::fleet::Asset;
use crate::units::{Quantiles, cents, counted};

/// The explanation of one asset.
pub fn explanation(plan: &Plan, planned: &PlannedCohort, asset: &Asset, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_explanation(&mut text, plan, planned, asset, page);
    text
}

fn write_explanation(
    text: &mut String,
    plan: &Plan,
    planned: &PlannedCohort,
    asset: &Asset,
    page: Page,
) -> std::fmt::Result {
    let decision = &planned.decision;
    let guess = &planned.cohort.identification;
    writeln!(text, "{}", page.heading(&format!("{}  {}", asset.id, planned.cohort.label)))?;
    let matched = match guess.product {
        Some(_) => format!("matched with {:.0} % confidence", guess.confidence * 100.0),
        None => "which the catalog does not know".to_owned(),
    };
    let alike = counted(planned.cohort.units, "such unit");
    writeln!(text, "read as `{}`, {matched}; {alike} decided alike", asset.full_model())?;
    if let Some(acquired) = planned.cohort.acquired.as_ref().filter(|acquired| !acquired.words().is_empty()) {
        writeln!(text, "bought {acquired}")?;
    }
    if planned.cohort.class == AssetClass::Server
        && let Some(held) = held(planned, asset)
    {
        writeln!(text, "holds {held}")?;
    }
    writeln!(text)?;
    if let Some(sentence) = why::sentence(decision, plan.as_of) {
        writeln!(text, "{sentence}")?;
    }
    writeln!(text, "{}", decision.reason)?;
    if let (Some(month), Some((first, last))) = (decision.month, decision.window) {
        writeln!(
            text,
            "Month {month}, window {first} to {last}, route {}",
            decision.route.map_or("none", |route| route.name())
        )?;
    }
    writeln!(text, "Bound by: {}", decision.bound_by.as_deref().unwrap_or("nothing"))?;
    write_amounts(text, planned)?;
    write_holding(text, plan, planned)?;
    write_changes(text, decision, page)?;
    write_stopping(text, plan, decision, page)?;
    write_routes(text, decision, page)?;
    write_renting(text, plan, decision)?;
    write_waterfall(text, decision)?;
    let currency = decision.recovery_money.currency();
    writeln!(text, "\nAll amounts in {currency}, one unit, seen from {}.", plan.as_of)
}

/// `2 × Xeon Gold 6148, 256 GB memory, 7680 GB storage, 8 × NVIDIA A100 PCIe 40GB`, as far as it is said.
fn held(planned: &PlannedCohort, asset: &Asset) -> Option<String> {
    // What a node is worth rests on its cards, and is named for them.
    let cards = planned.cohort.accelerators.zip(planned.forecast.as_ref());
    let cards = cards.map(|((_, count), forecast)| format!("{count} × {}", forecast.product));
    let processors = asset.cpu.as_ref().map(|cpu| match asset.cpu_count {
        Some(count) => format!("{count} × {cpu}"),
        None => cpu.clone(),
    });
    let size = |size: Option<f64>, what: &str| size.map(|size| format!("{} GB {what}", figure(size)));
    let parts = [processors, size(asset.ram_gb, "memory"), size(asset.storage_gb, "storage"), cards];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn write_amounts(text: &mut String, planned: &PlannedCohort) -> std::fmt::Result {
    let decision = &planned.decision;
    if let Some(forecast) = &planned.forecast {
        writeln!(text, "Value rests on: {}", forecast.basis.name())?;
    }
    if let Some(value) = decision.value_now {
        writeln!(text, "Worth now      {}", line(value))?;
    }
    writeln!(text, "Net recovery   {}", line(decision.recovery))?;
    if let Some(waiting) = decision.waiting {
        writeln!(text, "A month late costs   {}", line(waiting.one_month))?;
        writeln!(text, "A quarter late costs {}", line(waiting.one_quarter))?;
    }
    if let (Some(book), Some(month)) = (planned.book, decision.month) {
        let value = book.value_gone_in(month);
        writeln!(
            text,
            "Book value     {} in {month}, gain or loss {}",
            cents(value),
            cents(book.gain_on_disposal(month, decision.recovery_money.major()))
        )?;
    }
    Ok(())
}

/// From which offer on to sell.
fn write_stopping(text: &mut String, plan: &Plan, decision: &Decision, page: Page) -> std::fmt::Result {
    let Some(offers) = why::offers(plan, decision) else { return Ok(()) };
    writeln!(text, "\n{}", page.heading("Sell when the open market offers"))?;
    for (month, prices) in offers.months {
        writeln!(text, "  {:<8} {prices}", month.to_string())?;
    }
    writeln!(text, "  {}", offers.worth)
}

fn write_holding(text: &mut String, plan: &Plan, planned: &PlannedCohort) -> std::fmt::Result {
    let Some((costs, price)) = why::holding(plan, planned) else { return Ok(()) };
    writeln!(text, "\n{costs}")?;
    writeln!(text, "  {price}")
}

fn write_changes(text: &mut String, decision: &Decision, page: Page) -> std::fmt::Result {
    let Some(changes) = why::changes(decision) else { return Ok(()) };
    writeln!(text, "\n{} {}", page.heading("What would change the answer:"), changes.other)?;
    for (name, figure) in changes.figures {
        writeln!(text, "  {name:<23} {figure}")?;
    }
    changes.delay.map_or(Ok(()), |delay| writeln!(text, "  {delay}"))
}

fn write_routes(text: &mut String, decision: &Decision, page: Page) -> std::fmt::Result {
    let amount = |value: Option<f64>| value.map_or("–".to_owned(), cents);
    let heading = format!("  {:<14} {:>12} {:>14}", "route", "net now", "net in month");
    writeln!(text, "\n{}", page.heading(&heading))?;
    for line in why::routes(decision) {
        let row =
            format!("  {:<14} {:>12} {:>14}  {}", line.name, amount(line.now), amount(line.best), line.note);
        writeln!(text, "{}", row.trim_end())?;
    }
    Ok(())
}

fn write_renting(text: &mut String, plan: &Plan, decision: &Decision) -> std::fmt::Result {
    let Some([income, beats, used]) = why::renting(plan, decision) else { return Ok(()) };
    writeln!(text, "\n{income}")?;
    writeln!(text, "  {beats}")?;
    writeln!(text, "  {used}")
}

fn write_waterfall(text: &mut String, decision: &Decision) -> std::fmt::Result {
    let waterfall = &decision.waterfall;
    writeln!(text, "\n  {:<32} {:>14}", waterfall.start_name, waterfall.start.grouped())?;
    for step in waterfall.steps.iter().filter(|step| step.amount.minor() != 0) {
        writeln!(text, "  {:<32} {:>14}", step.name, step.amount.grouped())?;
    }
    writeln!(text, "  {:<32} {:>14}", "net recovery", waterfall.net.grouped())
}

fn line(points: Quantiles) -> String {
    let [mean, low, high] = [points.mean, points.p10, points.p90].map(cents);
    format!("{mean:>10}  (80 % between {low} and {high})")
}
