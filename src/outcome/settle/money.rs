//! What a line should have paid.
//!
//! In: a line's gross price, fees and share, the agreed terms and fees. Out: the agreed net, and its difference to the stated
//! one in three parts that add up: fees that were not agreed, another share, and the rest. With G the gross price, F all fees,
//! A those agreed, s the agreed and s' the stated share:
//!
//! `agreed = net_s(G, A)`, `fees = net_s(G, A) − net_s(G, F)`, `share = net_s(G, F) − net_s'(G, F)`,
//! `rest = net_s'(G, F) − stated`
//!
//! What was not sold has no price to share: the vendor may take its agreed fees and no more.

use super::line::Fee;
use super::terms::AgreedFees;
use crate::outcome::{FeesOrder, HandedOver, Terms};

/// Kinds of fees that a unit without data gives no cause for.
const FEES_OF_DATA: [&str; 2] = ["wipe", "shred"];

/// Money of a piece of a line, for all its units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated<'a> {
    /// None where nothing was sold.
    pub gross: Option<f64>,
    pub fees: &'a [Fee],
    pub share: Option<f64>,
    pub net: Option<f64>,
    pub units: u64,
}

/// A fee beyond what was agreed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExcessFee {
    pub kind: String,
    pub charged: f64,
    pub agreed: f64,
    /// What it took from the owner.
    pub stake: f64,
    /// Whether it is charged for data on a unit without.
    pub without_data: bool,
}

/// A stated net beside the agreed one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recomputed {
    /// By the terms and the agreed fees; for what was not sold the fees alone, below zero.
    pub agreed: f64,
    pub excess_fees: Vec<ExcessFee>,
    /// Owed because of another share; 0 for none.
    pub share: f64,
    /// Owed for no reason that the line gives; 0 where no net is stated.
    pub rest: f64,
    /// Whether the rest is what the other order of fees gives.
    pub other_order: bool,
}

/// Recomputes a piece. `arrived`: what never arrived bears no fee.
pub(super) fn recompute(
    stated: &Stated<'_>,
    handed: &HandedOver,
    terms: Terms,
    fees: &AgreedFees,
    arrived: bool,
) -> Recomputed {
    let net = |share: f64, order: FeesOrder, fees: f64| match stated.gross {
        Some(gross) => Terms { share, fees: order }.net(gross, fees),
        None => -fees,
    };
    let all: f64 = stated.fees.iter().map(|fee| fee.amount).sum();
    let excess = excess_fees(stated, handed, fees, arrived);
    let beyond: f64 = excess.iter().map(|fee| fee.charged - fee.agreed).sum();
    let by_terms = net(terms.share, terms.fees, all);
    // What the owner bears of a fee is its share of it where fees come off before the split.
    let borne =
        if stated.gross.is_some() && terms.fees == FeesOrder::BeforeSplit { terms.share } else { 1.0 };
    let excess_fees = excess
        .into_iter()
        .map(|fee| ExcessFee { stake: borne * (fee.charged - fee.agreed), ..fee })
        .collect();
    let share_stated = stated.share.filter(|_| stated.gross.is_some()).unwrap_or(terms.share);
    let by_stated = net(share_stated, terms.fees, all);
    let other = match terms.fees {
        FeesOrder::BeforeSplit => FeesOrder::AfterSplit,
        FeesOrder::AfterSplit => FeesOrder::BeforeSplit,
    };
    let tolerance = tolerance(stated.units);
    let rest = stated.net.map_or(0.0, |stated| cents(by_stated) - stated);
    let rest = match stated.gross {
        _ if rest.abs() <= tolerance => 0.0,
        // A vendor that takes less for what it could not sell owes nothing.
        None if rest < 0.0 && stated.net.is_some_and(|net| net <= tolerance) => 0.0,
        _ => rest,
    };
    let by_other =
        stated.net.is_some_and(|stated| (cents(net(share_stated, other, all)) - stated).abs() <= tolerance);
    Recomputed {
        agreed: cents(net(terms.share, terms.fees, all - beyond)),
        excess_fees,
        share: if (share_stated - terms.share).abs() > 1e-6 { by_terms - by_stated } else { 0.0 },
        rest,
        other_order: rest != 0.0 && stated.gross.is_some() && by_other,
    }
}

/// A cent a unit: vendors round unit by unit.
pub(super) fn tolerance(units: u64) -> f64 {
    // A little more, so that an exact cent is within it in binary fractions.
    0.01 * units as f64 + 1e-6
}

/// Rounded to cents, half away from zero, as statements are. The nudge keeps 128.925 from being 128.92 in binary fractions.
pub(super) fn cents(amount: f64) -> f64 {
    let nudge = amount.signum() * 1e-7;
    ((amount + nudge) * 100.0).round() / 100.0
}

fn excess_fees(
    stated: &Stated<'_>,
    handed: &HandedOver,
    agreed: &AgreedFees,
    arrived: bool,
) -> Vec<ExcessFee> {
    let excess = stated.fees.iter().filter_map(|fee| {
        let without_data = !handed.data_bearing && FEES_OF_DATA.contains(&fee.kind.as_str());
        let most = match agreed.most(&fee.kind) {
            _ if !arrived || without_data => 0.0,
            Some(most) => most * stated.units as f64,
            None => return None,
        };
        (fee.amount > most + 0.005).then(|| ExcessFee {
            kind: fee.kind.clone(),
            charged: fee.amount,
            agreed: most,
            stake: 0.0,
            without_data,
        })
    });
    excess.collect()
}
