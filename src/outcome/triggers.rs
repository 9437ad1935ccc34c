//! What starts a hand-over.
//!
//! In: a plan. Out: [`Triggered`] assets in the order of the register: a retirement flag, the end of depreciation, of a
//! contract, lease or warranty, the month that the plan recommends. Any of them is a reason to look at a unit. It is handed
//! over now if the register says that it retires or if the plan lets it go by the as-of month; an end of a book or of a
//! warranty alone hands nothing over, for the plan has weighed it.

use std::fmt;

use jiff::civil::Date;

use super::selection::{Departing, hindrance};
use crate::catalog::Precision;
use crate::decide::{Exit, Placement, Plan, PlanInput, PlannedCohort, Route, Standing};
use crate::fleet::{Asset, Ownership, RegisterDate, Status};
use crate::units::Month;

/// A reason to look at a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TriggerKind {
    /// The register says that it retires.
    Retiring,
    /// The register meant to retire it by now.
    PlannedRetirement,
    /// The month that the plan recommends is here.
    Refresh,
    /// The lease is over.
    LeaseEnd,
    /// The support contract is over.
    ContractEnd,
    /// The warranty is over.
    WarrantyEnd,
    /// Nothing is left to depreciate.
    Depreciated,
}

impl TriggerKind {
    /// All of them, in the order of reports.
    pub const ALL: [TriggerKind; 7] = [
        TriggerKind::Retiring,
        TriggerKind::PlannedRetirement,
        TriggerKind::Refresh,
        TriggerKind::LeaseEnd,
        TriggerKind::ContractEnd,
        TriggerKind::WarrantyEnd,
        TriggerKind::Depreciated,
    ];

    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            TriggerKind::Retiring => "retiring in the register",
            TriggerKind::PlannedRetirement => "planned retirement",
            TriggerKind::Refresh => "recommended month",
            TriggerKind::LeaseEnd => "lease end",
            TriggerKind::ContractEnd => "contract end",
            TriggerKind::WarrantyEnd => "warranty end",
            TriggerKind::Depreciated => "depreciated",
        }
    }
}

/// Since when, as exactly as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// A day.
    Day(Date),
    /// A month.
    Month(Month),
    /// Nobody says.
    Unknown,
}

impl From<RegisterDate> for Since {
    fn from(date: RegisterDate) -> Since {
        if date.precision == Precision::Day { Since::Day(date.date) } else { Since::Month(date.month()) }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Since::Day(day) => day.fmt(formatter),
            Since::Month(month) => month.fmt(formatter),
            Since::Unknown => Ok(()),
        }
    }
}

/// One reason, with its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// What.
    pub kind: TriggerKind,
    /// Since when.
    pub since: Since,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// So many units go to a vendor now.
    HandOver {
        /// How many.
        units: u64,
    },
    /// They stay in the house or are sold by the owner.
    InHouse(Route),
    /// It goes back to the lessor.
    Lessor(Since),
    /// The plan keeps it until a month, or beyond the months looked ahead.
    Later(Option<Month>),
    /// It must not leave.
    MustStay(&'static str),
}

/// An asset with a reason to look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triggered {
    /// Position of the asset in the fleet.
    pub asset: usize,
    /// Units of its record.
    pub units: u64,
    /// Why, the strongest first.
    pub triggers: Vec<Trigger>,
    /// What follows.
    pub answer: Answer,
}

/// Every asset of which something says that it should be looked at now. What is gone or not there yet is not asked.
pub fn triggers(input: &PlanInput<'_>, plan: &Plan) -> Vec<Triggered> {
    let mut found = Vec::new();
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let outside = [Standing::Gone, Standing::OnOrder, Standing::NotYetOwned, Standing::Personal];
        if outside.contains(&planned.cohort.standing) {
            continue;
        }
        let assets = &planned.cohort.assets;
        let quantities: Vec<u64> =
            assets.iter().map(|asset| u64::from(input.fleet.assets[*asset].quantity)).collect();
        let shares = plan.schedule.of_assets(position, &quantities);
        for ((&asset, units), shares) in assets.iter().zip(quantities).zip(shares) {
            let case = Case {
                asset: &input.fleet.assets[asset],
                planned,
                shares: &shares,
                as_of: plan.as_of,
                units,
            };
            let triggers = case.triggers();
            if !triggers.is_empty() {
                let answer = case.answer(&triggers);
                found.push(Triggered { asset, units, triggers, answer });
            }
        }
    }
    found.sort_by_key(|triggered| triggered.asset);
    found
}

/// The units that go to a vendor now.
pub fn due(triggered: &[Triggered]) -> Vec<Departing> {
    let due = |of: &Triggered| match of.answer {
        Answer::HandOver { units } => Some(Departing { asset: of.asset, units }),
        _ => None,
    };
    triggered.iter().filter_map(due).collect()
}

struct Case<'a> {
    asset: &'a Asset,
    planned: &'a PlannedCohort,
    /// Where the schedule puts its units.
    shares: &'a [(&'a Placement, u64)],
    as_of: Month,
    units: u64,
}

impl Case<'_> {
    fn triggers(&self) -> Vec<Trigger> {
        let asset = self.asset;
        let passed =
            |date: Option<RegisterDate>| date.filter(|date| date.month() <= self.as_of).map(Since::from);
        let retiring = (asset.status == Status::Retiring)
            .then(|| asset.planned_retirement.map_or(Since::Unknown, Since::from));
        let planned = if retiring.is_some() { None } else { passed(asset.planned_retirement) };
        let leaves = self.leaving_now().map(|(placement, _)| placement).next();
        let refresh = leaves.and_then(|placement| placement.month).map(Since::Month);
        let depreciated = self
            .planned
            .book
            .map(|book| book.fully_depreciated())
            .filter(|month| *month <= self.as_of)
            .map(Since::Month);
        let leased = asset.ownership == Ownership::Leased;
        let lease_end = passed(asset.lease_end).filter(|_| leased);
        let since = [
            retiring,
            planned,
            refresh,
            lease_end,
            passed(asset.contract_end),
            passed(asset.warranty_end),
            depreciated,
        ];
        let trigger = |(kind, since): (TriggerKind, Option<Since>)| Some(Trigger { kind, since: since? });
        TriggerKind::ALL.into_iter().zip(since).filter_map(trigger).collect()
    }

    /// Units that leave by the as-of month and do not go back to a lessor.
    fn leaving_now(&self) -> impl Iterator<Item = &(&Placement, u64)> {
        self.shares.iter().filter(|(placement, _)| {
            placement.exit != Exit::Returned && placement.month.is_some_and(|month| month <= self.as_of)
        })
    }

    fn answer(&self, triggers: &[Trigger]) -> Answer {
        if self.asset.ownership == Ownership::Leased {
            return Answer::Lessor(self.asset.lease_end.map_or(Since::Unknown, Since::from));
        }
        if let Some(why) = hindrance(self.asset, self.planned.cohort.standing) {
            return Answer::MustStay(why);
        }
        let in_house = |route: &Route| matches!(route, Route::Redeploy | Route::Retail | Route::Upgrade);
        let retires =
            |of: &Trigger| matches!(of.kind, TriggerKind::Retiring | TriggerKind::PlannedRetirement);
        if triggers.iter().any(retires) {
            let prospects = self.planned.decision.prospects.as_ref();
            let route =
                prospects.and_then(|prospects| prospects.routes.first()).filter(|route| in_house(route));
            return route.map_or(Answer::HandOver { units: self.units }, |route| Answer::InHouse(*route));
        }
        let leaving: Vec<(Route, u64)> =
            self.leaving_now().filter_map(|(placement, units)| Some((placement.route?, *units))).collect();
        let units: u64 = leaving.iter().filter(|(route, _)| !in_house(route)).map(|(_, units)| units).sum();
        match leaving.first() {
            Some(_) if units > 0 => Answer::HandOver { units },
            Some((route, _)) => Answer::InHouse(*route),
            None => Answer::Later(self.shares.iter().find_map(|(placement, _)| placement.month)),
        }
    }
}
