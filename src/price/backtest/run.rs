//! Issues the forecasts of a backtest.
//!
//! In: a market's series and [`Settings`]. Out: a [`MarketTest`] with a [`Record`] a forecast.

use rayon::prelude::*;

use super::rivals::{Rival, RivalIntervals, RivalPath};
use crate::catalog::Catalog;
use crate::market::{Basis, FollowedMarket};
use crate::price::followed::index::IndexOpinions;
use crate::price::followed::prices::FollowedPrices;
use crate::price::followed::replay::Replay;
use crate::price::followed::series::{PricedSeries, priced_series};
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::history::History;
use crate::price::state_space::quantiles::Quantiles;
use crate::price::trend::past::LONGEST_LAG;
use crate::price::trend::{Past, TrendModel};
use crate::units::{ExchangeRates, Month, Stage, Work};

/// Months ahead that are scored.
pub const HORIZONS: [i32; 5] = [1, 3, 6, 12, 24];

/// Months that the last price of a series may lie before the origin.
const OLDEST_LAST_PRICE: i32 = 1;

/// Months of history before the first origin, unless it is told.
const FIRST_ORIGIN_AFTER: i32 = 6;

/// Which forecasts are made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// First origin; default: six months after the market's first price.
    pub first_origin: Option<Month>,
    /// Last origin; default: the market's last month.
    pub last_origin: Option<Month>,
    /// Months between origins, at least 1.
    pub step_months: u32,
    /// Series with fewer months in all are not forecast. Above 1 this looks into the future, for comparison with
    /// published tables that did.
    pub least_months: usize,
}

/// One forecast beside what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Position of the series in its market.
    pub series: usize,
    /// Month index of the origin.
    pub origin: i32,
    /// Months ahead of the origin.
    pub horizon: i32,
    /// Quantiles of the ln price in the market's currency.
    pub forecast: Quantiles,
    /// Those of the rivals, in the order of [`Rival::ALL`].
    pub rivals: Vec<Quantiles>,
    /// Last ln price known at the origin.
    pub last: f64,
    /// Ln price that came.
    pub actual: f64,
}

/// A market's forecasts.
#[derive(Debug, Clone)]
pub struct MarketTest {
    /// The market as it was followed.
    pub market: FollowedMarket,
    /// Its series with their histories.
    pub series: Vec<PricedSeries>,
    /// Forecasts in order of origin, series and horizon.
    pub records: Vec<Record>,
}

/// Forecasts a market from every origin.
///
/// # Errors
/// When a fit of the index model fails.
pub fn backtest(
    market: &FollowedMarket,
    catalog: &Catalog,
    rates: &ExchangeRates,
    settings: &Settings,
) -> Result<MarketTest, PriceModelError> {
    backtest_watched(market, catalog, rates, settings, &Work::unwatched().stage("", 0))
}

/// Forecasts a market from every origin, each a step of a stage that several markets may share.
///
/// # Errors
/// As [`backtest`], and when the stage is cancelled.
pub fn backtest_watched(
    market: &FollowedMarket,
    catalog: &Catalog,
    rates: &ExchangeRates,
    settings: &Settings,
    stage: &Stage<'_>,
) -> Result<MarketTest, PriceModelError> {
    let series = priced_series(market, catalog, rates)?;
    let records = records(market.basis, &series, settings, stage)?;
    Ok(MarketTest { market: market.clone(), series, records })
}

/// Fits the followed prices of a market and forecasts it from every origin, with its months gone through once; no prices
/// without an exchange rate.
///
/// # Errors
/// When a fit of the index model fails.
pub fn fit_and_backtest(
    market: &FollowedMarket,
    catalog: &Catalog,
    rates: &ExchangeRates,
    settings: &Settings,
) -> Result<(Option<FollowedPrices>, MarketTest), PriceModelError> {
    let series = priced_series(market, catalog, rates)?;
    let replay = Replay::new(market.basis, &series)?;
    let past = replay.past();
    let prices = FollowedPrices::of_replay(market, catalog, rates, &replay, &past);
    let records = issued(&replay, &past, settings, &Work::unwatched().stage("", 0))?;
    Ok((prices, MarketTest { market: market.clone(), series, records }))
}

/// Forecasts of these series, in order of origin, series and horizon.
pub(super) fn records(
    basis: Basis,
    series: &[PricedSeries],
    settings: &Settings,
    stage: &Stage<'_>,
) -> Result<Vec<Record>, PriceModelError> {
    let replay = Replay::new(basis, series)?;
    issued(&replay, &replay.past(), settings, stage)
}

fn issued(
    replay: &Replay<'_>,
    past: &Past<'_>,
    settings: &Settings,
    stage: &Stage<'_>,
) -> Result<Vec<Record>, PriceModelError> {
    let Replay { series, histories, opinions, .. } = replay;
    let rivals: Vec<RivalPath> =
        Rival::ALL.par_iter().map(|rival| RivalPath::new(*rival, series, LONGEST_LAG)).collect();
    let origins = origins(histories, settings);
    stage.expect(origins.len());
    Ok(origins
        .par_iter()
        .map(|origin| {
            let model = past.model_at(*origin);
            let rivals = rivals.iter().map(|one| (one, one.intervals_at(*origin))).collect();
            let issue = Issue { series, opinions, rivals, settings };
            let issued = issue.from(*origin, &model);
            stage.step().map_err(PriceModelError::Cancelled)?;
            Ok(issued)
        })
        .collect::<Result<Vec<_>, PriceModelError>>()?
        .concat())
}

/// Months with a price, from the first origin to the last, every so many months.
pub(super) fn origins(histories: &[History], settings: &Settings) -> Vec<i32> {
    let months = || histories.iter().flat_map(|one| one.months().iter().copied());
    let (Some(first), Some(last)) = (months().min(), months().max()) else { return Vec::new() };
    let from = settings.first_origin.map_or(first + FIRST_ORIGIN_AFTER, Month::index);
    let to = settings.last_origin.map_or(last, Month::index).min(last);
    let known: std::collections::BTreeSet<i32> = months().collect();
    let step = usize::try_from(settings.step_months.max(1)).unwrap_or(1);
    (from..=to).step_by(step).filter(|month| known.contains(month)).collect()
}

struct Issue<'a> {
    series: &'a [PricedSeries],
    opinions: &'a IndexOpinions,
    rivals: Vec<(&'a RivalPath, RivalIntervals)>,
    settings: &'a Settings,
}

impl Issue<'_> {
    fn from(&self, origin: i32, model: &TrendModel) -> Vec<Record> {
        let mut records = Vec::new();
        for (position, series) in self.series.iter().enumerate() {
            let history = &series.history;
            if history.months().len() < self.settings.least_months {
                continue;
            }
            let Some(state) = model.state_of(history) else { continue };
            if origin - state.month > OLDEST_LAST_PRICE {
                continue;
            }
            for horizon in HORIZONS {
                let target = origin + horizon;
                let Some(actual) = history.at(target) else { continue };
                let opinion = self.opinions.opinion(position, origin, target);
                let Some(forecast) = model.forecast(&state, target, opinion) else { continue };
                let rivals: Option<Vec<Quantiles>> = self
                    .rivals
                    .iter()
                    .map(|(path, intervals)| path.forecast(intervals, position, series, origin, target))
                    .collect();
                let Some(rivals) = rivals else { continue };
                records.push(Record {
                    series: position,
                    origin,
                    horizon,
                    forecast,
                    rivals,
                    last: state.last(),
                    actual,
                });
            }
        }
        records
    }
}
