//! The course that was forecast for every series in every month, for those who decide by it.
//!
//! In: the series of a market. Out: for each series a [`Path`] at each of its months from the first origin on: the ln
//! price of that month and the quantiles of those that follow, month by month. The forecasts are the ones that
//! [`backtest`](super::backtest) scores; what comes later does not change them.

use rayon::prelude::*;

use super::run::{Settings, origins};
use crate::market::Basis;
use crate::price::followed::replay::Replay;
use crate::price::followed::series::PricedSeries;
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::history::History;
use crate::price::state_space::quantiles::Quantiles;

/// What one month knew of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Month index; the series has a price in it.
    pub month: i32,
    /// Ln price of that month.
    pub ln_price: f64,
    /// Ln prices 1, 2, … months later.
    pub ahead: Vec<Quantiles>,
}

/// The paths of each series in order of month, `months_ahead` long.
///
/// # Errors
/// When a fit of the index model fails.
pub fn paths(
    basis: Basis,
    series: &[PricedSeries],
    settings: &Settings,
    months_ahead: i32,
) -> Result<Vec<Vec<Path>>, PriceModelError> {
    let replay = Replay::new(basis, series)?;
    let past = replay.past();
    let Replay { histories, opinions, .. } = &replay;
    let by_origin: Vec<Vec<(usize, Path)>> = origins(histories, settings)
        .par_iter()
        .map(|origin| {
            let model = past.model_at(*origin);
            let at = |(position, history): (usize, &History)| {
                let ln_price = history.at(*origin)?;
                let state = model.state_of(history)?;
                let ahead: Option<Vec<Quantiles>> = (1..=months_ahead)
                    .map(|lag| {
                        let target = origin + lag;
                        model.forecast(&state, target, opinions.opinion(position, *origin, target))
                    })
                    .collect();
                Some((position, Path { month: *origin, ln_price, ahead: ahead? }))
            };
            histories.iter().enumerate().filter_map(at).collect()
        })
        .collect();
    let mut paths: Vec<Vec<Path>> = vec![Vec::new(); series.len()];
    for (position, path) in by_origin.into_iter().flatten() {
        paths[position].push(path);
    }
    Ok(paths)
}
