//! What a vendor's settlement says of the units that were handed over, and what to dispute in it.
//!
//! In: a settlement of any layout ([`read`]), what was handed over with its terms and forecasts, and an erasure report if
//! there is one ([`erasure`]). Out: a [`Settled`]: an [`Outcome`] for every line ([`pairs`] says which hand-over it speaks of),
//! the net by the agreed terms ([`money`]), what differs ([`check`]), and forecast against actual ([`forecast`]). Nothing is
//! taken silently: `rows in = lines + rejects + totals`, every line has an outcome, unsold units are pending and never zero.

mod check;
mod check_data;
mod check_unit;
mod difference;
mod disposed;
mod erasure;
mod error;
mod forecast;
mod layout;
mod line;
mod money;
mod pairs;
mod read;
mod request;
mod row;
mod same_model;
mod statement;
mod terms;

use std::collections::{BTreeMap, BTreeSet};

pub use difference::{Difference, DifferenceKind};
pub use disposed::disposed;
pub use erasure::{ErasedDrive, ErasureReport};
pub use error::SettleError;
pub use forecast::{Against, AgainstTotal, ForecastAgainstActual, Side, Verdict};
pub use layout::Layout;
pub use line::{Doubt, Fee, SettlementLine, TotalsRow};
pub use pairs::MatchedBy;
pub use read::{RejectedRow, Settlement, read_settlement, read_settlement_bytes};
pub use request::{Request, read_request};
pub use terms::{AgreedFees, parse_terms};

use super::{Disposition, HandedOver, Outcome, Receipt, Terms};
use crate::catalog::Matcher;
use crate::units::Currency;
use same_model::Models;

/// Memory and storage of a unit as it was handed over, in gigabytes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Configuration {
    pub ram_gb: Option<f64>,
    pub storage_gb: Option<f64>,
}

/// In which scheme a vendor grades, where the settlement does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GradeScheme {
    /// Letters A to D; codes such as C4 are not read, for they are good in one scheme and bad in another.
    #[default]
    Letters,
    /// SERI REC: C0 to C9 and F1 to F6, the higher the better.
    Rec,
}

/// Everything a settlement is held against.
#[derive(Debug)]
pub struct Agreed<'a> {
    /// What was handed over.
    pub handed: &'a [HandedOver],
    /// What is known of configurations, by request and line.
    pub configurations: &'a BTreeMap<(String, u32), Configuration>,
    /// Terms in place of those of the hand-overs.
    pub terms: Option<Terms>,
    /// Fees agreed for one unit.
    pub fees: &'a AgreedFees,
    /// How the vendor grades.
    pub grade_scheme: GradeScheme,
    /// What earlier settlements say of the units, by request and line.
    pub before: &'a BTreeMap<(String, u32), Before>,
    /// Tells models apart.
    pub matcher: &'a Matcher,
}

/// A line, or units of it, with what it was matched to.
#[derive(Debug, Clone, PartialEq)]
pub struct SettledLine {
    /// The record that is filed.
    pub outcome: Outcome,
    /// By what it was matched; none for an extra.
    pub matched_by: Option<MatchedBy>,
    /// Whether it tells of a part of the unit.
    pub is_part: bool,
    /// Whether its units had been settled by a line before.
    pub is_twice: bool,
}

/// A settlement held against what was agreed.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// One for every line; several for a line of units that were handed over one by one.
    pub lines: Vec<SettledLine>,
    /// What to dispute and to confirm, in the order of the file.
    pub differences: Vec<Difference>,
    /// What was forecast and what came.
    pub forecasts: ForecastAgainstActual,
    /// Currency of the statement: of its lines, or of what was handed over.
    pub currency: Currency,
}

impl Settled {
    /// Money at stake in one currency, by what the differences say; what nobody can price is left out.
    pub fn at_stake(&self) -> BTreeMap<Currency, f64> {
        let mut sums = BTreeMap::new();
        for difference in self.differences.iter().filter(|difference| difference.kind.is_dispute()) {
            *sums.entry(difference.currency).or_insert(0.0) += difference.stake.unwrap_or(0.0);
        }
        sums
    }
}

/// Holds a settlement against what was agreed.
pub fn settle(settlement: &Settlement, erasure: Option<&ErasureReport>, agreed: &Agreed<'_>) -> Settled {
    let models = Models::new(agreed.matcher);
    let currency = statement_currency(settlement, agreed.handed);
    let pieces = pairs::pieces(&settlement.lines, agreed.handed, &models);
    let mut lines = Vec::with_capacity(pieces.len());
    let mut differences = Vec::new();
    let mut also_disputed = BTreeSet::new();
    for piece in &pieces {
        let checked = check::check(settlement, piece, erasure, agreed, &models, currency);
        if let Some(first) = piece.twice.filter(|_| checked.disputes()) {
            also_disputed.insert(settlement.lines[first].file_line);
        }
        differences.extend(checked.differences);
        lines.push(checked.line);
    }
    for line in lines.iter_mut().filter(|line| also_disputed.contains(&line.outcome.file_line)) {
        line.outcome.disputed = true;
    }
    differences.extend(statement::totals(settlement, currency));
    differences.sort_by_key(|difference| difference.file_line.unwrap_or(u64::MAX));
    differences.extend(statement::missing(&lines, agreed));
    let forecasts = forecast::compare(&lines, agreed.handed);
    Settled { lines, differences, forecasts, currency }
}

/// Units of one line of a request that other settlements have spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Before {
    /// Sold whole.
    pub sold: u64,
    /// Ended in any way, those sold whole among them: nobody waits for them any more.
    pub ended: u64,
}

/// What the outcomes of other settlements than this one say, by request and line.
pub fn settled_before(outcomes: &[Outcome], settlement: &str) -> BTreeMap<(String, u32), Before> {
    let mut found: BTreeMap<(String, u32), Before> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.settlement != settlement) {
        let Some(key) = &outcome.handed_over else { continue };
        let before = found.entry(key.clone()).or_default();
        let whole = outcome.disposition != Disposition::SoldAsParts;
        before.sold += if whole && outcome.gross.is_some() { outcome.quantity } else { 0 };
        let open = outcome.disposition == Disposition::Pending || outcome.receipt == Receipt::NotReceived;
        before.ended += if open { 0 } else { outcome.quantity };
    }
    found
}

/// The currency of most lines; of the first hand-over where none says.
fn statement_currency(settlement: &Settlement, handed: &[HandedOver]) -> Currency {
    let mut counts: BTreeMap<Currency, usize> = BTreeMap::new();
    for currency in settlement.lines.iter().filter_map(|line| line.currency) {
        *counts.entry(currency).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, count)| **count).map(|(currency, _)| *currency);
    most.or(handed.first().map(|one| one.currency)).unwrap_or(Currency::USD)
}
