//! What the terminal says of a purchase and what it displaces.
//!
//! In: a [`Replacement`]. Out: text of at most 80 columns: how many units leave, what they are worth then, who goes in
//! what order, what stays and why, what must be done by when, what a quarter's delay costs. Amounts of lines are printed
//! to the cent, so that they can be added up.

use std::fmt::Write;

use super::summary::shortened;
use super::words::counted;
use crate::decide::Total;
use crate::scenario::{BOOKS, Delay, Displaced, Replacement};
use crate::units::{Currency, Money, Quantiles};

/// Columns of the page.
const WIDTH: usize = 80;

/// Products that are named of what stays for one reason.
const NAMED: usize = 3;

/// The disposition plan to read.
pub fn replace_text(found: &Replacement) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, found);
    text
}

fn write_all(text: &mut String, found: &Replacement) -> std::fmt::Result {
    writeln!(
        text,
        "Replace: {} × {} arrive in {}, seen from {}, in {}",
        found.quantity, found.product, found.arrives, found.as_of, found.currency
    )?;
    if let Some((price, from)) = found.price {
        writeln!(text, "at {price} each, {}", from.in_words())?;
    }
    writeln!(text)?;
    write_wrapped(text, "", &first_sentence(found))?;
    if !found.displaced.is_empty() {
        write_totals(text, found)?;
        write_order(text, found)?;
    }
    write_staying(text, found)?;
    if !found.displaced.is_empty() {
        write_tasks(text, found)?;
        write_delays(text, found)?;
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
    if unused < 0.005 * whole {
        return format!("{leave} {leaves}; their work takes all that arrives.");
    }
    format!(
        "{leave} {leaves}; their work takes {:.2} of the {} that arrive. {unused:.2} stay unused: {}.",
        found.newcomers_used(),
        found.quantity,
        if found.staying.iter().any(|staying| staying.because == crate::scenario::StaysBecause::UsedUp) {
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
    for (book, name) in BOOKS.iter().enumerate() {
        writeln!(text, "{:<28}{:>16}", format!("Book value, {name}"), exact(found.book_value(book)))?;
        writeln!(text, "{:<28}{:>16}", "  gain or loss", exact(found.gain(book)))?;
    }
    Ok(())
}

/// `12`, or `12/16` of a cohort that goes partly.
pub(super) fn units_of(line: &Displaced) -> String {
    if line.units == line.of_units { line.units.to_string() } else { format!("{}/{}", line.units, line.of_units) }
}

fn write_order(text: &mut String, found: &Replacement) -> std::fmt::Result {
    writeln!(text, "\nWhat goes, in this order: by what letting go a quarter sooner saves for the work")?;
    writeln!(text, "of one {} (\"saves\")", shortened(&found.product, 70))?;
    writeln!(
        text,
        "{:>3} {:>7} {:<34} {:<7} {:<12}{:>13}",
        "", "units", "product, site", "month", "route", "net recovery"
    )?;
    for line in &found.displaced {
        let name =
            if line.site.is_empty() { line.product.clone() } else { format!("{}, {}", line.product, line.site) };
        writeln!(
            text,
            "{:>3} {:>7} {:<34} {:<7} {:<12}{:>13}",
            line.rank,
            units_of(line),
            shortened(&name, 34),
            line.month,
            line.route.name(),
            exact(line.recovery.expected)
        )?;
        let mut details = Vec::new();
        if let Some(value) = &line.value {
            let range = range(&value.quantiles, found.currency);
            details.push(format!("worth {} ({range})", value.expected.rounded()));
        }
        if let (Some(book), Some(gain)) = (line.book_values[0], line.gain(0)) {
            let word = if gain.minor() < 0 { "loss" } else { "gain" };
            let gain = Money::from_minor(gain.minor().abs(), found.currency);
            details.push(format!("book {}, {word} {}", book.rounded(), gain.rounded()));
        }
        details.push(format!("saves {}", whole(line.saving, found.currency)));
        write_wrapped(text, "            ", &details.join("; "))?;
    }
    writeln!(
        text,
        "{:>3} {:>7} {:<55}{:>13}",
        "",
        found.units(),
        "all",
        exact(found.recovery.expected)
    )
}

fn write_staying(text: &mut String, found: &Replacement) -> std::fmt::Result {
    if found.staying.is_empty() {
        return Ok(());
    }
    writeln!(text, "\nWhat stays")?;
    for staying in &found.staying {
        let named = staying.products.iter().take(NAMED);
        let mut names: Vec<String> = named.map(|(product, units)| format!("{units} × {product}")).collect();
        if staying.products.len() > NAMED {
            names.push("…".to_owned());
        }
        let line = format!("{} {} ({})", staying.units, staying.because.in_words(), names.join(", "));
        write_wrapped(text, "  ", &line)?;
    }
    Ok(())
}

fn write_tasks(text: &mut String, found: &Replacement) -> std::fmt::Result {
    writeln!(text, "\nWhat must be done by when")?;
    for task in &found.tasks {
        let due = task.day.map_or_else(|| task.due.to_string(), |day| day.to_string());
        let site = if task.site.is_empty() { String::new() } else { format!("{}: ", task.site) };
        let money = task.money.map_or_else(String::new, |money| format!(" {money}"));
        let line = format!("{due:<12}{site}{}{money}", task.text);
        write_hanging(text, &line, 14)?;
    }
    Ok(())
}

fn write_delays(text: &mut String, found: &Replacement) -> std::fmt::Result {
    writeln!(text, "\nWhat a quarter's delay costs (present value)")?;
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
fn write_wrapped(text: &mut String, margin: &str, words: &str) -> std::fmt::Result {
    let line = format!("{margin}{words}");
    write_hanging(text, &line, margin.chars().count())
}

/// Writes a line, what does not fit in further lines after `margin` columns.
fn write_hanging(text: &mut String, line: &str, margin: usize) -> std::fmt::Result {
    let mut width = 0;
    let indent = line.chars().take_while(|letter| *letter == ' ').count();
    write!(text, "{:indent$}", "")?;
    width += indent;
    let mut first = true;
    for word in line.trim_start().split(' ') {
        let long = word.chars().count();
        if !first && width + 1 + long > WIDTH {
            write!(text, "\n{:margin$}", "")?;
            width = margin;
            first = true;
        }
        if !first {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += long;
        first = false;
    }
    writeln!(text)
}
