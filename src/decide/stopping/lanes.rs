//! Loops of the lattice that the processor takes several steps of at a time.
//!
//! In: slices of one length. Out: the same numbers, to the bit, as one node after the other would give: no sum is taken in
//! another order. Which instructions are used is decided when the program runs (`pulp`), so that one program serves every
//! processor.

use pulp::Arch;

/// A straight line over the price: what one way out nets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    /// Part of each unit of price.
    pub slope: f64,
    /// What comes on top.
    pub intercept: f64,
}

/// The greatest of lines at each price; `otherwise` where there is none.
pub(crate) fn greatest_of(
    lines: impl Iterator<Item = Line>,
    prices: &[f64],
    otherwise: f64,
    into: &mut [f64],
) {
    let arch = Arch::new();
    let mut is_first = true;
    for line in lines {
        if std::mem::take(&mut is_first) {
            arch.dispatch(|| first_line(line, prices, into));
        } else {
            arch.dispatch(|| greater_line(line, prices, into));
        }
    }
    if is_first {
        into.fill(otherwise);
    }
}

#[inline(always)]
fn first_line(line: Line, prices: &[f64], into: &mut [f64]) {
    for (net, price) in into.iter_mut().zip(prices) {
        *net = line.slope * price + line.intercept;
    }
}

#[inline(always)]
fn greater_line(line: Line, prices: &[f64], into: &mut [f64]) {
    for (net, price) in into.iter_mut().zip(prices) {
        let other = line.slope * price + line.intercept;
        *net = if other > *net { other } else { *net };
    }
}

/// Takes `factor × value − less` in place of each value.
pub(crate) fn scale(values: &mut [f64], factor: f64, less: f64) {
    Arch::new().dispatch(|| values.iter_mut().for_each(|value| *value = factor * *value - less));
}

/// Each node with the price `center × exponential`.
pub(super) fn prices_at(center: f64, exponentials: &[f64], into: &mut [f64]) {
    Arch::new().dispatch(|| {
        for (price, exponential) in into.iter_mut().zip(exponentials) {
            *price = center * exponential;
        }
    });
}

/// Adds `weight × (lower + upper)` to each sum.
pub(super) fn add_pairs(sums: &mut [f64], weight: f64, lower: &[f64], upper: &[f64]) {
    Arch::new().dispatch(|| {
        for ((sum, lower), upper) in sums.iter_mut().zip(lower).zip(upper) {
            *sum += weight * (lower + upper);
        }
    });
}

/// The better of leaving and waiting, and what leaving gains over waiting.
pub(super) fn better_of(payoffs: &[f64], waiting: &[f64], values: &mut [f64], gains: &mut [f64]) {
    Arch::new().dispatch(|| {
        for (((payoff, waiting), value), gain) in payoffs.iter().zip(waiting).zip(values).zip(gains) {
            *gain = payoff - waiting;
            *value = if payoff > waiting { *payoff } else { *waiting };
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e6..1e6_f64, 1..70)
    }

    proptest! {
        #[test]
        fn lanes_give_the_bits_of_one_node_after_the_other(
            prices in numbers(), other in numbers(),
            lines in prop::collection::vec((-2.0..2.0_f64, -1e4..1e4_f64), 0..7), weight in -1.0..1.0_f64,
        ) {
            let count = prices.len().min(other.len());
            let (prices, other) = (&prices[..count], &other[..count]);
            let lines: Vec<Line> =
                lines.into_iter().map(|(slope, intercept)| Line { slope, intercept }).collect();
            let mut nets = vec![0.0; count];
            greatest_of(lines.iter().copied(), prices, -7.0, &mut nets);
            let (mut sums, mut values, mut gains) = (other.to_vec(), vec![0.0; count], vec![0.0; count]);
            add_pairs(&mut sums, weight, prices, &nets);
            better_of(prices, other, &mut values, &mut gains);
            let mut scaled = prices.to_vec();
            scale(&mut scaled, weight, 3.0);
            let mut at = vec![0.0; count];
            prices_at(weight, prices, &mut at);
            for node in 0..count {
                let price = prices[node];
                let net = lines.iter().map(|line| line.slope * price + line.intercept);
                let net = net.fold(f64::NEG_INFINITY, f64::max);
                prop_assert_eq!(nets[node].to_bits(), if lines.is_empty() { -7.0_f64 } else { net }.to_bits());
                prop_assert_eq!(sums[node].to_bits(), (other[node] + weight * (price + nets[node])).to_bits());
                prop_assert_eq!(values[node].to_bits(), price.max(other[node]).to_bits());
                prop_assert_eq!(gains[node].to_bits(), (price - other[node]).to_bits());
                prop_assert_eq!(scaled[node].to_bits(), (weight * price - 3.0).to_bits());
                prop_assert_eq!(at[node].to_bits(), (weight * price).to_bits());
            }
        }
    }
}
