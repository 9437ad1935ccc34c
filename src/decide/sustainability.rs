//! What a disposition does for mass and carbon.
//!
//! In: what a unit is ([`Gear`]), where it ends ([`Fate`]), how many, and published footprints ([`CarbonFactors`],
//! `data/embodied_carbon.toml`). Out: a [`Sustainability`], which adds up. A unit used again avoids at most what making a new
//! one takes,
//!
//! `avoided = units · total · share of manufacturing`
//!
//! by the sheet of its own product, else by the median sheet of its class, told with the least and the most of the class. At
//! most, because nobody knows how often a used unit takes the place of a new one. What has no sheet has no figure and is
//! counted apart; so is what has no mass. Mass that goes to recyclers is kept from landfill only as far as they recover it,
//! which their report says and not we.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use serde::Deserialize;

use super::plan::Plan;
use super::route::Route;
use super::schedule::Exit;
use crate::catalog::{AssetClass, Catalog};
use crate::units::Month;

const BUILT_IN: &str = include_str!("../../data/embodied_carbon.toml");

/// Where a unit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Used again by somebody else.
    Reused,
    /// Used again in the house.
    Redeployed,
    /// Taken apart; its parts are used again.
    Parts,
    /// Recycled as material.
    Recycled,
    /// Back with its lessor, whose matter it is.
    Returned,
    /// Nobody knows, or not yet.
    Open,
}

impl From<Route> for Fate {
    fn from(route: Route) -> Fate {
        match route {
            Route::Resell | Route::Retail | Route::Wholesale | Route::BuyBack | Route::Donate => Fate::Reused,
            Route::Redeploy | Route::Upgrade => Fate::Redeployed,
            Route::Parts => Fate::Parts,
            Route::Recycle | Route::Destroy => Fate::Recycled,
            Route::LeaseReturn => Fate::Returned,
        }
    }
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gear<'a> {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product.
    pub product: &'a str,
    /// Mass of one unit, kg, where it is known.
    pub mass_kg: Option<f64>,
}

impl<'a> Gear<'a> {
    /// A product by its name; its mass is the catalog's.
    pub fn named(catalog: &Catalog, class: AssetClass, product: &'a str) -> Gear<'a> {
        Gear { class, product, mass_kg: catalog.by_name(product).and_then(|(_, known)| known.mass_kg) }
    }
}

/// One published footprint.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Kind of hardware.
    pub class: AssetClass,
    /// Product.
    pub product: String,
    /// Whole life of one unit, kg CO2e.
    pub total_kg: f64,
    /// Share of it that making the unit takes.
    pub manufacturing_share: f64,
    /// Mass of one unit, kg.
    pub mass_kg: Option<f64>,
    /// When it was published.
    pub published: Month,
    /// Its name at the source.
    pub sheet: String,
}

impl Sheet {
    /// What making one unit takes, kg CO2e.
    pub fn embodied_kg(&self) -> f64 {
        self.total_kg * self.manufacturing_share
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    url: String,
    sheet: Vec<Sheet>,
}

/// Footprints that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SustainabilityError {
    /// Not TOML, or a name nobody knows.
    #[error("{file}: {message}")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong and where.
        message: String,
    },
    /// A figure outside its range.
    #[error(
        "{file}: {product}: total_kg must be above 0, manufacturing_share between 0 and 1, mass_kg above 0"
    )]
    OutOfRange {
        /// The file.
        file: String,
        /// The sheet's product.
        product: String,
    },
}

/// What making a unit takes, kg CO2e.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Factor {
    low: f64,
    usual: f64,
    high: f64,
    of_class: bool,
}

/// Published footprints, by product and class.
#[derive(Debug, Clone, PartialEq)]
pub struct CarbonFactors {
    source: String,
    url: String,
    by_product: BTreeMap<String, Sheet>,
    by_class: BTreeMap<AssetClass, Factor>,
}

impl CarbonFactors {
    /// The built-in footprints.
    pub fn built_in() -> CarbonFactors {
        CarbonFactors::from_toml("data/embodied_carbon.toml", BUILT_IN)
            .expect("the file is checked by a test")
    }

    /// Reads footprints.
    pub fn from_toml(file: &str, text: &str) -> Result<CarbonFactors, SustainabilityError> {
        let File { source, url, sheet } =
            toml::from_str(text).map_err(|error| SustainabilityError::Unreadable {
                file: file.to_owned(),
                message: error.to_string().trim().to_owned(),
            })?;
        let mut of_classes: BTreeMap<AssetClass, Vec<f64>> = BTreeMap::new();
        let mut by_product = BTreeMap::new();
        for sheet in sheet {
            let in_range = sheet.total_kg > 0.0
                && sheet.total_kg.is_finite()
                && (0.0..=1.0).contains(&sheet.manufacturing_share)
                && sheet.mass_kg.is_none_or(|mass| mass > 0.0 && mass.is_finite());
            if !in_range {
                return Err(SustainabilityError::OutOfRange {
                    file: file.to_owned(),
                    product: sheet.product,
                });
            }
            of_classes.entry(sheet.class).or_default().push(sheet.embodied_kg());
            by_product.insert(sheet.product.to_lowercase(), sheet);
        }
        let by_class =
            of_classes.into_iter().map(|(class, of_class)| (class, Factor::of_class(of_class))).collect();
        Ok(CarbonFactors { source, url, by_product, by_class })
    }

    /// Who published them.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The sheet of a product.
    pub fn sheet(&self, product: &str) -> Option<&Sheet> {
        self.by_product.get(&product.to_lowercase())
    }

    /// Where a sheet is found.
    pub fn address(&self, sheet: &Sheet) -> String {
        self.url.replace("{sheet}", &sheet.sheet)
    }

    fn factor(&self, gear: &Gear<'_>) -> Option<Factor> {
        let own = self.sheet(gear.product).map(|sheet| {
            let embodied = sheet.embodied_kg();
            Factor { low: embodied, usual: embodied, high: embodied, of_class: false }
        });
        own.or_else(|| self.by_class.get(&gear.class).copied())
    }
}

impl Factor {
    /// Median, least and most of the sheets of a class.
    fn of_class(mut embodied: Vec<f64>) -> Factor {
        embodied.sort_by(f64::total_cmp);
        let (middle, last) = (embodied.len() / 2, embodied.len() - 1);
        let usual = if embodied.len() % 2 == 1 {
            embodied[middle]
        } else {
            f64::midpoint(embodied[middle - 1], embodied[middle])
        };
        Factor { low: embodied[0], usual, high: embodied[last], of_class: true }
    }
}

/// What became of units, in units, kg and kg CO2e.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sustainability {
    /// Units by where they end.
    pub units: BTreeMap<Fate, u64>,
    /// Mass of those whose mass is known, kg.
    pub mass_kg: BTreeMap<Fate, f64>,
    /// Units of which no mass is known.
    pub units_of_unknown_mass: u64,
    /// What making the units that are used again took: what is avoided at most.
    pub avoided_kg: f64,
    /// The same by the least of the sheets that could be meant.
    pub avoided_low_kg: f64,
    /// The same by the most.
    pub avoided_high_kg: f64,
    /// Units used again whose own product has a sheet.
    pub units_by_own_sheet: u64,
    /// Units used again that are taken by the median of their class.
    pub units_by_class: u64,
    /// Units used again for which nobody published a footprint.
    pub units_without_factor: u64,
    /// Their classes.
    pub classes_without_factor: BTreeSet<AssetClass>,
}

impl Sustainability {
    /// Units that end so.
    pub fn units_of(&self, fate: Fate) -> u64 {
        self.units.get(&fate).copied().unwrap_or(0)
    }

    /// Known mass that ends so, kg.
    pub fn mass_of(&self, fate: Fate) -> f64 {
        self.mass_kg.get(&fate).copied().unwrap_or(0.0)
    }

    /// Known mass that is kept from landfill, kg: at least what is used again, at most that and all that recyclers get, of
    /// which they report what they could not recover.
    pub fn kept_from_landfill_kg(&self) -> (f64, f64) {
        let used = self.mass_of(Fate::Reused) + self.mass_of(Fate::Redeployed) + self.mass_of(Fate::Parts);
        (used, used + self.mass_of(Fate::Recycled))
    }
}

impl AddAssign for Sustainability {
    fn add_assign(&mut self, other: Sustainability) {
        for (fate, units) in other.units {
            *self.units.entry(fate).or_insert(0) += units;
        }
        for (fate, mass) in other.mass_kg {
            *self.mass_kg.entry(fate).or_insert(0.0) += mass;
        }
        self.units_of_unknown_mass += other.units_of_unknown_mass;
        self.avoided_kg += other.avoided_kg;
        self.avoided_low_kg += other.avoided_low_kg;
        self.avoided_high_kg += other.avoided_high_kg;
        self.units_by_own_sheet += other.units_by_own_sheet;
        self.units_by_class += other.units_by_class;
        self.units_without_factor += other.units_without_factor;
        self.classes_without_factor.extend(other.classes_without_factor);
    }
}

/// What the disposition of so many equal units does.
pub fn of_disposition(factors: &CarbonFactors, gear: &Gear<'_>, fate: Fate, units: u64) -> Sustainability {
    let mut found = Sustainability { units: BTreeMap::from([(fate, units)]), ..Sustainability::default() };
    let own_sheet = factors.sheet(gear.product);
    match gear.mass_kg.or_else(|| own_sheet.and_then(|sheet| sheet.mass_kg)) {
        Some(mass) => {
            found.mass_kg.insert(fate, mass * units as f64);
        }
        None => found.units_of_unknown_mass = units,
    }
    if !matches!(fate, Fate::Reused | Fate::Redeployed) {
        return found;
    }
    match factors.factor(gear) {
        Some(factor) => {
            found.avoided_kg = factor.usual * units as f64;
            found.avoided_low_kg = factor.low * units as f64;
            found.avoided_high_kg = factor.high * units as f64;
            let counted =
                if factor.of_class { &mut found.units_by_class } else { &mut found.units_by_own_sheet };
            *counted = units;
        }
        None => {
            found.units_without_factor = units;
            found.classes_without_factor.insert(gear.class);
        }
    }
    found
}

/// What a plan does: all units that leave within the months looked ahead, by the route of the schedule.
pub fn of_plan(factors: &CarbonFactors, plan: &Plan, catalog: &Catalog) -> Sustainability {
    let mut total = Sustainability::default();
    for placement in &plan.schedule.placements {
        let fate = match (placement.exit, placement.month, placement.route) {
            (Exit::Returned, ..) => Fate::Returned,
            (_, Some(_), Some(route)) => Fate::from(route),
            _ => continue,
        };
        let cohort = &plan.cohorts[placement.cohort].cohort;
        let gear = Gear::named(catalog, cohort.class, &cohort.label);
        total += of_disposition(factors, &gear, fate, placement.units);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATITUDE: Gear<'_> =
        Gear { class: AssetClass::Laptop, product: "Dell Latitude 7490", mass_kg: None };

    #[test]
    fn a_product_with_a_sheet_avoids_what_its_sheet_says() {
        let factors = CarbonFactors::built_in();
        let found = of_disposition(&factors, &LATITUDE, Fate::Reused, 10);
        // 241 kg in all, 83.5 % of it for making it (Dell, December 2018); 1.4 kg.
        assert!((found.avoided_kg - 10.0 * 241.0 * 0.835).abs() < 1e-9);
        assert_eq!((found.avoided_low_kg, found.avoided_high_kg), (found.avoided_kg, found.avoided_kg));
        assert_eq!((found.units_by_own_sheet, found.units_by_class, found.units_without_factor), (10, 0, 0));
        assert!((found.mass_of(Fate::Reused) - 14.0).abs() < 1e-9);
    }

    #[test]
    fn a_product_without_a_sheet_is_taken_by_its_class_and_told_with_its_span() {
        let factors = CarbonFactors::built_in();
        let other = Gear { product: "Lenovo ThinkPad T480", ..LATITUDE };
        let found = of_disposition(&factors, &other, Fate::Redeployed, 2);
        assert_eq!((found.units_by_class, found.units_of_unknown_mass), (2, 2));
        assert!(found.avoided_low_kg < found.avoided_kg && found.avoided_kg < found.avoided_high_kg);
    }

    #[test]
    fn what_nobody_published_is_counted_apart_and_never_filled_in() {
        let gear = Gear { class: AssetClass::Gpu, product: "NVIDIA H100 SXM5 80GB", mass_kg: None };
        let found = of_disposition(&CarbonFactors::built_in(), &gear, Fate::Reused, 8);
        assert_eq!((found.avoided_kg, found.units_without_factor), (0.0, 8));
        assert_eq!(found.classes_without_factor, BTreeSet::from([AssetClass::Gpu]));
    }

    #[test]
    fn recycling_avoids_no_new_unit_and_sums_add_up() {
        let factors = CarbonFactors::built_in();
        let mut total = of_disposition(&factors, &LATITUDE, Fate::Recycled, 3);
        assert_eq!(total.avoided_kg, 0.0);
        total += of_disposition(&factors, &LATITUDE, Fate::Reused, 2);
        total += of_disposition(&factors, &LATITUDE, Fate::Open, 4);
        assert_eq!([Fate::Recycled, Fate::Reused, Fate::Open].map(|fate| total.units_of(fate)), [3, 2, 4]);
        let (least, most) = total.kept_from_landfill_kg();
        assert!((least - 2.8).abs() < 1e-9 && (most - 7.0).abs() < 1e-9);
    }

    #[test]
    fn every_sheet_has_an_address_and_a_figure_outside_its_range_is_refused() {
        let factors = CarbonFactors::built_in();
        let sheet = factors.sheet("dell poweredge r740").unwrap();
        assert_eq!(
            factors.address(sheet),
            "https://i.dell.com/sites/csdocuments/CorpComm_Docs/en/carbon-footprint-poweredge-r740.pdf"
        );
        let wild = BUILT_IN.replace("manufacturing_share = 0.152", "manufacturing_share = 15.2");
        let message = CarbonFactors::from_toml("mine.toml", &wild).unwrap_err().to_string();
        assert!(message.contains("PowerEdge R740") || message.contains("PowerEdge R7415"), "{message}");
    }
}
