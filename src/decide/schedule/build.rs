//! From decided cohorts and the policy's limits to a [`Problem`].
//!
//! In: [`Candidate`]s. Out: the problem, with the names of its limits and pools and, for each item, where it would go
//! if nothing stood in its way.

use std::collections::BTreeMap;

use rayon::prelude::*;

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

/// Class and product, as market depth knows them.
type Market<'a> = (AssetClass, &'a str);

/// Builds the problem. Cohorts outside the schedule have no item.
pub(super) fn build(frame: &Frame<'_>, cohorts: &[PlannedCohort], fleet: &Fleet) -> Built {
    let origins: Vec<Origin> = (0..cohorts.len())
        .into_par_iter()
        .filter_map(|position| origin(frame, cohorts, fleet, position))
        .collect();
    let markets = Markets::of(frame, cohorts, &origins);
    let mut limits = Limits::default();
    let (mut items, mut placed, mut impossible) = (Vec::new(), Vec::new(), Vec::new());
    for (at, origin) in origins.into_iter().enumerate() {
        let (planned, market) = (&cohorts[origin.cohort], markets.of_origin[at]);
        let site = site(fleet, planned);
        let mut choices = Vec::with_capacity(origin.candidates.len());
        for candidate in origin.candidates.iter().filter(|candidate| candidate.hindrances.is_empty()) {
            let sale = markets.sale(market, candidate);
            if candidate.exit == Exit::Unsold && !markets.can_fill(market, candidate, &origin.candidates) {
                continue;
            }
            choices.push(Choice {
                month: candidate.month,
                exit: candidate.exit,
                pays_to_pass: candidate.pays_to_pass,
                value: candidate.value,
                recovery: candidate.recovery,
                uses: limits.used(frame, site, candidate),
                sale,
            });
        }
        if choices.is_empty() {
            impossible.push(origin);
        } else {
            items.push(Item { units: planned.cohort.units, choices });
            placed.push(origin);
        }
    }
    let problem = Problem { items, limits: limits.amounts, pools: markets.pools };
    Built { problem, limits: limits.names, origins: placed, impossible }
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

/// Limits as ways use them, in the order of their first use.
#[derive(Debug, Default)]
pub(super) struct Limits<'a> {
    pub names: Vec<LimitName>,
    /// How much there is of each.
    pub amounts: Vec<f64>,
    /// Capacity of each site that was met; none where nothing limits it.
    sites: BTreeMap<&'a str, Option<SiteLimit>>,
    /// Position of the budget of each quarter.
    quarters: BTreeMap<String, usize>,
}

/// What a site can hand over in every month.
#[derive(Debug)]
struct SiteLimit {
    units: f64,
    /// Position of the limit by month ahead, where it was used.
    places: Vec<Option<usize>>,
}

impl<'a> Limits<'a> {
    /// The limits that a way uses, with how much one unit takes of each.
    pub(super) fn used(
        &mut self,
        frame: &Frame<'_>,
        site: &'a str,
        candidate: &Candidate,
    ) -> [Option<(usize, f64)>; 2] {
        let Some(month) = candidate.month else { return [None, None] };
        [self.capacity(frame, site, month), self.budget(frame, month, candidate.purchase)]
    }

    fn capacity(&mut self, frame: &Frame<'_>, site: &'a str, month: usize) -> Option<(usize, f64)> {
        let of_site = self.sites.entry(site).or_insert_with(|| {
            let limit = named(&frame.policy.capacity, site)?;
            Some(SiteLimit { units: limit as f64, places: vec![None; frame.horizon() + 1] })
        });
        let SiteLimit { units, places } = of_site.as_mut()?;
        let place = *places[month].get_or_insert_with(|| {
            self.names.push(LimitName::Capacity(site.to_owned(), month));
            self.amounts.push(*units);
            self.names.len() - 1
        });
        Some((place, 1.0))
    }

    fn budget(&mut self, frame: &Frame<'_>, month: usize, purchase: f64) -> Option<(usize, f64)> {
        if purchase <= 0.0 || frame.policy.budget.is_empty() {
            return None;
        }
        let quarter = frame.as_of.plus(month as i32).quarter_name();
        let limit = *frame.policy.budget.get(&quarter)?;
        let place = *self.quarters.entry(quarter.clone()).or_insert_with(|| {
            self.names.push(LimitName::Budget(quarter));
            self.amounts.push(limit);
            self.names.len() - 1
        });
        Some((place, purchase))
    }
}

/// Pools by market and month. A market is known by its place among all, in the order of class and product.
struct Markets {
    pools: Vec<Pool>,
    /// Position of the pool of each market, by month ahead.
    places: Vec<Vec<Option<usize>>>,
    /// Units that each market may see.
    units: Vec<f64>,
    /// The market of each origin.
    of_origin: Vec<usize>,
}

impl Markets {
    fn of(frame: &Frame<'_>, cohorts: &[PlannedCohort], origins: &[Origin]) -> Markets {
        let market = |origin: &Origin| -> Market<'_> {
            let cohort = &cohorts[origin.cohort].cohort;
            (cohort.class, cohort.label.as_str())
        };
        let mut known: BTreeMap<Market<'_>, usize> =
            origins.iter().map(|origin| (market(origin), 0)).collect();
        known.values_mut().enumerate().for_each(|(place, market)| *market = place);
        let of_origin: Vec<usize> = origins.iter().map(|origin| known[&market(origin)]).collect();
        let mut worth = vec![vec![(0.0, 0.0); frame.horizon() + 1]; known.len()];
        let mut units = vec![0.0; known.len()];
        for (origin, market) in origins.iter().zip(&of_origin) {
            let count = cohorts[origin.cohort].cohort.units as f64;
            units[*market] += count;
            for candidate in origin.candidates.iter().filter(|candidate| candidate.market > 0.0) {
                let Some(month) = candidate.month else { continue };
                let sum: &mut (f64, f64) = &mut worth[*market][month];
                sum.0 += count * candidate.market;
                sum.1 += count;
            }
        }
        let mut markets = Markets { pools: Vec::new(), places: Vec::new(), units, of_origin };
        for ((class, product), months) in known.keys().zip(worth) {
            let taken = frame.policy.depth.units_of(product, *class);
            let taken = taken.filter(|_| frame.policy.depth.price_fall > 0.0);
            let mut add = |(worth, count): (f64, f64)| {
                let steepness =
                    frame.policy.depth.price_fall / taken.filter(|_| count > 0.0)?.max(1.0).sqrt();
                markets.pools.push(Pool { mean_worth: worth / count, steepness });
                Some(markets.pools.len() - 1)
            };
            let places = months.into_iter().map(&mut add).collect();
            markets.places.push(places);
        }
        markets
    }

    fn sale(&self, market: usize, candidate: &Candidate) -> Option<(usize, f64)> {
        let pool = self.places[market][candidate.month?]?;
        (candidate.market > 0.0).then(|| (pool, candidate.market / self.pools[pool].mean_worth))
    }

    /// Whether the market can be so full in that month that the other way out is the better one.
    fn can_fill(&self, market: usize, unsold: &Candidate, all: &[Candidate]) -> bool {
        let sold = all.iter().find(|other| {
            other.month == unsold.month
                && other.exit == Exit::Best
                && other.pays_to_pass == unsold.pays_to_pass
        });
        let Some((sold, pool)) = sold.and_then(|sold| Some((sold, self.sale(market, sold)?.0))) else {
            return false;
        };
        // The margin falls half as much again as the price; units of more worth than the mean count for more.
        let most = (4.0 * self.pools[pool].price_fall(self.units[market])).min(1.0);
        sold.value - unsold.value <= most * sold.market
    }
}
