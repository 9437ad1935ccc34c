//! Public prices of a product as dots beside its forecast.
//!
//! In: comparables of the product, the month from which one looks, the policy with its exchange rates. Out: [`Dot`]s in the
//! currency of the plan, the oldest first. Prices whose currency has no rate are left out.

use crate::decide::Policy;
use crate::market::Comparable;
use crate::report::words::{whole, whole_with_currency};
use crate::units::{Currency, Month};

/// Prices shown of one product, the nearest in time.
pub(in crate::report) const MOST_DOTS: usize = 8;

/// How far back a dot is drawn, months.
const OLDEST: i32 = 36;

/// A price that was published.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dot {
    /// Months ahead of the first month; negative in the past.
    pub ahead: i32,
    /// Amount.
    pub price: f64,
    month: Month,
    currency: Currency,
    basis: &'static str,
}

/// The dots of a product with these comparables, the nearest in time first.
pub(super) fn dots(comparables: &[&'static Comparable], start: Month, policy: &Policy) -> Vec<Dot> {
    let rates = policy.rates();
    let found = comparables.iter().take(MOST_DOTS).filter_map(|one| {
        let currency: Currency = one.currency.parse().ok()?;
        let factor = rates.factor(currency, policy.currency).ok()?;
        let price = one.price.parse::<f64>().ok()? * factor;
        let ahead = one.month.months_since(start);
        Some(Dot { ahead, price, month: one.month, currency: policy.currency, basis: &one.basis })
    });
    let mut dots: Vec<Dot> = found.filter(|dot| dot.ahead <= 0).collect();
    dots.sort_by(|a, b| a.ahead.cmp(&b.ahead).then(a.price.total_cmp(&b.price)));
    dots
}

impl Dot {
    /// Whether somebody paid it.
    pub(super) fn is_sold(&self) -> bool {
        self.basis == "sold"
    }

    /// Whether it is young enough to be drawn.
    pub(super) const fn is_recent(&self) -> bool {
        self.ahead >= -OLDEST
    }

    /// `sold 1,200`.
    pub(super) fn in_short(&self) -> String {
        format!("{} {}", self.basis, whole(self.price, self.currency))
    }

    /// `sold for 1,200 USD in Mar 2026`.
    pub(super) fn in_words(&self) -> String {
        let amount = whole_with_currency(self.price, self.currency);
        format!("{} {amount} in {}", if self.is_sold() { "sold for" } else { "asked" }, self.month.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::nearest;

    #[test]
    fn dots_are_public_prices_in_the_currency_of_the_plan_oldest_first() {
        let policy = Policy::built_in();
        let start: Month = "2026-11".parse().unwrap();
        let dots_of = |product| dots(&nearest(product, start, MOST_DOTS), start, &policy);
        let found = dots_of("Dell PowerEdge R730");
        assert!(!found.is_empty() && found.iter().all(|dot| dot.price > 0.0 && dot.ahead <= 0));
        assert!(found.windows(2).all(|pair| pair[0].ahead <= pair[1].ahead));
        assert!(found[0].in_words().contains(" USD in "), "{}", found[0].in_words());
        assert!(dots_of("no such product").is_empty());
    }
}
