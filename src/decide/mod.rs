//! When each asset should go, by which route, and why.
mod economic_life;
mod policy;
mod route;
pub use economic_life::{best_life, cycle_cost, equal_costs};
pub use policy::{DEFAULT_POLICY, Policy, PolicyError};
pub use route::{Route, SaleTerms};
