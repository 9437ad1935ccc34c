//! What `residua explain` says of one asset.
//!
//! In: a plan, the cohort of the asset, the asset. Out: plain text: one sentence to repeat, why, when, what it is worth
//! and brings in, what binds it, what holding costs, every route, what would change the answer, what renting would bring,
//! and the waterfall to the cent.

use std::fmt::Write;

use super::page::Page;
use super::words::{capital, whole_with_currency as about};
use crate::decide::{Action, Decision, Plan, PlannedCohort, Route};
use crate::fleet::Asset;
use crate::units::{Month, Quantiles};

/// Months ahead for which the offer to sell at is said.
const OFFER_MONTHS: [usize; 5] = [0, 1, 3, 6, 12];

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
    writeln!(
        text,
        "read as `{}`, matched with {:.0} % confidence; {} such units decided alike",
        asset.full_model(),
        guess.confidence * 100.0,
        planned.cohort.units
    )?;
    if let Some(acquired) = planned.cohort.acquired.as_ref().filter(|acquired| !acquired.words().is_empty()) {
        writeln!(text, "bought {acquired}")?;
    }
    writeln!(text)?;
    if let Some(sentence) = sentence(decision, plan.as_of) {
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

/// One sentence that can be repeated in a meeting.
fn sentence(decision: &Decision, as_of: Month) -> Option<String> {
    let currency = decision.recovery_money.currency();
    let (first, last) = decision.window?;
    let waiting = decision.waiting?.one_quarter.mean;
    let how = decision.route.map_or("let it go", Route::in_words);
    let how = how.split(':').next().unwrap_or(how);
    let brings = match decision.recovery.mean {
        net if net >= 0.0 => format!("it brings about {} net", about(net, currency)),
        cost => format!("it costs about {}", about(-cost, currency)),
    };
    let late = if waiting >= 0.5 {
        format!(", and a quarter later is {} worse", about(waiting, currency))
    } else {
        String::new()
    };
    let when = if first > as_of { format!("between {first} and {last}") } else { format!("by {last}") };
    Some(format!("{} {when}: {brings}{late}.", capital(how)))
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
            "Book value     {value:.2} in {month}, gain or loss {:.2}",
            book.gain_on_disposal(month, decision.recovery_money.major())
        )?;
    }
    Ok(())
}

/// From which offer on to sell.
fn write_stopping(text: &mut String, plan: &Plan, decision: &Decision, page: Page) -> std::fmt::Result {
    let Some(stopping) = &decision.stopping else { return Ok(()) };
    writeln!(text, "\n{}", page.heading("Sell when the open market offers"))?;
    for (ahead, prices) in
        stopping.leaving.iter().enumerate().filter(|(ahead, _)| OFFER_MONTHS.contains(ahead))
    {
        let month = plan.as_of.plus(ahead as i32).to_string();
        if ahead < stopping.first_allowed {
            writeln!(text, "  {month:<8} it stays")?;
        } else {
            writeln!(text, "  {month:<8} {prices}")?;
        }
    }
    let currency = decision.recovery_money.currency();
    writeln!(
        text,
        "  Going by offers in place of a fixed month is worth {}.",
        about(stopping.value_of_waiting, currency)
    )
}

fn write_holding(text: &mut String, plan: &Plan, planned: &PlannedCohort) -> std::fmt::Result {
    let (Some(costs), Some(forecast)) = (planned.decision.holding_year, &planned.forecast) else {
        return Ok(());
    };
    let fall = (forecast.value(0).mean() - forecast.value(12).mean()) * plan.currency_per_dollar;
    let parts: Vec<String> = costs
        .parts()
        .iter()
        .filter(|(_, amount)| *amount >= 0.005)
        .map(|(name, amount)| format!("{name} {amount:.2}"))
        .collect();
    writeln!(
        text,
        "\nHolding it for the next twelve months costs {:.2}: {}",
        costs.total(),
        parts.join(", ")
    )?;
    let moves = if fall >= 0.0 { "falls" } else { "rises" };
    writeln!(text, "  and its price in the market {moves} by {:.2}", fall.abs())
}

fn write_changes(text: &mut String, decision: &Decision, page: Page) -> std::fmt::Result {
    let changes = decision.break_even;
    let other = match decision.action {
        Action::Go => "going a year sooner or later is as good",
        Action::Keep => "going now is as good",
        _ => return Ok(()),
    };
    let of = |value: Option<f64>, unit: &str, decimals: usize| {
        value.map_or("whatever it is, no".to_owned(), |value| format!("at {value:.decimals$}{unit}"))
    };
    writeln!(text, "\n{} {other}", page.heading("What would change the answer:"))?;
    writeln!(text, "  energy price            {}", of(changes.energy_price, " a kWh", 3))?;
    writeln!(text, "  price in the market now {}", of(changes.resale_price, "", 2))?;
    if decision.action == Action::Go {
        let late = changes
            .delay_months
            .map_or("No delay looked at costs as much as it brings in.".to_owned(), |months| {
                format!("A delay of {months:.1} months costs as much as it brings in.")
            });
        writeln!(text, "  {late}")?;
    }
    Ok(())
}

fn write_routes(text: &mut String, decision: &Decision, page: Page) -> std::fmt::Result {
    let amount = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.2}"));
    let heading = format!("  {:<14} {:>12} {:>14}", "route", "net now", "net in month");
    writeln!(text, "\n{}", page.heading(&heading))?;
    for view in &decision.routes {
        let note = match view.closed {
            Some(why) => format!("not possible: {why}"),
            None if decision.route == Some(view.route) => "chosen".to_owned(),
            None => String::new(),
        };
        let row =
            format!("  {:<14} {:>12} {:>14}  {note}", view.route.name(), amount(view.now), amount(view.best));
        writeln!(text, "{}", row.trim_end())?;
    }
    Ok(())
}

fn write_renting(text: &mut String, plan: &Plan, decision: &Decision) -> std::fmt::Result {
    let Some(rental) = decision.rental else { return Ok(()) };
    writeln!(
        text,
        "\nRenting it out at {:.2} an hour: {:.2} a month less {:.2} of holding",
        rental.hourly, rental.income, rental.cost
    )?;
    if rental.until > plan.as_of {
        writeln!(
            text,
            "  beats selling until {}, by {:.2} in all against selling now",
            rental.until, rental.gain
        )?;
    } else {
        writeln!(text, "  does not beat selling now")?;
    }
    let used =
        if rental.decides { "The decision was made by it." } else { "The decision was made without it." };
    writeln!(text, "  {used}")
}

fn write_waterfall(text: &mut String, decision: &Decision) -> std::fmt::Result {
    let waterfall = &decision.waterfall;
    writeln!(text, "\n  {:<32} {:>14}", waterfall.start_name, waterfall.start.plain())?;
    for step in waterfall.steps.iter().filter(|step| step.amount.minor() != 0) {
        writeln!(text, "  {:<32} {:>14}", step.name, step.amount.plain())?;
    }
    writeln!(text, "  {:<32} {:>14}", "net recovery", waterfall.net.plain())
}

fn line(points: Quantiles) -> String {
    format!("{:>10.2}  (80 % between {:.2} and {:.2})", points.mean, points.p10, points.p90)
}
