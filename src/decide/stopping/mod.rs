//! Selling into a moving market: at which offer to sell, and what it is worth to be free to wait.
//!
//! In: a forecast, what a sale nets, holding costs and what follows. Out: a [`Stopping`]: the value of the best rule,
//! what it is worth more than the best month fixed now, and by month the prices at which to sell. With payoff
//! R − F (net recovery less the chain that takes over), holding cost c and monthly discount factor δ
//!
//! `V_t = max{ R_t(S) − F_t, δ (E[V_{t+1} | S] − c_{t+1}) }`, leaving being due in the last allowed month
//!
//! (Bellman 1957; Dixit and Pindyck, "Investment under Uncertainty", 1994, chapter 4). [`lattice`] solves it;
//! [`monte_carlo`] and [`dual`] bound the same value from below and above by simulation and are there to check it.
//!
//! **From forecast to process** ([`process`]). A forecast says for every month how unsure the price is, seen from
//! today, and why. Only what the months themselves bring is a reason to wait for them: the growth with the horizon of
//! the variance of market and product. It is resolved month by month as a random walk of the log price. The rest (the
//! class curve, the condition and luck of the single unit, and what is unsure of market and product today) does not
//! change with time; it is unknown now and seen on the first offer, which moves the whole path up or down. The
//! expected price of every month is the forecast's. A market that swings back to its mean would make waiting worth a
//! little less than this does.
//!
//! Value and option value are therefore those of an owner who asks for an offer and then goes by it: even where the
//! market does not move at all, an offer that is higher or lower than expected may be a reason to sell earlier or
//! later than the best month fixed now. A price that falls while holding costs is sold now at any offer worth taking.
//!
//! Measured on table 1 of Longstaff and Schwartz (2001): see `tests/stopping.rs`.

pub mod dual;
pub mod lattice;
pub mod monte_carlo;
pub mod paths;
pub mod process;

pub(crate) mod lanes;
mod leaving;

pub use lattice::{End, Payoff, Problem, Resolution, Solution, solve};
pub use leaving::{LeavingPrices, PriceRange};
pub use process::PriceProcess;

use crate::price::Forecast;
use crate::units::Month;

/// A unit that may be sold, amounts in the currency of the plan. Slices have an entry a month, month 0 first.
#[derive(Clone, Copy)]
pub struct Sale<'a> {
    /// Its price.
    pub forecast: &'a Forecast,
    /// Currency of the plan for one dollar.
    pub factor: f64,
    /// Net recovery at a month ahead and a price in the open market.
    pub net: &'a dyn Payoff,
    /// Cost of holding through each month; the first entry ends one month from now.
    pub holding_costs: &'a [f64],
    /// Present value, at each month, of what takes over from then on; an empty slice where nothing does.
    pub follow_on: &'a [f64],
    /// Monthly discount factor.
    pub discount: f64,
    /// First and last month in which leaving is allowed; in the last it is due.
    pub allowed: (usize, usize),
}

impl std::fmt::Debug for Sale<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sale")
            .field("forecast", self.forecast)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

/// When to sell, one unit, amounts in the currency of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopping {
    /// Month of the first entry of `leaving`.
    pub start: Month,
    /// Present value of going by the offers: net recovery less holding and what follows.
    pub value: f64,
    /// What that is worth more than leaving in the best month fixed now; never below 0.
    pub value_of_waiting: f64,
    /// The best month fixed now, months ahead.
    pub fixed_month: usize,
    /// The first month in which leaving is allowed, months ahead.
    pub first_allowed: usize,
    /// Open-market prices at which to sell, by month ahead up to the last allowed; none in months that are not.
    pub leaving: Vec<LeavingPrices>,
}

impl Stopping {
    /// The price from which on every offer of this month is to be taken; see [`LeavingPrices::reservation_price`].
    pub fn reservation_price_now(&self) -> Option<f64> {
        self.leaving.first().and_then(LeavingPrices::reservation_price)
    }
}

/// Net recovery less what takes over.
struct LessFollowOn<'a> {
    net: &'a dyn Payoff,
    follow_on: &'a [f64],
}

impl LessFollowOn<'_> {
    fn cost(&self, ahead: usize) -> f64 {
        self.follow_on.get(ahead).copied().unwrap_or(0.0)
    }
}

impl Payoff for LessFollowOn<'_> {
    fn at(&self, ahead: usize, price: f64) -> f64 {
        self.net.at(ahead, price) - self.cost(ahead)
    }

    fn at_all(&self, ahead: usize, prices: &[f64], into: &mut [f64]) {
        self.net.at_all(ahead, prices, into);
        lanes::scale(into, 1.0, self.cost(ahead));
    }
}

/// At which offers to sell; `None` for a forecast without a price.
pub fn reservation(sale: &Sale<'_>) -> Option<Stopping> {
    let (first, last) = sale.allowed;
    let process = PriceProcess::of_forecast(sale.forecast, sale.factor, last, 0)?;
    let allowed: Vec<bool> = (0..=last).map(|ahead| ahead >= first).collect();
    let payoff = LessFollowOn { net: sale.net, follow_on: sale.follow_on };
    let problem = Problem {
        process: &process,
        payoff: &payoff,
        holding_costs: sale.holding_costs,
        discount: sale.discount,
        allowed: &allowed,
        end: End::MustLeave,
    };
    let solution = solve(&problem, Resolution::Plan);
    Some(Stopping {
        start: sale.forecast.start,
        value: solution.value,
        // A fixed month is one of the rules, so what is below 0 is rounding.
        value_of_waiting: (solution.value - solution.fixed_value).max(0.0),
        fixed_month: solution.fixed_step,
        first_allowed: first.min(last),
        leaving: solution.leaving,
    })
}

#[cfg(test)]
mod tests;
