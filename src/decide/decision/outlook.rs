//! A unit's prospects: what every month would bring, for the schedule to weigh.
//!
//! In: the unit with its costs and offers by month, the months its rule allows, the present values of that rule. Out: its
//! [`Prospects`].

use super::Context;
use super::case::Case;
use crate::decide::prospects::{LeaseTerms, Prospects};
use crate::decide::route::{Offer, Route};

/// The prospects of a unit under the rule that gave these present values.
pub(super) fn prospects(
    context: &Context<'_>,
    case: &Case,
    mut present_values: Vec<f64>,
    allowed: (usize, usize),
    lease: Option<LeaseTerms>,
) -> Prospects {
    let months = case.prices.len();
    let best = |ahead: usize| {
        let (route, offer) = case.offers.best(ahead, case.prices[ahead]);
        (route, offer.scaled(case.kept[ahead]))
    };
    let (routes, offers): (Vec<Route>, Vec<Offer>) = (0..months).map(best).unzip();
    let market_part = |ahead: usize| {
        if routes[ahead].needs_market() { offers[ahead].slope * case.prices[ahead] } else { 0.0 }
    };
    let unsold_route = unsold_route(case);
    let unsold_recovery = |ahead: usize| {
        let of_month = case.offers.of_month(ahead).iter().find(|(route, _, _)| *route == unsold_route);
        of_month.map_or(0.0, |(_, offer, _)| case.kept[ahead] * offer.net(case.prices[ahead]))
    };
    if case.unit.idle {
        // A rise of its price is a bet that needs no unit on a shelf: no later month is better than the first.
        let first = present_values[allowed.0];
        present_values[allowed.0..].iter_mut().for_each(|value| *value = value.max(first));
    }
    Prospects {
        market_parts: (0..months).map(market_part).collect(),
        unsold_recoveries: (0..months).map(unsold_recovery).collect(),
        present_values,
        recoveries: case.recoveries.clone(),
        routes,
        offers,
        unsold_route,
        market_prices: case.prices.clone(),
        holding_costs: case.costs.clone(),
        incomes: Vec::new(),
        unit: case.unit,
        allowed,
        age_months: context.as_of.months_since(case.unit.new_in),
        in_use: !case.unit.idle,
        challenger: case.challenger.as_ref().map(|(challenger, _)| challenger.clone()),
        lease,
    }
}

/// The best open route of the first month that needs no market; somebody always takes a unit to be destroyed.
fn unsold_route(case: &Case) -> Route {
    let net = |offer: &Offer| offer.net(case.prices[0]);
    case.offers
        .of_month(0)
        .iter()
        .filter(|(route, _, obstacle)| obstacle.is_none() && !route.needs_market())
        .reduce(|best, other| if net(&other.1) > net(&best.1) { other } else { best })
        .map_or(Route::Destroy, |(route, _, _)| *route)
}
