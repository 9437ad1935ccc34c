//! Scores of a backtest: by horizon and over all, ours beside the rivals'.
//!
//! In: a [`MarketTest`]. Out: a [`ScoreCard`]: for each forecaster its [`Scores`] by horizon, and whether its pinball
//! losses differ from ours by more than luck (Diebold-Mariano, blocks of twelve months of origins, because forecasts a
//! year ahead share a year). The regret of a forecaster in a
//! market is how far its pinball lies above that of the best in hindsight.

use super::rivals::Rival;
use super::run::{HORIZONS, MarketTest, Record};
use crate::price::metrics::{LossComparison, MetricError, Outcome, Scores, diebold_mariano};
use crate::price::state_space::quantiles::Quantiles;

/// Name of our own forecaster in tables.
pub const OURS: &str = "residua";

/// Forecasts below which a cell is not judged.
const FEWEST_JUDGED: usize = 30;

/// Forecasts below which a cell is not given to the last price.
const FEWEST_DECIDING: usize = 100;

/// One forecaster's scores in a market.
#[derive(Debug, Clone, PartialEq)]
pub struct ForecasterScore {
    /// Who.
    pub name: &'static str,
    /// By horizon in months; horizons without a forecast are left out.
    pub by_horizon: Vec<(i32, Scores)>,
    /// Over all forecasts.
    pub all: Scores,
    /// Our losses less its, over all; `None` for ourselves or with one year of origins only.
    pub against: Option<LossComparison>,
}

/// Scores of all forecasters in a market, ours first.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreCard {
    /// Forecasters.
    pub forecasters: Vec<ForecasterScore>,
    /// Months from which forecasts were made.
    pub origins: usize,
    /// First and last of them, month indices.
    pub span: (i32, i32),
}

/// A horizon at which "the last price stays" was better.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// Months ahead.
    pub horizon: i32,
    /// Who was best there.
    pub best: &'static str,
    /// Our pinball over its, less one.
    pub excess: f64,
    /// Whether the last price was better too.
    pub worse_than_last_price: bool,
}

impl ScoreCard {
    /// Scores a market's forecasts; `None` when there is none.
    ///
    /// # Errors
    /// When a forecast is not finite or its quantiles cross, which would be a mistake of ours.
    pub fn of(test: &MarketTest) -> Result<Option<ScoreCard>, MetricError> {
        let records = &test.records;
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(None) };
        let mut forecasters = vec![score(OURS, records, &|one| one.forecast)?];
        let own: Vec<f64> = outcomes(records, &|one| one.forecast)?.iter().map(Outcome::pinball).collect();
        let years: Vec<i32> = records.iter().map(|one| (one.origin - first.origin) / 12).collect();
        for (position, rival) in Rival::ALL.into_iter().enumerate() {
            let quantiles = |one: &Record| one.rivals[position];
            let mut found = score(rival.name(), records, &quantiles)?;
            let losses: Vec<f64> = outcomes(records, &quantiles)?.iter().map(Outcome::pinball).collect();
            found.against = diebold_mariano(&own, &losses, &years).ok();
            forecasters.push(found);
        }
        let mut origins: Vec<i32> = records.iter().map(|one| one.origin).collect();
        origins.dedup();
        Ok(Some(ScoreCard { forecasters, origins: origins.len(), span: (first.origin, last.origin) }))
    }

    /// Our own scores.
    pub fn ours(&self) -> &ForecasterScore {
        &self.forecasters[0]
    }

    /// The best rival over all, and how far each forecaster's pinball lies above the best of all, in order.
    pub fn regrets(&self) -> Vec<(&'static str, f64)> {
        let best = self.forecasters.iter().map(|one| one.all.pinball).fold(f64::INFINITY, f64::min);
        self.forecasters.iter().map(|one| (one.name, regret(one.all.pinball, best))).collect()
    }

    /// Whether any horizon has enough forecasts to say who was better there.
    pub fn judges_a_horizon(&self) -> bool {
        self.ours().by_horizon.iter().any(|(_, own)| own.forecasts >= FEWEST_JUDGED)
    }

    /// Horizons at which somebody else was better, with enough forecasts to say so.
    pub fn losses(&self) -> Vec<Loss> {
        let ours = self.ours();
        ours.by_horizon
            .iter()
            .filter(|(_, own)| own.forecasts >= FEWEST_JUDGED)
            .filter_map(|(horizon, own)| {
                let at = |one: &ForecasterScore| {
                    one.by_horizon.iter().find(|found| found.0 == *horizon).map(|found| found.1.pinball)
                };
                let rivals = self.forecasters[1..].iter().filter_map(|one| Some((one.name, at(one)?)));
                let (best, pinball) = rivals.min_by(|a, b| a.1.total_cmp(&b.1))?;
                let stays = at(&self.forecasters[1])?;
                (pinball < own.pinball).then(|| Loss {
                    horizon: *horizon,
                    best,
                    excess: regret(own.pinball, pinball),
                    worse_than_last_price: stays < own.pinball,
                })
            })
            .collect()
    }
}

/// The shortest horizon from which on, over all longer ones together, "the last price stays" had the smaller pinball loss
/// over enough forecasts to give these cells to it. All longer ones together, so that the path does not jump to and fro.
pub fn naive_from(card: &ScoreCard) -> Option<i32> {
    let [ours, last_price, ..] = card.forecasters.as_slice() else { return None };
    let from = |one: &ForecasterScore, horizon: i32| {
        let longer = one.by_horizon.iter().filter(|found| found.0 >= horizon);
        longer.fold((0.0, 0), |sum, (_, scores)| {
            (sum.0 + scores.pinball * scores.forecasts as f64, sum.1 + scores.forecasts)
        })
    };
    HORIZONS.into_iter().find(|horizon| {
        let (own, naive) = (from(ours, *horizon), from(last_price, *horizon));
        own.1 >= FEWEST_DECIDING && naive.0 < own.0
    })
}

/// Share by which a pinball loss lies above the best one; zero when both are zero.
fn regret(pinball: f64, best: f64) -> f64 {
    if pinball > best { pinball / best.max(f64::MIN_POSITIVE) - 1.0 } else { 0.0 }
}

fn outcomes(
    records: &[Record],
    forecast: &dyn Fn(&Record) -> Quantiles,
) -> Result<Vec<Outcome>, MetricError> {
    records.iter().map(|one| Outcome::new(forecast(one), one.actual, Some(one.last))).collect()
}

fn score(
    name: &'static str,
    records: &[Record],
    forecast: &dyn Fn(&Record) -> Quantiles,
) -> Result<ForecasterScore, MetricError> {
    let mut by_horizon = Vec::new();
    for horizon in HORIZONS {
        let own: Vec<Record> = records.iter().filter(|one| one.horizon == horizon).cloned().collect();
        if !own.is_empty() {
            by_horizon.push((horizon, Scores::of(&outcomes(&own, forecast)?)?));
        }
    }
    let all = Scores::of(&outcomes(records, forecast)?)?;
    Ok(ForecasterScore { name, by_horizon, all, against: None })
}
