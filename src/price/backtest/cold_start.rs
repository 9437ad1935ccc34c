//! Cold start: the price of a product never sold, from its facts and from what others sell for.
//!
//! In: the series of a market whose products have a known list price and launch. Out: for each product (or family) left
//! out of the fit, its prices over the next half year as forecast from the others alone, beside two rivals:
//!
//! - *others' share*: the median share of list price that the others kept in their last price of the last three months,
//!   with the 10 and 90 % quantiles of these shares as interval;
//! - *published curve*: the class's published depreciation curve on the list price.
//!
//! The model is the index model's own regression on facts: age, successor, list price, maker, memory, and the market of
//! the month. Its hyperparameters are searched once an origin with every product in; what is left out of the fit itself
//! is every price of the product or family.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::catalog::AssetClass;
use crate::price::followed::index::{FEWEST_SERIES, as_series};
use crate::price::followed::series::PricedSeries;
use crate::price::metrics::{MetricError, Outcome, Scores};
use crate::price::published::PublishedCurve;
use crate::price::state_space::design::{Column, DesignBasis};
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::fit::{FitSettings, FittedPanel};
use crate::price::state_space::forecast::Query;
use crate::price::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use crate::price::state_space::panel::{Panel, PanelSettings, Series};
use crate::price::state_space::quantiles::{Quantiles, sorted_quantile};

/// Months between origins, and ahead of each that are forecast.
const STEP: i32 = 6;

/// Months that another product's last price may lie before an origin to count among the others' shares.
const FRESH_MONTHS: i32 = 3;

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaveOut {
    /// One product.
    Product,
    /// All products of one vendor's product line and generation.
    Family,
}

/// Scores of forecasts of products that were left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ColdStartScores {
    /// Products or families left out.
    pub groups: usize,
    /// From facts and the market.
    pub ours: Scores,
    /// The others' share of list price.
    pub others_share: Scores,
    /// The published curve.
    pub published_curve: Scores,
}

struct Forecasts {
    actual: f64,
    ours: Quantiles,
    others_share: Quantiles,
    published_curve: Quantiles,
}

/// A left-out test that failed.
#[derive(Debug, thiserror::Error)]
pub enum ColdStartError {
    /// The model could not be fitted.
    #[error(transparent)]
    Fit(#[from] PriceModelError),
    /// A forecast could not be scored.
    #[error(transparent)]
    Score(#[from] MetricError),
}

/// Leaves every product or family out in turn; `None` when too few have a known list price and launch.
///
/// # Errors
/// When a fit fails or a forecast is no number.
pub fn leave_out(
    class: AssetClass,
    series: &[PricedSeries],
    by: LeaveOut,
) -> Result<Option<ColdStartScores>, ColdStartError> {
    let known: Vec<(String, Series)> = series
        .iter()
        .enumerate()
        .filter_map(|(position, one)| {
            let group = match by {
                LeaveOut::Product => one.product.clone(),
                LeaveOut::Family => {
                    format!("{} {} {}", one.facts.vendor, one.facts.family, one.facts.generation)
                }
            };
            Some((group, as_series(one, position, "all")?))
        })
        .collect();
    let groups: BTreeSet<&String> = known.iter().map(|one| &one.0).collect();
    let months = || known.iter().flat_map(|one| &one.1.rows).map(|row| row.month);
    let (Some(first), Some(last)) = (months().min(), months().max()) else { return Ok(None) };
    if groups.len() < 2 {
        return Ok(None);
    }
    let curve = PublishedCurve::of_class(class);
    let mut found: Option<Hyperparameters> = None;
    let mut all = Vec::new();
    for origin in ((first + STEP)..last).step_by(STEP as usize) {
        let past: Vec<Series> = known.iter().filter_map(|one| one.1.until(origin)).collect();
        if past.len() < FEWEST_SERIES {
            continue;
        }
        let iterations = FitSettings::default().iterations;
        found = Some(*fit(&past, origin, found.as_ref(), iterations)?.hyperparameters());
        let of_groups: Vec<Vec<Forecasts>> = groups
            .par_iter()
            .map(|group| left_out(&known, group, origin, found.as_ref(), &curve))
            .collect::<Result<_, _>>()?;
        all.extend(of_groups.into_iter().flatten());
    }
    if all.is_empty() {
        return Ok(None);
    }
    let scores = |of: &dyn Fn(&Forecasts) -> Quantiles| -> Result<Scores, MetricError> {
        let outcomes = all.iter().map(|one| Outcome::new(of(one), one.actual, None));
        Scores::of(&outcomes.collect::<Result<Vec<_>, _>>()?)
    };
    Ok(Some(ColdStartScores {
        groups: groups.len(),
        ours: scores(&|one| one.ours)?,
        others_share: scores(&|one| one.others_share)?,
        published_curve: scores(&|one| one.published_curve)?,
    }))
}

fn fit(
    series: &[Series],
    origin: i32,
    start: Option<&Hyperparameters>,
    iterations: usize,
) -> Result<FittedPanel, PriceModelError> {
    let counts = series.iter().map(|one| (&one.covariates, one.rows.len()));
    let basis = DesignBasis::from_training(Column::full(), counts, origin);
    let panel = Panel::new(series, basis, PanelSettings::ending(origin))?;
    panel.fit(&HyperparameterPrior::default(), start, FitSettings { iterations, ..FitSettings::default() })
}

/// Forecasts of one group from the others.
fn left_out(
    known: &[(String, Series)],
    group: &str,
    origin: i32,
    hyperparameters: Option<&Hyperparameters>,
    curve: &PublishedCurve,
) -> Result<Vec<Forecasts>, PriceModelError> {
    let others: Vec<Series> =
        known.iter().filter(|one| one.0 != group).filter_map(|one| one.1.until(origin)).collect();
    let mut shares: Vec<f64> = others
        .iter()
        .filter_map(|one| one.rows.last())
        .filter(|row| row.month >= origin - FRESH_MONTHS)
        .map(|row| row.ln_retention)
        .collect();
    if others.len() < FEWEST_SERIES || shares.is_empty() {
        return Ok(Vec::new());
    }
    shares.sort_by(f64::total_cmp);
    let share = |level: f64| sorted_quantile(&shares, level).unwrap_or(0.0);
    let others_share = Quantiles { lower: share(0.1), median: share(0.5), upper: share(0.9) };
    let model = fit(&others, origin, hyperparameters, 0)?.compact()?;
    let mut forecasts = Vec::new();
    for (_, one) in known.iter().filter(|one| one.0 == group) {
        for row in one.rows.iter().filter(|row| row.month > origin && row.month <= origin + STEP) {
            let age_years = f64::from(row.month - one.covariates.launch_month) / 12.0;
            let published = curve.at(age_years);
            forecasts.push(Forecasts {
                actual: row.ln_retention,
                ours: model.forecast(&Query::of_unseen(&one.covariates, 0, row.month))?.quantiles(),
                others_share,
                published_curve: Quantiles::of_normal(published.mean_log, published.variance_log),
            });
        }
    }
    Ok(forecasts)
}
