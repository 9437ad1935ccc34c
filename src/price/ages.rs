//! The price of a unit whose month of purchase is not certain.
//!
//! In: a [`Subject`] and the months in which it can have been bought ([`AcquiredMonths`]). Out: one [`Forecast`]: the
//! mixture of those for each month. With weights `w`, means `μ` and variances `v` of the log price,
//!
//! `mean = Σ w μ`, `variance = Σ w v + Σ w (μ − mean)²`,
//!
//! by the law of total variance, as two opinions are mixed elsewhere. Drivers are averaged, so they
//! still add to the mean; the variance between ages is the unit's own. A certain month gives its forecast to the bit.

use super::forecast::{Drivers, Forecast, PartPrices, Point, Reference, Variance, forecast};
use super::model::Models;
use super::subject::Subject;
use crate::fleet::AcquiredMonths;
use crate::units::{LogNormal, Month};

/// A forecast under one month of purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Aged {
    /// The month.
    pub acquired: Month,
    /// Its probability.
    pub weight: f64,
    /// The forecast were it bought then.
    pub forecast: Forecast,
}

/// The forecast for each month in which the unit can have been bought: what it would be worth to know the date.
pub fn forecasts_by_age(
    models: &Models,
    subject: &Subject<'_>,
    acquired: &AcquiredMonths,
    start: Month,
    months: usize,
) -> Option<Vec<Aged>> {
    let one = |&(month, weight): &(Month, f64)| {
        let subject = Subject { acquired: Some(month), ..*subject };
        Some(Aged { acquired: month, weight, forecast: forecast(models, &subject, start, months)? })
    };
    acquired.support().iter().map(one).collect()
}

/// Forecasts `months` months from `start` on, over all months in which the unit can have been bought. Where nothing says
/// when that was, the subject stands as it is.
pub fn forecast_over_ages(
    models: &Models,
    subject: &Subject<'_>,
    acquired: Option<&AcquiredMonths>,
    start: Month,
    months: usize,
) -> Option<Forecast> {
    let Some(acquired) = acquired else { return forecast(models, subject, start, months) };
    mixed(&forecasts_by_age(models, subject, acquired, start, months)?)
}

/// The mixture of forecasts of one unit. `None` of no forecast.
pub fn mixed(ages: &[Aged]) -> Option<Forecast> {
    let (first, rest) = ages.split_first()?;
    if rest.is_empty() || rest.iter().all(|other| other.forecast == first.forecast) {
        return Some(first.forecast.clone());
    }
    let price_usd = average(ages, |forecast| forecast.reference.price_usd.ln()).exp();
    let points = (0..first.forecast.points.len()).map(|ahead| point(ages, ahead)).collect();
    Some(Forecast {
        reference: Reference { price_usd, ..first.forecast.reference },
        points,
        parts: parts(ages),
        ..first.forecast.clone()
    })
}

/// A weighted mean over the ages.
fn average(ages: &[Aged], value: impl Fn(&Forecast) -> f64) -> f64 {
    ages.iter().map(|age| age.weight * value(&age.forecast)).sum()
}

fn point(ages: &[Aged], ahead: usize) -> Point {
    let drivers = |of: fn(&Drivers) -> f64| average(ages, |forecast| of(&forecast.points[ahead].drivers));
    let variance = |of: fn(&Variance) -> f64| average(ages, |forecast| of(&forecast.points[ahead].variance));
    let mean = average(ages, |forecast| forecast.value(ahead).mean_log);
    let between = average(ages, |forecast| (forecast.value(ahead).mean_log - mean).powi(2));
    Point {
        drivers: Drivers {
            age: drivers(|drivers| drivers.age),
            market: drivers(|drivers| drivers.market),
            generation: drivers(|drivers| drivers.generation),
            configuration: drivers(|drivers| drivers.configuration),
            grade: drivers(|drivers| drivers.grade),
        },
        variance: Variance {
            market: variance(|variance| variance.market),
            curve: variance(|variance| variance.curve),
            product: variance(|variance| variance.product),
            unit: variance(|variance| variance.unit) + between,
        },
    }
}

/// The parts of a machine, mixed in the same way.
fn parts(ages: &[Aged]) -> Option<PartPrices> {
    let all: Vec<(f64, &PartPrices)> =
        ages.iter().map(|age| Some((age.weight, age.forecast.parts.as_ref()?))).collect::<Option<_>>()?;
    let (_, first) = all.first()?;
    let prices = (0..first.prices.len()).map(|ahead| {
        let average = |value: &dyn Fn(LogNormal) -> f64| -> f64 {
            all.iter().map(|(weight, parts)| weight * value(parts.prices[ahead])).sum()
        };
        let mean_log = average(&|price| price.mean_log);
        let variance_log =
            average(&|price| price.variance_log) + average(&|price| (price.mean_log - mean_log).powi(2));
        LogNormal { mean_log, variance_log }
    });
    Some(PartPrices { count: first.count, prices: prices.collect() })
}
