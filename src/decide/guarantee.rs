//! What it costs to promise a value: a residual-value guarantee or a buy-back on one unit.
//!
//! In: a forecast, the value promised (strike X) and the month M. Out: a [`Guarantee`], and a [`loan_schedule`] that says
//! how much to lend on the unit. The promise pays `max(X − V_M, 0)`, a put on the unit's value; V_M is log-normal with
//! the mean m and variance s² of the forecast's log, everything unsure of the single unit included, so
//!
//! ```text
//! expected payment = X Φ(d) − E[V] Φ(d − s),  d = (ln X − m) / s;   fair premium = δ^M × expected payment
//! tail of the worst share a = (X P(V < c) − E[V; V < c]) / a,  c the lesser of X and the a-quantile of V
//! ```
//!
//! (Black and Scholes 1973, under the forecast's own distribution: no market hedges a used server, so the premium is
//! fair as an insurer's is, without a loading for risk or cost.) A promise that may be called in any month from the
//! next on is worth the put on the lattice of [`stopping`](super::stopping), with the same distribution in month M.

use super::stopping::{End, PriceProcess, Problem, Resolution, solve};
use crate::price::{Forecast, ReferenceKind};
use crate::units::{Cancelled, LogNormal, Month, Quantiles, Work};

/// When the promise may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exercise {
    /// In its month only.
    AtTheEnd,
    /// In every month from the next on.
    Monthly,
}

/// A promise on one unit, amounts in the currency of the answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Promise<'a> {
    /// Value of the unit.
    pub forecast: &'a Forecast,
    /// Currency of the answer for one dollar.
    pub factor: f64,
    /// Value promised.
    pub strike: f64,
    /// Month in which it ends.
    pub month: Month,
    /// When it may be called.
    pub exercise: Exercise,
    /// Monthly discount factor.
    pub discount: f64,
}

/// What a promise costs, one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guarantee {
    /// Value of the unit in the month.
    pub value: Quantiles,
    /// Probability that it pays.
    pub probability: f64,
    /// Expected payment.
    pub expected_payment: f64,
    /// Its present value: the fair premium of the promise that is called in its month.
    pub premium: f64,
    /// Expected payment when it pays.
    pub shortfall: f64,
    /// Expected payment in the worst tenth of outcomes.
    pub worst_tenth: f64,
    /// Expected payment in the worst twentieth.
    pub worst_twentieth: f64,
    /// Fair premium of the promise that may be called monthly.
    pub monthly_premium: Option<f64>,
}

/// How much a unit carries in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScheduleLine {
    /// The month.
    pub month: Month,
    /// The value that all but the chosen share of outcomes reach.
    pub value_at_quantile: f64,
    /// That over the expected value now.
    pub to_value_now: f64,
    /// That over the price new, where one is known.
    pub to_price_new: Option<f64>,
    /// The promise, were this its month.
    pub guarantee: Guarantee,
}

/// A promise that cannot be valued.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GuaranteeError {
    /// A strike that promises nothing.
    #[error("--strike {0} promises nothing: write the value of one unit that is promised, above 0")]
    Strike(f64),
    /// A share that is none.
    #[error("--quantile {0} is no share of outcomes: write one between 0 and 1, such as 0.10")]
    Quantile(f64),
    /// A month that has passed.
    #[error(
        "--month {month} is before {start}, the month from which one looks: give a later one, or an earlier --as-of"
    )]
    Passed {
        /// The month asked for.
        month: Month,
        /// The first month of the forecast.
        start: Month,
    },
    /// A month that no forecast reaches.
    #[error(
        "--month {month} is beyond {last}, the last month looked ahead to: give an earlier one, or a policy with more \
         horizon_months (up to 120)"
    )]
    Beyond {
        /// The month asked for.
        month: Month,
        /// The last month that is forecast.
        last: Month,
    },
    /// Nobody wants it any more.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl GuaranteeError {
    /// Whether the promise that was asked for is wrong by itself.
    pub fn is_wrong_usage(&self) -> bool {
        !matches!(self, GuaranteeError::Cancelled(_))
    }
}

/// Refuses a month that lies outside of `months` months from `start`; gives how far ahead it lies.
pub fn months_ahead(start: Month, month: Month, months: usize) -> Result<usize, GuaranteeError> {
    let ahead =
        usize::try_from(month.months_since(start)).map_err(|_| GuaranteeError::Passed { month, start })?;
    if ahead > months {
        return Err(GuaranteeError::Beyond { month, last: start.plus(months as i32) });
    }
    Ok(ahead)
}

/// Values a promise.
pub fn guarantee(promise: &Promise<'_>) -> Result<Guarantee, GuaranteeError> {
    let strike = promise.strike;
    if !(strike.is_finite() && strike > 0.0) {
        return Err(GuaranteeError::Strike(strike));
    }
    let forecast = promise.forecast;
    let ahead = months_ahead(forecast.start, promise.month, forecast.points.len().saturating_sub(1))?;
    let value = value_at(promise, ahead);
    let probability = value.probability_below(strike);
    let expected_payment = value.expected_shortfall_below(strike);
    let premium = promise.discount.powi(ahead as i32) * expected_payment;
    let monthly_premium = match promise.exercise {
        Exercise::AtTheEnd => None,
        Exercise::Monthly => Some(by_lattice(promise, ahead).max(premium)),
    };
    Ok(Guarantee {
        value: value.quantiles(),
        probability,
        expected_payment,
        premium,
        shortfall: if probability > 0.0 { expected_payment / probability } else { 0.0 },
        worst_tenth: tail(value, strike, 0.1),
        worst_twentieth: tail(value, strike, 0.05),
        monthly_premium,
    })
}

/// The promise and what the unit carries at a quantile, for every month from the first to the promise's own.
pub fn loan_schedule(promise: &Promise<'_>, quantile: f64) -> Result<Vec<ScheduleLine>, GuaranteeError> {
    loan_schedule_watched(promise, quantile, Work::unwatched())
}

/// The same while somebody looks on.
///
/// # Errors
/// As [`loan_schedule`], and [`GuaranteeError::Cancelled`] when it is no longer wanted.
pub fn loan_schedule_watched(
    promise: &Promise<'_>,
    quantile: f64,
    work: Work<'_>,
) -> Result<Vec<ScheduleLine>, GuaranteeError> {
    if !(quantile > 0.0 && quantile < 1.0) {
        return Err(GuaranteeError::Quantile(quantile));
    }
    let forecast = promise.forecast;
    let last = months_ahead(forecast.start, promise.month, forecast.points.len().saturating_sub(1))?;
    let now = value_at(promise, 0).mean();
    let reference = forecast.reference;
    let price_new =
        (reference.kind != ReferenceKind::LastPrice).then_some(reference.price_usd * promise.factor);
    let stage = work.stage("valuing months", last + 1);
    (0..=last)
        .map(|ahead| {
            let month = forecast.start.plus(ahead as i32);
            let guarantee = guarantee(&Promise { month, ..*promise })?;
            stage.step()?;
            let value_at_quantile = value_at(promise, ahead).quantile(quantile);
            Ok(ScheduleLine {
                month,
                value_at_quantile,
                to_value_now: value_at_quantile / now,
                to_price_new: price_new.map(|price| value_at_quantile / price),
                guarantee,
            })
        })
        .collect()
}

fn value_at(promise: &Promise<'_>, ahead: usize) -> LogNormal {
    let mut value = promise.forecast.value(ahead);
    value.mean_log += promise.factor.ln();
    value
}

/// Expected payment in the worst `share` of outcomes, which are those of lowest value.
fn tail(value: LogNormal, strike: f64, share: f64) -> f64 {
    let limit = value.quantile(share);
    if limit < strike {
        strike - value.partial_mean_below(limit) / share
    } else {
        value.expected_shortfall_below(strike) / share
    }
}

/// The put that may be used from the next month on. Nothing is left to choose where the month is this one or a price is
/// beyond all measure.
fn by_lattice(promise: &Promise<'_>, ahead: usize) -> f64 {
    let Some(process) = PriceProcess::of_forecast(promise.forecast, promise.factor, ahead, ahead) else {
        return 0.0;
    };
    let allowed: Vec<bool> = (0..=ahead).map(|month| month > 0 || ahead == 0).collect();
    let problem = Problem {
        process: &process,
        payoff: &|_: usize, price: f64| promise.strike - price,
        holding_costs: &[],
        discount: promise.discount,
        allowed: &allowed,
        end: End::MayAbandon,
    };
    solve(&problem, Resolution::Price).value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{Basis, Drivers, Point, Reference, Variance};
    use proptest::prelude::*;

    fn falling(monthly: f64, moving: f64) -> Forecast {
        Forecast {
            basis: Basis::Family,
            reference: Reference { price_usd: 1_000.0, kind: ReferenceKind::ListPrice },
            market: "market".into(),
            product: "product".into(),
            start: "2026-11".parse().unwrap(),
            parts: None,
            cards_share: 0.0,
            points: (0..=36)
                .map(|ahead| Point {
                    drivers: Drivers { age: -0.4 + monthly * f64::from(ahead), ..Drivers::default() },
                    variance: Variance {
                        market: moving * f64::from(ahead),
                        unit: 0.05,
                        ..Variance::default()
                    },
                })
                .collect(),
        }
    }

    fn promise(forecast: &Forecast, strike: f64, exercise: Exercise) -> Promise<'_> {
        Promise {
            forecast,
            factor: 1.0,
            strike,
            month: forecast.start.plus(24),
            exercise,
            discount: 1.08_f64.powf(-1.0 / 12.0),
        }
    }

    #[test]
    fn the_premium_is_the_textbook_put_and_parity_holds() {
        let forecast = falling(-0.02, 0.004);
        let found = guarantee(&promise(&forecast, 500.0, Exercise::AtTheEnd)).unwrap();
        let (m, variance) = (1_000_f64.ln() - 0.4 - 0.48, 0.05 + 24.0 * 0.004);
        let cdf = |point: f64| 0.5 * statrs::function::erf::erfc(-point / 2_f64.sqrt());
        let d = (500_f64.ln() - m) / f64::sqrt(variance);
        let mean = (m + 0.5 * variance).exp();
        let discount = 1.0 / (1.08 * 1.08);
        let put = discount * (500.0 * cdf(d) - mean * cdf(d - f64::sqrt(variance)));
        let call = discount * (mean * cdf(f64::sqrt(variance) - d) - 500.0 * cdf(-d));
        assert!((found.premium - put).abs() < 1e-9);
        assert!((call - found.premium - discount * (found.value.mean - 500.0)).abs() < 1e-9);
        assert!((found.probability * found.shortfall - found.expected_payment).abs() < 1e-9);
    }

    #[test]
    fn the_tail_is_the_mean_of_the_worst_outcomes() {
        let forecast = falling(-0.02, 0.004);
        for strike in [150.0, 300.0, 600.0] {
            let found = guarantee(&promise(&forecast, strike, Exercise::AtTheEnd)).unwrap();
            let value = forecast.value(24);
            let count = 20_000;
            let payment =
                |place: usize| (strike - value.quantile((place as f64 + 0.5) / f64::from(count))).max(0.0);
            let mean_of = |worst: usize| (0..worst).map(payment).sum::<f64>() / worst as f64;
            assert!((found.worst_tenth - mean_of(2_000)).abs() < 0.02, "{strike}");
            assert!((found.worst_twentieth - mean_of(1_000)).abs() < 0.02, "{strike}");
        }
    }

    #[test]
    fn bad_terms_are_refused_by_name() {
        let forecast = falling(-0.02, 0.004);
        let good = promise(&forecast, 500.0, Exercise::AtTheEnd);
        let error = |promise: Promise<'_>| guarantee(&promise).unwrap_err();
        assert_eq!(error(Promise { strike: 0.0, ..good }), GuaranteeError::Strike(0.0));
        let passed = "2026-10".parse().unwrap();
        assert!(matches!(error(Promise { month: passed, ..good }), GuaranteeError::Passed { .. }));
        let beyond = "2029-12".parse().unwrap();
        assert!(matches!(error(Promise { month: beyond, ..good }), GuaranteeError::Beyond { .. }));
        assert_eq!(loan_schedule(&good, 1.0).unwrap_err(), GuaranteeError::Quantile(1.0));
    }

    #[test]
    fn a_promise_that_ends_now_has_nothing_to_wait_for() {
        let forecast = falling(-0.02, 0.004);
        let now = Promise { month: forecast.start, ..promise(&forecast, 700.0, Exercise::Monthly) };
        let found = guarantee(&now).unwrap();
        assert!((found.monthly_premium.unwrap() - found.premium).abs() < 1e-3, "{found:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_freer_promise_costs_more_and_a_higher_one_costs_more_and_more(
            monthly in -0.04..0.02_f64,
            moving in 0.0..0.01_f64,
            strike in 50.0..1500.0_f64,
            step in 1.0..100.0_f64,
        ) {
            let forecast = falling(monthly, moving);
            let of = |strike| guarantee(&promise(&forecast, strike, Exercise::Monthly)).unwrap();
            let found = of(strike);
            prop_assert!(found.monthly_premium.unwrap() >= found.premium);
            // The lattice itself, before it is held to be no less, agrees with the closed form where nothing is early.
            let lattice = by_lattice(&promise(&forecast, strike, Exercise::Monthly), 24);
            prop_assert!(lattice >= found.premium - 1e-3, "{} {}", lattice, found.premium);
            for premium in [|one: Guarantee| one.premium, |one: Guarantee| one.monthly_premium.unwrap_or(0.0)] {
                let [low, middle, high] = [0.0, 1.0, 2.0].map(|steps| premium(of(strike + steps * step)));
                prop_assert!(low <= middle + 1e-3 && middle <= high + 1e-3);
                prop_assert!(middle <= 0.5 * (low + high) + 2e-3);
            }
            prop_assert!(found.worst_tenth <= found.worst_twentieth + 1e-9);
            prop_assert!(found.expected_payment <= found.worst_tenth + 1e-9);
        }

        #[test]
        fn nothing_is_lent_on_luck(quantile in 0.01..0.5_f64) {
            let forecast = falling(-0.02, 0.004);
            let lines = loan_schedule(&promise(&forecast, 500.0, Exercise::AtTheEnd), quantile).unwrap();
            prop_assert_eq!(lines.len(), 25);
            prop_assert!(lines.windows(2).all(|pair| pair[1].value_at_quantile < pair[0].value_at_quantile));
            prop_assert!(lines.iter().all(|line| line.to_value_now < 1.0));
        }
    }
}
