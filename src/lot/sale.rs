//! What becomes of one unit: sold one by one, to a dealer, in parts, or recycled.
//!
//! In: the price path of a unit in one condition and the terms. Out: its [`Outcome`]s: with which chance it is sold in which
//! month, what that brings and costs as a present value, while everything common to the lot stands at its middle.
//! Sold one by one with the chance h a month of what is left, for K months, the rest to the dealer or to recycling:
//!
//! `chance h (1 − h)^k,  sales δ^(L + k + d) · s · f · fall_k · P(L + k),  costs δ^(L + k + d) · (s · b + a) + δ^L · refurbishing`
//!
//! L months to the first sale, d months to the money, s the share the channel leaves, f its price against the open market,
//! b and a fees before and after the share, `fall_k = 1 − price_fall · √(N h (1 − h)^k / units a month)` the depth of the
//! market for the N units of the product in the lot. (What is unsold stays in the count: the recipe for censored listings.)

use super::terms::Terms;
use crate::decide::{Rest, SaleRoute};

/// What is done with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// Refurbished and sold one by one.
    OneByOne,
    /// Sold to a dealer with others of its kind.
    ToDealer,
    /// Taken apart, the parts sold to dealers.
    Parts,
    /// Recycled.
    Scrap,
}

impl Treatment {
    /// All of them.
    pub const ALL: [Treatment; 4] =
        [Treatment::OneByOne, Treatment::ToDealer, Treatment::Parts, Treatment::Scrap];

    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            Treatment::OneByOne => "one by one",
            Treatment::ToDealer => "to a dealer",
            Treatment::Parts => "in parts",
            Treatment::Scrap => "scrap",
        }
    }
}

/// One way it can go for a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// How likely.
    pub chance: f64,
    /// Months after the purchase in which it is sold or recycled.
    pub month: usize,
    /// Months after the purchase in which the money comes.
    pub paid: usize,
    /// Whether it is sold.
    pub sold: bool,
    /// Present value of the proceeds, on average over the luck of the unit.
    pub sales: f64,
    /// Present value of what it costs beyond collection and processing.
    pub cost: f64,
}

/// A unit in one condition, seen by a channel. Amounts in the currency of the bid.
#[derive(Debug, Clone, Copy)]
pub struct Unit<'a> {
    /// Mean price in the open market by month.
    pub prices: &'a [f64],
    /// Mean price of all its parts by month; empty when none is known.
    pub parts: &'a [f64],
    /// How many parts there are, and what taking one out costs.
    pub teardown: f64,
    /// Share of the price of the parts that is left after testing.
    pub parts_kept: f64,
    /// Cleaning and mending before it is sold one by one.
    pub refurbishing: f64,
    /// Cost of recycling it.
    pub recycling: f64,
    /// Units of its product in the lot over what the market takes in a month.
    pub units_to_depth: f64,
    /// Share of the price lost when as many are sold as the market takes in a month.
    pub price_fall: f64,
}

impl Unit<'_> {
    /// The outcomes of a treatment; nothing where it is not offered or not possible.
    pub fn outcomes(&self, treatment: Treatment, terms: &Terms) -> Option<Vec<Outcome>> {
        let lot = &terms.policy;
        let listed = lot.months_to_list as usize;
        match treatment {
            Treatment::OneByOne => lot
                .retail
                .offered
                .then(|| self.sale(&lot.retail, self.prices, listed, 1.0, self.refurbishing, terms)),
            Treatment::ToDealer => {
                lot.wholesale.offered.then(|| self.sale(&lot.wholesale, self.prices, listed, 1.0, 0.0, terms))
            }
            Treatment::Parts => (lot.wholesale.offered && !self.parts.is_empty()).then(|| {
                let mut outcomes = self.sale(&lot.wholesale, self.parts, listed, 1.0, self.teardown, terms);
                outcomes.iter_mut().for_each(|outcome| outcome.sales *= self.parts_kept);
                outcomes
            }),
            Treatment::Scrap => Some(vec![self.recycled(1.0, listed, 0.0, terms)]),
        }
    }

    /// A sale over time. `work` is paid at listing, `kept` the share of units that come to be listed here.
    fn sale(
        &self,
        route: &SaleRoute,
        prices: &[f64],
        listed: usize,
        kept: f64,
        work: f64,
        terms: &Terms,
    ) -> Vec<Outcome> {
        let work_now = work * terms.discount.powi(terms.policy.months_to_list as i32);
        let hazard = route.sold_monthly;
        let mut unsold = kept;
        let mut outcomes = Vec::with_capacity(route.longest_months as usize + 2);
        for month in (listed..).take(route.longest_months as usize) {
            let chance = unsold * hazard;
            let paid = month + route.paid_after_months as usize;
            let delayed = terms.discount.powi(paid as i32);
            let price = at(prices, month) * self.fall(chance);
            outcomes.push(Outcome {
                chance,
                month,
                paid,
                sold: true,
                sales: delayed * route.share * route.channel_factor * price,
                cost: delayed * (route.share * route.fee_before_split + route.fee_after_split) + work_now,
            });
            unsold -= chance;
        }
        let end = listed + route.longest_months as usize;
        if unsold > 1e-12 {
            // What even the dealer does not take is recycled.
            match route.rest {
                Rest::Wholesale if !std::ptr::eq(route, &terms.policy.wholesale) => {
                    outcomes.extend(self.sale(&terms.policy.wholesale, prices, end, unsold, work, terms));
                }
                _ => outcomes.push(self.recycled(unsold, end, work_now, terms)),
            }
        }
        outcomes
    }

    fn recycled(&self, chance: f64, month: usize, work_now: f64, terms: &Terms) -> Outcome {
        let cost = self.recycling * terms.discount.powi(month as i32) + work_now;
        Outcome { chance, month, paid: month, sold: false, sales: 0.0, cost }
    }

    /// What the depth of the market leaves of the price when this share of the units is sold in a month.
    fn fall(&self, share: f64) -> f64 {
        (1.0 - self.price_fall * (share * self.units_to_depth).sqrt()).max(0.0)
    }
}

/// A price of a path; beyond its end the last holds.
fn at(prices: &[f64], month: usize) -> f64 {
    prices.get(month).or(prices.last()).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Policy;
    use crate::lot::Asked;

    fn unit(prices: &[f64]) -> Unit<'_> {
        Unit {
            prices,
            parts: &[],
            teardown: 0.0,
            parts_kept: 0.9,
            refurbishing: 20.0,
            recycling: 6.0,
            units_to_depth: 0.0,
            price_fall: 0.1,
        }
    }

    fn terms(policy: &str) -> Terms {
        Terms::new(&Policy::from_toml("mine.toml", policy).unwrap(), Asked::default()).unwrap()
    }

    #[test]
    fn two_months_one_by_one_and_the_rest_to_recycling_by_hand() {
        let terms = terms(
            "[lot]\nfinancing_yearly = 0.12\nmonths_to_list = 1\n[lot.retail]\nsold_monthly = 0.5\nlongest_months = 2\n\
             share = 0.8\nfee_after_split = 10.0\npaid_after_months = 1\nrest = \"recycle\"\n",
        );
        let found = unit(&[100.0, 90.0, 80.0, 70.0]).outcomes(Treatment::OneByOne, &terms).unwrap();
        let month = 1.12_f64.powf(-1.0 / 12.0);
        let expected = [
            (0.5, 1, month.powi(2) * 0.8 * 90.0, month.powi(2) * 10.0 + month * 20.0),
            (0.25, 2, month.powi(3) * 0.8 * 80.0, month.powi(3) * 10.0 + month * 20.0),
            (0.25, 3, 0.0, month.powi(3) * 6.0 + month * 20.0),
        ];
        assert_eq!(found.len(), expected.len());
        for (found, (chance, month, sales, cost)) in found.iter().zip(expected) {
            assert_eq!((found.chance, found.month), (chance, month));
            assert!((found.sales - sales).abs() < 1e-9 && (found.cost - cost).abs() < 1e-9, "{found:?}");
        }
    }

    #[test]
    fn chances_add_to_one_and_many_units_sell_for_less() {
        let terms = terms("");
        let prices = [500.0; 12];
        let alone = unit(&prices);
        let many = Unit { units_to_depth: 4.0, ..alone };
        for treatment in [Treatment::OneByOne, Treatment::ToDealer, Treatment::Scrap] {
            let sum: f64 = alone.outcomes(treatment, &terms).unwrap().iter().map(|one| one.chance).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{treatment:?} {sum}");
        }
        let first = |unit: &Unit<'_>| unit.outcomes(Treatment::ToDealer, &terms).unwrap()[0].sales;
        // Four months' worth at once: one fifth less, by 0.10 × √4.
        assert!((first(&many) / first(&alone) - 0.8).abs() < 1e-9);
        assert_eq!(alone.outcomes(Treatment::Parts, &terms), None);
    }
}
