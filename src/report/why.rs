//! Why a unit goes when it goes, in words and figures that the terminal and the report share.
//!
//! In: a decision with its plan. Out: short texts and lines: one sentence to repeat, the offers at which to sell, what
//! holding costs, what would change the answer, what every route nets, what renting would bring.

use super::words::{capital, whole_with_currency as about};
use crate::decide::{Action, Decision, Plan, PlannedCohort, Route};
use crate::units::{Month, cents};

/// Months ahead for which the offer to sell at is said.
const OFFER_MONTHS: [usize; 5] = [0, 1, 3, 6, 12];

/// One sentence that can be repeated in a meeting.
pub(super) fn sentence(decision: &Decision, as_of: Month) -> Option<String> {
    let currency = decision.recovery_money.currency();
    let (first, last) = decision.window?;
    let waiting = decision.waiting?.one_quarter.mean;
    let how = decision.route.map_or("let it go", Route::in_words);
    let how = how.split(':').next().unwrap_or(how);
    let brings = match decision.recovery.mean {
        net if net >= 0.0 => format!("it brings about {} net", about(net, currency)),
        cost => format!("it costs about {}", about(-cost, currency)),
    };
    let late = if waiting >= 0.5 {
        format!(", and a quarter later is {} worse", about(waiting, currency))
    } else {
        String::new()
    };
    let when = match first {
        first if first <= as_of => format!("by {last}"),
        first if first == last => format!("in {last}"),
        first => format!("between {first} and {last}"),
    };
    Some(format!("{} {when}: {brings}{late}.", capital(how)))
}

/// From which offers on to sell.
pub(super) struct Offers {
    /// Months with what the open market must offer.
    pub months: Vec<(Month, String)>,
    /// What it is worth to go by offers.
    pub worth: String,
}

/// The offers to sell at in some of the months ahead.
pub(super) fn offers(plan: &Plan, decision: &Decision) -> Option<Offers> {
    let stopping = decision.stopping.as_ref()?;
    let told = stopping.leaving.iter().enumerate().filter(|(ahead, _)| OFFER_MONTHS.contains(ahead));
    let months = told.map(|(ahead, prices)| {
        let stays = ahead < stopping.first_allowed;
        (plan.as_of.plus(ahead as i32), if stays { "it stays".to_owned() } else { prices.to_string() })
    });
    let currency = decision.recovery_money.currency();
    let worth = format!(
        "Going by offers in place of a fixed month is worth {}.",
        about(stopping.value_of_waiting, currency)
    );
    Some(Offers { months: months.collect(), worth })
}

/// What holding costs in the next twelve months, and what the price does meanwhile.
pub(super) fn holding(plan: &Plan, planned: &PlannedCohort) -> Option<(String, String)> {
    let (costs, forecast) = (planned.decision.holding_year?, planned.forecast.as_ref()?);
    let fall = (forecast.value(0).mean() - forecast.value(12).mean()) * plan.currency_per_dollar;
    let parts: Vec<String> = costs
        .parts()
        .iter()
        .filter(|(_, amount)| *amount >= 0.005)
        .map(|(name, amount)| format!("{name} {}", cents(*amount)))
        .collect();
    let moves = if fall >= 0.0 { "falls" } else { "rises" };
    Some((
        format!("Holding it for the next twelve months costs {}: {}", cents(costs.total()), parts.join(", ")),
        format!("and its price in the market {moves} by {}", cents(fall.abs())),
    ))
}

/// What would change the answer.
pub(super) struct Changes {
    /// Which other answer is as good at the figures.
    pub other: &'static str,
    /// What must change, and to what.
    pub figures: [(&'static str, String); 2],
    /// After which delay nothing is left of it.
    pub delay: Option<String>,
}

/// The break-evens of a decision that has any.
pub(super) fn changes(decision: &Decision) -> Option<Changes> {
    let found = decision.break_even;
    let other = match decision.action {
        Action::Go => "going a year sooner or later is as good",
        Action::Keep => "going now is as good",
        _ => return None,
    };
    let of = |value: Option<f64>, unit: &str, decimals: usize| {
        value.map_or("whatever it is, no".to_owned(), |value| format!("at {value:.decimals$}{unit}"))
    };
    let delay = || {
        found.delay_months.map_or("No delay looked at costs as much as it brings in.".to_owned(), |months| {
            format!("A delay of {months:.1} months costs as much as it brings in.")
        })
    };
    Some(Changes {
        other,
        figures: [
            ("energy price", of(found.energy_price, " a kWh", 3)),
            ("price in the market now", of(found.resale_price, "", 2)),
        ],
        delay: (decision.action == Action::Go).then(delay),
    })
}

/// A route beside the others.
pub(super) struct RouteLine {
    /// Its name.
    pub name: &'static str,
    /// Expected net now, where it can be priced.
    pub now: Option<f64>,
    /// Expected net in the best month, where it can be priced.
    pub best: Option<f64>,
    /// Chosen, or why it is not possible.
    pub note: String,
    /// What it nets less than the chosen one in the best month, where both are possible.
    pub less: Option<f64>,
}

/// All routes in their order.
pub(super) fn routes(decision: &Decision) -> Vec<RouteLine> {
    let chosen = decision.routes.iter().find(|view| decision.route == Some(view.route));
    let most = chosen.and_then(|view| view.best);
    let line = |view: &crate::decide::RouteView| {
        let is_chosen = decision.route == Some(view.route);
        let open = view.closed.is_none() && !is_chosen;
        RouteLine {
            name: view.route.name(),
            now: view.now,
            best: view.best,
            note: match view.closed {
                Some(why) => format!("not possible: {}", why.in_words()),
                None if is_chosen => "chosen".to_owned(),
                None => String::new(),
            },
            less: view.best.zip(most).filter(|_| open).map(|(best, most)| most - best),
        }
    };
    decision.routes.iter().map(line).collect()
}

/// What renting it out would bring, in sentences; none where there is no market.
pub(super) fn renting(plan: &Plan, decision: &Decision) -> Option<[String; 3]> {
    let rental = decision.rental?;
    let beats = if rental.until > plan.as_of {
        let gain = cents(rental.gain);
        format!("beats selling until {}, by {gain} in all against selling now", rental.until)
    } else {
        "does not beat selling now".to_owned()
    };
    let used =
        if rental.decides { "The decision was made by it." } else { "The decision was made without it." };
    Some([
        format!(
            "Renting it out at {} an hour: {} a month less {} of holding",
            cents(rental.hourly),
            cents(rental.income),
            cents(rental.cost)
        ),
        beats,
        used.to_owned(),
    ])
}
