//! Regret of past decisions, as people read it and as a table.
//!
//! In: the scores of each market and owner. Out: text for the terminal, and one row a market, owner and rule.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::page::{Page, grown};
use super::percent;
use super::table::{Cell, Table};
use crate::catalog::AssetClass;
use crate::decide::replay::{
    ClassScore, FEWEST_DECISIONS, LONGEST_WINDOW, Measure, Rule, SHORTEST_WINDOW, WANTED_RATIO, WORST_RATIO,
    overall,
};
use crate::market::FollowedMarket;
use crate::units::Month;

/// Columns of the tables where there is no terminal.
const WIDTH: usize = 85;

/// A market with the scores of its owners.
pub type MarketDecisions = (FollowedMarket, Vec<ClassScore>);

fn title(market: &FollowedMarket) -> String {
    let source = if market.source.is_empty() { "unnamed source" } else { &market.source };
    format!("{}, {} in {} ({source})", market.class, market.basis.name(), market.currency)
}

/// The tables for the terminal.
pub fn decisions_text(markets: &[MarketDecisions], page: Page) -> String {
    let mut text = format!(
        "Regret of past decisions to sell or hold: what was lost against the best month in hindsight, % of the price at \
         the start\nStarts with {SHORTEST_WINDOW} to {LONGEST_WINDOW} months of prices after them; only what was known \
         in a month decides in it.\n\n"
    );
    for (market, scores) in markets {
        market_text(&mut text, market, scores, page);
    }
    let all: Vec<&ClassScore> = markets.iter().flat_map(|one| &one.1).collect();
    if !all.is_empty() {
        overall_text(&mut text, &all, page);
        classes_text(&mut text, markets);
        losses_text(&mut text, markets);
    }
    text
}

/// Columns of the name of a line and of a cell.
fn columns(page: Page) -> (usize, usize) {
    let width = page.width(WIDTH);
    (grown(width, &[(80, 30), (WIDTH, 31)]), grown(width, &[(80, 11), (WIDTH, 12)]))
}

fn market_text(text: &mut String, market: &FollowedMarket, scores: &[ClassScore], page: Page) {
    let (room, cell_room) = columns(page);
    let Some(one) = scores.first() else {
        let _ = writeln!(text, "{}\n  not scored: fewer than {FEWEST_DECISIONS} starts\n", title(market));
        return;
    };
    let (first, last) = (Month::from_index(one.span.0), Month::from_index(one.span.1));
    let heading = format!(
        "{}: {} starts of {} products, {first} to {last}",
        title(market),
        one.decisions,
        one.products
    );
    let _ = writeln!(text, "{}", page.heading(&heading));
    let line = |text: &mut String, name: &str, cell: &dyn Fn(&ClassScore) -> String| {
        let _ = write!(text, "  {name:<room$}");
        for score in scores {
            let _ = write!(text, " {:>cell_room$}", cell(score));
        }
        text.push('\n');
    };
    line(text, "", &|score| score.owner.name().into());
    for (position, rule) in Rule::ALL.iter().enumerate() {
        line(text, &rule.name(), &|score| percent::number(score.rules[position].mean, 2));
    }
    line(text, "best month in hindsight, after", &|score| format!("{:.1}", score.best_months));
    line(text, "residua sold after, months", &|score| format!("{:.1}", score.ours().months));
    line(text, "best fixed rule", &|score| short_name(score.best_fixed(Measure::Mean).rule));
    line(text, "residua over it", &|score| format!("{:.2}", score.over_fixed(Measure::Mean)));
    line(text, "  90 % interval, over products", &|score| {
        let (low, high) = score.ours().interval;
        format!("{low:.2}–{high:.2}")
    });
    line(text, "  by money", &|score| format!("{:.2}", score.over_fixed(Measure::ByMoney)));
    line(text, "  no regret above the price", &|score| format!("{:.2}", score.over_fixed(Measure::Capped)));
    line(text, "residua over the best cycle", &|score| format!("{:.2}", score.over_cycle(Measure::Mean)));
    text.push('\n');
}

fn overall_text(text: &mut String, all: &[&ClassScore], page: Page) {
    let (room, cell_room) = columns(page);
    let found: Vec<_> = Measure::ALL.iter().filter_map(|measure| overall(all, *measure)).collect();
    let heading = format!("All {} markets and owners, each with the same weight", all.len());
    let _ = writeln!(text, "{}", page.heading(&heading));
    let line = |text: &mut String, name: &str, cells: Vec<String>| {
        let _ = write!(text, "  {name:<room$}");
        for cell in cells {
            let _ = write!(text, " {cell:>cell_room$}");
        }
        text.push('\n');
    };
    line(text, "", found.iter().map(|one| one.measure.name().to_owned()).collect());
    for (position, rule) in Rule::ALL.iter().enumerate() {
        line(text, &rule.name(), found.iter().map(|one| percent::number(one.regrets[position], 2)).collect());
    }
    line(text, "one fixed rule for all", found.iter().map(|one| short_name(one.best_fixed)).collect());
    line(text, "residua over it", found.iter().map(|one| format!("{:.2}", one.over_fixed)).collect());
    line(text, "30 % below its own best fixed", found.iter().map(|one| one.far_better.to_string()).collect());
    line(text, "over 2 % worse than it", found.iter().map(|one| one.worse.to_string()).collect());
    text.push('\n');
}

fn classes_text(text: &mut String, markets: &[MarketDecisions]) {
    text.push_str(
        "By class: residua over the fixed rule that is best for all its markets and owners at once, and that rule\n",
    );
    let classes: BTreeSet<AssetClass> = markets.iter().map(|one| one.0.class).collect();
    for class in classes {
        let own: Vec<&ClassScore> =
            markets.iter().filter(|one| one.0.class == class).flat_map(|one| &one.1).collect();
        let found: Vec<_> = Measure::ALL.iter().filter_map(|measure| overall(&own, *measure)).collect();
        if found.is_empty() {
            continue;
        }
        let _ = write!(text, "  {:<16}", class.name());
        for one in found {
            let _ = write!(
                text,
                "  {} {:.2} ({})",
                one.measure.name(),
                one.over_fixed,
                short_name(one.best_fixed)
            );
        }
        text.push('\n');
    }
    text.push('\n');
}

fn losses_text(text: &mut String, markets: &[MarketDecisions]) {
    let each = || markets.iter().flat_map(|(market, scores)| scores.iter().map(move |score| (market, score)));
    let mut list = |heading: &str, wanted: &dyn Fn(f64) -> bool| {
        let _ = writeln!(text, "{heading}");
        let mut none = true;
        for (market, score) in each().filter(|one| wanted(one.1.over_fixed(Measure::Mean))) {
            none = false;
            let best = score.best_fixed(Measure::Mean);
            let _ = writeln!(
                text,
                "  {}, {}: {} against {} of \"{}\", ratio {:.2}; by money {:.2}",
                title(market),
                score.owner.name(),
                percent::number(score.ours().mean, 2),
                percent::number(best.mean, 2),
                short_name(best.rule),
                score.over_fixed(Measure::Mean),
                score.over_fixed(Measure::ByMoney)
            );
        }
        if none {
            text.push_str("  Nowhere.\n");
        }
    };
    list("Where it loses to the best fixed rule by more than 2 %", &|ratio| ratio > WORST_RATIO);
    list("Where it neither loses nor is 30 % better", &|ratio| ratio > WANTED_RATIO && ratio <= WORST_RATIO);
}

fn short_name(rule: Rule) -> String {
    match rule {
        Rule::Age(months) => format!("age {months}"),
        Rule::After(0) => "at once".into(),
        Rule::After(months) => format!("after {months}"),
        Rule::End => "at the end".into(),
        other => other.name(),
    }
}

/// One row a market, owner and rule.
pub fn decisions_table(markets: &[MarketDecisions]) -> Table {
    let mut table = Table::new(&[
        "class",
        "basis",
        "currency",
        "source",
        "owner",
        "rule",
        "fixed",
        "starts",
        "products",
        "regret",
        "regret_by_money",
        "regret_capped",
        "months",
        "ratio",
        "ratio_p05",
        "ratio_p95",
    ]);
    let number = |value: f64| Cell::number(format!("{value:.6}"));
    for (market, scores) in markets {
        for score in scores {
            for one in &score.rules {
                table.rows.push(vec![
                    Cell::text(market.class.name()),
                    Cell::text(market.basis.name()),
                    Cell::text(market.currency.code()),
                    Cell::text(&market.source),
                    Cell::text(score.owner.name()),
                    Cell::text(one.rule.name().trim()),
                    Cell::text(if one.rule.is_fixed() { "yes" } else { "no" }),
                    Cell::number(score.decisions),
                    Cell::number(score.products),
                    number(one.mean),
                    number(one.by_money),
                    number(one.capped),
                    number(one.months),
                    number(one.ratio),
                    number(one.interval.0),
                    number(one.interval.1),
                ]);
            }
        }
    }
    table
}
