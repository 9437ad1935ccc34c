use super::*;
use crate::catalog::{self, Matcher};
use crate::decide;
use crate::fleet;
use crate::price::Models;

/// One asset in six of the sample, of every class.
fn some_of_the_sample() -> String {
    let sample = include_str!("../../data/samples/fleet.csv");
    let header = sample.lines().take(1);
    header.chain(sample.lines().skip(1).step_by(6)).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_scenario_takes_over_is_what_it_would_work_out_itself() {
    let catalog = catalog::built_in().unwrap();
    let (matcher, models) = (Matcher::new(&catalog), Models::built_in().unwrap());
    let policy = Policy::from_toml("mine", "[site.Austin.energy]\nprice_per_kwh = 0.2\n").unwrap();
    let as_of = "2026-11".parse().unwrap();
    let register = some_of_the_sample();
    let fleet = fleet::read_text("some.csv", register.as_bytes(), &policy.read_options(as_of)).unwrap();
    let input = PlanInput {
        fleet: &fleet,
        catalog: &catalog,
        matcher: &matcher,
        models: &models,
        policy: &policy,
        as_of,
    };
    let plan = decide::scheduled(&input, false, None, Work::unwatched()).unwrap();
    let precedent = Precedent::new(input, &plan);
    let base = Base { input, written: &policy, plan: &plan, precedent: &precedent, work: Work::unwatched() };
    let file = ScenarioFile::from_toml("mine", EXAMPLE_SCENARIOS).unwrap();
    let drivers = drivers::drivers(&base);
    let turned = drivers.iter().flat_map(|driver| [(driver, driver.low), (driver, driver.high)]);
    let worlds_of_drivers = turned.map(|(driver, value)| {
        let mut world = World::base(&base);
        driver.turn(&mut world, as_of, value).unwrap();
        (driver.name, world)
    });
    let worlds_of_scenarios = file
        .scenarios
        .iter()
        .map(|scenario| (scenario.title(), overlay::world(&file, &base, scenario).unwrap()));
    for (name, world) in worlds_of_scenarios.chain(worlds_of_drivers) {
        let taken_over = world.plan(&base).unwrap();
        let anew = decide::scheduled(&world.input(&base), false, None, Work::unwatched()).unwrap();
        assert_eq!(format!("{:?}", taken_over.cohorts), format!("{:?}", anew.cohorts), "{name}");
        assert_eq!(taken_over.schedule, anew.schedule, "{name}");
    }
}
