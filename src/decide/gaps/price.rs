//! What every gap of every asset costs.
//!
//! In: a plan. Out: [`PricedGap`]s in the order of assets and codes. Gaps that all units of a cohort share are priced once
//! for the cohort; those that differ by unit (was it seen, is it enrolled, do its sources agree) are priced for each, from the
//! same choices. A gap that no price speaks of is listed without one: `cost` is `None`, which is not nothing.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::bench::{Bench, Shop, Told};
use super::conflict;
use super::existence;
use super::open::{Doubt, Gap, Surroundings};
use super::states;
use crate::decide::cohort::Cohort;
use crate::decide::decision::Context;
use crate::decide::plan::{Plan, PlanError, PlanInput, PlannedCohort, overriding, policies, usual_costs};
use crate::decide::redeploy;
use crate::fleet::Asset;
use crate::units::{Money, MoneyError, Quantiles};

/// Days in a month.
const DAYS: f64 = 365.25 / 12.0;

/// What a gap costs, from the low end of what is believed to the high one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stake {
    /// At the low end.
    pub low: Money,
    /// At the high end.
    pub high: Money,
}

impl Stake {
    /// Nothing.
    pub const fn zero(currency: crate::units::Currency) -> Stake {
        Stake { low: Money::zero(currency), high: Money::zero(currency) }
    }

    /// Both ends added, to the cent.
    #[must_use]
    pub fn plus(self, other: Stake) -> Stake {
        let sum = |a: Money, b: Money| Money::from_minor(a.minor().saturating_add(b.minor()), a.currency());
        Stake { low: sum(self.low, other.low), high: sum(self.high, other.high) }
    }

    /// The middle of the span, by which fixes are ranked.
    pub fn middle(self) -> f64 {
        0.5 * (self.low.major() + self.high.major())
    }

    fn from_ends(
        (low, high): (f64, f64),
        units: f64,
        currency: crate::units::Currency,
    ) -> Result<Stake, MoneyError> {
        Ok(Stake {
            low: Money::from_major(units * low, currency)?,
            high: Money::from_major(units * high, currency)?,
        })
    }
}

/// One gap of one asset with what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct PricedGap {
    /// Code of the check, `DQ-01` to `DQ-30`.
    pub code: &'static str,
    /// Position of the asset in the fleet.
    pub asset: usize,
    /// Units of its record.
    pub units: u32,
    /// Whether the unit is enrolled in device management: such a lock is known, and is released and not found out.
    pub enrolled: bool,
    /// What it costs not to know, all units of the record; `None` where no price speaks of it.
    pub cost: Option<Stake>,
    /// By how much the expected recovery differs from what the plan counts, all units of the record.
    pub effect: Option<Stake>,
    /// Net recovery of one unit by the best way without knowing: the mixture over what may be.
    pub recovery: Option<Quantiles>,
    /// How much wider its interval of eight in ten is than that of a known unit, one unit.
    pub widening: Option<f64>,
}

/// Prices the gaps of a planned fleet.
pub(super) fn price(input: &PlanInput<'_>, plan: &Plan) -> Result<Vec<PricedGap>, PlanError> {
    let rates = input.policy.rates();
    let groups: Vec<Cohort> = plan.cohorts.iter().map(|planned| planned.cohort.clone()).collect();
    let usual_costs = usual_costs(input.fleet, &groups, &rates);
    let policies = policies(input, &groups)?;
    let demands = redeploy::assign(input.policy, input.fleet, &groups);
    let around = Surroundings::of(input);
    let context = Context {
        catalog: input.catalog,
        policy: input.policy,
        rates: &rates,
        as_of: input.as_of,
        factor: plan.currency_per_dollar,
    };
    let shop = Shop { input, usual_costs: &usual_costs };
    let found: Vec<Vec<PricedGap>> = plan
        .cohorts
        .par_iter()
        .zip(demands)
        .map(|(planned, demand)| {
            let policy = &policies[&overriding(input, &planned.cohort)];
            let demand = demand.map(|position| &input.policy.redeploy.demand[position]);
            of_cohort(&around, shop, Context { policy, ..context }, planned, demand)
        })
        .collect::<Result<_, MoneyError>>()?;
    let mut found: Vec<PricedGap> = found.into_iter().flatten().collect();
    found.sort_by_key(|gap| (gap.asset, gap.code));
    Ok(found)
}

fn of_cohort<'a>(
    around: &Surroundings<'_>,
    shop: Shop<'a>,
    context: Context<'a>,
    planned: &'a PlannedCohort,
    demand: Option<&'a crate::decide::policy::Demand>,
) -> Result<Vec<PricedGap>, MoneyError> {
    let assets = &shop.input.fleet.assets;
    let mut gaps_of =
        planned.cohort.assets.iter().map(|index| (*index, around.gaps_of(&assets[*index], planned)));
    let gaps_of: Vec<(usize, Vec<Gap>)> = gaps_of.by_ref().filter(|(_, gaps)| !gaps.is_empty()).collect();
    if gaps_of.is_empty() {
        return Ok(Vec::new());
    }
    let bench = Bench::new(shop, context, planned, demand);
    let mut shared: BTreeMap<String, Option<Told>> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, gaps) in gaps_of {
        let asset = &assets[index];
        for gap in gaps {
            let told = bench.as_ref().and_then(|bench| {
                if differs_by_unit(gap) {
                    return of_unit(bench, around, asset, gap);
                }
                *shared.entry(format!("{gap:?}")).or_insert_with(|| of_all(bench, gap))
            });
            found.push(priced(gap, index, asset, told, context.policy.currency)?);
        }
    }
    Ok(found)
}

fn priced(
    gap: Gap,
    index: usize,
    asset: &Asset,
    told: Option<Told>,
    currency: crate::units::Currency,
) -> Result<PricedGap, MoneyError> {
    let units = f64::from(asset.quantity);
    let stake =
        |ends: Option<(f64, f64)>| ends.map(|ends| Stake::from_ends(ends, units, currency)).transpose();
    Ok(PricedGap {
        code: gap.code(),
        asset: index,
        units: asset.quantity,
        enrolled: asset.enrolled == Some(true),
        cost: stake(told.map(|told| told.cost))?,
        effect: stake(told.map(|told| told.effect))?,
        recovery: told.map(|told| told.usual.recovery),
        widening: told.map(|told| told.usual.widening),
    })
}

/// Whether the units of one cohort can differ in a gap.
const fn differs_by_unit(gap: Gap) -> bool {
    matches!(gap, Gap::Ghost | Gap::Conflict | Gap::NoAge | Gap::TwoDates | Gap::FewAtSite)
}

fn of_unit(bench: &Bench<'_>, around: &Surroundings<'_>, asset: &Asset, gap: Gap) -> Option<Told> {
    match gap {
        Gap::Ghost => {
            let as_of = bench.input().as_of;
            states::ghost(bench, |end| {
                existence::probability(asset, bench.gaps(), as_of, around.watched, end)
            })
        }
        Gap::Conflict => conflict::price(bench, asset),
        Gap::NoAge => states::age(bench, |end| states::purchase_months(bench, asset, end)),
        Gap::TwoDates => {
            let date = [asset.purchase_date, asset.in_service_date].into_iter().flatten();
            let (date, other) = date.filter_map(|date| Some((date, date.other?))).next()?;
            let months = [(0.5, date.month()), (0.5, crate::units::Month::from(other))];
            states::age(bench, |_| Some(months.to_vec()))
        }
        Gap::FewAtSite => {
            let units = around.units_at(asset.site.as_deref()).max(1) as f64;
            let pickup = bench.gaps().pickup;
            flat(bench, (pickup.low / units, pickup.high / units))
        }
        _ => None,
    }
}

fn of_all(bench: &Bench<'_>, gap: Gap) -> Option<Told> {
    let gaps = bench.gaps();
    match gap {
        Gap::Found => states::ownership(bench, Doubt::Found.owned(gaps)),
        Gap::Duplicate => states::ghost(bench, |end| gaps.duplicate_exists.at(end)),
        Gap::NoSerial | Gap::BrokenSerial => states::haircut(bench, gaps.no_serial_haircut),
        Gap::Bulk => states::haircut(bench, gaps.unlisted_haircut),
        Gap::Condition | Gap::UnknownScheme => states::condition(bench),
        Gap::Lock { enrolled: true } => states::lock(bench, gaps.not_released),
        Gap::Lock { enrolled: false } => states::lock(bench, gaps.locked.of(bench.planned.cohort.class)?),
        Gap::Load if bench.months_are_free() => states::load(bench),
        Gap::Configuration => states::configuration(bench),
        Gap::Unmatched => states::price_level(bench),
        Gap::TwoPlaces => {
            // What the recovery loses while somebody looks for the unit, day by day.
            let ahead = bench.planned.decision.month?.months_since(bench.input().as_of).max(0) as usize;
            let recoveries = &bench.planned.decision.recoveries;
            let fall = (recoveries.get(ahead)? - recoveries.get(ahead + 1)?).max(0.0) / DAYS;
            flat(bench, (gaps.days_to_locate.low * fall, gaps.days_to_locate.high * fall))
        }
        Gap::Ownership(doubt) => states::ownership(bench, doubt.owned(gaps)),
        Gap::Hold => states::hold(bench),
        Gap::Drives => states::drives(bench),
        Gap::NotIt => states::worthless(bench),
        Gap::Load | Gap::Ghost | Gap::Conflict | Gap::NoAge | Gap::TwoDates | Gap::FewAtSite => None,
    }
}

/// A gap that costs an amount whatever is done, and leaves the recovery as unsure as it is.
fn flat(bench: &Bench<'_>, cost: (f64, f64)) -> Option<Told> {
    let told = bench.tell(None, |_| Some(vec![super::information::State::new(1.0, bench.base.clone())]))?;
    Some(Told { cost, effect: (-cost.1, -cost.0), ..told })
}

#[cfg(test)]
mod tests {
    use super::super::price_gaps;
    use super::*;
    use crate::decide::{self, GapPrices, Plan, Policy};
    use crate::{catalog, fleet, price};

    fn priced(register: &str, overlay: &str) -> (Plan, GapPrices) {
        let policy = Policy::from_toml("mine.toml", overlay).unwrap();
        let as_of = "2026-11".parse().unwrap();
        let options = fleet::ReadOptions { default_currency: policy.currency, rates: policy.rates(), as_of };
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
        let prices = price_gaps(&input, &plan).unwrap();
        (plan, prices)
    }

    fn cost(prices: &GapPrices, code: &str) -> (f64, f64) {
        let gap = prices.gaps.iter().find(|gap| gap.code == code).unwrap();
        let cost = gap.cost.unwrap();
        (cost.low.major(), cost.high.major())
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 0.011, "{found} is not {expected}");
    }

    const HEAD: &str = "asset_id,serial,class,model,purchase_date,purchase_cost,currency,status,grade,last_seen,enrolled,storage_gb\n";

    /// A laptop on a shelf that lacks nothing but what the test takes away.
    fn laptop(grade: &str, last_seen: &str, enrolled: &str) -> String {
        format!(
            "{HEAD}A1,5CG1234ABC,laptop,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock,{grade},{last_seen},{enrolled},512\n"
        )
    }

    #[test]
    fn a_fully_described_unit_has_no_gap_and_nothing_to_fix() {
        let (_, prices) = priced(&laptop("B", "2026-11-02", "no"), "");
        assert_eq!(prices.gaps, []);
        assert_eq!(prices.fixes, []);
        assert_eq!(prices.total, Stake::zero("USD".parse().unwrap()));
    }

    #[test]
    fn a_ghost_that_is_there_with_one_chance_in_two_costs_what_nobody_finds_and_the_trips_in_vain() {
        let fixed = "[gaps]\nhalf_gone_months = { low = 24, usual = 24, high = 24 }\nfailed_collection = 20\n\
                     turns_up = { low = 0.5, usual = 0.75, high = 1.0 }\n";
        let (plan, prices) = priced(&laptop("B", "2024-11-15", "no"), fixed);
        let net = plan.cohorts[0].decision.recovery.mean;
        let (low, high) = cost(&prices, "DQ-01");
        // It turns up with q: the dark loses (p − p q) of the net and (1 − p q) trips of 20.
        close(low, 0.0 * net + 0.5 * 20.0);
        close(high, 0.25 * net + 0.75 * 20.0);
        let gap = &prices.gaps[0];
        close(gap.effect.unwrap().low.major(), 0.25 * net - 0.75 * 20.0 - net);
        close(gap.effect.unwrap().high.major(), 0.5 * net - 0.5 * 20.0 - net);
        // Half of the outcomes and more are a trip in vain: the tenth percentile is that point mass.
        assert_eq!(gap.recovery.unwrap().p10, -20.0);
        assert!(gap.widening.unwrap() > 0.0);
    }

    #[test]
    fn a_unit_recorded_as_missing_costs_what_finding_it_would_bring() {
        let register = laptop("B", "2026-11-02", "no").replace("In stock", "Missing");
        let (_, prices) =
            priced(&register, "[gaps]\nmissing_exists = { low = 0.1, usual = 0.1, high = 0.2 }\n");
        let (sold, _) = priced(&laptop("B", "2026-11-02", "no"), "");
        let net = sold.cohorts[0].decision.prospects.as_ref().unwrap().recoveries[0];
        let (low, high) = cost(&prices, "DQ-01");
        close(low, 0.1 * net);
        close(high, 0.2 * net);
    }

    #[test]
    fn a_lock_costs_the_fall_to_scrap_less_the_minutes_to_release_it() {
        let overlay = "[gaps]\nlabour_per_hour = 60\nrelease_minutes = 5\n\
                       release_works = { low = 0.9, usual = 0.9, high = 0.9 }\n\
                       [gaps.locked]\nlaptop = { low = 0.03, usual = 0.03, high = 0.06 }\n";
        let (plan, prices) = priced(&laptop("B", "2026-11-02", ""), overlay);
        let net = plan.cohorts[0].decision.recovery.mean;
        // Locked it is recycled for 6.33; known, nine of ten are released for 5 minutes at 60 an hour.
        let lost = 0.9 * (net - 5.0 + 6.33);
        let (low, high) = cost(&prices, "DQ-14");
        close(low, 0.03 * lost);
        close(high, 0.06 * lost);
        let held = priced(&laptop("B", "2026-11-02", "yes"), overlay).1;
        close(cost(&held, "DQ-14").0, 0.02 * lost);
        assert_eq!(held.fixes.len(), 1, "an export of enrolment says nothing new of it");
        assert!(held.fixes[0].name.contains("release"), "{}", held.fixes[0].name);
    }

    #[test]
    fn an_unknown_grade_costs_what_buyers_take_off_who_price_at_the_worst() {
        let known = |grade: &str| {
            let (plan, _) = priced(&laptop(grade, "2026-11-02", "no"), "");
            plan.cohorts[0].decision.recovery.mean
        };
        let overlay = "[gaps]\npriced_at_worst = { low = 0.0, usual = 0.1, high = 0.25 }\n";
        let (_, prices) = priced(&laptop("", "2026-11-02", "no"), overlay);
        let mean = 0.07 * known("A") + 0.68 * known("B") + 0.20 * known("C") + 0.05 * known("D");
        let (low, high) = cost(&prices, "DQ-12");
        // All grades are sold by the same route, so knowing alone changes nothing; one in ten by weight is C or worse.
        close(low, 0.0);
        close(high, 0.25 * (mean - known("C")));
    }

    #[test]
    fn a_unit_that_may_be_leased_costs_what_the_lessor_charges_for_it() {
        let head = HEAD.trim_end().to_owned() + ",ownership\n";
        let row =
            "A1,5CG1234ABC,laptop,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock,B,2026-11-02,no,512,\n";
        let other = "A2,5CG1234ABD,laptop,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock,B,2026-11-02,no,512,owned\n";
        let overlay = "[lease]\nreturn_cost = 10\n[gaps]\nfailed_collection = 15\n\
                       owned_when_blank = { low = 0.9, usual = 0.95, high = 0.95 }\n\
                       charged_back = { low = 0.0, usual = 0.5, high = 0.5 }\n";
        let (plan, prices) = priced(&format!("{head}{row}{other}"), overlay);
        let price = plan.cohorts[0].decision.value_now.unwrap().mean;
        assert_eq!(prices.gaps.len(), 1);
        let (low, high) = cost(&prices, "DQ-20");
        // Not owned: known it goes back for 10, in the dark it is sold and the lessor charges for it.
        close(low, 0.1 * 15.0);
        close(high, 0.05 * (15.0 + 0.5 * price));
    }

    #[test]
    fn an_unknown_configuration_is_the_mixture_of_those_that_the_policy_names() {
        let head = "asset_id,serial,class,model,purchase_date,purchase_cost,currency,status,grade,last_seen,cpu_count,ram_gb,storage_gb\n";
        let server = |holds: &str| {
            format!(
                "{head}A1,5CG1234ABC,server,Dell PowerEdge R740xd,2021-03-15,14000,USD,In stock,B,2026-11-02,{holds}\n"
            )
        };
        let overlay = "[gaps]\npriced_at_worst = { low = 0.0, usual = 0.2, high = 0.2 }\n";
        let net = |holds: &str| priced(&server(holds), overlay).0.cohorts[0].decision.recovery.mean;
        let (low_net, usual, high_net) = (net("1,64,1000"), net("2,256,4000"), net("2,768,15000"));
        assert!(low_net < usual && usual < high_net, "{low_net} {usual} {high_net}");
        let (_, prices) = priced(&server(",,"), overlay);
        let mean = 0.25 * low_net + 0.5 * usual + 0.25 * high_net;
        let (low, high) = cost(&prices, "DQ-16");
        assert!(low >= 0.0 && low < 0.2 * (mean - low_net), "{low}");
        assert!((high - low - 0.2 * (mean - low_net)).abs() < 0.02, "{high}");
    }

    #[test]
    fn the_fixes_add_up_to_what_they_settle_and_no_gap_is_worth_less_than_nothing() {
        let sample = std::fs::read_to_string("data/samples/fleet.csv").unwrap();
        let (_, prices) = priced(&sample, "");
        assert!(prices.gaps.len() > 500);
        for gap in &prices.gaps {
            if let Some(cost) = gap.cost {
                assert!(0 <= cost.low.minor() && cost.low.minor() <= cost.high.minor(), "{gap:?}");
            }
        }
        let sum = |of: &dyn Fn(&decide::FixOffer) -> i64| prices.fixes.iter().map(of).sum::<i64>();
        assert_eq!(sum(&|fix| fix.adds.low.minor()), prices.settled.low.minor());
        assert_eq!(sum(&|fix| fix.adds.high.minor()), prices.settled.high.minor());
        assert!(prices.settled.high.minor() <= prices.total.high.minor());
        for fix in &prices.fixes {
            assert!(fix.adds.high.minor() <= fix.stake.high.minor(), "{}", fix.name);
        }
    }
}
