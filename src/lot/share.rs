//! Sharing the revenue instead of buying outright.
//!
//! In: the draws of a lot, the owner's share s and the fees F. Out: what both get under each kind of deal, in the same draws.
//! With the proceeds G of a draw (after what the marketplaces keep),
//!
//! `fees before the split: owner = s · (G − F)`,  `fees after it: owner = s · G − F`,
//!
//! and the vendor keeps the rest and bears the costs. Outright the owner has the bid for certain and the vendor the risk.

use super::bid::Bid;
use super::simulate::Draws;
use super::terms::Terms;
use crate::decide::FeesOrder;
use crate::units::Quantiles;

/// One kind of deal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deal {
    /// When the fees come off.
    pub taken: FeesOrder,
    /// What the owner gets, a present value.
    pub owner: Quantiles,
    /// What the vendor earns after all costs.
    pub vendor: Quantiles,
    /// Chance that the owner gets less than the bid.
    pub owner_below_bid: f64,
    /// Chance that the vendor loses.
    pub vendor_loses: f64,
}

/// A share of the revenue beside the bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Sharing {
    /// The owner's share.
    pub share: f64,
    /// Fees of the whole lot.
    pub fees: f64,
    /// The deal asked for, then the other.
    pub deals: [Deal; 2],
}

/// Compares, if a share is asked for.
pub(super) fn sharing(draws: &Draws, units: u64, bid: &Bid, terms: &Terms) -> Option<Sharing> {
    let (share, taken) = terms.share?;
    let fees = units as f64 * terms.policy.share_fee;
    let other = match taken {
        FeesOrder::BeforeSplit => FeesOrder::AfterSplit,
        FeesOrder::AfterSplit => FeesOrder::BeforeSplit,
    };
    let deals = [taken, other].map(|taken| deal(draws, fees, share, taken, bid));
    Some(Sharing { share, fees, deals })
}

fn deal(draws: &Draws, fees: f64, share: f64, taken: FeesOrder, bid: &Bid) -> Deal {
    let mut owner: Vec<f64> = draws.sales.iter().map(|gross| taken.net(share, *gross, fees)).collect();
    let mut vendor: Vec<f64> = draws.net.iter().zip(&owner).map(|(net, owner)| net - owner).collect();
    let count = owner.len() as f64;
    let below =
        |values: &[f64], limit: f64| values.iter().filter(|value| **value < limit).count() as f64 / count;
    let owner_below_bid = below(&owner, bid.judged.price.major());
    let vendor_loses = below(&vendor, 0.0);
    let expected = taken.net(share, bid.expected_sales, fees);
    let left = bid.expected_sales - bid.expected_cost - expected;
    Deal {
        taken,
        owner: Quantiles { mean: expected, ..Quantiles::from_draws(&mut owner) },
        vendor: Quantiles { mean: left, ..Quantiles::from_draws(&mut vendor) },
        owner_below_bid,
        vendor_loses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_before_and_after_the_split_give_the_two_published_nets() {
        let net = |taken: FeesOrder| format!("{:.2}", taken.net(0.65, 214.0, 15.65));
        assert_eq!(net(FeesOrder::BeforeSplit), "128.93");
        assert_eq!(net(FeesOrder::AfterSplit), "123.45");
    }
}
