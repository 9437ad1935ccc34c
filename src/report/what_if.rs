//! What the terminal says of scenarios.
//!
//! In: a [`WhatIf`]. Out: text for the page, of 80 columns without a terminal: the base against the scenarios with their differences, by quarter,
//! who beats whom, what moves the cost, where a scenario is as good as the base. As many scenarios stand side by side as
//! fit, three on 80 columns; more follow below.

use std::fmt::Write;

use super::page::{Page, grown};
use super::words::{capital, chance, forty_percent_test, shortened};
use crate::scenario::{Answer, Measure, Swing, WhatIf};
use crate::units::{Money, Month, counted};

/// Width of the labels and the least width of a column.
const LABEL: usize = 28;
const COLUMN: usize = 13;

/// Columns of the page where there is no terminal, of the name of a span of time, and of a cell of its row.
const WIDTH: usize = 80;
const SPAN: usize = 9;
const CELL: usize = 17;

/// Columns of the bars of drivers where there is no terminal: one more than the rest.
const BARS_WIDTH: usize = 81;

/// Quarters that are told one by one; then years.
const QUARTERS: usize = 9;

/// The comparison to read.
pub fn what_if_text(found: &WhatIf, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_all(&mut text, found, page);
    text
}

/// Columns of the tables of scenarios on a page.
#[derive(Clone, Copy)]
struct Layout {
    page: Page,
    label: usize,
    column: usize,
    /// Scenarios side by side with the base.
    beside: usize,
}

impl Layout {
    /// The layout for so many scenarios: where more than the least room is left, names get it.
    fn new(page: Page, scenarios: usize) -> Layout {
        let width = page.width(WIDTH);
        let label = grown(width, &[(80, LABEL), (120, 34)]);
        let beside = ((width - label) / COLUMN - 1).min(scenarios.max(3));
        let column = if width == WIDTH { COLUMN } else { ((width - label) / (beside + 1)).min(20) };
        Layout { page, label, column, beside }
    }

    /// Scenarios side by side where a cell holds an amount and its units.
    fn quarters_beside(self) -> usize {
        (self.page.width(WIDTH) - SPAN) / CELL - 1
    }

    /// The head of a table: its title and the names over its columns.
    fn head<'a>(self, title: &str, names: impl Iterator<Item = &'a str>) -> String {
        let cells: String = names
            .map(|name| format!("{:>width$}", shortened(name, self.column - 1), width = self.column))
            .collect();
        self.page.heading(&format!("{:<width$}{cells}", shortened(title, self.label), width = self.label))
    }
}

fn write_all(text: &mut String, found: &WhatIf, page: Page) -> std::fmt::Result {
    let layout = Layout::new(page, found.scenarios.len());
    let base = &found.base;
    writeln!(
        text,
        "What if: {} units from {} to {} ({} months), in {}",
        base.units,
        found.as_of,
        base.month(base.horizon()),
        base.horizon(),
        found.currency
    )?;
    if base.units_outside > 0 {
        let outside = base.units_outside;
        let (units, are) = (counted(outside, "more unit"), if outside == 1 { "is" } else { "are" });
        writeln!(text, "{units} {are} outside: on hold, missing, or of unknown value.")?;
    }
    for scenario in &found.scenarios {
        // What was found comes before what its owner knows: the line may be cut.
        let words: Vec<&str> = (scenario.changes.iter().map(String::as_str))
            .chain([scenario.description.as_str()])
            .filter(|words| !words.is_empty())
            .collect();
        if !words.is_empty() {
            writeln!(
                text,
                "  {}: {}",
                scenario.name,
                shortened(&words.join("; "), page.width(WIDTH) - 6 - scenario.name.chars().count().min(40))
            )?;
        }
    }
    for group in found.scenarios.chunks(layout.beside) {
        write_totals(text, base, group, layout)?;
    }
    for group in found.scenarios.chunks(layout.quarters_beside()) {
        write_quarters(text, base, group, page)?;
    }
    write_books(text, base, page)?;
    write_beats(text, found, layout)?;
    write_tornado(text, found, page)?;
    write_break_evens(text, found, layout)
}

/// A row of amounts in whole units of the currency.
fn write_row(
    text: &mut String,
    layout: Layout,
    label: &str,
    cells: impl Iterator<Item = String>,
) -> std::fmt::Result {
    let Layout { label: room, column, .. } = layout;
    write!(text, "{:<room$}", shortened(label, room))?;
    for cell in cells {
        write!(text, "{cell:>column$}")?;
    }
    writeln!(text)
}

fn whole(value: f64, answer: &Answer) -> String {
    Money::from_major(value, answer.currency).map_or_else(|_| "?".to_owned(), Money::rounded)
}

/// `+1,234`, `-1,234`, or `=` for no difference.
fn signed(cents: i64, answer: &Answer) -> String {
    match Money::from_minor(cents, answer.currency).rounded() {
        _ if cents == 0 => "=".to_owned(),
        text if cents > 0 => format!("+{text}"),
        text => text,
    }
}

fn write_totals(text: &mut String, base: &Answer, group: &[Answer], layout: Layout) -> std::fmt::Result {
    let names = group.iter().map(|answer| answer.name.as_str());
    writeln!(text, "\n{}", layout.head("Over the whole horizon", std::iter::once("base").chain(names)))?;
    let all = || std::iter::once(base).chain(group);
    let amount = |text: &mut String, label: &str, of: &dyn Fn(&Answer) -> Money| {
        write_row(text, layout, label, all().map(|answer| of(answer).rounded()))?;
        let difference = |answer: &Answer| signed(of(answer).minor() - of(base).minor(), answer);
        if group.iter().all(|answer| of(answer) == of(base)) {
            return Ok(());
        }
        write_row(
            text,
            layout,
            "  against the base",
            std::iter::once(String::new()).chain(group.iter().map(difference)),
        )
    };
    amount(text, "Net recovery", &|answer| answer.total(Measure::NetRecovery))?;
    write_row(text, layout, "  one in ten below", all().map(|answer| whole(answer.recovery.p10, answer)))?;
    write_row(text, layout, "  one in ten above", all().map(|answer| whole(answer.recovery.p90, answer)))?;
    amount(text, "Capex: replacement", &|answer| answer.total(Measure::Capex))?;
    amount(text, "Opex: energy, upkeep, …", &|answer| answer.total(Measure::Opex))?;
    let optional = [Measure::Resale, Measure::Rental];
    for measure in optional {
        if all().any(|answer| answer.total(measure).minor() != 0) {
            let name = measure.name();
            write_row(text, layout, &capital(name), all().map(|answer| answer.total(measure).rounded()))?;
        }
    }
    amount(text, "Net cash", &|answer| answer.total(Measure::NetCash))?;
    write_row(
        text,
        layout,
        "Value left at the horizon",
        all().map(|answer| answer.total(Measure::Left).rounded()),
    )?;
    amount(text, "TOTAL COST", &|answer| answer.total(Measure::TotalCost))?;
    write_row(text, layout, "  one in ten below", all().map(|answer| whole(answer.total_cost.p10, answer)))?;
    write_row(text, layout, "  one in ten above", all().map(|answer| whole(answer.total_cost.p90, answer)))?;
    amount(text, "Total cost, present value", &|answer| answer.present_cost)?;
    write_row(
        text,
        layout,
        "Total cost, unit and year",
        all().map(|answer| whole(answer.cost_per_unit_and_year(), answer)),
    )?;
    for (book, kept) in base.books.iter().enumerate() {
        let label = format!("Gain or loss, {}", kept.name);
        write_row(text, layout, &label, all().map(|answer| answer.gain(book, |_| true).rounded()))?;
    }
    for (book, kept) in base.books.iter().enumerate() {
        let label = format!("Not written off, {}", kept.name);
        write_row(text, layout, &label, all().map(|answer| answer.units_before_write_off(book).to_string()))?;
    }
    write_row(text, layout, "Units leaving", all().map(|answer| answer.units_leaving.to_string()))
}

/// Spans of time that are told: quarters first, then years.
fn spans(base: &Answer) -> Vec<(String, Vec<Month>)> {
    let mut found: Vec<(String, Vec<Month>)> = Vec::new();
    let quarters = base.quarters();
    let told = quarters.len().min(QUARTERS);
    for ahead in 0..=base.horizon() {
        let month = base.month(ahead);
        let quarter = month.quarter_name();
        let name = if quarters[..told].contains(&quarter) { quarter } else { month.year().to_string() };
        match found.last_mut() {
            Some((last, months)) if *last == name => months.push(month),
            _ => found.push((name, vec![month])),
        }
    }
    found
}

fn write_quarters(text: &mut String, base: &Answer, group: &[Answer], page: Page) -> std::fmt::Result {
    let all: Vec<&Answer> = std::iter::once(base).chain(group).collect();
    writeln!(text, "\n{}", page.heading("Net cash by quarter (units leaving)"))?;
    write!(text, "{:<SPAN$}", "")?;
    for answer in &all {
        write!(text, "{:>CELL$}", shortened(&answer.name, CELL - 1))?;
    }
    writeln!(text)?;
    for (name, months) in spans(base) {
        let cell = |answer: &&Answer| {
            let within = |month: Month| months.contains(&month);
            let units: u64 = answer
                .departures
                .iter()
                .filter(|departure| within(departure.month))
                .map(|departure| departure.units)
                .sum();
            let cash = answer.sum(Measure::NetCash, within).rounded();
            if units == 0 { cash } else { format!("{cash} ({units})") }
        };
        write!(text, "{name:<SPAN$}")?;
        for answer in &all {
            write!(text, "{:>CELL$}", cell(answer))?;
        }
        writeln!(text)?;
    }
    write!(text, "{:<SPAN$}", "all")?;
    for answer in &all {
        write!(
            text,
            "{:>CELL$}",
            format!("{} ({})", answer.total(Measure::NetCash).rounded(), answer.units_leaving)
        )?;
    }
    writeln!(text)
}

/// Gain or loss of the base by quarter and book, and what the 40 % test of tax books said.
fn write_books(text: &mut String, base: &Answer, page: Page) -> std::fmt::Result {
    let most = grown(page.width(WIDTH), &[(80, COLUMN), (120, 20)]);
    let width = most.min((page.width(WIDTH) - SPAN) / base.books.len().max(1));
    writeln!(text, "\n{}", page.heading("Gain or loss of the base by quarter, in each book"))?;
    write!(text, "{:<SPAN$}", "")?;
    for kept in &base.books {
        write!(text, "{:>width$}", shortened(&kept.name, width - 1))?;
    }
    writeln!(text)?;
    let mut row = |name: &str, within: &dyn Fn(Month) -> bool| {
        write!(text, "{name:<SPAN$}")?;
        for book in 0..base.books.len() {
            write!(text, "{:>width$}", base.gain(book, within).rounded())?;
        }
        writeln!(text)
    };
    for (name, months) in spans(base) {
        if base.departures.iter().any(|departure| months.contains(&departure.month)) {
            row(&name, &|month| months.contains(&month))?;
        }
    }
    row("all", &|_| true)?;
    for kept in &base.books {
        if let Some(test) = forty_percent_test(kept) {
            let told = format!("{}: {test}", kept.name);
            for (place, part) in told.split("; ").enumerate() {
                let indent = if place == 0 { "" } else { "  " };
                writeln!(text, "{indent}{}", shortened(part, page.width(WIDTH) - 2))?;
            }
        }
    }
    Ok(())
}

fn write_beats(text: &mut String, found: &WhatIf, layout: Layout) -> std::fmt::Result {
    let all: Vec<&Answer> = found.answers().collect();
    let heading = "Who beats whom: chance that the row costs less, brings in more than the column";
    writeln!(text, "\n{}", layout.page.heading(heading))?;
    let columns = if all.len() <= 1 + layout.beside { all.len() } else { 1 };
    let names = all[..columns].iter().map(|answer| answer.name.as_str());
    writeln!(text, "{}", layout.head("", names))?;
    let first = usize::from(columns == 1);
    for (row, answer) in all.iter().enumerate().skip(first) {
        let cell = |column: usize| {
            if row == column {
                return "·".to_owned();
            }
            let cost = chance(found.beats.total_cost[row][column]);
            format!("{cost}, {}", chance(found.beats.recovery[row][column]))
        };
        write_row(text, layout, &answer.name, (0..columns).map(cell))?;
    }
    Ok(())
}

fn write_tornado(text: &mut String, found: &WhatIf, page: Page) -> std::fmt::Result {
    if found.tornado.is_empty() {
        return Ok(());
    }
    let base = found.base.present_cost.minor();
    let heading = "What moves the present total cost of the base, one driver at a time";
    writeln!(text, "\n{}", page.heading(heading))?;
    writeln!(
        text,
        "{}",
        page.note("(░ at the lower end of its range, █ at the upper end; left is cheaper)")
    )?;
    let width = page.width(BARS_WIDTH);
    let side = grown(width, &[(BARS_WIDTH, 14), (140, 40)]);
    let name = grown(width, &[(80, 29), (BARS_WIDTH, 30)]);
    let reach = found
        .tornado
        .iter()
        .flat_map(|swing| [swing.cost_low.minor() - base, swing.cost_high.minor() - base])
        .map(i64::abs)
        .max()
        .unwrap_or(1)
        .max(1);
    for swing in &found.tornado {
        let [low, high] = [swing.cost_low.minor() - base, swing.cost_high.minor() - base];
        writeln!(
            text,
            "{:<name$}{}{:>11}{:>11}",
            shortened(swing.driver.name, name - 1),
            bar(side, low, high, reach),
            signed(low, &found.base),
            signed(high, &found.base)
        )?;
        writeln!(text, "  {}", range(swing))?;
    }
    Ok(())
}

fn range(swing: &Swing) -> String {
    let driver = &swing.driver;
    format!(
        "{} to {}, now {}",
        driver.in_words(driver.low),
        driver.in_words(driver.high),
        driver.in_words(driver.now)
    )
}

/// `   ░░░|███  `: both ends of a driver around the base, so many cells on either side.
fn bar(side: usize, low: i64, high: i64, reach: i64) -> String {
    let cells = |cents: i64| (cents.abs() as f64 / reach as f64 * side as f64).round() as usize;
    let mut line = vec![' '; 2 * side + 1];
    line[side] = '│';
    // The longer end is drawn first, so that the shorter one on the same side stays visible.
    let mut ends = [(low, '░'), (high, '█')];
    ends.sort_by_key(|(cents, _)| std::cmp::Reverse(cents.abs()));
    for (cents, mark) in ends {
        for step in 1..=cells(cents) {
            line[if cents < 0 { side - step } else { side + step }] = mark;
        }
    }
    line.into_iter().collect()
}

fn write_break_evens(text: &mut String, found: &WhatIf, layout: Layout) -> std::fmt::Result {
    let label = layout.label;
    let told: Vec<_> = found.break_evens.iter().filter(|one| one.value.is_some()).collect();
    if found.break_evens.is_empty() {
        return Ok(());
    }
    let heading = "Break-even: where a scenario has the present total cost of the base";
    writeln!(text, "\n{}", layout.page.heading(heading))?;
    for one in &told {
        let value = one.value.map_or_else(String::new, |value| one.driver.in_words(value));
        writeln!(
            text,
            "{:<label$}{} at {value}, now {}",
            shortened(&one.scenario, label - 1),
            one.driver.name,
            one.driver.in_words(one.driver.now)
        )?;
    }
    let without: Vec<&str> = found
        .scenarios
        .iter()
        .filter(|scenario| told.iter().all(|one| one.scenario != scenario.name))
        .map(|scenario| scenario.name.as_str())
        .collect();
    if !without.is_empty() {
        writeln!(
            text,
            "none within the ranges tried: {}",
            shortened(&without.join(", "), layout.page.width(WIDTH) - 32)
        )?;
    }
    Ok(())
}
