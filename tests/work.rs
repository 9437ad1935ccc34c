//! Long work tells how far it is, and stops when nobody wants it any more.

// Helpers of tests may unwrap, as tests do.
#![allow(clippy::unwrap_used)]

#[path = "common/ledger.rs"]
mod past;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use residua::catalog::{self, Catalog, Matcher};
use residua::decide::{self, Exercise, GuaranteeError, PlanError, PlanInput, Policy, Promise};
use residua::fleet::{self, Fleet, ReadError};
use residua::lot::{self, Asked, LotError, LotInput, Manifest};
use residua::outcome::ledger::{Ledger, LedgerError};
use residua::price::Models;
use residua::scenario::{self, Depth, ScenarioFile, WhatIfError, WhatIfInput};
use residua::units::{Month, Progress, Watcher, Work};

/// Keeps the last word on every stage, and cancels once a stage of the given name has taken its first step.
#[derive(Default)]
struct Desk {
    told: Mutex<BTreeMap<&'static str, Progress>>,
    cancels_in: &'static str,
    is_cancelled: AtomicBool,
}

impl Desk {
    fn that_cancels_in(stage: &'static str) -> Desk {
        Desk { cancels_in: stage, ..Desk::default() }
    }

    fn stages(&self) -> BTreeMap<&'static str, Progress> {
        self.told.lock().unwrap().clone()
    }
}

impl Watcher for Desk {
    fn told(&self, progress: Progress) {
        if progress.stage == self.cancels_in && progress.done > 0 {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
        let mut told = self.told.lock().unwrap();
        let last = told.entry(progress.stage).or_insert(progress);
        // Threads may tell in another order than they stepped.
        *last = Progress { done: last.done.max(progress.done), ..progress };
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

struct Ground {
    fleet: Fleet,
    catalog: Catalog,
    matcher: Matcher,
    models: Models,
    policy: Policy,
    as_of: Month,
}

impl Ground {
    fn of_some_of_the_sample() -> Ground {
        let sample = include_str!("../data/samples/fleet.csv");
        let some: Vec<&str> = sample.lines().take(1).chain(sample.lines().skip(1).step_by(10)).collect();
        let (policy, as_of) = (Policy::built_in(), "2026-11".parse().unwrap());
        let options = policy.read_options(as_of);
        let catalog = catalog::built_in().unwrap();
        Ground {
            fleet: fleet::read_text("some.csv", some.join("\n").as_bytes(), &options).unwrap(),
            matcher: Matcher::new(&catalog),
            models: Models::built_in().unwrap(),
            catalog,
            policy,
            as_of,
        }
    }

    fn input(&self) -> PlanInput<'_> {
        PlanInput {
            fleet: &self.fleet,
            catalog: &self.catalog,
            matcher: &self.matcher,
            models: &self.models,
            policy: &self.policy,
            as_of: self.as_of,
        }
    }
}

const TWO_SCENARIOS: &str = "[[scenario]]\nname = \"dear energy\"\n[scenario.policy.energy]\nprice_per_kwh = 0.4\n\
                             [[scenario]]\nname = \"cheap money\"\n[scenario.policy]\ndiscount_rate_yearly = 0.03\n";

#[test]
fn a_plan_tells_its_stages_to_their_ends_and_is_the_same_plan() {
    let ground = Ground::of_some_of_the_sample();
    let desk = Desk::default();
    let watched = decide::plan_watched(&ground.input(), Work::watched(&desk)).unwrap();
    decide::price_gaps_watched(&ground.input(), &watched, Work::watched(&desk)).unwrap();
    let stages = desk.stages();
    assert_eq!(
        stages.keys().copied().collect::<Vec<_>>(),
        ["deciding cohorts", "pricing gaps", "scheduling markets", "summing draws"]
    );
    assert!(stages.values().all(|progress| progress.done == progress.total && progress.total > 0));
    assert_eq!(watched, decide::plan(&ground.input()).unwrap());
}

#[test]
fn a_plan_that_nobody_wants_any_more_stops() {
    let ground = Ground::of_some_of_the_sample();
    for stage in ["deciding cohorts", "scheduling markets", "summing draws"] {
        let desk = Desk::that_cancels_in(stage);
        let stopped = decide::plan_watched(&ground.input(), Work::watched(&desk));
        assert!(matches!(stopped, Err(PlanError::Cancelled(_))), "{stage}");
    }
}

#[test]
fn a_comparison_tells_scenarios_drivers_and_break_evens_and_stops_in_each() {
    let ground = Ground::of_some_of_the_sample();
    let file = ScenarioFile::from_toml("two.toml", TWO_SCENARIOS).unwrap();
    let input = WhatIfInput { plan: ground.input(), written: &ground.policy };
    let compared =
        |desk: &Desk| scenario::what_if_watched(&input, &file, Depth::Drivers, Work::watched(desk));
    let desk = Desk::default();
    let whole = compared(&desk).unwrap();
    assert_eq!(whole, scenario::what_if(&input, &file, Depth::Drivers).unwrap());
    assert_eq!(desk.stages()["planning scenarios"].total, 2);
    assert!(desk.stages().values().all(|progress| progress.done == progress.total));
    for stage in ["planning scenarios", "turning drivers", "seeking break-evens"] {
        let stopped = compared(&Desk::that_cancels_in(stage));
        assert!(matches!(stopped, Err(WhatIfError::Plan(PlanError::Cancelled(_)))), "{stage}");
    }
}

#[test]
fn a_bid_tells_its_stages_and_stops_in_each() {
    let ground = Ground::of_some_of_the_sample();
    let manifest = Manifest { fleet: ground.fleet.clone(), ..Manifest::default() };
    let input =
        LotInput { plan: ground.input(), manifest: &manifest, scheme: Some("rec"), asked: Asked::default() };
    let desk = Desk::default();
    lot::lot_watched(&input, Work::watched(&desk)).unwrap();
    assert_eq!(desk.stages().keys().copied().collect::<Vec<_>>(), ["drawing lines", "pricing cohorts"]);
    for stage in ["drawing lines", "pricing cohorts"] {
        let desk = Desk::that_cancels_in(stage);
        let stopped = lot::lot_watched(&input, Work::watched(&desk));
        assert!(matches!(stopped, Err(LotError::Plan(PlanError::Cancelled(_)))), "{stage}");
    }
}

#[test]
fn reading_tells_every_row_and_stops() {
    let sample = include_str!("../data/samples/fleet.csv");
    let policy = Policy::built_in();
    let options = policy.read_options("2026-11".parse().unwrap());
    let read =
        |desk: &Desk| fleet::read_text_watched("fleet.csv", sample.as_bytes(), &options, Work::watched(desk));
    let desk = Desk::default();
    let fleet = read(&desk).unwrap();
    assert_eq!(desk.stages()["reading rows"].done, fleet.rows_in as u64);
    let joined = desk.stages()["joining rows"];
    assert!(joined.done == joined.total && joined.total >= fleet.assets.len() as u64, "{joined:?}");
    for stage in ["reading rows", "joining rows"] {
        assert!(matches!(read(&Desk::that_cancels_in(stage)), Err(ReadError::Cancelled(_))), "{stage}");
    }
}

#[test]
fn a_loan_schedule_tells_every_month_and_stops() {
    let ground = Ground::of_some_of_the_sample();
    let plan = decide::plan(&ground.input()).unwrap();
    let forecast = plan.cohorts.iter().find_map(|planned| planned.forecast.as_ref()).unwrap();
    let promise = Promise {
        forecast,
        factor: 1.0,
        strike: 100.0,
        month: ground.as_of.plus(12),
        exercise: Exercise::AtTheEnd,
        discount: 0.99,
    };
    let lines = |desk: &Desk| decide::loan_schedule_watched(&promise, 0.1, Work::watched(desk));
    let desk = Desk::default();
    assert_eq!(lines(&desk).unwrap(), decide::loan_schedule(&promise, 0.1).unwrap());
    assert_eq!((desk.stages()["valuing months"].done, desk.stages()["valuing months"].total), (13, 13));
    let stopped = lines(&Desk::that_cancels_in("valuing months")).unwrap_err();
    assert!(matches!(stopped, GuaranteeError::Cancelled(_)) && !stopped.is_wrong_usage());
}

#[test]
fn a_ledger_tells_what_it_files_reads_and_learns_and_stops_in_each() {
    let past = past::past("VR", 1, 24, 20);
    let filed =
        |ledger: &mut Ledger, desk: &Desk| past.file_watched(ledger, |_, _, _| {}, Work::watched(desk));
    let desk = Desk::default();
    let mut ledger = Ledger::in_memory().unwrap();
    filed(&mut ledger, &desk).unwrap();
    let lines = 2 * past.hand_overs.len() as u64;
    assert_eq!((desk.stages()["filing lines"].done, desk.stages()["filing lines"].total), (lines, lines));
    assert_eq!(ledger.answers_watched(Work::watched(&desk)).unwrap(), ledger.answers().unwrap());
    assert_eq!(
        (desk.stages()["reading the ledger"].done, desk.stages()["reading the ledger"].total),
        (lines, lines)
    );
    let learned = ledger.recalibrate_watched(Work::watched(&desk)).unwrap().unwrap();
    assert_eq!(learned, ledger.recalibrate().unwrap().unwrap());
    assert!(desk.stages().values().all(|progress| progress.done == progress.total));
    for stage in ["reading the ledger", "learning from sales"] {
        let desk = Desk::that_cancels_in(stage);
        let stopped = ledger.recalibrate_watched(Work::watched(&desk));
        assert!(matches!(stopped, Err(LedgerError::Cancelled(_))), "{stage}");
    }
}

#[test]
fn an_import_that_nobody_wants_any_more_files_no_half_of_a_step() {
    let past = past::past("VR", 1, 3, 20);
    let desk = Desk::that_cancels_in("filing lines");
    let mut ledger = Ledger::in_memory().unwrap();
    let stopped = past.file_watched(&mut ledger, |_, _, _| {}, Work::watched(&desk));
    assert!(matches!(stopped, Err(LedgerError::Cancelled(_))));
    let counts = ledger.counts().unwrap();
    assert_eq!((counts.hand_overs, counts.forecasts, counts.settlements), (0, 0, 0));
    past.file(&mut ledger, |_, _, _| {}).unwrap();
    assert_eq!(ledger.counts().unwrap().settlements, 3);
}
