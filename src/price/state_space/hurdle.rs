//! Sticky prices: a share of prices does not move at all.
//!
//! In: the histories of all series of a class, and a forecast. Out: the
//! forecast with a jump of its distribution at the last price.
//!
//! ```text
//! p0(h) = (zeros + 20 base) / (pairs + 20), base = p0(h')^(h / h')
//! CDF   = p0 [y >= y_last] + (1 - p0)^2 F + (1 - p0) p0 M
//! ```
//!
//! h = steps since the series' last price, h' the last shorter lag with at
//! least 30 pairs; F the forecast as 100 points of a two-piece normal, M the
//! last price plus 100 quantiles of the past moves at that lag (fewer than ten
//! moves: normal with sd .05 sqrt(h / u)). Left out when p0 is under .02.
//! Source: state-space price model, step 5 from fit to forecast.

use super::error::PriceModelError;
use super::history::History;
use super::quantiles::{Quantiles, normal_points, sorted_quantile};

const PRIOR_PAIRS: f64 = 20.0;
const FEWEST_PAIRS: usize = 30;
const FEWEST_MOVES: usize = 10;
const POINTS: usize = 100;
const SMALLEST_SHARE: f64 = 0.02;

/// Sd of a move when few are known, in ln price a square root of a month.
const UNKNOWN_MOVE: f64 = 0.05;

/// Change in ln price below which a price has not moved.
const NO_MOVE: f64 = 1e-9;

/// Slack of the inverse distribution function against rounding.
const ROUNDING: f64 = 1e-12;

/// Share of unmoved prices and moves of the others at one lag.
#[derive(Debug, Clone, PartialEq)]
struct Lag {
    unmoved: f64,
    moves: Vec<f64>,
}

/// How sticky the prices of a class are, by lag.
#[derive(Debug, Clone, PartialEq)]
pub struct Hurdle {
    /// Lags of 1, 2, ... steps.
    lags: Vec<Lag>,
    points: Vec<f64>,
}

impl Hurdle {
    /// Counts moves in the histories up to `origin` at lags of 1 to
    /// `longest_lag` steps.
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
        let points = normal_points(POINTS);
        let mut known: Option<(i32, f64)> = None;
        let mut lags = Vec::new();
        for lag in 1..=longest_lag {
            let changes: Vec<f64> = past.iter().flat_map(|one| one.changes(lag)).collect();
            let pairs = changes.len();
            let base = known
                .map_or(0.0, |(shorter, share): (i32, f64)| share.powf(f64::from(lag) / f64::from(shorter)));
            let moved = moved(changes);
            let unmoved = smoothed_share(pairs - moved.len(), pairs, base);
            if pairs >= FEWEST_PAIRS {
                known = Some((lag, unmoved));
            }
            let sd = UNKNOWN_MOVE * (f64::from(lag) / steps_per_month).sqrt();
            let moves = move_points(&moved, sd, &points);
            lags.push(Lag { unmoved, moves });
        }
        Ok(Self { lags, points })
    }

    /// Share of prices that do not move over `lag` steps (0 to 1); zero for
    /// lags that were not counted.
    #[must_use]
    pub fn unmoved_share(&self, lag: i32) -> f64 {
        self.lag(lag).map_or(0.0, |found| found.unmoved)
    }

    /// The forecast `lag` steps after the last ln price, with its jump there.
    #[must_use]
    pub fn apply(&self, forecast: &Quantiles, last_price: f64, lag: i32) -> Quantiles {
        match self.lag(lag) {
            Some(found) if found.unmoved >= SMALLEST_SHARE => found.mix(forecast, last_price, &self.points),
            _ => *forecast,
        }
    }

    fn lag(&self, lag: i32) -> Option<&Lag> {
        let position = usize::try_from(lag.checked_sub(1)?).ok()?;
        self.lags.get(position)
    }
}

impl Lag {
    #[expect(clippy::cast_precision_loss, reason = "there are 100 points")]
    fn mix(&self, forecast: &Quantiles, last_price: f64, points: &[f64]) -> Quantiles {
        let moved = 1.0 - self.unmoved;
        let model_weight = moved * moved / points.len() as f64;
        let move_weight = moved * self.unmoved / self.moves.len() as f64;
        let model = points.iter().map(|z| (forecast.at_normal_point(*z), model_weight));
        let moves = self.moves.iter().map(|step| (last_price + step, move_weight));
        let mut mixture: Vec<(f64, f64)> = model.chain(moves).chain([(last_price, self.unmoved)]).collect();
        mixture.sort_by(|one, next| one.0.total_cmp(&next.0));
        Quantiles {
            lower: inverse_distribution(&mixture, 0.1),
            median: inverse_distribution(&mixture, 0.5),
            upper: inverse_distribution(&mixture, 0.9),
        }
    }
}

/// Smallest point whose cumulated weight reaches `level`.
fn inverse_distribution(sorted: &[(f64, f64)], level: f64) -> f64 {
    let mut sum = 0.0;
    let mut reached = f64::NAN;
    for (value, weight) in sorted {
        sum += weight;
        reached = *value;
        if sum >= level - ROUNDING {
            break;
        }
    }
    reached
}

fn moved(mut changes: Vec<f64>) -> Vec<f64> {
    changes.retain(|change| change.abs() > NO_MOVE);
    changes.sort_by(f64::total_cmp);
    changes
}

#[expect(clippy::cast_precision_loss, reason = "pair counts are far below 2^52")]
pub(in crate::price) fn smoothed_share(unmoved: usize, pairs: usize, base: f64) -> f64 {
    (unmoved as f64 + PRIOR_PAIRS * base) / (pairs as f64 + PRIOR_PAIRS)
}

#[expect(clippy::cast_precision_loss, reason = "there are 100 points")]
fn move_points(sorted_moves: &[f64], sd: f64, points: &[f64]) -> Vec<f64> {
    if sorted_moves.len() < FEWEST_MOVES {
        return points.iter().map(|z| sd * z).collect();
    }
    (0..POINTS).filter_map(|i| sorted_quantile(sorted_moves, (i as f64 + 0.5) / POINTS as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_and_quantiles_are_those_of_the_reference() {
        let levels = [0.0, -0.02, -0.02, -0.05, -0.05, -0.05, -0.08, -0.1];
        let prices = levels.iter().flat_map(|level| [*level; 5]).collect();
        let history = History::new((0..40).collect(), prices).expect("months ascend");
        let hurdle = Hurdle::fit(&[history], 39, 1.0, 12).expect("one step a month");
        assert!((hurdle.unmoved_share(1) - 0.593_220).abs() < 5.001e-7);
        let forecast = Quantiles { lower: -0.16, median: -0.12, upper: -0.06 };
        let found = hurdle.apply(&forecast, -0.1, 1);
        assert!((found.lower + 0.137_771).abs() < 5.001e-7, "{found:?}");
        assert!((found.median + 0.1).abs() < 1e-12, "{found:?}");
        assert!((found.upper + 0.074_395).abs() < 5.001e-7, "{found:?}");
    }

    #[test]
    fn prices_that_always_move_leave_the_forecast_alone() {
        let prices = (0..60).map(f64::from).collect();
        let history = History::new((0..60).collect(), prices).expect("months ascend");
        let hurdle = Hurdle::fit(&[history], 59, 1.0, 3).expect("one step a month");
        let forecast = Quantiles::of_normal(1.0, 0.01);
        assert_eq!(hurdle.apply(&forecast, 0.0, 1), forecast);
        assert_eq!(hurdle.apply(&forecast, 0.0, 50), forecast);
    }
}
