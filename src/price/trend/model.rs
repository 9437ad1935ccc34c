//! The trend of a market at one origin, and forecasts from it.
//!
//! In: a [`TrendModel`] and the state of a series. Out: 10, 50 and 90 % quantiles of the ln price at a later month.

use serde::{Deserialize, Serialize};

use super::super::state_space::history::History;
use super::super::state_space::quantiles::Quantiles;
use super::anchor::deviation;
use super::interval::{Sides, joined};
use super::past::Opinion;
use super::rate::expected_change;
use super::stick::{Stays, series_share, with_jump};

/// Power with which expected standard deviations grow beyond the longest lag that was measured.
const GROWTH_BEYOND: f64 = 0.9;

/// What one lag needs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LagModel {
    /// Share of a last price's deviation that comes back, -1 to 0.
    pub anchor: f64,
    /// Standard deviations that the rule alone expects, in ln price.
    pub sd: Sides,
    /// Half-widths in expected standard deviations.
    pub half_width: Sides,
    /// Share of prices that have not moved after this lag.
    pub unmoved: f64,
}

/// The trend of a market as known at one month; it holds no price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrendModel {
    /// Month up to which prices were known.
    pub origin: i32,
    /// Long-run rate, in ln price a month.
    pub long_run_rate: f64,
    /// Excess of the recent rate over it, in ln price a month.
    pub excess: f64,
    /// Mean deviation of the last prices from their own recent means, in ln price.
    pub mean_deviation: f64,
    /// Share of one-month steps that stayed.
    pub stay_share: f64,
    /// Lags of 1, 2, ... months.
    pub lags: Vec<LagModel>,
}

/// What a forecast needs of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeriesState {
    /// Month of the last price.
    pub month: i32,
    /// Last ln price.
    pub last: f64,
    /// Its deviation from the mean of the last three.
    pub deviation: f64,
    /// Stickiness relative to the market.
    pub relative_stay: f64,
}

impl TrendModel {
    /// The state of a series whose history ends at the origin; `None` without a price.
    #[must_use]
    pub fn state_of(&self, history: &History) -> Option<SeriesState> {
        let (months, prices) = history.known_at(self.origin);
        let stays = Stays::of(history.steps().filter(|step| step.0 <= self.origin), self.origin);
        Some(SeriesState {
            month: *months.last()?,
            last: *prices.last()?,
            deviation: deviation(prices),
            relative_stay: stays.relative_to(self.stay_share),
        })
    }

    /// Quantiles of the ln price in the month `target`, joined with another forecaster's opinion if there is one;
    /// `None` unless `target` lies after the last price.
    #[must_use]
    pub fn forecast(&self, series: &SeriesState, target: i32, opinion: Option<Opinion>) -> Option<Quantiles> {
        let lag = target.checked_sub(series.month).filter(|lag| *lag > 0)?;
        let model = self.lag(lag)?;
        let own = series.last
            + expected_change(self.long_run_rate, self.excess, lag)
            + model.anchor * (series.deviation - self.mean_deviation);
        let opinion = opinion.map(|one| one.confirmed(self.long_run_rate + self.excess));
        let median = opinion.map_or(own, |one| joined(own, one.weight, one.centre));
        let below = opinion.map_or(model.sd.below, |one| joined(model.sd.below, one.weight, one.sd.below));
        let above = opinion.map_or(model.sd.above, |one| joined(model.sd.above, one.weight, one.sd.above));
        let moved = Quantiles {
            lower: median - below * model.half_width.below,
            median,
            upper: median + above * model.half_width.above,
        };
        Some(with_jump(&moved, series.last, series_share(model.unmoved, series.relative_stay)))
    }

    /// The lag's own numbers, or the longest lag's stretched.
    fn lag(&self, lag: i32) -> Option<LagModel> {
        let longest = self.lags.len();
        let wanted = usize::try_from(lag).ok()?;
        if let Some(found) = self.lags.get(wanted.checked_sub(1)?) {
            return Some(*found);
        }
        let last = self.lags.last()?;
        let ratio = wanted as f64 / longest as f64;
        let growth = ratio.powf(GROWTH_BEYOND);
        Some(LagModel {
            anchor: last.anchor,
            sd: Sides { below: last.sd.below * growth, above: last.sd.above * growth },
            half_width: last.half_width,
            unmoved: last.unmoved.powf(ratio),
        })
    }
}
