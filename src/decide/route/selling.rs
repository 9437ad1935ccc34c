//! A sale that takes time.
//!
//! In: the chance that what is unsold sells within a month, the months after which the rest goes elsewhere, and the
//! price path, which goes on falling meanwhile. Out: the net at the month of leaving as a linear map of its price:
//!
//! `E = Σ_k h (1 − h)^k δ^(k + d) · (s · (f · V_k − b) − a) + (1 − h)^K δ^K · rest(V_K) − handling`
//!
//! h the monthly chance, K the longest stay, d the months to the money, δ the monthly discount factor, and the terms of
//! [`SaleTerms`]. (Unsold units are not lost from the count: the recipe for censored listings.)

use super::Offer;
use super::terms::SaleTerms;
use crate::decide::policy::{Rest, SaleRoute};

/// A way to sell, with all of it that no price changes: made once, asked in every month.
pub(super) struct Sale {
    terms: SaleTerms,
    /// Where unsold units go.
    pub rest: Rest,
    /// Chance that a unit is sold in each month after leaving, discounted to when it is paid.
    sold: Vec<f64>,
    /// All of them.
    paid: f64,
    /// Chance that it is never sold, discounted.
    left: f64,
}

impl Sale {
    /// By the policy's chances, on its terms. `discount` is monthly.
    pub(super) fn new(sale: &SaleRoute, terms: SaleTerms, discount: f64) -> Sale {
        let delay = discount.powi(sale.paid_after_months as i32);
        let (mut unsold, mut waited) = (1.0, 1.0);
        let month = |_| {
            let sold = unsold * sale.sold_monthly * waited * delay;
            unsold *= 1.0 - sale.sold_monthly;
            waited *= discount;
            sold
        };
        let sold: Vec<f64> = (0..sale.longest_months).map(month).collect();
        Sale { terms, rest: sale.rest, paid: sold.iter().sum(), sold, left: unsold * waited }
    }

    /// Months after which the rest goes elsewhere.
    pub(super) fn longest_months(&self) -> usize {
        self.sold.len()
    }

    /// The net over the price of the first month. `prices` go on from there, to the month in which the rest goes elsewhere at
    /// least; `rest` is what an unsold unit nets then, as a map of its own price.
    pub(super) fn offer(&self, prices: &[f64], rest: Offer) -> Offer {
        let terms = &self.terms;
        let sold: f64 = self.sold.iter().zip(prices).map(|(sold, price)| sold * price).sum();
        let (sold, at_end) = (sold / prices[0], prices[self.sold.len()] / prices[0]);
        Offer {
            slope: terms.share * terms.channel_factor * sold + self.left * at_end * rest.slope,
            intercept: -self.paid * (terms.share * terms.fees_before_split + terms.fees_after_split)
                - terms.handling
                + self.left * rest.intercept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::AssetClass;
    use crate::decide::policy::Policy;
    use proptest::prelude::*;

    fn at_once() -> SaleRoute {
        SaleRoute { sold_monthly: 1.0, paid_after_months: 0, ..Policy::built_in().resell }
    }

    fn terms() -> SaleTerms {
        SaleTerms::of(&Policy::built_in(), AssetClass::Laptop)
    }

    const NOTHING: Offer = Offer { slope: 0.0, intercept: 0.0 };

    fn falling(months: u32) -> Vec<f64> {
        (0..=months).map(|month| 500.0 * 0.96_f64.powi(month as i32)).collect()
    }

    #[test]
    fn what_sells_at_once_nets_what_its_terms_say() {
        let longest = at_once().longest_months as usize;
        let offer = Sale::new(&at_once(), terms(), 0.99).offer(&vec![500.0; longest + 1], NOTHING);
        assert!((offer.net(500.0) - terms().net(500.0)).abs() < 1e-9);
    }

    #[test]
    fn two_months_by_hand() {
        let sale = SaleRoute { sold_monthly: 0.5, longest_months: 2, paid_after_months: 1, ..at_once() };
        let terms = SaleTerms {
            channel_factor: 0.9,
            share: 0.5,
            fees_before_split: 10.0,
            fees_after_split: 1.0,
            handling: 3.0,
        };
        let rest = Offer { slope: 0.0, intercept: -6.0 };
        let offer = Sale::new(&sale, terms, 0.99).offer(&[100.0, 90.0, 80.0], rest);
        let sold = |price: f64| 0.5 * (0.9 * price - 10.0) - 1.0;
        let expected = 0.5 * 0.99 * sold(100.0) + 0.25 * 0.99_f64.powi(2) * sold(90.0)
            - 0.25 * 0.99_f64.powi(2) * 6.0
            - 3.0;
        assert!((offer.net(100.0) - expected).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn the_net_is_linear_in_the_share_whatever_time_it_takes(
            share in 0.0..1.0_f64,
            chance in 0.05..1.0_f64,
            longest in 1..12_u32,
            price in 0.0..1e5_f64,
        ) {
            let sale = SaleRoute { sold_monthly: chance, longest_months: longest, ..at_once() };
            let rest = Offer { slope: 0.4, intercept: -5.0 };
            let net = |share: f64| {
                let terms = SaleTerms { share, ..terms() };
                Sale::new(&sale, terms, 0.993).offer(&falling(longest), rest).net(price)
            };
            prop_assert!((net(share) - share * net(1.0) - (1.0 - share) * net(0.0)).abs() < 1e-6);
        }

        #[test]
        fn a_better_chance_never_nets_less_while_the_price_falls(
            chance in 0.05..0.9_f64,
            more in 0.0..0.1_f64,
            price in 100.0..1e5_f64,
        ) {
            let rest = Offer { slope: 0.0, intercept: -6.0 };
            let net = |chance: f64| {
                let sale = SaleRoute { sold_monthly: chance, longest_months: 4, ..at_once() };
                Sale::new(&sale, terms(), 0.993).offer(&falling(4), rest).net(price)
            };
            prop_assert!(net(chance + more) >= net(chance) - 1e-9);
        }
    }
}
