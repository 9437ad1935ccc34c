//! What the commands about one product share: finding it by its name, and a fleet of one record of it.

use anyhow::bail;
use clap::Args;
use strsim::levenshtein;

use super::common::{Setting, amount};
use super::hint::{hinted, of_product, of_unclear_product};
use crate::catalog::{AssetClass, Catalog, Identification, Product};
use crate::fleet::{Asset, Fleet, Grade, RegisterDate, Status};
use crate::price::parts::drive::Drive;
use crate::units::{self, Month};

/// Units of one product, and what the flags tell of them.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Units {
    /// How many units
    #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub number: u32,
    /// Month in which they were bought (YYYY-MM)
    #[arg(long, value_name = "YYYY-MM")]
    pub bought: Option<Month>,
    /// What one unit cost, in the currency of the answer
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    pub cost: Option<f64>,
    /// Condition: A, B, C, D or parts
    #[arg(long, value_parser = parse_grade)]
    pub grade: Option<Grade>,
}

impl Units {
    /// First line of an answer about units of a product.
    pub(super) fn title(&self, product: &Product, as_of: Month) -> String {
        let grade = self.grade.map_or("grade unknown".to_owned(), |grade| format!("grade {grade}"));
        let bought = self.bought.map_or(String::new(), |month| format!(", bought {month}"));
        format!("{}{bought}, {grade}, seen from {as_of}", product.name)
    }
}

fn parse_grade(text: &str) -> Result<Grade, String> {
    Grade::from_letter(text).ok_or_else(|| "write A, B, C, D or parts".to_owned())
}

/// The product a name stands for, or a sentence that says which it could be.
pub(super) fn find(setting: &Setting, name: &str) -> anyhow::Result<Product> {
    let found = setting.matcher.identify(name, None);
    let Some(id) = found.product else {
        let names = likely(&setting.catalog, &found, name);
        match names.as_slice() {
            // No catalog names drives.
            _ if Drive::named(name).is_some() => return Ok(Product::named(name, AssetClass::Storage)),
            [] => {
                let near = match units::hint(name, alike(&setting.catalog, name)) {
                    near if near.is_empty() => " and resembles nothing in it".to_owned(),
                    near => near,
                };
                return Err(hinted(format!("`{name}` is not in the catalog{near}"), of_product()));
            }
            names => {
                let names = names.join(", or ");
                return Err(hinted(
                    format!("`{name}` could be {names}: say which"),
                    of_unclear_product(name, alike(&setting.catalog, name)),
                ));
            }
        }
    };
    Ok(setting.catalog.get(id).clone())
}

/// Names of the products that a name which is not clear may stand for, best first.
pub(super) fn likely<'a>(catalog: &'a Catalog, found: &Identification, name: &str) -> Vec<&'a str> {
    let guesses = found.best_guess.iter().chain(&found.rivals).map(|id| catalog.get(*id));
    guesses.filter(|product| is_like(product, name)).map(|product| product.name.as_str()).collect()
}

/// Names that a slip of the pen may have meant.
pub(super) fn alike<'a>(catalog: &'a Catalog, name: &'a str) -> impl Iterator<Item = &'a str> {
    let products = catalog.iter().map(|(_, product)| product);
    products.filter(move |product| is_like(product, name)).map(|product| product.name.as_str())
}

/// Whether a product shares more with a name than its maker and words of many names.
fn is_like(product: &Product, name: &str) -> bool {
    const OF_MANY: [&str; 8] = ["air", "gen", "max", "mini", "plus", "pro", "series", "ultra"];
    let words = |text: &str| -> Vec<String> {
        let cut = text.split(|mark: char| !mark.is_alphanumeric());
        cut.filter(|word| word.len() > 2).map(str::to_lowercase).collect()
    };
    let (said, makers) = (words(name), words(&product.vendor));
    let tells = |word: &String| !makers.contains(word) && !OF_MANY.contains(&word.as_str());
    // A long word may have one slip.
    let same = |one: &String, other: &String| one == other || one.len() > 4 && levenshtein(one, other) == 1;
    words(&product.name).iter().any(|word| tells(word) && said.iter().any(|other| same(word, other)))
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
            other: None,
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
        join_confidence: 1.0,
        ..Asset::default()
    };
    Ok(Fleet { assets: vec![asset], rows_in: 1, ..Fleet::default() })
}
