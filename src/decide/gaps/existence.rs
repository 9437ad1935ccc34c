//! How likely a recorded unit exists.
//!
//! In: when it was last seen and audited, its state, how many sources know it, how fresh its record is. Out: a
//! probability: `ln odds = ln odds(seen_now) · (1 − m / half) + agreeing · (sources − 1) − stale`, with m the months since
//! the last sighting, or half the months since the last physical audit if that is less, and `half` the months after which
//! one unit in two is gone. A unit recorded as missing has a probability of its own. All figures: `[gaps]` of the policy.

use crate::decide::policy::{End, Gaps};
use crate::fleet::{self, Asset, RegisterDate, Status};
use crate::units::Month;

/// Probability that an asset exists. `watched`: whether others like it are seen by some system, so that never having
/// been seen says something.
pub(super) fn probability(asset: &Asset, gaps: &Gaps, as_of: Month, watched: bool, end: End) -> f64 {
    if asset.status == Status::Missing {
        return gaps.missing_exists.at(end);
    }
    let since =
        |date: Option<RegisterDate>| date.map(|date| f64::from(as_of.months_since(date.month()).max(0)));
    let unseen = since(asset.last_seen).or(watched.then_some(gaps.never_seen_months));
    let audited = since(asset.last_audited).map(|months| 0.5 * months);
    let owned = since(asset.acquired()).unwrap_or(f64::MAX);
    let months = match (unseen, audited) {
        (Some(unseen), Some(audited)) => unseen.min(audited),
        (Some(months), None) | (None, Some(months)) => months,
        (None, None) => 0.0,
    };
    let odds = (gaps.seen_now / (1.0 - gaps.seen_now)).ln();
    let files: std::collections::BTreeSet<usize> = asset.rows.iter().map(|row| row.file).collect();
    let agreeing = gaps.agreeing_source * files.len().saturating_sub(1) as f64;
    let stale = if fleet::is_stale(asset, as_of) { gaps.stale_record } else { 0.0 };
    let odds = odds * (1.0 - months.min(owned) / gaps.half_gone_months.at(end)) + agreeing - stale;
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Precision;
    use crate::decide::policy::Policy;
    use crate::fleet::RowReference;

    fn date(year: i16, month: i8) -> Option<RegisterDate> {
        let date = jiff::civil::date(year, month, 1);
        Some(RegisterDate { date, precision: Precision::Day, other: None })
    }

    fn chance(asset: &Asset) -> f64 {
        probability(asset, &Policy::built_in().gaps, "2026-11".parse().unwrap(), true, End::Usual)
    }

    #[test]
    fn the_curve_meets_its_three_published_points() {
        let seen = |year, month| Asset { last_seen: date(year, month), ..Asset::default() };
        assert!((chance(&seen(2026, 11)) - 0.97).abs() < 1e-12);
        assert!((chance(&seen(2026, 2)) - 0.898).abs() < 5e-4);
        assert!((chance(&seen(2024, 11)) - 0.5).abs() < 1e-12);
        assert_eq!(chance(&Asset { status: Status::Missing, ..Asset::default() }), 0.02);
    }

    #[test]
    fn an_audit_holds_twice_as_long_and_another_source_helps() {
        let unseen = Asset { last_seen: date(2024, 11), ..Asset::default() };
        let audited = Asset { last_audited: date(2025, 5), ..unseen.clone() };
        assert!((chance(&audited) - 0.898).abs() < 5e-4);
        let rows = vec![RowReference { file: 0, line: 2 }, RowReference { file: 1, line: 2 }];
        assert!((chance(&Asset { rows, ..unseen }) - 1.0 / (1.0 + (-1.0_f64).exp())).abs() < 1e-12);
    }
}
