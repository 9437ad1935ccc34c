//! The decision for one cohort.
//!
//! In: a cohort, its forecast, the policy. Out: a [`Decision`]: what to do, when, by which route, what it brings
//! in, what waiting costs, and the rule that decided.

use super::challenger::Challenger;
use super::cohort::{Cohort, Standing, rounded_load};
use super::cost::Holding;
use super::explain::{self, Waterfall};
use super::policy::Policy;
use super::prospects::Prospects;
use super::route::{Route, SaleTerms};
use super::window::{self, Choice, Timing};
use crate::catalog::{AssetClass, Catalog, Product};
use crate::fleet::{Asset, Ownership, RegisterDate};
use crate::price::Forecast;
use crate::units::{Currency, ExchangeRates, Money, MoneyError, Month, Quantiles, monthly_discount_factor};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Let it go, in the window.
    Go,
    /// Keep it beyond the months looked ahead.
    Keep,
    /// Give it back when the lease ends.
    ReturnLease,
    /// It must stay: a legal hold.
    Hold,
    /// Nothing says what it is worth: find out.
    Investigate,
    /// Not there, or not yours: outside the plan.
    LeaveOut,
}

impl Action {
    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Go => "go",
            Action::Keep => "keep",
            Action::ReturnLease => "return lease",
            Action::Hold => "hold",
            Action::Investigate => "investigate",
            Action::LeaveOut => "leave out",
        }
    }
}

/// Which rule fixed the month.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Defender against challenger.
    Challenger(Challenger),
    /// Nobody uses it.
    Idle,
    /// No challenger is known: the refresh policy bounds the stay.
    RefreshPolicy {
        /// Age at which the policy lets it go, months.
        months: u32,
    },
    /// The lease ends.
    LeaseEnd,
    /// It cannot be planned for.
    Standing(Standing),
    /// No value is known.
    NoValue,
}

/// What missing the window costs, per unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// One month past the window.
    pub one_month: Quantiles,
    /// One quarter past the window.
    pub one_quarter: Quantiles,
}

/// The decision for one unit of a cohort, amounts in the currency of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// By which route, when it goes.
    pub route: Option<Route>,
    /// Best month.
    pub month: Option<Month>,
    /// First and last month of the window.
    pub window: Option<(Month, Month)>,
    /// Price in the open market now, when known.
    pub value_now: Option<Quantiles>,
    /// Net recovery in the best month.
    pub recovery: Quantiles,
    /// The expected net recovery as printed.
    pub recovery_money: Money,
    /// What missing the window costs.
    pub waiting: Option<Waiting>,
    /// Expected net recovery at each month ahead.
    pub recoveries: Vec<f64>,
    /// What it has before it month by month, where its value is known; of a leased unit, what it would have once
    /// bought.
    pub prospects: Option<Prospects>,
    /// The search over months, where there was one.
    pub timing: Option<Timing>,
    /// The rule that decided.
    pub rule: Rule,
    /// From the reference price to the net.
    pub waterfall: Waterfall,
    /// One sentence to repeat.
    pub reason: String,
}

/// Months past the window for which waiting is priced: a quarter.
pub(super) const MONTHS_LATE: usize = 3;

/// What every decision of a plan shares.
pub(super) struct Context<'a> {
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    pub rates: &'a ExchangeRates,
    pub as_of: Month,
    /// Plan currency for one dollar.
    pub factor: f64,
}

impl Context<'_> {
    /// An amount of the register in the currency of the plan.
    pub(super) fn in_plan_currency(&self, (amount, currency): (f64, Currency)) -> Option<f64> {
        self.rates.factor(currency, self.policy.currency).ok().map(|factor| amount * factor)
    }

    fn horizon(&self) -> usize {
        self.policy.horizon_months as usize
    }
}

/// Decides for one unit of a cohort.
pub(super) fn decide(
    context: &Context<'_>,
    cohort: &Cohort,
    asset: &Asset,
    forecast: Option<&Forecast>,
) -> Result<Decision, MoneyError> {
    let factor = context.factor;
    let value_now = forecast.map(|forecast| forecast.value(0).quantiles().map_linear(factor, 0.0));
    let stays = |action, rule, month: Option<Month>, reason: String| -> Result<Decision, MoneyError> {
        let nothing = Money::zero(context.policy.currency);
        let route = (action == Action::ReturnLease).then_some(Route::LeaseReturn);
        Ok(Decision {
            action,
            route,
            month,
            window: month.map(|month| (month, month)),
            value_now,
            recovery: Quantiles::certain(0.0),
            recovery_money: nothing,
            waiting: None,
            recoveries: Vec::new(),
            prospects: None,
            timing: None,
            rule,
            waterfall: explain::of_nothing(forecast, factor, nothing)?,
            reason,
        })
    };
    if cohort.standing == Standing::LegalHold {
        let reason = "On legal hold: it stays until counsel releases it.".to_owned();
        return stays(Action::Hold, Rule::Standing(cohort.standing), None, reason);
    }
    if cohort.standing != Standing::InPlan {
        let reason = format!("Left out of the plan: {}.", cohort.standing.name());
        return stays(Action::LeaveOut, Rule::Standing(cohort.standing), None, reason);
    }
    if asset.ownership == Ownership::Leased {
        let end = asset.lease_end.map(RegisterDate::month).map(|end| end.max(context.as_of));
        let reason = match end {
            Some(end) => format!("Leased: give it back by {end}; it is not yours to sell."),
            None => "Leased, with no end date: take it from the contract.".to_owned(),
        };
        let mut decision = stays(Action::ReturnLease, Rule::LeaseEnd, end, reason)?;
        if let Some(forecast) = forecast {
            decision.prospects = time_and_route(context, cohort, asset, forecast)?.prospects;
        }
        return Ok(decision);
    }
    match forecast {
        Some(forecast) => time_and_route(context, cohort, asset, forecast),
        None => {
            let reason =
                "Nothing says what it is worth: no catalogued model and no purchase cost.".to_owned();
            stays(Action::Investigate, Rule::NoValue, None, reason)
        }
    }
}

/// The unit as its costs see it.
fn holding(context: &Context<'_>, cohort: &Cohort, asset: &Asset, forecast: &Forecast) -> Holding {
    let product = cohort.identification.product.map(|id| context.catalog.get(id));
    let launch = product.and_then(|product| product.launch).map(|launch| launch.month);
    let price_new = asset
        .purchase_cost
        .and_then(|cost| context.in_plan_currency(cost))
        .unwrap_or(forecast.reference.price_usd * context.factor);
    let cards = cohort
        .accelerators
        .and_then(|(id, count)| context.catalog.get(id).power_w.map(|watts| watts * f64::from(count)));
    let of_class = context.policy.power_w.of(cohort.class).unwrap_or(0.0);
    let stated_power = asset.power_w.or(product.and_then(|product| product.power_w));
    // A contract that cannot move to another unit is paid whether the unit stays or goes.
    let contract = asset
        .contract_end
        .zip(asset.contract_monthly)
        .filter(|_| asset.contract_transferable == Some(true))
        .and_then(|(end, monthly)| Some((end.month(), context.in_plan_currency(monthly)?)));
    Holding {
        class: cohort.class,
        power_w: stated_power.unwrap_or(of_class + cards.unwrap_or(0.0)),
        utilization: rounded_load(asset),
        idle: asset.is_idle(),
        new_in: asset.acquired().map(RegisterDate::month).or(launch).unwrap_or(context.as_of),
        price_new,
        warranty_end: asset.warranty_end.map(RegisterDate::month),
        contract,
    }
}

fn time_and_route(
    context: &Context<'_>,
    cohort: &Cohort,
    asset: &Asset,
    forecast: &Forecast,
) -> Result<Decision, MoneyError> {
    let policy = context.policy;
    let terms = SaleTerms::of(policy, cohort.class);
    let unit = holding(context, cohort, asset, forecast);
    // A quarter beyond the horizon, so that missing a window at its end has a price.
    let months = context.horizon() + 1 + MONTHS_LATE;
    let discount = monthly_discount_factor(policy.discount_rate_yearly);
    let kept = if unit.idle { 1.0 - policy.idle.shrinkage_monthly } else { 1.0 };
    let resale = |ahead: usize| terms.net(forecast.value(ahead).mean() * context.factor);
    let recoveries: Vec<f64> =
        (0..months).map(|ahead| resale(ahead).max(-policy.recycle.cost) * kept.powi(ahead as i32)).collect();
    let costs: Vec<f64> =
        (1..=months).map(|ahead| unit.cost(policy, context.as_of.plus(ahead as i32))).collect();
    let refresh = policy.refresh_months.of(cohort.class).unwrap_or(60);
    let until_refresh = (refresh as i32 - context.as_of.months_since(unit.new_in))
        .clamp(0, context.horizon() as i32) as usize;
    let challenger = if unit.idle { None } else { challenger(context, cohort, asset, &unit) };
    let (allowed, rule) = match challenger {
        Some(challenger) => ((0, context.horizon()), Rule::Challenger(challenger)),
        None if unit.idle => ((0, context.horizon()), Rule::Idle),
        None => ((until_refresh, context.horizon()), Rule::RefreshPolicy { months: refresh }),
    };
    let choice = Choice {
        holding_costs: &costs,
        recoveries: &recoveries,
        challenger: if let Rule::Challenger(challenger) = &rule { Some(challenger) } else { None },
        allowed,
        discount,
        tolerance: policy.window_tolerance,
    };
    let timing = window::choose(&choice);
    let best = timing.best;
    let route_at =
        |ahead: usize| if resale(ahead) >= -policy.recycle.cost { Route::Resell } else { Route::Recycle };
    let route = route_at(best);
    let recovery = match route {
        Route::Resell => {
            let price = forecast.value(best).quantiles().map_linear(context.factor, 0.0);
            terms.net_quantiles(price).map_linear(kept.powi(best as i32), 0.0)
        }
        _ => Quantiles::certain(-policy.recycle.cost * kept.powi(best as i32)),
    };
    let recovery_money = Money::from_major(recovery.mean, policy.currency)?;
    let waterfall = match route {
        Route::Resell => {
            let lost = (1.0 - kept.powi(best as i32)) * resale(best);
            explain::of_sale(forecast, best, &terms, context.factor, (recovery_money, lost))?
        }
        _ => explain::of_recycling(forecast, best, context.factor, recovery_money)?,
    };
    let action = if best == context.horizon() { Action::Keep } else { Action::Go };
    let at = |ahead: usize| context.as_of.plus(ahead as i32);
    let waiting = (action == Action::Go).then(|| {
        let cost_until = |until: usize| {
            let price = |ahead: usize| {
                let mut value = forecast.value(ahead);
                value.mean_log += context.factor.ln() + f64::from(ahead as i32) * kept.ln();
                value
            };
            let discounts = (discount.powi(best as i32), discount.powi(until as i32));
            window::waiting_cost(&timing, &terms, (price(best), price(until)), discounts, until)
        };
        Waiting { one_month: cost_until(timing.last + 1), one_quarter: cost_until(timing.last + MONTHS_LATE) }
    });
    let prices: Vec<f64> = (0..months).map(|ahead| forecast.value(ahead).mean() * context.factor).collect();
    let market_part = |ahead: usize| match route_at(ahead) {
        Route::Resell => terms.share * terms.channel_factor * prices[ahead] * kept.powi(ahead as i32),
        _ => 0.0,
    };
    let prospects = Prospects {
        present_values: timing.present_values.clone(),
        recoveries: recoveries.clone(),
        routes: (0..months).map(route_at).collect(),
        market_parts: (0..months).map(market_part).collect(),
        unsold_recoveries: (0..months).map(|ahead| -policy.recycle.cost * kept.powi(ahead as i32)).collect(),
        unsold_route: Route::Recycle,
        market_prices: prices,
        holding_costs: costs,
        allowed,
        age_months: context.as_of.months_since(unit.new_in),
        in_use: !unit.idle,
        challenger: if let Rule::Challenger(challenger) = &rule { Some(challenger.clone()) } else { None },
    };
    Ok(Decision {
        action,
        route: Some(route),
        month: Some(at(best)),
        window: (action == Action::Go).then(|| (at(timing.first), at(timing.last))),
        value_now: Some(forecast.value(0).quantiles().map_linear(context.factor, 0.0)),
        recovery,
        recovery_money,
        waiting,
        reason: reason(&rule, action, route, at(best), &timing),
        recoveries,
        prospects: Some(prospects),
        timing: Some(timing),
        rule,
        waterfall,
    })
}

/// The newest product that follows the cohort's, is on the market and has a price, as a chain of purchases.
fn challenger(
    context: &Context<'_>,
    cohort: &Cohort,
    asset: &Asset,
    defender: &Holding,
) -> Option<Challenger> {
    let policy = context.policy;
    let own = context.catalog.get(cohort.identification.product?);
    // Cards and nodes full of them are bought as listed; laptops and plain servers in the configuration this owner
    // buys, which costs what the defender cost, or would have cost, when new.
    let as_listed = cohort.class == AssetClass::Gpu || cohort.accelerators.is_some();
    let price_of = |product: &Product| {
        if as_listed {
            product.list_price.and_then(|price| context.in_plan_currency(price))
        } else {
            Some(defender.price_new)
        }
    };
    let mut newest = None;
    let mut generations = 0;
    let mut current = own;
    while let Some(next) = context.catalog.successor_of(current) {
        let launched = context.catalog.successor_launch(current);
        if launched.is_none_or(|date| date.month > context.as_of) || generations >= 8 {
            break;
        }
        generations += 1;
        newest = price_of(next).map(|price| (next, price, generations)).or(newest);
        current = next;
    }
    let (newest, price, generations) = newest?;
    let unit = Holding {
        class: cohort.class,
        power_w: newest.power_w.unwrap_or(defender.power_w),
        utilization: shares_work(cohort.class).then_some(policy.challenger.target_utilization),
        idle: false,
        new_in: context.as_of,
        price_new: price,
        warranty_end: None,
        contract: None,
    };
    let per_defender =
        units_per_defender(policy, cohort.class, own, newest, generations, rounded_load(asset));
    Some(Challenger::new(newest.name.clone(), &unit, per_defender, policy))
}

/// How many new units do the work of one old one. A personal device is replaced one for one.
fn units_per_defender(
    policy: &Policy,
    class: AssetClass,
    own: &Product,
    newest: &Product,
    generations: i32,
    load: Option<f64>,
) -> f64 {
    if !shares_work(class) {
        return 1.0;
    }
    let gain = match (own.fp32_tflops, newest.fp32_tflops) {
        (Some(old), Some(new)) if class == AssetClass::Gpu => new / old,
        _ => policy.challenger.generation_gain.powi(generations),
    };
    let load = load.unwrap_or(policy.energy.usual_utilization);
    load / policy.challenger.target_utilization / gain.max(0.1)
}

/// Whether the work of such units can be put together on fewer of them.
fn shares_work(class: AssetClass) -> bool {
    matches!(class, AssetClass::Server | AssetClass::Gpu | AssetClass::Storage)
}

fn reason(rule: &Rule, action: Action, route: Route, month: Month, timing: &Timing) -> String {
    let how = match route {
        Route::Recycle => "recycle it: a sale would not cover its cost",
        _ => "sell it",
    };
    let when = if timing.best == 0 { "now".to_owned() } else { format!("in {month}") };
    match (rule, action) {
        (Rule::Challenger(challenger), Action::Keep) => {
            format!("Keeping it is cheaper than {} over all months looked ahead.", challenger.name)
        }
        (_, Action::Keep) => "No month looked ahead is better than keeping it.".to_owned(),
        (Rule::Idle, _) => format!("Nobody uses it and it loses value every month: {how} {when}."),
        (Rule::RefreshPolicy { months }, _) => format!(
            "No challenger with a known price: the refresh policy of {months} months says how long it stays; {how} {when}."
        ),
        (Rule::Challenger(challenger), _) => format!(
            "From {month} on {} does its work for less than keeping it: {how} {when}.",
            challenger.name
        ),
        _ => format!("{how} {when}."),
    }
}
