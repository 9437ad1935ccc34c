//! What the terminal says of a settlement: what was read, what it pays, what to dispute and what to confirm, forecast against
//! actual.
//!
//! In: a settlement and what came of holding it against what was agreed. Out: text for the page, of 80 columns without a
//! terminal. Below the
//! counts of each kind stand the sentences to write, the most money first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::{Page, grown};
use super::words::{capital, clean, counted, exact, shortened, whole, wrapped};
use crate::outcome::Disposition;
use crate::outcome::settle::{
    Against, AgainstTotal, Difference, DifferenceKind, ErasureReport, Settled, Settlement, Verdict,
};
use crate::units::{Currency, Money};

/// Sentences of each list.
const SENTENCES: usize = 12;

/// Doubts that are told one by one.
const DOUBTS: usize = 6;

/// Forecasts that are told one by one, the furthest from what came.
const FORECASTS: usize = 8;

/// Columns of the page where there is no terminal, and of its lines of forecasts.
const WIDTH: usize = 80;
const FORECASTS_WIDTH: usize = 84;

/// The summary of a settlement.
pub fn settlement_summary(
    settlement: &Settlement,
    settled: &Settled,
    erasure: Option<&ErasureReport>,
    page: Page,
) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_summary(&mut text, settlement, settled, erasure, page);
    text
}

fn write_summary(
    text: &mut String,
    settlement: &Settlement,
    settled: &Settled,
    erasure: Option<&ErasureReport>,
    page: Page,
) -> std::fmt::Result {
    writeln!(
        text,
        "{} in = {} + {} + {}",
        counted(settlement.rows_in as u64, "row"),
        counted(settlement.lines.len() as u64, "line"),
        counted(settlement.rejects.len() as u64, "reject"),
        counted(settlement.totals.len() as u64, "total")
    )?;
    if let Some(report) = erasure {
        writeln!(
            text,
            "{} erasure records in = {} drives + {} rejects",
            report.rows_in,
            report.drives.len(),
            report.rejects.len()
        )?;
    }
    write_units(text, settled, page)?;
    write_money(text, settled)?;
    write_differences(text, settled, page)?;
    write_forecasts(text, settled, page)?;
    write_doubts(text, settlement, page)
}

fn amount(value: f64, currency: Currency) -> String {
    Money::from_major(value, currency).map_or_else(|_| "unknown".to_owned(), exact)
}

/// What became of the units.
fn write_units(text: &mut String, settled: &Settled, page: Page) -> std::fmt::Result {
    let mut units: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut extra = 0;
    for line in settled.lines.iter().filter(|line| !line.is_part && !line.is_twice) {
        if line.outcome.handed_over.is_none() {
            extra += line.outcome.quantity;
            continue;
        }
        *units.entry(disposition(line.outcome.disposition)).or_default() += line.outcome.quantity;
    }
    let mut parts: Vec<String> = units.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if extra > 0 {
        parts.push(format!("{extra} not handed over"));
    }
    writeln!(text, "{}", wrapped(&format!("Units: {}.", parts.join(" · ")), "", page.width(WIDTH)))
}

const fn disposition(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Sold => "sold",
        Disposition::SoldWithoutDrives => "sold without drives",
        Disposition::SoldAsParts => "sold as parts",
        Disposition::Redeployed => "redeployed",
        Disposition::Donated => "donated",
        Disposition::ReturnedToLessor => "returned to the lessor",
        Disposition::Recycled => "recycled",
        Disposition::Destroyed => "destroyed",
        Disposition::Pending => "pending",
        Disposition::Lost => "lost",
    }
}

/// What the lines come to, by currency.
fn write_money(text: &mut String, settled: &Settled) -> std::fmt::Result {
    let mut currencies: Vec<Currency> = settled.lines.iter().map(|line| line.outcome.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    writeln!(text)?;
    for currency in currencies {
        let of_currency =
            || settled.lines.iter().map(|line| &line.outcome).filter(|one| one.currency == currency);
        let gross: f64 = of_currency().filter_map(|one| one.gross).sum();
        let fees: f64 = of_currency().map(|one| one.fees).sum();
        let stated: f64 = of_currency().filter_map(|one| one.net_stated).sum();
        let agreed = of_currency().filter(|one| one.net_agreed.is_some());
        let (mut by_terms, mut of_sold) = (0.0, 0.0);
        for one in agreed {
            by_terms += one.net_agreed.unwrap_or(0.0);
            of_sold += one.net_stated.unwrap_or(0.0);
        }
        writeln!(
            text,
            "Gross {:>17} {currency}    fees {:>14}",
            amount(gross, currency),
            amount(fees, currency)
        )?;
        writeln!(text, "Net stated {:>12} {currency}    of all lines", amount(stated, currency))?;
        writeln!(
            text,
            "Net by terms {:>10} {currency}    of what was sold; stated {}",
            amount(by_terms, currency),
            amount(of_sold, currency)
        )?;
    }
    Ok(())
}

fn write_differences(text: &mut String, settled: &Settled, page: Page) -> std::fmt::Result {
    let (disputes, confirm): (Vec<&Difference>, Vec<&Difference>) =
        settled.differences.iter().partition(|difference| difference.kind.is_dispute());
    writeln!(text)?;
    if disputes.is_empty() {
        writeln!(text, "Nothing to dispute.")?;
    } else {
        let stakes: Vec<String> = settled
            .at_stake()
            .into_iter()
            .map(|(currency, stake)| format!("{} {currency}", amount(stake, currency)))
            .collect();
        let heading = format!(
            "To dispute: {}, {} at stake as far as it can be said",
            counted(disputes.len() as u64, "difference"),
            stakes.join(" and ")
        );
        writeln!(text, "{}", page.heading(&heading))?;
        write_kinds(text, &disputes)?;
        writeln!(text, "\n{}", page.heading("Write to the vendor"))?;
        write_sentences(text, disputes, page)?;
    }
    if !confirm.is_empty() {
        let heading = format!("To confirm: {}", counted(confirm.len() as u64, "line"));
        writeln!(text, "\n{}", page.heading(&heading))?;
        write_sentences(text, confirm, page)?;
    }
    Ok(())
}

fn write_kinds(text: &mut String, disputes: &[&Difference]) -> std::fmt::Result {
    for kind in DifferenceKind::ALL {
        let of_kind: Vec<&&Difference> =
            disputes.iter().filter(|difference| difference.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let known = of_kind
            .iter()
            .filter_map(|difference| difference.stake.map(|stake| (stake, difference.currency)));
        let mut sums: BTreeMap<Currency, f64> = BTreeMap::new();
        for (stake, currency) in known {
            *sums.entry(currency).or_default() += stake;
        }
        let money: Vec<String> =
            sums.iter().map(|(currency, sum)| format!("{} {currency}", amount(*sum, *currency))).collect();
        let money = if money.is_empty() { "no amount".to_owned() } else { money.join(", ") };
        writeln!(text, "{:>5}  {:<34} {money:>22}", of_kind.len(), kind.title())?;
    }
    Ok(())
}

/// Sentences, the most money first, those without an amount behind.
fn write_sentences(text: &mut String, mut differences: Vec<&Difference>, page: Page) -> std::fmt::Result {
    differences.sort_by(|one, other| other.stake.unwrap_or(0.0).total_cmp(&one.stake.unwrap_or(0.0)));
    // A line that is shared out to several hand-overs says the same of each.
    let mut said = BTreeSet::new();
    differences.retain(|difference| said.insert(difference.sentence.as_str()));
    for difference in differences.iter().take(SENTENCES) {
        let sentence = wrapped(&clean(&difference.sentence), "    ", page.width(WIDTH) - 4);
        writeln!(text, "  - {}", sentence.trim_start())?;
    }
    if differences.len() > SENTENCES {
        writeln!(text, "  and {} more in disputes.csv (-o DIR)", differences.len() - SENTENCES)?;
    }
    Ok(())
}

fn write_forecasts(text: &mut String, settled: &Settled, page: Page) -> std::fmt::Result {
    let forecasts = &settled.forecasts;
    writeln!(text, "\n{}", page.heading("Forecast against actual, net"))?;
    let name = grown(page.width(FORECASTS_WIDTH), &[(80, 30), (FORECASTS_WIDTH, 34), (160, 80)]);
    for total in &forecasts.totals {
        write_total(text, total, page)?;
    }
    let mut furthest: Vec<&Against> = forecasts.lines.iter().collect();
    let distance = |line: &Against| (line.net.actual - line.net.forecast.p50).abs();
    furthest.sort_by(|one, other| distance(other).total_cmp(&distance(one)));
    for line in furthest.iter().take(FORECASTS) {
        let side = &line.net;
        writeln!(
            text,
            "  {:<name$} {:>8}  forecast {:>8} to {:>8}  {}",
            shortened(&format!("{} {}", line.asset, line.product), name),
            whole(side.actual, line.currency),
            whole(side.forecast.p10, line.currency),
            whole(side.forecast.p90, line.currency),
            side.verdict.name()
        )?;
    }
    if furthest.len() > FORECASTS {
        writeln!(text, "  and {} more, all nearer to their forecast", furthest.len() - FORECASTS)?;
    }
    if forecasts.lines.is_empty() {
        writeln!(text, "  no line with a forecast has a final outcome that is not disputed")?;
    }
    if forecasts.left_out > 0 {
        writeln!(
            text,
            "  {} left out: disputed, without a forecast, or in another currency",
            counted(forecasts.left_out as u64, "hand-over")
        )?;
    }
    if forecasts.pending_units > 0 {
        let expected = forecasts.pending_expected.map_or_else(String::new, |(mean, currency)| {
            format!(", forecast to bring {} {currency}", whole(mean, currency))
        });
        writeln!(
            text,
            "  {} not sold yet: pending, not zero{expected}",
            counted(forecasts.pending_units, "unit")
        )?;
    }
    Ok(())
}

fn write_total(text: &mut String, total: &AgainstTotal, page: Page) -> std::fmt::Result {
    let currency = total.currency;
    let span = |(low, high): (f64, f64)| format!("{} to {}", whole(low, currency), whole(high, currency));
    let verdict = |verdict: Verdict| match verdict {
        Verdict::Inside => "inside",
        Verdict::Below => "below it",
        Verdict::Above => "above it",
    };
    let sentence = format!(
        "{}: {} {currency} came, {} were expected. If all prices move together: {}, {}; if each moves by itself: {}, {}.",
        capital(&counted(total.units, "unit")),
        whole(total.actual, currency),
        whole(total.expected, currency),
        span(total.together),
        verdict(total.verdict_together),
        span(total.apart),
        verdict(total.verdict_apart)
    );
    writeln!(text, "{}", wrapped(&sentence, "  ", page.width(WIDTH) - 2))
}

fn write_doubts(text: &mut String, settlement: &Settlement, page: Page) -> std::fmt::Result {
    if !settlement.rejects.is_empty() {
        writeln!(text, "\n{}", page.heading("Rejected rows"))?;
        for reject in settlement.rejects.iter().take(DOUBTS) {
            let column =
                if reject.column.is_empty() { String::new() } else { format!(", {}", reject.column) };
            let sentence = format!(
                "line {}{column}: `{}`: {} ({})",
                reject.file_line,
                shortened(&reject.text, 40),
                reject.reason,
                reject.remedy
            );
            writeln!(text, "  - {}", wrapped(&clean(&sentence), "    ", page.width(WIDTH) - 4).trim_start())?;
        }
        if settlement.rejects.len() > DOUBTS {
            writeln!(text, "  and {} more in rejects.csv (-o DIR)", settlement.rejects.len() - DOUBTS)?;
        }
    }
    if settlement.doubts.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{}", page.heading("Read with a doubt"))?;
    for doubt in settlement.doubts.iter().take(DOUBTS) {
        let sentence = format!(
            "line {}, {}: `{}`: {}",
            doubt.file_line,
            doubt.column,
            shortened(&doubt.text, 40),
            doubt.message
        );
        writeln!(text, "  - {}", wrapped(&clean(&sentence), "    ", page.width(WIDTH) - 4).trim_start())?;
    }
    if settlement.doubts.len() > DOUBTS {
        writeln!(text, "  and {} more", settlement.doubts.len() - DOUBTS)?;
    }
    Ok(())
}
