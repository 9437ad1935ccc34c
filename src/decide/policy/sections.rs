//! The sections of a policy. Every figure and its source stands in `data/policy.toml`; amounts are in the currency
//! of the policy, shares and rates are fractions, ages in the unit of their name.

// The names are explained in data/policy.toml, which every user gets by `residua init`.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ByClass;
use crate::units::Month;

/// When units in use are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshRule {
    Best,
    Fixed,
}

/// Energy of running equipment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Energy {
    pub price_per_kwh: f64,
    pub pue: f64,
    pub idle_share: f64,
    pub usual_utilization: f64,
}

/// Floor space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    pub price_per_unit_monthly: f64,
    pub units: ByClass<f64>,
}

/// Routine upkeep over age, warranty and support contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    pub yearly_share: ByClass<f64>,
    pub yearly_growth: f64,
    pub share_in_warranty: f64,
    pub growing_years: f64,
    pub warranty_months: u32,
    pub contract_yearly_share: ByClass<f64>,
    pub contract_renewed: bool,
    pub contract_step: f64,
}

/// How often units fail, and what a failure costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub shape: ByClass<f64>,
    pub scale_years: ByClass<f64>,
    pub repair_share: ByClass<f64>,
    pub lost_service: ByClass<f64>,
}

/// Software that is paid as long as the unit is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    pub yearly: ByClass<f64>,
}

/// What an unused unit costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Idle {
    pub storage_monthly: f64,
    pub shrinkage_monthly: f64,
}

/// What replaces a unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChallengerTerms {
    pub price_decline_yearly: ByClass<f64>,
    pub price_factor: f64,
    pub generation_gain: f64,
    pub target_utilization: f64,
}

/// Where unsold units of a route end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    Recycle,
    Wholesale,
}

/// Terms of a way to sell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaleRoute {
    pub offered: bool,
    pub channel_factor: f64,
    pub share: f64,
    pub fee_before_split: f64,
    pub fee_after_split: f64,
    pub sold_monthly: f64,
    pub longest_months: u32,
    pub paid_after_months: u32,
    pub rest: Rest,
}

/// Taking a unit apart and selling the parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    pub offered: bool,
    pub kept_share: f64,
    pub teardown_per_part: f64,
}

/// Giving a unit away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Donate {
    pub offered: bool,
    pub tax_share: f64,
}

/// Terms of recycling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recycle {
    pub cost: f64,
}

/// Terms of certified destruction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destroy {
    pub cost: f64,
}

/// Units that somebody in the house would otherwise buy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeploy {
    pub moving: f64,
    pub demand: Vec<Demand>,
}

/// One demand for units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demand {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<crate::catalog::AssetClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    pub units: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avoided_price: Option<f64>,
}

/// Spending on a unit so that it serves longer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    pub cost: ByClass<f64>,
    pub months: ByClass<u32>,
    pub upkeep_factor: f64,
}

/// What has to become of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataRule {
    #[serde(rename = "wipe")]
    Wipe,
    #[serde(rename = "destroy drives")]
    DestroyDrives,
    #[serde(rename = "destroy unit")]
    DestroyUnit,
}

/// What may leave the house, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disposal {
    pub data: DataRule,
    pub drive_fee: f64,
    pub without_drives_factor: f64,
    pub locked_months: u32,
}

/// What the lessor lets the lessee do at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyOut {
    None,
    Market,
    Fixed,
}

/// Terms of leases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    pub return_cost: f64,
    pub buy_out: BuyOut,
    pub buy_out_share: f64,
    pub buy_out_price: f64,
}

/// A market on which units are rented out by the hour.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rental {
    #[serde(rename = "use")]
    pub used: bool,
    pub owner_share: f64,
    pub occupancy: f64,
    pub decline_yearly: f64,
    pub hourly: BTreeMap<String, f64>,
    #[serde(default)]
    pub factors: BTreeMap<Month, f64>,
}
