//! What is believed where the data are silent, for pricing what the silence costs.
//!
//! In: the section `[gaps]` of the policy. Out: [`Gaps`]: probabilities and shares, each as a [`Span`] because nobody
//! knows them exactly. Their sources stand beside them in `data/policy.toml`.

use serde::{Deserialize, Serialize};

use super::ByClass;

/// A figure that is known roughly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Span {
    pub low: f64,
    pub usual: f64,
    pub high: f64,
}

impl Span {
    /// The figure at one of its ends or in between.
    pub fn at(self, end: End) -> f64 {
        match end {
            End::Low => self.low,
            End::Usual => self.usual,
            End::High => self.high,
        }
    }
}

/// Where in their spans the figures are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum End {
    Low,
    Usual,
    High,
}

impl End {
    /// All of them.
    pub const ALL: [End; 3] = [End::Low, End::Usual, End::High];
}

/// What a unit of unknown configuration may hold, and how likely.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Holds {
    pub chance: f64,
    pub processors: u32,
    pub memory_gb: f64,
    pub storage_gb: f64,
}

/// Beliefs where the data are silent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Gaps {
    pub labour_per_hour: f64,
    pub failed_collection: f64,
    pub pickup: Span,
    pub priced_at_worst: Span,
    pub seen_now: f64,
    pub half_gone_months: Span,
    pub never_seen_months: f64,
    pub agreeing_source: f64,
    pub stale_record: f64,
    pub missing_exists: Span,
    pub duplicate_exists: Span,
    pub turns_up: Span,
    pub locked: ByClass<Span>,
    pub not_released: Span,
    pub release_works: Span,
    pub release_minutes: f64,
    pub no_serial_haircut: Span,
    pub unlisted_haircut: Span,
    pub has_drives: Span,
    pub owned_when_blank: Span,
    pub owned_when_found: Span,
    pub owned_with_lease_reference: Span,
    pub charged_back: Span,
    pub hold_released: Span,
    pub worthless: Span,
    pub days_to_locate: Span,
    pub loads: Span,
    pub server_holds: Vec<Holds>,
}

impl Gaps {
    /// Name, value, least and most of every figure.
    pub(super) fn figures(&self) -> Vec<(&'static str, f64, f64, f64)> {
        let mut figures = vec![
            ("gaps.labour_per_hour", self.labour_per_hour, 0.0, 1e6),
            ("gaps.failed_collection", self.failed_collection, 0.0, 1e6),
            ("gaps.seen_now", self.seen_now, 0.5, 0.9999),
            ("gaps.never_seen_months", self.never_seen_months, 0.0, 1200.0),
            ("gaps.agreeing_source", self.agreeing_source, 0.0, 20.0),
            ("gaps.stale_record", self.stale_record, 0.0, 20.0),
            ("gaps.release_minutes", self.release_minutes, 0.0, 1e4),
        ];
        let shares = [
            ("gaps.priced_at_worst", self.priced_at_worst),
            ("gaps.missing_exists", self.missing_exists),
            ("gaps.duplicate_exists", self.duplicate_exists),
            ("gaps.turns_up", self.turns_up),
            ("gaps.not_released", self.not_released),
            ("gaps.release_works", self.release_works),
            ("gaps.no_serial_haircut", self.no_serial_haircut),
            ("gaps.unlisted_haircut", self.unlisted_haircut),
            ("gaps.has_drives", self.has_drives),
            ("gaps.owned_when_blank", self.owned_when_blank),
            ("gaps.owned_when_found", self.owned_when_found),
            ("gaps.owned_with_lease_reference", self.owned_with_lease_reference),
            ("gaps.charged_back", self.charged_back),
            ("gaps.hold_released", self.hold_released),
            ("gaps.worthless", self.worthless),
            ("gaps.loads", self.loads),
        ];
        let locked = self.locked.values().map(|span| ("gaps.locked", span));
        for (name, span) in shares.into_iter().chain(locked) {
            figures.extend(within(name, span, 0.0, 1.0));
        }
        figures.extend(within("gaps.pickup", self.pickup, 0.0, 1e6));
        figures.extend(within("gaps.half_gone_months", self.half_gone_months, 1.0, 1200.0));
        figures.extend(within("gaps.days_to_locate", self.days_to_locate, 0.0, 3650.0));
        for holds in &self.server_holds {
            figures.push(("gaps.server_holds.chance", holds.chance, 1e-6, 1.0));
            figures.push(("gaps.server_holds.memory_gb", holds.memory_gb, 1.0, 1e6));
            figures.push(("gaps.server_holds.storage_gb", holds.storage_gb, 0.0, 1e8));
        }
        figures
    }
}

/// The ends of a span within limits, and in their order.
fn within(name: &'static str, span: Span, least: f64, most: f64) -> [(&'static str, f64, f64, f64); 3] {
    [(name, span.low, least, most), (name, span.usual, span.low, most), (name, span.high, span.usual, most)]
}
