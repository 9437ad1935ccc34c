//! What one unit of a cohort has before it, month by month.
//!
//! In: what the decision computed on its way. Out: the vectors from which a schedule can weigh any month against any
//! other, and not only the best one. All amounts are for one unit, in the currency of the plan.

use super::challenger::Challenger;
use super::cost::Holding;
use super::route::{Offer, Route};

/// What the end of a lease means for one unit, amounts in the currency of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeaseTerms {
    /// What the unit can be bought for at the end, where the contract allows it.
    pub buy_out_price: Option<f64>,
    /// What giving it back costs.
    pub return_cost: f64,
}

/// What can become of one unit at each month ahead, month 0 first.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospects {
    /// Present value of leaving then, a cost: lower is better.
    pub present_values: Vec<f64>,
    /// Net recovery then, by the best route.
    pub recoveries: Vec<f64>,
    /// The best route then.
    pub routes: Vec<Route>,
    /// What that route nets at a price in the open market.
    pub offers: Vec<Offer>,
    /// The part of the recovery that moves one for one with the market price; nothing where the route needs no market.
    pub market_parts: Vec<f64>,
    /// Net recovery by the best route that needs no market.
    pub unsold_recoveries: Vec<f64>,
    /// That route.
    pub unsold_route: Route,
    /// Price in the open market.
    pub market_prices: Vec<f64>,
    /// Cost of holding it through the month that ends then; the first entry ends one month from now.
    pub holding_costs: Vec<f64>,
    /// What it would earn by the hour in that month, where that decides; else empty.
    pub incomes: Vec<f64>,
    /// The unit as its costs see it.
    pub unit: Holding,
    /// First and last month in which it may go at all.
    pub allowed: (usize, usize),
    /// Months since it was new.
    pub age_months: i32,
    /// Whether somebody uses it, so that something must take its place.
    pub in_use: bool,
    /// What takes its place, when that is known.
    pub challenger: Option<Challenger>,
    /// Of a leased unit, what the end of its lease means.
    pub lease: Option<LeaseTerms>,
}
