//! Which units are handed over.
//!
//! In: what somebody asked for, by asset id, tag or serial number, or all of it. Out: [`Departing`] units in the order of the
//! register. Who asks for a unit that is not there, or that may not leave, gets nothing but the list of them; who asks for
//! all gets what may leave, and the list of the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::{Plan, Route, Standing};
use crate::fleet::{Asset, Fleet, Ownership};
use crate::units::counted_that;

/// Units of one asset that leave together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departing {
    /// Position of the asset in the fleet.
    pub asset: usize,
    /// How many of its units.
    pub units: u64,
}

/// A list of assets that cannot be handed over as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// Nothing was named.
    #[error("no asset is named: give --assets ID,ID or @file with one a line, all-due, or all")]
    Empty,
    /// No asset bears the name.
    #[error(
        "not in the register: {names}; nothing was written. Assets are named by id, tag or serial number"
    )]
    Unknown {
        /// The names.
        names: String,
    },
    /// Several do.
    #[error("{name} stands for several assets ({assets}): name them by their id")]
    Ambiguous {
        /// The name.
        name: String,
        /// Their ids.
        assets: String,
    },
    /// They must stay.
    #[error(
        "may not be handed over: {assets}; nothing was written. Settle that in the register, or leave them out"
    )]
    MustStay {
        /// Ids and reasons.
        assets: String,
    },
}

/// Names told of an error's list.
const NAMES: usize = 10;

/// Why an asset may not go to a vendor, if so.
pub fn hindrance(asset: &Asset, standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::InPlan if asset.ownership == Ownership::Leased => {
            Some("leased: it goes back to the lessor")
        }
        Standing::InPlan => None,
        other => Some(other.name()),
    }
}

/// The route by which a vendor can take a unit for which the plan has another: only the house itself redeploys, upgrades and
/// sells one by one.
pub fn vendor_route(planned: Option<Route>) -> Route {
    match planned {
        None | Some(Route::Redeploy | Route::Retail | Route::Upgrade | Route::LeaseReturn) => Route::Resell,
        Some(route) => route,
    }
}

/// The assets of these names with all their units, each once.
pub fn select(fleet: &Fleet, plan: &Plan, names: &[String]) -> Result<Vec<Departing>, SelectionError> {
    let mut chosen = BTreeSet::new();
    let mut unknown = Vec::new();
    let bearers = bearers(fleet);
    let wanted: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    for name in &wanted {
        match bearers.get(&name.to_lowercase()).map(Vec::as_slice) {
            None => unknown.push((*name).to_owned()),
            Some([one]) => {
                chosen.insert(*one);
            }
            Some(several) => {
                let ids = several.iter().map(|index| fleet.assets[*index].id.clone()).collect();
                return Err(SelectionError::Ambiguous { name: (*name).to_owned(), assets: listed(ids) });
            }
        }
    }
    if wanted.is_empty() {
        return Err(SelectionError::Empty);
    }
    if !unknown.is_empty() {
        return Err(SelectionError::Unknown { names: listed(unknown) });
    }
    let staying: Vec<String> = chosen.iter().filter_map(|index| stays(fleet, plan, *index)).collect();
    if !staying.is_empty() {
        return Err(SelectionError::MustStay { assets: listed(staying) });
    }
    Ok(chosen.into_iter().map(|asset| all_of(fleet, asset)).collect())
}

/// Every asset that may leave, with all its units, and a sentence on those that may not, if there are any.
pub fn select_all(fleet: &Fleet, plan: &Plan) -> Result<(Vec<Departing>, Option<String>), SelectionError> {
    let mut leaving = Vec::new();
    let mut staying = Vec::new();
    for index in 0..fleet.assets.len() {
        match stays(fleet, plan, index) {
            Some(why) => staying.push(why),
            None => leaving.push(all_of(fleet, index)),
        }
    }
    if leaving.is_empty() {
        return Err(SelectionError::MustStay { assets: listed(staying) });
    }
    let count = staying.len();
    let told = || format!("{}: {}", counted_that(count, "asset", "are left out"), listed(staying));
    Ok((leaving, (count > 0).then(told)))
}

/// The id of an asset with what keeps it, if anything does.
fn stays(fleet: &Fleet, plan: &Plan, index: usize) -> Option<String> {
    let asset = &fleet.assets[index];
    let why = hindrance(asset, plan.cohorts[plan.cohort_of[index]].cohort.standing)?;
    Some(format!("{} ({why})", asset.id))
}

fn all_of(fleet: &Fleet, asset: usize) -> Departing {
    Departing { asset, units: u64::from(fleet.assets[asset].quantity) }
}

/// The assets that bear a name, in small letters. An id is stronger than a tag or serial number.
fn bearers(fleet: &Fleet) -> BTreeMap<String, Vec<usize>> {
    let mut bearers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, asset) in fleet.assets.iter().enumerate() {
        let names: BTreeSet<String> = [&asset.tag, &asset.serial]
            .into_iter()
            .flatten()
            .map(|name| name.trim().to_lowercase())
            .collect();
        for name in names {
            bearers.entry(name).or_default().push(index);
        }
    }
    for (index, asset) in fleet.assets.iter().enumerate() {
        bearers.insert(asset.id.trim().to_lowercase(), vec![index]);
    }
    bearers
}

fn listed(names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMES);
    let told = names.into_iter().take(NAMES).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{told} and {more} more") } else { told }
}
