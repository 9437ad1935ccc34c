//! The ledger as a person reads it: what it holds, how good the forecasts were, what they learned.
//!
//! In: counts, answers, grades, a recalibration. Out: text for the page: eighty columns do.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::page::{Page, grown};
use super::words::{clean, counted, shortened};
use crate::outcome::ledger::{
    Answers, Counts, Grades, Group, Horizon, Judged, NoAnswer, Recalibration, Score, Tried, Unsettled,
    Verdict,
};
use crate::units::group_thousands;

/// Columns of the page where there is no terminal, and of the scores.
const WIDTH: usize = 80;
const SCORES_WIDTH: usize = 82;

/// Requests with something unsettled that are listed one by one.
const REQUESTS_TOLD: usize = 12;

/// What a ledger holds, and what vendors still owe an answer to.
pub fn ledger_text(
    name: &str,
    counts: &Counts,
    answers: &Answers,
    pending: &[Unsettled],
    calibrations: &[Tried],
    page: Page,
) -> String {
    let mut text = format!("{}\n\n", page.heading(&clean(name)));
    // Writing to a string does not fail.
    let _ = write_holdings(&mut text, counts, answers, calibrations);
    let _ = match counts.hand_overs {
        0 => writeln!(text, "\nNothing was handed over yet."),
        _ => write_unsettled(&mut text, pending, page),
    };
    text
}

fn write_holdings(
    text: &mut String,
    counts: &Counts,
    answers: &Answers,
    calibrations: &[Tried],
) -> std::fmt::Result {
    let by_giver: Vec<String> = answers
        .reach
        .iter()
        .filter(|(_, reach)| reach.given > 0)
        .map(|(by, reach)| format!("{} {}", by.name(), grouped(reach.given)))
        .collect();
    writeln!(text, "forecasts handed out  {:>9}  {}", grouped(counts.forecasts), by_giver.join(", "))?;
    writeln!(
        text,
        "lines handed over     {:>9}  {} overrides",
        grouped(counts.hand_overs),
        grouped(counts.overrides)
    )?;
    writeln!(
        text,
        "lines settled         {:>9}  in {}",
        grouped(counts.outcomes),
        counted(counts.settlements, "settlement")
    )?;
    writeln!(
        text,
        "market prices         {:>9}  from {}",
        grouped(counts.observations),
        counted(counts.market_files, "file")
    )?;
    let installed = calibrations.iter().rev().find(|tried| tried.installed);
    let in_force = installed.map_or("none installed".to_owned(), |tried| {
        format!("number {} of {} is installed", tried.number, tried.day)
    });
    writeln!(text, "calibrations tried    {:>9}  {in_force}", grouped(counts.calibrations))
}

fn write_unsettled(text: &mut String, pending: &[Unsettled], page: Page) -> std::fmt::Result {
    if pending.is_empty() {
        return writeln!(text, "\nEvery unit that was handed over is settled.");
    }
    let mut requests: BTreeMap<&str, (u64, u64, jiff::civil::Date)> = BTreeMap::new();
    for one in pending {
        let line = &one.handed_over;
        let (units, said, since) = requests.entry(&line.request).or_insert((0, 0, line.handed_over));
        *units += one.units;
        *said += if one.said_pending { one.units } else { 0 };
        *since = (*since).min(line.handed_over);
    }
    let units: u64 = pending.iter().map(|one| one.units).sum();
    let room = grown(page.width(WIDTH), &[(80, 28), (120, 60)]);
    let heading = format!(
        "{} handed over {} not settled",
        counted(units, "unit"),
        if units == 1 { "is" } else { "are" }
    );
    writeln!(text, "\n{}\n", page.heading(&heading))?;
    writeln!(text, "{:<room$} {:>10}  {:>7}  {:>14}", "request", "since", "units", "called pending")?;
    for (request, (units, said, since)) in requests.iter().take(REQUESTS_TOLD) {
        let request = shortened(request, room);
        writeln!(text, "{request:<room$} {since}  {:>7}  {:>14}", grouped(*units), grouped(*said))?;
    }
    if requests.len() > REQUESTS_TOLD {
        writeln!(text, "and {} requests more", requests.len() - REQUESTS_TOLD)?;
    }
    Ok(())
}

/// How good the forecasts were.
pub fn grades_text(grades: &Grades, page: Page) -> String {
    let mut text = String::new();
    // As above.
    let _ = write_reach(&mut text, grades);
    let _ = write_scores(&mut text, "PRICE IN THE CHANNEL, one unit", &grades.gross, page);
    let _ = write_scores(&mut text, "WHAT THE OWNER KEEPS, one unit, by the agreed terms", &grades.net, page);
    let _ = write_overrides(&mut text, grades, page);
    let _ = write_no_answer(&mut text, grades);
    text
}

fn write_reach(text: &mut String, grades: &Grades) -> std::fmt::Result {
    for (by, reach) in &grades.reach {
        writeln!(
            text,
            "{:<10} {:>9} forecasts handed out, {} of them answered by a sale",
            by.name(),
            grouped(reach.given),
            grouped(reach.answered)
        )?;
    }
    writeln!(
        text,
        "\nAll scores are percent of the median price forecast. Bias above 0: promised too\nmuch. 80 % of sales should \
         lie from p10 to p90."
    )
}

fn write_scores(
    text: &mut String,
    title: &str,
    scores: &BTreeMap<Group, Score>,
    page: Page,
) -> std::fmt::Result {
    let room = grown(page.width(SCORES_WIDTH), &[(80, 9), (SCORES_WIDTH, 11)]);
    writeln!(text, "\n{}", page.heading(title))?;
    if scores.is_empty() {
        return writeln!(text, "no forecast has an answer yet");
    }
    writeln!(
        text,
        "{:<10} {:<room$} {:<13} {:>7} {:>6} {:>6} {:>5} {:>5} {:>5} {:>5}",
        "given by", "class", "months ahead", "sales", "bias", "error", "pb10", "pb50", "pb90", "in"
    )?;
    for (group, score) in scores {
        let [low, middle, high] = score.pinball;
        writeln!(
            text,
            "{:<10} {:<room$} {:<13} {:>7} {:>6} {:>6.1} {low:>5.1} {middle:>5.1} {high:>5.1} {:>4.0}%",
            group.by.name(),
            group.class.map_or("all", |class| class.name()),
            group.horizon.map_or("all".to_owned(), months),
            grouped(score.forecasts),
            signed(score.bias),
            score.error,
            score.coverage,
        )?;
    }
    Ok(())
}

fn months(horizon: Horizon) -> String {
    match horizon.to {
        Some(to) => format!("{} to {to}", horizon.from),
        None => format!("{} and more", horizon.from),
    }
}

fn write_overrides(text: &mut String, grades: &Grades, page: Page) -> std::fmt::Result {
    if grades.overrides.is_empty() {
        return Ok(());
    }
    let heading = "OVERRIDES, what the owner keeps: the model and the figure in its place";
    writeln!(text, "\n{}", page.heading(heading))?;
    writeln!(
        text,
        "{:<11} {:>7} {:>12} {:>12} {:>15} {:>15}",
        "class", "lines", "model bias", "model error", "override bias", "override error"
    )?;
    for (class, score) in &grades.overrides {
        writeln!(
            text,
            "{:<11} {:>7} {:>12} {:>12.1} {:>15} {:>15.1}",
            class.map_or("all", |class| class.name()),
            grouped(score.lines),
            signed(score.model_bias),
            score.model_error,
            signed(score.own_bias),
            score.own_error
        )?;
    }
    Ok(())
}

fn write_no_answer(text: &mut String, grades: &Grades) -> std::fmt::Result {
    let without: u64 = grades.no_answer.values().sum();
    writeln!(
        text,
        "\n{} settled = {} that answer the forecast they left with + {} that do not",
        counted(grades.lines, "line"),
        grouped(grades.lines - without),
        grouped(without)
    )?;
    for (reason, lines) in &grades.no_answer {
        writeln!(text, "{:>9}  {}", grouped(*lines), reason.in_words())?;
    }
    if grades.no_answer.contains_key(&NoAnswer::NotSold) {
        writeln!(text, "What ended without a sale has no price: the scores speak of what was sold.")?;
    }
    Ok(())
}

/// What was learned, before and after.
pub fn recalibration_text(found: &Recalibration) -> String {
    let mut text = String::new();
    // As above.
    let _ = write_recalibration(&mut text, found);
    text
}

fn write_recalibration(text: &mut String, found: &Recalibration) -> std::fmt::Result {
    let learned = &found.calibration;
    writeln!(
        text,
        "learned from {} sales ({} products and months) from {} to {}",
        grouped(learned.sales as u64),
        grouped(learned.blocks as u64),
        learned.months.0,
        learned.months.1
    )?;
    writeln!(
        text,
        "tried on {} sales ({}) held back, sold from {} on",
        grouped(found.after.sales as u64),
        grouped(found.after.blocks as u64),
        found.held_back_from
    )?;
    if found.left_out > 0 {
        writeln!(
            text,
            "{} answers left out: no interval, or a calibration this ledger does not hold",
            grouped(found.left_out as u64)
        )?;
    }
    writeln!(
        text,
        "\n{:<11} {:>7} {:>15} {:>14} {:>16} {:>10}",
        "class", "sales", "pinball before", "pinball after", "p10–p90 before", "after"
    )?;
    write_trial(text, "all", &found.before, &found.after)?;
    for (class, (before, after)) in &found.by_class {
        write_trial(text, class.name(), before, after)?;
    }
    writeln!(text, "\n{:<11} {:>12} {:>10} {:>10}", "class", "price moves", "sd times", "sd added")?;
    for (class, correction) in &learned.classes {
        writeln!(
            text,
            "{:<11} {:>10} % {:>10.2} {:>10.2}",
            class.name(),
            moved(correction.shift_log),
            correction.width,
            correction.variance_log.sqrt()
        )?;
    }
    writeln!(text, "sd: standard deviation of the log price; what is added is added to its square")?;
    for (head, moves) in [("grade", &learned.grades), ("route", &learned.routes)] {
        if !moves.is_empty() {
            writeln!(text, "\n{head:<11} {:>12}", "price moves")?;
        }
        for (name, shift) in moves {
            writeln!(text, "{:<11} {:>10} %", shortened(name, 11), moved(*shift))?;
        }
    }
    let verdict = match found.verdict {
        Verdict::Better => "It does better on the sales held back than what is in force.",
        Verdict::NoBetter => "It does no better on the sales held back than what is in force.",
        Verdict::TooStrong => "A correction is more than tenfold.",
    };
    writeln!(text, "\n{verdict}")
}

fn write_trial(text: &mut String, class: &str, before: &Judged, after: &Judged) -> std::fmt::Result {
    writeln!(
        text,
        "{class:<11} {:>7} {:>15.2} {:>14.2} {:>14.1} % {:>8.1} %",
        grouped(after.sales as u64),
        before.pinball,
        after.pinball,
        before.coverage,
        after.coverage
    )
}

/// A shift of the log price in percent of the price.
fn moved(shift_log: f64) -> String {
    signed(100.0 * shift_log.exp_m1())
}

/// A number with its sign, one decimal; no sign before what rounds to zero.
fn signed(value: f64) -> String {
    let text = format!("{value:+.1}");
    if text == "+0.0" || text == "-0.0" { "0.0".to_owned() } else { text.replace('-', "−") }
}

/// A count with commas between groups of three digits.
fn grouped(count: u64) -> String {
    group_thousands(&count.to_string())
}
