//! The ways an asset can leave, and what each one nets.
//!
//! In: a price in the open market and the policy's terms. Out: net recovery. For a sale that is shared with a
//! disposition vendor, with the gross price in its channel G, share s:
//!
//! `net = s · (G − fees before the split) − fees after the split − handling`
//!
//! which is linear in G, so quantiles of the price give quantiles of the net. Routes now: resell, recycle,
//! return to the lessor.

use super::policy::Policy;
use crate::catalog::AssetClass;
use crate::units::Quantiles;

/// A way to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Sold through a disposition vendor who keeps a share.
    Resell,
    /// Handed to a recycler for a fee.
    Recycle,
    /// Given back to the lessor.
    LeaseReturn,
}

impl Route {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Route::Resell => "resell",
            Route::Recycle => "recycle",
            Route::LeaseReturn => "lease return",
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
    /// The policy's terms for a class.
    pub fn of(policy: &Policy, class: AssetClass) -> SaleTerms {
        SaleTerms {
            channel_factor: policy.resell.channel_factor,
            share: policy.resell.share,
            fees_before_split: policy.resell.fee_before_split,
            fees_after_split: policy.resell.fee_after_split,
            handling: policy.handling.of(class).unwrap_or(0.0),
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
