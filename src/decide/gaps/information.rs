//! What it is worth to know.
//!
//! In: the states a unit may be in, each with its probability, what every way of leaving brings in while nobody knows the
//! state, and the best that can be done once it is known. Out: [`Worth`]:
//!
//! `now = max over a of (1 − k) Σ_s p_s V(a, s) + k V(a, worst)`, `resolved = Σ_s p_s max(V(known, s), max over a of V(a, s))`
//!
//! and the cost of not knowing is their difference, which is never negative: whatever is chosen in the dark can be chosen
//! in the light (Raiffa and Schlaifer 1961, expected value of perfect information). k is the share of buyers who pay what
//! is not stated as for the worst that is plausible: the value that one state in ten, by weight, falls short of. A way
//! that is closed in a state ends there as the best open way of its month.

use std::collections::BTreeSet;

use crate::decide::decision::{Choices, MonthOfChoice, Way};
use crate::decide::route::Route;
use crate::units::{LogNormal, Quantiles};

/// Weight of the states below which a value counts as the worst plausible.
const PLAUSIBLE: f64 = 0.10;

/// Points by which the price of one way in one state is spread.
const POINTS: usize = 21;

/// A state a unit may be in.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Probability.
    pub chance: f64,
    /// What every way brings in while the state is not known.
    pub blind: Choices,
    /// The best way once it is known, if that is another than the best of the blind ones.
    pub known: Option<Way>,
}

impl State {
    /// A state in which knowing opens no other way than those there are.
    pub(super) fn new(chance: f64, blind: Choices) -> State {
        State { chance, blind, known: None }
    }

    fn known_gain(&self) -> f64 {
        let blind = self.blind.best_gain();
        self.known.map_or(blind, |known| known.gain.max(blind))
    }

    /// The way that is taken once the state is known.
    fn known_way(&self) -> Option<Way> {
        let blind = self.blind.months.iter().filter_map(MonthOfChoice::best).map(|(_, way)| way);
        blind.chain(self.known).reduce(|best, way| if way.gain > best.gain { way } else { best })
    }
}

/// What not knowing does to one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Worth {
    /// Present value of the best that can be done without knowing.
    pub now: f64,
    /// Expected present value when it is known.
    pub resolved: f64,
    /// Net recovery by the best way without knowing: the mixture over the states.
    pub recovery: Quantiles,
    /// How much wider its interval of eight in ten is than that of a known state.
    pub widening: f64,
    /// Expected net of the planned way over the states.
    pub planned_net: f64,
}

impl Worth {
    /// What not knowing costs.
    pub(super) fn cost(&self) -> f64 {
        (self.resolved - self.now).max(0.0)
    }
}

/// Weighs the states against each other. `planned` is the month, by its place, and the route of the plan. The chances
/// add up to one.
pub(super) fn worth(states: &[State], priced_at_worst: f64, planned: (usize, Route)) -> Option<Worth> {
    let first = states.first()?;
    let mut best: Option<(f64, (usize, Route))> = None;
    for place in 0..first.blind.months.len() {
        let routes: BTreeSet<Route> = states
            .iter()
            .filter_map(|state| state.blind.months.get(place))
            .flat_map(|month| month.ways.iter().map(|(route, _)| *route))
            .collect();
        for route in routes {
            let value = in_the_dark(states, (place, route), priced_at_worst);
            if best.is_none_or(|(so_far, _)| value > so_far) {
                best = Some((value, (place, route)));
            }
        }
    }
    let (now, action) = best?;
    let resolved: f64 = states.iter().map(|state| state.chance * state.known_gain()).sum();
    debug_assert!(resolved - now > -1e-9 * (now.abs() + 1e3), "knowing costs: {now} to {resolved}");
    let outcomes: Vec<(f64, Way)> =
        states.iter().filter_map(|state| Some((state.chance, taken(state, action)?))).collect();
    let recovery = mixture(&outcomes);
    let width = |points: Quantiles| points.p90 - points.p10;
    let known: f64 = states
        .iter()
        .filter_map(|state| Some(state.chance * width(mixture(&[(1.0, state.known_way()?)]))))
        .sum();
    let planned_net =
        states.iter().filter_map(|state| Some(state.chance * taken(state, planned)?.net())).sum();
    Some(Worth { now, resolved, recovery, widening: (width(recovery) - known).max(0.0), planned_net })
}

/// What becomes of a unit that is sent a certain way in a certain state.
fn taken(state: &State, (place, route): (usize, Route)) -> Option<Way> {
    let month = state.blind.months.get(place)?;
    month.by(route).or_else(|| month.best().map(|(_, way)| way))
}

/// The value of a way while nobody knows the state.
fn in_the_dark(states: &[State], action: (usize, Route), priced_at_worst: f64) -> f64 {
    let mut values: Vec<(f64, f64)> =
        states.iter().map(|state| (taken(state, action).map_or(0.0, |way| way.gain), state.chance)).collect();
    let mean: f64 = values.iter().map(|(value, chance)| value * chance).sum();
    if priced_at_worst == 0.0 || !action.1.needs_market() {
        return mean;
    }
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    let worst = values.iter().find(|(_, chance)| {
        below += chance;
        below >= PLAUSIBLE
    });
    (1.0 - priced_at_worst) * mean + priced_at_worst * worst.map_or(mean, |(value, _)| value.min(mean))
}

/// Mean and quantiles of a mixture of ways, each spread over equally likely points of its price.
fn mixture(outcomes: &[(f64, Way)]) -> Quantiles {
    let mut points: Vec<(f64, f64)> = Vec::with_capacity(outcomes.len() * POINTS);
    for (chance, way) in outcomes {
        let moving = way.offer.slope * way.price.mean() != 0.0 && way.price.variance_log > 0.0;
        let count = if moving { POINTS } else { 1 };
        points.extend((0..count).map(|index| {
            let net = if moving {
                way.offer.net(point(way.price, (index as f64 + 0.5) / count as f64))
            } else {
                way.net()
            };
            (net, chance / count as f64)
        }));
    }
    let mean = outcomes.iter().map(|(chance, way)| chance * way.net()).sum();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    let quantile = |share: f64| {
        let mut below = 0.0;
        let found = points.iter().find(|(_, weight)| {
            below += weight;
            // Weights are sums of rounded numbers: a point exactly at the share is below it.
            below >= share * total - 1e-12
        });
        found.or(points.last()).map_or(0.0, |(value, _)| *value)
    };
    Quantiles { mean, p10: quantile(0.1), p50: quantile(0.5), p90: quantile(0.9) }
}

fn point(price: LogNormal, share: f64) -> f64 {
    price.quantile(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAN: (usize, Route) = (0, Route::Resell);

    fn choices(months: &[&[(Route, f64)]]) -> Choices {
        let month = |(ahead, ways): (usize, &&[(Route, f64)])| MonthOfChoice {
            ahead,
            ways: ways.iter().map(|(route, gain)| (*route, Way::certain(*gain, 1.0))).collect(),
            paid_anyway: 0.0,
            discount: 1.0,
        };
        Choices { months: months.iter().enumerate().map(month).collect() }
    }

    #[test]
    fn knowing_is_worth_what_the_better_choice_in_each_state_brings() {
        // Sold it brings 100 or -20, recycled -6 always: in the dark 0.75 * 100 - 0.25 * 20 = 70, known 0.75 * 100 - 1.5.
        let good = State::new(0.75, choices(&[&[(Route::Resell, 100.0), (Route::Recycle, -6.0)]]));
        let bad = State::new(0.25, choices(&[&[(Route::Resell, -20.0), (Route::Recycle, -6.0)]]));
        let found = worth(&[good, bad], 0.0, PLAN).unwrap();
        assert_eq!((found.now, found.resolved, found.cost()), (70.0, 73.5, 3.5));
        assert_eq!((found.recovery.mean, found.recovery.p10, found.recovery.p90), (70.0, -20.0, 100.0));
        assert_eq!(found.widening, 120.0);
    }

    #[test]
    fn who_prices_at_the_worst_pays_less_for_what_is_not_stated() {
        let states = [
            State::new(0.5, choices(&[&[(Route::Resell, 300.0)]])),
            State::new(0.45, choices(&[&[(Route::Resell, 200.0)]])),
            State::new(0.05, choices(&[&[(Route::Resell, 0.0)]])),
        ];
        // Mean 240; one state in ten by weight is at 200 or below: 0.2 * (240 - 200) = 8.
        assert!((worth(&states, 0.2, PLAN).unwrap().cost() - 8.0).abs() < 1e-9);
        assert!(worth(&states, 0.0, PLAN).unwrap().cost().abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn knowing_never_costs_anything_and_one_state_alone_is_known(
            chances in prop::collection::vec(0.01..1.0_f64, 1..5),
            gains in prop::collection::vec(-1e4..1e4_f64, 40),
            share in 0.0..1.0_f64,
        ) {
            let total: f64 = chances.iter().sum();
            let states: Vec<State> = chances.iter().enumerate().map(|(at, chance)| {
                let g = |index: usize| gains[(at * 8 + index) % gains.len()];
                State::new(chance / total, choices(&[
                    &[(Route::Resell, g(0)), (Route::Parts, g(1)), (Route::Recycle, g(2))],
                    &[(Route::Resell, g(3)), (Route::Recycle, g(4))],
                ]))
            }).collect();
            let found = worth(&states, share, PLAN).unwrap();
            prop_assert!(found.resolved - found.now > -1e-6, "{found:?}");
            let alone = [State { chance: 1.0, ..states[0].clone() }];
            prop_assert!(worth(&alone, share, PLAN).unwrap().cost().abs() < 1e-9);
        }
    }
}
