//! Rules that say when to sell.
//!
//! In: a [`Problem`]. Out: the position of the sale. A rule looks at one month's outlook at a time, in order; what comes
//! later cannot reach it.
//!
//! | rule | sells as soon as |
//! |---|---|
//! | plan's window | no later month has a higher present value at the expected prices ([`choose`](crate::decide::window)) |
//! | … a month late | the same, carried out at the next price |
//! | median path | the same at median prices |
//! | hopeful path | the same at the forecast's 60 % quantile |
//! | advised twice | the plan's window says so in two months running, or at the start |
//! | reservation price | the price is at least what waiting is worth when each later price strays from its course and the owner picks: `W_k = d (f_k + E[max(p e^ε, W_{k+1})])` |
//! | late knowledge | the price is at least what waiting is worth when one of seven equally likely paths turns out to hold after three months, and no later month is better at the expected prices |
//! | last price, 3.5 % less a month | no later month has a higher present value if prices go on so |
//!
//! Fixed rules look at no forecast: at an age of 36, 48 or 60 months, after 0 to 24 months, at the end of the window.

use super::problem::{Outlook, Problem};
use crate::decide::window::{Choice, choose};

/// Monthly factor of the published rate.
const PUBLISHED_FACTOR: f64 = 0.965;

/// Months after which the path of late knowledge is known.
const LEARNING_MONTHS: usize = 3;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The best month at expected prices is now: what a plan does.
    Window,
    /// The same, carried out at the next price.
    WindowLate,
    /// The best month at median prices is now.
    Median,
    /// The best month at the 60 % quantile is now.
    Hopeful,
    /// The window says now twice running.
    Twice,
    /// The price is at least the reservation price.
    Reservation,
    /// The price is at least what waiting for knowledge is worth.
    Learning,
    /// The best month is now if the price stays.
    LastPrice,
    /// The best month is now if prices fall by 3.5 % a month.
    PublishedRate,
    /// At an age, months.
    Age(i32),
    /// So many months after the start.
    After(i32),
    /// At the end of the window.
    End,
}

impl Rule {
    /// All of them, ours first, in the order of the tables.
    pub const ALL: [Rule; 18] = [
        Rule::Window,
        Rule::WindowLate,
        Rule::Median,
        Rule::Hopeful,
        Rule::Twice,
        Rule::Reservation,
        Rule::Learning,
        Rule::LastPrice,
        Rule::PublishedRate,
        Rule::Age(36),
        Rule::Age(48),
        Rule::Age(60),
        Rule::After(0),
        Rule::After(3),
        Rule::After(6),
        Rule::After(12),
        Rule::After(24),
        Rule::End,
    ];

    /// Name in tables.
    pub fn name(self) -> String {
        match self {
            Rule::Window => "residua: plan's window".into(),
            Rule::WindowLate => "  a month late".into(),
            Rule::Median => "  median path".into(),
            Rule::Hopeful => "  hopeful path".into(),
            Rule::Twice => "  advised twice".into(),
            Rule::Reservation => "  reservation price".into(),
            Rule::Learning => "  late knowledge".into(),
            Rule::LastPrice => "last price stays".into(),
            Rule::PublishedRate => "3.5 % less a month".into(),
            Rule::Age(months) => format!("fixed: at {months} months of age"),
            Rule::After(0) => "fixed: at once".into(),
            Rule::After(months) => format!("fixed: after {months} months"),
            Rule::End => "fixed: at the end".into(),
        }
    }

    /// Whether it looks at no price.
    pub const fn is_fixed(self) -> bool {
        matches!(self, Rule::Age(_) | Rule::After(_) | Rule::End)
    }

    /// Whether it is a refresh cycle by age.
    pub const fn is_cycle(self) -> bool {
        matches!(self, Rule::Age(_))
    }

    /// Position of the sale in the window.
    pub(super) fn sells_at(self, problem: &Problem<'_>) -> usize {
        let last = problem.prices() - 1;
        let now =
            |wanted: &dyn Fn(usize) -> bool| (0..last).find(|position| wanted(*position)).unwrap_or(last);
        let window = |position: usize| best_is_now(problem, position, &|one| &one.expected);
        match self {
            Rule::Window => now(&window),
            Rule::WindowLate => (now(&window) + 1).min(last),
            Rule::Median => now(&|position| best_is_now(problem, position, &|one| &one.median)),
            Rule::Hopeful => now(&|position| best_is_now(problem, position, &|one| &one.hopeful)),
            Rule::Twice => now(&|position| window(position) && (position == 0 || window(position - 1))),
            Rule::Reservation => {
                now(&|position| problem.at(position).price >= reservation_price(problem, position))
            }
            Rule::Learning => now(&|position| {
                problem.at(position).price >= worth_of_knowing(problem, position) && window(position)
            }),
            Rule::LastPrice => now(&|position| best_on_line(problem, position, 1.0)),
            Rule::PublishedRate => now(&|position| best_on_line(problem, position, PUBLISHED_FACTOR)),
            Rule::Age(months) => now(&|position| problem.age + months_held(problem, position) >= months),
            Rule::After(months) => now(&|position| months_held(problem, position) >= months),
            Rule::End => last,
        }
    }
}

fn months_held(problem: &Problem<'_>, position: usize) -> i32 {
    problem.at(position).month - problem.at(0).month
}

/// Whether the best month of these prices, the first of which is now's, is now.
fn first_is_best(problem: &Problem<'_>, position: usize, recoveries: &[f64]) -> bool {
    let holding_costs: Vec<f64> = problem.flows_from(position).iter().map(|flow| -flow).collect();
    let choice = Choice {
        holding_costs: &holding_costs,
        recoveries,
        challenger: None,
        allowed: (0, recoveries.len() - 1),
        best_by: recoveries.len() - 1,
        discount: problem.terms.discount,
        tolerance: 0.0,
    };
    choose(&choice).best == 0
}

fn best_is_now(problem: &Problem<'_>, position: usize, ahead: &dyn Fn(&Outlook) -> &[f64]) -> bool {
    let outlook = problem.at(position);
    let months = problem.flows_from(position).len();
    let recoveries: Vec<f64> =
        std::iter::once(outlook.price).chain(ahead(outlook).iter().copied().take(months)).collect();
    first_is_best(problem, position, &recoveries)
}

fn best_on_line(problem: &Problem<'_>, position: usize, factor: f64) -> bool {
    let months = problem.flows_from(position).len();
    let price = problem.at(position).price;
    let recoveries: Vec<f64> = (0..=months).map(|ahead| price * factor.powi(ahead as i32)).collect();
    first_is_best(problem, position, &recoveries)
}

/// What waiting is worth when every later price strays and the owner takes or leaves it.
fn reservation_price(problem: &Problem<'_>, position: usize) -> f64 {
    let (outlook, flows) = (problem.at(position), problem.flows_from(position));
    let courses = &outlook.expected[..flows.len()];
    let Some(last) = courses.last() else { return 0.0 };
    let mut worth = *last;
    for ahead in (1..flows.len()).rev() {
        let wait = problem.terms.discount * (flows[ahead] + worth);
        let taken = outlook.strays.iter().map(|stray| (courses[ahead - 1] * stray).max(wait));
        worth = taken.sum::<f64>() / outlook.strays.len() as f64;
    }
    problem.terms.discount * (flows[0] + worth)
}

/// What waiting is worth when the path that holds is known after a while.
fn worth_of_knowing(problem: &Problem<'_>, position: usize) -> f64 {
    let (outlook, flows) = (problem.at(position), problem.flows_from(position));
    let known_after = LEARNING_MONTHS.min(flows.len());
    let best_of = |path: &Vec<f64>| {
        let (mut gained, mut discount, mut best) = (0.0, 1.0, f64::NEG_INFINITY);
        for (held, flow) in (1..).zip(flows) {
            discount *= problem.terms.discount;
            gained += discount * flow;
            if held >= known_after {
                best = best.max(gained + discount * path[held - 1]);
            }
        }
        best
    };
    let worths = outlook.branches.iter().map(best_of);
    if flows.is_empty() { 0.0 } else { worths.sum::<f64>() / outlook.branches.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::replay::owner::Terms;
    use crate::price::backtest::paths::Path;
    use crate::price::state_space::quantiles::Quantiles;
    use proptest::prelude::*;

    /// Prices that a forecaster sees coming exactly, falling by `fall` a month in ln price.
    fn outlooks(prices: &[f64], fall: f64, noise: f64) -> Vec<Outlook> {
        (0..)
            .zip(prices)
            .map(|(month, price)| {
                let ahead = |lag: i32| Quantiles::of_normal(price.ln() - fall * f64::from(lag), 0.0);
                let path = Path { month, ln_price: price.ln(), ahead: (1..=36).map(ahead).collect() };
                Outlook::of(&path, noise)
            })
            .collect()
    }

    fn sold(rule: Rule, outlooks: &[Outlook], flow: f64) -> usize {
        let terms = Terms { discount: 0.995, flows: vec![flow; 36] };
        rule.sells_at(&Problem { outlooks, first: 0, terms, age: 30 })
    }

    #[test]
    fn fixed_rules_by_hand() {
        let flat = outlooks(&[100.0; 20], 0.0, 0.0);
        assert_eq!(sold(Rule::Age(36), &flat, 0.0), 6);
        assert_eq!(sold(Rule::Age(24), &flat, 0.0), 0, "its age is past");
        assert_eq!(sold(Rule::After(3), &flat, 0.0), 3);
        assert_eq!(sold(Rule::After(24), &flat, 0.0), 19, "the window ends before");
        assert_eq!(sold(Rule::End, &flat, 0.0), 19);
        assert_eq!(sold(Rule::WindowLate, &flat, 0.0), 1);
    }

    #[test]
    fn a_use_worth_more_than_the_fall_is_kept_and_one_worth_less_is_sold() {
        let falling = outlooks(&[100.0, 97.0, 94.0, 91.0], 0.03, 0.0);
        for rule in
            [Rule::Window, Rule::Median, Rule::Hopeful, Rule::Twice, Rule::Reservation, Rule::Learning]
        {
            assert_eq!(sold(rule, &falling, 1.0), 0, "{rule:?}");
            assert_eq!(sold(rule, &falling, 5.0), 3, "{rule:?}");
        }
        assert_eq!(sold(Rule::PublishedRate, &falling, 1.0), 0);
        assert_eq!(sold(Rule::LastPrice, &falling, 1.0), 3);
    }

    #[test]
    fn the_reservation_price_waits_for_a_price_that_strays_upwards() {
        let mut steady = outlooks(&[100.0; 4], 0.001, 0.1);
        steady[2].price = 112.0;
        assert_eq!(sold(Rule::Window, &steady, 0.0), 0);
        // A month's wait for another draw is worth 106 at this cost, 111 at none.
        assert_eq!(sold(Rule::Reservation, &steady, -1.0), 2, "it waits for 112 and takes it");
        assert_eq!(sold(Rule::Reservation, &steady, -9.0), 0, "no price is worth waiting for at that cost");
    }

    proptest! {
        #[test]
        fn without_noise_the_reservation_price_is_the_best_later_present_value(
            fall in -0.05..0.08_f64,
            flow in -3.0..6.0_f64,
            prices in prop::collection::vec(50.0..150.0_f64, 2..12),
        ) {
            let all = outlooks(&prices, fall, 0.0);
            prop_assert_eq!(sold(Rule::Reservation, &all, flow), sold(Rule::Window, &all, flow));
        }
    }
}
