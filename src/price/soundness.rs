//! What a model that comes from a file may hold.
//!
//! In: a number of the file and what it is called. Out: nothing, or a sentence that says why no fit can have written it.
//! Ranges are wide, for they are no judgement of a market: they keep out what would make prices that are no numbers.

/// A sentence where something cannot be.
pub(super) type Sound = Result<(), String>;

/// Most that a log price, a coefficient of one or its spread may be: e^30 dollars are more than all hardware.
const MOST_LOG: f64 = 30.0;

/// Most that a weight, a sum of weights or an inverse of a variance may be.
const MOST_WEIGHT: f64 = 1e12;

/// First and last month, counted from year 0, that anything can have been seen in: the years 1900 and 2200.
const MONTHS: (i32, i32) = (1900 * 12, 2200 * 12);

fn within(what: &str, value: f64, least: f64, most: f64) -> Sound {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("{what} is {value}, and must be from {least} to {most}"))
    }
}

/// A log price, a coefficient, an effect.
pub(super) fn log(what: &str, value: f64) -> Sound {
    within(what, value, -MOST_LOG, MOST_LOG)
}

/// Log prices, coefficients, effects.
pub(super) fn logs<'a>(what: &str, values: impl IntoIterator<Item = &'a f64>) -> Sound {
    values.into_iter().try_for_each(|value| log(what, *value))
}

/// A standard deviation or a variance of a log price.
pub(super) fn spread(what: &str, value: f64) -> Sound {
    within(what, value, 0.0, MOST_LOG)
}

/// A share.
pub(super) fn share(what: &str, value: f64) -> Sound {
    within(what, value, 0.0, 1.0)
}

/// A factor on a spread that never makes it smaller.
pub(super) fn widening(what: &str, value: f64) -> Sound {
    within(what, value, 1.0, MOST_LOG)
}

/// A sum of weights or an entry of an inverse.
pub(super) fn weight(what: &str, value: f64) -> Sound {
    within(what, value, -MOST_WEIGHT, MOST_WEIGHT)
}

/// A price in dollars, or a rate of exchange.
pub(super) fn positive(what: &str, value: f64) -> Sound {
    within(what, value, f64::MIN_POSITIVE, MOST_WEIGHT)
}

/// A month, counted from year 0.
pub(super) fn month(what: &str, value: i32) -> Sound {
    let (first, last) = MONTHS;
    if (first..=last).contains(&value) {
        Ok(())
    } else {
        Err(format!("{what} is month {value} from year 0, and must be from {first} to {last}"))
    }
}

/// Lists that must be as long as each other.
pub(super) fn as_many(what: &str, found: usize, wanted: usize) -> Sound {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found} stand where {wanted} belong")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_fit_can_have_written_is_refused_with_its_name_and_range() {
        assert_eq!(spread("product_sd", -0.1).unwrap_err(), "product_sd is -0.1, and must be from 0 to 30");
        assert!(log("effect", f64::NAN).is_err());
        assert!(log("effect", 31.0).is_err());
        assert!(logs("effects", &[0.0, -30.0, 30.0]).is_ok());
        assert!(share("common_share", 1.000_1).is_err());
        assert!(widening("interval_scales", 0.99).is_err());
        assert!(weight("effect", f64::INFINITY).is_err());
        assert!(positive("dollars_per_unit", 0.0).is_err());
        assert!(month("origin", 2026 * 12).is_ok() && month("origin", 12).is_err());
        assert_eq!(as_many("covariance", 3, 6).unwrap_err(), "covariance: 3 stand where 6 belong");
    }
}
