//! The rule's own past: what it forecast in every month with what was known then, and what came.
//!
//! In: the histories of all series of a market. Out: a [`Past`], from which [`Past::model_at`] reads the model of any
//! origin without looking beyond it: an error enters only once both of its months have passed.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::super::state_space::history::History;
use super::anchor::{Comeback, deviation};
use super::interval::{Block, Error, half_widths, noise, prior_sd};
use super::model::{LagModel, TrendModel};
use super::rate::{RecentRate, expected_change};
use super::stick::{Stays, class_shares, stayed};

/// Longest lag whose errors are kept, months.
pub const LONGEST_LAG: i32 = 36;

/// Months that the last price of a series may lie before an origin for its deviation to count in the mean.
const FRESH_MONTHS: i32 = 1;

/// Another forecaster's view of the centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Its median, in ln price.
    pub centre: f64,
    /// Its standard deviation, in ln price.
    pub sd: f64,
    /// Its share in the average, 0 to 1.
    pub weight: f64,
}

impl Opinion {
    /// The average of this opinion and the rule's own centre.
    pub(super) fn joined(opinion: Option<Opinion>, own: f64) -> f64 {
        opinion.map_or(own, |other| own + other.weight * (other.centre - own))
    }
}

/// A series at the end of a month in which it had a price.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    series: usize,
    last: f64,
    deviation: f64,
}

/// All series with a price in a month, and the market's rate then.
#[derive(Debug, Clone, PartialEq)]
struct Snapshot {
    month: i32,
    rate: RecentRate,
    entries: Vec<Entry>,
    mean_deviation: f64,
}

/// What came of forecasts over one lag.
#[derive(Debug, Clone, PartialEq, Default)]
struct LagPast {
    /// Errors of prices that moved, by origin.
    blocks: Vec<Block>,
    /// Origin, unmoved prices, all prices.
    stays: Vec<(i32, usize, usize)>,
    /// Anchor coefficient at each snapshot.
    anchors: Vec<f64>,
}

/// The forecasts of every past month beside their outcomes.
#[derive(Debug, Clone, PartialEq)]
pub struct Past<'a> {
    histories: &'a [History],
    long_run_rate: f64,
    snapshots: Vec<Snapshot>,
    lags: Vec<LagPast>,
}

impl<'a> Past<'a> {
    /// Replays the rule over all months. `opinion` is asked for (series, origin, lag) and must not know more than the
    /// origin did.
    pub fn new(
        histories: &'a [History],
        long_run_rate: f64,
        opinion: impl Fn(usize, i32, i32) -> Option<Opinion> + Sync,
    ) -> Past<'a> {
        let snapshots = snapshots(histories);
        let lags = (1..=LONGEST_LAG)
            .into_par_iter()
            .map(|lag| lag_past(histories, &snapshots, long_run_rate, lag, &opinion))
            .collect();
        Past { histories, long_run_rate, snapshots, lags }
    }

    /// The model of those who knew everything up to `origin`.
    #[must_use]
    pub fn model_at(&self, origin: i32) -> TrendModel {
        let known = self.snapshots.partition_point(|one| one.month <= origin);
        let mut rate = self.snapshots[..known].last().map_or_else(RecentRate::default, |one| one.rate);
        rate.fade_to(origin);
        let sizes = self.lags[0]
            .blocks
            .iter()
            .filter(|block| block.origin < origin)
            .flat_map(|block| block.errors.iter().map(|one| one.error.abs()))
            .collect();
        let noise = noise(sizes);
        let counts: Vec<(usize, usize)> = (1..)
            .zip(&self.lags)
            .map(|(lag, past)| {
                let seen = past.stays.iter().filter(|one| one.0 + lag <= origin);
                seen.fold((0, 0), |sum, one| (sum.0 + one.1, sum.1 + one.2))
            })
            .collect();
        let lags = (1..)
            .zip(&self.lags)
            .zip(class_shares(&counts))
            .map(|((lag, past), unmoved)| {
                let blocks = past.blocks.iter().filter(|block| block.origin + lag <= origin);
                let sd = prior_sd(lag, noise);
                let (below, above) = half_widths(blocks, origin, lag, sd);
                let anchor = past.anchors[..known].last().copied().unwrap_or(0.0);
                LagModel { anchor, sd, below, above, unmoved }
            })
            .collect();
        let stays = self
            .histories
            .iter()
            .map(|one| Stays::of(one.steps().filter(|step| step.0 <= origin), origin))
            .fold(Stays::default(), Stays::plus);
        let fresh: Vec<f64> = self
            .histories
            .iter()
            .filter_map(|one| {
                let past = one.known_at(origin);
                let fresh = *past.0.last()? >= origin - FRESH_MONTHS;
                fresh.then(|| deviation(past.1))
            })
            .collect();
        TrendModel {
            origin,
            long_run_rate: self.long_run_rate,
            excess: rate.excess(self.long_run_rate),
            mean_deviation: mean(&fresh),
            stay_share: stays.share(),
            lags,
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

fn snapshots(histories: &[History]) -> Vec<Snapshot> {
    let months: BTreeSet<i32> = histories.iter().flat_map(|one| one.months().iter().copied()).collect();
    let mut entries: BTreeMap<i32, Vec<Entry>> = months.iter().map(|month| (*month, Vec::new())).collect();
    let mut steps: BTreeMap<i32, Vec<(i32, f64)>> = BTreeMap::new();
    for (series, history) in histories.iter().enumerate() {
        for (position, month) in history.months().iter().enumerate() {
            let prices = &history.ln_prices()[..=position];
            let entry = Entry { series, last: prices[position], deviation: deviation(prices) };
            entries.entry(*month).or_default().push(entry);
        }
        for (month, gap, change) in history.steps() {
            steps.entry(month).or_default().push((gap, change));
        }
    }
    let mut rate = RecentRate::default();
    entries
        .into_iter()
        .map(|(month, entries)| {
            rate.advance(month, steps.get(&month).map_or(&[], Vec::as_slice));
            let deviations: Vec<f64> = entries.iter().map(|one| one.deviation).collect();
            Snapshot { month, rate, mean_deviation: mean(&deviations), entries }
        })
        .collect()
}

fn lag_past(
    histories: &[History],
    snapshots: &[Snapshot],
    long_run_rate: f64,
    lag: i32,
    opinion: &(impl Fn(usize, i32, i32) -> Option<Opinion> + Sync),
) -> LagPast {
    let mut past = LagPast::default();
    let mut comeback = Comeback::default();
    for snapshot in snapshots {
        let then = snapshots.binary_search_by(|one| one.month.cmp(&(snapshot.month - lag)));
        if let Ok(position) = then {
            let start = &snapshots[position];
            let anchor = past.anchors[position];
            let expected = expected_change(long_run_rate, start.rate.excess(long_run_rate), lag);
            let mut pairs = Vec::new();
            let mut errors = Vec::new();
            let mut unmoved = 0;
            for entry in &start.entries {
                let Some(outcome) = histories[entry.series].at(snapshot.month) else { continue };
                let plain = entry.last + expected;
                pairs.push((entry.deviation, outcome - plain));
                if stayed(outcome - entry.last) {
                    unmoved += 1;
                    continue;
                }
                let own = plain + anchor * (entry.deviation - start.mean_deviation);
                let other = opinion(entry.series, start.month, lag);
                errors.push(Error {
                    error: outcome - Opinion::joined(other, own),
                    weight: other.map_or(0.0, |one| one.weight),
                    sd: other.map_or(0.0, |one| one.sd),
                });
            }
            if !pairs.is_empty() {
                past.stays.push((start.month, unmoved, pairs.len()));
            }
            if !errors.is_empty() {
                past.blocks.push(Block { origin: start.month, errors });
            }
            comeback.advance(snapshot.month, &pairs);
        }
        past.anchors.push(comeback.coefficient());
    }
    past
}
