//! The decision for one cohort.
//!
//! In: a cohort, its forecast, the prices of its parts, the policy of its units. Out: a [`Decision`]: what to do, when,
//! by which route, what it brings in, what waiting costs, what would change the answer, and the rule that decided. A unit
//! that nothing binds is timed ([`timed`]); a leased one goes back at its end or is bought ([`lease`]).

mod case;
mod choices;
mod lease;
mod outlook;
mod timed;
mod unit;

pub(super) use choices::{Choices, MonthOfChoice, Way};
pub(super) use unit::holding;

use super::break_even::BreakEven;
use super::challenger::Challenger;
use super::cohort::{Cohort, Standing};
use super::cost::{Holding, HoldingCost, Wear};
use super::explain::{self, Waterfall};
use super::policy::{Demand, Policy};
use super::prospects::Prospects;
use super::rental::RentalView;
use super::route::{Obstacle, Offer, PartPrice, Route, Situation, obstacle};
use super::stopping::Stopping;
use super::window::Timing;
use crate::catalog::Catalog;
use crate::fleet::{Asset, Ownership};
use crate::price::Forecast;
use crate::units::{Currency, ExchangeRates, Money, MoneyError, Month, Quantiles};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Let it go, in the window.
    Go,
    /// Keep it beyond the months looked ahead.
    Keep,
    /// Spend on it and keep it for longer.
    Upgrade,
    /// Give it back when the lease ends.
    ReturnLease,
    /// Buy it from the lessor when the lease ends, because that is cheaper than replacing it.
    BuyOut,
    /// It must stay: a legal hold.
    Hold,
    /// Nothing says what it is worth: find out.
    Investigate,
    /// Not there, or not yours: outside the plan.
    LeaveOut,
}

impl Action {
    /// Every action, in the order of reports.
    pub const ALL: [Action; 8] = [
        Action::Go,
        Action::Keep,
        Action::Upgrade,
        Action::ReturnLease,
        Action::BuyOut,
        Action::Hold,
        Action::Investigate,
        Action::LeaveOut,
    ];

    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            Action::Go => "go",
            Action::Keep => "keep",
            Action::Upgrade => "upgrade",
            Action::ReturnLease => "return lease",
            Action::BuyOut => "buy out",
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
    /// What it would earn by the hour against what it brings in.
    Rental,
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

/// What a route would bring, and what stands in its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RouteView {
    /// The route.
    pub route: Route,
    /// Expected net now, where it can be priced.
    pub now: Option<f64>,
    /// Expected net in the best month, where it can be priced.
    pub best: Option<f64>,
    /// Why it is closed, if it is.
    pub closed: Option<Obstacle>,
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
    /// What is netted in the best month at a price in the open market.
    pub offer: Offer,
    /// Every route, open or not.
    pub routes: Vec<RouteView>,
    /// What holding costs in the next twelve months.
    pub holding_year: Option<HoldingCost>,
    /// What would change the answer.
    pub break_even: BreakEven,
    /// What renting it out would bring, where there is a market.
    pub rental: Option<RentalView>,
    /// From which offer on to sell, month by month, and what it is worth to be free to wait.
    pub stopping: Option<Stopping>,
    /// What binds the decision, for people; `None` when nothing does.
    pub bound_by: Option<String>,
}

/// Months past the window for which waiting is priced: a quarter.
pub(super) const MONTHS_LATE: usize = 3;

/// What the decisions for units of one policy share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    /// What age does to costs under it.
    pub wear: &'a Wear,
    pub rates: &'a ExchangeRates,
    pub as_of: Month,
    /// Plan currency for one dollar.
    pub factor: f64,
    /// Whether the price of waiting, reservation prices and break-evens are asked as well; month, route and money do not
    /// hang on them.
    pub in_full: bool,
}

impl Context<'_> {
    /// An amount of the register in the currency of the plan.
    pub(super) fn in_plan_currency(&self, (amount, currency): (f64, Currency)) -> Option<f64> {
        self.rates.factor(currency, self.policy.currency).ok().map(|factor| amount * factor)
    }

    fn horizon(&self) -> usize {
        self.policy.horizon_months as usize
    }

    /// Cost of a unit in the month that ends so many months ahead.
    fn cost(&self, unit: &Holding, ahead: usize) -> f64 {
        unit.costs_with(self.policy, self.wear, self.month(ahead)).total()
    }

    fn month(&self, ahead: usize) -> Month {
        self.as_of.plus(ahead as i32)
    }
}

/// What is known of a cohort when its decision is made.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub cohort: &'a Cohort,
    /// Its first asset, which stands for all.
    pub asset: &'a Asset,
    pub forecast: Option<&'a Forecast>,
    pub parts: &'a [PartPrice],
    /// The demand in the house that its units could meet.
    pub demand: Option<&'a Demand>,
}

/// Decides for one unit of a cohort.
pub(super) fn decide(context: &Context<'_>, known: &Known<'_>) -> Result<Decision, MoneyError> {
    let Known { cohort, asset, .. } = known;
    if cohort.standing == Standing::LegalHold {
        let reason = "On legal hold: it stays until counsel releases it.".to_owned();
        let stays = stays(context, known, Action::Hold, Rule::Standing(cohort.standing), reason)?;
        return Ok(Decision { bound_by: Some("legal hold".to_owned()), ..stays });
    }
    if cohort.standing != Standing::InPlan {
        let reason = format!("Left out of the plan: {}.", cohort.standing.name());
        return stays(context, known, Action::LeaveOut, Rule::Standing(cohort.standing), reason);
    }
    if asset.ownership == Ownership::Leased {
        return lease::decide(context, known);
    }
    match known.forecast {
        Some(forecast) => timed::decide(context, known, forecast),
        None => {
            let reason =
                "Nothing says what it is worth: no catalogued model and no purchase cost.".to_owned();
            stays(context, known, Action::Investigate, Rule::NoValue, reason)
        }
    }
}

/// A decision that brings nothing in.
fn stays(
    context: &Context<'_>,
    known: &Known<'_>,
    action: Action,
    rule: Rule,
    reason: String,
) -> Result<Decision, MoneyError> {
    let nothing = Money::zero(context.policy.currency);
    let forecast = known.forecast;
    let value_now = forecast.map(|forecast| forecast.value(0).quantiles().map_linear(context.factor, 0.0));
    let situation = situation(context, known);
    let closed = |route: Route| RouteView {
        route,
        now: None,
        best: None,
        closed: obstacle(route, &situation, context.policy, 0),
    };
    Ok(Decision {
        action,
        route: None,
        month: None,
        window: None,
        value_now,
        recovery: Quantiles::certain(0.0),
        recovery_money: nothing,
        waiting: None,
        recoveries: Vec::new(),
        prospects: None,
        timing: None,
        rule,
        waterfall: explain::of_nothing(forecast, context.factor, nothing)?,
        reason,
        offer: Offer { slope: 0.0, intercept: 0.0 },
        routes: Route::ALL.into_iter().map(closed).collect(),
        holding_year: None,
        break_even: BreakEven::default(),
        rental: None,
        stopping: None,
        bound_by: None,
    })
}

/// What binds a unit.
fn situation(context: &Context<'_>, known: &Known<'_>) -> Situation {
    Situation {
        legal_hold: known.cohort.standing == Standing::LegalHold,
        leased: known.asset.ownership == Ownership::Leased,
        needed: known.demand.is_some(),
        has_parts: !known.parts.is_empty(),
        can_be_upgraded: context.policy.upgrade.cost.of(known.cohort.class).unwrap_or(0.0) > 0.0,
    }
}
