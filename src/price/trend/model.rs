//! The trend of a market at one origin, and forecasts from it.
//!
//! In: a [`TrendModel`] and the state of a series. Out: 10, 50 and 90 % quantiles of the ln price at a later month.

use serde::{Deserialize, Serialize};

use super::super::state_space::history::History;
use super::super::state_space::quantiles::Quantiles;
use super::anchor;
use super::interval::{Sides, joined};
use super::past::Opinion;
use super::rate::{RecentRate, Step, expected_change, slowing};
use super::stick::{Stays, series_share, with_jump};
use crate::price::soundness::{self, Sound};

/// Power with which expected standard deviations grow beyond the longest lag that was measured.
const GROWTH_BEYOND: f64 = 0.9;

/// Months that the last price of a series may lie before an origin for its deviation to count in the mean.
const FRESH_MONTHS: i32 = 1;

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
    /// Recent steps of the market.
    pub rate: RecentRate,
    /// Mean deviation of the last prices from their own recent means, in ln price.
    pub mean_deviation: f64,
    /// One-month steps of all series, and those that stayed.
    pub stays: Stays,
    /// Lags of 1, 2, ... months.
    pub lags: Vec<LagModel>,
}

impl TrendModel {
    /// Whether a model from a file can be used.
    pub(in crate::price) fn check(&self) -> Sound {
        soundness::month("origin", self.origin)?;
        soundness::log("long_run_rate", self.long_run_rate)?;
        soundness::log("mean_deviation", self.mean_deviation)?;
        self.rate.check()?;
        self.stays.check()?;
        for lag in &self.lags {
            soundness::share("minus an anchor", -lag.anchor)?;
            soundness::share("a share unmoved", lag.unmoved)?;
            for sides in [lag.sd, lag.half_width] {
                soundness::spread("an expected spread", sides.below)?;
                soundness::spread("an expected spread", sides.above)?;
            }
        }
        Ok(())
    }
}

/// What a forecast needs of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesState {
    /// Month of the first price.
    pub first_month: i32,
    /// Month of the last price.
    pub month: i32,
    /// The last three ln prices, the latest last; never empty.
    pub recent: Vec<f64>,
    /// Its one-month steps, and those that stayed.
    pub stays: Stays,
}

impl SeriesState {
    /// Whether a state from a file can be used.
    pub(in crate::price) fn check(&self) -> Sound {
        soundness::month("the first month of a series", self.first_month)?;
        soundness::month("the last month of a series", self.month)?;
        if self.recent.is_empty() || self.first_month > self.month {
            return Err("a series has no price".to_owned());
        }
        soundness::logs("a last price", &self.recent)?;
        self.stays.check()
    }

    /// The last ln price.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.recent.last().copied().unwrap_or(f64::NAN)
    }

    /// The state of a series with one price.
    #[must_use]
    pub fn beginning(month: i32, ln_price: f64) -> SeriesState {
        SeriesState { first_month: month, month, recent: vec![ln_price], stays: Stays::default() }
    }

    /// The state after one more ln price in a later month.
    pub fn assimilate(&mut self, month: i32, ln_price: f64) {
        let gap = month - self.month;
        let change = ln_price - self.last();
        self.stays = self.stays.after(gap, (gap == 1).then_some(change));
        self.recent.push(ln_price);
        let surplus = self.recent.len().saturating_sub(anchor::PRICES);
        self.recent.drain(..surplus);
        self.month = month;
    }
}

impl TrendModel {
    /// The state of a series whose history ends at the origin; `None` without a price.
    #[must_use]
    pub fn state_of(&self, history: &History) -> Option<SeriesState> {
        let (months, prices) = history.known_at(self.origin);
        let stays = Stays::of(history.steps().filter(|step| step.0 <= self.origin), self.origin);
        Some(SeriesState {
            first_month: *months.first()?,
            month: *months.last()?,
            recent: prices[prices.len().saturating_sub(anchor::PRICES)..].to_vec(),
            stays,
        })
    }

    /// Quantiles of the ln price in the month `target`, joined with another forecaster's opinion if there is one;
    /// `None` unless `target` lies after the last price.
    #[must_use]
    pub fn forecast(&self, series: &SeriesState, target: i32, opinion: Option<Opinion>) -> Option<Quantiles> {
        let lag = target.checked_sub(series.month).filter(|lag| *lag > 0)?;
        let model = self.lag(lag)?;
        let own = series.last()
            + expected_change(self.long_run_rate, self.excess(), series.month - series.first_month, lag)
            + model.anchor * (anchor::deviation(&series.recent) - self.mean_deviation);
        let opinion = opinion.map(|one| one.confirmed(self.long_run_rate + self.excess()));
        let median = opinion.map_or(own, |one| joined(own, one.weight, one.centre));
        let below = opinion.map_or(model.sd.below, |one| joined(model.sd.below, one.weight, one.sd.below));
        let above = opinion.map_or(model.sd.above, |one| joined(model.sd.above, one.weight, one.sd.above));
        let moved = Quantiles {
            lower: median - below * model.half_width.below,
            median,
            upper: median + above * model.half_width.above,
        };
        let relative = series.stays.relative_to(self.stays.share());
        Some(with_jump(&moved, series.last(), series_share(model.unmoved, relative)))
    }

    /// Excess of the recent rate over the long-run rate, in ln price a month.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.rate.excess(self.long_run_rate)
    }

    /// Moves on to a later month with the steps that end in it: months since the price before, and change in ln price.
    pub fn assimilate(&mut self, month: i32, steps: &[Step]) {
        let since = month - self.origin;
        self.rate.advance(month, steps);
        self.stays = self.stays.after(since, None);
        for step in steps.iter().filter(|step| step.gap == 1) {
            self.stays = self.stays.after(0, Some(step.change));
        }
        self.origin = month;
    }

    /// Mean deviation of the series whose last price is fresh at the origin.
    pub fn fresh_deviation<'a>(&self, states: impl Iterator<Item = &'a SeriesState>) -> f64 {
        let fresh = states.filter(|one| one.month >= self.origin - FRESH_MONTHS);
        let deviations: Vec<f64> = fresh.map(|one| anchor::deviation(&one.recent)).collect();
        if deviations.is_empty() { 0.0 } else { deviations.iter().sum::<f64>() / deviations.len() as f64 }
    }

    /// Change in ln price that ageing alone brings in `lag` months.
    #[must_use]
    pub fn ageing(&self, series: &SeriesState, lag: i32) -> f64 {
        self.long_run_rate * slowing(series.month - series.first_month) * f64::from(lag)
    }

    /// What comes back of a last price that stands off its recent mean, in ln price.
    #[must_use]
    pub fn comeback(&self, series: &SeriesState, lag: i32) -> f64 {
        self.lag(lag)
            .map_or(0.0, |model| model.anchor * (anchor::deviation(&series.recent) - self.mean_deviation))
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
