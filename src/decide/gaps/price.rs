//! What every gap of every asset costs.
//!
//! In: a plan. Out: [`PricedGap`]s in the order of assets and codes. Gaps that all units of a cohort share are priced once
//! for the cohort; those that differ by unit (was it seen, is it enrolled, do its sources agree) are priced for each, from the
//! same choices. A gap that no price speaks of is listed without one: `cost` is `None`, which is not nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::bench::{Bench, Shop, Told};
use super::conflict;
use super::existence;
use super::open::{Doubt, Gap, Surroundings};
use super::states;
use crate::decide::cohort::Cohort;
use crate::decide::decision::Context;
use crate::decide::plan::{Plan, PlanError, PlanInput, PlannedCohort};
use crate::decide::redeploy;
use crate::decide::scheduled::Policies;
use crate::decide::valuation::UsualCosts;
use crate::fleet::Asset;
use crate::units::{Money, MoneyError, Quantiles, Work};

/// Days in a month.
const DAYS: f64 = 365.25 / 12.0;

/// What a gap costs, from the low end of what is believed to the high one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// At the low end.
    pub low: Money,
    /// At the high end.
    pub high: Money,
}

impl Stake {
    /// Nothing.
    pub const fn zero(currency: crate::units::Currency) -> Stake {
        Stake { low: Money::zero(currency), high: Money::zero(currency) }
    }

    /// Both ends added, to the cent.
    #[must_use]
    pub fn plus(self, other: Stake) -> Stake {
        let sum = |a: Money, b: Money| Money::from_minor(a.minor().saturating_add(b.minor()), a.currency());
        Stake { low: sum(self.low, other.low), high: sum(self.high, other.high) }
    }

    /// The middle of the span, by which fixes are ranked.
    pub fn middle(self) -> f64 {
        0.5 * (self.low.major() + self.high.major())
    }

    fn from_ends(
        (low, high): (f64, f64),
        units: f64,
        currency: crate::units::Currency,
    ) -> Result<Stake, MoneyError> {
        Ok(Stake {
            low: Money::from_major(units * low, currency)?,
            high: Money::from_major(units * high, currency)?,
        })
    }
}

/// One gap of one asset with what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedGap {
    /// Code of the check, `DQ-01` to `DQ-30`.
    pub code: &'static str,
    /// Position of the asset in the fleet.
    pub asset: usize,
    /// Units of its record.
    pub units: u32,
    /// Whether the unit is enrolled in device management: such a lock is known, and is released and not found out.
    pub enrolled: bool,
    /// What it costs not to know, all units of the record; `None` where no price speaks of it.
    pub cost: Option<Stake>,
    /// By how much the expected recovery differs from what the plan counts, all units of the record.
    pub effect: Option<Stake>,
    /// Net recovery of one unit by the best way without knowing: the mixture over what may be.
    pub recovery: Option<Quantiles>,
    /// How much wider its interval of eight in ten is than that of a known unit, one unit.
    pub widening: Option<f64>,
}

/// Prices the gaps of a planned fleet.
pub(super) fn price(input: &PlanInput<'_>, plan: &Plan, work: Work<'_>) -> Result<Vec<PricedGap>, PlanError> {
    let rates = input.policy.rates();
    let groups: Vec<Arc<Cohort>> = plan.cohorts.iter().map(|planned| Arc::clone(&planned.cohort)).collect();
    let usual_costs = UsualCosts::of(input.fleet, groups.iter().map(Arc::as_ref), &rates);
    let policies = Policies::of(input, groups.iter().map(Arc::as_ref))?;
    let demands = redeploy::assign(input.policy, input.fleet, &groups);
    let around = Surroundings::of(input);
    let shop = Shop { input, usual_costs: &usual_costs };
    let stage = work.stage("pricing gaps", plan.cohorts.len());
    let found: Vec<Vec<PricedGap>> = plan
        .cohorts
        .par_iter()
        .zip(demands)
        .enumerate()
        .map(|(position, (planned, demand))| {
            let context = policies.context(position, input, &rates, plan.currency_per_dollar, true);
            let demand = demand.map(|position| &input.policy.redeploy.demand[position]);
            let gaps = of_cohort(&around, shop, context, planned, demand)?;
            stage.step()?;
            Ok(gaps)
        })
        .collect::<Result<_, PlanError>>()?;
    let mut found: Vec<PricedGap> = found.into_iter().flatten().collect();
    found.sort_by_key(|gap| (gap.asset, gap.code));
    Ok(found)
}

fn of_cohort<'a>(
    around: &Surroundings<'_>,
    shop: Shop<'a>,
    context: Context<'a>,
    planned: &'a PlannedCohort,
    demand: Option<&'a crate::decide::policy::Demand>,
) -> Result<Vec<PricedGap>, MoneyError> {
    let assets = &shop.input.fleet.assets;
    let mut gaps_of =
        planned.cohort.assets.iter().map(|index| (*index, around.gaps_of(&assets[*index], planned)));
    let gaps_of: Vec<(usize, Vec<Gap>)> = gaps_of.by_ref().filter(|(_, gaps)| !gaps.is_empty()).collect();
    if gaps_of.is_empty() {
        return Ok(Vec::new());
    }
    let bench = Bench::new(shop, context, planned, demand);
    let mut shared: BTreeMap<String, Option<Told>> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, gaps) in gaps_of {
        let asset = &assets[index];
        for gap in gaps {
            let told = bench.as_ref().and_then(|bench| {
                if differs_by_unit(gap) {
                    return of_unit(bench, around, asset, gap);
                }
                *shared.entry(format!("{gap:?}")).or_insert_with(|| of_all(bench, gap))
            });
            found.push(priced(gap, index, asset, told, context.policy.currency)?);
        }
    }
    Ok(found)
}

fn priced(
    gap: Gap,
    index: usize,
    asset: &Asset,
    told: Option<Told>,
    currency: crate::units::Currency,
) -> Result<PricedGap, MoneyError> {
    let units = f64::from(asset.quantity);
    let stake =
        |ends: Option<(f64, f64)>| ends.map(|ends| Stake::from_ends(ends, units, currency)).transpose();
    Ok(PricedGap {
        code: gap.code(),
        asset: index,
        units: asset.quantity,
        enrolled: asset.enrolled == Some(true),
        cost: stake(told.map(|told| told.cost))?,
        effect: stake(told.map(|told| told.effect))?,
        recovery: told.map(|told| told.usual.recovery),
        widening: told.map(|told| told.usual.widening),
    })
}

/// Whether the units of one cohort can differ in a gap.
const fn differs_by_unit(gap: Gap) -> bool {
    matches!(gap, Gap::Ghost | Gap::Conflict | Gap::NoAge | Gap::TwoDates | Gap::FewAtSite)
}

fn of_unit(bench: &Bench<'_>, around: &Surroundings<'_>, asset: &Asset, gap: Gap) -> Option<Told> {
    match gap {
        Gap::Ghost => {
            let as_of = bench.input().as_of;
            states::ghost(bench, |end| {
                existence::probability(asset, bench.gaps(), as_of, around.watched, end)
            })
        }
        Gap::Conflict => conflict::price(bench, asset),
        Gap::NoAge | Gap::TwoDates => states::age(bench),
        Gap::FewAtSite => {
            let units = around.units_at(asset.site.as_deref()).max(1) as f64;
            let pickup = bench.gaps().pickup;
            // Nobody sends a car for less than it brings back: then the unit stays, and what it would bring in is lost.
            let recovery = bench.planned.decision.recovery.mean;
            let most = if recovery > 0.0 { recovery } else { f64::INFINITY };
            flat(bench, ((pickup.low / units).min(most), (pickup.high / units).min(most)))
        }
        _ => None,
    }
}

fn of_all(bench: &Bench<'_>, gap: Gap) -> Option<Told> {
    let gaps = bench.gaps();
    match gap {
        Gap::Found => states::ownership(bench, Doubt::Found.owned(gaps)),
        Gap::Duplicate => states::ghost(bench, |end| gaps.duplicate_exists.at(end)),
        Gap::NoSerial | Gap::BrokenSerial => states::haircut(bench, gaps.no_serial_haircut),
        Gap::Bulk => states::haircut(bench, gaps.unlisted_haircut),
        Gap::Condition | Gap::UnknownScheme => states::condition(bench),
        Gap::Lock { enrolled: true } => states::lock(bench, gaps.not_released),
        Gap::Lock { enrolled: false } => states::lock(bench, gaps.locked.of(bench.planned.cohort.class)?),
        Gap::Load if bench.months_are_free() => states::load(bench),
        Gap::Configuration => states::configuration(bench),
        Gap::Unmatched => states::price_level(bench),
        Gap::TwoPlaces => {
            // What the recovery loses while somebody looks for the unit, day by day.
            let ahead = bench.planned.decision.month?.months_since(bench.input().as_of).max(0) as usize;
            let recoveries = &bench.planned.decision.recoveries;
            let fall = (recoveries.get(ahead)? - recoveries.get(ahead + 1)?).max(0.0) / DAYS;
            flat(bench, (gaps.days_to_locate.low * fall, gaps.days_to_locate.high * fall))
        }
        Gap::Ownership(doubt) => states::ownership(bench, doubt.owned(gaps)),
        Gap::Hold => states::hold(bench),
        Gap::Drives => states::drives(bench),
        Gap::NotIt => states::worthless(bench),
        Gap::Load | Gap::Ghost | Gap::Conflict | Gap::NoAge | Gap::TwoDates | Gap::FewAtSite => None,
    }
}

/// A gap that costs an amount whatever is done, and leaves the recovery as unsure as it is.
fn flat(bench: &Bench<'_>, cost: (f64, f64)) -> Option<Told> {
    let told = bench.tell(None, |_| Some(vec![super::information::State::new(1.0, bench.base.clone())]))?;
    Some(Told { cost, effect: (-cost.1, -cost.0), ..told })
}
