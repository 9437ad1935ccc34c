//! The forecasts that a plan hands out.
//!
//! In: a plan with its fleet, policy and models. Out: for every asset with a price two [`Given`] forecasts: what it
//! fetches now, and what it fetches in the month it should go. Amounts are for one unit in the currency of the plan. Gross
//! is the price in the channel of the route, `channel factor · V`; of a route without a channel it is the price in the
//! open market.

use super::ForecastMade;
use super::ledger::{Given, GivenBy};
use crate::decide::{Plan, PlannedCohort, Policy, Route, SaleTerms};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::units::{Month, Quantiles};

/// Forecasts of a plan, in the order of the register; of assets where it is a plan, of the product where it is a quote.
pub fn forecasts_given(
    by: GivenBy,
    plan: &Plan,
    fleet: &Fleet,
    policy: &Policy,
    models: &Models,
) -> Vec<Given> {
    let version = models.version();
    let of_cohort: Vec<Vec<(Route, ForecastMade)>> =
        plan.cohorts.iter().map(|planned| of_unit(planned, plan, policy, &version)).collect();
    let of_asset = fleet.assets.iter().zip(&plan.cohort_of).flat_map(|(asset, cohort)| {
        let planned = &plan.cohorts[*cohort].cohort;
        of_cohort[*cohort].iter().map(move |(route, forecast)| Given {
            by,
            asset: (by == GivenBy::Plan).then(|| asset.id.clone()),
            class: planned.class,
            product: planned.label.clone(),
            grade: asset.grade.map(|grade| grade.name().to_owned()),
            quantity: u64::from(asset.quantity),
            route: route.name().to_owned(),
            currency: policy.currency,
            forecast: forecast.clone(),
        })
    });
    of_asset.collect()
}

/// What is forecast of a unit of a cohort: now, and in the month in which it should go, where that is later.
fn of_unit(
    planned: &PlannedCohort,
    plan: &Plan,
    policy: &Policy,
    version: &str,
) -> Vec<(Route, ForecastMade)> {
    let Some(forecast) = &planned.forecast else { return Vec::new() };
    let decision = &planned.decision;
    let route = decision.route.unwrap_or(Route::Resell);
    let terms = SaleTerms::of_route(policy, planned.cohort.class, route);
    let channel = if route.is_sale() { terms.channel_factor } else { 1.0 };
    let made = |month: Month, net: Option<Quantiles>| {
        let ahead = usize::try_from(month.months_since(plan.as_of)).unwrap_or(0);
        let market = forecast.value(ahead).quantiles().map_linear(plan.currency_per_dollar, 0.0);
        ForecastMade {
            made: plan.as_of,
            month,
            gross: market.map_linear(channel, 0.0),
            net: net.unwrap_or_else(|| terms.net_quantiles(market)),
            basis: forecast.basis.name().to_owned(),
            model: version.to_owned(),
        }
    };
    let now = made(plan.as_of, None);
    let later = decision.month.filter(|month| *month > plan.as_of);
    let later = later.map(|month| made(month, Some(decision.recovery)));
    [now].into_iter().chain(later).map(|forecast| (route, forecast)).collect()
}
