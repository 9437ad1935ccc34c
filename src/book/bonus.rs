//! Additional first-year depreciation ("bonus", Internal Revenue Code § 168(k)).
//!
//! In: when the property was acquired (a binding contract counts) and placed in service. Out: the per cent of its
//! cost taken in the first year, and the law that says so. General rule; property of long production and
//! elections are not modelled.

use jiff::civil::{Date, date};

use super::terms::BookError;

/// Per cent of the cost that is taken in the first year, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bonus(f64);

impl Bonus {
    /// None.
    pub const NONE: Bonus = Bonus(0.0);

    /// 0 to 100.
    pub fn new(percent: f64) -> Result<Bonus, BookError> {
        if (0.0..=100.0).contains(&percent) { Ok(Bonus(percent)) } else { Err(BookError::Bonus(percent)) }
    }

    /// Per cent.
    pub const fn percent(self) -> f64 {
        self.0
    }

    /// From 0 to 1.
    pub const fn share(self) -> f64 {
        self.0 / 100.0
    }
}

/// A bonus and where it stands written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BonusLaw {
    /// The bonus.
    pub bonus: Bonus,
    /// Its source.
    pub law: &'static str,
}

/// The bonus of property acquired and placed in service on these days, from 2008 on.
pub fn bonus_by_law(acquired: Date, placed: Date) -> BonusLaw {
    const ACT_2025: &str = "P.L. 119-21 § 70301 (acquired after 2025-01-19)";
    const ACT_2017: &str = "P.L. 115-97 § 13201, I.R.C. § 168(k)(6)(A)";
    const PATH: &str = "P.L. 115-97 § 13201, I.R.C. § 168(k)(8) (acquired before 2017-09-28)";
    let placed_year = placed.year();
    let (percent, law) = if placed < date(2008, 1, 1) {
        (0.0, "no bonus in this table before 2008")
    } else if acquired > date(2025, 1, 19) {
        (100.0, ACT_2025)
    } else if acquired > date(2017, 9, 27) {
        match placed_year {
            ..=2022 => (100.0, ACT_2017),
            2023 => (80.0, ACT_2017),
            2024 => (60.0, ACT_2017),
            2025 => (40.0, ACT_2017),
            2026 => (20.0, ACT_2017),
            _ => (0.0, ACT_2017),
        }
    } else {
        match placed_year {
            2008 | 2009 => (50.0, "P.L. 110-185 § 103, extended by P.L. 111-5 § 1201"),
            2010 | 2011 if acquired > date(2010, 9, 8) => (100.0, "P.L. 111-312 § 401"),
            2010..=2012 => (50.0, "P.L. 111-240 § 2022, P.L. 111-312 § 401"),
            2013 => (50.0, "P.L. 112-240 § 331"),
            2014 => (50.0, "P.L. 113-295 § 125"),
            2015..=2017 => (50.0, "P.L. 114-113 § 143"),
            2018 => (40.0, PATH),
            2019 => (30.0, PATH),
            _ => (0.0, PATH),
        }
    };
    BonusLaw { bonus: Bonus(percent), law }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bonus_of_a_day_is_that_of_the_law_in_force() {
        let on = |day: Date| bonus_by_law(day, day).bonus.percent();
        for (day, percent) in [
            (date(2007, 12, 31), 0.0),
            (date(2008, 6, 1), 50.0),
            (date(2010, 9, 8), 50.0),
            (date(2010, 9, 9), 100.0),
            (date(2011, 12, 31), 100.0),
            (date(2012, 1, 1), 50.0),
            (date(2017, 9, 27), 50.0),
            (date(2017, 9, 28), 100.0),
            (date(2022, 12, 31), 100.0),
            (date(2023, 1, 1), 80.0),
            (date(2024, 7, 1), 60.0),
            (date(2025, 1, 19), 40.0),
            (date(2025, 1, 20), 100.0),
            (date(2031, 1, 1), 100.0),
        ] {
            assert_eq!(on(day), percent, "{day}");
        }
        assert_eq!(bonus_by_law(date(2025, 1, 10), date(2026, 3, 1)).bonus.percent(), 20.0);
        assert_eq!(bonus_by_law(date(2025, 1, 10), date(2027, 3, 1)).bonus.percent(), 0.0);
        assert_eq!(bonus_by_law(date(2017, 9, 1), date(2018, 3, 1)).bonus.percent(), 40.0);
        assert!(bonus_by_law(date(2026, 1, 1), date(2026, 1, 1)).law.contains("119-21"));
    }
}
