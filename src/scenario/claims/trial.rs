//! Small fleets built in the open, and what the engine answers to them.
//!
//! In: [`Lot`]s (product, month of purchase, count, cost) and tables laid over the policy. Out: a fleet read like any
//! register, its plan by [`decide::plan`](crate::decide::plan()) without reservation prices, and its money by the same
//! flows and shared draws as [`what_if`](crate::scenario::what_if()).

use super::ClaimError;
use crate::decide::{self, PlanInput, Policy, Precedent, Scheduled};
use crate::fleet::{self, Fleet};
use crate::scenario::answer::{Answer, Figures, Measure};
use crate::scenario::draws::Shared;
use crate::scenario::file::Scenario;
use crate::scenario::flows::Line;
use crate::scenario::overlay::World;
use crate::scenario::{Base, answer, figures};
use crate::units::{Money, Month, Quantiles, Work};

/// Units of one product bought in one month, alike in everything.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lot {
    /// Kind of hardware, as a register says it.
    pub class: &'static str,
    /// Product, as a register says it.
    pub model: String,
    /// Month of purchase.
    pub bought: Month,
    /// How many.
    pub units: u32,
    /// Cost of one, US dollars.
    pub cost: f64,
    /// Whether somebody uses them; else they lie on a shelf.
    pub in_use: bool,
    /// Share of the time under load, where it matters.
    pub load: Option<f64>,
    /// Where they stand; policies may differ by site.
    pub site: &'static str,
}

impl Lot {
    /// Units in use, bought `age_months` before `as_of`.
    pub(super) fn in_use(class: &'static str, model: &str, as_of: Month, age_months: i32, cost: f64) -> Lot {
        Lot {
            class,
            model: model.to_owned(),
            bought: as_of.plus(-age_months),
            units: 1,
            cost,
            in_use: true,
            load: None,
            site: "",
        }
    }

    /// The same on a shelf.
    pub(super) fn idle(class: &'static str, model: &str, as_of: Month, age_months: i32, cost: f64) -> Lot {
        Lot { in_use: false, ..Lot::in_use(class, model, as_of, age_months, cost) }
    }
}

/// The lots as a register, one record a lot, in their order.
pub(super) fn fleet(input: &PlanInput<'_>, lots: &[Lot]) -> Result<Fleet, ClaimError> {
    let mut register =
        "asset_id,class,model,purchase_date,quantity,purchase_cost,currency,status,utilization,site\n"
            .to_owned();
    for (number, lot) in (1..).zip(lots) {
        let status = if lot.in_use { "In use" } else { "In stock" };
        let load = lot.load.map_or(String::new(), |load| load.to_string());
        register.push_str(&format!(
            "L{number},{},\"{}\",{}-01,{},{:.2},USD,{status},{load},{}\n",
            lot.class, lot.model, lot.bought, lot.units, lot.cost, lot.site
        ));
    }
    let options = input.policy.read_options(input.as_of);
    Ok(fleet::read_text("claims.csv", register.as_bytes(), &options)?)
}

/// A policy with a table of TOML laid over it.
pub(super) fn with(policy: &Policy, table: &str) -> Result<Policy, ClaimError> {
    let table: toml::Table = toml::from_str(table).map_err(|error| ClaimError::Table(error.to_string()))?;
    Ok(policy.overlaid("a claim", table)?)
}

/// The plan of a fleet under a policy, everything else as it is.
pub(super) fn plan(input: &PlanInput<'_>, fleet: &Fleet, policy: &Policy) -> Result<Scheduled, ClaimError> {
    Ok(decide::scheduled(&PlanInput { fleet, policy, ..*input }, false, None, Work::unwatched())?)
}

/// The flows of a fleet under a policy, without draws.
pub(super) fn money(input: &PlanInput<'_>, fleet: &Fleet, policy: &Policy) -> Result<Figures, ClaimError> {
    let input = PlanInput { fleet, policy, ..*input };
    let plan = decide::scheduled(&input, false, None, Work::unwatched())?;
    let precedent = Precedent::new(input, &plan);
    let base = Base { input, written: policy, plan: &plan, precedent: &precedent, work: Work::unwatched() };
    let (_, figures) = figures(&World::base(&base), &plan)?;
    Ok(figures)
}

/// A measure over the whole horizon, in the currency of the plan.
pub(super) fn total(figures: &Figures, measure: Measure) -> f64 {
    let of_line = |(line, cents): (&Line, &Vec<i64>)| measure.sign(*line) * cents.iter().sum::<i64>();
    Money::from_minor(figures.lines.iter().map(of_line).sum(), figures.present_cost.currency()).major()
}

/// What one answer costs more than another, draw by draw.
pub(super) fn difference(one: &Answer, other: &Answer) -> Quantiles {
    let draws = one.draws.total_cost.iter().zip(&other.draws.total_cost);
    Quantiles::from_draws(&mut draws.map(|(one, other)| one - other).collect::<Vec<f64>>())
}

/// The answers to several fleets and policies in draws that all of them share, in their order.
pub(super) fn answers(
    input: &PlanInput<'_>,
    asked: &[(&str, &Fleet, &Policy)],
) -> Result<Vec<Answer>, ClaimError> {
    let shared = Shared::default();
    let mut found = Vec::with_capacity(asked.len());
    for (name, fleet, policy) in asked {
        let input = PlanInput { fleet, policy, ..*input };
        let plan = decide::scheduled(&input, false, None, Work::unwatched())?;
        let precedent = Precedent::new(input, &plan);
        let base =
            Base { input, written: policy, plan: &plan, precedent: &precedent, work: Work::unwatched() };
        let world = World::base(&base);
        let (answer, _) = answer(&base, &world, &plan, &shared, Scenario::named(name), Vec::new())?;
        found.push(answer);
    }
    Ok(found)
}

/// Steps of a search: the range is cut to a thousandth.
const STEPS: usize = 10;

/// The first value in a range, from its first end on, at which `excess` has changed its sign, to a thousandth of the range;
/// none when it has the same sign at both ends. `excess` is asked anew at every step.
pub(super) fn crossing(
    range: (f64, f64),
    excess: impl Fn(f64) -> Result<f64, ClaimError>,
) -> Result<Option<f64>, ClaimError> {
    let (mut near, mut far) = range;
    let sign = excess(near)?;
    if sign * excess(far)? > 0.0 {
        return Ok(None);
    }
    for _ in 0..STEPS {
        let middle = 0.5 * (near + far);
        if excess(middle)? * sign > 0.0 {
            near = middle;
        } else {
            far = middle;
        }
    }
    Ok(Some(far))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_is_found_to_a_thousandth_of_the_range_and_only_where_there_is_one() {
        let found = crossing((0.0, 8.0), |value| Ok(value * value - 9.0)).unwrap().unwrap();
        assert!((3.0..3.008).contains(&found), "{found}");
        assert_eq!(crossing((4.0, 8.0), |value| Ok(value * value - 9.0)).unwrap(), None);
    }
}
