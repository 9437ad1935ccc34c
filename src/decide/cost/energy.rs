//! Energy: `watts × (idle share + (1 − idle share) × load) / 1000 × 730 h × PUE × tariff`. The power usage
//! effectiveness of the building counts for what stands in a data centre.

use super::Holding;
use crate::catalog::AssetClass;
use crate::decide::policy::Policy;

/// Hours in a month, 8,760 / 12.
pub(in crate::decide) const HOURS_A_MONTH: f64 = 730.0;

/// Energy of one month in use, kWh at the meter of the building.
pub(super) fn kwh_monthly(unit: &Holding, policy: &Policy) -> f64 {
    let load = unit.utilization.unwrap_or(policy.energy.usual_utilization);
    let idle = policy.energy.idle_share;
    let pue = match unit.class {
        AssetClass::Server | AssetClass::Gpu | AssetClass::Storage | AssetClass::Network => policy.energy.pue,
        _ => 1.0,
    };
    let kilowatts = unit.power_w * (idle + (1.0 - idle) * load) / 1000.0;
    kilowatts * HOURS_A_MONTH * pue
}
