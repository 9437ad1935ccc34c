//! What a run was made from: enough to make it again and to see that nothing was lost.
//!
//! In: the fleet, the plan, models and policy. Out: JSON without a clock in it, so that the same inputs give the
//! same bytes.

use serde_json::{Value, json};

use crate::decide::{Action, Plan, Policy, Total, rates_used};
use crate::fleet::Fleet;
use crate::price::Models;
use crate::units::sha256;

/// The files that were read.
pub(super) fn inputs(fleet: &Fleet) -> Vec<Value> {
    fleet
        .files
        .iter()
        .map(|file| {
            json!({
                "path": file.path.display().to_string(),
                "table": file.table,
                "sha256": file.sha256,
                "bytes": file.bytes,
                "rows": file.rows,
                "columns_unused": file.columns_unused,
            })
        })
        .collect()
}

/// The models in use.
pub(super) fn models_used(models: &Models) -> Vec<Value> {
    models
        .iter()
        .map(|(model, fingerprint)| {
            json!({
                "class": model.class,
                "sha256": fingerprint,
                "basis": model.card.basis,
                "observations": model.card.observations,
                "last_month": model.card.last_month,
            })
        })
        .collect()
}

/// The manifest of a plan.
pub fn manifest(plan: &Plan, fleet: &Fleet, models: &Models, policy: &Policy) -> String {
    let inputs = inputs(fleet);
    let calibration = models.calibration().map(|calibration| json!(calibration));
    let models = models_used(models);
    let units = |action: Action| -> u64 {
        plan.cohorts
            .iter()
            .filter(|planned| planned.decision.action == action)
            .map(|planned| planned.cohort.units)
            .sum()
    };
    let by_action: serde_json::Map<String, Value> = Action::ALL
        .into_iter()
        .map(|action| (action.name().replace(' ', "_"), json!(units(action))))
        .collect();
    let quarters: serde_json::Map<String, Value> =
        plan.totals.by_quarter.iter().map(|(name, total)| (name.clone(), total_json(total))).collect();
    let settings = serde_json::to_value(policy).unwrap_or(Value::Null);
    let mut manifest = json!({
        "residua": env!("CARGO_PKG_VERSION"),
        "as_of": plan.as_of.to_string(),
        "currency": policy.currency,
        "inputs": inputs,
        "models": models,
        "settings_sha256": sha256(settings.to_string().as_bytes()),
        "settings": settings,
        "exchange_rates": rates_used(fleet, policy),
        "rows": {
            "in": fleet.rows_in,
            "assets": fleet.assets_in(),
            "rejects": fleet.rejects_in(),
            "merged": fleet.rows_merged,
        },
        "cohorts": plan.cohorts.len(),
        "findings": plan.findings.len(),
        "units_by_action": by_action,
        "totals": {
            "value_now": total_json(&plan.totals.value_now),
            "recovery": total_json(&plan.totals.recovery),
            "recovery_by_quarter": quarters,
            "saved_against_fixed_cycle": format!("{:.2}", plan.totals.saved_against_fixed_cycle),
        },
        "schedule": {
            "present_value": format!("{:.2}", plan.schedule.objective),
            "bound": format!("{:.2}", plan.schedule.bound),
            "gap_share_of_recovery": format!("{:.6}", plan.schedule.gap_share()),
            "conflicts": plan.schedule.conflicts.iter().map(|conflict| &conflict.message).collect::<Vec<_>>(),
        },
    });
    if let Some(calibration) = calibration {
        manifest["calibration"] = calibration;
    }
    format!("{manifest:#}\n")
}

fn total_json(total: &Total) -> Value {
    json!({
        "units": total.units,
        "expected": total.expected,
        "p10": format!("{:.2}", total.quantiles.p10),
        "p50": format!("{:.2}", total.quantiles.p50),
        "p90": format!("{:.2}", total.quantiles.p90),
    })
}
