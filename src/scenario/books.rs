//! How a unit stands in the books when it leaves.
//!
//! In: a planned cohort and what one of its units cost. Out: its book of each kind. This is the one place that knows which
//! books are kept: the owner's own (the method of the register or of the policy, straight line by default) and the tax
//! book of the United States (MACRS, five years, half-year convention).

use crate::book::{Book, Convention, MacrsYears, Method};
use crate::decide::PlannedCohort;
use crate::fleet::Asset;
use crate::units::{Currency, ExchangeRates, Month};

/// The books that are kept.
pub const BOOKS: [&str; 2] = ["own book", "MACRS 5 years"];

/// Months after which every book is written down.
const LONGEST: i32 = 12 * 60;

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
        let method = Method::Macrs { period: MacrsYears::Five, convention: Convention::HalfYear };
        Book::new(method, cost, 0.0, 60, date.month()).ok()
    });
    [Some(own), tax]
}

/// The first month at whose end nothing is left to write down.
pub(super) fn written_off(book: &Book, as_of: Month) -> Month {
    let rest = book.value_at(as_of.plus(LONGEST));
    let done = |months: i32| book.value_at(as_of.plus(months)) <= rest + 0.005;
    let (mut before, mut after) = (-LONGEST, LONGEST);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if done(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    as_of.plus(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_written_off_at_the_end_of_its_life_and_macrs_in_december_of_the_sixth_year() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        let straight = Book::new(Method::StraightLine, 900.0, 90.0, 36, month("2024-03")).unwrap();
        assert_eq!(written_off(&straight, month("2026-11")), month("2027-03"));
        let macrs = Method::Macrs { period: MacrsYears::Five, convention: Convention::HalfYear };
        let tax = Book::new(macrs, 900.0, 0.0, 60, month("2024-03")).unwrap();
        assert_eq!(written_off(&tax, month("2026-11")), month("2029-12"));
    }
}
