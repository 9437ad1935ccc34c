//! What was forecast and what came.
//!
//! In: settled lines, what was handed over with its forecasts. Out: for every hand-over with a final outcome its forecast
//! beside the actual, and the totals. Pending units count for nothing, neither do disputed ones nor those in another currency;
//! how many they are is told. Quantiles cannot be added without knowing how prices move together, so a total has two
//! intervals that bound it: all move together,
//!
//! `Σ p10 to Σ p90`,
//!
//! and each moves by itself, by the normal approximation of a sum,
//!
//! `Σ mean ± z √Σ σ²`, `σ = (p90 − p10) / 2z`, `z = 1.2816`.

use std::collections::HashMap;

use super::SettledLine;
use crate::outcome::{Disposition, HandedOver, Receipt};
use crate::units::{Currency, Quantiles, STANDARD_NORMAL_P90};

/// Where an actual lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Verdict {
    Below,
    Inside,
    Above,
}

impl Verdict {
    fn of(actual: f64, low: f64, high: f64) -> Verdict {
        match () {
            () if actual < low => Verdict::Below,
            () if actual > high => Verdict::Above,
            () => Verdict::Inside,
        }
    }

    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Below => "below",
            Verdict::Inside => "inside",
            Verdict::Above => "above",
        }
    }
}

/// A forecast beside what came of it, for all units of a hand-over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// As forecast.
    pub forecast: Quantiles,
    /// What came.
    pub actual: f64,
    /// Whether it is within p10 to p90.
    pub verdict: Verdict,
}

/// One hand-over.
#[derive(Debug, Clone, PartialEq)]
pub struct Against {
    /// Request and line.
    pub handed_over: (String, u32),
    /// The asset.
    pub asset: String,
    /// The product.
    pub product: String,
    /// Units with a final outcome.
    pub units: u64,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Price before share and fees; none where nothing was sold.
    pub gross: Option<Side>,
    /// What the owner keeps.
    pub net: Side,
    /// What somebody put in place of the forecast, for all units.
    pub overridden: Option<f64>,
    /// What the forecast rested on.
    pub basis: String,
}

/// A sum over hand-overs of one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstTotal {
    /// Currency of all amounts.
    pub currency: Currency,
    /// Hand-overs in it.
    pub hand_overs: usize,
    /// Units in it.
    pub units: u64,
    /// Sum of the means of the nets.
    pub expected: f64,
    /// Sum of the actual nets.
    pub actual: f64,
    /// p10 and p90 if all prices move together.
    pub together: (f64, f64),
    /// p10 and p90 if each moves by itself.
    pub apart: (f64, f64),
    /// Where the actual lies if all move together.
    pub verdict_together: Verdict,
    /// Where it lies if each moves by itself.
    pub verdict_apart: Verdict,
}

/// All forecasts beside what came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForecastAgainstActual {
    /// One a hand-over, in the order of the hand-overs.
    pub lines: Vec<Against>,
    /// One a currency.
    pub totals: Vec<AgainstTotal>,
    /// Units not sold yet.
    pub pending_units: u64,
    /// What is forecast of them, sum of the means, in the currency of the first hand-over among them.
    pub pending_expected: Option<(f64, Currency)>,
    /// Hand-overs with an outcome and no say: disputed, without a forecast, or in another currency.
    pub left_out: usize,
}

/// Sums up what a hand-over brought.
#[derive(Default)]
struct Came {
    units: u64,
    gross: Option<f64>,
    net: f64,
    no_say: bool,
    is_final: bool,
    pending: u64,
    /// Currencies of its lines, without repetition.
    currencies: Vec<Currency>,
}

/// Compares every hand-over.
pub(super) fn compare(lines: &[SettledLine], handed: &[HandedOver]) -> ForecastAgainstActual {
    let mut came: HashMap<(&str, u32), Came> = HashMap::new();
    for line in lines.iter().filter(|line| !line.is_twice) {
        let outcome = &line.outcome;
        let Some((request, number)) = &outcome.handed_over else { continue };
        let one = came.entry((request, *number)).or_default();
        if outcome.disposition == Disposition::Pending {
            one.pending += outcome.quantity;
            continue;
        }
        one.is_final = true;
        one.units += if line.is_part { 0 } else { outcome.quantity };
        one.gross = outcome.gross.map(|gross| one.gross.unwrap_or(0.0) + gross).or(one.gross);
        match outcome.net_stated.or(outcome.net_agreed) {
            Some(net) => one.net += net,
            None => one.no_say |= outcome.gross.is_some(),
        }
        if !one.currencies.contains(&outcome.currency) {
            one.currencies.push(outcome.currency);
        }
        one.no_say |= outcome.disputed || outcome.receipt != Receipt::Received;
    }
    let mut compared = ForecastAgainstActual::default();
    for one in handed {
        let Some(came) = came.get(&(one.request.as_str(), one.line)) else { continue };
        let mean = one.forecast.as_ref().map(|made| made.net.mean * came.pending as f64);
        if came.pending > 0 {
            compared.pending_units += came.pending;
            if let Some(mean) = mean {
                let (sum, currency) = compared.pending_expected.unwrap_or((0.0, one.currency));
                compared.pending_expected = Some((sum + mean, currency));
            }
        }
        match against(one, came) {
            Some(against) => compared.lines.push(against),
            None if came.is_final => compared.left_out += 1,
            None => {}
        }
    }
    compared.totals = totals(&compared.lines);
    compared
}

fn against(one: &HandedOver, came: &Came) -> Option<Against> {
    let one_currency = came.currencies == [one.currency];
    let made = one.forecast.as_ref().filter(|_| came.is_final && !came.no_say && one_currency)?;
    // Parts alone are the whole unit's.
    let units = if came.units == 0 { one.quantity } else { came.units };
    let side = |forecast: Quantiles, actual: f64| {
        let forecast = forecast.map_linear(units as f64, 0.0);
        Side { forecast, actual, verdict: Verdict::of(actual, forecast.p10, forecast.p90) }
    };
    Some(Against {
        handed_over: (one.request.clone(), one.line),
        asset: one.asset.clone(),
        product: one.product.clone(),
        units,
        currency: one.currency,
        gross: came.gross.map(|gross| side(made.gross, gross)),
        net: side(made.net, came.net),
        overridden: one.overridden.as_ref().map(|own| own.net * units as f64),
        basis: made.basis.clone(),
    })
}

fn totals(lines: &[Against]) -> Vec<AgainstTotal> {
    let mut currencies: Vec<Currency> = lines.iter().map(|line| line.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    currencies.into_iter().map(|currency| total(lines, currency)).collect()
}

fn total(lines: &[Against], currency: Currency) -> AgainstTotal {
    let of_currency = || lines.iter().filter(|line| line.currency == currency);
    let sum = |of: fn(&Against) -> f64| of_currency().map(of).sum::<f64>();
    let expected = sum(|line| line.net.forecast.mean);
    let actual = sum(|line| line.net.actual);
    let together = (sum(|line| line.net.forecast.p10), sum(|line| line.net.forecast.p90));
    let variance =
        sum(|line| ((line.net.forecast.p90 - line.net.forecast.p10) / (2.0 * STANDARD_NORMAL_P90)).powi(2));
    let reach = STANDARD_NORMAL_P90 * variance.sqrt();
    let apart = (expected - reach, expected + reach);
    AgainstTotal {
        currency,
        hand_overs: of_currency().count(),
        units: of_currency().map(|line| line.units).sum(),
        expected,
        actual,
        together,
        apart,
        verdict_together: Verdict::of(actual, together.0, together.1),
        verdict_apart: Verdict::of(actual, apart.0, apart.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_lies_between_moving_together_and_moving_apart() {
        let side = |actual| {
            let forecast = Quantiles { mean: 100.0, p10: 80.0, p50: 100.0, p90: 120.0 };
            Side { forecast, actual, verdict: Verdict::of(actual, 80.0, 120.0) }
        };
        let line = |number, actual| Against {
            handed_over: ("R".into(), number),
            asset: "A".into(),
            product: "P".into(),
            units: 1,
            currency: Currency::USD,
            gross: None,
            net: side(actual),
            overridden: None,
            basis: "class".into(),
        };
        let lines = [line(1, 81.0), line(2, 82.0), line(3, 83.0), line(4, 84.0)];
        let total = total(&lines, Currency::USD);
        assert_eq!((total.expected, total.actual), (400.0, 330.0));
        assert_eq!(total.together, (320.0, 480.0));
        assert!((total.apart.0 - 360.0).abs() < 1e-9 && (total.apart.1 - 440.0).abs() < 1e-9);
        assert_eq!((total.verdict_together, total.verdict_apart), (Verdict::Inside, Verdict::Below));
    }
}
