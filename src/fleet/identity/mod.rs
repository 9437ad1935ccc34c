//! Which rows speak of one unit.
//!
//! In: rows of all registers in reading order, and the kind of system behind each register. Out: one asset for each
//! unit, findings, and the pairs that a person should look at. [`keys`] brings identifiers to one form, [`blocks`]
//! finds pairs that share one, [`score`] says how likely each pair is one unit, and [`merge`] joins the rows field by
//! field. What is accepted, [`assign`] says.

mod assign;
mod blocks;
mod keys;
mod merge;
mod score;
mod sources;

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::findings::{Finding, Severity};
use super::{Asset, RowReference, SourceKind};
use crate::units::{Cancelled, Stage, Work};
use assign::{Groups, Judged, SURE};
use blocks::Pair;
use keys::Keys;
use merge::make_ids_unique;
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

/// Pairs less likely than these log-odds (1 %) are forgotten.
const LEAST_LOG_ODDS: f64 = -4.6;

/// Pairs from this probability on are shown to a person.
const LEAST_REVIEWED: f64 = 0.1;

/// Rows or pairs that one thread looks at between two looks at whether the work is still wanted.
const AT_A_TIME: usize = 1024;

/// Joins the rows of each unit, as long as that is wanted.
pub(super) fn join(rows: Vec<Asset>, kinds: &[SourceKind], work: Work<'_>) -> Result<Joined, Cancelled> {
    let stage = work.stage("joining rows", rows.len());
    let keys: Vec<Keys> = of_each(&rows, &stage, |row| Some(Keys::of(row)))?;
    let (pairs, dropped) = blocks::pairs(&rows, &keys);
    stage.expect(pairs.len());
    let scored: Vec<(Pair, Score)> = of_each(&pairs, &stage, |pair| {
        let (first, second) = (pair.first as usize, pair.second as usize);
        if rows[first].quantity != rows[second].quantity {
            return None;
        }
        let score = score::score((&rows[first], &keys[first]), (&rows[second], &keys[second]));
        (score.log_odds > LEAST_LOG_ODDS).then_some((*pair, score))
    })?;
    drop(pairs);
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
    let (groups, judged) = assign::assign(&rows, &keys, scored);
    work.go_on()?;
    let review = review(&rows, &judged, &groups);
    findings.extend(shared_serials(&rows, &keys, &groups));
    work.go_on()?;
    let mut joined = gather(rows, kinds, &groups);
    joined.findings.extend(findings);
    joined.findings.extend(make_ids_unique(&mut joined.assets));
    joined.findings.extend(sources::findings(&joined.assets, kinds));
    joined.review = review;
    Ok(joined)
}

/// What comes of each of many, made on all threads, in their order.
fn of_each<T: Sync, U: Send>(
    all: &[T],
    stage: &Stage<'_>,
    make: impl Fn(&T) -> Option<U> + Sync,
) -> Result<Vec<U>, Cancelled> {
    let some: Vec<Vec<U>> = all
        .par_chunks(AT_A_TIME)
        .map(|some| {
            stage.steps(some.len())?;
            Ok(some.iter().filter_map(&make).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(some.into_iter().flatten().collect())
}

fn review(rows: &[Asset], judged: &[Judged], groups: &Groups) -> Vec<ReviewPair> {
    let mut review: Vec<ReviewPair> = judged
        .iter()
        .filter(|judged| (LEAST_REVIEWED..SURE).contains(&judged.posterior))
        .map(|judged| ReviewPair {
            first: rows[judged.pair.first as usize].rows[0],
            second: rows[judged.pair.second as usize].rows[0],
            posterior: judged.posterior,
            joined: groups.leader[judged.pair.first as usize] == groups.leader[judged.pair.second as usize],
            evidence: judged.evidence.join(", "),
        })
        .collect();
    review.sort_by_key(|pair| (pair.first, pair.second));
    review
}

/// Serial numbers that stand on several units.
fn shared_serials(rows: &[Asset], keys: &[Keys], groups: &Groups) -> Vec<Finding> {
    let mut serials: Vec<(u64, u32)> = keys
        .par_iter()
        .enumerate()
        .filter(|(_, keys)| keys.serial != 0)
        .map(|(at, keys)| (keys.serial, at as u32))
        .collect();
    serials.par_sort_unstable();
    let mut told: BTreeSet<(usize, usize)> = BTreeSet::new();
    for rows in serials.chunk_by(|one, other| one.0 == other.0) {
        let first = rows[0].1 as usize;
        let others = rows.iter().map(|(_, at)| *at as usize);
        told.extend(others.filter(|at| groups.leader[*at] != groups.leader[first]).map(|at| (at, first)));
    }
    let mut units: BTreeSet<usize> = BTreeSet::new();
    let mut findings = Vec::new();
    for (at, first) in told {
        if units.insert(groups.leader[at]) {
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

/// Merges the rows of each unit, in the order of their first rows. Units move to the front of the list that holds the rows,
/// so that a fleet stands in memory once.
fn gather(rows: Vec<Asset>, kinds: &[SourceKind], groups: &Groups) -> Joined {
    let total = rows.len();
    let mut rows: Vec<Option<Asset>> = rows.into_iter().map(Some).collect();
    let mut findings = Vec::new();
    let mut position = vec![0_usize; total];
    let mut units = 0;
    for at in 0..total {
        if groups.leader[at] != at {
            continue;
        }
        let asset = match groups.members.get(&at) {
            None => rows[at].take(),
            Some(members) => {
                let of_unit: Vec<Asset> = members.iter().filter_map(|row| rows[*row].take()).collect();
                let of_rows: Vec<SourceKind> = of_unit
                    .iter()
                    .map(|row| kinds.get(row.rows[0].file).copied().unwrap_or_default())
                    .collect();
                let mut asset = merge::merge(of_unit, &of_rows);
                asset.join_confidence = groups.confidence.get(&at).copied().unwrap_or(1.0);
                findings.extend(merge::findings(&asset));
                Some(asset)
            }
        };
        position[at] = units;
        rows[units] = asset;
        units += 1;
    }
    rows.truncate(units);
    let assets: Vec<Asset> = rows.into_iter().flatten().collect();
    let became = groups.leader.iter().map(|leader| position[*leader]).collect();
    Joined { merged: total - assets.len(), assets, findings, became, review: Vec::new() }
}
