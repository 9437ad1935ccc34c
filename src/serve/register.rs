//! A register that stands ready for questions.
//!
//! In: a fleet and what it is planned under. Out: a [`Register`]: the plan of the base and what it means for money, made
//! once; and scenarios over it, each worked out once while it is remembered, however many ask for it at the same time.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::work::Workers;
use crate::decide::{self, Plan, PlanError, Setting};
use crate::fleet::Fleet;
use crate::report::desk::Choices;
use crate::scenario::{Dials, Laid, Standing, Turning, WhatIfError, WhatIfInput};
use crate::units::Work;

/// Cohorts of all remembered scenarios of a register: what bounds its memory.
const REMEMBERED_COHORTS: usize = 40_000;

/// Scenarios that are remembered whatever their size.
const LEAST_REMEMBERED: usize = 4;

/// A register with its base.
#[derive(Debug)]
pub(super) struct Register {
    /// Its name in addresses.
    pub id: String,
    /// What people call it.
    pub name: String,
    pub setting: Arc<Setting>,
    pub fleet: Fleet,
    pub standing: Standing,
    pub turning: Turning,
    pub choices: Choices,
    remembered: Mutex<Remembered>,
    plan: OnceCell<Arc<Plan>>,
}

/// Scenarios by what is turned, the one asked for last at the end.
#[derive(Debug, Default)]
struct Remembered(Vec<(Dials, Arc<OnceCell<Arc<Laid>>>)>);

impl Register {
    /// Plans the base.
    pub(super) fn new(
        id: String,
        name: String,
        setting: Arc<Setting>,
        fleet: Fleet,
    ) -> Result<Register, WhatIfError> {
        let input = WhatIfInput { plan: setting.plan_input(&fleet), written: &setting.written };
        let standing = Standing::new(&input, Work::unwatched())?;
        let turning = Turning::of(&input, &standing);
        let choices = Choices::of(&fleet, &standing);
        let (remembered, plan) = (Mutex::default(), OnceCell::new());
        Ok(Register { id, name, setting, fleet, standing, turning, choices, remembered, plan })
    }

    /// What scenarios are laid over.
    pub(super) fn input(&self) -> WhatIfInput<'_> {
        WhatIfInput { plan: self.setting.plan_input(&self.fleet), written: &self.setting.written }
    }

    /// A scenario, worked out or remembered.
    pub(super) async fn laid(
        self: &Arc<Self>,
        dials: Dials,
        workers: &Workers,
    ) -> Result<Arc<Laid>, WhatIfError> {
        let cell = self.remember(dials);
        let work = || async {
            let register = Arc::clone(self);
            workers.run(move || register.lay(dials).map(Arc::new)).await
        };
        cell.get_or_try_init(work).await.cloned()
    }

    fn lay(&self, dials: Dials) -> Result<Laid, WhatIfError> {
        let file = dials.scenario_file(&dials.words(), &self.turning)?;
        self.standing.one(&self.input(), &file)
    }

    /// The place of a scenario among the remembered.
    fn remember(&self, dials: Dials) -> Arc<OnceCell<Arc<Laid>>> {
        let cohorts = self.standing.plan().cohorts.len().max(1);
        let most = (REMEMBERED_COHORTS / cohorts).max(LEAST_REMEMBERED);
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).place(dials, most)
    }

    /// The plan of the base with everything that is told of it.
    pub(super) async fn plan(self: &Arc<Self>, workers: &Workers) -> Result<Arc<Plan>, PlanError> {
        let work = || async {
            let register = Arc::clone(self);
            workers.run(move || decide::plan(&register.input().plan).map(Arc::new)).await
        };
        self.plan.get_or_try_init(work).await.cloned()
    }
}

impl Remembered {
    fn place(&mut self, dials: Dials, most: usize) -> Arc<OnceCell<Arc<Laid>>> {
        let known = self.0.iter().position(|(own, _)| *own == dials).map(|at| self.0.remove(at));
        let entry = known.unwrap_or_else(|| (dials, Arc::default()));
        let cell = Arc::clone(&entry.1);
        self.0.push(entry);
        let surplus = self.0.len().saturating_sub(most);
        self.0.drain(..surplus);
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dials(cycle: usize) -> Dials {
        Dials::read([("cycle", cycle.to_string().as_str())].into_iter()).unwrap()
    }

    #[test]
    fn what_was_asked_for_longest_ago_is_forgotten_first() {
        let mut remembered = Remembered::default();
        let first = remembered.place(dials(20), 2);
        remembered.place(dials(30), 2);
        assert!(Arc::ptr_eq(&first, &remembered.place(dials(20), 2)));
        remembered.place(dials(40), 2);
        let kept: Vec<Dials> = remembered.0.iter().map(|(dials, _)| *dials).collect();
        assert_eq!(kept, [dials(20), dials(40)]);
    }
}
