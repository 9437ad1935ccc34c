//! The regression, its prior strength, and the errors on generations left out.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};

use super::columns::{COLUMNS, columns, is_step};
use super::spread::{self, LeftOutError};
use super::{ColdStartModel, Sale};
use crate::price::state_space::cholesky::Cholesky;
use crate::price::state_space::quantiles::Quantiles;
use crate::units::Month;

/// Strengths of the prior that are tried.
const STRENGTHS: [f64; 5] = [0.0, 1.0, 10.0, 100.0, 1000.0];

/// Error variance against which a strength of one is one prior.
const ERROR_VARIANCE: f64 = 0.05;

/// Fewest generations: one is left out, and the fit on the others still has to tell age from generation.
const LEAST_GENERATIONS: usize = 3;

/// Sales that cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ColdStartError {
    /// Not enough generations.
    #[error(
        "{sales} sales of {generations} generations: at least 3 generations are needed; give sales of more of them"
    )]
    TooFew {
        /// Sales given.
        sales: usize,
        /// Different generations among them.
        generations: usize,
    },
    /// A number that cannot be used.
    #[error(
        "sale {position}: list price, storage and price must be positive and finite; mend it or leave it out"
    )]
    BadSale {
        /// Its position, from 0.
        position: usize,
    },
    /// No strength of the prior gives equations with a solution.
    #[error("the regression has no solution at any strength of the prior; look for facts that are far off")]
    Singular,
}

type Row = [f64; COLUMNS.len()];

/// Sales of one generation as rows of the regression, with their normal equations.
struct Generation<'a> {
    products: Vec<&'a str>,
    rows: Vec<Row>,
    targets: Vec<f64>,
    conditions: Vec<usize>,
    gram: Array2<f64>,
    moment: Array1<f64>,
}

/// Fits the model on all sales.
///
/// # Errors
/// Fewer than three generations, a fact that is no number, or equations without a solution.
pub fn fit(sales: &[Sale]) -> Result<ColdStartModel, ColdStartError> {
    let usable = |sale: &Sale| {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        positive(sale.facts.list_price_usd) && positive(sale.facts.storage_gb) && sale.log_price.is_finite()
    };
    if let Some(position) = sales.iter().position(|sale| !usable(sale)) {
        return Err(ColdStartError::BadSale { position });
    }
    let Some(last_month) = sales.iter().map(|sale| sale.month).max() else {
        return Err(ColdStartError::TooFew { sales: 0, generations: 0 });
    };
    let generations = by_generation(sales, last_month);
    if generations.len() < LEAST_GENERATIONS {
        return Err(ColdStartError::TooFew { sales: sales.len(), generations: generations.len() });
    }
    let mut best: Option<(f64, f64, Vec<LeftOutError<'_>>)> = None;
    for strength in STRENGTHS {
        let Some(errors) = left_out_errors(&generations, strength) else { continue };
        let mean = errors.iter().map(|one| one.error.abs()).sum::<f64>() / errors.len() as f64;
        if best.as_ref().is_none_or(|(least, ..)| mean < *least) {
            best = Some((mean, strength, errors));
        }
    }
    let (_, prior_strength, errors) = best.ok_or(ColdStartError::Singular)?;
    let all: Vec<&Generation> = generations.iter().collect();
    let coefficients = solve(&all, prior_strength).ok_or(ColdStartError::Singular)?;
    let common_share = spread::common_share(&errors);
    let (errors, sales) = spread::by_condition(&errors);
    Ok(ColdStartModel { last_month, prior_strength, coefficients, common_share, errors, sales })
}

/// What the model says of every sale when the generation of that sale is left out of the fit.
///
/// # Errors
/// As [`fit`]; one more generation is needed.
pub fn leave_generations_out(sales: &[Sale]) -> Result<Vec<Quantiles>, ColdStartError> {
    let mut models: BTreeMap<&str, ColdStartModel> = BTreeMap::new();
    for sale in sales {
        if !models.contains_key(sale.generation.as_str()) {
            let others: Vec<Sale> =
                sales.iter().filter(|other| other.generation != sale.generation).cloned().collect();
            models.insert(&sale.generation, fit(&others)?);
        }
    }
    let forecast =
        |sale: &Sale| models[sale.generation.as_str()].forecast(&sale.facts, sale.condition, sale.month);
    Ok(sales.iter().map(forecast).collect())
}

fn by_generation(sales: &[Sale], last_month: Month) -> Vec<Generation<'_>> {
    let mut groups: BTreeMap<&str, Vec<&Sale>> = BTreeMap::new();
    for sale in sales {
        groups.entry(&sale.generation).or_default().push(sale);
    }
    groups.into_values().map(|members| generation(&members, last_month)).collect()
}

fn generation<'a>(sales: &[&'a Sale], last_month: Month) -> Generation<'a> {
    let rows: Vec<Row> =
        sales.iter().map(|sale| columns(&sale.facts, sale.condition, sale.month, last_month)).collect();
    let targets: Vec<f64> =
        sales.iter().map(|sale| sale.log_price - sale.facts.list_price_usd.ln()).collect();
    let width = COLUMNS.len();
    let mut gram = Array2::zeros((width, width));
    let mut moment = Array1::zeros(width);
    for (row, target) in rows.iter().zip(&targets) {
        for i in 0..width {
            moment[i] += row[i] * target;
            for j in 0..=i {
                gram[[i, j]] += row[i] * row[j];
            }
        }
    }
    let conditions = sales.iter().map(|sale| sale.condition as usize).collect();
    let products = sales.iter().map(|sale| sale.product.as_str()).collect();
    Generation { products, rows, targets, conditions, gram, moment }
}

/// Coefficients from the normal equations (their lower triangle); `None` when they have no single solution.
fn solve(generations: &[&Generation], strength: f64) -> Option<Vec<f64>> {
    let width = COLUMNS.len();
    let mut gram = Array2::zeros((width, width));
    let mut moment = Array1::zeros(width);
    for one in generations {
        gram += &one.gram;
        moment += &one.moment;
    }
    for (column, (_, mean, sd)) in COLUMNS.iter().enumerate() {
        let precision = ERROR_VARIANCE * strength / (sd * sd);
        gram[[column, column]] += precision;
        moment[column] += precision * mean;
    }
    let mut solution = Cholesky::new(&gram).ok()?.solve(moment.view()).to_vec();
    for (column, value) in solution.iter_mut().enumerate() {
        if is_step(column) {
            *value = value.max(0.0);
        }
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

/// The error on every sale of the fit that has not seen its generation.
fn left_out_errors<'a>(generations: &[Generation<'a>], strength: f64) -> Option<Vec<LeftOutError<'a>>> {
    let mut errors = Vec::new();
    for (left_out, unseen) in generations.iter().enumerate() {
        let seen: Vec<&Generation> = generations
            .iter()
            .enumerate()
            .filter(|(position, _)| *position != left_out)
            .map(|(_, generation)| generation)
            .collect();
        let coefficients = solve(&seen, strength)?;
        let weight = (unseen.rows.len() as f64).sqrt().recip();
        for (at, row) in unseen.rows.iter().enumerate() {
            errors.push(LeftOutError {
                product: unseen.products[at],
                error: unseen.targets[at] - dot(row, &coefficients),
                weight,
                condition: unseen.conditions[at],
            });
        }
    }
    Some(errors)
}

/// Scalar product of a row and the coefficients.
pub(super) fn dot(row: &Row, coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(value, coefficient)| value * coefficient).sum()
}
