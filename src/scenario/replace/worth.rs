//! What a part of a cohort brings in when it leaves, in all draws.
//!
//! In: the plan and parts with their months. Out: the way out of each month, `net = slope × price + intercept` by the
//! plan's best route at the price as fallen by what is sold with it, and prices in draws that all parts share: market,
//! curve and product have a stream by name, the luck of units one by cohort. A price some months later is the same draw
//! moved on: the variance that comes between is drawn anew.

use std::sync::Arc;

use crate::decide::{
    DRAWS, Memory, Offer, PlannedCohort, Prospects, Route, Scheduled, prices_in_draws, shared_names, stream,
};
use crate::price::Forecast;

/// A way out in one month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub route: Route,
    /// What one unit nets at a price in the open market.
    pub offer: Offer,
    /// Expected net of one unit.
    pub net: f64,
}

impl Way {
    /// The best way so many months ahead when the price falls by a share and only a share of the units is still there.
    pub(super) fn best(prospects: &Prospects, ahead: usize, price_fall: f64, kept: f64) -> Way {
        let (route, offer) = (prospects.routes[ahead], prospects.offers[ahead]);
        let left = if route.needs_market() { 1.0 - price_fall } else { 1.0 };
        let offer = Offer { slope: kept * left * offer.slope, intercept: kept * offer.intercept };
        let sold = Way { route, offer, net: offer.net(prospects.market_prices[ahead]) };
        let certain = kept * prospects.unsold_recoveries[ahead];
        if certain > sold.net {
            let offer = Offer { slope: 0.0, intercept: certain };
            return Way { route: prospects.unsold_route, offer, net: certain };
        }
        sold
    }

    /// Back to the lessor.
    pub(super) fn back(return_cost: f64) -> Way {
        let offer = Offer { slope: 0.0, intercept: -return_cost };
        Way { route: Route::LeaseReturn, offer, net: -return_cost }
    }
}

/// Prices in draws.
pub(super) struct Draws<'a> {
    plan: &'a Scheduled,
    memory: Memory,
}

/// Units of a cohort that are drawn together; `before` tells parts of one cohort apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    pub cohort: usize,
    pub before: u64,
    pub units: u64,
}

impl<'a> Draws<'a> {
    pub(super) fn new(plan: &'a Scheduled) -> Draws<'a> {
        Draws { plan, memory: Memory::keeping(0, 0) }
    }

    fn planned(&self, drawn: Drawn) -> &'a PlannedCohort {
        &self.plan.cohorts[drawn.cohort]
    }

    fn luck(&self, drawn: Drawn) -> Arc<Vec<f64>> {
        let name = match drawn.before {
            0 => format!("units {}", drawn.cohort),
            before => format!("units {} after {before}", drawn.cohort),
        };
        self.memory.normals(&name)
    }

    /// Mean price of one of the units in every draw, currency of the plan; nothing where nothing speaks of it.
    pub(super) fn prices(&self, drawn: Drawn, ahead: usize) -> Option<Vec<f64>> {
        let forecast = self.planned(drawn).forecast.as_deref()?;
        let luck = self.luck(drawn);
        let shared = shared_names(forecast).map(|name| self.memory.normals(&name));
        let shared = [&shared[0], &shared[1], &shared[2]].map(|stream| stream.as_slice());
        let factor = self.plan.currency_per_dollar;
        Some(prices_in_draws(shared, &luck, forecast, drawn.units, ahead, factor).collect())
    }

    /// The same units `later` months ahead, given their prices `sooner` months ahead.
    pub(super) fn later_prices(&self, drawn: Drawn, sooner: usize, later: usize) -> Option<Vec<f64>> {
        let forecast = self.planned(drawn).forecast.as_deref()?;
        let luck = self.luck(drawn);
        let moved = self.moved_on(forecast, sooner, later);
        let shared = [&moved[0], &moved[1], &moved[2]].map(Vec::as_slice);
        let factor = self.plan.currency_per_dollar;
        Some(prices_in_draws(shared, &luck, forecast, drawn.units, later, factor).collect())
    }

    /// The streams that a forecast shares with others, moved on from one month to another.
    fn moved_on(&self, forecast: &Forecast, sooner: usize, later: usize) -> [Vec<f64>; 3] {
        let variances = |ahead: usize| {
            let variance = forecast.points[ahead.min(forecast.points.len() - 1)].variance;
            [variance.market, variance.curve, variance.product]
        };
        let (names, before, after) = (shared_names(forecast), variances(sooner), variances(later));
        std::array::from_fn(|cause| {
            let (name, before, after) = (&names[cause], before[cause], after[cause]);
            let kept = if after > before { (before / after).sqrt() } else { 1.0 };
            let new = (1.0 - kept * kept).sqrt();
            let old = self.memory.normals(name);
            if new == 0.0 {
                return old.to_vec();
            }
            let fresh = stream(&format!("{name}, what comes between"), 0..DRAWS);
            old.iter().zip(&fresh).map(|(old, fresh)| kept * old + new * fresh).collect()
        })
    }
}
