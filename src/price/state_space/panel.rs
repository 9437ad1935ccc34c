//! The data of a fit, checked and turned into arrays.
//!
//! In: series of monthly ln retention (price over list price) with their
//! number of sales, and a design basis. Out: a `Panel` that holds for each
//! series its design matrix, its deviation from the prior curve, and the
//! positions of its months in the vector of unknowns `[beta; market levels]`.
//!
//! Source: state-space price model; block-arrow elimination.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::design::{Covariates, DesignBasis};
use super::error::PriceModelError;
use super::index_prior::START_SD;

/// Months after the last training month for which the fit holds the market.
pub const FUTURE_MONTHS: usize = 13;

/// Future months that a fit can hold; the compact model reads the first two.
const COVERED_FUTURE_MONTHS: RangeInclusive<usize> = 2..=180;

/// Number of sales assumed when it is unknown.
pub const UNKNOWN_SALES: f64 = 10.0;

const FEWEST_SALES: f64 = 1.0;
const MOST_SALES: f64 = 500.0;

/// Months before the last training month that a market path may reach back.
const MOST_PATH_MONTHS: i64 = 1200;

/// Months whose sales say how noisy the next month's price will be.
const RECENT_MONTHS: i32 = 6;

/// One month of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Month, `year * 12 + month - 1`.
    pub month: i32,
    /// Natural logarithm of price over list price.
    pub ln_retention: f64,
    /// Number of sales behind the price; `None` counts as ten.
    pub sales: Option<f64>,
    /// Weight of the row's noise, one unless the row is doubted.
    pub weight: f64,
}

/// The prices of one product from one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name, unique in a fit.
    pub name: String,
    /// Name of the market index the series follows.
    pub segment: String,
    /// What is known of the product.
    pub covariates: Covariates,
    /// Months with a price, in any order.
    pub rows: Vec<Row>,
}

impl Series {
    /// The series as known at a month; `None` without a price by then.
    #[must_use]
    pub fn until(&self, month: i32) -> Option<Self> {
        let rows: Vec<Row> = self.rows.iter().filter(|row| row.month <= month).copied().collect();
        (!rows.is_empty()).then(|| Self { rows, ..self.clone() })
    }
}

/// How far the market paths reach and how wide they start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PanelSettings {
    /// T, the last training month; no row may be later.
    pub last_month: i32,
    /// Months after `last_month` held by the fit, 2 to 180.
    pub future_months: usize,
    /// Sd of a path's first level, in ln price.
    pub start_sd: f64,
}

impl PanelSettings {
    /// The model's settings for data that end in `last_month`.
    #[must_use]
    pub const fn ending(last_month: i32) -> Self {
        Self { last_month, future_months: FUTURE_MONTHS, start_sd: START_SD }
    }
}

/// One market index: its own path from its first observed month on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Name of the segment.
    pub name: String,
    /// First month of its path.
    pub first_month: i32,
    /// Number of months of its path, future months included.
    pub months: usize,
    /// Number of months of its path after the last training month.
    pub future_months: usize,
    /// Position of its first level in the vector of unknowns.
    pub offset: usize,
}

impl Segment {
    /// Position of the level one month after the last training month.
    pub(super) const fn first_future(&self) -> usize {
        self.offset + self.months - self.future_months
    }
}

/// One series as arrays, in ascending order of months.
#[derive(Debug, Clone)]
pub(super) struct PanelSeries {
    pub(super) name: String,
    pub(super) segment: usize,
    pub(super) covariates: Covariates,
    pub(super) months: Vec<i32>,
    /// Positions of the months' market levels in the vector of unknowns.
    pub(super) positions: Vec<usize>,
    pub(super) design: Array2<f64>,
    /// ln retention less the prior mean of its curve.
    pub(super) deviation: Array1<f64>,
    pub(super) sales: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) total_sales: f64,
    pub(super) recent_sales: f64,
}

impl PanelSeries {
    pub(super) fn last_month(&self) -> i32 {
        *self.months.last().expect("a panel series has rows")
    }

    /// Whether every month from the first to the last has one row.
    pub(super) fn follows_each_other(&self) -> bool {
        self.positions.windows(2).all(|pair| pair[1] == pair[0] + 1)
    }

    /// The rows of the design matrix.
    pub(super) fn design_rows(&self) -> impl Iterator<Item = &[f64]> {
        self.design.as_slice().expect("it was made row by row").chunks_exact(self.design.ncols())
    }
}

/// Checked data of a fit.
#[derive(Debug, Clone)]
pub struct Panel {
    pub(super) basis: DesignBasis,
    pub(super) settings: PanelSettings,
    pub(super) segments: Vec<Segment>,
    pub(super) series: Vec<PanelSeries>,
}

impl Panel {
    /// Checks the series and lays out the unknowns.
    ///
    /// # Errors
    /// When there is no series, a series is empty, named twice, has a number
    /// that is not usable or a row after the last training month, or the
    /// basis or the settings are not usable.
    pub fn new(
        series: &[Series],
        basis: DesignBasis,
        settings: PanelSettings,
    ) -> Result<Self, PriceModelError> {
        basis.check()?;
        if !COVERED_FUTURE_MONTHS.contains(&settings.future_months) {
            return Err(PriceModelError::BadFutureMonths { months: settings.future_months });
        }
        if series.is_empty() {
            return Err(PriceModelError::NoSeries);
        }
        let mut names = BTreeSet::new();
        for one in series {
            check_series(one, settings.last_month)?;
            if !names.insert(one.name.as_str()) {
                return Err(PriceModelError::DuplicateSeries { series: one.name.clone() });
            }
        }
        let segments = lay_out_segments(series, &basis, settings);
        let arrays = series.par_iter().map(|one| to_arrays(one, &basis, &segments)).collect();
        Ok(Self { basis, settings, segments, series: arrays })
    }

    /// The design basis.
    #[must_use]
    pub const fn basis(&self) -> &DesignBasis {
        &self.basis
    }

    /// The segments in the order of their paths.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Number of unknowns: coefficients and market levels.
    #[must_use]
    pub fn unknowns(&self) -> usize {
        self.basis.width() + self.segments.iter().map(|one| one.months).sum::<usize>()
    }

    /// Number of rows of all series.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.series.iter().map(|one| one.months.len()).sum()
    }
}

fn check_series(series: &Series, last_month: i32) -> Result<(), PriceModelError> {
    let refuse = |what, value| Err(PriceModelError::BadValue { series: series.name.clone(), what, value });
    if series.rows.is_empty() {
        return Err(PriceModelError::EmptySeries { series: series.name.clone() });
    }
    if !series.covariates.ln_list_price.is_finite() {
        return refuse("the logarithm of the list price", series.covariates.ln_list_price);
    }
    match series.covariates.ln_memory {
        Some(value) if !value.is_finite() => return refuse("the logarithm of the memory", value),
        _ => {}
    }
    for row in &series.rows {
        if !row.ln_retention.is_finite() {
            return refuse("the logarithm of price over list price", row.ln_retention);
        }
        if !(row.weight.is_finite() && row.weight > 0.0) {
            return refuse("the weight of a row", row.weight);
        }
        match row.sales {
            Some(value) if !value.is_finite() || value < 0.0 => {
                return refuse("the number of sales", value);
            }
            _ => {}
        }
        if row.month > last_month {
            return Err(PriceModelError::RowAfterTraining {
                series: series.name.clone(),
                months: row.month.saturating_sub(last_month),
            });
        }
        if i64::from(last_month) - i64::from(row.month) > MOST_PATH_MONTHS {
            return refuse("the month of a row", f64::from(row.month));
        }
    }
    Ok(())
}

fn lay_out_segments(series: &[Series], basis: &DesignBasis, settings: PanelSettings) -> Vec<Segment> {
    let names: BTreeSet<&str> = series.iter().map(|one| one.segment.as_str()).collect();
    let mut offset = basis.width();
    names
        .into_iter()
        .map(|name| {
            let first_month = series
                .iter()
                .filter(|one| one.segment == name)
                .flat_map(|one| one.rows.iter().map(|row| row.month))
                .min()
                .unwrap_or(settings.last_month);
            let observed = usize::try_from(settings.last_month - first_month + 1)
                .expect("rows after the last training month were refused");
            let months = observed + settings.future_months;
            let segment = Segment {
                name: name.to_owned(),
                first_month,
                months,
                future_months: settings.future_months,
                offset,
            };
            offset += months;
            segment
        })
        .collect()
}

fn to_arrays(series: &Series, basis: &DesignBasis, segments: &[Segment]) -> PanelSeries {
    let mut rows = series.rows.clone();
    rows.sort_by_key(|row| row.month);
    let segment = segments
        .iter()
        .position(|one| one.name == series.segment)
        .expect("the segments were collected from the series");
    let Segment { first_month, offset, .. } = segments[segment];
    let months: Vec<i32> = rows.iter().map(|row| row.month).collect();
    let positions = months
        .iter()
        .map(|month| {
            offset + usize::try_from(month - first_month).expect("a segment starts with its first row")
        })
        .collect();
    let width = basis.width();
    let mut design = Array2::zeros((rows.len(), width));
    let mut deviation = Array1::zeros(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let entries = basis.row(&series.covariates, row.month);
        let prior: f64 = entries.iter().zip(&basis.terms).map(|(entry, term)| entry * term.prior_mean).sum();
        deviation[i] = row.ln_retention - prior;
        design.row_mut(i).assign(&Array1::from(entries));
    }
    let sales: Vec<f64> = rows.iter().map(|row| usable_sales(row.sales)).collect();
    let last = rows.last().map_or(0, |row| row.month);
    let recent = rows
        .iter()
        .filter(|row| row.month > last.saturating_sub(RECENT_MONTHS))
        .map(|row| usable_sales(row.sales))
        .collect();
    PanelSeries {
        name: series.name.clone(),
        segment,
        covariates: series.covariates.clone(),
        months,
        positions,
        design,
        deviation,
        sales,
        weights: rows.iter().map(|row| row.weight).collect(),
        total_sales: rows.iter().filter_map(|row| row.sales).sum(),
        recent_sales: median(recent),
    }
}

/// Sales as the noise formula wants them: 1 to 500, ten when unknown.
#[must_use]
pub fn usable_sales(sales: Option<f64>) -> f64 {
    sales.unwrap_or(UNKNOWN_SALES).clamp(FEWEST_SALES, MOST_SALES)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => UNKNOWN_SALES,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}
