//! The fleet decided and scheduled: a plan before it is summed up and told.
//!
//! In: what a plan is made from, and what may be taken over from another ([`Precedent`]). Out: [`Scheduled`]. The road is
//! short: group to cohorts, value and decide each (in parallel, in order), schedule them under the limits of the policy.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use rayon::prelude::*;

use super::books::FleetBooks;
use super::cohort::{self, Cohort};
use super::cost::Wear;
use super::decision::{self, Context, Known};
use super::plan::{Plan, PlanError, PlanInput, PlannedCohort};
use super::policy::{Books, Overriding, Policy, PolicyError, Scope};
use super::precedent::Precedent;
use super::redeploy;
use super::schedule::{self, Exit, Schedule};
use super::valuation::{self, UsualCosts, Valuation, subject};
use crate::fleet::RegisterDate;
use crate::price::Difference;
use crate::units::{Currency, ExchangeRates, Money, MoneyError, Month, Work};

/// What to do with every cohort, and when its units leave.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    /// From which month one looks.
    pub as_of: Month,
    /// Cohorts in the order of their first asset.
    pub cohorts: Vec<PlannedCohort>,
    /// For each asset of the fleet, the position of its cohort.
    pub cohort_of: Vec<usize>,
    /// What the fleet can really do, month by month.
    pub schedule: Schedule,
    /// The policy that holds for each cohort.
    pub policies: Policies,
    /// The demand of the house that each cohort meets, by its position in the policy.
    pub demands: Vec<Option<usize>>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// That currency for one dollar.
    pub currency_per_dollar: f64,
}

impl Scheduled {
    /// Expected net recovery of everything that leaves: the sum of the printed amounts.
    pub(crate) fn recovery(&self) -> Money {
        let sold = self.schedule.placements.iter().filter(|placement| placement.exit != Exit::Returned);
        let leaving = sold.filter(|placement| placement.month.is_some());
        let minor = leaving.map(|placement| placement.recovery.minor() * placement.units as i64).sum();
        Money::from_minor(minor, self.currency)
    }
}

/// The policy that holds for each cohort: few are different.
#[derive(Debug, Clone)]
pub(crate) struct Policies {
    pub(super) different: Vec<Policy>,
    /// Of each of them.
    wear: Vec<Wear>,
    /// Which of them, by cohort.
    pub(super) of_cohort: Vec<usize>,
}

impl Policies {
    /// The policies of cohorts, in their order.
    pub(super) fn of<'a>(
        input: &PlanInput<'_>,
        cohorts: impl Iterator<Item = &'a Cohort>,
    ) -> Result<Policies, PolicyError> {
        let mut known: BTreeMap<Overriding<'_>, usize> = BTreeMap::new();
        let mut policies = Policies { different: Vec::new(), wear: Vec::new(), of_cohort: Vec::new() };
        for cohort in cohorts {
            let place = match known.entry(overriding(input, cohort)) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    policies.different.push(input.policy.overridden(entry.key())?);
                    *entry.insert(policies.different.len() - 1)
                }
            };
            policies.of_cohort.push(place);
        }
        policies.wear = policies.different.iter().map(Wear::of).collect();
        Ok(policies)
    }

    /// The policy of the cohort at a position.
    pub(crate) fn at(&self, position: usize) -> &Policy {
        &self.different[self.of_cohort[position]]
    }

    /// What age does to costs under that policy.
    pub(crate) fn wear_at(&self, position: usize) -> &Wear {
        &self.wear[self.of_cohort[position]]
    }

    /// What the cohort at a position is decided under. `factor` is the currency of the plan for one dollar.
    pub(super) fn context<'a>(
        &'a self,
        position: usize,
        input: &PlanInput<'a>,
        rates: &'a ExchangeRates,
        factor: f64,
        in_full: bool,
    ) -> Context<'a> {
        Context {
            catalog: input.catalog,
            policy: self.at(position),
            wear: self.wear_at(position),
            rates,
            as_of: input.as_of,
            factor,
            in_full,
        }
    }

    /// The books of each cohort.
    pub(crate) fn books(&self) -> Vec<&Books> {
        self.of_cohort.iter().map(|place| &self.different[*place].books).collect()
    }
}

/// The policy that holds for each cohort of a plan.
pub(crate) fn policies_of(input: &PlanInput<'_>, plan: &Plan) -> Result<Policies, PolicyError> {
    Policies::of(input, plan.cohorts.iter().map(|planned| planned.cohort.as_ref()))
}

/// Decides and schedules a fleet. `in_full` asks for what no month, route or money hangs on: what waiting costs,
/// reservation prices, break-evens, rules of thumb.
pub(crate) fn scheduled(
    input: &PlanInput<'_>,
    in_full: bool,
    precedent: Option<&Precedent<'_>>,
    work: Work<'_>,
) -> Result<Scheduled, PlanError> {
    refuse_a_month_before_everything(input)?;
    let rates = input.policy.rates();
    let factor = 1.0 / rates.dollars_per(input.policy.currency)?;
    let groups = precedent.and_then(|precedent| precedent.groups(input)).unwrap_or_else(|| {
        let groups = cohort::group(input.fleet, input.catalog, input.matcher, input.as_of, input.policy);
        groups.into_iter().map(Arc::new).collect()
    });
    let usual_costs = UsualCosts::of(input.fleet, groups.iter().map(Arc::as_ref), &rates);
    let policies = Policies::of(input, groups.iter().map(Arc::as_ref))?;
    let demands = redeploy::assign(input.policy, input.fleet, &groups);
    let common = Common { input, usual_costs: &usual_costs, precedent };
    let alike = precedent.map_or_else(Vec::new, |precedent| precedent.alike(&policies));
    let stage = work.stage("deciding cohorts", groups.len());
    let mut cohorts: Vec<PlannedCohort> = groups
        .into_par_iter()
        .enumerate()
        .map(|(position, cohort)| {
            let context = policies.context(position, input, &rates, factor, in_full);
            let alike = alike.get(policies.of_cohort[position]).map_or(&[] as &[bool], Vec::as_slice);
            let planned = common.planned(&context, cohort, demands[position], alike)?;
            stage.step()?;
            Ok(planned)
        })
        .collect::<Result<_, PlanError>>()?;
    drop(stage);
    FleetBooks::of_first(input, &policies.books(), &cohorts).enter(&mut cohorts);
    let mut cohort_of = vec![0; input.fleet.assets.len()];
    for (position, planned) in cohorts.iter().enumerate() {
        for asset in &planned.cohort.assets {
            cohort_of[*asset] = position;
        }
    }
    let schedule = schedule::schedule(&cohorts, input.fleet, input.policy, input.as_of, in_full, work)?;
    Ok(Scheduled {
        as_of: input.as_of,
        cohorts,
        cohort_of,
        schedule,
        policies,
        demands,
        currency: input.policy.currency,
        currency_per_dollar: factor,
    })
}

/// Assets without any date do not count: nothing says when they were bought.
fn refuse_a_month_before_everything(input: &PlanInput<'_>) -> Result<(), PlanError> {
    let purchases = input.fleet.assets.iter().filter_map(|asset| asset.acquired()).map(RegisterDate::month);
    match purchases.min() {
        Some(earliest) if earliest > input.as_of => {
            Err(PlanError::BeforeEveryPurchase { as_of: input.as_of, earliest })
        }
        _ => Ok(()),
    }
}

/// The tables of the policy that hold for a cohort.
pub(super) fn overriding<'a>(input: &PlanInput<'a>, cohort: &Cohort) -> Overriding<'a> {
    let asset = &input.fleet.assets[cohort.assets[0]];
    let policy: &'a Policy = input.policy;
    policy.overriding(&Scope {
        class: cohort.class,
        product: &cohort.label,
        site: asset.site.as_deref(),
        asset: &asset.id,
    })
}

/// What all cohorts are planned from.
struct Common<'a> {
    input: &'a PlanInput<'a>,
    usual_costs: &'a UsualCosts,
    precedent: Option<&'a Precedent<'a>>,
}

impl Common<'_> {
    fn planned(
        &self,
        context: &Context<'_>,
        cohort: Arc<Cohort>,
        demand: Option<usize>,
        alike: &[bool],
    ) -> Result<PlannedCohort, MoneyError> {
        let input = self.input;
        let asset = &input.fleet.assets[cohort.assets[0]];
        let subject = subject(input.catalog, context.rates, self.usual_costs, &cohort, asset);
        let months = valuation::months(input.policy);
        let valued =
            self.precedent.and_then(|precedent| precedent.valuation(input, &cohort, &subject, months));
        let as_before = valued.as_ref().is_some_and(|(_, difference)| *difference == Difference::None);
        let decided = (self.precedent.filter(|_| as_before))
            .and_then(|precedent| precedent.decision(input, &cohort, demand, alike));
        let Valuation { forecast, parts, if_age_known } = valued
            .map_or_else(|| Valuation::of(input, &cohort, &subject, months), |(valuation, _)| valuation);
        let demand = demand.map(|position| &input.policy.redeploy.demand[position]);
        let known = Known { cohort: &cohort, asset, forecast: forecast.as_deref(), parts: &parts, demand };
        let decision = match decided {
            Some(decision) => decision,
            None => Arc::new(decision::decide(context, &known)?),
        };
        Ok(PlannedCohort { cohort, forecast, decision, book: None, parts, if_age_known })
    }
}
