//! What is known of a unit whose price is asked.
//!
//! In: facts of the catalog and of the register. Out: a [`Subject`], and from it the price it cost new, when it was
//! got, and when its product came to market.

use super::forecast::ReferenceKind;
use super::parts::Configuration;
use crate::catalog::{AssetClass, Product};
use crate::fleet::Grade;
use crate::units::Month;

/// Months between a product's launch and its purchase where only the purchase is known.
const USUAL_MONTHS_FROM_LAUNCH: i32 = 9;

/// What is known of a unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subject<'a> {
    /// Kind of hardware.
    pub class: AssetClass,
    /// The catalogued product, if identified.
    pub product: Option<&'a Product>,
    /// When its successor came or comes to market.
    pub successor_launch: Option<Month>,
    /// What one unit cost new, dollars.
    pub cost_usd: Option<f64>,
    /// Whether that cost is taken from other units of the product.
    pub cost_from_siblings: bool,
    /// When this owner got it.
    pub acquired: Option<Month>,
    /// Its condition.
    pub grade: Option<Grade>,
    /// Accelerators it carries: the card and how many.
    pub accelerators: Option<(&'a Product, u32)>,
    /// What a server holds, as far as it is said.
    pub configuration: Configuration<'a>,
}

impl Subject<'_> {
    /// How its cost is called.
    pub(super) fn cost_kind(&self) -> ReferenceKind {
        if self.cost_from_siblings { ReferenceKind::SiblingCost } else { ReferenceKind::PurchaseCost }
    }
}

/// List price, else purchase cost.
pub(super) fn known_price(subject: &Subject<'_>) -> Option<(f64, ReferenceKind)> {
    let list = subject.product.and_then(Product::list_price_usd);
    list.map(|price| (price, ReferenceKind::ListPrice))
        .or_else(|| subject.cost_usd.map(|cost| (cost, subject.cost_kind())))
}

/// When this owner got it, else the product's launch.
pub(super) fn acquired(subject: &Subject<'_>) -> Option<Month> {
    subject.acquired.or_else(|| subject.product.and_then(|product| product.launch).map(|launch| launch.month))
}

/// When the product came to market, or a guess from the purchase.
pub(super) fn launched(subject: &Subject<'_>) -> Option<Month> {
    let stated = subject.product.and_then(|product| product.launch).map(|launch| launch.month);
    stated.or_else(|| subject.acquired.map(|bought| bought.plus(-USUAL_MONTHS_FROM_LAUNCH)))
}
