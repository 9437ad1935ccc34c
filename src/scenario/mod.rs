//! What happens to money, by quarter, if something changes.
//!
//! In: a fleet with everything it is planned from, and a file of scenarios ([`file`](mod@file)). Out: a [`WhatIf`]: the base and
//! every scenario side by side ([`answer`](mod@answer)), who beats whom in draws that all of them share ([`draws`]), the drivers that
//! move the answer most ([`tornado`]), and the values of drivers at which a scenario is as good as the base.
//!
//! A scenario is an overlay ([`overlay`]): what it does not name stays. It gives another policy, other models, another
//! catalog or another fleet to the same plan as [`decide::plan`](crate::decide::plan()), and the same flows ([`flows`](mod@flows)) follow from
//! its plan. Everything is checked ([`check`]) before anything is computed.
//!
//! Statements of the trade are put to the same engine by [`claims`].

mod answer;
mod check;
pub mod claims;
mod dials;
mod draws;
mod drivers;
mod file;
mod flows;
mod overlay;
mod replace;
mod standing;
#[cfg(test)]
mod tests;
mod tornado;

use std::fmt;

use rayon::prelude::*;

pub use answer::{Answer, Departure, Draws, Measure};
pub use dials::{DIALS, Dial, DialError, Dials, Turning, dials_at_base, scenarios_of};
pub use draws::Recovery;
pub use drivers::Driver;
pub use file::{
    EXAMPLE_SCENARIOS, Extend, Grades, Launch, Leave, Market, Name, Purchase, Refresh, Scenario,
    ScenarioFile, ScenarioName, Utilization,
};
pub use flows::Line;
pub use replace::{
    Cause, Delay, Displaced, Group, Order, PriceFrom, QUARTER, ReplaceError, Replacement, Staying,
    StaysBecause, Task, TaskKind, WorkMeasure, replace, replace_watched,
};
pub(crate) use standing::Laid;
pub use standing::Standing;
pub use tornado::{BreakEven, Swing};

use answer::Figures;
use draws::{Drawn, Shared};
use flows::{Flows, Frame};
use overlay::World;

use crate::decide::{FleetBooks, PlanError, PlanInput, Policy, PolicyError, Precedent, Scheduled};
use crate::units::{Currency, Money, MoneyError, Month, Quantiles, Work, monthly_discount_factor};

/// Everything a comparison is made from.
#[derive(Debug, Clone, Copy)]
pub struct WhatIfInput<'a> {
    /// What the base plan is made from, its policy in the currency of the answer.
    pub plan: PlanInput<'a>,
    /// The policy as written: amounts of scenarios are in its currency.
    pub written: &'a Policy,
}

/// How much is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The scenarios.
    Scenarios,
    /// The scenarios, the drivers that move the answer, and break-evens.
    Drivers,
}

/// The base and its scenarios.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIf {
    /// The file of scenarios.
    pub file: String,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Month one looks from.
    pub as_of: Month,
    /// Net recovery as the plan of the base states it.
    pub planned_recovery: Money,
    /// The plan as it is.
    pub base: Answer,
    /// The scenarios in the order of the file.
    pub scenarios: Vec<Answer>,
    /// Probability that the answer of the row beats that of the column, base first.
    pub beats: Beats,
    /// What moves the present total cost of the base most, most first.
    pub tornado: Vec<Swing>,
    /// Values of drivers at which a scenario costs what the base costs.
    pub break_evens: Vec<BreakEven>,
}

impl WhatIf {
    /// The base and the scenarios, in this order.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        std::iter::once(&self.base).chain(&self.scenarios)
    }
}

/// Probabilities of being better; a draw in which both are equal counts half for each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beats {
    /// Of bringing in more.
    pub recovery: Vec<Vec<f64>>,
    /// Of costing less.
    pub total_cost: Vec<Vec<f64>>,
}

/// A scenario that cannot be laid over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ScenarioError {
    /// The file.
    pub file: String,
    /// The line, where it is known.
    pub line: Option<usize>,
    /// The scenario.
    pub scenario: Option<String>,
    /// What is wrong, with the nearest match.
    pub message: String,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if let Some(scenario) = &self.scenario {
            write!(formatter, ": scenario `{scenario}`")?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// A comparison that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// A scenario is refused.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A fleet that cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An amount beyond all measure.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A policy that does not hold.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// What scenarios are laid over.
#[derive(Debug, Clone, Copy)]
struct Base<'a> {
    input: PlanInput<'a>,
    written: &'a Policy,
    plan: &'a Scheduled,
    /// What plans of scenarios take over from it.
    precedent: &'a Precedent<'a>,
    /// Who looks on.
    work: Work<'a>,
}

/// Compares scenarios with the base.
pub fn what_if(input: &WhatIfInput<'_>, file: &ScenarioFile, depth: Depth) -> Result<WhatIf, WhatIfError> {
    what_if_watched(input, file, depth, Work::unwatched())
}

/// Compares scenarios with the base while somebody looks on.
///
/// # Errors
/// As [`what_if`], and [`PlanError::Cancelled`] in it when it is no longer wanted.
pub fn what_if_watched(
    input: &WhatIfInput<'_>,
    file: &ScenarioFile,
    depth: Depth,
    work: Work<'_>,
) -> Result<WhatIf, WhatIfError> {
    Standing::new(input, work)?.compare(input, file, depth, work)
}

/// The flows of a plan: those of its cohorts, added in their order, and of purchases.
fn flows(world: &World<'_>, plan: &Scheduled) -> Result<Flows, PolicyError> {
    let horizon = world.policy.horizon_months as usize;
    let frame = Frame { plan, models: &world.models, horizon };
    let positions: Vec<usize> = (0..plan.cohorts.len()).collect();
    let groups: Vec<Flows> = positions
        .par_chunks(64)
        .map(|group| {
            group.iter().fold(Flows::none(horizon + 1), |mut sum, position| {
                sum.plus(&flows::of_cohort(&frame, *position));
                sum
            })
        })
        .collect();
    let mut sum = Flows::none(horizon + 1);
    groups.iter().for_each(|group| sum.plus(group));
    for bought in &world.purchases {
        sum.plus(&flows::of_purchase(&frame, bought, &world.policy)?);
    }
    Ok(sum)
}

/// The figures of a plan without its draws.
fn figures(world: &World<'_>, plan: &Scheduled) -> Result<(Flows, Figures), WhatIfError> {
    let flows = flows(world, plan)?;
    let discount = monthly_discount_factor(world.policy.discount_rate_yearly);
    let figures = answer::figures(plan, &flows, discount)?;
    Ok((flows, figures))
}

/// The answer, and the draws that its intervals come from.
fn answer(
    base: &Base<'_>,
    world: &World<'_>,
    plan: &Scheduled,
    shared: &Shared,
    scenario: Scenario,
    changes: Vec<String>,
) -> Result<(Answer, Drawn), WhatIfError> {
    let (flows, figures) = figures(world, plan)?;
    let counted = |counts: bool| -> u64 {
        let cohorts = plan.cohorts.iter();
        cohorts
            .filter(|planned| planned.decision.prospects.is_some() == counts)
            .map(|planned| planned.cohort.units)
            .sum()
    };
    let input = world.input(base);
    let kept = plan.policies.books();
    let books = FleetBooks::new(&input, &kept, &plan.cohorts);
    let departures = answer::departures(plan, &input, &books)?;
    let nothing = Quantiles::certain(0.0);
    let mut answer = Answer {
        name: scenario.title().to_owned(),
        description: scenario.description,
        changes,
        currency: plan.currency,
        as_of: plan.as_of,
        lines: figures.lines,
        units: counted(true),
        units_leaving: departures.iter().map(|departure| departure.units).sum(),
        units_outside: counted(false),
        books: books.kept(&input),
        departures,
        present_cost: figures.present_cost,
        recovery: nothing,
        total_cost: nothing,
        draws: Draws::default(),
    };
    let names = draws::luck_names(plan, base.plan);
    let drawn = shared.draw(plan, &names, world.policy.horizon_months as usize);
    let successors: Vec<(f64, Vec<f64>)> =
        flows.of_successors.iter().map(|(class, worth)| (*worth, shared.of_class(*class))).collect();
    answer::drawn(&mut answer, &drawn, &successors);
    Ok((answer, drawn))
}

fn beats(answers: &[&Answer]) -> Beats {
    let matrix = |better: &dyn Fn(&Answer, &Answer) -> f64| {
        answers.iter().map(|one| answers.iter().map(|other| better(one, other)).collect()).collect()
    };
    Beats {
        recovery: matrix(&|one, other| one.brings_more_than(other)),
        total_cost: matrix(&|one, other| one.costs_less_than(other)),
    }
}
