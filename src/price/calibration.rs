//! What outcomes taught: corrections laid over the forecasts.
//!
//! In: a small JSON file, or the calibration a ledger has installed. Out: for a class, a grade and a route how far the
//! log price moves and how much wider it spreads. With the forecast `ln V ~ N(m, s²)`,
//!
//! `ln V ~ N(m + class + grade + route, (width · s)² + variance)`.
//!
//! The shift of a class and a grade act on the price of the unit, that of a route on the channel's factor in the policy.
//! What is not named is not moved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forecast::Forecast;
use crate::catalog::AssetClass;
use crate::fleet::Grade;
use crate::units::{Month, sha256};

/// Layout of the file; another one is refused.
const FORMAT: u32 = 1;

/// Digits of the fingerprint that stand in texts.
const SHORT: usize = 12;

/// What stands before the fingerprint in a version.
const STAMP: &str = " calibration ";

/// The widest move and the widest factor that are believed: tenfold, either way.
const MOST: f64 = 10.0;

/// What is corrected for one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassCorrection {
    /// Added to the mean of the log price.
    pub shift_log: f64,
    /// Factor on its standard deviation; below 1 where intervals were too wide.
    pub width: f64,
    /// Added to its variance; above 0 where intervals were too narrow. A sum and no factor: what the narrow forecasts
    /// missed, the wide ones had room for.
    pub variance_log: f64,
}

/// What is not corrected.
pub const AS_IT_IS: ClassCorrection = ClassCorrection { shift_log: 0.0, width: 1.0, variance_log: 0.0 };

/// Corrections learned from outcomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Layout of the file.
    pub format: u32,
    /// Sales it was learned from.
    pub sales: usize,
    /// Different pairs of product and month among them.
    pub blocks: usize,
    /// Months of the first and the last of these sales.
    pub months: (Month, Month),
    /// By class.
    pub classes: BTreeMap<AssetClass, ClassCorrection>,
    /// Added to the mean of the log price of a grade, by letter.
    pub grades: BTreeMap<String, f64>,
    /// Added to the log of the channel's factor, by the word of the route.
    pub routes: BTreeMap<String, f64>,
}

/// A calibration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// Not one.
    #[error(
        "{file} is not a calibration: {message}; write it with `residua ledger recalibrate --output FILE`"
    )]
    NotACalibration {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A correction beyond all measure.
    #[error(
        "{file}: the correction of `{of}` is more than tenfold; write it anew with `residua ledger recalibrate`"
    )]
    TooStrong {
        /// The file.
        file: String,
        /// What it corrects.
        of: String,
    },
}

impl Calibration {
    /// Corrections of this program's format.
    pub fn new(sales: usize, blocks: usize, months: (Month, Month)) -> Calibration {
        Calibration {
            format: FORMAT,
            sales,
            blocks,
            months,
            classes: BTreeMap::new(),
            grades: BTreeMap::new(),
            routes: BTreeMap::new(),
        }
    }

    /// Reads the JSON of a calibration.
    pub fn from_json(file: &str, text: &str) -> Result<Calibration, CalibrationError> {
        let refused = |message: String| CalibrationError::NotACalibration { file: file.to_owned(), message };
        let read: Calibration = serde_json::from_str(text).map_err(|error| refused(error.to_string()))?;
        if read.format != FORMAT {
            return Err(refused(format!("format {}, this program reads {FORMAT}", read.format)));
        }
        match read.too_strong() {
            Some(of) => Err(CalibrationError::TooStrong { file: file.to_owned(), of }),
            None => Ok(read),
        }
    }

    /// The JSON, readable and stable.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The first correction that is beyond all measure.
    pub fn too_strong(&self) -> Option<String> {
        let believed = |log: f64| log.abs() <= MOST.ln();
        let by_class =
            |one: &ClassCorrection| believed(one.shift_log) && one.width > 0.0 && believed(one.width.ln());
        let class = self.classes.iter().find(|(_, one)| !by_class(one)).map(|(class, _)| class.to_string());
        let named = self.grades.iter().chain(&self.routes).find(|(_, log)| !believed(**log));
        class.or(named.map(|(name, _)| name.clone()))
    }

    /// What tells it from others, in a few digits.
    pub fn fingerprint(&self) -> String {
        let text = self.to_json().unwrap_or_default();
        sha256(text.as_bytes())[..SHORT].to_owned()
    }

    /// The mark it leaves in the version of the models that use it.
    pub fn stamp(&self) -> String {
        format!("{STAMP}{}", self.fingerprint())
    }

    /// The fingerprint of the calibration in a version of models, where one was in use.
    pub fn stamped(version: &str) -> Option<&str> {
        version.split_once(STAMP).map(|(_, fingerprint)| fingerprint)
    }

    /// How far the log price of a unit in its channel moves.
    pub fn shift_log(&self, class: AssetClass, grade: Option<&str>, route: &str) -> f64 {
        self.of_class(class).shift_log + self.of_grade(grade) + self.of_route(route)
    }

    /// Variance of the log price, from what the models say.
    pub fn variance_log(&self, class: AssetClass, of_models: f64) -> f64 {
        let correction = self.of_class(class);
        of_models * correction.width.powi(2) + correction.variance_log
    }

    /// What the models said, from the variance of the log price as it was handed out.
    pub fn variance_log_of_models(&self, class: AssetClass, handed_out: f64) -> f64 {
        let correction = self.of_class(class);
        (handed_out - correction.variance_log) / correction.width.powi(2)
    }

    fn of_class(&self, class: AssetClass) -> ClassCorrection {
        self.classes.get(&class).copied().unwrap_or(AS_IT_IS)
    }

    /// How far the log of a channel's factor moves.
    pub fn of_route(&self, route: &str) -> f64 {
        self.routes.get(route).copied().unwrap_or(0.0)
    }

    fn of_grade(&self, grade: Option<&str>) -> f64 {
        grade.and_then(|letter| self.grades.get(letter)).copied().unwrap_or(0.0)
    }

    /// Lays the corrections of class and grade over a forecast.
    pub(super) fn lay_over(&self, found: &mut Forecast, class: AssetClass, grade: Option<Grade>) {
        let of_class = self.of_class(class).shift_log;
        let of_grade = self.of_grade(grade.map(Grade::name));
        for point in &mut found.points {
            point.drivers.market += of_class;
            point.drivers.grade += of_grade;
            // Every cause is as much wider as the whole: nothing says which of them was missed.
            let of_models = point.variance.total();
            if of_models > 0.0 {
                point.variance = point.variance.scaled(self.variance_log(class, of_models) / of_models);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::parts::Configuration;
    use crate::price::{Models, Subject, forecast};

    fn learned() -> Calibration {
        let months = ("2026-01".parse().unwrap(), "2026-08".parse().unwrap());
        let mut calibration = Calibration::new(120, 60, months);
        let correction = ClassCorrection { shift_log: -0.1, width: 1.5, variance_log: 0.07 };
        calibration.classes.insert(AssetClass::Laptop, correction);
        calibration.grades.insert("B".into(), 0.04);
        calibration.routes.insert("resell".into(), -0.02);
        calibration
    }

    fn laptop(grade: Option<Grade>) -> Subject<'static> {
        Subject {
            class: AssetClass::Laptop,
            product: None,
            successor_launch: None,
            cost_usd: Some(1_200.0),
            cost_from_siblings: false,
            acquired: Some("2023-05".parse().unwrap()),
            grade,
            accelerators: None,
            configuration: Configuration::default(),
        }
    }

    #[test]
    fn an_installed_calibration_moves_and_widens_later_forecasts() {
        let models = Models::built_in().unwrap();
        let mut calibrated = models.clone();
        calibrated.set_calibration(learned());
        let start = "2026-11".parse().unwrap();
        let price = |models: &Models, grade| forecast(models, &laptop(grade), start, 3).unwrap().value(2);
        for (grade, shift) in [(None, -0.1), (Some(Grade::B), -0.06), (Some(Grade::A), -0.1)] {
            let (before, after) = (price(&models, grade), price(&calibrated, grade));
            assert!((after.mean_log - before.mean_log - shift).abs() < 1e-12);
            assert!((after.variance_log - 2.25 * before.variance_log - 0.07).abs() < 1e-12);
            let back = learned().variance_log_of_models(AssetClass::Laptop, after.variance_log);
            assert!((back - before.variance_log).abs() < 1e-12);
        }
        let ahead = learned().shift_log(AssetClass::Laptop, Some("B"), "resell");
        assert!((ahead + 0.08).abs() < 1e-12);
        assert_eq!(learned().shift_log(AssetClass::Gpu, None, "retail"), 0.0);
        assert_eq!(learned().variance_log(AssetClass::Gpu, 0.3), 0.3);
        assert_eq!(Calibration::stamped(&models.version()), None);
        assert_eq!(Calibration::stamped(&calibrated.version()), Some(learned().fingerprint().as_str()));
    }

    #[test]
    fn a_calibration_is_read_as_it_was_written_and_nonsense_is_refused() {
        let text = learned().to_json().unwrap();
        assert_eq!(Calibration::from_json("c.json", &text).unwrap(), learned());
        for (from, to, wanted) in [
            ("\"format\": 1", "\"format\": 2", "format 2, this program reads 1"),
            ("-0.02", "-7.0", "the correction of `resell` is more than tenfold"),
            ("1.5", "-1.5", "the correction of `laptop` is more than tenfold"),
            ("\"grades\"", "\"grates\"", "unknown field `grates`"),
        ] {
            let message = Calibration::from_json("c.json", &text.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
    }
}
