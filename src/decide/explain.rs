//! Why a price is what it is, in parts that add up to the cent.
//!
//! In: the reference price, the log drivers, the terms of the route. Out: a [`Waterfall`] from the reference price
//! to the net recovery. Multiplicative steps are turned into money by the log-mean weight
//! `L(a, b) = (a − b) / ln(a / b)`: with `a` the reference and `b` the price in the channel, `Σ L(b, a) · Δln` is
//! exactly `b − a` (Vartia 1976; LMDI-I). Fees, the vendor's share and handling follow as money.

use super::route::SaleTerms;
use crate::price::Forecast;
use crate::units::{Money, MoneyError, apportion};

/// One step of a waterfall.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it is.
    pub name: &'static str,
    /// What it adds (or takes).
    pub amount: Money,
}

/// From the reference price to the net recovery of one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// How the reference price is called.
    pub start_name: &'static str,
    /// The reference price.
    pub start: Money,
    /// Steps in order; start and steps add to `net` exactly.
    pub steps: Vec<Step>,
    /// What the owner keeps.
    pub net: Money,
}

impl Waterfall {
    /// Whether start and steps add to the net, in minor units.
    pub fn adds_up(&self) -> bool {
        let steps: i64 = self.steps.iter().map(|step| step.amount.minor()).sum();
        self.start.minor() + steps == self.net.minor()
    }
}

/// `(a − b) / ln(a / b)`, and `a` when both are equal.
pub fn log_mean(a: f64, b: f64) -> f64 {
    let ratio = a / b;
    if (ratio - 1.0).abs() < 1e-9 { 0.5 * (a + b) } else { (a - b) / ratio.ln() }
}

/// A sale as its waterfall tells it. Amounts in the currency of the plan, one unit.
pub(super) struct Sale {
    /// Its terms.
    pub terms: SaleTerms,
    /// What the route nets beyond a sale of the whole unit at once on its terms, and how that is called.
    pub beyond: (&'static str, f64),
    /// What is expected to be lost in storage before.
    pub lost: f64,
}

/// The waterfall of a sale `ahead` months from the forecast's start. `factor` turns dollars into the currency of
/// the plan; `net` is the rounded expected net that the plan prints.
pub(super) fn of_sale(
    forecast: &Forecast,
    ahead: usize,
    sale: &Sale,
    factor: f64,
    net: Money,
) -> Result<Waterfall, MoneyError> {
    let terms = &sale.terms;
    let start = forecast.reference.price_usd * factor;
    let gross = forecast.value(ahead).mean() * factor * terms.channel_factor;
    let mut parts = priced_steps(forecast, ahead, start, gross, terms.channel_factor);
    let split = (1.0 - terms.share) * (gross - terms.fees_before_split);
    parts.push(("fees", -terms.fees_before_split - terms.fees_after_split));
    parts.push(("vendor's share", -split));
    parts.push(("handling", -terms.handling));
    parts.push(sale.beyond);
    parts.push(("lost in storage", -sale.lost));
    build(forecast.reference.kind.name(), start, parts, net)
}

/// The waterfall of a unit that is used elsewhere: what it would fetch, and what the avoided purchase is worth beyond.
pub(super) fn of_redeploying(
    forecast: &Forecast,
    ahead: usize,
    factor: f64,
    (net, lost): (Money, f64),
) -> Result<Waterfall, MoneyError> {
    let start = forecast.reference.price_usd * factor;
    let market = forecast.value(ahead).mean() * factor;
    let mut parts = priced_steps(forecast, ahead, start, market, 1.0);
    parts.push(("purchase avoided", net.major() + lost - market));
    parts.push(("lost in storage", -lost));
    build(forecast.reference.kind.name(), start, parts, net)
}

/// The waterfall of a unit that is not sold: all its value is given up, and what remains is told in `remains`, which adds to
/// the net.
pub(super) fn of_giving_up(
    forecast: &Forecast,
    ahead: usize,
    factor: f64,
    remains: &[(&'static str, f64)],
    net: Money,
) -> Result<Waterfall, MoneyError> {
    let start = forecast.reference.price_usd * factor;
    let market = forecast.value(ahead).mean() * factor;
    let mut parts = priced_steps(forecast, ahead, start, market, 1.0);
    parts.push(("not sold", -market));
    parts.extend_from_slice(remains);
    build(forecast.reference.kind.name(), start, parts, net)
}

/// The waterfall of a unit that brings nothing, whatever it is worth.
pub(super) fn of_nothing(
    forecast: Option<&Forecast>,
    factor: f64,
    net: Money,
) -> Result<Waterfall, MoneyError> {
    let (name, start) = forecast.map_or(("no value known", 0.0), |forecast| {
        (forecast.reference.kind.name(), forecast.reference.price_usd * factor)
    });
    build(name, start, vec![("not for sale", net.major() - start)], net)
}

/// The steps from the reference price to the price in a channel, by log-mean weights.
fn priced_steps(
    forecast: &Forecast,
    ahead: usize,
    start: f64,
    end: f64,
    channel_factor: f64,
) -> Vec<(&'static str, f64)> {
    let drivers = forecast.points[ahead.min(forecast.points.len() - 1)].drivers;
    let weight = log_mean(end, start);
    let logs = [
        ("age", drivers.age),
        ("market", drivers.market),
        ("generation", drivers.generation),
        ("product, configuration", drivers.configuration),
        ("grade", drivers.grade),
        ("mean over median", 0.5 * forecast.value(ahead).variance_log),
        ("channel", channel_factor.ln()),
    ];
    logs.into_iter().map(|(name, log)| (name, weight * log)).collect()
}

fn build(
    start_name: &'static str,
    start: f64,
    parts: Vec<(&'static str, f64)>,
    net: Money,
) -> Result<Waterfall, MoneyError> {
    let currency = net.currency();
    let start = Money::from_major(start, currency)?;
    let amounts: Vec<f64> = parts.iter().map(|(_, amount)| *amount).collect();
    let total = Money::from_minor(net.minor() - start.minor(), currency);
    let steps = parts
        .iter()
        .zip(apportion(total, &amounts))
        .map(|((name, _), amount)| Step { name, amount })
        .collect();
    Ok(Waterfall { start_name, start, steps, net })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn log_mean_weights_add_exactly_to_the_difference_of_two_prices(
            start in 1.0..1e5_f64,
            steps in prop::collection::vec(-1.0..1.0_f64, 1..8),
        ) {
            let end = start * steps.iter().sum::<f64>().exp();
            let weight = log_mean(end, start);
            let added: f64 = steps.iter().map(|step| weight * step).sum();
            prop_assert!((added - (end - start)).abs() < 1e-6 * start.max(end));
        }
    }

    #[test]
    fn the_log_mean_of_equal_prices_is_the_price() {
        assert_eq!(log_mean(7.0, 7.0), 7.0);
        assert!((log_mean(200.0, 100.0) - 100.0 / 2_f64.ln()).abs() < 1e-12);
    }
}
