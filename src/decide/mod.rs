//! When each asset should go, by which route, and why.
//!
//! In: assets, forecasts and the policy. Out: a [`Plan`]. What holding costs ([`cost`]), what takes over
//! ([`challenger`], [`economic_life`]), what each route nets ([`route`]), when to go ([`window`]), why
//! ([`explain`]), what the fleet can really do month by month ([`schedule`]), and what it all brings in ([`totals`]).

mod challenger;
mod cohort;
mod cost;
mod decision;
mod economic_life;
mod explain;
mod gaps;
mod plan;
mod policy;
mod prospects;
mod route;
pub mod schedule;
mod totals;
mod window;

pub use challenger::Challenger;
pub use cohort::{Cohort, Standing};
pub use cost::Holding;
pub use decision::{Action, Decision, Rule, Waiting};
pub use economic_life::{best_life, cycle_cost, equal_costs};
pub use explain::{Step, Waterfall, log_mean};
pub use plan::{Plan, PlanError, PlanInput, PlannedCohort, plan, rates_used};
pub use policy::{DEFAULT_POLICY, Policy, PolicyError};
pub use prospects::Prospects;
pub use route::{Route, SaleTerms};
pub use schedule::{Comparison, Conflict, Exit, Placement, Schedule};
pub use totals::{Total, Totals};
pub use window::Timing;
