//! Sums over units in joint draws.
//!
//! In: [`Term`]s: so many units of a cohort that leave at a month, with what one nets at a price. Out: each sum in every
//! draw, to which the units add `count × (slope × price + intercept)`. A price in a draw ([`draws`](super::draws)) is
//!
//! `e^center × e^(σ_m M + σ_c C + σ_p P) × max(0, 1 + σ_u U)`,
//!
//! and its second factor is the same for all units of one product, month and spread: it is made once for all of them, and kept
//! from one call to the next as far as a [`Memory`] has room. Threads take blocks of draws, and within a block terms are
//! added in their order, so that threads and memory change no digit.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;

use super::draws::{DRAWS, names_of, stream};
use super::route::Offer;
use crate::price::{Forecast, Point};
use crate::units::{Cancelled, Work};

/// Draws that are summed in one go: the slices of a block stay near the processor.
const BLOCK: usize = 250;

/// Units of a cohort that leave together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term<'a> {
    pub forecast: &'a Forecast,
    /// Months until they leave.
    pub ahead: usize,
    /// Units of the cohort, over which luck is averaged.
    pub of_units: u64,
    /// The name of their luck.
    pub luck: &'a str,
    /// How many leave.
    pub count: f64,
    /// What one nets at a price in the open market, in the currency of the plan.
    pub net: Offer,
    /// That currency for one dollar.
    pub factor: f64,
    /// The sum they are added to.
    pub sum: usize,
}

type Stream = Arc<Vec<f64>>;

/// What units share: their market, their product, and the bits of the variances of market, curve and product.
type Spread = (String, String, [u64; 3]);

/// Streams that are made once and read by all.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Normal draws of markets, curves and products.
    normals: Kept<String>,
    /// What units share, from these.
    spreads: Kept<Spread>,
    /// Normal draws of the luck of units.
    lucks: Kept<String>,
}

impl Memory {
    /// With room for so many spreads and streams of luck, 32 kB each; beyond, they are made anew. Those of markets and
    /// products are few and all kept.
    pub(crate) fn keeping(spreads: usize, lucks: usize) -> Memory {
        Memory { normals: Kept::up_to(usize::MAX), spreads: Kept::up_to(spreads), lucks: Kept::up_to(lucks) }
    }

    /// Standard normal draws that belong to a name.
    pub(crate) fn normals(&self, name: &str) -> Stream {
        let name = name.to_owned();
        let found = self.normals.of(BTreeSet::from([name.clone()]), |name| stream(name, 0..DRAWS));
        found.get(&name).cloned().unwrap_or_default()
    }

    /// The sums of terms in every draw.
    pub(crate) fn sums(&self, terms: &[Term<'_>], count: usize) -> Vec<Vec<f64>> {
        match self.blocks(terms, count, &|| Ok::<(), Infallible>(())) {
            Ok(sums) => sums,
            Err(never) => match never {},
        }
    }

    /// The sums of terms in every draw, as long as they are wanted.
    pub(crate) fn sums_watched(
        &self,
        terms: &[Term<'_>],
        count: usize,
        work: Work<'_>,
    ) -> Result<Vec<Vec<f64>>, Cancelled> {
        let stage = work.stage("summing draws", DRAWS.div_ceil(BLOCK));
        self.blocks(terms, count, &|| stage.step())
    }

    /// The sums by blocks of draws; `step` is asked after each whether to go on.
    fn blocks<E: Send>(
        &self,
        terms: &[Term<'_>],
        count: usize,
        step: &(dyn Fn() -> Result<(), E> + Sync),
    ) -> Result<Vec<Vec<f64>>, E> {
        let moving: Vec<&Term<'_>> = terms.iter().filter(|term| term.net.slope != 0.0).collect();
        let places: BTreeMap<Shared<'_>, usize> = moving.iter().map(|term| (shared(term), 0)).collect();
        let names: BTreeSet<String> = moving.iter().map(|term| term.luck.to_owned()).collect();
        let lucks = self.lucks.of(names, |name| stream(name, 0..DRAWS));
        let spreads = self.spreads(places.keys());
        let places: BTreeMap<Shared<'_>, usize> = places.into_keys().zip(0..).collect();
        let parts: Vec<Part<'_>> = terms
            .iter()
            .map(|term| {
                let place = places.get(&shared(term)).copied().unwrap_or(0);
                Part::of(term, place, lucks.get(term.luck))
            })
            .collect();
        let firsts: Vec<usize> = (0..DRAWS).step_by(BLOCK).collect();
        let blocks: Vec<Vec<Vec<f64>>> = firsts
            .into_par_iter()
            .map(|first| {
                let sums = block(&parts, &spreads, count, first..(first + BLOCK).min(DRAWS));
                step()?;
                Ok(sums)
            })
            .collect::<Result<_, E>>()?;
        Ok((0..count).map(|sum| blocks.iter().flat_map(|block| &block[sum]).copied().collect()).collect())
    }

    /// The spreads of these, in their order, kept as far as there is room.
    fn spreads<'a>(&self, wanted: impl Iterator<Item = &'a Shared<'a>> + Clone) -> Vec<SpreadOf> {
        let names = wanted.clone().flat_map(|(market, product, _)| names_of(market, product)).collect();
        let normals = self.normals.of(names, |name| stream(name, 0..DRAWS));
        let of = |(market, product, bits): &Shared<'_>| SpreadOf {
            normals: names_of(market, product).map(|name| normals.get(&name).cloned().unwrap_or_default()),
            sds: bits.map(|bits| f64::from_bits(bits).sqrt()),
            kept: None,
        };
        let name =
            |(market, product, bits): &Shared<'_>| ((*market).to_owned(), (*product).to_owned(), *bits);
        let names = wanted.clone().map(name).collect();
        let kept =
            self.spreads.of(names, |(market, product, bits)| of(&(market, product, *bits)).factors(0..DRAWS));
        wanted.map(|wanted| SpreadOf { kept: kept.get(&name(wanted)).cloned(), ..of(wanted) }).collect()
    }
}

/// Several sums, added draw by draw.
pub(crate) fn added(sums: &[Vec<f64>]) -> Vec<f64> {
    let mut all = vec![0.0; DRAWS];
    for sum in sums {
        all.iter_mut().zip(sum).for_each(|(own, more)| *own += more);
    }
    all
}

/// Streams by name, up to a number.
#[derive(Debug)]
struct Kept<Name> {
    all: RwLock<BTreeMap<Name, Stream>>,
    most: usize,
}

impl<Name: Ord + Clone + Send + Sync> Kept<Name> {
    fn up_to(most: usize) -> Kept<Name> {
        Kept { all: RwLock::default(), most }
    }

    /// The streams of these names, those that are new made now and kept while there is room; the others are left out. No
    /// lock is held while they are made: a thread that makes one may meanwhile be given work that needs the lock.
    fn of(&self, names: BTreeSet<Name>, make: impl Fn(&Name) -> Vec<f64> + Sync) -> BTreeMap<Name, Stream> {
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        let room = {
            let known = self.all.read().unwrap_or_else(PoisonError::into_inner);
            for name in names {
                match known.get(&name) {
                    Some(stream) => drop(found.insert(name, Arc::clone(stream))),
                    None => missing.push(name),
                }
            }
            self.most.saturating_sub(known.len())
        };
        missing.truncate(room);
        if !missing.is_empty() {
            let made: Vec<(Name, Stream)> = missing
                .into_par_iter()
                .map(|name| {
                    let made = Arc::new(make(&name));
                    (name, made)
                })
                .collect();
            self.all.write().unwrap_or_else(PoisonError::into_inner).extend(made.iter().cloned());
            found.extend(made);
        }
        found
    }
}

/// Market, product and spread of a term, as [`Spread`] keeps them.
type Shared<'a> = (&'a str, &'a str, [u64; 3]);

fn shared<'a>(term: &Term<'a>) -> Shared<'a> {
    let variance = point(term).variance;
    let bits = [variance.market, variance.curve, variance.product].map(f64::to_bits);
    (&term.forecast.market, &term.forecast.product, bits)
}

fn point<'a>(term: &Term<'a>) -> &'a Point {
    &term.forecast.points[term.ahead.min(term.forecast.points.len() - 1)]
}

/// What a spread is made from, and its factors where they are kept.
struct SpreadOf {
    normals: [Stream; 3],
    sds: [f64; 3],
    kept: Option<Stream>,
}

impl SpreadOf {
    /// `e^(σ_m M + σ_c C + σ_p P)` in some draws.
    fn factors(&self, draws: Range<usize>) -> Vec<f64> {
        let [market, curve, product] = [0, 1, 2].map(|cause| &self.normals[cause][draws.clone()]);
        let [market_sd, curve_sd, product_sd] = self.sds;
        let normals = market.iter().zip(curve).zip(product);
        normals
            .map(|((market, curve), product)| {
                (market_sd * market + curve_sd * curve + product_sd * product).exp()
            })
            .collect()
    }
}

/// A term in numbers.
struct Part<'a> {
    spread: usize,
    /// Draws of the luck of its units, else their name.
    luck: Result<&'a [f64], &'a str>,
    luck_sd: f64,
    /// What both factors at one add.
    slope: f64,
    intercept: f64,
    sum: usize,
}

impl<'a> Part<'a> {
    fn of(term: &Term<'a>, spread: usize, luck: Option<&'a Stream>) -> Part<'a> {
        let unit = point(term).variance.unit;
        let center = term.forecast.value(term.ahead).mean_log + 0.5 * unit;
        Part {
            spread,
            luck: luck.map_or(Err(term.luck), |stream| Ok(stream.as_slice())),
            luck_sd: ((unit.exp() - 1.0) / term.of_units as f64).sqrt(),
            slope: term.count * term.net.slope * term.factor * center.exp(),
            intercept: term.count * term.net.intercept,
            sum: term.sum,
        }
    }
}

/// Every sum in some draws.
fn block(parts: &[Part<'_>], spreads: &[SpreadOf], count: usize, draws: Range<usize>) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; draws.len()]; count];
    let mut made: Vec<Option<Vec<f64>>> = spreads.iter().map(|_| None).collect();
    // Terms of one cohort follow one another: its luck is drawn once.
    let mut drawn: (&str, Vec<f64>) = ("", Vec::new());
    for part in parts {
        let sum = &mut sums[part.sum];
        if part.slope == 0.0 {
            sum.iter_mut().for_each(|own| *own += part.intercept);
            continue;
        }
        let spread = &spreads[part.spread];
        let factors = match &spread.kept {
            Some(kept) => &kept[draws.clone()],
            None => made[part.spread].get_or_insert_with(|| spread.factors(draws.clone())),
        };
        let luck = match part.luck {
            Ok(kept) => &kept[draws.clone()],
            Err(name) => {
                if drawn.0 != name {
                    drawn = (name, stream(name, draws.clone()));
                }
                &drawn.1
            }
        };
        for ((own, factor), luck) in sum.iter_mut().zip(factors).zip(luck) {
            *own += part.slope * factor * (1.0 + part.luck_sd * luck).max(0.0) + part.intercept;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::draws::prices_in_draws;
    use crate::price::{Basis, Drivers, Reference, ReferenceKind, Variance};

    /// A price of 1,000 that falls and gets less sure.
    fn forecast(product: &str) -> Forecast {
        let point = |ahead: i32| Point {
            drivers: Drivers { age: -0.02 * f64::from(ahead), ..Drivers::default() },
            variance: Variance { market: 0.01 * f64::from(ahead), curve: 0.01, product: 0.02, unit: 0.09 },
        };
        Forecast {
            basis: Basis::Family,
            reference: Reference { price_usd: 1_000.0, kind: ReferenceKind::ListPrice },
            parts: None,
            cards_share: 0.0,
            market: "laptop".into(),
            product: product.into(),
            start: "2026-11".parse().unwrap(),
            points: (0..=12).map(point).collect(),
        }
    }

    fn term<'a>(forecast: &'a Forecast, luck: &'a str, ahead: usize, sum: usize) -> Term<'a> {
        let net = Offer { slope: 0.6, intercept: -9.0 };
        Term { forecast, ahead, of_units: 5, luck, count: 3.0, net, factor: 0.9, sum }
    }

    #[test]
    fn a_sum_is_what_its_units_net_at_the_price_of_every_draw() {
        let forecast = forecast("X1");
        let sums = Memory::keeping(0, 0).sums(&[term(&forecast, "units 1", 6, 0)], 1);
        let normals = [
            stream("market laptop", 0..DRAWS),
            stream("curve laptop", 0..DRAWS),
            stream("product X1", 0..DRAWS),
        ];
        let shared = [0, 1, 2].map(|cause| normals[cause].as_slice());
        let luck = stream("units 1", 0..DRAWS);
        let prices = prices_in_draws(shared, &luck, &forecast, 5, 6, 0.9);
        for (price, sum) in prices.zip(&sums[0]) {
            assert!((3.0 * (0.6 * price - 9.0) - sum).abs() < 1e-9, "{price} {sum}");
        }
    }

    #[test]
    fn what_is_remembered_changes_no_digit() {
        let (one, other) = (forecast("X1"), forecast("X2"));
        let terms = [
            term(&one, "units 1", 3, 0),
            term(&one, "units 1", 6, 1),
            term(&other, "units 2", 6, 1),
            Term { net: Offer { slope: 0.0, intercept: 4.0 }, ..term(&other, "units 3", 0, 1) },
        ];
        let anew = Memory::keeping(0, 0).sums(&terms, 2);
        for (spreads, lucks) in [(1, 1), (10, 10)] {
            let memory = Memory::keeping(spreads, lucks);
            assert_eq!(memory.sums(&terms, 2), anew);
            assert_eq!(memory.sums(&terms, 2), anew);
        }
    }
}
