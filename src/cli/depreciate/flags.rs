//! What the flags mean by themselves and together.

use std::path::Path;

use anyhow::Context;
use clap::ValueEnum;
use jiff::civil::Date;

use super::{DepreciateArguments, MethodName, Unit, wrong};

/// Refuses flags of another method, so that none is silently without effect.
pub(super) fn check_flags(arguments: &DepreciateArguments) -> anyhow::Result<()> {
    use MethodName::{Db, Ddb, Macrs, Uop, Vdb};
    let flags: [(&str, bool, &[MethodName]); 8] = [
        ("--factor", arguments.factor.is_some(), &[Ddb, Vdb]),
        ("--no-switch", arguments.no_switch, &[Vdb]),
        ("--first-months", arguments.first_months.is_some(), &[Db]),
        ("--macrs-class", arguments.macrs_class.is_some(), &[Macrs]),
        ("--quarter", arguments.quarter.is_some(), &[Macrs]),
        ("--bonus", arguments.bonus.is_some(), &[Macrs]),
        ("--units-total", arguments.units_total.is_some(), &[Uop]),
        ("--units", arguments.units.is_some(), &[Uop]),
    ];
    let named =
        |method: &MethodName| method.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned());
    for (flag, given, methods) in flags {
        if given && !methods.contains(&arguments.method) {
            let these: Vec<String> = methods.iter().map(named).collect();
            return Err(wrong(format!(
                "{flag} has no meaning for method {}: leave it out, or use --method {}",
                named(&arguments.method),
                these.join(" or ")
            )));
        }
    }
    if arguments.first_months.is_some_and(|months| months != 12)
        && (arguments.start.is_some() || arguments.unit == Unit::Months)
    {
        return Err(wrong(
            "--first-months is for numbered years: leave out --start and --unit months, or --first-months",
        ));
    }
    if arguments.method == Macrs && arguments.convention.is_some() {
        return Err(wrong(
            "MACRS has its own conventions: leave out --convention, and give --quarter for mid-quarter",
        ));
    }
    let dated = !arguments.impair.is_empty() || !arguments.new_life.is_empty() || arguments.dispose.is_some();
    if arguments.method == Uop && dated {
        return Err(wrong(
            "units of production take no dated events: start a new schedule from the book value, with the units left",
        ));
    }
    Ok(())
}

/// A list, or a file of numbers by line or comma.
pub(super) fn units(text: &str) -> anyhow::Result<Vec<f64>> {
    let read = if Path::new(text).is_file() {
        std::fs::read_to_string(text).with_context(|| format!("cannot read the units {text}"))?
    } else {
        text.to_owned()
    };
    let words = read.split([',', ';', '\n', '\r', ' ', '\t']).filter(|word| !word.is_empty());
    let number = |word: &str| {
        word.parse()
            .map_err(|_| wrong(format!("`{word}` is neither a number of units nor a file: write 1200,1500")))
    };
    words.map(number).collect()
}

pub(super) fn day(text: &str) -> Result<Date, String> {
    let whole = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    let found: Option<Date> = whole.parse().ok().filter(|day: &Date| (1900..3000).contains(&day.year()));
    found.ok_or_else(|| format!("`{text}` is not a day: write it as YYYY-MM-DD, for example 2026-11-20"))
}

/// A day and what follows the colon.
fn dated(text: &str) -> Result<(Date, &str), String> {
    let (on, rest) =
        text.split_once(':').ok_or_else(|| format!("`{text}` has no colon: write it as 2026-11-20:5000"))?;
    Ok((day(on)?, rest))
}

pub(super) fn dated_amount(text: &str) -> Result<(Date, f64), String> {
    let (on, amount) = dated(text)?;
    let amount = amount.parse().ok().filter(|amount: &f64| amount.is_finite());
    Ok((
        on,
        amount
            .ok_or_else(|| format!("`{text}` has no amount after the colon: write it as 2026-11-20:5000"))?,
    ))
}

pub(super) fn dated_life(text: &str) -> Result<(Date, u32), String> {
    let (on, life) = dated(text)?;
    let life = life.parse().ok();
    Ok((
        on,
        life.ok_or_else(|| format!("`{text}` has no whole life after the colon: write it as 2026-11-20:6"))?,
    ))
}
