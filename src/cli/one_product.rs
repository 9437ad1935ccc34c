//! What the commands about one product share: finding it by its name, and a fleet of one record of it.

use anyhow::bail;

use super::common::Setting;
use crate::catalog::Product;
use crate::fleet::{Asset, Fleet, Grade, RegisterDate, Status};
use crate::units::Month;

/// Units of one product as the flags tell of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units {
    pub number: u32,
    pub bought: Option<Month>,
    pub cost: Option<f64>,
    pub grade: Option<Grade>,
}

pub(super) fn parse_grade(text: &str) -> Result<Grade, String> {
    Grade::from_letter(text).ok_or_else(|| "write A, B, C, D or parts".to_owned())
}

/// The product a name stands for, or a sentence that says which it could be.
pub(super) fn find(setting: &Setting, name: &str) -> anyhow::Result<Product> {
    let found = setting.matcher.identify(name, None);
    let Some(id) = found.product else {
        let names: Vec<&str> = found
            .best_guess
            .iter()
            .chain(&found.rivals)
            .map(|id| setting.catalog.get(*id).name.as_str())
            .collect();
        match names.as_slice() {
            [] => bail!(
                "`{name}` is not in the catalog and resembles nothing in it; `residua catalog --class gpu` lists what is"
            ),
            names => bail!("`{name}` could be {}: say which", names.join(", or ")),
        }
    };
    Ok(setting.catalog.get(id).clone())
}

/// A fleet of one record: so many units of the product.
pub(super) fn fleet_of(setting: &Setting, product: &Product, units: Units) -> anyhow::Result<Fleet> {
    if let Some(cost) = units.cost
        && !(cost.is_finite() && cost > 0.0)
    {
        bail!("--cost {cost} is not a price: write what one unit cost, above 0");
    }
    if let Some(bought) = units.bought.filter(|bought| *bought > setting.as_of) {
        bail!("--bought {bought} is after {}, the month from which one looks", setting.as_of);
    }
    let bought = match units.bought {
        Some(month) => Some(RegisterDate {
            date: jiff::civil::Date::new(month.year() as i16, month.month() as i8, 1)?,
            precision: crate::catalog::Precision::Month,
        }),
        None => None,
    };
    let asset = Asset {
        id: "quote".into(),
        model: Some(product.name.clone()),
        class: Some(product.class),
        purchase_date: bought,
        purchase_cost: units.cost.map(|cost| (cost, setting.policy.currency)),
        grade: units.grade,
        status: Status::InUse,
        quantity: units.number,
        ..Asset::default()
    };
    Ok(Fleet { assets: vec![asset], rows_in: 1, ..Fleet::default() })
}
