//! Every way in which a cohort could leave, with what stands in its way.
//!
//! In: a decided cohort and the limits. Out: [`Candidate`]s by month. An owned unit may leave in any month that its
//! decision allows, or stay beyond the horizon, which is worth what leaving at its end is worth. A leased unit goes back
//! by the end of its lease. Going back sooner is only for want of room: the rent is paid anyhow, and a month of use
//! given up is taken to be worth what the month costs to hold. Where there are terms it may be bought at the end and then
//! does what an owned unit does.

use super::limits::{exactly_named, same_name};
use super::problem::Exit;
use crate::decide::decision::Action;
use crate::decide::plan::PlannedCohort;
use crate::decide::policy::Policy;
use crate::decide::prospects::Prospects;
use crate::fleet::Asset;
use crate::units::{Month, monthly_discount_factor};

/// What a leased unit loses a month by going back early at the least: it decides between months that cost nothing.
const EARLY_RETURN: f64 = 0.01;

/// Why a unit cannot leave so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hindrance {
    /// Nothing leaves the site: position of the freeze in the policy.
    Frozen(usize),
    /// The successor is not there yet: of which site or product, and when it comes.
    Undelivered(String, Month),
    /// The lease or contract has ended.
    Late(Month),
}

/// A way to leave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Months ahead; none for staying.
    pub month: Option<usize>,
    /// Where it ends up.
    pub exit: Exit,
    /// Whether a lease or contract end is passed against payment.
    pub pays_to_pass: bool,
    /// Present value of one unit at the full price.
    pub value: f64,
    /// The part of it that is net recovery.
    pub recovery: f64,
    /// Present value of what moves with the market price.
    pub market: f64,
    /// What its successor costs in that month.
    pub purchase: f64,
    /// What stands in the way.
    pub hindrances: Vec<Hindrance>,
}

/// What all cohorts share.
pub(super) struct Frame<'a> {
    pub policy: &'a Policy,
    pub as_of: Month,
    discount: f64,
}

impl<'a> Frame<'a> {
    pub(super) fn new(policy: &'a Policy, as_of: Month) -> Frame<'a> {
        Frame { policy, as_of, discount: monthly_discount_factor(policy.discount_rate_yearly) }
    }

    pub(super) fn horizon(&self) -> usize {
        self.policy.horizon_months as usize
    }

    fn discounted(&self, month: usize, amount: f64) -> f64 {
        self.discount.powi(month as i32) * amount
    }

    /// Months ahead of a month, none when it is beyond the horizon.
    fn ahead(&self, month: Month) -> Option<usize> {
        let ahead = month.months_since(self.as_of).max(0) as usize;
        (ahead < self.horizon()).then_some(ahead)
    }
}

/// The end that a cohort must not pass, and what passing it costs where it can be bought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Deadline {
    /// Last month, months ahead.
    pub last: usize,
    /// Price of passing it, for one unit, in that month.
    pub price: Option<f64>,
    /// Whether it is a lease.
    pub leased: bool,
}

/// The lease end, or the contract end where contracts bind.
pub(super) fn deadline(frame: &Frame<'_>, planned: &PlannedCohort, asset: &Asset) -> Option<Deadline> {
    let contracts = &frame.policy.contracts;
    let class = planned.cohort.class;
    let decision = &planned.decision;
    match decision.action {
        Action::ReturnLease | Action::BuyOut => {
            let last = frame.ahead(decision.month?)?;
            let lease = decision.prospects.as_ref().and_then(|prospects| prospects.lease);
            Some(Deadline { last, price: lease.and_then(|lease| lease.buy_out_price), leased: true })
        }
        Action::Go | Action::Keep if contracts.bind => {
            let end = asset.contract_end?.month();
            let last = frame.ahead(end).filter(|_| end >= frame.as_of)?;
            Some(Deadline { last, price: contracts.extension.of(class), leased: false })
        }
        _ => None,
    }
}

/// Every way a cohort could leave; none for one that is not scheduled.
pub(super) fn candidates(frame: &Frame<'_>, planned: &PlannedCohort, asset: &Asset) -> Vec<Candidate> {
    let decision = &planned.decision;
    let deadline = deadline(frame, planned, asset);
    let mut found = match (decision.action, &decision.prospects, deadline) {
        (Action::Go | Action::Keep, Some(prospects), _) => owned(frame, prospects, deadline),
        (Action::ReturnLease | Action::BuyOut, prospects, Some(end)) => {
            leased(frame, prospects.as_ref(), end)
        }
        _ => Vec::new(),
    };
    let site = asset.site.as_deref().unwrap_or("");
    // Of a unit whose value is unknown only its status says whether somebody uses it.
    let in_use = decision.prospects.as_ref().map_or(!asset.is_idle(), |prospects| prospects.in_use);
    let successor = decision.prospects.as_ref().and_then(|prospects| prospects.challenger.as_ref());
    for candidate in &mut found {
        let Some(ahead) = candidate.month else { continue };
        let month = frame.as_of.plus(ahead as i32);
        let frozen = frame.policy.freeze.iter().position(|freeze| freeze.holds(site, month));
        candidate.hindrances.extend(frozen.map(Hindrance::Frozen));
        if in_use {
            let name = successor.map(|challenger| challenger.name.as_str());
            candidate.hindrances.extend(undelivered(frame, site, name, month));
        }
        if let Some(challenger) = successor {
            candidate.purchase =
                challenger.per_defender * challenger.price * challenger.monthly_factor.powi(ahead as i32);
        }
    }
    found
}

fn undelivered(frame: &Frame<'_>, site: &str, successor: Option<&str>, month: Month) -> Option<Hindrance> {
    let delivery = &frame.policy.delivery;
    let to_site = exactly_named(&delivery.sites, site).map(|from| (site.to_owned(), from));
    let of_product =
        successor.and_then(|name| Some((name.to_owned(), exactly_named(&delivery.products, name)?)));
    let later = to_site.into_iter().chain(of_product).max_by_key(|(_, from)| *from);
    later.filter(|(_, from)| month < *from).map(|(name, from)| Hindrance::Undelivered(name, from))
}

/// Months and staying of an owned unit.
fn owned(frame: &Frame<'_>, prospects: &Prospects, deadline: Option<Deadline>) -> Vec<Candidate> {
    let end = deadline.map(|deadline| (deadline.last, deadline.price));
    let first = prospects.allowed.0.min(end.map_or(usize::MAX, |(last, _)| last));
    let mut found = Vec::with_capacity(2 * (frame.horizon() + 1 - first));
    for month in (first..=frame.horizon()).map(|month| (month < frame.horizon()).then_some(month)) {
        let late = end.is_some_and(|(last, _)| month.is_none_or(|month| month > last));
        let price = end.filter(|_| late).and_then(|(last, price)| Some(frame.discounted(last, price?)));
        let from = found.len();
        found.extend(ways(frame, prospects, month, price));
        if late && price.is_none() {
            let last = frame.as_of.plus(end.map_or(0, |(last, _)| last as i32));
            if found.last().is_some_and(|way| way.exit == Exit::Stays) {
                found.pop();
            }
            for way in &mut found[from..] {
                way.hindrances.push(Hindrance::Late(last));
            }
        }
    }
    found
}

/// By the best route, by the best that needs no market where that is another, or staying.
fn ways(
    frame: &Frame<'_>,
    prospects: &Prospects,
    month: Option<usize>,
    price_of_passing: Option<f64>,
) -> impl Iterator<Item = Candidate> {
    let at = month.unwrap_or(frame.horizon());
    let passing = price_of_passing.unwrap_or(0.0);
    let way = |exit: Exit, recovery: f64, market: f64| {
        let lost = frame.discounted(at, prospects.recoveries[at] - recovery);
        // What stays brings nothing in within the months looked ahead.
        let brings_in = if exit == Exit::Stays { 0.0 } else { frame.discounted(at, recovery) };
        Candidate {
            month,
            exit,
            pays_to_pass: price_of_passing.is_some(),
            value: -prospects.present_values[at] - lost - passing,
            recovery: brings_in - passing,
            market: frame.discounted(at, market),
            purchase: 0.0,
            hindrances: Vec::new(),
        }
    };
    let best = prospects.recoveries[at];
    let (best, unsold) = match month {
        None => (way(Exit::Stays, best, 0.0), None),
        Some(_) if prospects.market_parts[at] > 0.0 => (
            way(Exit::Best, best, prospects.market_parts[at]),
            Some(way(Exit::Unsold, prospects.unsold_recoveries[at], 0.0)),
        ),
        Some(_) => (way(Exit::Best, best, 0.0), None),
    };
    std::iter::once(best).chain(unsold)
}

/// Going back by the end, or being bought at the end.
fn leased(frame: &Frame<'_>, prospects: Option<&Prospects>, end: Deadline) -> Vec<Candidate> {
    let at_end = prospects.map_or(0.0, |prospects| {
        -prospects.present_values[end.last] - frame.discounted(end.last, prospects.recoveries[end.last])
    });
    let given_up = |month: usize| -> f64 {
        let cost = |month: usize| prospects.map_or(0.0, |prospects| prospects.holding_costs[month]);
        (month..end.last).map(|month| frame.discounted(month + 1, cost(month)).max(EARLY_RETURN)).sum()
    };
    let lease = prospects.and_then(|prospects| prospects.lease);
    let return_cost = lease.map_or(0.0, |lease| lease.return_cost);
    let last_month = frame.as_of.plus(end.last as i32);
    let back = |month: usize| Candidate {
        month: Some(month),
        exit: Exit::Returned,
        pays_to_pass: false,
        value: at_end - given_up(month.min(end.last)) - frame.discounted(month.min(end.last), return_cost),
        recovery: 0.0,
        market: 0.0,
        purchase: 0.0,
        hindrances: if month > end.last { vec![Hindrance::Late(last_month)] } else { Vec::new() },
    };
    let mut found: Vec<Candidate> = (0..frame.horizon()).map(back).collect();
    if let (Some(prospects), Some(price)) = (prospects, end.price) {
        let price = Some(frame.discounted(end.last, price));
        // Without a challenger nothing prices the work it would go on doing: it is bought only to be sold.
        let stays = prospects.allowed.1 >= frame.horizon();
        let months = (end.last..frame.horizon().min(prospects.allowed.1 + 1)).map(Some);
        found.extend(
            months.chain(stays.then_some(None)).flat_map(|month| ways(frame, prospects, month, price)),
        );
    }
    found
}

/// Whether a site or successor named in the policy is one of those that occur.
pub(super) fn occurs<'a>(name: &str, mut occurring: impl Iterator<Item = &'a str>) -> bool {
    same_name(name, "other") || occurring.any(|own| same_name(own, name))
}
