//! Shares and probabilities in per cent.
//!
//! In: a share, 1 for all. Out: `35 %` with a true minus sign and no minus before nought, in the form that the place asks for:
//! as read ([`percent`]), as given ([`as_given`]), or with a fixed number of decimals ([`whole`], [`tenths`], [`number`]).

use super::words::rounded;

/// A share as one reads it: `35 %`; near nothing and near all, where a tenth matters, with a tenth.
pub(super) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    let fine = value.abs() < 9.95 || (99.0..99.95).contains(&value);
    if fine { as_given(share) } else { whole(share) }
}

/// A share that somebody set, to a tenth where it has one: `8 %`, `62.5 %`.
pub(super) fn as_given(share: f64) -> String {
    let text = number(share, 1);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// A share in whole per cent: `−4 %`.
pub(super) fn whole(share: f64) -> String {
    format!("{} %", number(share, 0))
}

/// A share in tenths of a per cent: `3.0 %`.
pub(super) fn tenths(share: f64) -> String {
    format!("{} %", number(share, 1))
}

/// The bare number, for columns whose head has the sign: `12.34`.
pub(super) fn number(share: f64, decimals: usize) -> String {
    rounded(100.0 * share, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_in_whole_per_cent_and_in_tenths_near_the_ends() {
        let read = [0.35, 0.081, 0.08, 0.994, 1.0, -0.043, -0.0001].map(percent);
        assert_eq!(read, ["35 %", "8.1 %", "8 %", "99.4 %", "100 %", "−4.3 %", "0 %"]);
    }

    #[test]
    fn each_form_has_its_decimals_a_true_minus_and_no_minus_nought() {
        assert_eq!([as_given(0.625), as_given(0.7)], ["62.5 %", "70 %"]);
        assert_eq!([whole(0.204), whole(-0.041), whole(-0.001)], ["20 %", "−4 %", "0 %"]);
        assert_eq!([tenths(-0.0004), tenths(0.0351)], ["0.0 %", "3.5 %"]);
        assert_eq!([number(0.12345, 2), number(-0.5, 0)], ["12.35", "−50"]);
    }
}
