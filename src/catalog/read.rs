//! Reads catalog files.
//!
//! In: CSV with the columns of the catalog schema (only `product` is required). Out: a [`Catalog`]; any bad
//! cell fails the whole file with its line and column, because a catalog is ours to keep right.

use std::collections::HashMap;

use super::names::normal_form;
use super::{AssetClass, Catalog, CatalogDate, Precision, Product};
use crate::units::{Currency, Month};

/// A catalog file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The CSV itself is broken.
    #[error("{file}: {source}")]
    Csv {
        /// The file.
        file: String,
        /// What the CSV reader says.
        source: csv::Error,
    },
    /// A column that must be there is not.
    #[error("{file}: no column `product`; a catalog needs one, and may have {columns}")]
    NoProductColumn {
        /// The file.
        file: String,
        /// The columns a catalog may have.
        columns: String,
    },
    /// A cell does not fit its column.
    #[error("{file}, line {line}, column {column}: `{text}` is not {expected}")]
    Cell {
        /// The file.
        file: String,
        /// Line of the record, from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// The offending text.
        text: String,
        /// What would be right.
        expected: &'static str,
    },
    /// One name means two products.
    #[error("{file}, line {line}: the name `{name}` already means {other}; a name must point at one product")]
    NameTakenTwice {
        /// The file.
        file: String,
        /// Line of the record, from 1.
        line: u64,
        /// The name or alias.
        name: String,
        /// The product that has it.
        other: String,
    },
}

const COLUMNS: [&str; 21] = [
    "product",
    "aliases",
    "class",
    "vendor",
    "family",
    "generation",
    "launch_date",
    "list_price",
    "currency",
    "memory_gb",
    "fp32_tflops",
    "power_w",
    "ram_gb",
    "storage_gb",
    "cpu",
    "gpu",
    "successor",
    "successor_launch_date",
    "end_of_support",
    "mass_kg",
    "source",
];

/// The catalog that ships with the program.
pub fn built_in() -> Result<Catalog, CatalogError> {
    let files = [
        ("data/catalog/gpu.csv", include_str!("../../data/catalog/gpu.csv")),
        ("data/catalog/server.csv", include_str!("../../data/catalog/server.csv")),
        ("data/catalog/laptop.csv", include_str!("../../data/catalog/laptop.csv")),
        ("data/catalog/cpu.csv", include_str!("../../data/catalog/cpu.csv")),
        ("data/catalog/memory.csv", include_str!("../../data/catalog/memory.csv")),
        ("data/catalog/phone.csv", include_str!("../../data/catalog/phone.csv")),
    ];
    let mut products = Vec::new();
    let mut names = HashMap::new();
    for (file, text) in files {
        read_into(file, text, &mut products, &mut names)?;
    }
    Ok(Catalog::new(products))
}

/// The products of one catalog file.
pub fn read_catalog(file: &str, text: &str) -> Result<Vec<Product>, CatalogError> {
    let mut products = Vec::new();
    read_into(file, text, &mut products, &mut HashMap::new())?;
    Ok(products)
}

fn read_into(
    file: &str,
    text: &str,
    products: &mut Vec<Product>,
    names: &mut HashMap<String, String>,
) -> Result<(), CatalogError> {
    let csv_error = |source| CatalogError::Csv { file: file.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(csv_error)?.clone();
    let positions = COLUMNS.map(|column| headers.iter().position(|header| header == column));
    if positions[0].is_none() {
        return Err(CatalogError::NoProductColumn {
            file: file.to_owned(),
            columns: COLUMNS[1..].join(", "),
        });
    }
    for record in reader.records() {
        let record = record.map_err(csv_error)?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row { file, line, record: &record, positions: &positions };
        let product = row.product()?;
        for name in std::iter::once(&product.name).chain(&product.aliases) {
            let key = normal_form(name);
            match names.get(&key) {
                Some(other) if *other != product.name => {
                    return Err(CatalogError::NameTakenTwice {
                        file: file.to_owned(),
                        line,
                        name: name.clone(),
                        other: other.clone(),
                    });
                }
                _ => {
                    names.insert(key, product.name.clone());
                }
            }
        }
        products.push(product);
    }
    Ok(())
}

/// One record with its place, so that every complaint can name it.
struct Row<'a> {
    file: &'a str,
    line: u64,
    record: &'a csv::StringRecord,
    positions: &'a [Option<usize>; COLUMNS.len()],
}

impl Row<'_> {
    fn product(&self) -> Result<Product, CatalogError> {
        let name = self.text("product");
        if name.is_empty() {
            return Err(self.bad("product", "a product name"));
        }
        let class = match self.text("class") {
            "" => AssetClass::Other,
            text => AssetClass::from_name(text).ok_or_else(|| self.bad("class", "an asset class"))?,
        };
        let price = self.number("list_price")?;
        let currency = match self.text("currency") {
            "" => Currency::USD,
            text => text.parse().map_err(|_| self.bad("currency", "a currency code"))?,
        };
        Ok(Product {
            name: name.to_owned(),
            aliases: self
                .text("aliases")
                .split('|')
                .map(str::trim)
                .filter(|alias| !alias.is_empty())
                .map(str::to_owned)
                .collect(),
            class,
            vendor: self.text("vendor").to_owned(),
            family: self.text("family").to_owned(),
            generation: self.text("generation").to_owned(),
            launch: self.date("launch_date")?,
            list_price: price.map(|price| (price, currency)),
            memory_gb: self.number("memory_gb")?,
            fp32_tflops: self.number("fp32_tflops")?,
            power_w: self.number("power_w")?,
            ram_gb: self.number("ram_gb")?,
            storage_gb: self.number("storage_gb")?,
            cpu: self.optional("cpu"),
            gpu: self.optional("gpu"),
            successor: self.optional("successor"),
            successor_launch: self.date("successor_launch_date")?,
            end_of_support: self.date("end_of_support")?,
            mass_kg: self.number("mass_kg")?,
            source: self.text("source").to_owned(),
        })
    }

    fn text(&self, column: &str) -> &str {
        let index = COLUMNS.iter().position(|name| *name == column);
        index.and_then(|index| self.positions[index]).and_then(|at| self.record.get(at)).unwrap_or("")
    }

    fn optional(&self, column: &str) -> Option<String> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn number(&self, column: &'static str) -> Result<Option<f64>, CatalogError> {
        match self.text(column) {
            "" => Ok(None),
            text => match text.parse::<f64>() {
                Ok(value) if value.is_finite() && value > 0.0 => Ok(Some(value)),
                _ => Err(self.bad(column, "a positive number")),
            },
        }
    }

    fn date(&self, column: &'static str) -> Result<Option<CatalogDate>, CatalogError> {
        match self.text(column) {
            "" => Ok(None),
            text => parse_date(text)
                .map(Some)
                .ok_or_else(|| self.bad(column, "a date: YYYY-MM-DD, YYYY-MM, YYYY-Q1 or YYYY")),
        }
    }

    fn bad(&self, column: &'static str, expected: &'static str) -> CatalogError {
        CatalogError::Cell {
            file: self.file.to_owned(),
            line: self.line,
            column,
            text: self.text(column).to_owned(),
            expected,
        }
    }
}

/// A date as precise as it is written.
fn parse_date(text: &str) -> Option<CatalogDate> {
    let exact = |precision| text.parse().ok().map(|month| CatalogDate { month, precision });
    match text.len() {
        10 => exact(Precision::Day),
        7 if text.as_bytes()[5] == b'Q' => {
            let quarter: i32 = text[6..].parse().ok()?;
            let month = Month::new(text[..4].parse().ok()?, quarter * 3 - 1).ok()?;
            Some(CatalogDate { month, precision: Precision::Quarter })
        }
        7 => exact(Precision::Month),
        4 => {
            let month = Month::new(text.parse().ok()?, 7).ok()?;
            Some(CatalogDate { month, precision: Precision::Year })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_keep_the_precision_of_their_source() {
        let month = |text: &str| parse_date(text).map(|date| (date.month.to_string(), date.precision));
        assert_eq!(month("2020-09-17"), Some(("2020-09".into(), Precision::Day)));
        assert_eq!(month("2020-09"), Some(("2020-09".into(), Precision::Month)));
        assert_eq!(month("2019-Q2"), Some(("2019-05".into(), Precision::Quarter)));
        assert_eq!(month("2012"), Some(("2012-07".into(), Precision::Year)));
        assert_eq!(month("2012-13"), None);
        assert_eq!(month("2019-Q5"), None);
    }

    #[test]
    fn a_bad_cell_names_its_line_and_column() {
        let text = "product,class,launch_date,list_price\nA,gpu,2020,10\nB,gpu,soon,10\n";
        let message = read_catalog("mine.csv", text).unwrap_err().to_string();
        assert_eq!(
            message,
            "mine.csv, line 3, column launch_date: `soon` is not a date: YYYY-MM-DD, YYYY-MM, YYYY-Q1 or YYYY"
        );
        let text = "product,list_price\nA,-4\n";
        assert!(read_catalog("mine.csv", text).unwrap_err().to_string().contains("positive number"));
    }

    #[test]
    fn one_alias_for_two_products_is_refused() {
        let text = "product,aliases\nNVIDIA A100 PCIe,A100\nNVIDIA A100 SXM4,a-100\n";
        let message = read_catalog("mine.csv", text).unwrap_err().to_string();
        assert!(message.contains("`a-100` already means NVIDIA A100 PCIe"), "{message}");
    }

    #[test]
    fn the_built_in_catalog_is_whole() {
        let catalog = built_in().unwrap();
        let count = |class| catalog.iter().filter(|(_, product)| product.class == class).count();
        assert!(count(AssetClass::Gpu) >= 150, "{} GPUs", count(AssetClass::Gpu));
        assert!(count(AssetClass::Server) >= 60, "{} servers", count(AssetClass::Server));
        assert!(count(AssetClass::Laptop) >= 100, "{} laptops", count(AssetClass::Laptop));
        assert!(count(AssetClass::Cpu) > 0 && count(AssetClass::Memory) > 0);
        assert!(count(AssetClass::Phone) >= 30, "{} phones", count(AssetClass::Phone));
        for (_, product) in catalog.iter() {
            assert!(!product.source.is_empty(), "{} has no source", product.name);
            if let Some(successor) = &product.successor {
                let (_, next) = catalog
                    .by_name(successor)
                    .unwrap_or_else(|| panic!("{}: no row {successor}", product.name));
                if let (Some(old), Some(new)) = (product.launch, next.launch) {
                    let slack = (old.sd_months() + new.sd_months()) * 2.0;
                    assert!(
                        f64::from(new.month.months_since(old.month)) >= -slack,
                        "{} launched after its successor",
                        product.name
                    );
                }
            }
        }
    }
}
