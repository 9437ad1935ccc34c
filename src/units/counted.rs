//! Numbers of things as people say them.
//!
//! In: a number and the word for one of them. Out: `1 unit`, `2,000 units`.

use super::money::group_thousands;

/// `1 unit`, `2,000 units`.
pub(crate) fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count: u64 = count.try_into().unwrap_or(u64::MAX);
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", group_thousands(&count.to_string()))
}

/// `1 unit is late`, `2 units are late`, of a clause that speaks of many and begins with its verb.
pub(crate) fn counted_that(count: impl TryInto<u64>, noun: &str, clause: &str) -> String {
    let count: u64 = count.try_into().unwrap_or(u64::MAX);
    let (verb, rest) = clause.split_once(' ').unwrap_or((clause, ""));
    let of_one = match verb {
        "are" => "is",
        "were" => "was",
        "have" => "has",
        "carry" => "carries",
        "run" => "runs",
        "stand" => "stands",
        "look" => "looks",
        as_of_many => as_of_many,
    };
    let verb = if count == 1 { of_one } else { verb };
    format!("{} {verb} {rest}", counted(count, noun))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_many_are_many() {
        assert_eq!(counted_that(1, "asset", "carry drives"), "1 asset carries drives");
        assert_eq!(counted_that(3, "asset", "are late"), "3 assets are late");
        assert_eq!(
            [0_u64, 1, 2, 1234].map(|count| counted(count, "unit")),
            ["0 units", "1 unit", "2 units", "1,234 units"]
        );
    }
}
