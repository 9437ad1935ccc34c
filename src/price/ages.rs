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
    let over = mixed(&forecasts_by_age(models, subject, acquired, start, months)?)?;
    if acquired.is_certain() {
        return Some(over);
    }
    let known = Subject { acquired: Some(acquired.mean_month()), ..*subject };
    Some(not_surer_than(over, &forecast(models, &known, start, months)?))
}

/// Not to know the month never makes a price surer than to know it to be the mean month. It could, by the sum alone, where two
/// opinions of the price part ways at some ages and agree at others: what is missing is added to the unit's own variance.
fn not_surer_than(mut over: Forecast, known: &Forecast) -> Forecast {
    for (point, known) in over.points.iter_mut().zip(&known.points) {
        point.variance.unit += (known.variance.total() - point.variance.total()).max(0.0);
    }
    over
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, AssetClass, Catalog, Product};
    use crate::fleet::age::{SoldWhen, acquired_months};
    use crate::fleet::{AgeBasis, Asset, RegisterDate};
    use crate::price::parts::Configuration;
    use crate::units::{STANDARD_NORMAL_P90, SplitMix64};

    const AS_OF: &str = "2026-11";

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn subject<'a>(catalog: &'a Catalog, product: &'a Product) -> Subject<'a> {
        Subject {
            class: product.class,
            product: Some(product),
            successor_launch: catalog.successor_launch(product).map(|date| date.month),
            cost_usd: Some(1_400.0),
            cost_from_siblings: false,
            acquired: None,
            grade: None,
            accelerators: None,
            configuration: Configuration::default(),
        }
    }

    fn sold<'a>(catalog: &Catalog, product: &'a Product) -> SoldWhen<'a> {
        SoldWhen {
            class: product.class,
            vendor: Some(&product.vendor),
            launch: product.launch,
            successor_launch: catalog.successor_launch(product).map(|date| date.month),
            refresh_months: Some(48),
        }
    }

    fn undated(catalog: &Catalog, product: &Product) -> AcquiredMonths {
        acquired_months(&Asset::default(), &sold(catalog, product), month(AS_OF)).unwrap()
    }

    const PRODUCTS: [&str; 6] = [
        "HP EliteBook 840 G7",
        "Dell Latitude 7420",
        "HPE ProLiant DL360 Gen10 Plus",
        "Dell PowerEdge R740xd",
        "NVIDIA RTX A6000",
        "Lenovo ThinkPad T14 Gen 5",
    ];

    #[test]
    fn a_certain_month_gives_its_forecast_to_the_bit() {
        let (catalog, models) = (catalog::built_in().unwrap(), Models::built_in().unwrap());
        for name in PRODUCTS {
            let product = catalog.by_name(name).unwrap().1;
            let bought = month("2024-06");
            let known = Subject { acquired: Some(bought), ..subject(&catalog, product) };
            let certain = AcquiredMonths::certain(bought, AgeBasis::Date, Vec::new());
            let over = forecast_over_ages(&models, &known, Some(&certain), month(AS_OF), 30);
            assert_eq!(over, forecast(&models, &known, month(AS_OF), 30), "{name}");
        }
    }

    #[test]
    fn ages_that_start_from_different_prices_meet_at_their_mean() {
        let (catalog, models) = (catalog::built_in().unwrap(), Models::built_in().unwrap());
        let subject = subject(&catalog, catalog.by_name(PRODUCTS[1]).unwrap().1);
        let one = forecast(&models, &subject, month(AS_OF), 3).unwrap();
        let mut other = one.clone();
        other.reference.price_usd *= 4.0;
        let aged = |weight, forecast: &Forecast| Aged {
            acquired: month("2022-01"),
            weight,
            forecast: forecast.clone(),
        };
        let found = mixed(&[aged(0.75, &one), aged(0.25, &other)]).unwrap();
        for ahead in 0..3 {
            let log_apart = 4.0_f64.ln();
            let (of_one, of_all) = (one.value(ahead), found.value(ahead));
            assert!((of_all.mean_log - of_one.mean_log - 0.25 * log_apart).abs() < 1e-12);
            let between = 0.75 * 0.25 * log_apart.powi(2);
            assert!((of_all.variance_log - of_one.variance_log - between).abs() < 1e-12);
        }
    }

    #[test]
    fn mean_and_variance_are_those_of_the_direct_sum() {
        let (catalog, models) = (catalog::built_in().unwrap(), Models::built_in().unwrap());
        for name in PRODUCTS {
            let product = catalog.by_name(name).unwrap().1;
            let acquired = undated(&catalog, product);
            let ages =
                forecasts_by_age(&models, &subject(&catalog, product), &acquired, month(AS_OF), 25).unwrap();
            let mixture = mixed(&ages).unwrap();
            for ahead in [0, 6, 24] {
                let (mut first, mut second) = (0.0, 0.0);
                for age in &ages {
                    let value = age.forecast.value(ahead);
                    first += age.weight * value.mean_log;
                    second += age.weight * (value.variance_log + value.mean_log.powi(2));
                }
                let value = mixture.value(ahead);
                assert!((value.mean_log - first).abs() < 1e-9, "{name}");
                assert!((value.variance_log - (second - first * first)).abs() < 1e-9, "{name}");
                // The lognormal of these moments has nearly the mean of the mixture itself.
                let direct: f64 = ages.iter().map(|age| age.weight * age.forecast.value(ahead).mean()).sum();
                assert!((value.mean() / direct - 1.0).abs() < 0.03, "{name}: {} for {direct}", value.mean());
            }
        }
    }

    #[test]
    fn an_unknown_date_is_never_narrower_than_a_known_one_at_the_same_mean() {
        let (catalog, models) = (catalog::built_in().unwrap(), Models::built_in().unwrap());
        let start = month(AS_OF);
        for (_, product) in
            catalog.iter().filter(|(_, product)| product.launch.is_some_and(|at| at.month <= start))
        {
            let acquired = undated(&catalog, product);
            let subject = subject(&catalog, product);
            let Some(over) = forecast_over_ages(&models, &subject, Some(&acquired), start, 13) else {
                continue;
            };
            let known = Subject { acquired: Some(acquired.mean_month()), ..subject };
            let known = forecast(&models, &known, start, 13).unwrap();
            for ahead in [0, 12] {
                let (wide, narrow) = (over.value(ahead).variance_log, known.value(ahead).variance_log);
                assert!(wide >= narrow - 1e-9, "{} {ahead}: {wide} under {narrow}", product.name);
            }
        }
    }

    /// Draws a month of purchase from what the window says, the evidence it would leave, and the price it would fetch.
    fn coverage(name: &str, class: AssetClass, with_serial: bool) -> (f64, f64) {
        let (catalog, models) = (catalog::built_in().unwrap(), Models::built_in().unwrap());
        let product = catalog.by_name(name).unwrap().1;
        assert_eq!(product.class, class);
        let (subject, sold) = (subject(&catalog, product), sold(&catalog, product));
        let window = undated(&catalog, product);
        let mut draws = SplitMix64::new(20_261_126);
        let count = 4_000;
        let (mut dated, mut guessed) = (0, 0);
        for _ in 0..count {
            let bought = window.quantile(draws.uniform());
            let made = bought.plus(-[0, 1, 1, 1, 2, 2, 3][draws.below(7)]);
            let week = (f64::from(made.month() - 1) * 4.35 + 2.0) as i32;
            let serial = with_serial.then(|| format!("5CG{}{week:02}1ABC", made.year() % 10));
            let seen = bought.plus(draws.below(8) as i32).min(month(AS_OF));
            let asset = Asset {
                manufacturer: Some("HP".into()),
                serial,
                first_seen: Some(RegisterDate {
                    date: jiff::civil::Date::constant(seen.year() as i16, seen.month() as i8, 20),
                    precision: crate::catalog::Precision::Day,
                    other: None,
                }),
                ..Asset::default()
            };
            let acquired = acquired_months(&asset, &sold, month(AS_OF)).unwrap();
            let known = Subject { acquired: Some(bought), ..subject };
            let truth = forecast(&models, &known, month(AS_OF), 1).unwrap().value(0);
            let price = truth.mean_log + truth.variance_log.sqrt() * draws.normal();
            let over =
                forecast_over_ages(&models, &subject, Some(&acquired), month(AS_OF), 1).unwrap().value(0);
            let within = |value: LogNormal| {
                usize::from((price - value.mean_log).abs() <= STANDARD_NORMAL_P90 * value.variance_log.sqrt())
            };
            dated += within(truth);
            guessed += within(over);
        }
        (dated as f64 / f64::from(count), guessed as f64 / f64::from(count))
    }

    #[test]
    fn intervals_cover_what_they_say_with_and_without_the_date() {
        for (name, class, with_serial) in [
            ("HP EliteBook 840 G8", AssetClass::Laptop, true),
            ("HP EliteBook 840 G8", AssetClass::Laptop, false),
            ("HPE ProLiant DL360 Gen10", AssetClass::Server, false),
        ] {
            let (dated, guessed) = coverage(name, class, with_serial);
            assert!((0.78..0.82).contains(&dated), "{name}: {dated}");
            assert!((0.78..0.82).contains(&guessed), "{name}: {guessed}");
        }
    }
}
