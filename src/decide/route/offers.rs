//! What every route nets in every month.
//!
//! In: the price path of a unit, its parts, what binds it, the policy. Out: an [`Offer`] by route and month, and the best
//! open one of each month.

use super::Route;
use super::feasible::{Obstacle, Situation, obstacle};
use super::selling::Sale;
use super::terms::{SaleTerms, sale_of};
use crate::catalog::AssetClass;
use crate::decide::policy::{Policy, Rest};
use crate::decide::stopping::lanes::{self, Line};
use crate::units::{LogNormal, Quantiles};

/// What a route nets at a price in the open market: `slope × price + intercept`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Offer {
    /// Part of each unit of price that is kept.
    pub slope: f64,
    /// What comes on top, whatever the price.
    pub intercept: f64,
}

impl Offer {
    /// The net at a price.
    pub fn net(&self, price: f64) -> f64 {
        self.slope * price + self.intercept
    }

    /// Quantiles of the net.
    pub fn net_quantiles(&self, price: Quantiles) -> Quantiles {
        price.map_linear(self.slope, self.intercept)
    }

    /// The offer when only a share of the units is left.
    pub(in crate::decide) fn scaled(&self, kept: f64) -> Offer {
        Offer { slope: kept * self.slope, intercept: kept * self.intercept }
    }
}

/// A part of a unit that sells by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct PartPrice {
    /// What it is.
    pub name: String,
    /// How many are in one unit.
    pub count: f64,
    /// Price of one in the open market, in dollars, month by month; beyond the last entry it holds.
    pub prices: Vec<LogNormal>,
}

impl PartPrice {
    /// Mean price of all of them, dollars.
    pub(crate) fn mean_of_all(&self, ahead: usize) -> f64 {
        let last = self.prices.len().saturating_sub(1);
        self.count * self.prices.get(ahead.min(last)).map_or(0.0, |price| price.mean())
    }
}

/// Everything the routes of a unit are priced from. Amounts in the currency of the plan.
pub(in crate::decide) struct Menu<'a> {
    pub policy: &'a Policy,
    pub class: AssetClass,
    pub situation: Situation,
    /// Mean price in the open market at each month ahead.
    pub prices: &'a [f64],
    /// Mean price of all parts at each month ahead; empty when no part is known.
    pub parts: &'a [f64],
    /// How many parts there are.
    pub part_count: f64,
    /// What a purchase costs that a redeployed unit avoids, when stated; else the price of the unit itself.
    pub avoided_price: Option<f64>,
    pub discount: f64,
}

/// Offers by month and route.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::decide) struct Offers {
    /// Month by month the routes that can be priced, as many in each: route, offer and what stands in its way.
    priced: Vec<(Route, Offer, Option<Obstacle>)>,
    /// How many there are in a month.
    routes: usize,
    /// Those that are open, month after month, and where those of each month end: lattices ask for the best by the
    /// thousand.
    open: Vec<(Route, Offer)>,
    ends: Vec<usize>,
}

impl Offers {
    /// Prices every route in every month.
    pub(in crate::decide) fn new(menu: &Menu<'_>) -> Offers {
        let obstacles = Obstacles::of(menu);
        let prepared = Prepared::of(menu);
        let months = menu.prices.len();
        let mut priced = Vec::with_capacity(months * Route::ALL.len());
        let (mut open, mut ends) = (Vec::new(), Vec::with_capacity(months));
        for ahead in 0..months {
            for (route, obstacle) in obstacles.in_month(ahead) {
                let Some(offer) = prepared.offer(route, ahead) else { continue };
                priced.push((route, offer, obstacle));
                open.extend(obstacle.is_none().then_some((route, offer)));
            }
            ends.push(open.len());
        }
        Offers { routes: priced.len() / months.max(1), priced, open, ends }
    }

    /// The best open route of a month, at the mean price. Somebody always takes a unit to be destroyed.
    pub(in crate::decide) fn best(&self, ahead: usize, price: f64) -> (Route, Offer) {
        best_at(price, self.open_in(ahead).iter().copied())
    }

    /// What the best open route of a month nets at each of these prices.
    pub(in crate::decide) fn best_nets(&self, ahead: usize, prices: &[f64], into: &mut [f64]) {
        let line = |(_, offer): &(Route, Offer)| Line { slope: offer.slope, intercept: offer.intercept };
        lanes::greatest_of(self.open_in(ahead).iter().map(line), prices, 0.0, into);
    }

    fn open_in(&self, ahead: usize) -> &[(Route, Offer)] {
        let first = if ahead == 0 { 0 } else { self.ends[ahead - 1] };
        &self.open[first..self.ends[ahead]]
    }

    /// All routes of a month.
    pub(in crate::decide) fn of_month(&self, ahead: usize) -> &[(Route, Offer, Option<Obstacle>)] {
        &self.priced[ahead * self.routes..(ahead + 1) * self.routes]
    }
}

/// The best of open routes at a price, the first of equal ones.
fn best_at(price: f64, open: impl Iterator<Item = (Route, Offer)>) -> (Route, Offer) {
    let mut best = (Route::Destroy, Offer { slope: 0.0, intercept: 0.0 });
    let mut most = f64::NEG_INFINITY;
    for (route, offer) in open {
        let net = offer.net(price);
        if net > most {
            (best, most) = ((route, offer), net);
        }
    }
    best
}

/// What stands in the way of each route, before and after a unit is released: only a lock ends with the months.
struct Obstacles {
    locked_months: usize,
    locked: [(Route, Option<Obstacle>); Route::ALL.len()],
    released: [(Route, Option<Obstacle>); Route::ALL.len()],
}

impl Obstacles {
    fn of(menu: &Menu<'_>) -> Obstacles {
        let locked_months = menu.policy.disposal.locked_months as usize;
        let at = |ahead: usize| {
            Route::ALL.map(|route| (route, obstacle(route, &menu.situation, menu.policy, ahead)))
        };
        Obstacles { locked_months, locked: at(0), released: at(locked_months) }
    }

    fn in_month(&self, ahead: usize) -> [(Route, Option<Obstacle>); Route::ALL.len()] {
        if ahead < self.locked_months { self.locked } else { self.released }
    }
}

impl<'a> Menu<'a> {
    /// The menu of an owned unit of which nothing but its price path is known.
    pub(in crate::decide) fn of_whole(
        policy: &'a Policy,
        class: AssetClass,
        prices: &'a [f64],
        discount: f64,
    ) -> Menu<'a> {
        let situation = Situation {
            legal_hold: false,
            leased: false,
            needed: false,
            has_parts: false,
            can_be_upgraded: false,
        };
        Menu { policy, class, situation, prices, parts: &[], part_count: 0.0, avoided_price: None, discount }
    }

    /// What the best open route nets at the price of the month, in each of the first months. Closed ones are not even
    /// priced.
    pub(in crate::decide) fn best_nets(&self, months: usize) -> Vec<f64> {
        let obstacles = Obstacles::of(self);
        let prepared = Prepared::of(self);
        let best = |(ahead, price): (usize, &f64)| {
            let open = obstacles.in_month(ahead).into_iter().filter(|(_, obstacle)| obstacle.is_none());
            let offers = open.filter_map(|(route, _)| Some((route, prepared.offer(route, ahead)?)));
            best_at(*price, offers).1.net(*price)
        };
        self.prices.iter().enumerate().take(months).map(best).collect()
    }
}

/// Ways to sell that have terms of their own.
const SALES: [Route; 4] = [Route::Resell, Route::Retail, Route::Wholesale, Route::BuyBack];

/// A menu with what all its months have in common.
struct Prepared<'a> {
    menu: &'a Menu<'a>,
    /// In the order of [`SALES`].
    sales: [Sale; SALES.len()],
    /// What a dealer gives for what is packed already.
    dealer: Offer,
    recycled: Offer,
    /// Prices of the whole and of its parts, as far as a sale can take beyond the last month.
    prices: Vec<f64>,
    parts: Vec<f64>,
}

impl<'a> Prepared<'a> {
    fn of(menu: &'a Menu<'a>) -> Prepared<'a> {
        let policy = menu.policy;
        let sale = |route: Route| {
            let terms = SaleTerms::of_route(policy, menu.class, route);
            Sale::new(sale_of(policy, route), terms, menu.discount)
        };
        let sales = SALES.map(sale);
        let longest = sales.iter().map(Sale::longest_months).max().unwrap_or(0);
        let terms = SaleTerms::of_route(policy, menu.class, Route::Wholesale);
        let net = |price: f64| terms.net(price) + terms.handling;
        Prepared {
            menu,
            sales,
            dealer: Offer { slope: net(1.0) - net(0.0), intercept: net(0.0) },
            recycled: Offer { slope: 0.0, intercept: -policy.recycle.cost },
            prices: continued(menu.prices, menu.prices.len() + longest),
            parts: continued(menu.parts, menu.prices.len() + longest),
        }
    }

    /// What a route nets, whether it is open or not; `None` where there is nothing to price.
    fn offer(&self, route: Route, ahead: usize) -> Option<Offer> {
        let policy = self.menu.policy;
        match route {
            Route::Redeploy => {
                let handling = policy.handling.of(self.menu.class).unwrap_or(0.0) + policy.redeploy.moving;
                Some(match self.menu.avoided_price {
                    Some(price) => Offer { slope: 0.0, intercept: price - handling },
                    None => Offer { slope: 1.0, intercept: -handling },
                })
            }
            Route::Resell => Some(self.sale(0, ahead, &self.prices)),
            Route::Retail => Some(self.sale(1, ahead, &self.prices)),
            Route::Wholesale => Some(self.sale(2, ahead, &self.prices)),
            Route::BuyBack => Some(self.sale(3, ahead, &self.prices)),
            Route::Parts => self.of_parts(ahead),
            Route::Donate => {
                let handling = policy.handling.of(self.menu.class).unwrap_or(0.0);
                Some(Offer { slope: policy.donate.tax_share, intercept: -handling })
            }
            Route::Recycle => Some(self.recycled),
            Route::Destroy => {
                Some(Offer { intercept: self.recycled.intercept - policy.destroy.cost, ..self.recycled })
            }
            Route::Upgrade | Route::LeaseReturn => None,
        }
    }

    /// A sale of what has these prices, by its place in [`SALES`].
    fn sale(&self, place: usize, ahead: usize, prices: &[f64]) -> Offer {
        let sale = &self.sales[place];
        let later = self.prices[ahead + sale.longest_months()];
        let rest = match sale.rest {
            Rest::Wholesale if self.dealer.net(later) > self.recycled.intercept => self.dealer,
            _ => self.recycled,
        };
        sale.offer(&prices[ahead..], rest)
    }

    /// The parts, on the terms of consignment. They are as unsure as the whole, whose price carries them.
    fn of_parts(&self, ahead: usize) -> Option<Offer> {
        if self.parts.is_empty() {
            return None;
        }
        let policy = &self.menu.policy.parts;
        let sale = self.sale(0, ahead, &self.parts);
        let per_whole = policy.kept_share * self.parts[ahead] / self.prices[ahead];
        let work = policy.teardown_per_part * self.menu.part_count;
        Some(Offer { slope: sale.slope * per_whole, intercept: sale.intercept - work })
    }
}

/// Prices over so many months; past their end they go on as in the last month, never rising.
fn continued(prices: &[f64], months: usize) -> Vec<f64> {
    let mut all = prices.to_vec();
    let Some(&last) = prices.last() else { return all };
    let step = match prices {
        [.., before, last] => (last / before).min(1.0),
        _ => 1.0,
    };
    all.extend((1..=months.saturating_sub(prices.len())).map(|later| last * step.powi(later as i32)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu<'a>(policy: &'a Policy, prices: &'a [f64]) -> Menu<'a> {
        Menu::of_whole(policy, AssetClass::Laptop, prices, 0.9936)
    }

    fn falling(from: f64) -> Vec<f64> {
        (0..24).map(|month| from * 0.965_f64.powi(month)).collect()
    }

    #[test]
    fn consignment_is_taken_while_it_covers_its_cost_and_recycling_after() {
        let policy = Policy::built_in();
        let (dear, cheap) = (falling(400.0), falling(20.0));
        assert_eq!(Offers::new(&menu(&policy, &dear)).best(0, dear[0]).0, Route::Resell);
        assert_eq!(Offers::new(&menu(&policy, &cheap)).best(12, cheap[12]).0, Route::Recycle);
    }

    #[test]
    fn a_better_offer_in_the_policy_is_taken() {
        let policy = Policy::from_toml("mine.toml", "[buy_back]\noffered = true\n").unwrap();
        let prices = falling(400.0);
        let (route, offer) = Offers::new(&menu(&policy, &prices)).best(0, prices[0]);
        assert_eq!(route, Route::BuyBack);
        let expected = 0.75 * 400.0 * 0.9936 - 15.0 * 0.9936 - 6.0;
        assert!((offer.net(400.0) - expected).abs() < 1e-9);
    }

    #[test]
    fn redeploying_is_worth_the_purchase_it_avoids() {
        let policy = Policy::built_in();
        let prices = falling(400.0);
        let needed = Situation { needed: true, ..menu(&policy, &prices).situation };
        let menu = Menu { situation: needed, avoided_price: Some(900.0), ..menu(&policy, &prices) };
        let (route, offer) = Offers::new(&menu).best(0, prices[0]);
        assert_eq!((route, offer.net(400.0)), (Route::Redeploy, 900.0 - 46.0));
    }

    #[test]
    fn parts_that_fetch_more_than_the_whole_are_sold_as_parts() {
        let policy = Policy::built_in();
        let (whole, parts) = (falling(10_000.0), falling(20_000.0));
        let with = Situation { has_parts: true, ..menu(&policy, &whole).situation };
        let dear = Menu { situation: with, parts: &parts, part_count: 8.0, ..menu(&policy, &whole) };
        assert_eq!(Offers::new(&dear).best(0, whole[0]).0, Route::Parts);
        let same = Menu { situation: with, parts: &whole, part_count: 8.0, ..menu(&policy, &whole) };
        assert_eq!(Offers::new(&same).best(0, whole[0]).0, Route::Resell);
    }
}
