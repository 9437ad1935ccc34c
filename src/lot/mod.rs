//! What to bid for a lot of used gear, and what one could lose.
//!
//! In: a [`Manifest`] (a register of any system, or a bare list), the models and the policy. Out: a [`Lot`]: the bid at a
//! margin and a chance of loss, what it means, prices by line that add to it, what to do with each line, how fast it sells.
//! The road: conditions under a grade scheme ([`scheme`]), prices by condition ([`line`](mod@line)), ways to sell
//! ([`sale`]), joint draws ([`mod@simulate`]), the bid ([`bid`]), and beside it a revenue share ([`share`]) and the split
//! ([`split`]). Profit in a draw is the present value at the purchase, at the rate that financing the stock costs:
//!
//! `profit = Σ sales − collection and processing − refurbishing − selling costs − bid`.

pub mod bid;
mod count;
mod disposed;
pub mod line;
pub mod manifest;
pub mod price;
pub mod sale;
pub mod scheme;
pub mod share;
pub mod simulate;
pub mod split;

mod terms;

pub use bid::{Bid, Judged, Limit};
pub use line::{Condition, ConditionKind, LeftOut, Line};
pub use manifest::Manifest;
pub use sale::Treatment;
pub use scheme::{Graded, Mixture, SchemeError, Schemes, Stated, UnknownCode};
pub use share::{Deal, Sharing};
pub use simulate::{Draws, simulate};
pub use split::SplitLine;
pub use terms::{Asked, DRAWS, Terms};

use crate::decide::{self, PlanError, PlanInput};
use crate::fleet::{Finding, ReadError, Severity, StatedGrade};
use crate::units::{CurrencyError, Money, MoneyError, Month, Work};
use bid::Outlook;

/// Everything a bid is made from.
#[derive(Debug, Clone, Copy)]
pub struct LotInput<'a> {
    /// The fleet of the manifest with catalog, models and policy.
    pub plan: PlanInput<'a>,
    /// What is offered.
    pub manifest: &'a Manifest,
    /// The grade scheme of rows that name none.
    pub scheme: Option<&'a str>,
    /// What is asked for on top of the policy.
    pub asked: Asked,
}

/// A lot with its bid.
#[derive(Debug, Clone)]
pub struct Lot {
    /// The month of the purchase.
    pub as_of: Month,
    /// Terms of the bid.
    pub terms: Terms,
    /// What counts.
    pub lines: Vec<Line>,
    /// What does not, and why.
    pub left_out: Vec<LeftOut>,
    /// What is wrong with the list.
    pub findings: Vec<Finding>,
    /// The bid.
    pub bid: Bid,
    /// What the price that was asked about means.
    pub asked: Option<Judged>,
    /// A share of the revenue beside the bid.
    pub sharing: Option<Sharing>,
    /// What becomes of the lines, in their order.
    pub split: Vec<SplitLine>,
    /// How fast it sells.
    pub sell_through: Vec<MonthSold>,
    /// Share of the variance of the profit that is each unit's own luck.
    pub own_luck: f64,
}

impl Lot {
    /// Units that count.
    pub fn units(&self) -> u64 {
        self.lines.iter().map(|line| line.units).sum()
    }
}

/// One month of selling, expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthSold {
    /// Months after the purchase.
    pub month: usize,
    /// Units sold in it.
    pub sold: f64,
    /// Units recycled in it.
    pub recycled: f64,
    /// Money that comes in, not discounted.
    pub cash: f64,
}

/// A lot that cannot be priced.
#[derive(Debug, thiserror::Error)]
pub enum LotError {
    /// A manifest that cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Grades that cannot be read.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// Units that cannot be valued.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A currency without a rate.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// An amount beyond all measure.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A flag beyond its range.
    #[error("{flag} {value} must be between {least} and {most}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// Its value.
        value: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
    /// Nothing to bid for.
    #[error("none of the {units} units can be priced; the first: {label}: {reason} ({remedy})")]
    NothingPriced {
        /// Units offered.
        units: u64,
        /// The first of them.
        label: String,
        /// Why not.
        reason: String,
        /// What would help.
        remedy: &'static str,
    },
}

/// Makes the bid for a lot.
pub fn lot(input: &LotInput<'_>) -> Result<Lot, LotError> {
    lot_watched(input, Work::unwatched())
}

/// Makes the bid for a lot while somebody looks on.
///
/// # Errors
/// As [`lot`], and [`PlanError::Cancelled`] in it when it is no longer wanted.
pub fn lot_watched(input: &LotInput<'_>, work: Work<'_>) -> Result<Lot, LotError> {
    let terms = Terms::new(input.plan.policy, input.asked)?;
    let (lines, left_out) = lines(input, &terms, work)?;
    if lines.is_empty() {
        return Err(nothing_priced(&left_out));
    }
    let draws = simulate(&lines, &terms, work).map_err(PlanError::from)?;
    let outlook = Outlook::of(&lines, &draws, &terms);
    let bid = outlook.bid(&lines)?;
    let asked = match terms.bid {
        Some(price) => Some(outlook.judge(Money::from_major(price, terms.currency)?)),
        None => None,
    };
    let units = lines.iter().map(|line| line.units).sum();
    Ok(Lot {
        as_of: input.plan.as_of,
        sharing: share::sharing(&draws, units, &bid, &terms),
        split: split::split(&lines),
        sell_through: sell_through(&lines, &terms),
        own_luck: simulate::own_luck_share(&lines, &draws),
        findings: findings(input.manifest, &left_out),
        bid,
        asked,
        lines,
        left_out,
        terms,
    })
}

/// The lines of a lot and what is left out.
pub fn lines(
    input: &LotInput<'_>,
    terms: &Terms,
    work: Work<'_>,
) -> Result<(Vec<Line>, Vec<LeftOut>), LotError> {
    let graded = graded(input)?;
    let valued = decide::value_by_grade(&input.plan, terms.months(), work)?;
    let offered = line::Offered { manifest: input.manifest, valued: &valued, graded: &graded, terms };
    Ok(line::lines(&offered))
}

/// The condition of every asset. A grade that only another row of the unit states is a letter already.
fn graded(input: &LotInput<'_>) -> Result<Vec<Result<Graded, UnknownCode>>, LotError> {
    let assets = &input.manifest.fleet.assets;
    let letters: Vec<Option<StatedGrade>> = assets
        .iter()
        .map(|asset| {
            let letter = asset.grade.filter(|_| asset.stated_grade.is_none())?;
            Some(StatedGrade { code: letter.name().to_owned(), scheme: Some("letters".to_owned()) })
        })
        .collect();
    let stated: Vec<Stated<'_>> = assets
        .iter()
        .zip(&letters)
        .map(|(asset, letter)| Stated {
            grade: asset.stated_grade.as_deref().or(letter.as_ref()),
            line: asset.rows.first().map_or(0, |row| row.line),
        })
        .collect();
    Ok(Schemes(&input.plan.policy.lot.schemes).read(&stated, input.scheme)?)
}

fn nothing_priced(left_out: &[LeftOut]) -> LotError {
    let first = left_out.first();
    LotError::NothingPriced {
        units: left_out.iter().map(|left| left.units).sum(),
        label: first.map_or_else(String::new, |left| left.label.clone()),
        reason: first.map_or_else(String::new, |left| left.reason.clone()),
        remedy: first.map_or("", |left| left.remedy),
    }
}

/// What was found on reading, and what is left out. The grade is read here by its scheme, so what the register's reader
/// made of it does not count.
fn findings(manifest: &Manifest, left_out: &[LeftOut]) -> Vec<Finding> {
    let assets = &manifest.fleet.assets;
    let read = manifest.fleet.findings.iter().filter(|finding| !matches!(finding.code, "DQ-12" | "DQ-13"));
    let mut found: Vec<Finding> = left_out
        .iter()
        .map(|left| {
            let message =
                format!("{} × {}: {}; not priced, counted at zero", left.units, left.label, left.reason);
            Finding::about(&assets[left.assets[0]], "DQ-17", Severity::Warns, message, left.remedy)
        })
        .collect();
    let ungraded =
        assets.iter().filter(|asset| asset.grade.is_none() && asset.stated_grade.is_none()).count();
    if ungraded > 0 {
        found.push(Finding::about_many(
            "DQ-12",
            Severity::Notes,
            ungraded,
            format!("{ungraded} rows state no grade: the usual mixture of conditions is taken"),
            "grade a sample of each kind and name the scheme",
        ));
    }
    found.extend(read.cloned());
    found
}

/// Expected sales by month.
fn sell_through(lines: &[Line], terms: &Terms) -> Vec<MonthSold> {
    let none = |month| MonthSold { month, sold: 0.0, recycled: 0.0, cash: 0.0 };
    let mut months: Vec<MonthSold> = Vec::new();
    for line in lines {
        for condition in &line.conditions {
            for outcome in &condition.outcomes {
                while months.len() <= outcome.paid.max(outcome.month) {
                    months.push(none(months.len()));
                }
                let units = line.units as f64 * condition.share * outcome.chance;
                let month = &mut months[outcome.month];
                if outcome.sold {
                    month.sold += units;
                } else {
                    month.recycled += units;
                }
                let factor = line.common.mean_factor(outcome.month);
                months[outcome.paid].cash +=
                    units * factor * outcome.sales / terms.discount.powi(outcome.paid as i32);
            }
        }
    }
    months
}
