//! The lines of the answer: what leaves, when, for how much.
//!
//! In: candidates in their order and the parts of them that leave. Out: a [`Displaced`] a part, and the totals in joint
//! draws. Every amount is rounded once, to the cent of one unit; lines and totals are sums of these cents.

use std::collections::BTreeMap;

use super::Ground;
use super::answer::{Displaced, Order, PriceFrom};
use super::delay::{Late, Leaving};
use super::queue::{Candidate, Part, Queue};
use super::worth::{Drawn, Draws, Way};
use crate::catalog::AssetClass;
use crate::decide::{Route, Sum, Total};
use crate::scenario::books::{BOOKS, books_of};
use crate::units::{Money, MoneyError, Month};

/// Units sold of a product in a month: class, name, month.
type Sold<'a> = BTreeMap<(AssetClass, &'a str, Month), u64>;

/// The parts as delays see them, with the fall of the price for all that is sold with them in their month.
pub(super) fn leaving<'a>(
    ground: &'a Ground<'_>,
    candidates: &[Candidate],
    queue: &Queue,
) -> Vec<Leaving<'a>> {
    let sold = sold(ground, candidates, queue);
    queue
        .parts
        .iter()
        .map(|part| {
            let candidate = &candidates[part.candidate];
            let cohort = &ground.plan.cohorts[candidate.cohort].cohort;
            let market = (cohort.class, cohort.label.as_str(), part.month);
            let units = sold.get(&market).copied().unwrap_or(0) as f64;
            let fall = ground.input.policy.depth.fall(&cohort.label, cohort.class, units);
            let drawn = Drawn { cohort: candidate.cohort, before: part.before, units: part.units };
            ground.leaving(drawn, candidate.lease_end.is_some(), part.month, fall)
        })
        .collect()
}

/// What is sold of each product in each month: what is displaced, and what the plan sells of other units.
fn sold<'a>(ground: &'a Ground<'_>, candidates: &[Candidate], queue: &Queue) -> Sold<'a> {
    let mut sold = Sold::new();
    let mut add = |cohort: usize, month: Month, units: u64| {
        let cohort = &ground.plan.cohorts[cohort].cohort;
        *sold.entry((cohort.class, cohort.label.as_str(), month)).or_default() += units;
    };
    for part in &queue.parts {
        let candidate = &candidates[part.candidate];
        if candidate.lease_end.is_none() {
            add(candidate.cohort, part.month, part.units);
        }
    }
    for placement in &ground.plan.schedule.placements {
        let other = candidates.iter().all(|candidate| candidate.cohort != placement.cohort);
        let needs_market = placement.route.is_some_and(Route::needs_market);
        if let (Some(month), true) = (placement.month, other && needs_market) {
            add(placement.cohort, month, placement.units);
        }
    }
    sold
}

/// The lines, their value and their recovery.
pub(super) fn displaced(
    ground: &Ground<'_>,
    candidates: &[Candidate],
    queue: &Queue,
    leaving: &[Leaving<'_>],
    draws: &mut Draws<'_>,
) -> Result<(Vec<Displaced>, Total, Total), MoneyError> {
    let (mut value, mut recovery) = (Sum::new(ground.input.policy), Sum::new(ground.input.policy));
    let mut lines = Vec::new();
    for (part, leaving) in queue.parts.iter().zip(leaving) {
        let candidate = &candidates[part.candidate];
        lines.push(line(ground, lines.len() + 1, candidate, part, leaving, draws, (&mut value, &mut recovery))?);
    }
    Ok((lines, value.total(), recovery.total()))
}

#[allow(clippy::too_many_arguments)]
fn line(
    ground: &Ground<'_>,
    rank: usize,
    candidate: &Candidate,
    part: &Part,
    leaving: &Leaving<'_>,
    draws: &mut Draws<'_>,
    (value, recovery): (&mut Sum, &mut Sum),
) -> Result<Displaced, MoneyError> {
    let planned = &ground.plan.cohorts[candidate.cohort];
    let currency = ground.plan.currency();
    let owned = leaving.prospects.filter(|_| !leaving.leased);
    let way = owned.map_or(Way::back(leaving.policy.lease.return_cost), |prospects| {
        Way::best(prospects, leaving.month, leaving.price_fall, leaving.kept_until_leaving())
    });
    let recovery_each = Money::from_major(way.net, currency)?;
    let mut own_recovery = Sum::new(ground.input.policy);
    let prices = draws.prices(leaving.drawn, leaving.month).unwrap_or_default();
    let net = |price: f64| way.offer.net(price);
    let certain = vec![0.0; crate::decide::DRAWS];
    let prices = if prices.is_empty() { &certain } else { &prices };
    own_recovery.add(part.units, recovery_each, prices, net);
    recovery.add(part.units, recovery_each, prices, net);
    let arrival = ground.ahead(ground.arrives);
    let value_each = owned.map(|prospects| Money::from_major(prospects.market_prices[arrival], currency));
    let value_each = value_each.transpose()?;
    let worth = value_each.zip(draws.prices(leaving.drawn, arrival)).map(|(each, prices)| {
        let mut own = Sum::new(ground.input.policy);
        own.add(part.units, each, &prices, |price| price);
        value.add(part.units, each, &prices, |price| price);
        own.total()
    });
    let site = candidate.site.clone();
    Ok(Displaced {
        rank,
        cohort: candidate.cohort,
        assets: assets(ground, candidate, part),
        units: part.units,
        of_units: candidate.units,
        class: planned.cohort.class,
        product: planned.cohort.label.clone(),
        site,
        month: part.month,
        route: way.route,
        newcomers_each: candidate.newcomers,
        measure: candidate.measure,
        saving: leaving.waiting(ground.input.as_of, Late::Arrival).total() / candidate.newcomers,
        value_each,
        value: worth,
        recovery_each,
        recovery: own_recovery.total(),
        price_fall: if way.route.needs_market() { leaving.price_fall } else { 0.0 },
        book_values: book_values(ground, candidate, part, (leaving.leased, way.route))?,
        plan_month: plan_month(ground, candidate, part),
    })
}

/// Which assets leave: those of the cohort in the order of the register, after the units that went before.
fn assets(ground: &Ground<'_>, candidate: &Candidate, part: &Part) -> Vec<(usize, u64)> {
    let (mut skipped, mut left, mut found) = (part.before, part.units, Vec::new());
    for &index in &ground.plan.cohorts[candidate.cohort].cohort.assets {
        let quantity = u64::from(ground.input.fleet.assets[index].quantity);
        let passed = skipped.min(quantity);
        skipped -= passed;
        let units = left.min(quantity - passed);
        left -= units;
        if units > 0 {
            found.push((index, units));
        }
    }
    found
}

/// When the plan would let the last of these units go if nothing arrived.
fn plan_month(ground: &Ground<'_>, candidate: &Candidate, part: &Part) -> Option<Month> {
    let mut until = part.before + part.units;
    for placement in ground.plan.schedule.of_cohort(candidate.cohort) {
        if until <= placement.units {
            return placement.month;
        }
        until -= placement.units;
    }
    None
}

fn book_values(
    ground: &Ground<'_>,
    candidate: &Candidate,
    part: &Part,
    (leased, route): (bool, Route),
) -> Result<[Option<Money>; 2], MoneyError> {
    let mut values = [None; BOOKS.len()];
    if leased || route == Route::Redeploy {
        return Ok(values);
    }
    let planned = &ground.plan.cohorts[candidate.cohort];
    let asset = &ground.input.fleet.assets[planned.cohort.assets[0]];
    let currency = ground.plan.currency();
    let books = books_of(planned, asset, &ground.input.policy.rates(), currency);
    for (value, book) in values.iter_mut().zip(&books) {
        if let Some(book) = book {
            let each = Money::from_major(book.value_gone_in(part.month), currency)?;
            *value = Some(Money::from_minor(each.minor() * part.units as i64, currency));
        }
    }
    Ok(values)
}

/// The price of one newcomer: as given, as listed, or, of what is bought in the owner's configuration, what the displaced
/// units cost when new.
pub(super) fn price(
    ground: &Ground<'_>,
    order: &Order,
    candidates: &[Candidate],
    queue: &Queue,
) -> Result<Option<(Money, PriceFrom)>, MoneyError> {
    let policy = ground.input.policy;
    let rates = policy.rates();
    let listed = ground.product.list_price.and_then(|(price, paid_in)| {
        rates.factor(paid_in, policy.currency).ok().map(|factor| price * factor)
    });
    let (mut paid, mut work) = (0.0, 0.0);
    for part in &queue.parts {
        let candidate = &candidates[part.candidate];
        let Some(prospects) = &ground.plan.cohorts[candidate.cohort].decision.prospects else { continue };
        let newcomers = part.units as f64 * candidate.newcomers;
        paid += newcomers * prospects.unit.price_new;
        work += newcomers;
    }
    let like_displaced =
        (work > 0.0 && ground.product.class != AssetClass::Gpu).then(|| paid / work.max(f64::MIN_POSITIVE));
    let factor = policy.challenger.price_factor;
    let (price, from) = match (order.price, listed, like_displaced) {
        (Some(price), ..) => (price, PriceFrom::Order),
        (None, Some(price), _) => (price * factor, PriceFrom::Catalog),
        (None, None, Some(price)) => (price * factor, PriceFrom::Displaced),
        (None, None, None) => return Ok(None),
    };
    Ok(Some((Money::from_major(price, policy.currency)?, from)))
}
