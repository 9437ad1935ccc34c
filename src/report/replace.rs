//! What the terminal says of a purchase and what it displaces.
//!
//! In: a [`Replacement`]. Out: text for the page, of 80 columns without a terminal: how many units leave, what they are worth then, who goes in
//! what order, what stays and why, what must be done by when, what a quarter's delay costs. Amounts of lines are printed
//! to the cent, so that they can be added up.

use std::fmt::Write;

use super::page::Page;
use super::words::{counted, shortened, wrapped};
use crate::decide::Total;
use crate::scenario::{Delay, Group, Replacement, StaysBecause};
use crate::units::{Currency, Money, Quantiles};

/// Columns of the page where there is no terminal.
const WIDTH: usize = 80;

/// Columns of a date before what is to be done.
const BESIDE: usize = 12;

/// Products that are named of what stays for one reason.
const NAMED: usize = 3;

/// The disposition plan to read.
pub fn replace_text(found: &Replacement, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, found, page);
    text
}

fn write_all(text: &mut String, found: &Replacement, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let heading = format!(
        "Replace: {} × {} arrive in {}, seen from {}, in {}",
        found.quantity, found.product, found.arrives, found.as_of, found.currency
    );
    writeln!(text, "{}", page.heading(&heading))?;
    if let Some((price, from)) = found.price {
        writeln!(text, "at {price} each, {}", from.in_words())?;
    }
    writeln!(text)?;
    write_wrapped(text, "", &first_sentence(found), width)?;
    if let Some(sooner) = sooner_sentence(found) {
        write_wrapped(text, "", &sooner, width)?;
    }
    if !found.displaced.is_empty() {
        write_totals(text, found)?;
        write_order(text, found, page)?;
    }
    write_staying(text, found, page)?;
    if !found.displaced.is_empty() {
        write_tasks(text, found, page)?;
        write_delays(text, found, page)?;
    }
    Ok(())
}

/// How much leaves for how much of the purchase.
pub(super) fn first_sentence(found: &Replacement) -> String {
    let unused = found.newcomers_unused();
    let whole = f64::from(found.quantity);
    if found.displaced.is_empty() {
        return "Nothing in use can leave for them: all of the purchase stays unused.".to_owned();
    }
    let leave = counted(found.units(), "unit");
    let leaves = if found.units() == 1 { "leaves" } else { "leave" };
    if unused < 0.005 {
        return format!("{leave} {leaves}; their work takes all {whole} that arrive.");
    }
    format!(
        "{leave} {leaves}; their work takes {:.2} of the {} that arrive. {unused:.2} stay unused: {}.",
        found.newcomers_used(),
        found.quantity,
        if found.staying.iter().any(|staying| staying.because == StaysBecause::UsedUp) {
            "too little for the next in line"
        } else {
            "nothing else in use can leave for them"
        }
    )
}

fn whole(value: f64, currency: Currency) -> String {
    Money::from_major(value, currency).map_or_else(|_| "?".to_owned(), Money::rounded)
}

/// An exact amount, grouped, without its currency.
fn exact(money: Money) -> String {
    let text = money.to_string();
    text.split_once(' ').map_or(text.clone(), |(amount, _)| amount.to_owned())
}

fn range(quantiles: &Quantiles, currency: Currency) -> String {
    format!("{} to {}", whole(quantiles.p10, currency), whole(quantiles.p90, currency))
}

fn write_totals(text: &mut String, found: &Replacement) -> std::fmt::Result {
    let currency = found.currency;
    writeln!(text, "\n{:<28}{:>16}{:>12}{:>12}{:>12}", "", "expected", "p10", "p50", "p90")?;
    let mut row = |name: &str, total: &Total| {
        let of = |value: f64| whole(value, currency);
        let Quantiles { p10, p50, p90, .. } = total.quantiles;
        let expected = exact(total.expected);
        writeln!(text, "{name:<28}{expected:>16}{:>12}{:>12}{:>12}", of(p10), of(p50), of(p90))
    };
    row(&format!("Worth in {}", found.arrives), &found.value)?;
    row("Net recovery", &found.recovery)?;
    for (book, kept) in found.books.iter().enumerate() {
        writeln!(text, "{:<28}{:>16}", format!("Book value, {}", kept.name), exact(found.book_value(book)))?;
        writeln!(text, "{:<28}{:>16}", "  gain or loss", exact(found.gain(book)))?;
    }
    Ok(())
}

/// `12`, or `12/16` where only some of those that could leave do.
pub(super) fn units_of(group: &Group) -> String {
    if group.units == group.of_units {
        group.units.to_string()
    } else {
        format!("{}/{}", group.units, group.of_units)
    }
}

/// Product and site in one line.
pub(super) fn name_of(group: &Group) -> String {
    if group.site.is_empty() { group.product.clone() } else { format!("{}, {}", group.product, group.site) }
}

/// What one that arrives costs, and how many units save less.
pub(super) fn cost_sentence(found: &Replacement) -> Option<String> {
    let cost = found.quarter_of_one?;
    let below = match found.units_below_cost() {
        0 => "every unit that leaves saves more".to_owned(),
        units if units == found.units() => "no unit that leaves saves as much".to_owned(),
        units => format!("{units} of the {} that leave save less", found.units()),
    };
    Some(format!(
        "One that arrives costs {} a quarter itself (capital, running, fall of its price): {below} for its work.",
        cost.rounded()
    ))
}

/// What the plan would do without the purchase, where that differs.
pub(super) fn sooner_sentence(found: &Replacement) -> Option<String> {
    let units = found.units_planned_sooner();
    (units > 0).then(|| {
        format!("Without this purchase the plan would let {units} of them go before {}.", found.arrives)
    })
}

fn write_order(text: &mut String, found: &Replacement, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let names = found.groups.iter().map(|group| name_of(group).chars().count());
    let name = page.column(38, width - 42, names);
    let heading = "What goes, in this order: by what letting go a quarter sooner saves for the";
    writeln!(text, "\n{}", page.heading(heading))?;
    let heading = "work of one that arrives (\"saves\"); needs: how many of these do their work";
    writeln!(text, "{}", page.heading(heading))?;
    writeln!(
        text,
        "{:>7} {:<name$} {:<7} {:<12}{:>13}",
        "units", "product, site", "month", "route", "net recovery"
    )?;
    for group in &found.groups {
        writeln!(
            text,
            "{:>7} {:<name$} {:<7} {:<12}{:>13}",
            units_of(group),
            shortened(&name_of(group), name),
            group.month,
            group.route.name(),
            exact(group.recovery.expected)
        )?;
        write_wrapped(text, "    ", &details(found, group), width)?;
    }
    let all = exact(found.recovery.expected);
    let before = name + 21;
    writeln!(text, "{:>7} {:<before$}{all:>13}", found.units(), "all")?;
    cost_sentence(found).map_or(Ok(()), |sentence| write_wrapped(text, "", &sentence, width))
}

/// `needs 1.20, saves 3,400; worth 5,000 (3,000 to 7,000); book 0, gain 2,000`.
fn details(found: &Replacement, group: &Group) -> String {
    let mut details =
        vec![format!("needs {:.2}, saves {}", group.newcomers, whole(group.saving, found.currency))];
    if let Some(value) = &group.value {
        let range = range(&value.quantiles, found.currency);
        details.push(format!("worth {} ({range})", value.expected.rounded()));
    }
    if let Some((book, gain)) = group.book {
        let word = if gain.minor() < 0 { "loss" } else { "gain" };
        let gain = Money::from_minor(gain.minor().abs(), found.currency);
        details.push(format!("book {}, {word} {}", book.rounded(), gain.rounded()));
    }
    details.join("; ")
}

fn write_staying(text: &mut String, found: &Replacement, page: Page) -> std::fmt::Result {
    if found.staying.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{}", page.heading("What stays"))?;
    for staying in &found.staying {
        let named = staying.products.iter().take(NAMED);
        let mut names: Vec<String> = named.map(|(product, units)| format!("{units} × {product}")).collect();
        if staying.products.len() > NAMED {
            names.push("…".to_owned());
        }
        let line = format!("{} ({})", staying.because.in_words(), names.join(", "));
        let beside = wrapped(&line, "        ", page.width(WIDTH) - 8);
        writeln!(text, "{:>7} {}", staying.units, beside.trim_start())?;
    }
    Ok(())
}

fn write_tasks(text: &mut String, found: &Replacement, page: Page) -> std::fmt::Result {
    writeln!(text, "\n{}", page.heading("What must be done by when"))?;
    for task in &found.tasks {
        let due = task.day.map_or_else(|| task.due.to_string(), |day| day.to_string());
        let site = if task.site.is_empty() { String::new() } else { format!("{}: ", task.site) };
        let money = task.money.map_or_else(String::new, |money| format!(" {money}"));
        write_beside(text, &due, &format!("{site}{}{money}", task.text), page.width(WIDTH))?;
    }
    Ok(())
}

fn write_delays(text: &mut String, found: &Replacement, page: Page) -> std::fmt::Result {
    writeln!(text, "\n{}", page.heading("What a quarter's delay costs (present value)"))?;
    let mut told = |name: &str, delay: &Delay| {
        writeln!(text, "{name:<50}{:>16}", exact(delay.cost))?;
        for cause in &delay.causes {
            writeln!(text, "  {:<48}{:>16}", cause.name, exact(cause.cost))?;
        }
        writeln!(text, "  8 in 10: {}", range(&delay.quantiles, found.currency))
    };
    told("of the arrival: old units run on", &found.late_arrival)?;
    told("of the disposal: old units wait on a shelf", &found.late_disposal)
}

/// Writes words in lines of the page, each after the same margin.
fn write_wrapped(text: &mut String, margin: &str, words: &str, width: usize) -> std::fmt::Result {
    writeln!(text, "{}", wrapped(words, margin, width - margin.len()))
}

/// Writes words beside a head; what does not fit goes on below them.
fn write_beside(text: &mut String, head: &str, words: &str, width: usize) -> std::fmt::Result {
    let beside = wrapped(words, &" ".repeat(BESIDE), width - BESIDE);
    writeln!(text, "{head:<BESIDE$}{}", beside.trim_start())
}
