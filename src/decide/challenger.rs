//! What would do the work instead: the challenger and the chain that follows it for ever.
//!
//! In: the price, draw and work of a new unit, and the policy. Out: the present value W of buying it now, keeping
//! it for its own best life, and replacing it by its like for ever, while the price of the same work falls:
//!
//! `W = min over L of K(L) / (1 − (δγ)^L)`, `K(L) = P + Σ_{s≤L} δ^s c(s) − δ^L R(L)`,
//!
//! δ the monthly discount factor, γ the monthly factor of technology, R the net resale of a unit L months old by
//! the published curve of its class. Bought at month τ it costs `γ^τ W`.

use std::sync::Arc;

use super::cost::{Holding, Wear};
use super::policy::{Policy, RefreshRule};
use super::route::Menu;
use crate::price::published::PublishedCurve;
use crate::units::monthly_discount_factor;

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
    /// One of them as its costs see it, new in the month one looks from.
    pub unit: Holding,
    /// What one nets when it leaves after 1, 2, … months of its life, bought in the month one looks from.
    pub resale: Arc<[f64]>,
}

/// The chains of one kind of unit, for any life and any energy tariff.
#[derive(Debug)]
pub(super) struct Chain {
    unit: Holding,
    price: f64,
    /// Shortest and longest life that are tried.
    lives: (usize, usize),
    /// Net resale and cost of each month of life, from the first to the last that is tried.
    values: Arc<[f64]>,
    expenses: Vec<f64>,
    /// Energy of a month over the tariff.
    kwh_monthly: f64,
    discount: f64,
    monthly_factor: f64,
}

impl Chain {
    /// The chain of such a unit.
    pub(super) fn new(unit: &Holding, policy: &Policy, wear: &Wear) -> Chain {
        let refresh = policy.refresh_months.of(unit.class).unwrap_or(60) as usize;
        let lives = match policy.refresh_rule {
            RefreshRule::Best => (SHORTEST_LIFE, LONGEST_LIFE),
            RefreshRule::Fixed => fixed(refresh),
        };
        Chain::of_lives(unit, policy, wear, lives)
    }

    /// The same with each link replaced within given lives.
    fn of_lives(unit: &Holding, policy: &Policy, wear: &Wear, lives: (usize, usize)) -> Chain {
        let decline = policy.challenger.price_decline_yearly.of(unit.class).unwrap_or(0.0);
        let discount = monthly_discount_factor(policy.discount_rate_yearly);
        let curve = PublishedCurve::of_class(unit.class);
        let expense = |life: usize| unit.costs_with(policy, wear, unit.new_in.plus(life as i32)).total();
        let prices: Vec<f64> =
            (1..=LONGEST_LIFE).map(|life| unit.price_new * curve.at(life as f64 / 12.0).mean()).collect();
        Chain {
            unit: *unit,
            lives,
            price: unit.price_new,
            values: Menu::of_whole(policy, unit.class, &prices, discount).best_nets(lives.1).into(),
            expenses: (1..=lives.1).map(expense).collect(),
            kwh_monthly: unit.kwh_monthly(policy),
            discount,
            monthly_factor: (1.0 - decline).powf(1.0 / 12.0),
        }
    }

    /// Best life and present value of the chain when a kWh costs `dearer` more than it does.
    pub(super) fn best(&self, dearer: f64) -> (usize, f64) {
        let more = dearer * self.kwh_monthly;
        let (mut discount, mut spent) = (1.0, self.price);
        let mut best = (LONGEST_LIFE, f64::INFINITY);
        for life in 1..=self.lives.1 {
            discount *= self.discount;
            spent += discount * (self.expenses[life - 1] + more);
            let cycle = spent - discount * self.values[life - 1];
            let cost = cycle / (1.0 - (self.discount * self.monthly_factor).powi(life as i32));
            if life >= self.lives.0 && cost < best.1 {
                best = (life, cost);
            }
        }
        best
    }
}

/// One life that is tried.
fn fixed(refresh: usize) -> (usize, usize) {
    let life = refresh.clamp(1, LONGEST_LIFE);
    (life, life)
}

impl Challenger {
    /// Finds the best life of a chain of such units.
    pub(crate) fn new(
        name: String,
        unit: &Holding,
        per_defender: f64,
        policy: &Policy,
        wear: &Wear,
    ) -> Challenger {
        Challenger::of_chain(name, per_defender, &Chain::new(unit, policy, wear))
    }

    /// A chain of such units, each replaced at the refresh age of the policy: what follows where no successor is known.
    pub(crate) fn at_refresh_age(
        name: String,
        unit: &Holding,
        per_defender: f64,
        policy: &Policy,
        wear: &Wear,
    ) -> Challenger {
        let refresh = policy.refresh_months.of(unit.class).unwrap_or(60) as usize;
        Challenger::of_chain(name, per_defender, &Chain::of_lives(unit, policy, wear, fixed(refresh)))
    }

    pub(super) fn of_chain(name: String, per_defender: f64, chain: &Chain) -> Challenger {
        let (life_months, chain_cost) = chain.best(0.0);
        Challenger {
            name,
            price: chain.price,
            life_months,
            chain_cost,
            per_defender,
            monthly_factor: chain.monthly_factor,
            unit: chain.unit,
            resale: Arc::clone(&chain.values),
        }
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
    use crate::decide::economic_life::cycle_cost;

    fn laptop() -> Holding {
        Holding {
            class: AssetClass::Laptop,
            power_w: 15.0,
            utilization: None,
            idle: false,
            new_in: "2026-11".parse().unwrap(),
            price_new: 1_300.0,
            price_per_kwh: 0.13,
            warranty_end: None,
            contract: None,
        }
    }

    #[test]
    fn a_laptop_chain_has_a_life_of_some_years_and_costs_more_than_one_laptop() {
        let challenger = Challenger::new(
            "Laptop".into(),
            &laptop(),
            1.0,
            &Policy::built_in(),
            &Wear::of(&Policy::built_in()),
        );
        assert!((30..=84).contains(&challenger.life_months), "{}", challenger.life_months);
        assert!(challenger.chain_cost > 1_300.0 && challenger.chain_cost.is_finite());
    }

    #[test]
    fn the_chain_of_a_life_is_its_cycle_cost_repeated_for_ever() {
        let policy = Policy::built_in();
        let chain = Chain::new(&laptop(), &policy, &Wear::of(&policy));
        let (life, cost) = chain.best(0.0);
        let interest = 1.0 / chain.discount - 1.0;
        let cycle = cycle_cost(chain.price, &chain.values, &chain.expenses, interest, life);
        let repeated: f64 = (0..400).map(|link| cycle * chain.discount.powi((life * link) as i32)).sum();
        assert!((repeated - cost).abs() < 1e-6 * cost);
    }

    #[test]
    fn dearer_energy_makes_the_chain_as_dear_as_a_dearer_unit_would() {
        let policy = Policy::built_in();
        let dear = Holding { price_per_kwh: 0.33, ..laptop() };
        let shifted = Chain::new(&laptop(), &policy, &Wear::of(&policy)).best(0.20);
        let anew = Chain::new(&dear, &policy, &Wear::of(&policy)).best(0.0);
        assert_eq!(shifted.0, anew.0);
        assert!((shifted.1 - anew.1).abs() < 1e-8);
    }

    #[test]
    fn technology_makes_waiting_cheaper() {
        let server = Holding { class: AssetClass::Server, ..laptop() };
        let challenger = Challenger::new(
            "Server".into(),
            &server,
            1.0,
            &Policy::built_in(),
            &Wear::of(&Policy::built_in()),
        );
        assert!(challenger.cost_from(12) < challenger.cost_from(0));
        assert!((challenger.cost_from(12) / challenger.cost_from(0) - 0.9).abs() < 1e-9);
    }
}
