//! When a unit was bought, as a distribution over months.
//!
//! In: one asset, the facts of its product and the month from which one looks. Out: [`AcquiredMonths`]. A date of day or
//! month precision is one month. Anything else is weighed: a prior over the months in which the product was sold, times
//! the likelihood of each piece of evidence ([`evidence`]), cut at the last month in which it can have been bought:
//!
//! `P(month) ∝ sold(month) · Π likelihood(evidence | month)`
//!
//! Pieces are taken from the most reliable to the least; one that the others rule out is set aside and said to be.
//! Where there is neither a date, nor a launch, nor a piece of evidence there is no distribution: nothing is guessed.

mod acquired;
mod evidence;
mod serial;

use super::{Asset, RegisterDate};
use crate::catalog::{AssetClass, CatalogDate, Precision};
use crate::units::Month;

pub use acquired::{AcquiredMonths, AgeBasis};
pub use serial::{MadeIn, made_in};

use evidence::{Piece, Weights, pieces, sold};

/// Months before the launch of its product at which a purchase is still believed: announced, ordered, invoiced.
const EARLY_MONTHS: i32 = 3;

/// The same where only the year of the launch is known.
const EARLY_MONTHS_BY_YEAR: i32 = 12;

/// Years back that are looked at where nothing says when the product came to market.
const YEARS_BACK: i32 = 20;

/// Where nothing says when the product came to market: mean age of what stands in a register, months.
const USUAL_AGE_MONTHS: f64 = 60.0;

/// What the catalog and the policy know of a unit.
#[derive(Debug, Clone, Copy)]
pub struct SoldWhen<'a> {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Maker of the identified product.
    pub vendor: Option<&'a str>,
    /// When the product came to market.
    pub launch: Option<CatalogDate>,
    /// When its successor did.
    pub successor_launch: Option<Month>,
    /// After how many months this owner replaces such units.
    pub refresh_months: Option<u32>,
}

impl SoldWhen<'_> {
    /// The first month in which a purchase is believed.
    pub fn earliest(&self) -> Option<Month> {
        let launch = self.launch?;
        let slack = if launch.precision == Precision::Year { EARLY_MONTHS_BY_YEAR } else { EARLY_MONTHS };
        Some(launch.month.plus(-slack))
    }
}

/// When the asset was bought, as far as anything says.
pub fn acquired_months(asset: &Asset, product: &SoldWhen<'_>, as_of: Month) -> Option<AcquiredMonths> {
    // A product that is not yet on the market cannot stand in a register: the name was read wrongly, or the facts are.
    let product = &SoldWhen { launch: product.launch.filter(|launch| launch.month <= as_of), ..*product };
    let mut set_aside = Vec::new();
    let stated = stated(asset, product, as_of, &mut set_aside);
    if let Some(Stated { readings, basis, .. }) = &stated
        && let [only] = readings.as_slice()
    {
        return Some(AcquiredMonths::certain(*only, *basis, set_aside));
    }
    weigh(asset, product, as_of, stated, set_aside)
}

/// A date of the register with the months it can mean.
struct Stated {
    readings: Vec<Month>,
    basis: AgeBasis,
    words: String,
}

/// The first of purchase date and date of first use that its product allows, with what it can mean.
fn stated(
    asset: &Asset,
    product: &SoldWhen<'_>,
    as_of: Month,
    set_aside: &mut Vec<String>,
) -> Option<Stated> {
    let dates = [(asset.purchase_date, "purchase date"), (asset.in_service_date, "date of first use")];
    for (date, name) in dates.into_iter().filter_map(|(date, name)| Some((date?, name))) {
        let all = readings(date);
        let believed: Vec<Month> = all
            .iter()
            .copied()
            .filter(|month| product.earliest().is_none_or(|earliest| *month >= earliest))
            .collect();
        if believed.is_empty() {
            let launch = product.launch.map_or_else(String::new, |launch| launch.to_string());
            set_aside.push(format!("{name} {}, but its product came to market in {launch}", date.date));
            continue;
        }
        let past: Vec<Month> = believed.iter().copied().filter(|month| *month <= as_of).collect();
        let readings = match past.is_empty() {
            false => past,
            // Bought later than one looks: a matter of the plan, not of the age.
            true if believed.contains(&date.month()) => vec![date.month()],
            true => {
                set_aside
                    .push(format!("{name} {}, too early in one reading, to come in the other", date.date));
                continue;
            }
        };
        let (basis, words) = match (date.other, date.precision) {
            _ if readings.len() == 1 => (AgeBasis::Date, name.to_owned()),
            (Some(other), _) => (AgeBasis::EitherDate, format!("{name} {} or {other}", date.date)),
            (None, _) => (AgeBasis::Year, format!("{name} known to the {}", span_name(date.precision))),
        };
        return Some(Stated { readings, basis, words });
    }
    None
}

/// The months a date can mean.
fn readings(date: RegisterDate) -> Vec<Month> {
    let month = date.month();
    match date.precision {
        Precision::Day | Precision::Month => {
            let other = date.other.map(Month::from).filter(|other| *other != month);
            std::iter::once(month).chain(other).collect()
        }
        Precision::Quarter => {
            let first = month.plus(-((month.month() - 1) % 3));
            (0..3).map(|ahead| first.plus(ahead)).collect()
        }
        Precision::Year => (0..12).map(|ahead| month.plus(ahead + 1 - month.month())).collect(),
    }
}

fn span_name(precision: Precision) -> &'static str {
    if precision == Precision::Quarter { "quarter" } else { "year" }
}

/// Prior times likelihoods.
fn weigh(
    asset: &Asset,
    product: &SoldWhen<'_>,
    as_of: Month,
    stated: Option<Stated>,
    mut set_aside: Vec<String>,
) -> Option<AcquiredMonths> {
    let evidence = pieces(asset, product, as_of);
    if stated.is_none() && product.launch.is_none() && evidence.is_empty() {
        return None;
    }
    let last = [asset.last_seen, asset.last_audited]
        .into_iter()
        .flatten()
        .map(RegisterDate::month)
        .fold(as_of, Month::min);
    let mut weights =
        prior(product, stated.as_ref(), last).or_else(|| prior(product, stated.as_ref(), as_of))?;
    let mut used: Vec<Piece> = Vec::new();
    for piece in evidence {
        match weights.times(&piece) {
            Some(weighed) => {
                weights = weighed;
                used.push(piece);
            }
            None => set_aside.push(format!("{} does not go with the rest", piece.words)),
        }
    }
    let window = product.launch.map(|launch| format!("sold from {launch} on"));
    let (basis, words) = match (stated, used.first()) {
        (Some(stated), _) => (stated.basis, stated.words),
        (None, Some(first)) => (first.basis, first.words.clone()),
        (None, None) => (AgeBasis::SalesWindow, window.unwrap_or_default()),
    };
    let words = std::iter::once(words)
        .chain(used.iter().filter(|piece| piece.basis != basis).map(|piece| piece.words.clone()))
        .collect::<Vec<_>>()
        .join("; ");
    Some(AcquiredMonths::thinned(weights.normalised(), basis, words, set_aside))
}

/// What is known before any evidence: the stated months alike, else the months in which the product was sold, else
/// that old gear is rarer. `None` when no month is left.
fn prior(product: &SoldWhen<'_>, stated: Option<&Stated>, last: Month) -> Option<Weights> {
    if let Some(stated) = stated {
        return Weights::of(
            stated.readings.iter().filter(|month| **month <= last).map(|month| (*month, 1.0)),
        );
    }
    match product.launch {
        Some(launch) => sold(launch, product, last),
        None => Weights::of(
            (0..=YEARS_BACK * 12)
                .rev()
                .map(|back| (last.plus(-back), (-f64::from(back) / USUAL_AGE_MONTHS).exp())),
        ),
    }
}

#[cfg(test)]
mod tests;
