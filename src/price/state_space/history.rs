//! Log prices of one series by month, as the steps after the fit use them.
//!
//! In: months and ln prices. Out: a `History` in strictly ascending order of
//! months, and its steps and pairs.

use super::error::PriceModelError;

/// The ln prices of one series in ascending order of months.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    months: Vec<i32>,
    ln_prices: Vec<f64>,
}

impl History {
    /// Checks and takes the prices of one series.
    ///
    /// # Errors
    /// When the lengths differ, the months do not ascend or a price is not
    /// finite.
    pub fn new(months: Vec<i32>, ln_prices: Vec<f64>) -> Result<Self, PriceModelError> {
        let refuse = |reason| Err(PriceModelError::BadHistory { reason });
        if months.len() != ln_prices.len() {
            return refuse("there are not as many prices as months");
        }
        if !months.is_sorted_by(|one, next| one < next) {
            return refuse("the months do not ascend");
        }
        if !ln_prices.iter().all(|value| value.is_finite()) {
            return refuse("a price is not finite");
        }
        Ok(Self { months, ln_prices })
    }

    /// The part of the history up to and with `origin`.
    #[must_use]
    pub fn until(&self, origin: i32) -> Self {
        let (months, ln_prices) = self.known_at(origin);
        Self { months: months.to_vec(), ln_prices: ln_prices.to_vec() }
    }

    /// Months and ln prices up to and with `origin`.
    #[must_use]
    pub fn known_at(&self, origin: i32) -> (&[i32], &[f64]) {
        let count = self.months.partition_point(|month| *month <= origin);
        (&self.months[..count], &self.ln_prices[..count])
    }

    /// Months with a price.
    #[must_use]
    pub fn months(&self) -> &[i32] {
        &self.months
    }

    /// The ln prices of these months.
    #[must_use]
    pub fn ln_prices(&self) -> &[f64] {
        &self.ln_prices
    }

    /// Last month and its ln price, if there is one.
    #[must_use]
    pub fn last(&self) -> Option<(i32, f64)> {
        Some((*self.months.last()?, *self.ln_prices.last()?))
    }

    /// The ln price of a month, if there is one.
    #[must_use]
    pub fn at(&self, month: i32) -> Option<f64> {
        let position = self.months.binary_search(&month).ok()?;
        Some(self.ln_prices[position])
    }

    /// Steps between neighbouring prices: later month, months between, change.
    pub fn steps(&self) -> impl Iterator<Item = (i32, i32, f64)> {
        let months = self.months.windows(2);
        let prices = self.ln_prices.windows(2);
        months
            .zip(prices)
            .map(|(month, price)| (month[1], month[1].saturating_sub(month[0]), price[1] - price[0]))
    }

    /// Changes over exactly `lag` months.
    pub fn changes(&self, lag: i32) -> impl Iterator<Item = f64> {
        self.months
            .iter()
            .zip(&self.ln_prices)
            .filter_map(move |(month, price)| Some(self.at(month.checked_add(lag)?)? - price))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_changes_respect_gaps() {
        let history = History::new(vec![1, 2, 5], vec![0.0, 0.1, 0.5]).expect("months ascend");
        let steps: Vec<_> = history.steps().map(|step| (step.0, step.1)).collect();
        assert_eq!(steps, [(2, 1), (5, 3)]);
        assert_eq!(history.changes(4).collect::<Vec<_>>(), [0.5]);
        assert_eq!(history.until(4).last(), Some((2, 0.1)));
        assert!(History::new(vec![2, 2], vec![0.0, 0.0]).is_err());
        assert!(History::new(vec![2], vec![f64::NAN]).is_err());
    }
}
