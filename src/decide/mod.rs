//! When each asset should go, by which route, and why.
//!
//! In: assets, forecasts and the policy. Out: a [`Plan`]. What a unit fetches ([`valuation`]), what holding costs
//! ([`cost`]), what takes over ([`challenger`], [`economic_life`]), what each route nets ([`route`]), what it would earn by
//! the hour ([`rental`]), when to go ([`window`]) and from which offer on ([`stopping`]), what would change that
//! ([`break_even`]), why ([`explain`]), what the fleet can really do month by month ([`schedule`]), how it stands in the
//! books ([`books`]), and what it all brings in ([`totals`]) in joint draws ([`draws`], [`joint`]). [`scheduled`](mod@scheduled) is the
//! plan without its sums, made again for every scenario; what need not be made again is in [`precedent`]. What a plan does
//! for mass and carbon: [`sustainability`]. What it costs to promise a value: [`guarantee`](mod@guarantee). What such
//! decisions would have brought in the past is replayed by [`replay`].

pub mod replay;

mod ages;
mod books;
mod break_even;
mod calendar;
mod challenger;
mod cohort;
mod cost;
mod decision;
mod draws;
mod economic_life;
mod explain;
mod gaps;
mod guarantee;
mod joint;
mod plan;
mod policy;
mod precedent;
mod prospects;
mod redeploy;
mod rental;
mod route;
pub mod schedule;
mod scheduled;
mod setting;
pub mod stopping;
mod sustainability;
mod timeline;
mod totals;
mod unoffered;
mod valuation;
mod valued;
mod window;
pub(crate) mod work;

pub use books::{BookKept, FleetBooks, InBook, NoBook, month_of_disposal};
pub use break_even::BreakEven;
pub use calendar::{Event, EventKind, calendar};
pub use challenger::Challenger;
pub(crate) use cohort::cards_of;
pub use cohort::{Cohort, Standing};
pub use cost::{Contract, Holding, HoldingCost, expected_failures};
pub(crate) use cost::{Wear, kept};
pub use decision::{Action, Decision, RouteView, Rule, Waiting};
pub(crate) use draws::{DRAWS, net_of, prices_in_draws, seed_of, shared_names, stream};
pub use economic_life::{best_life, cycle_cost, equal_costs};
pub use explain::{Step, Waterfall, log_mean};
pub use gaps::{FixOffer, FixesError, GapPrices, PricedGap, Stake, price_gaps, price_gaps_watched};
pub(crate) use gaps::{can_be_locked, codes as gap_codes};
pub use guarantee::{
    Exercise, Guarantee, GuaranteeError, Promise, ScheduleLine, guarantee, loan_schedule,
    loan_schedule_watched, months_ahead,
};
pub(crate) use joint::{Memory, Term, added};
pub use plan::{Plan, PlanError, PlanInput, PlannedCohort, plan, plan_watched, rates_used};
pub use policy::{
    Books, BuyOut, ByClass, ChallengerTerms, ConversionError, DEFAULT_POLICY, DataRule, Demand, Destroy,
    Disposal, Donate, End, Energy, Failure, Gaps, GradeScheme, Holds, Idle, Lease, LotPolicy, Maintenance,
    Parts, Policy, PolicyError, Recycle, Redeploy, RefreshRule, Rental, Rest, SaleRoute, Scope, Software,
    Space, Span, Upgrade,
};
pub(crate) use precedent::Precedent;
pub use prospects::Prospects;
pub use rental::RentalView;
pub use route::{FeesOrder, Obstacle, Offer, PartPrice, Route, SaleTerms};
pub use schedule::{Comparison, Conflict, Exit, Placement, Schedule};
pub(crate) use scheduled::{Policies, Scheduled, policies_of, scheduled};
pub use setting::Setting;
pub use stopping::Stopping;
pub use sustainability::{
    CarbonFactors, Fate, Gear, Sheet, Sustainability, SustainabilityError, of_disposition, of_plan,
};
pub use timeline::Timeline;
pub use totals::{Total, Totals};
pub use unoffered::Unoffered;
pub use valued::{Valued, value_by_grade};
pub use window::Timing;
