//! The price of a phone by the cold start.
//!
//! In: the model and a subject with a catalogued product. Out: a point a month, condition included, because the model knows
//! what conditions are worth. The normal that a point stands for has the model's median and the mean width of its 80 %
//! interval. Months after the last sale widen it as in any market that nobody followed.

use std::collections::BTreeMap;

use super::cold_start::{ColdStartModel, Condition, Facts, facts_of_product};
use super::forecast::{Basis, Drivers, Point, Reference, ReferenceKind, UNFOLLOWED_MARKET_SD, Variance};
use super::state_space::quantiles::{NORMAL_90, Quantiles};
use super::subject::Subject;
use crate::fleet::Grade;
use crate::units::Month;

/// Years over which an unfollowed market's moves accumulate.
const UNFOLLOWED_MARKET_YEARS: f64 = 4.0;

/// A subject as the cold start sees it.
pub(super) struct ColdStartView<'a> {
    model: &'a ColdStartModel,
    facts: Facts,
    grade: Option<Grade>,
    pub(super) reference: Reference,
    pub(super) basis: Basis,
}

impl<'a> ColdStartView<'a> {
    /// `None` for a product without the facts.
    pub(super) fn of(
        model: &'a ColdStartModel,
        products: &BTreeMap<String, usize>,
        subject: &Subject<'_>,
    ) -> Option<ColdStartView<'a>> {
        let product = subject.product?;
        let facts = facts_of_product(product, subject.successor_launch)?;
        let basis = products.get(&product.name).map_or(Basis::Family, |&sales| Basis::Sales(sales));
        let reference = Reference { price_usd: facts.list_price_usd, kind: ReferenceKind::ListPrice };
        Some(ColdStartView { model, facts, grade: subject.grade, reference, basis })
    }

    pub(super) fn point(&self, month: Month) -> Point {
        let usual = self.model.forecast(&self.facts, Condition::Used, month);
        let own = self.graded(month);
        let (age, generation) =
            (self.model.part("age", &self.facts, month), self.model.part("successor", &self.facts, month));
        let sd = (own.upper - own.lower) / (2.0 * NORMAL_90);
        let common = self.model.common_share;
        let years = f64::from(month.months_since(self.model.last_month)).max(0.0) / 12.0;
        Point {
            drivers: Drivers {
                age,
                generation,
                grade: own.median - usual.median,
                configuration: usual.median - self.reference.price_usd.ln() - age - generation,
                market: 0.0,
            },
            variance: Variance {
                market: UNFOLLOWED_MARKET_SD.powi(2) * years.min(UNFOLLOWED_MARKET_YEARS),
                curve: 0.0,
                product: sd * sd * common,
                unit: sd * sd * (1.0 - common),
            },
        }
    }

    /// The forecast in the condition that the grade is sold as. An owner who says no grade sells what the market calls used;
    /// heavy wear lies half-way between that and parts.
    fn graded(&self, month: Month) -> Quantiles {
        let of = |condition| self.model.forecast(&self.facts, condition, month);
        match self.grade {
            Some(Grade::A) => of(Condition::Excellent),
            Some(Grade::B) => of(Condition::Good),
            Some(Grade::C) | None => of(Condition::Used),
            Some(Grade::D) => of(Condition::Used).pooled(&of(Condition::Parts), 0.5),
            Some(Grade::ForParts) => of(Condition::Parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{AssetClass, built_in};
    use crate::price::parts::Configuration;
    use crate::price::{Models, forecast};

    #[test]
    fn a_phone_that_was_never_sold_has_a_price_and_a_better_grade_never_costs_less() {
        let (models, catalog) = (Models::built_in().unwrap(), built_in().unwrap());
        let (_, product) = catalog.by_name("Apple iPhone 14 Plus").unwrap();
        let of = |grade| {
            let subject = Subject {
                class: AssetClass::Phone,
                product: Some(product),
                successor_launch: catalog.successor_launch(product).map(|date| date.month),
                cost_usd: None,
                cost_from_siblings: false,
                acquired: None,
                grade,
                accelerators: None,
                configuration: Configuration::default(),
            };
            forecast(&models, &subject, "2026-11".parse().unwrap(), 24).unwrap()
        };
        let usual = of(None);
        assert_eq!(usual.basis, Basis::Family);
        let now = usual.value(0).quantiles();
        assert!((200.0..600.0).contains(&now.p50), "{now:?}");
        let later = usual.value(23).quantiles();
        assert!(later.p50 < now.p50 && later.p90 / later.p10 > now.p90 / now.p10, "{later:?}");
        let drivers = usual.points[0].drivers;
        assert!(drivers.age < -0.2 && drivers.generation < 0.0 && drivers.grade == 0.0, "{drivers:?}");
        let medians = Grade::ALL.map(|grade| of(Some(grade)).value(0).quantiles().p50);
        assert!(medians.windows(2).all(|pair| pair[0] >= pair[1]), "{medians:?}");
        assert!(medians[0] > 1.2 * medians[4], "{medians:?}");
    }
}
