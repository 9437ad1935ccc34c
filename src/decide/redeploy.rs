//! Which units meet the demand of the house.
//!
//! In: cohorts and the demands of the policy. Out: for each cohort the demand that its units meet, if any. Demands are
//! served in their order, first from units that nobody uses, then from units of other sites, whole cohorts at a time, as
//! long as the demand has room for them.

use std::sync::Arc;

use super::cohort::{Cohort, Standing};
use super::policy::{Demand, Policy};
use crate::fleet::{Fleet, Ownership};

/// The position of the demand that each cohort meets.
pub(super) fn assign(policy: &Policy, fleet: &Fleet, cohorts: &[Arc<Cohort>]) -> Vec<Option<usize>> {
    let mut assigned = vec![None; cohorts.len()];
    for (position, demand) in policy.redeploy.demand.iter().enumerate() {
        let mut left = demand.units;
        for idle in [true, false] {
            for (at, cohort) in cohorts.iter().enumerate() {
                let asset = &fleet.assets[cohort.assets[0]];
                let free = assigned[at].is_none()
                    && cohort.standing == Standing::InPlan
                    && asset.ownership != Ownership::Leased;
                if free
                    && asset.is_idle() == idle
                    && cohort.units <= left
                    && fits(demand, cohort, asset.site.as_deref(), idle)
                {
                    assigned[at] = Some(position);
                    left -= cohort.units;
                }
            }
        }
    }
    assigned
}

fn fits(demand: &Demand, cohort: &Cohort, site: Option<&str>, idle: bool) -> bool {
    let same = |wanted: &str, own: &str| wanted.trim().to_lowercase() == own.trim().to_lowercase();
    let elsewhere = demand.site.as_deref().is_some_and(|wanted| !same(wanted, site.unwrap_or("")));
    demand.class.is_none_or(|class| class == cohort.class)
        && demand.product.as_deref().is_none_or(|product| same(product, &cohort.label))
        && (idle || elsewhere)
}
