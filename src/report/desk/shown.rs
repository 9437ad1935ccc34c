//! What the pages of a register are made from.

use std::collections::BTreeMap;

use super::view::{Filter, View, owner};
use crate::catalog::Catalog;
use crate::decide::{Scheduled, Setting, Timeline};
use crate::fleet::Fleet;
use crate::report::words::clean;
use crate::scenario::{Answer, Laid, Recovery, Standing, Turning, WhatIfInput, dials_at_base};
use crate::units::Currency;

/// A register with its base.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// Its name in addresses.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// What it is planned under.
    pub setting: &'a Setting,
    /// What is owned.
    pub fleet: &'a Fleet,
    /// The base.
    pub standing: &'a Standing,
    /// What can be turned.
    pub turning: &'a Turning,
    /// What can be chosen.
    pub choices: &'a Choices,
}

/// A scenario over it, as an address asks for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The register.
    pub scene: Scene<'a>,
    /// What the address says.
    pub view: &'a View,
    /// The scenario.
    pub laid: &'a Laid,
}

impl<'a> Scene<'a> {
    pub(super) fn path(&self) -> String {
        format!("/fleet/{}", self.id)
    }

    pub(super) fn title(&self) -> String {
        clean(self.name)
    }

    pub(super) fn currency(&self) -> Currency {
        self.setting.policy.currency
    }

    /// Where each figure stands in the base, where it has one.
    pub(super) fn at_base(&self) -> BTreeMap<&'static str, f64> {
        let plan = self.setting.plan_input(self.fleet);
        dials_at_base(&WhatIfInput { plan, written: &self.setting.written })
    }
}

impl<'a> Shown<'a> {
    pub(super) fn base(&self) -> &'a Answer {
        self.scene.standing.answer()
    }

    pub(super) fn answer(&self) -> &'a Answer {
        &self.laid.answer
    }

    pub(super) fn plan(&self) -> &'a Scheduled {
        &self.laid.plan
    }

    pub(super) fn timeline(&self) -> Timeline<'a> {
        Timeline::from(self.plan())
    }

    pub(super) fn catalog(&self) -> &'a Catalog {
        self.laid.catalog.as_ref().unwrap_or(&self.scene.setting.catalog)
    }

    /// What the shown cohorts bring in.
    pub(crate) fn recovery(&self) -> Recovery {
        if self.view.filter.is_empty() {
            return self.laid.recovery.clone();
        }
        self.scene.standing.recovery(self.plan(), &|cohort| self.shows(cohort))
    }

    /// Whether a cohort of the scenario's plan is shown.
    pub(super) fn shows(&self, cohort: usize) -> bool {
        let planned = &self.plan().cohorts[cohort];
        self.view.filter.shows(planned, &self.scene.fleet.assets[planned.cohort.assets[0]])
    }

    /// The position of the asset that the address names.
    pub(super) fn position_of_asset(&self) -> Option<usize> {
        let wanted = self.view.asset.as_ref()?;
        self.scene.fleet.assets.iter().position(|asset| asset.id == *wanted)
    }

    /// The cohort of that asset.
    pub(super) fn cohort_of_asset(&self) -> Option<usize> {
        Some(self.plan().cohort_of[self.position_of_asset()?])
    }
}

/// What there is to choose among, with units of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Choices([BTreeMap<String, u64>; 4]);

impl Choices {
    /// The choices of a fleet as its base groups it.
    pub(crate) fn of(fleet: &Fleet, standing: &Standing) -> Choices {
        let mut found = Choices::default();
        for planned in &standing.plan().cohorts {
            let first = &fleet.assets[planned.cohort.assets[0]];
            let values = [
                planned.cohort.class.name(),
                first.site.as_deref().unwrap_or(""),
                &planned.cohort.label,
                owner(first),
            ];
            for (choice, value) in found.0.iter_mut().zip(values) {
                *choice.entry(value.to_owned()).or_default() += planned.cohort.units;
            }
        }
        found
    }

    /// Each part of a filter with what there is to choose; a blank cannot be chosen.
    pub(super) fn with<'a>(
        &'a self,
        filter: &'a Filter,
    ) -> impl Iterator<Item = (&'static str, &'a Option<String>, &'a BTreeMap<String, u64>)> {
        filter.parts().into_iter().zip(&self.0).map(|((key, chosen), choices)| (key, chosen, choices))
    }
}
