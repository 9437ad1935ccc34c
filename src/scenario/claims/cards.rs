//! "H100s live 18 to 24 months."
//!
//! In: H100 cards of four ages at work. Out: what they fetch now, how old they are when the engine lets them go for their
//! successor, until when renting them out beats selling them, and how many have failed by then: three readings of a life.
//! For each reading the assumption at which it would end at 24 months is searched.

use super::trial::{self, Lot};
use super::{ClaimError, Verdict, life};
use crate::catalog::{AssetClass, Catalog, Product};
use crate::decide::{PlanInput, Policy, Scheduled, expected_failures};
use crate::price::Basis;
use crate::units::{Month, Quantiles};

/// Life that the claim names, months.
pub const CLAIMED: (i32, i32) = (18, 24);

/// The card.
pub const CARD: &str = "NVIDIA H100 SXM5 80GB";

/// What one cost, US dollars: the list price of the catalog.
pub const COST: f64 = 33_600.0;

/// Share of the time under load.
pub const LOAD: f64 = 0.80;

/// Ages of the cards in the month one looks from, months.
pub const AGES: [i32; 4] = [42, 30, 18, 6];

/// The age from which the turning assumptions are searched: a card that the claim gives half a year yet.
const ASKED_AT: i32 = CLAIMED.0;

/// Months looked ahead: the longest the policy allows.
const HORIZON: u32 = 120;

/// Draw of one, watts.
const POWER_W: f64 = 700.0;

/// Cards of one age.
#[derive(Debug, Clone, PartialEq)]
pub struct OfAge {
    /// Month of purchase.
    pub bought: Month,
    /// Age in the month one looks from.
    pub age: i32,
    /// Price in the open market now over cost.
    pub worth: Quantiles,
    /// Chance that it is worth less than a tenth of its cost now.
    pub nearly_worthless: f64,
    /// Age at which its successor takes over; none beyond the months looked ahead.
    pub replaced_at: Option<i32>,
    /// Age to which renting it out beats selling it; none beyond the months looked ahead.
    pub rented_to: Option<i32>,
}

/// What would have to be so for a life of 24 months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turning {
    /// Work of one successor over that of an H100, by which the engine divides; as assumed, and as sought.
    pub successor_work: (f64, Option<f64>),
    /// Yearly fall of the hourly price.
    pub rent_fall: (f64, Option<f64>),
    /// Dollars for an hour today.
    pub hourly: (f64, Option<f64>),
    /// Years by which one failure is expected.
    pub failure_scale: (f64, Option<f64>),
    /// Yearly fall of the price of the same work.
    pub progress: (f64, Option<f64>),
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Cards {
    /// By age, oldest first.
    pub by_age: Vec<OfAge>,
    /// What their price rests on.
    pub basis: Basis,
    /// The successor that the engine compares with.
    pub successor: String,
    /// Life of least cost when a card is always replaced by its like, months.
    pub chain_life: i32,
    /// Share of cards that have not failed once after 24 months.
    pub unfailed: f64,
    /// What would turn it.
    pub turning: Turning,
    /// The verdict.
    pub verdict: Verdict,
}

/// Puts the claim to the engine.
pub(super) fn cards(input: &PlanInput<'_>) -> Result<Cards, ClaimError> {
    let policy = trial::with(input.policy, &format!("horizon_months = {HORIZON}\n"))?;
    let plan = plan_of(input, &policy, &AGES)?;
    let by_age: Vec<OfAge> = (0..AGES.len()).map(|place| of_age(&plan, place)).collect();
    let successor = newest(input.catalog).map_or_else(String::new, |product| product.name.clone());
    let unit = life::unit(&policy, AssetClass::Gpu, (COST, POWER_W, LOAD), input.as_of);
    let ends = |end: Option<i32>| end.is_some_and(|age| age <= CLAIMED.1);
    let chain_life = life::best_months(&policy, &unit);
    let turning = turning(input, &policy)?;
    let ended = by_age.iter().filter(|one| ends(one.replaced_at) || ends(one.rented_to)).count();
    let verdict = match (ended, chain_life <= CLAIMED.1) {
        (0, false) => Verdict::Fails,
        (all, true) if all == by_age.len() => Verdict::Holds,
        _ => Verdict::HoldsOnlyIf,
    };
    let basis = plan.cohorts[0].forecast.as_ref().map_or(Basis::Published, |forecast| forecast.basis);
    Ok(Cards { by_age, basis, successor, chain_life, unfailed: unfailed(&policy, None), turning, verdict })
}

fn plan_of(input: &PlanInput<'_>, policy: &Policy, ages: &[i32]) -> Result<Scheduled, ClaimError> {
    let lots: Vec<Lot> = ages
        .iter()
        .map(|age| Lot { load: Some(LOAD), ..Lot::in_use("gpu", CARD, input.as_of, *age, COST) })
        .collect();
    let fleet = trial::fleet(input, &lots)?;
    trial::plan(input, &fleet, policy)
}

fn of_age(plan: &Scheduled, place: usize) -> OfAge {
    let planned = &plan.cohorts[plan.cohort_of[place]];
    let age = AGES[place];
    let now = planned.forecast.as_ref().map(|forecast| forecast.value(0));
    let worth = now.map_or(Quantiles::certain(0.0), |now| now.quantiles().map_linear(1.0 / COST, 0.0));
    OfAge {
        bought: plan.as_of.plus(-age),
        age,
        worth,
        nearly_worthless: now.map_or(1.0, |now| now.probability_below(0.1 * COST)),
        replaced_at: within(plan, planned.decision.month).map(|ahead| age + ahead),
        rented_to: planned
            .decision
            .rental
            .and_then(|rental| within(plan, Some(rental.until)))
            .map(|ahead| age + ahead),
    }
}

/// Months ahead; none at the horizon, where nothing ends.
fn within(plan: &Scheduled, month: Option<Month>) -> Option<i32> {
    month.map(|month| month.months_since(plan.as_of)).filter(|ahead| *ahead < HORIZON as i32)
}

/// The newest priced product after the card.
fn newest(catalog: &Catalog) -> Option<&Product> {
    let (_, card) = catalog.by_name(CARD)?;
    let mut found = None;
    let mut current = card;
    // A ring in a user's catalog must not hold us.
    for _ in 0..8 {
        let Some(next) = catalog.successor_of(current) else { break };
        found = next.list_price.is_some().then_some(next).or(found);
        current = next;
    }
    found
}

/// Share that has not failed once by the end of the claim, at another scale of failures if one is given.
fn unfailed(policy: &Policy, scale_years: Option<f64>) -> f64 {
    let shape = policy.failure.shape.of(AssetClass::Gpu).unwrap_or(1.0);
    let scale = scale_years.or(policy.failure.scale_years.of(AssetClass::Gpu)).unwrap_or(1.0);
    (-expected_failures(shape, scale, 0.0, f64::from(CLAIMED.1) / 12.0)).exp()
}

fn turning(input: &PlanInput<'_>, policy: &Policy) -> Result<Turning, ClaimError> {
    let left = f64::from(CLAIMED.1 - ASKED_AT) + 0.5;
    // Months by which the card that is asked of outlives the claim; below nought it is gone by then.
    let replaced = |input: &PlanInput<'_>| -> Result<f64, ClaimError> {
        let plan = plan_of(input, policy, &[ASKED_AT])?;
        let month = plan.cohorts[0].decision.month;
        Ok(month.map_or(f64::from(HORIZON), |month| f64::from(month.months_since(plan.as_of))) - left)
    };
    let rented = |table: String| -> Result<f64, ClaimError> {
        let plan = plan_of(input, &trial::with(policy, &table)?, &[ASKED_AT])?;
        let rental = plan.cohorts[0].decision.rental;
        Ok(rental.map_or(0.0, |view| f64::from(view.until.months_since(plan.as_of))) - left)
    };
    let work = work_now(input.catalog);
    let hourly = policy.rental.hourly.get(CARD).copied().unwrap_or(0.0);
    let scale = policy.failure.scale_years.of(AssetClass::Gpu).unwrap_or(0.0);
    let unit = life::unit(policy, AssetClass::Gpu, (COST, POWER_W, LOAD), input.as_of);
    let progress = policy.challenger.price_decline_yearly.of(AssetClass::Gpu).unwrap_or(0.0);
    Ok(Turning {
        successor_work: (
            work,
            trial::crossing((work, 40.0), |times| {
                let catalog = with_work(input.catalog, times);
                replaced(&PlanInput { catalog: &catalog, ..*input })
            })?,
        ),
        rent_fall: (
            policy.rental.decline_yearly,
            trial::crossing((policy.rental.decline_yearly, 0.9), |fall| {
                rented(format!("rental.decline_yearly = {fall:?}\n"))
            })?,
        ),
        hourly: (
            hourly,
            trial::crossing((hourly, 0.0), |price| {
                rented(format!("[rental.hourly]\n\"{CARD}\" = {price:?}\n"))
            })?,
        ),
        failure_scale: (
            scale,
            trial::crossing((scale, 0.1), |years| Ok(unfailed(policy, Some(years)) - 0.5))?,
        ),
        progress: (
            progress,
            trial::crossing((progress, 0.9), |fall| {
                let policy =
                    trial::with(policy, &format!("challenger.price_decline_yearly.gpu = {fall:?}\n"))?;
                Ok(f64::from(life::best_months(&policy, &unit) - CLAIMED.1) - 0.5)
            })?,
        ),
    })
}

fn tflops(catalog: &Catalog) -> Option<(f64, f64)> {
    let (_, card) = catalog.by_name(CARD)?;
    Some((card.fp32_tflops?, newest(catalog)?.fp32_tflops?))
}

/// Work of the successor over that of the card, as the catalog has it.
fn work_now(catalog: &Catalog) -> f64 {
    tflops(catalog).map_or(1.0, |(card, successor)| successor / card)
}

/// The catalog with a successor that does so many times the work of the card.
fn with_work(catalog: &Catalog, times: f64) -> Catalog {
    let (card, name) = match (tflops(catalog), newest(catalog)) {
        (Some((card, _)), Some(successor)) => (card, successor.name.clone()),
        _ => return catalog.clone(),
    };
    Catalog::new(catalog.iter().map(|(_, product)| {
        let mut product = product.clone();
        if product.name == name {
            product.fp32_tflops = Some(times * card);
        }
        product
    }))
}
