//! Which sale answers which forecast.
//!
//! In: lines handed over, lines of settlements, forecasts given before. Out: [`Answered`] forecasts, and how many lines
//! and forecasts have no answer, by reason. A line answers only when it was sold whole, undisputed, as the unit that was
//! handed over and in the currency of its forecast. What is pending is never counted as nothing: it is not counted.
//!
//! - The forecast a line left with is answered by its sale, whenever that was.
//! - A forecast of a plan is answered by a sale of its asset in the month it speaks of, or one month off.
//! - A quote speaks of no asset and is not answered.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{Given, GivenBy};
use crate::catalog::AssetClass;
use crate::market::{Basis, Observation};
use crate::outcome::{Disposition, HandedOver, Outcome, Receipt};
use crate::units::{Month, Quantiles};

/// Months by which a sale may miss the month a plan speaks of and still answer it.
const MONTHS_OFF: i32 = 1;

/// A forecast and the sale that answers it, amounts of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What gave the forecast.
    pub by: GivenBy,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// Grade the forecast was made for.
    pub grade: Option<String>,
    /// Route, by the word of files.
    pub route: String,
    /// Months the forecast looked ahead.
    pub horizon_months: i32,
    /// Month of the sale.
    pub sold: Month,
    /// Price in the channel, as forecast.
    pub gross: Quantiles,
    /// What the owner keeps, as forecast.
    pub net: Quantiles,
    /// Version of what made the forecast.
    pub model: String,
    /// Price in the channel, as it came.
    pub actual_gross: f64,
    /// What the owner keeps by the agreed terms.
    pub actual_net: Option<f64>,
    /// What somebody put in the place of the forecast net.
    pub overridden: Option<f64>,
}

/// Why a line of a settlement answers no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoAnswer {
    /// It is disputed.
    Disputed,
    /// It is not sold yet.
    Pending,
    /// It was never handed over.
    Extra,
    /// It never arrived.
    NotReceived,
    /// It is another unit than was handed over.
    Substituted,
    /// It ended without being sold whole.
    NotSold,
    /// It was sold in another currency than it was forecast in.
    OtherCurrency,
    /// It left without a forecast.
    NoForecast,
}

impl NoAnswer {
    /// In words, after a number of lines.
    pub const fn in_words(self) -> &'static str {
        match self {
            NoAnswer::Disputed => "disputed",
            NoAnswer::Pending => "pending, not sold yet",
            NoAnswer::Extra => "never handed over",
            NoAnswer::NotReceived => "not received",
            NoAnswer::Substituted => "another unit than handed over",
            NoAnswer::NotSold => "ended without being sold whole",
            NoAnswer::OtherCurrency => "sold in another currency than forecast",
            NoAnswer::NoForecast => "without a forecast",
        }
    }
}

/// How many forecasts one kind of giver handed out, and how many of them have an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Handed out.
    pub given: u64,
    /// Answered by a sale or more.
    pub answered: u64,
}

/// All answers there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// Forecasts with their sales: those of hand-overs in the order of settlements, then the others in that of filing.
    pub answered: Vec<Answered>,
    /// Lines of settlements.
    pub lines: u64,
    /// Those that answer nothing, by reason.
    pub no_answer: BTreeMap<NoAnswer, u64>,
    /// Forecasts by what gave them.
    pub reach: BTreeMap<GivenBy, Reach>,
}

/// A sale, amounts of one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sale {
    line: usize,
    month: Month,
    gross: f64,
    net: Option<f64>,
}

/// Sales by the asset that was sold, waiting for forecasts.
#[derive(Debug)]
pub(super) struct Matching<'a> {
    lines: &'a [HandedOver],
    sales: Vec<Sale>,
    of_asset: HashMap<&'a str, Vec<usize>>,
    answers: Answers,
}

impl<'a> Matching<'a> {
    /// Answers the forecasts that lines left with. `lines` are ordered by request and line.
    pub(super) fn of(lines: &'a [HandedOver], outcomes: &[Outcome]) -> Matching<'a> {
        let mut matching = Matching {
            lines,
            sales: Vec::new(),
            of_asset: HashMap::new(),
            answers: Answers { lines: outcomes.len() as u64, ..Answers::default() },
        };
        let mut answered = vec![false; lines.len()];
        for outcome in outcomes {
            let found = sale(lines, outcome).and_then(|sale| {
                // A sale answers earlier plans of its asset too, even where it left without a forecast.
                let line = &lines[sale.line];
                matching.of_asset.entry(line.asset.as_str()).or_default().push(matching.sales.len());
                matching.sales.push(sale);
                line.forecast.as_ref().map(|forecast| (sale, forecast)).ok_or(NoAnswer::NoForecast)
            });
            match found {
                Ok((sale, forecast)) => {
                    let line = &lines[sale.line];
                    answered[sale.line] = true;
                    matching.answers.answered.push(Answered {
                        by: GivenBy::HandOver,
                        class: line.class,
                        product: line.product.clone(),
                        grade: line.grade.clone(),
                        route: line.route.clone(),
                        horizon_months: forecast.month.months_since(forecast.made),
                        sold: sale.month,
                        gross: forecast.gross,
                        net: forecast.net,
                        model: forecast.model.clone(),
                        actual_gross: sale.gross,
                        actual_net: sale.net,
                        overridden: line.overridden.as_ref().map(|own| own.net),
                    });
                }
                Err(reason) => *matching.answers.no_answer.entry(reason).or_default() += 1,
            }
        }
        let given = lines.iter().filter(|line| line.forecast.is_some()).count() as u64;
        let answered = answered.into_iter().filter(|answered| *answered).count() as u64;
        matching.answers.reach.insert(GivenBy::HandOver, Reach { given, answered });
        matching
    }

    /// Takes a forecast that was given before, and answers it where it can be.
    pub(super) fn take(&mut self, given: Given) {
        let reach = self.answers.reach.entry(given.by).or_default();
        reach.given += 1;
        let Some(sales) = given.asset.as_deref().and_then(|asset| self.of_asset.get(asset)) else { return };
        let forecast = &given.forecast;
        let mut answered = false;
        for sale in sales.iter().map(|at| self.sales[*at]) {
            let off = sale.month.months_since(forecast.month).abs();
            if off > MONTHS_OFF || self.lines[sale.line].currency != given.currency {
                continue;
            }
            answered = true;
            self.answers.answered.push(Answered {
                by: given.by,
                class: given.class,
                product: given.product.clone(),
                grade: given.grade.clone(),
                route: given.route.clone(),
                horizon_months: forecast.month.months_since(forecast.made),
                sold: sale.month,
                gross: forecast.gross,
                net: forecast.net,
                model: forecast.model.clone(),
                actual_gross: sale.gross,
                actual_net: sale.net,
                overridden: None,
            });
        }
        reach.answered += u64::from(answered);
    }

    /// All answers found.
    pub(super) fn answers(self) -> Answers {
        self.answers
    }
}

/// The sale a line of a settlement speaks of.
fn sale(lines: &[HandedOver], outcome: &Outcome) -> Result<Sale, NoAnswer> {
    if outcome.disputed {
        return Err(NoAnswer::Disputed);
    }
    let at = match (&outcome.handed_over, outcome.receipt) {
        (None, _) | (_, Receipt::Extra) => return Err(NoAnswer::Extra),
        (_, Receipt::NotReceived) => return Err(NoAnswer::NotReceived),
        (_, Receipt::Substituted) => return Err(NoAnswer::Substituted),
        (Some(key), Receipt::Received) => position(lines, key).ok_or(NoAnswer::Extra)?,
    };
    let line = &lines[at];
    let gross = match (outcome.disposition, outcome.gross) {
        (Disposition::Pending, _) => return Err(NoAnswer::Pending),
        (Disposition::Sold | Disposition::SoldWithoutDrives, Some(gross)) if gross > 0.0 => gross,
        _ => return Err(NoAnswer::NotSold),
    };
    if outcome.currency != line.currency {
        return Err(NoAnswer::OtherCurrency);
    }
    let units = outcome.quantity as f64;
    Ok(Sale {
        line: at,
        month: Month::from(day_of_sale(outcome, line)),
        gross: gross / units,
        net: outcome.net_agreed.map(|net| net / units),
    })
}

/// Undisputed sales of units that were handed over, as prices of the market. A unit that somebody else's sale was taken
/// for (a substitute, an extra) says nothing of the product.
pub(super) fn sold_prices(lines: &[HandedOver], outcomes: &[Outcome]) -> Vec<Observation> {
    let price = |outcome: &Outcome| {
        let sale = sale(lines, outcome).ok()?;
        let line = &lines[sale.line];
        let grade = outcome.grade.clone().or_else(|| line.grade.clone());
        Some(Observation {
            month: sale.month,
            product: line.product.clone(),
            name: line.product.clone(),
            variant: String::new(),
            class: Some(line.class),
            price: sale.gross,
            currency: line.currency,
            basis: Basis::Sold,
            grade: grade.unwrap_or_default(),
            quantity: Some(outcome.quantity as f64),
            configuration: String::new(),
            source: "own settlements".to_owned(),
            flagged: false,
        })
    };
    outcomes.iter().filter_map(price).collect()
}

/// The day of the sale, or the nearest one before it that is known.
fn day_of_sale(outcome: &Outcome, line: &HandedOver) -> Date {
    outcome.sold.or(outcome.received).unwrap_or(line.handed_over)
}

/// Where a line stands among lines ordered by request and line.
fn position(lines: &[HandedOver], (request, line): &(String, u32)) -> Option<usize> {
    let key = |one: &HandedOver| (one.request.as_str(), one.line).cmp(&(request.as_str(), *line));
    lines.binary_search_by(key).ok()
}

#[cfg(test)]
mod tests {
    use super::super::examples::{handed_over, pending, sold};
    use super::*;
    use crate::units::Currency;

    fn answers(lines: &[HandedOver], outcomes: &[Outcome], given: Vec<Given>) -> Answers {
        let mut matching = Matching::of(lines, outcomes);
        given.into_iter().for_each(|one| matching.take(one));
        matching.answers()
    }

    #[test]
    fn every_line_of_a_settlement_answers_or_is_counted_by_its_reason() {
        let lines: Vec<HandedOver> = (1..=9).map(|line| handed_over("VR-1", line)).collect();
        let without = HandedOver { forecast: None, ..handed_over("VR-2", 1) };
        let all: Vec<HandedOver> = lines.iter().cloned().chain([without.clone()]).collect();
        let of = |line: usize| sold(&lines[line], "f", 90.0);
        let outcomes = [
            of(0),
            Outcome { disputed: true, ..of(1) },
            pending(&lines[2], "f"),
            Outcome { handed_over: None, receipt: Receipt::Extra, ..of(3) },
            Outcome { receipt: Receipt::NotReceived, ..of(4) },
            Outcome { receipt: Receipt::Substituted, ..of(5) },
            Outcome { disposition: Disposition::Recycled, gross: None, ..of(6) },
            Outcome { currency: "EUR".parse::<Currency>().unwrap(), ..of(7) },
            sold(&without, "f", 50.0),
        ];
        let found = answers(&all, &outcomes, Vec::new());
        assert_eq!(found.answered.len(), 1);
        assert_eq!(found.no_answer.values().sum::<u64>() + 1, found.lines);
        assert!(found.no_answer.values().all(|count| *count == 1) && found.no_answer.len() == 8, "{found:?}");
        assert_eq!(found.reach[&GivenBy::HandOver], Reach { given: 9, answered: 1 });
    }

    #[test]
    fn a_plan_is_answered_by_a_sale_near_the_month_it_spoke_of() {
        let line = handed_over("VR-1", 1);
        let outcome = Outcome { quantity: 2, ..sold(&line, "f", 180.0) };
        let plan = |by: GivenBy, asset: Option<&str>, made: &str, month: &str| {
            let mut forecast = line.forecast.clone().unwrap();
            forecast.made = made.parse().unwrap();
            forecast.month = month.parse().unwrap();
            Given { by, asset: asset.map(str::to_owned), ..Given::with(&line, forecast) }
        };
        let given = vec![
            plan(GivenBy::Plan, Some("A1"), "2025-04", "2026-04"),
            plan(GivenBy::Plan, Some("A1"), "2025-04", "2026-06"),
            plan(GivenBy::Plan, Some("A2"), "2025-04", "2026-04"),
            plan(GivenBy::Quote, None, "2026-04", "2026-04"),
        ];
        let found = answers(std::slice::from_ref(&line), &[outcome], given);
        let answered: Vec<(GivenBy, i32, f64)> =
            found.answered.iter().map(|one| (one.by, one.horizon_months, one.actual_gross)).collect();
        assert_eq!(answered, [(GivenBy::HandOver, 2, 90.0), (GivenBy::Plan, 12, 90.0)]);
        assert_eq!(found.reach[&GivenBy::Plan], Reach { given: 3, answered: 1 });
        assert_eq!(found.reach[&GivenBy::Quote], Reach { given: 1, answered: 0 });
    }
}
