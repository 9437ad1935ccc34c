//! Drives, which no catalog names, and whole servers as the sum of their parts.
//!
//! In: observations. Out: the drive model of the class `storage`, and the calibration of whole servers put into the
//! server model with a line in its card.

use std::collections::BTreeMap;

use super::hedonic::Listing;
use super::model::{ClassModel, Fitted};
use super::parts::drive::Drive;
use super::parts::whole::{WholeListing, WholeModel};
use super::parts::{Configuration, PartModels, WholeSubject};
use super::train::{TrainError, TrainReport, left_out_note, regression_on_facts};
use crate::catalog::{AssetClass, Catalog, Matcher, ProductId};
use crate::market::{Basis, Observation};
use crate::units::{Currency, ExchangeRates};

/// Fits the drive model on observations of the class `storage`.
pub fn train_drives(
    rows: &[&Observation],
    rates: &ExchangeRates,
) -> Result<(ClassModel, TrainReport), TrainError> {
    let mut report = TrainReport::default();
    let (mut listings, mut months) = (Vec::new(), Vec::new());
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.basis != Basis::New) {
        let (Some(drive), Ok(rate)) = (Drive::read(&row.name), rates.dollars_per(row.currency)) else {
            report.without_facts += 1;
            continue;
        };
        let mut features = drive.facts(row.month);
        if row.basis == Basis::Asked {
            features.push(("asked".to_owned(), 1.0));
        }
        if row.currency != Currency::USD {
            features.push((format!("market:{}", row.currency), 1.0));
        }
        let kind = if row.basis == Basis::Asked { "asked" } else { "sold" };
        *lines.entry(format!("{kind} {}", row.currency)).or_default() += 1;
        months.push(row.month);
        listings.push(Listing { product: row.name.clone(), features, log_price: (row.price * rate).ln() });
    }
    report.used = listings.len();
    Ok((regression_on_facts(AssetClass::Storage, &listings, &months, &lines)?, report))
}

/// Calibrates whole servers on those of the observations that tell what the machine holds, and says so in the card.
/// Returns how many servers that were.
pub fn calibrate_wholes(
    servers: &mut ClassModel,
    rows: &[(ProductId, &Observation)],
    catalog: &Catalog,
    matcher: &Matcher,
    rates: &ExchangeRates,
    parts: &PartModels<'_>,
) -> usize {
    let listings: Vec<WholeListing<'_>> =
        rows.iter().filter_map(|(id, row)| whole_listing(*id, row, catalog, matcher, rates)).collect();
    let Some(found) = WholeModel::fit(&listings, parts) else { return 0 };
    if let Fitted::Hedonic { whole, .. } = &mut servers.fitted {
        servers.card.interval_note += &format!(
            " {} as the sum of their parts, {} of them: {}",
            "Servers whose listing tells what they hold,",
            found.listings,
            left_out_note("those", &found.left_out)
        );
        *whole = Some(found);
    }
    listings.len()
}

fn whole_listing<'a>(
    id: ProductId,
    row: &Observation,
    catalog: &'a Catalog,
    matcher: &Matcher,
    rates: &ExchangeRates,
) -> Option<WholeListing<'a>> {
    let product = catalog.get(id);
    let configuration = Configuration::read(&row.configuration, matcher, catalog);
    let by_accelerators =
        product.gpu.is_some() || Configuration::tells_of_accelerators(&row.configuration, matcher);
    if row.basis == Basis::New || by_accelerators || !configuration.says_enough() {
        return None;
    }
    let words = format!("{} {}", row.grade, row.configuration).to_lowercase();
    Some(WholeListing {
        product: product.name.clone(),
        subject: WholeSubject { launch: product.launch?.month, configuration },
        month: row.month,
        log_price: (row.price * rates.dollars_per(row.currency).ok()?).ln(),
        asked: row.basis == Basis::Asked,
        refurbished: words.contains("refurb"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::built_in;

    #[test]
    fn a_whole_says_what_it_holds_was_no_new_machine_and_is_not_worth_its_cards() {
        let catalog = built_in().unwrap();
        let matcher = Matcher::new(&catalog);
        let listed = |product: &str, configuration: &str, basis: Basis| {
            let row = Observation {
                month: "2024-05".parse().unwrap(),
                product: product.to_owned(),
                name: product.to_owned(),
                variant: String::new(),
                class: Some(AssetClass::Server),
                price: 1_000.0,
                currency: Currency::USD,
                basis,
                grade: "refurbished".to_owned(),
                quantity: None,
                configuration: configuration.to_owned(),
                source: "invented".to_owned(),
                flagged: false,
            };
            let (id, _) = catalog.by_name(product).unwrap();
            let rates = ExchangeRates::built_in();
            whole_listing(id, &row, &catalog, &matcher, &rates).map(|found| {
                (found.subject.configuration.memory_gb, found.asked, found.refurbished, found.log_price)
            })
        };
        let server = "Dell PowerEdge R740";
        let price = 1_000.0_f64.ln();
        let held = "2x Xeon Gold 6148, 256GB RAM";
        assert_eq!(listed(server, held, Basis::Asked), Some((Some(256.0), true, true, price)));
        assert_eq!(listed(server, held, Basis::Sold), Some((Some(256.0), false, true, price)));
        assert_eq!(listed(server, held, Basis::New), None);
        assert_eq!(listed(server, "rails and bezel", Basis::Sold), None);
        assert_eq!(listed(server, "4x Tesla V100 PCIe 32GB, 256GB RAM", Basis::Sold), None);
        assert_eq!(listed("NVIDIA DGX A100", held, Basis::Sold), None);
    }
}
