//! What a plan can take over from the one that a scenario is laid over.
//!
//! In: a plan with what it was made from, and what another is made from. Out: those parts of the first that the second would
//! work out again, to the bit: the groups, where nothing has changed that tells units apart; what a unit fetches, where its
//! facts are the same and its market is, or moves as a whole; what to do with it, where besides its policy and the demand for it are.

use std::sync::Arc;

use super::cohort::Cohort;
use super::decision::Decision;
use super::plan::PlanInput;
use super::policy::Policy;
use super::scheduled::{Policies, Scheduled};
use super::valuation::{self, UsualCosts, Valuation, subject};
use crate::fleet::AcquiredMonths;
use crate::price::{self, Difference, Forecast, Subject};

/// A plan that others may take over from.
#[derive(Debug)]
pub(crate) struct Precedent<'a> {
    input: PlanInput<'a>,
    plan: &'a Scheduled,
    /// What the price models were told of each cohort.
    subjects: Vec<Subject<'a>>,
}

impl<'a> Precedent<'a> {
    /// A plan without reservation prices and break-evens, and what it was made from.
    pub(crate) fn new(input: PlanInput<'a>, plan: &'a Scheduled) -> Precedent<'a> {
        let rates = input.policy.rates();
        let usual =
            UsualCosts::of(input.fleet, plan.cohorts.iter().map(|planned| planned.cohort.as_ref()), &rates);
        let of_cohort = |cohort: &Cohort| {
            subject(input.catalog, &rates, &usual, cohort, &input.fleet.assets[cohort.assets[0]])
        };
        let subjects = plan.cohorts.iter().map(|planned| of_cohort(&planned.cohort)).collect();
        Precedent { input, plan, subjects }
    }

    /// The groups of a fleet.
    pub(super) fn groups(&self, input: &PlanInput<'_>) -> Option<Vec<Arc<Cohort>>> {
        let (own, other) = (self.input.policy, input.policy);
        let same = std::ptr::eq(self.input.fleet, input.fleet)
            && std::ptr::eq(self.input.catalog, input.catalog)
            && own.refresh_months == other.refresh_months
            && own.asset.keys().eq(other.asset.keys());
        same.then(|| self.plan.cohorts.iter().map(|planned| Arc::clone(&planned.cohort)).collect())
    }

    /// What a cohort fetches, and whether it is what it did or that, moved.
    pub(super) fn valuation(
        &self,
        input: &PlanInput<'_>,
        cohort: &Cohort,
        subject: &Subject<'_>,
        months: usize,
    ) -> Option<(Valuation, Difference)> {
        let position = self.plan.cohort_of[cohort.assets[0]];
        let planned = &self.plan.cohorts[position];
        // When the cards of a node are followed is in the catalog and not in its subject.
        let catalog = std::ptr::eq(self.input.catalog, input.catalog) || subject.accelerators.is_none();
        let same = catalog
            && valuation::months(self.input.policy) == months
            && self.subjects[position] == *subject
            && planned.cohort.acquired == cohort.acquired;
        let difference = self.input.models.difference(input.models, subject);
        let known = planned.cohort.acquired.as_ref().is_none_or(AcquiredMonths::is_certain);
        match difference {
            Difference::None if same => Some((
                Valuation {
                    forecast: planned.forecast.clone(),
                    parts: planned.parts.clone(),
                    if_age_known: planned.if_age_known,
                },
                difference,
            )),
            // A mixture of ages would be mixed before it is moved.
            Difference::Moved if same && known => {
                let moved = |forecast: &Arc<Forecast>| {
                    Arc::new(price::moved(input.models, subject, forecast.as_ref().clone()))
                };
                let forecast = planned.forecast.as_ref().map(moved);
                let parts = valuation::parts(input, cohort, subject, forecast.as_deref(), months).into();
                Some((Valuation { forecast, parts, if_age_known: None }, difference))
            }
            _ => None,
        }
    }

    /// For each different policy of another plan, which of this one decide alike.
    pub(super) fn alike(&self, policies: &Policies) -> Vec<Vec<bool>> {
        let deciding = |policies: &Policies| -> Vec<Policy> {
            policies.different.iter().map(Policy::for_decisions).collect()
        };
        let own = deciding(&self.plan.policies);
        deciding(policies).iter().map(|other| own.iter().map(|own| own == other).collect()).collect()
    }

    /// What to do with a cohort that fetches what it did, and that meets a demand or none. `alike` says which policies
    /// decide as the cohort's own.
    pub(super) fn decision(
        &self,
        input: &PlanInput<'_>,
        cohort: &Cohort,
        demand: Option<usize>,
        alike: &[bool],
    ) -> Option<Arc<Decision>> {
        let first = cohort.assets[0];
        let position = self.plan.cohort_of[first];
        let planned = &self.plan.cohorts[position];
        let asset = std::ptr::eq(self.input.fleet, input.fleet)
            || self.input.fleet.assets[first] == input.fleet.assets[first];
        let same = asset
            && planned.cohort.assets[0] == first
            && planned.cohort.is_like(cohort)
            && std::ptr::eq(self.input.catalog, input.catalog)
            && self.plan.demands[position] == demand
            && alike[self.plan.policies.of_cohort[position]];
        same.then(|| Arc::clone(&planned.decision))
    }
}
