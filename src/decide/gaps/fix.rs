//! Fixes, ranked by the money each clears.
//!
//! In: priced gaps and the table of fixes (`data/fixes.toml`). Out: [`FixOffer`]s. What one fix settles alone is its stake;
//! fixes overlap, so they are taken in the order of greatest net gain of what is still open (greedy, which for sums of
//! overlapping sets is never below 63 % of the best choice of as many: Nemhauser, Wolsey and Fisher 1978), and each gap is
//! counted under the first that settles it: the column `adds` sums to what all of them settle. Work is
//! `hours + minutes × assets / 60`, at the labour rate of the policy. A fix that asks a kind of system that already told of
//! an asset settles nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::price::{PricedGap, Stake};
use crate::catalog::AssetClass;
use crate::decide::plan::{Plan, PlanError, PlanInput};
use crate::units::{Money, MoneyError};

const FIXES: &str = include_str!("../../../data/fixes.toml");

/// The table of fixes cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("data/fixes.toml: {0}")]
pub struct FixesError(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Where {
    Fleet,
    Site,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fix {
    name: String,
    settles: Vec<String>,
    #[serde(default)]
    classes: Vec<AssetClass>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    enrolled: Option<bool>,
    at: Where,
    hours: f64,
    minutes_per_asset: f64,
    #[serde(default)]
    sample: Option<usize>,
}

#[derive(Debug, Deserialize)]
struct Table {
    fix: Vec<Fix>,
}

/// A fix with what it would settle.
#[derive(Debug, Clone, PartialEq)]
pub struct FixOffer {
    /// What to do.
    pub name: String,
    /// Where, when it is done site by site.
    pub site: Option<String>,
    /// Codes of the findings it settles.
    pub codes: Vec<&'static str>,
    /// Findings it settles by itself.
    pub findings: usize,
    /// Assets they are about.
    pub assets: usize,
    /// Findings among them that no price speaks of.
    pub unpriced: usize,
    /// What these findings cost.
    pub stake: Stake,
    /// Work, hours.
    pub hours: f64,
    /// What the work costs.
    pub work: Money,
    /// Findings that no fix before it settles.
    pub adds_findings: usize,
    /// What those cost.
    pub adds: Stake,
    /// What it adds less its work: the work of what is left for it to do.
    pub net: Stake,
}

fn table() -> Result<Vec<Fix>, FixesError> {
    toml::from_str::<Table>(FIXES).map(|table| table.fix).map_err(|error| FixesError(error.to_string()))
}

/// One fix at one place, with the gaps it settles.
struct Candidate {
    fix: usize,
    site: Option<String>,
    gaps: Vec<usize>,
}

/// What a candidate would do for the gaps that are still open.
struct Gain {
    stake: Stake,
    findings: usize,
    assets: usize,
    hours: f64,
}

/// Ranks the fixes.
pub(super) fn rank(
    input: &PlanInput<'_>,
    plan: &Plan,
    gaps: &[PricedGap],
) -> Result<Vec<FixOffer>, PlanError> {
    let fixes = table()?;
    let candidates = candidates(input, plan, gaps, &fixes);
    let rate = input.policy.gaps.labour_per_hour;
    let currency = plan.currency();
    let gain = |candidate: &Candidate, open: &[bool]| {
        let left = candidate.gaps.iter().copied().filter(|gap| open[*gap]);
        of_gaps(&fixes[candidate.fix], plan, gaps, left, currency)
    };
    let all_open = vec![true; gaps.len()];
    let mut open = all_open.clone();
    let mut gains: Vec<Gain> = candidates.iter().map(|candidate| gain(candidate, &open)).collect();
    let alone: Vec<Gain> = candidates.iter().map(|candidate| gain(candidate, &all_open)).collect();
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut offers = Vec::new();
    let net = |gain: &Gain| gain.stake.middle() - gain.hours * rate;
    while let Some(place) = (0..left.len())
        .reduce(|best, next| if net(&gains[left[next]]) > net(&gains[left[best]]) { next } else { best })
    {
        let chosen = left.remove(place);
        offers.push(offer(&fixes, &candidates[chosen], (&alone[chosen], &gains[chosen]), gaps, rate)?);
        let settled: BTreeSet<usize> =
            candidates[chosen].gaps.iter().copied().filter(|gap| std::mem::take(&mut open[*gap])).collect();
        for &other in &left {
            if candidates[other].gaps.iter().any(|gap| settled.contains(gap)) {
                gains[other] = gain(&candidates[other], &open);
            }
        }
    }
    Ok(offers)
}

/// Every fix at every place where it settles anything.
fn candidates(input: &PlanInput<'_>, plan: &Plan, gaps: &[PricedGap], fixes: &[Fix]) -> Vec<Candidate> {
    let mut found: BTreeMap<(usize, Option<String>), Vec<usize>> = BTreeMap::new();
    for (position, gap) in gaps.iter().enumerate() {
        for (fix, terms) in fixes.iter().enumerate() {
            if settles(terms, input, plan, gap) {
                let asset = &input.fleet.assets[gap.asset];
                let site = (terms.at == Where::Site)
                    .then(|| asset.site.clone().unwrap_or_else(|| "no named site".to_owned()));
                found.entry((fix, site)).or_default().push(position);
            }
        }
    }
    found.into_iter().map(|((fix, site), gaps)| Candidate { fix, site, gaps }).collect()
}

fn settles(fix: &Fix, input: &PlanInput<'_>, plan: &Plan, gap: &PricedGap) -> bool {
    let class = plan.cohorts[plan.cohort_of[gap.asset]].cohort.class;
    let files = &input.fleet.files;
    let rows = &input.fleet.assets[gap.asset].rows;
    let kind_of = |file: usize| files.get(file).map_or("", |file| file.kind.name());
    fix.settles.iter().any(|code| code == gap.code)
        && (fix.classes.is_empty() || fix.classes.contains(&class))
        && (gap.code != "DQ-14" || fix.enrolled.is_none_or(|enrolled| enrolled == gap.enrolled))
        && fix.source.as_deref().is_none_or(|source| rows.iter().all(|row| kind_of(row.file) != source))
}

fn of_gaps(
    fix: &Fix,
    plan: &Plan,
    gaps: &[PricedGap],
    left: impl Iterator<Item = usize>,
    currency: crate::units::Currency,
) -> Gain {
    let mut stake = Stake::zero(currency);
    let mut findings = 0;
    let mut assets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for gap in left.map(|position| &gaps[position]) {
        findings += 1;
        stake = gap.cost.map_or(stake, |cost| stake.plus(cost));
        assets.entry(plan.cohort_of[gap.asset]).or_default().insert(gap.asset);
    }
    let looked_at = |batch: &BTreeSet<usize>| batch.len().min(fix.sample.unwrap_or(usize::MAX));
    let minutes = fix.minutes_per_asset * assets.values().map(looked_at).sum::<usize>() as f64;
    let hours = if findings == 0 { 0.0 } else { fix.hours + minutes / 60.0 };
    Gain { stake, findings, assets: assets.values().map(BTreeSet::len).sum(), hours }
}

fn offer(
    fixes: &[Fix],
    candidate: &Candidate,
    (alone, added): (&Gain, &Gain),
    gaps: &[PricedGap],
    rate: f64,
) -> Result<FixOffer, MoneyError> {
    let fix = &fixes[candidate.fix];
    let of_fix = || candidate.gaps.iter().map(|gap| &gaps[*gap]);
    let codes: BTreeSet<&'static str> = of_fix().map(|gap| gap.code).collect();
    let less = |amount: Money| Money::from_major(amount.major() - added.hours * rate, amount.currency());
    Ok(FixOffer {
        name: fix.name.clone(),
        site: candidate.site.clone(),
        codes: codes.into_iter().collect(),
        findings: alone.findings,
        assets: alone.assets,
        unpriced: of_fix().filter(|gap| gap.cost.is_none()).count(),
        stake: alone.stake,
        hours: alone.hours,
        work: Money::from_major(alone.hours * rate, alone.stake.low.currency())?,
        adds_findings: added.findings,
        adds: added.stake,
        net: Stake { low: less(added.stake.low)?, high: less(added.stake.high)? },
    })
}

impl FixOffer {
    /// What to do and where.
    pub fn title(&self) -> String {
        match &self.site {
            Some(site) => format!("{} of {site}", self.name),
            None => self.name.clone(),
        }
    }

    /// Whether its work pays for itself at the middle of the span.
    pub fn pays(&self) -> bool {
        self.net.middle() > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_fixes_can_be_read_and_settles_known_codes_at_a_known_price() {
        let fixes = table().unwrap();
        assert!(fixes.len() >= 8);
        for fix in &fixes {
            assert!(fix.hours >= 0.0 && fix.minutes_per_asset >= 0.0, "{}", fix.name);
            for code in &fix.settles {
                assert!(crate::fleet::check_title(code).is_some(), "{}: {code}", fix.name);
            }
            let kinds = ["itam", "dcim", "discovery", "ledger", "audit"];
            assert!(fix.source.as_deref().is_none_or(|source| kinds.contains(&source)), "{}", fix.name);
        }
    }
}
