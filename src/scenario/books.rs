//! How a unit stands in the books when it leaves.
//!
//! In: a planned cohort and what one of its units cost. Out: its book of each kind. This is the one place that knows which
//! books are kept: the owner's own (the method of the register or of the policy, straight line by default) and the tax
//! book of the United States (MACRS, five years, half-year convention).

use crate::book::{Book, Macrs, Method};
use crate::decide::PlannedCohort;
use crate::fleet::Asset;
use crate::units::{Currency, ExchangeRates};

/// The books that are kept.
pub const BOOKS: [&str; 2] = ["own book", "MACRS 5 years"];

/// The books of one unit, in the order of [`BOOKS`]. A unit without cost or date stands in none.
pub(super) fn books_of(
    planned: &PlannedCohort,
    asset: &Asset,
    rates: &ExchangeRates,
    currency: Currency,
) -> [Option<Book>; 2] {
    let Some(own) = planned.book else { return [None, None] };
    let cost = asset
        .purchase_cost
        .and_then(|(amount, paid_in)| rates.factor(paid_in, currency).ok().map(|factor| amount * factor));
    let in_service = asset.in_service_date.or(asset.purchase_date);
    let tax = cost.zip(in_service).and_then(|(cost, date)| {
        let method = Method::Macrs(Macrs::FIVE);
        Book::new(method, cost, 0.0, 60, date.month()).ok()
    });
    [Some(own), tax]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Month;

    #[test]
    fn in_the_year_of_disposal_the_tax_book_takes_half_a_year() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let straight = Book::new(Method::StraightLine, 900.0, 90.0, 36, month("2024-03")).unwrap();
        assert_eq!(straight.fully_depreciated(), month("2027-03"));
        assert_eq!(straight.value_gone_in(month("2025-03")), 630.0);
        let tax = Book::new(Method::Macrs(Macrs::FIVE), 1_000.0, 0.0, 60, month("2024-03")).unwrap();
        assert_eq!(tax.fully_depreciated(), month("2029-12"));
        // 20 % and half of 32 %.
        assert!((tax.value_gone_in(month("2025-03")) - 640.0).abs() < 1e-9);
    }
}
