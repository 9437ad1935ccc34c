//! When each asset should go, by which route, and why.
//!
//! In: assets, forecasts and the policy. Out: a [`Plan`]. What holding costs ([`cost`]), what takes over
//! ([`challenger`], [`economic_life`]), what each route nets ([`route`]), what it would earn by the hour ([`rental`]), when
//! to go ([`window`]) and from which offer on ([`stopping`]), what would change that ([`break_even`]), why ([`explain`]),
//! what the fleet can really do month by month ([`schedule`]), and what it all brings in ([`totals`]). What it costs to
//! promise a value: [`guarantee`](mod@guarantee). What such decisions would have brought in the past is replayed by
//! [`replay`].

pub mod replay;

mod ages;
mod break_even;
mod calendar;
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
mod prospects;
mod redeploy;
mod rental;
mod route;
pub mod schedule;
pub mod stopping;
mod totals;
mod valued;
mod window;

pub use break_even::BreakEven;
pub use calendar::{Event, EventKind, calendar};
pub use challenger::Challenger;
pub use cohort::{Cohort, Standing};
pub use cost::{Contract, Holding, HoldingCost, expected_failures};
pub use decision::{Action, Decision, RouteView, Rule, Waiting};
pub use economic_life::{best_life, cycle_cost, equal_costs};
pub use explain::{Step, Waterfall, log_mean};
pub use gaps::{FixOffer, FixesError, GapPrices, PricedGap, Stake, price_gaps};
pub use guarantee::{
    Exercise, Guarantee, GuaranteeError, Promise, ScheduleLine, guarantee, loan_schedule, months_ahead,
};
pub use plan::{Plan, PlanError, PlanInput, PlannedCohort, plan, rates_used};
pub(crate) use plan::{plan_money, policies_of};
pub use policy::{
    Books, BuyOut, ByClass, ChallengerTerms, ConversionError, DEFAULT_POLICY, DataRule, Demand, Destroy,
    Disposal, Donate, End, Energy, Failure, Gaps, GradeScheme, Holds, Idle, Lease, LotPolicy, Maintenance,
    Parts, Policy, PolicyError, Recycle, Redeploy, RefreshRule, Rental, Rest, SaleRoute, Scope, Software,
    Space, Span, Upgrade,
};
pub use prospects::Prospects;
pub use rental::RentalView;
pub use route::{Offer, PartPrice, Route, SaleTerms};
pub use schedule::{Comparison, Conflict, Exit, Placement, Schedule};
pub use stopping::Stopping;
pub(crate) use totals::{
    DRAWS, Streams, common_names, named_normals, net_of, prices_in_draws, seed_of, stream,
};
pub use totals::{Total, Totals};
pub use valued::{Valued, value_by_grade};
pub use window::Timing;
