//! How likely two rows are one unit.
//!
//! In: two rows and their keys. Out: the log-odds that they are one unit, taken by themselves, and the evidence in words. Evidence adds up as log-likelihood ratios (Fellegi and Sunter, "A theory for record linkage", 1969):
//!
//! `ln odds = Σ weight − 3`
//!
//! A weight is `ln(m / u)`: how often the two rows of one unit agree so, over how often those of two units do. The weights
//! are rounded priors of the field, not estimates from the fleet at hand; `−3` is a chance of 5 % for a
//! candidate before it is looked at. How often joins of a given posterior are right is measured on invented fleets
//! (`tests/identity.rs`).

use super::super::Asset;
use super::super::words::fold;
use super::keys::{Keys, Slip, one_slip};
use super::merge::{makers_agree, models_agree};

/// Log-odds that a row's only candidate is the same unit, before any evidence.
const PRIOR: f64 = -3.0;

/// Log-odds and evidence.
#[derive(Debug, Clone)]
pub(super) struct Score {
    pub log_odds: f64,
    pub evidence: Vec<&'static str>,
}

/// Compares two rows.
pub(super) fn score(first: (&Asset, &Keys), second: (&Asset, &Keys)) -> Score {
    let mut sum = PRIOR;
    let mut evidence = Vec::new();
    let mut add = |weight: f64, word: &'static str| {
        sum += weight;
        evidence.push(word);
    };
    identifiers(first, second, &mut add);
    let (first, second) = (first.0, second.0);
    if first.model.is_some() && second.model.is_some() {
        if models_agree(first, second) { add(1.0, "same model") } else { add(-4.0, "other model") }
    }
    if !makers_agree(first, second) {
        add(-2.0, "other maker");
    }
    if let (Some(one), Some(other)) = (first.acquired(), second.acquired()) {
        match (one.date - other.date).get_days().abs() {
            0 => add(2.0, "same day of purchase"),
            1..=60 => add(1.0, "dates within 60 days"),
            days if days > 400 => add(-1.0, "dates over a year apart"),
            _ => {}
        }
    }
    if let (Some((one, currency)), Some((other, second))) = (first.purchase_cost, second.purchase_cost)
        && currency == second
    {
        if (one - other).abs() <= 0.02 * one.max(other) {
            add(1.0, "same cost");
        } else {
            add(-2.0, "other cost");
        }
    }
    places(first, second, &mut add);
    Score { log_odds: sum, evidence }
}

/// Where they are: the same spot of one site is telling, the same site alone is not. Another spot says little of units that
/// move or are named differently, and more of those that share no identifier.
fn places(first: &Asset, second: &Asset, add: &mut impl FnMut(f64, &'static str)) {
    let spot = |asset: &Asset| asset.location.as_deref().map(fold).filter(|spot| !spot.is_empty());
    let site = |asset: &Asset| asset.site.as_deref().map(fold);
    let (Some(one), Some(other)) = (spot(first), spot(second)) else { return };
    let sites_agree = match (site(first), site(second)) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    match (one == other, sites_agree) {
        (true, true) if site(first).as_ref() != Some(&one) => add(2.5, "same place"),
        (true, true) => add(0.5, "same site"),
        _ => add(-1.5, "other place"),
    }
}

fn identifiers(first: (&Asset, &Keys), second: (&Asset, &Keys), add: &mut impl FnMut(f64, &'static str)) {
    let (one, other) = (first.1, second.1);
    if let (Some(serial), Some(other_serial)) = (&first.0.serial, &second.0.serial) {
        if one.serial == other.serial {
            add(9.0, "same serial number");
        } else if one.confused == other.confused {
            match one_slip(&fold(serial), &fold(other_serial)) {
                // The next of a series can look like the same one misread.
                Some(Slip::InSeries) => add(2.0, "serial number but for a last letter mistaken for a digit"),
                _ => add(6.0, "serial number but for letters mistaken for digits"),
            }
        } else {
            match one_slip(&fold(serial), &fold(other_serial)) {
                Some(Slip::Typing) => add(3.0, "serial number but for one slip"),
                Some(Slip::InSeries) => add(-3.0, "serial number but for one of its last characters"),
                None => add(-8.0, "other serial number"),
            }
        }
    }
    if let (Some(tag), Some(other_tag)) = (&first.0.tag, &second.0.tag) {
        if one.tag == other.tag {
            add(6.0, "same tag");
        } else if one.bare_tag == other.bare_tag {
            add(3.0, "same tag but for what stands in front");
        } else {
            match one_slip(&fold(tag), &fold(other_tag)) {
                Some(Slip::Typing) => add(-1.0, "tag but for one slip"),
                _ => add(-6.0, "other tag"),
            }
        }
    }
    let embedded =
        |name: &Keys, keys: &Keys| name.in_name != 0 && [keys.serial, keys.tag].contains(&name.in_name);
    if one.name != 0 && one.name == other.name {
        add(4.0, "same name");
    } else if embedded(one, other) || embedded(other, one) {
        add(4.0, "serial number or tag in the name");
    } else if one.in_name != 0 && other.in_name != 0 && one.in_name != other.in_name {
        add(-3.0, "other identifier in the name");
    }
}
