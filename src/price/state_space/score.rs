//! How well past forecasts held: a rolling origin over the model's own series.
//!
//! In: the series of one market of a class and the function that fits them. Out: by horizon the error, bias, coverage and
//! pinball loss of forecasts made with nothing but what was known at each origin, beside two rivals (the last
//! price stays; 3.5 % less a month), and the factor by which standard deviations must grow at that distance for
//! the 80 % interval to cover 80 %, drawn towards 1 where forecasts are few:
//! `√((n s² + 40) / (n + 40))`, never below 1, never falling with distance. The rivals get the interval that fits their own errors best in hindsight, which favours them.

use super::error::PriceModelError;
use super::fit::FittedPanel;
use super::forecast::Query;
use super::hyperparameters::Hyperparameters;
use super::panel::{Row, Series};
use super::quantiles::{quantile, sorted_quantile};
use crate::price::card::HorizonScore;
use crate::units::STANDARD_NORMAL_P90;

/// Months ahead that are scored.
const HORIZONS: [i32; 5] = [1, 3, 6, 12, 24];

/// Months between origins.
const ORIGIN_STEP: usize = 2;

/// Months of history before the first origin.
const FIRST_ORIGIN_AFTER: i32 = 12;

/// A series is forecast while its last price is at most this old.
const STALE_MONTHS: i32 = 3;

/// Log of what 3.5 % a month leaves each month.
pub(in crate::price) const PUBLISHED_MONTHLY_LOG: f64 = -0.035_627_177_643_238_96;

/// Forecasts' worth of belief that the interval is right as it is.
const BELIEF: f64 = 40.0;

/// Scores by horizon and the interval factors.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// One entry a horizon that had forecasts.
    pub by_horizon: Vec<HorizonScore>,
    /// Months ahead and factor on the standard deviation, at least 1.
    pub interval_scales: Vec<(u32, f64)>,
}

/// One forecast and what came.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    horizon: i32,
    mean: f64,
    sd: f64,
    last: f64,
    actual: f64,
}

/// Scores the model on its own past.
///
/// # Errors
/// When a fit at some origin fails.
pub fn rolling_origin(
    market: &str,
    series: &[Series],
    fit: impl Fn(&[Series], i32, Option<&Hyperparameters>) -> Result<FittedPanel, PriceModelError>,
) -> Result<Scores, PriceModelError> {
    let months = || series.iter().flat_map(|one| &one.rows).map(|row| row.month);
    let (first, last) = (months().min().unwrap_or(0), months().max().unwrap_or(0));
    let mut outcomes = Vec::new();
    let mut warm: Option<Hyperparameters> = None;
    for origin in ((first + FIRST_ORIGIN_AFTER)..last).step_by(ORIGIN_STEP) {
        let (positions, known): (Vec<usize>, Vec<Series>) = series
            .iter()
            .enumerate()
            .filter_map(|(position, one)| Some((position, one.until(origin)?)))
            .unzip();
        if known.len() < 3 {
            continue;
        }
        let fitted = fit(&known, origin, warm.as_ref())?;
        warm = Some(*fitted.hyperparameters());
        let model = fitted.compact()?;
        for (position, known) in positions.into_iter().zip(&known) {
            let one = &series[position];
            let Some(past) = model.series(&one.name) else { continue };
            let recent = latest(&known.rows).filter(|row| origin - row.month <= STALE_MONTHS);
            let Some(recent) = recent else { continue };
            for row in &one.rows {
                let horizon = row.month - origin;
                if !HORIZONS.contains(&horizon) {
                    continue;
                }
                let answer = model.forecast(&Query::of_series(past, row.month))?;
                outcomes.push(Outcome {
                    horizon,
                    mean: answer.mean(),
                    sd: answer.sd(),
                    last: recent.ln_retention,
                    actual: row.ln_retention,
                });
            }
        }
    }
    Ok(summarise(market, &outcomes))
}

fn latest(rows: &[Row]) -> Option<Row> {
    rows.iter().copied().max_by_key(|row| row.month)
}

fn summarise(market: &str, outcomes: &[Outcome]) -> Scores {
    let mut by_horizon = Vec::new();
    let mut interval_scales = Vec::new();
    let mut so_far: f64 = 1.0;
    for horizon in HORIZONS {
        let scored: Vec<Outcome> = outcomes.iter().filter(|one| one.horizon == horizon).copied().collect();
        if scored.is_empty() {
            continue;
        }
        so_far = so_far.max(interval_scale(&scored));
        interval_scales.push((horizon.unsigned_abs(), rounded(so_far)));
        by_horizon.push(score(market, horizon, &scored, rounded(so_far)));
    }
    Scores { by_horizon, interval_scales }
}

fn interval_scale(scored: &[Outcome]) -> f64 {
    let mut standardised: Vec<f64> =
        scored.iter().map(|one| (one.actual - one.mean).abs() / one.sd.max(1e-9)).collect();
    let needed = quantile(&mut standardised, 0.8).map_or(1.0, |reach| reach / STANDARD_NORMAL_P90);
    let count = scored.len() as f64;
    ((count * needed * needed + BELIEF) / (count + BELIEF)).sqrt().max(1.0)
}

fn score(market: &str, horizon: i32, scored: &[Outcome], scale: f64) -> HorizonScore {
    let count = scored.len() as f64;
    let mut errors: Vec<f64> = scored.iter().map(|one| ((one.mean - one.actual).exp() - 1.0).abs()).collect();
    errors.sort_by(f64::total_cmp);
    let inside = scored
        .iter()
        .filter(|one| (one.actual - one.mean).abs() <= STANDARD_NORMAL_P90 * one.sd * scale)
        .count() as f64;
    let pinball = scored
        .iter()
        .map(|one| {
            let reach = STANDARD_NORMAL_P90 * one.sd * scale;
            pinball_of(one.actual, [one.mean - reach, one.mean, one.mean + reach])
        })
        .sum::<f64>()
        / count;
    let rival = |monthly: f64| {
        let residual = |one: &Outcome| one.actual - one.last - monthly * f64::from(horizon);
        let mut residuals: Vec<f64> = scored.iter().map(residual).collect();
        residuals.sort_by(f64::total_cmp);
        let reach = |level| sorted_quantile(&residuals, level).unwrap_or(0.0);
        let points = [reach(0.1).min(0.0), 0.0, reach(0.9).max(0.0)];
        residuals.iter().map(|residual| pinball_of(*residual, points)).sum::<f64>() / count
    };
    HorizonScore {
        market: market.to_owned(),
        horizon_months: horizon.unsigned_abs(),
        forecasts: scored.len(),
        median_error_percent: rounded(100.0 * sorted_quantile(&errors, 0.5).unwrap_or(0.0)),
        bias_log_percent: rounded(
            100.0 * scored.iter().map(|one| one.mean - one.actual).sum::<f64>() / count,
        ),
        coverage_percent: rounded(100.0 * inside / count),
        pinball: rounded(100.0 * pinball),
        pinball_no_change: rounded(100.0 * rival(0.0)),
        pinball_published_rate: rounded(100.0 * rival(PUBLISHED_MONTHLY_LOG)),
    }
}

/// Mean pinball loss at 10, 50 and 90 %.
fn pinball_of(actual: f64, points: [f64; 3]) -> f64 {
    [0.1, 0.5, 0.9]
        .iter()
        .zip(points)
        .map(|(level, point)| {
            let miss = actual - point;
            if miss >= 0.0 { level * miss } else { (level - 1.0) * miss }
        })
        .sum::<f64>()
        / 3.0
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
