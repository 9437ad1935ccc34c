//! Which rows speak of one unit.
//!
//! In: rows of all registers in reading order, and the kind of system behind each register. Out: one asset for each
//! unit, findings, and the pairs that a person should look at. [`keys`] brings identifiers to one form, [`blocks`]
//! finds pairs that share one, [`score`] says how likely each pair is one unit, and [`merge`] joins the rows field by
//! field.
//!
//! Pairs are accepted from the likeliest down (greedy assignment) as long as no unit gets two rows of one register,
//! unless those are duplicates: same serial number, and nothing that rules it out. Greedy is not always the assignment
//! of greatest total weight; where it is not, the pairs are close calls.

mod blocks;
mod keys;
mod merge;
mod score;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rayon::prelude::*;

use super::findings::{Finding, Severity};
use super::{Asset, RowReference, SourceKind};
use blocks::Pair;
use keys::Keys;
use merge::{can_be_one, make_ids_unique};
use score::Score;

/// Joined assets, the number of rows merged into others, and what did not agree.
pub(super) struct Joined {
    pub assets: Vec<Asset>,
    pub merged: usize,
    pub findings: Vec<Finding>,
    /// For each input row, the position of the asset it became.
    pub became: Vec<usize>,
    pub review: Vec<ReviewPair>,
}

/// Two rows of which it is not certain whether they are one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewPair {
    /// The row read first.
    pub first: RowReference,
    /// The other row.
    pub second: RowReference,
    /// How likely they are one unit, 0.1 to 0.9.
    pub posterior: f64,
    /// Whether they were joined.
    pub joined: bool,
    /// What speaks for it and against it.
    pub evidence: String,
}

/// Joins the rows of each unit.
pub(super) fn join(rows: Vec<Asset>, kinds: &[SourceKind]) -> Joined {
    let keys: Vec<Keys> = rows.par_iter().map(Keys::of).collect();
    let (pairs, dropped) = blocks::pairs(&keys);
    let mut scored: Vec<(Pair, Score)> = pairs
        .into_par_iter()
        .filter_map(|pair| {
            let (first, second) = (pair.first as usize, pair.second as usize);
            if rows[first].quantity != rows[second].quantity {
                return None;
            }
            let score =
                score::score((&rows[first], &keys[first]), (&rows[second], &keys[second]), pair.candidates);
            (score.posterior > 0.1).then_some((pair, score))
        })
        .collect();
    scored.sort_by(|one, other| other.1.posterior.total_cmp(&one.1.posterior).then(one.0.cmp(&other.0)));
    let mut findings = Vec::new();
    if dropped > 0 {
        findings.push(Finding::about_many(
            "DQ-03",
            Severity::Notes,
            dropped,
            format!("{dropped} serial numbers, tags or names stand on so many rows that they identify nothing: not used to join"),
            "give units serial numbers and tags of their own",
        ));
    }
    let groups = assign(&rows, &keys, &scored);
    let review = review(&rows, &scored, &groups);
    findings.extend(shared_serials(&rows, &keys, &groups));
    let mut joined = gather(rows, kinds, &groups);
    joined.findings.extend(findings);
    joined.findings.extend(make_ids_unique(&mut joined.assets));
    joined.review = review;
    joined
}

/// For each row the first row of its unit, and for each unit how sure its weakest join is.
struct Groups {
    leader: Vec<usize>,
    confidence: HashMap<usize, f64>,
}

fn assign(rows: &[Asset], keys: &[Keys], scored: &[(Pair, Score)]) -> Groups {
    let labels = labels(keys);
    let mut leader: Vec<usize> = (0..rows.len()).collect();
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut confidence: HashMap<usize, f64> = HashMap::new();
    for (pair, score) in scored.iter().filter(|(_, score)| score.posterior >= 0.5) {
        let (first, second) = (pair.first as usize, pair.second as usize);
        let (one, other) = (leader[first].min(leader[second]), leader[first].max(leader[second]));
        if one == other {
            continue;
        }
        let of = |at: usize| members.get(&at).cloned().unwrap_or_else(|| vec![at]);
        let (mut all, more) = (of(one), of(other));
        let duplicates = |left: usize, right: usize| {
            !keys[left].serial.is_empty()
                && keys[left].serial == keys[right].serial
                && !labels.contains(keys[left].serial.as_str())
                && can_be_one(&rows[left], &rows[right])
        };
        let fits = all.iter().all(|left| {
            more.iter().all(|right| {
                rows[*left].rows[0].file != rows[*right].rows[0].file || duplicates(*left, *right)
            })
        });
        if !fits {
            continue;
        }
        let sure = |at: usize| confidence.get(&at).copied().unwrap_or(1.0);
        let weakest = score.posterior.min(sure(one)).min(sure(other));
        for row in &more {
            leader[*row] = one;
        }
        all.extend(more);
        all.sort_unstable();
        members.remove(&other);
        confidence.remove(&other);
        members.insert(one, all);
        confidence.insert(one, weakest);
    }
    Groups { leader, confidence }
}

/// Serial numbers that stand on three or more different tags.
fn labels(keys: &[Keys]) -> HashSet<&str> {
    let mut tags: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for keys in keys.iter().filter(|keys| !keys.serial.is_empty() && !keys.tag.is_empty()) {
        tags.entry(&keys.serial).or_default().insert(&keys.bare_tag);
    }
    tags.into_iter().filter(|(_, tags)| tags.len() >= 3).map(|(serial, _)| serial).collect()
}

fn review(rows: &[Asset], scored: &[(Pair, Score)], groups: &Groups) -> Vec<ReviewPair> {
    let mut review: Vec<ReviewPair> = scored
        .iter()
        .filter(|(_, score)| score.posterior < 0.9)
        .map(|(pair, score)| ReviewPair {
            first: rows[pair.first as usize].rows[0],
            second: rows[pair.second as usize].rows[0],
            posterior: score.posterior,
            joined: groups.leader[pair.first as usize] == groups.leader[pair.second as usize],
            evidence: score.evidence.join(", "),
        })
        .collect();
    review.sort_by_key(|pair| (pair.first, pair.second));
    review
}

/// Serial numbers that stand on several units.
fn shared_serials(rows: &[Asset], keys: &[Keys], groups: &Groups) -> Vec<Finding> {
    let mut holder: HashMap<&str, usize> = HashMap::new();
    let mut told: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut findings = Vec::new();
    for (at, keys) in keys.iter().enumerate().filter(|(_, keys)| !keys.serial.is_empty()) {
        let first = *holder.entry(&keys.serial).or_insert(at);
        let unit = groups.leader[at];
        if groups.leader[first] != unit && told.insert((unit, &keys.serial)) {
            findings.push(Finding::about(
                &rows[at],
                "DQ-03",
                Severity::Warns,
                format!(
                    "serial {} also stands on {}, another tag, maker or model: both are kept",
                    rows[at].serial.as_deref().unwrap_or(""),
                    rows[first].id
                ),
                "read the serial numbers off both units",
            ));
        }
    }
    findings
}

/// Merges the rows of each unit, in the order of their first rows.
fn gather(rows: Vec<Asset>, kinds: &[SourceKind], groups: &Groups) -> Joined {
    let total = rows.len();
    let mut units: BTreeMap<usize, Vec<Asset>> = BTreeMap::new();
    for (row, leader) in rows.into_iter().zip(&groups.leader) {
        units.entry(*leader).or_default().push(row);
    }
    let (mut assets, mut findings) = (Vec::with_capacity(units.len()), Vec::new());
    let mut position: HashMap<usize, usize> = HashMap::new();
    for (leader, mut rows) in units {
        position.insert(leader, assets.len());
        if rows.len() == 1 {
            assets.extend(rows.pop());
            continue;
        }
        let of_rows: Vec<SourceKind> =
            rows.iter().map(|row| kinds.get(row.rows[0].file).copied().unwrap_or_default()).collect();
        let mut asset = merge::merge(rows, &of_rows);
        asset.join_confidence = groups.confidence.get(&leader).copied().unwrap_or(1.0);
        findings.extend(merge::findings(&asset));
        assets.push(asset);
    }
    let became = groups.leader.iter().map(|leader| position[leader]).collect();
    Joined { merged: total - assets.len(), assets, findings, became, review: Vec::new() }
}
