//! What could come of a plan, in draws that all scenarios share.
//!
//! In: a plan, its flows. Out: net recovery and total cost in every joint draw. The draws are those of the totals of the
//! plan: market, curve, product and the luck of units each have a stream by name, so that a scenario meets the same
//! fortune as the base and a difference is no noise (common random numbers). Random are the prices of what is sold and of
//! what is left at the horizon; successors are drawn with the market of their class, by the spread of the published
//! curve. Costs of holding and prices of purchases are taken as certain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use rayon::prelude::*;

use crate::catalog::AssetClass;
use crate::decide::{DRAWS, Exit, Net, Placement, Scheduled, Total, prices_in_draws, shared_names, stream};
use crate::price::Forecast;
use crate::price::published::{PublishedCurve, UNIT_SPREAD};
use crate::units::{Currency, Money};

/// Cohorts that are drawn in one go; sums are added in the order of these groups, whatever the threads.
const GROUP: usize = 16;

/// Streams of luck that are kept from one scenario to the next; beyond, they are drawn anew.
const KEPT_STREAMS: usize = 2_000;

/// Age at which the spread of successors is read off the published curve, years.
const USUAL_LIFE_YEARS: f64 = 4.0;

/// Draws of all scenarios of a run, made once and read by all.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Streams of markets, curves and products.
    common: RwLock<BTreeMap<String, Stream>>,
    /// Streams of the luck of units.
    lucks: RwLock<BTreeMap<String, Stream>>,
}

type Stream = Arc<Vec<f64>>;

/// What a cohort is drawn from: market, curve and product, and the luck of its units where it is kept.
struct Sources {
    common: [Stream; 3],
    luck: Option<Stream>,
}

impl Sources {
    /// Mean price of a unit in every draw.
    fn prices(&self, name: &str, forecast: &Forecast, units: u64, ahead: usize, factor: f64) -> Vec<f64> {
        let fresh;
        let luck: &[f64] = match &self.luck {
            Some(luck) => luck,
            None => {
                fresh = stream(name, 0..DRAWS);
                &fresh
            }
        };
        let common = [0, 1, 2].map(|place| self.common[place].as_slice());
        prices_in_draws(common, luck, forecast, units, ahead, factor).collect()
    }
}

/// What leaves, summed in joint draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovery {
    /// Everything.
    pub all: Total,
    /// By quarter of leaving, named `2026 Q4`.
    pub by_quarter: BTreeMap<String, Total>,
}

/// Recovery and value left in every draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    pub recovery: Vec<f64>,
    pub left: Vec<f64>,
}

impl Drawn {
    fn none() -> Drawn {
        Drawn { recovery: vec![0.0; DRAWS], left: vec![0.0; DRAWS] }
    }

    fn plus(&mut self, other: &Drawn) {
        for (own, more) in self.recovery.iter_mut().zip(&other.recovery) {
            *own += more;
        }
        for (own, more) in self.left.iter_mut().zip(&other.left) {
            *own += more;
        }
    }
}

impl Shared {
    /// Draws a plan. `names` are the names of the luck of its cohorts.
    pub(super) fn draw(&self, plan: &Scheduled, names: &[String], horizon: usize) -> Drawn {
        let sources = self.sources(plan, names);
        let positions: Vec<usize> = (0..plan.cohorts.len()).collect();
        let groups: Vec<Drawn> = positions
            .par_chunks(GROUP)
            .map(|group| {
                let mut sum = Drawn::none();
                for position in group {
                    if let Some(sources) = &sources[*position] {
                        add_cohort(&mut sum, plan, *position, (sources, &names[*position]), horizon);
                    }
                }
                sum
            })
            .collect();
        groups.iter().fold(Drawn::none(), |mut sum, group| {
            sum.plus(group);
            sum
        })
    }

    /// What the chosen cohorts bring in, all together and by quarter of leaving, with intervals from the same draws.
    pub(super) fn recovery(
        &self,
        plan: &Scheduled,
        names: &[String],
        chosen: &(dyn Fn(usize) -> bool + Sync),
    ) -> Recovery {
        let sources = self.sources(plan, names);
        let leaving: Vec<&Placement> = plan
            .schedule
            .placements
            .iter()
            .filter(|placement| chosen(placement.cohort) && placement.exit != Exit::Returned)
            .filter(|placement| placement.month.is_some() && sources[placement.cohort].is_some())
            .collect();
        let groups: Vec<Quarters> = leaving
            .par_chunks(GROUP)
            .map(|group| {
                let mut sum = Quarters::default();
                for placement in group {
                    sum.add(plan, placement, sources[placement.cohort].as_ref(), &names[placement.cohort]);
                }
                sum
            })
            .collect();
        let mut sum = Quarters::default();
        groups.into_iter().for_each(|group| sum.plus(group));
        sum.recovery(plan.currency)
    }

    /// The streams of every cohort with a forecast.
    fn sources(&self, plan: &Scheduled, names: &[String]) -> Vec<Option<Sources>> {
        let shared: Vec<Option<[String; 3]>> =
            plan.cohorts.iter().map(|planned| planned.forecast.as_ref().map(shared_names)).collect();
        let common = kept(&self.common, shared.iter().flatten().flatten(), usize::MAX);
        let with_luck =
            names.iter().zip(&shared).filter(|(_, shared)| shared.is_some()).map(|(name, _)| name);
        let lucks = kept(&self.lucks, with_luck, KEPT_STREAMS);
        let of = |shared: [String; 3], luck: &String| Sources {
            common: shared.map(|name| common.get(&name).cloned().unwrap_or_default()),
            luck: lucks.get(luck).cloned(),
        };
        shared.into_iter().zip(names).map(|(shared, luck)| shared.map(|shared| of(shared, luck))).collect()
    }

    /// Factor on the worth of successors of a class in every draw, one on average.
    pub(super) fn of_class(&self, class: AssetClass) -> Vec<f64> {
        let spread = PublishedCurve::of_class(class).at(USUAL_LIFE_YEARS).variance_log;
        let common = (spread - UNIT_SPREAD.powi(2)).max(0.0);
        let name = format!("market {}", class.name());
        let streams = kept(&self.common, std::iter::once(&name), usize::MAX);
        let normals = streams.get(&name).into_iter().flat_map(|stream| stream.iter());
        normals.map(|normal| (common.sqrt() * normal - 0.5 * common).exp()).collect()
    }
}

/// Recovery by quarter in every draw, with units and exact amounts.
#[derive(Debug, Default)]
struct Quarters(BTreeMap<String, Quarter>);

#[derive(Debug)]
struct Quarter {
    units: u64,
    minor: i64,
    draws: Vec<f64>,
}

impl Default for Quarter {
    fn default() -> Quarter {
        Quarter { units: 0, minor: 0, draws: vec![0.0; DRAWS] }
    }
}

impl Quarter {
    fn plus(&mut self, other: &Quarter) {
        self.units += other.units;
        self.minor += other.minor;
        self.draws.iter_mut().zip(&other.draws).for_each(|(own, more)| *own += more);
    }
}

impl Quarters {
    fn add(&mut self, plan: &Scheduled, placement: &Placement, sources: Option<&Sources>, name: &str) {
        let planned = &plan.cohorts[placement.cohort];
        let (Some(sources), Some(forecast)) = (sources, &planned.forecast) else { return };
        let Some((month, route)) = placement.month.zip(placement.route) else { return };
        let quarter = self.0.entry(month.quarter_name()).or_default();
        quarter.units += placement.units;
        quarter.minor += placement.recovery.minor() * placement.units as i64;
        let ahead = month.months_since(plan.as_of).max(0) as usize;
        let net = Net::of(planned, placement, route, ahead);
        let units = placement.units as f64;
        let prices = sources.prices(name, forecast, planned.cohort.units, ahead, plan.currency_per_dollar);
        quarter.draws.iter_mut().zip(prices).for_each(|(own, price)| *own += units * net.at(price));
    }

    fn plus(&mut self, other: Quarters) {
        for (name, more) in other.0 {
            self.0.entry(name).or_default().plus(&more);
        }
    }

    fn recovery(self, currency: Currency) -> Recovery {
        let mut all = Quarter::default();
        self.0.values().for_each(|quarter| all.plus(quarter));
        let total = |mut quarter: Quarter| {
            let expected = Money::from_minor(quarter.minor, currency);
            Total::of_draws(quarter.units, expected, &mut quarter.draws)
        };
        Recovery {
            all: total(all),
            by_quarter: self.0.into_iter().map(|(name, quarter)| (name, total(quarter))).collect(),
        }
    }
}

/// The streams of these names, those that are new drawn now and kept up to a number. No lock is held while they are drawn:
/// a thread that draws may meanwhile be given work that needs the lock.
fn kept<'a>(
    all: &RwLock<BTreeMap<String, Stream>>,
    names: impl Iterator<Item = &'a String>,
    most: usize,
) -> BTreeMap<String, Stream> {
    let known = || all.read().unwrap_or_else(PoisonError::into_inner);
    let (mut found, mut missing) = (BTreeMap::new(), BTreeSet::new());
    let room = {
        let known = known();
        for name in names {
            match known.get(name) {
                Some(stream) => drop(found.insert(name.clone(), Arc::clone(stream))),
                None => drop(missing.insert(name.clone())),
            }
        }
        most.saturating_sub(known.len())
    };
    if !missing.is_empty() {
        let new: Vec<String> = missing.into_iter().take(room).collect();
        let drawn: Vec<(String, Stream)> =
            new.into_par_iter().map(|name| (name.clone(), Arc::new(stream(&name, 0..DRAWS)))).collect();
        all.write().unwrap_or_else(PoisonError::into_inner).extend(drawn.iter().cloned());
        found.extend(drawn);
    }
    found
}

/// Adds what a cohort brings in, and what is left of it at the horizon, in every draw.
fn add_cohort(
    sum: &mut Drawn,
    plan: &Scheduled,
    position: usize,
    (sources, name): (&Sources, &str),
    horizon: usize,
) {
    let planned = &plan.cohorts[position];
    let Some(forecast) = &planned.forecast else { return };
    let placements = plan.schedule.of_cohort(position);
    if placements.iter().all(|placement| placement.exit == Exit::Returned) {
        return;
    }
    let prices =
        |ahead: usize| sources.prices(name, forecast, planned.cohort.units, ahead, plan.currency_per_dollar);
    for placement in placements.iter().filter(|placement| placement.exit != Exit::Returned) {
        let units = placement.units as f64;
        match (placement.month, placement.route) {
            (Some(month), Some(route)) => {
                let ahead = month.months_since(plan.as_of).max(0) as usize;
                let net = Net::of(planned, placement, route, ahead);
                for (own, price) in sum.recovery.iter_mut().zip(prices(ahead)) {
                    *own += units * net.at(price);
                }
            }
            (None, _) => {
                let Some(prospects) = &planned.decision.prospects else { continue };
                let offer = prospects.offers[horizon];
                for (own, price) in sum.left.iter_mut().zip(prices(horizon)) {
                    *own += units * offer.net(price);
                }
            }
            _ => {}
        }
    }
}

/// Names of the luck of each cohort: that of the base cohort that its first asset belongs to, so that a scenario meets the
/// luck of the base. Where a scenario parts a cohort, each further part has a luck of its own.
pub(super) fn luck_names(plan: &Scheduled, base: &Scheduled) -> Vec<String> {
    let name = |first: usize| {
        let place = base.cohort_of[first];
        if base.cohorts[place].cohort.assets[0] == first {
            format!("units {place}")
        } else {
            format!("units {place} from {first}")
        }
    };
    plan.cohorts.iter().map(|planned| name(planned.cohort.assets[0])).collect()
}
