//! What one unit of a line fetches in each grade, and what moves it.
//!
//! In: the forecasts of a cohort by grade, or a price that the list states. Out: a [`Price`]: mean prices by grade and month
//! while everything common stands at its middle, the standard deviations of what is common ([`Common`]), and the variance of
//! the unit's own luck.

use super::scheme::Graded;
use super::terms::Terms;
use crate::decide::Valued;
use crate::fleet::Grade;
use crate::price::published::{PublishedCurve, UNIT_SPREAD};
use crate::price::{Basis, Forecast, grade};
use crate::units::Currency;

/// Causes of common moves: market, curve, product, age, exchange rate.
pub const CAUSES: usize = 5;

/// Age at which the fall of a stated price is read off the published curve, years: the usual refresh.
const USUAL_AGE_YEARS: f64 = 4.0;

/// What moves all units of a line together.
#[derive(Debug, Clone, PartialEq)]
pub struct Common {
    /// Names of the causes; lines that share a name share its draws.
    pub names: [String; CAUSES],
    /// Standard deviation of the log price by month and cause.
    pub sds: Vec<[f64; CAUSES]>,
}

impl Common {
    /// Variance of the log price in a month.
    pub fn variance(&self, month: usize) -> f64 {
        let last = self.sds.len().saturating_sub(1);
        self.sds.get(month.min(last)).map_or(0.0, |sds| sds.iter().map(|sd| sd * sd).sum())
    }

    /// Mean of the common factor in a month over its middle.
    pub fn mean_factor(&self, month: usize) -> f64 {
        (0.5 * self.variance(month)).exp()
    }
}

/// The price of a unit of a line in each grade.
pub(super) struct Price {
    /// What it rests on; nothing where the list states it.
    pub basis: Option<Basis>,
    /// What moves the units together.
    pub common: Common,
    /// Mean price by grade and month, the common moves at their middle.
    pub by_grade: [Vec<f64>; Grade::ALL.len()],
    /// Variance of the unit's own luck, by grade.
    pub luck: [f64; Grade::ALL.len()],
}

impl Price {
    /// From the price models.
    pub(super) fn forecast(
        forecasts: &[Forecast; Grade::ALL.len()],
        valued: &Valued,
        terms: &Terms,
        months: usize,
    ) -> Price {
        let usual = &forecasts[Grade::B as usize];
        let age = |month: usize| valued.age_variance.get(month).copied().unwrap_or(0.0);
        let point = |forecast: &Forecast, month: usize| {
            forecast.points[month.min(forecast.points.len() - 1)].variance
        };
        let sds = (0..months).map(|month| {
            let variance = point(usual, month);
            let exchange = terms.exchange_variance_monthly * month as f64;
            [variance.market, variance.curve, variance.product, age(month), exchange].map(f64::sqrt)
        });
        let listed = terms.policy.months_to_list as usize;
        let own = |forecast: &Forecast, month: usize| (point(forecast, month).unit - age(month)).max(0.0);
        let prices = |forecast: &Forecast| {
            let price = |month: usize| (forecast.value(month).mean_log + 0.5 * own(forecast, month)).exp();
            (0..months).map(|month| terms.per_dollar * price(month)).collect()
        };
        let [market, curve, product] = crate::decide::shared_names(usual);
        let age_name = format!("age {}", valued.cohort.assets[0]);
        Price {
            basis: Some(usual.basis),
            common: Common {
                names: [market, curve, product, age_name, "exchange rate".to_owned()],
                sds: sds.collect(),
            },
            by_grade: std::array::from_fn(|grade| prices(&forecasts[grade])),
            luck: std::array::from_fn(|grade| own(&forecasts[grade], listed)),
        }
    }

    /// From a price the list states for units as they are: the steps between grades and the fall over months are those of
    /// the published figures.
    pub(super) fn stated(
        (amount, currency): (f64, Currency),
        valued: &Valued,
        graded: &Graded,
        terms: &Terms,
        months: usize,
    ) -> Price {
        let class = valued.cohort.class;
        let dollars = valued.policy.rates().dollars_per(currency).unwrap_or(1.0);
        let step = |grade: Grade| grade::effect(Some(grade)).shift_log.exp();
        let over_mixture: f64 =
            Grade::ALL.iter().map(|grade| graded.mixture.share(*grade) * step(*grade)).sum();
        let curve = PublishedCurve::of_class(class);
        let fall = |month: usize| {
            let log = |months: usize| curve.at(USUAL_AGE_YEARS + months as f64 / 12.0).mean_log;
            (log(month) - log(0)).exp()
        };
        let market = crate::price::UNFOLLOWED_MARKET_SD.powi(2) / 12.0;
        let sds = (0..months).map(|month| {
            let ahead = month as f64;
            let exchange = terms.exchange_variance_monthly * ahead;
            [(market * ahead).sqrt(), 0.0, terms.policy.stated_price_sd, 0.0, exchange.sqrt()]
        });
        let now = amount * dollars * terms.per_dollar;
        let label = &valued.cohort.label;
        Price {
            basis: None,
            common: Common {
                names: [
                    format!("market {}", class.name()),
                    format!("curve {}", class.name()),
                    format!("product {label}"),
                    format!("age {label}"),
                    "exchange rate".to_owned(),
                ],
                sds: sds.collect(),
            },
            by_grade: Grade::ALL.map(|grade| {
                let price = now * step(grade) / over_mixture;
                (0..months).map(|month| price * fall(month)).collect()
            }),
            luck: [UNIT_SPREAD.powi(2); Grade::ALL.len()],
        }
    }
}
