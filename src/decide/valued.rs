//! What the units of a fleet fetch in each condition, without a decision: for those who buy them.
//!
//! In: what a plan is made from, and the months to look ahead. Out: one [`Valued`] a cohort, in their order: a price path for
//! every grade, and the part of its variance that not knowing the age brings. Units that were bought together are of one
//! age, so that part is common to the units of the cohort, whereas a single unit's forecast counts it as its own.

use std::sync::Arc;

use rayon::prelude::*;

use super::cohort::{self, Cohort};
use super::plan::{PlanError, PlanInput};
use super::policy::Policy;
use super::route::PartPrice;
use super::scheduled::Policies;
use super::valuation::{UsualCosts, parts, subject};
use crate::fleet::{AcquiredMonths, Grade};
use crate::price::{self, Forecast, Subject};
use crate::units::Work;

/// A cohort with its price by condition.
#[derive(Debug, Clone)]
pub struct Valued {
    /// The assets.
    pub cohort: Cohort,
    /// The policy that holds for them.
    pub policy: Arc<Policy>,
    /// Price path of one unit in dollars by grade, in the order of [`Grade::ALL`]; nothing where nothing speaks of it.
    pub by_grade: Option<[Forecast; Grade::ALL.len()]>,
    /// Variance of the log price that the unknown age brings, by month; common to the units.
    pub age_variance: Vec<f64>,
    /// Parts that sell by themselves.
    pub parts: Vec<PartPrice>,
}

/// Values every cohort of a fleet, `months` months from the as-of month on.
///
/// # Errors
/// When a currency has no rate, overrides do not go together, or the work is no longer wanted.
pub fn value_by_grade(
    input: &PlanInput<'_>,
    months: usize,
    work: Work<'_>,
) -> Result<Vec<Valued>, PlanError> {
    let rates = input.policy.rates();
    rates.dollars_per(input.policy.currency)?;
    let groups = cohort::group(input.fleet, input.catalog, input.matcher, input.as_of, input.policy);
    let usual_costs = UsualCosts::of(input.fleet, groups.iter(), &rates);
    let Policies { different, of_cohort, .. } = Policies::of(input, groups.iter())?;
    let different: Vec<Arc<Policy>> = different.into_iter().map(Arc::new).collect();
    let stage = work.stage("pricing cohorts", groups.len());
    let valued = groups.into_par_iter().zip(of_cohort).map(|(cohort, place)| {
        let asset = &input.fleet.assets[cohort.assets[0]];
        let subject = subject(input.catalog, &rates, &usual_costs, &cohort, asset);
        let by_grade = by_grade(input, &cohort, &subject, months);
        let usual = by_grade.as_ref().map(|forecasts| &forecasts[1]);
        let age_variance = age_variance(input, &cohort, &subject, usual, months);
        let parts = parts(input, &cohort, &subject, usual, months);
        stage.step()?;
        Ok(Valued { cohort, policy: Arc::clone(&different[place]), by_grade, age_variance, parts })
    });
    valued.collect()
}

fn by_grade(
    input: &PlanInput<'_>,
    cohort: &Cohort,
    subject: &Subject<'_>,
    months: usize,
) -> Option<[Forecast; Grade::ALL.len()]> {
    let acquired = cohort.acquired.as_ref();
    let of_grade = |grade: &Grade| {
        let subject = Subject { grade: Some(*grade), ..*subject };
        price::forecast_over_ages(input.models, &subject, acquired, input.as_of, months)
    };
    let all: Vec<Forecast> = Grade::ALL.iter().map(of_grade).collect::<Option<_>>()?;
    all.try_into().ok()
}

/// The unit's own variance over all ages less that at the mean month of purchase.
fn age_variance(
    input: &PlanInput<'_>,
    cohort: &Cohort,
    subject: &Subject<'_>,
    over: Option<&Forecast>,
    months: usize,
) -> Vec<f64> {
    let uncertain: Option<&AcquiredMonths> =
        cohort.acquired.as_ref().filter(|acquired| !acquired.is_certain());
    let known = uncertain.and_then(|acquired| {
        let subject =
            Subject { acquired: Some(acquired.mean_month()), grade: Some(Grade::ALL[1]), ..*subject };
        price::forecast(input.models, &subject, input.as_of, months)
    });
    match (over, known) {
        (Some(over), Some(known)) => over
            .points
            .iter()
            .zip(&known.points)
            .map(|(over, known)| (over.variance.unit - known.variance.unit).max(0.0))
            .collect(),
        _ => vec![0.0; months],
    }
}
