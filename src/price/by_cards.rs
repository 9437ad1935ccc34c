//! The price of a node full of accelerators: the sum of its cards.
//!
//! In: the card and how many, the node's cost, the models. Out: a point a month. The cards are valued by their own
//! model, less 10 % for taking them out; where the node's cost is known the published curve on it is a second
//! opinion, mixed by precision.

use super::by_cost::CostView;
use super::forecast::{Forecast, Point, Reference, ReferenceKind, without_grade};
use super::model::Models;
use super::parts::{Configuration, KEPT_ON_TEARDOWN};
use super::subject::{Subject, known_price};
use crate::units::Month;

/// A node full of accelerators, as the sum of its cards.
pub(super) struct NodeView {
    pub(super) cards: Forecast,
    count: f64,
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
        let (price_usd, kind) = match subject.cost_usd {
            Some(cost) => (cost, subject.cost_kind()),
            None => {
                known_price(subject).unwrap_or((cards.reference.price_usd * count, ReferenceKind::Typical))
            }
        };
        Some(NodeView {
            cards,
            count,
            by_cost: CostView::of(subject, models.log_factor(subject.class)),
            reference: Reference { price_usd, kind },
        })
    }

    pub(super) fn point(&self, month: Month) -> Point {
        let ahead = month.months_since(self.cards.start).max(0) as usize;
        let card = self.cards.points[ahead.min(self.cards.points.len() - 1)];
        let whole = (self.cards.reference.price_usd * self.count * KEPT_ON_TEARDOWN).ln();
        let mut by_cards = card;
        by_cards.drivers.configuration += whole - self.reference.price_usd.ln();
        // The luck of one card's sale averages out over the node.
        by_cards.variance.unit /= self.count;
        match &self.by_cost {
            None => by_cards,
            Some(by_cost) => by_cost.mixed_into(by_cards, month, self.reference.price_usd).0,
        }
    }
}
