//! What each gap costs, computed by hand.

use super::{PricedGap, Stake, price_gaps};
use crate::decide::plan::PlanInput;
use crate::decide::{self, GapPrices, Plan, Policy};
use crate::{catalog, fleet, price};

fn priced(register: &str, overlay: &str) -> (Plan, GapPrices) {
    priced_with(register, overlay, |_| ())
}

/// The same with the fleet changed after it was read.
fn priced_with(register: &str, overlay: &str, change: impl Fn(&mut fleet::Fleet)) -> (Plan, GapPrices) {
    let policy = Policy::from_toml("mine.toml", overlay).unwrap();
    let as_of = "2026-11".parse().unwrap();
    let options = policy.read_options(as_of);
    let mut fleet = fleet::read_text("register.csv", register.as_bytes(), &options).unwrap();
    change(&mut fleet);
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
    let (_, prices) = priced(&register, "[gaps]\nmissing_exists = { low = 0.1, usual = 0.1, high = 0.2 }\n");
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
    let other =
        "A2,5CG1234ABD,laptop,Dell Latitude 5430,2022-08-15,1389.00,USD,In stock,B,2026-11-02,no,512,owned\n";
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

#[test]
fn a_contradicted_model_costs_what_the_wrong_price_does_and_a_spelling_costs_nothing() {
    let conflict = |other: &str| {
        let row = fleet::RowReference { file: 0, line: 2 };
        let values = vec![("Dell Latitude 5430".to_owned(), row), (other.to_owned(), row)];
        priced_with(&laptop("B", "2026-11-02", "no"), "", move |fleet| {
            fleet.assets[0].conflicts =
                vec![fleet::Conflict { field: fleet::Field::Model, values: values.clone() }];
        })
    };
    let gap = |prices: &GapPrices| -> PricedGap { prices.gaps[0].clone() };
    let (plan, prices) = conflict("Lenovo ThinkPad X1 Carbon Gen 9");
    assert_eq!(prices.gaps.len(), 1);
    let net = plan.cohorts[0].decision.recovery.mean;
    // The sources are of one kind, so each is believed with one half: the mean lies half-way to the other model's net.
    let other = net + 2.0 * gap(&prices).effect.unwrap().low.major();
    assert!((other - net).abs() > 5.0 && other > 0.0, "{net} {other}");
    close(gap(&prices).recovery.unwrap().mean, 0.5 * (net + other));
    let (_, same) = conflict("LATITUDE 5430");
    assert_eq!(gap(&same).effect.unwrap().high.minor(), 0);
    assert_eq!(gap(&same).cost.unwrap().high.minor(), 0);
}

#[test]
fn a_source_that_was_read_is_not_asked_again() {
    let asked = |kind: fleet::SourceKind| -> Vec<String> {
        let (_, prices) =
            priced_with(&laptop("B", "2026-11-02", ""), "", move |fleet| fleet.files[0].kind = kind);
        prices.fixes.iter().map(|fix| fix.name.clone()).collect()
    };
    assert!(asked(fleet::SourceKind::Itam).iter().any(|name| name.contains("device management")));
    assert!(asked(fleet::SourceKind::Discovery).is_empty());
}

#[test]
fn a_hold_costs_the_year_that_nobody_asked() {
    let register = laptop("B", "2026-11-02", "no").replace("In stock", "Legal hold");
    let (_, prices) = priced(&register, "[gaps]\nhold_released = { low = 0.1, usual = 0.1, high = 0.2 }\n");
    let sold = laptop("B", "2026-11-02", "no").replace("In stock", "In use");
    let (sold, _) = priced(&sold, "");
    let recoveries = &sold.cohorts[0].decision.prospects.as_ref().unwrap().recoveries;
    let waited = recoveries[0] - recoveries[12] / 1.08;
    let (low, high) = cost(&prices, "DQ-21");
    close(low, 0.1 * waited);
    close(high, 0.2 * waited);
}

#[test]
fn a_serial_number_and_a_bulk_record_cost_their_haircut_on_the_sale() {
    let (known, _) = priced(&laptop("B", "2026-11-02", "no"), "");
    let decision = &known.cohorts[0].decision;
    let market = decision.offer.slope * decision.prospects.as_ref().unwrap().market_prices[0];
    let (_, prices) = priced(&laptop("B", "2026-11-02", "no").replace("5CG1234ABC", ""), "");
    let (low, high) = cost(&prices, "DQ-06");
    close(low, 0.03 * market);
    close(high, 0.08 * market);
}
