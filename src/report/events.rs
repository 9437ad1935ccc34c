//! Months that matter to a unit besides the price: a successor, the end of warranty, contract, lease or support.
//!
//! In: a planned cohort with its fleet and catalog. Out: [`Event`]s in order of time.

use crate::catalog::{Catalog, CatalogDate};
use crate::decide::PlannedCohort;
use crate::fleet::{Fleet, RegisterDate};
use crate::units::Month;

/// Something that happens to a unit in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// When.
    pub month: Month,
    /// What, without its date.
    pub name: String,
    /// The date as precisely as it is known.
    pub date: String,
}

/// The events of a cohort, earliest first. All its assets share them.
pub(super) fn events(planned: &PlannedCohort, fleet: &Fleet, catalog: &Catalog) -> Vec<Event> {
    let mut found = Vec::new();
    if let Some(asset) = planned.cohort.assets.first().and_then(|index| fleet.assets.get(*index)) {
        let mut add = |name: &str, date: Option<RegisterDate>| {
            if let Some(month) = date.map(RegisterDate::month) {
                found.push(Event { month, name: name.to_owned(), date: month.short() });
            }
        };
        add("warranty end", asset.warranty_end);
        add("contract end", asset.contract_end);
        add("lease end", asset.lease_end);
    }
    if let Some(product) = planned.cohort.identification.product.map(|id| catalog.get(id)) {
        let mut add = |name: &str, date: Option<CatalogDate>| {
            if let Some(date) = date {
                found.push(Event { month: date.month, name: name.to_owned(), date: as_known(date) });
            }
        };
        add("successor launch", catalog.successor_launch(product));
        add("support end", product.end_of_support);
    }
    found.sort_by(|a, b| a.month.cmp(&b.month).then_with(|| a.name.cmp(&b.name)));
    found
}

/// The month where the source says the month, else the quarter or the year.
fn as_known(date: CatalogDate) -> String {
    if date.sd_months() == 0.0 { date.month.short() } else { date.to_string() }
}
