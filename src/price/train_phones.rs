//! From sales of phones to a fitted model with its card.
//!
//! In: observations already tied to catalog products. Out: the cold-start model, scored on generations it had not seen.

use std::collections::{BTreeMap, BTreeSet};

use super::card::ModelCard;
use super::cold_start::{Sale, fit, leave_generations_out, sale};
use super::metrics::{Outcome, Scores};
use super::model::{ClassModel, Fitted};
use super::train::{TrainError, TrainReport};
use crate::catalog::{AssetClass, Catalog, ProductId};
use crate::market::Observation;
use crate::units::ExchangeRates;

/// Sales a product must have for its number to be told: fewer would tell of single sales.
const LEAST_SALES: usize = 3;

/// Fits the class.
pub(super) fn train_cold_start(
    class: AssetClass,
    rows: &[(ProductId, &Observation)],
    catalog: &Catalog,
    rates: &ExchangeRates,
) -> Result<(ClassModel, TrainReport), TrainError> {
    let usable: Vec<(Sale, &Observation)> = rows
        .iter()
        .filter_map(|(id, row)| sale(catalog.get(*id), row, catalog, rates).map(|sale| (sale, *row)))
        .collect();
    let sales: Vec<Sale> = usable.iter().map(|(sale, _)| sale.clone()).collect();
    let failed =
        |error: super::cold_start::ColdStartError| TrainError::TooLittle { class, reason: error.to_string() };
    let model = fit(&sales).map_err(failed)?;
    let forecasts = leave_generations_out(&sales).map_err(failed)?;
    let outcomes =
        sales.iter().zip(&forecasts).map(|(sale, found)| Outcome::new(*found, sale.log_price, None));
    let scores = outcomes
        .collect::<Result<Vec<Outcome>, _>>()
        .and_then(|outcomes| Scores::of(&outcomes))
        .map_err(|error| TrainError::TooLittle { class, reason: error.to_string() })?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for (sale, row) in &usable {
        *counts.entry(sale.product.clone()).or_default() += 1;
        *kinds.entry(format!("sold {}", row.currency)).or_default() += 1;
    }
    let generations: BTreeSet<&str> = sales.iter().map(|sale| sale.generation.as_str()).collect();
    let card = ModelCard {
        method: "Ridge regression of log price over list price on age, successor, launch, list price, storage, carrier lock and \
                 condition, shrunk to prior means; its strength and its interval come from generations left out, so that a \
                 product never sold gets the error that was in fact made on such products."
            .into(),
        basis: "sales".into(),
        observations: sales.len(),
        sales: usable.iter().map(|(_, row)| row.quantity.unwrap_or(1.0)).sum::<f64>().round() as u64,
        products: counts.len(),
        first_month: sales.iter().map(|sale| sale.month).min(),
        last_month: Some(model.last_month),
        fitted_on: kinds.iter().map(|(kind, count)| format!("{kind}: {count} listings")).collect(),
        scores: Vec::new(),
        interval_note: format!(
            "Sales of {} generations, each left out of the fit: median error {:.0} %, {:.0} % inside the 80 % interval, \
             pinball {:.2}.",
            generations.len(),
            100.0 * scores.mdape,
            100.0 * scores.coverage_80,
            100.0 * scores.pinball
        ),
        knows_nothing_about: blind_spots(&kinds),
    };
    counts.retain(|_, count| *count >= LEAST_SALES);
    let report =
        TrainReport { used: sales.len(), without_facts: rows.len() - sales.len(), ..TrainReport::default() };
    Ok((ClassModel::new(class, card, Fitted::ColdStart { model, products: counts }), report))
}

/// What nobody should conclude.
fn blind_spots(kinds: &BTreeMap<String, usize>) -> Vec<String> {
    vec![
        "The market by the month: no series was followed, so its course is unknown and widens the interval by 15 % times \
         the root of the years."
            .into(),
        format!("Other markets than {}: prices elsewhere are taken to be the same in dollars.", kinds.keys().cloned().collect::<Vec<_>>().join(", ")),
        "Other makers: their phones have not been sold here and are not in the catalog.".into(),
        "What a product fetches beyond its facts: sales of the very product count no more than those of its neighbours.".into(),
        "The youngest and the oldest generations, where the fit reaches beyond what it has seen: errors are largest there."
            .into(),
        "Condition as the owner grades it: A is taken as excellent refurbished, B as good refurbished, C and no grade as used."
            .into(),
    ]
}
