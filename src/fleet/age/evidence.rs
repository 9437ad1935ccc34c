//! What each field of a register says about the month of purchase.
//!
//! In: an asset and its product. Out: [`Piece`]s, the most reliable first, each with its likelihood by month scaled to at most
//! one. Widths are those of the field guide: one month or two for a serial number's date code, two for a warranty,
//! four for an enrolment; the shares by which each can mislead are assumptions, each in a named constant.

use super::serial::made_in;
use super::{AgeBasis, SoldWhen};
use crate::catalog::{AssetClass, CatalogDate, Precision};
use crate::fleet::{Asset, RegisterDate};
use crate::units::Month;

/// Share of units bought so many months after the month in which they were made: built to order and shipped, or weeks in
/// a distributor's stock. An assumption: mean 1.7, standard deviation 1.4 months.
const MADE_TO_BOUGHT: [f64; 8] = [0.15, 0.38, 0.25, 0.12, 0.05, 0.025, 0.015, 0.01];

/// Share of units bought so many months before their first day of use: an assumption, mean 1 month.
const BOUGHT_TO_USED: [f64; 6] = [0.45, 0.30, 0.12, 0.07, 0.04, 0.02];

/// Standard deviation of purchase around warranty end less term, months.
const WARRANTY_SD: f64 = 2.0;

/// Warranty terms in months with their shares where the term is not told: what offices buy, and what data centres do. Assumptions.
const TERMS_OF_DEVICES: [(i32, f64); 4] = [(12, 0.15), (24, 0.05), (36, 0.70), (60, 0.10)];
const TERMS_OF_SERVERS: [(i32, f64); 4] = [(12, 0.05), (24, 0.05), (36, 0.35), (60, 0.55)];

/// Mean and so the standard deviation of the months from purchase to enrolment.
const ENROLMENT_MONTHS: f64 = 4.0;

/// Share of enrolments that are not the first: the unit was wiped, or the system is younger than the unit.
const ENROLLED_AGAIN: f64 = 0.30;

/// Mean months from purchase to the making of the record.
const RECORD_MONTHS: f64 = 3.0;

/// Share of records that came in bulk, long after.
const RECORDED_IN_BULK: f64 = 0.40;

/// Months by which a record can precede the purchase: it was on order.
const RECORDED_BEFORE: i32 = 2;

/// Mean months from the release of a firmware to the sale of units that carry it.
const FIRMWARE_MONTHS: f64 = 6.0;

/// Share of firmware that was updated after the purchase.
const FIRMWARE_UPDATED: f64 = 0.70;

/// Standard deviation of planned retirement around purchase plus the usual age at refresh, months.
const RETIREMENT_SD: f64 = 6.0;

/// Share of planned retirements that have another reason.
const RETIREMENT_OTHERWISE: f64 = 0.40;

/// Months over which a date that misleads is spread.
const MISLEADING_MONTHS: f64 = 60.0;

/// Height of the likelihood far off, against its best month: any field can be wrong.
const WRONG: f64 = 0.002;

/// Months after its successor's launch until a product is hardly sold any more, in a straight line.
const SOLD_OUT_MONTHS: f64 = 6.0;

/// Share that is still sold then, old stock and used units, and over how many months that dies out. Assumptions.
const LATE_SALES: (f64, f64) = (0.05, 12.0);

/// Height of the likelihood, against its best month, below which a piece of evidence contradicts what is already known.
const CONTRADICTS: f64 = 0.02;

/// Probability, against the likeliest month, below which a month does not speak for a piece of evidence.
const UNLIKELY: f64 = 0.01;

/// Weights by consecutive or single months, rising; not all zero.
#[derive(Debug, Clone)]
pub(super) struct Weights(Vec<(Month, f64)>);

impl Weights {
    /// `None` when all are zero.
    pub(super) fn of(months: impl Iterator<Item = (Month, f64)>) -> Option<Weights> {
        let mut months: Vec<(Month, f64)> = months.collect();
        months.sort_by_key(|(month, _)| *month);
        let total: f64 = months.iter().map(|(_, weight)| *weight).sum();
        months.iter_mut().for_each(|(_, weight)| *weight /= total);
        (total > 0.0).then_some(Weights(months))
    }

    /// Times a likelihood; `None` when the evidence contradicts what is known: nowhere that is likely so far does it reach
    /// [`CONTRADICTS`] of its height. A date code has no such threshold: it only has to be possible.
    pub(super) fn times(&self, piece: &Piece) -> Option<Weights> {
        let best = self.0.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
        let agrees = |(month, weight): &(Month, f64)| {
            piece.basis == AgeBasis::Serial || *weight >= UNLIKELY * best && piece.at(*month) >= CONTRADICTS
        };
        if !self.0.iter().any(agrees) {
            return None;
        }
        Weights::of(self.0.iter().map(|(month, weight)| (*month, weight * piece.at(*month))))
    }

    pub(super) fn normalised(self) -> Vec<(Month, f64)> {
        self.0
    }
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub basis: AgeBasis,
    pub words: String,
    likelihood: Likelihood,
}

#[derive(Debug, Clone)]
enum Likelihood {
    /// Bought so many months after one of these months.
    After { starts: Vec<Month>, lags: &'static [f64] },
    /// Bought so many months before.
    Before { end: Month, lags: &'static [f64] },
    /// Bought around one of these months.
    Around { centres: Vec<(Month, f64)>, sd: f64, flat: f64 },
    /// Bought before this month plus some, more likely shortly before.
    Until { end: Month, slack: i32, mean: f64, flat: f64 },
    /// Bought after this month, more likely shortly after; or long before.
    Since { start: Month, mean: f64, flat: f64 },
}

impl Piece {
    /// Likelihood of the evidence had the unit been bought in `month`, against the best month.
    pub(super) fn at(&self, month: Month) -> f64 {
        match &self.likelihood {
            Likelihood::After { starts, lags } => {
                let all = starts.iter().map(|start| lag(lags, month.months_since(*start)));
                all.sum::<f64>() / highest(lags)
            }
            Likelihood::Before { end, lags } => {
                (lag(lags, end.months_since(month)) / highest(lags)).max(WRONG)
            }
            Likelihood::Around { centres, sd, flat } => {
                let bells: f64 = centres
                    .iter()
                    .map(|(centre, share)| {
                        share * (-0.5 * (f64::from(month.months_since(*centre)) / sd).powi(2)).exp()
                    })
                    .sum();
                let most = centres.iter().map(|(_, share)| *share).fold(0.0, f64::max);
                // A bell of height one has the area sd·√(2π).
                let level =
                    flat / (1.0 - flat) * sd * (2.0 * std::f64::consts::PI).sqrt() / MISLEADING_MONTHS;
                bells / most + level.max(WRONG)
            }
            Likelihood::Until { end, slack, mean, flat } => {
                let before = f64::from(end.months_since(month));
                if before < -f64::from(*slack) {
                    return 0.0;
                }
                (-before.max(0.0) / mean).exp() + flat / (1.0 - flat) * mean / MISLEADING_MONTHS
            }
            Likelihood::Since { start, mean, flat } => {
                let after = f64::from(month.months_since(*start));
                let fresh = if after >= 0.0 { (-after / mean).exp() } else { 0.0 };
                fresh + flat / (1.0 - flat) * mean / MISLEADING_MONTHS
            }
        }
    }
}

fn lag(lags: &[f64], months: i32) -> f64 {
    usize::try_from(months).ok().and_then(|at| lags.get(at)).copied().unwrap_or(0.0)
}

fn highest(lags: &[f64]) -> f64 {
    lags.iter().copied().fold(0.0, f64::max)
}

/// Everything that speaks of the purchase beside the dates themselves, the most reliable first.
pub(super) fn pieces(asset: &Asset, product: &SoldWhen<'_>, as_of: Month) -> Vec<Piece> {
    let until = |date: Option<RegisterDate>, basis, name: &str, slack, mean, flat| {
        let end = date?.month();
        Some(Piece {
            basis,
            words: format!("{name} {end}"),
            likelihood: Likelihood::Until { end, slack, mean, flat },
        })
    };
    [
        serial(asset, product, as_of),
        used(asset),
        warranty(asset, product.class),
        until(asset.first_seen, AgeBasis::FirstSeen, "first seen", 0, ENROLMENT_MONTHS, ENROLLED_AGAIN),
        until(
            asset.record_created,
            AgeBasis::Record,
            "record of",
            RECORDED_BEFORE,
            RECORD_MONTHS,
            RECORDED_IN_BULK,
        ),
        retirement(asset, product),
        asset.firmware_date.map(|date| Piece {
            basis: AgeBasis::Firmware,
            words: format!("firmware of {}", date.month()),
            likelihood: Likelihood::Since {
                start: date.month(),
                mean: FIRMWARE_MONTHS,
                flat: FIRMWARE_UPDATED,
            },
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The date code; the decade is settled by the product's launch, as a purchase before it has no prior.
fn serial(asset: &Asset, product: &SoldWhen<'_>, as_of: Month) -> Option<Piece> {
    let maker = asset.manufacturer.as_deref().or(product.vendor)?;
    let made = made_in(maker, asset.serial.as_deref()?, as_of)?;
    let after_launch = |month: &Month| {
        let longest = MADE_TO_BOUGHT.len() as i32 - 1;
        product.earliest().is_none_or(|earliest| month.plus(longest) >= earliest)
    };
    let (starts, codes): (Vec<Month>, Vec<String>) =
        made.months.into_iter().zip(made.codes).filter(|(month, _)| after_launch(month)).unzip();
    (!starts.is_empty()).then(|| Piece {
        basis: AgeBasis::Serial,
        words: format!("serial date code {}", codes.join(" or ")),
        likelihood: Likelihood::After { starts, lags: &MADE_TO_BOUGHT },
    })
}

/// The first day of use, beside a purchase date that leaves the month open.
fn used(asset: &Asset) -> Option<Piece> {
    let date = asset.in_service_date.filter(|_| asset.purchase_date.is_some())?;
    let clear = date.other.is_none() && matches!(date.precision, Precision::Day | Precision::Month);
    clear.then(|| Piece {
        basis: AgeBasis::Date,
        words: format!("in service {}", date.month()),
        likelihood: Likelihood::Before { end: date.month(), lags: &BOUGHT_TO_USED },
    })
}

fn warranty(asset: &Asset, class: AssetClass) -> Option<Piece> {
    let end = asset.warranty_end?.month();
    let usual = match class {
        AssetClass::Server | AssetClass::Storage | AssetClass::Network => TERMS_OF_SERVERS,
        _ => TERMS_OF_DEVICES,
    };
    let (centres, less) = match asset.warranty_months {
        Some(term) => (vec![(end.plus(-(term.min(240) as i32)), 1.0)], term.to_string()),
        None => (
            usual.iter().map(|(term, share)| (end.plus(-term), *share)).collect(),
            "12, 24, 36 or 60".to_owned(),
        ),
    };
    Some(Piece {
        basis: AgeBasis::Warranty,
        words: format!("warranty end {end} less {less} months"),
        likelihood: Likelihood::Around { centres, sd: WARRANTY_SD, flat: 0.0 },
    })
}

fn retirement(asset: &Asset, product: &SoldWhen<'_>) -> Option<Piece> {
    let planned = asset.planned_retirement?.month();
    let months = product.refresh_months?;
    Some(Piece {
        basis: AgeBasis::Retirement,
        words: format!("planned retirement {planned} less {months} months"),
        likelihood: Likelihood::Around {
            centres: vec![(planned.plus(-(months as i32)), 1.0)],
            sd: RETIREMENT_SD,
            flat: RETIREMENT_OTHERWISE,
        },
    })
}

/// Months from a product's launch to its successor's where the catalog does not say: medians over the products of the
/// built-in catalog for which it does (211 laptops, 62 servers, 131 GPUs, 29 phones, 137 processors, 39 memory modules).
const fn usual_months_on_sale(class: AssetClass) -> i32 {
    match class {
        AssetClass::Laptop | AssetClass::Phone => 12,
        AssetClass::Server => 32,
        AssetClass::Gpu => 23,
        AssetClass::Cpu | AssetClass::Memory => 20,
        _ => 24,
    }
}

/// Share of the months in which a product was sold: even from its launch to its successor's, then running out in a
/// straight line to a rest that dies out. A launch known to the year comes in evenly over it. `None` when all lie after `last`.
pub(super) fn sold(launch: CatalogDate, product: &SoldWhen<'_>, last: Month) -> Option<Weights> {
    let spread = match launch.precision {
        Precision::Day | Precision::Month => 0,
        Precision::Quarter => 1,
        Precision::Year => 6,
    };
    let months_on_sale = product
        .successor_launch
        .map(|next| next.months_since(launch.month))
        .filter(|months| *months > spread)
        .unwrap_or(usual_months_on_sale(product.class));
    let first = launch.month.plus(-spread);
    Weights::of((0..=last.months_since(first)).map(|ahead| {
        let since = ahead - spread;
        let launched = (f64::from(ahead + 1) / f64::from(2 * spread + 1)).min(1.0);
        let late = f64::from((since - months_on_sale).max(0));
        let (left, months) = LATE_SALES;
        let still = (1.0 - late / SOLD_OUT_MONTHS).max(left * (-late / months).exp());
        (first.plus(ahead), launched * still)
    }))
}
