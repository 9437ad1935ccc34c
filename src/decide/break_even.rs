//! What would change the answer.
//!
//! In: the present value of leaving at each month as a function of the energy tariff and of the resale price. Out: the
//! tariff and the price at which leaving in the best month and another answer are equally good, found where their
//! difference is nought, and the months of delay after which the delay has cost as much as the unit brings in. The other
//! answers to "go" are to go a year sooner (at the earliest now) or a year later, to "keep" it is to go now.

/// What would change the answer; `None` where nothing does.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BreakEven {
    /// Energy tariff per kWh.
    pub energy_price: Option<f64>,
    /// Price of the unit in the open market now; the whole path moves with it.
    pub resale_price: Option<f64>,
    /// Months of delay past the best month.
    pub delay_months: Option<f64>,
}

/// The most a tariff or price is varied, as a multiple of what it is.
const MOST: f64 = 20.0;

/// The multiple of a figure, from 0 to 20, at which `difference` is nought: the one nearest to 1 on the side where it
/// lies. `difference` is not positive at 1.
pub(super) fn multiple(difference: impl Fn(f64) -> f64) -> Option<f64> {
    let less = root(&difference, 0.0, 1.0);
    let more = root(&difference, 1.0, MOST);
    match (less, more) {
        (Some(less), Some(more)) => Some(if 1.0 - less <= more - 1.0 { less } else { more }),
        (one, other) => one.or(other),
    }
}

/// Months past the best one after which waiting has cost `recovery`, between months by a straight line.
pub(super) fn delay(present_values: &[f64], best: usize, recovery: f64) -> Option<f64> {
    if recovery <= 0.0 {
        return None;
    }
    let lost = |ahead: usize| present_values[ahead] - present_values[best];
    let month = (best + 1..present_values.len()).find(|ahead| lost(*ahead) >= recovery)?;
    let part = (recovery - lost(month - 1)) / (lost(month) - lost(month - 1));
    Some((month - 1 - best) as f64 + part)
}

/// Where a function changes its sign between two points (regula falsi, the Illinois rule of Dowell and Jarratt, 1971).
fn root(function: &impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let (mut a, mut b) = ((low, function(low)), (high, function(high)));
    let crosses = a.1 * b.1 < 0.0;
    if !crosses {
        return None;
    }
    for _ in 0..100 {
        let at = (a.0 * b.1 - b.0 * a.1) / (b.1 - a.1);
        let value = function(at);
        if value == 0.0 || (b.0 - a.0).abs() < 1e-12 * high {
            return Some(at);
        }
        if value * b.1 < 0.0 {
            a = b;
        } else {
            a.1 *= 0.5;
        }
        if (at - b.0).abs() < 1e-12 * high {
            return Some(at);
        }
        b = (at, value);
    }
    Some(b.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_straight_line_is_nought_where_it_crosses() {
        assert!((multiple(|at| at - 3.0).unwrap() - 3.0).abs() < 1e-9);
        assert!((multiple(|at| 0.25 - at).unwrap() - 0.25).abs() < 1e-9);
        assert_eq!(multiple(|_| -1.0), None);
    }

    #[test]
    fn a_delay_is_measured_between_months() {
        assert_eq!(delay(&[10.0, 0.0, 4.0, 12.0], 1, 8.0), Some(1.5));
        assert_eq!(delay(&[10.0, 0.0, 4.0, 12.0], 1, 80.0), None);
        assert_eq!(delay(&[10.0, 0.0, 4.0], 1, -1.0), None);
    }

    proptest! {
        #[test]
        fn at_the_break_even_the_two_answers_are_worth_the_same(
            steep in 0.1..5.0_f64,
            cross in 0.0..19.0_f64,
            bend in 0.0..0.3_f64,
        ) {
            let difference = |at: f64| steep * (at - cross) + bend * (at - cross).powi(3);
            prop_assume!((cross - 1.0).abs() > 1e-3);
            let found = multiple(difference).unwrap();
            prop_assert!(difference(found).abs() < 1e-6);
        }
    }
}
