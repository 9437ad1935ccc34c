//! The plan: every asset with its forecast and decision, and what the fleet brings in.
//!
//! In: a fleet, the catalog with its matcher, the models, the policy and the month. Out: a [`Plan`]: the fleet decided and
//! scheduled ([`scheduled`](mod@super::scheduled)), summed by joint draws, and what is wrong with its data.

use std::sync::Arc;

use super::ages;
use super::cohort::Cohort;
use super::decision::{Action, Decision};
use super::gaps;
use super::policy::{Policy, PolicyError};
use super::route::PartPrice;
use super::schedule::Schedule;
use super::scheduled::{self, Scheduled};
use super::totals::{self, Totals};
use super::unoffered::{self, Unoffered};
use crate::book::Book;
use crate::catalog::{Catalog, Matcher};
use crate::fleet::{Finding, Fleet};
use crate::price::{Forecast, Models};
use crate::units::{Cancelled, Currency, CurrencyError, ExchangeRates, LogNormal, MoneyError, Month, Work};

/// Everything a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// What is owned.
    pub fleet: &'a Fleet,
    /// What exists.
    pub catalog: &'a Catalog,
    /// How names are looked up in it.
    pub matcher: &'a Matcher,
    /// What it fetches.
    pub models: &'a Models,
    /// What the organisation decides for itself.
    pub policy: &'a Policy,
    /// From which month one looks.
    pub as_of: Month,
}

/// A cohort with its forecast, decision and book. What scenarios leave as it is they share.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCohort {
    /// The assets.
    pub cohort: Arc<Cohort>,
    /// Price path in dollars, when anything speaks of it.
    pub forecast: Option<Arc<Forecast>>,
    /// What to do.
    pub decision: Arc<Decision>,
    /// How its first unit stands in the first book of the policy, amounts in the currency of the plan.
    pub book: Option<Book>,
    /// What its parts sell for by themselves, where that is known.
    pub parts: Arc<[PartPrice]>,
    /// Where the month of purchase is not certain: the price now in dollars, were it surely the mean month.
    pub if_age_known: Option<LogNormal>,
}

/// The plan of a fleet.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// From which month it looks.
    pub as_of: Month,
    /// Cohorts in the order of their first asset.
    pub cohorts: Vec<PlannedCohort>,
    /// For each asset of the fleet, the position of its cohort.
    pub cohort_of: Vec<usize>,
    /// What the fleet can really do, month by month.
    pub schedule: Schedule,
    /// What it all brings in, as scheduled.
    pub totals: Totals,
    /// What is wrong with the data, from reading and from planning.
    pub findings: Vec<Finding>,
    /// Plan currency for one dollar.
    pub currency_per_dollar: f64,
}

impl Plan {
    /// The currency of all its amounts.
    pub fn currency(&self) -> Currency {
        self.totals.recovery.expected.currency()
    }

    /// What routes that the policy does not offer would add, most first, and behind them the best of all.
    pub fn unoffered(&self) -> Vec<Unoffered> {
        unoffered::unoffered(&self.cohorts)
    }
}

/// A fleet that cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Everything was bought later.
    #[error(
        "the as-of month {as_of} is before every purchase (the first is {earliest}): nothing was owned then; give a \
         later --as-of"
    )]
    BeforeEveryPurchase {
        /// The month asked for.
        as_of: Month,
        /// The first purchase.
        earliest: Month,
    },
    /// The currency of the plan has no rate.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// Overrides that do not go together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The table of fixes cannot be read.
    #[error(transparent)]
    Fixes(#[from] super::gaps::FixesError),
    /// An amount beyond all measure.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Plans a fleet.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    plan_watched(input, Work::unwatched())
}

/// Plans a fleet while somebody looks on.
///
/// # Errors
/// As [`plan`], and [`PlanError::Cancelled`] when it is no longer wanted.
pub fn plan_watched(input: &PlanInput<'_>, work: Work<'_>) -> Result<Plan, PlanError> {
    let Scheduled { as_of, mut cohorts, cohort_of, schedule, currency_per_dollar, .. } =
        scheduled::scheduled(input, true, None, work)?;
    tell_buy_outs(&mut cohorts, &schedule);
    let totals = totals::totals(&cohorts, &schedule, input.policy, currency_per_dollar, as_of, work)?;
    let mut findings = input.fleet.findings.clone();
    ages::tell(&mut findings, input, &cohorts, &cohort_of);
    findings.extend(ages::set_aside(input, &cohorts));
    findings.extend(gaps::findings(input, &cohorts));
    findings.sort_by(|a, b| {
        a.severity
            .cmp(&b.severity)
            .then(b.assets.cmp(&a.assets))
            .then(a.code.cmp(b.code))
            .then(a.row.cmp(&b.row))
    });
    Ok(Plan { as_of, cohorts, cohort_of, schedule, totals, findings, currency_per_dollar })
}

/// Adds to the reason of cohorts that the schedule keeps past the end of their lease or contract what it pays for that.
fn tell_buy_outs(cohorts: &mut [PlannedCohort], schedule: &Schedule) {
    for placement in &schedule.placements {
        let planned = &mut cohorts[placement.cohort];
        if let Some(paid) = placement.paid_to_pass {
            let leaves =
                placement.month.map_or("beyond the horizon".to_owned(), |month| format!("until {month}"));
            let leased = matches!(planned.decision.action, Action::ReturnLease | Action::BuyOut);
            let what = if leased { "buys it out" } else { "extends its contract" };
            let units = placement.units;
            Arc::make_mut(&mut planned.decision).reason +=
                &format!(" The schedule {what} for {paid}: {units} stay {leaves}.");
        }
    }
}

/// Rates with the dates that the plan rests on: those of currencies that occur in the fleet and of its own.
pub fn rates_used(fleet: &Fleet, policy: &Policy) -> ExchangeRates {
    let all = policy.rates();
    let mut used = ExchangeRates::default();
    let costs = fleet.assets.iter().filter_map(|asset| asset.purchase_cost.map(|(_, currency)| currency));
    for currency in costs.chain(std::iter::once(policy.currency)) {
        if let Some(rate) = all.get(currency) {
            used.insert(currency, rate.clone());
        }
    }
    used
}
