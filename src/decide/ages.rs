//! What findings say of ages that are not certain.
//!
//! In: the fleet's findings and the planned cohorts. Out: findings DQ-10 (no date) that say what the age rests
//! on and by how much it widens the interval; DQ-10 for dates of a year; DQ-11 for evidence that was set aside.

use std::collections::HashMap;

use super::plan::{PlanInput, PlannedCohort};
use crate::fleet::{AcquiredMonths, Asset, Finding, Severity};
use crate::units::LogNormal;

/// Half the width of the 80 % interval as a share of the median, per cent.
fn half_width(value: LogNormal) -> f64 {
    let points = value.quantiles();
    50.0 * (points.p90 - points.p10) / points.p50
}

/// `interval widened from ±18 % to ±31 %`, or that it hardly matters.
fn widening(planned: &PlannedCohort) -> String {
    let Some((known, forecast)) = planned.if_age_known.zip(planned.forecast.as_ref()) else {
        return String::new();
    };
    let (from, to) = (half_width(known), half_width(forecast.value(0)));
    if (to - from).abs() < 0.5 {
        return format!(": interval ±{to:.0} %, hardly wider for it");
    }
    format!(": interval widened from ±{from:.0} % to ±{to:.0} %")
}

/// Completes the fleet's findings about missing dates.
pub(super) fn tell(
    findings: &mut [Finding],
    input: &PlanInput<'_>,
    cohorts: &[PlannedCohort],
    cohort_of: &[usize],
) {
    let positions: HashMap<&str, usize> =
        input.fleet.assets.iter().enumerate().map(|(at, asset)| (asset.id.as_str(), at)).collect();
    for finding in findings.iter_mut().filter(|finding| finding.code == "DQ-10") {
        let Some(&at) = finding.asset_id.as_deref().and_then(|id| positions.get(id)) else { continue };
        let (asset, planned) = (&input.fleet.assets[at], &cohorts[cohort_of[at]]);
        if asset.acquired().is_none() {
            finding.message = undated(planned, &finding.message);
        }
    }
}

fn undated(planned: &PlannedCohort, message: &str) -> String {
    match &planned.cohort.acquired {
        Some(acquired) => format!("{message}; bought {acquired}{}", widening(planned)),
        None => format!("{message}, and nothing else speaks of its age"),
    }
}

/// Findings about dates of which only the year or quarter is known, and about evidence that contradicts the rest.
pub(super) fn set_aside(input: &PlanInput<'_>, cohorts: &[PlannedCohort]) -> Vec<Finding> {
    let mut found = Vec::new();
    for planned in cohorts {
        let Some(acquired) = &planned.cohort.acquired else { continue };
        if acquired.is_certain() && acquired.set_aside().is_empty() {
            continue;
        }
        for asset in planned.cohort.assets.iter().map(|index| &input.fleet.assets[*index]) {
            found.extend(of_asset(planned, acquired, asset));
        }
    }
    found
}

fn of_asset(planned: &PlannedCohort, acquired: &AcquiredMonths, asset: &Asset) -> Vec<Finding> {
    let mut found: Vec<Finding> = acquired
        .set_aside()
        .iter()
        .map(|words| {
            Finding::about(
                asset,
                "DQ-11",
                Severity::Warns,
                format!("{words}: set aside; bought {acquired}{}", widening(planned)),
                "correct the date or the model",
            )
        })
        .collect();
    let to_the_year = asset.acquired().is_some_and(|date| date.other.is_none());
    if found.is_empty() && to_the_year && !acquired.is_certain() {
        found.push(Finding::about(
            asset,
            "DQ-10",
            Severity::Notes,
            format!("bought {acquired}{}", widening(planned)),
            "write the purchase date as YYYY-MM-DD",
        ));
    }
    found
}
