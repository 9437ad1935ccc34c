//! Limits that contradict each other, by name, and the least that must give.
//!
//! In: the units that cannot stay (their lease or contract ends) and the limits. Out: [`Conflict`]s. A programme with a
//! slack on every limit, freeze, delivery and end looks for the least units that break any of them: `min Σ slack`. Money of
//! a budget counts as units by the mean price of a successor. Between reliefs that are equal the order is capacity, budget,
//! freeze, delivery, end, and of equal months the latest, by differences of a few per cent in the costs.

use std::collections::BTreeMap;

use super::build::{Built, LimitName, Limits, Origin, site};
use super::candidates::{Candidate, Frame, Hindrance};
use super::convex::{self, Column, Programme, Solution};
use super::problem::{Exit, ROUNDING};
use crate::decide::plan::PlannedCohort;
use crate::fleet::Fleet;
use crate::units::Month;

/// Less than this of a unit is the solver's noise.
const NOISE: f64 = 0.01;

/// A limit that cannot be kept, and by how much it must give.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Which limit: `capacity of Austin in 2027-03`.
    pub limit: String,
    /// The month in which it breaks, of limits by month.
    pub month: Option<Month>,
    /// What it allows: units, or money of a budget.
    pub allowed: f64,
    /// What is needed.
    pub needed: f64,
    /// Which product needs it most.
    pub product: String,
    /// The whole sentence.
    pub message: String,
}

/// A unit's way in the programme.
struct Way<'a> {
    origin: &'a Origin,
    candidate: &'a Candidate,
    uses: [Option<(usize, f64)>; 2],
}

/// The conflicts between limits; none when everything that must leave can.
pub(super) fn conflicts(
    frame: &Frame<'_>,
    built: &Built,
    cohorts: &[PlannedCohort],
    fleet: &Fleet,
) -> Vec<Conflict> {
    if built.limits.is_empty() && built.impossible.is_empty() {
        // Everybody has a way, and nobody is in it.
        return Vec::new();
    }
    let must_leave =
        |(item, origin): (&super::problem::Item, &'_ Origin)| !item.can_stay() && origin.deadline.is_some();
    let origins: Vec<&Origin> = built
        .problem
        .items
        .iter()
        .zip(&built.origins)
        .filter(|(item, origin)| must_leave((item, origin)))
        .map(|(_, origin)| origin)
        .chain(&built.impossible)
        .collect();
    if origins.is_empty() {
        return Vec::new();
    }
    let mut limits = Limits::default();
    let ways = ways(frame, &origins, cohorts, fleet, &mut limits);
    if all_can_leave(cohorts, &ways, &limits.amounts) {
        return Vec::new();
    }
    let limits: Vec<(LimitName, f64)> = limits.names.into_iter().zip(limits.amounts).collect();
    let programme = programme(frame, &origins, cohorts, &ways, &limits);
    let Some(solution) = convex::solve(&programme) else { return Vec::new() };
    let mut found = of_limits(frame, cohorts, &ways, &limits, &solution);
    found.extend(of_hindrances(frame, cohorts, fleet, &ways, &solution));
    found
}

fn ways<'a>(
    frame: &Frame<'_>,
    origins: &[&'a Origin],
    cohorts: &[PlannedCohort],
    fleet: &'a Fleet,
    limits: &mut Limits<'a>,
) -> Vec<Way<'a>> {
    let mut ways = Vec::new();
    for origin in origins {
        let site = site(fleet, &cohorts[origin.cohort]);
        let candidates = origin.candidates.iter().filter(|candidate| candidate.exit != Exit::Unsold);
        ways.extend(candidates.map(|candidate| Way {
            origin,
            candidate,
            uses: limits.used(frame, site, candidate),
        }));
    }
    ways
}

/// Whether everybody finds a place that breaks nothing when those who must go first are placed first, each as late as it
/// can. Then no programme needs to say so.
fn all_can_leave(cohorts: &[PlannedCohort], ways: &[Way<'_>], limits: &[f64]) -> bool {
    let mut of_origins: Vec<&[Way<'_>]> =
        ways.chunk_by(|one, next| std::ptr::eq(one.origin, next.origin)).collect();
    of_origins.sort_by_key(|ways| ways[0].origin.deadline.map(|deadline| deadline.last));
    let mut left = limits.to_vec();
    of_origins.into_iter().all(|ways| {
        let mut units = cohorts[ways[0].origin.cohort].cohort.units;
        let open = ways.iter().rev().filter(|way| way.candidate.hindrances.is_empty());
        for way in open {
            let room = |(limit, each): &(usize, f64)| match *each > 0.0 {
                true => ((left[*limit] + ROUNDING) / each).floor().max(0.0) as u64,
                false => u64::MAX,
            };
            let leaving = way.uses.iter().flatten().map(room).min().unwrap_or(u64::MAX).min(units);
            for (limit, each) in way.uses.iter().flatten() {
                left[*limit] -= each * leaving as f64;
            }
            units -= leaving;
        }
        units == 0
    })
}

/// Ways cost what they break; slacks come after them, one a limit.
fn programme(
    frame: &Frame<'_>,
    origins: &[&Origin],
    cohorts: &[PlannedCohort],
    ways: &[Way<'_>],
    limits: &[(LimitName, f64)],
) -> Programme {
    let units = |origin: &Origin| cohorts[origin.cohort].cohort.units as f64;
    let row: BTreeMap<usize, usize> =
        origins.iter().enumerate().map(|(row, origin)| (origin.cohort, row)).collect();
    let purchases: Vec<f64> =
        ways.iter().map(|way| way.candidate.purchase).filter(|price| *price > 0.0).collect();
    let mean_purchase = (purchases.iter().sum::<f64>() / purchases.len().max(1) as f64).max(1.0);
    let horizon = frame.horizon() as f64;
    let mut columns: Vec<Column> = ways
        .iter()
        .map(|way| {
            let month = way.candidate.month.unwrap_or(0);
            let broken = |hindrance: &Hindrance| match hindrance {
                Hindrance::Frozen(_) => 1.04 + 0.01 * (1.0 - month as f64 / horizon),
                Hindrance::Undelivered(..) => 1.06 + 0.01 * (1.0 - month as f64 / horizon),
                Hindrance::Late(_) => 1.08 + 0.01 * month as f64 / horizon,
            };
            let mut below: Vec<(usize, f64)> = way.uses.iter().flatten().copied().collect();
            for (limit, each) in &mut below {
                *each /= unit_of(&limits[*limit].0, mean_purchase);
            }
            below.sort_unstable_by_key(|(limit, _)| *limit);
            Column {
                cost: way.candidate.hindrances.iter().map(broken).sum(),
                equal: vec![(row[&way.origin.cohort], 1.0)],
                below,
                terms: Vec::new(),
            }
        })
        .collect();
    columns.extend(limits.iter().enumerate().map(|(limit, (name, _))| {
        let cost = match name {
            LimitName::Capacity(_, month) => 1.0 + 0.01 * (1.0 - *month as f64 / horizon),
            LimitName::Budget(_) => 1.02,
        };
        Column { cost, below: vec![(limit, -1.0)], ..Column::default() }
    }));
    Programme {
        columns,
        equal: origins.iter().map(|origin| units(origin)).collect(),
        below: limits.iter().map(|(name, limit)| limit / unit_of(name, mean_purchase)).collect(),
        terms: Vec::new(),
    }
}

/// One unit of a limit: a unit, or the money of a mean purchase.
fn unit_of(name: &LimitName, mean_purchase: f64) -> f64 {
    match name {
        LimitName::Capacity(..) => 1.0,
        LimitName::Budget(_) => mean_purchase,
    }
}

fn of_limits(
    frame: &Frame<'_>,
    cohorts: &[PlannedCohort],
    ways: &[Way<'_>],
    limits: &[(LimitName, f64)],
    solution: &Solution,
) -> Vec<Conflict> {
    let slacks = &solution.columns[ways.len()..];
    let mut found = Vec::new();
    for (limit, ((name, allowed), slack)) in limits.iter().zip(slacks).enumerate() {
        if *slack < NOISE {
            continue;
        }
        let mut used = 0.0;
        let mut by_product: BTreeMap<&str, f64> = BTreeMap::new();
        for (way, units) in ways.iter().zip(&solution.columns) {
            for (_, each) in way.uses.iter().flatten().filter(|(used, _)| *used == limit) {
                used += each * units;
                *by_product.entry(&cohorts[way.origin.cohort].cohort.label).or_default() += units;
            }
        }
        let product = most(&by_product);
        let (month, needed, text) = match name {
            LimitName::Capacity(site, month) => {
                let (month, needed) = (frame.as_of.plus(*month as i32), (used - NOISE).ceil());
                let text = format!(
                    "handles {allowed:.0} units, but {needed:.0} must leave, {product} among them: {:.0} more are needed",
                    needed - allowed
                );
                (Some(month), needed, format!("{} {text}", capacity(site, month)))
            }
            LimitName::Budget(quarter) => {
                let text = format!(
                    "is {allowed:.0}, but the successors of what must leave cost {used:.0}, {product} among them: {:.0} \
                     more is needed",
                    used - allowed
                );
                (None, used, format!("budget of {quarter} {text}"))
            }
        };
        let limit = limit_words(frame, name);
        found.push(Conflict {
            limit,
            month,
            allowed: *allowed,
            needed,
            product: product.to_owned(),
            message: text,
        });
    }
    found
}

fn most<'a>(by_product: &BTreeMap<&'a str, f64>) -> &'a str {
    by_product.iter().max_by(|a, b| a.1.total_cmp(b.1)).map_or("", |(product, _)| product)
}

/// `capacity of Austin in 2027-03`.
pub(super) fn limit_words(frame: &Frame<'_>, name: &LimitName) -> String {
    match name {
        LimitName::Capacity(site, month) => capacity(site, frame.as_of.plus(*month as i32)),
        LimitName::Budget(quarter) => format!("budget of {quarter}"),
    }
}

fn capacity(site: &str, month: Month) -> String {
    let site = if site.is_empty() { "no site" } else { site };
    format!("capacity of {site} in {month}")
}

/// `freeze of Berlin from 2026-12 to 2027-01`.
pub(super) fn hindrance_words(frame: &Frame<'_>, hindrance: &Hindrance) -> String {
    match hindrance {
        Hindrance::Frozen(position) => {
            let freeze = &frame.policy.freeze[*position];
            let site = freeze.site.as_deref().unwrap_or("every site");
            format!("freeze of {site} from {} to {}", freeze.from, freeze.to)
        }
        Hindrance::Undelivered(name, from) => format!("delivery of {name} in {from}"),
        Hindrance::Late(end) => format!("lease or contract end {end}"),
    }
}

/// What is broken, at which site, by which product, and when its lease or contract ends.
type Broken<'a> = (&'a Hindrance, &'a str, &'a str, Option<Month>);

/// Units that the least relief lets through a freeze, before a delivery, after an end.
fn of_hindrances(
    frame: &Frame<'_>,
    cohorts: &[PlannedCohort],
    fleet: &Fleet,
    ways: &[Way<'_>],
    solution: &Solution,
) -> Vec<Conflict> {
    let mut broken: BTreeMap<Broken<'_>, (f64, Option<Month>)> = BTreeMap::new();
    for (way, units) in ways.iter().zip(&solution.columns).filter(|(_, units)| **units > NOISE) {
        for hindrance in &way.candidate.hindrances {
            let planned = &cohorts[way.origin.cohort];
            let leaves = way.candidate.month.map(|month| frame.as_of.plus(month as i32));
            let end = way.origin.deadline.map(|deadline| frame.as_of.plus(deadline.last as i32));
            let key = (hindrance, site(fleet, planned), planned.cohort.label.as_str(), end);
            let sum = broken.entry(key).or_default();
            sum.0 += units;
            sum.1 = sum.1.max(leaves);
        }
    }
    let sentence =
        |((hindrance, site, product, end), (units, leaves)): (Broken<'_>, (f64, Option<Month>))| {
            let units = (units - NOISE).ceil();
            let limit = hindrance_words(frame, hindrance);
            let until = end.map_or(String::new(), |end| format!(", whose lease or contract ends in {end},"));
            let must = match leaves {
                Some(month) => format!("must leave in {month}"),
                None => "must stay".to_owned(),
            };
            let message = format!("{limit}: {units:.0} × {product} at {site}{until} {must} all the same");
            Conflict {
                limit,
                month: leaves,
                allowed: 0.0,
                needed: units,
                product: product.to_owned(),
                message,
            }
        };
    broken.into_iter().map(sentence).collect()
}
