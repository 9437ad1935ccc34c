//! The ways an asset can leave, what each one nets, and which of them are open to it.
//!
//! In: the price path in the open market, the parts of the unit, the policy, what binds the unit. Out: for every
//! month ahead an [`Offer`] of each route ([`offers`]), linear in the price of that month, so that quantiles of the price
//! give quantiles of the net; and what forbids a route ([`feasible`]). A sale that takes time is priced over the months
//! it takes ([`selling`]) on its terms ([`terms`]).

mod feasible;
mod offers;
mod selling;
mod terms;

pub use feasible::Obstacle;
pub(super) use feasible::{Situation, obstacle};
pub(super) use offers::{Menu, Offers};
pub use offers::{Offer, PartPrice};
pub use terms::{FeesOrder, SaleTerms};

/// A way to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Used elsewhere in the house instead of a purchase.
    Redeploy,
    /// Sold through a disposition vendor who keeps a share.
    Resell,
    /// Sold by the owner, one by one.
    Retail,
    /// Sold to a dealer in one lot.
    Wholesale,
    /// Sold back to a vendor at a quoted price.
    BuyBack,
    /// Taken apart, the parts sold.
    Parts,
    /// Given away.
    Donate,
    /// Handed to a recycler for a fee.
    Recycle,
    /// Destroyed under a certificate, then recycled.
    Destroy,
    /// Upgraded and kept for longer.
    Upgrade,
    /// Given back to the lessor.
    LeaseReturn,
}

impl Route {
    /// Every route, in the order in which one of several equal ones is taken.
    pub const ALL: [Route; 11] = [
        Route::Redeploy,
        Route::Resell,
        Route::Retail,
        Route::Wholesale,
        Route::BuyBack,
        Route::Parts,
        Route::Donate,
        Route::Recycle,
        Route::Destroy,
        Route::Upgrade,
        Route::LeaseReturn,
    ];

    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Route::Redeploy => "redeploy",
            Route::Resell => "resell",
            Route::Retail => "retail",
            Route::Wholesale => "wholesale",
            Route::BuyBack => "buy-back",
            Route::Parts => "parts",
            Route::Donate => "donate",
            Route::Recycle => "recycle",
            Route::Destroy => "destroy",
            Route::Upgrade => "upgrade",
            Route::LeaseReturn => "lease return",
        }
    }

    /// What to do, for a sentence.
    pub const fn in_words(self) -> &'static str {
        match self {
            Route::Redeploy => "use it where another would be bought",
            Route::Resell => "sell it",
            Route::Retail => "sell it by yourself",
            Route::Wholesale => "sell it to a dealer",
            Route::BuyBack => "sell it back",
            Route::Parts => "take it apart and sell the parts",
            Route::Donate => "give it away",
            Route::Recycle => "recycle it: a sale would not cover its cost",
            Route::Destroy => "have it destroyed",
            Route::Upgrade => "upgrade it and keep it",
            Route::LeaseReturn => "give it back",
        }
    }

    /// Whether its money is the price of the unit in some market.
    pub const fn is_sale(self) -> bool {
        matches!(self, Route::Resell | Route::Retail | Route::Wholesale | Route::BuyBack)
    }

    /// Whether somebody must buy the unit or its parts: such a market takes only so many in a month.
    pub const fn needs_market(self) -> bool {
        self.is_sale() || matches!(self, Route::Parts)
    }
}
