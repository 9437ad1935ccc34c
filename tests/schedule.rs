//! The fleet schedule: what can really leave when, under limits that bind.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{register, residua};
use residua::{catalog, decide, fleet};

type Row = BTreeMap<String, String>;

/// What a run leaves.
struct Run {
    schedule: Vec<Row>,
    plan: Vec<Row>,
    manifest: serde_json::Value,
    summary: String,
    talk: String,
}

const HEADER: &str =
    "asset_id,model,purchase_date,purchase_cost,currency,site,status,quantity,ownership,lease_end\n";

/// Plans a register under a policy, seen from November 2026. The run must succeed.
fn run(rows: &str, policy: &str) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = register(folder.path(), format!("{HEADER}{rows}"));
    let policy_path = folder.path().join("residua.toml");
    std::fs::write(&policy_path, policy).unwrap();
    let out = folder.path().join("out");
    let output = residua()
        .args(["plan", path.to_str().unwrap(), "--as-of", "2026-11", "--policy"])
        .arg(&policy_path)
        .arg("-o")
        .arg(&out)
        .output()
        .unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{talk}");
    let table = |name: &str| -> Vec<Row> {
        let mut reader = csv::Reader::from_path(out.join(name)).unwrap();
        let headers = reader.headers().unwrap().clone();
        let row = |record: csv::StringRecord| {
            headers.iter().zip(&record).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
        };
        reader.records().map(|record| row(record.unwrap())).collect()
    };
    Run {
        schedule: table("schedule.csv"),
        plan: table("plan.csv"),
        manifest: serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap(),
        summary: String::from_utf8(output.stdout).unwrap(),
        talk,
    }
}

impl Run {
    /// Units by month of leaving.
    fn units_by_month(&self) -> BTreeMap<String, u64> {
        let mut units = BTreeMap::new();
        for row in &self.schedule {
            *units.entry(row["month"].clone()).or_default() += number(row, "units") as u64;
        }
        units
    }
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn cents(row: &Row, column: &str) -> i64 {
    (row[column].parse::<f64>().unwrap_or(0.0) * 100.0).round() as i64
}

/// Unused laptops, which all should go now.
fn idle(units: u64) -> String {
    format!("A,Dell Latitude 5430,2022-08-15,1389,USD,Austin,In stock,{units},owned,\n")
}

/// Used laptops for which a successor is known, which all should go now.
fn worn(count: usize) -> String {
    (0..count)
        .map(|unit| format!("W{unit},HP EliteBook 840 G5,2019-02-10,949,USD,Berlin,In use,1,owned,\n"))
        .collect()
}

/// Leased laptops that go back by the end of January.
fn leased(count: usize) -> String {
    (0..count)
        .map(|unit| {
            format!(
                "L{unit},Lenovo ThinkPad T14 Gen 4,2024-02-01,1300,USD,Austin,In use,1,leased,2027-01-31\n"
            )
        })
        .collect()
}

fn months(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(month, units)| ((*month).to_owned(), *units)).collect()
}

#[test]
fn a_site_hands_over_no_more_than_it_can_and_the_plan_says_what_bound() {
    let run = run(&idle(10), "[capacity]\nAustin = 4\n");
    assert_eq!(run.units_by_month(), months(&[("2026-11", 4), ("2026-12", 4), ("2027-01", 2)]));
    assert_eq!(run.plan[0]["scheduled_month"], "2026-11 (4) 2026-12 (4) 2027-01 (2)");
    assert_eq!(run.plan[0]["binding_constraint"], "capacity of Austin in 2026-11");
    let late = run.schedule.iter().find(|row| row["month"] == "2027-01").unwrap();
    assert_eq!(late["best_month"], "2026-11");
    assert_eq!(late["binding_constraint"], "capacity of Austin in 2026-11");
    assert!(number(late, "shadow_price") > 0.0);
    let quarters = run.manifest["totals"]["recovery_by_quarter"].as_object().unwrap();
    assert_eq!(quarters.keys().collect::<Vec<_>>(), ["2026 Q4", "2027 Q1"], "totals follow the schedule");
}

#[test]
fn nothing_leaves_a_frozen_site() {
    let run = run(&idle(3), "[[freeze]]\nsite = \"austin\"\nfrom = \"2026-11\"\nto = \"2027-01\"\n");
    assert_eq!(run.units_by_month(), months(&[("2027-02", 3)]));
    assert_eq!(run.schedule[0]["binding_constraint"], "freeze of austin from 2026-11 to 2027-01");
}

#[test]
fn successors_cost_no_more_than_the_budget_of_their_quarter() {
    // A laptop is replaced one for one at what it cost: 949 each.
    let run = run(&worn(8), "[budget]\n\"2026 Q4\" = 3000\n\"2027 Q1\" = 2000\n");
    let mut by_quarter: BTreeMap<&str, f64> = BTreeMap::new();
    for row in &run.schedule {
        *by_quarter.entry(&row["quarter"]).or_default() += number(row, "units");
    }
    assert_eq!(by_quarter, BTreeMap::from([("2026 Q4", 3.0), ("2027 Q1", 2.0), ("2027 Q2", 3.0)]));
    assert!(
        run.schedule.iter().any(|row| row["binding_constraint"] == "budget of 2026 Q4"),
        "{:?}",
        run.schedule
    );
}

#[test]
fn replaced_units_wait_for_their_successor() {
    let by_product = run(&worn(2), "[delivery.products]\n\"HP EliteBook 840 G11\" = \"2027-04\"\n");
    assert_eq!(by_product.units_by_month(), months(&[("2027-04", 2)]));
    assert_eq!(by_product.schedule[0]["binding_constraint"], "delivery of HP EliteBook 840 G11 in 2027-04");
    let by_site = run(&worn(2), "[delivery.sites]\nBerlin = \"2027-03\"\n");
    assert_eq!(by_site.units_by_month(), months(&[("2027-03", 2)]));
    // Nobody waits for the successor of what nobody uses.
    let unused = run(&idle(2), "[delivery.sites]\nAustin = \"2027-03\"\n");
    assert_eq!(unused.units_by_month(), months(&[("2026-11", 2)]));
}

#[test]
fn limits_that_contradict_each_other_are_named_with_what_is_missing_and_the_plan_still_stands() {
    let run = run(&(leased(7) + &idle(2)), "[capacity]\nAustin = 2\n");
    // Three months of two places for seven leases that end in January.
    let expected = "warning: capacity of Austin in 2027-01 handles 2 units, but 3 must leave, Lenovo ThinkPad T14 Gen 4 \
                    among them: 1 more are needed";
    assert!(run.talk.contains(expected), "{}", run.talk);
    assert!(run.summary.contains("Limits contradict each other"), "{}", run.summary);
    assert_eq!(run.manifest["schedule"]["conflicts"].as_array().unwrap().len(), 1);
    assert_eq!(run.units_by_month(), months(&[("2026-11", 2), ("2027-01", 7)]), "the plan without limits");
}

#[test]
fn a_freeze_and_a_delivery_over_a_lease_end_are_named() {
    let frozen = run(&leased(2), "[[freeze]]\nfrom = \"2026-11\"\nto = \"2027-02\"\n");
    let expected = "freeze of every site from 2026-11 to 2027-02: 2 × Lenovo ThinkPad T14 Gen 4 at Austin, whose lease or \
                    contract ends in 2027-01, must leave in 2027-01 all the same";
    assert!(frozen.talk.contains(expected), "{}", frozen.talk);
    let late = run(&leased(2), "[delivery.sites]\nAustin = \"2027-05\"\n");
    assert!(late.talk.contains("delivery of Austin in 2027-05: 2 × Lenovo"), "{}", late.talk);
}

#[test]
fn leases_go_back_early_when_their_last_month_is_full_or_frozen() {
    let full = run(&leased(5), "[capacity]\nAustin = 3\n");
    assert_eq!(full.units_by_month(), months(&[("2026-12", 2), ("2027-01", 3)]));
    let frozen = run(&leased(2), "[[freeze]]\nsite = \"Austin\"\nfrom = \"2027-01\"\nto = \"2027-03\"\n");
    assert_eq!(frozen.units_by_month(), months(&[("2026-12", 2)]));
    assert!(frozen.schedule.iter().all(|row| row["route"] == "lease return"));
}

#[test]
fn a_lease_end_is_passed_only_when_buying_is_worth_it_and_then_the_plan_says_so() {
    let dear = run(&leased(2), "[lease]\nbuy_out = \"fixed\"\nbuy_out_price = 5000\n");
    assert_eq!(dear.units_by_month(), months(&[("2027-01", 2)]));
    assert!(
        dear.schedule
            .iter()
            .all(|row| row["route"] == "lease return" && row["paid_to_keep_total"].is_empty())
    );
    let cheap = run(&leased(2), "[lease]\nbuy_out = \"fixed\"\nbuy_out_price = 10\n");
    assert!(cheap.schedule.iter().all(|row| row["route"] != "lease return"), "{:?}", cheap.schedule);
    let paid = "kept past its lease or contract end for 10.00 USD";
    assert!(cheap.plan.iter().all(|row| row["binding_constraint"].contains(paid)), "{:?}", cheap.plan[0]);
    assert!(cheap.summary.contains("kept past the end of a lease or contract, for money: 2 units"));
    assert!(
        cheap.plan.iter().all(|row| row["reason"].contains("buys it out")),
        "{}",
        cheap.plan[0]["reason"]
    );
}

#[test]
fn a_legal_hold_is_never_scheduled() {
    let rows = "A,Dell Latitude 5430,2022-08-15,1389,USD,Austin,Legal hold,5,owned,\n";
    let run = run(rows, "[capacity]\nother = 1\n");
    assert!(run.schedule.is_empty(), "{:?}", run.schedule);
    assert_eq!(run.plan[0]["scheduled_month"], "");
}

#[test]
fn five_hundred_of_one_product_fetch_less_each_than_five() {
    let each = |units: u64| {
        let run = run(&idle(units), "[depth]\nunits_a_month = { laptop = 50 }\n");
        let total: f64 = run.schedule.iter().map(|row| number(row, "recovery_total")).sum();
        (total / units as f64, run)
    };
    let (few, _) = each(5);
    let (many, run) = each(500);
    assert!(many < 0.9 * few, "{many} {few}");
    assert!(run.units_by_month().len() > 2, "they are not dumped in one month");
    assert!(run.schedule.iter().any(|row| row["binding_constraint"] == "market depth"));
    for row in &run.schedule {
        // 0.10 × √(Q / 50), as the policy says.
        let fall = 0.10 * (number(row, "units") / 50.0).sqrt();
        assert!((number(row, "price_fall") - fall).abs() < 6e-5, "{row:?}");
    }
}

#[test]
fn cents_of_the_schedule_add_up_to_the_total_and_to_the_assets() {
    let run = run(&(idle(70) + &worn(9) + &leased(3)), "[capacity]\nAustin = 20\nBerlin = 2\n");
    let scheduled: i64 = run.schedule.iter().map(|row| cents(row, "recovery_total")).sum();
    let assets: i64 = run.plan.iter().map(|row| cents(row, "scheduled_recovery_total")).sum();
    let printed = run.manifest["totals"]["recovery"]["expected"].as_str().unwrap();
    let printed = (printed.parse::<f64>().unwrap() * 100.0).round() as i64;
    assert_eq!((scheduled, assets), (printed, printed));
}

#[test]
fn the_schedule_is_held_against_rules_of_thumb_and_none_is_better() {
    let run = run(&(idle(40) + &worn(20)), "[capacity]\nother = 6\n");
    let amount = |rule: &str| -> i64 {
        let line = run.summary.lines().find_map(|line| line.trim().strip_prefix(rule)).unwrap();
        line.split_whitespace().next().unwrap().replace(',', "").parse().unwrap()
    };
    let scheduled = amount("as scheduled");
    for rule in [
        "at the policy's refresh age",
        "everything at 36 months",
        "everything at 60 months",
        "as soon as possible",
    ] {
        assert!(amount(rule) <= scheduled, "{rule}: {}", run.summary);
    }
    assert!(amount("without limits, at full price") >= scheduled);
}

#[test]
fn the_sample_keeps_every_limit_within_one_per_cent_of_the_best_there_is() {
    let policies = [
        "",
        "[capacity]\nother = 9\n[depth]\nunits_a_month = { laptop = 5, server = 5, gpu = 5, other = 5 }\n",
        "[capacity]\nAustin = 20\nBerlin = 15\n[[freeze]]\nsite = \"Manchester\"\nfrom = \"2026-11\"\nto = \"2027-01\"\n\
         [budget]\n\"2026 Q4\" = 100000\n\"2027 Q1\" = 50000\n[delivery.sites]\nBerlin = \"2027-03\"\n\
         [lease]\nbuy_out = \"fixed\"\nbuy_out_price = 150\n",
        "[contracts]\nbind = true\nextension = { server = 300 }\n[capacity]\nother = 30\n",
    ];
    let catalog = catalog::built_in().unwrap();
    let matcher = catalog::Matcher::new(&catalog);
    let models = residua::price::Models::built_in().unwrap();
    let as_of = "2026-11".parse().unwrap();
    for text in policies {
        let policy = decide::Policy::from_toml("residua.toml", text).unwrap();
        let options = policy.read_options(as_of);
        let fleet = fleet::read(&["data/samples/fleet.csv".into()], &options).unwrap();
        let input = decide::PlanInput {
            fleet: &fleet,
            catalog: &catalog,
            matcher: &matcher,
            models: &models,
            policy: &policy,
            as_of,
        };
        let plan = decide::plan(&input).unwrap();
        let schedule = &plan.schedule;
        assert!(schedule.conflicts.is_empty(), "{:?}", schedule.conflicts);
        let breaches = schedule.breaches(&plan.cohorts, &fleet, &policy, as_of);
        assert!(breaches.is_empty(), "{text}: {breaches:?}");
        assert!(schedule.gap_share() < 0.01, "{text}: {}", schedule.gap_share());
        assert!(
            schedule.comparisons.iter().all(|rule| rule.value <= schedule.objective + 1.0),
            "{schedule:?}"
        );
        // The verifier is no rubber stamp: under a limit that was not set it finds breaches.
        let tight = decide::Policy::from_toml("residua.toml", "[capacity]\nother = 0\n").unwrap();
        assert!(!schedule.breaches(&plan.cohorts, &fleet, &tight, as_of).is_empty());
    }
}

#[test]
fn a_limit_for_a_site_that_nobody_has_is_told() {
    let run = run(&idle(1), "[capacity]\nAustn = 4\n");
    assert!(
        run.talk.contains("capacity names the site `Austn`, where nothing of this fleet stands"),
        "{}",
        run.talk
    );
}

#[test]
fn every_limit_that_names_what_is_not_there_is_told_and_none_that_names_what_is() {
    let limits = |site: &str, product: &str, successor: &str| {
        format!(
            "[capacity]\n\"{site}\" = 40\nother = 40\n[[freeze]]\nsite = \"{site}\"\nfrom = \"2031-01\"\nto = \"2031-02\"\n\
             [delivery.sites]\n\"{site}\" = \"2026-11\"\n[delivery.products]\n\"{successor}\" = \"2026-11\"\n\
             [depth.products]\n\"{product}\" = 40\n"
        )
    };
    let warnings = |run: &Run| -> Vec<String> {
        let told = run.talk.lines().filter_map(|line| line.strip_prefix("warning: policy: "));
        told.map(str::to_owned).collect()
    };
    let known = run(&worn(2), &limits("berlin", "HP EliteBook 840 G5", "HP EliteBook 840 G11"));
    assert_eq!(warnings(&known), [""; 0], "{}", known.talk);
    let unknown = run(&worn(2), &limits("Berlim", "HP EliteBook 840 G6", "HP EliteBook 840 G12"));
    let nowhere = "names the site `Berlim`, where nothing of this fleet stands";
    assert_eq!(
        warnings(&unknown),
        [
            format!("capacity {nowhere}"),
            format!("freeze {nowhere}"),
            format!("delivery.sites {nowhere}"),
            "depth.products names `HP EliteBook 840 G6`, of which this fleet has none".to_owned(),
            "delivery.products names `HP EliteBook 840 G12`, which follows nothing in this fleet".to_owned(),
        ]
    );
}

#[test]
fn the_commented_limits_of_the_starter_policy_can_be_switched_on() {
    let starter = residua::decide::DEFAULT_POLICY;
    let from = starter.find("[capacity]").unwrap();
    let until = starter.find("# Rates of your own, US dollars").unwrap();
    let is_setting =
        |line: &str| line.starts_with("# [[") || (line.starts_with("# ") && line.contains(" = "));
    let switched_on: String = starter[from..until]
        .lines()
        .map(|line| if is_setting(line) { &line[2..] } else { line })
        .filter(|line| !line.contains("H100"))
        .map(|line| format!("{line}\n"))
        .collect();
    let policy = residua::decide::Policy::from_toml("residua.toml", &switched_on).unwrap();
    assert_eq!(policy.capacity["Austin"], 40);
    assert_eq!(policy.freeze.len(), 1);
    assert_eq!(policy.budget["2027 Q1"], 250_000.0);
    let wrong = residua::decide::Policy::from_toml("residua.toml", "[budget]\n\"2027-1\" = 5\n").unwrap_err();
    assert!(wrong.to_string().contains("write it as \"2027 Q1\""), "{wrong}");
}
