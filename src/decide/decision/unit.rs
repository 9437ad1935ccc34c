//! One unit as decisions see it: what it costs, and what would do its work.
//!
//! In: the register, the catalog and the policy. Out: its [`Holding`], and the chain of challengers that would replace it,
//! with how many of them do its work at its load.

use super::Context;
use crate::catalog::{AssetClass, Product};
use crate::decide::challenger::{Chain, Challenger};
use crate::decide::cohort::{Cohort, rounded_load};
use crate::decide::cost::{Contract, Holding};
use crate::decide::policy::Policy;
use crate::decide::work::{gain_of_generations, new_units_for_one, shares_work};
use crate::fleet::{AcquiredMonths, Asset, RegisterDate};
use crate::price::Forecast;

/// The unit as its costs see it. One whose month of purchase is not certain is as old as it is on average: what holding costs
/// rises almost evenly with age over the months in question, and a refresh age is a date that people set, not a
/// price to average.
pub(in crate::decide) fn holding(
    context: &Context<'_>,
    cohort: &Cohort,
    asset: &Asset,
    forecast: &Forecast,
) -> Holding {
    let product = cohort.identification.product.map(|id| context.catalog.get(id));
    let launch = product.and_then(|product| product.launch).map(|launch| launch.month);
    let price_new = asset
        .purchase_cost
        .and_then(|cost| context.in_plan_currency(cost))
        .unwrap_or(forecast.reference.price_usd * context.factor);
    let cards = cohort
        .accelerators
        .and_then(|(id, count)| context.catalog.get(id).power_w.map(|watts| watts * f64::from(count)));
    let of_class = context.policy.power_w.of(cohort.class).unwrap_or(0.0);
    let stated_power = asset.power_w.or(product.and_then(|product| product.power_w));
    let contract = asset.contract_end.zip(asset.contract_monthly).and_then(|(end, monthly)| {
        Some(Contract {
            end: end.month(),
            monthly: context.in_plan_currency(monthly)?,
            transferable: asset.contract_transferable == Some(true),
        })
    });
    Holding {
        class: cohort.class,
        power_w: stated_power.unwrap_or(of_class + cards.unwrap_or(0.0)),
        utilization: rounded_load(asset),
        idle: asset.is_idle(),
        new_in: cohort.acquired.as_ref().map(AcquiredMonths::mean_month).or(launch).unwrap_or(context.as_of),
        price_new,
        price_per_kwh: context.policy.energy.price_per_kwh,
        warranty_end: asset.warranty_end.map(RegisterDate::month),
        contract,
    }
}

/// The newest product that follows the cohort's, is on the market and has a price, as a chain of purchases.
pub(super) fn challenger(
    context: &Context<'_>,
    cohort: &Cohort,
    asset: &Asset,
    defender: &Holding,
) -> Option<(Challenger, Chain)> {
    let policy = context.policy;
    let own = context.catalog.get(cohort.identification.product?);
    // Cards and nodes full of them are bought as listed; laptops and plain servers in the configuration this owner
    // buys, which costs what the defender cost, or would have cost, when new.
    let as_listed = cohort.class == AssetClass::Gpu || cohort.accelerators.is_some();
    let price_of = |product: &Product| {
        let price = if as_listed {
            product.list_price.and_then(|price| context.in_plan_currency(price))
        } else {
            Some(defender.price_new)
        };
        price.map(|price| price * policy.challenger.price_factor)
    };
    let mut newest = None;
    let mut generations = 0;
    let mut current = own;
    while let Some(next) = context.catalog.successor_of(current) {
        let launched = context.catalog.successor_launch(current);
        if launched.is_none_or(|date| date.month > context.as_of) || generations >= 8 {
            break;
        }
        generations += 1;
        newest = price_of(next).map(|price| (next, price, generations)).or(newest);
        current = next;
    }
    let (newest, price, generations) = newest?;
    let unit = Holding {
        class: cohort.class,
        power_w: newest.power_w.unwrap_or(defender.power_w),
        utilization: shares_work(cohort.class).then_some(policy.challenger.target_utilization),
        idle: false,
        new_in: context.as_of,
        price_new: price,
        price_per_kwh: policy.energy.price_per_kwh,
        warranty_end: None,
        contract: None,
    };
    let per_defender =
        units_per_defender(policy, cohort.class, own, newest, generations, rounded_load(asset));
    let chain = Chain::new(&unit, policy, context.wear);
    Some((Challenger::of_chain(newest.name.clone(), per_defender, &chain), chain))
}

/// How many new units do the work of one old one. A personal device is replaced one for one.
fn units_per_defender(
    policy: &Policy,
    class: AssetClass,
    own: &Product,
    newest: &Product,
    generations: i32,
    load: Option<f64>,
) -> f64 {
    if !shares_work(class) {
        return 1.0;
    }
    let gain = match (own.fp32_tflops, newest.fp32_tflops) {
        (Some(old), Some(new)) if class == AssetClass::Gpu => new / old,
        _ => gain_of_generations(policy, generations),
    };
    new_units_for_one(policy, load, gain)
}
