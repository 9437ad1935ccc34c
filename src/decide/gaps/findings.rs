//! Findings that need the catalog or the plan.
//!
//! In: a fleet and its planned cohorts. Out: [`Finding`]s: models nobody knows, costs far
//! from their kind, stated book values that are not those of the books, rates that are old; what is unknown of many (locks, load, configuration, drives), counted by kind;
//! values that rest on literature alone (PR-01), and overrides of the policy that name nothing in the fleet (PO-01).

use std::collections::{BTreeMap, BTreeSet};

use super::open::{Gap, Surroundings};
use crate::decide::cohort::{Cohort, listed_apart, places_of_cards};
use crate::decide::plan::{PlanInput, PlannedCohort, rates_used};
use crate::decide::policy::Kind;
use crate::decide::scheduled::overriding;
use crate::decide::valuation::UsualCosts;
use crate::fleet::{Asset, Finding, Severity, Status};
use crate::price::Basis;
use crate::units::{Month, counted_that};

/// Confidence from which a product of the catalog is worth naming as the nearest.
const LEAST_LIKENESS: f64 = 0.1;

/// Age in months from which an exchange rate is worth a word.
const OLD_RATE_MONTHS: i32 = 12;

pub(in crate::decide) fn findings(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let mut found = Vec::new();
    for planned in cohorts {
        for &index in &planned.cohort.assets {
            found.extend(of_asset(input, planned, index));
        }
    }
    found.extend(of_many(input, cohorts));
    found.extend(of_costs(input, cohorts));
    found.extend(of_book_values(input, cohorts));
    found.extend(of_parents(input, cohorts));
    found.extend(of_basis(cohorts));
    found.extend(of_rates(input));
    found.extend(of_overrides(input, cohorts));
    found
}

/// What is unknown of many, counted by kind.
fn of_many(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let around = Surroundings::of(input);
    let mut counts: BTreeMap<(&'static str, &'static str, &'static str), usize> = BTreeMap::new();
    for planned in cohorts {
        for &index in &planned.cohort.assets {
            for gap in around.gaps_of(&input.fleet.assets[index], planned) {
                if let Some((message, remedy)) = counted(gap, &input.fleet.assets[index]) {
                    *counts.entry((gap.code(), message, remedy)).or_insert(0) += 1;
                }
            }
        }
    }
    let finding = |((code, message, remedy), assets): ((&'static str, &'static str, &'static str), usize)| {
        Finding::about_many(code, Severity::Notes, assets, counted_that(assets, "asset", message), remedy)
    };
    counts.into_iter().map(finding).collect()
}

/// What is said of all assets with a gap together, and what settles it; `None` for gaps that are told one by one.
fn counted(gap: Gap, asset: &Asset) -> Option<(&'static str, &'static str)> {
    Some(match gap {
        Gap::Ghost if asset.last_seen.is_none() && asset.status != Status::Missing => (
            "in use were never seen, though others like them are: they may not exist",
            "check the floor, or find out why the tool does not see them",
        ),
        Gap::Lock { enrolled: true } => (
            "are held by device management: locked until they are released",
            "release them before they leave",
        ),
        Gap::Lock { enrolled: false } => (
            "may be locked (device management, activation, BIOS): nobody has looked",
            "export enrolment and activation from device management",
        ),
        Gap::Load => (
            "run at an unknown load: planned at the policy's usual load",
            "export average load from monitoring",
        ),
        Gap::Configuration => (
            "carry memory, processors or drives that are not told: servers are worth what they hold",
            "export the configuration from a discovery tool",
        ),
        Gap::Drives => (
            "carry drives that nobody recorded: wiping is planned, a buyer may think them missing",
            "export drives from a discovery tool",
        ),
        Gap::FewAtSite => (
            "stand at sites of few units: each site is a pickup",
            "bring them to the next pickup of a larger site",
        ),
        Gap::NotIt => {
            ("look like no IT gear: they bring nothing and pollute averages", "leave them out of the export")
        }
        Gap::Ownership(super::open::Doubt::Blank) => (
            "have no owner in a register that names owners",
            "take the owner from the lease list or the asset ledger",
        ),
        _ => return None,
    })
}

/// Nodes whose cards the register lists as assets of their own: each is counted once, the node as a bare chassis.
fn of_parents(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Option<Finding> {
    let cards = places_of_cards(input.fleet);
    let servers = cohorts.iter().filter(|planned| planned.cohort.class == crate::catalog::AssetClass::Server);
    let apart = |index: &&usize| listed_apart(&input.fleet.assets[**index], &cards);
    let nodes = servers.flat_map(|planned| &planned.cohort.assets).filter(apart).count();
    (nodes > 0).then(|| {
        Finding::about_many(
            "DQ-29",
            Severity::Notes,
            nodes,
            format!(
                "{nodes} servers stand where cards are listed as assets of their own: valued without cards"
            ),
            "list cards either in their node or by themselves, for all nodes alike",
        )
    })
}

/// Cost over the median of its product outside which it is no cost of one unit.
const USUAL_COST: std::ops::RangeInclusive<f64> = 0.2..=5.0;

/// Units of a product from which its median cost says something.
const ENOUGH_COSTS: usize = 5;

fn of_costs(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let rates = input.policy.rates();
    let groups: Vec<&Cohort> = cohorts.iter().map(|planned| planned.cohort.as_ref()).collect();
    let usual = UsualCosts::of(input.fleet, groups.iter().copied(), &rates);
    let mut costs: BTreeMap<(crate::catalog::AssetClass, &str), Vec<(usize, f64)>> = BTreeMap::new();
    for cohort in &groups {
        for &index in &cohort.assets {
            let cost = input.fleet.assets[index].purchase_cost;
            let dollars = cost.and_then(|(cost, currency)| Some(cost * rates.dollars_per(currency).ok()?));
            let of_product = costs.entry((cohort.class, cohort.label.as_str())).or_default();
            of_product.extend(dollars.map(|dollars| (index, dollars)));
        }
    }
    let mut found = Vec::new();
    for ((class, label), costs) in costs {
        let median = usual.get(class, label).filter(|_| costs.len() >= ENOUGH_COSTS);
        let Some(median) = median else { continue };
        for (index, cost) in costs.into_iter().filter(|(_, cost)| !USUAL_COST.contains(&(cost / median))) {
            found.push(Finding::about(
                &input.fleet.assets[index],
                "DQ-09",
                Severity::Warns,
                format!(
                    "its cost is {:.1} times that of others of {label}: perhaps that of a whole order",
                    cost / median
                ),
                "take the cost of one unit from the invoice line",
            ));
        }
    }
    found
}

/// Share of the cost by which a stated book value may differ from that of the books.
const SAME_BOOK_VALUE: f64 = 0.02;

/// Months in which a book value may have been stated, that of the plan the last.
const STATED_WITHIN: i32 = 3;

/// Book values of the register that the first book of the policy does not come to, all together.
fn of_book_values(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Option<Finding> {
    let rates = input.policy.rates();
    let (mut assets, mut stated_sum, mut own_sum) = (0, 0.0, 0.0);
    for planned in cohorts {
        let Some(book) = &planned.book else { continue };
        for &index in &planned.cohort.assets {
            let Some((amount, currency)) = input.fleet.assets[index].book_value else { continue };
            let Ok(factor) = rates.factor(currency, input.policy.currency) else { continue };
            let stated = amount * factor;
            let differs = |month: Month| {
                (book.value_at(month) - stated).abs() > SAME_BOOK_VALUE * book.terms().cost() + 0.01
            };
            if (0..STATED_WITHIN).all(|before| differs(input.as_of.plus(-before))) {
                assets += 1;
                stated_sum += stated;
                own_sum += book.value_at(input.as_of);
            }
        }
    }
    let currency = input.policy.currency;
    let clause = format!(
        "stand in the register at other book values, {stated_sum:.0} {currency} in all, than by the policy's first book: {own_sum:.0}"
    );
    (assets > 0).then(|| {
        Finding::about_many(
            "DQ-09",
            Severity::Notes,
            assets,
            counted_that(assets, "asset", &clause),
            "give method and life of the class in [books], or of each asset in the register",
        )
    })
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
    if !planned.cohort.is_known() && asset.model.is_some() {
        let fallback = match &planned.forecast {
            Some(forecast) => format!("valued by the {} curve", forecast.basis.name()),
            None => "not valued".to_owned(),
        };
        let near = guess.best_guess.filter(|_| guess.confidence >= LEAST_LIKENESS);
        let near = near.map_or(String::new(), |best| {
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
        "PR-01",
        Severity::Notes,
        published,
        counted_that(published, "asset", "are valued by published curves only: wide intervals"),
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
