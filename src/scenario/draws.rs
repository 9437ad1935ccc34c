//! What could come of a plan, in draws that all scenarios share.
//!
//! In: a plan, its flows. Out: net recovery and total cost in every joint draw. The draws are those of the totals of the
//! plan: market, curve, product and the luck of units each have a stream by name, so that a scenario meets the same
//! fortune as the base and a difference is no noise (common random numbers). Random are the prices of what is sold and of
//! what is left at the horizon; successors are drawn with the market of their class, by the spread of the published
//! curve. Costs of holding and prices of purchases are taken as certain.

use std::collections::BTreeMap;

use crate::catalog::AssetClass;
use crate::decide::{Exit, Memory, Placement, Scheduled, Term, Total, added, net_of};
use crate::price::published::{PublishedCurve, UNIT_SPREAD};
use crate::units::{Currency, Money, Month};

/// Spreads and streams of luck that are kept from one scenario to the next, 32 kB each.
const KEPT_SPREADS: usize = 3_000;
const KEPT_LUCKS: usize = 2_000;

/// Age at which the spread of successors is read off the published curve, years.
const USUAL_LIFE_YEARS: f64 = 4.0;

/// Place of what is left at the horizon among the sums; those of quarters follow.
const LEFT: usize = 0;

/// Draws of all scenarios of a run, made once and read by all.
#[derive(Debug)]
pub(super) struct Shared(Memory);

impl Default for Shared {
    fn default() -> Shared {
        Shared(Memory::keeping(KEPT_SPREADS, KEPT_LUCKS))
    }
}

/// What leaves, summed in joint draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// Everything.
    pub all: Total,
    /// By quarter of leaving, named `2026 Q4`.
    pub by_quarter: BTreeMap<String, Total>,
}

/// What leaves by quarter, and what is left, in every draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    quarters: BTreeMap<String, Quarter>,
    /// Net recovery, all quarters together.
    pub recovery: Vec<f64>,
    /// Worth of what is left at the horizon.
    pub left: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Quarter {
    units: u64,
    minor: i64,
    draws: Vec<f64>,
}

impl Drawn {
    /// What leaves, with intervals.
    pub(super) fn recovery(&self, currency: Currency) -> Recovery {
        let total = |quarter: &Quarter| {
            let expected = Money::from_minor(quarter.minor, currency);
            Total::of_draws(quarter.units, expected, &mut quarter.draws.clone())
        };
        let all = Quarter {
            units: self.quarters.values().map(|quarter| quarter.units).sum(),
            minor: self.quarters.values().map(|quarter| quarter.minor).sum(),
            draws: self.recovery.clone(),
        };
        Recovery {
            all: total(&all),
            by_quarter: self.quarters.iter().map(|(name, quarter)| (name.clone(), total(quarter))).collect(),
        }
    }
}

impl Shared {
    /// Draws a plan, `horizon` months of it. `names` are the names of the luck of its cohorts.
    pub(super) fn draw(&self, plan: &Scheduled, names: &[String], horizon: usize) -> Drawn {
        self.drawn(plan, names, &|_| true, Some(horizon))
    }

    /// Draws what leaves of chosen cohorts.
    pub(super) fn leaving(
        &self,
        plan: &Scheduled,
        names: &[String],
        chosen: &dyn Fn(usize) -> bool,
    ) -> Drawn {
        self.drawn(plan, names, chosen, None)
    }

    fn drawn(
        &self,
        plan: &Scheduled,
        names: &[String],
        chosen: &dyn Fn(usize) -> bool,
        horizon: Option<usize>,
    ) -> Drawn {
        let mut quarters: BTreeMap<String, (usize, Quarter)> = BTreeMap::new();
        let mut terms = Vec::new();
        let placements = plan.schedule.placements.iter();
        for placement in placements.filter(|placement| placement.exit != Exit::Returned) {
            if !chosen(placement.cohort) {
                continue;
            }
            let luck = &names[placement.cohort];
            let next = LEFT + 1 + quarters.len();
            let mut sum = |month: Month| {
                let (sum, quarter) =
                    quarters.entry(month.quarter_name()).or_insert_with(|| (next, Quarter::default()));
                quarter.units += placement.units;
                quarter.minor += placement.recovery.minor() * placement.units as i64;
                *sum
            };
            terms.extend(term(plan, placement, luck, horizon, &mut sum));
        }
        let mut sums = self.0.sums(&terms, LEFT + 1 + quarters.len());
        let recovery = added(&sums[LEFT + 1..]);
        let mut quarter = |(name, (sum, quarter)): (String, (usize, Quarter))| {
            (name, Quarter { draws: std::mem::take(&mut sums[sum]), ..quarter })
        };
        let quarters = quarters.into_iter().map(&mut quarter).collect();
        Drawn { quarters, recovery, left: sums.swap_remove(LEFT) }
    }

    /// Factor on the worth of successors of a class in every draw, one on average.
    pub(super) fn of_class(&self, class: AssetClass) -> Vec<f64> {
        let spread = PublishedCurve::of_class(class).at(USUAL_LIFE_YEARS).variance_log;
        let common = (spread - UNIT_SPREAD.powi(2)).max(0.0);
        let normals = self.0.normals(&format!("market {}", class.name()));
        normals.iter().map(|normal| (common.sqrt() * normal - 0.5 * common).exp()).collect()
    }
}

/// What units bring in, or are worth at a horizon where they stay; nothing where no price is known. `sum` gives the place
/// of the sum of a month.
fn term<'a>(
    plan: &'a Scheduled,
    placement: &Placement,
    luck: &'a str,
    horizon: Option<usize>,
    sum: &mut dyn FnMut(Month) -> usize,
) -> Option<Term<'a>> {
    let planned = &plan.cohorts[placement.cohort];
    let forecast = planned.forecast.as_ref()?;
    let (ahead, net, sum) = match (placement.month, placement.route) {
        (Some(month), Some(route)) => {
            let ahead = month.months_since(plan.as_of).max(0) as usize;
            (ahead, net_of(planned, placement, route, ahead), sum(month))
        }
        (None, _) => {
            let horizon = horizon?;
            (horizon, planned.decision.prospects.as_ref()?.offers[horizon], LEFT)
        }
        (Some(_), None) => return None,
    };
    Some(Term {
        forecast,
        ahead,
        of_units: planned.cohort.units,
        luck,
        count: placement.units as f64,
        net,
        factor: plan.currency_per_dollar,
        sum,
    })
}

/// Names of the luck of each cohort: that of the base cohort that its first asset belongs to, so that a scenario meets the
/// luck of the base. Where a scenario parts a cohort, each further part has a luck of its own.
pub(super) fn luck_names(plan: &Scheduled, base: &Scheduled) -> Vec<String> {
    let name = |first: usize| {
        let place = base.cohort_of[first];
        if base.cohorts[place].cohort.assets[0] == first {
            format!("units {place}")
        } else {
            format!("units {place} from {first}")
        }
    };
    plan.cohorts.iter().map(|planned| name(planned.cohort.assets[0])).collect()
}
