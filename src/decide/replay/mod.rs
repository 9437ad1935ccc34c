//! What decisions made in the past would have brought, on the prices that came.
//!
//! In: the series of a followed market and what each month forecast of them ([`paths`](crate::price::backtest::paths)).
//! Out: for every start, owner and rule the month of the sale and its regret.
//!
//! One unit of every series is owned from a start month on, for at most [`LONGEST_WINDOW`] months. Each month in which the
//! series has a price a [`Rule`] says sell or hold; a sale is made at the price of that month, and what is not sold is
//! valued at the last price of the window. A month without a price can sell nothing, and no price is filled in. Holding
//! has a cost or a use, by [`Owner`]. With d the monthly discount factor and f the net flow of a month, at its end,
//!
//! ```text
//! PV(τ)  = Σ_{k<τ} d^(k+1) f_k + d^τ p_τ
//! regret = (max over the window's prices of PV − PV of the rule) / price at the start
//! ```
//!
//! Counted are starts whose window, to 36 months on or to the series' last price, spans [`SHORTEST_WINDOW`] months or more
//! and holds [`FEWEST_PRICES`] prices or more. A rule knows the prices up to its month, the 36 months, and nothing of
//! where the data end. Source: method recipe 4.10 (rolling origin, money regret).

mod noise;
mod owner;
mod problem;
mod rule;
mod score;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub use owner::Owner;
pub use rule::Rule;
pub use score::{
    ClassScore, FEWEST_DECISIONS, Measure, Overall, RuleScore, WANTED_RATIO, WORST_RATIO, overall, scores,
};

use super::policy::Policy;
use crate::catalog::AssetClass;
use crate::price::backtest::paths::Path;
use crate::price::followed::series::PricedSeries;
use crate::price::published::PublishedCurve;
use crate::units::Month;
use noise::noise_by_month;
use owner::{Terms, Unit};
use problem::{Outlook, Problem};

/// Months from a start to the month in which the unit has to go.
pub const LONGEST_WINDOW: i32 = 36;

/// Fewest months from a start to the last price of its window.
pub const SHORTEST_WINDOW: i32 = 12;

/// Fewest prices of a window, that of the start among them.
pub const FEWEST_PRICES: usize = 7;

/// Which starts are replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Starts {
    /// First month; default: six months after the market's first price.
    pub first: Option<Month>,
    /// Last month; default: the last that leaves a window.
    pub last: Option<Month>,
    /// Months between starts, at least 1.
    pub step_months: u32,
}

/// One rule's sale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sale {
    /// Month index of the sale.
    pub month: i32,
    /// Present value lost against the best month in hindsight, as a share of the price at the start; not negative.
    pub regret: f64,
}

/// One start of one series and owner under every rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Position of the series in its market.
    pub series: usize,
    /// Who owns the unit.
    pub owner: Owner,
    /// Month index of the start.
    pub start: i32,
    /// Price at the start, in the market's currency.
    pub price: f64,
    /// Months from the start to the best month in hindsight.
    pub best_months: i32,
    /// Sales in the order of [`Rule::ALL`].
    pub sales: Vec<Sale>,
}

/// Replays every start of a market, in order of series, start and owner.
pub fn replay(
    class: AssetClass,
    series: &[PricedSeries],
    paths: &[Vec<Path>],
    starts: &Starts,
    policy: &Policy,
) -> Vec<Replayed> {
    let noise = noise_by_month(series);
    let curve = PublishedCurve::of_class(class);
    let first_of_all = paths.iter().flatten().map(|path| path.month).min().unwrap_or(0);
    let from = starts.first.map_or(first_of_all, Month::index);
    let counted = |month: i32| {
        month >= from
            && starts.last.is_none_or(|last| month <= last.index())
            && (month - from) % starts.step_months.max(1).cast_signed() == 0
    };
    series
        .par_iter()
        .zip(paths)
        .enumerate()
        .map(|(position, (one, paths))| {
            let outlooks: Vec<Outlook> =
                paths.iter().map(|path| Outlook::of(path, known(&noise, path.month))).collect();
            let mut found = Vec::new();
            for (first, path) in paths.iter().enumerate().filter(|(_, path)| counted(path.month)) {
                let Some(last) = last_of_window(paths, first) else { continue };
                let unit = Unit::of(one, path, &curve);
                for owner in Owner::ALL {
                    let terms = Terms::of(owner, &unit, &curve, policy);
                    let problem =
                        Problem { outlooks: &outlooks[..=last], first, terms, age: unit.age_months };
                    found.push(played(position, owner, &problem));
                }
            }
            found
        })
        .collect::<Vec<_>>()
        .concat()
}

/// Position of the last price of the window that starts at `first`; `None` when the window is too short.
fn last_of_window(paths: &[Path], first: usize) -> Option<usize> {
    let start = paths[first].month;
    let last = paths.partition_point(|path| path.month <= start + LONGEST_WINDOW) - 1;
    let long_enough = paths[last].month - start >= SHORTEST_WINDOW && last - first + 1 >= FEWEST_PRICES;
    long_enough.then_some(last)
}

/// The noise known in a month.
fn known(noise: &BTreeMap<i32, f64>, month: i32) -> f64 {
    noise.range(..=month).next_back().map_or(0.0, |found| *found.1)
}

fn played(series: usize, owner: Owner, problem: &Problem<'_>) -> Replayed {
    let values = problem.present_values();
    let start = problem.outlooks[problem.first].month;
    let best = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b]).then(b.cmp(a))).unwrap_or(0);
    let month = |position: usize| problem.outlooks[problem.first + position].month;
    let price = problem.outlooks[problem.first].price;
    let sales = Rule::ALL
        .iter()
        .map(|rule| {
            let sold = rule.sells_at(problem);
            Sale { month: month(sold), regret: (values[best] - values[sold]) / price }
        })
        .collect();
    Replayed { series, owner, start, price, best_months: month(best) - start, sales }
}
