//! Damped pooled drift: the expert that knows only recent prices.
//!
//! In: the histories of all series of a class and an origin. Out: quantiles of
//! a series' ln price, and the weight of this expert in the pool.
//!
//! ```text
//! r      = (sum w clip(dy, -.3, .3) - 200 * .015 / u) / (sum w dt + 200)
//! w      = .8^((T - t) / u)                        steps with dt <= 3
//! median = anchor + r p (1 - p^n) / (1 - p)        p = .85^(1 / u)
//! c      = sum(a b) / sqrt(sum a^2 sum b^2) n / (n + 30), in [-.49, 0]
//! theta  = (1 - sqrt(1 - 4 c^2)) / (-2 c) ; alpha = 1 - theta
//! anchor = exponential smoothing with alpha of the last 12 prices
//! ```
//!
//! u = steps a month, n = steps from the last price to the target, a and b
//! neighbouring steps. The half-width of the interval is the 80 % quantile of
//! the past errors of the plain geometric rule at that lag, which are the
//! distances of `y_(t+lag)` from `y_t + lag r_0` with r_0 the mean change a
//! step over all past. The anchor is the local level model solved by moments:
//! noisy averages are smoothed, clean ones are not. Source: state-space price
//! model, steps 2 and 3 from fit to forecast.

use super::error::PriceModelError;
use super::history::History;
use super::quantiles::{Quantiles, sorted_quantile};

const LONGEST_GAP: i32 = 3;
const LARGEST_STEP: f64 = 0.3;
const LARGEST_CORRELATED_STEP: f64 = 0.5;
const MONTHLY_MEMORY: f64 = 0.8;
const MONTHLY_DAMPING: f64 = 0.85;

/// Prior rate in ln price a month, and the steps it counts for.
const PRIOR_RATE: f64 = -0.015;
const PRIOR_STEPS: f64 = 200.0;

/// Pairs of steps that the prior of no autocorrelation counts for.
const PRIOR_PAIRS: f64 = 30.0;
const LOWEST_CORRELATION: f64 = -0.49;

/// Prices that the anchor looks back on, and those that start it.
const ANCHOR_PRICES: usize = 12;
const ANCHOR_START: usize = 3;

/// Pairs that make a lag's errors trustworthy.
const FEWEST_PAIRS: usize = 30;
const INTERVAL_LEVEL: f64 = 0.8;

/// Half-width when no pair of prices has been seen, in ln price a square root
/// of a month: about that of used hardware in calm months.
const UNKNOWN_HALF_WIDTH: f64 = 0.10;

/// Largest weight in the pool, and the index level that halves it.
const LARGEST_WEIGHT: f64 = 0.5;
const HALVING_LEVEL: f64 = 0.2;

/// Pooled drift of a class at one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftModel {
    steps_per_month: f64,
    rate: f64,
    smoothing: f64,
    /// Lag and half-width of the lags that have enough pairs, ascending.
    half_widths: Vec<(i32, f64)>,
}

impl DriftModel {
    /// Pools the histories up to `origin`; half-widths are measured at lags of
    /// 1 to `longest_lag` steps.
    ///
    /// # Errors
    /// When the number of steps a month is not positive.
    pub fn fit(
        histories: &[History],
        origin: i32,
        steps_per_month: f64,
        longest_lag: i32,
    ) -> Result<Self, PriceModelError> {
        if !(steps_per_month.is_finite() && steps_per_month > 0.0) {
            return Err(PriceModelError::BadStepsPerMonth { steps: steps_per_month });
        }
        let past: Vec<History> = histories.iter().map(|one| one.until(origin)).collect();
        let rate = pooled_rate(&past, origin, steps_per_month);
        let undamped = mean_rate(&past);
        let correlation = pooled_correlation(&past);
        let half_widths =
            (1..=longest_lag).filter_map(|lag| Some((lag, half_width_at(&past, undamped, lag)?))).collect();
        Ok(Self { steps_per_month, rate, smoothing: smoothing_of_correlation(correlation), half_widths })
    }

    /// Pooled rate, in ln price a step.
    #[must_use]
    pub const fn rate(&self) -> f64 {
        self.rate
    }

    /// Weight of the newest price in the anchor; one means no smoothing.
    #[must_use]
    pub const fn smoothing(&self) -> f64 {
        self.smoothing
    }

    /// The level a series is forecast from, if it has a price.
    #[must_use]
    pub fn anchor(&self, past: &History) -> Option<f64> {
        let prices = past.ln_prices();
        let recent = &prices[prices.len().saturating_sub(ANCHOR_PRICES)..];
        let mut start = recent.get(..ANCHOR_START).unwrap_or(&[]).to_vec();
        start.sort_by(f64::total_cmp);
        let start = start.get(ANCHOR_START / 2).or(recent.first()).copied()?;
        let smooth = |level: f64, price: &f64| level + self.smoothing * (price - level);
        Some(recent.iter().fold(start, smooth))
    }

    /// Half-width of the 80 % interval `lag` steps after the last price, in ln
    /// price.
    #[must_use]
    pub fn half_width(&self, lag: i32) -> f64 {
        let steps = f64::from(lag.max(1));
        let count = self.half_widths.partition_point(|known| known.0 <= lag);
        match self.half_widths[..count].last() {
            Some((known, half_width)) => half_width * (steps / f64::from(*known)).sqrt(),
            None => UNKNOWN_HALF_WIDTH * (steps / self.steps_per_month).sqrt(),
        }
    }

    /// Quantiles of a series' ln price in the month `target`; `past` ends at
    /// the origin. `None` without a price before `target`.
    #[must_use]
    pub fn forecast(&self, past: &History, target: i32) -> Option<Quantiles> {
        let (last, _) = past.last()?;
        let lag = target.checked_sub(last).filter(|lag| *lag > 0)?;
        let damping = MONTHLY_DAMPING.powf(1.0 / self.steps_per_month);
        let reach = damping * (1.0 - damping.powi(lag)) / (1.0 - damping);
        let median = self.anchor(past)? + self.rate * reach;
        let half_width = self.half_width(lag);
        Some(Quantiles { lower: median - half_width, median, upper: median + half_width })
    }
}

/// Weight (0 to 0.5) of this expert against the state-space model when the
/// market index stands at `level`, in ln price.
#[must_use]
pub fn pool_weight(level: f64) -> f64 {
    let halving = HALVING_LEVEL * HALVING_LEVEL;
    LARGEST_WEIGHT * halving / (halving + level.max(0.0).powi(2))
}

/// Weight of the newest price in exponential smoothing when neighbouring steps
/// have this correlation (-0.5 to 0).
#[must_use]
pub fn smoothing_of_correlation(correlation: f64) -> f64 {
    let correlation = correlation.clamp(LOWEST_CORRELATION, 0.0);
    if correlation == 0.0 {
        return 1.0;
    }
    let root = (1.0 - 4.0 * correlation * correlation).sqrt();
    1.0 - (1.0 - root) / (-2.0 * correlation)
}

fn pooled_rate(past: &[History], origin: i32, steps_per_month: f64) -> f64 {
    let mut change = PRIOR_STEPS * PRIOR_RATE / steps_per_month;
    let mut time = PRIOR_STEPS;
    for history in past {
        for (month, gap, step) in history.steps() {
            if gap > LONGEST_GAP {
                continue;
            }
            let months = (f64::from(origin) - f64::from(month)) / steps_per_month;
            let weight = MONTHLY_MEMORY.powf(months);
            change += weight * step.clamp(-LARGEST_STEP, LARGEST_STEP);
            time += weight * f64::from(gap);
        }
    }
    change / time
}

/// Change a step over all past, without memory, clipping or prior.
fn mean_rate(past: &[History]) -> f64 {
    let (mut change, mut time) = (0.0, 0.0);
    for (_, gap, step) in past.iter().flat_map(History::steps) {
        if gap <= LONGEST_GAP {
            change += step;
            time += f64::from(gap);
        }
    }
    if time > 0.0 { change / time } else { 0.0 }
}

fn pooled_correlation(past: &[History]) -> f64 {
    let (mut product, mut first, mut second, mut count) = (0.0, 0.0, 0.0, 0.0);
    for history in past {
        let steps: Vec<(i32, i32, f64)> = history.steps().collect();
        for pair in steps.windows(2) {
            if pair[0].1 != 1 || pair[1].1 != 1 {
                continue;
            }
            let clip = |step: f64| step.clamp(-LARGEST_CORRELATED_STEP, LARGEST_CORRELATED_STEP);
            let (a, b) = (clip(pair[0].2), clip(pair[1].2));
            product += a * b;
            first += a * a;
            second += b * b;
            count += 1.0;
        }
    }
    let scale: f64 = (first * second).sqrt();
    if scale > 0.0 { product / scale * count / (count + PRIOR_PAIRS) } else { 0.0 }
}

fn half_width_at(past: &[History], rate: f64, lag: i32) -> Option<f64> {
    let expected = rate * f64::from(lag);
    let mut errors: Vec<f64> = past
        .iter()
        .flat_map(|history| history.changes(lag))
        .map(|change| (change - expected).abs())
        .collect();
    if errors.len() < FEWEST_PAIRS {
        return None;
    }
    errors.sort_by(f64::total_cmp);
    sorted_quantile(&errors, INTERVAL_LEVEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_is_that_of_the_reference() {
        let expected = [(-0.1, 0.898_979), (-0.3, 0.666_667), (-0.45, 0.373_211)];
        for (correlation, smoothing) in expected {
            let found = smoothing_of_correlation(correlation);
            assert!((found - smoothing).abs() < 5.001e-7, "{found}");
        }
        assert!((smoothing_of_correlation(0.3) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn smoothing_is_the_steady_state_gain_of_the_local_level_model() {
        // Steps of a level with noise have autocorrelation -1 / (q + 2), q the variance of its moves over that of noise.
        for q in [0.05, 0.25, 1.0, 4.0, 25.0_f64] {
            let gain = f64::midpoint(-q, (q * q + 4.0 * q).sqrt());
            assert!((smoothing_of_correlation(-1.0 / (q + 2.0)) - gain).abs() < 1e-9, "{q}");
        }
        assert!((smoothing_of_correlation(-1.0 / 3.0) - 0.618_034).abs() < 5e-7);
    }

    #[test]
    fn rate_and_median_are_those_of_the_reference() {
        let levels = [0.0, -0.02, -0.02, -0.05, -0.05, -0.05, -0.08, -0.1];
        let prices = levels.iter().flat_map(|level| [*level; 5]).collect();
        let history = History::new((0..40).collect(), prices).expect("months ascend");
        let model = DriftModel::fit(std::slice::from_ref(&history), 39, 1.0, 12).expect("one step a month");
        assert!((model.rate() + 0.014_695).abs() < 5.001e-7);
        let found = model.forecast(&history, 42).expect("there are prices");
        assert!((found.median + 0.132_131).abs() < 7e-7, "{found:?}");
    }

    #[test]
    fn lags_with_few_pairs_borrow_from_the_nearest_shorter_one() {
        let prices = (0..40).map(|month| f64::from(month % 2) * 0.1).collect();
        let history = History::new((0..40).collect(), prices).expect("months ascend");
        let model = DriftModel::fit(&[history], 39, 1.0, 30).expect("one step a month");
        assert!((model.half_width(40) - 2.0 * model.half_width(10)).abs() < 1e-12);
        let empty = DriftModel::fit(&[], 0, 1.0, 12).expect("one step a month");
        assert!(empty.forecast(&History::default(), 3).is_none());
        assert!((empty.half_width(4) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_series_that_falls_by_the_same_step_is_followed_without_error_and_a_wavering_one_by_its_waver() {
        let falling = |waver: f64| {
            let price = |month: i32| -0.03 * f64::from(month) + waver * f64::from(month % 2);
            History::new((0..60).collect(), (0..60).map(price).collect()).expect("months ascend")
        };
        let model = DriftModel::fit(&[falling(0.0)], 59, 1.0, 6).expect("one step a month");
        assert!(model.half_width(3) < 1e-12, "{}", model.half_width(3));
        // Odd lags go up or down by the waver, beside the rate over all steps, which one waver is left in.
        let model = DriftModel::fit(&[falling(0.05)], 59, 1.0, 6).expect("one step a month");
        let left = 0.05 / 59.0;
        assert!((model.half_width(3) - (0.05 + 3.0 * left)).abs() < 1e-12, "{}", model.half_width(3));
        // Every second step undoes the one before: a correlation of nearly -1, shrunk by 30 pairs that say none.
        let correlation = {
            let steps: Vec<f64> = (1..60).map(|month| if month % 2 == 1 { 0.02 } else { -0.08 }).collect();
            let sum = |of: &dyn Fn(&[f64]) -> f64| steps.windows(2).map(of).sum::<f64>();
            let scale = (sum(&|pair| pair[0] * pair[0]) * sum(&|pair| pair[1] * pair[1])).sqrt();
            sum(&|pair| pair[0] * pair[1]) / scale * 58.0 / 88.0
        };
        assert!((model.smoothing() - smoothing_of_correlation(correlation)).abs() < 1e-12);
    }

    #[test]
    fn the_weight_falls_with_a_high_index() {
        assert!((pool_weight(-0.3) - 0.5).abs() < 1e-15);
        assert!((pool_weight(0.2) - 0.25).abs() < 1e-15);
    }
}
