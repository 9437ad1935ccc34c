//! What the fleet brings in as a whole.
//!
//! In: decided cohorts and their schedule. Out: totals with honest intervals. Quantiles are never added: 4,000 joint draws share one
//! market move and one curve error a market, one error a product, and have luck of their own for every unit
//! (averaged over the units of a cohort by its variance, `(e^{σ²} − 1) / n`). The generator is SplitMix64 with a
//! fixed seed and each cohort's draws depend only on its place, so threads do not matter. Expected values are the
//! exact sums of the printed amounts; the quantiles are those of the draws, moved by the difference of the means.

use std::collections::BTreeMap;

use super::decision::Action;
use super::plan::PlannedCohort;
use super::policy::Policy;
use super::route::Route;
use super::schedule::{Exit, Placement, Schedule};
use crate::price::Forecast;
use crate::units::{Money, Month, Quantiles, SplitMix64};

/// Joint draws.
pub(crate) const DRAWS: usize = 4_000;

/// A sum over cohorts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Units in it.
    pub units: u64,
    /// Sum of the printed expected amounts.
    pub expected: Money,
    /// Quantiles of the sum.
    pub quantiles: Quantiles,
}

/// Totals of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    /// Price of everything in the plan in the open market now.
    pub value_now: Total,
    /// Net recovery of everything that goes.
    pub recovery: Total,
    /// Net recovery by quarter of leaving, named `2026 Q4`.
    pub by_quarter: BTreeMap<String, Total>,
    /// Present value saved against the fixed cycle of the policy under the same limits.
    pub saved_against_fixed_cycle: f64,
}

/// Streams of normal draws by name: the same name gives the same draws, whatever plan they are for.
#[derive(Debug, Default)]
pub(crate) struct Streams(BTreeMap<String, Vec<f64>>);

impl Streams {
    /// The stream of a name.
    pub(crate) fn get(&mut self, name: &str) -> &[f64] {
        self.0.entry(name.to_owned()).or_insert_with(|| stream(name))
    }

    /// The stream of a name that was asked for before.
    pub(crate) fn known(&self, name: &str) -> Option<&[f64]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

/// Standard normal draws that belong to a name.
pub(crate) fn stream(name: &str) -> Vec<f64> {
    named_normals(name, DRAWS)
}

/// As many standard normal draws that belong to a name: the first are the same whatever the number.
pub(crate) fn named_normals(name: &str, count: usize) -> Vec<f64> {
    let mut generator = SplitMix64::new(seed_of(name));
    (0..count).map(|_| generator.normal()).collect()
}

/// The seed of a name (FNV-1a).
pub(crate) fn seed_of(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Draws the joint sums.
pub(super) fn totals(
    cohorts: &[PlannedCohort],
    schedule: &Schedule,
    policy: &Policy,
    factor: f64,
    as_of: Month,
) -> Totals {
    let mut streams = Streams::default();
    let mut value = Sum::new(policy);
    let mut recovery = Sum::new(policy);
    let mut quarters: BTreeMap<String, Sum> = BTreeMap::new();
    for (place, planned) in cohorts.iter().enumerate() {
        let Some(forecast) = &planned.forecast else { continue };
        let units = planned.cohort.units;
        let decision = &planned.decision;
        let mut prices = |ahead: usize| price_draws(&mut streams, planned, place, ahead, factor);
        if !matches!(decision.action, Action::LeaveOut | Action::ReturnLease | Action::BuyOut) {
            let now = prices(0);
            let expected = Money::from_major(forecast.value(0).mean() * factor, policy.currency);
            if let Ok(expected) = expected {
                value.add(units, expected, &now, |price| price);
            }
        }
        for placement in schedule.of_cohort(place) {
            let (Some(month), Some(route), false) =
                (placement.month, placement.route, placement.exit == Exit::Returned)
            else {
                continue;
            };
            let ahead = month.months_since(as_of).max(0) as usize;
            let drawn = prices(ahead);
            let net = net_of(planned, placement, route, ahead);
            let quarter = quarters.entry(month.quarter_name()).or_insert_with(|| Sum::new(policy));
            quarter.add(placement.units, placement.recovery, &drawn, &net);
            recovery.add(placement.units, placement.recovery, &drawn, &net);
        }
    }
    Totals {
        value_now: value.total(),
        recovery: recovery.total(),
        by_quarter: quarters.into_iter().map(|(name, sum)| (name, sum.total())).collect(),
        saved_against_fixed_cycle: schedule.saved_against_present_rule(),
    }
}

/// What one unit of a placement nets at a price in the open market.
pub(crate) fn net_of(
    planned: &PlannedCohort,
    placement: &Placement,
    route: Route,
    ahead: usize,
) -> impl Fn(f64) -> f64 {
    let kept = placement.recovery.major();
    let left = 1.0 - placement.price_fall;
    let offer = planned.decision.prospects.as_ref().filter(|_| placement.exit == Exit::Best);
    let offer = offer.map(|prospects| prospects.offers[ahead]).filter(|_| route.needs_market());
    move |price: f64| offer.map_or(kept, |offer| offer.net(price * left))
}

/// Mean price of one unit of a cohort in every draw.
fn price_draws(
    streams: &mut Streams,
    planned: &PlannedCohort,
    place: usize,
    ahead: usize,
    factor: f64,
) -> Vec<f64> {
    let Some(forecast) = &planned.forecast else { return vec![0.0; DRAWS] };
    for name in common_names(forecast) {
        streams.get(&name);
    }
    let luck = streams.get(&format!("units {place}")).to_vec();
    prices_in_draws(streams, forecast, &luck, planned.cohort.units, ahead, factor)
}

/// The streams that a forecast shares with others: its market, its curve, its product.
pub(crate) fn common_names(forecast: &Forecast) -> [String; 3] {
    [
        format!("market {}", forecast.market),
        format!("curve {}", forecast.market),
        format!("product {}", forecast.product),
    ]
}

/// Mean price of one of `units` units in every draw; the common streams of the forecast must be known.
pub(crate) fn prices_in_draws(
    streams: &Streams,
    forecast: &Forecast,
    luck: &[f64],
    units: u64,
    ahead: usize,
    factor: f64,
) -> Vec<f64> {
    let point = &forecast.points[ahead.min(forecast.points.len() - 1)];
    let center = forecast.value(ahead).mean_log + factor.ln();
    let variance = point.variance;
    let mut draws = vec![center + 0.5 * variance.unit; DRAWS];
    let variances = [variance.market, variance.curve, variance.product];
    for (name, variance) in common_names(forecast).iter().zip(variances) {
        let sd = variance.sqrt();
        for (draw, normal) in draws.iter_mut().zip(streams.known(name).unwrap_or_default()) {
            *draw += sd * normal;
        }
    }
    let luck_sd = ((variance.unit.exp() - 1.0) / units as f64).sqrt();
    draws.iter().zip(luck).map(|(log, normal)| log.exp() * (1.0 + luck_sd * normal).max(0.0)).collect()
}

/// A sum in every draw.
struct Sum {
    units: u64,
    expected: Money,
    draws: Vec<f64>,
}

impl Sum {
    fn new(policy: &Policy) -> Sum {
        Sum { units: 0, expected: Money::zero(policy.currency), draws: vec![0.0; DRAWS] }
    }

    fn add(&mut self, units: u64, each: Money, prices: &[f64], net: impl Fn(f64) -> f64) {
        self.units += units;
        self.expected =
            Money::from_minor(self.expected.minor() + each.minor() * units as i64, self.expected.currency());
        for (draw, price) in self.draws.iter_mut().zip(prices) {
            *draw += units as f64 * net(*price);
        }
    }

    fn total(mut self) -> Total {
        let drawn = Quantiles::from_draws(&mut self.draws);
        let shift = self.expected.major() - drawn.mean;
        Total { units: self.units, expected: self.expected, quantiles: drawn.map_linear(1.0, shift) }
    }
}
