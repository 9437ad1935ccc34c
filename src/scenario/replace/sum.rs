//! A sum over units in every draw, and of their printed amounts.
//!
//! In: units, what each is printed with, and their prices in draws. Out: a [`Total`] whose mean is what is printed.

use crate::decide::{DRAWS, Policy, Total};
use crate::units::Money;

/// The sum so far.
pub(super) struct Sum {
    units: u64,
    expected: Money,
    draws: Vec<f64>,
}

impl Sum {
    /// Nothing yet, in the currency of the policy.
    pub(super) fn new(policy: &Policy) -> Sum {
        Sum { units: 0, expected: Money::zero(policy.currency), draws: vec![0.0; DRAWS] }
    }

    /// Adds units of which each brings the printed amount, and `net(price)` at the price of each draw.
    pub(super) fn add(&mut self, units: u64, each: Money, prices: &[f64], net: impl Fn(f64) -> f64) {
        self.units += units;
        self.expected =
            Money::from_minor(self.expected.minor() + each.minor() * units as i64, self.expected.currency());
        for (draw, price) in self.draws.iter_mut().zip(prices) {
            *draw += units as f64 * net(*price);
        }
    }

    /// The sum with its quantiles.
    pub(super) fn total(mut self) -> Total {
        Total::of_draws(self.units, self.expected, &mut self.draws)
    }
}
