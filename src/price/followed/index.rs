//! The index model's opinions at every month, for products whose list price and launch are known.
//!
//! In: the series of a market. Out: [`IndexOpinions`]: at each month the state-space model fitted on what was known
//! then, and its median for a series at a later month, with the state-dependent reversion added. The hyperparameters
//! are searched anew every third month and kept between; each fit starts from the last.
//!
//! ```text
//! weight = (.8 + .2 m^2 / (m^2 + .2^2)) / (1 + (age / 9 years)^4)
//! sure   = m^8 / (m^8 + .7^8)
//! ```
//!
//! at index level m (zero when negative). The further prices stand above what list prices say is fair, the less their
//! recent course says; the older a product, the less its list price says. Prices far above fair are sure to come back;
//! those somewhat above it only when the class already falls, which the trend judges ([`Opinion::confirmed`]). Below the
//! centre the model's own standard deviation is taken, above it 0.6 of it: a price above fair has little room upwards.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::series::PricedSeries;
use crate::market::Basis;
use crate::price::state_space::compact::CompactModel;
use crate::price::state_space::design::{Column, Covariates, DesignBasis};
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::fit::FitSettings;
use crate::price::state_space::forecast::Query;
use crate::price::state_space::hyperparameters::{HyperparameterPrior, Hyperparameters};
use crate::price::state_space::panel::{Panel, PanelSettings, Row, Series};
use crate::price::trend::Opinion;
use crate::price::trend::interval::Sides;
use crate::units::Month;

/// Fewest series with a known list price for an index of their own.
pub(in crate::price) const FEWEST_SERIES: usize = 8;

/// Months between searches for the hyperparameters.
const REFIT_EVERY: usize = 3;

/// Months of prices before an index says where the market stands.
const BURN_IN_MONTHS: i32 = 6;

/// Weight when prices stand at or under what list prices say.
const LEAST_WEIGHT: f64 = 0.8;

/// Index level, in ln price, that gives half of the rest.
const HALVING_LEVEL: f64 = 0.2;

/// Index level, in ln price, at which half of the weight needs no confirmation.
const SURE_LEVEL: f64 = 0.7;

/// Age that halves the weight.
const HALVING_AGE_YEARS: f64 = 9.0;

/// Standard deviation above the centre, as a share of the model's.
const UPPER_SHARE: f64 = 0.6;

/// Segments of a market: prices of the data centre hardly move with the others.
const SEGMENTS: [(bool, &str); 2] = [(false, "consumer"), (true, "datacentre")];

/// The index of one segment as fitted at one month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndexModel {
    /// First month of its segment.
    pub first_month: i32,
    /// Parameters and posterior.
    pub model: CompactModel,
}

impl IndexModel {
    /// The opinion at `origin` on the ln price in the month `target` of the series of that name in the model; `None`
    /// where it does not know the series or has not seen enough months.
    pub fn opinion(&self, name: &str, ln_list_price: f64, origin: i32, target: i32) -> Option<Opinion> {
        let model = &self.model;
        let month = model.last_month();
        if month - self.first_month < BURN_IN_MONTHS {
            return None;
        }
        let own = model.series(name)?;
        let ahead = usize::try_from(target - month).ok()?;
        let found = model.forecast(&Query::of_series(own, target)).ok()?;
        let shift = model.reversion_shift(own.segment, ahead)?;
        let level = model.market_state(own.segment)?.level.max(0.0);
        let age_years = f64::from(origin - own.covariates.launch_month).max(0.0) / 12.0;
        let standing = saturating((level / HALVING_LEVEL).powi(2));
        Some(Opinion {
            centre: found.mean() + ln_list_price + shift,
            sd: Sides { below: found.sd(), above: UPPER_SHARE * found.sd() },
            weight: (LEAST_WEIGHT + (1.0 - LEAST_WEIGHT) * standing)
                * (1.0 - saturating((age_years / HALVING_AGE_YEARS).powi(4))),
            sure: saturating((level / SURE_LEVEL).powi(8)),
        })
    }
}

/// What the index model thought at every month.
#[derive(Debug, Clone, Default)]
pub struct IndexOpinions {
    /// Models by segment (false consumer, true data centre) and month.
    models: BTreeMap<(bool, i32), IndexModel>,
    /// Name in the models, ln list price and segment of the series it speaks of.
    known: BTreeMap<usize, (String, f64, bool)>,
}

impl IndexOpinions {
    /// Fits the index of each segment at every month with a price, from those at which enough series are known. Prices of
    /// new units return to no curve of age: of them it has no opinion.
    ///
    /// # Errors
    /// When a fit fails.
    pub fn fit(basis: Basis, series: &[PricedSeries]) -> Result<IndexOpinions, PriceModelError> {
        let mut all = IndexOpinions::default();
        if basis == Basis::New {
            return Ok(all);
        }
        let mut segments = Vec::new();
        for (datacentre, segment) in SEGMENTS {
            let own: Vec<(usize, Series)> = series
                .iter()
                .enumerate()
                .filter(|(_, one)| one.facts.datacentre == datacentre)
                .filter_map(|(position, one)| Some((position, as_series(one, position, segment)?)))
                .collect();
            if own.len() < FEWEST_SERIES {
                continue;
            }
            for (position, one) in &own {
                let known = (one.name.clone(), one.covariates.ln_list_price, datacentre);
                all.known.insert(*position, known);
            }
            segments.push((datacentre, own.into_iter().map(|one| one.1).collect::<Vec<Series>>()));
        }
        let fitted: Vec<Result<Vec<IndexModel>, PriceModelError>> =
            segments.par_iter().map(|(_, own)| fit_segment(own)).collect();
        for ((datacentre, _), models) in segments.iter().zip(fitted) {
            let by_month = models?.into_iter().map(|one| ((*datacentre, one.model.last_month()), one));
            all.models.extend(by_month);
        }
        Ok(all)
    }

    /// The opinion at `origin` on the ln price of a series in the month `target`; `None` where the list price is not
    /// known or nothing was fitted yet.
    pub fn opinion(&self, series: usize, origin: i32, target: i32) -> Option<Opinion> {
        let (name, ln_list_price, datacentre) = self.known.get(&series)?;
        let (_, model) = self.models.range((*datacentre, i32::MIN)..=(*datacentre, origin)).next_back()?;
        model.opinion(name, *ln_list_price, origin, target)
    }

    /// The last model of each segment.
    pub fn latest(&self) -> Vec<IndexModel> {
        let last = |datacentre: bool| {
            self.models
                .range((datacentre, i32::MIN)..=(datacentre, i32::MAX))
                .next_back()
                .map(|one| one.1.clone())
        };
        SEGMENTS.into_iter().filter_map(|(datacentre, _)| last(datacentre)).collect()
    }

    /// Name in the models and ln list price of a series that the index knows.
    pub fn name_of(&self, series: usize) -> Option<(&str, f64)> {
        self.known.get(&series).map(|(name, ln_list_price, _)| (name.as_str(), *ln_list_price))
    }
}

/// The index of a segment at every month from which enough series are known.
fn fit_segment(own: &[Series]) -> Result<Vec<IndexModel>, PriceModelError> {
    let mut months: Vec<i32> = own.iter().flat_map(|one| &one.rows).map(|row| row.month).collect();
    months.sort_unstable();
    months.dedup();
    let mut found: Option<Hyperparameters> = None;
    let mut models: Vec<IndexModel> = Vec::new();
    for month in months {
        let past: Vec<Series> = own.iter().filter_map(|one| one.until(month)).collect();
        if past.len() < FEWEST_SERIES {
            continue;
        }
        let counts = past.iter().map(|one| (&one.covariates, one.rows.len()));
        let basis = DesignBasis::from_training(Column::full(), counts, month);
        let panel = Panel::new(&past, basis, PanelSettings::ending(month))?;
        let defaults = FitSettings::default();
        let iterations = if models.len().is_multiple_of(REFIT_EVERY) { defaults.iterations } else { 0 };
        let settings = FitSettings { iterations, ..defaults };
        let model = panel.fit(&HyperparameterPrior::default(), found.as_ref(), settings)?.compact()?;
        found = Some(*model.hyperparameters());
        let first_month = models.first().map_or(month, |one| one.first_month);
        models.push(IndexModel { first_month, model });
    }
    Ok(models)
}

/// 0 at 0, a half at 1, near 1 far above.
fn saturating(ratio: f64) -> f64 {
    ratio / (1.0 + ratio)
}

/// The series as the state-space model takes it, named by its position; `None` without list price or launch.
pub(in crate::price) fn as_series(series: &PricedSeries, position: usize, segment: &str) -> Option<Series> {
    let facts = &series.facts;
    let ln_list_price = facts.ln_list_price?;
    let prices = series.history.months().iter().zip(series.history.ln_prices());
    Some(Series {
        name: format!("{position:06}"),
        segment: segment.to_owned(),
        covariates: Covariates {
            launch_month: facts.launch?.index(),
            successor_launch_month: facts.successor_launch.map(Month::index),
            ln_list_price,
            amd: facts.vendor == "AMD",
            datacentre: facts.datacentre,
            ln_memory: facts.memory_gb.map(f64::ln),
            source: segment.to_owned(),
        },
        rows: prices
            .zip(&series.quantities)
            .map(|((month, ln_price), sales)| Row {
                month: *month,
                ln_retention: ln_price - ln_list_price,
                sales: *sales,
                weight: 1.0,
            })
            .collect(),
    })
}
