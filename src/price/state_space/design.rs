//! The regression part of the state-space price model: one design row per
//! series and month, with the prior of each column.
//!
//! In: facts of one product (`Covariates`) and a month. Out: the row `x` of
//! `E ln(price / list) = x' beta + market + product`, in the order of the
//! basis' terms.
//!
//! Months are `year * 12 + month - 1`. Age is in years since launch; the
//! columns and priors are those of the state-space price model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::PriceModelError;

/// Age in years after which the price falls more slowly.
const MATURE_AGE_YEARS: f64 = 3.0;

/// Years after a successor's launch in which 63 % of its effect arrives.
const SUCCESSOR_YEARS: f64 = 0.5;

/// Months before the last training month at which the cohort column is zero.
const COHORT_LEAD_MONTHS: i32 = 24;

const MONTHS_PER_YEAR: f64 = 12.0;

/// What is known of a product apart from its prices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covariates {
    /// Month in which the product was launched.
    pub launch_month: i32,
    /// Month in which its successor was or will be launched, if there is one.
    pub successor_launch_month: Option<i32>,
    /// Natural logarithm of the list price at launch.
    pub ln_list_price: f64,
    /// Whether AMD made it.
    pub amd: bool,
    /// Whether it is made for data centres.
    pub datacentre: bool,
    /// Natural logarithm of the memory size in gigabytes; unknown counts as
    /// the mean of the training rows.
    pub ln_memory: Option<f64>,
    /// Market or data source that quotes the price.
    pub source: String,
}

/// A column of the design.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Column {
    /// One.
    Intercept,
    /// Years since launch, at least zero.
    Age,
    /// Years since launch beyond the third.
    MatureAge,
    /// `1 - exp(-years since the successor's launch / 0.5)`, zero before it.
    Successor,
    /// Launch in years after the cohort origin.
    Cohort,
    /// Logarithm of the list price less its mean.
    ListPrice,
    /// One if AMD made it.
    Amd,
    /// One if made for data centres.
    Datacentre,
    /// Logarithm of the memory size less its mean.
    Memory,
    /// One if the price comes from the named source.
    Source(String),
}

/// Which named part of a forecast a column belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Age since launch.
    Age,
    /// Successor on the market.
    Generation,
    /// Everything that does not change with time.
    Configuration,
}

impl Column {
    /// The columns of the state-space price model apart from sources.
    #[must_use]
    pub fn full() -> Vec<Self> {
        let mut columns = Self::without_hardware_facts();
        columns.extend([Self::Amd, Self::Datacentre, Self::Memory]);
        columns
    }

    /// The columns of a class without maker, data-centre and memory facts.
    #[must_use]
    pub fn without_hardware_facts() -> Vec<Self> {
        vec![Self::Intercept, Self::Age, Self::MatureAge, Self::Successor, Self::Cohort, Self::ListPrice]
    }

    /// Name for reports.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Intercept => "intercept".to_owned(),
            Self::Age => "age".to_owned(),
            Self::MatureAge => "mature_age".to_owned(),
            Self::Successor => "successor".to_owned(),
            Self::Cohort => "cohort".to_owned(),
            Self::ListPrice => "list_price".to_owned(),
            Self::Amd => "amd".to_owned(),
            Self::Datacentre => "datacentre".to_owned(),
            Self::Memory => "memory".to_owned(),
            Self::Source(source) => format!("source_{source}"),
        }
    }

    /// The named part of a forecast that the column belongs to.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self {
            Self::Age | Self::MatureAge => Part::Age,
            Self::Successor => Part::Generation,
            _ => Part::Configuration,
        }
    }

    /// Prior mean and sd of the coefficient, in ln price a unit of the column.
    #[must_use]
    pub const fn prior(&self) -> (f64, f64) {
        match self {
            Self::Intercept => (-0.15, 0.06),
            Self::Age => (-0.30, 0.10),
            Self::MatureAge => (0.15, 0.08),
            Self::Successor => (-0.05, 0.05),
            Self::Cohort => (0.0, 0.06),
            _ => (0.0, 0.15),
        }
    }
}

/// A column with the prior of its coefficient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The column.
    pub column: Column,
    /// Prior mean of the coefficient, in ln price a unit of the column.
    pub prior_mean: f64,
    /// Prior sd of the coefficient, in the same unit.
    pub prior_sd: f64,
}

/// Which columns the design has and the constants that centre them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DesignBasis {
    /// Columns in the order of the coefficients.
    pub terms: Vec<Term>,
    /// Mean logarithm of the list price over the training rows.
    pub mean_ln_list_price: f64,
    /// Mean logarithm of the memory size over the training rows that know it.
    pub mean_ln_memory: f64,
    /// Launch month at which the cohort column is zero.
    pub cohort_origin: i32,
}

impl DesignBasis {
    /// The basis for products with their number of training rows, `columns`
    /// with the model's priors, and one column for each source but the most
    /// populous (ties: the first in the alphabet).
    #[must_use]
    pub fn from_training<'a>(
        columns: Vec<Column>,
        products: impl IntoIterator<Item = (&'a Covariates, usize)>,
        last_training_month: i32,
    ) -> Self {
        let mut list = WeightedMean::default();
        let mut memory = WeightedMean::default();
        let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
        for (covariates, rows) in products {
            list.add(covariates.ln_list_price, rows);
            if let Some(ln_memory) = covariates.ln_memory {
                memory.add(ln_memory, rows);
            }
            *sources.entry(&covariates.source).or_default() += rows;
        }
        let populous = sources.iter().rev().max_by_key(|(_, rows)| **rows).map(|(source, _)| *source);
        let extra = sources
            .keys()
            .filter(|source| Some(**source) != populous)
            .map(|source| Column::Source((*source).to_owned()));
        let terms = columns.into_iter().chain(extra).map(|column| {
            let (prior_mean, prior_sd) = column.prior();
            Term { column, prior_mean, prior_sd }
        });
        Self {
            terms: terms.collect(),
            mean_ln_list_price: list.value(),
            mean_ln_memory: memory.value(),
            cohort_origin: last_training_month.saturating_sub(COHORT_LEAD_MONTHS),
        }
    }

    /// Refuses an empty design, a column given twice and unusable priors.
    ///
    /// # Errors
    /// Names the column.
    pub fn check(&self) -> Result<(), PriceModelError> {
        let bad = |column: String| Err(PriceModelError::BadDesign { column });
        if self.terms.is_empty() {
            return bad(String::new());
        }
        for (position, term) in self.terms.iter().enumerate() {
            let before = &self.terms[..position];
            let twice = before.iter().any(|other| other.column == term.column);
            let usable = term.prior_mean.is_finite() && term.prior_sd.is_finite() && term.prior_sd > 0.0;
            if twice || !usable {
                return bad(term.column.name());
            }
        }
        Ok(())
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.terms.len()
    }

    /// The design row of a product in a month.
    #[must_use]
    pub fn row(&self, covariates: &Covariates, month: i32) -> Vec<f64> {
        self.terms.iter().map(|term| self.entry(&term.column, covariates, month)).collect()
    }

    fn entry(&self, column: &Column, covariates: &Covariates, month: i32) -> f64 {
        let years = years_between(covariates.launch_month, month).max(0.0);
        let flag = |set: bool| f64::from(u8::from(set));
        match column {
            Column::Intercept => 1.0,
            Column::Age => years,
            Column::MatureAge => (years - MATURE_AGE_YEARS).max(0.0),
            Column::Successor => covariates.successor_launch_month.map_or(0.0, |launch| {
                let years = years_between(launch, month).max(0.0);
                1.0 - (-years / SUCCESSOR_YEARS).exp()
            }),
            Column::Cohort => years_between(self.cohort_origin, covariates.launch_month),
            Column::ListPrice => covariates.ln_list_price - self.mean_ln_list_price,
            Column::Amd => flag(covariates.amd),
            Column::Datacentre => flag(covariates.datacentre),
            Column::Memory => covariates.ln_memory.map_or(0.0, |ln_memory| ln_memory - self.mean_ln_memory),
            Column::Source(source) => flag(covariates.source == *source),
        }
    }
}

/// The list price implied by the first price seen of a product without one:
/// first price over the prior retention at that age (years since launch).
#[must_use]
pub fn implied_list_price(first_price: f64, age_years: f64) -> f64 {
    let (intercept, _) = Column::Intercept.prior();
    let (age, _) = Column::Age.prior();
    let (mature_age, _) = Column::MatureAge.prior();
    let years = age_years.max(0.0);
    let mature = (years - MATURE_AGE_YEARS).max(0.0);
    first_price / (intercept + age * years + mature_age * mature).exp()
}

fn years_between(earlier: i32, later: i32) -> f64 {
    (f64::from(later) - f64::from(earlier)) / MONTHS_PER_YEAR
}

#[derive(Default)]
struct WeightedMean {
    sum: f64,
    weight: f64,
}

impl WeightedMean {
    #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
    fn add(&mut self, value: f64, rows: usize) {
        self.sum += value * rows as f64;
        self.weight += rows as f64;
    }

    fn value(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(source: &str) -> Covariates {
        Covariates {
            launch_month: 24_000,
            successor_launch_month: Some(24_024),
            ln_list_price: 6.0,
            amd: true,
            datacentre: false,
            ln_memory: None,
            source: source.to_owned(),
        }
    }

    #[test]
    fn a_row_holds_age_kink_successor_and_cohort() {
        let auction = product("auction");
        let shop = product("shop");
        let basis = DesignBasis::from_training(Column::full(), [(&auction, 5), (&shop, 2)], 24_060);
        basis.check().expect("each column occurs once");
        let row = basis.row(&shop, 24_048);
        let successor = 1.0 - (-4.0_f64).exp();
        let expected = [1.0, 4.0, 1.0, successor, -3.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        assert_eq!(basis.terms[9].column.name(), "source_shop");
        for (found, expected) in row.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{row:?}");
        }
        // Before launch the product has age zero and no successor.
        assert_eq!(basis.row(&shop, 23_990)[1..4], [0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_column_given_twice_is_refused() {
        let basis = DesignBasis::from_training(vec![Column::Age, Column::Age], [], 0);
        assert!(basis.check().is_err());
        assert!(DesignBasis::from_training(Vec::new(), [], 0).check().is_err(), "no column at all");
    }

    #[test]
    fn a_prior_must_have_a_mean_and_a_width() {
        let with = |mean: f64, sd: f64| {
            let mut basis = DesignBasis::from_training(vec![Column::Age], [], 0);
            (basis.terms[0].prior_mean, basis.terms[0].prior_sd) = (mean, sd);
            basis.check().is_ok()
        };
        assert!(with(0.0, 0.1));
        for (mean, sd) in [(f64::NAN, 0.1), (0.0, f64::INFINITY), (0.0, 0.0), (0.0, -0.1)] {
            assert!(!with(mean, sd), "{mean} {sd}");
        }
    }

    #[test]
    fn implied_list_price_inverts_the_prior_curve() {
        let list = implied_list_price(100.0, 4.0);
        assert!((list * (-0.15_f64 - 1.2 + 0.15).exp() - 100.0).abs() < 1e-9);
    }
}
