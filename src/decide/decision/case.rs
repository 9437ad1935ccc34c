//! A unit with everything its month is chosen from, so that the choice can be made again with one figure changed.
//!
//! In: what is known of the unit. Out: costs, offers and challenger by month, and the present value of leaving at each
//! month: as things are, at another energy tariff, at other resale prices.

use super::{Context, Known, MONTHS_LATE, situation, unit};
use crate::decide::challenger::{Chain, Challenger};
use crate::decide::cost::{Holding, kept};
use crate::decide::route::{Menu, Offers};
use crate::decide::window::{self, Choice, Timing};
use crate::price::Forecast;
use crate::units::monthly_discount_factor;

/// A unit and what its month is chosen from, one entry a month ahead.
pub(super) struct Case {
    pub unit: Holding,
    /// Mean price in the open market.
    pub prices: Vec<f64>,
    pub offers: Offers,
    /// Share of unused units that are still there.
    pub kept: Vec<f64>,
    /// Expected net of the best route.
    pub recoveries: Vec<f64>,
    /// Cost of holding through the month that follows.
    pub costs: Vec<f64>,
    pub challenger: Option<(Challenger, Chain)>,
    pub discount: f64,
    kwh_monthly: f64,
}

impl Case {
    pub(super) fn new(context: &Context<'_>, known: &Known<'_>, forecast: &Forecast, owned: bool) -> Case {
        let policy = context.policy;
        let unit = unit::holding(context, known.cohort, known.asset, forecast);
        // A quarter beyond the horizon, so that missing a window at its end has a price.
        let months = context.horizon() + 1 + MONTHS_LATE;
        let discount = monthly_discount_factor(policy.discount_rate_yearly);
        let prices: Vec<f64> =
            (0..months).map(|ahead| forecast.value(ahead).mean() * context.factor).collect();
        let parts: Vec<f64> = if known.parts.is_empty() {
            Vec::new()
        } else {
            let sum = |ahead: usize| known.parts.iter().map(|part| part.mean_of_all(ahead)).sum::<f64>();
            (0..months).map(|ahead| sum(ahead) * context.factor).collect()
        };
        let mut situation = situation(context, known);
        situation.leased &= !owned;
        let offers = Offers::new(&Menu {
            policy,
            class: known.cohort.class,
            situation,
            prices: &prices,
            parts: &parts,
            part_count: known.parts.iter().map(|part| part.count).sum(),
            avoided_price: known.demand.and_then(|demand| demand.avoided_price),
            discount,
        });
        let kept: Vec<f64> = (0..months).map(|ahead| kept(policy, unit.idle, ahead)).collect();
        let challenger =
            if unit.idle { None } else { unit::challenger(context, known.cohort, known.asset, &unit) };
        let mut case = Case {
            costs: (1..=months).map(|ahead| context.cost(&unit, ahead)).collect(),
            kwh_monthly: unit.kwh_monthly(policy),
            recoveries: Vec::new(),
            unit,
            prices,
            offers,
            kept,
            challenger,
            discount,
        };
        case.recoveries = case.recoveries_at(1.0);
        case
    }

    /// What is chosen from, when every month of `allowed` may be the best.
    pub(super) fn choice(&self, allowed: (usize, usize), tolerance: f64) -> Choice<'_> {
        Choice {
            holding_costs: &self.costs,
            recoveries: &self.recoveries,
            challenger: self.challenger.as_ref().map(|(challenger, _)| challenger),
            allowed,
            best_by: allowed.1,
            discount: self.discount,
            tolerance,
        }
    }

    /// Timing by another cost of staying, without a challenger: what it would earn is in the cost.
    pub(super) fn timing_by(&self, costs: &[f64], allowed: (usize, usize), tolerance: f64) -> Timing {
        window::choose(&Choice { holding_costs: costs, challenger: None, ..self.choice(allowed, tolerance) })
    }

    /// Expected net of the best route of each month when prices are `factor` times as high.
    fn recoveries_at(&self, factor: f64) -> Vec<f64> {
        let net = |ahead: usize| {
            let price = factor * self.prices[ahead];
            self.kept[ahead] * self.offers.best(ahead, price).1.net(price)
        };
        (0..self.prices.len()).map(net).collect()
    }

    /// Present values of leaving when prices are `factor` times as high.
    pub(super) fn at_prices(&self, factor: f64) -> Vec<f64> {
        let recoveries = self.recoveries_at(factor);
        window::present_values(&Choice { recoveries: &recoveries, ..self.choice((0, 0), 0.0) })
    }

    /// Present values of leaving at another energy tariff, which the challenger pays as well.
    pub(super) fn at_tariff(&self, tariff: f64) -> Vec<f64> {
        let dearer = tariff - self.unit.price_per_kwh;
        let costs: Vec<f64> = self.costs.iter().map(|cost| cost + dearer * self.kwh_monthly).collect();
        let challenger = self.challenger.as_ref().map(|(challenger, chain)| {
            let (life_months, chain_cost) = chain.best(dearer);
            Challenger { life_months, chain_cost, ..challenger.clone() }
        });
        window::present_values(&Choice {
            holding_costs: &costs,
            challenger: challenger.as_ref(),
            ..self.choice((0, 0), 0.0)
        })
    }
}
