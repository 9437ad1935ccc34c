//! From decided cohorts and the policy's limits to a [`Problem`].
//!
//! In: [`Candidate`]s. Out: the problem, with the names of its limits and pools and, for each item, where it would go
//! if nothing stood in its way.

use std::collections::BTreeMap;

use super::candidates::{Candidate, Deadline, Frame, Hindrance, candidates, deadline};
use super::limits::named;
use super::problem::{Choice, Exit, Item, Pool, Problem};
use crate::catalog::AssetClass;
use crate::decide::plan::PlannedCohort;
use crate::fleet::Fleet;

/// What a limit is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LimitName {
    /// Units of a site in a month ahead.
    Capacity(String, usize),
    /// Money in a quarter.
    Budget(String),
}

/// Who an item is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Origin {
    /// Position of the cohort in the plan.
    pub cohort: usize,
    /// The month it would choose if nothing limited it.
    pub ideal_month: Option<usize>,
    /// Present value of that, one unit.
    pub ideal_value: f64,
    /// What forbids that outright.
    pub hindrance: Option<Hindrance>,
    /// The end it must not pass.
    pub deadline: Option<Deadline>,
    /// Everything it could do, were nothing forbidden.
    pub candidates: Vec<Candidate>,
}

/// A problem and what its numbers are called.
pub(super) struct Built {
    pub problem: Problem,
    /// Names of [`Problem::limits`].
    pub limits: Vec<LimitName>,
    /// Who [`Problem::items`] are. Cohorts that nothing may do have no item and stand in `impossible`.
    pub origins: Vec<Origin>,
    /// Cohorts for which every way is forbidden.
    pub impossible: Vec<Origin>,
}

/// Product and class, as market depth knows them.
type Market = (AssetClass, String);

/// Builds the problem. Cohorts outside the schedule have no item.
pub(super) fn build(frame: &Frame<'_>, cohorts: &[PlannedCohort], fleet: &Fleet) -> Built {
    let origins: Vec<Origin> =
        (0..cohorts.len()).filter_map(|position| origin(frame, cohorts, fleet, position)).collect();
    let markets = Markets::of(frame, cohorts, &origins);
    let mut built = Built {
        problem: Problem { pools: markets.pools.clone(), ..Problem::default() },
        limits: Vec::new(),
        origins: Vec::new(),
        impossible: Vec::new(),
    };
    let mut places = BTreeMap::new();
    for origin in origins {
        let planned = &cohorts[origin.cohort];
        let site = site(fleet, planned);
        let mut choices = Vec::new();
        for candidate in origin.candidates.iter().filter(|candidate| candidate.hindrances.is_empty()) {
            let sale = markets.sale(planned, candidate);
            if candidate.exit == Exit::Unsold && !markets.can_fill(planned, candidate, &origin.candidates) {
                continue;
            }
            let mut add = |name: LimitName, limit: f64| {
                *places.entry(name.clone()).or_insert_with(|| {
                    built.limits.push(name);
                    built.problem.limits.push(limit);
                    built.limits.len() - 1
                })
            };
            choices.push(Choice {
                month: candidate.month,
                exit: candidate.exit,
                pays_to_pass: candidate.pays_to_pass,
                value: candidate.value,
                recovery: candidate.recovery,
                uses: uses(frame, site, candidate, &mut add),
                sale,
            });
        }
        if choices.is_empty() {
            built.impossible.push(origin);
        } else {
            built.problem.items.push(Item { units: planned.cohort.units, choices });
            built.origins.push(origin);
        }
    }
    built
}

/// The site of a cohort, blank when the register names none.
pub(super) fn site<'a>(fleet: &'a Fleet, planned: &PlannedCohort) -> &'a str {
    fleet.assets[planned.cohort.assets[0]].site.as_deref().unwrap_or("")
}

fn origin(frame: &Frame<'_>, cohorts: &[PlannedCohort], fleet: &Fleet, position: usize) -> Option<Origin> {
    let planned = &cohorts[position];
    let asset = &fleet.assets[planned.cohort.assets[0]];
    let candidates = candidates(frame, planned, asset);
    let timely = |candidate: &&Candidate| {
        !candidate.hindrances.iter().any(|hindrance| matches!(hindrance, Hindrance::Late(_)))
    };
    let value = |candidate: &Candidate| candidate.value;
    let better = |best, other| if value(other) > value(best) { other } else { best };
    let ideal = candidates.iter().filter(timely).reduce(better)?;
    Some(Origin {
        cohort: position,
        ideal_month: ideal.month,
        ideal_value: ideal.value,
        hindrance: ideal.hindrances.first().cloned(),
        deadline: deadline(frame, planned, asset),
        candidates,
    })
}

/// The limits that a way uses.
pub(super) fn uses(
    frame: &Frame<'_>,
    site: &str,
    candidate: &Candidate,
    add: &mut impl FnMut(LimitName, f64) -> usize,
) -> [Option<(usize, f64)>; 2] {
    let Some(month) = candidate.month else { return [None, None] };
    let capacity = named(&frame.policy.capacity, site)
        .map(|limit| (add(LimitName::Capacity(site.to_owned(), month), limit as f64), 1.0));
    let quarter = frame.as_of.plus(month as i32).quarter_name();
    let budget = frame.policy.budget.get(&quarter).filter(|_| candidate.purchase > 0.0);
    [capacity, budget.map(|limit| (add(LimitName::Budget(quarter), *limit), candidate.purchase))]
}

/// Pools by market and month.
struct Markets {
    pools: Vec<Pool>,
    places: BTreeMap<(Market, usize), usize>,
    units: BTreeMap<Market, f64>,
}

impl Markets {
    fn of(frame: &Frame<'_>, cohorts: &[PlannedCohort], origins: &[Origin]) -> Markets {
        let mut worth: BTreeMap<(Market, usize), (f64, f64)> = BTreeMap::new();
        let mut units: BTreeMap<Market, f64> = BTreeMap::new();
        for origin in origins {
            let planned = &cohorts[origin.cohort];
            let count = planned.cohort.units as f64;
            *units.entry(market(planned)).or_default() += count;
            for candidate in origin.candidates.iter().filter(|candidate| candidate.market > 0.0) {
                let Some(month) = candidate.month else { continue };
                let sum = worth.entry((market(planned), month)).or_default();
                sum.0 += count * candidate.market;
                sum.1 += count;
            }
        }
        let mut markets = Markets { pools: Vec::new(), places: BTreeMap::new(), units };
        let depth = &frame.policy.depth;
        for (key, (worth, count)) in worth {
            let Some(taken) = depth.units_of(&key.0.1, key.0.0).filter(|_| depth.price_fall > 0.0) else {
                continue;
            };
            markets.places.insert(key, markets.pools.len());
            let steepness = depth.price_fall / taken.max(1.0).sqrt();
            markets.pools.push(Pool { mean_worth: worth / count, steepness });
        }
        markets
    }

    fn sale(&self, planned: &PlannedCohort, candidate: &Candidate) -> Option<(usize, f64)> {
        let pool = *self.places.get(&(market(planned), candidate.month?))?;
        (candidate.market > 0.0).then(|| (pool, candidate.market / self.pools[pool].mean_worth))
    }

    /// Whether the market can be so full in that month that the other way out is the better one.
    fn can_fill(&self, planned: &PlannedCohort, unsold: &Candidate, all: &[Candidate]) -> bool {
        let sold = all.iter().find(|other| {
            other.month == unsold.month
                && other.exit == Exit::Best
                && other.pays_to_pass == unsold.pays_to_pass
        });
        let Some((sold, pool)) = sold.and_then(|sold| Some((sold, self.sale(planned, sold)?.0))) else {
            return false;
        };
        let units = self.units.get(&market(planned)).copied().unwrap_or(0.0);
        // The margin falls half as much again as the price; units of more worth than the mean count for more.
        let most = (4.0 * self.pools[pool].price_fall(units)).min(1.0);
        sold.value - unsold.value <= most * sold.market
    }
}

fn market(planned: &PlannedCohort) -> Market {
    (planned.cohort.class, planned.cohort.label.clone())
}
