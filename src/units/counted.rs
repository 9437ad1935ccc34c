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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_many_are_many() {
        assert_eq!(
            [0_u64, 1, 2, 1234].map(|count| counted(count, "unit")),
            ["0 units", "1 unit", "2 units", "1,234 units"]
        );
    }
}
