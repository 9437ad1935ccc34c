//! What is drawn of a plan: its cohorts and when they go, without sums and findings.
//!
//! In: a [`Plan`], or one that is not summed up yet. Out: a [`Timeline`], by reference.

use super::plan::{Plan, PlannedCohort};
use super::schedule::Schedule;
use super::scheduled::Scheduled;
use crate::units::Month;

/// Cohorts and their months.
#[derive(Debug, Clone, Copy)]
pub struct Timeline<'a> {
    /// From which month it looks.
    pub as_of: Month,
    /// Cohorts in the order of their first asset.
    pub cohorts: &'a [PlannedCohort],
    /// What the fleet can really do, month by month.
    pub schedule: &'a Schedule,
    /// Plan currency for one dollar.
    pub currency_per_dollar: f64,
}

impl<'a> From<&'a Plan> for Timeline<'a> {
    fn from(plan: &'a Plan) -> Timeline<'a> {
        Timeline {
            as_of: plan.as_of,
            cohorts: &plan.cohorts,
            schedule: &plan.schedule,
            currency_per_dollar: plan.currency_per_dollar,
        }
    }
}

impl<'a> From<&'a Scheduled> for Timeline<'a> {
    fn from(plan: &'a Scheduled) -> Timeline<'a> {
        Timeline {
            as_of: plan.as_of,
            cohorts: &plan.cohorts,
            schedule: &plan.schedule,
            currency_per_dollar: plan.currency_per_dollar,
        }
    }
}
