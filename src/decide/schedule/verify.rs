//! Whether a schedule keeps the limits: asked of the schedule itself, not of the problem it was solved as.
//!
//! In: a schedule, the fleet and the policy. Out: every breach, as a sentence. Sums are made anew from the placements.

use std::collections::BTreeMap;

use super::Schedule;
use super::limits::{exactly_named, named};
use super::problem::Exit;
use crate::decide::decision::Action;
use crate::decide::plan::PlannedCohort;
use crate::decide::policy::Policy;
use crate::fleet::Fleet;
use crate::units::Month;

impl Schedule {
    /// Every limit of the policy that the schedule breaks; none when it keeps them all.
    pub fn breaches(
        &self,
        cohorts: &[PlannedCohort],
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let mut found = self.breaches_of_shared_limits(cohorts, fleet, policy, as_of);
        for (position, planned) in cohorts.iter().enumerate() {
            found.extend(self.breaches_of_cohort(position, planned, fleet, policy, as_of));
        }
        found
    }

    fn breaches_of_shared_limits(
        &self,
        cohorts: &[PlannedCohort],
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let mut handled: BTreeMap<(&str, Month), u64> = BTreeMap::new();
        let mut spent: BTreeMap<String, f64> = BTreeMap::new();
        for placement in &self.placements {
            let Some(month) = placement.month else { continue };
            let planned = &cohorts[placement.cohort];
            let site = fleet.assets[planned.cohort.assets[0]].site.as_deref().unwrap_or("");
            *handled.entry((site, month)).or_default() += placement.units;
            let prospects = planned.decision.prospects.as_ref();
            if let Some(next) = prospects.and_then(|prospects| prospects.challenger.as_ref()) {
                let price = next.price * next.monthly_factor.powi(month.months_since(as_of));
                *spent.entry(month.quarter_name()).or_default() +=
                    placement.units as f64 * next.per_defender * price;
            }
        }
        let over_capacity = handled.into_iter().filter_map(|((site, month), units)| {
            let limit = named(&policy.capacity, site)?;
            (units > limit).then(|| format!("{units} units leave {site} in {month}, {limit} can"))
        });
        let over_budget = spent.into_iter().filter_map(|(quarter, amount)| {
            let limit = *policy.budget.get(&quarter)?;
            (amount > limit + 0.01).then(|| format!("{amount:.2} is spent in {quarter}, {limit:.2} may be"))
        });
        over_capacity.chain(over_budget).collect()
    }

    fn breaches_of_cohort(
        &self,
        position: usize,
        planned: &PlannedCohort,
        fleet: &Fleet,
        policy: &Policy,
        as_of: Month,
    ) -> Vec<String> {
        let placements = self.of_cohort(position);
        let asset = &fleet.assets[planned.cohort.assets[0]];
        let (decision, label) = (&planned.decision, &planned.cohort.label);
        let mut found = Vec::new();
        let placed: u64 = placements.iter().map(|placement| placement.units).sum();
        let in_schedule = matches!(decision.action, Action::Go | Action::Keep);
        if placed != planned.cohort.units && (in_schedule || placed > 0) {
            found.push(format!("{placed} of {} units of {label} are placed", planned.cohort.units));
        }
        if placed > 0 && !in_schedule && !matches!(decision.action, Action::ReturnLease | Action::BuyOut) {
            found.push(format!("{label} is scheduled although it is `{}`", decision.action.name()));
        }
        let leased = matches!(decision.action, Action::ReturnLease | Action::BuyOut);
        let end = if leased {
            decision.month
        } else {
            asset.contract_end.map(|end| end.month()).filter(|end| policy.contracts.bind && *end >= as_of)
        };
        let site = asset.site.as_deref().unwrap_or("");
        let in_use = decision.prospects.as_ref().map_or(!asset.is_idle(), |prospects| prospects.in_use);
        for placement in placements {
            let leaves = placement.month;
            if let Some(end) = end.filter(|end| end.months_since(as_of) < policy.horizon_months as i32)
                && leaves.is_none_or(|month| month > end)
                && placement.paid_to_pass.is_none()
            {
                found.push(format!("{label} passes the end of its lease or contract in {end}"));
            }
            if leased && placement.exit != Exit::Returned && placement.paid_to_pass.is_none() {
                found.push(format!("{label} is leased and leaves as if owned"));
            }
            let Some(month) = leaves else { continue };
            if policy.freeze.iter().any(|freeze| freeze.holds(site, month)) {
                found.push(format!("{label} leaves {site} in {month}, which is frozen"));
            }
            let successor = decision.prospects.as_ref().and_then(|prospects| prospects.challenger.as_ref());
            let to_site = exactly_named(&policy.delivery.sites, site);
            let of_product = successor.and_then(|next| exactly_named(&policy.delivery.products, &next.name));
            if in_use && to_site.into_iter().chain(of_product).any(|from| month < from) {
                found.push(format!("{label} leaves {site} in {month}, before its successor is there"));
            }
        }
        found
    }
}
