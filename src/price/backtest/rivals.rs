//! The forecasts that ours must beat, made from the same prices.
//!
//! In: the histories of a market and what the catalog knows of its products. Out: [`RivalPath`]s: each rival's centre
//! for every series, origin and lag, and half-widths from its own past errors.
//!
//! | rival | ln price n months after the last one, y |
//! |---|---|
//! | last price | y |
//! | class geometric | y + n r, r the mean change a month of the class so far |
//! | published rate | y + n ln .965 |
//! | straight line, 60 months | ln(list (1 - age / 60)), never under 5 % |
//! | MACRS book | ln(list × what the five-year table leaves), never under 5 % |
//! | damped trend | exponential smoothing with a damped trend, parameters by least squares of one-month errors |
//!
//! Books start from list price and launch, or from the first price where they are not known. Intervals are made from the
//! rival's own past errors in the same way as ours from ours ([`super::super::trend::interval`]): a rival must not lose
//! by its intervals. Sources: price-model recipe, section 3; IRS Publication 946, table A-1; Gardner and McKenzie 1985.

use std::collections::BTreeMap;

use crate::price::followed::series::PricedSeries;
use crate::price::state_space::history::History;
use crate::price::state_space::quantiles::Quantiles;
use crate::price::state_space::score::PUBLISHED_MONTHLY_LOG;
use crate::price::trend::interval::{Block, Error, Sides, half_widths, noise, prior_sd};

/// Least share that books leave.
const LEAST_BOOK: f64 = 0.05;
const STRAIGHT_LINE_MONTHS: f64 = 60.0;

/// Share of the cost left after each tax year of five-year property, half-year convention.
const MACRS_LEFT: [f64; 7] = [1.0, 0.8, 0.48, 0.288, 0.1728, 0.0576, 0.0];

const LONGEST_GAP: i32 = 3;

const LEVEL_GAINS: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
const TREND_GAINS: [f64; 4] = [0.0, 0.1, 0.2, 0.4];
const DAMPINGS: [f64; 3] = [0.8, 0.9, 0.98];

/// A forecaster to beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rival {
    /// The last price stays.
    LastPrice,
    /// The class's mean change so far goes on.
    ClassGeometric,
    /// 3.5 % less every month.
    PublishedRate,
    /// Straight-line book over 60 months.
    StraightLine,
    /// MACRS book of five-year property.
    MacrsBook,
    /// Exponential smoothing with a damped trend.
    DampedTrend,
}

impl Rival {
    /// All of them, in the order of the tables.
    pub const ALL: [Rival; 6] = [
        Rival::LastPrice,
        Rival::ClassGeometric,
        Rival::PublishedRate,
        Rival::StraightLine,
        Rival::MacrsBook,
        Rival::DampedTrend,
    ];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Rival::LastPrice => "last price",
            Rival::ClassGeometric => "class geometric",
            Rival::PublishedRate => "published rate",
            Rival::StraightLine => "straight line 60",
            Rival::MacrsBook => "MACRS book",
            Rival::DampedTrend => "damped trend",
        }
    }
}

/// Where a rival stands after a price of a series.
#[derive(Debug, Clone, Copy)]
enum State {
    Trend { base: f64, slope: f64, damping: f64 },
    Book { ln_new: f64, age_months: f64, share_left: fn(f64) -> f64 },
}

impl State {
    fn centre(self, lag: i32) -> f64 {
        match self {
            State::Trend { base, slope, damping: 1.0 } => base + slope * f64::from(lag),
            State::Trend { base, slope, damping } => {
                base + slope * damping * (1.0 - damping.powi(lag)) / (1.0 - damping)
            }
            State::Book { ln_new, age_months, share_left } => {
                ln_new + share_left(age_months + f64::from(lag)).max(LEAST_BOOK).ln()
            }
        }
    }
}

fn straight_line(age_months: f64) -> f64 {
    1.0 - age_months.max(0.0) / STRAIGHT_LINE_MONTHS
}

fn macrs(age_months: f64) -> f64 {
    let years = (age_months / 12.0).clamp(0.0, (MACRS_LEFT.len() - 1) as f64);
    let whole = (years.floor() as usize).min(MACRS_LEFT.len() - 2);
    MACRS_LEFT[whole] + (years - whole as f64) * (MACRS_LEFT[whole + 1] - MACRS_LEFT[whole])
}

/// A rival's course through a market.
#[derive(Debug, Clone)]
pub struct RivalPath {
    /// By series, after each of its prices.
    states: Vec<Vec<State>>,
    /// Past errors by lag, in order of the month they were made in.
    errors: Vec<Vec<Block>>,
}

impl RivalPath {
    /// Follows a rival through all months. Errors are kept at lags of 1 to `longest_lag`.
    pub fn new(rival: Rival, series: &[PricedSeries], longest_lag: i32) -> RivalPath {
        let rates = class_rates(series);
        let states: Vec<Vec<State>> = series.iter().map(|one| states_of(rival, one, &rates)).collect();
        let errors = (1..=longest_lag).map(|lag| errors_at(series, &states, lag)).collect();
        RivalPath { states, errors }
    }

    /// The intervals known at `origin`.
    pub fn intervals_at(&self, origin: i32) -> RivalIntervals {
        let known = |lag: i32, blocks: &'_ [Block]| -> usize {
            blocks.partition_point(|block| block.origin + lag <= origin)
        };
        let first = self.errors.first().map_or(&[][..], |blocks| &blocks[..known(1, blocks)]);
        let noise = noise(first.iter().flat_map(|one| &one.errors).map(|one| one.error.abs()).collect());
        let lags = (1..)
            .zip(&self.errors)
            .map(|(lag, blocks)| {
                let sd = prior_sd(lag, noise);
                let found = half_widths(blocks[..known(lag, blocks)].iter(), origin, lag, sd);
                Sides { below: sd.below * found.below, above: sd.above * found.above }
            })
            .collect();
        RivalIntervals { lags }
    }

    /// Quantiles of a series' ln price in the month `target`, seen from `origin`; `None` without an earlier price.
    pub fn forecast(
        &self,
        intervals: &RivalIntervals,
        position: usize,
        series: &PricedSeries,
        origin: i32,
        target: i32,
    ) -> Option<Quantiles> {
        let (months, _) = series.history.known_at(origin);
        let lag = target - months.last()?;
        let median = self.states[position][months.len() - 1].centre(lag);
        let width = intervals.lags.get(usize::try_from(lag - 1).ok()?)?;
        Some(Quantiles { lower: median - width.below, median, upper: median + width.above })
    }
}

/// A rival's half-widths by lag, in ln price.
#[derive(Debug, Clone, PartialEq)]
pub struct RivalIntervals {
    lags: Vec<Sides>,
}

fn errors_at(series: &[PricedSeries], states: &[Vec<State>], lag: i32) -> Vec<Block> {
    let mut blocks: BTreeMap<i32, Vec<Error>> = BTreeMap::new();
    for (one, states) in series.iter().zip(states) {
        for (month, state) in one.history.months().iter().zip(states) {
            if let Some(outcome) = one.history.at(month + lag) {
                let error = Error { error: outcome - state.centre(lag), weight: 0.0, sd: 0.0 };
                blocks.entry(*month).or_default().push(error);
            }
        }
    }
    blocks.into_iter().map(|(origin, errors)| Block { origin, errors }).collect()
}

/// Mean change a month of all steps up to each month.
fn class_rates(series: &[PricedSeries]) -> BTreeMap<i32, f64> {
    let mut steps: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
    for (month, gap, change) in series.iter().flat_map(|one| one.history.steps()) {
        if gap <= LONGEST_GAP {
            let sum = steps.entry(month).or_default();
            sum.0 += change;
            sum.1 += f64::from(gap);
        }
    }
    let (mut change, mut time) = (0.0, 0.0);
    steps
        .into_iter()
        .map(|(month, sum)| {
            change += sum.0;
            time += sum.1;
            (month, change / time)
        })
        .collect()
}

fn states_of(rival: Rival, series: &PricedSeries, rates: &BTreeMap<i32, f64>) -> Vec<State> {
    let history = &series.history;
    let prices = || history.months().iter().copied().zip(history.ln_prices().iter().copied());
    let line = |slope_at: &dyn Fn(i32) -> f64| {
        prices().map(|(month, base)| State::Trend { base, slope: slope_at(month), damping: 1.0 }).collect()
    };
    let book = |share_left: fn(f64) -> f64| {
        let first = prices().next().unwrap_or((0, 0.0));
        let launch = series.facts.launch.map(crate::units::Month::index);
        let (start, ln_new) = launch.zip(series.facts.ln_list_price).unwrap_or(first);
        prices()
            .map(|(month, _)| State::Book { ln_new, age_months: f64::from(month - start), share_left })
            .collect()
    };
    match rival {
        Rival::LastPrice => line(&|_| 0.0),
        Rival::PublishedRate => line(&|_| PUBLISHED_MONTHLY_LOG),
        Rival::ClassGeometric => {
            line(&|month| rates.range(..=month).next_back().map_or(0.0, |found| *found.1))
        }
        Rival::StraightLine => book(straight_line),
        Rival::MacrsBook => book(macrs),
        Rival::DampedTrend => damped_trend(history),
    }
}

/// After each price the smoothing whose one-month errors so far were smallest. A gap is bridged by the forecast.
fn damped_trend(history: &History) -> Vec<State> {
    let mut best: Vec<(f64, State)> = Vec::new();
    for level_gain in LEVEL_GAINS {
        for trend_gain in TREND_GAINS {
            for damping in DAMPINGS {
                let path = smoothed(history, level_gain, trend_gain, damping);
                if best.is_empty() {
                    best = path;
                    continue;
                }
                for (kept, candidate) in best.iter_mut().zip(path) {
                    if candidate.0 < kept.0 {
                        *kept = candidate;
                    }
                }
            }
        }
    }
    best.into_iter().map(|one| one.1).collect()
}

/// Sum of squared errors so far and the state, after each price.
fn smoothed(history: &History, level_gain: f64, trend_gain: f64, damping: f64) -> Vec<(f64, State)> {
    let mut errors = 0.0;
    let mut current: Option<(i32, f64, f64)> = None;
    let prices = history.months().iter().zip(history.ln_prices());
    prices
        .map(|(month, price)| {
            let (level, trend) = match current {
                None => (*price, 0.0),
                Some((before, level, trend)) => {
                    let gap = month - before;
                    let expected = State::Trend { base: level, slope: trend, damping }.centre(gap);
                    let error = price - expected;
                    errors += error * error;
                    (
                        expected + level_gain * error,
                        trend * damping.powi(gap) + trend_gain * level_gain * error,
                    )
                }
            };
            current = Some((*month, level, trend));
            (errors, State::Trend { base: level, slope: trend, damping })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::followed::series::Facts;

    fn series(prices: &[f64]) -> PricedSeries {
        let months = (0..).take(prices.len()).collect();
        PricedSeries {
            product: "x".into(),
            variant: String::new(),
            grade: String::new(),
            facts: Facts {
                launch: None,
                successor_launch: None,
                ln_list_price: None,
                memory_gb: None,
                vendor: String::new(),
                family: String::new(),
                generation: String::new(),
                datacentre: false,
            },
            history: History::new(months, prices.to_vec()).unwrap(),
            quantities: vec![None; prices.len()],
        }
    }

    fn median(rival: Rival, prices: &[f64], lag: i32) -> f64 {
        let all = [series(prices)];
        let path = RivalPath::new(rival, &all, 12);
        let origin = prices.len() as i32 - 1;
        let intervals = path.intervals_at(origin);
        path.forecast(&intervals, 0, &all[0], origin, origin + lag).unwrap().median
    }

    #[test]
    fn each_rival_by_hand() {
        let falling: Vec<f64> = (0..24).map(|month| -0.05 * f64::from(month)).collect();
        let last = falling[23];
        assert_eq!(median(Rival::LastPrice, &falling, 6), last);
        assert!((median(Rival::ClassGeometric, &falling, 6) - (last - 0.3)).abs() < 1e-12);
        assert!((median(Rival::PublishedRate, &falling, 2) - (last + 2.0 * 0.965_f64.ln())).abs() < 1e-12);
        // First price 0, age 24 at the target: 1 - 24/60, and the table after two tax years.
        assert!((median(Rival::StraightLine, &falling, 1) - 0.6_f64.ln()).abs() < 1e-12);
        assert!((median(Rival::MacrsBook, &falling, 1) - 0.48_f64.ln()).abs() < 1e-12);
        let damped = median(Rival::DampedTrend, &falling, 3);
        assert!(damped < last - 0.1 && damped > last - 0.16, "{damped}");
    }

    #[test]
    fn intervals_are_made_from_the_rivals_own_errors_that_were_seen() {
        let jumping: Vec<f64> = (0..80).map(|month| f64::from(month % 2) * 0.2).collect();
        let all: Vec<PricedSeries> = (0..60).map(|_| series(&jumping)).collect();
        let path = RivalPath::new(Rival::LastPrice, &all, 12);
        let late = path.intervals_at(79);
        assert!((late.lags[0].above - 0.2).abs() < 0.01, "{late:?}");
        assert!(late.lags[1].above < 0.05, "it stands again after two months: {late:?}");
        let nothing_seen = path.intervals_at(0);
        assert!(nothing_seen.lags[3].above > nothing_seen.lags[0].above);
    }
}
