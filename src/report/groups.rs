//! Cohorts of one product at one site, taken together for reading.
//!
//! In: a plan. Out: [`Group`]s by product and site. A group is only a heading: every cohort in it keeps its own
//! forecast and window.

use std::collections::BTreeMap;

use crate::decide::{Action, Plan};
use crate::fleet::Fleet;
use crate::units::{Currency, Money};

/// Cohorts of one product at one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Product name, or the register's words.
    pub label: String,
    /// Site, when the register says.
    pub site: Option<String>,
    /// Positions in [`Plan::cohorts`], in order.
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
pub(super) fn site<'a>(plan: &Plan, fleet: &'a Fleet, cohort: usize) -> Option<&'a str> {
    let index = plan.cohorts.get(cohort)?.cohort.assets.first()?;
    fleet.assets.get(*index)?.site.as_deref()
}

/// Expected net recovery of a whole cohort: the printed amount of a unit times its units, nothing when it stays.
pub(super) fn recovery(plan: &Plan, cohort: usize) -> i64 {
    let planned = &plan.cohorts[cohort];
    if planned.decision.action == Action::Go {
        planned.decision.recovery_money.minor() * planned.cohort.units as i64
    } else {
        0
    }
}

/// Groups the chosen cohorts, those with most recovery first.
pub(super) fn groups(
    plan: &Plan,
    fleet: &Fleet,
    currency: Currency,
    chosen: impl Fn(usize) -> bool,
) -> Vec<Group> {
    let mut by_name: BTreeMap<(String, Option<String>), Group> = BTreeMap::new();
    for cohort in (0..plan.cohorts.len()).filter(|cohort| chosen(*cohort)) {
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
        group.units += planned.cohort.units;
        group.recovery = Money::from_minor(group.recovery.minor() + recovery(plan, cohort), currency);
    }
    let mut groups: Vec<Group> = by_name.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.recovery.minor()));
    groups
}
