//! What a settlement says was done for mass and carbon.
//!
//! In: a settlement held against what was handed over, and published footprints. Out: a [`Sustainability`] of the units that
//! were handed over, each once: a line about a part of a unit, or about one that was settled before, adds nothing.
//! Units that were never handed over are not the owner's to count.

use std::collections::BTreeMap;

use super::Settled;
use crate::catalog::Catalog;
use crate::decide::{CarbonFactors, Fate, Gear, Sustainability, of_disposition};
use crate::outcome::HandedOver;

/// What became of the units, by the disposition of each line.
pub fn disposed(
    factors: &CarbonFactors,
    settled: &Settled,
    handed: &[HandedOver],
    catalog: &Catalog,
) -> Sustainability {
    let by_line: BTreeMap<(&str, u32), &HandedOver> =
        handed.iter().map(|one| ((one.request.as_str(), one.line), one)).collect();
    let mut total = Sustainability::default();
    for line in settled.lines.iter().filter(|line| !line.is_part && !line.is_twice) {
        let Some((request, number)) = &line.outcome.handed_over else { continue };
        let Some(own) = by_line.get(&(request.as_str(), *number)) else { continue };
        let gear = Gear::named(catalog, own.class, &own.product);
        total += of_disposition(factors, &gear, Fate::from(line.outcome.disposition), line.outcome.quantity);
    }
    total
}
