//! The chain form of one series' covariance against the matrix itself.
//!
//! In: random months, noise and hyperparameters from within the box of the prior. Out: test results; the matrix is made,
//! factorised and inverted entry by entry, which is the plain reading of the model's formulas.

use ndarray::{Array1, Array2};
use proptest::prelude::*;

use super::cholesky::Cholesky;
use super::design::Column;
use super::design::{Covariates, DesignBasis, Term};
use super::gradient::residual;
use super::hyperparameters::{BOX_HALF_WIDTH, COUNT, HyperparameterPrior, Hyperparameters};
use super::likelihood::noise_variances;
use super::panel::{Panel, PanelSeries, PanelSettings, Row, Series};
use super::series_inverse::{Effect, SeriesInverse};

/// V by its definition.
fn dense(months: &[i32], noise: &[f64], effect: &Effect) -> Array2<f64> {
    Array2::from_shape_fn((months.len(), months.len()), |(i, j)| {
        let gap = f64::from(months[i].abs_diff(months[j]));
        let wander = effect.wander * (-gap / effect.length).exp();
        effect.constant + wander + if i == j { noise[i] } else { 0.0 }
    })
}

/// Hyperparameters at a point of the prior's box.
fn at(standard: &[f64; COUNT]) -> Hyperparameters {
    let theta = HyperparameterPrior::default().unstandardise(standard);
    Hyperparameters::from_theta(&theta).expect("the box is within the domain")
}

fn standard() -> impl Strategy<Value = [f64; COUNT]> {
    prop::array::uniform9(-BOX_HALF_WIDTH..=BOX_HALF_WIDTH)
}

/// Gaps between the rows of a series, two rows of one month among them, and the sales of each.
fn rows() -> impl Strategy<Value = Vec<(i32, f64)>> {
    let gap = prop_oneof![6 => Just(1), 1 => Just(0), 2 => 2..14];
    prop::collection::vec((gap, 1.0..500.0_f64), 1..40)
}

fn months_of(rows: &[(i32, f64)]) -> Vec<i32> {
    rows.iter()
        .scan(0, |month, row| {
            *month += row.0;
            Some(*month)
        })
        .collect()
}

fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().fold(0.0, |most, value| most.max(value.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_inverse_is_that_of_the_matrix(rows in rows(), standard in standard()) {
        let hyperparameters = at(&standard);
        let months = months_of(&rows);
        let noise: Vec<f64> = rows.iter().map(|row| hyperparameters.sale_variance(row.1)).collect();
        let effect = Effect::new(&hyperparameters, *months.last().expect("there is a row"));
        let matrix = dense(&months, &noise, &effect);
        let factor = Cholesky::new(&matrix).expect("it is positive definite");
        let expected = factor.inverse();
        let found = SeriesInverse::new(&months, noise.iter().copied(), &effect).expect("so it is here");
        let scale = largest(&expected);
        let determinant = factor.log_determinant();
        prop_assert!((found.log_determinant() - determinant).abs() < 1e-9 * determinant.abs().max(1.0));
        let count = months.len();
        let mut unit = vec![0.0; count * count];
        unit.iter_mut().step_by(count + 1).for_each(|entry| *entry = 1.0);
        found.solve(&mut unit, count);
        let positions: Vec<usize> = (0..count).map(|i| 3 + i).collect();
        let mut added = Array2::zeros((count + 3, count + 3));
        found.add_lower(added.as_slice_mut().expect("it is made by rows"), count + 3, &positions);
        for i in 0..count {
            prop_assert!((found.diagonal(i) - expected[[i, i]]).abs() < 1e-9 * scale);
            for j in 0..=i {
                prop_assert!((unit[i * count + j] - expected[[i, j]]).abs() < 1e-9 * scale);
                prop_assert!((unit[j * count + i] - expected[[i, j]]).abs() < 1e-9 * scale);
                prop_assert!((added[[i + 3, j + 3]] - expected[[i, j]]).abs() < 1e-9 * scale);
            }
        }
    }

    #[test]
    fn the_slopes_are_the_traces_of_the_matrices(
        all in prop::collection::vec(rows(), 1..4),
        standard in standard(),
    ) {
        let panel = panel_of(&all);
        let theta = HyperparameterPrior::default().unstandardise(&standard);
        let found = panel.likelihood_gradient(&theta).expect("the series are usable").gradient;
        let (expected, scale) = dense_slopes(&panel, &at(&standard));
        for position in [0, 1, 2, 7, 8] {
            let error = found[position] - expected[position];
            prop_assert!(error.abs() < 1e-9 * scale[position].max(1.0), "{} {:?} {:?}", position, found, expected);
        }
    }
}

/// A panel of wavy prices in these months.
fn panel_of(all: &[Vec<(i32, f64)>]) -> Panel {
    let series: Vec<Series> = all
        .iter()
        .enumerate()
        .map(|(i, rows)| Series {
            name: format!("{i}"),
            segment: "all".to_owned(),
            covariates: Covariates {
                launch_month: -7 * i32::try_from(i).expect("a few series"),
                successor_launch_month: Some(9),
                ln_list_price: 6.0 + 0.1 * i as f64,
                amd: i == 1,
                datacentre: false,
                ln_memory: None,
                source: String::new(),
            },
            rows: months_of(rows)
                .into_iter()
                .zip(rows)
                .map(|(month, row)| Row {
                    month,
                    ln_retention: (f64::from(month) + row.1).sin() - 0.02 * f64::from(month),
                    sales: Some(row.1),
                    weight: 0.5 + 0.5 * row.1.cos().abs(),
                })
                .collect(),
        })
        .collect();
    let last = series.iter().flat_map(|one| &one.rows).map(|row| row.month).max().unwrap_or(0);
    let terms = Column::full().into_iter().map(|column| {
        let (prior_mean, prior_sd) = column.prior();
        Term { column, prior_mean, prior_sd }
    });
    let basis = DesignBasis {
        terms: terms.collect(),
        mean_ln_list_price: 6.1,
        mean_ln_memory: 0.0,
        cohort_origin: 0,
    };
    Panel::new(&series, basis, PanelSettings::ending(last)).expect("the series are usable")
}

/// `[X E]` of a series.
fn full_design(series: &PanelSeries, unknowns: usize) -> Array2<f64> {
    let columns = series.design.ncols();
    let mut design = Array2::zeros((series.months.len(), unknowns));
    for (i, &position) in series.positions.iter().enumerate() {
        for column in 0..columns {
            design[[i, column]] = series.design[[i, column]];
        }
        design[[i, position]] = 1.0;
    }
    design
}

/// Slopes by the hyperparameters of the series' covariances as traces of products of matrices, and the sizes of the
/// parts that they are sums of.
fn dense_slopes(panel: &Panel, hyperparameters: &Hyperparameters) -> ([f64; COUNT], [f64; COUNT]) {
    let system = panel.solve(hyperparameters).expect("the series are usable");
    let covariance = system.covariance();
    let effect = panel.effect(hyperparameters);
    let values = hyperparameters.values();
    let (mut slopes, mut scales) = ([0.0; COUNT], [0.0; COUNT]);
    for series in &panel.series {
        let noise = noise_variances(series, hyperparameters);
        let matrix = dense(&series.months, &noise, &effect);
        let inverse = Cholesky::new(&matrix).expect("it is positive definite").inverse();
        let design = full_design(series, panel.unknowns());
        let fitted = design.dot(&covariance).dot(&design.t());
        let alpha: Array1<f64> = inverse.dot(&residual(series, &system.mean));
        let met = inverse.dot(&fitted).dot(&inverse);
        for (i, left) in series.months.iter().enumerate() {
            for (j, right) in series.months.iter().enumerate() {
                let gap = f64::from(left.abs_diff(*right));
                let wander = effect.wander * (-gap / effect.length).exp();
                let same = f64::from(u8::from(i == j));
                let floor = same * values.sale_noise_floor.powi(2) / series.weights[i];
                let changes = [
                    (0, 2.0 * effect.constant),
                    (1, 2.0 * wander),
                    (2, wander * gap / effect.length),
                    (7, 2.0 * floor),
                    (8, 2.0 * (same * noise[i] - floor)),
                ];
                for (position, change) in changes {
                    let parts = [inverse[[i, j]], -met[[i, j]], -alpha[i] * alpha[j]];
                    slopes[position] += 0.5 * change * parts.iter().sum::<f64>();
                    scales[position] += 0.5 * change * parts.iter().map(|part| part.abs()).sum::<f64>();
                }
            }
        }
    }
    (slopes, scales)
}

#[test]
fn a_wandering_effect_that_vanishes_or_never_forgets_loses_no_digits() {
    let mut values = *HyperparameterPrior::default().median().values();
    let months: Vec<i32> = (0..60).map(|i| i + i / 7).collect();
    for (wander_sd, wander_length) in [(1e-9, 8.0), (0.1, 1e7), (0.1, 1e-3), (10.0, 1e4)] {
        (values.wander_sd, values.wander_length) = (wander_sd, wander_length);
        let hyperparameters = Hyperparameters::try_from(values).expect("they are positive");
        let effect = Effect::new(&hyperparameters, 80);
        let noise = vec![0.02; months.len()];
        let factor = Cholesky::new(&dense(&months, &noise, &effect)).expect("it is positive definite");
        let found = SeriesInverse::new(&months, noise.into_iter(), &effect).expect("so it is here");
        let vector: Array1<f64> = (0..60).map(|i| f64::from(i).sin()).collect();
        let (found, expected) = (found.dot(&vector), factor.solve(vector.view()));
        let scale = largest(&expected);
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 1e-9 * scale,
                "{wander_sd} {wander_length} {found} {expected}"
            );
        }
    }
}
