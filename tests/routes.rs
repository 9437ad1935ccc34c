//! What holding costs, which way a unit leaves, and what a policy can say of a single site, product or asset.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{failure_of, output_of, register};
use proptest::prelude::*;
use residua::catalog::{self, Catalog, Matcher};
use residua::decide::{self, Action, Obstacle, Plan, PlanInput, Policy, Route};
use residua::fleet::{self, Fleet};
use residua::price::Models;
use residua::units::{Currency, Month, monthly_discount_factor};

const HEADER: &str =
    "asset_id,class,model,purchase_date,purchase_cost,currency,site,status,utilization,ownership,lease_end\n";

/// The world in which plans of the tests are made.
struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    as_of: Month,
}

impl World {
    fn new() -> World {
        let catalog = catalog::built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        World { catalog, matcher, models: Models::built_in().unwrap(), as_of: "2026-11".parse().unwrap() }
    }

    fn fleet(&self, rows: &str, policy: &Policy) -> Fleet {
        let options = policy.read_options(self.as_of);
        fleet::read_text("register.csv", format!("{HEADER}{rows}").as_bytes(), &options).unwrap()
    }

    fn plan(&self, rows: &str, policy: &Policy) -> Plan {
        let fleet = self.fleet(rows, policy);
        decide::plan(&PlanInput {
            fleet: &fleet,
            catalog: &self.catalog,
            matcher: &self.matcher,
            models: &self.models,
            policy,
            as_of: self.as_of,
        })
        .unwrap()
    }
}

fn mine(text: &str) -> Policy {
    Policy::from_toml("mine.toml", text).unwrap()
}

const LAPTOP: &str = "L1,laptop,Dell Latitude 5430,2022-09-01,1429,USD,Austin,In use,,owned,\n";
const SERVER: &str = "S1,server,Dell PowerEdge R740xd,2019-05-01,14900,USD,Austin,In use,0.5,owned,\n";
const IDLE: &str = "I1,gpu,Tesla V100 SXM2 32GB,2019-04-01,8650,USD,Austin,In stock,0,owned,\n";
const NODE: &str = "N1,server,NVIDIA DGX A100,2021-02-01,199000,USD,Austin,In use,0.7,owned,\n";
const LEASED: &str =
    "T1,laptop,Lenovo ThinkPad T14 Gen 4,2024-04-01,1400,USD,Singapore,In use,,leased,2027-03-31\n";

#[test]
fn idle_units_are_told_to_go_now_whatever_they_are() {
    let world = World::new();
    let rows: String =
        ["Dell Latitude 5430", "Dell PowerEdge R740xd", "NVIDIA H100 PCIe 80GB", "NVIDIA L40S"]
            .iter()
            .enumerate()
            .map(|(at, model)| format!("X{at},,{model},2023-10-01,5000,USD,Austin,In stock,0,owned,\n"))
            .collect();
    for planned in world.plan(&rows, &Policy::built_in()).cohorts {
        assert_eq!(planned.decision.action, Action::Go);
        assert_eq!(planned.decision.month, Some(world.as_of), "{}", planned.cohort.label);
    }
}

#[test]
fn a_unit_whose_successor_gives_no_saving_is_told_to_stay() {
    let world = World::new();
    let policy = mine(
        "[challenger]\ngeneration_gain = 1.0\nprice_decline_yearly = 0.0\ntarget_utilization = 0.4\n\
         [maintenance]\nyearly_growth = 0.0\nshare_in_warranty = 1.0\n[failure]\nscale_years = 10000\n",
    );
    let row = "S1,server,Dell PowerEdge R740xd,2019-05-01,14900,USD,Austin,In use,0.4,owned,\n";
    let plan = world.plan(row, &policy);
    assert_eq!(plan.cohorts[0].decision.action, Action::Keep);
    assert!(plan.cohorts[0].decision.reason.contains("Keeping it is cheaper"));
}

#[test]
fn nothing_on_legal_hold_gets_a_month_or_a_route() {
    let world = World::new();
    let row = "H1,laptop,Dell Latitude 5430,2022-09-01,1429,USD,Austin,Legal hold,,owned,\n";
    let decision = &world.plan(row, &Policy::built_in()).cohorts[0].decision;
    assert_eq!((decision.action, decision.month, decision.route), (Action::Hold, None, None));
    assert!(decision.routes.iter().all(|view| view.closed == Some(Obstacle::LegalHold)));
}

#[test]
fn what_a_route_that_is_not_offered_would_add_is_what_a_plan_that_offers_it_brings_in_more() {
    let world = World::new();
    // Nobody uses them: they go now by whatever route there is.
    let rows = "L1,laptop,Dell Latitude 5430,2022-09-01,1429,USD,Austin,In stock,,owned,\n\
                L2,laptop,Dell Latitude 5430,2023-09-01,1429,USD,Austin,In stock,,owned,\n\
                S1,server,Dell PowerEdge R740xd,2019-05-01,14900,USD,Austin,In stock,,owned,\n";
    let recovery = |text: &str| {
        let plan = world.plan(rows, &mine(text));
        plan.cohorts.iter().map(|planned| planned.decision.recovery.mean).sum::<f64>()
    };
    let unoffered = world.plan(rows, &mine("")).unoffered();
    let of = |route: Option<Route>| unoffered.iter().find(|one| one.route == route).unwrap();
    for route in [Route::Retail, Route::Wholesale] {
        let name = route.name();
        let more = recovery(&format!("[{name}]\noffered = true\n")) - recovery("");
        assert!(more > 1.0, "{name} {more}");
        assert!((of(Some(route)).more - more).abs() < 1e-6, "{name} {more} {unoffered:?}");
    }
    let all = "[retail]\noffered = true\n[wholesale]\noffered = true\n[buy_back]\noffered = true\n[donate]\noffered = true\n";
    assert!((of(None).more - (recovery(all) - recovery(""))).abs() < 1e-6, "{unoffered:?}");
    assert_eq!(unoffered.last().unwrap().route, None);
    let offers_all = world.plan(rows, &mine(all)).unoffered();
    assert!(offers_all.is_empty(), "{offers_all:?}");
}

#[test]
fn a_leased_unit_goes_back_at_its_end_unless_buying_it_is_cheaper() {
    let world = World::new();
    let end: Month = "2027-03".parse().unwrap();
    let decision = |text: &str| world.plan(LEASED, &mine(text)).cohorts[0].decision.clone();
    let plain = decision("");
    assert_eq!((plain.action, plain.month), (Action::ReturnLease, Some(end)));
    let cheap = decision("[lease]\nbuy_out = \"fixed\"\nbuy_out_price = 1\n");
    assert_eq!((cheap.action, cheap.month), (Action::BuyOut, Some(end)));
    assert!(cheap.reason.contains("buy it then for 1"), "{}", cheap.reason);
    let dear = decision("[lease]\nbuy_out = \"fixed\"\nbuy_out_price = 5000\n");
    assert_eq!((dear.action, dear.month), (Action::ReturnLease, Some(end)));
}

#[test]
fn the_narrowest_table_of_a_policy_decides_and_splits_a_cohort() {
    let world = World::new();
    let rows = format!("{LAPTOP}L2,laptop,Dell Latitude 5430,2022-09-01,1429,USD,Austin,In use,,owned,\n");
    assert_eq!(world.plan(&rows, &Policy::built_in()).cohorts.len(), 1);
    let policy = mine("[site.Austin.resell]\nshare = 0.8\n[asset.L2.disposal]\ndata = \"destroy unit\"\n");
    let plan = world.plan(&rows, &policy);
    assert_eq!(plan.cohorts.len(), 2);
    let routes: Vec<_> = plan.cohorts.iter().map(|planned| planned.decision.route).collect();
    assert_eq!(routes, [Some(Route::Resell), Some(Route::Destroy)]);
    let usual = world.plan(LAPTOP, &Policy::built_in()).cohorts[0].decision.recoveries[0];
    assert!(plan.cohorts[0].decision.recoveries[0] > usual);
}

#[test]
fn a_table_that_names_nothing_in_the_fleet_is_told_and_a_misspelt_one_is_refused() {
    let world = World::new();
    let plan = world.plan(LAPTOP, &mine("[site.Bonn.energy]\npue = 1.2\n[site.Austin.energy]\npue = 1.2\n"));
    let told: Vec<_> = plan.findings.iter().filter(|finding| finding.code == "PO-01").collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].message.contains("Bonn"), "{}", told[0].message);
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), format!("{HEADER}{LAPTOP}"));
    let policy = folder.path().join("mine.toml");
    std::fs::write(&policy, "[site.Austin.enrgy]\npue = 1.2\n").unwrap();
    let (code, message) = failure_of(&["plan", path.to_str().unwrap(), "--policy", policy.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("[site.Austin]") && message.contains("enrgy"), "{message}");
}

#[test]
fn a_locked_unit_is_not_sold_before_its_release() {
    let world = World::new();
    let idle = "L1,laptop,Dell Latitude 5430,2022-09-01,1429,USD,Austin,In stock,0,owned,\n";
    let decision =
        world.plan(idle, &mine("[asset.L1.disposal]\nlocked_months = 2\n")).cohorts[0].decision.clone();
    assert_eq!((decision.month, decision.route), (Some("2027-01".parse().unwrap()), Some(Route::Resell)));
    assert_eq!(decision.bound_by.as_deref(), Some("locked until 2027-01"));
}

#[test]
fn a_demand_in_the_house_is_met_by_what_nobody_uses_and_only_as_far_as_it_goes() {
    let world = World::new();
    let policy = mine(
        "[redeploy]\ndemand = [{ class = \"gpu\", site = \"Berlin\", units = 1, avoided_price = 3000 }]\n",
    );
    let other = IDLE.replace("I1", "I2").replace("2019-04", "2019-05");
    let plan = world.plan(&format!("{IDLE}{other}"), &policy);
    let routes: Vec<_> = plan.cohorts.iter().map(|planned| planned.decision.route).collect();
    assert_eq!(routes, [Some(Route::Redeploy), Some(Route::Resell)]);
    assert_eq!(plan.cohorts[0].decision.recovery_money.plain(), "2952.00");
    assert!(plan.cohorts[0].decision.waterfall.adds_up());
}

#[test]
fn a_gift_is_worth_its_tax_and_its_waterfall_says_so() {
    let world = World::new();
    let policy = mine("[resell]\nshare = 0.05\n[donate]\noffered = true\ntax_share = 0.3\n");
    let decision = world.plan(IDLE, &policy).cohorts[0].decision.clone();
    assert_eq!(decision.route, Some(Route::Donate));
    assert!(decision.waterfall.adds_up());
    let tax = decision.waterfall.steps.iter().find(|step| step.name == "tax value").unwrap().amount.major();
    assert!((tax - 0.3 * decision.value_now.unwrap().mean).abs() < 0.011, "{tax}");
}

#[test]
fn an_upgrade_that_is_cheaper_than_replacing_is_advised_and_a_dear_one_is_not() {
    let world = World::new();
    let action = |cost: &str| {
        let text = format!("[upgrade]\ncost = {cost}\nmonths = 24\nupkeep_factor = 0.2\n");
        world.plan(SERVER, &mine(&text)).cohorts[0].decision.clone()
    };
    assert_eq!(action("200").action, Action::Upgrade);
    assert_eq!(action("200").recovery_money.plain(), "-200.00");
    assert_eq!(action("90000").action, Action::Go);
}

#[test]
fn an_upgrade_nets_what_the_months_it_buys_save_by_the_same_present_values() {
    let world = World::new();
    let policy = mine("[upgrade]\ncost = 90000\nmonths = 24\nupkeep_factor = 0.2\n");
    let decision = world.plan(SERVER, &policy).cohorts[0].decision.clone();
    let best = decision.month.unwrap().months_since(world.as_of) as usize;
    let prospects = decision.prospects.clone().unwrap();
    let next = prospects.challenger.as_ref().unwrap();
    let monthly = monthly_discount_factor(policy.discount_rate_yearly);
    let mut net = -90_000.0 + next.cost_from(best) - monthly.powi(24) * next.cost_from(best + 24);
    net += monthly.powi(24) * prospects.recoveries[best + 24];
    for later in 1..=24 {
        let costs = prospects.unit.costs(&policy, world.as_of.plus((best + later) as i32));
        // Energy and failures as they are, upkeep at a fifth.
        net -= monthly.powi(later as i32) * (costs.total() - 0.8 * costs.upkeep);
    }
    let told = decision.routes.iter().find(|view| view.route == Route::Upgrade).unwrap().best.unwrap();
    assert!((told - net).abs() < 1e-6 * net.abs(), "{told} {net}");
}

#[test]
fn a_card_that_earns_by_the_hour_is_kept_while_it_does() {
    let world = World::new();
    let row = "G1,gpu,NVIDIA H100 PCIe 80GB,2023-10-01,30500,USD,Austin,In use,0.7,owned,\n";
    let shown = world.plan(row, &Policy::built_in()).cohorts[0].decision.clone();
    let rental = shown.rental.unwrap();
    assert!(!rental.decides && rental.gain > 0.0 && rental.until > world.as_of);
    let decided = world.plan(row, &mine("[rental]\nuse = true\n")).cohorts[0].decision.clone();
    assert_eq!(decided.month, Some(rental.until));
    let kept =
        world.plan(row, &mine("[rental]\nuse = true\n[rental.hourly]\n\"NVIDIA H100 PCIe 80GB\" = 50\n"));
    let kept = &kept.cohorts[0].decision;
    assert_eq!(kept.action, Action::Keep);
    assert_eq!(kept.reason, "Renting it out earns more than it brings in, in all months looked ahead.");
    let unwanted =
        world.plan(row, &mine("[rental]\nuse = true\n[rental.hourly]\n\"NVIDIA H100 PCIe 80GB\" = 0.01\n"));
    assert_eq!(unwanted.cohorts[0].decision.month, Some(world.as_of));
}

#[test]
fn at_its_break_even_tariff_another_month_is_as_good() {
    let world = World::new();
    let mut found = 0;
    for (model, load) in [
        ("Dell PowerEdge R7525", 0.5),
        ("Dell PowerEdge R650", 0.4),
        ("Dell PowerEdge R650", 0.6),
        ("Lenovo ThinkSystem SR650 V2", 0.6),
    ] {
        let row = format!("S1,server,{model},2022-03-01,11250,USD,Austin,In use,{load},owned,\n");
        let decision = world.plan(&row, &Policy::built_in()).cohorts[0].decision.clone();
        let Some(tariff) = decision.break_even.energy_price else { continue };
        found += 1;
        let there = world.plan(&row, &mine(&format!("[energy]\nprice_per_kwh = {tariff}\n")));
        let values = there.cohorts[0].decision.timing.clone().unwrap().present_values;
        let best = decision.timing.as_ref().unwrap().best;
        let others =
            if decision.action == Action::Keep { [0, 0] } else { [best + 12, best.saturating_sub(12)] };
        let gaps = others.iter().filter(|other| **other != best);
        let least =
            gaps.map(|other| (values[(*other).min(60)] - values[best]).abs()).fold(f64::INFINITY, f64::min);
        assert!(least < 1e-3, "{model} at {load}: {least}");
    }
    assert!(found >= 2, "only {found} servers have a break-even tariff");
}

#[test]
fn explain_shows_every_route_what_would_change_the_answer_and_the_rent() {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), format!("{HEADER}{NODE}"));
    insta::assert_snapshot!(output_of(&["explain", path.to_str().unwrap(), "N1", "--as-of", "2026-11"]));
}

/// A policy with every amount set, so that one that is not turned shows.
fn every_amount() -> &'static str {
    "[software]\nyearly = 60\n[upgrade]\ncost = 150\n[retail]\noffered = true\n[buy_back]\noffered = true\n\
     fee_after_split = 7\n[wholesale]\noffered = true\nfee_before_split = 4\n[lease]\nreturn_cost = 25\n\
     buy_out = \"fixed\"\nbuy_out_price = 90\n[redeploy]\ndemand = [{ class = \"gpu\", site = \"Berlin\", units = 9, avoided_price = 3000 }]\n\
     [site.Austin]\nhandling = 21\n[site.Austin.energy]\nprice_per_kwh = 0.3\n[asset.L1.disposal]\ndata = \"destroy drives\"\n\
     [asset.S1.disposal]\ndata = \"destroy unit\"\n"
}

#[test]
fn a_plan_in_euros_is_the_plan_in_dollars_times_the_rate() {
    let world = World::new();
    let dollars = mine(every_amount());
    let euro: Currency = "EUR".parse().unwrap();
    let rate = dollars.rates().factor(dollars.currency, euro).unwrap();
    let euros = dollars.in_currency(euro).unwrap();
    let rows = format!("{LAPTOP}{SERVER}{IDLE}{NODE}{LEASED}");
    let (one, other) = (world.plan(&rows, &dollars), world.plan(&rows, &euros));
    let same = |a: f64, b: f64| (a * rate - b).abs() <= 1e-6 * (1.0 + b.abs());
    for (a, b) in one.cohorts.iter().zip(&other.cohorts) {
        let (a, b, of) = (&a.decision, &b.decision, &a.cohort.label);
        assert_eq!((a.action, a.route, a.month), (b.action, b.route, b.month), "{of}");
        assert!(a.recoveries.iter().zip(&b.recoveries).all(|(a, b)| same(*a, *b)), "{of}");
        let values = |timing: &Option<decide::Timing>| {
            timing.clone().map_or(Vec::new(), |timing| timing.present_values)
        };
        assert!(values(&a.timing).iter().zip(&values(&b.timing)).all(|(a, b)| same(*a, *b)), "{of}");
        for (a, b) in a.routes.iter().zip(&b.routes) {
            assert!(same(a.now.unwrap_or(0.0), b.now.unwrap_or(0.0)), "{of} {}", a.route.name());
            assert!(same(a.best.unwrap_or(0.0), b.best.unwrap_or(0.0)), "{of} {}", a.route.name());
        }
        assert_eq!(a.rental.is_some(), b.rental.is_some());
        if let (Some(a), Some(b)) = (a.rental, b.rental) {
            assert!(same(a.gain, b.gain) && same(a.income, b.income) && same(a.cost, b.cost));
        }
        let (a, b) = (a.break_even, b.break_even);
        assert!(same(a.energy_price.unwrap_or(0.0), b.energy_price.unwrap_or(0.0)), "{of}");
        assert!(same(a.resale_price.unwrap_or(0.0), b.resale_price.unwrap_or(0.0)), "{of}");
    }
}

#[test]
fn a_higher_tariff_never_lengthens_a_hold() {
    let world = World::new();
    // Personal devices, idle units and servers that are replaced by fewer of a kind that draws no more.
    let rows = format!("{LAPTOP}{SERVER}{IDLE}{}", SERVER.replace("S1", "S2").replace("2019", "2023"));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(24));
    runner
        .run(&(0.0..0.6_f64, 0.0..0.6_f64), |(tariff, more)| {
            let months = |tariff: f64| -> BTreeMap<String, Option<Month>> {
                let plan = world.plan(&rows, &mine(&format!("[energy]\nprice_per_kwh = {tariff}\n")));
                plan.cohorts
                    .iter()
                    .enumerate()
                    .map(|(at, planned)| (at.to_string(), planned.decision.month))
                    .collect()
            };
            let (cheap, dear) = (months(tariff), months(tariff + more));
            for (cohort, month) in &dear {
                prop_assert!(month <= &cheap[cohort]);
            }
            Ok(())
        })
        .unwrap();
}
