//! The solution as a plan reads it.
//!
//! In: an assignment and its prices. Out: [`Placement`]s: units, month, route, money, and what moved them away from their
//! best month. That is a freeze or delivery where one forbids the best month, else the limit or market whose price for
//! the best month is highest.

use super::build::Built;
use super::candidates::{Frame, occurs};
use super::conflict::{hindrance_words, limit_words};
use super::problem::{Choice, Exit};
use super::solve::Solved;
use crate::decide::plan::PlannedCohort;
use crate::decide::policy::Policy;
use crate::decide::route::Route;
use crate::fleet::Fleet;
use crate::units::{Money, MoneyError, Month};

/// A price below this is the solver's noise, in major units of money.
pub(super) const WORTH_A_WORD: f64 = 0.005;

/// Units of a cohort that do the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Position of the cohort in the plan.
    pub cohort: usize,
    /// How many.
    pub units: u64,
    /// When they leave; none when they stay beyond the horizon.
    pub month: Option<Month>,
    /// How they leave.
    pub exit: Exit,
    /// By which route.
    pub route: Option<Route>,
    /// Expected net recovery of one unit, after the fall of the price and what was paid to keep it.
    pub recovery: Money,
    /// Share by which the price falls for all that is sold of the product in that month.
    pub price_fall: f64,
    /// Paid for one unit to pass the end of its lease or contract.
    pub paid_to_pass: Option<Money>,
    /// What moved it from its best month.
    pub moved: Option<Moved>,
}

/// What moved units away from their best month.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The best month; none when staying would be best.
    pub from: Option<Month>,
    /// The constraint.
    pub by: String,
    /// What one more of it is worth, where the solver gives a price.
    pub shadow_price: Option<f64>,
}

/// All placements, by cohort and month.
pub(super) fn placements(
    frame: &Frame<'_>,
    cohorts: &[PlannedCohort],
    built: &Built,
    solved: &Solved,
) -> Result<Vec<Placement>, MoneyError> {
    let mut found = Vec::new();
    for (item, origin) in built.origins.iter().enumerate() {
        let choices = &built.problem.items[item].choices;
        for (choice, units) in choices.iter().zip(&solved.assignment.units[item]) {
            if *units == 0 {
                continue;
            }
            let planned = &cohorts[origin.cohort];
            let price_fall = choice
                .sale
                .map_or(0.0, |(pool, _)| built.problem.pools[pool].price_fall(solved.assignment.sold[pool]));
            let paid = origin.deadline.filter(|_| choice.pays_to_pass).and_then(|end| end.price);
            let (recovery, route) = money(planned, choice, price_fall);
            let currency = frame.policy.currency;
            found.push(Placement {
                cohort: origin.cohort,
                units: *units,
                month: choice.month.map(|month| frame.as_of.plus(month as i32)),
                exit: choice.exit,
                route,
                recovery: Money::from_major(recovery - paid.unwrap_or(0.0), currency)?,
                price_fall,
                paid_to_pass: paid.map(|paid| Money::from_major(paid, currency)).transpose()?,
                moved: moved(frame, built, solved, item, choice),
            });
        }
    }
    found.sort_by_key(|placement| (placement.cohort, placement.month.is_none(), placement.month));
    Ok(found)
}

/// Net recovery of one unit at the price as fallen, and its route.
fn money(planned: &PlannedCohort, choice: &Choice, price_fall: f64) -> (f64, Option<Route>) {
    match (choice.exit, choice.month, &planned.decision.prospects) {
        (Exit::Best, Some(month), Some(prospects)) => (
            prospects.recoveries[month] - prospects.market_parts[month] * price_fall,
            Some(prospects.routes[month]),
        ),
        (Exit::Unsold, Some(month), Some(prospects)) => {
            (prospects.unsold_recoveries[month], Some(prospects.unsold_route))
        }
        (Exit::Returned, ..) => (0.0, Some(Route::LeaseReturn)),
        _ => (0.0, None),
    }
}

fn moved(frame: &Frame<'_>, built: &Built, solved: &Solved, item: usize, choice: &Choice) -> Option<Moved> {
    let origin = &built.origins[item];
    let from = origin.ideal_month.map(|month| frame.as_of.plus(month as i32));
    let moved = |by: String, shadow_price: Option<f64>| Some(Moved { from, by, shadow_price });
    if choice.exit == Exit::Unsold {
        let price = choice.month.and_then(|month| {
            let sold = |other: &&Choice| other.month == Some(month) && other.sale.is_some();
            let (pool, weight) = built.problem.items[item].choices.iter().find(sold)?.sale?;
            Some(solved.prices.pools[pool] * weight)
        });
        return moved("market depth".to_owned(), price);
    }
    if choice.month == origin.ideal_month || choice.value >= origin.ideal_value {
        return None;
    }
    if let Some(hindrance) = &origin.hindrance {
        return moved(hindrance_words(frame, hindrance), None);
    }
    let ideal = &built.problem.items[item].choices[built.problem.items[item].ideal()];
    let limits = ideal.uses().map(|(limit, each)| {
        let price = solved.prices.limits[limit];
        (price * each, price, limit_words(frame, &built.limits[limit]))
    });
    let market = ideal.sale.map(|(pool, weight)| {
        let price = solved.prices.pools[pool] * weight;
        (price, price, "market depth".to_owned())
    });
    let dearest = limits.chain(market).max_by(|a, b| a.0.total_cmp(&b.0));
    match dearest {
        Some((cost, price, by)) if cost > WORTH_A_WORD => moved(by, Some(price)),
        _ => moved("whole units".to_owned(), None),
    }
}

/// Names in the policy's limits that nothing in the fleet bears.
pub(super) fn warnings(policy: &Policy, cohorts: &[PlannedCohort], fleet: &Fleet) -> Vec<String> {
    let sites = || fleet.assets.iter().filter_map(|asset| asset.site.as_deref());
    let labels = || cohorts.iter().map(|planned| planned.cohort.label.as_str());
    let successors = || {
        cohorts.iter().filter_map(|planned| {
            Some(planned.decision.prospects.as_ref()?.challenger.as_ref()?.name.as_str())
        })
    };
    let mut found = Vec::new();
    let frozen = policy.freeze.iter().filter_map(|freeze| freeze.site.as_deref());
    let named_sites = policy
        .capacity
        .keys()
        .map(|name| ("capacity", name.as_str()))
        .chain(frozen.map(|name| ("freeze", name)))
        .chain(policy.delivery.sites.keys().map(|name| ("delivery.sites", name.as_str())));
    for (section, name) in named_sites.filter(|(_, name)| !occurs(name, sites())) {
        found.push(format!("policy: {section} names the site `{name}`, where nothing of this fleet stands"));
    }
    for name in policy.depth.products.keys().filter(|name| !occurs(name, labels())) {
        found.push(format!("policy: depth.products names `{name}`, of which this fleet has none"));
    }
    for name in policy.delivery.products.keys().filter(|name| !occurs(name, successors())) {
        found.push(format!("policy: delivery.products names `{name}`, which follows nothing in this fleet"));
    }
    found
}
