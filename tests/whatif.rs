//! `residua whatif`: scenarios as overlays on the plan, as the manual tells it.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{failure_of, files_below, output_of, residua};
use residua::catalog::{self, AssetClass, Catalog, Matcher};
use residua::decide::{self, PlanInput, Policy};
use residua::fleet::{self, Fleet};
use residua::price::Models;
use residua::scenario::{
    self, Answer, Depth, EXAMPLE_SCENARIOS, Line, Measure, ScenarioFile, WhatIf, WhatIfError, WhatIfInput,
};
use residua::units::Month;

const SAMPLE: &str = "data/samples/fleet.csv";

/// Everything a comparison needs besides the fleet.
struct World {
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    policy: Policy,
    as_of: Month,
}

impl World {
    fn new(policy: &str) -> World {
        let catalog = catalog::built_in().unwrap();
        World {
            matcher: Matcher::new(&catalog),
            catalog,
            models: Models::built_in().unwrap(),
            policy: Policy::from_toml("policy", policy).unwrap(),
            as_of: "2026-11".parse().unwrap(),
        }
    }

    fn fleet(&self, register: &str) -> Fleet {
        let options = self.policy.read_options(self.as_of);
        fleet::read_text("register.csv", register.as_bytes(), &options).unwrap()
    }

    fn input<'a>(&'a self, fleet: &'a Fleet) -> WhatIfInput<'a> {
        let plan = PlanInput {
            fleet,
            catalog: &self.catalog,
            matcher: &self.matcher,
            models: &self.models,
            policy: &self.policy,
            as_of: self.as_of,
        };
        WhatIfInput { plan, written: &self.policy }
    }

    fn what_if(&self, fleet: &Fleet, scenarios: &str) -> Result<WhatIf, WhatIfError> {
        let file = ScenarioFile::from_toml("mine.toml", scenarios)?;
        scenario::what_if(&self.input(fleet), &file, Depth::Scenarios)
    }
}

/// One asset in six of the sample: every class, quickly planned.
fn some_of_the_sample() -> String {
    let sample = std::fs::read_to_string(SAMPLE).unwrap();
    let mut reader = csv::Reader::from_reader(sample.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in reader.records().map(Result::unwrap).step_by(6) {
        writer.write_record(&record).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn an_empty_scenario_is_the_base_to_the_byte() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let found = world.what_if(&fleet, "[[scenario]]\nname = \"nothing\"\n").unwrap();
    let empty = found.scenarios[0].clone();
    assert_eq!(empty.changes, ["no amount of this fleet changes"]);
    let renamed = Answer { name: "base".to_owned(), changes: Vec::new(), ..empty };
    assert_eq!(format!("{renamed:?}"), format!("{:?}", found.base));
    assert_eq!(found.beats.total_cost, [[0.5, 0.5], [0.5, 0.5]]);
}

#[test]
fn a_scenario_that_concerns_no_unit_of_the_fleet_says_so_and_stops_no_other() {
    let world = World::new("");
    let fleet =
        world.fleet("asset_id,model,purchase_date,purchase_cost\nS1,Dell PowerEdge R740,2020-03-01,9000\n");
    let scenarios = "[[scenario]]\nname = \"longer\"\n[[scenario.extend]]\nclass = \"laptop\"\nshare = 0.5\nmonths = 12\n\
        [[scenario]]\nname = \"36\"\nrefresh = { rule = \"fixed\", months = 36 }\n";
    let found = world.what_if(&fleet, scenarios).unwrap();
    let said = &found.scenarios[0].changes[0];
    assert!(said.starts_with("no unit in use (laptop) leaves within the horizon"), "{said}");
    assert_eq!(found.scenarios[0].lines, found.base.lines);
    assert_ne!(found.scenarios[1].lines, found.base.lines);
    assert_eq!(found.scenarios[1].changes, [""; 0]);
}

#[test]
fn the_base_is_the_plan_and_quarters_and_months_add_up_to_the_cent() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let scenarios = "[[scenario]]\nname = \"48\"\nrefresh = { rule = \"fixed\", months = 48 }\n";
    let found = world.what_if(&fleet, scenarios).unwrap();
    let plan = decide::plan(&world.input(&fleet).plan).unwrap();
    assert_eq!(found.base.total(Measure::NetRecovery), plan.totals.recovery.expected);
    let (own, of_plan) = (found.base.recovery, plan.totals.recovery.quantiles);
    assert!((own.p10 - of_plan.p10).abs() < 1e-6 * of_plan.p10, "{own:?} {of_plan:?}");
    assert!((own.p90 - of_plan.p90).abs() < 1e-6 * of_plan.p90, "{own:?} {of_plan:?}");
    for answer in [&found.base, &found.scenarios[0]] {
        for measure in Measure::ALL {
            let quarters = answer.quarters();
            let sum = |name: &String| answer.sum(measure, |month| month.quarter_name() == *name).minor();
            assert_eq!(quarters.iter().map(sum).sum::<i64>(), answer.total(measure).minor(), "{measure:?}");
        }
        let recovered: i64 = answer.departures.iter().map(|departure| departure.recovery.minor()).sum();
        assert_eq!(recovered, answer.total(Measure::NetRecovery).minor());
        let of = |measure| answer.total(measure).minor();
        assert_eq!(of(Measure::TotalCost), -of(Measure::NetCash) - of(Measure::Left));
        assert_eq!(
            of(Measure::NetCash),
            of(Measure::NetRecovery) + of(Measure::Resale) + of(Measure::Rental)
                - of(Measure::Capex)
                - of(Measure::Opex)
        );
    }
}

/// The scenario of one piece on a part of the sample.
fn with(world: &World, fleet: &Fleet, piece: &str) -> (Answer, Answer) {
    let mut found = world.what_if(fleet, &format!("[[scenario]]\nname = \"one\"\n{piece}")).unwrap();
    (found.base, found.scenarios.remove(0))
}

#[test]
fn each_kind_of_piece_moves_the_answer_the_way_it_must() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let recovery = |answer: &Answer| answer.total(Measure::NetRecovery).minor();
    let present = |answer: &Answer| answer.present_cost.minor();
    let energy = |answer: &Answer| answer.lines[&Line::Energy].iter().sum::<i64>();
    let lower_recovery = [
        "[[scenario.market]]\nlevel_percent = -20\n",
        "[[scenario.market]]\nclass = \"server\"\nlevel_percent = -30\n",
        "[scenario.policy.resell]\nshare = 0.5\n",
        "[[scenario.grades]]\nclass = \"laptop\"\nmix = { D = 1.0 }\n",
        "fx = { EUR = 0.8 }\n",
    ];
    for piece in lower_recovery {
        let (base, one) = with(&world, &fleet, piece);
        assert!(recovery(&one) < recovery(&base), "{piece}: {} {}", recovery(&one), recovery(&base));
    }
    let (base, one) = with(&world, &fleet, "[[scenario.market]]\nclass = \"memory\"\nlevel_percent = 100\n");
    assert!(recovery(&one) > recovery(&base), "servers hold memory");
    let (base, one) = with(&world, &fleet, "policy = { discount_rate_yearly = 0.12 }\n");
    assert!(present(&one) < present(&base), "later costs weigh less");
    let (base, one) = with(&world, &fleet, "[scenario.policy.energy]\nprice_per_kwh = 0.3\n");
    assert!(present(&one) > present(&base) && energy(&one) > energy(&base));
    let (base, one) = with(&world, &fleet, "[[scenario.utilization]]\nclass = \"server\"\nset = 0.9\n");
    assert!(one.total(Measure::TotalCost).minor() > base.total(Measure::TotalCost).minor());
    let piece = "[[scenario.purchase]]\nquarter = \"2027 Q1\"\nunits = 3\nclass = \"laptop\"\ncost = 1000\n";
    let (base, one) = with(&world, &fleet, piece);
    assert_eq!(one.lines[&Line::Purchases].iter().sum::<i64>(), 300_000);
    assert_eq!(one.lines[&Line::Purchases][2], 300_000, "January is two months ahead");
    assert_eq!(recovery(&one), recovery(&base));
    let (base, one) = with(&world, &fleet, "[scenario.policy.capacity]\nother = 2\n");
    let in_first_month = |answer: &Answer| -> u64 {
        let now = answer.departures.iter().filter(|departure| departure.month == answer.as_of);
        now.map(|departure| departure.units).sum()
    };
    assert!(in_first_month(&one) < in_first_month(&base));
}

#[test]
fn a_shorter_cycle_costs_more_purchases_and_an_extension_fewer() {
    let world = World::new("refresh_rule = \"fixed\"\n");
    let fleet = world.fleet(&some_of_the_sample());
    let capex = |answer: &Answer| answer.total(Measure::Capex).minor();
    let (base, shorter) = with(&world, &fleet, "refresh = { rule = \"fixed\", months = 36 }\n");
    assert!(capex(&shorter) > capex(&base));
    let (base, longer) =
        with(&world, &fleet, "[[scenario.extend]]\nclass = \"laptop\"\nshare = 0.5\nmonths = 12\n");
    assert!(capex(&longer) < capex(&base), "{} {}", capex(&longer), capex(&base));
    assert!(longer.changes[0].contains("kept 12 months longer"), "{:?}", longer.changes);
}

/// Units that leave by month.
fn leaving(answer: &Answer, class: AssetClass) -> BTreeMap<Month, u64> {
    let mut months = BTreeMap::new();
    for departure in answer.departures.iter().filter(|departure| departure.class == class) {
        *months.entry(departure.month).or_default() += departure.units;
    }
    months
}

#[test]
fn what_is_to_leave_in_a_quarter_leaves_in_it_and_what_is_leased_or_of_another_class_as_before() {
    let world = World::new("");
    let register = "asset_id,model,purchase_date,purchase_cost,status,ownership,lease_end\n\
                    N1,Latitude 5420,2026-03-01,1400,In use,Owned,\n\
                    N2,Latitude 5420,2021-03-01,1400,In use,Owned,\n\
                    I1,Latitude 5420,2021-03-01,1400,In stock,Owned,\n\
                    L1,Latitude 5420,2023-03-01,1400,In use,Leased,2028-09-30\n\
                    S1,Dell PowerEdge R740,2025-03-01,9000,In use,Owned,\n";
    let fleet = world.fleet(register);
    let piece = "[[scenario.leave]]\nquarter = \"2027 Q2\"\nclass = \"laptop\"\n";
    let (base, one) = with(&world, &fleet, piece);
    assert_eq!(one.changes, ["3 units (laptop) leave in 2027 Q2"]);
    let quarter = "2027-04".parse::<Month>().unwrap()..="2027-06".parse().unwrap();
    let in_quarter = |answer: &Answer| -> u64 {
        let months = leaving(answer, AssetClass::Laptop).into_iter();
        months.filter(|(month, _)| quarter.contains(month)).map(|(_, units)| units).sum()
    };
    assert_eq!((in_quarter(&base), in_quarter(&one)), (0, 3));
    assert_eq!(leaving(&one, AssetClass::Laptop)[&"2028-09".parse().unwrap()], 1, "the lease runs on");
    assert_eq!(leaving(&one, AssetClass::Server), leaving(&base, AssetClass::Server));
    assert_eq!(one.units_leaving, base.units_leaving);
}

#[test]
fn what_cannot_leave_in_its_quarter_for_lack_of_hands_leaves_as_soon_as_it_can() {
    let world = World::new("[capacity]\nother = 2\n");
    let units = |count: usize| -> String {
        (0..count).map(|unit| format!("N{unit},Latitude 5420,2026-03-01,1400,In use\n")).collect()
    };
    let fleet = world.fleet(&format!("asset_id,model,purchase_date,purchase_cost,status\n{}", units(9)));
    let (_, one) = with(&world, &fleet, "[[scenario.leave]]\nquarter = \"2027 Q2\"\n");
    let months: Vec<(String, u64)> = leaving(&one, AssetClass::Laptop)
        .into_iter()
        .map(|(month, units)| (month.to_string(), units))
        .collect();
    let two = |month: &str| (month.to_owned(), 2);
    assert_eq!(
        months,
        [two("2027-04"), two("2027-05"), two("2027-06"), two("2027-07"), ("2027-08".to_owned(), 1)]
    );
}

#[test]
fn a_launch_that_slips_keeps_the_price_of_what_it_follows() {
    let world = World::new("");
    let register = "asset_id,model,purchase_date,purchase_cost,currency,status\n\
                    A1,NVIDIA H100 PCIe 80GB,2024-05-01,30000,USD,In stock\n\
                    A2,RTX 4090,2023-05-01,1600,USD,In use\n";
    let fleet = world.fleet(register);
    let piece = "[[scenario.launch]]\nnew = \"NVIDIA GeForce RTX 9090\"\nfollows = \"RTX 4090\"\ndate = \"2027-02\"\n";
    let (base, one) = with(&world, &fleet, piece);
    let sooner = one.total(Measure::Left).minor() + one.total(Measure::NetRecovery).minor();
    let before = base.total(Measure::Left).minor() + base.total(Measure::NetRecovery).minor();
    assert_ne!(sooner, before, "another successor is another price path");
}

/// Standard deviation.
fn sd(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

#[test]
fn common_draws_make_a_difference_far_surer_than_draws_of_its_own_would() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let (base, one) = with(&world, &fleet, "[scenario.policy.resell]\nshare = 0.60\n");
    let difference = |shift: usize| -> Vec<f64> {
        let count = base.draws.recovery.len();
        (0..count).map(|at| one.draws.recovery[(at + shift) % count] - base.draws.recovery[at]).collect()
    };
    let (common, apart) = (sd(&difference(0)), sd(&difference(1_999)));
    println!("standard deviation of the difference: common draws {common:.0}, independent draws {apart:.0}");
    assert!(common < 0.2 * apart, "{common} {apart}");
}

#[test]
fn probabilities_of_beating_add_up_to_one_and_differences_are_antisymmetric() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let a = "[[scenario]]\nname = \"a\"\n[[scenario.market]]\nlevel_percent = 15\n";
    let b = "[[scenario]]\nname = \"b\"\nrefresh = { rule = \"fixed\", months = 60 }\n";
    let one = world.what_if(&fleet, &format!("{a}{b}")).unwrap();
    let other = world.what_if(&fleet, &format!("{b}{a}")).unwrap();
    assert_eq!(format!("{:?}", one.scenarios[0]), format!("{:?}", other.scenarios[1]));
    assert_eq!(format!("{:?}", one.scenarios[1]), format!("{:?}", other.scenarios[0]));
    for row in 0..3 {
        for column in 0..3 {
            for matrix in [&one.beats.recovery, &one.beats.total_cost] {
                assert!((matrix[row][column] + matrix[column][row] - 1.0).abs() < 1e-12);
            }
        }
    }
}

/// Energy is all that holding costs.
const ENERGY_ONLY: &str = "refresh_rule = \"fixed\"\nrefresh_months = 48\n\
    [maintenance]\nyearly_share = 0.0\n[failure]\nrepair_share = 0.0\nlost_service = 0.0\n\
    [depth]\nprice_fall = 0.0\n";

#[test]
fn two_laptops_by_hand() {
    let world = World::new(ENERGY_ONLY);
    let register = "asset_id,class,model,purchase_date,purchase_cost,currency,status\n\
                    A1,laptop,Acme Foo,2024-11-01,1000,USD,In use\n\
                    A2,laptop,Acme Foo,2024-11-01,1000,USD,In stock\n";
    let fleet = world.fleet(register);
    let (base, one) = with(&world, &fleet, "refresh = { rule = \"fixed\", months = 36 }\n");
    // 15 W × (0.5 + 0.5 × 0.4) × 730 h × 0.13 = 0.99645 a month, a cent-rounded 1.00, for 60 months in use.
    assert_eq!(base.total(Measure::Opex).minor(), 6_000);
    // The one in use is 24 months old: replaced at 48, in 24 months; its successor is 36 months old at the horizon.
    assert_eq!(base.lines[&Line::Replacements][24], 100_000);
    assert_eq!(base.total(Measure::Capex).minor(), 100_000);
    assert_eq!(base.lines[&Line::Resale].iter().sum::<i64>(), 0);
    assert!(base.lines[&Line::Left][60] > 0);
    // At 36 months: replaced in 12, sold and replaced in 48, and 12 months old at the horizon.
    assert_eq!((one.lines[&Line::Replacements][12], one.lines[&Line::Replacements][48]), (100_000, 100_000));
    assert_eq!(one.total(Measure::Capex).minor(), 200_000);
    assert!(one.lines[&Line::Resale][48] > 0 && one.lines[&Line::Left][60] > one.lines[&Line::Resale][48]);
    // Straight line over 36 months: after 24, 36 and 48 months 333.33, nothing and nothing are left.
    let book = |answer: &Answer, month: &str| {
        let found = answer.departures.iter().find(|departure| departure.month.to_string() == month);
        found.unwrap().books[0].unwrap().value.minor()
    };
    assert_eq!((book(&base, "2026-11"), book(&base, "2028-11"), book(&one, "2027-11")), (33_333, 0, 0));
    assert_eq!(base.departures[0].books[0].unwrap().written_off.to_string(), "2027-11");
}

#[test]
fn what_is_not_there_or_contradicts_is_refused_with_place_and_nearest_name() {
    let world = World::new("");
    let register = "asset_id,model,purchase_date,purchase_cost,currency,status,site\n\
                    A1,Dell Latitude 5430,2022-08-15,1389.00,USD,In use,Berlin\n";
    let fleet = world.fleet(register);
    let refused = |piece: &str| {
        let text = format!("[[scenario]]\nname = \"one\"\n{piece}");
        world.what_if(&fleet, &text).unwrap_err().to_string()
    };
    let cases: &[(&str, &[&str])] = &[
        (
            "[[scenario.market]]\nclass = \"labtop\"\nlevel_percent = 5\n",
            &["mine.toml:4", "`one`", "did you mean `laptop`"],
        ),
        (
            "[[scenario.market]]\nfamily = \"Data centre\"\nlevel_percent = 5\n",
            &["mine.toml:4", "did you mean `Data center`"],
        ),
        (
            "[[scenario.market]]\nproduct = \"Flurbelblatz 9000\"\nlevel_percent = 5\n",
            &["mine.toml:4", "unknown product"],
        ),
        ("[[scenario.extend]]\nsite = \"Berlinn\"\nmonths = 3\n", &["mine.toml:4", "did you mean `Berlin`"]),
        (
            "[scenario.policy.resell]\nshar = 0.5\n",
            &["mine.toml:2", "unknown field `shar`", "did you mean `share`"],
        ),
        ("[[scenario.markt]]\nlevel_percent = 5\n", &["mine.toml:3", "did you mean `market`"]),
        ("[scenario.policy.resell]\nshare = 5\n", &["resell.share = 5 must be between 0 and 1"]),
        ("[[scenario.market]]\nlevel_percent = 5\nfrom = \"2025-01\"\n", &["2025-01 is before 2026-11"]),
        ("[[scenario.market]]\nlevel_percent = -100\n", &["no price above 0"]),
        ("[[scenario.market]]\nlevel_percent = 5\n[[scenario.market]]\nlevel_percent = 6\n", &["contradict"]),
        (
            "[[scenario.extend]]\nmonths = 3\n[[scenario.extend]]\nclass = \"laptop\"\nmonths = 6\n",
            &["contradict"],
        ),
        (
            "[[scenario.leave]]\nquarter = \"2027 Q1\"\n[[scenario.extend]]\nclass = \"laptop\"\nmonths = 6\n",
            &["mine.toml:6", "leave and extend", "contradict"],
        ),
        ("[[scenario.leave]]\nquarter = \"Q1 2027\"\n", &["mine.toml:4", "leave", "2027 Q1"]),
        ("[[scenario.leave]]\nquarter = \"2026 Q2\"\n", &["mine.toml:4", "lies outside"]),
        ("policy = { horizon_months = 24 }\n", &["holds for all scenarios"]),
        ("refresh = { rule = \"fixed\" }\npolicy = { refresh_rule = \"best\" }\n", &["contradicts"]),
        (
            "[[scenario.purchase]]\nquarter = \"2026 Q3\"\nunits = 1\nclass = \"laptop\"\ncost = 9\n",
            &["lies outside"],
        ),
        (
            "[[scenario.purchase]]\nquarter = \"2027 Q1\"\nunits = 1\nclass = \"laptop\"\ncost = -9\n",
            &["above 0"],
        ),
        ("[[scenario.grades]]\nmix = { A = 0.5 }\n", &["add to 0.5"]),
        ("fx = { ZZZ = 2.0 }\n", &["ZZZ"]),
        ("[[scenario]]\nname = \"One\"\n", &["stands for another one already"]),
    ];
    for (piece, expected) in cases {
        let message = refused(piece);
        for part in *expected {
            assert!(message.contains(part), "{piece}\n→ {message}");
        }
    }
}

#[test]
fn the_example_holds_one_of_each_kind_and_all_of_it_can_be_answered() {
    let world = World::new("");
    let fleet = world.fleet(&some_of_the_sample());
    let found = world.what_if(&fleet, EXAMPLE_SCENARIOS).unwrap();
    assert!(found.scenarios.len() >= 15);
    let quiet = ["GPU rental weak", "next GPU slips"];
    for answer in found.scenarios.iter().filter(|answer| !quiet.contains(&answer.name.as_str())) {
        assert_ne!(answer.lines, found.base.lines, "{} changes nothing", answer.name);
    }
    assert_eq!(output_of(&["whatif", "--example"]), EXAMPLE_SCENARIOS);
}

#[test]
fn drivers_and_break_evens_of_a_small_fleet_are_those_of_the_plans_behind_them() {
    let world = World::new("");
    let register = "asset_id,model,purchase_date,purchase_cost,currency,status\n\
                    A1,Dell PowerEdge R740xd,2021-05-01,12000,USD,In use\n\
                    A2,Dell Latitude 5430,2022-08-15,1389,USD,In use\n";
    let fleet = world.fleet(register);
    let scenarios = "[[scenario]]\nname = \"72\"\nrefresh = { rule = \"fixed\", months = 72 }\n\
                     [[scenario]]\nname = \"dear\"\n[scenario.policy.energy]\nprice_per_kwh = 0.195\n";
    let file = ScenarioFile::from_toml("mine.toml", scenarios).unwrap();
    let found = scenario::what_if(&world.input(&fleet), &file, Depth::Drivers).unwrap();
    assert_eq!(found.tornado.len(), 10);
    let widths: Vec<i64> = found.tornado.iter().map(|swing| swing.width(found.base.present_cost)).collect();
    assert!(widths.windows(2).all(|pair| pair[0] >= pair[1]) && widths[0] > 0, "{widths:?}");
    let energy = found.tornado.iter().find(|swing| swing.driver.name == "energy tariff").unwrap();
    assert_eq!(energy.cost_high, found.scenarios[1].present_cost, "half as much again is the scenario");
    let tariff = |one: &&scenario::BreakEven| one.scenario == "dear" && one.driver.name == "energy tariff";
    let none = found.break_evens.iter().find(tariff).unwrap();
    assert_eq!(none.value, None, "a driver that the scenario sets itself tells nothing apart");
}

#[test]
fn the_answer_for_the_sample_reads_at_a_glance_within_eighty_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenarios.toml");
    std::fs::write(&path, EXAMPLE_SCENARIOS).unwrap();
    let out = folder.path().join("out");
    let assert = residua()
        .args(["whatif", SAMPLE, "--as-of", "2026-11", "--quick", "--quiet"])
        .args(["--only", "48 months", "--only", "DRAM doubles", "--only", "laptops a year longer"])
        .arg("--scenarios")
        .arg(&path)
        .arg("-o")
        .arg(&out)
        .assert()
        .success();
    let text = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
    let files = files_below(&out);
    assert_eq!(files.len(), 10, "{:?}", files.keys());
    the_workbook_ties(&files["whatif.xlsx"], &text);
    let cents = |text: &str| (text.parse::<f64>().unwrap() * 100.0).round() as i64;
    let rows = |name: &str| -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(files[name].as_slice()).records().map(Result::unwrap).collect()
    };
    let summary = rows("summary.csv");
    for name in ["base", "48 months", "DRAM doubles", "laptops a year longer"] {
        let total = |measure: &str| {
            cents(&summary.iter().find(|row| &row[0] == name && &row[1] == measure).unwrap()[2])
        };
        let months: i64 =
            rows("months.csv").iter().filter(|row| &row[0] == name).map(|row| cents(&row[5])).sum();
        assert_eq!(months, -total("total cost"), "{name}");
        let capex: i64 =
            rows("quarters.csv").iter().filter(|row| &row[0] == name).map(|row| cents(&row[5])).sum();
        assert_eq!(capex, total("capex"), "{name}");
    }
}

#[test]
fn a_refused_scenario_fails_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scenarios.toml");
    std::fs::write(&path, "[[scenario]]\nname = \"one\"\n[[scenario.market]]\nclass = \"sever\"\n").unwrap();
    let (code, message) =
        failure_of(&["whatif", SAMPLE, "--as-of", "2026-11", "--scenarios", path.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(message.contains("scenarios.toml:4") && message.contains("`server`"), "{message}");
}

/// The workbook's own totals: every difference on the sheet of ties is nothing, and its net recovery is the terminal's.
fn the_workbook_ties(bytes: &[u8], text: &str) {
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let number = |cell: &Data| match cell {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        other => panic!("{other:?} is no number"),
    };
    let ties = book.worksheet_range("Ties").unwrap();
    let amounts: Vec<(f64, f64)> =
        ties.rows().skip(2).map(|row| (number(&row[1]), number(&row[2]))).collect();
    assert_eq!(amounts.len(), 3);
    assert!(amounts.iter().all(|(amount, apart)| *amount == amounts[0].0 && *apart == 0.0), "{amounts:?}");
    let printed: String = format!("{:.0}", amounts[0].0);
    let line = text.lines().find(|line| line.starts_with("Net recovery")).unwrap().replace(',', "");
    assert!(line.contains(&printed), "{line} has no {printed}");
    // Gains by quarter add to the gains of the summary, book by book; four answers stand side by side in both.
    let summary = book.worksheet_range("Summary").unwrap();
    let by_quarter = book.worksheet_range("Gain or loss by quarter").unwrap();
    let totals: Vec<f64> = by_quarter.rows().next_back().unwrap().iter().skip(1).map(number).collect();
    let cents = |amount: f64| (amount * 100.0).round();
    for (place, name) in ["corporate", "US tax"].iter().enumerate() {
        let title = format!("Gain or loss on disposals, {name}");
        let row = summary.rows().find(|row| row[0] == Data::String(title.clone())).unwrap();
        for answer in 0..4 {
            assert_eq!(
                cents(totals[2 * answer + place]),
                cents(number(&row[1 + answer])),
                "{title} {answer}"
            );
        }
    }
    let formulas = book.worksheet_formula("Summary").unwrap();
    assert!(formulas.rows().flatten().filter(|formula| !formula.is_empty()).count() > 20);
}
