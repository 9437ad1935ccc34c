//! The price of a server by what it holds.
//!
//! In: the server's configuration, the models of parts and the calibration of wholes on them. Out: a point a month for
//! the whole, and the price of its parts sold one by one. Where the purchase cost is known the published curve on it is a
//! second opinion, mixed by precision; what the markets of the parts did moves the whole by the weight that the parts have in
//! it. The whole never fetches less than a broker pays who takes it apart,
//! `kept × (1 − margin) × parts`: a server is worth its memory when memory is dear. An owner who takes it apart himself
//! keeps the margin and has the work; that is a route of the decision.

use super::by_cost::CostView;
use super::forecast::{Drivers, Point, Reference, ReferenceKind, UNFOLLOWED_MARKET_SD, Variance};
use super::model::{ClassModel, Fitted, Models};
use super::parts::whole::part_count;
use super::parts::{KEPT_ON_TEARDOWN, PartModels, WholeModel, WholeSubject};
use super::subject::{Subject, known_price, launched};
use crate::catalog::AssetClass;
use crate::units::{LogNormal, Month};

/// What a broker keeps of what he sells: the worked example of a buying price leaves 25 %.
const BROKER_MARGIN: f64 = 0.25;

/// Years over which the moves of parts that nobody follows accumulate.
const UNFOLLOWED_YEARS: f64 = 4.0;

/// A server as the sum of its parts, with the published curve as second opinion.
pub(super) struct PartsView<'a> {
    whole: &'a WholeModel,
    parts: PartModels<'a>,
    subject: WholeSubject<'a>,
    /// Last month in which a price of memory was followed.
    followed_to: Option<Month>,
    by_cost: Option<CostView>,
    /// Log of the factor that a scenario puts on whole machines; it acts on the chassis.
    log_factor: f64,
    /// Log price by its parts when it came to market.
    at_launch: f64,
    pub(super) reference: Reference,
}

impl<'a> PartsView<'a> {
    /// `None` when the configuration does not tell the memory, or a model is missing.
    pub(super) fn of(models: &'a Models, subject: &Subject<'a>) -> Option<PartsView<'a>> {
        let ClassModel { fitted: Fitted::Hedonic { whole: Some(whole), .. }, .. } =
            models.statistics(subject.class)?
        else {
            return None;
        };
        // Memory that is not told is unknown, and a price without it is that of an empty machine.
        subject.configuration.memory_gb?;
        let launch = launched(subject)?;
        let parts = PartModels::of(models)?;
        let of_parts = WholeSubject { launch, configuration: subject.configuration };
        let at_launch = whole.price(&parts.without_moves(), &of_parts, launch, 0.0).mean_log;
        let (price_usd, kind) = match (subject.cost_usd, known_price(subject)) {
            (Some(cost), _) => (cost, subject.cost_kind()),
            (None, Some(known)) => known,
            (None, None) => (at_launch.exp(), ReferenceKind::Typical),
        };
        Some(PartsView {
            whole,
            parts,
            subject: of_parts,
            followed_to: models.statistics(AssetClass::Memory)?.card.last_month,
            by_cost: CostView::of(subject, 0.0),
            log_factor: models.log_factor(subject.class),
            at_launch,
            reference: Reference { price_usd, kind },
        })
    }

    /// How many parts can be taken out.
    pub(super) fn part_count(&self) -> f64 {
        part_count(&self.subject.configuration)
    }

    /// The point of a month, and what the parts fetch one by one before the work of taking them out.
    pub(super) fn point(&self, month: Month) -> (Point, LogNormal) {
        let found = self.whole.price(&self.parts, &self.subject, month, self.log_factor);
        let years = self
            .followed_to
            .map_or(0.0, |last| f64::from(month.months_since(last)).max(0.0) / 12.0)
            .min(UNFOLLOWED_YEARS);
        let unfollowed = UNFOLLOWED_MARKET_SD.powi(2) * years;
        // Without the published moves the same server shows what age alone did to it.
        let unmoved = self.whole.price(&self.parts.without_moves(), &self.subject, month, 0.0).mean_log;
        let moved = found.mean_log - unmoved;
        let by_parts = Point {
            drivers: Drivers {
                age: unmoved - self.at_launch,
                configuration: self.at_launch - self.reference.price_usd.ln(),
                ..Drivers::default()
            },
            variance: Variance {
                market: found.market_variance + unfollowed,
                curve: 0.0,
                product: found.product_variance,
                unit: found.unit_variance,
            },
        };
        let parts = LogNormal { variance_log: found.parts.variance_log + unfollowed, ..found.parts };
        let (mut whole, weight) = match &self.by_cost {
            None => (by_parts, 1.0),
            Some(by_cost) => by_cost.mixed_into(by_parts, month, self.reference.price_usd),
        };
        // A curve of usual times does not disagree with a shortage: it does not know of it.
        whole.drivers.market += weight * moved;
        let as_whole = self.reference.price_usd.ln() + whole.drivers.total();
        let as_parts = parts.mean_log + (KEPT_ON_TEARDOWN * (1.0 - BROKER_MARGIN)).ln();
        whole.drivers.configuration += (as_parts - as_whole).max(0.0);
        (whole, parts)
    }
}
