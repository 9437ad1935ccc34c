//! Small problems with known answers, and what must hold for any.

use super::super::problem::{Choice, Exit, Item, Pool, Problem};
use super::*;
use proptest::prelude::*;

fn solve(problem: &Problem, tolerance: f64) -> Solved {
    super::solve(problem, tolerance, true, Work::unwatched()).unwrap()
}

/// Leaving in a month for `value`, using one unit of a limit, sold in a pool.
fn leave(month: usize, value: f64, limit: Option<usize>, sale: Option<(usize, f64)>) -> Choice {
    Choice {
        month: Some(month),
        exit: Exit::Best,
        pays_to_pass: false,
        value,
        recovery: value,
        uses: [limit.map(|limit| (limit, 1.0)), None],
        sale,
    }
}

fn stay(value: f64) -> Choice {
    Choice { month: None, exit: Exit::Stays, ..leave(0, value, None, None) }
}

/// Items that may leave in two months, with so much capacity in each.
fn two_months(units: u64, capacity: [f64; 2]) -> Problem {
    let choices = vec![leave(0, 10.0, Some(0), None), leave(1, 8.0, Some(1), None), stay(0.0)];
    Problem { items: vec![Item { units, choices }], limits: capacity.to_vec(), pools: Vec::new() }
}

#[test]
fn what_finds_no_room_goes_a_month_later_and_then_stays() {
    let solved = solve(&two_months(10, [4.0, 3.0]), 0.0);
    assert_eq!(solved.assignment.units, [[4, 3, 3]]);
    assert_eq!(solved.objective, 64.0);
    assert!((solved.bound - 64.0).abs() < 1e-3, "{}", solved.bound);
}

#[test]
fn the_price_of_a_full_month_is_what_one_place_more_would_bring() {
    let solved = solve(&two_months(10, [4.0, 100.0]), 0.0);
    assert!((solved.prices.limits[0] - 2.0).abs() < 1e-3, "{:?}", solved.prices);
    assert!(solved.prices.limits[1].abs() < 1e-3, "{:?}", solved.prices);
    let more = solve(&two_months(10, [5.0, 100.0]), 0.0);
    assert_eq!(more.objective - solved.objective, 2.0);
}

/// One product whose price is `price` in every month, in markets that take 25 units.
fn one_market(units: u64, months: usize, price: f64) -> Problem {
    let steepness = 0.2 / 25.0_f64.sqrt();
    let choices = (0..months).map(|month| leave(month, price, None, Some((month, 1.0)))).collect();
    let pool = Pool { mean_worth: price, steepness };
    Problem { items: vec![Item { units, choices }], limits: Vec::new(), pools: vec![pool; months] }
}

#[test]
fn the_revenue_of_one_market_is_that_of_the_square_root_law() {
    let solved = solve(&one_market(100, 1, 50.0), 0.0);
    // 100 units in a market of 25: the price falls by 0.2 × √4.
    let revenue = 100.0 * 50.0 * (1.0 - 0.4);
    assert!((solved.objective - revenue).abs() < 1e-9);
    assert!(solved.bound >= solved.objective - 1e-9 && solved.bound - revenue < 0.01, "{}", solved.bound);
}

#[test]
fn units_spread_evenly_over_months_that_are_alike() {
    let solved = solve(&one_market(100, 4, 50.0), 0.0);
    assert_eq!(solved.assignment.units, [[25, 25, 25, 25]]);
    assert!((solved.objective - 100.0 * 50.0 * 0.8).abs() < 1e-9);
}

#[test]
fn a_unit_of_half_the_price_takes_half_the_market() {
    let pool = Pool { mean_worth: 100.0, steepness: 0.02 };
    let item = |value: f64, units: u64| Item {
        units,
        choices: vec![leave(0, value, None, Some((0, value / 100.0)))],
    };
    let problem = |items: Vec<Item>| Problem { items, limits: Vec::new(), pools: vec![pool] };
    let dear = solve(&problem(vec![item(100.0, 50)]), 0.0).objective;
    let cheap = solve(&problem(vec![item(50.0, 100)]), 0.0).objective;
    assert!((dear - cheap).abs() < 1e-9);
}

#[test]
fn units_that_cannot_stay_are_placed_before_those_that_can() {
    let mut problem = two_months(3, [2.0, 2.0]);
    problem.items.push(Item { units: 2, choices: vec![leave(0, 1.0, Some(0), None)] });
    let solved = solve(&problem, 0.0);
    assert!(solved.assignment.stranded(&problem).is_empty());
    assert_eq!(solved.assignment.units[1], [2]);
    assert_eq!(solved.assignment.units[0], [0, 2, 1]);
}

#[test]
fn others_make_room_twice_over_when_they_must() {
    // The last item fits only in month 0, which the second holds, whose other month the first holds.
    let mut problem = Problem { limits: vec![1.0, 1.0, 1.0], ..Problem::default() };
    let item = |months: &[(usize, f64)]| Item {
        units: 1,
        choices: months.iter().map(|(month, value)| leave(*month, *value, Some(*month), None)).collect(),
    };
    problem.items = vec![item(&[(1, 9.0), (2, 1.0)]), item(&[(0, 9.0), (1, 8.0)]), item(&[(0, 1.0)])];
    let solved = solve(&problem, 0.0);
    assert!(solved.assignment.stranded(&problem).is_empty(), "{solved:?}");
    assert_eq!(solved.assignment.units, [vec![0, 1], vec![0, 1], vec![1]]);
}

#[test]
fn a_lot_that_gains_less_than_the_tolerance_goes_with_the_others() {
    let pool = Pool { mean_worth: 100.0, steepness: 0.001 };
    let choices = vec![leave(0, 100.0, None, Some((0, 1.0))), leave(1, 99.9, None, Some((1, 1.0)))];
    let item = Item { units: 20, choices };
    let problem = Problem { items: vec![item], limits: Vec::new(), pools: vec![pool; 2] };
    let exact = solve(&problem, 0.0).assignment.units[0].clone();
    assert!(exact[0] > exact[1] && exact[1] > 0, "{exact:?}");
    let gathered = solve(&problem, 0.02);
    assert_eq!(gathered.assignment.units, [[20, 0]]);
    assert!(gathered.bound - gathered.objective < 0.003 * gathered.objective);
}

/// Any problem with a solution: items with a value by month, sites with capacity, a budget, markets.
pub(in crate::decide::schedule) fn problem() -> impl Strategy<Value = Problem> {
    let item = (
        1..30_u64,
        prop::collection::vec(10.0..1000.0_f64, 4),
        0.0..500.0_f64,
        0..2_usize,
        0.0..300.0_f64,
        0..2_usize,
        0.2..3.0_f64,
    );
    let limits = (prop::collection::vec(0..40_u32, 8), 0.0..20_000.0_f64, 0.001..0.02_f64);
    (prop::collection::vec(item, 1..12), limits).prop_map(|(items, (capacity, budget, steepness))| {
        let items = items
            .into_iter()
            .map(|(units, values, staying, site, purchase, product, weight)| {
                let months = values.iter().enumerate().map(|(month, value)| Choice {
                    uses: [Some((4 * site + month, 1.0)), Some((8, purchase))],
                    sale: Some((4 * product + month, weight)),
                    ..leave(month, *value, None, None)
                });
                Item { units, choices: months.chain([stay(staying)]).collect() }
            })
            .collect();
        let pool = Pool { mean_worth: 300.0, steepness };
        let limits = capacity.into_iter().map(f64::from).chain([budget]).collect();
        Problem { items, limits, pools: vec![pool; 8] }
    })
}

/// Sums made anew from the units alone.
fn check(problem: &Problem, solved: &Solved) -> Result<(), TestCaseError> {
    let mut used = vec![0.0; problem.limits.len()];
    for (item, units) in problem.items.iter().zip(&solved.assignment.units) {
        prop_assert_eq!(units.iter().sum::<u64>(), item.units);
        for (choice, units) in item.choices.iter().zip(units) {
            for (limit, each) in choice.uses.iter().flatten() {
                used[*limit] += each * *units as f64;
            }
        }
    }
    for (used, limit) in used.iter().zip(&problem.limits) {
        prop_assert!(*used <= limit + 1e-5, "{} used of {}", used, limit);
    }
    let scale = solved.objective.abs().max(1.0);
    prop_assert!(
        solved.objective <= solved.bound + 1e-9 * scale,
        "{} above {}",
        solved.objective,
        solved.bound
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn units_are_conserved_limits_are_kept_and_the_bound_is_above(problem in problem()) {
        let solved = solve(&problem, 0.0);
        prop_assert!(solved.assignment.stranded(&problem).is_empty());
        check(&problem, &solved)?;
    }

    #[test]
    fn where_units_go_does_not_hang_on_how_much_is_asked(problem in problem()) {
        let plain = super::solve(&problem, 0.0, false, Work::unwatched()).unwrap();
        let in_full = solve(&problem, 0.0);
        prop_assert_eq!(plain.assignment, in_full.assignment);
        prop_assert!(in_full.bound <= plain.bound);
    }

    #[test]
    fn more_capacity_never_lowers_what_a_schedule_can_be_worth(problem in problem(), more in 1..20_u32, which in 0..8_usize) {
        let less = solve(&problem, 0.0);
        let mut wider = problem.clone();
        wider.limits[which] += f64::from(more);
        let wider = solve(&wider, 0.0);
        // The relaxed optimum lies between objective and bound, to the accuracy of the solver.
        prop_assert!(wider.bound >= less.objective - 1e-9 * less.objective.abs().max(1.0));
        prop_assert!(wider.bound >= less.bound - 1e-3 * less.bound.abs().max(1.0));
        prop_assert!(wider.objective >= less.objective - (less.bound - less.objective).max(wider.bound - wider.objective) - 1e-6);
    }

    #[test]
    fn a_deeper_market_never_lowers_what_a_schedule_can_be_worth(problem in problem(), deeper in 1.0..4.0_f64) {
        let less = solve(&problem, 0.0);
        let mut wider = problem.clone();
        for pool in &mut wider.pools {
            pool.steepness /= deeper;
        }
        let wider = solve(&wider, 0.0);
        prop_assert!(wider.bound >= less.objective - 1e-9 * less.objective.abs().max(1.0));
        prop_assert!(wider.bound >= less.bound - 1e-3 * less.bound.abs().max(1.0));
        prop_assert!(wider.objective >= less.objective - (less.bound - less.objective).max(wider.bound - wider.objective) - 1e-6);
    }

    #[test]
    fn no_rule_is_worth_more_than_the_bound(problem in problem(), target in 0..5_usize) {
        let solved = solve(&problem, 0.0);
        let rule = round::follow(&problem, &solved.assignment, |_| Some(target));
        prop_assert!(rule.value(&problem) <= solved.bound + 1e-6 * solved.bound.abs().max(1.0));
    }
}
