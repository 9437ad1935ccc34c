//! Prices in joint draws, from which sums of units get honest intervals.
//!
//! In: forecasts. Out: the mean price of the units of a cohort in each of 4,000 draws. What forecasts share, they share in
//! the draws: one market move and one curve error a market, one error a product; units have luck of their own, averaged
//! over those of a cohort by its variance, `(e^{σ²} − 1) / n`. Every such cause has a stream of normal draws by its name,
//! from SplitMix64 with the name as seed. A stream can be entered anywhere, so that draws are made in parallel and the
//! result does not hang on threads.

use std::ops::Range;

use super::plan::PlannedCohort;
use super::route::{Offer, Route};
use super::schedule::{Exit, Placement};
use crate::price::Forecast;
use crate::units::SplitMix64;

/// Joint draws.
pub(crate) const DRAWS: usize = 4_000;

/// Standard normal draws that belong to a name, or a run of them.
pub(crate) fn stream(name: &str, draws: Range<usize>) -> Vec<f64> {
    let mut generator = SplitMix64::new(seed_of(name)).skipped(draws.start as u64);
    draws.map(|_| generator.normal()).collect()
}

/// The seed of a name (FNV-1a).
pub(crate) fn seed_of(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Draws of market, curve and product.
pub(crate) type Shared<'a> = [&'a [f64]; 3];

/// The streams that a forecast shares with others: its market, its curve, its product.
pub(crate) fn shared_names(forecast: &Forecast) -> [String; 3] {
    names_of(&forecast.market, &forecast.product)
}

/// Those of a market and a product.
pub(super) fn names_of(market: &str, product: &str) -> [String; 3] {
    [format!("market {market}"), format!("curve {market}"), format!("product {product}")]
}

/// Mean price of one of `units` units in each draw, as many as there are of `luck`, `factor` times the dollars.
pub(crate) fn prices_in_draws(
    [market, curve, product]: Shared<'_>,
    luck: &[f64],
    forecast: &Forecast,
    units: u64,
    ahead: usize,
    factor: f64,
) -> impl Iterator<Item = f64> {
    let point = &forecast.points[ahead.min(forecast.points.len() - 1)];
    let variance = point.variance;
    let center = forecast.value(ahead).mean_log + factor.ln() + 0.5 * variance.unit;
    let [market_sd, curve_sd, product_sd] =
        [variance.market, variance.curve, variance.product].map(f64::sqrt);
    let luck_sd = ((variance.unit.exp() - 1.0) / units as f64).sqrt();
    market.iter().zip(curve).zip(product).zip(luck).map(move |(((market, curve), product), luck)| {
        let log = center + market_sd * market + curve_sd * curve + product_sd * product;
        log.exp() * (1.0 + luck_sd * luck).max(0.0)
    })
}

/// What one unit of a placement that leaves by a route some months ahead nets at a price in the open market: what is printed
/// where the price does not matter, else by the offer of the month, at the price as others leave it that sell then.
pub(crate) fn net_of(planned: &PlannedCohort, placement: &Placement, route: Route, ahead: usize) -> Offer {
    let prospects = planned.decision.prospects.as_ref().filter(|_| placement.exit == Exit::Best);
    match prospects.filter(|_| route.needs_market()) {
        Some(prospects) => {
            let offer = prospects.offers[ahead];
            Offer { slope: offer.slope * (1.0 - placement.price_fall), ..offer }
        }
        None => Offer { slope: 0.0, intercept: placement.recovery.major() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_a_stream_is_a_piece_of_the_whole() {
        let whole = stream("units 3", 0..DRAWS);
        assert_eq!(stream("units 3", 250..500), whole[250..500]);
        assert_ne!(stream("units 4", 0..2), whole[..2]);
    }
}
