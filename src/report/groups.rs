//! Cohorts of one product at one site, taken together for reading.
//!
//! In: a plan. Out: [`Group`]s by product and site. A group is only a heading: every cohort in it keeps its own
//! forecast and window.

use std::collections::BTreeMap;

use crate::decide::Timeline;
use crate::fleet::Fleet;
use crate::units::{Currency, Money};

/// Cohorts of one product at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Product name, or the register's words.
    pub label: String,
    /// Site, when the register says.
    pub site: Option<String>,
    /// Positions in [`Plan::cohorts`](crate::decide::Plan::cohorts), in order.
    pub cohorts: Vec<usize>,
    /// Units of all of them.
    pub units: u64,
    /// Expected net recovery of those that go.
    pub recovery: Money,
}

impl Group {
    /// Product and site in one line.
    pub(super) fn name(&self) -> String {
        match &self.site {
            Some(site) => format!("{}, {site}", self.label),
            None => self.label.clone(),
        }
    }
}

/// The site of a cohort, which all its assets share.
pub(super) fn site<'a, 'p>(
    plan: impl Into<Timeline<'p>>,
    fleet: &'a Fleet,
    cohort: usize,
) -> Option<&'a str> {
    let index = plan.into().cohorts.get(cohort)?.cohort.assets.first()?;
    fleet.assets.get(*index)?.site.as_deref()
}

/// Expected net recovery of a whole cohort as scheduled: printed amounts of a unit times units.
pub(super) fn recovery<'p>(plan: impl Into<Timeline<'p>>, cohort: usize) -> i64 {
    let placements = plan.into().schedule.of_cohort(cohort).iter();
    placements.map(|placement| placement.recovery.minor() * placement.units as i64).sum()
}

/// Groups the chosen cohorts, those with most recovery first.
pub(super) fn groups<'p>(
    plan: impl Into<Timeline<'p>>,
    fleet: &Fleet,
    currency: Currency,
    chosen: impl Fn(usize) -> bool,
) -> Vec<Group> {
    let plan = plan.into();
    let whole = |cohort: usize| (cohort, plan.cohorts[cohort].cohort.units, recovery(plan, cohort));
    let parts = (0..plan.cohorts.len()).filter(|cohort| chosen(*cohort)).map(whole);
    groups_of(plan, fleet, currency, parts)
}

/// Groups parts of cohorts, each with its units and the minor units of money it brings in.
pub(super) fn groups_of<'p>(
    plan: impl Into<Timeline<'p>>,
    fleet: &Fleet,
    currency: Currency,
    parts: impl Iterator<Item = (usize, u64, i64)>,
) -> Vec<Group> {
    let plan = plan.into();
    let mut by_name: BTreeMap<(String, Option<String>), Group> = BTreeMap::new();
    for (cohort, units, minor) in parts {
        let planned = &plan.cohorts[cohort];
        let (label, site) = (planned.cohort.label.clone(), site(plan, fleet, cohort).map(str::to_owned));
        let group = by_name.entry((label.clone(), site.clone())).or_insert_with(|| Group {
            label,
            site,
            cohorts: Vec::new(),
            units: 0,
            recovery: Money::zero(currency),
        });
        group.cohorts.push(cohort);
        group.units += units;
        group.recovery = Money::from_minor(group.recovery.minor() + minor, currency);
    }
    let mut groups: Vec<Group> = by_name.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.recovery.minor()));
    groups
}
