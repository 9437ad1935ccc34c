//! Terms of a sale, checked once: the share of the owner and the fees.
//!
//! In: a price in the open market. Out: what the owner keeps. With the gross price in its channel G, share s:
//!
//! `net = s · (G − fees before the split) − fees after the split − handling`
//!
//! which is linear in G and in s. Where the drives must be destroyed, G is that of a unit without drives, and handling
//! holds the shredding.

use serde::{Deserialize, Serialize};

use super::Route;
use crate::catalog::AssetClass;
use crate::decide::policy::{DataRule, Policy, SaleRoute};
use crate::units::Quantiles;

/// Where the fees of a shared sale come off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeesOrder {
    /// From the gross price, so that both sides bear them.
    BeforeSplit,
    /// From the owner's share.
    AfterSplit,
}

impl FeesOrder {
    /// What the owner keeps of a sale: `s · (G − F)` with fees before the split, `s · G − F` with fees after it.
    pub fn net(self, share: f64, gross: f64, fees: f64) -> f64 {
        match self {
            FeesOrder::BeforeSplit => share * (gross - fees),
            FeesOrder::AfterSplit => share * gross - fees,
        }
    }
}

/// Terms of a shared sale, all in one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SaleTerms {
    /// Price in the channel over the open-market price.
    pub channel_factor: f64,
    /// Owner's share of what is split.
    pub share: f64,
    /// Fees taken off before the split.
    pub fees_before_split: f64,
    /// Fees taken off the owner's share.
    pub fees_after_split: f64,
    /// Packing and freight, borne by the owner.
    pub handling: f64,
}

impl SaleTerms {
    /// The policy's terms of consignment for a class.
    pub fn of(policy: &Policy, class: AssetClass) -> SaleTerms {
        SaleTerms::of_sale(&policy.resell, policy, class)
    }

    /// The policy's terms of a route; those of consignment for a route that is no sale of its own.
    pub fn of_route(policy: &Policy, class: AssetClass, route: Route) -> SaleTerms {
        SaleTerms::of_sale(sale_of(policy, route), policy, class)
    }

    fn of_sale(sale: &SaleRoute, policy: &Policy, class: AssetClass) -> SaleTerms {
        let (price, fee) = match policy.disposal.data {
            DataRule::DestroyDrives => (policy.disposal.without_drives_factor, policy.disposal.drive_fee),
            _ => (1.0, 0.0),
        };
        SaleTerms {
            channel_factor: sale.channel_factor * price,
            share: sale.share,
            fees_before_split: sale.fee_before_split,
            fees_after_split: sale.fee_after_split,
            handling: policy.handling.of(class).unwrap_or(0.0) + fee,
        }
    }

    /// What the owner keeps of a sale at `market_price` in the open market.
    pub fn net(&self, market_price: f64) -> f64 {
        self.share * (self.channel_factor * market_price - self.fees_before_split)
            - self.fees_after_split
            - self.handling
    }

    /// Quantiles of the net from quantiles of the market price.
    pub fn net_quantiles(&self, market_price: Quantiles) -> Quantiles {
        market_price.map_linear(self.share * self.channel_factor, self.net(0.0))
    }
}

/// The section of the policy that a way to sell has.
pub(super) fn sale_of(policy: &Policy, route: Route) -> &SaleRoute {
    match route {
        Route::Retail => &policy.retail,
        Route::Wholesale => &policy.wholesale,
        Route::BuyBack => &policy.buy_back,
        _ => &policy.resell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(share: f64, before: f64, after: f64) -> SaleTerms {
        SaleTerms {
            channel_factor: 1.0,
            share,
            fees_before_split: before,
            fees_after_split: after,
            handling: 0.0,
        }
    }

    #[test]
    fn fees_before_and_after_the_split_give_the_two_published_nets() {
        assert_eq!(format!("{:.2}", terms(0.65, 15.65, 0.0).net(214.0)), "128.93");
        assert_eq!(format!("{:.2}", terms(0.65, 0.0, 15.65).net(214.0)), "123.45");
    }

    #[test]
    fn drives_that_must_be_destroyed_take_their_price_and_their_fee() {
        let mine = Policy::from_toml("mine.toml", "[disposal]\ndata = \"destroy drives\"\n").unwrap();
        let (with, without) = (
            SaleTerms::of(&Policy::built_in(), AssetClass::Laptop),
            SaleTerms::of(&mine, AssetClass::Laptop),
        );
        assert!((without.channel_factor - 0.85 * with.channel_factor).abs() < 1e-12);
        assert_eq!(without.handling, with.handling + 6.0);
    }

    proptest! {
        #[test]
        fn the_gap_between_the_two_is_the_vendors_share_of_the_fees(
            gross in 0.0..1e5_f64,
            fees in 0.0..1e3_f64,
            share in 0.0..1.0_f64,
        ) {
            let gap = terms(share, fees, 0.0).net(gross) - terms(share, 0.0, fees).net(gross);
            prop_assert!((gap - (1.0 - share) * fees).abs() < 1e-6);
        }

        #[test]
        fn net_is_linear_in_the_share(gross in 0.0..1e5_f64, fees in 0.0..1e3_f64, share in 0.0..1.0_f64) {
            let net = |share| terms(share, fees, 0.0).net(gross);
            let mixed = share * net(1.0) + (1.0 - share) * net(0.0);
            prop_assert!((net(share) - mixed).abs() < 1e-6);
        }
    }
}
