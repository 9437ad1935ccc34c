//! Bounded minimisation of a smooth function of a few variables.
//!
//! In: a function with its gradient, a start and a box that is the same for
//! each variable. Out: the best point found.
//!
//! L-BFGS two-loop recursion on the variables that are not held at the box,
//! with a projected backtracking line search (Armijo). Source: Nocedal and
//! Wright, Numerical Optimization, algorithms 7.4 and 3.1; projection as in
//! Bertsekas (1982).

use super::error::PriceModelError;

/// Number of past steps that shape the search direction.
const MEMORY: usize = 10;

/// Share of the predicted decrease that a step must bring.
const SUFFICIENT_DECREASE: f64 = 1e-4;

const MOST_BACKTRACKS: usize = 25;

/// Largest first step in any variable.
const FIRST_STEP: f64 = 0.5;

/// Longest step in any variable afterwards.
const LONGEST_STEP: f64 = 1.5;

/// Relative decrease below which the search ends.
const SMALLEST_DECREASE: f64 = 1e-9;

/// Largest projected gradient entry at which the search ends.
const SMALLEST_GRADIENT: f64 = 1e-5;

/// A point with the value and the gradient of the function there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<const N: usize> {
    /// The variables.
    pub position: [f64; N],
    /// Value of the function.
    pub value: f64,
    /// Gradient of the function.
    pub gradient: [f64; N],
}

/// The best point found and how it was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minimum<const N: usize> {
    /// The best point.
    pub point: Point<N>,
    /// Steps taken.
    pub iterations: usize,
    /// Evaluations of the function.
    pub evaluations: usize,
}

struct Step<const N: usize> {
    moved: [f64; N],
    turned: [f64; N],
    curvature: f64,
}

impl<const N: usize> Step<N> {
    /// The step, unless the gradient did not turn along it.
    fn new(moved: [f64; N], turned: [f64; N]) -> Option<Self> {
        let curvature = product(&moved, &turned);
        (curvature > f64::EPSILON * product(&turned, &turned)).then_some(Self { moved, turned, curvature })
    }
}

/// Minimises within `[-half_width, half_width]` of each variable. A trial
/// point at which the function fails counts as too far and is shortened.
///
/// # Errors
/// When the function fails at the start.
pub fn minimise<const N: usize>(
    function: impl Fn(&[f64; N]) -> Result<(f64, [f64; N]), PriceModelError>,
    start: [f64; N],
    half_width: f64,
    most_iterations: usize,
) -> Result<Minimum<N>, PriceModelError> {
    let start = start.map(|entry| entry.clamp(-half_width, half_width));
    let (value, gradient) = function(&start)?;
    let mut point = Point { position: start, value, gradient };
    let mut evaluations = 1;
    let mut iterations = 0;
    let mut history: Vec<Step<N>> = Vec::new();
    while iterations < most_iterations {
        let held = held_at_box(&point, half_width);
        if !(0..N).any(|i| !held[i] && point.gradient[i].abs() > SMALLEST_GRADIENT) {
            break;
        }
        let direction = search_direction(&point.gradient, &held, &history);
        let (next, tried) = search_line(&function, &point, &direction, half_width);
        evaluations += tried;
        let Some(next) = next else {
            if history.is_empty() {
                break;
            }
            history.clear();
            continue;
        };
        iterations += 1;
        let decrease = point.value - next.value;
        remember(&mut history, &point, &next);
        point = next;
        if decrease <= SMALLEST_DECREASE * point.value.abs().max(1.0) {
            break;
        }
    }
    Ok(Minimum { point, iterations, evaluations })
}

/// Variables at the box whose gradient pushes them outwards.
fn held_at_box<const N: usize>(point: &Point<N>, half_width: f64) -> [bool; N] {
    std::array::from_fn(|i| {
        let (position, slope) = (point.position[i], point.gradient[i]);
        (position >= half_width && slope < 0.0) || (position <= -half_width && slope > 0.0)
    })
}

fn search_direction<const N: usize>(gradient: &[f64; N], held: &[bool; N], history: &[Step<N>]) -> [f64; N] {
    let release =
        |vector: [f64; N]| -> [f64; N] { std::array::from_fn(|i| if held[i] { 0.0 } else { vector[i] }) };
    let steepest = release(gradient.map(|entry| -entry));
    let mut direction = steepest;
    // Only what the steps tell of the free variables counts.
    let known: Vec<Step<N>> =
        history.iter().filter_map(|step| Step::new(release(step.moved), release(step.turned))).collect();
    let mut shares = Vec::with_capacity(known.len());
    for step in known.iter().rev() {
        let share = product(&step.moved, &direction) / step.curvature;
        add_scaled(&mut direction, -share, &step.turned);
        shares.push(share);
    }
    if let Some(step) = known.last() {
        let scale = step.curvature / product(&step.turned, &step.turned);
        direction = direction.map(|entry| entry * scale);
    }
    for (step, share) in known.iter().zip(shares.iter().rev()) {
        let correction = share - product(&step.turned, &direction) / step.curvature;
        add_scaled(&mut direction, correction, &step.moved);
    }
    let direction = release(direction);
    let downhill = product(&direction, gradient) < 0.0;
    let (chosen, longest) =
        if known.is_empty() || !downhill { (steepest, FIRST_STEP) } else { (direction, LONGEST_STEP) };
    let largest = chosen.iter().fold(0.0_f64, |most, entry| most.max(entry.abs()));
    // The first direction has no scale of its own and takes the whole step.
    let stretch = if known.is_empty() || largest > longest { longest / largest } else { 1.0 };
    chosen.map(|entry| entry * stretch)
}

fn search_line<const N: usize>(
    function: &impl Fn(&[f64; N]) -> Result<(f64, [f64; N]), PriceModelError>,
    from: &Point<N>,
    direction: &[f64; N],
    half_width: f64,
) -> (Option<Point<N>>, usize) {
    let mut length = 1.0;
    for tried in 1..=MOST_BACKTRACKS {
        let position: [f64; N] = std::array::from_fn(|i| {
            (from.position[i] + length * direction[i]).clamp(-half_width, half_width)
        });
        let moved: [f64; N] = std::array::from_fn(|i| position[i] - from.position[i]);
        let predicted = product(&moved, &from.gradient);
        if let Ok((value, gradient)) = function(&position)
            && value <= from.value + SUFFICIENT_DECREASE * predicted
            && predicted < 0.0
        {
            let next = Point { position, value, gradient };
            return (Some(next), tried);
        }
        length *= 0.5;
    }
    (None, MOST_BACKTRACKS)
}

fn remember<const N: usize>(history: &mut Vec<Step<N>>, from: &Point<N>, to: &Point<N>) {
    let moved: [f64; N] = std::array::from_fn(|i| to.position[i] - from.position[i]);
    let turned: [f64; N] = std::array::from_fn(|i| to.gradient[i] - from.gradient[i]);
    if let Some(step) = Step::new(moved, turned) {
        if history.len() == MEMORY {
            history.remove(0);
        }
        history.push(step);
    }
}

fn product<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add_scaled<const N: usize>(target: &mut [f64; N], scale: f64, other: &[f64; N]) {
    for (entry, value) in target.iter_mut().zip(other) {
        *entry += scale * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valley(position: &[f64; 2]) -> (f64, [f64; 2]) {
        let [x, y] = *position;
        let bend = y - x * x;
        let value = (1.0 - x).powi(2) + 100.0 * bend * bend;
        let slope = -2.0 * (1.0 - x) - 400.0 * x * bend;
        (value, [slope, 200.0 * bend])
    }

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let found = minimise(|x| Ok(valley(x)), [-1.2, 1.0], 2.5, 200).expect("it never fails");
        assert!(found.point.value < 1e-8, "{found:?}");
    }

    #[test]
    fn every_call_of_the_function_is_counted() {
        let calls = std::cell::Cell::new(0);
        let counted = |x: &[f64; 2]| {
            calls.set(calls.get() + 1);
            Ok(valley(x))
        };
        let found = minimise(counted, [-1.2, 1.0], 2.5, 200).expect("it never fails");
        assert_eq!(found.evaluations, calls.get());
        assert!(found.iterations > 5 && found.evaluations > found.iterations, "{found:?}");
    }

    #[test]
    fn a_minimum_outside_the_box_is_met_at_its_side() {
        let found = minimise(|x| Ok(valley(x)), [0.0, 0.0], 0.5, 100).expect("it never fails");
        assert!((found.point.position[0] - 0.5).abs() < 1e-6, "{found:?}");
        assert!((found.point.position[1] - 0.25).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_point_where_the_function_fails_is_avoided() {
        let guarded = |x: &[f64; 1]| {
            if x[0] > 0.4 {
                return Err(PriceModelError::NoSeries);
            }
            Ok(((x[0] - 0.3).powi(2), [2.0 * (x[0] - 0.3)]))
        };
        let found = minimise(guarded, [-2.0], 2.5, 50).expect("the start is fine");
        assert!((found.point.position[0] - 0.3).abs() < 1e-4);
        assert!(minimise(guarded, [1.0], 2.5, 50).is_err());
    }
}
