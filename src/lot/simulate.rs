//! What a lot can bring, in joint draws.
//!
//! In: lines and terms. Out: [`Draws`]: sales and net before the bid, as present values. What is common has one stream of
//! normal draws by name, as in the totals of a plan: a market that falls takes all its units along, however many. What is a
//! unit's own (condition, lock, luck, month of sale) is drawn unit by unit for the lines where it weighs most, and for the
//! others by the mean and variance of their sum given what is common: with `e_t` the common factor of month t and the sums
//! A, B, C over the ways it can go for one unit,
//!
//! `E[net] = Σ_t A_t e_t − C,  Var[net] = Σ_t (B_t e_t² − 2 D_t e_t) + C₂ − E[net]²,  sum ≈ n E + √(n Var) z`.
//!
//! Each line's draws depend on its place alone and are summed in the order of the lines, so threads do not matter.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

use super::line::Line;
use super::price::CAUSES;
use super::terms::Terms;
use crate::decide::{seed_of, stream};
use crate::units::{Cancelled, SplitMix64, Work};

/// Units that are drawn one by one in every draw; the dearest lines first.
const SINGLE_UNITS: u64 = 2_000;

/// A line of more units is never drawn one by one: its sum is normal enough.
const MOST_SINGLE_UNITS: u64 = 64;

/// Lines that are drawn in one go.
const GROUP: usize = 16;

/// Equally likely points of the standard normal distribution: one look-up a draw.
static NORMAL_POINTS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let normal = Normal::standard();
    (0..POINTS).map(|at| normal.inverse_cdf((at as f64 + 0.5) / POINTS as f64)).collect()
});

/// How many: their variance is 0.9997, their ends lie at ±3.8.
const POINTS: usize = 8_192;

/// A lot in every draw, present values before the bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Proceeds of the channels.
    pub sales: Vec<f64>,
    /// Proceeds less all costs.
    pub net: Vec<f64>,
}

impl Draws {
    fn none(draws: usize) -> Draws {
        Draws { sales: vec![0.0; draws], net: vec![0.0; draws] }
    }

    fn plus(&mut self, other: &Draws) {
        self.sales.iter_mut().zip(&other.sales).for_each(|(own, more)| *own += more);
        self.net.iter_mut().zip(&other.net).for_each(|(own, more)| *own += more);
    }
}

/// Draws a lot, as long as it is wanted.
pub fn simulate(lines: &[Line], terms: &Terms, work: Work<'_>) -> Result<Draws, Cancelled> {
    let shared = shared_streams(lines, terms.draws);
    let singly = drawn_singly(lines);
    let positions: Vec<usize> = (0..lines.len()).collect();
    let stage = work.stage("drawing lines", lines.len());
    let groups: Vec<Draws> = positions
        .par_chunks(GROUP)
        .map(|group| {
            let mut sum = Draws::none(terms.draws);
            for &at in group {
                add_line(&mut sum, &lines[at], at, singly[at], &shared);
                stage.step()?;
            }
            Ok(sum)
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(groups.iter().fold(Draws::none(terms.draws), |mut sum, group| {
        sum.plus(group);
        sum
    }))
}

/// Share of the variance of the net that is each unit's own and averages out over many: `Σ n Var[net | common] / Var[net]`.
pub fn own_luck_share(lines: &[Line], draws: &Draws) -> f64 {
    let own: f64 = lines.iter().map(|line| line.units as f64 * Ways::of(line).variance_at_middle()).sum();
    let count = draws.net.len() as f64;
    let mean = draws.net.iter().sum::<f64>() / count;
    let all = draws.net.iter().map(|net| (net - mean).powi(2)).sum::<f64>() / count;
    if all > 0.0 { (own / all).min(1.0) } else { 0.0 }
}

/// Streams of what many lines share. Those of products and ages are made where they are needed.
fn shared_streams(lines: &[Line], draws: usize) -> BTreeMap<String, Vec<f64>> {
    let mut names: Vec<&String> =
        lines.iter().flat_map(|line| [0, 1, 4].map(|cause| &line.common.names[cause])).collect();
    names.sort();
    names.dedup();
    names.into_par_iter().map(|name| (name.clone(), stream(name, 0..draws))).collect()
}

/// Which lines are drawn unit by unit: those whose single unit is the least certain, while there is room.
fn drawn_singly(lines: &[Line]) -> Vec<bool> {
    let spread: Vec<f64> = lines.iter().map(|line| Ways::of(line).variance_at_middle()).collect();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| spread[b].total_cmp(&spread[a]).then(a.cmp(&b)));
    let mut singly = vec![false; lines.len()];
    let mut room = SINGLE_UNITS;
    for at in order {
        let units = lines[at].units;
        if units <= MOST_SINGLE_UNITS.min(room) {
            singly[at] = true;
            room -= units;
        }
    }
    singly
}

fn add_line(sum: &mut Draws, line: &Line, at: usize, singly: bool, shared: &BTreeMap<String, Vec<f64>>) {
    let ways = Ways::of(line);
    let factors = factors(line, &ways.months, sum.net.len(), shared);
    let mut luck = SplitMix64::new(seed_of(&format!("units of line {at}")));
    if singly {
        ways.add_units(sum, line, &factors, &mut luck);
    } else {
        ways.add_sum(sum, line, &factors, &mut luck);
    }
}

/// The common factor of a line, one row a month, one entry a draw.
fn factors(
    line: &Line,
    months: &[usize],
    draws: usize,
    shared: &BTreeMap<String, Vec<f64>>,
) -> Vec<Vec<f64>> {
    let last = line.common.sds.len() - 1;
    let moves = |cause: usize| line.common.sds.iter().any(|sds| sds[cause] > 0.0);
    let own: Vec<Option<Vec<f64>>> = (0..CAUSES)
        .map(|cause| {
            let name = &line.common.names[cause];
            (moves(cause) && !shared.contains_key(name)).then(|| named_points(name, draws))
        })
        .collect();
    months
        .iter()
        .map(|month| {
            let mut logs = vec![0.0; draws];
            for cause in (0..CAUSES).filter(|cause| moves(*cause)) {
                let stream = own[cause].as_ref().or_else(|| shared.get(&line.common.names[cause]));
                let sd = line.common.sds[(*month).min(last)][cause];
                for (log, normal) in logs.iter_mut().zip(stream.into_iter().flatten()) {
                    *log += sd * normal;
                }
            }
            logs.iter_mut().for_each(|log| *log = log.exp());
            logs
        })
        .collect()
}

/// Normal draws that belong to a name, from the table of points: there are as many streams as products.
fn named_points(name: &str, draws: usize) -> Vec<f64> {
    let mut bits = SplitMix64::new(seed_of(name));
    let points: &[f64] = &NORMAL_POINTS;
    (0..draws).map(|_| points[bits.bits() as usize % POINTS]).collect()
}

/// One way it can go for a unit.
struct Way {
    chance: f64,
    /// Position of its month.
    month: usize,
    sales: f64,
    cost: f64,
    /// Variance of the log price by luck.
    luck: f64,
}

/// All ways it can go for a unit of a line, and the months in which they end.
struct Ways {
    all: Vec<Way>,
    months: Vec<usize>,
}

impl Ways {
    fn of(line: &Line) -> Ways {
        let outcomes = || line.conditions.iter().flat_map(|condition| &condition.outcomes);
        let mut months: Vec<usize> = outcomes().map(|outcome| outcome.month).collect();
        months.sort_unstable();
        months.dedup();
        let all = line
            .conditions
            .iter()
            .flat_map(|condition| condition.outcomes.iter().map(move |outcome| (condition, outcome)))
            .map(|(condition, outcome)| Way {
                chance: condition.share * outcome.chance,
                month: months.binary_search(&outcome.month).unwrap_or(0),
                sales: outcome.sales,
                cost: outcome.cost,
                luck: condition.luck,
            })
            .collect();
        Ways { all, months }
    }

    /// Variance of a unit's net when everything common stands at its middle.
    fn variance_at_middle(&self) -> f64 {
        let (_, _, variance, _) = Moments::of(self).given(self.months.iter().map(|_| 1.0));
        variance
    }

    /// Unit by unit.
    fn add_units(&self, sum: &mut Draws, line: &Line, factors: &[Vec<f64>], luck: &mut SplitMix64) {
        let chances: Vec<f64> = self.all.iter().map(|way| way.chance).collect();
        let alias = Alias::new(&chances);
        let base = line.units as f64 * line.base_cost;
        let points: &[f64] = &NORMAL_POINTS;
        let spread: Vec<(f64, f64)> = self.all.iter().map(|way| (way.luck.sqrt(), 0.5 * way.luck)).collect();
        let draws = sum.sales.iter_mut().zip(&mut sum.net).enumerate();
        for (draw, (all_sales, all_net)) in draws {
            let (mut sales, mut cost) = (0.0, base);
            for _ in 0..line.units {
                let at = alias.pick(luck);
                let way = &self.all[at];
                cost += way.cost;
                if way.sales > 0.0 {
                    let normal = points[luck.bits() as usize % POINTS];
                    let (sd, half) = spread[at];
                    sales += way.sales * factors[way.month][draw] * (sd * normal - half).exp();
                }
            }
            *all_sales += sales;
            *all_net += sales - cost;
        }
    }

    /// The sum of many by its mean and variance.
    fn add_sum(&self, sum: &mut Draws, line: &Line, factors: &[Vec<f64>], luck: &mut SplitMix64) {
        let moments = Moments::of(self);
        let units = line.units as f64;
        let points: &[f64] = &NORMAL_POINTS;
        for draw in 0..sum.net.len() {
            let (net, sales, net_variance, sales_variance) =
                moments.given(factors.iter().map(|factors| factors[draw]));
            let normal = points[luck.bits() as usize % POINTS];
            sum.sales[draw] += (units * sales + (units * sales_variance).sqrt() * normal).max(0.0);
            sum.net[draw] += units * (net - line.base_cost) + (units * net_variance).sqrt() * normal;
        }
    }
}

/// Sums over the ways it can go for a unit, by month.
struct Moments {
    /// `Σ p·sales`, `Σ p·sales²·e^luck`, `Σ p·sales·cost`.
    by_month: Vec<[f64; 3]>,
    cost: f64,
    cost_squared: f64,
}

impl Moments {
    fn of(ways: &Ways) -> Moments {
        let mut moments =
            Moments { by_month: vec![[0.0; 3]; ways.months.len()], cost: 0.0, cost_squared: 0.0 };
        for way in &ways.all {
            let sums = &mut moments.by_month[way.month];
            sums[0] += way.chance * way.sales;
            sums[1] += way.chance * way.sales * way.sales * way.luck.exp();
            sums[2] += way.chance * way.sales * way.cost;
            moments.cost += way.chance * way.cost;
            moments.cost_squared += way.chance * way.cost * way.cost;
        }
        moments
    }

    /// Mean net, mean sales, variance of net and of sales, given the common factor of every month.
    fn given(&self, factors: impl Iterator<Item = f64>) -> (f64, f64, f64, f64) {
        let (mut sales, mut squares, mut crossed) = (0.0, 0.0, 0.0);
        for (sums, factor) in self.by_month.iter().zip(factors) {
            sales += sums[0] * factor;
            squares += sums[1] * factor * factor;
            crossed += sums[2] * factor;
        }
        let net = sales - self.cost;
        let net_variance = squares - 2.0 * crossed + self.cost_squared - net * net;
        (net, sales, net_variance.max(0.0), (squares - sales * sales).max(0.0))
    }
}

/// Picks a position by its chance with one look-up (Walker 1977, as Vose builds it, 1991).
struct Alias {
    keep: Vec<f64>,
    other: Vec<usize>,
}

impl Alias {
    fn new(chances: &[f64]) -> Alias {
        let count = chances.len();
        let sum: f64 = chances.iter().sum();
        let mut keep: Vec<f64> = chances.iter().map(|chance| chance * count as f64 / sum).collect();
        let mut other: Vec<usize> = (0..count).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..count).partition(|at| keep[*at] < 1.0);
        while let (Some(&little), Some(&much)) = (small.last(), large.last()) {
            small.pop();
            other[little] = much;
            keep[much] -= 1.0 - keep[little];
            if keep[much] < 1.0 {
                large.pop();
                small.push(much);
            }
        }
        // What is left has all its room, up to rounding.
        small.into_iter().chain(large).for_each(|at| keep[at] = 1.0);
        Alias { keep, other }
    }

    fn pick(&self, draws: &mut SplitMix64) -> usize {
        let place = draws.uniform() * self.keep.len() as f64;
        let at = (place as usize).min(self.keep.len() - 1);
        if place - at as f64 <= self.keep[at] { at } else { self.other[at] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_alias_table_gives_back_the_chances_it_was_made_from(
            chances in prop::collection::vec(0.01..1.0_f64, 1..40),
        ) {
            let sum: f64 = chances.iter().sum();
            let alias = Alias::new(&chances);
            let mut back = vec![0.0; chances.len()];
            for at in 0..chances.len() {
                back[at] += alias.keep[at] / chances.len() as f64;
                back[alias.other[at]] += (1.0 - alias.keep[at]) / chances.len() as f64;
            }
            for (back, chance) in back.iter().zip(&chances) {
                prop_assert!((back - chance / sum).abs() < 1e-9);
            }
        }
    }
}
