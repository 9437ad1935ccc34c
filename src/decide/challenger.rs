//! What would do the work instead: the challenger and the chain that follows it for ever.
//!
//! In: the price, draw and work of a new unit, and the policy. Out: the present value W of buying it now, keeping
//! it for its own best life, and replacing it by its like for ever, while the price of the same work falls:
//!
//! `W = min over L of K(L) / (1 − (δγ)^L)`, `K(L) = P + Σ_{s≤L} δ^s c(s) − δ^L R(L)`,
//!
//! δ the monthly discount factor, γ the monthly factor of technology, R the net resale of a unit L months old by
//! the published curve of its class. Bought at month τ it costs `γ^τ W`.

use super::cost::Holding;
use super::economic_life::cycle_cost;
use super::policy::Policy;
use super::route::SaleTerms;
use crate::price::published::PublishedCurve;
use crate::units::{Month, monthly_discount_factor};

/// Shortest and longest life of a challenger that are tried, months.
const SHORTEST_LIFE: usize = 12;
const LONGEST_LIFE: usize = 120;

/// The best chain of challengers, in the currency of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenger {
    /// Name of the product, or of what it is taken to be.
    pub name: String,
    /// Price of one new unit.
    pub price: f64,
    /// Months after which each link is replaced.
    pub life_months: usize,
    /// Present value of one chain bought in the first month.
    pub chain_cost: f64,
    /// How many of them do the work of one defender.
    pub per_defender: f64,
    /// Factor by which the chain gets cheaper each month.
    pub monthly_factor: f64,
}

impl Challenger {
    /// Finds the best life of a chain of such units.
    pub fn new(name: String, unit: &Holding, per_defender: f64, policy: &Policy) -> Challenger {
        let discount = monthly_discount_factor(policy.discount_rate_yearly);
        let decline = policy.challenger.price_decline_yearly.of(unit.class).unwrap_or(0.0);
        let monthly_factor = (1.0 - decline).powf(1.0 / 12.0);
        let terms = SaleTerms::of(policy, unit.class);
        let curve = PublishedCurve::of_class(unit.class);
        let start: Month = unit.new_in;
        let values: Vec<f64> = (1..=LONGEST_LIFE)
            .map(|life| {
                let share = curve.at(life as f64 / 12.0).mean();
                terms.net(unit.price_new * share).max(-policy.recycle.cost)
            })
            .collect();
        let expenses: Vec<f64> =
            (1..=LONGEST_LIFE).map(|life| unit.cost(policy, start.plus(life as i32))).collect();
        let interest = 1.0 / discount - 1.0;
        let chain = |life: usize| {
            let cycle = cycle_cost(unit.price_new, &values, &expenses, interest, life);
            cycle / (1.0 - (discount * monthly_factor).powi(life as i32))
        };
        let (life_months, chain_cost) = (SHORTEST_LIFE..=LONGEST_LIFE)
            .map(|life| (life, chain(life)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((LONGEST_LIFE, f64::INFINITY));
        Challenger { name, price: unit.price_new, life_months, chain_cost, per_defender, monthly_factor }
    }

    /// Present value, at the month of purchase, of the challengers that replace one defender `ahead` months from
    /// now.
    pub fn cost_from(&self, ahead: usize) -> f64 {
        self.per_defender * self.chain_cost * self.monthly_factor.powi(ahead as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::AssetClass;

    fn laptop() -> Holding {
        Holding {
            class: AssetClass::Laptop,
            power_w: 15.0,
            utilization: None,
            idle: false,
            new_in: "2026-11".parse().unwrap(),
            price_new: 1_300.0,
            warranty_end: None,
            contract: None,
        }
    }

    #[test]
    fn a_laptop_chain_has_a_life_of_some_years_and_costs_more_than_one_laptop() {
        let challenger = Challenger::new("Laptop".into(), &laptop(), 1.0, &Policy::built_in());
        assert!((30..=84).contains(&challenger.life_months), "{}", challenger.life_months);
        assert!(challenger.chain_cost > 1_300.0 && challenger.chain_cost.is_finite());
    }

    #[test]
    fn technology_makes_waiting_cheaper() {
        let server = Holding { class: AssetClass::Server, ..laptop() };
        let challenger = Challenger::new("Server".into(), &server, 1.0, &Policy::built_in());
        assert!(challenger.cost_from(12) < challenger.cost_from(0));
        assert!((challenger.cost_from(12) / challenger.cost_from(0) - 0.9).abs() < 1e-9);
    }
}
