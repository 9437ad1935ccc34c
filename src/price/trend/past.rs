//! The rule's own past: what it forecast in every month with what was known then, and what came.
//!
//! In: the histories of all series of a market. Out: a [`Past`], from which [`Past::model_at`] reads the model of any
//! origin without looking beyond it: an error enters only once both of its months have passed.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::super::state_space::history::History;
use super::aging::{self, Trial};
use super::anchor::{Comeback, deviation};
use super::interval::{Block, Error, Sides, half_widths, joined, noise, prior_sd};
use super::model::{LagModel, SeriesState, TrendModel};
use super::rate::{RecentRate, Step, expected_change};
use super::stick::{Stays, class_shares, stayed};

/// Longest lag whose errors are kept, months.
pub const LONGEST_LAG: i32 = 36;

/// Lags whose errors say how much is common to a market.
const COMMON_LAGS: usize = 6;

/// Falls of the class, in ln price a month, at which an opinion begins to be confirmed and at which it fully is: in the
/// calm the class loses about 0.02 by itself, and an opinion that leans on less was wrong there.
const CONFIRMING_FALL: [f64; 2] = [0.02, 0.03];

/// Another forecaster's view of a price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// Its median, in ln price.
    pub centre: f64,
    /// Its standard deviations, in ln price.
    pub sd: Sides,
    /// Its share in the average, 0 to 1, when the market confirms it.
    pub weight: f64,
    /// The part of that share which needs no confirmation, 0 to 1.
    pub sure: f64,
}

impl Opinion {
    /// The opinion with the weight it has while the class moves at this rate (ln price a month).
    #[must_use]
    pub fn confirmed(self, rate: f64) -> Opinion {
        let [begins, full] = CONFIRMING_FALL;
        let confirmation = ((-rate - begins) / (full - begins)).clamp(self.sure.clamp(0.0, 1.0), 1.0);
        Opinion { weight: self.weight * confirmation, ..self }
    }
}

/// A series at the end of a month in which it had a price.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    series: usize,
    /// Months since the first price of the series.
    seen: i32,
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
    /// Long-run rate at each snapshot, in ln price a month.
    long_run_rates: Vec<f64>,
    prior_rate: f64,
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
        let prior_rate = long_run_rate;
        let trials = trials(histories, &snapshots, prior_rate);
        let long_run_rates: Vec<f64> =
            snapshots.iter().map(|one| aging::long_run_rate(&trials, one.month, prior_rate)).collect();
        let lags = (1..=LONGEST_LAG)
            .into_par_iter()
            .map(|lag| lag_past(histories, &snapshots, &long_run_rates, lag, &opinion))
            .collect();
        Past { histories, long_run_rates, prior_rate, snapshots, lags }
    }

    /// Long-run rate as judged at `origin`.
    fn long_run_at(&self, origin: i32) -> f64 {
        let known = self.snapshots.partition_point(|one| one.month <= origin);
        known.checked_sub(1).map_or(self.prior_rate, |last| self.long_run_rates[last])
    }

    /// Standard deviation of a single month's price as known at `origin`, in ln price.
    #[must_use]
    pub fn noise_at(&self, origin: i32) -> f64 {
        let seen = self.lags[0].blocks.iter().filter(|block| block.origin < origin);
        noise(seen.flat_map(|block| block.errors.iter().map(|one| one.error.abs())).collect())
    }

    /// Share of the variance of errors over lags up to half a year that all series of a month had in common: the
    /// variance between months beyond what single errors would give, over all of it.
    #[must_use]
    pub fn common_share(&self) -> f64 {
        let (mut common, mut all) = (0.0, 0.0);
        for block in self.lags.iter().take(COMMON_LAGS).flat_map(|past| &past.blocks) {
            let count = block.errors.len() as f64;
            if count < 2.0 {
                continue;
            }
            let mean = block.errors.iter().map(|one| one.error).sum::<f64>() / count;
            let within =
                block.errors.iter().map(|one| (one.error - mean).powi(2)).sum::<f64>() / (count - 1.0);
            common += count * (mean * mean - within / count);
            all += count * (mean * mean + within * (count - 1.0) / count);
        }
        if all > 0.0 { (common / all).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The model of those who knew everything up to `origin`.
    #[must_use]
    pub fn model_at(&self, origin: i32) -> TrendModel {
        let known = self.snapshots.partition_point(|one| one.month <= origin);
        let mut rate = self.snapshots[..known].last().map_or_else(RecentRate::default, |one| one.rate);
        rate.fade_to(origin);
        let long_run_rate = self.long_run_at(origin);
        let noise = self.noise_at(origin);
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
                let half_width = half_widths(blocks, origin, lag, sd);
                let anchor = past.anchors[..known].last().copied().unwrap_or(0.0);
                LagModel { anchor, sd, half_width, unmoved }
            })
            .collect();
        let stays = self
            .histories
            .iter()
            .map(|one| Stays::of(one.steps().filter(|step| step.0 <= origin), origin))
            .fold(Stays::default(), Stays::plus);
        let mut model = TrendModel { origin, long_run_rate, rate, mean_deviation: 0.0, stays, lags };
        let states: Vec<SeriesState> = self.histories.iter().filter_map(|one| model.state_of(one)).collect();
        model.mean_deviation = model.fresh_deviation(states.iter());
        model
    }
}

/// What the rule with the prior rate lost to the last price at each month, over short lags.
fn trials(histories: &[History], snapshots: &[Snapshot], prior_rate: f64) -> Vec<Trial> {
    let mut trials = Vec::new();
    for snapshot in snapshots {
        for lag in 1..=aging::LONGEST_TRIAL {
            let excess = snapshot.rate.excess(prior_rate);
            let losses = snapshot.entries.iter().filter_map(|entry| {
                let expected = expected_change(prior_rate, excess, entry.seen, lag);
                let change = histories[entry.series].at(snapshot.month + lag)? - entry.last;
                Some((change - expected).abs() - change.abs())
            });
            let losses: Vec<f64> = losses.collect();
            if !losses.is_empty() {
                trials.push(Trial {
                    origin: snapshot.month,
                    seen: snapshot.month + lag,
                    loss: losses.iter().sum(),
                    forecasts: losses.len() as f64,
                });
            }
        }
    }
    trials
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

fn snapshots(histories: &[History]) -> Vec<Snapshot> {
    let months: BTreeSet<i32> = histories.iter().flat_map(|one| one.months().iter().copied()).collect();
    let mut entries: BTreeMap<i32, Vec<Entry>> = months.iter().map(|month| (*month, Vec::new())).collect();
    let mut steps: BTreeMap<i32, Vec<Step>> = BTreeMap::new();
    for (series, history) in histories.iter().enumerate() {
        for (position, month) in history.months().iter().enumerate() {
            let prices = &history.ln_prices()[..=position];
            let entry = Entry {
                series,
                seen: month - history.months()[0],
                last: prices[position],
                deviation: deviation(prices),
            };
            entries.entry(*month).or_default().push(entry);
        }
        let first = history.months().first().copied().unwrap_or(0);
        for (month, gap, change) in history.steps() {
            steps.entry(month).or_default().push(Step { gap, change, seen: month - gap - first });
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
    long_run_rates: &[f64],
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
            let long_run_rate = long_run_rates[position];
            let excess = start.rate.excess(long_run_rate);
            let mut pairs = Vec::new();
            let mut errors = Vec::new();
            let mut unmoved = 0;
            for entry in &start.entries {
                let Some(outcome) = histories[entry.series].at(snapshot.month) else { continue };
                let plain = entry.last + expected_change(long_run_rate, excess, entry.seen, lag);
                pairs.push((entry.deviation, outcome - plain));
                if stayed(outcome - entry.last) {
                    unmoved += 1;
                    continue;
                }
                let own = plain + anchor * (entry.deviation - start.mean_deviation);
                let rate = long_run_rate + excess;
                let other = opinion(entry.series, start.month, lag).map(|one| one.confirmed(rate));
                errors.push(match other {
                    None => Error { error: outcome - own, weight: 0.0, sd: 0.0 },
                    Some(one) => {
                        let error = outcome - joined(own, one.weight, one.centre);
                        let sd = if error < 0.0 { one.sd.below } else { one.sd.above };
                        Error { error, weight: one.weight, sd }
                    }
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
