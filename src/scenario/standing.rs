//! A base that stands while scenarios come and go.
//!
//! In: what the base is made from, then scenarios, as often as asked and from several threads at once. Out: a [`WhatIf`], or
//! one scenario laid over with its plan ([`Laid`]). The plan of the base, its answer and the draws that scenarios share are
//! made once, so that one more scenario costs what it changes.

use super::draws::{self, Drawn, Recovery, Shared};
use super::file::{Scenario, ScenarioFile};
use super::overlay::{self, World};
use super::{Answer, Base, Depth, WhatIf, WhatIfError, WhatIfInput, answer, beats, check, tornado};
use crate::catalog::Catalog;
use crate::decide::{self, PlanError, Precedent, Scheduled};
use crate::units::Work;

/// The base of comparisons.
#[derive(Debug)]
pub struct Standing {
    plan: Scheduled,
    shared: Shared,
    answer: Answer,
}

/// A scenario laid over the base.
#[derive(Debug)]
pub(crate) struct Laid {
    /// What it means for money.
    pub answer: Answer,
    /// Its plan.
    pub plan: Scheduled,
    /// Its catalog, where launches are moved.
    pub catalog: Option<Catalog>,
    /// What leaves, all of it and by quarter.
    pub recovery: Recovery,
}

/// A scenario laid over the base, with what it is laid from.
struct Over<'a> {
    answer: Answer,
    drawn: Drawn,
    plan: Scheduled,
    world: World<'a>,
}

impl Standing {
    /// Plans the base.
    pub fn new(input: &WhatIfInput<'_>, work: Work<'_>) -> Result<Standing, WhatIfError> {
        let plan = decide::scheduled(&input.plan, false, None, work)?;
        let shared = Shared::default();
        let precedent = Precedent::new(input.plan, &plan);
        let base =
            Base { input: input.plan, written: input.written, plan: &plan, precedent: &precedent, work };
        let (answer, _) =
            answer(&base, &World::base(&base), &plan, &shared, Scenario::named("base"), Vec::new())?;
        Ok(Standing { plan, shared, answer })
    }

    /// What the base means for money.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The plan of the base.
    pub(crate) fn plan(&self) -> &Scheduled {
        &self.plan
    }

    /// Compares scenarios with the base. `input` is what the base was made from.
    pub fn compare(
        &self,
        input: &WhatIfInput<'_>,
        file: &ScenarioFile,
        depth: Depth,
        work: Work<'_>,
    ) -> Result<WhatIf, WhatIfError> {
        let precedent = Precedent::new(input.plan, &self.plan);
        let base = self.base(input, &precedent, work);
        let worlds = worlds(&base, file)?;
        let stage = work.stage("planning scenarios", worlds.len());
        let mut scenarios = Vec::new();
        let mut planned = Vec::new();
        for (scenario, world) in file.scenarios.iter().zip(worlds) {
            let over = self.lay(&base, file, scenario, world)?;
            scenarios.push(over.answer);
            planned.push(over.world);
            stage.step().map_err(PlanError::from)?;
        }
        drop(stage);
        let (tornado, break_evens) = match depth {
            Depth::Scenarios => (Vec::new(), Vec::new()),
            Depth::Drivers => (
                tornado::tornado(&base, &self.answer)?,
                tornado::break_evens(&base, &self.answer, &planned, &scenarios)?,
            ),
        };
        let all: Vec<&Answer> = std::iter::once(&self.answer).chain(&scenarios).collect();
        Ok(WhatIf {
            file: file.file.clone(),
            currency: self.plan.currency,
            as_of: self.plan.as_of,
            planned_recovery: self.plan.recovery(),
            beats: beats(&all),
            base: self.answer.clone(),
            scenarios,
            tornado,
            break_evens,
        })
    }

    /// Lays the only scenario of a file over the base and keeps its plan.
    pub(crate) fn one(&self, input: &WhatIfInput<'_>, file: &ScenarioFile) -> Result<Laid, WhatIfError> {
        let precedent = Precedent::new(input.plan, &self.plan);
        let base = self.base(input, &precedent, Work::unwatched());
        let world = worlds(&base, file)?.remove(0);
        let Over { answer, drawn, plan, world } = self.lay(&base, file, &file.scenarios[0], world)?;
        let catalog =
            (!std::ptr::eq(&*world.catalog, input.plan.catalog)).then(|| world.catalog.into_owned());
        let recovery = drawn.recovery(plan.currency);
        Ok(Laid { answer, plan, catalog, recovery })
    }

    /// What the chosen cohorts of a plan over this base bring in.
    pub(crate) fn recovery(&self, plan: &Scheduled, chosen: &dyn Fn(usize) -> bool) -> Recovery {
        self.shared.leaving(plan, &draws::luck_names(plan, &self.plan), chosen).recovery(plan.currency)
    }

    fn base<'a>(&'a self, input: &WhatIfInput<'a>, precedent: &'a Precedent<'a>, work: Work<'a>) -> Base<'a> {
        Base { input: input.plan, written: input.written, plan: &self.plan, precedent, work }
    }

    fn lay<'a>(
        &self,
        base: &Base<'a>,
        file: &ScenarioFile,
        scenario: &Scenario,
        mut world: World<'a>,
    ) -> Result<Over<'a>, WhatIfError> {
        let mut plan = world.plan(base)?;
        if !scenario.extend.is_empty() {
            let place = check::Place { file, base, scenario };
            let told = overlay::extended(world.fleet.to_mut(), &place, &plan);
            world.changes.extend(told);
            plan = world.plan(base)?;
        }
        let changes = std::mem::take(&mut world.changes);
        let (mut answer, drawn) = answer(base, &world, &plan, &self.shared, scenario.clone(), changes)?;
        if answer.changes.is_empty() && answer.lines == self.answer.lines {
            answer.changes.push("no amount of this fleet changes".to_owned());
        }
        Ok(Over { answer, drawn, plan, world })
    }
}

/// Every overlay is laid over, and so refused or not, before the first one is planned.
fn worlds<'a>(base: &Base<'a>, file: &ScenarioFile) -> Result<Vec<World<'a>>, WhatIfError> {
    check::check(file, base)?;
    let worlds: Result<Vec<World<'_>>, _> =
        file.scenarios.iter().map(|scenario| overlay::world(file, base, scenario)).collect();
    Ok(worlds?)
}
