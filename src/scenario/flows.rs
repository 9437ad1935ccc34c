//! Money in and out, month by month, that follows from a plan.
//!
//! In: a plan with the policy of each cohort, purchases. Out: [`Flows`] by [`Line`] and month. A unit costs what holding costs
//! until it leaves; it brings in what the plan says. From then on its successors cost: `n` of them are bought at
//! `γ^τ` times their price of today, held for their life L, sold, and bought again, until the horizon; what is left then is
//! counted at its net resale value, else a longer life would look free. Where the catalog knows no successor a unit in use
//! is followed by its like, at the refresh age of the policy. A rented-out unit and one that nobody uses are not followed.
//! Costs of a month fall at its end, as in the plan.

use std::collections::BTreeMap;

use super::overlay::Bought;
use crate::catalog::AssetClass;
use crate::decide::{
    Challenger, Exit, Holding, PlannedCohort, Policy, Prospects, Rule, Scheduled, Scope, Wear,
};
use crate::price::Models;
use crate::units::Month;

/// One kind of money, in the order of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Line {
    Recovery,
    Resale,
    Rental,
    Left,
    Replacements,
    Purchases,
    Energy,
    Space,
    Upkeep,
    Contract,
    Failures,
    Software,
    Storage,
}

impl Line {
    /// Every line.
    pub const ALL: [Line; 13] = [
        Line::Recovery,
        Line::Resale,
        Line::Rental,
        Line::Left,
        Line::Replacements,
        Line::Purchases,
        Line::Energy,
        Line::Space,
        Line::Upkeep,
        Line::Contract,
        Line::Failures,
        Line::Software,
        Line::Storage,
    ];

    /// The words of files.
    pub const fn name(self) -> &'static str {
        match self {
            Line::Recovery => "net recovery",
            Line::Resale => "resale of successors",
            Line::Rental => "rental income",
            Line::Left => "value left at the horizon",
            Line::Replacements => "replacement purchases",
            Line::Purchases => "planned purchases",
            Line::Energy => "energy",
            Line::Space => "space",
            Line::Upkeep => "upkeep",
            Line::Contract => "support contracts",
            Line::Failures => "failures",
            Line::Software => "software",
            Line::Storage => "storage",
        }
    }

    /// Whether it comes in; the others go out.
    pub const fn comes_in(self) -> bool {
        matches!(self, Line::Recovery | Line::Resale | Line::Rental | Line::Left)
    }

    /// Whether it is spent on equipment.
    pub const fn is_capex(self) -> bool {
        matches!(self, Line::Replacements | Line::Purchases)
    }

    /// Whether it is spent on running equipment.
    pub const fn is_opex(self) -> bool {
        !self.comes_in() && !self.is_capex()
    }
}

/// Amounts by line and month ahead, in the currency of the plan; all positive but for what is paid to get rid of a unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flows {
    /// Line by line, month by month.
    amounts: Vec<f64>,
    months: usize,
    /// What successors bring in and are worth at the horizon, whose draws follow their class.
    pub of_successors: BTreeMap<AssetClass, f64>,
}

impl Flows {
    pub(super) fn none(months: usize) -> Flows {
        Flows { amounts: vec![0.0; Line::ALL.len() * months], months, of_successors: BTreeMap::new() }
    }

    pub(super) fn of(&self, line: Line) -> &[f64] {
        &self.amounts[line as usize * self.months..][..self.months]
    }

    fn add(&mut self, line: Line, ahead: usize, amount: f64) {
        self.amounts[line as usize * self.months + ahead] += amount;
    }

    pub(super) fn plus(&mut self, other: &Flows) {
        for (own, more) in self.amounts.iter_mut().zip(&other.amounts) {
            *own += more;
        }
        for (class, more) in &other.of_successors {
            *self.of_successors.entry(*class).or_default() += more;
        }
    }

    fn hold(&mut self, unit: &Holding, (policy, wear): Terms<'_>, month: Month, ahead: usize, units: f64) {
        let costs = unit.costs_with(policy, wear, month);
        let by_line = [
            (Line::Energy, costs.energy),
            (Line::Space, costs.space),
            (Line::Upkeep, costs.upkeep),
            (Line::Contract, costs.contract),
            (Line::Failures, costs.failures),
            (Line::Software, costs.software),
            (Line::Storage, costs.storage),
        ];
        for (line, cost) in by_line {
            self.add(line, ahead, units * cost);
        }
    }
}

/// The policy of a unit, and what age does to costs under it.
type Terms<'a> = (&'a Policy, &'a Wear);

/// What all cohorts share.
pub(super) struct Frame<'a> {
    pub plan: &'a Scheduled,
    pub models: &'a Models,
    /// Months looked ahead.
    pub horizon: usize,
}

/// Flows of one cohort. Recovery is left to the placements, whose printed amounts are exact.
pub(super) fn of_cohort(frame: &Frame<'_>, position: usize) -> Flows {
    let terms = (frame.plan.policies.at(position), frame.plan.policies.wear_at(position));
    let planned = &frame.plan.cohorts[position];
    let mut flows = Flows::none(frame.horizon + 1);
    let Some(prospects) = &planned.decision.prospects else { return flows };
    let follower = follower(planned, prospects, terms, frame.plan.as_of);
    for placement in frame.plan.schedule.of_cohort(position) {
        let units = placement.units as f64;
        let leaves = placement.month.map(|month| month.months_since(frame.plan.as_of).max(0) as usize);
        let held = leaves.unwrap_or(frame.horizon);
        for ahead in 1..=held {
            let month = frame.plan.as_of.plus(ahead as i32);
            flows.hold(&prospects.unit, terms, month, ahead, units);
            if let Some(income) = prospects.incomes.get(ahead - 1) {
                flows.add(Line::Rental, ahead, units * income);
            }
        }
        match (leaves, &follower) {
            (None, _) => flows.add(Line::Left, frame.horizon, units * prospects.recoveries[frame.horizon]),
            (Some(from), Some(challenger)) if placement.exit != Exit::Stays => {
                let count = units * challenger.per_defender;
                let bought = Start {
                    from,
                    count,
                    line: Line::Replacements,
                    scale: challenger.monthly_factor.powi(from as i32),
                };
                chain(frame, &mut flows, challenger, terms, &bought);
            }
            _ => {}
        }
    }
    flows
}

/// What takes the place of a unit when it leaves.
fn follower(
    planned: &PlannedCohort,
    prospects: &Prospects,
    (policy, wear): Terms<'_>,
    as_of: Month,
) -> Option<Challenger> {
    if !prospects.in_use || matches!(planned.decision.rule, Rule::Idle | Rule::Rental) {
        return None;
    }
    prospects.challenger.clone().or_else(|| {
        let like = Holding {
            new_in: as_of,
            price_new: prospects.unit.price_new * policy.challenger.price_factor,
            warranty_end: None,
            contract: None,
            idle: false,
            ..prospects.unit
        };
        let name = format!("another {}", planned.cohort.label);
        Some(Challenger::at_refresh_age(name, &like, 1.0, policy, wear))
    })
}

/// The first purchase of a chain.
struct Start {
    /// Months ahead.
    from: usize,
    /// How many.
    count: f64,
    /// What the first purchase is called; later ones are replacements.
    line: Line,
    /// Price then over the price of today.
    scale: f64,
}

/// Buys, holds and sells link after link until the horizon.
fn chain(frame: &Frame<'_>, flows: &mut Flows, challenger: &Challenger, terms: Terms<'_>, start: &Start) {
    let life = challenger.life_months.max(1);
    let mut from = start.from;
    let mut scale = start.scale;
    let mut line = start.line;
    while from < frame.horizon {
        let count = start.count * scale;
        flows.add(line, from, count * challenger.price);
        let until = (from + life).min(frame.horizon);
        for ahead in from + 1..=until {
            let month = challenger.unit.new_in.plus((ahead - from) as i32);
            flows.hold(&challenger.unit, terms, month, ahead, count);
        }
        let month = frame.plan.as_of.plus(until as i32);
        let moved = frame.models.shock(challenger.unit.class, None, month).exp();
        let net = challenger.resale[until - from - 1];
        let worth = count * if net > 0.0 { moved * net } else { net };
        flows.add(if from + life <= frame.horizon { Line::Resale } else { Line::Left }, until, worth);
        *flows.of_successors.entry(challenger.unit.class).or_default() += worth;
        from += life;
        scale *= challenger.monthly_factor.powi(life as i32);
        line = Line::Replacements;
    }
}

/// Flows of units bought on top of replacements, each kept for its own best life and then replaced by its like.
pub(super) fn of_purchase(
    frame: &Frame<'_>,
    bought: &Bought,
    policy: &Policy,
) -> Result<Flows, crate::decide::PolicyError> {
    let mut flows = Flows::none(frame.horizon + 1);
    let policy = policy.of(&Scope { class: bought.class, product: &bought.name, site: None, asset: "" })?;
    let wear = Wear::of(&policy);
    let challenger = chain_of(bought, (&policy, &wear), frame.plan.as_of);
    let from = bought.month.months_since(frame.plan.as_of).max(0) as usize;
    let count = f64::from(bought.units);
    let start = Start { from, count, line: Line::Purchases, scale: 1.0 };
    chain(frame, &mut flows, &challenger, (&policy, &wear), &start);
    Ok(flows)
}

/// A purchase as the first link of a chain of its like, for one unit, priced in the month one looks from.
pub(super) fn chain_of(bought: &Bought, (policy, wear): Terms<'_>, as_of: Month) -> Challenger {
    let unit = Holding {
        class: bought.class,
        power_w: bought.power_w.or(policy.power_w.of(bought.class)).unwrap_or(0.0),
        utilization: None,
        idle: false,
        new_in: as_of,
        price_new: bought.price,
        price_per_kwh: policy.energy.price_per_kwh,
        warranty_end: None,
        contract: None,
    };
    Challenger::new(bought.name.clone(), &unit, 1.0, policy, wear)
}
