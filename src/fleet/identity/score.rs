//! How likely two rows are one unit.
//!
//! In: two rows, their keys and how many rows their rarest common key stands on. Out: the posterior and the evidence in
//! words. Evidence adds up as log-likelihood ratios (Fellegi and Sunter, "A theory for record linkage", 1969):
//!
//! `ln odds = Σ weight − ln(candidates − 1) − 3`
//!
//! The weights are fixed priors and not yet estimated from data; `−3` is a prior chance of 5 % for one candidate. A
//! posterior is therefore an ordering with a scale, not a measured frequency.

use super::super::Asset;
use super::keys::{Keys, one_slip};
use super::merge::{makers_agree, models_agree};

/// Log-odds that a row's only candidate is the same unit, before any evidence.
const PRIOR: f64 = -3.0;

/// Posterior and evidence.
#[derive(Debug, Clone)]
pub(super) struct Score {
    pub posterior: f64,
    pub evidence: Vec<&'static str>,
}

/// Compares two rows.
pub(super) fn score(first: (&Asset, &Keys), second: (&Asset, &Keys), candidates: u32) -> Score {
    let mut sum = PRIOR - f64::from(candidates.max(2) - 1).ln();
    let mut evidence = Vec::new();
    let (one, other) = (first.1, second.1);
    let mut add = |weight: f64, word: &'static str| {
        sum += weight;
        evidence.push(word);
    };
    identifiers(one, other, &mut add);
    let (first, second) = (first.0, second.0);
    if first.model.is_some() && second.model.is_some() {
        if models_agree(first, second) { add(1.0, "same model") } else { add(-4.0, "other model") }
    }
    if !makers_agree(first, second) {
        add(-2.0, "other maker");
    }
    if let (Some(one), Some(other)) = (first.acquired(), second.acquired())
        && (one.date - other.date).get_days().abs() <= 60
    {
        add(1.0, "dates within 60 days");
    }
    if let (Some((one, currency)), Some((other, second))) = (first.purchase_cost, second.purchase_cost)
        && currency == second
        && (one - other).abs() <= 0.02 * one.max(other)
    {
        add(1.0, "same cost");
    }
    Score { posterior: 1.0 / (1.0 + (-sum).exp()), evidence }
}

fn identifiers(one: &Keys, other: &Keys, add: &mut impl FnMut(f64, &'static str)) {
    let both = |left: &str, right: &str| !left.is_empty() && !right.is_empty();
    if both(&one.serial, &other.serial) {
        if one.serial == other.serial {
            add(9.0, "same serial number");
        } else if one.confused == other.confused {
            add(5.0, "serial number but for letters mistaken for digits");
        } else if one_slip(&one.serial, &other.serial) {
            add(3.0, "serial number but for one slip");
        } else {
            add(-8.0, "other serial number");
        }
    }
    if both(&one.tag, &other.tag) {
        if one.tag == other.tag {
            add(6.0, "same tag");
        } else if one.bare_tag == other.bare_tag {
            add(3.0, "same tag but for what stands in front");
        } else {
            add(-6.0, "other tag");
        }
    }
    let embedded = |name: &Keys, keys: &Keys| {
        !name.in_name.is_empty() && [&keys.serial, &keys.tag].iter().any(|key| **key == name.in_name)
    };
    if both(&one.name, &other.name) && one.name == other.name {
        add(3.0, "same name");
    } else if embedded(one, other) || embedded(other, one) {
        add(3.0, "serial number or tag in the name");
    }
}
