//! What fleets are planned under.
//!
//! In: policy, catalog, models and month. Out: a [`Setting`], which outlives the fleets that are planned under it.

use super::plan::PlanInput;
use super::policy::Policy;
use crate::catalog::{Catalog, Matcher};
use crate::fleet::{Fleet, Profiles, ReadOptions};
use crate::price::Models;
use crate::units::Month;

/// Everything a plan needs besides its fleet.
#[derive(Debug)]
pub struct Setting {
    /// The policy, its amounts in the currency of the answer.
    pub policy: Policy,
    /// The policy before its amounts were turned into the currency of the answer.
    pub written: Policy,
    /// From which month one looks.
    pub as_of: Month,
    /// What things fetch.
    pub models: Models,
    /// What exists.
    pub catalog: Catalog,
    /// How names are looked up in it.
    pub matcher: Matcher,
    /// How each system writes its exports.
    pub profiles: Profiles,
}

impl Setting {
    /// Everything a plan of this fleet is made from.
    pub fn plan_input<'a>(&'a self, fleet: &'a Fleet) -> PlanInput<'a> {
        PlanInput {
            fleet,
            catalog: &self.catalog,
            matcher: &self.matcher,
            models: &self.models,
            policy: &self.policy,
            as_of: self.as_of,
        }
    }

    /// How registers are read under this policy.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions { profiles: self.profiles.clone(), ..self.policy.read_options(self.as_of) }
    }
}
