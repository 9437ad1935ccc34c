//! A catalogued hardware model and the facts known about it.

use std::collections::HashMap;
use std::fmt;

use super::AssetClass;
use crate::units::{Currency, Month};

/// Position of a product in its [`Catalog`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub u32);

/// How precisely a catalog date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Precision {
    Day,
    Month,
    Quarter,
    Year,
}

/// A date as its source gives it: the month it is taken for, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogDate {
    /// The month itself, the middle month of a quarter, or July of a year.
    pub month: Month,
    /// How much of the date the source states.
    pub precision: Precision,
}

impl CatalogDate {
    /// Standard deviation in months of the true date around [`CatalogDate::month`]: a uniform error over
    /// the stated span (span / √12).
    pub fn sd_months(self) -> f64 {
        match self.precision {
            Precision::Day | Precision::Month => 0.0,
            Precision::Quarter => 3.0 / 12_f64.sqrt(),
            Precision::Year => 12.0 / 12_f64.sqrt(),
        }
    }
}

impl fmt::Display for CatalogDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day | Precision::Month => write!(formatter, "{}", self.month),
            Precision::Quarter => write!(formatter, "{}", self.month.quarter_name()),
            Precision::Year => write!(formatter, "{}", self.month.year()),
        }
    }
}

/// One hardware model. A blank fact is `None`: no source says.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Unique name with the vendor in front.
    pub name: String,
    /// Other names that mean this product and no other.
    pub aliases: Vec<String>,
    /// Kind of hardware.
    pub class: AssetClass,
    /// Maker.
    pub vendor: String,
    /// Product line.
    pub family: String,
    /// Architecture or generation.
    pub generation: String,
    /// When it came to market.
    pub launch: Option<CatalogDate>,
    /// Launch or list price in major units of its currency.
    pub list_price: Option<(f64, Currency)>,
    /// Memory of a GPU, GB.
    pub memory_gb: Option<f64>,
    /// Single-precision throughput, TFLOPS.
    pub fp32_tflops: Option<f64>,
    /// Rated power, watts.
    pub power_w: Option<f64>,
    /// Installed memory of the priced configuration, GB.
    pub ram_gb: Option<f64>,
    /// Storage of the priced configuration, GB.
    pub storage_gb: Option<f64>,
    /// Processor of the priced configuration.
    pub cpu: Option<String>,
    /// Accelerators of the priced configuration.
    pub gpu: Option<String>,
    /// Name of the product that follows it.
    pub successor: Option<String>,
    /// When the successor came or comes to market.
    pub successor_launch: Option<CatalogDate>,
    /// When the maker stops supporting it.
    pub end_of_support: Option<CatalogDate>,
    /// Mass of one unit, kg.
    pub mass_kg: Option<f64>,
    /// Where the facts come from.
    pub source: String,
}

impl Product {
    /// A product of which nothing but the name is known.
    pub fn named(name: &str, class: AssetClass) -> Product {
        Product {
            name: name.to_owned(),
            aliases: Vec::new(),
            class,
            vendor: String::new(),
            family: String::new(),
            generation: String::new(),
            launch: None,
            list_price: None,
            memory_gb: None,
            fp32_tflops: None,
            power_w: None,
            ram_gb: None,
            storage_gb: None,
            cpu: None,
            gpu: None,
            successor: None,
            successor_launch: None,
            end_of_support: None,
            mass_kg: None,
            source: String::new(),
        }
    }

    /// Whether a GPU is made for the data centre, by its product line.
    pub fn is_datacentre_gpu(&self) -> bool {
        self.class == AssetClass::Gpu && matches!(self.family.as_str(), "Data center" | "Instinct" | "Tesla")
    }

    /// List price in dollars at the given dollars per unit of its currency.
    pub fn list_price_usd(&self) -> Option<f64> {
        self.list_price.and_then(|(price, currency)| (currency == Currency::USD).then_some(price))
    }
}

/// All products, findable by position and by exact name.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    products: Vec<Product>,
    by_name: HashMap<String, ProductId>,
}

impl Catalog {
    /// A catalog of these products. A later product of the same name replaces an earlier one, so that a
    /// user's own file can correct the built-in facts.
    pub fn new(products: impl IntoIterator<Item = Product>) -> Catalog {
        let mut catalog = Catalog::default();
        for product in products {
            match catalog.by_name.get(&product.name) {
                Some(id) => catalog.products[id.0 as usize] = product,
                None => {
                    let id = ProductId(catalog.products.len() as u32);
                    catalog.by_name.insert(product.name.clone(), id);
                    catalog.products.push(product);
                }
            }
        }
        catalog
    }

    /// The product at a position this catalog gave out.
    pub fn get(&self, id: ProductId) -> &Product {
        &self.products[id.0 as usize]
    }

    /// The product with exactly this name.
    pub fn by_name(&self, name: &str) -> Option<(ProductId, &Product)> {
        self.by_name.get(name).map(|id| (*id, self.get(*id)))
    }

    /// Products with their positions, in catalog order.
    pub fn iter(&self) -> impl Iterator<Item = (ProductId, &Product)> {
        self.products.iter().enumerate().map(|(index, product)| (ProductId(index as u32), product))
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The successor of a product, when the catalog holds it.
    pub fn successor_of(&self, product: &Product) -> Option<&Product> {
        product.successor.as_deref().and_then(|name| self.by_name(name)).map(|(_, product)| product)
    }

    /// When the successor launched or launches: the product's own fact first, else the successor's launch.
    pub fn successor_launch(&self, product: &Product) -> Option<CatalogDate> {
        product.successor_launch.or_else(|| self.successor_of(product).and_then(|next| next.launch))
    }
}
