//! The price of a unit whose product's prices were followed.
//!
//! In: the followed prices of a class and a product. Out: a point a month. The mean of the log price is the forecast's
//! median; its standard deviation is the width of the 80 % interval over 2 · 1.2816. The sale noise is the unit's own,
//! the rest is split between market and product as past errors were.

use super::index::IndexModel;
use super::prices::{FollowedPrices, FollowedProduct};
use crate::fleet::Grade;
use crate::market::Basis;
use crate::price::forecast::{Drivers, Point, Reference, ReferenceKind, Variance};
use crate::price::state_space::quantiles::NORMAL_90;
use crate::price::subject::{Subject, known_price};
use crate::units::Month;

/// A last price older than this says less than the facts of the product.
const OLDEST_LAST_PRICE: i32 = 24;

/// Months by which one series may end before another and still reach as far.
const EQUALLY_FAR: i32 = 3;

/// Share of the variance that the sale noise may take when it is most of what is known.
const MOST_NOISE: f64 = 0.9;

/// A followed product as a forecast sees it.
pub(in crate::price) struct FollowedView<'a> {
    prices: &'a FollowedPrices,
    product: &'a FollowedProduct,
    pub(in crate::price) reference: Reference,
}

impl<'a> FollowedView<'a> {
    /// The followed series that speaks for the subject's product: sold before bought-in before asked before new, then
    /// those in the subject's condition; of the brands and configurations that reach as far, the one whose last price is
    /// the middle one. `None` when none reaches near enough to `start`.
    pub(in crate::price) fn of(
        markets: &'a [FollowedPrices],
        subject: &Subject<'_>,
        start: Month,
    ) -> Option<FollowedView<'a>> {
        let name = &subject.product?.name;
        let fresh = |one: &FollowedProduct| start.index() - one.state.month <= OLDEST_LAST_PRICE;
        let rank = |(market, product): &(&FollowedPrices, &FollowedProduct)| {
            let same_condition = subject.grade.is_some() && condition(product) == subject.grade;
            (nearness(market.basis), same_condition)
        };
        let mut all: Vec<(&FollowedPrices, &FollowedProduct)> = markets
            .iter()
            .flat_map(|market| market.products.iter().map(move |product| (market, product)))
            .filter(|(_, product)| product.product == *name && fresh(product))
            .collect();
        let best = all.iter().map(rank).max()?;
        all.retain(|one| rank(one) == best);
        let latest = all.iter().map(|one| one.1.state.month).max()?;
        all.retain(|one| one.1.state.month >= latest - EQUALLY_FAR);
        all.sort_by(|one, next| one.1.state.last().total_cmp(&next.1.state.last()));
        let (prices, product) = all[(all.len() - 1) / 2];
        let last = Reference { price_usd: product.state.last().exp(), kind: ReferenceKind::LastPrice };
        let reference = known_price(subject).map_or(last, |(price_usd, kind)| Reference { price_usd, kind });
        Some(FollowedView { prices, product, reference })
    }

    /// Condition of the followed units, where the source tells it by a grade.
    pub(in crate::price) fn condition(&self) -> Option<Grade> {
        condition(self.product)
    }

    /// Months with a price.
    pub(in crate::price) fn months(&self) -> usize {
        self.product.months
    }

    /// Name of the market it moves with.
    pub(in crate::price) fn market_name(&self) -> String {
        format!("{} {}", self.prices.basis.name(), self.prices.currency)
    }

    /// Months up to the last price stand at it.
    pub(in crate::price) fn point(&self, month: Month) -> Point {
        let state = &self.product.state;
        let trend = &self.prices.trend;
        let noise = self.prices.noise.powi(2);
        let above_reference = state.last() - self.reference.price_usd.ln();
        let lag = month.index() - state.month;
        let opinion = self.product.in_index.as_ref().and_then(|(name, ln_list_price)| {
            let asked = |index: &IndexModel| index.opinion(name, *ln_list_price, trend.origin, month.index());
            self.prices.index.iter().find_map(asked)
        });
        let Some(found) = trend.forecast(state, month.index(), opinion) else {
            return Point {
                drivers: Drivers { configuration: above_reference, ..Drivers::default() },
                variance: Variance { unit: noise, ..Variance::default() },
            };
        };
        let (found, age, comeback) = if self.prices.naive_from.is_some_and(|months| lag >= months) {
            (found.shifted(state.last() - found.median), 0.0, 0.0)
        } else {
            (found, trend.ageing(state, lag), trend.comeback(state, lag))
        };
        let variance = ((found.upper - found.lower) / (2.0 * NORMAL_90)).powi(2);
        let unit = noise.min(MOST_NOISE * variance);
        let market = self.prices.common_share * (variance - unit);
        Point {
            drivers: Drivers {
                age,
                market: found.median - state.last() - age - comeback,
                configuration: above_reference + comeback,
                ..Drivers::default()
            },
            variance: Variance { market, product: variance - unit - market, unit, curve: 0.0 },
        }
    }
}

fn condition(product: &FollowedProduct) -> Option<Grade> {
    Grade::from_letter(&product.grade)
}

/// How near a kind of price is to what a seller gets.
const fn nearness(basis: Basis) -> u8 {
    match basis {
        Basis::Sold => 3,
        Basis::BuyIn => 2,
        Basis::Asked => 1,
        Basis::New => 0,
    }
}
