//! Slopes of one series' share of the likelihood, without ever making a matrix product.
//!
//! In: the inverse of the series' covariance, the posterior covariance C of the unknowns and the residual. Out: half the
//! trace of `W dV` for each hyperparameter of the series' covariance, with `B = C_hh X' / 2 + C_hE`, h the coefficients
//! and E the levels of the series' months:
//!
//! ```text
//! W = V^-1 - V^-1 [X E] C [X E]' V^-1 - alpha alpha'
//!   = V0^-1 - V0^-1 C_EE V0^-1 + sum (a b' + b a')
//! (a, b) = (V^-1 X, -V^-1 B') column by column, (alpha, -alpha / 2), (p, kappa z - kappa (1 + kappa p' C_EE p) p / 2)
//! z = V0^-1 C_EE p
//! ```
//!
//! A pair meets dV in n steps, because the wandering effect is a chain. The first two terms are the slope of `ln |V0| +
//! <C_EE, V0^-1>` with C held; it is taken backwards through the recursions that make `V0^-1` ([`SeriesInverse`]), which
//! reads C_EE twice and multiplies nothing larger than a vector. Source: reverse accumulation (Griewank and Walther,
//! Evaluating Derivatives, chapter 3) of the filter and smoother.

use ndarray::Array2;

use super::cholesky::dot;
use super::hyperparameters::{COUNT, Hyperparameters};
use super::likelihood::{Eliminated, System};
use super::panel::PanelSeries;
use super::series_inverse::{Effect, Link, SeriesInverse, lag};

/// Room for one series after another, so that none asks for its own.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// C_EE.
    levels: Vec<f64>,
    /// Rows of products of J over D.
    chains: Vec<f64>,
    /// `V^-1 [B' r - [X E] c]`, row by row.
    right: Vec<f64>,
    /// Left sides of the pairs, row by row.
    left: Vec<f64>,
    /// Right sides of the pairs, row by row.
    signed: Vec<f64>,
}

/// Slopes by the entries of V: by the variances of an effect's parts and by each row's noise.
#[derive(Debug, Clone, Default)]
struct Slopes {
    constant: f64,
    wander: f64,
    ln_length: f64,
    noise: Vec<f64>,
}

/// Slopes by the numbers of each link.
#[derive(Debug, Clone, Copy, Default)]
struct LinkSlopes {
    smoothing: f64,
    smoothed: f64,
    noise: f64,
}

/// Half the trace of `W dV` for each hyperparameter of the series covariance.
pub(super) fn series_slopes(
    series: &PanelSeries,
    eliminated: &Eliminated,
    (hyperparameters, effect): (&Hyperparameters, &Effect),
    (system, covariance): (&System, &Array2<f64>),
    room: &mut Room,
) -> [f64; COUNT] {
    let inverse = &eliminated.inverse;
    let mut slopes = Slopes::default();
    gather(&mut room.levels, series, covariance);
    let (mut links, mut met) = meet(inverse, room);
    let along = dot(&inverse.pull, &met);
    inverse.solve_wander(&mut met, 1);
    let width = pairs(series, eliminated, (system, covariance), (&met, along), room);
    chain_slopes(inverse, &mut links, effect, &series.months, &mut slopes);
    pair_slopes(room, width, effect, &series.months, &mut slopes);
    slopes.constant = constant_slope(inverse, along, effect, room, width);
    let values = hyperparameters.values();
    let (mut floor, mut single) = (0.0, 0.0);
    for ((slope, link), weight) in slopes.noise.iter().zip(&inverse.links).zip(&series.weights) {
        let base = values.sale_noise_floor.powi(2) / weight;
        floor += slope * base;
        single += slope * (link.noise - base);
    }
    let mut gradient = [0.0; COUNT];
    gradient[0] = effect.constant * slopes.constant;
    gradient[1] = effect.wander * slopes.wander;
    gradient[2] = 0.5 * slopes.ln_length;
    gradient[7] = floor;
    gradient[8] = single;
    gradient
}

/// C_EE, row by row.
fn gather(levels: &mut Vec<f64>, series: &PanelSeries, covariance: &Array2<f64>) {
    levels.clear();
    let all = covariance.as_slice().expect("an inverse is made row by row");
    let unknowns = covariance.ncols();
    let follows = series.follows_each_other();
    for &row in &series.positions {
        let row = &all[row * unknowns..(row + 1) * unknowns];
        if follows {
            levels
                .extend_from_slice(&row[series.positions[0]..=series.positions[series.positions.len() - 1]]);
        } else {
            levels.extend(series.positions.iter().map(|&column| row[column]));
        }
    }
}

/// Slopes of `<C_EE, V0^-1>` by the numbers of each link, and `C_EE p`.
fn meet(inverse: &SeriesInverse, room: &mut Room) -> (Vec<LinkSlopes>, Vec<f64>) {
    let links = &inverse.links;
    let count = links.len();
    let mut slopes = vec![LinkSlopes::default(); count];
    let mut met = Vec::with_capacity(count);
    room.chains.clear();
    room.chains.resize(count * count, 0.0);
    for (i, (link, row)) in links.iter().zip(room.levels.chunks_exact(count)).enumerate() {
        met.push(dot(row, &inverse.pull));
        let (above, rest) = room.chains.split_at_mut(i * count);
        let chain = &mut rest[..=i];
        let precision = link.noise.recip();
        if let Some(before) = i.checked_sub(1) {
            let smoothing = links[before].smoothing;
            for (entry, earlier) in chain.iter_mut().zip(&above[before * count..before * count + i]) {
                *entry = smoothing * earlier;
            }
        }
        let off_diagonal = 2.0 * dot(&row[..i], &chain[..i]);
        chain[i] = precision;
        let shrinkage = link.smoothed * precision;
        slopes[i].smoothed = -(row[i] * precision + off_diagonal) * precision;
        slopes[i].noise = (2.0 * shrinkage * row[i] * precision - row[i] * precision
            + off_diagonal * shrinkage)
            * precision;
    }
    let mut later = vec![0.0; count];
    for (i, (link, row)) in links.iter().zip(room.levels.chunks_exact(count)).enumerate().rev() {
        let chain = &room.chains[i * count..=i * count + i];
        let later = &mut later[..=i];
        slopes[i].smoothing = -2.0 * dot(chain, later);
        let precision = link.noise.recip();
        let shrinkage = link.smoothed * precision;
        later[i] *= link.smoothing;
        slopes[i].noise += 2.0 * later[i] * precision * precision;
        for (entry, level) in later[..i].iter_mut().zip(row) {
            *entry = shrinkage * level + link.smoothing * *entry;
        }
    }
    (slopes, met)
}

/// Fills in both sides of the pairs; returns their number. `met` is z, `along` is `p' C_EE p`.
fn pairs(
    series: &PanelSeries,
    eliminated: &Eliminated,
    (system, covariance): (&System, &Array2<f64>),
    (met, along): (&[f64], f64),
    room: &mut Room,
) -> usize {
    let inverse = &eliminated.inverse;
    let columns = series.design.ncols();
    let width = columns + 1;
    let right = &mut room.right;
    right.clear();
    let all = covariance.as_slice().expect("an inverse is made row by row");
    let heads = || all.chunks_exact(covariance.ncols()).map(|row| &row[..columns]);
    let known: Vec<f64> = system.mean.iter().take(columns).copied().collect();
    for (i, (&position, design)) in series.positions.iter().zip(series.design_rows()).enumerate() {
        let start = right.len();
        right.extend_from_slice(&all[position * covariance.ncols()..][..columns]);
        let row = &mut right[start..];
        for (entry, head) in design.iter().zip(heads()) {
            let half = 0.5 * entry;
            for (sum, coefficient) in row.iter_mut().zip(head) {
                *sum += half * coefficient;
            }
        }
        right.push(series.deviation[i] - dot(design, &known) - system.mean[position]);
    }
    inverse.solve(right, width);
    let own = 0.5 * inverse.correction * (1.0 + inverse.correction * along);
    room.left.clear();
    room.signed.clear();
    let rows = right.chunks_exact(width).zip(eliminated.solved.chunks_exact(width));
    for ((row, solved), (pull, met)) in rows.zip(inverse.pull.iter().zip(met)) {
        let alpha = row[columns];
        room.left.extend_from_slice(&solved[..columns]);
        room.left.extend([alpha, *pull]);
        room.signed.extend(row[..columns].iter().map(|entry| -entry));
        room.signed.extend([-0.5 * alpha, inverse.correction * met - own * pull]);
    }
    width + 1
}

/// Adds the slopes of `ln |V0| + <C_EE, V0^-1>`, taken backwards through the recursions.
fn chain_slopes(
    inverse: &SeriesInverse,
    slopes: &mut [LinkSlopes],
    effect: &Effect,
    months: &[i32],
    sum: &mut Slopes,
) {
    let links = &inverse.links;
    for i in 1..links.len() {
        let (smoothing, by_smoothed) = (links[i - 1].smoothing, slopes[i - 1].smoothed);
        slopes[i - 1].smoothing += 2.0 * smoothing * links[i].smoothed * by_smoothed;
        slopes[i].smoothed += smoothing * smoothing * by_smoothed;
    }
    sum.noise = vec![0.0; links.len()];
    // Slope by P of the row that comes after, with that P; the last row has none.
    let mut later: Option<(f64, f64)> = None;
    for (i, (link, slope)) in links.iter().zip(slopes).enumerate().rev() {
        let by_filtered = match later {
            None => slope.smoothed,
            Some(later) => {
                let (by_filtered, by_decay, by_innovation) = step_slopes(link, slope, later);
                let share = link.innovation / effect.wander;
                sum.wander += share * by_innovation;
                let by_decay = by_decay - 2.0 * effect.wander * link.decay * by_innovation;
                let gap = f64::from(months[i + 1].abs_diff(months[i]));
                sum.ln_length += by_decay * link.decay * gap / effect.length;
                by_filtered
            }
        };
        let precision = link.spread.recip();
        sum.noise[i] += slope.noise + by_filtered * link.gain * link.gain + precision;
        let by_predicted = by_filtered * (link.noise * precision).powi(2) + precision;
        later = Some((by_predicted, link.predicted));
    }
    sum.wander += later.map_or(0.0, |found| found.0);
}

/// Slopes by F, rho and q of a link, given the slope by the next row's P and that P.
fn step_slopes(link: &Link, slope: &LinkSlopes, (by_next, next): (f64, f64)) -> (f64, f64, f64) {
    let filtered = link.filtered();
    // g = F q / P' + J^2 g', J = rho F / P'.
    let (by_kept, by_smoothing) = (slope.smoothed, slope.smoothing);
    let kept = filtered * link.innovation / next;
    let by_next = by_next - (by_smoothing * link.smoothing + by_kept * kept) / next;
    let by_filtered =
        (by_smoothing * link.decay + by_kept * link.innovation) / next + link.decay * link.decay * by_next;
    let by_decay = by_smoothing * filtered / next + 2.0 * link.decay * filtered * by_next;
    let by_innovation = by_kept * filtered / next + by_next;
    (by_filtered, by_decay, by_innovation)
}

/// Adds what the pairs say: `2 a' dV b` for the wandering effect and each row's noise.
fn pair_slopes(room: &Room, width: usize, effect: &Effect, months: &[i32], sum: &mut Slopes) {
    // By pair the sums over earlier rows of `rho^gap` times left and right, of these times the gap, and what was met.
    let mut carried = vec![0.0; 6 * width];
    let (near, rest) = carried.split_at_mut(2 * width);
    let (far, met) = rest.split_at_mut(2 * width);
    let (near_left, near_right) = near.split_at_mut(width);
    let (far_left, far_right) = far.split_at_mut(width);
    let (decayed, distant) = met.split_at_mut(width);
    let mut same = 0.0;
    let rows = room.left.chunks_exact(width).zip(room.signed.chunks_exact(width));
    for (i, (left, right)) in rows.enumerate() {
        let gap = i.checked_sub(1).map_or(0, |before| lag(months[before], months[i]));
        let (decay, months) = (effect.decay[gap], gap as f64);
        let here = dot(left, right);
        sum.noise[i] += 2.0 * here;
        same += here;
        let sides = left.iter().zip(right);
        let near = near_left.iter_mut().zip(near_right.iter_mut());
        let far = far_left.iter_mut().zip(far_right.iter_mut());
        let sums = decayed.iter_mut().zip(distant.iter_mut());
        for ((((a, b), near), far), sums) in sides.zip(near).zip(far).zip(sums) {
            *far.0 = decay * (*far.0 + months * *near.0);
            *far.1 = decay * (*far.1 + months * *near.1);
            let (before, after) = (decay * *near.0, decay * *near.1);
            *sums.0 += a * after + b * before;
            *sums.1 += a * *far.1 + b * *far.0;
            *near.0 = before + a;
            *near.1 = after + b;
        }
    }
    sum.wander += 2.0 * (same + decayed.iter().sum::<f64>());
    sum.ln_length += 2.0 * effect.wander * distant.iter().sum::<f64>() / effect.length;
}

/// `1' W 1`, with the pairs' shares as they are in `V^-1` itself.
fn constant_slope(inverse: &SeriesInverse, along: f64, effect: &Effect, room: &Room, width: usize) -> f64 {
    let (mut left, mut right) = (vec![0.0; width], vec![0.0; width]);
    for (sums, rows) in [(&mut left, &room.left), (&mut right, &room.signed)] {
        for row in rows.chunks_exact(width) {
            for (sum, entry) in sums.iter_mut().zip(row) {
                *sum += entry;
            }
        }
    }
    // The last pair mends V0^-1, of which nothing is left here.
    let pairs = dot(&left[..width - 1], &right[..width - 1]);
    let trace = if effect.constant > 0.0 { (inverse.stretch - 1.0) / effect.constant } else { 0.0 };
    trace / inverse.stretch - along / inverse.stretch.powi(2) + 2.0 * pairs
}
