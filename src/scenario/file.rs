//! Scenarios as a file states them.
//!
//! In: TOML with `[[scenario]]` tables. Out: [`ScenarioFile`]: the pieces as written, each name with its place in the text, so
//! that a refusal can say where. What they name is checked against catalog, fleet and policy by [`super::check`].

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::ScenarioError;
use crate::decide::RefreshRule;
use crate::fleet::Grade;
use crate::units::{Currency, Month};

/// Commented scenarios, one of each kind, as `residua whatif --example` writes them.
pub const EXAMPLE_SCENARIOS: &str = include_str!("../../data/samples/scenarios.toml");

/// A name with its place in the file.
pub type Name = Spanned<String>;

/// A file of scenarios.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// What it is called in refusals.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The scenarios in their order.
    pub scenarios: Vec<Scenario>,
}

/// One overlay. What it does not name stays.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Scenario {
    pub name: ScenarioName,
    pub description: String,
    /// When units in use are replaced.
    pub refresh: Option<Refresh>,
    /// Any keys of the policy.
    pub policy: toml::Table,
    /// Moves of markets.
    pub market: Vec<Market>,
    /// Factor on the hourly prices of rented cards by month.
    pub rental: BTreeMap<Month, f64>,
    /// Launches moved or added.
    pub launch: Vec<Launch>,
    /// Units that leave in a quarter.
    pub leave: Vec<Leave>,
    /// Units kept for longer.
    pub extend: Vec<Extend>,
    /// Conditions of units whose grade is not known.
    pub grades: Vec<Grades>,
    /// Loads of units in use.
    pub utilization: Vec<Utilization>,
    /// Purchases on top of replacements.
    pub purchase: Vec<Purchase>,
    /// Dollars for one unit of a currency.
    pub fx: BTreeMap<Currency, f64>,
}

/// A name that may stand alone, without a place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct ScenarioName(pub String);

/// When units in use are replaced.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Refresh {
    pub rule: RefreshRule,
    /// A number for every class, or a table by class.
    pub months: Option<toml::Value>,
}

/// What part of the market, or of the fleet, is meant.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Market {
    pub class: Option<Name>,
    pub family: Option<Name>,
    pub product: Option<Name>,
    pub from: Option<Month>,
    /// Another level, per cent of the forecast price: −30 is 30 % less.
    pub level_percent: Option<f64>,
    /// A fall or rise a month, per cent.
    pub slope_percent_monthly: Option<f64>,
    pub half_life_months: Option<f64>,
    /// Factors on the forecast price by month.
    pub factors: BTreeMap<Month, f64>,
}

/// A launch moved or added.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Launch {
    /// A product of the catalog that comes later or sooner.
    pub product: Option<Name>,
    pub slip_months: Option<i32>,
    pub date: Option<Month>,
    /// A product that is not in the catalog yet.
    pub new: Option<Name>,
    /// The product it follows.
    pub follows: Option<Name>,
    /// List price in the currency of the policy.
    pub list_price: Option<f64>,
    pub power_w: Option<f64>,
    pub fp32_tflops: Option<f64>,
}

/// Units that leave in a quarter, in the month of it that costs least.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Leave {
    /// `2027 Q1`.
    pub quarter: Name,
    pub class: Option<Name>,
    pub site: Option<Name>,
}

/// A share of the units in use kept for longer than they would be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Extend {
    pub class: Option<Name>,
    pub site: Option<Name>,
    #[serde(default = "everything")]
    pub share: f64,
    pub months: i32,
}

/// Shares of conditions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Grades {
    pub class: Option<Name>,
    pub site: Option<Name>,
    pub mix: BTreeMap<String, f64>,
    /// Whether units whose grade is known take part as well.
    #[serde(default)]
    pub known_too: bool,
}

/// Another load.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Utilization {
    pub class: Option<Name>,
    pub site: Option<Name>,
    pub set: Option<f64>,
    pub factor: Option<f64>,
}

/// Units bought in a quarter, on top of replacements.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Purchase {
    /// `2027 Q1`.
    pub quarter: Name,
    pub units: u32,
    pub product: Option<Name>,
    pub class: Option<Name>,
    /// Of one unit, in the currency of the policy.
    pub cost: Option<f64>,
}

fn everything() -> f64 {
    1.0
}

impl Scenario {
    /// An overlay that changes nothing yet.
    pub fn named(name: &str) -> Scenario {
        Scenario { name: ScenarioName(name.to_owned()), ..Scenario::default() }
    }

    /// Its name.
    pub fn title(&self) -> &str {
        &self.name.0
    }
}

impl ScenarioFile {
    /// Reads a file. Unknown keys and wrong kinds of value are refused with line and column.
    pub fn from_toml(file: &str, text: &str) -> Result<ScenarioFile, ScenarioError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Top {
            #[serde(default)]
            scenario: Vec<Scenario>,
        }
        let top: Top = toml::from_str(text).map_err(|error| unreadable(file, text, &error))?;
        Ok(ScenarioFile { file: file.to_owned(), text: text.to_owned(), scenarios: top.scenario })
    }

    /// The line of a name, from 1; none for a name that stands in no file.
    pub fn line_of(&self, name: &Name) -> Option<usize> {
        let start = name.span().start;
        let read = self.text.get(start..name.span().end).is_some_and(|text| !text.is_empty());
        read.then(|| 1 + self.text[..start].matches('\n').count())
    }
}

/// A grade by the letter of reports.
pub(super) fn grade(letter: &str) -> Option<Grade> {
    Grade::ALL.into_iter().find(|grade| grade.name().eq_ignore_ascii_case(letter.trim()))
}

fn unreadable(file: &str, text: &str, error: &toml::de::Error) -> ScenarioError {
    let line = error.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    let message = crate::units::with_nearest(error.message());
    ScenarioError { file: file.to_owned(), line, scenario: None, message }
}
