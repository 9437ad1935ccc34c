//! Drills: how soon the intervals hold again after a break that never was.
//!
//! In: the series of a market. Out: for each drill the coverage of the 80 % interval over the trailing twelve months of
//! outcomes, month by month after the break. A drill is laid over the real ln prices:
//!
//! | drill | added to ln price |
//! |---|---|
//! | fall | 0 down to ln .5 over six months, for every series |
//! | rise | 0 up to ln 2 over three months, for every series |
//! | successor | ln .75 at once, for every third series |
//!
//! The break begins in the middle of the months that have prices. Everything is forecast anew on the laid-over prices, the
//! index model too. Outcomes of the trailing months answer forecasts made before the break as well, which nothing can
//! mend; so the coverage of the forecasts made in the twelve months from the sixth after the break on is told beside.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::run::{Record, Settings, records};
use crate::market::FollowedMarket;
use crate::price::followed::series::PricedSeries;
use crate::price::state_space::error::PriceModelError;
use crate::price::state_space::history::History;
use crate::units::Stage;

/// Months over which coverage trails.
const TRAILING_MONTHS: i32 = 12;

/// Months after the end of the break that are reported.
pub const MONTHS_AFTER: i32 = 12;

/// Coverage that counts as back.
pub const IN_RANGE: RangeInclusive<f64> = 0.72..=0.88;

/// Months after the end of the break from which forecasts should hold again.
pub const MONTHS_TO_LEARN: i32 = 6;

/// Months with a price that a market needs.
const LEAST_MONTHS: usize = 24;

/// A break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drill {
    /// Half the price in six months.
    Fall,
    /// Twice the price in a quarter.
    Rise,
    /// A quarter less at once for every third product.
    Successor,
}

impl Drill {
    /// All of them.
    pub const ALL: [Drill; 3] = [Drill::Fall, Drill::Rise, Drill::Successor];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Drill::Fall => "-50 % in six months",
            Drill::Rise => "+100 % in a quarter",
            Drill::Successor => "-25 % at a successor",
        }
    }

    /// Months from the first move to the last.
    pub const fn months(self) -> i32 {
        match self {
            Drill::Fall => 6,
            Drill::Rise => 3,
            Drill::Successor => 1,
        }
    }

    /// What is added to the ln price of a series so many months after the start.
    fn shift(self, series: usize, since: i32) -> f64 {
        let total = match self {
            Drill::Fall => 0.5_f64.ln(),
            Drill::Rise => 2_f64.ln(),
            Drill::Successor if series.is_multiple_of(3) => 0.75_f64.ln(),
            Drill::Successor => 0.0,
        };
        total * f64::from(since.clamp(0, self.months())) / f64::from(self.months())
    }
}

/// What became of the coverage.
#[derive(Debug, Clone, PartialEq)]
pub struct DrillResult {
    /// The break.
    pub drill: Drill,
    /// Month of its first move.
    pub start: i32,
    /// Trailing coverage (0 to 1) and outcomes counted, 0, 1, ... months after the end of the break; months without an
    /// outcome are left out.
    pub trailing: Vec<(i32, f64, usize)>,
    /// Trailing coverage just before the break.
    pub before: Option<f64>,
    /// Coverage of the forecasts made in the twelve months from [`MONTHS_TO_LEARN`] after the break on, and how many.
    pub relearned: Option<(f64, usize)>,
}

/// Runs the drills on a market, each origin a step of the stage; empty when its months are too few.
///
/// # Errors
/// When a fit of the index model fails.
pub fn drills(
    market: &FollowedMarket,
    series: &[PricedSeries],
    settings: &Settings,
    stage: &Stage<'_>,
) -> Result<Vec<DrillResult>, PriceModelError> {
    let months: BTreeSet<i32> = series.iter().flat_map(|one| one.history.months().iter().copied()).collect();
    if months.len() < LEAST_MONTHS {
        return Ok(Vec::new());
    }
    let Some(start) = months.iter().nth(months.len() / 2).copied() else { return Ok(Vec::new()) };
    Drill::ALL
        .into_iter()
        .map(|drill| {
            let laid_over: Vec<PricedSeries> = series
                .iter()
                .enumerate()
                .map(|(position, one)| lay_over(one, drill, position, start))
                .collect::<Result<_, _>>()?;
            let found = records(market.basis, &laid_over, settings, stage)?;
            Ok(result(drill, start, &found))
        })
        .collect()
}

fn lay_over(
    series: &PricedSeries,
    drill: Drill,
    position: usize,
    start: i32,
) -> Result<PricedSeries, PriceModelError> {
    let history = &series.history;
    let shifted = history.months().iter().zip(history.ln_prices());
    let prices = shifted.map(|(month, price)| price + drill.shift(position, month - start + 1)).collect();
    Ok(PricedSeries { history: History::new(history.months().to_vec(), prices)?, ..series.clone() })
}

fn result(drill: Drill, start: i32, records: &[Record]) -> DrillResult {
    let end = start + drill.months() - 1;
    let share = |wanted: &dyn Fn(&Record) -> bool| {
        let (inside, all) = records.iter().filter(|one| wanted(one)).fold((0_usize, 0_usize), |sum, one| {
            (sum.0 + usize::from(!one.forecast.misses(one.actual)), sum.1 + 1)
        });
        (all > 0).then(|| (inside as f64 / all as f64, all))
    };
    let coverage = |until: i32| {
        share(&|one| {
            let month = one.origin + one.horizon;
            month <= until && month > until - TRAILING_MONTHS
        })
    };
    let learned = end + MONTHS_TO_LEARN;
    DrillResult {
        drill,
        start,
        trailing: (0..=MONTHS_AFTER)
            .filter_map(|after| coverage(end + after).map(|(share, all)| (after, share, all)))
            .collect(),
        before: coverage(start - 1).map(|found| found.0),
        relearned: share(&|one| one.origin >= learned && one.origin < learned + TRAILING_MONTHS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_moves_by_as_much_as_it_says_and_stays() {
        assert_eq!(Drill::Fall.shift(0, 0), 0.0);
        assert!((Drill::Fall.shift(0, 3) - 0.5 * 0.5_f64.ln()).abs() < 1e-12);
        assert!((Drill::Fall.shift(1, 40).exp() - 0.5).abs() < 1e-12);
        assert!((Drill::Rise.shift(1, 3).exp() - 2.0).abs() < 1e-12);
        assert!((Drill::Successor.shift(3, 1).exp() - 0.75).abs() < 1e-12);
        assert_eq!(Drill::Successor.shift(4, 1), 0.0);
    }
}
