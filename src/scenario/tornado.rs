//! Which drivers move the answer, and where a scenario is as good as the base.
//!
//! In: the base and the scenarios. Out: for the ten drivers with the widest swing the present total cost at either end of
//! their range, one at a time, each end planned anew ([`tornado`]); and for each scenario the values of a driver at which
//! its present total cost is that of the base, both planned anew at every step of a bisection ([`break_evens`]).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::drivers::{Driver, drivers};
use super::overlay::World;
use super::{Answer, Base, WhatIfError, figures};
use crate::decide::PlanError;
use crate::units::{Cancelled, Money};

/// Drivers that are told.
const DRIVERS: usize = 10;

/// Steps of a bisection: the range is cut to a thousandth.
const STEPS: usize = 10;

/// A driver at either end of its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Swing {
    /// The driver.
    pub driver: Driver,
    /// Present total cost at the lower end.
    pub cost_low: Money,
    /// Present total cost at the upper end.
    pub cost_high: Money,
    /// Net recovery at the lower end.
    pub recovery_low: Money,
    /// Net recovery at the upper end.
    pub recovery_high: Money,
}

impl Swing {
    /// Distance of the two costs, or of the further from the base where both lie on one side of it.
    pub fn width(&self, base: Money) -> i64 {
        let costs = [self.cost_low.minor(), base.minor(), self.cost_high.minor()];
        costs.iter().max().zip(costs.iter().min()).map_or(0, |(most, least)| most - least)
    }
}

/// A value of a driver at which a scenario costs what the base costs.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// Name of the scenario.
    pub scenario: String,
    /// The driver.
    pub driver: Driver,
    /// The value nearest to what the driver stands at; none when there is none in its widest range.
    pub value: Option<f64>,
    /// What the scenario costs more than the base at the driver of today.
    pub more_now: Money,
}

/// Present total cost and net recovery of a world with a driver turned.
fn turned(
    base: &Base<'_>,
    world: &World<'_>,
    driver: &Driver,
    value: f64,
) -> Result<(Money, Money), WhatIfError> {
    let mut world = world.clone();
    driver.turn(&mut world, base.input.as_of, value)?;
    let plan = world.plan(base)?;
    let (_, figures) = figures(&world, &plan)?;
    Ok((figures.present_cost, plan.recovery()))
}

/// What the base costs with a driver turned, worked out once for all scenarios: their bisections begin at the same ends.
struct BaseCosts<'a> {
    base: &'a Base<'a>,
    as_is: World<'a>,
    /// By the name of the driver and the bits of its value.
    known: Mutex<BTreeMap<(&'static str, u64), Money>>,
}

impl BaseCosts<'_> {
    fn at(&self, driver: &Driver, value: f64) -> Result<Money, WhatIfError> {
        let key = (driver.name, value.to_bits());
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cost) = known().get(&key) {
            return Ok(*cost);
        }
        let (cost, _) = turned(self.base, &self.as_is, driver, value)?;
        known().insert(key, cost);
        Ok(cost)
    }
}

/// The drivers with the widest swing, widest first.
pub(super) fn tornado(base: &Base<'_>, of_base: &Answer) -> Result<Vec<Swing>, WhatIfError> {
    let as_is = World::base(base);
    let all = drivers(base);
    let stage = base.work.stage("turning drivers", 2 * all.len());
    let step = || stage.step().map_err(cancelled);
    let mut swings: Vec<Swing> = all
        .into_par_iter()
        .map(|driver| {
            let (cost_low, recovery_low) = turned(base, &as_is, &driver, driver.low)?;
            step()?;
            let (cost_high, recovery_high) = turned(base, &as_is, &driver, driver.high)?;
            step()?;
            Ok(Swing { driver, cost_low, cost_high, recovery_low, recovery_high })
        })
        .collect::<Result<_, WhatIfError>>()?;
    // The sort is stable: drivers that move it alike keep their order.
    swings.sort_by_key(|swing| std::cmp::Reverse(swing.width(of_base.present_cost)));
    swings.truncate(DRIVERS);
    Ok(swings)
}

/// Where each scenario is as good as the base, by each driver that is sought.
pub(super) fn break_evens(
    base: &Base<'_>,
    of_base: &Answer,
    worlds: &[World<'_>],
    scenarios: &[Answer],
) -> Result<Vec<BreakEven>, WhatIfError> {
    let sought: Vec<Driver> = drivers(base).into_iter().filter(|driver| driver.widest.is_some()).collect();
    let asked: Vec<(&World<'_>, &Answer, &Driver)> = worlds
        .iter()
        .zip(scenarios)
        .flat_map(|(world, answer)| sought.iter().map(move |driver| (world, answer, driver)))
        .collect();
    let base_costs = BaseCosts { base, as_is: World::base(base), known: Mutex::default() };
    let stage = base.work.stage("seeking break-evens", asked.len());
    asked
        .into_par_iter()
        .map(|(world, answer, driver)| {
            let more_now = answer.present_cost.minor() - of_base.present_cost.minor();
            let more = |value: f64| -> Result<f64, WhatIfError> {
                let (of_scenario, _) = turned(base, world, driver, value)?;
                Ok((of_scenario.minor() - base_costs.at(driver, value)?.minor()) as f64)
            };
            let value = nearest_root(driver, more_now as f64, &more)?;
            stage.step().map_err(cancelled)?;
            Ok(BreakEven {
                scenario: answer.name.clone(),
                driver: driver.clone(),
                value,
                more_now: Money::from_minor(more_now, answer.currency),
            })
        })
        .collect()
}

fn cancelled(cancelled: Cancelled) -> WhatIfError {
    WhatIfError::Plan(PlanError::Cancelled(cancelled))
}

/// The value nearest to today's at which the difference changes its sign, found on either side by bisection.
fn nearest_root(
    driver: &Driver,
    more_now: f64,
    more: &dyn Fn(f64) -> Result<f64, WhatIfError>,
) -> Result<Option<f64>, WhatIfError> {
    let Some((least, most)) = driver.widest.filter(|_| more_now != 0.0) else { return Ok(None) };
    let mut best: Option<f64> = None;
    for end in [least, most] {
        let (mut near, mut far) = (driver.now, end);
        if (far - near).abs() < f64::EPSILON || more(far)? * more_now >= 0.0 {
            // On the same side, or a driver that the scenario sets itself: then nothing is left to differ.
            continue;
        }
        for _ in 0..STEPS {
            let middle = 0.5 * (near + far);
            if more(middle)? * more_now > 0.0 {
                near = middle;
            } else {
                far = middle;
            }
        }
        let root = 0.5 * (near + far);
        if best.is_none_or(|best| (root - driver.now).abs() < (best - driver.now).abs()) {
            best = Some(root);
        }
    }
    Ok(best)
}
