//! Reads price observations.
//!
//! In: CSV files in the observation schema. A row that cannot be used (no month, no positive price, a class
//! nobody asked for) is a reject with its line and reason; the file's shape must be right or the run fails.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::catalog::AssetClass;
use crate::units::{Currency, Month};

/// What kind of price it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Somebody paid it.
    Sold,
    /// Somebody asked it.
    Asked,
    /// A dealer pays it.
    BuyIn,
    /// A maker's or shop's price for a new one.
    New,
}

impl Basis {
    /// The word files use.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Sold => "sold",
            Basis::Asked => "asked",
            Basis::BuyIn => "buy_in",
            Basis::New => "new",
        }
    }
}

/// One price of one product (or the mean of `quantity` of them) in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Month of the price.
    pub month: Month,
    /// Name as the source writes it, with the maker where the source has it apart.
    pub product: String,
    /// Product column alone, without the title of the listing.
    pub name: String,
    /// Brand or variant that the source tells apart.
    pub variant: String,
    /// Class stated by the source.
    pub class: Option<AssetClass>,
    /// Price of one unit, major units of its currency.
    pub price: f64,
    /// Currency of the price.
    pub currency: Currency,
    /// Sold, asked, bought in or new.
    pub basis: Basis,
    /// Condition in the source's words.
    pub grade: String,
    /// Sales behind the price, when the source says.
    pub quantity: Option<f64>,
    /// Configuration in the source's words; of a phone, where the source has them apart, its storage and carrier lock.
    pub configuration: String,
    /// Who reports it.
    pub source: String,
    /// Whether the source itself marks the row as doubtful.
    pub flagged: bool,
}

/// An observation that cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationReject {
    /// The file.
    pub file: PathBuf,
    /// Line of the record.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Observations of all files, and the rows left out.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    /// Usable rows, in file and row order.
    pub rows: Vec<Observation>,
    /// The others.
    pub rejects: Vec<ObservationReject>,
}

/// A market file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    /// The system would not give it.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// Broken CSV.
    #[error("{path}: {source}")]
    Csv {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: csv::Error,
    },
    /// A column that must be there is not.
    #[error("{path}, line 1: no column `{column}`; observations need date, product and price")]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The missing column.
        column: &'static str,
    },
}

/// Positions of the columns that are read.
struct Columns {
    date: usize,
    product: usize,
    price: usize,
    class: Option<usize>,
    currency: Option<usize>,
    basis: Option<usize>,
    grade: Option<usize>,
    quantity: Option<usize>,
    configuration: Option<usize>,
    storage_gb: Option<usize>,
    carrier: Option<usize>,
    source: Option<usize>,
    flag: Option<usize>,
    title: Option<usize>,
    brand: Option<usize>,
}

/// Reads observation files. `classes` limits what is kept; empty keeps everything.
pub fn read_observations(paths: &[PathBuf], classes: &[AssetClass]) -> Result<Observations, MarketError> {
    let mut all = Observations::default();
    for path in paths {
        let bytes =
            std::fs::read(path).map_err(|source| MarketError::Unreadable { path: path.clone(), source })?;
        read_one(path, &bytes, classes, &mut all)?;
    }
    Ok(all)
}

fn read_one(
    path: &Path,
    bytes: &[u8],
    classes: &[AssetClass],
    all: &mut Observations,
) -> Result<(), MarketError> {
    let csv_error = |source| MarketError::Csv { path: path.to_owned(), source };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headers = reader.headers().map_err(csv_error)?.clone();
    let find = |names: &[&str]| headers.iter().position(|header| names.contains(&header.trim()));
    let need =
        |column: &'static str| find(&[column]).ok_or(MarketError::NoColumn { path: path.to_owned(), column });
    let columns = Columns {
        date: need("date")?,
        product: need("product")?,
        price: need("price")?,
        class: find(&["class"]),
        currency: find(&["currency"]),
        basis: find(&["basis"]),
        grade: find(&["grade"]),
        quantity: find(&["quantity"]),
        configuration: find(&["config", "configuration"]),
        storage_gb: find(&["storage_gb"]),
        carrier: find(&["carrier_status"]),
        source: find(&["source"]),
        flag: find(&["flag"]),
        title: find(&["title"]),
        brand: find(&["brand", "variant"]),
    };
    for record in reader.records() {
        let record = record.map_err(csv_error)?;
        match observation(&columns, &record) {
            Ok(Some(row)) if classes.is_empty() || row.class.is_none_or(|class| classes.contains(&class)) => {
                all.rows.push(row);
            }
            Ok(_) => {}
            Err(reason) => all.rejects.push(ObservationReject {
                file: path.to_owned(),
                line: record.position().map_or(0, csv::Position::line),
                reason,
            }),
        }
    }
    Ok(())
}

/// One row; `None` for a kind of price that is no sale of a unit (rentals).
fn observation(columns: &Columns, record: &csv::StringRecord) -> Result<Option<Observation>, String> {
    let cell = |position: Option<usize>| position.and_then(|at| record.get(at)).unwrap_or("").trim();
    let basis = match cell(columns.basis) {
        "" | "sold" | "used_sold" | "auction_sold" => Basis::Sold,
        "asked" | "used_asked" | "refurb_asked" => Basis::Asked,
        "buy_in" => Basis::BuyIn,
        "new_list" | "new_street" => Basis::New,
        "rental_hour" | "rental_year" => return Ok(None),
        other => return Err(format!("basis `{other}` is not sold, asked or buy_in")),
    };
    let class_text = cell(columns.class);
    let class = match class_text {
        "dc-gpu" => Some(AssetClass::Gpu),
        "gpu-rental" => return Ok(None),
        text => AssetClass::from_name(text),
    };
    if class.is_none() && !class_text.is_empty() {
        return Err(format!("class `{class_text}` is not a class of the catalog"));
    }
    let date = cell(Some(columns.date));
    let month = match date.len() {
        4 => format!("{date}-07").parse(),
        _ => date.parse::<Month>(),
    }
    .map_err(|_| format!("date `{date}` is not a month"))?;
    let price_text = cell(Some(columns.price));
    let price = match price_text.parse::<f64>() {
        Ok(price) if price.is_finite() && price > 0.0 => price,
        _ => return Err(format!("price `{price_text}` is not a positive number")),
    };
    let currency = match cell(columns.currency) {
        "" => Currency::USD,
        text => text.parse().map_err(|_| format!("`{text}` is not a currency"))?,
    };
    let mut configuration = cell(columns.configuration).to_owned();
    if class == Some(AssetClass::Phone) && configuration.is_empty() {
        let storage = cell(columns.storage_gb);
        let size = if storage.is_empty() { String::new() } else { format!("{storage} GB ") };
        configuration = format!("{size}{}", cell(columns.carrier)).trim().to_owned();
    }
    let product = cell(Some(columns.product));
    let title = cell(columns.title);
    Ok(Some(Observation {
        month,
        product: if title.is_empty() { product.to_owned() } else { format!("{product} {title}") },
        name: product.to_owned(),
        variant: cell(columns.brand).to_owned(),
        class,
        price,
        currency,
        basis,
        grade: cell(columns.grade).to_owned(),
        quantity: cell(columns.quantity).parse().ok().filter(|count: &f64| *count > 0.0),
        configuration,
        source: cell(columns.source).to_owned(),
        flagged: !cell(columns.flag).is_empty(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one_text(text: &str) -> Result<Observations, MarketError> {
        let mut all = Observations::default();
        read_one(Path::new("market.csv"), text.as_bytes(), &[], &mut all)?;
        Ok(all)
    }

    #[test]
    fn a_row_without_a_price_or_month_is_a_reject_with_its_line() {
        let text = "date,product,price\n2022-05-01,A,10\n2022-05-01,B,0\nsoon,C,5\n2022-05-01,D,1e309\n";
        let observations = read_one_text(text).unwrap();
        assert_eq!(observations.rows.len(), 1);
        let reasons: Vec<(u64, &str)> =
            observations.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).collect();
        assert_eq!(
            reasons,
            [
                (3, "price `0` is not a positive number"),
                (4, "date `soon` is not a month"),
                (5, "price `1e309` is not a positive number"),
            ]
        );
    }

    #[test]
    fn a_phone_keeps_its_storage_and_lock_where_they_have_columns_of_their_own() {
        let text = "date,class,product,price,storage_gb,carrier_status\n\
                    2026-05-01,phone,A,10,128.0,Locked\n2026-05-01,phone,A,10,,\n2026-05-01,laptop,B,10,256,\n";
        let observations = read_one_text(text).unwrap();
        let read: Vec<&str> = observations.rows.iter().map(|row| row.configuration.as_str()).collect();
        assert_eq!(read, ["128.0 GB Locked", "", ""]);
    }

    #[test]
    fn a_file_without_prices_is_refused() {
        let message = read_one_text("date,product\n2022-05-01,A\n").unwrap_err().to_string();
        assert_eq!(
            message,
            "market.csv, line 1: no column `price`; observations need date, product and price"
        );
    }
}
