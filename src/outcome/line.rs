//! One line of a valuation request.
//!
//! In: an asset, its planned cohort, its policy, what was agreed. Out: a [`PackageLine`]. What the register does not say is
//! nothing there, never a guess: the age is a distribution over months, the grade a mixture where nobody looked, the lock a
//! probability where nobody knows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::package::Ask;
use super::record::Terms;
use super::selection::{Departing, vendor_route};
use crate::catalog::AssetClass;
use crate::decide::FeesOrder;
use crate::decide::{Plan, PlanInput, PlannedCohort, Policy, Route, SaleTerms, can_be_locked};
use crate::fleet::{Asset, Grade, RegisterDate, Status};
use crate::price::grade::usual_mixture;
use crate::units::{Month, Quantiles};

/// How old a unit is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Age {
    /// Mean, months.
    pub mean_months: f64,
    /// What it rests on.
    pub basis: String,
    /// Ages in months with their probabilities, youngest first.
    pub distribution: Vec<AgeShare>,
}

/// One age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AgeShare {
    /// Months since it was bought.
    pub months: i32,
    /// How likely.
    pub probability: f64,
}

/// What a unit holds, as the register says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct LineConfiguration {
    pub ram_gb: Option<f64>,
    pub storage_gb: Option<f64>,
    pub cpu: Option<String>,
    pub cpu_count: Option<u32>,
    pub gpu: Option<String>,
    pub gpu_count: Option<u32>,
}

/// Whether something keeps others from using it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Locks {
    /// Enrolled in device management; none where nobody knows.
    pub device_management: Option<bool>,
    /// Believed chance that it is locked: surely not 0, surely 1, in between where nobody knows.
    pub probability: f64,
}

/// What runs on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LineContract {
    /// End of the support contract.
    pub contract_end: Option<Date>,
    /// Whether the contract can go to the next owner or another unit.
    pub transferable: Option<bool>,
    /// End of the maker's warranty.
    pub warranty_end: Option<Date>,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Site.
    pub site: Option<String>,
    /// Place in the site: hall, room, cabinet.
    pub place: Option<String>,
    /// Rack or cabinet, where it is told beside the place.
    pub rack: Option<String>,
    /// Lowest rack unit it takes.
    pub rack_unit: Option<u32>,
}

/// Share and fees of a line, for one unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LineTerms {
    /// Owner's share of the sale, 0 to 1; 1 for what is bought outright.
    pub share: f64,
    /// Where fees come off.
    pub fees: FeesOrder,
    /// Fees expected for one unit.
    pub expected_fees: f64,
}

impl LineTerms {
    /// The terms as agreed.
    pub fn agreed(&self) -> Terms {
        Terms { share: self.share, fees: self.fees }
    }
}

/// What is expected of one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Month it speaks of.
    pub month: Month,
    /// What it rests on.
    pub basis: String,
    /// Price in its channel.
    pub gross: Quantiles,
    /// What the owner keeps.
    pub net: Quantiles,
}

/// Units of one asset in a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PackageLine {
    /// Its number in the request, from 1.
    pub line: u32,
    /// The asset.
    pub asset_id: String,
    /// Serial number.
    pub serial: Option<String>,
    /// Asset tag.
    pub tag: Option<String>,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product, or the register's own words.
    pub product: String,
    /// Maker as written.
    pub manufacturer: Option<String>,
    /// Model as written.
    pub model: Option<String>,
    /// Units.
    pub quantity: u64,
    /// What it holds.
    pub configuration: LineConfiguration,
    /// How old it is; none where nothing says.
    pub age: Option<Age>,
    /// Grade, by letter; none where nobody looked.
    pub grade: Option<String>,
    /// Grades with their probabilities.
    pub grade_prior: BTreeMap<String, f64>,
    /// Whether its data has to be erased: told by its class.
    pub data_bearing: bool,
    /// Locks.
    pub locks: Locks,
    /// Contract and warranty.
    pub contract: LineContract,
    /// Where it stands.
    pub location: Place,
    /// Mass of one unit, kg.
    pub mass_kg: Option<f64>,
    /// Route, by the word of files.
    pub route: String,
    /// Share and fees.
    pub terms: LineTerms,
    /// What is expected of it; none where nothing speaks of its price.
    pub expected: Option<Expected>,
    /// What is open or wrong about its record, by code.
    pub dq_flags: BTreeSet<String>,
}

/// All that a line is made from.
pub(super) struct LineInput<'a> {
    pub input: &'a PlanInput<'a>,
    pub plan: &'a Plan,
    pub departing: &'a Departing,
    pub policy: &'a Policy,
    pub codes: &'a BTreeSet<&'static str>,
    pub ask: &'a Ask,
    pub number: u32,
}

pub(super) fn line(of: &LineInput<'_>) -> PackageLine {
    let asset = &of.input.fleet.assets[of.departing.asset];
    let planned = &of.plan.cohorts[of.plan.cohort_of[of.departing.asset]];
    let cohort = &planned.cohort;
    let product = cohort.identification.product.map(|id| of.input.catalog.get(id));
    let prospects = planned.decision.prospects.as_ref();
    let route = vendor_route(prospects.and_then(|prospects| prospects.routes.first().copied()));
    let terms = terms(of, cohort.class, route);
    PackageLine {
        line: of.number,
        asset_id: asset.id.clone(),
        serial: asset.serial.clone(),
        tag: asset.tag.clone(),
        class: cohort.class,
        product: cohort.label.clone(),
        manufacturer: asset.manufacturer.clone(),
        model: asset.model.clone(),
        quantity: of.departing.units,
        configuration: LineConfiguration {
            ram_gb: asset.ram_gb,
            storage_gb: asset.storage_gb,
            cpu: asset.cpu.clone(),
            cpu_count: asset.cpu_count,
            gpu: asset.gpu.clone(),
            gpu_count: asset.gpu_count,
        },
        age: age(planned, of.plan.as_of),
        grade: asset.grade.map(|grade| grade.name().to_owned()),
        grade_prior: grade_prior(asset),
        data_bearing: bears_data(cohort.class),
        locks: locks(asset, cohort.class, of.policy),
        contract: LineContract {
            contract_end: asset.contract_end.map(day),
            transferable: asset.contract_transferable,
            warranty_end: asset.warranty_end.map(day),
        },
        location: Place {
            site: asset.site.clone(),
            place: asset.location.clone(),
            rack: asset.rack.clone(),
            rack_unit: asset.rack_unit.or_else(|| asset.location.as_deref().and_then(rack_unit)),
        },
        mass_kg: product.and_then(|product| product.mass_kg),
        route: route.name().to_owned(),
        expected: expected(of, planned, route, &terms),
        terms,
        dq_flags: of.codes.iter().map(|code| (*code).to_owned()).collect(),
    }
}

fn day(date: RegisterDate) -> Date {
    date.date
}

/// A number with so many decimals: what is written is what was meant.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

fn age(planned: &PlannedCohort, as_of: Month) -> Option<Age> {
    let acquired = planned.cohort.acquired.as_ref()?;
    let of_month = |(month, probability): &(Month, f64)| AgeShare {
        months: as_of.months_since(*month),
        probability: rounded(*probability, 6),
    };
    Some(Age {
        mean_months: rounded(f64::from(as_of.index()) - acquired.mean_index(), 1),
        basis: acquired.basis().name().to_owned(),
        distribution: acquired.support().iter().rev().map(of_month).collect(),
    })
}

/// Whether a class may hold data. What nobody looked into is taken to hold some; a screen, a card, a processor and a memory
/// module hold none once they are out of their machine.
const fn bears_data(class: AssetClass) -> bool {
    !matches!(class, AssetClass::Monitor | AssetClass::Gpu | AssetClass::Cpu | AssetClass::Memory)
}

/// As the price models take it: broken gear sells for parts until somebody mends it.
fn grade_prior(asset: &Asset) -> BTreeMap<String, f64> {
    match asset.grade.or((asset.status == Status::InRepair).then_some(Grade::ForParts)) {
        Some(grade) => BTreeMap::from([(grade.name().to_owned(), 1.0)]),
        None => usual_mixture().map(|(grade, share)| (grade.name().to_owned(), share)).collect(),
    }
}

/// A unit that device management holds is locked unless it was released; one of a kind without locks is not.
fn locks(asset: &Asset, class: AssetClass, policy: &Policy) -> Locks {
    let probability = match asset.enrolled {
        _ if !can_be_locked(class) => 0.0,
        Some(true) => policy.gaps.not_released.usual,
        Some(false) => 0.0,
        None => policy.gaps.locked.of(class).map_or(0.0, |span| span.usual),
    };
    Locks { device_management: asset.enrolled, probability }
}

/// The rack unit at the end of a place such as `DC1 / Hall B / B07 / U12`.
fn rack_unit(place: &str) -> Option<u32> {
    let last =
        place.split(|character: char| !character.is_ascii_alphanumeric()).rfind(|word| !word.is_empty())?;
    let digits = last.strip_prefix(['U', 'u']).or_else(|| last.strip_suffix(['U', 'u']))?;
    digits.parse().ok().filter(|number| (1..=60).contains(number))
}

fn terms(of: &LineInput<'_>, class: AssetClass, route: Route) -> LineTerms {
    let policy = SaleTerms::of_route(of.policy, class, route);
    let order = if policy.fees_after_split > policy.fees_before_split {
        FeesOrder::AfterSplit
    } else {
        FeesOrder::BeforeSplit
    };
    LineTerms {
        share: of.ask.share.unwrap_or(policy.share),
        fees: of.ask.fees.unwrap_or(order),
        expected_fees: rounded(policy.fees_before_split + policy.fees_after_split, 2),
    }
}

fn expected(
    of: &LineInput<'_>,
    planned: &PlannedCohort,
    route: Route,
    terms: &LineTerms,
) -> Option<Expected> {
    let forecast = planned.forecast.as_ref()?;
    let factor = of.plan.currency_per_dollar;
    let market = forecast.value(0).quantiles().map_linear(factor, 0.0);
    let (gross, net) = if route.is_sale() {
        let channel = SaleTerms::of_route(of.policy, planned.cohort.class, route).channel_factor;
        let gross = market.map_linear(channel, 0.0);
        let at_nothing = terms.agreed().net(0.0, terms.expected_fees);
        (gross, gross.map_linear(terms.share, at_nothing))
    } else {
        let offer = planned.decision.prospects.as_ref()?.offers.first()?;
        let parts = planned.parts.iter().find_map(|part| Some((part, part.prices.first()?)));
        let gross = match (route, parts) {
            (Route::Parts, Some((part, price))) => price.quantiles().map_linear(part.count * factor, 0.0),
            _ => Quantiles::certain(0.0),
        };
        (gross, offer.net_quantiles(market))
    };
    let decimals = of.plan.currency().decimals() as i32;
    let printed = |of: Quantiles| Quantiles {
        mean: rounded(of.mean, decimals),
        p10: rounded(of.p10, decimals),
        p50: rounded(of.p50, decimals),
        p90: rounded(of.p90, decimals),
    };
    Some(Expected {
        month: of.plan.as_of,
        basis: forecast.basis.name().to_owned(),
        gross: printed(gross),
        net: printed(net),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rack_unit_is_read_from_the_end_of_a_place() {
        assert_eq!(rack_unit("DC1 / Hall B / B07 / U12"), Some(12));
        assert_eq!(rack_unit("R12/07U"), Some(7));
        assert_eq!(rack_unit("Büro 3. OG"), None);
        assert_eq!(rack_unit("Unit"), None);
        assert_eq!(rack_unit(""), None);
    }
}
