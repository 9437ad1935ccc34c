//! What ends when: warranties, contracts, leases, and what the register means to retire.
//!
//! In: a plan. Out: [`Event`]s in the order of their dates. A warranty that ends costs `c(month after) − c(month before)`,
//! twelve times, where the unit stays in use: upkeep, repairs and the support contract of the policy. A contract of a unit
//! that the plan lets go, or that is idle, gone or missing, is paid in vain from then to its end, `monthly × months`; one
//! that can move to another unit can be given to one or be credited. A retirement that the register means for another
//! month than the plan costs `PV(that month) − PV(τ*)`.

use super::decision::{self, Action, Context};
use super::plan::{Plan, PlanError, PlanInput, PlannedCohort};
use super::prospects::Prospects;
use super::scheduled::Policies;
use crate::fleet::{Asset, RegisterDate, Status};
use crate::units::Month;

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// The maker's warranty.
    Warranty,
    /// A support contract of a unit that needs it to its end.
    Contract,
    /// A support contract that is paid for longer than the unit is there or in use.
    PaidInVain,
    /// A lease.
    Lease,
    /// The stay of a unit, by its register.
    Retirement,
}

impl EventKind {
    /// All of them, in the order of reports.
    pub const ALL: [EventKind; 5] = [
        EventKind::Warranty,
        EventKind::Contract,
        EventKind::Lease,
        EventKind::Retirement,
        EventKind::PaidInVain,
    ];

    /// The words files use.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Warranty => "warranty ends",
            EventKind::Contract => "contract ends",
            EventKind::PaidInVain => "contract paid in vain",
            EventKind::Lease => "lease ends",
            EventKind::Retirement => "retirement planned",
        }
    }
}

/// One thing that ends, for one asset. Amounts in the currency of the plan, all units of its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// The day.
    pub date: RegisterDate,
    /// Position of the asset in the fleet.
    pub asset: usize,
    /// Units of its record.
    pub units: u32,
    /// What its contract costs a month.
    pub monthly: f64,
    /// What the event costs, or is paid in vain.
    pub money: f64,
    /// Whether the contract can move to another unit.
    pub transferable: bool,
    /// When the plan lets the unit go.
    pub plan_month: Option<Month>,
    /// What to do, for people.
    pub advice: String,
}

/// Everything that ends from the month of the plan on.
pub fn calendar(input: &PlanInput<'_>, plan: &Plan) -> Result<Vec<Event>, PlanError> {
    let rates = input.policy.rates();
    let policies = Policies::of(input, plan.cohorts.iter().map(|planned| planned.cohort.as_ref()))?;
    let mut events = Vec::new();
    for (position, planned) in plan.cohorts.iter().enumerate() {
        let context = policies.context(position, input, &rates, plan.currency_per_dollar, true);
        for &index in &planned.cohort.assets {
            of_asset(&context, planned, index, &input.fleet.assets[index], &mut events);
        }
    }
    events.sort_by_key(|event| (event.date.date, event.kind, event.asset));
    Ok(events)
}

fn of_asset(
    context: &Context<'_>,
    planned: &PlannedCohort,
    index: usize,
    asset: &Asset,
    events: &mut Vec<Event>,
) {
    let decision = &planned.decision;
    let gone = matches!(asset.status, Status::Gone | Status::Missing);
    let leaves = matches!(decision.action, Action::Go | Action::ReturnLease | Action::BuyOut);
    let plan_month = decision.month.filter(|_| leaves);
    let units = f64::from(asset.quantity);
    let coming = |date: Option<RegisterDate>| date.filter(|date| date.month() >= context.as_of);
    let monthly =
        asset.contract_monthly.and_then(|monthly| context.in_plan_currency(monthly)).unwrap_or(0.0) * units;
    let transferable = asset.contract_transferable == Some(true);
    let mut add = |kind: EventKind, date: RegisterDate, monthly: f64, money: f64, advice: String| {
        let units = asset.quantity;
        events.push(Event {
            kind,
            date,
            asset: index,
            units,
            monthly,
            money,
            transferable,
            plan_month,
            advice,
        });
    };
    if let Some(end) = coming(asset.contract_end) {
        // The agreed months after the one in which it is last needed.
        let needed = if gone || asset.is_idle() { Some(context.as_of) } else { plan_month };
        let months = needed.map_or(0, |needed| end.month().months_since(needed.max(context.as_of)).max(0));
        if months > 0 && monthly > 0.0 {
            let why = match (gone, asset.is_idle()) {
                (true, _) => "its unit is not there",
                (_, true) => "nobody uses its unit",
                _ => "its unit leaves before",
            };
            let how =
                if transferable { "move it to another unit or ask for credit" } else { "let it run out" };
            let advice = format!("{why}: {how}");
            add(EventKind::PaidInVain, end, monthly, monthly * f64::from(months), advice);
        } else if !gone {
            let advice = match plan_month {
                Some(month) if month <= end.month() => "its unit leaves by then: let it end".to_owned(),
                _ => "renew it, or plan without".to_owned(),
            };
            add(EventKind::Contract, end, monthly, 0.0, advice);
        }
    }
    if gone {
        return;
    }
    if let Some(end) = coming(asset.warranty_end) {
        let stays = !asset.is_idle() && plan_month.is_none_or(|month| month > end.month());
        let step =
            if stays { units * step_at_warranty_end(context, planned, asset, end.month()) } else { 0.0 };
        let advice = match plan_month {
            Some(month) if month <= end.month() => "its unit leaves under warranty",
            _ => "from then on repairs are yours",
        };
        add(EventKind::Warranty, end, 0.0, step, advice.to_owned());
    }
    if let Some(end) = coming(asset.lease_end) {
        let advice = match decision.action {
            Action::BuyOut => "buy it out",
            Action::ReturnLease => "give it back in time",
            _ => "clear whose it is",
        };
        add(EventKind::Lease, end, 0.0, 0.0, advice.to_owned());
    }
    if let Some(meant) = coming(asset.planned_retirement) {
        let off = plan_month.map_or(0, |month| meant.month().months_since(month));
        let money = decision
            .prospects
            .as_ref()
            .map_or(0.0, |prospects| units * price_of_month(context, prospects, meant));
        let advice = match (plan_month, off) {
            (None, _) => "the plan sees no month for it".to_owned(),
            (Some(_), 0) => "as the plan has it".to_owned(),
            (Some(month), off) if off > 0 => format!("the plan lets it go {off} months earlier, in {month}"),
            (Some(month), off) => format!("the plan keeps it {} months longer, until {month}", -off),
        };
        add(EventKind::Retirement, meant, 0.0, money, advice);
    }
}

/// What a year costs more once the warranty is over, one unit.
fn step_at_warranty_end(context: &Context<'_>, planned: &PlannedCohort, asset: &Asset, end: Month) -> f64 {
    let Some(forecast) = &planned.forecast else { return 0.0 };
    let unit = decision::holding(context, &planned.cohort, asset, forecast);
    let cost = |month: Month| unit.cost(context.policy, month);
    12.0 * (cost(end.plus(1)) - cost(end)).max(0.0)
}

/// What leaving in the month of the register costs against the best month, one unit.
fn price_of_month(context: &Context<'_>, prospects: &Prospects, meant: RegisterDate) -> f64 {
    let ahead = meant.month().months_since(context.as_of).max(0) as usize;
    let (first, last) = prospects.allowed;
    let values = &prospects.present_values;
    let best = values.get(first..=last.min(values.len() - 1)).unwrap_or(values);
    let best = best.iter().copied().fold(f64::INFINITY, f64::min);
    values.get(ahead).map_or(0.0, |value| (value - best).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, decide, fleet, price};

    fn events(register: &str) -> Vec<Event> {
        let policy = decide::Policy::built_in();
        let as_of: Month = "2026-11".parse().unwrap();
        let options = policy.read_options(as_of);
        let fleet = fleet::read_text("register.csv", register.as_bytes(), &options).unwrap();
        let catalog = catalog::built_in().unwrap();
        let matcher = catalog::Matcher::new(&catalog);
        let models = price::Models::built_in().unwrap();
        let input = PlanInput {
            fleet: &fleet,
            catalog: &catalog,
            matcher: &matcher,
            models: &models,
            policy: &policy,
            as_of,
        };
        let plan = decide::plan(&input).unwrap();
        calendar(&input, &plan).unwrap()
    }

    #[test]
    fn a_contract_of_an_idle_unit_is_paid_in_vain_to_its_end() {
        let found = events(
            "asset_id,model,purchase_date,purchase_cost,currency,status,contract_end,contract_monthly,contract_transferable,quantity\n\
             A1,Dell PowerEdge R740xd,2021-03-15,14000,USD,In stock,2027-05-31,80.00,yes,2\n",
        );
        // Two units at 80 for the six months from November 2026 to May 2027.
        let event = found.iter().find(|event| event.kind == EventKind::PaidInVain).unwrap();
        assert_eq!((event.money, event.monthly, event.units, event.transferable), (960.0, 160.0, 2, true));
        assert!(event.advice.contains("move it to another unit"), "{}", event.advice);
    }

    #[test]
    fn a_warranty_that_ends_costs_the_step_of_upkeep_and_repairs() {
        let found = events(
            "asset_id,model,purchase_date,purchase_cost,currency,status,warranty_end\n\
             A1,Dell Latitude 5450,2024-12-15,1400,USD,In use,2027-12-15\n",
        );
        let event = found.iter().find(|event| event.kind == EventKind::Warranty).unwrap();
        assert!(event.money > 50.0 && event.money < 700.0, "{}", event.money);
        assert_eq!(event.date.month().to_string(), "2027-12");
    }
}
