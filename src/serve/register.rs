//! A register that stands ready for questions.
//!
//! In: a fleet and what it is planned under. Out: a [`Register`]: the plan of the base and what it means for money, made
//! once; and scenarios over it, each worked out once while it is remembered, however many ask for it at the same time.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::shelf::Shelf;
use super::work::Workers;
use crate::decide::{self, GapPrices, Plan, PlanError, Setting};
use crate::fleet::Fleet;
use crate::report::desk::Choices;
use crate::scenario::{Dials, Laid, Standing, Turning, WhatIfError, WhatIfInput, scenarios_of};
use crate::units::Work;

/// Cohorts of all remembered scenarios of a register: what bounds its memory.
const REMEMBERED_COHORTS: usize = 20_000;

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
    /// Scenarios by what is turned.
    remembered: Shelf<Dials, OnceCell<Arc<Laid>>>,
    told: OnceCell<Arc<Told>>,
}

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
        let most = (REMEMBERED_COHORTS / standing.plan().cohorts.len().max(1)).max(LEAST_REMEMBERED);
        let (remembered, told) = (Shelf::new(most), OnceCell::new());
        Ok(Register { id, name, setting, fleet, standing, turning, choices, remembered, told })
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
        let cell = self.remembered.get_or_add(dials, Arc::default);
        let work = || async {
            let register = Arc::clone(self);
            workers.run(move || register.lay(dials).map(Arc::new)).await
        };
        cell.get_or_try_init(work).await.cloned()
    }

    fn lay(&self, dials: Dials) -> Result<Laid, WhatIfError> {
        let file = scenarios_of(&[(dials.words(), dials)], &self.turning)?;
        self.standing.one(&self.input(), &file)
    }

    /// The plan of the base with everything that is told of it.
    pub(super) async fn told(self: &Arc<Self>, workers: &Workers) -> Result<Arc<Told>, PlanError> {
        let work = || async {
            let register = Arc::clone(self);
            workers.run(move || Told::of(&register, Work::unwatched()).map(Arc::new)).await
        };
        self.told.get_or_try_init(work).await.cloned()
    }
}

/// The plan of the base with its findings and what they cost.
#[derive(Debug)]
pub(super) struct Told {
    pub plan: Plan,
    pub prices: GapPrices,
}

impl Told {
    /// Works it out while somebody looks on.
    pub(super) fn of(register: &Register, work: Work<'_>) -> Result<Told, PlanError> {
        let input = register.input().plan;
        let plan = decide::plan_watched(&input, work)?;
        let prices = decide::price_gaps_watched(&input, &plan, work)?;
        Ok(Told { plan, prices })
    }
}
