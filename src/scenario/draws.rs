//! What could come of a plan, in draws that all scenarios share.
//!
//! In: a plan, its flows. Out: net recovery and total cost in every joint draw. The draws are those of the totals of the
//! plan: market, curve, product and the luck of units each have a stream by name, so that a scenario meets the same
//! fortune as the base and a difference is no noise (common random numbers). Random are the prices of what is sold and of
//! what is left at the horizon; successors are drawn with the market of their class, by the spread of the published
//! curve. Costs of holding and prices of purchases are taken as certain.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::catalog::AssetClass;
use crate::decide::{DRAWS, Exit, Net, Scheduled, Streams, prices_in_draws, stream};
use crate::price::published::{PublishedCurve, UNIT_SPREAD};

/// Cohorts that are drawn in one go; sums are added in the order of these groups, whatever the threads.
const GROUP: usize = 16;

/// Streams of luck that are kept from one scenario to the next; beyond, they are drawn anew.
const KEPT_STREAMS: usize = 2_000;

/// Age at which the spread of successors is read off the published curve, years.
const USUAL_LIFE_YEARS: f64 = 4.0;

/// Draws of all scenarios of a run.
#[derive(Debug, Default)]
pub(super) struct Shared {
    streams: Streams,
    lucks: BTreeMap<String, Vec<f64>>,
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
    pub(super) fn draw(&mut self, plan: &Scheduled, names: &[String], horizon: usize) -> Drawn {
        self.streams.draw_shared(plan.cohorts.iter().filter_map(|planned| planned.forecast.as_ref()));
        self.keep_lucks(plan, names);
        let positions: Vec<usize> = (0..plan.cohorts.len()).collect();
        let groups: Vec<Drawn> = positions
            .par_chunks(GROUP)
            .map(|group| {
                let mut sum = Drawn::none();
                for position in group {
                    self.add_cohort(&mut sum, plan, *position, &names[*position], horizon);
                }
                sum
            })
            .collect();
        groups.iter().fold(Drawn::none(), |mut sum, group| {
            sum.plus(group);
            sum
        })
    }

    fn keep_lucks(&mut self, plan: &Scheduled, names: &[String]) {
        let missing: Vec<&String> = plan
            .cohorts
            .iter()
            .zip(names)
            .filter(|(planned, _)| planned.forecast.is_some())
            .map(|(_, name)| name)
            .filter(|name| !self.lucks.contains_key(*name))
            .take(KEPT_STREAMS.saturating_sub(self.lucks.len()))
            .collect();
        let drawn: Vec<(String, Vec<f64>)> =
            missing.into_par_iter().map(|name| (name.clone(), stream(name, 0..DRAWS))).collect();
        self.lucks.extend(drawn);
    }

    fn add_cohort(&self, sum: &mut Drawn, plan: &Scheduled, position: usize, name: &str, horizon: usize) {
        let planned = &plan.cohorts[position];
        let Some(forecast) = &planned.forecast else { return };
        let placements = plan.schedule.of_cohort(position);
        if placements.iter().all(|placement| placement.exit == Exit::Returned) {
            return;
        }
        let fresh;
        let luck = match self.lucks.get(name) {
            Some(luck) => luck,
            None => {
                fresh = stream(name, 0..DRAWS);
                &fresh
            }
        };
        let shared = self.streams.shared(forecast);
        let prices = |ahead: usize| {
            let factor = plan.currency_per_dollar;
            prices_in_draws(shared, luck, forecast, planned.cohort.units, ahead, factor)
        };
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

    /// Factor on the worth of successors of a class in every draw, one on average.
    pub(super) fn of_class(&mut self, class: AssetClass) -> Vec<f64> {
        let spread = PublishedCurve::of_class(class).at(USUAL_LIFE_YEARS).variance_log;
        let common = (spread - UNIT_SPREAD.powi(2)).max(0.0);
        let stream = self.streams.get(&format!("market {}", class.name()));
        stream.iter().map(|normal| (common.sqrt() * normal - 0.5 * common).exp()).collect()
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
