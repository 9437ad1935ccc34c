//! MACRS, the United States tax schedule (IRS Publication 946, appendix A).
//!
//! In: recovery period and convention. Out: per cent of the basis by tax year. The published tables are stored
//! as printed (they are rounded so that every column adds to 100); [`half_year_formula`] is the bare rule,
//! 200 % declining balance switching to straight line with half a year at either end, and agrees with them
//! within 0.01 point.

/// Recovery period of IT property and its relatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum MacrsYears {
    Three,
    Five,
    Seven,
}

impl MacrsYears {
    /// Years of the recovery period.
    pub const fn years(self) -> usize {
        match self {
            MacrsYears::Three => 3,
            MacrsYears::Five => 5,
            MacrsYears::Seven => 7,
        }
    }

    /// The period of that many years.
    pub fn from_years(years: usize) -> Result<MacrsYears, MacrsError> {
        match years {
            3 => Ok(MacrsYears::Three),
            5 => Ok(MacrsYears::Five),
            7 => Ok(MacrsYears::Seven),
            _ => Err(MacrsError { years }),
        }
    }
}

/// When in its first year the property counts as placed in service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Convention {
    /// In the middle of the year.
    HalfYear,
    /// In the middle of the quarter (1 to 4); forced when more than 40 % of the year's personal property goes
    /// into service in the last quarter.
    MidQuarter(u8),
}

/// A recovery period MACRS does not have for this property.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("MACRS has no {years}-year period for IT property: use 3, 5 or 7")]
pub struct MacrsError {
    /// The years asked for.
    pub years: usize,
}

const HALF_YEAR_3: [f64; 4] = [33.33, 44.45, 14.81, 7.41];
const HALF_YEAR_5: [f64; 6] = [20.00, 32.00, 19.20, 11.52, 11.52, 5.76];
const HALF_YEAR_7: [f64; 8] = [14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46];
const MID_QUARTER_5_FIRST: [f64; 6] = [35.00, 26.00, 15.60, 11.01, 11.01, 1.38];

/// Per cent of the basis in each tax year. Sums to 100.
pub fn percentages(period: MacrsYears, convention: Convention) -> Vec<f64> {
    match (period, convention) {
        (MacrsYears::Three, Convention::HalfYear) => HALF_YEAR_3.to_vec(),
        (MacrsYears::Five, Convention::HalfYear) => HALF_YEAR_5.to_vec(),
        (MacrsYears::Seven, Convention::HalfYear) => HALF_YEAR_7.to_vec(),
        (MacrsYears::Five, Convention::MidQuarter(1)) => MID_QUARTER_5_FIRST.to_vec(),
        (period, Convention::MidQuarter(quarter)) => {
            let first_year = 1.0 - (f64::from(quarter) - 0.5) / 4.0;
            rounded_to_hundred(declining_with_switch(period.years(), first_year))
        }
    }
}

/// The unrounded half-year rule.
pub fn half_year_formula(period: MacrsYears) -> Vec<f64> {
    declining_with_switch(period.years(), 0.5)
}

/// 200 % declining balance, switching to straight line over the remaining life when that is more; the first
/// year counts `first_year` of a year, the last the rest.
fn declining_with_switch(years: usize, first_year: f64) -> Vec<f64> {
    let rate = 2.0 / years as f64;
    let mut left = 100.0;
    let mut life_left = years as f64;
    let mut schedule = Vec::with_capacity(years + 1);
    for year in 0..=years {
        let share = if year == 0 { first_year } else { life_left.min(1.0) };
        let declining = left * rate * share;
        let straight = left / life_left * share;
        let taken = if year == years { left } else { declining.max(straight) };
        schedule.push(taken);
        left -= taken;
        life_left -= share;
    }
    schedule
}

/// Two decimals, the rounding left over going to the last year, as the published tables close.
fn rounded_to_hundred(schedule: Vec<f64>) -> Vec<f64> {
    let mut rounded: Vec<f64> = schedule.iter().map(|percent| (percent * 100.0).round() / 100.0).collect();
    let total: f64 = rounded.iter().sum();
    if let Some(last) = rounded.last_mut() {
        *last = ((*last + 100.0 - total) * 100.0).round() / 100.0;
    }
    rounded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_tables_add_to_one_hundred() {
        for period in [MacrsYears::Three, MacrsYears::Five, MacrsYears::Seven] {
            for convention in [
                Convention::HalfYear,
                Convention::MidQuarter(1),
                Convention::MidQuarter(2),
                Convention::MidQuarter(3),
                Convention::MidQuarter(4),
            ] {
                let total: f64 = percentages(period, convention).iter().sum();
                assert!((total - 100.0).abs() < 1e-9, "{period:?} {convention:?} adds to {total}");
            }
        }
    }

    #[test]
    fn irs_publication_946_half_year_tables_hold_to_the_printed_digit() {
        assert_eq!(percentages(MacrsYears::Three, Convention::HalfYear), [33.33, 44.45, 14.81, 7.41]);
        assert_eq!(
            percentages(MacrsYears::Five, Convention::HalfYear),
            [20.00, 32.00, 19.20, 11.52, 11.52, 5.76]
        );
        assert_eq!(
            percentages(MacrsYears::Seven, Convention::HalfYear),
            [14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46]
        );
        assert_eq!(
            percentages(MacrsYears::Five, Convention::MidQuarter(1)),
            [35.00, 26.00, 15.60, 11.01, 11.01, 1.38]
        );
    }

    #[test]
    fn the_bare_formula_is_within_a_hundredth_of_a_point_of_the_tables() {
        for period in [MacrsYears::Three, MacrsYears::Five, MacrsYears::Seven] {
            let table = percentages(period, Convention::HalfYear);
            for (published, computed) in table.iter().zip(half_year_formula(period)) {
                assert!((published - computed).abs() <= 0.0101, "{period:?}: {published} against {computed}");
            }
        }
        let first_quarter = declining_with_switch(5, 0.875);
        for (published, computed) in MID_QUARTER_5_FIRST.iter().zip(first_quarter) {
            assert!((published - computed).abs() <= 0.0101, "{published} against {computed}");
        }
    }
}
