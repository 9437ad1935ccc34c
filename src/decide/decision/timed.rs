//! The month and the route of a unit that its owner may dispose of.
//!
//! In: what is known of it. Out: its decision. The month is that of least present value ([`window`]) under the rule that
//! holds for it: nobody uses it: the first months in which it can leave; a challenger is known: any month; rental decides:
//! any month, with income in place of the challenger; else not before the age of the refresh policy. Where the policy
//! replaces at a fixed age, that month holds for every unit in use, and being late is never a gain: it costs at least what a
//! month of holding costs. No unit leaves before the month it must stay to; one that a scenario lets go by a month leaves by
//! then, and being later than that is never a gain either.

use super::case::Case;
use super::outlook;
use super::{Action, Context, Decision, Known, MONTHS_LATE, RouteView, Rule, Waiting, situation};
use crate::decide::break_even::{self, BreakEven};
use crate::decide::cost::Holding;
use crate::decide::explain::{self, Sale, Waterfall};
use crate::decide::policy::{DataRule, RefreshRule};
use crate::decide::rental::{self, RentalView};
use crate::decide::route::{Offer, Route, SaleTerms, obstacle};
use crate::decide::stopping::{self, Payoff, Stopping, lanes};
use crate::decide::window::{self, Timing};
use crate::price::Forecast;
use crate::units::{Money, MoneyError, Month, Quantiles};

/// Months between the best month and the other answers to "go".
const ANOTHER_YEAR: usize = 12;

/// Times a unit and chooses its route.
pub(super) fn decide(
    context: &Context<'_>,
    known: &Known<'_>,
    forecast: &Forecast,
) -> Result<Decision, MoneyError> {
    let policy = context.policy;
    let case = Case::new(context, known, forecast, false);
    let refresh = policy.refresh_months.of(known.cohort.class).unwrap_or(60);
    let until_refresh = (refresh as i32 - context.as_of.months_since(case.unit.new_in))
        .clamp(0, context.horizon() as i32) as usize;
    let kept = known.asset.keep_until.map_or(0, |month| month.months_since(context.as_of));
    let kept = kept.clamp(0, context.horizon() as i32) as usize;
    let due = due(context, known, kept);
    let span = (kept, due.unwrap_or(context.horizon()));
    let until_refresh = until_refresh.clamp(span.0, span.1);
    let renting = renting(context, known, &case, span);
    let (timing, rule) = timed(context, &case, renting.as_ref(), (until_refresh, refresh), span);
    let rental = renting.as_ref().map(|renting| renting.view);
    let allowed = match rule {
        Rule::Idle => (released(context).max(kept).min(span.1), span.1),
        Rule::RefreshPolicy { .. } => (until_refresh, span.1),
        _ => span,
    };
    let fixed = matches!(rule, Rule::RefreshPolicy { .. }) && policy.refresh_rule == RefreshRule::Fixed;
    let mut present_values = timing.present_values.clone();
    if let Some(last) = fixed.then_some(timing.best).or(due) {
        delay(&case, (allowed.0, last), &mut present_values);
    }
    let mut prospects = outlook::prospects(context, &case, present_values, allowed, None);
    if let (Rule::Rental, Some(renting)) = (&rule, &renting) {
        prospects.incomes.clone_from(&renting.incomes);
        prospects.unit = renting.unit;
    }
    let best = timing.best;
    let (route, offer) = case.offers.best(best, case.prices[best]);
    let offer = offer.scaled(case.kept[best]);
    let recovery = offer.net_quantiles(forecast.value(best).quantiles().map_linear(context.factor, 0.0));
    let action = if best == context.horizon() { Action::Keep } else { Action::Go };
    let upgrade = match rule {
        Rule::Challenger(_) if due.is_none() => upgrade(context, known, &case, best),
        _ => None,
    };
    let decision = Decision {
        action,
        route: Some(route),
        month: Some(context.month(best)),
        window: (action == Action::Go).then(|| (context.month(timing.first), context.month(timing.last))),
        value_now: Some(forecast.value(0).quantiles().map_linear(context.factor, 0.0)),
        recovery,
        recovery_money: Money::from_major(recovery.mean, policy.currency)?,
        waiting: (action == Action::Go && context.in_full)
            .then(|| waiting(context, &case, forecast, &timing)),
        reason: match due {
            Some(due) => leaves_when_told(context, route, best, due),
            None => reason(&rule, action, route, context.month(best), &timing),
        },
        waterfall: waterfall(context, &case, forecast, best, (route, offer))?,
        routes: routes(context, known, &case, best, upgrade),
        holding_year: Some(case.unit.year_after(policy, context.as_of)),
        break_even: match policy.refresh_rule {
            // A fixed age asks no price.
            RefreshRule::Fixed => BreakEven::default(),
            RefreshRule::Best if !context.in_full => BreakEven::default(),
            RefreshRule::Best => break_even(&case, &rule, action, &timing, context.horizon()),
        },
        bound_by: bound_by(context, &rule, action, due),
        recoveries: case.recoveries.clone(),
        // By rent the month hangs on what it earns, not on what is offered.
        stopping: if rule == Rule::Rental || !context.in_full {
            None
        } else {
            stopping(context, &case, forecast, allowed)
        },
        prospects: Some(prospects),
        timing: Some(timing),
        rule,
        offer,
        rental,
    };
    match upgrade {
        Some(net) if action == Action::Go && net > case.recoveries[best] => {
            upgraded(context, known, forecast, decision, net - case.recoveries[best])
        }
        _ => Ok(decision),
    }
}

/// The rule that holds and the month it leads to.
fn timed(
    context: &Context<'_>,
    case: &Case,
    renting: Option<&Renting>,
    (until_refresh, refresh): (usize, u32),
    span: (usize, usize),
) -> (Timing, Rule) {
    let tolerance = context.policy.window_tolerance;
    if case.unit.idle {
        // It waits for nothing but its release: a rise of its price is a bet that needs no unit on a shelf.
        let best_by = released(context).max(span.0);
        let choice = window::Choice { best_by, ..case.choice(span, tolerance) };
        return (window::choose(&choice), Rule::Idle);
    }
    match (renting, &case.challenger) {
        (Some(renting), _) if renting.view.decides => (renting.timing.clone(), Rule::Rental),
        _ if context.policy.refresh_rule == RefreshRule::Fixed => (
            window::choose(&case.choice((until_refresh, until_refresh), tolerance)),
            Rule::RefreshPolicy { months: refresh },
        ),
        (_, Some((challenger, _))) => {
            (window::choose(&case.choice(span, tolerance)), Rule::Challenger(challenger.clone()))
        }
        (_, None) => (
            window::choose(&case.choice((until_refresh, span.1), tolerance)),
            Rule::RefreshPolicy { months: refresh },
        ),
    }
}

/// Makes leaving after the months in which it is due worse than any of them: each month more costs at least what holding
/// through it costs.
fn delay(case: &Case, (first, last): (usize, usize), present_values: &mut [f64]) {
    let mut late = present_values[first..=last].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut before = present_values[last];
    for (ahead, value) in present_values.iter_mut().enumerate().skip(last + 1) {
        let held = case.discount.powi(ahead as i32) * case.costs[ahead - 1];
        late += (*value - before).max(held).max(0.0);
        before = std::mem::replace(value, late);
    }
}

/// Months ahead of the last month in which a unit is to leave, when a scenario says so.
fn due(context: &Context<'_>, known: &Known<'_>, kept: usize) -> Option<usize> {
    let ahead = known.asset.leave_by?.months_since(context.as_of).max(0) as usize;
    // The month of the horizon stands for staying.
    let ahead = ahead.max(kept).min(context.horizon() - 1);
    (kept <= ahead).then_some(ahead)
}

/// Months ahead of the first month in which a locked unit can leave.
fn released(context: &Context<'_>) -> usize {
    (context.policy.disposal.locked_months as usize).min(context.horizon() - 1)
}

/// A unit that is rented out.
struct Renting {
    view: RentalView,
    timing: Timing,
    unit: Holding,
    incomes: Vec<f64>,
}

/// Renting against selling, where there is a market for it.
fn renting(context: &Context<'_>, known: &Known<'_>, case: &Case, span: (usize, usize)) -> Option<Renting> {
    let policy = context.policy;
    let hourly = rental::hourly(policy, context.catalog, known.cohort)?;
    // What stands idle would have to run to be rented out.
    let load = case.unit.utilization.filter(|load| *load > 0.0).unwrap_or(policy.rental.occupancy);
    let unit = Holding { idle: false, utilization: Some(load), ..case.unit };
    let incomes = rental::incomes(policy, hourly, Some(load), context.as_of, case.costs.len());
    let cost = |ahead: usize| context.cost(&unit, ahead + 1);
    let costs: Vec<f64> = incomes.iter().enumerate().map(|(ahead, income)| cost(ahead) - income).collect();
    let timing = case.timing_by(&costs, span, policy.window_tolerance);
    let view = RentalView {
        hourly,
        income: incomes[0],
        cost: cost(0),
        until: context.month(timing.best),
        gain: timing.present_values[0] - timing.present_values[timing.best],
        decides: policy.rental.used,
    };
    Some(Renting { view, timing, unit, incomes })
}

/// Expected net of the best route at a price, of the units that are still there.
struct Net<'a> {
    case: &'a Case,
}

impl Payoff for Net<'_> {
    fn at(&self, ahead: usize, price: f64) -> f64 {
        let mut net = [0.0];
        self.at_all(ahead, &[price], &mut net);
        net[0]
    }

    fn at_all(&self, ahead: usize, prices: &[f64], into: &mut [f64]) {
        self.case.offers.best_nets(ahead, prices, into);
        lanes::scale(into, self.case.kept[ahead], 0.0);
    }
}

/// From which offer on to leave, by the best route at each price.
fn stopping(
    context: &Context<'_>,
    case: &Case,
    forecast: &Forecast,
    allowed: (usize, usize),
) -> Option<Stopping> {
    let net = Net { case };
    let follow_on: Vec<f64> = match &case.challenger {
        Some((challenger, _)) => (0..=allowed.1).map(|ahead| challenger.cost_from(ahead)).collect(),
        None => Vec::new(),
    };
    stopping::reservation(&stopping::Sale {
        forecast,
        factor: context.factor,
        net: &net,
        holding_costs: &case.costs,
        follow_on: &follow_on,
        discount: case.discount,
        allowed,
    })
}

/// What missing the window costs.
fn waiting(context: &Context<'_>, case: &Case, forecast: &Forecast, timing: &Timing) -> Waiting {
    let best = timing.best;
    let price = |ahead: usize| {
        let mut value = forecast.value(ahead);
        value.mean_log += context.factor.ln();
        value
    };
    let offer = |ahead: usize| case.offers.best(ahead, case.prices[ahead]).1.scaled(case.kept[ahead]);
    let cost_until = |until: usize| {
        let discounts = (case.discount.powi(best as i32), case.discount.powi(until as i32));
        window::waiting_cost(
            timing,
            (offer(best), offer(until)),
            (price(best), price(until)),
            discounts,
            until,
        )
    };
    Waiting { one_month: cost_until(timing.last + 1), one_quarter: cost_until(timing.last + MONTHS_LATE) }
}

/// What an upgrade in the best month is worth, as a net of that month: from there on the unit serves some months longer
/// and is replaced then. By the same present values as everything else.
fn upgrade(context: &Context<'_>, known: &Known<'_>, case: &Case, best: usize) -> Option<f64> {
    let terms = &context.policy.upgrade;
    let class = known.cohort.class;
    let cost = terms.cost.of(class).filter(|cost| *cost > 0.0)?;
    let months = terms.months.of(class)? as usize;
    let (challenger, _) = case.challenger.as_ref()?;
    let then = best + months;
    if months == 0 || then >= case.recoveries.len() {
        return None;
    }
    let mut discount = 1.0;
    let mut held = 0.0;
    for ahead in best + 1..=then {
        discount *= case.discount;
        let costs = case.unit.costs(context.policy, context.month(ahead));
        held += discount * (costs.total() - (1.0 - terms.upkeep_factor) * costs.upkeep);
    }
    let replaced_later = challenger.cost_from(best) - discount * challenger.cost_from(then);
    Some(-cost - held + discount * case.recoveries[then] + replaced_later)
}

/// The decision when upgrading in the best month beats leaving in it.
fn upgraded(
    context: &Context<'_>,
    known: &Known<'_>,
    forecast: &Forecast,
    decision: Decision,
    gain: f64,
) -> Result<Decision, MoneyError> {
    let policy = context.policy;
    let cost = policy.upgrade.cost.of(known.cohort.class).unwrap_or(0.0);
    let months = policy.upgrade.months.of(known.cohort.class).unwrap_or(0);
    let spent = Money::from_major(-cost, policy.currency)?;
    let when = decision.month.map_or_else(|| "now".to_owned(), |month| format!("in {month}"));
    Ok(Decision {
        action: Action::Upgrade,
        route: Some(Route::Upgrade),
        window: None,
        waiting: None,
        recovery: Quantiles::certain(spent.major()),
        recovery_money: spent,
        waterfall: explain::of_nothing(Some(forecast), context.factor, spent)?,
        reason: format!(
            "An upgrade of {cost:.0} {when} lets it serve {months} months longer, {gain:.0} cheaper than letting it go."
        ),
        offer: Offer { slope: 0.0, intercept: spent.major() },
        ..decision
    })
}

/// Every route with its net now and in the best month.
fn routes(
    context: &Context<'_>,
    known: &Known<'_>,
    case: &Case,
    best: usize,
    upgrade: Option<f64>,
) -> Vec<RouteView> {
    let net = |route: Route, ahead: usize| {
        let offers = case.offers.of_month(ahead);
        let (_, offer, _) = offers.iter().find(|(of, _, _)| *of == route)?;
        Some(case.kept[ahead] * offer.net(case.prices[ahead]))
    };
    let situation = situation(context, known);
    let view = |route: Route| RouteView {
        route,
        now: net(route, 0),
        best: if route == Route::Upgrade { upgrade } else { net(route, best) },
        closed: obstacle(route, &situation, context.policy, best),
    };
    Route::ALL.into_iter().map(view).collect()
}

fn waterfall(
    context: &Context<'_>,
    case: &Case,
    forecast: &Forecast,
    best: usize,
    (route, offer): (Route, Offer),
) -> Result<Waterfall, MoneyError> {
    let price = case.prices[best];
    let net = Money::from_major(offer.net(price), context.policy.currency)?;
    let whole = if case.kept[best] > 0.0 { offer.net(price) / case.kept[best] } else { 0.0 };
    let lost = whole - offer.net(price);
    let terms = SaleTerms::of_route(context.policy, case.unit.class, route);
    match route {
        Route::Parts => {
            let sale = Sale { terms, beyond: ("sold in parts", whole - terms.net(price)), lost };
            explain::of_sale(forecast, best, &sale, context.factor, net)
        }
        Route::Redeploy => explain::of_redeploying(forecast, best, context.factor, (net, lost)),
        route if route.is_sale() => {
            let sale = Sale { terms, beyond: ("time to sell", whole - terms.net(price)), lost };
            explain::of_sale(forecast, best, &sale, context.factor, net)
        }
        Route::Donate => {
            let remains = [("tax value", offer.slope * price), ("handling", offer.intercept)];
            explain::of_giving_up(forecast, best, context.factor, &remains, net)
        }
        _ => {
            let remains = [("recycling fee", net.major())];
            explain::of_giving_up(forecast, best, context.factor, &remains, net)
        }
    }
}

/// What would change the answer: of the other answers that become as good, the one that takes the least change.
fn break_even(case: &Case, rule: &Rule, action: Action, timing: &Timing, horizon: usize) -> BreakEven {
    // By rent the present values hold what it earns, which neither tariff nor resale price of these columns varies.
    if *rule == Rule::Rental {
        return BreakEven::default();
    }
    let best = timing.best;
    let others = match action {
        Action::Keep => [0, 0],
        _ => [(best + ANOTHER_YEAR).min(horizon), best.saturating_sub(ANOTHER_YEAR)],
    };
    let multiple = |values: &dyn Fn(f64) -> Vec<f64>| {
        let to = |other: usize| {
            break_even::multiple(|factor| {
                let values = values(factor);
                values[best] - values[other]
            })
        };
        others
            .into_iter()
            .filter(|other| *other != best)
            .filter_map(to)
            .min_by(|a, b| (a - 1.0).abs().total_cmp(&(b - 1.0).abs()))
    };
    let tariff = case.unit.price_per_kwh;
    BreakEven {
        energy_price: multiple(&|factor| case.at_tariff(factor * tariff)).map(|factor| factor * tariff),
        resale_price: multiple(&|factor| case.at_prices(factor)).map(|factor| factor * case.prices[0]),
        delay_months: (action == Action::Go)
            .then(|| break_even::delay(&timing.present_values, best, case.recoveries[best]))
            .flatten(),
    }
}

fn bound_by(context: &Context<'_>, rule: &Rule, action: Action, due: Option<usize>) -> Option<String> {
    let disposal = &context.policy.disposal;
    if disposal.locked_months > 0 {
        return Some(format!("locked until {}", context.month(disposal.locked_months as usize)));
    }
    match (rule, disposal.data) {
        (_, DataRule::DestroyUnit) => Some("data policy: the unit must be destroyed".to_owned()),
        (_, DataRule::DestroyDrives) => Some("data policy: its drives must be destroyed".to_owned()),
        _ if due.is_some() => due.map(|due| format!("scenario: leaves by {}", context.month(due))),
        (Rule::RefreshPolicy { months }, _) if action == Action::Go => {
            Some(format!("refresh policy of {months} months"))
        }
        _ => None,
    }
}

fn leaves_when_told(context: &Context<'_>, route: Route, best: usize, due: usize) -> String {
    let (month, due) = (context.month(best), context.month(due));
    format!("It is to leave by {due}: {} in {month}.", route.in_words())
}

fn reason(rule: &Rule, action: Action, route: Route, month: Month, timing: &Timing) -> String {
    let how = route.in_words();
    let when = if timing.best == 0 { "now".to_owned() } else { format!("in {month}") };
    match (rule, action) {
        (Rule::Challenger(challenger), Action::Keep) => {
            format!("Keeping it is cheaper than {} over all months looked ahead.", challenger.name)
        }
        (Rule::Rental, Action::Keep) => {
            "Renting it out earns more than it brings in, in all months looked ahead.".to_owned()
        }
        (_, Action::Keep) => "No month looked ahead is better than keeping it.".to_owned(),
        (Rule::Rental, _) if timing.best == 0 => {
            format!("It brings in more than renting it out would earn: {how} now.")
        }
        (Rule::Rental, _) => format!("Renting it out beats selling it until {month}: {how} then."),
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
