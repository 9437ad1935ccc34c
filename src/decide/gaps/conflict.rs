//! What it costs that the sources of a unit contradict each other.
//!
//! In: an asset whose rows disagree on its model, what it holds or when it was bought. Out: what that does: one state for
//! each value that some row gives, weighted by how far the word of its system goes. Where several fields are contradicted
//! the costliest counts: one look at the unit settles them all.

use super::bench::{Bench, Told};
use super::information::State;
use crate::catalog::Precision;
use crate::decide::cohort::Cohort;
use crate::fleet::{Asset, Conflict, Field, RegisterDate, SourceKind};

/// How far the word of a system goes on model and configuration: what reads the machine itself goes before what a
/// person typed. The order is field practice; the weights are an assumption.
const fn weight(kind: SourceKind) -> f64 {
    match kind {
        SourceKind::Discovery => 8.0,
        SourceKind::Audit => 6.0,
        SourceKind::Dcim => 4.0,
        SourceKind::Itam | SourceKind::Unknown => 2.0,
        SourceKind::Ledger => 1.0,
    }
}

/// Prices the contradictions of an asset.
pub(super) fn price(bench: &Bench<'_>, asset: &Asset) -> Option<Told> {
    let told = asset.conflicts.iter().filter_map(|conflict| of_field(bench, asset, conflict));
    told.reduce(|most, told| if told.cost.1 > most.cost.1 { told } else { most })
}

fn of_field(bench: &Bench<'_>, asset: &Asset, conflict: &Conflict) -> Option<Told> {
    let files = &bench.input().fleet.files;
    let mut states: Vec<State> = Vec::new();
    for (text, row) in &conflict.values {
        let chance = weight(files.get(row.file).map_or(SourceKind::Unknown, |file| file.kind));
        let choices = supposing(bench, asset, conflict.field, text)?;
        // Two spellings of one thing are one state.
        match states.iter_mut().find(|state| state.blind == choices) {
            Some(same) => same.chance += chance,
            None => states.push(State::new(chance, choices)),
        }
    }
    let total: f64 = states.iter().map(|state| state.chance).sum();
    states.iter_mut().for_each(|state| state.chance /= total);
    bench.tell(None, |_| Some(states.clone()))
}

/// What the unit could do were this value the true one; `None` where it changes nothing that has a price.
fn supposing(
    bench: &Bench<'_>,
    asset: &Asset,
    field: Field,
    text: &str,
) -> Option<crate::decide::decision::Choices> {
    let mut supposed = asset.clone();
    let number = || text.trim().parse::<f64>().ok().filter(|number| *number > 0.0);
    let date = || {
        let date = text.trim().get(..10)?.parse().ok()?;
        Some(RegisterDate { date, precision: Precision::Day, other: None })
    };
    match field {
        Field::RamGb => supposed.ram_gb = Some(number()?),
        Field::StorageGb => supposed.storage_gb = Some(number()?),
        Field::CpuCount => supposed.cpu_count = Some(number()? as u32),
        Field::PurchaseDate => supposed.purchase_date = Some(date()?),
        Field::InServiceDate => supposed.in_service_date = Some(date()?),
        Field::Model => {
            supposed.model = Some(text.to_owned());
            let input = bench.input();
            let identification = input.matcher.identify(&supposed.full_model(), supposed.class);
            let product = input.catalog.get(identification.product?);
            let cohort = Cohort {
                identification: identification.clone(),
                class: product.class,
                label: product.name.clone(),
                accelerators: None,
                drive: None,
                ..bench.planned.cohort.as_ref().clone()
            };
            return bench.supposing_product(&cohort, &supposed);
        }
        _ => return None,
    }
    bench.supposing(&supposed)
}
