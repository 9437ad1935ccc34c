//! The lines of the answer: what leaves, when, for how much.
//!
//! In: candidates in their order and the parts of them that leave. Out: a [`Displaced`] a part, and the totals in joint
//! draws. Every amount is rounded once, to the cent of one unit; lines and totals are sums of these cents.

use std::collections::BTreeMap;

use super::Ground;
use super::answer::{Displaced, Group, Order, PriceFrom};
use super::delay::Leaving;
use super::queue::{self, Candidate, Part, Queue};
use super::sum::Sum;
use super::worth::{Drawn, Draws, Way};
use crate::catalog::AssetClass;
use crate::decide::{DRAWS, InBook, Policy, Route, Total};
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
    let is_candidate = queue::are_candidates(candidates, ground.plan.cohorts.len());
    for placement in &ground.plan.schedule.placements {
        let other = !is_candidate[placement.cohort];
        let needs_market = placement.route.is_some_and(Route::needs_market);
        if let (Some(month), true) = (placement.month, other && needs_market) {
            add(placement.cohort, month, placement.units);
        }
    }
    sold
}

/// Lines, groups and totals of value and recovery.
pub(super) struct Lines {
    pub displaced: Vec<Displaced>,
    pub groups: Vec<Group>,
    pub value: Total,
    pub recovery: Total,
}

/// Value and recovery of units in every draw.
struct Sums {
    value: Sum,
    recovery: Sum,
    has_value: bool,
}

impl Sums {
    fn new(policy: &Policy) -> Sums {
        Sums { value: Sum::new(policy), recovery: Sum::new(policy), has_value: false }
    }

    fn add(&mut self, units: u64, drawn: &DrawnLine) {
        let net = |price: f64| drawn.way.offer.net(price);
        self.recovery.add(units, drawn.recovery_each, &drawn.prices_leaving, net);
        if let Some((each, prices)) = &drawn.value {
            self.value.add(units, *each, prices, |price| price);
            self.has_value = true;
        }
    }

    fn totals(self) -> (Option<Total>, Total) {
        (self.has_value.then(|| self.value.total()), self.recovery.total())
    }
}

/// One unit of a line in every draw.
struct DrawnLine {
    way: Way,
    recovery_each: Money,
    prices_leaving: Vec<f64>,
    /// Price in the open market in the month of the arrival, printed and drawn.
    value: Option<(Money, Vec<f64>)>,
}

/// What lines of one group share.
type GroupKey = (AssetClass, String, String, Month, Route);

/// The lines, their groups and their totals.
pub(super) fn lines(
    ground: &Ground<'_>,
    candidates: &[Candidate],
    queue: &Queue,
    leaving: &[Leaving<'_>],
    draws: &mut Draws<'_>,
) -> Result<Lines, MoneyError> {
    let policy = ground.input.policy;
    let mut all = Sums::new(policy);
    let mut displaced = Vec::new();
    let mut grouped: Vec<(GroupKey, Vec<usize>, Sums)> = Vec::new();
    for (part, leaving) in queue.parts.iter().zip(leaving) {
        let candidate = &candidates[part.candidate];
        let drawn = drawn(ground, leaving, draws)?;
        let mut own = Sums::new(policy);
        own.add(part.units, &drawn);
        all.add(part.units, &drawn);
        let rank = displaced.len() + 1;
        let line = line(ground, rank, candidate, part, leaving, &drawn, own.totals())?;
        let key = (line.class, line.product.clone(), line.site.clone(), line.month, line.route);
        let place = grouped.iter().position(|(known, ..)| *known == key).unwrap_or_else(|| {
            grouped.push((key, Vec::new(), Sums::new(policy)));
            grouped.len() - 1
        });
        grouped[place].1.push(rank);
        grouped[place].2.add(part.units, &drawn);
        displaced.push(line);
    }
    let mut groups: Vec<Group> = grouped
        .into_iter()
        .map(|(key, ranks, sums)| group(ground, candidates, &displaced, key, ranks, sums.totals()))
        .collect();
    groups.sort_by(|a, b| {
        let owned = |group: &Group| group.route != Route::LeaseReturn;
        owned(a).cmp(&owned(b)).then(b.saving.total_cmp(&a.saving)).then(a.month.cmp(&b.month))
    });
    let (value, recovery) = (all.value.total(), all.recovery.total());
    Ok(Lines { displaced, groups, value, recovery })
}

fn drawn(ground: &Ground<'_>, leaving: &Leaving<'_>, draws: &mut Draws<'_>) -> Result<DrawnLine, MoneyError> {
    let currency = ground.plan.currency;
    let owned = leaving.prospects.filter(|_| !leaving.leased);
    let way = owned.map_or(Way::back(leaving.policy.lease.return_cost), |prospects| {
        Way::best(prospects, leaving.month, leaving.price_fall, leaving.kept_until_leaving())
    });
    let arrival = ground.ahead(ground.arrives);
    let value = match owned.zip(draws.prices(leaving.drawn, arrival)) {
        Some((prospects, prices)) => {
            Some((Money::from_major(prospects.market_prices[arrival], currency)?, prices))
        }
        None => None,
    };
    Ok(DrawnLine {
        recovery_each: Money::from_major(way.net, currency)?,
        prices_leaving: draws.prices(leaving.drawn, leaving.month).unwrap_or_else(|| vec![0.0; DRAWS]),
        way,
        value,
    })
}

fn line(
    ground: &Ground<'_>,
    rank: usize,
    candidate: &Candidate,
    part: &Part,
    leaving: &Leaving<'_>,
    drawn: &DrawnLine,
    (value, recovery): (Option<Total>, Total),
) -> Result<Displaced, MoneyError> {
    let planned = &ground.plan.cohorts[candidate.cohort];
    let route = drawn.way.route;
    Ok(Displaced {
        rank,
        cohort: candidate.cohort,
        assets: assets(ground, candidate, part),
        units: part.units,
        of_units: candidate.units,
        class: planned.cohort.class,
        product: planned.cohort.label.clone(),
        site: candidate.site.clone(),
        month: part.month,
        route,
        newcomers_each: candidate.newcomers,
        measure: candidate.measure,
        saving: candidate.saving_for_one_newcomer(),
        value_each: drawn.value.as_ref().map(|(each, _)| *each),
        value,
        recovery_each: drawn.recovery_each,
        recovery,
        price_fall: if route.needs_market() { leaving.price_fall } else { 0.0 },
        book_values: book_values(ground, candidate, part, (leaving.leased, route))?,
        plan_month: plan_month(ground, candidate, part),
    })
}

fn group(
    ground: &Ground<'_>,
    candidates: &[Candidate],
    displaced: &[Displaced],
    (class, product, site, month, route): GroupKey,
    ranks: Vec<usize>,
    (value, recovery): (Option<Total>, Total),
) -> Group {
    let lines = || ranks.iter().map(|rank| &displaced[rank - 1]);
    let newcomers: f64 = lines().map(Displaced::newcomers).sum();
    let saved: f64 = lines().map(|line| line.saving * line.newcomers()).sum();
    let could_leave = candidates.iter().filter(|candidate| {
        let cohort = &ground.plan.cohorts[candidate.cohort].cohort;
        cohort.class == class && cohort.label == product && candidate.site == site
    });
    let of_units = could_leave.map(|candidate| candidate.units).sum();
    let booked = lines().filter_map(|line| Some((line.book_values[0]?, line.gain(0)?)));
    let book = booked.reduce(|(value, gain), (more, further)| {
        let sum = |one: Money, other: Money| Money::from_minor(one.minor() + other.minor(), one.currency());
        (sum(value, more), sum(gain, further))
    });
    let units = lines().map(|line| line.units).sum();
    let saving = if newcomers > 0.0 { saved / newcomers } else { 0.0 };
    Group {
        ranks,
        class,
        product,
        site,
        month,
        route,
        units,
        of_units,
        newcomers,
        saving,
        value,
        recovery,
        book,
    }
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

/// Book values of the units when they leave, each to the cent; what goes back to its lessor or stays in the house leaves no
/// book.
fn book_values(
    ground: &Ground<'_>,
    candidate: &Candidate,
    part: &Part,
    (leased, route): (bool, Route),
) -> Result<Vec<Option<Money>>, MoneyError> {
    let mut values: Vec<Option<Money>> = vec![None; ground.input.policy.books.rules().len()];
    if leased || route == Route::Redeploy {
        return Ok(values);
    }
    let class = ground.plan.cohorts[candidate.cohort].cohort.class;
    for (index, units) in assets(ground, candidate, part) {
        let asset = &ground.input.fleet.assets[index];
        let Ok(books) = ground.books.of_asset(candidate.cohort, class, asset) else { continue };
        for (sum, book) in values.iter_mut().zip(books) {
            let Some(book) = book else { continue };
            let all = InBook::leaving(&book, part.month, ground.plan.currency)?.times(units).value;
            *sum = Some(sum.map_or(Ok(all), |before| before.plus(all))?);
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
