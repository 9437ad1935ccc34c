//! The plan: every asset with its forecast and decision, and what the fleet brings in.
//!
//! In: a fleet, the catalog with its matcher, the models, the policy and the month. Out: a [`Plan`]. The road is
//! short: group to cohorts, forecast and decide each (in parallel, in order), schedule them under the limits of the
//! policy, sum by joint draws.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use rayon::prelude::*;

use super::ages;
use super::books::FleetBooks;
use super::cohort::{self, Cohort};
use super::decision::{self, Action, Context, Decision, Known, MONTHS_LATE};
use super::gaps;
use super::policy::{Books, Demand, Overriding, Policy, PolicyError, Scope};
use super::redeploy;
use super::route::PartPrice;
use super::schedule::{self, Schedule};
use super::totals::{self, Totals};
use crate::book::Book;
use crate::catalog::{AssetClass, Catalog, Matcher, Product};
use crate::fleet::{AcquiredMonths, Asset, Finding, Fleet, Grade, RegisterDate, Status};
use crate::price::parts::{Configuration, Drives};
use crate::price::{self, Forecast, Models, PartPrices, Subject};
use crate::units::{Currency, CurrencyError, ExchangeRates, LogNormal, MoneyError, Month};

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

/// A cohort with its forecast, decision and book.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCohort {
    /// The assets.
    pub cohort: Cohort,
    /// Price path in dollars, when anything speaks of it.
    pub forecast: Option<Forecast>,
    /// What to do.
    pub decision: Decision,
    /// How its first unit stands in the first book of the policy, amounts in the currency of the plan.
    pub book: Option<Book>,
    /// What its parts sell for by themselves, where that is known.
    pub parts: Vec<PartPrice>,
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
}

/// Plans a fleet.
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    plan_in(input, true)
}

/// The same plan without reservation prices and break-evens: months, routes and money for many scenarios.
pub(crate) fn plan_money(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    plan_in(input, false)
}

fn plan_in(input: &PlanInput<'_>, in_full: bool) -> Result<Plan, PlanError> {
    refuse_a_month_before_everything(input)?;
    let rates = input.policy.rates();
    let factor = 1.0 / rates.dollars_per(input.policy.currency)?;
    let context = Context {
        catalog: input.catalog,
        policy: input.policy,
        rates: &rates,
        as_of: input.as_of,
        factor,
        in_full,
    };
    let groups = cohort::group(input.fleet, input.catalog, input.matcher, input.as_of, input.policy);
    let usual_costs = usual_costs(input.fleet, &groups, &rates);
    let policies = policies(input, &groups)?;
    let demands = redeploy::assign(input.policy, input.fleet, &groups);
    let mut cohorts: Vec<PlannedCohort> = groups
        .into_par_iter()
        .zip(demands)
        .map(|(cohort, demand)| {
            let policy = &policies[&overriding(input, &cohort)];
            let demand = demand.map(|position| &input.policy.redeploy.demand[position]);
            plan_cohort(input, &Context { policy, ..context }, &usual_costs, cohort, demand)
        })
        .collect::<Result<_, MoneyError>>()?;
    let kept = cohorts.iter().map(|planned| &policies[&overriding(input, &planned.cohort)].books);
    let kept: Vec<&Books> = kept.collect();
    FleetBooks::of_first(input, &kept, &cohorts).enter(&mut cohorts);
    let mut cohort_of = vec![0; input.fleet.assets.len()];
    for (position, planned) in cohorts.iter().enumerate() {
        for asset in &planned.cohort.assets {
            cohort_of[*asset] = position;
        }
    }
    let schedule = schedule::schedule(&cohorts, input.fleet, input.policy, input.as_of)?;
    tell_buy_outs(&mut cohorts, &schedule);
    let totals = totals::totals(&cohorts, &schedule, input.policy, factor, input.as_of);
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
    Ok(Plan {
        as_of: input.as_of,
        cohorts,
        cohort_of,
        schedule,
        totals,
        findings,
        currency_per_dollar: factor,
    })
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
            planned.decision.reason += &format!(" The schedule {what} for {paid}: {units} stay {leaves}.");
        }
    }
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

/// The policy of every set of tables that holds for some cohort.
pub(super) fn policies<'a>(
    input: &PlanInput<'a>,
    cohorts: &[Cohort],
) -> Result<BTreeMap<Overriding<'a>, Policy>, PolicyError> {
    let mut policies = BTreeMap::new();
    for cohort in cohorts {
        if let Entry::Vacant(entry) = policies.entry(overriding(input, cohort)) {
            let policy = input.policy.overridden(entry.key())?;
            entry.insert(policy);
        }
    }
    Ok(policies)
}

/// The policy that holds for each cohort of a plan, in their order.
pub(crate) fn policies_of(input: &PlanInput<'_>, plan: &Plan) -> Result<Vec<Arc<Policy>>, PolicyError> {
    let mut known: BTreeMap<Overriding<'_>, Arc<Policy>> = BTreeMap::new();
    let mut found = Vec::with_capacity(plan.cohorts.len());
    for planned in &plan.cohorts {
        let policy = match known.entry(overriding(input, &planned.cohort)) {
            Entry::Occupied(entry) => Arc::clone(entry.get()),
            Entry::Vacant(entry) => {
                let policy = Arc::new(input.policy.overridden(entry.key())?);
                Arc::clone(entry.insert(policy))
            }
        };
        found.push(policy);
    }
    Ok(found)
}

fn plan_cohort(
    input: &PlanInput<'_>,
    context: &Context<'_>,
    usual_costs: &UsualCosts,
    cohort: Cohort,
    demand: Option<&Demand>,
) -> Result<PlannedCohort, MoneyError> {
    let asset = &input.fleet.assets[cohort.assets[0]];
    let product = cohort.identification.product.map(|id| input.catalog.get(id));
    let subject = subject(context, usual_costs, &cohort, asset, product);
    let months = input.policy.horizon_months as usize + 1 + MONTHS_LATE;
    let acquired = cohort.acquired.as_ref();
    let forecast = price::forecast_over_ages(input.models, &subject, acquired, input.as_of, months);
    let if_age_known = acquired
        .filter(|acquired| !acquired.is_certain())
        .and_then(|_| price::forecast(input.models, &subject, input.as_of, 1))
        .map(|known| known.value(0));
    let parts = parts(input, &cohort, &subject, forecast.as_ref(), months);
    let known = Known { cohort: &cohort, asset, forecast: forecast.as_ref(), parts: &parts, demand };
    let decision = decision::decide(context, &known)?;
    Ok(PlannedCohort { cohort, forecast, decision, book: None, parts, if_age_known })
}

/// The parts of a unit that sell by themselves, with their price paths: the accelerators of a node, or what a server
/// holds.
pub(super) fn parts(
    input: &PlanInput<'_>,
    cohort: &Cohort,
    subject: &Subject<'_>,
    forecast: Option<&Forecast>,
    months: usize,
) -> Vec<PartPrice> {
    let Some((card, count)) = subject.accelerators else {
        return forecast.and_then(|forecast| forecast.parts.as_ref()).map(of_server).into_iter().collect();
    };
    let of_card = Subject {
        class: card.class,
        product: Some(card),
        successor_launch: input.catalog.successor_launch(card).map(|date| date.month),
        cost_usd: None,
        cost_from_siblings: false,
        acquired: subject.acquired,
        grade: subject.grade,
        accelerators: None,
        configuration: Configuration::default(),
    };
    let acquired = cohort.acquired.as_ref();
    let Some(forecast) = price::forecast_over_ages(input.models, &of_card, acquired, input.as_of, months)
    else {
        return Vec::new();
    };
    let prices = (0..months).map(|ahead| forecast.value(ahead)).collect();
    vec![PartPrice { name: card.name.clone(), count: f64::from(count), prices }]
}

/// Processors, memory and drives of a server as so many equal parts.
fn of_server(parts: &PartPrices) -> PartPrice {
    let each = |all: &LogNormal| LogNormal { mean_log: all.mean_log - parts.count.ln(), ..*all };
    PartPrice {
        name: "processors, memory and drives".to_owned(),
        count: parts.count,
        prices: parts.prices.iter().map(each).collect(),
    }
}

/// Median cost in dollars of the units of a product that this owner bought, by class and label.
pub(super) type UsualCosts = BTreeMap<(AssetClass, String), f64>;

pub(super) fn usual_costs(fleet: &Fleet, cohorts: &[Cohort], rates: &ExchangeRates) -> UsualCosts {
    let mut costs: BTreeMap<(AssetClass, String), Vec<f64>> = BTreeMap::new();
    for cohort in cohorts.iter().filter(|cohort| cohort.identification.product.is_some()) {
        for &index in &cohort.assets {
            if let Some(cost) = fleet.assets[index].purchase_cost.and_then(|cost| in_dollars(cost, rates)) {
                costs.entry((cohort.class, cohort.label.clone())).or_default().push(cost);
            }
        }
    }
    costs
        .into_iter()
        .map(|(product, mut of_product)| {
            of_product.sort_by(f64::total_cmp);
            (product, of_product[of_product.len() / 2])
        })
        .collect()
}

fn in_dollars((amount, currency): (f64, Currency), rates: &ExchangeRates) -> Option<f64> {
    rates.dollars_per(currency).ok().map(|dollars| amount * dollars)
}

/// What the price models are told of a cohort.
pub(super) fn subject<'a>(
    context: &Context<'a>,
    usual_costs: &UsualCosts,
    cohort: &Cohort,
    asset: &Asset,
    product: Option<&'a Product>,
) -> Subject<'a> {
    let own_cost = asset.purchase_cost.and_then(|cost| in_dollars(cost, context.rates));
    let sibling_cost = usual_costs.get(&(cohort.class, cohort.label.clone())).copied();
    Subject {
        class: cohort.class,
        product,
        successor_launch: product
            .and_then(|product| context.catalog.successor_launch(product))
            .map(|date| date.month),
        cost_usd: own_cost.or(sibling_cost),
        cost_from_siblings: own_cost.is_none() && sibling_cost.is_some(),
        acquired: cohort.acquired.as_ref().map(AcquiredMonths::mean_month),
        // Broken gear sells for parts until somebody mends it.
        grade: asset.grade.or((asset.status == Status::InRepair).then_some(Grade::ForParts)),
        accelerators: cohort.accelerators.map(|(id, count)| (context.catalog.get(id), count)),
        configuration: configuration(context.catalog, cohort, asset),
    }
}

/// What a server holds, from its row in the register. The register does not say how many drives there are, nor of
/// what kind: their capacity stands for one drive of unknown kind.
fn configuration<'a>(catalog: &'a Catalog, cohort: &Cohort, asset: &Asset) -> Configuration<'a> {
    if cohort.class != AssetClass::Server {
        return Configuration::default();
    }
    Configuration {
        processors: asset.cpu_count,
        processor: cohort.processor.map(|id| catalog.get(id)),
        memory_gb: asset.ram_gb,
        drives: asset.storage_gb.filter(|size| *size > 0.0).map(|size| Drives {
            count: 1,
            terabytes_each: size / 1000.0,
            kind: None,
        }),
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
