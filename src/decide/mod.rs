//! When each asset should go, by which route, and why.
//!
//! In: assets, forecasts and the policy. Out: a [`Plan`]. What holding costs ([`cost`]), what takes over
//! ([`challenger`], [`economic_life`]), what each route nets ([`route`]), when to go ([`window`]) and from which
//! offer on ([`stopping`]), why
//! ([`explain`]), and what it all brings in ([`totals`]). What it costs to promise
//! a value: [`guarantee`](mod@guarantee).

mod challenger;
mod cohort;
mod cost;
mod decision;
mod economic_life;
mod explain;
mod gaps;
mod guarantee;
mod plan;
mod policy;
mod route;
pub mod stopping;
mod totals;
mod window;

pub use challenger::Challenger;
pub use cohort::{Cohort, Standing};
pub use cost::Holding;
pub use decision::{Action, Decision, Rule, Waiting};
pub use economic_life::{best_life, cycle_cost, equal_costs};
pub use explain::{Step, Waterfall, log_mean};
pub use guarantee::{
    Exercise, Guarantee, GuaranteeError, Promise, ScheduleLine, guarantee, months_ahead, schedule,
};
pub use plan::{Plan, PlanError, PlanInput, PlannedCohort, plan, rates_used};
pub use policy::{DEFAULT_POLICY, Policy, PolicyError};
pub use route::{Route, SaleTerms};
pub use stopping::Stopping;
pub use totals::{Total, Totals};
pub use window::Timing;
