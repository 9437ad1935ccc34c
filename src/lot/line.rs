//! The lines of a lot: units alike, with every way it can go for one of them.
//!
//! In: a manifest, what its units fetch by grade, their conditions under a scheme, the terms. Out: [`Line`]s, and what is
//! [`LeftOut`] with the reason. A unit of a line is locked with the chance λ, else of a grade by the mixture of its code, of
//! which a share φ turns out not to work and is for parts. In each condition the treatment of the highest expected net is
//! chosen, as it will be once the unit was audited. The log price of a unit in a month t is
//!
//! `ln P(t) = middle(t) + Σ_j s_j(t) · z_j + luck`
//!
//! with one standard normal z for the market, the curve, the product, the age of the line and the exchange rate: common to
//! all units that share it, whatever their number; the luck is the unit's own.

use std::collections::BTreeMap;

use super::manifest::Manifest;
use super::price::{Common, Price};
use super::sale::{Outcome, Treatment, Unit};
use super::scheme::{Graded, UnknownCode};
use super::terms::Terms;
use crate::catalog::AssetClass;
use crate::decide::{Standing, Valued};
use crate::fleet::{Asset, Grade, Ownership};
use crate::price::Basis;

/// In what condition a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionKind {
    /// It works, or is for parts, as its grade says.
    Graded(Grade),
    /// Nobody can use it.
    Locked,
}

/// The units of a line that are in one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which.
    pub kind: ConditionKind,
    /// Their share of the line.
    pub share: f64,
    /// Mean price in the open market by month in the currency of the bid, the common moves at their middle.
    pub prices: Vec<f64>,
    /// Variance of the log price of one unit by its own luck.
    pub luck: f64,
    /// What is done with them.
    pub treatment: Treatment,
    /// How that can go.
    pub outcomes: Vec<Outcome>,
    /// Expected net of every treatment beyond collection and processing.
    pub options: Vec<(Treatment, f64)>,
    /// Expected net were they sold on with everything else in one mixed lot.
    pub in_one_lot: f64,
}

/// Units alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Positions in the assets of the manifest, in order.
    pub assets: Vec<usize>,
    /// Units, quantities counted.
    pub units: u64,
    /// Product, or the list's own words.
    pub label: String,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Grade as stated and read.
    pub graded: Graded,
    /// Chance that a unit is locked.
    pub locked: f64,
    /// Chance that a unit stated to work does not.
    pub fails: f64,
    /// What the price rests on; nothing where the list states it.
    pub basis: Option<Basis>,
    /// What moves its units together.
    pub common: Common,
    /// Conditions with a share above 0.
    pub conditions: Vec<Condition>,
    /// Collection and processing of a unit.
    pub base_cost: f64,
    /// Units of the product in the whole lot over what the market takes in a month.
    pub units_to_depth: f64,
}

impl Line {
    /// Expected present value of the sales of a unit.
    pub fn expected_sales(&self) -> f64 {
        self.expected(|outcome, factor| factor * outcome.sales)
    }

    /// Expected cost of a unit, collection and processing included.
    pub fn expected_cost(&self) -> f64 {
        self.base_cost + self.expected(|outcome, _| outcome.cost)
    }

    /// Expected months from the purchase until a unit is sold or recycled.
    pub fn expected_months(&self) -> f64 {
        self.expected(|outcome, _| outcome.month as f64)
    }

    /// Expected price of a unit in the open market when the lot is listed, over its conditions.
    pub fn market_price(&self, listed: usize) -> f64 {
        let price = |condition: &Condition| condition.share * price_at(&condition.prices, listed);
        self.common.mean_factor(listed) * self.conditions.iter().map(price).sum::<f64>()
    }

    /// A mean over conditions and outcomes.
    pub(super) fn expected(&self, of: impl Fn(&Outcome, f64) -> f64) -> f64 {
        let mut sum = 0.0;
        for condition in &self.conditions {
            for outcome in &condition.outcomes {
                let factor = self.common.mean_factor(outcome.month);
                sum += condition.share * outcome.chance * of(outcome, factor);
            }
        }
        sum
    }
}

fn price_at(prices: &[f64], month: usize) -> f64 {
    prices.get(month).or(prices.last()).copied().unwrap_or(0.0)
}

/// Units that count for nothing, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// Positions in the assets of the manifest.
    pub assets: Vec<usize>,
    /// Units.
    pub units: u64,
    /// The list's own words.
    pub label: String,
    /// Why.
    pub reason: String,
    /// What would bring them in.
    pub remedy: &'static str,
}

/// What lines are made from.
pub(super) struct Offered<'a> {
    pub manifest: &'a Manifest,
    pub valued: &'a [Valued],
    /// Condition of every asset, or the code that cannot be read.
    pub graded: &'a [Result<Graded, UnknownCode>],
    pub terms: &'a Terms,
}

/// Lines in the order of their first asset, and what is left out.
pub(super) fn lines(offered: &Offered<'_>) -> (Vec<Line>, Vec<LeftOut>) {
    let mut of_product: BTreeMap<(AssetClass, &str), u64> = BTreeMap::new();
    for valued in offered.valued.iter().filter(|valued| valued.cohort.standing == Standing::InPlan) {
        *of_product.entry((valued.cohort.class, &valued.cohort.label)).or_default() += valued.cohort.units;
    }
    let (mut lines, mut left_out) = (Vec::new(), Vec::new());
    for valued in offered.valued {
        for assets in alike(offered, valued) {
            let total = of_product.get(&(valued.cohort.class, valued.cohort.label.as_str())).copied();
            match line(offered, valued, &assets, total.unwrap_or(0)) {
                Ok(line) => lines.push(line),
                Err((reason, remedy)) => {
                    let units = units(offered.manifest, &assets);
                    let label = valued.cohort.label.clone();
                    left_out.push(LeftOut { assets, units, label, reason, remedy });
                }
            }
        }
    }
    lines.sort_by_key(|line: &Line| line.assets[0]);
    left_out.sort_by_key(|left: &LeftOut| left.assets[0]);
    (lines, left_out)
}

fn units(manifest: &Manifest, assets: &[usize]) -> u64 {
    assets.iter().map(|at| u64::from(manifest.fleet.assets[*at].quantity)).sum()
}

/// The assets of a cohort in groups of one grade, lock and stated price.
fn alike(offered: &Offered<'_>, valued: &Valued) -> Vec<Vec<usize>> {
    let manifest = offered.manifest;
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    for &at in &valued.cohort.assets {
        let words = match &offered.graded[at] {
            Ok(graded) => &graded.words,
            Err(unknown) => &unknown.code,
        };
        let key = format!(
            "{words}|{:?}|{:?}|{:?}",
            manifest.locked.get(&at),
            manifest.fleet.assets[at].enrolled,
            manifest.prices.get(&at)
        );
        match positions.get(&key) {
            Some(position) => groups[*position].1.push(at),
            None => {
                positions.insert(key.clone(), groups.len());
                groups.push((key, vec![at]));
            }
        }
    }
    groups.into_iter().map(|(_, assets)| assets).collect()
}

type Reason = (String, &'static str);

fn line(
    offered: &Offered<'_>,
    valued: &Valued,
    assets: &[usize],
    units_of_product: u64,
) -> Result<Line, Reason> {
    let (terms, cohort) = (offered.terms, &valued.cohort);
    let first = assets[0];
    let asset = &offered.manifest.fleet.assets[first];
    refuse_what_is_not_for_sale(asset, cohort.standing)?;
    let graded =
        offered.graded[first].clone().map_err(|unknown| (unknown.to_string(), UnknownCode::REMEDY))?;
    let lot = &terms.policy;
    let of_class = |values: &crate::decide::ByClass<f64>| values.of(cohort.class).unwrap_or(0.0);
    let fails = if graded.tested { 0.0 } else { of_class(&lot.fails) };
    let locked = lock_chance(valued, asset, offered.manifest.locked.get(&first).copied());
    let months = terms.months();
    let price = match (offered.manifest.prices.get(&first), &valued.by_grade) {
        (Some(stated), _) => Price::stated(*stated, valued, &graded, terms, months),
        (None, Some(forecasts)) => Price::forecast(forecasts, valued, terms, months),
        (None, None) => return Err(nothing_speaks_of(asset)),
    };
    let depth = &valued.policy.depth;
    let in_a_month = depth.units_of(&cohort.label, cohort.class).unwrap_or(f64::INFINITY);
    let parts = parts(valued, &price, terms, months);
    let unit = Unit {
        prices: &[],
        parts: &parts,
        teardown: valued.policy.parts.teardown_per_part
            * valued.parts.iter().map(|part| part.count).sum::<f64>(),
        parts_kept: valued.policy.parts.kept_share,
        refurbishing: of_class(&lot.refurbishing),
        recycling: valued.policy.recycle.cost,
        units_to_depth: units_of_product as f64 / in_a_month,
        price_fall: depth.price_fall,
    };
    let conditions = conditions(&price, &unit, &graded, (fails, locked), terms);
    Ok(Line {
        assets: assets.to_vec(),
        units: units(offered.manifest, assets),
        label: cohort.label.clone(),
        class: cohort.class,
        graded,
        locked,
        fails,
        basis: price.basis,
        common: price.common,
        conditions,
        base_cost: of_class(&lot.processing) + of_class(&lot.freight),
        units_to_depth: unit.units_to_depth,
    })
}

fn refuse_what_is_not_for_sale(asset: &Asset, standing: Standing) -> Result<(), Reason> {
    if standing != Standing::InPlan {
        return Err((format!("not for sale: {}", standing.name()), "correct its status, or strike it off"));
    }
    if asset.ownership == Ownership::Leased || asset.lease_reference.is_some() {
        return Err(("not for sale: leased".to_owned(), "have the lessor's release, or strike it off"));
    }
    Ok(())
}

fn nothing_speaks_of(asset: &Asset) -> Reason {
    let why = match (asset.purchase_cost, asset.acquired()) {
        (Some(_), None) => "product unknown, cost without a date",
        (None, Some(_)) => "product unknown, date without a cost",
        _ => "product unknown, no cost and no price",
    };
    (why.to_owned(), "name the product, or state `cost` and `bought`, or `price`")
}

/// What the list says of a lock; else what is believed of its class, or of units that device management holds.
fn lock_chance(valued: &Valued, asset: &Asset, stated: Option<bool>) -> f64 {
    let gaps = &valued.policy.gaps;
    match (stated, asset.enrolled) {
        (Some(true), _) => 1.0 - gaps.release_works.usual,
        (Some(false), _) | (None, Some(false)) => 0.0,
        (None, Some(true)) => gaps.not_released.usual,
        (None, None) => gaps.locked.of(valued.cohort.class).map_or(0.0, |locked| locked.usual),
    }
}

/// Mean price of all parts by month, the common moves of the whole at their middle: the parts are as unsure as the whole.
fn parts(valued: &Valued, price: &Price, terms: &Terms, months: usize) -> Vec<f64> {
    if valued.parts.is_empty() || !valued.policy.parts.offered {
        return Vec::new();
    }
    let of_all = |month: usize| -> f64 { valued.parts.iter().map(|part| part.mean_of_all(month)).sum() };
    (0..months).map(|month| terms.per_dollar * of_all(month) / price.common.mean_factor(month)).collect()
}

/// The conditions of a line, each with its best treatment.
fn conditions(
    price: &Price,
    unit: &Unit<'_>,
    graded: &Graded,
    (fails, locked): (f64, f64),
    terms: &Terms,
) -> Vec<Condition> {
    let mixture = graded.mixture.with_failures(fails);
    let mut found = Vec::new();
    for grade in Grade::ALL {
        let share = (1.0 - locked) * mixture.share(grade);
        if share > 0.0 {
            let refurbishing = if grade == Grade::ForParts { 0.0 } else { unit.refurbishing };
            let unit = Unit { prices: &price.by_grade[grade as usize], refurbishing, ..*unit };
            let kind = ConditionKind::Graded(grade);
            found.push(condition(kind, share, &unit, price.luck[grade as usize], price, terms));
        }
    }
    if locked > 0.0 {
        let months = price.by_grade[0].len();
        let usual = |month: usize| -> f64 {
            Grade::ALL
                .iter()
                .map(|grade| graded.mixture.share(*grade) * price.by_grade[*grade as usize][month])
                .sum()
        };
        let prices: Vec<f64> = (0..months).map(|month| terms.policy.locked_price * usual(month)).collect();
        let unit = Unit { prices: &prices, refurbishing: 0.0, ..*unit };
        let luck = price.luck[graded.mixture.most_likely() as usize];
        found.push(condition(ConditionKind::Locked, locked, &unit, luck, price, terms));
    }
    found
}

fn condition(
    kind: ConditionKind,
    share: f64,
    unit: &Unit<'_>,
    luck: f64,
    price: &Price,
    terms: &Terms,
) -> Condition {
    let net = |outcomes: &[Outcome], factor: f64| -> f64 {
        let of = |one: &Outcome| {
            one.chance * (factor * price.common.mean_factor(one.month) * one.sales - one.cost)
        };
        outcomes.iter().map(of).sum()
    };
    let offered = Treatment::ALL
        .into_iter()
        .filter_map(|treatment| Some((treatment, unit.outcomes(treatment, terms)?)));
    let mut best: Option<(Treatment, Vec<Outcome>, f64)> = None;
    let (mut options, mut in_one_lot) = (Vec::new(), f64::NEG_INFINITY);
    for (treatment, outcomes) in offered {
        let expected = net(&outcomes, 1.0);
        options.push((treatment, expected));
        in_one_lot = match treatment {
            Treatment::ToDealer => net(&outcomes, terms.policy.mixed_lot_factor),
            // Without a dealer there is nobody who takes the lot.
            Treatment::Scrap if in_one_lot == f64::NEG_INFINITY => expected,
            _ => in_one_lot,
        };
        if best.as_ref().is_none_or(|(_, _, so_far)| expected > *so_far) {
            best = Some((treatment, outcomes, expected));
        }
    }
    let (treatment, outcomes, _) = best.unwrap_or((Treatment::Scrap, Vec::new(), 0.0));
    Condition { kind, share, prices: unit.prices.to_vec(), luck, treatment, outcomes, options, in_one_lot }
}
