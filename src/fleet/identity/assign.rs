//! Which scored pairs are accepted.
//!
//! In: rows, keys and scored pairs. Out: [`Groups`]: for each row the first row of its unit. First the rows of one register
//! that tell of one unit twice become one; then, of every unit, the candidates in another register compete:
//!
//! `P(i) = odds(i) / (1 + Σ_j odds(j))`,
//!
//! where j runs over all candidates of the register, for at most one of them can be it (both sides are asked, the less sure
//! one counts). Pairs are accepted from the likeliest down as long as no unit gets a second unit of one register. Greedy is
//! not always the assignment of greatest total weight; where it is not, the pairs are close calls and go to review.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::super::Asset;
use super::blocks::Pair;
use super::keys::Keys;
use super::merge::can_be_one;
use super::score::Score;

/// From this probability on two rows of one register are one unit, and a join needs no review.
pub(super) const SURE: f64 = 0.9;

/// From this probability on rows of two registers are joined.
const LIKELY: f64 = 0.5;

/// For each row the first row of its unit; for each unit of several rows these rows, and how sure its weakest join is.
pub(super) struct Groups {
    pub leader: Vec<usize>,
    pub members: HashMap<usize, Vec<usize>>,
    pub confidence: HashMap<usize, f64>,
}

impl Groups {
    fn apart(count: usize) -> Groups {
        Groups { leader: (0..count).collect(), members: HashMap::new(), confidence: HashMap::new() }
    }

    fn rows_of(&self, unit: usize) -> Vec<usize> {
        self.members.get(&unit).cloned().unwrap_or_else(|| vec![unit])
    }

    fn unite(&mut self, one: usize, other: usize, posterior: f64) {
        let (one, other) = (one.min(other), one.max(other));
        let mut all = self.rows_of(one);
        let more = self.rows_of(other);
        let sure = |at: usize| self.confidence.get(&at).copied().unwrap_or(1.0);
        let weakest = posterior.min(sure(one)).min(sure(other));
        for row in &more {
            self.leader[*row] = one;
        }
        all.extend(more);
        all.sort_unstable();
        self.members.remove(&other);
        self.confidence.remove(&other);
        self.members.insert(one, all);
        self.confidence.insert(one, weakest);
    }
}

/// A pair with the probability that is told of it.
pub(super) struct Judged {
    pub pair: Pair,
    pub posterior: f64,
    pub evidence: Vec<&'static str>,
}

/// Accepts pairs. The pairs come back with their probabilities, likeliest first.
pub(super) fn assign(rows: &[Asset], keys: &[Keys], scored: Vec<(Pair, Score)>) -> (Groups, Vec<Judged>) {
    let file = |row: u32| rows[row as usize].rows[0].file;
    let (within, across): (Vec<_>, Vec<_>) =
        scored.into_iter().partition(|(pair, _)| file(pair.first) == file(pair.second));
    let mut groups = Groups::apart(rows.len());
    let mut judged = duplicates(rows, keys, within, &mut groups);
    let of_units = compete(&groups, &across, &file);
    let less_sure = |pair: &Pair| {
        let sides = [(pair.first, pair.second), (pair.second, pair.first)];
        sides
            .map(|(row, other)| of_units[&(groups.leader[row as usize] as u32, file(other))])
            .into_iter()
            .fold(0.0, f64::max)
    };
    let mut between: Vec<Judged> = across
        .into_iter()
        .map(|(pair, score)| {
            let odds = score.log_odds.exp();
            Judged { pair, posterior: odds / (1.0 + less_sure(&pair)), evidence: score.evidence }
        })
        .collect();
    between.par_sort_by(|one, other| {
        other.posterior.total_cmp(&one.posterior).then_with(|| one.pair.cmp(&other.pair))
    });
    for judged in between.iter().filter(|judged| judged.posterior >= LIKELY) {
        let one = groups.leader[judged.pair.first as usize];
        let other = groups.leader[judged.pair.second as usize];
        let files: HashSet<usize> = groups.rows_of(one).iter().map(|row| file(*row as u32)).collect();
        let alone = groups.rows_of(other).iter().all(|row| !files.contains(&file(*row as u32)));
        if one != other && alone {
            groups.unite(one, other, judged.posterior);
        }
    }
    judged.extend(between);
    (groups, judged)
}

/// Unites the rows of one register that tell of one unit twice.
fn duplicates(
    rows: &[Asset],
    keys: &[Keys],
    mut within: Vec<(Pair, Score)>,
    groups: &mut Groups,
) -> Vec<Judged> {
    let labels = labels(keys);
    within.sort_by(|one, other| other.1.log_odds.total_cmp(&one.1.log_odds).then(one.0.cmp(&other.0)));
    let mut judged = Vec::with_capacity(within.len());
    for (pair, score) in within {
        let posterior = 1.0 / (1.0 + (-score.log_odds).exp());
        let (first, second) = (pair.first as usize, pair.second as usize);
        let (one, other) = (groups.leader[first], groups.leader[second]);
        let label = keys[first].serial != 0
            && keys[first].serial == keys[second].serial
            && labels.contains(&keys[first].serial);
        let all_fit = || {
            let more = groups.rows_of(other);
            groups
                .rows_of(one)
                .iter()
                .all(|left| more.iter().all(|right| can_be_one(&rows[*left], &rows[*right])))
        };
        if one != other && posterior >= SURE && !label && all_fit() {
            groups.unite(one, other, posterior);
        }
        judged.push(Judged { pair, posterior, evidence: score.evidence });
    }
    judged
}

/// For each unit and other register the sum of the odds of its candidates there, each candidate counted once.
fn compete(
    groups: &Groups,
    across: &[(Pair, Score)],
    file: &impl Fn(u32) -> usize,
) -> HashMap<(u32, usize), f64> {
    let mut odds: Vec<(u32, usize, u32, f64)> = Vec::with_capacity(2 * across.len());
    for (pair, score) in across {
        let (one, other) =
            (groups.leader[pair.first as usize] as u32, groups.leader[pair.second as usize] as u32);
        let odds_of_pair = score.log_odds.exp();
        odds.push((one, file(pair.second), other, odds_of_pair));
        odds.push((other, file(pair.first), one, odds_of_pair));
    }
    odds.sort_unstable_by(|one, other| {
        (one.0, one.1, one.2).cmp(&(other.0, other.1, other.2)).then(other.3.total_cmp(&one.3))
    });
    odds.dedup_by_key(|entry| (entry.0, entry.1, entry.2));
    let mut sums: HashMap<(u32, usize), f64> = HashMap::new();
    for (unit, file, _, odds) in odds {
        *sums.entry((unit, file)).or_insert(0.0) += odds;
    }
    sums
}

/// Serial numbers that stand on three or more different tags.
fn labels(keys: &[Keys]) -> HashSet<u64> {
    let mut tags: Vec<(u64, u64)> = keys
        .par_iter()
        .filter(|keys| keys.serial != 0 && keys.tag != 0)
        .map(|keys| (keys.serial, keys.bare_tag))
        .collect();
    tags.par_sort_unstable();
    tags.dedup();
    let of_serials = tags.chunk_by(|one, other| one.0 == other.0);
    of_serials.filter(|tags| tags.len() >= 3).map(|tags| tags[0].0).collect()
}
