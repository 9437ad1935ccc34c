//! What the terminal says of the data: how much there is of it, which fix clears most money, what is wrong, what ends when.
//!
//! In: a fleet, its plan, the priced gaps and the calendar. Out: text for the page, of 80 columns without a terminal.

mod tables;

pub use tables::{
    calendar_table, conflicts_table, findings_table, fixes_table, joins_table, priced_findings_table,
    review_table,
};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::page::{Page, grown};
use super::words::{capital, counted, intake, shortened, whole, wrapped};
use crate::decide::{Event, EventKind, FixOffer, GapPrices, Plan, Stake};
use crate::fleet::{Fleet, check_title};
use crate::units::{Currency, Month};

/// Lines of each list.
const LINES: usize = 8;

/// Columns of the page where there is no terminal, and of the summary of a plan.
const WIDTH: usize = 80;
const PLAN_WIDTH: usize = 100;

/// Spans of the calendar, days.
const SPANS: [i32; 3] = [90, 180, 365];

/// Codes of gaps by which units that the plan counts may not bring what it counts.
const LOSSES: [(&str, &[&str]); 4] = [
    ("ghosts and doubles", &["DQ-01", "DQ-03"]),
    ("locks", &["DQ-14"]),
    ("leases", &["DQ-02", "DQ-20"]),
    ("holds that end if asked", &["DQ-21"]),
];

/// The summary of a check.
pub fn check_summary(plan: &Plan, fleet: &Fleet, prices: &GapPrices, events: &[Event], page: Page) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_summary(&mut text, plan, fleet, prices, events, page);
    text
}

/// What a plan says of its data in one breath: the best fix, and what is expected besides its totals.
pub fn data_lines(plan: &Plan, prices: &GapPrices, page: Page) -> String {
    let mut text = String::new();
    let width = page.width(PLAN_WIDTH) - 2;
    if let Some(fix) = prices.fixes.iter().find(|fix| fix.pays()) {
        let _ = writeln!(
            text,
            "\n{}\n{}",
            page.heading("Best fix of the data (residua check tells all)"),
            wrapped(&sentence(fix), "  ", width)
        );
    }
    let losses = losses(plan, prices);
    if !losses.is_empty() {
        let _ = writeln!(text, "{}", wrapped(&format!("Not in the totals: {losses}."), "  ", width));
    }
    text
}

fn write_summary(
    text: &mut String,
    plan: &Plan,
    fleet: &Fleet,
    prices: &GapPrices,
    events: &[Event],
    page: Page,
) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let currency = plan.currency();
    write_intake(text, plan, fleet)?;
    let unpriced = prices.gaps.iter().filter(|gap| gap.cost.is_none()).count();
    writeln!(text)?;
    let without =
        if unpriced > 0 { format!("; {} without a price", amount(unpriced)) } else { String::new() };
    let all = format!(
        "{} in the data cost{} {}{without}.",
        counted(prices.gaps.len(), "gap"),
        if prices.gaps.len() == 1 { "s" } else { "" },
        span(prices.total, currency)
    );
    writeln!(text, "{}", wrapped(&all, "", width))?;
    let losses = losses(plan, prices);
    if !losses.is_empty() {
        writeln!(text, "{}", wrapped(&format!("Not in the plan's totals: {losses}."), "", width))?;
    }
    write_fixes(text, prices, currency, page)?;
    write_kinds(text, prices, currency, page)?;
    write_dearest(text, fleet, prices, page)?;
    write_calendar(text, plan, fleet, events, page)
}

fn write_intake(text: &mut String, plan: &Plan, fleet: &Fleet) -> std::fmt::Result {
    let units: u64 = fleet.assets.iter().map(|asset| u64::from(asset.quantity)).sum();
    writeln!(text, "{}     seen from {}, in {}", intake(fleet), plan.as_of, plan.currency())?;
    let joined = fleet.assets.iter().filter(|asset| asset.rows.len() > 1).count();
    let contradicted = fleet.assets.iter().filter(|asset| !asset.conflicts.is_empty()).count();
    let review = fleet.review.len();
    writeln!(
        text,
        "{} · {} · {joined} told by several rows · {contradicted} contradicted · {review} to review",
        counted(fleet.files.len(), "file"),
        counted(units, "unit"),
    )
}

/// One fix in one sentence.
fn sentence(fix: &FixOffer) -> String {
    let title = capital(&fix.title());
    let currency = fix.stake.low.currency();
    let unpriced = match fix.unpriced {
        0 => String::new(),
        count => format!(" ({} without a price)", amount(count)),
    };
    format!(
        "{title} settles {}{unpriced} worth {}.",
        counted(fix.findings, "finding"),
        span(fix.stake, currency)
    )
}

fn write_fixes(text: &mut String, prices: &GapPrices, currency: Currency, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let (pay, idle): (Vec<&FixOffer>, Vec<&FixOffer>) = prices.fixes.iter().partition(|fix| fix.pays());
    writeln!(text, "\n{}", page.heading("What to do, the most money first"))?;
    if prices.fixes.is_empty() {
        return writeln!(text, "  nothing: no gap that a fix would settle");
    }
    for (place, fix) in pay.iter().take(LINES).enumerate() {
        writeln!(text, "{:>3}  {}", place + 1, wrapped(&sentence(fix), "     ", width - 5).trim_start())?;
        let adds = format!(
            "{} work ({}); adds {}, net {}",
            hours(fix.hours),
            whole(fix.work.major(), currency),
            range(fix.adds, currency),
            range(fix.net, currency)
        );
        writeln!(text, "     {adds}")?;
    }
    let rest = pay.iter().skip(LINES).map(|fix| fix.adds).fold(Stake::zero(currency), Stake::plus);
    if pay.len() > LINES {
        writeln!(text, "     and {} more that add {} (fixes.csv)", pay.len() - LINES, range(rest, currency))?;
    }
    // What others settle already is no advice.
    let idle: Vec<&FixOffer> = idle.into_iter().filter(|fix| fix.adds_findings > 0).collect();
    for fix in idle.iter().take(LINES / 2) {
        let title = shortened(&fix.title(), width - 45);
        writeln!(text, "  -  {title}: adds {}, less than its work", range(fix.adds, currency))?;
    }
    if idle.len() > LINES / 2 {
        writeln!(text, "  -  and {} more that add less than their work (fixes.csv)", idle.len() - LINES / 2)?;
    }
    let settled = format!("All together settle {}.", span(prices.settled, currency));
    writeln!(text, "     {settled}")
}

fn write_kinds(text: &mut String, prices: &GapPrices, currency: Currency, page: Page) -> std::fmt::Result {
    let mut kinds: BTreeMap<&str, (usize, Option<Stake>)> = BTreeMap::new();
    for gap in &prices.gaps {
        let kind = kinds.entry(gap.code).or_default();
        kind.0 += 1;
        kind.1 = match (kind.1, gap.cost) {
            (Some(sum), Some(cost)) => Some(sum.plus(cost)),
            (sum, cost) => sum.or(cost),
        };
    }
    if kinds.is_empty() {
        return Ok(());
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    let middle = |stake: Option<Stake>| stake.map_or(-1.0, Stake::middle);
    kinds.sort_by(|a, b| middle(b.1.1).total_cmp(&middle(a.1.1)).then(a.0.cmp(b.0)));
    writeln!(text, "\n{}", page.heading("What is missing, by what it costs not to know"))?;
    for (code, (assets, stake)) in kinds {
        let cost = stake.map_or_else(|| "no price".to_owned(), |stake| range(stake, currency));
        let title = check_title(code).unwrap_or("");
        writeln!(
            text,
            "  {code} {:>7}  {cost:>19}  {}",
            amount(assets),
            shortened(title, page.width(WIDTH) - 40)
        )?;
    }
    Ok(())
}

fn write_dearest(text: &mut String, fleet: &Fleet, prices: &GapPrices, page: Page) -> std::fmt::Result {
    let width = page.width(WIDTH);
    let (id, model) = (grown(width, &[(80, 14), (120, 20)]), grown(width, &[(80, 20), (120, 36)]));
    let title = width - id - model - 30;
    let mut priced: Vec<_> = prices.gaps.iter().filter_map(|gap| Some((gap, gap.cost?))).collect();
    priced.retain(|(_, cost)| cost.middle() > 0.0);
    priced.sort_by(|a, b| b.1.middle().total_cmp(&a.1.middle()).then(a.0.asset.cmp(&b.0.asset)));
    if priced.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{}", page.heading("Dearest single findings"))?;
    for (gap, cost) in priced.into_iter().take(LINES / 2) {
        let asset = &fleet.assets[gap.asset];
        writeln!(
            text,
            "  {:<id$} {} {:>15}  {}: {}",
            shortened(&asset.id, id),
            gap.code,
            range(cost, cost.low.currency()),
            shortened(&asset.full_model(), model),
            shortened(check_title(gap.code).unwrap_or(""), title)
        )?;
    }
    Ok(())
}

fn write_calendar(
    text: &mut String,
    plan: &Plan,
    fleet: &Fleet,
    events: &[Event],
    page: Page,
) -> std::fmt::Result {
    let currency = plan.currency();
    let soon: Vec<&Event> = events.iter().filter(|event| within(plan.as_of, event, SPANS[2])).collect();
    if events.is_empty() {
        return Ok(());
    }
    let heading = "What ends within       90 days 180 days 365 days  sites and money in a year";
    writeln!(text, "\n{}", page.heading(heading))?;
    for kind in EventKind::ALL {
        let of_kind: Vec<&Event> = soon.iter().copied().filter(|event| event.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let units = |days: i32| -> u64 {
            let by_then = of_kind.iter().filter(|event| within(plan.as_of, event, days));
            by_then.map(|event| u64::from(event.units)).sum()
        };
        let sites: BTreeSet<&str> =
            of_kind.iter().filter_map(|event| fleet.assets[event.asset].site.as_deref()).collect();
        let monthly: f64 = of_kind.iter().map(|event| event.monthly).sum();
        let money: f64 = of_kind.iter().map(|event| event.money).sum();
        let told = match kind {
            EventKind::Contract => format!("{} a month", whole(monthly, currency)),
            EventKind::Warranty => format!("{} a year more", whole(money, currency)),
            EventKind::PaidInVain => format!("{} in vain", whole(money, currency)),
            EventKind::Retirement => format!("{} off the plan", whole(money, currency)),
            EventKind::Lease => String::new(),
        };
        let sites = counted(sites.len() as u64, "site");
        let line = format!(
            "  {:<20} {:>7} {:>8} {:>8}  {sites}{}{told}",
            kind.name(),
            units(SPANS[0]),
            units(SPANS[1]),
            units(SPANS[2]),
            if told.is_empty() { "" } else { ", " }
        );
        writeln!(text, "{line}")?;
    }
    let vain = || events.iter().filter(|event| event.kind == EventKind::PaidInVain);
    let money: f64 = vain().map(|event| event.money).sum();
    if money > 0.0 {
        let movable: f64 = vain().filter(|event| event.transferable).map(|event| event.money).sum();
        let told = format!(
            "Contracts of units that leave, stand idle or are gone cost {} {currency} to their ends; {} of it can move \
             to other units or be credited.",
            whole(money, currency),
            whole(movable, currency)
        );
        writeln!(text, "{}", wrapped(&told, "  ", page.width(WIDTH) - 2))?;
    }
    Ok(())
}

fn within(as_of: Month, event: &Event, days: i32) -> bool {
    let first = jiff::civil::Date::new(as_of.year() as i16, as_of.month() as i8, 1);
    let last = first.ok().and_then(|first| first.checked_add(jiff::Span::new().days(days)).ok());
    last.is_none_or(|last| event.date.date <= last)
}

/// What is expected besides what the plan counts, by cause.
fn losses(plan: &Plan, prices: &GapPrices) -> String {
    let currency = plan.currency();
    let told = LOSSES.iter().filter_map(|(name, codes)| {
        let effect = prices.effect_of(codes);
        let nothing = effect.low.minor() == 0 && effect.high.minor() == 0;
        (!nothing).then(|| format!("{name} {}", to(effect, currency)))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// `−120 to −40`: for amounts that may be negative.
fn to(stake: Stake, currency: Currency) -> String {
    let sign = |amount: f64| if amount > 0.5 { "+" } else { "" };
    let one = |amount: f64| format!("{}{}", sign(amount), whole(amount, currency));
    format!("{} to {}", one(stake.low.major()), one(stake.high.major()))
}

/// `18,400–31,000`.
fn range(stake: Stake, currency: Currency) -> String {
    let (low, high) = (whole(stake.low.major(), currency), whole(stake.high.major(), currency));
    match (low == high, low.starts_with('−') || high.starts_with('−')) {
        (true, _) => low,
        (false, true) => format!("{low} to {high}"),
        (false, false) => format!("{low}–{high}"),
    }
}

/// `18,400–31,000 USD`.
fn span(stake: Stake, currency: Currency) -> String {
    format!("{} {currency}", range(stake, currency))
}

fn hours(hours: f64) -> String {
    if hours < 10.0 { format!("{hours:.1} h") } else { format!("{hours:.0} h") }
}

fn amount(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
