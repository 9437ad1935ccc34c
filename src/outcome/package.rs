//! The valuation request: what a vendor is asked to value, with all that is known of it and not known.
//!
//! In: a plan, the units that leave ([`Departing`]), what was agreed ([`Ask`]). Out: a [`Package`] with one lot a site and one
//! line an asset, as `request.json` holds it (`data/schemas/valuation_request.schema.json`). Amounts are for one unit, in the
//! currency of the request.
//!
//! What is expected of a line that is sold whole is what a settlement will speak of: with V the price in the open market in
//! the month of the hand-over, k the price in the channel over it, share s and fees F of one unit,
//!
//! `gross = k · V`, `net = s · (gross − F)` or `s · gross − F`
//!
//! so packing, freight and the time to sell, which the plan counts and no settlement shows, are not in it. By another route
//! the net is the plan's for that month.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::line::{self, LineInput, PackageLine};
use super::record::{ForecastMade, HandedOver};
use super::selection::Departing;
use crate::decide::{
    DataRule, FeesOrder, Plan, PlanInput, Policies, Policy, PolicyError, gap_codes, policies_of,
};
use crate::units::{Currency, Month, sha256};

/// The form of the request.
pub const REQUEST_SCHEMA: &str = "residua.valuation_request/1";

/// The published schema of the request, JSON Schema draft 2020-12.
pub const VALUATION_REQUEST_SCHEMA: &str = include_str!("../../data/schemas/valuation_request.schema.json");

/// Days within which an answer is wanted. Assumption: a week is usual.
const ANSWER_WITHIN: i64 = 7;

/// The standard by which data is erased: NIST SP 800-88 Rev. 2, final since 26 September 2025.
const STANDARD: &str = "NIST SP 800-88";
const REVISION: &str = "2";

/// How the vendor is to sell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaleRule {
    /// As the vendor sees fit.
    VendorDiscretion,
    /// Sealed bids, the highest pays its bid.
    SealedFirstPrice,
    /// Sealed bids, the highest pays the second.
    SealedSecondPrice,
    /// Rising open bids.
    EnglishAuction,
    /// At a price agreed beforehand.
    FixedPrice,
}

/// The least that has to happen to the data, by NIST SP 800-88.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SanitizationLevel {
    /// Against simple recovery.
    Clear,
    /// Against recovery in a laboratory.
    Purge,
    /// The medium cannot be used again.
    Destroy,
}

/// What has to become of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SanitizationTerms {
    /// The standard.
    pub standard: String,
    /// Its revision; none where any will do.
    pub revision: Option<String>,
    /// The least level.
    pub min_level: SanitizationLevel,
}

/// Terms of the whole request. Share and fees stand in every line, for they may differ by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTerms {
    /// Scheme in which the vendor grades; none while it is not agreed.
    pub grade_scheme: Option<String>,
    /// What has to become of the data.
    pub sanitization: SanitizationTerms,
    /// How the vendor sells.
    pub sale_rule: SaleRule,
}

/// What is asked and agreed.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Name of the request; none: made from its content.
    pub request_id: Option<String>,
    /// When it is made.
    pub at: Timestamp,
    /// By which day an answer is wanted.
    pub response_due: Date,
    /// Whom it is for.
    pub vendor: Option<String>,
    /// Owner's share, in place of the policy's.
    pub share: Option<f64>,
    /// Where fees come off, in place of the policy's.
    pub fees: Option<FeesOrder>,
    /// Terms of the whole.
    pub terms: RequestTerms,
}

/// Units that stand at one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    /// Its name in the request.
    pub lot_ref: String,
    /// The site; none where the register names none.
    pub site: Option<String>,
    /// Units in it.
    pub units: u64,
    /// Mass of the units whose mass is known, kg.
    pub mass_kg: f64,
    /// Units of which no mass is known.
    pub units_of_unknown_mass: u64,
    /// Its lines.
    pub items: Vec<PackageLine>,
}

/// A valuation request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// The form.
    pub schema: String,
    /// Its name.
    pub request_id: String,
    /// When it was made, in UTC.
    pub requested_at: Timestamp,
    /// By which day an answer is wanted.
    pub response_due: Date,
    /// Month from which the forecasts look.
    pub as_of: Month,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Version of the program and fingerprint of the models.
    pub model: String,
    /// Whom it is for.
    pub vendor: Option<String>,
    /// Terms of the whole.
    pub terms: RequestTerms,
    /// One a site, in the order of their names.
    pub lots: Vec<Lot>,
}

/// A request that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// No unit leaves.
    #[error("nothing is to be handed over: no unit was chosen")]
    Empty,
    /// A name that could not be the name of a file.
    #[error("`{0}` cannot name a request: use letters, digits, `.`, `_` and `-`, at most 100")]
    BadName(String),
    /// A share outside its range.
    #[error("the share {0} must lie between 0 and 1")]
    BadShare(f64),
    /// An answer wanted before it is asked.
    #[error("the answer is wanted by {due}, before the request of {at}")]
    DueBeforeRequest {
        /// The day it is wanted.
        due: Date,
        /// The day of the request.
        at: Date,
    },
    /// Overrides of the policy that do not go together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Ask {
    /// What the policy says: an answer within a week, drives wiped so that a laboratory recovers nothing, or destroyed where
    /// the policy destroys them; share and fees of each class.
    pub fn by_policy(policy: &Policy, at: Timestamp) -> Ask {
        let min_level = match policy.disposal.data {
            DataRule::Wipe => SanitizationLevel::Purge,
            DataRule::DestroyDrives | DataRule::DestroyUnit => SanitizationLevel::Destroy,
        };
        let sanitization = SanitizationTerms {
            standard: STANDARD.to_owned(),
            revision: Some(REVISION.to_owned()),
            min_level,
        };
        let sale_rule = SaleRule::VendorDiscretion;
        Ask {
            request_id: None,
            at,
            response_due: day_of(at).saturating_add(ANSWER_WITHIN.days()),
            vendor: None,
            share: None,
            fees: None,
            terms: RequestTerms { grade_scheme: None, sanitization, sale_rule },
        }
    }
}

/// Makes requests of the units of one plan.
#[derive(Debug)]
pub struct Packer<'a> {
    input: &'a PlanInput<'a>,
    plan: &'a Plan,
    /// The policy of each cohort.
    policies: Policies,
    /// What is open or wrong about each asset.
    codes: Vec<BTreeSet<&'static str>>,
}

impl<'a> Packer<'a> {
    /// For a plan and what it was made from.
    pub fn new(input: &'a PlanInput<'a>, plan: &'a Plan) -> Result<Packer<'a>, PackageError> {
        Ok(Packer { input, plan, policies: policies_of(input, plan)?, codes: gap_codes(input, plan) })
    }

    /// Makes a request of units that leave.
    pub fn package(&self, units: &[Departing], ask: &Ask) -> Result<Package, PackageError> {
        check(ask)?;
        if units.is_empty() {
            return Err(PackageError::Empty);
        }
        let mut package = Package {
            schema: REQUEST_SCHEMA.to_owned(),
            request_id: ask.request_id.clone().unwrap_or_default(),
            requested_at: ask.at,
            response_due: ask.response_due,
            as_of: self.plan.as_of,
            currency: self.plan.currency(),
            model: models_in_use(self.input),
            vendor: ask.vendor.clone(),
            terms: ask.terms.clone(),
            lots: self.lots(units, ask),
        };
        if ask.request_id.is_none() {
            let fingerprint = sha256(package.to_json().as_bytes());
            package.request_id = format!("VR-{}-{}", day_of(ask.at), &fingerprint[..8]);
        }
        Ok(package)
    }

    fn lots(&self, units: &[Departing], ask: &Ask) -> Vec<Lot> {
        let mut of_sites: BTreeMap<Option<String>, Vec<&Departing>> = BTreeMap::new();
        for departing in units {
            of_sites
                .entry(self.input.fleet.assets[departing.asset].site.clone())
                .or_default()
                .push(departing);
        }
        let mut number = 0;
        let mut line = |departing: &Departing| {
            number += 1;
            line::line(&LineInput {
                input: self.input,
                plan: self.plan,
                departing,
                policy: self.policies.at(self.plan.cohort_of[departing.asset]),
                codes: &self.codes[departing.asset],
                ask,
                number,
            })
        };
        let sites = of_sites.into_iter().enumerate();
        sites
            .map(|(at, (site, of_site))| lot(at + 1, site, of_site.into_iter().map(&mut line).collect()))
            .collect()
    }
}

fn check(ask: &Ask) -> Result<(), PackageError> {
    if let Some(name) = ask.request_id.as_ref().filter(|name| !super::custody::is_plain_name(name)) {
        return Err(PackageError::BadName(name.clone()));
    }
    if let Some(share) = ask.share.filter(|share| !(0.0..=1.0).contains(share)) {
        return Err(PackageError::BadShare(share));
    }
    let at = day_of(ask.at);
    if ask.response_due < at {
        return Err(PackageError::DueBeforeRequest { due: ask.response_due, at });
    }
    Ok(())
}

fn lot(number: usize, site: Option<String>, items: Vec<PackageLine>) -> Lot {
    let (known, unknown): (Vec<&PackageLine>, Vec<&PackageLine>) =
        items.iter().partition(|line| line.mass_kg.is_some());
    // The sum of nothing is −0, which no file should hold.
    let mass = 0.0 + known.iter().map(|line| line.mass_kg.unwrap_or(0.0) * line.quantity as f64).sum::<f64>();
    Lot {
        lot_ref: format!("L{number}"),
        site,
        units: items.iter().map(|line| line.quantity).sum(),
        mass_kg: line::rounded(mass, 2),
        units_of_unknown_mass: unknown.iter().map(|line| line.quantity).sum(),
        items,
    }
}

/// Version of the program and one fingerprint of all models in use.
fn models_in_use(input: &PlanInput<'_>) -> String {
    let all: Vec<&str> = input.models.iter().map(|(_, fingerprint)| fingerprint).collect();
    format!("residua {} models {}", env!("CARGO_PKG_VERSION"), &sha256(all.join("\n").as_bytes())[..16])
}

/// The day of a time, in UTC.
fn day_of(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

impl Package {
    /// All lines in order.
    pub fn lines(&self) -> impl Iterator<Item = (&Lot, &PackageLine)> {
        self.lots.iter().flat_map(|lot| lot.items.iter().map(move |line| (lot, line)))
    }

    /// Units in it.
    pub fn units(&self) -> u64 {
        self.lots.iter().map(|lot| lot.units).sum()
    }

    /// The text of `request.json`.
    pub fn to_json(&self) -> String {
        // A package is made of texts and finite numbers, of which JSON can be made.
        serde_json::to_string_pretty(self).map_or_else(|_| String::new(), |text| text + "\n")
    }
}

/// What the ledger remembers of a package, one record a line.
pub fn handed_over(package: &Package) -> Vec<HandedOver> {
    let of_line = |(_, line): (&Lot, &PackageLine)| HandedOver {
        request: package.request_id.clone(),
        line: line.line,
        asset: line.asset_id.clone(),
        serial: line.serial.clone(),
        tag: line.tag.clone(),
        class: line.class,
        product: line.product.clone(),
        quantity: line.quantity,
        grade: line.grade.clone(),
        data_bearing: line.data_bearing,
        handed_over: day_of(package.requested_at),
        route: line.route.clone(),
        currency: package.currency,
        terms: line.terms.agreed(),
        forecast: line.expected.as_ref().map(|expected| ForecastMade {
            made: package.as_of,
            month: expected.month,
            gross: expected.gross,
            net: expected.net,
            basis: expected.basis.clone(),
            model: package.model.clone(),
        }),
        overridden: None,
    };
    package.lines().map(of_line).collect()
}
