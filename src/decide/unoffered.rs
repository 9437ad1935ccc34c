//! What routes that the policy does not offer would add.
//!
//! In: decided cohorts. Out: for every such route how many units would go by it and what more they would bring in, and
//! the same for the best of all of them, each unit in the month that is best for it now:
//!
//! `Σ units · max(0, net of the route − net of the chosen route)`.
//!
//! Nothing moves the months, no market gets deeper by one more route, and what a policy says of a route it does not offer
//! (share, fees, time to sell) is taken as it stands: a reason to ask for terms, and no plan.

use super::decision::Action;
use super::plan::PlannedCohort;
use super::route::{Obstacle, Route};

/// What a route would add.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unoffered {
    /// The route; none for the best one of every unit.
    pub route: Option<Route>,
    /// Units that would bring in more.
    pub units: u64,
    /// How much more, in the currency of the plan.
    pub more: f64,
}

/// Routes that would add something, most first, and behind them the best of all, where they are several.
pub(super) fn unoffered(cohorts: &[PlannedCohort]) -> Vec<Unoffered> {
    let mut of_routes: Vec<Unoffered> =
        Route::ALL.into_iter().map(|route| Unoffered { route: Some(route), units: 0, more: 0.0 }).collect();
    let mut best = Unoffered { route: None, units: 0, more: 0.0 };
    for planned in cohorts.iter().filter(|planned| planned.decision.action == Action::Go) {
        let units = planned.cohort.units;
        let chosen = planned.decision.recovery.mean;
        let mut most = 0.0_f64;
        for (view, sum) in planned.decision.routes.iter().zip(&mut of_routes) {
            let more = view.best.filter(|_| view.closed == Some(Obstacle::NotOffered));
            let more = more.map_or(0.0, |net| net - chosen);
            if more > 0.0 {
                sum.add(units, more);
                most = most.max(more);
            }
        }
        if most > 0.0 {
            best.add(units, most);
        }
    }
    of_routes.retain(|route| route.units > 0);
    of_routes.sort_by(|one, other| other.more.total_cmp(&one.more));
    if of_routes.len() > 1 {
        of_routes.push(best);
    }
    of_routes
}

impl Unoffered {
    fn add(&mut self, units: u64, more: f64) {
        self.units += units;
        self.more += units as f64 * more;
    }
}
