//! A scenario laid over the world.
//!
//! In: a checked scenario and the base. Out: a [`World`]: policy, models, catalog and fleet as the scenario has them; what it
//! does not name is the base's own. Nothing is decided here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::check::Place;
use super::file::{Extend, Grades, Leave, Market, Name, Scenario, ScenarioFile, Utilization, grade};
use super::{Base, ScenarioError};
use crate::catalog::{AssetClass, Catalog, CatalogDate, Precision, Product};
use crate::decide::{self, PlanError, PlanInput, Policy, Scheduled};
use crate::fleet::{Asset, Fleet, Grade, Ownership};
use crate::price::Models;
use crate::price::shock::{PriceShock, ShockPath, ShockScope};
use crate::units::{Month, SplitMix64, with_nearest};

/// Least load that a scenario can leave: at none a unit would stand idle.
const LEAST_LOAD: f64 = 0.01;

/// What a plan of a scenario is made from.
#[derive(Debug, Clone)]
pub(super) struct World<'a> {
    pub fleet: Cow<'a, Fleet>,
    pub catalog: Cow<'a, Catalog>,
    pub models: Cow<'a, Models>,
    pub policy: Policy,
    pub purchases: Vec<Bought>,
    /// What is done to units of the fleet, in words.
    pub changes: Vec<String>,
}

/// Units bought on top of replacements.
#[derive(Debug, Clone)]
pub(super) struct Bought {
    pub month: Month,
    pub units: u32,
    pub class: AssetClass,
    /// Name of the product, or of its class.
    pub name: String,
    /// Rated draw, where the catalog knows it.
    pub power_w: Option<f64>,
    /// Price of one, in the currency of the plan.
    pub price: f64,
}

impl<'a> World<'a> {
    /// The base itself.
    pub(super) fn base(base: &Base<'a>) -> World<'a> {
        World {
            fleet: Cow::Borrowed(base.input.fleet),
            catalog: Cow::Borrowed(base.input.catalog),
            models: Cow::Borrowed(base.input.models),
            policy: base.input.policy.clone(),
            purchases: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// What a plan is made from.
    pub(super) fn input(&self, base: &Base<'a>) -> PlanInput<'_> {
        PlanInput {
            fleet: &self.fleet,
            catalog: &self.catalog,
            matcher: base.input.matcher,
            models: &self.models,
            policy: &self.policy,
            as_of: base.input.as_of,
        }
    }

    /// The fleet decided and scheduled in this world.
    pub(super) fn plan(&self, base: &Base<'_>) -> Result<Scheduled, PlanError> {
        decide::scheduled(&self.input(base), false, Some(base.precedent), base.work.silent())
    }
}

/// Lays a scenario over the base. Extensions, which need a plan to extend, are laid over by [`extended`].
pub(super) fn world<'a>(
    file: &ScenarioFile,
    base: &Base<'a>,
    scenario: &Scenario,
) -> Result<World<'a>, ScenarioError> {
    let place = Place { file, base, scenario };
    let mut world = World { policy: policy(&place)?, ..World::base(base) };
    if world.policy.price_factor != base.input.policy.price_factor {
        for class in AssetClass::ALL {
            world.models.to_mut().set_factor(class, world.policy.price_factor.of(class).unwrap_or(1.0));
        }
    }
    for market in &scenario.market {
        world.models.to_mut().add_shock(shock(&place, market)?);
    }
    if !scenario.launch.is_empty() {
        world.catalog = Cow::Owned(catalog(&place)?);
    }
    for grades in &scenario.grades {
        mix_grades(world.fleet.to_mut(), &place, grades);
    }
    for load in &scenario.utilization {
        set_loads(&mut world, &place, load);
    }
    for leave in &scenario.leave {
        let told = let_go(world.fleet.to_mut(), &place, leave)?;
        world.changes.push(told);
    }
    world.purchases = purchases(&place, &world.policy)?;
    Ok(world)
}

/// The policy with the tables of the scenario over it, in the currency of the plan.
fn policy(place: &Place<'_>) -> Result<Policy, ScenarioError> {
    let (base, scenario) = (place.base, place.scenario);
    let mut table = scenario.policy.clone();
    let mut section = |name: &str, key: String, value: toml::Value| {
        let entry = table.entry(name).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let toml::Value::Table(section) = entry {
            section.insert(key, value);
        }
    };
    for (currency, rate) in &scenario.fx {
        let rate = toml::Table::from_iter([
            ("rate".to_owned(), toml::Value::Float(*rate)),
            ("date".to_owned(), toml::Value::String(format!("{}-01", base.input.as_of))),
            ("source".to_owned(), toml::Value::String(format!("scenario {}", scenario.title()))),
        ]);
        section("exchange_rates", currency.code().to_owned(), toml::Value::Table(rate));
    }
    if !scenario.rental.is_empty() {
        let factors = scenario.rental.iter().map(|(month, factor)| (month.to_string(), (*factor).into()));
        section("rental", "factors".to_owned(), toml::Value::Table(factors.collect()));
    }
    if let Some(refresh) = &scenario.refresh {
        let rule =
            toml::Value::try_from(refresh.rule).map_err(|error| place.refuse(None, error.to_string()))?;
        table.insert("refresh_rule".to_owned(), rule);
        if let Some(months) = &refresh.months {
            table.insert("refresh_months".to_owned(), months.clone());
        }
    }
    if table.is_empty() {
        return Ok(base.input.policy.clone());
    }
    let told = format!("policy of the scenario `{}`", scenario.title());
    let refused = |message: String| place.refuse(None, with_nearest(&message));
    let policy = base.written.overlaid(&told, table).map_err(|error| refused(error.to_string()))?;
    if !policy.books.are_those_of(&base.written.books) {
        return Err(place.refuse(None, "policy.books: every scenario keeps the books of the base".to_owned()));
    }
    if policy.currency == base.input.policy.currency {
        return Ok(policy);
    }
    policy.in_currency(base.input.policy.currency).map_err(|error| refused(error.to_string()))
}

fn shock(place: &Place<'_>, market: &Market) -> Result<PriceShock, ScenarioError> {
    let scope = match (&market.class, &market.family, &market.product) {
        (Some(class), ..) => ShockScope::Class(place.class(class)?),
        (_, Some(family), _) => ShockScope::Family(place.family(family)?.to_owned()),
        (.., Some(product)) => ShockScope::Product(place.product(product)?.name.clone()),
        _ => ShockScope::Everything,
    };
    let from = market.from.unwrap_or(place.base.input.as_of);
    let log = |percent: f64| (percent / 100.0).ln_1p();
    let half_life_months = market.half_life_months;
    let path = match (market.level_percent, market.slope_percent_monthly) {
        (Some(level), _) => ShockPath::Level { from, log: log(level), half_life_months },
        (_, Some(slope)) => ShockPath::Slope { from, log_monthly: log(slope), half_life_months },
        _ => ShockPath::Path(market.factors.iter().map(|(month, factor)| (*month, factor.ln())).collect()),
    };
    Ok(PriceShock { scope, path })
}

/// The catalog with launches moved and added.
fn catalog(place: &Place<'_>) -> Result<Catalog, ScenarioError> {
    let mut products: Vec<Product> =
        place.base.input.catalog.iter().map(|(_, product)| product.clone()).collect();
    let on = |month: Month| CatalogDate { month, precision: Precision::Month };
    for launch in &place.scenario.launch {
        if let Some(name) = &launch.product {
            let moved = place.product(name)?;
            let new_date = |old: Option<CatalogDate>| match (launch.date, launch.slip_months, old) {
                (Some(date), ..) => Some(on(date)),
                (_, Some(slip), Some(old)) => Some(CatalogDate { month: old.month.plus(slip), ..old }),
                _ => old,
            };
            for product in &mut products {
                if product.name == moved.name {
                    product.launch = new_date(product.launch);
                } else if product.successor.as_deref() == Some(&moved.name) {
                    product.successor_launch = new_date(product.successor_launch.or(moved.launch));
                }
            }
        }
        if let (Some(name), Some(follows), Some(date)) = (&launch.new, &launch.follows, launch.date) {
            let before = place.product(follows)?;
            let currency = place.base.written.currency;
            for product in products.iter_mut().filter(|product| product.name == before.name) {
                product.successor = Some(name.get_ref().clone());
                product.successor_launch = Some(on(date));
            }
            products.push(Product {
                vendor: before.vendor.clone(),
                family: before.family.clone(),
                launch: Some(on(date)),
                list_price: launch.list_price.map(|price| (price, currency)),
                power_w: launch.power_w,
                fp32_tflops: launch.fp32_tflops,
                source: format!("scenario {}", place.scenario.title()),
                ..Product::named(name.get_ref(), before.class)
            });
        }
    }
    Ok(Catalog::new(products))
}

/// Whether a piece of a scenario speaks of an asset. The class is the register's, or that of the base plan's cohort.
fn speaks_of(place: &Place<'_>, class: &Option<Name>, site: &Option<Name>, position: usize) -> bool {
    let base = place.base;
    let planned = &base.plan.cohorts[base.plan.cohort_of[position]];
    let asset = &base.input.fleet.assets[position];
    let same = |name: &Name, own: &str| name.get_ref().trim().eq_ignore_ascii_case(own.trim());
    class.as_ref().is_none_or(|class| same(class, planned.cohort.class.name()))
        && site.as_ref().is_none_or(|site| same(site, asset.site.as_deref().unwrap_or("")))
}

/// Gives conditions to units in the shares of a mix, shuffled by a fixed seed so that no purchase gets all of one.
fn mix_grades(fleet: &mut Fleet, place: &Place<'_>, grades: &Grades) {
    let mix: Vec<(Grade, f64)> =
        grades.mix.iter().filter_map(|(letter, share)| Some((grade(letter)?, *share))).collect();
    let mut positions: Vec<usize> = (0..fleet.assets.len())
        .filter(|position| speaks_of(place, &grades.class, &grades.site, *position))
        .filter(|position| grades.known_too || fleet.assets[*position].grade.is_none())
        .collect();
    let mut random = SplitMix64::new(0x67_7261_6465);
    for at in (1..positions.len()).rev() {
        positions.swap(at, random.below(at + 1));
    }
    let mut given: BTreeMap<Grade, f64> = BTreeMap::new();
    for (count, position) in (1..).zip(positions) {
        let due = |(grade, share): &(Grade, f64)| {
            f64::from(count) * share - given.get(grade).copied().unwrap_or(0.0)
        };
        let next = mix.iter().max_by(|a, b| due(a).total_cmp(&due(b)).then(b.0.cmp(&a.0)));
        if let Some((grade, _)) = next {
            *given.entry(*grade).or_default() += 1.0;
            fleet.assets[position].grade = Some(*grade);
        }
    }
}

/// Lets units that their owner disposes of leave within a quarter; what was done, in words.
fn let_go(fleet: &mut Fleet, place: &Place<'_>, leave: &Leave) -> Result<String, ScenarioError> {
    let (first, last) = place.leave(leave)?;
    let mut units = 0;
    for (position, asset) in fleet.assets.iter_mut().enumerate() {
        let planned = &place.base.plan.cohorts[place.base.plan.cohort_of[position]];
        let disposed_of = planned.decision.prospects.is_some() && asset.ownership != Ownership::Leased;
        if disposed_of && speaks_of(place, &leave.class, &leave.site, position) {
            (asset.keep_until, asset.leave_by) = (Some(first), Some(last));
            units += u64::from(asset.quantity);
        }
    }
    let whose = whose(&leave.class, &leave.site);
    let quarter = leave.quarter.get_ref().trim();
    Ok(match units {
        0 => format!("no unit{whose} is planned for that could leave in {quarter}"),
        1 => format!("1 unit{whose} leaves in {quarter}"),
        _ => format!("{units} units{whose} leave in {quarter}"),
    })
}

/// Class and site that a piece names, in brackets.
fn whose(class: &Option<Name>, site: &Option<Name>) -> String {
    let said: Vec<&str> = [class, site].into_iter().flatten().map(|name| name.get_ref().trim()).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

/// Another load for units in use.
fn set_loads(world: &mut World<'_>, place: &Place<'_>, load: &Utilization) {
    let usual = world.policy.energy.usual_utilization;
    let fleet = world.fleet.to_mut();
    for (position, asset) in fleet.assets.iter_mut().enumerate() {
        if asset.is_idle() || !speaks_of(place, &load.class, &load.site, position) {
            continue;
        }
        let before = asset.utilization.unwrap_or(usual);
        let after = load.set.unwrap_or(before * load.factor.unwrap_or(1.0));
        asset.utilization = Some(after.clamp(LEAST_LOAD, 1.0));
    }
}

fn purchases(place: &Place<'_>, policy: &Policy) -> Result<Vec<Bought>, ScenarioError> {
    let rates = policy.rates();
    let in_plan = |(amount, currency)| {
        let factor = rates.factor(currency, policy.currency);
        factor.map(|factor| amount * factor).map_err(|error| place.refuse(None, error.to_string()))
    };
    let written = place.base.written.currency;
    let one = |purchase: &super::file::Purchase| {
        let product = purchase.product.as_ref().map(|name| place.product(name)).transpose()?;
        let named = purchase.class.as_ref().map(|class| place.class(class)).transpose()?;
        let price = purchase.cost.map(|cost| (cost, written));
        let price = price.or(product.and_then(|product| product.list_price)).unwrap_or((0.0, written));
        let class = product.map(|product| product.class).or(named).unwrap_or(AssetClass::Other);
        Ok(Bought {
            month: place.purchase(purchase)?,
            units: purchase.units,
            class,
            name: product.map_or_else(|| class.name().to_owned(), |product| product.name.clone()),
            power_w: product.and_then(|product| product.power_w),
            price: in_plan(price)?,
        })
    };
    place.scenario.purchase.iter().map(one).collect()
}

/// Keeps a share of the units in use for longer than a plan has it; what was done, in words. Every n-th unit of the
/// register is taken, so that the share holds for every age. Where no unit can be kept, nothing is: a file of scenarios
/// may serve fleets that lack a class.
pub(super) fn extended(fleet: &mut Fleet, place: &Place<'_>, plan: &Scheduled) -> Vec<String> {
    let one = |extend: &Extend| {
        let (units, of) = extend_by(fleet, place, plan, extend);
        let whose = whose(&extend.class, &extend.site);
        if units == 0 {
            format!(
                "no unit in use{whose} leaves within the horizon that could be kept {} months longer",
                extend.months
            )
        } else {
            format!("{units} of {of} units in use kept {} months longer", extend.months)
        }
    };
    place.scenario.extend.iter().map(one).collect()
}

fn extend_by(fleet: &mut Fleet, place: &Place<'_>, plan: &Scheduled, extend: &Extend) -> (u64, u64) {
    let months = leaving_months(fleet, plan);
    let (mut kept, mut seen) = (0, 0);
    for (position, asset) in fleet.assets.iter_mut().enumerate() {
        if !can_be_kept(plan, asset, position) || !speaks_of(place, &extend.class, &extend.site, position) {
            continue;
        }
        let before = (extend.share * seen as f64 + 1e-9).floor();
        seen += u64::from(asset.quantity);
        let chosen = (extend.share * seen as f64 + 1e-9).floor() > before;
        if let Some(month) = months[position].filter(|_| chosen) {
            kept += u64::from(asset.quantity);
            asset.keep_until = Some(month.plus(extend.months));
        }
    }
    (kept, seen)
}

/// Owned and in use, with a month of its own.
fn can_be_kept(plan: &Scheduled, asset: &Asset, position: usize) -> bool {
    let decision = &plan.cohorts[plan.cohort_of[position]].decision;
    let in_use = decision.prospects.as_ref().is_some_and(|prospects| prospects.in_use);
    in_use && asset.ownership != Ownership::Leased
}

/// The last month in which a unit of each asset leaves, if it does within the horizon.
fn leaving_months(fleet: &Fleet, plan: &Scheduled) -> Vec<Option<Month>> {
    let mut months = vec![None; fleet.assets.len()];
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let assets = &planned.cohort.assets;
        let quantities: Vec<u64> =
            assets.iter().map(|asset| u64::from(fleet.assets[*asset].quantity)).collect();
        for (asset, shares) in assets.iter().zip(plan.schedule.of_assets(position, &quantities)) {
            let all_leave = shares.iter().all(|(placement, _)| placement.month.is_some());
            months[*asset] = shares.iter().filter_map(|(placement, _)| placement.month).max();
            if !all_leave {
                months[*asset] = None;
            }
        }
    }
    months
}
