//! Equal annual cost and the best life of a unit that is always replaced by its like.
//!
//! In: purchase price, market value at the end of each period, expense of each period, interest per period.
//! Out: equal cost per period for every life. With `v = 1/(1+i)`,
//!
//! `E(n) = (P − v^n S_n + Σ_{k≤n} v^k c_k) · i / (1 − v^n)`
//!
//! (Sullivan, Wicks and Koelling, Engineering Economy, chapter 9). The whole horizon is searched: costs need not
//! have a single dip.

/// Present value of buying once and keeping for `life` periods: price plus expenses minus the value at the end.
/// Expenses fall at the end of their period.
pub fn cycle_cost(price: f64, values: &[f64], expenses: &[f64], interest: f64, life: usize) -> f64 {
    let factor = 1.0 / (1.0 + interest);
    let mut discount = 1.0;
    let mut total = price;
    for expense in &expenses[..life] {
        discount *= factor;
        total += discount * expense;
    }
    total - discount * values[life - 1]
}

/// Equal cost per period for lives of 1 to `values.len()` periods. `interest` above zero.
pub fn equal_costs(price: f64, values: &[f64], expenses: &[f64], interest: f64) -> Vec<f64> {
    (1..=values.len().min(expenses.len()))
        .map(|life| {
            let annuity = interest / (1.0 - (1.0 + interest).powi(-(life as i32)));
            cycle_cost(price, values, expenses, interest, life) * annuity
        })
        .collect()
}

/// The life of least equal cost, in periods from 1.
pub fn best_life(equal_costs: &[f64]) -> usize {
    equal_costs.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(1, |(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rounded(costs: &[f64]) -> Vec<String> {
        costs.iter().map(|cost| format!("{cost:.2}")).collect()
    }

    #[test]
    fn engineering_economy_example_9_4_holds_to_the_cent() {
        let values = [22_500.0, 16_875.0, 12_750.0, 9_750.0, 7_125.0];
        let expenses = [3_000.0, 4_500.0, 7_000.0, 10_000.0, 13_000.0];
        let costs = equal_costs(30_000.0, &values, &expenses, 0.10);
        assert_eq!(rounded(&costs), ["13500.00", "12964.29", "12918.43", "13210.73", "13765.88"]);
        assert_eq!(best_life(&costs), 3);
    }

    #[test]
    fn a_machine_that_loses_fifteen_thousand_a_year_is_best_kept_one_year() {
        let values: Vec<f64> = (1..=5).map(|year| 80_000.0 - 15_000.0 * f64::from(year)).collect();
        let expenses: Vec<f64> = (0..5).map(|year| 10_000.0 + 2_000.0 * f64::from(year)).collect();
        let costs = equal_costs(80_000.0, &values, &expenses, 0.10);
        assert_eq!(rounded(&costs), ["33000.00", "33238.10", "33468.28", "33690.58", "33905.06"]);
        assert_eq!(best_life(&costs), 1);
    }

    proptest! {
        #[test]
        fn equal_cost_falls_exactly_while_the_next_marginal_cost_is_below_it(
            falls in prop::collection::vec(0.0..5e3_f64, 2..12),
            expenses in prop::collection::vec(0.0..5e3_f64, 12),
        ) {
            let price = 50_000.0;
            let mut value = price;
            let values: Vec<f64> = falls.iter().map(|fall| { value -= fall; value }).collect();
            let costs = equal_costs(price, &values, &expenses, 0.1);
            for year in 1..costs.len() {
                let marginal = 1.1 * values[year - 1] - values[year] + expenses[year];
                prop_assert_eq!(costs[year] < costs[year - 1] - 1e-9, marginal < costs[year - 1] - 1e-9);
            }
        }
    }
}
