//! What a purchase displaces, in what order, what it is worth then, what has to be done by when, and what delay costs.
//!
//! In: a fleet with everything it is planned from, and an [`Order`]: a product, how many, when they arrive. Out: a
//! [`Replacement`]. The plan is made as ever; the work that arrives is compared with that of each unit in use
//! ([`compare`]); units go by what letting one go a quarter sooner saves for the work of one newcomer, as long as their work
//! fits and their sites can hand them over ([`queue`]); their worth comes from joint draws ([`worth`]); a quarter's delay is
//! priced by the costs and routes of the plan ([`delay`]); [`tasks`] lists what must be done by when.

mod answer;
mod compare;
mod delay;
mod lines;
mod queue;
mod sum;
mod tasks;
mod worth;

use std::collections::BTreeMap;

pub use answer::{Displaced, Group, Order, PriceFrom, ReplaceError, Replacement, Staying};
pub use compare::{StaysBecause, WorkMeasure};
pub use delay::{Cause, Delay, QUARTER};
pub use tasks::{Task, TaskKind};

use super::flows::chain_of;
use super::overlay::Bought;
use crate::catalog::{AssetClass, Product, named};
use crate::decide::{self, FleetBooks, PlanInput, Scheduled, Scope, Wear};
use crate::fleet::Ownership;
use crate::units::{Money, Month, Work, hint};
use compare::Newcomer;
use delay::{Late, Leaving, Newcomers};
use lines::Lines;
use queue::{Candidate, Rooms};
use worth::{Drawn, Draws};

/// What everything here is made from.
struct Ground<'a> {
    input: &'a PlanInput<'a>,
    plan: &'a Scheduled,
    books: &'a FleetBooks<'a>,
    product: &'a Product,
    arrives: Month,
}

impl Ground<'_> {
    fn ahead(&self, month: Month) -> usize {
        month.months_since(self.input.as_of).max(0) as usize
    }

    /// Units of a cohort that leave in a month, as delays see them.
    fn leaving(&self, drawn: Drawn, leased: bool, month: Month, price_fall: f64) -> Leaving<'_> {
        Leaving {
            drawn,
            policy: self.plan.policies.at(drawn.cohort),
            prospects: self.plan.cohorts[drawn.cohort].decision.prospects.as_ref(),
            leased,
            arrival: self.ahead(self.arrives),
            month: self.ahead(month),
            price_fall,
        }
    }
}

/// Says what an order displaces.
pub fn replace(input: &PlanInput<'_>, order: &Order) -> Result<Replacement, ReplaceError> {
    replace_watched(input, order, Work::unwatched())
}

/// Says what an order displaces while somebody looks on.
///
/// # Errors
/// As [`replace`], and [`PlanError::Cancelled`](decide::PlanError::Cancelled) in it when it is no longer wanted.
pub fn replace_watched(
    input: &PlanInput<'_>,
    order: &Order,
    work: Work<'_>,
) -> Result<Replacement, ReplaceError> {
    let (product, arrives) = checked(input, order)?;
    let plan = decide::scheduled(input, false, None, work)?;
    let kept = plan.policies.books();
    let books = FleetBooks::new(input, &kept, &plan.cohorts);
    let ground = Ground { input, plan: &plan, books: &books, product, arrives };
    let (mut candidates, mut staying) = candidates(&ground, order);
    queue::sort(&mut candidates);
    let mut rooms = Rooms::new(input, &plan, &candidates);
    let queue = queue::fill(&candidates, f64::from(order.quantity), &mut rooms, arrives);
    for (candidate, (unreached, without_room)) in candidates.iter().zip(&queue.staying) {
        staying.push((StaysBecause::UsedUp, candidate.cohort, *unreached));
        staying.push((StaysBecause::NoRoom, candidate.cohort, *without_room));
    }
    let leaving = lines::leaving(&ground, &candidates, &queue);
    let mut draws = Draws::new(&plan);
    let Lines { displaced, groups, value, recovery } =
        lines::lines(&ground, &candidates, &queue, &leaving, &mut draws)?;
    let price = lines::price(&ground, order, &candidates, &queue)?;
    let chain = price.map(|(price, _)| {
        let policy = input.policy.of(&Scope {
            class: product.class,
            product: &product.name,
            site: None,
            asset: "",
        })?;
        let bought = Bought {
            month: arrives,
            units: order.quantity,
            class: product.class,
            name: product.name.clone(),
            power_w: product.power_w,
            price: price.major(),
        };
        let chain = chain_of(&bought, (&policy, &Wear::of(&policy)), input.as_of);
        Ok::<_, decide::PolicyError>((chain, policy))
    });
    let chain = chain.transpose()?;
    let newcomers = chain.as_ref().map(|(chain, policy)| Newcomers {
        chain,
        count: f64::from(order.quantity),
        policy,
        arrival: ground.ahead(arrives),
    });
    let seen = (input.as_of, plan.currency);
    let quarter = newcomers.as_ref().map(Newcomers::quarter_of_one);
    Ok(Replacement {
        product: product.name.clone(),
        class: product.class,
        quantity: order.quantity,
        arrives,
        as_of: input.as_of,
        currency: plan.currency,
        price,
        quarter_of_one: quarter.map(|cost| Money::from_major(cost, plan.currency)).transpose()?,
        tasks: tasks::tasks(&ground, order.quantity, &displaced)?,
        late_arrival: delay::delay(&leaving, Late::Arrival, newcomers.as_ref(), &mut draws, seen)?,
        late_disposal: delay::delay(&leaving, Late::Disposal, None, &mut draws, seen)?,
        books: books.kept(input),
        displaced,
        groups,
        value,
        recovery,
        staying: by_reason(&plan, &staying),
    })
}

/// The product and the month of an order that makes sense.
fn checked<'a>(input: &PlanInput<'a>, order: &Order) -> Result<(&'a Product, Month), ReplaceError> {
    if order.quantity == 0 {
        return Err(ReplaceError::Nothing);
    }
    if let Some(price) = order.price.filter(|price| !(price.is_finite() && *price > 0.0)) {
        return Err(ReplaceError::Price(price));
    }
    let arrives = order.arrives.unwrap_or(input.as_of);
    if arrives < input.as_of {
        return Err(ReplaceError::Past { arrives, as_of: input.as_of });
    }
    let last = input.as_of.plus(input.policy.horizon_months as i32);
    if arrives > last {
        return Err(ReplaceError::BeyondHorizon { arrives, last });
    }
    let name = &order.product;
    let product = named(name, input.catalog, input.matcher)
        .map_err(|near| ReplaceError::UnknownProduct { name: name.clone(), near })?;
    if matches!(product.class, AssetClass::Cpu | AssetClass::Memory) {
        return Err(ReplaceError::Part { product: product.name.clone(), class: product.class });
    }
    let sites = || input.fleet.assets.iter().filter_map(|asset| asset.site.as_deref());
    for name in &order.sites {
        if !sites().any(|site| same_site(site, name)) {
            let near = hint(name, sites());
            return Err(ReplaceError::UnknownSite { name: name.clone(), near });
        }
    }
    Ok((product, arrives))
}

fn same_site(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Cohorts the newcomers can take over from, and the units that stay, with the reason.
fn candidates(ground: &Ground<'_>, order: &Order) -> (Vec<Candidate>, Vec<(StaysBecause, usize, u64)>) {
    let newcomer = Newcomer::new(ground.input.catalog, ground.input.matcher, ground.product);
    let (mut found, mut staying) = (Vec::new(), Vec::new());
    for (cohort, planned) in ground.plan.cohorts.iter().enumerate() {
        let asset = &ground.input.fleet.assets[planned.cohort.assets[0]];
        let site = asset.site.clone().unwrap_or_default();
        let here = order.sites.is_empty() || order.sites.iter().any(|name| same_site(name, &site));
        let needs = newcomer
            .needs(planned, ground.plan.policies.at(cohort))
            .and_then(|needs| compare::bound(planned, asset, ground.arrives).map(|()| needs))
            .and_then(|needs| if here { Ok(needs) } else { Err(StaysBecause::OtherSite) });
        let units = planned.cohort.units;
        let lease_end = asset.lease_end.filter(|_| asset.ownership == Ownership::Leased);
        match needs {
            Ok(needs) => {
                let drawn = Drawn { cohort, before: 0, units };
                let leaving = ground.leaving(drawn, lease_end.is_some(), ground.arrives, 0.0);
                found.push(Candidate {
                    cohort,
                    units,
                    site,
                    newcomers: needs.newcomers,
                    measure: needs.measure,
                    saving: leaving.waiting(ground.input.as_of, Late::Arrival).total(),
                    lease_end: lease_end.map(|end| end.month()),
                });
            }
            Err(because) => staying.push((because, cohort, units)),
        }
    }
    (found, staying)
}

/// What stays, by reason. What is of another kind says nothing about this purchase.
fn by_reason(plan: &Scheduled, staying: &[(StaysBecause, usize, u64)]) -> Vec<Staying> {
    let mut units: BTreeMap<StaysBecause, BTreeMap<&str, u64>> = BTreeMap::new();
    let told =
        staying.iter().filter(|(because, _, units)| *units > 0 && *because != StaysBecause::OtherClass);
    for (because, cohort, count) in told {
        let label = plan.cohorts[*cohort].cohort.label.as_str();
        *units.entry(*because).or_default().entry(label).or_default() += count;
    }
    let of_reason = |(because, products): (StaysBecause, BTreeMap<&str, u64>)| {
        let mut products: Vec<(String, u64)> =
            products.into_iter().map(|(product, units)| (product.to_owned(), units)).collect();
        products.sort_by_key(|(_, units)| std::cmp::Reverse(*units));
        Staying { because, units: products.iter().map(|(_, units)| units).sum(), products }
    };
    units.into_iter().map(of_reason).collect()
}
