//! Findings that need the catalog or the plan: models nobody knows, values that
//! rest on literature alone, rates that are old; and overrides of the policy that name nothing in the fleet (PO-01).

use std::collections::BTreeSet;

use super::plan::{PlanInput, PlannedCohort, overriding, rates_used};
use super::policy::Kind;
use crate::fleet::{Finding, Severity};
use crate::price::Basis;
use crate::units::Month;

/// Age in months from which an exchange rate is worth a word.
const OLD_RATE_MONTHS: i32 = 12;

pub(super) fn findings(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let mut found = Vec::new();
    for planned in cohorts {
        for &index in &planned.cohort.assets {
            found.extend(of_asset(input, planned, index));
        }
    }
    found.extend(of_basis(cohorts));
    found.extend(of_rates(input));
    found.extend(of_overrides(input, cohorts));
    found
}

/// Overrides of the policy that hold for no asset: a name is misspelt, or its units are gone.
fn of_overrides(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let tables = input.policy.overrides();
    if tables.is_empty() {
        return Vec::new();
    }
    let used: BTreeSet<_> = cohorts.iter().flat_map(|planned| overriding(input, &planned.cohort)).collect();
    let unused = tables.into_iter().filter(|table| !used.contains(table));
    let finding = |(kind, name): (Kind, &str)| {
        Finding::about_many(
            "PO-01",
            Severity::Warns,
            0,
            format!(
                "the policy has a table [{kind}.\"{name}\"], but no asset of that {kind}",
                kind = kind.name()
            ),
            "write the name as the register or the catalog does, or leave the table out",
        )
    };
    unused.map(finding).collect()
}

fn of_asset(input: &PlanInput<'_>, planned: &PlannedCohort, index: usize) -> Vec<Finding> {
    let asset = &input.fleet.assets[index];
    let mut found = Vec::new();
    let guess = &planned.cohort.identification;
    if guess.product.is_none() && asset.model.is_some() {
        let fallback = match &planned.forecast {
            Some(forecast) => format!("valued by the {} curve", forecast.basis.name()),
            None => "not valued".to_owned(),
        };
        let near = guess.best_guess.map_or(String::new(), |best| {
            let names = std::iter::once(best).chain(guess.rivals.iter().copied());
            let names: Vec<&str> = names.map(|id| input.catalog.get(id).name.as_str()).collect();
            format!("; nearest: {} ({:.0} %)", names.join(", "), guess.confidence * 100.0)
        });
        found.push(Finding::about(
            asset,
            "DQ-17",
            Severity::Warns,
            format!("model `{}` is not in the catalog: {fallback}{near}", asset.full_model()),
            "write the model as its maker does, or add it to a catalog file",
        ));
    }
    found
}

fn of_basis(cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let published: usize = cohorts
        .iter()
        .filter(|planned| {
            planned.forecast.as_ref().is_some_and(|forecast| forecast.basis == Basis::Published)
        })
        .map(|planned| planned.cohort.assets.len())
        .sum();
    if published == 0 {
        return Vec::new();
    }
    vec![Finding::about_many(
        "DQ-16",
        Severity::Notes,
        published,
        format!("{published} assets are valued by published curves only: their intervals are wide"),
        "add sold prices of these products with `residua fit`",
    )]
}

fn of_rates(input: &PlanInput<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (currency, rate) in rates_used(input.fleet, input.policy).iter() {
        let Ok(month) = rate.date.parse::<Month>() else { continue };
        let age = input.as_of.months_since(month);
        if age > OLD_RATE_MONTHS {
            let assets = input
                .fleet
                .assets
                .iter()
                .filter(|asset| asset.purchase_cost.is_some_and(|(_, of)| of == currency))
                .count();
            found.push(Finding::about_many(
                "DQ-26",
                Severity::Notes,
                assets,
                format!("1 {currency} = {} USD is the rate of {}, {age} months ago", rate.rate, rate.date),
                "set today's rate under [exchange_rates] in the policy",
            ));
        }
    }
    found
}
