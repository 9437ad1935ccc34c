//! A price from facts: ridge regression of log price on age, product line, market and condition.
//!
//! In: listings of catalogued products, each with its features. Out: a [`HedonicModel`]: coefficients with their
//! covariance, the spread between products that the features do not explain, the spread between listings of
//! one product, and for products with enough listings their own shrunk effect.
//!
//! `ln price = x'β + product + listing`, `β ~ N(μ₀, diag(σ₀²))`, `product ~ N(0, τ²)`, `listing ~ N(0, σ²)`.
//! The ridge with prior means is ordinary least squares on the data with one row `√(σ²+τ²)/σ₀` added for each
//! coefficient (the "cold start" of the price model; Hoerl and Kennard 1970 for the ridge). A product with
//! many listings counts by the square root of their number. τ and σ come from residuals of folds in which the
//! product was left out, so that a product never seen gets the error that was in fact made on such products.

use std::collections::BTreeMap;

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use super::state_space::cholesky::Cholesky;
use crate::price::soundness::{self, Sound};
use crate::units::STANDARD_NORMAL_P90;

/// Products with fewer listings get no effect of their own: one shrunk residual would tell its listing.
const LEAST_LISTINGS: usize = 3;

/// Folds by product for out-of-product residuals.
const FOLDS: usize = 10;

/// The most a single listing's error counts in the spreads, in log price (mislabelled parts and bundles).
const RESIDUAL_CAP: f64 = 2.0;

/// One listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// Name of the product.
    pub product: String,
    /// Features by column name; a column not named is zero.
    pub features: Vec<(String, f64)>,
    /// Log of the price in dollars.
    pub log_price: f64,
}

/// What is believed of a column before the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Expected coefficient.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

/// Too little to fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HedonicError {
    /// Not enough listings or products.
    #[error("{listings} listings of {products} products are too few to fit: at least 10 of 3 are needed")]
    TooFew {
        /// Listings given.
        listings: usize,
        /// Different products among them.
        products: usize,
    },
    /// The equations have no solution.
    #[error("the regression cannot be solved: {0}")]
    Singular(String),
}

/// The effect of one product beyond its features.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProductEffect {
    /// Shrunk mean residual, log price.
    pub effect: f64,
    /// Listings behind it.
    pub listings: usize,
}

/// The fitted regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HedonicModel {
    columns: Vec<String>,
    coefficients: Vec<f64>,
    /// Lower triangle of the coefficients' covariance, row by row.
    covariance: Vec<f64>,
    /// Standard deviation between products beyond their features.
    pub product_sd: f64,
    /// Standard deviation between listings of one product.
    pub listing_sd: f64,
    /// Own effects of products with three listings or more.
    pub products: BTreeMap<String, ProductEffect>,
    /// How listings of products left out of the fit were met.
    pub left_out: LeftOut,
}

impl HedonicModel {
    /// Whether a model from a file can be used.
    pub(super) fn check(&self) -> Sound {
        let size = self.columns.len();
        soundness::as_many("coefficients", self.coefficients.len(), size)?;
        soundness::as_many("covariance", self.covariance.len(), size * (size + 1) / 2)?;
        soundness::logs("a coefficient", &self.coefficients)?;
        soundness::logs("a covariance", &self.covariance)?;
        soundness::spread("product_sd", self.product_sd)?;
        soundness::spread("listing_sd", self.listing_sd)?;
        soundness::logs("the effect of a product", self.products.values().map(|product| &product.effect))
    }
}

/// Errors on listings of products that the fit had not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Listings scored.
    pub listings: usize,
    /// Median of |forecast / actual − 1|, per cent.
    pub median_error_percent: f64,
    /// Share inside the 80 % interval, per cent.
    pub coverage_percent: f64,
}

impl LeftOut {
    /// From errors in log price, each with the standard deviation that was expected of it.
    pub(super) fn of(errors: impl Iterator<Item = (f64, f64)>) -> LeftOut {
        let mut sizes = Vec::new();
        let mut inside = 0;
        for (error, sd) in errors {
            sizes.push(((-error).exp() - 1.0).abs());
            inside += usize::from(error.abs() <= STANDARD_NORMAL_P90 * sd);
        }
        sizes.sort_by(f64::total_cmp);
        let percent = |share: f64| (share * 1000.0).round() / 10.0;
        LeftOut {
            listings: sizes.len(),
            median_error_percent: percent(sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)),
            coverage_percent: percent(inside as f64 / sizes.len().max(1) as f64),
        }
    }
}

/// What the model says of one row of features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedonicPrediction {
    /// Regression part of the log price.
    pub regression: f64,
    /// Own effect of the product, zero when unknown.
    pub product: f64,
    /// Variance of the coefficients along the row.
    pub curve_variance: f64,
    /// Variance of what is not known of the product.
    pub product_variance: f64,
    /// Listings of this very product behind the answer.
    pub listings: usize,
}

impl HedonicModel {
    /// Fits the regression. `prior` gives each column's prior by name.
    pub fn fit(listings: &[Listing], prior: impl Fn(&str) -> Prior) -> Result<HedonicModel, HedonicError> {
        let groups = by_product(listings);
        if listings.len() < 10 || groups.len() < 3 {
            return Err(HedonicError::TooFew { listings: listings.len(), products: groups.len() });
        }
        let names: std::collections::BTreeSet<&str> = listings
            .iter()
            .flat_map(|listing| listing.features.iter().map(|(name, _)| name.as_str()))
            .collect();
        let columns: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let priors: Vec<Prior> = columns.iter().map(|column| prior(column)).collect();
        let mut spread = 0.5;
        let (mut product_sd, mut listing_sd) = (0.3, 0.4);
        let mut residuals = Vec::new();
        for _ in 0..3 {
            residuals = left_out_residuals(listings, &groups, &columns, &priors, spread)?;
            (product_sd, listing_sd) = spreads(&residuals, &groups);
            spread = product_sd.hypot(listing_sd);
        }
        let all: Vec<usize> = (0..listings.len()).collect();
        let (coefficients, precision) = solve(listings, &groups, &all, &columns, &priors, spread)?;
        let covariance =
            Cholesky::new(&precision).map_err(|error| HedonicError::Singular(error.to_string()))?.inverse();
        let mut model = HedonicModel {
            covariance: (0..columns.len())
                .flat_map(|row| (0..=row).map(move |column| (row, column)))
                .map(|(row, column)| covariance[[row, column]])
                .collect(),
            coefficients: coefficients.to_vec(),
            columns,
            product_sd,
            listing_sd,
            products: BTreeMap::new(),
            left_out: LeftOut::of(residuals.iter().map(|residual| (*residual, spread))),
        };
        model.products = model.own_effects(listings, &groups);
        Ok(model)
    }

    fn own_effects(
        &self,
        listings: &[Listing],
        groups: &BTreeMap<&str, Vec<usize>>,
    ) -> BTreeMap<String, ProductEffect> {
        let between = self.product_sd.powi(2);
        let within = self.listing_sd.powi(2);
        groups
            .iter()
            .filter(|(_, members)| members.len() >= LEAST_LISTINGS)
            .map(|(product, members)| {
                let count = members.len() as f64;
                let mean = members
                    .iter()
                    .map(|&at| {
                        let residual = listings[at].log_price - self.regression(&listings[at].features);
                        residual.clamp(-RESIDUAL_CAP, RESIDUAL_CAP)
                    })
                    .sum::<f64>()
                    / count;
                let effect = mean * count * between / (count * between + within);
                ((*product).to_owned(), ProductEffect { effect, listings: members.len() })
            })
            .collect()
    }

    /// Whether the fit saw this column.
    pub fn knows(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }

    /// The coefficient of a column, zero when the fit never saw it.
    pub fn coefficient(&self, column: &str) -> f64 {
        self.columns.iter().position(|known| known == column).map_or(0.0, |at| self.coefficients[at])
    }

    /// Columns with their coefficients.
    pub fn coefficients(&self) -> impl Iterator<Item = (&str, f64)> {
        self.columns.iter().map(String::as_str).zip(self.coefficients.iter().copied())
    }

    fn regression(&self, features: &[(String, f64)]) -> f64 {
        features.iter().map(|(name, value)| value * self.coefficient(name)).sum()
    }

    /// Log price of a product with these features.
    pub fn predict(&self, product: Option<&str>, features: &[(String, f64)]) -> HedonicPrediction {
        let value = |column: &String| -> f64 {
            features.iter().filter(|(name, _)| name == column).map(|(_, value)| value).sum()
        };
        // Of all columns a product has but a few.
        let row: Vec<(usize, f64)> =
            self.columns.iter().map(value).enumerate().filter(|(_, value)| *value != 0.0).collect();
        let mut curve_variance = 0.0;
        for &(i, a) in &row {
            for &(j, b) in &row {
                let (high, low) = (i.max(j), i.min(j));
                curve_variance += a * b * self.covariance[high * (high + 1) / 2 + low];
            }
        }
        let own = product.and_then(|name| self.products.get(name));
        let between = self.product_sd.powi(2);
        let product_variance = match own {
            Some(own) => {
                let within = self.listing_sd.powi(2);
                between * within / (own.listings as f64 * between + within)
            }
            None => between,
        };
        HedonicPrediction {
            regression: self.regression(features),
            product: own.map_or(0.0, |own| own.effect),
            curve_variance: curve_variance.max(0.0),
            product_variance,
            listings: own.map_or(0, |own| own.listings),
        }
    }
}

fn by_product(listings: &[Listing]) -> BTreeMap<&str, Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, listing) in listings.iter().enumerate() {
        groups.entry(&listing.product).or_default().push(at);
    }
    groups
}

/// Coefficients and their precision from the listings `used`.
fn solve(
    listings: &[Listing],
    groups: &BTreeMap<&str, Vec<usize>>,
    used: &[usize],
    columns: &[String],
    priors: &[Prior],
    spread: f64,
) -> Result<(Array1<f64>, Array2<f64>), HedonicError> {
    let width = columns.len();
    let mut design = Array2::zeros((used.len() + width, width));
    let mut target = Array1::zeros(used.len() + width);
    for (row, &at) in used.iter().enumerate() {
        let listing = &listings[at];
        let weight = (groups[listing.product.as_str()].len() as f64).powf(-0.25);
        for (name, value) in &listing.features {
            if let Ok(column) = columns.binary_search(name) {
                design[[row, column]] += weight * value;
            }
        }
        target[row] = weight * listing.log_price;
    }
    for (column, prior) in priors.iter().enumerate() {
        let strength = spread / prior.sd;
        design[[used.len() + column, column]] = strength;
        target[used.len() + column] = strength * prior.mean;
    }
    let precision = design.t().dot(&design) / (spread * spread);
    let fitted = LinearRegression::new()
        .with_intercept(false)
        .fit(&Dataset::new(design, target))
        .map_err(|error| HedonicError::Singular(error.to_string()))?;
    Ok((fitted.params().clone(), precision))
}

/// Residual of every listing from the fit that left its product out.
fn left_out_residuals(
    listings: &[Listing],
    groups: &BTreeMap<&str, Vec<usize>>,
    columns: &[String],
    priors: &[Prior],
    spread: f64,
) -> Result<Vec<f64>, HedonicError> {
    let fold_of: BTreeMap<&str, usize> =
        groups.keys().enumerate().map(|(position, product)| (*product, position % FOLDS)).collect();
    let mut residuals = vec![0.0; listings.len()];
    for fold in 0..FOLDS {
        let used: Vec<usize> =
            (0..listings.len()).filter(|&at| fold_of[listings[at].product.as_str()] != fold).collect();
        let (coefficients, _) = solve(listings, groups, &used, columns, priors, spread)?;
        for (at, listing) in listings.iter().enumerate() {
            if fold_of[listing.product.as_str()] == fold {
                let predicted: f64 = listing
                    .features
                    .iter()
                    .filter_map(|(name, value)| {
                        columns.binary_search(name).ok().map(|column| value * coefficients[column])
                    })
                    .sum();
                residuals[at] = listing.log_price - predicted;
            }
        }
    }
    Ok(residuals)
}

/// Spread between products and between listings of one product.
fn spreads(residuals: &[f64], groups: &BTreeMap<&str, Vec<usize>>) -> (f64, f64) {
    let (mut within, mut freedom) = (0.0, 0.0);
    let (mut total, mut products) = (0.0, 0.0);
    let capped = |at: usize| residuals[at].clamp(-RESIDUAL_CAP, RESIDUAL_CAP);
    for members in groups.values() {
        let count = members.len() as f64;
        let mean = members.iter().map(|&at| capped(at)).sum::<f64>() / count;
        within += members.iter().map(|&at| (capped(at) - mean).powi(2)).sum::<f64>();
        freedom += count - 1.0;
        total += members.iter().map(|&at| capped(at).powi(2)).sum::<f64>() / count;
        products += 1.0;
    }
    let total = total / products;
    let within = if freedom >= 5.0 { (within / freedom).min(0.9 * total) } else { total / 2.0 };
    let between = (total - within).max(0.1 * total);
    (between.sqrt(), within.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forty products of two lines that lose 20 % a year, four listings each, with a fixed pattern of noise.
    fn made_up() -> Vec<Listing> {
        let mut listings = Vec::new();
        for product in 0..40_i32 {
            for copy in 0..4_i32 {
                let age = f64::from(product % 8);
                let dear = f64::from(product % 2);
                let product_noise = 0.1 * f64::from((product * 7) % 5 - 2);
                let noise = 0.05 * f64::from((product * 3 + copy * 11) % 7 - 3);
                listings.push(Listing {
                    product: format!("P{product:02}"),
                    features: vec![("age".into(), age), ("level".into(), 1.0), ("line:dear".into(), dear)],
                    log_price: 6.0 - 0.2 * age + 0.5 * dear + product_noise + noise,
                });
            }
        }
        listings
    }

    fn prior(column: &str) -> Prior {
        match column {
            "age" => Prior { mean: -0.3, sd: 0.1 },
            "level" => Prior { mean: 5.0, sd: 2.0 },
            _ => Prior { mean: 0.0, sd: 0.5 },
        }
    }

    #[test]
    fn a_known_curve_is_recovered_and_the_spreads_are_those_put_in() {
        let model = HedonicModel::fit(&made_up(), prior).unwrap();
        assert!((model.coefficient("age") + 0.2).abs() < 0.02, "{}", model.coefficient("age"));
        assert!((model.coefficient("line:dear") - 0.5).abs() < 0.12);
        assert!((0.08..0.25).contains(&model.product_sd), "{}", model.product_sd);
        assert!((0.05..0.15).contains(&model.listing_sd), "{}", model.listing_sd);
    }

    #[test]
    fn a_product_never_seen_is_wider_than_one_with_listings() {
        let model = HedonicModel::fit(&made_up(), prior).unwrap();
        let features = vec![("age".to_owned(), 3.0), ("level".to_owned(), 1.0)];
        let unseen = model.predict(Some("unseen"), &features);
        let seen = model.predict(Some("P03"), &features);
        assert!(unseen.product_variance > seen.product_variance);
        assert_eq!((unseen.listings, seen.listings), (0, 4));
    }

    #[test]
    fn too_little_data_is_a_sentence() {
        let message = HedonicModel::fit(&made_up()[..5], prior).unwrap_err().to_string();
        assert!(message.contains("5 listings of 2 products are too few"), "{message}");
    }
}
