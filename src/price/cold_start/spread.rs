//! The interval: quantiles of errors on generations left out, by condition, and kept in order.
//!
//! In: errors with the weight of their generation (1/sqrt of its sales, so that one well-sold generation does not speak for
//! all) and their condition. Out: 10, 50 and 90 % points by condition, `n / (n + 100)` of them its own and the rest that of
//! all conditions; at least 0.02 between the median and either end.

use std::collections::BTreeMap;

use super::columns::Condition;
use crate::price::state_space::quantiles::{Quantiles, weighted_quantile};

/// Sales at which a condition's own quantiles count as much as those of all.
const SHRINKAGE_SALES: f64 = 100.0;

/// Least distance of either end from the median, log price.
const LEAST_HALF_WIDTH: f64 = 0.02;

/// One error on a generation that the fit had not seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeftOutError<'a> {
    /// Name of the product.
    pub(super) product: &'a str,
    /// Actual less forecast, log price.
    pub(super) error: f64,
    /// Weight of its generation.
    pub(super) weight: f64,
    /// Position of the condition.
    pub(super) condition: usize,
}

/// Error quantiles and numbers of sales by condition.
pub(super) fn by_condition(errors: &[LeftOutError]) -> (Vec<Quantiles>, Vec<usize>) {
    let of = |wanted: Option<usize>| -> Vec<(f64, f64)> {
        let chosen = errors.iter().filter(|one| wanted.is_none_or(|wanted| one.condition == wanted));
        chosen.map(|one| (one.error, one.weight)).collect()
    };
    let all = points(&of(None));
    let own = (0..Condition::ALL.len()).map(|condition| {
        let own = of(Some(condition));
        let count = own.len() as f64;
        let mixed = all.pooled(&points(&own), count / (count + SHRINKAGE_SALES));
        let widened = Quantiles {
            lower: mixed.lower.min(mixed.median - LEAST_HALF_WIDTH),
            upper: mixed.upper.max(mixed.median + LEAST_HALF_WIDTH),
            ..mixed
        };
        (widened, own.len())
    });
    own.unzip()
}

/// Share of the mean squared error that is common to the sales of one product: mean squares within products against those
/// of all errors, less what chance leaves in a product's mean.
pub(super) fn common_share(errors: &[LeftOutError]) -> f64 {
    let mut products: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for one in errors {
        let sums = products.entry(one.product).or_default();
        *sums = (sums.0 + 1.0, sums.1 + one.error, sums.2 + one.error.powi(2));
    }
    let (mut total, mut within, mut freedom) = (0.0, 0.0, 0.0);
    for (count, sum, squares) in products.into_values() {
        total += squares;
        within += squares - sum * sum / count;
        freedom += count - 1.0;
    }
    let mean_square = total / errors.len() as f64;
    (1.0 - within / freedom / mean_square).clamp(0.0, 1.0)
}

/// The three points of weighted errors, zero where there are none.
fn points(errors: &[(f64, f64)]) -> Quantiles {
    let at = |level| weighted_quantile(errors.to_vec(), level).unwrap_or(0.0);
    Quantiles { lower: at(0.1), median: at(0.5), upper: at(0.9) }
}

/// The same forecasts, each point pooled with its neighbours where a better condition would be below a worse one. Pooling
/// with the same weights keeps the three points in order too.
pub(super) fn in_order(ladder: &[Quantiles; Condition::ALL.len()], sales: &[usize]) -> Vec<Quantiles> {
    let rising = |point: fn(&Quantiles) -> f64| {
        let values: Vec<f64> = ladder.iter().map(point).collect();
        pool_adjacent_violators(&values, sales)
    };
    let (lower, median, upper) = (rising(|one| one.lower), rising(|one| one.median), rising(|one| one.upper));
    let joined = lower.into_iter().zip(median).zip(upper);
    joined.map(|((lower, median), upper)| Quantiles { lower, median, upper }).collect()
}

/// The rising sequence nearest to the values in weighted squares; one more than the sales is the weight.
fn pool_adjacent_violators(values: &[f64], sales: &[usize]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (value, sales) in values.iter().zip(sales) {
        blocks.push((*value, *sales as f64 + 1.0, 1));
        while let [.., before, last] = blocks.as_slice()
            && before.0 > last.0
        {
            let weight = before.1 + last.1;
            let mean = (before.0 * before.1 + last.0 * last.1) / weight;
            let pooled = (mean, weight, before.2 + last.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(pooled);
        }
    }
    blocks.into_iter().flat_map(|(value, _, count)| std::iter::repeat_n(value, count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_leaves_a_rising_sequence_alone_and_averages_a_falling_one() {
        assert_eq!(pool_adjacent_violators(&[1.0, 2.0, 3.0], &[5, 0, 9]), [1.0, 2.0, 3.0]);
        // Weights 1, 3 and 4: (1*3 + 3*1 + 4*0.5) / 8.
        assert_eq!(pool_adjacent_violators(&[3.0, 1.0, 0.5], &[0, 2, 3]), [1.0, 1.0, 1.0]);
        assert_eq!(pool_adjacent_violators(&[0.0, 4.0, 2.0, 3.5], &[0, 0, 0, 0]), [0.0, 3.0, 3.0, 3.5]);
    }

    #[test]
    fn a_rare_condition_takes_the_spread_of_all_and_a_common_one_its_own() {
        let errors = |condition: usize, count: usize, reach: f64| {
            (0..count).map(move |at| LeftOutError {
                product: "any",
                error: reach * (2.0 * at as f64 / (count - 1) as f64 - 1.0),
                weight: 1.0,
                condition,
            })
        };
        let all: Vec<LeftOutError> = errors(1, 10_000, 0.1).chain(errors(7, 5, 1.0)).collect();
        let (quantiles, sales) = by_condition(&all);
        assert_eq!((sales[1], sales[7], sales[3]), (10_000, 5, 0));
        assert!((quantiles[1].upper - 0.08).abs() < 0.001, "{:?}", quantiles[1]);
        assert!(quantiles[7].upper < 0.15, "{:?}", quantiles[7]);
        assert!((quantiles[3].upper - 0.08).abs() < 0.001, "{:?}", quantiles[3]);
    }

    #[test]
    fn even_perfect_forecasts_keep_two_per_cent_of_doubt() {
        let exact = LeftOutError { product: "any", error: 0.0, weight: 1.0, condition: 2 };
        let (quantiles, _) = by_condition(&[exact; 400]);
        assert_eq!((quantiles[2].lower, quantiles[2].upper), (-0.02, 0.02));
    }
}
