//! A leased unit: it goes back at the end of its lease, unless buying it then is cheaper.
//!
//! In: the end of the lease, the terms of the policy, what is known of the unit. Out: its decision. Up to the end both
//! ways cost the same. From the end on, as of that month l, giving back costs its fee and the challengers
//! `n · W(l)`; buying costs the price and then what any owned unit costs, `min over τ ≥ l` of
//! `Σ δ^(s−l) c(s) − δ^(τ−l) R(τ) + δ^(τ−l) n · W(τ)`. Where nothing is known to take over the work the unit is bought
//! only to be sold at a profit. The lease is never passed in any other way.

use super::case::Case;
use super::outlook;
use super::{Action, Context, Decision, Known, Rule, stays};
use crate::decide::policy::BuyOut;
use crate::decide::prospects::{LeaseTerms, Prospects};
use crate::decide::route::Route;
use crate::decide::window;
use crate::fleet::RegisterDate;
use crate::price::Forecast;
use crate::units::{MoneyError, Month};

/// A leased unit as it would be once bought.
struct Leased {
    prospects: Prospects,
    bought: Option<Bought>,
}

/// What buying is worth at the end of the lease.
struct Bought {
    price: f64,
    /// Present value at the end of the lease, against giving it back.
    saves: f64,
    /// Best month to part with it.
    until: Month,
}

pub(super) fn decide(context: &Context<'_>, known: &Known<'_>) -> Result<Decision, MoneyError> {
    let Some(end) = known.asset.lease_end.map(RegisterDate::month).map(|end| end.max(context.as_of)) else {
        let reason = "Leased, with no end date: take it from the contract.".to_owned();
        let decision = stays(context, known, Action::ReturnLease, Rule::LeaseEnd, reason)?;
        return Ok(Decision { route: Some(Route::LeaseReturn), ..decision });
    };
    let leased = known.forecast.and_then(|forecast| leased(context, known, forecast, end));
    let (prospects, bought) = leased.map_or((None, None), |found| (Some(found.prospects), found.bought));
    let bound_by = Some(format!("lease end {end}"));
    let decision = match bought.filter(|bought| bought.saves > 0.0) {
        Some(Bought { price, saves, until }) => {
            let reason = format!(
                "Leased until {end}: buy it then for {price:.0}; keeping it until {until} saves {saves:.0} against giving it back."
            );
            let decision = stays(context, known, Action::BuyOut, Rule::LeaseEnd, reason)?;
            Decision { month: Some(end), window: Some((end, end)), ..decision }
        }
        None => {
            let fee = context.policy.lease.return_cost;
            let cost = if fee > 0.0 { format!(" Giving it back costs {fee:.0}.") } else { String::new() };
            let reason = format!("Leased: give it back by {end}; it is not yours to sell.{cost}");
            let decision = stays(context, known, Action::ReturnLease, Rule::LeaseEnd, reason)?;
            Decision {
                route: Some(Route::LeaseReturn),
                month: Some(end),
                window: Some((end, end)),
                ..decision
            }
        }
    };
    Ok(Decision { bound_by, prospects, ..decision })
}

/// `None` when the lease ends beyond the months looked ahead.
fn leased(context: &Context<'_>, known: &Known<'_>, forecast: &Forecast, end: Month) -> Option<Leased> {
    let terms = &context.policy.lease;
    let ahead = end.months_since(context.as_of).max(0) as usize;
    if ahead > context.horizon() {
        return None;
    }
    let case = Case::new(context, known, forecast, true);
    let price = match terms.buy_out {
        BuyOut::None => None,
        BuyOut::Market => Some(terms.buy_out_share * case.prices[ahead]),
        BuyOut::Fixed => Some(terms.buy_out_price),
    };
    let values = window::present_values(&case.choice((0, 0), 0.0));
    // Without a challenger nothing prices the work it would go on doing.
    let last = if case.challenger.is_some() { context.horizon() } else { ahead };
    let best = (ahead..=last).min_by(|a, b| values[*a].total_cmp(&values[*b]))?;
    let discount = case.discount.powi(ahead as i32);
    // Leaving at the end without the recovery is giving back.
    let given_back = values[ahead] / discount + case.recoveries[ahead] + terms.return_cost;
    let bought = price.map(|price| Bought {
        price,
        saves: given_back - (values[best] / discount + price),
        until: context.month(best),
    });
    let lease = LeaseTerms { buy_out_price: price, return_cost: terms.return_cost };
    Some(Leased { prospects: outlook::prospects(context, &case, values, (ahead, last), Some(lease)), bought })
}
