//! At which prices to leave in one month.
//!
//! In: the gain of leaving over waiting at rising prices. Out: the ranges of price where leaving is better. Usually it
//! is one range without an upper end, and its lower end is the reservation price; but a price that is expected to rise
//! makes the dear ones wait and the cheap ones go, and a waiting cost that changes can leave a gap between two ranges.

use std::fmt;

use crate::units::cents;

/// A range of prices; an end that is missing is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriceRange {
    /// Lowest price of it.
    pub least: Option<f64>,
    /// Highest price of it.
    pub most: Option<f64>,
}

/// The prices at which to leave, lowest range first; none where waiting is better at every price in reach.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeavingPrices {
    /// Ranges that do not touch.
    pub ranges: Vec<PriceRange>,
}

impl LeavingPrices {
    /// Finds the ranges: `gains` is what leaving is worth more than waiting at each of `prices`, which rise.
    pub(super) fn from_gains(gains: &[f64], prices: &[f64], indifferent: f64) -> LeavingPrices {
        let leaves = |index: usize| gains[index] >= -indifferent;
        let mut ranges: Vec<PriceRange> = Vec::new();
        let mut open = leaves(0).then_some(PriceRange { least: None, most: None });
        for index in 1..gains.len() {
            if leaves(index) == leaves(index - 1) {
                continue;
            }
            let (before, after) = (gains[index - 1] + indifferent, gains[index] + indifferent);
            let share = (before / (before - after)).clamp(0.0, 1.0);
            let edge = prices[index - 1] + share * (prices[index] - prices[index - 1]);
            match open.take() {
                Some(range) => ranges.push(PriceRange { most: Some(edge), ..range }),
                None => open = Some(PriceRange { least: Some(edge), most: None }),
            }
        }
        ranges.extend(open);
        LeavingPrices { ranges }
    }

    /// Whether waiting is better at every price.
    pub const fn is_never(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether leaving is better at every price.
    pub fn is_always(&self) -> bool {
        self.ranges == [PriceRange { least: None, most: None }]
    }

    /// The price from which on every offer is to be taken: 0 where any is, `None` where a dear offer is to be refused.
    pub fn reservation_price(&self) -> Option<f64> {
        let top = self.ranges.last().filter(|range| range.most.is_none())?;
        Some(top.least.unwrap_or(0.0))
    }

    /// Whether to leave at a price.
    pub fn contains(&self, price: f64) -> bool {
        self.ranges.iter().any(|range| {
            range.least.is_none_or(|least| price >= least) && range.most.is_none_or(|most| price <= most)
        })
    }
}

impl fmt::Display for LeavingPrices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_never() {
            return formatter.write_str("at no price");
        }
        for (position, range) in self.ranges.iter().enumerate() {
            if position > 0 {
                formatter.write_str(" or ")?;
            }
            match (range.least, range.most) {
                (None, None) => formatter.write_str("at any price")?,
                (Some(least), None) => write!(formatter, "at least {}", cents(least))?,
                (None, Some(most)) => write!(formatter, "at most {}", cents(most))?,
                (Some(least), Some(most)) => {
                    write!(formatter, "between {} and {}", cents(least), cents(most))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(gains: &[f64]) -> LeavingPrices {
        let prices: Vec<f64> = (0..gains.len()).map(|index| 10.0 * (index + 1) as f64).collect();
        LeavingPrices::from_gains(gains, &prices, 0.0)
    }

    #[test]
    fn ranges_end_where_the_gain_changes_its_sign() {
        assert_eq!(of(&[-1.0, -1.0, 1.0, 2.0]).reservation_price(), Some(25.0));
        assert_eq!(of(&[1.0, 2.0, 3.0]).reservation_price(), Some(0.0));
        assert_eq!(of(&[-1.0, -2.0, -3.0]).reservation_price(), None);
        assert_eq!(of(&[1.0, -1.0, -1.0]).reservation_price(), None);
        let both = of(&[1.0, -1.0, -1.0, 1.0]);
        assert_eq!(both.reservation_price(), Some(35.0));
        assert!(both.contains(12.0) && !both.contains(20.0) && both.contains(36.0));
    }

    #[test]
    fn every_shape_is_said_in_words() {
        assert_eq!(of(&[-1.0, 1.0]).to_string(), "at least 15.00");
        assert_eq!(of(&[1.0, -1.0]).to_string(), "at most 15.00");
        assert_eq!(of(&[1.0, 1.0]).to_string(), "at any price");
        assert_eq!(of(&[-1.0, -1.0]).to_string(), "at no price");
        assert_eq!(of(&[-1.0, 1.0, -1.0]).to_string(), "between 15.00 and 25.00");
        assert_eq!(of(&[1.0, -1.0, 1.0]).to_string(), "at most 15.00 or at least 25.00");
    }
}
