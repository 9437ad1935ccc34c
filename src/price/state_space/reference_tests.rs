//! The fit and its compact form against the exact fixture of the state-space
//! price model, and against formulas written out directly on invented series.
//!
//! In: the market data outside the repository, where they are present. Out:
//! test results; tolerances are half a unit of the last digit printed there.

use super::compact::CompactModel;
use super::error::PriceModelError;
use super::fit::{FitSettings, FittedPanel};
use super::fixture::{direct, invented_series, panel_of, series};
use super::forecast::Query;
use super::hyperparameters::{HyperparameterPrior, Hyperparameters};
use super::panel::{Panel, PanelSettings, Series};

/// Last month of the fixture, October 2023.
const LAST: i32 = 2023 * 12 + 9;

const ONLY_POSTERIOR: FitSettings = FitSettings { iterations: 0, robust_passes: 0 };

const SHORT_FIT: FitSettings = FitSettings { iterations: 4, robust_passes: 2 };

fn fitted(panel: Panel, settings: FitSettings) -> FittedPanel {
    let prior = HyperparameterPrior::default();
    panel.fit(&prior, None, settings).expect("the series can be fitted")
}

#[test]
fn likelihood_and_posterior_are_those_of_the_reference() {
    let Some(series) = series() else { return };
    let panel = panel_of(&series);
    assert_eq!((panel.rows(), series.len()), (1040, 56));
    let found = panel
        .negative_log_likelihood(HyperparameterPrior::default().median())
        .expect("the fixture is positive definite");
    assert!((found + 2_296.511_41).abs() < 5.001e-6, "{found}");
    let fitted = fitted(panel, ONLY_POSTERIOR);
    let expected = [-0.07072, -0.19545, -0.04999, -0.05399, -0.02196, -0.17251, -0.07518, 0.0, 0.09257];
    for ((name, found), expected) in fitted.coefficients().iter().zip(expected) {
        assert!((found - expected).abs() < 5.001e-6, "{name} {found}");
    }
    let path = fitted.market_path("all").expect("the segment exists");
    let now = path.len() - 14;
    let expected = [(0, -0.00696), (1, -0.00977), (3, -0.01113), (6, -0.00902), (12, -0.00396)];
    for (ahead, expected) in expected {
        let found = path[now + ahead];
        assert!((found - expected).abs() < 5.001e-6, "{ahead} {found}");
    }
}

#[test]
fn one_card_is_forecast_as_by_the_reference() {
    let Some(series) = series() else { return };
    let fitted = fitted(panel_of(&series), ONLY_POSTERIOR);
    let model = fitted.compact().expect("a fit has a compact model");
    let card = model.series("GeForce RTX 3080").expect("the card is in the fixture");
    let expected =
        [(1, -0.58311, 0.07309), (3, -0.62687, 0.11431), (6, -0.68753, 0.15229), (12, -0.80645, 0.19124)];
    for (ahead, mean, sd) in expected {
        let found = model.forecast(&Query::of_series(card, LAST + ahead)).expect("the month is covered");
        assert!((found.mean() - mean).abs() < 5.001e-6, "{}", found.mean());
        assert!((found.sd() - sd).abs() < 5.001e-6, "{}", found.sd());
    }
}

#[test]
fn fit_reaches_the_objective_of_the_reference() {
    let Some(series) = series() else { return };
    let fitted = fitted(panel_of(&series), FitSettings::default());
    let found = fitted.hyperparameters();
    let penalty: f64 = HyperparameterPrior::default()
        .standardise(&found.to_theta())
        .iter()
        .map(|entry| 0.5 * entry * entry)
        .sum();
    // The reference gives the objective with the weights of the last pass.
    let likelihood = fitted.panel().negative_log_likelihood(found);
    let objective = likelihood.expect("the fit is positive definite") + penalty;
    assert!((objective + 2_490.67).abs() < 0.01, "{objective}");
    assert!((fitted.objective() + 2_449.55).abs() < 0.01, "{}", fitted.objective());
    let values = found.values();
    let expected = [
        (values.market_noise, 0.027, 0.000_5),
        (values.momentum_noise, 0.030, 0.000_5),
        (values.momentum_persistence, 0.722, 0.001),
        (values.market_half_life, 5.8, 0.05),
        (values.sale_noise_floor, 0.005, 0.000_5),
        (values.sale_noise_single, 0.253, 0.001),
    ];
    for (found, expected, tolerance) in expected {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }
}

#[test]
fn compact_forecasts_of_the_fixture_equal_the_formula_of_the_fit() {
    let Some(series) = series() else { return };
    compare_with_direct(&fitted(panel_of(&series), FitSettings::default()));
}

#[test]
fn compact_forecasts_of_invented_series_equal_the_formula_of_the_fit() {
    compare_with_direct(&fitted(panel_of(&invented_series()), SHORT_FIT));
}

/// Writes the compact model, reads it again and compares all forecasts within
/// the fit's future months with the formula over all rows.
fn compare_with_direct(fitted: &FittedPanel) {
    let model = fitted.compact().expect("a fit has a compact model");
    let written = serde_json::to_string(&model).expect("a model can be written");
    let model: CompactModel = serde_json::from_str(&written).expect("and read again");
    for one in model.all_series() {
        for ahead in 1..=12 {
            let own = Query { sales: Some(7.0), ..Query::of_series(one, model.last_month() + ahead) };
            let unseen = Query { series: None, ..own };
            for (query, name) in [(own, Some(one.name.as_str())), (unseen, None)] {
                let (mean, variance) = direct(fitted, name, &query);
                let found = model.forecast(&query).expect("the month is covered");
                assert!((found.mean() - mean).abs() < 1e-9, "{} {mean}", found.mean());
                assert!((found.variance.total() - variance).abs() < 1e-9);
                assert!(found.variance.latent() > 0.0 && found.variance.product > 0.0);
                let shares = found.variance.allocated();
                let sum = shares.market + shares.curve + shares.product + shares.sale_noise;
                assert!((sum - variance).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn gradient_equals_finite_differences() {
    let panel = panel_of(&invented_series());
    let mut theta = HyperparameterPrior::default().median().to_theta();
    theta[0] -= 0.3;
    theta[6] += 0.2;
    let found = panel.likelihood_gradient(&theta).expect("the series are usable");
    for i in 0..theta.len() {
        let at = |step: f64| {
            let mut moved = theta;
            moved[i] += step;
            let moved = Hyperparameters::from_theta(&moved).expect("a small step is valid");
            panel.negative_log_likelihood(&moved).expect("the series are usable")
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        let error = slope - found.gradient[i];
        assert!(error.abs() < 1e-6 * slope.abs().max(10.0), "{i} {error}");
    }
}

#[test]
fn the_fit_has_the_same_bits_at_any_number_of_threads() {
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool can be built");
        let fitted = pool.install(|| fitted(panel_of(&invented_series()), SHORT_FIT));
        serde_json::to_string(&fitted.compact().expect("a fit has one")).expect("a model can be written")
    };
    assert_eq!(bits(1), bits(5));
}

#[test]
fn robust_passes_doubt_an_outlier() {
    let mut series = invented_series();
    series[1].rows[6].ln_retention += 1.5;
    let fitted = fitted(panel_of(&series), SHORT_FIT);
    let weights = &fitted.panel.series[1].weights;
    let smallest = weights.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(weights[6] <= smallest && smallest < 0.5, "{weights:?}");
}

#[test]
fn months_before_and_far_after_the_data_are_not_covered() {
    let model = fitted(panel_of(&invented_series()), ONLY_POSTERIOR).compact().expect("a fit has one");
    let one = &model.all_series()[0];
    for ahead in [i32::MIN, -1, 0, 181] {
        let month = model.last_month().saturating_add(ahead);
        let found = model.forecast(&Query::of_series(one, month));
        assert!(matches!(found, Err(PriceModelError::MonthNotCovered { .. })));
    }
    let far = model.forecast(&Query::of_series(one, model.last_month() + 180)).expect("180 is covered");
    assert!(far.sd().is_finite() && far.quantiles().check().is_ok());
    let unknown = Query::of_unseen(&one.covariates, 2, model.last_month() + 1);
    assert!(model.forecast(&unknown).is_err());
    assert_eq!(model.segment("datacentre"), Ok(1));
}

#[test]
fn a_damaged_model_is_refused() {
    let model = fitted(panel_of(&invented_series()), ONLY_POSTERIOR).compact().expect("a fit has one");
    let written = serde_json::to_value(&model).expect("a model can be written");
    let damages: [fn(&mut serde_json::Value); 3] = [
        |value| value["series"][0]["segment"] = 9.into(),
        |value| value["state_mean"] = vec![0.0].into(),
        |value| value["hyperparameters"]["momentum_persistence"] = 2.0.into(),
    ];
    for damage in damages {
        let mut damaged = written.clone();
        damage(&mut damaged);
        assert!(serde_json::from_value::<CompactModel>(damaged).is_err());
    }
}

#[test]
fn short_series_can_be_left_out_of_a_model() {
    let model = fitted(panel_of(&invented_series()), ONLY_POSTERIOR).compact().expect("a fit has one");
    assert!(model.series("product 07").is_some_and(|one| one.rows == 1));
    let shorter = model.with_series_where(|one| one.rows >= 3);
    assert!(shorter.series("product 07").is_none() && shorter.series("product 00").is_some());
}

#[test]
fn rows_that_cannot_be_used_name_their_series() {
    let panel = |change: fn(&mut Vec<Series>)| {
        let mut series = invented_series();
        let basis = panel_of(&series).basis().clone();
        change(&mut series);
        Panel::new(&series, basis, PanelSettings::ending(2024 * 12)).map(|panel| panel.rows())
    };
    assert!(panel(|_| ()).is_ok());
    let refused: [fn(&mut Vec<Series>); 7] = [
        |series| series.clear(),
        |series| series[3].rows.clear(),
        |series| series[3].name = series[2].name.clone(),
        |series| series[3].rows[0].ln_retention = f64::NAN,
        |series| series[3].rows[0].weight = 0.0,
        |series| series[3].rows[0].month = 2024 * 12 + 1,
        |series| series[3].rows[0].month = i32::MIN,
    ];
    for change in refused {
        assert!(panel(change).is_err());
    }
}
