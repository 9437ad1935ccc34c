//! The price of a machine with accelerators: the sum of its cards, and of what it is without them.
//!
//! In: the card and how many, the machine's cost, the models. Out: a point a month. The cards are valued by their own
//! model, less 10 % for taking them out. A product that is made around its cards, as the catalog tells, is worth its cards
//! alone; any other server is worth what it would be without them as well,
//!
//! `price = kept · count · card + rest`, `variance of its log = Σ share² · variance`, the shares those of the two medians.
//!
//! Where the machine's cost is known the published curve on it is a second opinion, mixed by precision.

use super::by_cost::CostView;
use super::forecast::{Drivers, Forecast, Point, Reference, ReferenceKind, Variance, without_grade};
use super::model::Models;
use super::parts::{Configuration, KEPT_ON_TEARDOWN};
use super::subject::{Subject, known_price};
use crate::units::Month;

/// A machine with accelerators.
pub(super) struct NodeView {
    cards: Forecast,
    count: f64,
    /// What it is without them; none for one that is made around them.
    rest: Option<Forecast>,
    /// The same with its cost as if it carried nothing: cards make no server cheaper.
    least: Option<Forecast>,
    by_cost: Option<CostView>,
    pub(super) reference: Reference,
}

impl NodeView {
    pub(super) fn of(
        models: &Models,
        subject: &Subject<'_>,
        start: Month,
        months: usize,
    ) -> Option<NodeView> {
        let (card, count) = subject.accelerators?;
        let of_card = Subject {
            class: card.class,
            product: Some(card),
            successor_launch: card.successor_launch.map(|date| date.month),
            cost_usd: None,
            cost_from_siblings: false,
            acquired: subject.acquired,
            grade: None,
            accelerators: None,
            configuration: Configuration::default(),
        };
        let cards = without_grade(models, &of_card, start, months)?;
        let count = f64::from(count);
        let is_made_around_them = subject.product.is_some_and(|product| product.gpu.is_some());
        let bare = |cost_usd: Option<f64>| {
            let bare = Subject { accelerators: None, cost_usd, ..*subject };
            without_grade(models, &bare, start, months).filter(|_| !is_made_around_them)
        };
        // The cost is that of everything in it, and speaks of the whole.
        let rest = bare(None);
        let least = if subject.cost_usd.is_some() { bare(subject.cost_usd) } else { rest.clone() };
        let (price_usd, kind) = match subject.cost_usd {
            Some(cost) => (cost, subject.cost_kind()),
            None => {
                known_price(subject).unwrap_or((cards.reference.price_usd * count, ReferenceKind::Typical))
            }
        };
        Some(NodeView {
            cards,
            count,
            rest,
            least,
            by_cost: CostView::of(subject, models.log_factor(subject.class)),
            reference: Reference { price_usd, kind },
        })
    }

    /// The forecast whose market and product the whole moves with: that of what most of its value is.
    pub(super) fn leading(&self) -> &Forecast {
        self.rest.as_ref().filter(|_| self.cards_share() < 0.5).unwrap_or(&self.cards)
    }

    /// Share of the cards in the value, in the first month.
    pub(super) fn cards_share(&self) -> f64 {
        let cards = self.of_cards(0).exp();
        cards / (cards + self.rest.as_ref().map_or(0.0, |rest| rest.value(0).mean_log.exp()))
    }

    /// Log price of all cards.
    fn of_cards(&self, ahead: usize) -> f64 {
        self.cards.value(ahead).mean_log + (self.count * KEPT_ON_TEARDOWN).ln()
    }

    pub(super) fn point(&self, month: Month) -> Point {
        let ahead = month.months_since(self.cards.start).max(0) as usize;
        let point = |of: &Forecast| of.points[ahead.min(of.points.len() - 1)];
        let (cards, rest) = (self.of_cards(ahead), self.rest.as_ref());
        let of_rest = rest.map_or(0.0, |rest| rest.value(ahead).mean_log.exp());
        let whole = cards.exp() + of_rest;
        let mut by_cards = point(&self.cards);
        // The luck of one card's sale averages out over the machine.
        by_cards.variance.unit /= self.count;
        if let Some(rest) = rest {
            by_cards = summed(by_cards, point(rest), cards.exp() / whole);
        }
        by_cards.drivers.configuration +=
            whole.ln() - self.reference.price_usd.ln() - by_cards.drivers.total();
        let mut found = match &self.by_cost {
            None => by_cards,
            Some(by_cost) => by_cost.mixed_into(by_cards, month, self.reference.price_usd).0,
        };
        let total = self.reference.price_usd.ln() + found.drivers.total();
        let least = self.least.as_ref().map_or(total, |least| least.value(ahead).mean_log);
        found.drivers.configuration += (least - total).max(0.0);
        found
    }
}

/// The point of a sum, of which the first has this share.
fn summed(first: Point, second: Point, share: f64) -> Point {
    let mean = |one: f64, other: f64| share * one + (1.0 - share) * other;
    let variance = |one: f64, other: f64| share.powi(2) * one + (1.0 - share).powi(2) * other;
    let (a, b, v, w) = (first.drivers, second.drivers, first.variance, second.variance);
    Point {
        drivers: Drivers {
            age: mean(a.age, b.age),
            market: mean(a.market, b.market),
            generation: mean(a.generation, b.generation),
            configuration: mean(a.configuration, b.configuration),
            grade: mean(a.grade, b.grade),
        },
        variance: Variance {
            market: variance(v.market, w.market),
            curve: variance(v.curve, w.curve),
            product: variance(v.product, w.product),
            unit: variance(v.unit, w.unit),
        },
    }
}
