//! What a quarter's delay costs: of the arrival, and of the disposal.
//!
//! In: what leaves and when, the newcomers. Out: two [`Delay`]s, present values seen from the month of the plan, by cause.
//! With δ the monthly discount factor, c what a month of running a unit costs, s what a month on the shelf costs, R its
//! recovery, a the month of the arrival and m that of leaving, W(t) the chain of newcomers bought at t:
//!
//! - arrival late: `Σ δ^t c(t) for t = a+1 … a+3, + δ^m R(m) − δ^(m+3) R(m+3), − q · (δ^a W(a) − δ^(a+3) W(a+3))`: the old
//!   units run on and lose price, the newcomers cost nothing yet;
//! - disposal late: `Σ δ^t s(t) for t = m+1 … m+3, + δ^m R(m) − δ^(m+3) k R(m+3)`: switched off on a shelf, where a share
//!   1 − k of them is lost.
//!
//! What changes the recovery is told apart: the fall of the price, what is lost on the shelf, and interest.

use super::worth::{Drawn, Draws, Way};
use crate::decide::{Challenger, DRAWS, Holding, HoldingCost, Policy, Prospects, kept};
use crate::units::{Currency, Money, MoneyError, Month, Quantiles, monthly_discount_factor};

/// Months of the delay: a quarter.
pub const QUARTER: usize = 3;

/// A cause and what it costs; what it saves is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// In words.
    pub name: &'static str,
    /// Present value.
    pub cost: Money,
}

/// What a quarter's delay costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Delay {
    /// Its causes, without those that cost nothing.
    pub causes: Vec<Cause>,
    /// Their sum.
    pub cost: Money,
    /// The sum in joint draws of the prices.
    pub quantiles: Quantiles,
}

/// Units of one cohort that leave in one month, as delays see them.
pub(super) struct Leaving<'a> {
    pub drawn: Drawn,
    pub policy: &'a Policy,
    pub prospects: Option<&'a Prospects>,
    pub leased: bool,
    /// Months ahead.
    pub arrival: usize,
    pub month: usize,
    pub price_fall: f64,
}

/// Which delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    Arrival,
    Disposal,
}

/// What waiting costs one unit, by cause, present values.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Waiting {
    held: HoldingCost,
    income: f64,
    price: f64,
    lost: f64,
    interest: f64,
}

impl Waiting {
    /// All of it.
    pub(super) fn total(&self) -> f64 {
        self.held.total() - self.income + self.price + self.lost + self.interest
    }

    fn causes(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let recovery = [
            ("rental income", -self.income),
            ("fall of the price", self.price),
            ("lost on the shelf", self.lost),
            ("interest on the recovery", self.interest),
        ];
        self.held.parts().into_iter().chain(recovery)
    }
}

impl Leaving<'_> {
    /// Share of the units that is still there, of those that wait for room after the arrival.
    pub(super) fn kept_until_leaving(&self) -> f64 {
        kept(self.policy, true, self.month.saturating_sub(self.arrival))
    }

    /// Ways out in the month of leaving and a quarter later.
    fn ways(&self, late: Late) -> Option<(Way, Way)> {
        let prospects = self.prospects.filter(|_| !self.leased)?;
        let now = self.kept_until_leaving();
        let then = if late == Late::Disposal { now * kept(self.policy, true, QUARTER) } else { now };
        let way = |month: usize, kept: f64| Way::best(prospects, month, self.price_fall, kept);
        Some((way(self.month, now), way(self.month + QUARTER, then)))
    }

    /// What waiting costs one unit.
    pub(super) fn waiting(&self, as_of: Month, late: Late) -> Waiting {
        let discount = monthly_discount_factor(self.policy.discount_rate_yearly);
        let mut waiting = Waiting::default();
        let Some(prospects) = self.prospects else { return waiting };
        let (from, unit) = match late {
            Late::Arrival => (self.arrival, prospects.unit),
            Late::Disposal => (self.month, Holding { idle: true, ..prospects.unit }),
        };
        // A leased unit that goes back late stands on nobody's shelf: what the lessor asks is in the contract.
        let holds = !(self.leased && late == Late::Disposal);
        for ahead in (from + 1..=from + QUARTER).filter(|_| holds) {
            let factor = discount.powi(ahead as i32);
            let month = as_of.plus(ahead as i32);
            waiting.held = waiting.held.plus(unit.costs(self.policy, month).times(factor));
            if late == Late::Arrival {
                waiting.income += factor * prospects.incomes.get(ahead - 1).copied().unwrap_or(0.0);
            }
        }
        if let Some((sooner, later)) = self.ways(late) {
            let (soon, then) =
                (discount.powi(self.month as i32), discount.powi((self.month + QUARTER) as i32));
            let shelf = if late == Late::Disposal { kept(self.policy, true, QUARTER) } else { 1.0 };
            let whole = later.net / shelf;
            waiting.price = then * (sooner.net - whole);
            waiting.lost = then * (whole - later.net);
            waiting.interest = (soon - then) * sooner.net;
        }
        waiting
    }
}

/// What arrives, as a chain of its like, and how many.
pub(super) struct Newcomers<'a> {
    pub chain: &'a Challenger,
    pub count: f64,
    pub policy: &'a Policy,
    /// Months ahead.
    pub arrival: usize,
}

impl Newcomers<'_> {
    /// Present value of what one costs in the quarter after its arrival: capital, running, and the fall of its price.
    pub(super) fn quarter_of_one(&self) -> f64 {
        let discount = monthly_discount_factor(self.policy.discount_rate_yearly);
        let cost = |ahead: usize| discount.powi(ahead as i32) * self.chain.cost_from(ahead);
        cost(self.arrival) - cost(self.arrival + QUARTER)
    }
}

/// Sums a delay over everything that leaves.
pub(super) fn delay(
    leaving: &[Leaving<'_>],
    late: Late,
    newcomers: Option<&Newcomers<'_>>,
    draws: &mut Draws<'_>,
    (as_of, currency): (Month, Currency),
) -> Result<Delay, MoneyError> {
    let mut causes: Vec<(&'static str, f64)> = Waiting::default().causes().collect();
    let mut sums = vec![0.0; DRAWS];
    for part in leaving {
        let units = part.drawn.units as f64;
        for (sum, (_, cost)) in causes.iter_mut().zip(part.waiting(as_of, late).causes()) {
            sum.1 += units * cost;
        }
        add_draws(&mut sums, part, late, draws);
    }
    if let Some(newcomers) = newcomers {
        causes.push(("newcomers cost nothing yet", -newcomers.count * newcomers.quarter_of_one()));
    }
    let causes: Vec<Cause> = causes
        .into_iter()
        .map(|(name, cost)| Ok(Cause { name, cost: Money::from_major(cost, currency)? }))
        .filter(|cause| cause.as_ref().is_ok_and(|cause| cause.cost.minor() != 0) || cause.is_err())
        .collect::<Result<_, MoneyError>>()?;
    let cost = Money::from_minor(causes.iter().map(|cause| cause.cost.minor()).sum(), currency);
    let drawn = Quantiles::from_draws(&mut sums);
    let quantiles = drawn.map_linear(1.0, cost.major() - drawn.mean);
    Ok(Delay { causes, cost, quantiles })
}

/// Adds what the recovery of a part loses in every draw.
fn add_draws(sums: &mut [f64], part: &Leaving<'_>, late: Late, draws: &mut Draws<'_>) {
    let Some((sooner, later)) = part.ways(late) else { return };
    let then = part.month + QUARTER;
    let Some((before, after)) =
        draws.prices(part.drawn, part.month).zip(draws.later_prices(part.drawn, part.month, then))
    else {
        return;
    };
    let discount = monthly_discount_factor(part.policy.discount_rate_yearly);
    let (soon, late) = (discount.powi(part.month as i32), discount.powi(then as i32));
    let units = part.drawn.units as f64;
    for (sum, (before, after)) in sums.iter_mut().zip(before.iter().zip(&after)) {
        *sum += units * (soon * sooner.offer.net(*before) - late * later.offer.net(*after));
    }
}
