//! What is this gear worth, when should it go, and what will that bring in?
//!
//! The main road is five calls:
//!
//! ```
//! use residua::{catalog, decide, fleet, price, report, units};
//!
//! let register = "asset_id,model,purchase_date,purchase_cost,currency,status
//! A1,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock";
//! let policy = decide::Policy::built_in();
//! let as_of: units::Month = "2026-11".parse()?;
//!
//! let options = policy.read_options(as_of);
//! let fleet = fleet::read_text("register.csv", register.as_bytes(), &options)?;
//! let catalog = catalog::built_in()?;
//! let matcher = catalog::Matcher::new(&catalog);
//! let models = price::Models::built_in()?;
//! let plan = decide::plan(&decide::PlanInput {
//!     fleet: &fleet, catalog: &catalog, matcher: &matcher, models: &models, policy: &policy, as_of,
//! })?;
//! let summary = report::summary(&plan, &fleet, report::Page::plain());
//! assert!(summary.contains("1 row in = 1 asset + 0 rejects + 0 merged"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each module stands on the ones before it and never reaches up: [`units`]; [`catalog`], [`fleet`], [`market`];
//! [`price`], [`book`]; [`decide`]; [`scenario`], [`lot`](mod@lot), [`outcome`]; [`report`]; [`stream`]; [`cli`], [`serve`].

pub mod book;
pub mod catalog;
pub mod cli;
pub mod decide;
pub mod fleet;
pub mod lot;
pub mod market;
pub mod outcome;
pub mod price;
pub mod report;
pub mod scenario;
pub mod serve;
pub mod stream;
pub mod units;
