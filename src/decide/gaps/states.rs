//! The states that each gap leaves open.
//!
//! In: a cohort on the [`Bench`]. Out: for each kind of gap its [`State`]s at one end of what is believed, and from them
//! what the gap does ([`Told`]):
//!
//! | gap | states | in the dark | once known |
//! |---|---|---|---|
//! | may be a ghost | there and turns up, `p q`; there but not found, `p (1 − q)`; gone, `1 − p` | as planned; a failed collection; a failed collection and its contract | as planned; as planned; nothing |
//! | may be locked | free; locked | as planned; parts or scrap | as planned; released for some minutes of work where that works |
//! | no serial, bulk record | one | sales at a haircut | as planned |
//! | condition, configuration, drives | each that is possible | the same way for all; some buyers pay the worst | the best way of each |
//! | age, load, model, price level | each that is possible | the same month and route for all | the best of each |
//! | may not be yours | owned; leased | as planned; charged back | as planned; given back |
//! | held | free if somebody asks; held | a year later | now |
//! | no IT gear | worthless; worth what the plan says | as planned | recycled |

use super::bench::{Bench, HELD_MONTHS, Told, best_way};
use super::information::State;
use crate::catalog::AssetClass;
use crate::decide::cohort::{Cohort, Standing};
use crate::decide::decision::{Choices, Way};
use crate::decide::policy::{DataRule, End, Span};
use crate::decide::route::Route;
use crate::fleet::{AcquiredMonths, Asset, Status};
use crate::price::grade;

/// Points of a normal distribution and their weights that give its first five moments (Gauss and Hermite).
const NORMAL_POINTS: [(f64, f64); 3] =
    [(-1.732_050_807_568_877_2, 1.0 / 6.0), (0.0, 2.0 / 3.0), (1.732_050_807_568_877_2, 1.0 / 6.0)];

/// Shares of a range at which an unknown figure in it is supposed to lie, equally likely: the middles of its thirds; at the
/// low end of what is believed, those of its middle half.
fn thirds(end: End) -> [f64; 3] {
    let reach = match end {
        End::Low => 1.0 / 6.0,
        End::Usual | End::High => 1.0 / 3.0,
    };
    [0.5 - reach, 0.5, 0.5 + reach]
}

/// The same ways with a certain amount in place of the recovery: all else is paid as before.
fn instead(choices: &Choices, amount: impl Fn(&Way) -> f64) -> Choices {
    choices.map(|_, _, way| {
        let certain = Way::certain(amount(way), way.discount);
        Some(Way { gain: way.gain - way.discount * way.net() + certain.gain, ..certain })
    })
}

/// A unit that may not be there. `turns_up`: whether it is handed over without a search.
pub(super) fn ghost(bench: &Bench<'_>, chance: impl Fn(End) -> f64) -> Option<Told> {
    let lost = bench.gaps().failed_collection;
    let missing = bench.planned.cohort.standing == Standing::Missing;
    // What is recorded as missing is on no list: nothing is collected, and nothing comes in.
    let trip = if missing { 0.0 } else { -lost };
    let not_found = instead(&bench.base, |_| trip);
    let gone = bench.base.map(|month, _, way| {
        let certain = Way::certain(trip, way.discount);
        Some(Way { gain: certain.gain - if missing { 0.0 } else { month.paid_anyway }, ..certain })
    });
    let found = bench.best_way()?;
    let told = bench.tell(None, |end| {
        let there = chance(end);
        let turns_up = if missing { 0.0 } else { bench.gaps().turns_up.at(end) };
        Some(vec![
            State::new(there * turns_up, bench.base.clone()),
            State { chance: there * (1.0 - turns_up), blind: not_found.clone(), known: Some(found) },
            State { chance: 1.0 - there, blind: gone.clone(), known: Some(Way::certain(0.0, 1.0)) },
        ])
    })?;
    if !missing {
        return Some(told);
    }
    let effect = |end: End| chance(end) * found.net().max(0.0);
    Some(Told { effect: (effect(End::Low), effect(End::High)), ..told })
}

/// A unit that may be locked.
pub(super) fn lock(bench: &Bench<'_>, chance: Span) -> Option<Told> {
    let open = [Route::Parts, Route::Recycle, Route::Destroy];
    let locked = bench.base.map(|_, route, way| open.contains(&route).then_some(*way));
    let work = bench.gaps().release_minutes / 60.0 * bench.gaps().labour_per_hour;
    let released = bench.best_way()?.plus(-work);
    bench.tell(None, |end| {
        let (locks, works) = (chance.at(end), bench.gaps().release_works.at(end));
        Some(vec![
            State::new(1.0 - locks, bench.base.clone()),
            State { chance: locks * works, blind: locked.clone(), known: Some(released) },
            State::new(locks * (1.0 - works), locked.clone()),
        ])
    })
}

/// A unit that sells at a haircut for want of something that is easily said.
pub(super) fn haircut(bench: &Bench<'_>, share: Span) -> Option<Told> {
    let known = bench.best_way()?;
    bench.tell(None, |end| {
        let blind = bench.base.map(|_, route, way| {
            Some(if route.is_sale() { way.at_share(1.0 - share.at(end)) } else { *way })
        });
        Some(vec![State { chance: 1.0, blind, known: Some(known) }])
    })
}

/// A unit of unknown condition: the usual mixture of grades.
pub(super) fn condition(bench: &Bench<'_>) -> Option<Told> {
    let states: Vec<State> = grade::usual_mixture()
        .map(|(grade, share)| {
            let asset = Asset { grade: Some(grade), ..bench.asset.clone() };
            Some(State::new(share, bench.supposing(&asset)?))
        })
        .collect::<Option<_>>()?;
    bench.tell(Some(bench.gaps().priced_at_worst), |_| Some(states.clone()))
}

/// A server of unknown configuration: what the register does not say is one of those the policy names.
pub(super) fn configuration(bench: &Bench<'_>) -> Option<Told> {
    let holds = &bench.gaps().server_holds;
    let total: f64 = holds.iter().map(|holds| holds.chance).sum();
    let states: Vec<State> = holds
        .iter()
        .map(|holds| {
            let mut asset = bench.asset.clone();
            asset.cpu_count = asset.cpu_count.or(Some(holds.processors));
            asset.ram_gb = asset.ram_gb.or(Some(holds.memory_gb));
            asset.storage_gb = asset.storage_gb.or(Some(holds.storage_gb));
            Some(State::new(holds.chance / total, bench.supposing(&asset)?))
        })
        .collect::<Option<_>>()?;
    bench.tell(Some(bench.gaps().priced_at_worst), |_| Some(states.clone()))
}

/// A unit whose drives nobody recorded. `None` where the policy destroys them anyway.
pub(super) fn drives(bench: &Bench<'_>) -> Option<Told> {
    let disposal = &bench.policy().disposal;
    if disposal.data != DataRule::Wipe {
        return None;
    }
    let without = bench.base.map(|_, route, way| {
        Some(if route.is_sale() { way.at_share(disposal.without_drives_factor) } else { *way })
    });
    bench.tell(Some(bench.gaps().priced_at_worst), |end| {
        let has = bench.gaps().has_drives.at(end);
        Some(vec![State::new(has, bench.base.clone()), State::new(1.0 - has, without.clone())])
    })
}

/// A unit bought in one of several months, with the chances that all evidence together gives them.
pub(super) fn age(bench: &Bench<'_>) -> Option<Told> {
    let acquired = bench.planned.cohort.acquired.as_ref().filter(|acquired| !acquired.is_certain())?;
    bench.tell(None, |_| {
        let states = acquired.support().iter().map(|&(month, chance)| {
            let known = AcquiredMonths::certain(month, acquired.basis(), Vec::new());
            let cohort = Cohort { acquired: Some(known), ..bench.planned.cohort.as_ref().clone() };
            Some(State::new(chance, bench.supposing_product(&cohort, bench.asset)?))
        });
        states.collect()
    })
}

/// A machine of unknown load.
pub(super) fn load(bench: &Bench<'_>) -> Option<Told> {
    let loads = bench.gaps().loads;
    bench.tell(None, |end| {
        let states = thirds(end).into_iter().map(|share| {
            let load = if share < 0.5 {
                loads.usual - (0.5 - share) * 3.0 * (loads.usual - loads.low)
            } else {
                loads.usual + (share - 0.5) * 3.0 * (loads.high - loads.usual)
            };
            let asset = Asset { utilization: Some(load), ..bench.asset.clone() };
            Some(State::new(1.0 / 3.0, bench.supposing(&asset)?))
        });
        states.collect()
    })
}

/// A unit whose product nobody knows: its price level is as unsure as the forecast says.
pub(super) fn price_level(bench: &Bench<'_>) -> Option<Told> {
    let forecast = bench.planned.forecast.as_ref()?;
    let variance = forecast.points.first()?.variance.product;
    let raw = NORMAL_POINTS.map(|(point, weight)| ((point * variance.sqrt()).exp(), weight));
    let mean: f64 = raw.iter().map(|(factor, weight)| factor * weight).sum();
    let states: Vec<State> = raw
        .into_iter()
        .map(|(factor, weight)| {
            let choices = bench.base.map(|_, _, way| {
                // The mean of a known level is that of all, its spread what is left without the product's.
                let mut price = way.price;
                let known = variance.min(price.variance_log);
                price.variance_log -= known;
                price.mean_log += 0.5 * known;
                Some(Way { price, ..*way }.at_share(factor / mean))
            });
            State::new(weight, choices)
        })
        .collect();
    bench.tell(None, |_| Some(states.clone()))
}

/// A unit that may be a lessor's.
pub(super) fn ownership(bench: &Bench<'_>, owned: Span) -> Option<Told> {
    let fee = bench.policy().lease.return_cost;
    let lost = bench.gaps().failed_collection;
    let back = best_way(&instead(&bench.base, |_| -fee));
    bench.tell(None, |end| {
        let charged = bench.gaps().charged_back.at(end);
        let sold = instead(&bench.base, |way| -fee - lost - charged * way.price.mean());
        let owned = owned.at(end);
        Some(vec![
            State::new(owned, bench.base.clone()),
            State { chance: 1.0 - owned, blind: sold, known: back },
        ])
    })
}

/// A held unit.
pub(super) fn hold(bench: &Bench<'_>) -> Option<Told> {
    let later = bench.base.months.iter().position(|month| month.ahead >= HELD_MONTHS)?;
    let held = Choices { months: vec![bench.base.months[later].clone()] };
    let now = bench.base.months.first()?.best()?.1;
    let told = bench.tell(None, |end| {
        let free = bench.gaps().hold_released.at(end);
        Some(vec![
            State { chance: free, blind: held.clone(), known: Some(now) },
            State::new(1.0 - free, held.clone()),
        ])
    })?;
    let effect = |end: End| bench.gaps().hold_released.at(end) * now.net().max(0.0);
    Some(Told { effect: (effect(End::Low), effect(End::High)), ..told })
}

/// A row that looks like no IT gear.
pub(super) fn worthless(bench: &Bench<'_>) -> Option<Told> {
    let nothing = bench.base.map(|_, _, way| Some(way.at_share(0.0)));
    bench.tell(None, |end| {
        let chance = bench.gaps().worthless.at(end);
        Some(vec![State::new(chance, nothing.clone()), State::new(1.0 - chance, bench.base.clone())])
    })
}

/// Whether units of a class carry locks.
pub(crate) fn can_be_locked(class: AssetClass) -> bool {
    use AssetClass::{Desktop, Laptop, Phone, Tablet, Workstation};
    matches!(class, Laptop | Desktop | Workstation | Phone | Tablet)
}

/// Whether units of a class carry drives.
pub(crate) fn carries_data(class: AssetClass) -> bool {
    use AssetClass::{Desktop, Laptop, Server, Storage, Workstation};
    matches!(class, Laptop | Desktop | Workstation | Server | Storage)
}

/// Whether a unit's condition is one of the usual mixture.
pub(super) fn condition_is_open(asset: &Asset) -> bool {
    asset.grade.is_none() && asset.status != Status::InRepair
}
