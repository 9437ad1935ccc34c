//! The score card of a backtest, as people read it and as tables.
//!
//! In: markets with their scores. Out: text for the page (on a narrow one tables are told in parts), and the tables `cells`, `predictions` and `scores`.

use std::fmt::Write;

use super::page::Page;
use super::percent;
use super::table::{Cell, Table};
use super::words::wrapped;
use crate::price::backtest::cold_start::ColdStartScores;
use crate::price::backtest::drill::{DrillResult, IN_RANGE, MONTHS_AFTER};
use crate::price::backtest::run::HORIZONS;
use crate::price::backtest::score::{ForecasterScore, OURS, ScoreCard};
use crate::price::backtest::{MarketTest, Record};
use crate::price::metrics::Scores;
use crate::units::Month;

/// Columns of the score card and of the drills where there is no terminal, and those below which they are told in parts.
const CARD_WIDTH: usize = 145;
const DRILL_WIDTH: usize = 105;

/// P-values below this are more than luck.
const SIGNIFICANT: f64 = 0.05;

fn title(test: &MarketTest) -> String {
    let market = &test.market;
    let source = if market.source.is_empty() { "unnamed source" } else { &market.source };
    format!("{}, {} in {} ({source})", market.class, market.basis.name(), market.currency)
}

/// The score card for the terminal.
pub fn backtest_text(tests: &[(MarketTest, Option<ScoreCard>)], page: Page) -> String {
    let mut text = String::new();
    for (test, card) in tests {
        let span = test.market.span();
        let months = span.map_or(String::new(), |(first, last)| format!(", {first} to {last}"));
        let heading = format!("{}: {} series{months}", title(test), test.series.len());
        let _ = writeln!(text, "{}", page.heading(&heading));
        match card {
            Some(card) if page.width(CARD_WIDTH) < CARD_WIDTH => narrow_market_text(&mut text, card),
            Some(card) => market_text(&mut text, card),
            None => {
                text += "  no forecast: no series has a price at an origin and another one 1, 3, 6, 12 or 24 months later\n";
            }
        }
        text.push('\n');
    }
    let scored: Vec<(&MarketTest, &ScoreCard)> =
        tests.iter().filter_map(|(test, card)| Some((test, card.as_ref()?))).collect();
    if !scored.is_empty() {
        regret_text(&mut text, &scored, page);
        words(&mut text, &scored, page);
    }
    text
}

fn origins_text(text: &mut String, card: &ScoreCard) {
    let (first, last) = card.span;
    let _ = writeln!(
        text,
        "  {} forecasts from {} origins, {} to {}; pinball × 100 by months ahead",
        card.ours().all.forecasts,
        card.origins,
        Month::from_index(first),
        Month::from_index(last)
    );
}

fn market_text(text: &mut String, card: &ScoreCard) {
    origins_text(text, card);
    let _ = write!(text, "  {:<16}", "");
    for horizon in HORIZONS {
        let _ = write!(text, " {horizon:>6}");
    }
    text.push_str("    all  in 80 %  in 90 %  width  MdAPE   MAPE   bias   CRPS  ours is\n");
    for one in &card.forecasters {
        let _ = write!(text, "  {:<16}", one.name);
        for horizon in HORIZONS {
            match one.by_horizon.iter().find(|found| found.0 == horizon) {
                Some((_, scores)) => {
                    let _ = write!(text, " {:>6.2}", 100.0 * scores.pinball);
                }
                None => text.push_str("      -"),
            }
        }
        let all = &one.all;
        let _ = writeln!(
            text,
            " {:>6.2} {:>6.0} % {:>6.0} %  {:>5.2} {:>4.1} % {:>4.1} % {:>+6.1} {:>6.2}  {}",
            100.0 * all.pinball,
            100.0 * all.coverage_80,
            100.0 * all.coverage_90,
            all.width_80,
            100.0 * all.mdape,
            100.0 * all.mape,
            100.0 * all.bias,
            100.0 * all.crps,
            verdict(one)
        );
    }
    let _ = write!(text, "  {:<16}", "in 80 % (ours)");
    for horizon in HORIZONS {
        match card.ours().by_horizon.iter().find(|found| found.0 == horizon) {
            Some((_, scores)) => {
                let _ = write!(text, " {:>4.0} %", 100.0 * scores.coverage_80);
            }
            None => text.push_str("      -"),
        }
    }
    text.push('\n');
}

/// The same in two tables: pinball by months ahead, and the other scores over all of them.
fn narrow_market_text(text: &mut String, card: &ScoreCard) {
    origins_text(text, card);
    let _ = write!(text, "  {:<16}", "");
    for horizon in HORIZONS {
        let _ = write!(text, "{horizon:>6}");
    }
    text.push_str("   all  ours is\n");
    for one in &card.forecasters {
        let _ = write!(text, "  {:<16}", one.name);
        for horizon in HORIZONS {
            let found = one.by_horizon.iter().find(|found| found.0 == horizon);
            let cell = found.map_or("-".into(), |(_, scores)| format!("{:.2}", 100.0 * scores.pinball));
            let _ = write!(text, "{cell:>6}");
        }
        let word = verdict(one).replace("one year: ", "").replace(", may be luck", ", luck?");
        let _ = writeln!(text, "{:>6.2}  {word}", 100.0 * one.all.pinball);
    }
    let _ = write!(text, "  {:<16}", "in 80 % (ours)");
    for horizon in HORIZONS {
        let found = card.ours().by_horizon.iter().find(|found| found.0 == horizon);
        let cell = found.map_or("-".into(), |(_, scores)| format!("{:.0} %", 100.0 * scores.coverage_80));
        let _ = write!(text, "{cell:>6}");
    }
    let _ = writeln!(text, "\n\n  {:<16}  in 80 %  in 90 %  width  MdAPE   MAPE   bias   CRPS", "");
    for one in &card.forecasters {
        let all = &one.all;
        let _ = writeln!(
            text,
            "  {:<16} {:>6.0} % {:>6.0} %  {:>5.2} {:>4.1} % {:>4.1} % {:>+6.1} {:>6.2}",
            one.name,
            100.0 * all.coverage_80,
            100.0 * all.coverage_90,
            all.width_80,
            100.0 * all.mdape,
            100.0 * all.mape,
            100.0 * all.bias,
            100.0 * all.crps,
        );
    }
}

fn verdict(one: &ForecasterScore) -> String {
    let Some(found) = one.against else {
        return if one.name == OURS { String::new() } else { "one year: luck cannot be told".into() };
    };
    let word = if found.mean_difference < 0.0 { "better" } else { "worse" };
    let sure = if found.p_value < SIGNIFICANT { "" } else { ", may be luck" };
    format!("{word} (p {:.3}{sure})", found.p_value)
}

fn regret_text(text: &mut String, scored: &[(&MarketTest, &ScoreCard)], page: Page) {
    let heading = page.heading("Regret: per cent above the best forecaster in hindsight");
    let _ = writeln!(text, "{heading}");
    let names: Vec<&str> = scored[0].1.forecasters.iter().map(|one| one.name).collect();
    let titles = scored.iter().map(|(test, _)| title(test).chars().count());
    let wide = 2 + 17 * names.len() + titles.max().unwrap_or(0);
    if page.width(wide) < wide {
        return narrow_regret_text(text, scored, &names, page);
    }
    let mut worst = vec![0.0_f64; names.len()];
    for name in &names {
        let _ = write!(text, "  {name:>15}");
    }
    text.push('\n');
    for (test, card) in scored {
        for ((_, regret), worst) in card.regrets().into_iter().zip(&mut worst) {
            let _ = write!(text, "  {:>15.1}", 100.0 * regret);
            *worst = worst.max(regret);
        }
        let _ = writeln!(text, "  {}", title(test));
    }
    for regret in &worst {
        let _ = write!(text, "  {:>15.1}", 100.0 * regret);
    }
    text.push_str("  worst of all\n\n");
}

/// The same, one market after the other.
fn narrow_regret_text(text: &mut String, scored: &[(&MarketTest, &ScoreCard)], names: &[&str], page: Page) {
    let mut worst = vec![0.0_f64; names.len()];
    let mut told = |heading: &str, regrets: &[f64]| {
        let cells: Vec<String> =
            names.iter().zip(regrets).map(|(name, regret)| format!("{name} {:.1}", 100.0 * regret)).collect();
        let list = wrapped(&cells.join(" · "), "    ", page.width(CARD_WIDTH) - 4);
        let _ = writeln!(text, "  {heading}\n{list}");
    };
    for (test, card) in scored {
        let regrets: Vec<f64> = card.regrets().into_iter().map(|(_, regret)| regret).collect();
        worst.iter_mut().zip(&regrets).for_each(|(worst, regret)| *worst = worst.max(*regret));
        told(&title(test), &regrets);
    }
    told("worst of all", &worst);
    text.push('\n');
}

fn words(text: &mut String, scored: &[(&MarketTest, &ScoreCard)], page: Page) {
    let _ = writeln!(text, "{}", page.heading("Where it loses"));
    let mut none = true;
    for (test, card) in scored {
        for loss in card.losses() {
            none = false;
            let naive =
                if loss.worse_than_last_price { "; the last price alone is better there" } else { "" };
            let _ = writeln!(
                text,
                "  {}: {} ahead, {} was {:.1} % better{naive}",
                title(test),
                months(loss.horizon),
                loss.best,
                100.0 * loss.excess / (1.0 + loss.excess)
            );
        }
    }
    let judged = scored.iter().any(|(_, card)| card.judges_a_horizon());
    if none && judged {
        text.push_str("  Nowhere: no rival was better at any horizon with 30 forecasts or more.\n");
    } else if none {
        text.push_str("  Too few forecasts to tell: no horizon has 30 or more.\n");
    }
}

fn months(count: i32) -> String {
    if count == 1 { "1 month".into() } else { format!("{count} months") }
}

/// Coverage after each drill, for the terminal.
pub fn drill_text(drilled: &[(&MarketTest, Vec<DrillResult>)], page: Page) -> String {
    let is_narrow = page.width(DRILL_WIDTH) < DRILL_WIDTH;
    let step = if is_narrow { 4 } else { 2 };
    let mut text = String::from(
        "Share of outcomes of the trailing twelve months inside their 80 % interval, by months after the end of the break\n",
    );
    for (test, results) in drilled {
        let _ = writeln!(text, "\n{}", page.heading(&title(test)));
        if results.is_empty() {
            text.push_str("  not drilled: fewer than 24 months with a price\n");
            continue;
        }
        let _ = write!(text, "  {:<22} {:>6}", "", "before");
        for after in (0..=MONTHS_AFTER).step_by(step) {
            let _ = write!(text, " {after:>5}");
        }
        text.push_str(if is_narrow {
            "  made 6 to 17 after\n"
        } else {
            "  forecasts made 6 to 17 months after\n"
        });
        for result in results {
            let _ = write!(text, "  {:<22} {:>6}", result.drill.name(), share(result.before));
            for after in (0..=MONTHS_AFTER).step_by(step) {
                let found = result.trailing.iter().find(|one| one.0 == after).map(|one| one.1);
                let _ = write!(text, " {:>5}", share(found));
            }
            let _ = match result.relearned {
                Some((share, count)) => {
                    let word = if IN_RANGE.contains(&share) { "in" } else { "outside" };
                    let range = if is_narrow { "" } else { " 72 to 88 %" };
                    writeln!(text, "  {} of {count}: {word}{range}", percent::whole(share))
                }
                None => writeln!(text, "  none"),
            };
        }
    }
    text
}

/// Scores of products that were left out, for the terminal.
pub fn cold_start_text(scored: &[(&MarketTest, Option<ColdStartScores>)], page: Page) -> String {
    let mut text = String::from(
        "Prices over half a year of products that were left out of the fit, from all others alone\n",
    );
    for (test, scores) in scored {
        let _ = writeln!(text, "\n{}", page.heading(&title(test)));
        let Some(scores) = scores else {
            text.push_str("  not tried: too few products have a list price and a launch in the catalog\n");
            continue;
        };
        let _ = writeln!(text, "  {} left out, {} forecasts", scores.groups, scores.ours.forecasts);
        let _ = writeln!(text, "  {:<16} pinball  in 80 %  MdAPE   bias", "");
        let rows = [
            (OURS, &scores.ours),
            ("others' share", &scores.others_share),
            ("published curve", &scores.published_curve),
        ];
        for (name, one) in rows {
            let _ = writeln!(
                text,
                "  {name:<16} {:>7.2} {:>6.0} % {:>4.1} % {:>+6.1}",
                100.0 * one.pinball,
                100.0 * one.coverage_80,
                100.0 * one.mdape,
                100.0 * one.bias
            );
        }
    }
    text
}

fn share(of: Option<f64>) -> String {
    of.map_or_else(|| "-".into(), percent::whole)
}

/// Every forecast made: prices in the market's currency.
pub fn predictions_table(tests: &[(MarketTest, Option<ScoreCard>)]) -> Table {
    let mut table = Table::new(&[
        "origin", "product", "grade", "month", "mean", "p10", "p50", "p90", "actual", "series", "class",
        "horizon", "basis", "currency",
    ]);
    for (test, _) in tests {
        for one in &test.records {
            table.rows.push(prediction(test, one));
        }
    }
    table
}

fn prediction(test: &MarketTest, one: &Record) -> Vec<Cell> {
    let series = &test.series[one.series];
    let forecast = &one.forecast;
    let price = |ln_price: f64| Cell::number(format!("{:.6}", ln_price.exp()));
    vec![
        Cell::text(Month::from_index(one.origin).to_string()),
        Cell::text(&series.product),
        Cell::text(&series.grade),
        Cell::text(Month::from_index(one.origin + one.horizon).to_string()),
        Cell::number(format!("{:.6}", forecast.mean_price())),
        price(forecast.lower),
        price(forecast.median),
        price(forecast.upper),
        price(one.actual),
        Cell::text(series_name(test, one.series)),
        Cell::text(test.market.class.name()),
        Cell::number(one.horizon),
        Cell::text(test.market.basis.name()),
        Cell::text(test.market.currency.code()),
    ]
}

/// Name of a series, unique over all markets of a run.
fn series_name(test: &MarketTest, position: usize) -> String {
    let market = &test.market;
    format!(
        "{} | {} {} {} {}",
        test.series[position].name(),
        market.class,
        market.basis.name(),
        market.currency,
        market.source
    )
}

/// Every price that the forecasts were made from and held against.
pub fn cells_table(tests: &[(MarketTest, Option<ScoreCard>)]) -> Table {
    let mut table = Table::new(&[
        "series",
        "class",
        "product",
        "grade",
        "basis",
        "currency",
        "source",
        "month",
        "price",
        "quantity",
        "launch",
        "list_price",
        "memory_gb",
        "vendor",
        "family",
    ]);
    for (test, _) in tests {
        for (position, series) in test.series.iter().enumerate() {
            let facts = &series.facts;
            let history = series.history.months().iter().zip(series.history.ln_prices());
            for ((month, ln_price), quantity) in history.zip(&series.quantities) {
                table.rows.push(vec![
                    Cell::text(series_name(test, position)),
                    Cell::text(test.market.class.name()),
                    Cell::text(&series.product),
                    Cell::text(&series.grade),
                    Cell::text(test.market.basis.name()),
                    Cell::text(test.market.currency.code()),
                    Cell::text(&test.market.source),
                    Cell::text(Month::from_index(*month).to_string()),
                    Cell::number(format!("{:.6}", ln_price.exp())),
                    Cell::optional(*quantity),
                    Cell::optional(facts.launch),
                    Cell::optional(facts.ln_list_price.map(|ln_price| format!("{:.2}", ln_price.exp()))),
                    Cell::optional(facts.memory_gb),
                    Cell::text(&facts.vendor),
                    Cell::text(&facts.family),
                ]);
            }
        }
    }
    table
}

/// The score card as a table: one row a market, forecaster and horizon (empty: all).
pub fn scores_table(tests: &[(MarketTest, Option<ScoreCard>)]) -> Table {
    let mut table = Table::new(&[
        "class",
        "basis",
        "currency",
        "source",
        "forecaster",
        "horizon",
        "forecasts",
        "pinball",
        "crps",
        "coverage_80",
        "width_80",
        "coverage_90",
        "width_90",
        "mdape",
        "mape",
        "bias",
        "p_value",
    ]);
    for (test, card) in tests {
        for one in card.iter().flat_map(|card| &card.forecasters) {
            for (horizon, scores) in &one.by_horizon {
                table.rows.push(score_row(test, one, Some(*horizon), scores));
            }
            table.rows.push(score_row(test, one, None, &one.all));
        }
    }
    table
}

fn score_row(test: &MarketTest, one: &ForecasterScore, horizon: Option<i32>, scores: &Scores) -> Vec<Cell> {
    let number = |value: f64| Cell::number(format!("{value:.6}"));
    let p_value = one.against.filter(|_| horizon.is_none() && one.name != OURS);
    vec![
        Cell::text(test.market.class.name()),
        Cell::text(test.market.basis.name()),
        Cell::text(test.market.currency.code()),
        Cell::text(&test.market.source),
        Cell::text(one.name),
        Cell::optional(horizon),
        Cell::number(scores.forecasts),
        number(scores.pinball),
        number(scores.crps),
        number(scores.coverage_80),
        number(scores.width_80),
        number(scores.coverage_90),
        number(scores.width_90),
        number(scores.mdape),
        number(scores.mape),
        number(scores.bias),
        Cell::optional(p_value.map(|found| format!("{:.4}", found.p_value))),
    ]
}
