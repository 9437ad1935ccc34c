//! Regret by rule, owner and market.
//!
//! In: what was replayed. Out: a [`ClassScore`] for each owner in a market, and the [`Overall`] of all of them.
//!
//! - mean regret: over all starts, as a share of the price at the start;
//! - by money: sum of the money lost over the sum of the prices at the start, so that a cheap part counts little;
//! - capped: each start's regret counts at most as the whole price, so that one absurd price counts little;
//! - ratio: mean regret over that of the best fixed rule of this market and owner, chosen in hindsight, with the 5 and
//!   95 % points of 500 draws of products with replacement, the best fixed rule chosen anew in each. All products of a
//!   market share its luck, so that the true interval is wider.

use std::collections::BTreeMap;

use super::{Owner, Replayed, Rule};
use crate::price::followed::series::PricedSeries;
use crate::units::SplitMix64;

/// Starts below which a market is not scored.
pub const FEWEST_DECISIONS: usize = 30;

const DRAWS: usize = 500;
const SEED: u64 = 4_010;

/// Regrets below this, as a share of the price, count as this in ratios: both rules were right.
const LEAST_REGRET: f64 = 1e-4;

/// One rule's regret.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RuleScore {
    /// The rule.
    pub rule: Rule,
    /// Mean regret.
    pub mean: f64,
    /// Regret by money.
    pub by_money: f64,
    /// Mean of the capped regrets.
    pub capped: f64,
    /// Mean months from start to sale.
    pub months: f64,
    /// Mean regret over that of the best fixed rule.
    pub ratio: f64,
    /// 5 and 95 % points of the ratio.
    pub interval: (f64, f64),
}

/// All rules of an owner in a market.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassScore {
    /// The owner.
    pub owner: Owner,
    /// Starts.
    pub decisions: usize,
    /// Products they are of.
    pub products: usize,
    /// First and last start, month indices.
    pub span: (i32, i32),
    /// Mean months to the best month in hindsight.
    pub best_months: f64,
    /// In the order of [`Rule::ALL`].
    pub rules: Vec<RuleScore>,
}

/// A way to sum regret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Mean of shares.
    Mean,
    /// Money over money.
    ByMoney,
    /// Mean of capped shares.
    Capped,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 3] = [Measure::Mean, Measure::ByMoney, Measure::Capped];

    /// Name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::Mean => "mean regret",
            Measure::ByMoney => "by money",
            Measure::Capped => "capped",
        }
    }
}

impl RuleScore {
    /// Regret by a measure.
    pub const fn regret(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Mean => self.mean,
            Measure::ByMoney => self.by_money,
            Measure::Capped => self.capped,
        }
    }
}

impl ClassScore {
    /// Our own rule.
    pub fn ours(&self) -> &RuleScore {
        &self.rules[0]
    }

    /// The best fixed rule by a measure.
    pub fn best_fixed(&self, measure: Measure) -> &RuleScore {
        self.best_of(measure, Rule::is_fixed)
    }

    /// Our regret over that of the best fixed rule, by a measure.
    pub fn over_fixed(&self, measure: Measure) -> f64 {
        ratio(self.ours().regret(measure), self.best_fixed(measure).regret(measure))
    }

    /// Our regret over that of the best refresh cycle of 36, 48 or 60 months, by a measure.
    pub fn over_cycle(&self, measure: Measure) -> f64 {
        ratio(self.ours().regret(measure), self.best_of(measure, Rule::is_cycle).regret(measure))
    }

    fn best_of(&self, measure: Measure, among: fn(Rule) -> bool) -> &RuleScore {
        let candidates = self.rules.iter().filter(|one| among(one.rule));
        candidates
            .min_by(|a, b| a.regret(measure).total_cmp(&b.regret(measure)))
            .unwrap_or_else(|| self.ours())
    }
}

/// Sums of one product.
#[derive(Debug, Clone)]
struct Sums {
    decisions: f64,
    money: f64,
    regret: Vec<f64>,
    regret_money: Vec<f64>,
    capped: Vec<f64>,
    months: Vec<f64>,
}

impl Sums {
    fn none() -> Sums {
        let zeros = || vec![0.0; Rule::ALL.len()];
        Sums {
            decisions: 0.0,
            money: 0.0,
            regret: zeros(),
            regret_money: zeros(),
            capped: zeros(),
            months: zeros(),
        }
    }

    fn add(&mut self, one: &Replayed) {
        self.decisions += 1.0;
        self.money += one.price;
        for (position, sale) in one.sales.iter().enumerate() {
            self.regret[position] += sale.regret;
            self.regret_money[position] += sale.regret * one.price;
            self.capped[position] += sale.regret.min(1.0);
            self.months[position] += f64::from(sale.month - one.start);
        }
    }
}

/// Scores of each owner in a market; owners with too few starts are left out.
pub fn scores(series: &[PricedSeries], replayed: &[Replayed]) -> Vec<ClassScore> {
    Owner::ALL.iter().filter_map(|owner| score_of(*owner, series, replayed)).collect()
}

fn score_of(owner: Owner, series: &[PricedSeries], replayed: &[Replayed]) -> Option<ClassScore> {
    let own: Vec<&Replayed> = replayed.iter().filter(|one| one.owner == owner).collect();
    if own.len() < FEWEST_DECISIONS {
        return None;
    }
    let mut products: BTreeMap<&str, Sums> = BTreeMap::new();
    let mut total = Sums::none();
    for one in &own {
        products.entry(&series[one.series].product).or_insert_with(Sums::none).add(one);
        total.add(one);
    }
    let ratios = drawn_ratios(&products.values().collect::<Vec<_>>());
    let best = best_fixed_sum(&total.regret);
    let rules = Rule::ALL
        .iter()
        .enumerate()
        .map(|(position, rule)| RuleScore {
            rule: *rule,
            mean: total.regret[position] / total.decisions,
            by_money: total.regret_money[position] / total.money,
            capped: total.capped[position] / total.decisions,
            months: total.months[position] / total.decisions,
            ratio: ratio(total.regret[position] / total.decisions, best / total.decisions),
            interval: ratios[position],
        })
        .collect();
    Some(ClassScore {
        owner,
        decisions: own.len(),
        products: products.len(),
        span: own
            .iter()
            .fold((i32::MAX, i32::MIN), |span, one| (span.0.min(one.start), span.1.max(one.start))),
        best_months: own.iter().map(|one| f64::from(one.best_months)).sum::<f64>() / total.decisions,
        rules,
    })
}

/// The least of the fixed rules' sums.
fn best_fixed_sum(regret: &[f64]) -> f64 {
    let fixed = Rule::ALL.iter().zip(regret).filter(|one| one.0.is_fixed());
    fixed.map(|one| *one.1).fold(f64::INFINITY, f64::min)
}

fn ratio(regret: f64, of: f64) -> f64 {
    regret.max(LEAST_REGRET) / of.max(LEAST_REGRET)
}

/// 5 and 95 % points of each rule's ratio over draws of products.
fn drawn_ratios(products: &[&Sums]) -> Vec<(f64, f64)> {
    let mut draws = SplitMix64::new(SEED);
    let mut ratios: Vec<Vec<f64>> = vec![Vec::with_capacity(DRAWS); Rule::ALL.len()];
    for _ in 0..DRAWS {
        let mut regret = vec![0.0; Rule::ALL.len()];
        let mut decisions = 0.0;
        for _ in products {
            let drawn = products[draws.below(products.len())];
            decisions += drawn.decisions;
            for (sum, one) in regret.iter_mut().zip(&drawn.regret) {
                *sum += one;
            }
        }
        let best = best_fixed_sum(&regret);
        for (kept, one) in ratios.iter_mut().zip(&regret) {
            kept.push(ratio(one / decisions, best / decisions));
        }
    }
    ratios
        .into_iter()
        .map(|mut one| {
            one.sort_by(f64::total_cmp);
            (one[DRAWS / 20], one[DRAWS - 1 - DRAWS / 20])
        })
        .collect()
}

/// All markets and owners together, each with the same weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Overall {
    /// How regret was summed.
    pub measure: Measure,
    /// Mean regret of each rule, in the order of [`Rule::ALL`].
    pub regrets: Vec<f64>,
    /// The fixed rule that is best for all at once.
    pub best_fixed: Rule,
    /// Our regret over its.
    pub over_fixed: f64,
    /// How many of these markets and owners there are.
    pub classes: usize,
    /// Those in which ours is at least 30 % below their own best fixed rule.
    pub far_better: usize,
    /// Those in which ours is more than 2 % worse than their own best fixed rule.
    pub worse: usize,
}

/// Ratio to the best fixed rule that ours has to reach.
pub const WANTED_RATIO: f64 = 0.7;

/// Ratio to the best fixed rule that ours may not exceed in any market.
pub const WORST_RATIO: f64 = 1.02;

/// The mean over markets and owners by a measure; `None` without any.
pub fn overall(scores: &[&ClassScore], measure: Measure) -> Option<Overall> {
    if scores.is_empty() {
        return None;
    }
    let regrets: Vec<f64> = (0..Rule::ALL.len())
        .map(|rule| {
            scores.iter().map(|one| one.rules[rule].regret(measure)).sum::<f64>() / scores.len() as f64
        })
        .collect();
    let fixed = Rule::ALL.iter().zip(&regrets).filter(|one| one.0.is_fixed());
    let (best_fixed, least) = fixed.min_by(|a, b| a.1.total_cmp(b.1))?;
    let count =
        |wanted: &dyn Fn(f64) -> bool| scores.iter().filter(|one| wanted(one.over_fixed(measure))).count();
    Some(Overall {
        measure,
        best_fixed: *best_fixed,
        over_fixed: ratio(regrets[0], *least),
        classes: scores.len(),
        far_better: count(&|found| found <= WANTED_RATIO),
        worse: count(&|found| found > WORST_RATIO),
        regrets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(regrets: [f64; 3]) -> ClassScore {
        // Ours, at once, at the end; everything else is far off.
        let rules = Rule::ALL
            .iter()
            .map(|rule| {
                let mean = match rule {
                    Rule::Window => regrets[0],
                    Rule::After(0) => regrets[1],
                    Rule::End => regrets[2],
                    _ => 9.0,
                };
                let interval = (0.0, 0.0);
                RuleScore {
                    rule: *rule,
                    mean,
                    by_money: mean,
                    capped: mean,
                    months: 0.0,
                    ratio: 0.0,
                    interval,
                }
            })
            .collect();
        ClassScore { owner: Owner::Stock, decisions: 30, products: 1, span: (0, 0), best_months: 0.0, rules }
    }

    #[test]
    fn the_best_fixed_rule_of_all_markets_need_not_be_the_best_of_any() {
        let (fall, boom) = (score([0.1, 0.1, 0.9]), score([0.2, 0.9, 0.25]));
        assert_eq!(fall.best_fixed(Measure::Mean).rule, Rule::After(0));
        assert!((fall.over_fixed(Measure::Mean) - 1.0).abs() < 1e-12);
        assert!((boom.over_fixed(Measure::Mean) - 0.8).abs() < 1e-12);
        let found = overall(&[&fall, &boom], Measure::Mean).unwrap();
        assert_eq!(found.best_fixed, Rule::After(0));
        assert!((found.over_fixed - 0.3).abs() < 1e-12, "{found:?}");
        assert_eq!((found.classes, found.far_better, found.worse), (2, 0, 0));
        assert_eq!(overall(&[], Measure::Mean), None);
    }

    #[test]
    fn two_rules_that_were_both_right_are_equal() {
        assert_eq!(score([0.0, 0.0, 0.5]).over_fixed(Measure::Mean), 1.0);
    }
}
