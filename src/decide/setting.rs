//! What fleets are planned under.
//!
//! In: policy, catalog, models and month. Out: a [`Setting`], which outlives the fleets that are planned under it.

use super::plan::PlanInput;
use super::policy::{ConversionError, Policy};
use crate::catalog::{AssetClass, Catalog, Matcher, Product};
use crate::fleet::{Fleet, Profiles, ReadOptions};
use crate::price::Models;
use crate::units::{Currency, Month};

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
    /// What a policy, a catalog and models make together: amounts in the currency of the answer, where one is asked for, the
    /// models moved by the policy, and products that only the models know in the catalog.
    ///
    /// # Errors
    /// When the currency has no rate, or an amount has no place in it.
    pub fn new(
        written: Policy,
        currency: Option<Currency>,
        as_of: Month,
        mut models: Models,
        catalog: Catalog,
        profiles: Profiles,
    ) -> Result<Setting, ConversionError> {
        let mut policy = written.clone();
        if let Some(currency) = currency {
            policy.rates().dollars_per(currency)?;
            policy = policy.in_currency(currency)?;
        }
        for class in AssetClass::ALL {
            models.set_factor(class, policy.price_factor.of(class).unwrap_or(1.0));
        }
        let catalog = with_followed(catalog, &models);
        let matcher = Matcher::new(&catalog);
        Ok(Setting { policy, written, as_of, models, catalog, matcher, profiles })
    }

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

/// The catalog with the products that the models followed and it does not know.
fn with_followed(catalog: Catalog, models: &Models) -> Catalog {
    let unknown: Vec<Product> = models
        .followed_names()
        .filter(|(_, name)| catalog.by_name(name).is_none())
        .map(|(class, name)| Product::named(name, class))
        .collect();
    if unknown.is_empty() {
        return catalog;
    }
    Catalog::new(catalog.iter().map(|(_, product)| product.clone()).chain(unknown))
}
