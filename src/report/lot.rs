//! What the terminal says of a bid.
//!
//! In: a lot and its manifest. Out: text for the page, of 80 columns without a terminal: the bid first, what it means, what sets it, where the
//! money is, what to take out, how fast it sells, what is not priced.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::page::{Page, grown};
use super::percent::percent;
use super::sustainability::sustainability_lines;
use super::words::{counted, shortened, whole};
use crate::catalog::Catalog;
use crate::decide::{CarbonFactors, FeesOrder};
use crate::lot::manifest::NOT_UNDERSTOOD;
use crate::lot::{Deal, Judged, Limit, Lot, Manifest, Treatment};
use crate::price::Basis;
use crate::units::{Currency, Quantiles};

/// Columns of the page where there is no terminal.
const WIDTH: usize = 80;

/// Lines of each list.
const LINES: usize = 8;

/// Lines of each kind of advice.
const SPLIT_LINES: usize = 3;

/// Months of the sell-through that are told.
const MONTHS_TOLD: usize = 8;

/// The answer to read, with what the lot does for mass and carbon; `catalog` is that of the bid.
pub fn lot_text(lot: &Lot, manifest: &Manifest, catalog: &Catalog, page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_lot(&mut text, lot, manifest, page);
    let factors = CarbonFactors::built_in();
    text + &sustainability_lines(&lot.disposed(&factors, catalog), factors.source(), page.width(WIDTH))
}

fn write_lot(text: &mut String, lot: &Lot, manifest: &Manifest, page: Page) -> std::fmt::Result {
    write_bid(text, lot, manifest, page)?;
    if let Some(asked) = &lot.asked {
        write_asked(text, lot, asked, page)?;
    }
    write_sharing(text, lot)?;
    write_lines(text, lot, page)?;
    write_split(text, lot, page)?;
    write_sell_through(text, lot)?;
    write_basis(text, lot)?;
    write_data(text, lot, manifest, page)
}

fn eighty(quantiles: &Quantiles, currency: Currency) -> String {
    format!("{} to {}", whole(quantiles.p10, currency), whole(quantiles.p90, currency))
}

fn write_bid(text: &mut String, lot: &Lot, manifest: &Manifest, page: Page) -> std::fmt::Result {
    let (bid, terms) = (&lot.bid, &lot.terms);
    let currency = terms.currency;
    let judged = &bid.judged;
    let lines = counted(lot.lines.len() as u64, "line");
    let heading = format!("Bid {} for {} in {lines}", judged.price, counted(lot.units(), "unit"));
    writeln!(text, "{}", page.heading(&heading))?;
    let unpriced: u64 = lot.left_out.iter().map(|left| left.units).sum();
    let unread = manifest.fleet.rejects.len();
    let outside = [
        (unread > 0).then(|| format!("{} that could not be read", counted(unread, "line"))),
        (unpriced > 0).then(|| format!("{} without a price", counted(unpriced, "unit"))),
    ];
    let outside: Vec<String> = outside.into_iter().flatten().collect();
    if !outside.is_empty() {
        writeln!(text, "Not in it, and told below: {}", outside.join(", "))?;
    }
    if bid.limit == Limit::Nothing {
        let fee = -bid.by_margin.min(bid.by_loss);
        writeln!(text, "Take it only for a fee of {} {currency} or more.", whole(fee.ceil(), currency))?;
    }
    writeln!(text)?;
    let mark = |limit: Limit| if bid.limit == limit { "  sets the bid" } else { "" };
    let row = |name: &str, amount: f64| format!("  {name:<30}{:>14}", whole(amount, currency));
    writeln!(
        text,
        "{}{}",
        row(&format!("{} margin allows", percent(terms.margin)), bid.by_margin),
        mark(Limit::Margin)
    )?;
    writeln!(
        text,
        "{}{}",
        row(&format!("{} chance of loss allows", percent(terms.max_loss)), bid.by_loss),
        mark(Limit::Loss)
    )?;
    writeln!(text, "{}  a loss is expected above", row("Reserve: never pay more than", bid.reserve.major()))?;
    writeln!(text)?;
    write_judged(text, judged, currency)?;
    writeln!(
        text,
        "{}  present value at {} a year",
        row("Sales expected", bid.expected_sales),
        percent(terms.policy.financing_yearly)
    )?;
    writeln!(text, "{}  wiping, mending, selling", row("Costs expected", bid.expected_cost))?;
    writeln!(
        text,
        "  {:<30}{:>14}  does not average out",
        "Risk common to the units",
        percent(1.0 - lot.own_luck)
    )
}

fn write_judged(text: &mut String, judged: &Judged, currency: Currency) -> std::fmt::Result {
    let profit = &judged.profit;
    let mean = whole(profit.mean, currency);
    writeln!(text, "  {:<30}{mean:>14}  80 %: {}", "Profit expected", eighty(profit, currency))?;
    writeln!(
        text,
        "  {:<30}{:>14}  half of outcomes are above",
        "Profit, median",
        whole(profit.p50, currency)
    )?;
    let margin = percent(judged.margin);
    writeln!(text, "  {:<30}{margin:>14}  chance of loss {}", "Margin expected", percent(judged.loss))
}

fn write_asked(text: &mut String, lot: &Lot, asked: &Judged, page: Page) -> std::fmt::Result {
    writeln!(text)?;
    writeln!(text, "{}", page.heading(&format!("At a price of {}", asked.price)))?;
    write_judged(text, asked, lot.terms.currency)
}

fn write_sharing(text: &mut String, lot: &Lot) -> std::fmt::Result {
    let Some(sharing) = &lot.sharing else { return Ok(()) };
    let currency = lot.terms.currency;
    writeln!(text)?;
    writeln!(
        text,
        "Instead a share of {} for the owner, fees {} in all",
        percent(sharing.share),
        whole(sharing.fees, currency)
    )?;
    writeln!(text, "  {:<22}{:>12}{:>22}{:>12}{:>10}", "", "owner gets", "80 %", "you earn", "you lose")?;
    let bid = lot.bid.judged;
    writeln!(
        text,
        "  {:<22}{:>12}{:>22}{:>12}{:>10}",
        "outright, at the bid",
        whole(bid.price.major(), currency),
        "certain",
        whole(bid.profit.mean, currency),
        percent(bid.loss)
    )?;
    for deal in &sharing.deals {
        write_deal(text, deal, currency)?;
    }
    let first = &sharing.deals[0];
    writeln!(
        text,
        "  With the share the owner gets less than the bid in {} of draws.",
        percent(first.owner_below_bid)
    )
}

fn write_deal(text: &mut String, deal: &Deal, currency: Currency) -> std::fmt::Result {
    let name = match deal.taken {
        FeesOrder::BeforeSplit => "fees before the split",
        FeesOrder::AfterSplit => "fees after the split",
    };
    writeln!(
        text,
        "  {name:<22}{:>12}{:>22}{:>12}{:>10}",
        whole(deal.owner.mean, currency),
        eighty(&deal.owner, currency),
        whole(deal.vendor.mean, currency),
        percent(deal.vendor_loses)
    )
}

fn write_lines(text: &mut String, lot: &Lot, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let room = grown(width, &[(80, 11), (120, 24)]);
    let labels = lot.lines.iter().map(|line| line.label.chars().count());
    let name = page.column(29, width - (room - 11) - 51, labels.chain([4]));
    let currency = lot.terms.currency;
    let mut order: Vec<usize> = (0..lot.lines.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(lot.bid.lines[*at].minor()));
    writeln!(text)?;
    let heading = format!(
        "  {:>12} {:>7}  {:<name$} {:<room$} {:>7} {:>5}",
        "price", "units", "line", "grade", "each", "mo"
    );
    writeln!(text, "{}", page.heading(&heading))?;
    for &at in order.iter().take(LINES) {
        let line = &lot.lines[at];
        let price = lot.bid.lines[at].major();
        let grade = line.graded.words.split(" (").next().unwrap_or("");
        writeln!(
            text,
            "  {:>12} {:>7}  {:<name$} {:<room$} {:>7} {:>5.1}",
            whole(price, currency),
            line.units,
            shortened(&line.label, name),
            shortened(if grade.is_empty() { "not stated" } else { grade }, room),
            whole(price / line.units as f64, currency),
            line.expected_months()
        )?;
    }
    if order.len() > LINES {
        let rest: f64 = order[LINES..].iter().map(|at| lot.bid.lines[*at].major()).sum();
        let units: u64 = order[LINES..].iter().map(|at| lot.lines[*at].units).sum();
        writeln!(
            text,
            "  {:>12} {units:>7}  {}; all with -o or --format csv",
            whole(rest, currency),
            counted(order.len() - LINES, "more line")
        )?;
    }
    Ok(())
}

fn write_split(text: &mut String, lot: &Lot, page: Page) -> std::fmt::Result {
    let currency = lot.terms.currency;
    let all: f64 = lot.split.iter().map(|split| split.earned_in_all()).sum();
    writeln!(text)?;
    let heading = format!("Splitting earns {} against selling all on in one mixed lot", whole(all, currency));
    writeln!(text, "{}", page.heading(&heading))?;
    for treatment in Treatment::ALL {
        let at = treatment as usize;
        let units: f64 = lot.split.iter().map(|split| split.units[at]).sum();
        if units < 0.5 {
            continue;
        }
        let earned: f64 = lot.split.iter().map(|split| split.earned[at]).sum();
        writeln!(text, "  {:>12} {units:>7.0}  {}", whole(earned, currency), advice(treatment))?;
        let mut lines: Vec<usize> =
            (0..lot.lines.len()).filter(|line| lot.split[*line].units[at] >= 0.5).collect();
        lines.sort_by(|a, b| lot.split[*b].earned[at].total_cmp(&lot.split[*a].earned[at]).then(a.cmp(b)));
        for &line in lines.iter().take(SPLIT_LINES) {
            let split = &lot.split[line];
            writeln!(
                text,
                "  {:>12} {:>7.0}    {}",
                whole(split.earned[at], currency),
                split.units[at],
                shortened(&lot.lines[line].label, page.width(WIDTH) - 32)
            )?;
        }
        if lines.len() > SPLIT_LINES {
            writeln!(text, "  {:>20}    and {}", "", counted(lines.len() - SPLIT_LINES, "more line"))?;
        }
    }
    Ok(())
}

/// What to do, for a heading.
const fn advice(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::OneByOne => "units to take out and sell one by one:",
        Treatment::ToDealer => "units to sell to a dealer, each kind by itself:",
        Treatment::Parts => "units to take apart:",
        Treatment::Scrap => "units to recycle only:",
    }
}

fn write_sell_through(text: &mut String, lot: &Lot) -> std::fmt::Result {
    let units = lot.units() as f64;
    let (mut gone, mut cash) = (0.0, 0.0);
    let needed = lot.bid.judged.price.major() + lot.bid.expected_cost;
    let mut back = None;
    let mut shares = Vec::new();
    for month in &lot.sell_through {
        gone += month.sold + month.recycled;
        cash += month.cash;
        if cash >= needed && back.is_none() {
            back = Some(month.month);
        }
        if month.month > 0 && shares.len() < MONTHS_TOLD && month.sold + month.recycled > 0.0 {
            shares.push(format!("{} {:.0} %", month.month, 100.0 * gone / units));
        }
    }
    writeln!(text)?;
    writeln!(text, "Gone by month {}", shares.join(", "))?;
    match back {
        Some(month) => writeln!(text, "The money for bid and costs is back by month {month}, as expected"),
        None => writeln!(text, "The money for bid and costs is not expected back"),
    }
}

/// What prices of a basis rest on, in a word.
const fn source_of(basis: Basis) -> &'static str {
    match basis {
        Basis::Sales(_) => "sales",
        Basis::Family => "relatives",
        Basis::Class => "class curves",
        Basis::Published => "published figures",
    }
}

/// What the prices rest on, by the share of expected sales.
fn write_basis(text: &mut String, lot: &Lot) -> std::fmt::Result {
    let mut of: BTreeMap<&str, f64> = BTreeMap::new();
    for line in &lot.lines {
        let name = line.basis.map_or("the list itself", source_of);
        *of.entry(name).or_default() += line.units as f64 * line.expected_sales();
    }
    let mut shares: Vec<(&str, f64)> = of.into_iter().collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    let words: Vec<String> = shares
        .iter()
        .map(|(name, sales)| format!("{name} {:.0} %", 100.0 * sales / lot.bid.expected_sales.max(1e-9)))
        .collect();
    // Three fit in a line.
    let rows: Vec<String> = words.chunks(3).map(|three| three.join(", ")).collect();
    writeln!(text, "Prices rest on {}", rows.join(",\n  "))
}

fn write_data(text: &mut String, lot: &Lot, manifest: &Manifest, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let fleet = &manifest.fleet;
    writeln!(text)?;
    writeln!(
        text,
        "{} in = {} of the list + {} + {} merged; seen from {}",
        counted(fleet.rows_in, "row"),
        counted(fleet.assets.len(), "line"),
        counted(fleet.rejects.len(), "reject"),
        fleet.rows_merged,
        lot.as_of
    )?;
    if !lot.left_out.is_empty() {
        let units: u64 = lot.left_out.iter().map(|left| left.units).sum();
        writeln!(text, "Not priced and counted at zero: {}", counted(units, "unit"))?;
        for left in lot.left_out.iter().take(LINES) {
            writeln!(
                text,
                "  {:>5} × {}",
                left.units,
                shortened(&format!("{}: {}", left.label, left.reason), width - 12)
            )?;
        }
    }
    for reject in fleet.rejects.iter().take(LINES) {
        let words = format!("`{}` {}", reject.text, reject.reason);
        writeln!(text, "Rejected, line {}: {}", reject.row.line, shortened(&words, width - 22))?;
        writeln!(text, "  → {}", shortened(&reject.remedy, width - 4))?;
    }
    let unread = lot.findings.iter().filter(|finding| finding.message.contains(NOT_UNDERSTOOD));
    for finding in unread.take(LINES) {
        let line = finding.row.map_or(0, |row| row.line);
        writeln!(text, "Line {line}: {}", shortened(&finding.message, width - 12))?;
    }
    Ok(())
}
