//! How good the forecasts were.
//!
//! In: [`Answered`] forecasts. Out: [`Score`]s by what gave them, class and horizon; and, where somebody put a figure of
//! their own in the place of the model's, both against what came. All scores are in percent of the median price that was
//! forecast for the unit in its channel, so that cheap and dear units and all currencies count alike. With the forecast
//! mean m, its points q and the outcome y in that unit:
//!
//! `bias = mean(m − y)`, `error = mean |q50 − y|`, `pinball(p) = mean max(p (y − q_p), (p − 1)(y − q_p))`,
//! `coverage = share of y from q10 to q90`.
//!
//! The bias takes the mean, which is what totals are sums of; the error takes the median, which makes it least. Pinball
//! is that of Koenker and Bassett (1978); it is least, on average, at the true points.

use std::collections::BTreeMap;

use super::GivenBy;
use super::answers::{Answered, Answers, NoAnswer, Reach};
use crate::catalog::AssetClass;
use crate::units::Quantiles;

/// Months ahead, from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Horizon {
    /// First month.
    pub from: i32,
    /// Last month; none for all that follow.
    pub to: Option<i32>,
}

impl Horizon {
    /// The horizon that a number of months falls into.
    fn of(months: i32) -> Horizon {
        let mut from = 0;
        for to in [1, 3, 6, 12, 24] {
            if months <= to {
                return Horizon { from, to: Some(to) };
            }
            from = to + 1;
        }
        Horizon { from, to: None }
    }
}

/// How good forecasts were, percent of the median price forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Forecasts scored.
    pub forecasts: u64,
    /// Mean of expected less actual: above zero means that too much was promised.
    pub bias: f64,
    /// Mean distance of the median from the actual.
    pub error: f64,
    /// Mean pinball loss at 10, 50 and 90 %.
    pub pinball: [f64; 3],
    /// Actuals from p10 to p90; 80 of them should be.
    pub coverage: f64,
}

/// The model and the figure put in its place, on the same lines; percent of the median price forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverrideScore {
    /// Lines scored.
    pub lines: u64,
    /// Mean of the model's expected net less the actual.
    pub model_bias: f64,
    /// Mean distance of the model's median net from the actual.
    pub model_error: f64,
    /// Mean of the figure less the actual.
    pub own_bias: f64,
    /// Mean distance of the figure from the actual.
    pub own_error: f64,
}

/// What a score speaks of; none of a class or horizon is all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// What gave the forecasts.
    pub by: GivenBy,
    /// Kind of hardware.
    pub class: Option<AssetClass>,
    /// Months ahead.
    pub horizon: Option<Horizon>,
}

/// All scores, and what was not scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Grades {
    /// Of the price in the channel.
    pub gross: BTreeMap<Group, Score>,
    /// Of what the owner keeps.
    pub net: BTreeMap<Group, Score>,
    /// Of figures put in the place of forecasts, by class; none is all classes.
    pub overrides: BTreeMap<Option<AssetClass>, OverrideScore>,
    /// Lines of settlements.
    pub lines: u64,
    /// Those that answer no forecast, by reason.
    pub no_answer: BTreeMap<NoAnswer, u64>,
    /// Forecasts handed out and answered, by what gave them.
    pub reach: BTreeMap<GivenBy, Reach>,
}

/// Scores all answers.
pub fn grade(answers: &Answers) -> Grades {
    let mut gross: BTreeMap<Group, Tally> = BTreeMap::new();
    let mut net: BTreeMap<Group, Tally> = BTreeMap::new();
    let mut overrides: BTreeMap<Option<AssetClass>, OverrideTally> = BTreeMap::new();
    for one in answers.answered.iter().filter(|one| one.gross.p50 > 0.0) {
        let unit = 100.0 / one.gross.p50;
        let horizon = Horizon::of(one.horizon_months);
        for group in groups(one.by, one.class, horizon) {
            gross.entry(group).or_default().add(one.gross, one.actual_gross, unit);
            if let Some(actual) = one.actual_net {
                net.entry(group).or_default().add(one.net, actual, unit);
            }
        }
        if let (Some(own), Some(actual)) = (one.overridden, one.actual_net) {
            for class in [None, Some(one.class)] {
                overrides.entry(class).or_default().add(one, own, actual, unit);
            }
        }
    }
    let scores = |tallies: BTreeMap<Group, Tally>| {
        tallies.into_iter().map(|(group, tally)| (group, tally.score())).collect()
    };
    Grades {
        gross: scores(gross),
        net: scores(net),
        overrides: overrides.into_iter().map(|(class, tally)| (class, tally.score())).collect(),
        lines: answers.lines,
        no_answer: answers.no_answer.clone(),
        reach: answers.reach.clone(),
    }
}

/// The groups a forecast counts in: all, its class, its class and horizon.
fn groups(by: GivenBy, class: AssetClass, horizon: Horizon) -> [Group; 3] {
    [
        Group { by, class: None, horizon: None },
        Group { by, class: Some(class), horizon: None },
        Group { by, class: Some(class), horizon: Some(horizon) },
    ]
}

/// Sums on the way to a score.
#[derive(Debug, Default)]
struct Tally {
    forecasts: u64,
    bias: f64,
    error: f64,
    pinball: [f64; 3],
    covered: u64,
}

impl Tally {
    fn add(&mut self, forecast: Quantiles, actual: f64, unit: f64) {
        self.forecasts += 1;
        self.bias += unit * (forecast.mean - actual);
        self.error += unit * (forecast.p50 - actual).abs();
        let points = [(0.1, forecast.p10), (0.5, forecast.p50), (0.9, forecast.p90)];
        for (sum, (share, point)) in self.pinball.iter_mut().zip(points) {
            *sum += unit * pinball(share, point, actual);
        }
        self.covered += u64::from(forecast.p10 <= actual && actual <= forecast.p90);
    }

    fn score(&self) -> Score {
        let mean = |sum: f64| sum / self.forecasts as f64;
        Score {
            forecasts: self.forecasts,
            bias: mean(self.bias),
            error: mean(self.error),
            pinball: self.pinball.map(mean),
            coverage: 100.0 * mean(self.covered as f64),
        }
    }
}

/// Loss of a point that a share of outcomes should be below.
pub(super) fn pinball(share: f64, point: f64, actual: f64) -> f64 {
    (share * (actual - point)).max((share - 1.0) * (actual - point))
}

/// Sums on the way to the score of overrides.
#[derive(Debug, Default)]
struct OverrideTally {
    lines: u64,
    model: [f64; 2],
    own: [f64; 2],
}

impl OverrideTally {
    fn add(&mut self, one: &Answered, own: f64, actual: f64, unit: f64) {
        self.lines += 1;
        self.model[0] += unit * (one.net.mean - actual);
        self.model[1] += unit * (one.net.p50 - actual).abs();
        self.own[0] += unit * (own - actual);
        self.own[1] += unit * (own - actual).abs();
    }

    fn score(&self) -> OverrideScore {
        let mean = |sum: f64| sum / self.lines as f64;
        OverrideScore {
            lines: self.lines,
            model_bias: mean(self.model[0]),
            model_error: mean(self.model[1]),
            own_bias: mean(self.own[0]),
            own_error: mean(self.own[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answers::Matching;
    use super::super::examples::{handed_over, overridden, pending, sold};
    use super::*;
    use crate::outcome::{HandedOver, Outcome};

    fn graded(lines: &[HandedOver], outcomes: &[Outcome]) -> Grades {
        grade(&Matching::of(lines, outcomes).answers())
    }

    #[test]
    fn two_sales_by_hand() {
        // Forecast 104 expected, 70 / 100 / 142.86; sold for 60 and 120.
        let lines = [handed_over("VR-1", 1), handed_over("VR-1", 2)];
        let grades = graded(&lines, &[sold(&lines[0], "f", 60.0), sold(&lines[1], "f", 120.0)]);
        let all = Group { by: GivenBy::HandOver, class: None, horizon: None };
        let score = grades.gross[&all];
        assert_eq!((score.forecasts, score.coverage), (2, 50.0));
        let close = |value: f64, wanted: f64| assert!((value - wanted).abs() < 1e-9, "{value} {wanted}");
        close(score.bias, 0.5 * (44.0 - 16.0));
        close(score.error, 0.5 * (40.0 + 20.0));
        close(score.pinball[0], 0.5 * (0.9 * 10.0 + 0.1 * 50.0));
        close(score.pinball[1], 0.5 * (0.5 * 40.0 + 0.5 * 20.0));
        close(score.pinball[2], 0.5 * (0.1 * (142.857_142_857_142_85 - 60.0) + 0.1 * 22.857_142_857_142_85));
        // Net of 60 is 0.65 × 45 = 29.25, of 120 it is 68.25; 55.2 was the median.
        close(grades.net[&all].error, 0.5 * (25.95 + 13.05));
        let horizons: Vec<Option<Horizon>> = grades.gross.keys().map(|group| group.horizon).collect();
        assert_eq!(horizons, [None, None, Some(Horizon { from: 2, to: Some(3) })]);
    }

    #[test]
    fn disputed_and_pending_lines_never_count_and_are_told() {
        let lines = [handed_over("VR-1", 1), handed_over("VR-1", 2), handed_over("VR-1", 3)];
        let honest = sold(&lines[0], "f", 100.0);
        let disputed = Outcome { disputed: true, ..sold(&lines[1], "f", 1.0) };
        let alone = graded(&lines, std::slice::from_ref(&honest));
        let beside = graded(&lines, &[honest, disputed, pending(&lines[2], "f")]);
        assert_eq!((&alone.gross, &alone.net), (&beside.gross, &beside.net));
        assert_eq!(beside.no_answer, BTreeMap::from([(NoAnswer::Disputed, 1), (NoAnswer::Pending, 1)]));
    }

    #[test]
    fn a_figure_put_in_the_models_place_is_scored_beside_it_and_not_in_it() {
        let plain = [handed_over("VR-1", 1)];
        let own = [HandedOver { overridden: Some(overridden(60.0)), ..handed_over("VR-1", 1) }];
        let outcome = [sold(&plain[0], "f", 120.0)];
        let (without, with) = (graded(&plain, &outcome), graded(&own, &outcome));
        assert_eq!((&without.gross, &without.net), (&with.gross, &with.net));
        let score = with.overrides[&None];
        assert_eq!(score.lines, 1);
        assert!((score.own_bias + 8.25).abs() < 1e-9 && (score.own_error - 8.25).abs() < 1e-9);
        assert!((score.model_error - 13.05).abs() < 1e-9, "{score:?}");
        assert!(without.overrides.is_empty());
    }
}
